"""The goods of a bill: a table with headings where there are any, else rows that end in an amount."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from samaan_ml.bills._foot import label_of
from samaan_ml.bills._layout import Number, Row, Word, squash
from samaan_ml.bills._numbers import Quantity, parse_amount, parse_numeral, parse_percent, parse_quantity

Column = Literal[
    "serial",
    "description",
    "hsn",
    "mrp",
    "quantity",
    "free",
    "unit",
    "rate",
    "discount",
    "taxable",
    "tax_rate",
    "tax_rate2",
    "tax",
    "tax2",
    "tax3",
    "amount",
    "other",
]
"""What a column holds; central and state tax (and a cess) stand in columns of their own."""

_FURTHER: dict[Column, tuple[Column, ...]] = {"tax": ("tax2", "tax3"), "tax_rate": ("tax_rate2",)}

_HEADINGS: tuple[tuple[str, Column], ...] = (
    (r"^(?:s|sr|sl|si|क्र)(?:no|num|नं|सं)?$|^sno$|^क्रम", "serial"),
    (
        r"^(?:item|items|itemname|itemdescription|description|descriptionofgoods|descr|desc|particulars?|product|productname|products|goods|nameofitem|name|article|vivaran|saman|विवरण|सामान|माल|वस्तु|नाम)$",
        "description",
    ),
    (r"^hsn|^sac$", "hsn"),
    (r"^mrp", "mrp"),
    (r"^(?:qty|quantity|quant|qnty|qtty|qy|pcs|matra|मात्रा|नग|संख्या)$", "quantity"),
    (r"^(?:free|sch|scheme|मुफ्त)$", "free"),
    (r"^(?:unit|uom|per|इकाई)$", "unit"),
    (
        r"^(?:rate|price|uprice|unitprice|unitcost|sprice|unitrate|ratepu|bhav|दर|भाव|मूल्य|rateperunit|uprc|priceea)$",
        "rate",
    ),
    (r"^(?:disc|discount|dis|less|chhoot|छूट)(?:amt|amount|rs)?$", "discount"),
    (r"^(?:taxable|taxableamt|taxableamount|taxablevalue|taxval)$", "taxable"),
    (r"^(?:gst|tax|[cisu]gst|utgst|vat|cess)(?:rate|percent|per)$", "tax_rate"),
    (r"^(?:gst|tax|[cisu]gst|utgst|vat|cess|add)(?:amt|amount|value|rs)?$|^कर$", "tax"),
    (
        r"^(?:amount|amt|total|value|nettotal|netamt|netamount|lineamount|linetotal|subtotal|rakam|राशि|रकम|कुल|amountrs|amtrs|totalrs|netvalue|ttl)$",
        "amount",
    ),
)
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


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: what it stands for, where, and whether it says that its numbers are percentages."""

    column: Column
    left: float
    right: float
    percent: bool = False


def find_headings(rows: Sequence[Row]) -> tuple[int, int, list[Heading]] | None:
    """Find the row (or two) of headings.

    Returns
    -------
    (int, int, list of Heading) or None
        First heading row, first row after, and the columns from left to right.
    """
    best: tuple[int, int] | None = None
    for place, row in enumerate(rows):
        if label_of(row) in {"subtotal", "total"} and any(number.is_money for number in row.numbers()):
            break  # what looks like headings under the total is a summary of taxes
        kinds = {heading.column for heading in _headings_of(row)}
        stated = len(kinds) >= 2 and kinds & {"amount", "rate", "quantity"}
        if (
            stated
            and not any(n.is_money for n in row.numbers())
            and (best is None or len(kinds) > best[0] + 1)
        ):
            best = len(kinds), place
    if best is None:
        return None
    place = best[1]
    headings = _headings_of(rows[place])
    after = place + 1
    while after < len(rows) and after <= place + 2 and not rows[after].numbers():
        more = _headings_of(rows[after])
        units_only = all(squash(w.text) in {"rm", "rs", "inr", ""} for w in rows[after].words)
        if not more and not units_only:
            break
        have = {heading.column for heading in headings}
        headings += [heading for heading in more if heading.column not in have]
        after += 1
    return place, after, _numbered(sorted(headings, key=lambda heading: heading.left))


def _numbered(headings: Sequence[Heading]) -> list[Heading]:
    """Give the second and third column of taxes a name of its own."""
    seen: dict[Column, int] = {}
    found = []
    for heading in headings:
        before = seen.get(heading.column, 0)
        seen[heading.column] = before + 1
        further = _FURTHER.get(heading.column, ())
        if 0 < before <= len(further):
            heading = replace(heading, column=further[before - 1])  # noqa: PLW2901 (the renamed one)
        found.append(heading)
    return found


def _headings_of(row: Row) -> list[Heading]:
    """Recognise the headings in a row, one word or two words together."""
    found: list[Heading] = []
    words = row.words
    place = 0
    while place < len(words):
        for span in (3, 2, 1):
            part = words[place : place + span]
            if len(part) < span or not _one_heading(part):
                continue
            column = _column_named(" ".join(word.text for word in part))
            if column is not None:
                named = " ".join(word.text for word in part).lower()
                percent = "%" in named or "percent" in named or column == "tax_rate"
                found.append(Heading(column, part[0].box.left, part[-1].box.right, percent))
                place += span
                break
        else:
            place += 1
    return found


def _one_heading(part: Sequence[Word]) -> bool:
    """Tell whether words stand close enough to be one heading: 'GST Amount', not 'GST' and 'Amount'."""
    return all(
        after.box.left - before.box.right <= 0.8 * max(before.box.height, after.box.height)
        for before, after in pairwise(part)
    )


def _column_named(text: str) -> Column | None:
    """Return the column that a heading names."""
    letters = squash(text)
    if "%" in text:
        letters += (
            ""
            if letters.endswith(("rate", "percent"))
            else "rate"
            if re.match(r"^(?:gst|tax|[cisu]gst|utgst|vat|cess)$", letters)
            else ""
        )
    for pattern, column in _HEADINGS:
        if letters and re.search(pattern, letters):
            return column
    return None


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
