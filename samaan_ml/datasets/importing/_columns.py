"""Which column is which: headings of invoices and shop sheets, in English, Hindi and Roman Hindi."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from samaan_ml.exceptions import DataError

__all__ = ["FIELDS", "best_header", "map_columns", "normalised"]

FIELDS: dict[str, tuple[str, ...]] = {
    # the surest heading first
    "date": (
        "invoice date", "invoicedate", "bill date", "order date", "sale date", "transaction date", "date", "datetime",
        "date time", "invoice timestamp", "transaction timestamp", "timestamp", "voucher date", "day", "dt", "ds",
        "order purchase timestamp", "created at", "sold at", "sold on", "dinank", "tarikh", "taarikh", "तारीख", "दिनांक",
        "तिथि", "दिन",
    ),
    "item": (
        "stock code", "stockcode", "sku", "sku id", "sku code", "item id", "itemid", "item code", "itemcode",
        "product id", "productid", "product code", "article", "article code", "barcode", "ean", "upc", "plu",
        "item no", "item number", "material", "item", "product", "items", "goods", "saman", "samaan", "maal", "vastu",
        "सामान", "वस्तु", "आइटम", "माल", "सामग्री", "उत्पाद",
    ),
    "name": (
        "item name", "product name", "description", "item description", "product description", "particulars",
        "details", "name of item", "name", "naam", "विवरण", "नाम", "सामान का नाम", "वस्तु का नाम",
    ),
    "quantity": (
        "quantity", "qty", "units", "units sold", "quantity sold", "qty sold", "pcs", "pieces", "nos", "count", "sold",
        "sales qty", "billed qty", "no of units", "matra", "nag", "मात्रा", "नग", "संख्या", "बिक्री मात्रा",
    ),
    "price": (
        "unit price", "unitprice", "selling price", "sale price", "sales price", "price", "rate", "unit rate",
        "item price", "price per unit", "sp", "bhav", "bhaav", "dar", "keemat", "दर", "भाव", "मूल्य", "रेट", "कीमत",
    ),
    "amount": (
        "line total", "amount", "total", "total amount", "net amount", "sales value", "line amount", "value",
        "sales amount", "net sales", "total price", "rakam", "rashi", "kul", "राशि", "रकम", "कुल", "कुल राशि",
    ),
    "invoice": (
        "invoice no", "invoiceno", "invoice number", "invoice id", "invoice", "bill no", "billno", "bill number",
        "bill", "order id", "order no", "order number", "transaction id", "basket id", "receipt no", "receipt id",
        "voucher no", "memo no", "बिल नं", "बिल संख्या", "बिल", "बिल नंबर",
    ),
    "customer": (
        "customer id", "customerid", "customer code", "customer no", "customer", "customer name", "cust id", "party",
        "party name", "client id", "client", "buyer", "household id", "household key", "grahak", "khata",
        "ग्राहक", "पार्टी", "ग्राहक का नाम", "खाता",
    ),
    "shop": (
        "shop id", "shopid", "shop", "store id", "storeid", "store", "store code", "store nbr", "outlet", "outlet id",
        "branch", "branch code", "location id", "dukan", "dukaan", "दुकान", "शाखा",
    ),
    "category": (
        "category", "product category", "item category", "item group", "department", "group", "family", "class",
        "shreni", "श्रेणी", "वर्ग",
    ),
    "kind": (
        "dr/cr", "drcr", "dr cr", "debit/credit", "transaction type", "voucher type", "type", "sale/return",
        "invoice type", "line type", "प्रकार",
    ),
    "cost": ("unit cost", "cost price", "purchase price", "cost", "cp", "landing cost", "लागत", "खरीद मूल्य"),
    "mrp": ("mrp", "m r p", "maximum retail price", "list price", "printed price", "एमआरपी"),
    "debit": ("debit", "dr", "given", "gave", "udhaar", "udhar", "credit given", "diya", "उधार", "नामे", "दिया"),
    "credit": ("credit", "cr", "received", "got", "paid", "payment", "jama", "mila", "जमा", "मिला", "भुगतान"),
    "due": ("due date", "due on", "due", "pay by", "promise date", "देय तिथि", "वादा"),
}  # fmt: skip
"""Each field and its known headings, the surest first."""

_NOISE = {"rs", "inr", "₹", "in", "the", "of", "no", "per", "रु", "रुपये", "में", "(rs)"}


def normalised(heading: object) -> str:
    """Write a heading in lower case, CamelCase split, punctuation as spaces.

    Examples
    --------
    >>> normalised("InvoiceNo."), normalised("Unit_Price (Rs.)"), normalised("  मात्रा ")
    ('invoice no', 'unit price rs', 'मात्रा')
    """
    text = unicodedata.normalize("NFC", str(heading)).strip()
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).casefold()
    return " ".join("".join(c if _is_letter(c) else " " for c in text).split())


def map_columns(
    columns: Sequence[object], fields: Sequence[str], given: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Find the position of each field's column; a field without one is left out.

    Parameters
    ----------
    columns : sequence of object
        The headings.
    fields : sequence of str
        Keys of `FIELDS` that are wanted.
    given : mapping of str to str or None, default=None
        Headings named by the user, which win.

    Returns
    -------
    dict of str to int
        Positions by field; no position twice.

    Raises
    ------
    DataError
        When a given field or heading is unknown, or a field's heading is there twice.

    Examples
    --------
    >>> map_columns(["InvoiceNo", "StockCode", "Quantity", "InvoiceDate"], ["date", "item", "quantity"])
    {'date': 3, 'item': 1, 'quantity': 2}
    """
    found = _given_columns(columns, fields, given or {})
    scored = sorted(
        (
            (-score, fields.index(field), position)
            for field in fields
            if field not in found
            for position, heading in enumerate(columns)
            if position not in found.values() and (score := _score(heading, field)) > 0
        ),
        key=lambda candidate: candidate,
    )
    for _, index, position in scored:
        if fields[index] not in found and position not in found.values():
            found[fields[index]] = position
    return {field: found[field] for field in fields if field in found}


