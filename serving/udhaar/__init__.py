"""Customers, what they owe, and how likely they are to pay."""
