"""What the columns of a bill mean: percent or rupees, found by the arithmetic of all lines together.

A column "Disc" can hold rupees or percent, "GST" a tax or its rate, and central and state tax may each have a column.
No digit is touched before the meaning is known under which most lines satisfy their equation as they were read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from samaan_ml.bills._headings import Column
from samaan_ml.bills._layout import Number
from samaan_ml.bills._line_repair import RATE_PLACES, LineForm, PrintedLine, holds_as_read
from samaan_ml.bills._numbers import unit_milli
from samaan_ml.bills._printed import Printed
from samaan_ml.bills._table import Cell, GoodsRow
from samaan_ml.bills._tokens import Token

_DISCOUNT: tuple[Column, ...] = ("discount",)
_TAX: tuple[Column, ...] = ("tax", "tax2", "tax3")
_TAX_RATE: tuple[Column, ...] = ("tax_rate", "tax_rate2")
_MOST_PERCENT = 10_000


@dataclass(frozen=True, slots=True)
class Meaning:
    """Whether numbers without a percent sign are percentages.

    Parameters
    ----------
    discount_percent, tax_percent : bool, default=False
        Of the columns of discounts and taxes.
    """

    discount_percent: bool = False
    tax_percent: bool = False


def printed_number(
    number: Number | None, places: int, tokens: Sequence[Token], times: int = 1
) -> Printed | None:
    """Turn a numeral into evidence in the field's unit."""
    if number is None or number.numeral.decimals > places or len(number.numeral.digits) > 11:
        return None
    factor = 10 ** (places - number.numeral.decimals) * times
    confidence = min((tokens[t].confidence for t in number.tokens), default=0.0)
    return Printed(number.numeral.digits, factor, number.text, number.tokens, confidence)


def printed_quantity(cell: Cell | None, tokens: Sequence[Token]) -> Printed | None:
    """Turn a quantity into evidence, in thousandths of the unit it is printed in."""
    if cell is None:
        return None
    plain = printed_number(cell.number, 3, tokens)
    if cell.quantity is None or plain is None:
        return plain
    milli = cell.quantity.milli * 1000 // unit_milli(cell.quantity.unit)
    return plain if plain.value == milli else replace(plain, digits=str(milli), factor=1)


def printed_line(row: GoodsRow, tokens: Sequence[Token], meaning: Meaning) -> PrintedLine:
    """Turn a row's cells into evidence under a meaning of its columns."""
    rate = row.cells.get("rate")
    discount, discount_bp = _share(row, tokens, _DISCOUNT, percent=meaning.discount_percent)
    tax, tax_bp = _share(row, tokens, _TAX, percent=meaning.tax_percent)
    stated = _stated_rate(row)
    amount = row.cells.get("amount")
    return PrintedLine(
        printed_quantity(row.cells.get("quantity"), tokens),
        None if rate is None else printed_number(rate.number, RATE_PLACES, tokens),
        discount,
        tax,
        None if amount is None else printed_number(amount.number, 2, tokens),
        discount_bp,
        tax_bp if stated is None else stated,
        negative=row.negative,
    )


def _stated_rate(row: GoodsRow) -> int | None:
    """Add the tax rates up that stand in columns of rates."""
    found = [
        cell.percent if cell.percent is not None else cell.number.numeral.scaled(2)
        for column in _TAX_RATE
        if (cell := row.cells.get(column)) is not None
    ]
    known = [rate for rate in found if rate is not None]
    return sum(known) if known else None


def _share(
    row: GoodsRow, tokens: Sequence[Token], columns: Sequence[Column], *, percent: bool
) -> tuple[Printed | None, int | None]:
    """Return a discount or the taxes of a line as money, or as basis points."""
    cells = [cell for column in columns if (cell := row.cells.get(column)) is not None]
    if not cells:
        return None, None
    rates = [
        cell.percent if cell.percent is not None else cell.number.numeral.scaled(2) if percent else None
        for cell in cells
    ]
    known = [rate for rate in rates if rate is not None]
    if known:
        return None, sum(known) if sum(known) <= _MOST_PERCENT else None
    return _together(
        [found for cell in cells if (found := printed_number(cell.number, 2, tokens)) is not None]
    ), None


