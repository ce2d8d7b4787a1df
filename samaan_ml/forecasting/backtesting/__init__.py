"""Forecasts of past days, their report, and the ensemble that is weighted by them."""
