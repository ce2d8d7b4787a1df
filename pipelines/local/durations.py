"""Durations as definitions write them."""

from __future__ import annotations

import re

__all__ = ["duration_seconds"]

_DURATION = re.compile(
    r"P(?:(?P<Y>\d+)Y)?(?:(?P<M>\d+)M)?(?:(?P<W>\d+)W)?(?:(?P<D>\d+)D)?"
    r"(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?)?",
    re.IGNORECASE,
)
_SECONDS = {"Y": 31_536_000, "M": 2_592_000, "W": 604_800, "D": 86_400, "h": 3_600, "m": 60, "s": 1}


def duration_seconds(text: str) -> float:
    """Read an ISO 8601 duration.

    Examples
    --------
    >>> duration_seconds("P30D")
    2592000.0
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"'{text}' is not an ISO 8601 duration such as P30D")
    return float(sum(_SECONDS[unit] * int(number) for unit, number in match.groupdict().items() if number))
