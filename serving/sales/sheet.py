"""A sheet of past sales as shops keep them: headings in several words, lakh commas, day-first dates."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from serving.errors import InvalidInput

MAX_ROWS = 250_000
_LARGEST = Decimal(10**9)
_HEADINGS = {
    "date": ("date", "day", "sold_on", "bill date", "invoice date", "तारीख", "दिनांक"),
    "item": ("item_id", "item", "sku", "product", "item name", "particulars", "description", "वस्तु", "सामान"),
    "quantity": ("quantity", "qty", "units", "nos", "pcs", "मात्रा"),
    "price": ("unit_price", "price", "rate", "mrp", "दर", "भाव"),
    "amount": ("amount", "total", "value", "राशि"),
}
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%y", "%Y-%m-%d %H:%M:%S")


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
    """Read a CSV sheet; good and bad rows come apart, none is dropped in silence.

    Raises
    ------
    InvalidInput
        When it is no text, has no known headings or is too long.
    """
    lines = csv.reader(io.StringIO(_text(data)), delimiter=_delimiter(data))
    try:
        columns = _columns(next(lines, []))
        good: list[SheetRow] = []
        bad: list[BadRow] = []
        for number, cells in enumerate(lines, start=2):
            if number > MAX_ROWS + 1:
                raise InvalidInput(
                    f"the sheet has more than {MAX_ROWS} rows", field="file", hint="send it in parts"
                )
            if not any(cell.strip() for cell in cells):
                continue
            try:
                good.append(_row(cells, columns, today))
            except ValueError as error:
                bad.append(BadRow(number, str(error)))
    except csv.Error as error:
        raise InvalidInput(f"the sheet cannot be read: {error}", field="file") from None
    return good, bad


def _text(data: bytes) -> str:
    """Decode the sheet."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            "the sheet is not a UTF-8 text", field="file", hint="save it as CSV (UTF-8)"
        ) from None


def _delimiter(data: bytes) -> str:
    """Tell what parts the cells of the first line."""
    head = data[:4096].splitlines()[:1]
    first = head[0] if head else b""
    return max((",", ";", "\t"), key=lambda mark: first.count(mark.encode()))


def _columns(heads: list[str]) -> dict[str, int]:
    """Find the columns by their headings."""
    known = [re.sub(r"[\s_]+", " ", head).strip().lower() for head in heads]
    found: dict[str, int] = {}
    for field, words in _HEADINGS.items():
        for word in words:
            if word.replace("_", " ") in known:
                found[field] = known.index(word.replace("_", " "))
                break
    missing = [field for field in ("date", "item", "quantity") if field not in found]
    if missing or not {"price", "amount"} & found.keys():
        wanted = missing or ["price or amount"]
        raise InvalidInput(
            f"no column for: {', '.join(wanted)}; found {', '.join(heads[:12]) or 'nothing'}",
            field="file",
            hint="name the columns date, item_id, quantity, unit_price (or amount)",
        )
    return found


def _row(cells: list[str], columns: dict[str, int], today: date) -> SheetRow:
    """Read one row, or raise ValueError with the reason."""
    values = {field: cells[place].strip() if place < len(cells) else "" for field, place in columns.items()}
    on = _date(values["date"])
    if on > today:
        raise ValueError(f"the date {on} lies in the future")
    if on.year < 2000:
        raise ValueError(f"the date {on} lies too far back")
    item = values["item"]
    if not item or len(item) > 200 or not item.isprintable():
        raise ValueError("the item is empty, too long or not printable")
    quantity = _number(values["quantity"], "quantity")
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
    return SheetRow(on, item, int(milli), _paise(price), _paise(amount))


def _date(text: str) -> date:
    """Read a date, the day first where it is not ISO."""
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a calendar day has no zone)
        except ValueError:
            continue
    raise ValueError(f"'{text[:40]}' is not a date; write it as 2026-01-31 or 31/01/2026")


def _number(text: str, field: str) -> Decimal:
    """Read a number with lakh commas and a rupee sign, as people write it."""
    plain = re.sub(r"(?i)^(rs\.?|inr|₹)\s*|/-$|,|\s", "", text)
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValueError(f"the {field} '{text[:40]}' is not a number") from None
    if not value.is_finite() or abs(value) > _LARGEST:
        raise ValueError(f"the {field} '{text[:40]}' is too large")
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
