"""What a line's money columns mean, found by the arithmetic of many lines: what was paid, and what a discount is.

A column "Total" can be the line's, the bill's or a running sum; an amount can stand before or after the discount;
a discount can be in rupees or in percent. Only the lines together tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from samaan_ml.domain.unit_words import unit_word
from samaan_ml.sheets._cells import Cell, text_of
from samaan_ml.sheets._evidence import number_of
from samaan_ml.sheets._headings import candidates, normalised

__all__ = ["Money", "exact_rows", "infer_money"]

_LEAST_RATIO, _MOST_RATIO = Decimal("0.3"), Decimal("1.4")
_PLAUSIBLE, _FILLED = Decimal("0.9"), Decimal("0.95")
_MOSTLY = Decimal("0.8")
_MOST_CANDIDATES = 5
_RUPEES = frozenset(("rs", "₹", "amt", "amount", "rupees", "lineitem", "रु", "रुपये"))
_CENT = Decimal("0.011")
_NEAR = Decimal("0.006")


@dataclass(frozen=True, slots=True)
class Money:
    """What the columns of money are.

    Parameters
    ----------
    amount : int or None
        Position of the column of what was paid for a line.
    before_discount : bool
        Whether that amount still contains the discount.
    discount : {"rupees", "percent", "open"} or None
        What the column of discounts holds; `open` where its numbers could be either.
    passed_over : tuple of int
        Columns named like an amount that do not belong to a line.
    """

    amount: int | None
    before_discount: bool = False
    discount: Literal["rupees", "percent", "open"] | None = None
    passed_over: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """Quantity times rate (as written, and in base units), the discount, and the amounts of candidate columns."""

    gross: Decimal
    in_units: Decimal
    discount: Decimal | None
    percent_sign: bool
    bill: str
    amounts: tuple[Decimal | None, ...]


def infer_money(
    heading: Sequence[object],
    columns: Mapping[str, int],
    given: bool,
    sample: Sequence[Sequence[Cell]],
    decimal: str,
) -> Money:
    """Choose the column of what was paid, and tell what discounts are.

    Parameters
    ----------
    heading : sequence of object
        The headings.
    columns : mapping of str to int
        Position of each field.
    given : bool
        Whether the caller named the column of the amount.
    sample : sequence of rows
        Some rows below the heading.
    decimal : str
        The decimal mark.
    """
    named = columns.get("amount")
    others = set(columns.values()) - {named}
    possible = [place for place in candidates(heading, "amount") if place not in others][:_MOST_CANDIDATES]
    if named is not None and (given or named not in possible):
        possible = [named]
    rows = [row for cells in sample if (row := _row(cells, columns, possible, decimal)) is not None]
    amount = possible[0] if possible else None
    passed: tuple[int, ...] = ()
    if rows and possible and not given:
        good = [n for n in range(len(possible)) if _fits(rows, n)]
        amount = possible[good[0]] if good else None
        passed = tuple(place for n, place in enumerate(possible) if n not in good)
    chosen = possible.index(amount) if amount is not None else None
    discount, before = _discount(rows, chosen, columns)
    if discount == "open" and _RUPEES & set(normalised(heading[columns["discount"]]).split()):
        discount = "rupees"
    return Money(amount, before, discount, passed)


def _row(
    cells: Sequence[Cell], columns: Mapping[str, int], possible: Sequence[int], decimal: str
) -> _Row | None:
    """Read the numbers of a row; None where quantity or rate are missing."""

    def value(place: int | None) -> Decimal | None:
        return None if place is None or place >= len(cells) else number_of(cells[place]).value(decimal)

    quantity, rate = value(columns.get("quantity")), value(columns.get("price"))
    if quantity is None or rate is None or quantity == 0 or rate <= 0:
        return None
    place = columns.get("discount_percent", columns.get("discount"))
    discount = value(place)
    sign = place is not None and place < len(cells) and number_of(cells[place]).percent
    factor = _factor(cells, columns)
    gross = abs(quantity) * rate * min(factor, Decimal(1))
    place = columns.get("invoice")
    bill = "" if place is None or place >= len(cells) else text_of(cells[place])
    amounts = tuple(value(each) for each in possible)
    return _Row(
        gross, abs(quantity) * rate * factor, abs(discount) if discount else None, sign, bill, amounts
    )


def _factor(cells: Sequence[Cell], columns: Mapping[str, int]) -> Decimal:
    """Return how many base units the written unit has; 1 where none is known."""
    unit = number_of(cells[columns["quantity"]]).unit
    place = columns.get("unit")
    if unit is None and place is not None and place < len(cells):
        unit = unit_word(text_of(cells[place]))
    return unit.factor if unit is not None and unit.factor is not None else Decimal(1)


def exact_rows(
    columns: Mapping[str, int], amount: int | None, sample: Sequence[Sequence[Cell]], decimal: str
) -> int:
    """Count the rows in which quantity times rate is the amount under a decimal mark."""
    places = [] if amount is None else [amount]
    rows = (_row(cells, columns, places, decimal) for cells in sample)
    return sum(_same(row.gross, row.amounts[0]) for row in rows if row is not None and places)


def _fits(rows: Sequence[_Row], place: int) -> bool:
    """Return whether a column can be the amount of each line: near quantity times rate in most of them."""
    filled = [(row, abs(amount)) for row in rows if (amount := row.amounts[place]) is not None]
    if not filled or _is_of_bill(filled):
        return False
    if len(filled) < _FILLED * len(rows):  # a bill's total stands on its first line alone
        return sum(_same(row.gross, amount) for row, amount in filled) >= _PLAUSIBLE * len(filled)
    near = sum(
        any(_LEAST_RATIO * gross <= amount <= _MOST_RATIO * gross for gross in (row.gross, row.in_units))
        for row, amount in filled
    )
    return near >= _PLAUSIBLE * len(filled)


def _is_of_bill(filled: Sequence[tuple[_Row, Decimal]]) -> bool:
    """Return whether an amount is the same on all lines of a bill though the lines differ: the bill's total."""
    bills: dict[str, list[tuple[Decimal, Decimal]]] = {}
    for row, amount in filled:
        if row.bill:
            bills.setdefault(row.bill, []).append((row.gross, amount))
    different = [lines for lines in bills.values() if len({gross for gross, _ in lines}) > 1]
    same = sum(len({amount for _, amount in lines}) == 1 for lines in different)
    return bool(different) and same >= _MOSTLY * len(different)


