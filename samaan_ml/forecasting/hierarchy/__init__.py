"""Forecasts of sums of series, and their agreement with the series."""
