"""The list of the day, ranked by the rupees at stake."""
