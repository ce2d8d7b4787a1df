"""A line of a sheet, and what reading one gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from samaan_ml.sheets._money import Money

__all__ = ["Line", "Reading", "RefusedRow", "State"]


State = Literal["sale", "return", "zero", "bad"]


_ONE = Decimal(1)


class RefusedRow(ValueError):  # noqa: N818 (it tells of a row, no fault of the program)
    """Why a row cannot be a line."""


class Line(NamedTuple):
    """One row.

    Parameters
    ----------
    row : int
        Its number in the file.
    state : {"sale", "return", "zero", "bad"}
        A sale, goods that came back, a day on which none were sold, or no line.
    reason : str
        Why it is bad; else empty.
    on : datetime.date or None
        The day.
    item, name : str
        Code and name; the item is the name where there is no code.
    quantity : decimal.Decimal
        Without sign, in `unit`.
    unit : {"", "piece", "kg", "l", "pack"}
        What the quantity counts; "" is the item's own unit, and a pack holds a number of pieces that is not known.
    word : str
        The unit as it is written.
    factor : decimal.Decimal
        Base units in the written unit.
    rate : decimal.Decimal or None
        The rate as it is written, where the unit it is for is not: it may be of a base unit or of the written unit.
    price, amount : decimal.Decimal or None
        Rupees of a base unit, and of the line.
    mrp, cost : decimal.Decimal or None
        Printed price and cost of a unit.
    invoice, customer, shop, category : str
        Texts of these columns.
    cells : tuple of str
        The cells of the fields as they stand.
    """

    row: int
    state: State
    reason: str
    on: date | None = None
    item: str = ""
    name: str = ""
    quantity: Decimal = Decimal(0)
    unit: str = ""
    word: str = ""
    factor: Decimal = _ONE
    rate: Decimal | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    mrp: Decimal | None = None
    cost: Decimal | None = None
    invoice: str = ""
    customer: str = ""
    shop: str = ""
    category: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """How a sheet is read: what its evidence, its arithmetic and the caller's options decided.

    Parameters
    ----------
    columns : mapping of str to int
        Position of each field.
    heading : tuple of str
        The headings.
    dates, decimals : str
        As in `Evidence`.
    sale_side : str or None
        Dr or Cr; None asks.
    money : Money
        What the columns of money are.
    mrp_is_price : bool
        Whether the printed price stands for the price, as no other column does.
    cash_kinds : bool
        Whether the column of kinds says how was paid, so that "credit" is no return.
    units : mapping of str to collections.Counter
        How often each item is written in each unit.
    prices : mapping of str to decimal.Decimal
        A price of one base unit, by item.
    today : datetime.date or None
        Later days are refused.
    fill_down : bool
        Whether a missing date is that of the row above.
    keep_codes : frozenset of str
        Items that are goods whatever they look like.
    """

    columns: Mapping[str, int]
    heading: tuple[str, ...]
    dates: str
    decimals: str
    sale_side: str | None
    money: Money
    mrp_is_price: bool
    cash_kinds: bool
    units: Mapping[str, Counter[str]]
    prices: Mapping[str, Decimal]
    today: date | None
    fill_down: bool
    keep_codes: frozenset[str] = frozenset()

    @property
    def decimal(self) -> str:
        """The mark that numbers with two readings are read by."""
        return "comma" if self.decimals == "comma" else "dot"
