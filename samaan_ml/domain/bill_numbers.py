"""Numbers of bills: consecutive within a shop, a series and a financial year (1 April to 31 March)."""

from datetime import date
from typing import Literal

Series = Literal["bill", "credit_note"]

_PREFIX: dict[Series, str] = {"bill": "", "credit_note": "CN"}
_FIRST_MONTH = 4


def financial_year(on: date) -> str:
    """Name the financial year of a day.

    Examples
    --------
    >>> financial_year(date(2026, 3, 31)), financial_year(date(2026, 4, 1)), financial_year(date(2099, 4, 1))
    ('2025-26', '2026-27', '2099-00')
    """
    start = on.year if on.month >= _FIRST_MONTH else on.year - 1
    return f"{start}-{(start + 1) % 100:02d}"


def bill_number(series: Series, year: str, place: int) -> str:
    """Write a number as it is printed: at most 16 characters, as rule 46 of the CGST Rules 2017 asks.

    Examples
    --------
    >>> bill_number("bill", "2026-27", 17), bill_number("credit_note", "2026-27", 3)
    ('2026-27/17', 'CN2026-27/3')
    """
    return f"{_PREFIX[series]}{year}/{place}"


def place_of(number: str) -> int:
    """Return the place that a number has in its series.

    Examples
    --------
    >>> place_of("CN2026-27/3")
    3
    """
    return int(number.rpartition("/")[2])
