"""Numbers and dates as shopkeepers write them: `1,20,000`, `Rs. 45/-`, `(250)`, `२ किलो`, `05/03/24`."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Amount", "Days", "parse_amount", "parse_days", "text_of"]

_CURRENCY = re.compile(r"(?:rs\.?|inr|₹|रुपये|रु\.?|\$|£|€)", re.IGNORECASE)
_SIDE = re.compile(r"(?<![a-z])(dr|cr|db|debit|credit|नामे|जमा)\.?(?![a-z])", re.IGNORECASE)
_PLAIN = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$", re.IGNORECASE)
_INDIAN = re.compile(r"^[+-]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?$")
_EUROPEAN = re.compile(r"^[+-]?\d{1,3}(?:\.\d{3})+,\d{1,2}$")
_MEASURED = re.compile(r"^([+-]?[\d,]*\.?\d+)\s*([^\d\s.,()+-][^\d()]*?)\.?$")

_MEASURES = {
    **dict.fromkeys(("kg", "kgs", "kilo", "kilogram", "किलो", "किग्रा", "कि"), 1.0),
    **dict.fromkeys(("g", "gm", "gms", "gram", "grams", "ग्राम", "ग्रा"), 0.001),
    **dict.fromkeys(("l", "lt", "ltr", "litre", "liter", "litres", "लीटर", "ली"), 1.0),
    **dict.fromkeys(("ml", "मिली"), 0.001),
    **dict.fromkeys(
        ("pc", "pcs", "pce", "piece", "pieces", "no", "nos", "unit", "units", "nag", "नग", "पीस"), 1.0
    ),
    **dict.fromkeys(
        ("pkt", "packet", "packets", "pack", "packs", "box", "bottle", "पैकेट", "डिब्बा", "बोतल"), 1.0
    ),
    **dict.fromkeys(("dz", "doz", "dozen", "darjan", "दर्जन"), 12.0),
}

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january जनवरी", "feb february फरवरी फ़रवरी", "mar march मार्च", "apr april अप्रैल", "may मई",
            "jun june जून", "jul july जुलाई", "aug august अगस्त", "sep sept september सितंबर सितम्बर",
            "oct october अक्टूबर अक्तूबर", "nov november नवंबर नवम्बर", "dec december दिसंबर दिसम्बर",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_NUMERIC = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?!\d)")
_NAMED = re.compile(
    r"^(\d{1,2})(?:st|nd|rd|th)?[-/. ,]*([^\s\d\-/.,']+)[-/. ,']*(\d{4}|\d{2})(?!\d)", re.IGNORECASE
)
_NAMED_FIRST = re.compile(
    r"^([^\s\d\-/.,']+)[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/. ,]+(\d{4}|\d{2})(?!\d)", re.IGNORECASE
)
_SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
_EXCEL_EPOCH = date(1899, 12, 30).toordinal()


class Amount(NamedTuple):
    """A number as written: its value (NaN if unreadable), and whether `Dr` or `Cr` stood by it."""

    value: float
    side: str = ""


class Days(NamedTuple):
    """A date as ordinals, read day first and month first; None where that reading is impossible."""

    day_first: int | None
    month_first: int | None


@lru_cache(maxsize=65536)
def parse_amount(text: str) -> Amount:
    """Read a number as a shop writes it.

    Examples
    --------
    >>> [parse_amount(each).value for each in ("1,20,000", "Rs. 45/-", "(250)", "२ किलो", "500 g", "1.234,50")]
    [120000.0, 45.0, -250.0, 2.0, 0.5, 1234.5]
    >>> parse_amount("1,500 Cr")
    Amount(value=1500.0, side='cr')
    >>> parse_amount("1,5").value                                   # not how thousands are written anywhere
    nan
    """
    plain = _ascii_digits(text).strip()
    if _PLAIN.match(plain):
        return Amount(float(plain))
    side = ""
    if found := _SIDE.search(plain):
        side = "cr" if found[1].casefold() in ("cr", "credit", "जमा") else "dr"
        plain = _SIDE.sub("", plain)
    plain = _CURRENCY.sub("", plain).replace("/-", "").replace("\u2212", "-").strip()
    negative = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("() ")
    if plain.endswith("-") and not plain.startswith("-"):  # accounting programs write the sign last
        plain, negative = plain[:-1].rstrip(), not negative
    value = _number(plain)
    return Amount(-value if negative else value, side)


@lru_cache(maxsize=65536)
def parse_days(text: str) -> Days:
    """Read a date, with or without a time of day, in both orders where the order is open.

    Examples
    --------
    >>> from datetime import date
    >>> both = parse_days("05/03/24 10:30")
    >>> date.fromordinal(both.day_first).isoformat(), date.fromordinal(both.month_first).isoformat()
    ('2024-03-05', '2024-05-03')
    >>> parse_days("13/03/2024").month_first is None
    True
    >>> date.fromordinal(parse_days("१ जनवरी २०२४").day_first).isoformat()
    '2024-01-01'
    """
    plain = _ascii_digits(text).strip()
    if found := _ISO.match(plain) or _COMPACT.match(plain):
        return _both(_ordinal(int(found[1]), int(found[2]), int(found[3])))
    if found := _NUMERIC.match(plain):
        first, second, year = int(found[1]), int(found[2]), _year(found[3])
        return Days(_ordinal(year, second, first), _ordinal(year, first, second))
    if found := _NAMED.match(plain):
        return _both(_ordinal(_year(found[3]), _MONTHS.get(found[2].casefold(), 0), int(found[1])))
    if found := _NAMED_FIRST.match(plain):
        return _both(_ordinal(_year(found[3]), _MONTHS.get(found[1].casefold(), 0), int(found[2])))
    if found := _SERIAL.match(plain):  # a spreadsheet's day number that lost its format: 20000 is in 1954
        serial = int(found[1])
        return _both(_EXCEL_EPOCH + serial if 20000 <= serial <= 80000 else None)
    return Days(None, None)


def text_of(value: object) -> str:
    """Write a cell as text: nothing for a missing one, 17850 for 17850.0, dates in ISO form."""
    if value is None or value != value:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return unicodedata.normalize("NFC", str(value)).replace("\u00a0", " ").strip()


def _ascii_digits(text: str) -> str:
    """Write the digits of any script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in text)


def _number(plain: str) -> float:
    """Read a number with thousands marks or a measure."""
    if _PLAIN.match(plain):
        return float(plain)
    if _INDIAN.match(plain):
        return float(plain.replace(",", ""))
    if _EUROPEAN.match(plain):
        return float(plain.replace(".", "").replace(",", "."))
    if found := _MEASURED.match(plain):
        factor = _MEASURES.get(found[2].strip().casefold())
        if factor is not None:
            return round(_number(found[1]) * factor, 9)
    return math.nan


def _year(text: str) -> int:
    """Read a year of two digits as one of this century up to 69, as dates of sales are."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _ordinal(year: int, month: int, day: int) -> int | None:
    """Return a date's ordinal; None for one that does not exist."""
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None


def _both(ordinal: int | None) -> Days:
    """Return a date whose order is not open."""
    return Days(ordinal, ordinal)
