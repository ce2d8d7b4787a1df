"""A printed number as evidence: how likely the paper says one value where the engine read another.

The cost of a misread digit is its negative log-probability in nats: an engine errs on a digit with probability p,
more often towards a digit of like shape. Costs add; the difference of two costs is a log-odds.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

LEAST_ERROR = 0.01
"""Share of misread digits assumed where the engine is sure of itself: sure engines err too."""
_MOST_ERROR = 0.15
_LIKENESS = {
    "0": "689",
    "1": "74",
    "2": "73",
    "3": "8592",
    "4": "91",
    "5": "638",
    "6": "850",
    "7": "12",
    "8": "3069",
    "9": "4380",
}
_LIKE_SHARE = 0.5
_SLIP = math.log(200.0)
"""A lost or invented digit is this much rarer than any one misread digit of that place."""
IMPOSSIBLE = math.inf


@dataclass(frozen=True, slots=True)
class Printed:
    """Digits on paper and what one step of the last of them is worth.

    Parameters
    ----------
    digits : str
        Digits as read, without separators.
    factor : int
        Worth of the last digit in the field's unit: 1 for "125.50" in paise, 100 for "125".
    text : str, default=""
        As the engine read it.
    tokens : tuple of int, default=()
        Positions of its tokens.
    confidence : float, default=1.0
        The engine's confidence, 0 to 1.
    certain : bool, default=False
        Whether a person typed it: then nothing else is possible.
    copies : int, default=1
        How often the bill prints it: a misreading must have happened to each copy alike.

    Examples
    --------
    >>> Printed("12550", 1).value
    12550
    >>> Printed("45", 100).value
    4500
    """

    digits: str
    factor: int
    text: str = ""
    tokens: tuple[int, ...] = ()
    confidence: float = 1.0
    certain: bool = False
    copies: int = 1

    @property
    def value(self) -> int:
        """The number as read."""
        return int(self.digits) * self.factor

    @property
    def error(self) -> float:
        """Probability that one of its digits is misread."""
        return min(_MOST_ERROR, max(LEAST_ERROR, (1.0 - self.confidence) / 4))

    def cost(self, value: int) -> float:
        """Return the cost of the paper saying `value`."""
        if value < 0 or value % self.factor or (self.certain and value != self.value):
            return IMPOSSIBLE
        return self.copies * _cost(self.digits, str(value // self.factor).zfill(len(self.digits)), self.error)

    def neighbours(self, edits: int) -> list[tuple[int, float]]:
        """List the values within some misread digits, with their costs, the value as read first."""
        found = {self.digits: 0.0}
        if self.certain:
            return [(self.value, 0.0)]
        edge = dict(found)
        for _ in range(edits):
            edge = {
                digits[:place] + true + digits[place + 1 :]: cost
                + misread_cost(digits[place], true, self.error)
                for digits, cost in edge.items()
                for place in range(len(digits))
                for true in "0123456789"
                if true != digits[place] and self.digits[place] == digits[place]
            }
            for digits, cost in edge.items():
                found.setdefault(digits, cost)
        return [(int(digits) * self.factor, self.copies * cost) for digits, cost in found.items()]


def misread_cost(read: str, true: str, error: float) -> float:
    """Return the cost of reading one digit for another."""
    alike = _LIKENESS[true]
    share = (1 - _LIKE_SHARE) / 9 + (_LIKE_SHARE / len(alike) if read in alike else 0.0)
    return -math.log(error * share)


@lru_cache(maxsize=65_536)
def _cost(read: str, true: str, error: float) -> float:
    """Return the cost of reading `true` as `read`: misread, lost or invented digits."""
    if read == true:
        return 0.0
    if len(read) == len(true):
        return sum(misread_cost(r, t, error) for r, t in zip(read, true, strict=True) if r != t)
    if abs(len(read) - len(true)) > 1:
        return IMPOSSIBLE
    slip = -math.log(error / 9) + _SLIP
    longer, shorter = (read, true) if len(read) > len(true) else (true, read)
    if any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))):
        return slip
    return IMPOSSIBLE
