"""A sheet of past sales as shops keep them: headings in several words, lakh commas, day-first dates."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from serving.errors import InvalidInput
from serving.sales.workbook import MAGIC, read_workbook

MAX_ROWS = 250_000
_LARGEST = Decimal(10**9)
_FINEST_DIGITS = 12
_LARGEST_MILLI, _LARGEST_PRICE_PAISE, _LARGEST_AMOUNT_PAISE = 10**9, 10**9, 10**11
_HEADINGS = {
    "date": ("date", "day", "sold_on", "bill date", "invoice date", "तारीख", "दिनांक"),
    "item": ("item_id", "item", "sku", "product", "item name", "particulars", "description", "वस्तु", "सामान"),
    "quantity": ("quantity", "qty", "units", "nos", "pcs", "मात्रा"),
    "price": ("unit_price", "price", "rate", "mrp", "दर", "भाव"),
    "amount": ("amount", "total", "value", "net amount", "amount (rs)", "राशि", "रकम"),
    "side": ("dr/cr", "drcr", "dr cr", "type", "नामे/जमा"),
}
_HEADINGS_WITHIN = 20
_TOTAL_WORDS = """total, grand total, sub total, subtotal, sum, opening balance, closing balance, c/f, b/f,
कुल, योग, कुल योग, जोड़"""
_TOTALS = frozenset(word.strip() for word in _TOTAL_WORDS.split(","))
_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")
_DEBIT = re.compile(r"(?<![a-z])(dr|debit|नामे)\.?$", re.IGNORECASE)
_UNIT_WORDS = {
    "1": "kg kgs kilo l ltr litre pc pcs nos no pkt packet किलो नग",
    "0.001": "g gm gms gram ml ग्राम",
    "12": "dz doz dozen दर्जन",
}
_UNITS = {unit: Decimal(factor) for factor, units in _UNIT_WORDS.items() for unit in units.split()}
_WITH_UNIT = re.compile(
    rf"(.*[0-9०-९])\s*({'|'.join(sorted(_UNITS, key=len, reverse=True))})\.?", re.IGNORECASE
)
_NUMERIC_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%y", "%Y-%m-%d %H:%M:%S")
_DATES = (*_NUMERIC_DATES, "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that can be taken in."""

    on: date
    item: str
    quantity_milli: int
    unit_price_paise: int
    amount_paise: int


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot, by its number in the sheet, and why."""

    row: int
    reason: str


def read_sheet(data: bytes, today: date) -> tuple[list[SheetRow], list[BadRow]]:
    """Read a CSV sheet or an Excel workbook; good and bad rows come apart, none is dropped in silence.

    What stands above the headings is passed over. A date that is given once for several rows holds for them all.

    Raises
    ------
    InvalidInput
        When it is no text and no workbook, has no known headings or is too long.
    """
    lines = enumerate(_lines(data), start=1)
    try:
        columns = _headings(lines)
        good: list[SheetRow] = []
        bad: list[BadRow] = []
        last_date = ""
        for number, cells in lines:
            if number > MAX_ROWS + 1:
                raise InvalidInput(
                    f"the sheet has more than {MAX_ROWS} rows", field="file", hint="send it in parts"
                )
            if not any(cell.strip() for cell in cells):
                continue
            dated = cells[columns["date"]].strip() if columns["date"] < len(cells) else ""
            last_date = dated or last_date
            try:
                good.append(_row(cells, columns, last_date, today))
            except ValueError as error:
                bad.append(BadRow(number, str(error)))
    except csv.Error as error:
        raise InvalidInput(f"the sheet cannot be read: {error}", field="file") from None
    return good, bad


def _lines(data: bytes) -> Iterator[list[str]]:
    """Part a sheet into rows of cells."""
    if data.startswith(MAGIC):
        return read_workbook(data)
    return csv.reader(io.StringIO(_text(data)), delimiter=_delimiter(data))


def _headings(lines: Iterator[tuple[int, list[str]]]) -> dict[str, int]:
    """Find the row of headings among the first ones; the name of the shop and a period may stand above it."""
    first: list[str] = []
    for number, cells in lines:
        first = first or cells
        columns = _columns(cells)
        if columns is not None:
            return columns
        if number >= _HEADINGS_WITHIN:
            break
    raise InvalidInput(
        f"no row of headings with a date, an item, a quantity and a price or amount; the first row is: "
        f"{', '.join(first[:12])[:200] or 'nothing'}",
        field="file",
        hint="name the columns date, item_id, quantity, unit_price (or amount)",
    )


def _text(data: bytes) -> str:
    """Decode the sheet."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            "the sheet is not a UTF-8 text", field="file", hint="save it as CSV (UTF-8)"
        ) from None


def _delimiter(data: bytes) -> str:
    """Tell what parts the cells: the mark that the richest of the first lines has most of."""
    head = data[:8192].splitlines()[:_HEADINGS_WITHIN]
    return max(
        (",", ";", "\t"), key=lambda mark: max((line.count(mark.encode()) for line in head), default=0)
    )