def best_header(rows: Sequence[Sequence[object]], fields: Sequence[str]) -> int:
    """Return which of the first rows of a sheet is its heading: the one that names the most fields."""
    counts = [len(map_columns(row, fields)) for row in rows]
    return max(range(len(rows)), key=lambda number: (counts[number], -number)) if rows else 0


def _given_columns(
    columns: Sequence[object], fields: Sequence[str], given: Mapping[str, str]
) -> dict[str, int]:
    """Resolve the headings that the user named."""
    found: dict[str, int] = {}
    headings = [str(column).strip() for column in columns]
    for field, heading in given.items():
        if field not in fields:
            raise DataError(f"'{field}' is not a field of this format; use one of {', '.join(fields)}")
        matches = [n for n, each in enumerate(headings) if each == heading]
        matches = matches or [n for n, each in enumerate(headings) if normalised(each) == normalised(heading)]
        if len(matches) != 1:
            many = "is there more than once" if matches else "is not there"
            raise DataError(f"column '{heading}' {many}; the columns are {', '.join(headings)}")
        found[field] = matches[0]
    return found


def _score(heading: object, field: str) -> float:
    """Tell how surely a heading names a field: 2 and less when known, below 1 when it holds a known one."""
    text = normalised(heading)
    known = FIELDS[field]
    plain = " ".join(word for word in text.split() if word not in _NOISE)
    for rank, candidate in enumerate(known):
        if normalised(candidate) in (text, plain):
            return 2.0 - rank / 100
    words = set(text.split())
    for rank, candidate in enumerate(known):
        wanted = normalised(candidate).split()
        if len("".join(wanted)) > 2 and set(wanted) <= words:
            return 0.9 - rank / 100 - 0.05 * (len(words) - len(wanted))
    return 0.0


def _is_letter(character: str) -> bool:
    """Tell letters, digits and the vowel signs of Indian scripts from punctuation."""
    return character == "₹" or unicodedata.category(character)[0] in "LNM"
