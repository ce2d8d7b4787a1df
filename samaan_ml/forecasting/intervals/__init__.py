"""Quantiles of days and of totals, learned from forecasts of held-out days."""
