"""What a whole sheet says about how its dates, numbers and columns are to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from samaan_ml.sheets._cells import Cell, text_of
from samaan_ml.sheets._dates import Days, parse_days
from samaan_ml.sheets._layout import Options
from samaan_ml.sheets._numbers import Number, parse_number

__all__ = ["NUMBERS", "Dates", "Evidence", "days_of", "key_of", "number_of"]

NUMBERS = ("quantity", "price", "amount", "mrp", "cost", "discount", "discount_percent", "free")
"""Fields that hold numbers."""

Dates = Literal["dmy", "mdy", "either", "mixed", "plain"]
"""How a sheet's dates are read: `either` was possible and day first taken; `mixed` ones speak for both orders, so
that a date with two readings is asked about; `plain` ones have one reading each."""

Decimals = Literal["dot", "comma", "either", "mixed", "plain"]
"""How a sheet's numbers are read; `either` was possible and the dot taken; `mixed` speaks for both marks."""

_CLEARLY = 20
_EXAMPLES = 3
_MOST_ITEMS = 200_000
_MOST_KINDS = 100
_PLAIN_UNITS = frozenset(("", "pc", "pcs", "nos", "kg", "l"))


def number_of(cell: Cell) -> Number:
    """Read a cell as a number; one that the file itself holds as a number has one reading."""
    if isinstance(cell, str):
        return parse_number(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        value = Decimal(text_of(cell)) if abs(cell) < 1e15 else None  # NaN compares false
        return Number(value, value)
    if isinstance(cell, Decimal):
        return Number(cell, cell)
    return parse_number(text_of(cell))


def days_of(cell: Cell) -> Days:
    """Read a cell as a day; one that the file itself holds as a day has one reading."""
    if isinstance(cell, str):
        return parse_days(cell)
    if isinstance(cell, date):
        day = date(cell.year, cell.month, cell.day)
        return Days(day, day)
    return parse_days(text_of(cell))


@lru_cache(maxsize=65536)
def key_of(item: str) -> str:
    """Return what two spellings of one item share: case and spacing do not matter."""
    return " ".join(item.casefold().split())


@dataclass(slots=True)
class Evidence:
    """Counts over all rows of a sheet.

    Parameters
    ----------
    columns : mapping of str to int
        Position of each field.
    today : datetime.date or None
        Later days speak against a reading.
    """

    columns: Mapping[str, int]
    today: date | None
    rows: int = 0
    day_only: int = 0
    month_only: int = 0
    days_open: int = 0
    dot_only: int = 0
    comma_only: int = 0
    numbers_open: int = 0
    open_examples: dict[str, list[str]] = field(default_factory=dict)
    sides: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    units: dict[str, Counter[str]] = field(default_factory=dict)
    prices: dict[str, Decimal] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    _shown: set[str] = field(default_factory=set, repr=False)

    def add(self, cells: list[Cell]) -> None:
        """Count a row."""
        self.rows += 1
        here = {name: cells[place] for name, place in self.columns.items() if place < len(cells)}
        for name in [name for name in here if name not in self._shown]:
            self._add_example(name, here[name])
        self._add_day(here.get("date"))
        numbers = {name: number_of(here[name]) for name in NUMBERS if name in here}
        for name, number in numbers.items():
            self._add_number(name, number, here[name])
        self._add_side(here, numbers)
        self._add_unit(here, numbers)

    def _add_example(self, name: str, cell: Cell) -> None:
        """Keep the first few different values of a field."""
        seen, text = self.examples.setdefault(name, []), text_of(cell)[:80]
        if text and text not in seen:
            seen.append(text)
            if len(seen) == _EXAMPLES:
                self._shown.add(name)

    def _add_day(self, cell: Cell) -> None:
        """Count which orders a date allows."""
        days = days_of(cell)
        first, second = (self._possible(day) for day in days)
        if first and second:
            if days.open:
                self.days_open += 1
                self._open("date", cell)
        elif first and days.month_first != days.day_first:
            self.day_only += 1
        elif second and days.month_first != days.day_first:
            self.month_only += 1

    def _possible(self, day: date | None) -> bool:
        """Return whether a day exists and has come."""
        return day is not None and (self.today is None or day <= self.today)

    def _add_number(self, name: str, number: Number, cell: Cell) -> None:
        """Count which decimal marks a number allows."""
        if number.open:
            self.numbers_open += 1
            self._open(name, cell)
        elif number.dot is None and number.comma is not None:
            self.comma_only += 1
        elif number.comma is None and number.dot is not None:
            self.dot_only += 1

    def _open(self, name: str, cell: Cell) -> None:
        """Keep an example of what can be read in two ways."""
        seen = self.open_examples.setdefault(name, [])
        if len(seen) < _EXAMPLES and text_of(cell) not in seen:
            seen.append(text_of(cell))

    def _add_side(self, here: Mapping[str, Cell], numbers: Mapping[str, Number]) -> None:
        """Count Dr, Cr and neither, and what the column of kinds says."""
        kind = text_of(here.get("kind")).casefold()
        if kind and (len(self.kinds) < _MOST_KINDS or kind in self.kinds):
            self.kinds[kind] += 1
        if any(number.dot is not None or number.comma is not None for number in numbers.values()):
            self.sides[side_of(kind, numbers)] += 1

    def _add_unit(self, here: Mapping[str, Cell], numbers: Mapping[str, Number]) -> None:
        """Count the units each item is written in, and keep a price of one unit."""
        item = key_of(text_of(here.get("item")) or text_of(here.get("name")))
        quantity = numbers.get("quantity")
        if not item or quantity is None or (len(self.units) >= _MOST_ITEMS and item not in self.units):
            return
        word = (quantity.word or text_of(here.get("unit"))).strip(" .").casefold()
        self.units.setdefault(item, Counter())[word] += 1
        price = numbers.get("price")
        value = None if price is None or price.per is not None else price.value("dot")
        if value is not None and value > 0 and word in _PLAIN_UNITS:
            self.prices.setdefault(item, value)

    def dates(self, options: Options) -> Dates:
        """Decide in which order dates are read."""
        if not self.days_open and not self.day_only and not self.month_only:
            return "plain"
        if options.date_order is not None:
            return options.date_order
        if not self.day_only and not self.month_only:
            return "either"
        if self.day_only >= _CLEARLY * self.month_only:
            return "dmy"
        if self.month_only >= _CLEARLY * self.day_only:
            return "mdy"
        return "mixed"

    def decimals(self, options: Options) -> Decimals:
        """Decide which decimal mark numbers have."""
        if options.decimal is not None:
            return options.decimal
        if self.dot_only and self.comma_only:
            return "mixed" if self.numbers_open else "plain"
        if self.comma_only:
            return "comma"
        if self.dot_only:
            return "dot"
        return "either" if self.numbers_open else "plain"

    def sale_side(self, options: Options) -> str | None:
        """Decide which of Dr and Cr marks a sale: what most lines have; None where they are even."""
        if options.sale_side is not None:
            return options.sale_side
        marked = {side: self.sides[side] for side in ("dr", "cr") if self.sides[side]}
        if not marked:
            return "dr"
        if len(marked) == 1:
            return self._one_side(*next(iter(marked.items())))
        first, second = sorted(marked, key=lambda side: -marked[side])
        return first if marked[first] > marked[second] else None

    def _one_side(self, side: str, count: int) -> str | None:
        """Decide for a sheet that marks lines with one side only: few marked lines are the exceptions."""
        plain = self.sides[""]
        if not plain:
            return side
        return ("cr" if side == "dr" else "dr") if count < plain else None


def side_of(kind: str, numbers: Mapping[str, Number]) -> str:
    """Return Dr or Cr where one stands in the column of kinds or beside the amount or the quantity."""
    word = kind.strip(" .")
    if word in ("dr", "debit", "नामे"):
        return "dr"
    if word in ("cr", "जमा"):
        return "cr"
    return next(
        (
            numbers[name].side
            for name in ("amount", "quantity", "price")
            if name in numbers and numbers[name].side
        ),
        "",
    )