def _columns(heads: list[str]) -> dict[str, int] | None:
    """Find the columns by their headings, or return None where some are missing."""
    known = [re.sub(r"[\s_]+", " ", head).strip(" .:*").casefold() for head in heads]
    found: dict[str, int] = {}
    for field, words in _HEADINGS.items():
        for word in words:
            if word.replace("_", " ") in known:
                found[field] = known.index(word.replace("_", " "))
                break
    whole = {"date", "item", "quantity"} <= found.keys() and {"price", "amount"} & found.keys()
    return found if whole else None


def _row(cells: list[str], columns: dict[str, int], dated: str, today: date) -> SheetRow:
    """Read one row under the date that holds for it, or raise ValueError with the reason."""
    values = {field: cells[place].strip() if place < len(cells) else "" for field, place in columns.items()}
    if values["item"].casefold().strip(" .:") in _TOTALS:
        raise ValueError(f"'{values['item']}' is a line of sums, no sale")
    if any(_DEBIT.search(values.get(field, "")) for field in ("side", "amount")):
        raise ValueError("the amount is a debit (Dr), which takes a sale back; enter returns as returns")
    on = _date(dated.translate(_DIGITS))
    if on > today:
        raise ValueError(f"the date {on} lies in the future")
    if on.year < 2000:
        raise ValueError(f"the date {on} lies too far back")
    item = values["item"]
    if not item or len(item) > 200 or not item.isprintable():
        raise ValueError("the item is empty, too long or not printable")
    quantity = _quantity(values["quantity"])
    if quantity <= 0:
        raise ValueError(f"the quantity {values['quantity']} is not above zero; enter returns as returns")
    milli = quantity * 1000
    if milli != milli.to_integral_value():
        raise ValueError(f"the quantity {values['quantity']} is finer than a thousandth")
    if values.get("price"):
        price = _number(values["price"], "price")
        amount = price * quantity
    else:
        amount = _number(values.get("amount", ""), "amount")
        price = amount / quantity
    if price < 0 or amount < 0:
        raise ValueError("the price is negative")
    row = SheetRow(on, item, int(milli), _paise(price), _paise(amount))
    _check_bounds(row)
    return row


def _check_bounds(row: SheetRow) -> None:
    """Refuse what a bill entered at the counter could not hold either."""
    for name, value, largest in (
        ("quantity in thousandths", row.quantity_milli, _LARGEST_MILLI),
        ("price in paise", row.unit_price_paise, _LARGEST_PRICE_PAISE),
        ("amount in paise", row.amount_paise, _LARGEST_AMOUNT_PAISE),
    ):
        if value > largest:
            raise ValueError(f"the {name} is {value}, more than {largest}")


def _date(text: str) -> date:
    """Read a date, the day first where it is not ISO."""
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a calendar day has no zone)
        except ValueError:
            continue
    raise ValueError(f"'{text[:40]}' is not a date; write it as 2026-01-31 or 31/01/2026")


def _quantity(text: str) -> Decimal:
    """Read a quantity, in the item's own unit where a part or a multiple of it stands behind the number.

    Examples
    --------
    >>> _quantity("2 kg"), _quantity("250 gm"), _quantity("1.5 dozen")
    (Decimal('2'), Decimal('0.25'), Decimal('18.0'))
    """
    match = _WITH_UNIT.fullmatch(text)
    if match is None:
        return _number(text, "quantity")
    return _number(match[1], "quantity") * _UNITS[match[2].casefold()]


def _number(text: str, field: str) -> Decimal:
    """Read a number with lakh commas, a rupee sign and Cr behind it, as people and programs write it."""
    plain = re.sub(r"(?i)^(rs\.?|inr|₹|रु\.?)\s*|\s*(/-|/=)?\s*(cr\.?|जमा)?$|,|\s", "", text)
    plain = re.sub(r"^\((.+)\)$", r"-\1", plain)
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValueError(f"the {field} '{text[:40]}' is not a number") from None
    # The exponent first: comparing or multiplying numbers of a million digits is itself an overflow.
    if not value.is_finite() or value.adjusted() > _LARGEST.adjusted() or abs(value) > _LARGEST:
        raise ValueError(f"the {field} '{text[:40]}' is too large")
    if value and value.adjusted() < -_FINEST_DIGITS:
        raise ValueError(f"the {field} '{text[:40]}' is too small")
    return value


def _paise(rupees: Decimal) -> int:
    """Round rupees to paise, halves up."""
    return int((rupees * 100 + Decimal("0.5")).to_integral_value(rounding="ROUND_FLOOR"))


def days_of(rows: list[SheetRow]) -> Iterator[tuple[date, list[SheetRow]]]:
    """Group rows by day, the oldest first."""
    by_day: dict[date, list[SheetRow]] = {}
    for row in rows:
        by_day.setdefault(row.on, []).append(row)
    yield from sorted(by_day.items())
