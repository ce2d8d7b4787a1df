"""Demand behind the sales: sold-out days, shelves and closed days."""
