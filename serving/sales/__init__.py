"""Bills: they lower the stock, feed the forecasts and, on udhaar, the customer's khata."""
