"""The shop's own words and rules: standard library only, no model and no store."""
