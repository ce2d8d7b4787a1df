"""Days as shops and programs write them, read day first and month first where both are possible."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from samaan_ml.sheets._numbers import MAX_CELL, clean

__all__ = ["Days", "parse_days"]

_IST = timezone(timedelta(hours=5, minutes=30))
_MONTH_NAMES = (
    "jan january जनवरी जन", "feb february फरवरी फ़रवरी", "mar march मार्च", "apr april अप्रैल", "may मई",
    "jun june जून", "jul july जुलाई", "aug august अगस्त", "sep sept september सितंबर सितम्बर",
    "oct october अक्टूबर अक्तूबर", "nov november नवंबर नवम्बर", "dec december दिसंबर दिसम्बर",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])(.*)")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:[ T].*)?")
_NUMERIC = re.compile(r"([0-9]{1,2})([-/. ])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?![0-9])(.*)")
_NAMED = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th)?[-/. ,]{0,3}([^\s0-9\-/.,']+)[-/. ,']{0,3}([0-9]{4}|[0-9]{2})(?![0-9])(.*)",
    re.IGNORECASE,
)
_NAMED_FIRST = re.compile(
    r"([^\s0-9\-/.,']+)[-/. ]{0,3}([0-9]{1,2})(?:st|nd|rd|th)?[-/. ,]{1,3}([0-9]{4}|[0-9]{2})(?![0-9])(.*)",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]{1,20})?")
_TIME = re.compile(
    r"[T ,]{0,3}([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]{1,9})?)? ?([ap]\.?m\.?)?(.*)",
    re.IGNORECASE,
)
_OFFSET = re.compile(r" ?(?:(Z)|(?:UTC|GMT)?([+-])([0-9]{2}):?([0-9]{2}))")
_EXCEL_EPOCH = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[, ]{1,2}", re.IGNORECASE)


class Days(NamedTuple):
    """A date read day first and month first; None where that reading does not exist."""

    day_first: date | None
    month_first: date | None

    @property
    def open(self) -> bool:
        """Whether the order changes the day."""
        return (
            self.day_first is not None and self.month_first is not None and self.day_first != self.month_first
        )


_UNREAD = Days(None, None)


@lru_cache(maxsize=65536)
def parse_days(text: str) -> Days:
    """Read a date, with or without a time; an instant with a zone is taken to the day in India.

    Examples
    --------
    >>> both = parse_days("05/03/24 10:30")
    >>> both.day_first.isoformat(), both.month_first.isoformat()
    ('2024-03-05', '2024-05-03')
    >>> parse_days("13/03/2024").month_first is None, parse_days("2024-03-05T20:00:00Z").day_first.isoformat()
    (True, '2024-03-06')
    """
    if len(text) > MAX_CELL:
        return _UNREAD
    plain = _WEEKDAY.sub("", clean(text), count=1)
    if found := _ISO.fullmatch(plain):
        return _both(_day(found[1], found[2], found[3]), found[4])
    if found := _COMPACT.fullmatch(plain):
        return _both(_day(found[1], found[2], found[3]), "")
    if found := _NUMERIC.fullmatch(plain):
        year = _year(found[4])
        first, second = _day(year, found[3], found[1]), _day(year, found[1], found[3])
        if not _is_time(found[5]):
            return _UNREAD
        return Days(_shifted(first, found[5]), _shifted(second, found[5]))
    if found := _NAMED.fullmatch(plain):
        return _both(_named(found[3], found[2], found[1]), found[4])
    if found := _NAMED_FIRST.fullmatch(plain):
        return _both(_named(found[3], found[1], found[2]), found[4])
    if found := _SERIAL.fullmatch(plain):  # a spreadsheet's day number without its format: 20000 is in 1954
        serial = int(found[1])
        return _both(
            _EXCEL_EPOCH + timedelta(serial) if _FIRST_SERIAL <= serial <= _LAST_SERIAL else None, ""
        )
    return _UNREAD


def _named(year: str, month: str, day: str) -> date | None:
    """Return the day of a month that is named."""
    number = _MONTHS.get(month.casefold().rstrip("."))
    return None if number is None else _day(_year(year), str(number), day)


def _year(text: str) -> str:
    """Read a year of two digits as one of this century up to 69, as dates of sales are."""
    return text if len(text) == 4 else str(int(text) + (2000 if int(text) < 70 else 1900))


def _day(year: str, month: str, day: str) -> date | None:
    """Return a day, or None where it does not exist."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _is_time(behind: str) -> bool:
    """Return whether what follows a date is nothing, a time or a weekday."""
    rest = behind.strip(" ,()")
    if not rest or rest.casefold()[:3] in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        return True
    return _TIME.fullmatch(behind) is not None


def _both(day: date | None, behind: str) -> Days:
    """Return a date whose order is not open."""
    if day is None or not _is_time(behind):
        return _UNREAD
    shifted = _shifted(day, behind)
    return Days(shifted, shifted)


def _shifted(day: date | None, behind: str) -> date | None:
    """Return the day in India of an instant that names its zone."""
    found = _TIME.fullmatch(behind) if day is not None and behind else None
    if day is None or found is None or not found[5]:
        return day
    offset = _OFFSET.fullmatch(found[5].strip())
    hour = int(found[1]) % 12 + 12 if (found[4] or "").casefold().startswith("p") else int(found[1])
    if offset is None or hour > 23 or int(found[2]) > 59:
        return day
    minutes = 0 if offset[1] else int(offset[3]) * 60 + int(offset[4])
    zone = timezone(timedelta(minutes=minutes if offset[2] != "-" else -minutes)) if minutes < 1440 else _IST
    moment = datetime(day.year, day.month, day.day, hour, int(found[2]), tzinfo=zone)
    try:
        return moment.astimezone(_IST).date()
    except OverflowError:
        return day
