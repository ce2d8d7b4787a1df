"""The demand forecaster: one engine that joins the global, local and upper models."""
