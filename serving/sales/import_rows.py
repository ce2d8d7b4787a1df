"""Lines of a sheet in the shop's own items, paise and thousandths; what cannot be taken in says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal

from samaan_ml.sheets import KeptSheet, Line, settled
from serving.ports.items import Item, Unit
from serving.sales.catalogue import Catalogue, pack_of

_EARLIEST_YEAR = 2000
_LARGEST_MILLI, _LARGEST_PRICE_PAISE, _LARGEST_AMOUNT_PAISE = 10**9, 10**9, 10**11

RowState = Literal["sale", "zero", "bad"]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet.

    Parameters
    ----------
    row : int
        Its number in the sheet.
    state : {"sale", "zero", "bad"}
        A sale, a day on which none were sold, or neither.
    reason : str
        Why it is bad.
    on : datetime.date or None
        The day.
    item : str
        The item as the sheet names it.
    item_id : str or None
        The shop's item; None where it knows none of that name.
    unit : str
        What the sheet counts it in; empty where it does not say.
    quantity_milli, unit_price_paise, amount_paise : int
        What was sold.
    """

    row: int
    state: RowState
    reason: str
    on: date | None
    item: str
    item_id: str | None
    unit: str
    quantity_milli: int
    unit_price_paise: int
    amount_paise: int


def rows_of(kept: KeptSheet, catalogue: Catalogue, after: int = 0) -> Iterator[SheetRow]:
    """Yield the rows of a kept sheet that are not blank, from behind a row on."""
    find = lru_cache(maxsize=65536)(catalogue.find)
    for line in kept.lines(after):
        if line.reason != "blank row":
            yield _row(line, find(line.item, line.name) if line.item else None, kept)


def _row(line: Line, item: Item | None, kept: KeptSheet) -> SheetRow:
    """Turn a line into a row."""
    price = None if item is None else Decimal(item.price_paise) / 100
    line = settled(
        line,
        kept.units,
        unit=None if item is None else item.unit,
        price=price or kept.prices.get(" ".join(line.item.casefold().split())),
        pack=None if item is None else pack_of(item),
    )
    shown = line.name or line.item
    item_id = None if item is None else item.item_id
    try:
        return _counted(line, shown, item_id)
    except ValueError as error:
        return SheetRow(line.row, "bad", str(error), line.on, shown, item_id, line.unit, 0, 0, 0)


def _counted(line: Line, shown: str, item_id: str | None) -> SheetRow:
    """Return a row in whole paise and thousandths, or raise ValueError with the reason."""
    if line.state == "bad":
        raise ValueError(line.reason)
    if line.state == "return":
        raise ValueError("goods that came back; enter returns as returns")
    if line.on is None or line.on.year < _EARLIEST_YEAR:
        raise ValueError(f"the date {line.on} lies too far back")
    milli = line.quantity * 1000
    if milli != milli.to_integral_value():
        raise ValueError(f"the quantity {line.quantity:f} is finer than a thousandth")
    unit: str = line.unit
    if line.state == "zero":
        return SheetRow(line.row, "zero", "", line.on, shown, item_id, unit, 0, 0, 0)
    price, amount = _paise(line.price or Decimal(0)), _paise(line.amount or Decimal(0))
    for name, value, largest in (
        ("quantity in thousandths", int(milli), _LARGEST_MILLI),
        ("price in paise", price, _LARGEST_PRICE_PAISE),
        ("amount in paise", amount, _LARGEST_AMOUNT_PAISE),
    ):
        if value > largest:
            raise ValueError(f"the {name} is {value}, more than {largest}")
    if amount < 1:
        raise ValueError("the amount is less than a paisa")
    return SheetRow(line.row, "sale", "", line.on, shown, item_id, unit, int(milli), price, amount)


def _paise(rupees: Decimal) -> int:
    """Round rupees to paise, halves up."""
    return int((rupees * 100).to_integral_value(rounding=ROUND_HALF_UP))


def unit_for(unit: str) -> Unit:
    """Return what a new item is counted in."""
    return "kg" if unit == "kg" else "l" if unit == "l" else "piece"
