"""Cells as they come out of any file."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

__all__ = ["Cell", "Row", "text_of"]

Cell: TypeAlias = "str | int | float | Decimal | date | None"
"""A value; a number or a day where the file has types, else text."""

Row: TypeAlias = "tuple[int, Sequence[Cell]]"
"""The number of a row as an editor or a spreadsheet shows it, and its cells."""

_EXACT = 1e15


def text_of(value: object) -> str:
    """Write a cell as text: nothing for a missing one, 17850 for 17850.0, a day in ISO form.

    Examples
    --------
    >>> text_of(None), text_of(17850.0), text_of(0.1 + 0.2), text_of(" a\u00a0b "), text_of(date(2024, 1, 2))
    ('', '17850', '0.3', 'a b', '2024-01-02')
    """
    if isinstance(value, str):
        if value.isascii():
            return value.strip()
        return unicodedata.normalize("NFC", value).replace("\u00a0", " ").strip(" \t\r\n\u200b\ufeff")
    if value is None or value != value:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else f"{value:.15g}"
    return str(value)