def _together(parts: Sequence[Printed]) -> Printed | None:
    """Add central and state tax up: equal halves are one number of twice the worth, others their sum."""
    if not parts:
        return None
    first = parts[0]
    if len(parts) == 1:
        return first
    used = tuple(dict.fromkeys(token for part in parts for token in part.tokens))
    text = " + ".join(part.text for part in parts)
    sure = min(part.confidence for part in parts)
    if all((part.digits, part.factor) == (first.digits, first.factor) for part in parts):
        return replace(first, factor=first.factor * len(parts), text=text, tokens=used, confidence=sure)
    return Printed(str(sum(part.value for part in parts)), 1, text, used, sure)


def infer_meaning(goods: Sequence[GoodsRow], tokens: Sequence[Token]) -> Meaning:
    """Choose the meaning under which most lines satisfy their equation as read; else rupees.

    Parameters
    ----------
    goods : sequence of GoodsRow
        The lines.
    tokens : sequence of Token
        What was read.
    """
    open_discount = _is_open(goods, _DISCOUNT)
    open_tax = _is_open(goods, _TAX)
    best = Meaning()
    most = -1
    for discount, tax in product(
        (False, True) if open_discount else (False,), (False, True) if open_tax else (False,)
    ):
        meaning = Meaning(discount, tax)
        held = _held(goods, tokens, meaning)
        if held > most:
            best, most = meaning, held
    return best


def _held(goods: Sequence[GoodsRow], tokens: Sequence[Token], meaning: Meaning) -> int:
    """Count the lines that hold as read, under the better of the two forms of amounts."""
    lines = [printed_line(row, tokens, meaning) for row in goods]
    forms = (LineForm(tax_in_amount=True), LineForm(tax_in_amount=False))
    return max(sum(holds_as_read(line, form) for line in lines) for form in forms)


def _is_open(goods: Sequence[GoodsRow], columns: Sequence[Column]) -> bool:
    """Return whether a column has numbers of which nothing says that they are percentages."""
    cells: list[Cell] = [
        cell for row in goods for column in columns if (cell := row.cells.get(column)) is not None
    ]
    return any(cell.percent is None and cell.number.numeral.scaled(2) for cell in cells)


def printed_free(row: GoodsRow, tokens: Sequence[Token]) -> Printed | None:
    """Turn the quantity that comes free into evidence, in thousandths of the base unit."""
    cell, times = row.cells.get("quantity"), unit_milli(unit_of(row))
    if cell is not None and cell.quantity is not None and cell.quantity.free_milli:
        plain = printed_number(cell.number, 3, tokens)
        value = cell.quantity.free_milli
        return None if plain is None else Printed(str(value), 1, plain.text, plain.tokens, plain.confidence)
    found = printed_quantity(row.cells.get("free"), tokens)
    return None if found is None else replace(found, digits=str(found.value * times // 1000), factor=1)


def unit_of(row: GoodsRow) -> str | None:
    """Return the unit of a line: that of its quantity, else that of a column of units."""
    cell = row.cells.get("quantity")
    return (
        cell.quantity.unit
        if cell is not None and cell.quantity is not None and cell.quantity.unit
        else row.unit
    )


def printed_in_units(row: GoodsRow, tokens: Sequence[Token], meaning: Meaning) -> tuple[PrintedLine, int]:
    """Turn a row into evidence, and tell how many thousandths of the base unit its rate is for.

    A rate beside "2 dz" is that of a dozen, one beside "250 g" that of a kilogram; where the arithmetic of the line
    says otherwise, it is right.
    """
    line, milli = printed_line(row, tokens, meaning), unit_milli(unit_of(row))
    if milli == 1000 or line.quantity is None:
        return line, 1000
    based = replace(
        line, quantity=replace(line.quantity, digits=str(line.quantity.value * milli // 1000), factor=1)
    )
    if line.quantity.value * milli % 1000 == 0 and line.quantity.factor * milli % 1000 == 0:
        based = replace(line, quantity=replace(line.quantity, factor=line.quantity.factor * milli // 1000))
    forms = (LineForm(tax_in_amount=True), LineForm(tax_in_amount=False))
    as_unit, as_base = (any(holds_as_read(each, form) for form in forms) for each in (line, based))
    per_unit = as_unit if as_unit != as_base else milli > 1000
    return (line, milli) if per_unit else (based, 1000)
