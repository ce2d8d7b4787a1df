"""The goods of a bill: a table with headings where there are any, else rows that end in an amount."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from samaan_ml.bills._foot import label_of
from samaan_ml.bills._headings import Column, Heading
from samaan_ml.bills._layout import Number, Row, Word, squash
from samaan_ml.bills._numbers import Quantity, parse_amount, parse_numeral, parse_percent, parse_quantity

_NUMERIC: frozenset[Column] = frozenset(
    {"serial", "mrp", "quantity", "free", "rate", "discount", "taxable", "amount", "tax_rate", "tax_rate2", "tax",
     "tax2", "tax3"}
)  # fmt: skip
PERCENT_COLUMNS: frozenset[Column] = frozenset({"discount", "tax", "tax2", "tax3", "tax_rate", "tax_rate2"})
"""Columns whose numbers may be percentages."""

_CODE = re.compile(r"^[#*]?(?:\d{6,14}|[A-Z]{1,4}\d{3,}[-/A-Z0-9]*|\d{3,}[-/]\d[\d/-]{0,30})$", re.IGNORECASE)
_BLANK_DESCRIPTION = re.compile(
    r"^[\W\d_]*(?:sr|zr|zrl|ea|pcs?|nos?|x|rm|rs|s|t|tx)?[\W\d_]*$", re.IGNORECASE
)


@dataclass(slots=True)
class Cell:
    """A number of a line with what it was printed as."""

    number: Number
    percent: int | None = None
    quantity: Quantity | None = None


@dataclass(slots=True)
class GoodsRow:
    """One line of goods before its arithmetic is looked at.

    Parameters
    ----------
    words : list of Word
        The description's words.
    cells : dict of column to Cell
        The numbers.
    hsn : Word or None
        The tariff heading.
    unit : str or None
        Unit printed in a column of its own.
    """

    words: list[Word] = field(default_factory=list)
    cells: dict[Column, Cell] = field(default_factory=dict)
    hsn: Word | None = None
    unit: str | None = None

    @property
    def negative(self) -> bool:
        """Whether the line takes goods or money back: its quantity or its amount is below zero."""
        cells = (self.cells.get("quantity"), self.cells.get("amount"))
        return any(cell is not None and cell.number.numeral.negative for cell in cells)


def read_table(rows: Sequence[Row], headings: Sequence[Heading]) -> list[GoodsRow]:
    """Read rows under headings: each number goes to the column it stands under."""
    numeric = [heading for heading in headings if heading.column in _NUMERIC]
    found: list[GoodsRow] = []
    waiting: list[Word] = []
    for row in rows:
        goods = _row_under(row, headings, numeric)
        described = any(not _BLANK_DESCRIPTION.match(word.text) for word in goods.words)
        if "amount" in goods.cells or {"rate", "quantity"} <= set(goods.cells):
            if (
                label_of(row) in {"tax", "discount", "rounding", "charges", "paid", "balance"}
                and "quantity" not in goods.cells
            ):
                continue
            goods.words = waiting + goods.words if not described or waiting else goods.words
            waiting = []
            found.append(goods)
        elif described:
            waiting += goods.words
    return found


def _row_under(row: Row, headings: Sequence[Heading], numeric: Sequence[Heading]) -> GoodsRow:
    """Share a row's words out over the columns."""
    goods = GoodsRow()
    numbers = row.numbers()
    assigned = _assign(numbers, numeric, _description_end(row, headings))
    taken = {id(number): column for number, column in assigned}
    marked = {heading.column for heading in headings if heading.percent}
    placed: set[tuple[int, float]] = set()
    for number in numbers:
        column = taken.get(id(number))
        if column is None:
            continue
        placed.add((number.tokens[-1], number.box.left))
        percent = parse_percent(number.text) if column in PERCENT_COLUMNS else None
        if percent is None and column in PERCENT_COLUMNS and column in marked:
            percent = number.numeral.scaled(2)
        goods.cells[column] = Cell(number, percent=percent)
    for word in row.words:
        if (word.token, word.box.left) in placed:
            continue
        _place_word(word, headings, goods)
    return goods


def _description_end(row: Row, headings: Sequence[Heading]) -> float:
    """Return the right edge of the description: numbers before it, as in '5 Star 10', belong to it."""
    numeric_left = [
        heading.left for heading in headings if heading.column in _NUMERIC and heading.column != "serial"
    ]
    described = [heading.left for heading in headings if heading.column == "description"]
    if not described:
        return float("-inf")
    after = [left for left in numeric_left if left > described[0]]
    bound = min(after, default=float("inf"))
    letters = [
        word.box.right
        for word in row.words
        if squash(word.text) and word.box.left < bound and parse_numeral(word.text) is None
    ]
    return min(max(letters, default=float("-inf")), bound)


def _assign(
    numbers: Sequence[Number], columns: Sequence[Heading], description_end: float
) -> list[tuple[Number, Column]]:
    """Match numbers to columns, both from left to right, with the least total distance; numbers may stay over."""
    skip = 1.5
    table: list[list[tuple[float, tuple[tuple[int, int], ...]]]] = [[(0.0, ())] * (len(columns) + 1)]
    for i, number in enumerate(numbers, start=1):
        line = [(skip * i, table[i - 1][0][1])]
        for j, column in enumerate(columns, start=1):
            options = [(line[j - 1][0], line[j - 1][1]), (table[i - 1][j][0] + skip, table[i - 1][j][1])]
            away = _distance(number, column, description_end)
            if away is not None:
                options.append((table[i - 1][j - 1][0] + away, (*table[i - 1][j - 1][1], (i - 1, j - 1))))
            line.append(min(options, key=lambda option: option[0]))
        table.append(line)
    return [(numbers[i], columns[j].column) for i, j in table[-1][-1][1]]