def _discount(
    rows: Sequence[_Row], chosen: int | None, columns: Mapping[str, int]
) -> tuple[Literal["rupees", "percent", "open"] | None, bool]:
    """Return what discounts are, and whether the amount still contains them."""
    if "discount" not in columns and "discount_percent" not in columns:
        return None, False
    off = [row for row in rows if row.discount]
    kind: Literal["rupees", "percent", "open"] = "percent" if "discount_percent" in columns else "open"
    if any(row.percent_sign for row in off):
        kind = "percent"
    if not off:
        return kind if kind != "open" else "rupees", False
    if chosen is None:
        return kind, False
    with_amount = [row for row in off if row.amounts[chosen] is not None]
    if not with_amount:
        return kind, False

    def share(is_so: Sequence[bool]) -> bool:
        return sum(is_so) >= _MOSTLY * len(is_so)

    before = share([_same(row.gross, row.amounts[chosen]) for row in with_amount])
    if before:
        return kind, True
    rupees = share([_same(row.gross - (row.discount or 0), row.amounts[chosen]) for row in with_amount])
    percent = share(
        [_same(row.gross * (100 - (row.discount or 0)) / 100, row.amounts[chosen]) for row in with_amount]
    )
    if rupees != percent:
        kind = "rupees" if rupees else "percent"
    return kind, False


def _same(expected: Decimal, amount: Decimal | None) -> bool:
    """Return whether an amount is what the arithmetic gives, but for rounding."""
    return amount is not None and abs(expected - abs(amount)) <= max(_CENT, _NEAR * abs(expected))
