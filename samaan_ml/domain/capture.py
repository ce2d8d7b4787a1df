"""Which models' questions may be stored."""

CAPTURED_AREAS = ("demand", "price")
"""Areas whose endpoints may store what they are asked; the others' questions hold what customers owe."""


def refusal(area: str) -> str | None:
    """Return why an area's questions may not be stored; None where they may."""
    if area in CAPTURED_AREAS:
        return None
    return f"questions of '{area}' are never stored; those of {' and '.join(CAPTURED_AREAS)} may be"