def _distance(number: Number, heading: Heading, description_end: float) -> float | None:
    """Return how far a number stands from a heading, in widths of the wider; None where it is too far."""
    box = number.box
    if heading.column not in {"serial", "quantity"} and box.right <= description_end:
        return None
    if _CODE.match(number.text) and number.numeral.decimals == 0:
        return None
    width = max(heading.right - heading.left, box.width, 1e-9)
    away = min(
        abs(box.left - heading.left),
        abs(box.right - heading.right),
        abs((box.left + box.right - heading.left - heading.right) / 2),
    )
    return away / width if away <= 2.5 * width else None


def _place_word(word: Word, headings: Sequence[Heading], goods: GoodsRow) -> None:
    """Put a word that is no plain number: a quantity with its unit, a percentage, a code, or description."""
    column = _nearest(word, headings)
    percent = parse_percent(word.text)
    if percent is not None and column in PERCENT_COLUMNS:
        goods.cells[column] = Cell(_as_number(word), percent=percent)
        return
    if column in {"quantity", "free"} and column not in goods.cells:
        quantity = parse_quantity(word.text)
        if quantity is not None:
            goods.cells[column] = Cell(_as_number(word), quantity=quantity)
            return
    if column == "hsn" and re.fullmatch(r"\d{4,8}", word.text):
        goods.hsn = word
    elif column in {"unit", "quantity"} and parse_quantity("1" + word.text) is not None:
        goods.unit = word.text
    elif column not in _NUMERIC or squash(word.text):
        goods.words.append(word)


def _nearest(word: Word, headings: Sequence[Heading]) -> Column:
    """Return the column over a word: overlapping, else nearest."""

    def away(heading: Heading) -> float:
        return max(heading.left - word.box.right, word.box.left - heading.right, 0.0)

    return min(headings, key=away).column


def _as_number(word: Word) -> Number:
    """Make a number of a word that carries more than digits."""
    digits = re.search(r"\d+(?:[.,]\d+)?", word.text)
    numeral = parse_numeral(digits[0] if digits else "0")
    assert numeral is not None
    return Number(numeral, word.text, word.box, (word.token,), marked=False)


def read_rows_without_headings(rows: Sequence[Row]) -> list[GoodsRow]:
    """Read rows that end in an amount: quantity and rate are the numbers before it whose product it is."""
    found: list[GoodsRow] = []
    waiting: list[Word] = []
    for row in rows:
        numbers = row.numbers()
        money = [number for number in numbers if number.is_money]
        label = label_of(row)
        if label in {"tax", "rounding", "paid", "total", "subtotal", "balance"}:
            waiting = []
            continue
        if not money:
            if len(row.letters) >= 3:
                waiting = list(row.words)
            continue
        found.append(_row_by_product(row, numbers, money[-1], waiting))
        waiting = []
    return found


def _row_by_product(row: Row, numbers: Sequence[Number], amount: Number, waiting: list[Word]) -> GoodsRow:
    """Read one row: its last amount, the pair before it that multiplies to it, and the words."""
    goods = GoodsRow(cells={"amount": Cell(amount)})
    before = [
        number for number in numbers if number.box.right <= amount.box.left + 1e-9 and number is not amount
    ]
    worth = amount.numeral.scaled(2)
    pair = _factors(before, worth)
    if pair is not None:
        goods.cells["quantity"], goods.cells["rate"] = Cell(pair[0]), Cell(pair[1])
    used = {(cell.number.tokens[-1], cell.number.box.left) for cell in goods.cells.values()}
    words = [word for word in row.words if (word.token, word.box.left) not in used]
    if pair is None:
        _lead_quantity(words, goods)
    goods.words = [
        word for word in words if not re.fullmatch(r"[x×@=*:]|rm|rs\.?|₹|\$|€|£", word.text, re.IGNORECASE)
    ]
    if not any(not _BLANK_DESCRIPTION.match(word.text) for word in goods.words):
        goods.words = waiting or goods.words
    return goods


def _factors(before: Sequence[Number], worth: int | None) -> tuple[Number, Number] | None:
    """Find quantity and rate among the numbers before an amount."""
    if worth is None:
        return None
    for quantity in before:
        for rate in before:
            count, price = quantity.numeral.scaled(3), rate.numeral.scaled(2)
            if quantity is rate or not count or not price or (quantity.is_money and not rate.is_money):
                continue
            if (
                count <= 1_000_000
                and abs(count * price - worth * 1000) <= 1000
                and (rate.is_money or count != price * 10)
            ):
                return quantity, rate
    return None


def _lead_quantity(words: list[Word], goods: GoodsRow) -> None:
    """Take a small whole number, or '2x', at the head of a row (or just before the amount) for its quantity."""
    if not words:
        return
    for word in (words[0], words[-1]):
        quantity = parse_quantity(word.text)
        small = (
            quantity is not None and 0 < quantity.milli <= 999_000 and len(re.sub(r"\D", "", word.text)) <= 3
        )
        if quantity is not None and small and parse_amount(word.text) != 0 and len(words) > 1:
            whole = parse_numeral(word.text) is None or quantity.milli % 1000 == 0
            if whole:
                goods.cells["quantity"] = Cell(_as_number(word), quantity=quantity)
                words.remove(word)
                return
