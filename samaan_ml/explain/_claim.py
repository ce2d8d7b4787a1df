"""What a text claims at one place."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

ClaimKind = Literal[
    "money", "percent", "quantity", "days", "day", "plain", "ratio", "direction", "unreadable"
]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a text.

    Parameters
    ----------
    kind : ClaimKind
        What it is a claim about.
    text : str
        The words that make it.
    start : int
        Where it begins.
    value : Fraction or None, default=None
        Its number: paise, milli-units, basis points, days or a bare number.
    step : Fraction, default=0
        Worth of one step of the last digit shown: what rounding may hide.
    unit : str or None, default=None
        "kg", "l" or "piece" of a quantity; "up" or "down" of a direction.
    on : tuple of (int or None, int, int) or None, default=None
        Year (None where not said), month and day of a date.
    hedged : bool, default=False
        Whether the text says "about".
    """

    kind: ClaimKind
    text: str
    start: int
    value: Fraction | None = None
    step: Fraction = Fraction(0)
    unit: str | None = None
    on: tuple[int | None, int, int] | None = None
    hedged: bool = False
