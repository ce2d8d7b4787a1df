"""Durations as definitions write them."""

from __future__ import annotations

import re

__all__ = ["duration_seconds"]

_DURATION = re.compile(
    r"P?(?:(?P<Y>\d{1,9})Y)?(?:(?P<M>\d{1,9})M)?(?:(?P<W>\d{1,9})W)?(?:(?P<D>\d{1,9})D)?"
    r"(?:T(?:(?P<h>\d{1,9})H)?(?:(?P<m>\d{1,9})M)?(?:(?P<s>\d{1,9})S)?)?",
    re.IGNORECASE | re.ASCII,
)
_SECONDS = {"Y": 31_536_000, "M": 2_592_000, "W": 604_800, "D": 86_400, "h": 3_600, "m": 60, "s": 1}


def duration_seconds(text: str) -> float:
    """Read a duration: ISO 8601 as the API has it, also without its `P`, as AWS's own pages write it.

    Raises
    ------
    ValueError
        When it is none.

    Examples
    --------
    >>> duration_seconds("P30D"), duration_seconds("30d"), duration_seconds("T16m")
    (2592000.0, 2592000.0, 960.0)
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()) or text[-1] in "Tt":
        raise ValueError(f"'{text}' is not an ISO 8601 duration such as P30D, 30d or PT1H")
    return float(sum(_SECONDS[unit] * int(number) for unit, number in match.groupdict().items() if number))
