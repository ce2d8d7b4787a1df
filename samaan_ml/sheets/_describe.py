"""How a sheet was read, in words and examples, and what it leaves open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from samaan_ml.sheets._dates import parse_days
from samaan_ml.sheets._evidence import NUMBERS
from samaan_ml.sheets._headings import normalised
from samaan_ml.sheets._line import Reading
from samaan_ml.sheets._numbers import parse_number
from samaan_ml.sheets._sheet import Sheet

__all__ = ["ColumnReading", "Question", "SheetCard", "describe"]

_DATES = {
    "dmy": "day first",
    "mdy": "month first",
    "either": "day first; month first is possible too",
    "mixed": "some day first, some month first",
    "plain": "each date has one reading",
}
_DECIMALS = {
    "dot": "decimal dot",
    "comma": "decimal comma",
    "either": "decimal dot; a decimal comma is possible too",
    "mixed": "some with a decimal dot, some with a decimal comma",
    "plain": "each number has one reading",
}
_TAXES = frozenset(("tax", "gst", "cgst", "sgst", "igst", "vat", "taxes"))


class ColumnReading(NamedTuple):
    """How a column was read: up to three examples as (written, read)."""

    field: str
    heading: str
    form: str
    examples: tuple[tuple[str, str], ...]


class Question(NamedTuple):
    """What can be read otherwise, the option that says so, and its choices."""

    option: str
    text: str
    choices: tuple[str, ...]


class SheetCard(NamedTuple):
    """How a sheet was read."""

    kind: str
    sheet: str | None
    other_sheets: tuple[str, ...]
    heading_row: int
    dates: str
    decimals: str
    columns: tuple[ColumnReading, ...]
    ignored: tuple[str, ...]
    questions: tuple[Question, ...]


def describe(sheet: Sheet) -> SheetCard:
    r"""Return how a sheet was read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from samaan_ml.sheets import SALES, open_sheet
    >>> path = pathlib.Path(tempfile.mkdtemp(), "sales.csv")
    >>> _ = path.write_text("date,item,qty,rate\n05/03/24,Eggs,3,7.50\n")
    >>> card = describe(open_sheet(path, SALES))
    >>> card.columns[2].form, card.columns[2].examples, card.questions[0].option
    ('day first; month first is possible too', (('05/03/24', '2024-03-05'),), 'date_order')
    """
    reading = sheet.reading
    used = set(reading.columns.values())
    return SheetCard(
        kind=sheet.grid.kind,
        sheet=sheet.grid.sheet,
        other_sheets=sheet.grid.others,
        heading_row=sheet.heading_row,
        dates=reading.dates,
        decimals=reading.decimals,
        columns=tuple(_column(sheet, name, place) for name, place in reading.columns.items()),
        ignored=tuple(name for place, name in enumerate(reading.heading) if name and place not in used),
        questions=tuple(_questions(sheet)),
    )


def _column(sheet: Sheet, name: str, place: int) -> ColumnReading:
    """Return how a column was read."""
    reading = sheet.reading
    written = sheet.evidence.examples.get(name, [])
    form = "text"
    if name == "date":
        form = _DATES[reading.dates]
    elif name in NUMBERS:
        form = _DECIMALS[reading.decimals]
        if name.startswith("discount") and reading.money.discount in ("rupees", "percent"):
            form = f"{reading.money.discount}, {form}"
        if name == "amount" and reading.money.before_discount:
            form = f"before the discount, {form}"
    heading = reading.heading[place]
    return ColumnReading(name, heading, form, tuple((each, _read(name, each, reading)) for each in written))


def _read(name: str, written: str, reading: Reading) -> str:
    """Write an example as it is read."""
    if name == "date":
        days = parse_days(written)
        day = days.month_first if reading.dates == "mdy" else days.day_first
        if reading.dates == "mixed":
            day = None if days.open else days.day_first or days.month_first
        return "" if day is None else day.isoformat()
    if name in NUMBERS:
        number = parse_number(written)
        value = number.value(reading.decimal)
        unit = f" {number.word}" if number.word else ""
        return "" if value is None or (number.open and reading.decimals == "mixed") else f"{value:f}{unit}"
    return written


def _questions(sheet: Sheet) -> Iterator[Question]:
    """Yield what a person should look at."""
    reading, evidence = sheet.reading, sheet.evidence
    if reading.dates in ("either", "mixed"):
        shown = ", ".join(evidence.open_examples.get("date", ()))
        text = f"the dates {shown} can begin with the day or the month"
        taken = (
            "; the day is taken" if reading.dates == "either" else "; other dates of the sheet speak for both"
        )
        yield Question("date_order", text + taken, ("dmy", "mdy"))
    if reading.decimals in ("either", "mixed"):
        shown = ", ".join(e for name, each in evidence.open_examples.items() if name != "date" for e in each)
        taken = (
            "the dot is taken"
            if reading.decimals == "either"
            else "other numbers of the sheet speak for both"
        )
        yield Question("decimal", f"{shown} can have a decimal dot or comma; {taken}", ("dot", "comma"))
    if reading.sale_side is None:
        yield Question("sale_side", "as many lines are marked Dr as Cr: either can be a sale", ("dr", "cr"))
    if reading.money.discount == "open":
        yield Question(
            "columns", "the discount can be in rupees or in percent", ("discount", "discount_percent")
        )
    for place in reading.money.passed_over:
        heading = reading.heading[place]
        yield Question(
            "columns",
            f"'{heading}' is not the amount of each line: a bill's total or a running sum",
            ("amount",),
        )
    if reading.mrp_is_price:
        yield Question(
            "columns",
            "the printed price is taken as the price: no column says what was paid",
            ("price", "amount"),
        )
    taxes = [name for name in reading.heading if _TAXES & set(normalised(name).split())]
    if taxes and reading.money.amount is None:
        yield Question(
            "columns", f"'{taxes[0]}' is not added: the rate is taken as the price with tax", ("amount",)
        )
    if sheet.grid.others:
        shown = ", ".join(f"'{name}'" for name in sheet.grid.others[:10])
        yield Question(
            "sheet", f"of several sheets '{sheet.grid.sheet}' is read; others are {shown}", sheet.grid.others
        )
