"""Which models' questions may be stored."""

CAPTURED_AREAS = ("demand", "price")
"""Areas whose endpoints may store what they are asked; the others' questions hold what customers owe."""
