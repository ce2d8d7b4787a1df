"""Which column is which: headings of people and programs, in English, Hindi and Roman Hindi."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from samaan_ml.sheets._cells import text_of
from samaan_ml.sheets._errors import SheetError

__all__ = ["FIELDS", "candidates", "map_columns", "normalised"]

FIELDS: dict[str, tuple[str, ...]] = {
    # the surest heading first
    "date": (
        "invoice date", "invoicedate", "bill date", "bill dt", "order date", "sale date", "sales date", "sold date",
        "transaction date", "txn date", "voucher date", "vch date", "document date", "receipt date", "business date",
        "date", "datetime", "date time", "date and time", "date of sale", "sale day", "invoice timestamp",
        "transaction timestamp", "timestamp", "day", "dt", "ds", "order purchase timestamp", "created at",
        "created on",
        "created date", "sold at", "sold on", "dinank", "tarikh", "taarikh", "tareekh", "bikri tarikh", "din",
        "तारीख",
        "दिनांक", "तिथि", "दिन", "बिल तारीख", "बिक्री तारीख",
    ),
    "item": (
        "stock code", "stockcode", "sku", "sku id", "sku code", "lineitem sku", "item id", "itemid", "item code",
        "itemcode", "product id", "productid", "product code", "variant sku", "article", "article code", "barcode",
        "bar code", "item barcode", "ean", "ean code", "upc", "gtin", "plu", "item no", "item number",
        "material", "item",
        "product", "items", "goods", "stock item", "saman", "samaan", "maal", "vastu", "cheez", "chiz",
        "सामान", "वस्तु",
        "आइटम", "माल", "सामग्री", "उत्पाद", "चीज़", "चीज",
    ),
    "name": (
        "lineitem name", "item name", "product name", "product title", "item title", "description",
        "item description",
        "product description", "product details", "item details", "particulars", "details", "name of item",
        "name of product", "name of goods", "goods description", "description of goods", "stock item name",
        "article name",
        "product or service", "name", "saman ka naam", "samaan ka naam", "item ka naam", "vastu ka naam",
        "naam", "vivaran",
        "विवरण", "नाम", "सामान का नाम", "वस्तु का नाम", "आइटम का नाम", "उत्पाद का नाम",
    ),
    "quantity": (
        "lineitem quantity", "quantity", "qty", "billed quantity", "billed qty", "qty billed", "net qty", "units",
        "units sold", "quantity sold", "qty sold", "quantities sold", "net items sold", "items sold",
        "sold qty", "pcs",
        "pieces", "nos", "count", "sold", "sales qty", "sale qty", "no of units", "no of pcs",
        "quantity ordered", "weight",
        "matra", "maatra", "nag", "kitna", "bikri", "मात्रा", "नग", "संख्या", "बिक्री मात्रा", "कितना",
    ),
    "price": (
        "lineitem price", "unit price", "unitprice", "selling price", "sale price", "sales price", "sale rate",
        "selling rate", "price", "rate", "unit rate", "item price", "price per unit", "rate per unit", "price unit",
        "rate unit", "average price", "avg price", "avg sale price", "sp", "bhav", "bhaav", "bhaw", "dar", "keemat",
        "kimat", "daam", "dam", "दर", "भाव", "मूल्य", "रेट", "कीमत", "क़ीमत", "दाम", "बिक्री दर",
    ),
    "amount": (
        "line net amount", "net amount", "net amt", "net total", "net value", "net sales", "amount paid",
        "paid amount",
        "final amount", "final price", "amount after discount", "total after discount", "discounted amount",
        "discounted price total", "line total", "line amount", "item total", "item amount", "total amount",
        "total amt", "total price", "total value", "total sales", "total", "amount", "amt", "amount incl tax",
        "amount inc gst", "sales amount", "sale amount", "sales value", "sale value", "value", "subtotal",
        "sub total",
        "gross amount", "gross sales", "gross total", "taxable value", "taxable amount", "bill amount",
        "rakam", "raqam",
        "rashi", "paisa", "paise", "kul", "kul rakam", "kul rashi", "राशि", "रकम", "कुल", "कुल राशि",
        "कुल रकम", "पैसे",
    ),
    "unit": (
        "unit", "uom", "unit of measure", "unit of measurement", "units of measure", "qty unit", "quantity unit",
        "per", "pack unit", "ikai", "ikaai", "इकाई", "यूनिट",
    ),
    "discount": (
        "lineitem discount", "discount amount", "discount amt", "discount rs", "disc amt", "disc amount", "discount",
        "discounts", "disc", "less", "rebate", "chhoot", "chhut", "choot", "छूट", "छुट", "बट्टा",
    ),
    "discount_percent": (
        "discount percent", "discount percentage", "disc percent", "disc per", "discount %", "disc %", "dis %", "d %",
        "छूट %", "chhoot %",
    ),
    "free": ("free", "free qty", "free quantity", "scheme qty", "bonus", "मुफ़्त", "मुफ्त", "फ्री"),
    "invoice": (
        "invoice no", "invoiceno", "invoice number", "invoice id", "invoice no txn no", "invoice", "bill no",
        "billno",
        "bill number", "bill", "order id", "order no", "order number", "transaction id", "txn no", "basket id",
        "receipt no", "receipt number", "receipt id", "receipt", "vch no", "vch bill no", "voucher no", "memo no",
        "बिल नं", "बिल संख्या", "बिल", "बिल नंबर",
    ),
    "customer": (
        "customer id", "customerid", "customer code", "customer no", "customer", "customer name", "cust id", "party",
        "party name", "buyer name", "client id", "client", "buyer", "household id", "household key", "grahak",
        "khata",
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
        "dr/cr", "drcr", "dr cr", "debit/credit", "transaction type", "txn type", "voucher type", "vch type",
        "receipt type", "type", "sale/return", "invoice type", "line type", "status", "प्रकार", "नामे/जमा",
    ),
    "cost": (
        "unit cost", "cost price", "purchase price", "purchase rate", "buying price", "cost", "cp", "landing cost",
        "cost of goods", "लागत", "खरीद मूल्य",
    ),
    "mrp": ("mrp", "m r p", "maximum retail price", "list price", "printed price", "mrp rs", "एमआरपी"),
    "debit": ("debit", "dr", "given", "gave", "udhaar", "udhar", "credit given", "diya", "उधार", "नामे", "दिया"),
    "credit": ("credit", "cr", "received", "got", "paid", "payment", "jama", "mila", "जमा", "मिला", "भुगतान"),
    "due": ("due date", "due on", "due", "pay by", "promise date", "देय तिथि", "वादा"),
}  # fmt: skip
"""Each field and its known headings, the surest first."""

_UNLESS: dict[str, str] = {
    "date": """due expiry exp mfg mfd delivery birth payment period from to upto paid updated modified cancelled
        fulfilled""",
    "item": "tax discount count total group category type hsn price rate amount qty quantity unit cost mrp free party",
    "name": """party customer buyer shop store company supplier salesman cashier user staff group category file employee
        brand unit branch billing shipping""",
    "quantity": "free stock opening closing balance price rate return returned refunded available min reorder",
    "price": "purchase cost mrp buying landing wholesale total compare tax list",
    "amount": """tax discount disc gst cgst sgst igst cess vat received balance due tendered change refunded shipping
        charges round rounding cost profit return returned tip bill mrp""",
    "unit": "price rate cost amount qty quantity sold id",
    "discount": "percent percentage code account % per reason",
    "discount_percent": "amount amt rs",
    "invoice": "date type amount status total",
    "customer": "phone mobile number contact contacts address gstin email",
    "cost": "profit",
    "mrp": "",
    "kind": "payment mode financial fulfillment",
    "credit": "mode method type date terms note limit days reference card",
    "debit": "note type date card",
}
"""Words with which a heading that holds a known one means something else."""

_NOISE = {"rs", "inr", "₹", "in", "the", "of", "no", "per", "रु", "रुपये", "में", "(rs)", "a", "item", "each"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST, _MOST_WORDS, _SHORTEST = 80, 12, 3


def normalised(heading: object) -> str:
    """Write a heading in lower case, CamelCase split, punctuation as spaces.

    Examples
    --------
    >>> normalised("InvoiceNo."), normalised("Unit_Price (Rs.)"), normalised("  मात्रा "), normalised("Disc. %")
    ('invoice no', 'unit price rs', 'मात्रा', 'disc %')
    """
    text = text_of(heading)[:_LONGEST]
    text = _CAMEL.sub(" ", unicodedata.normalize("NFC", text)).casefold()
    return " ".join("".join(c if _is_letter(c) else " " for c in text).split())


def _is_letter(character: str) -> bool:
    """Tell letters, digits and the vowel signs of Indian scripts from punctuation."""
    return character in "₹%" or unicodedata.category(character)[0] in "LNM"


_KNOWN = {
    field: {normalised(known): rank for rank, known in enumerate(headings)}
    for field, headings in FIELDS.items()
}
_BY_WORD: dict[str, list[tuple[str, frozenset[str], int]]] = {}
for _field, _headings in _KNOWN.items():
    for _heading, _rank in _headings.items():
        for _word in _heading.split():
            _BY_WORD.setdefault(_word, []).append((_field, frozenset(_heading.split()), _rank))
_UNLESS_WORDS = {field: frozenset(words.split()) for field, words in _UNLESS.items()}


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
    SheetError
        When a given field or heading is unknown, or a field's heading is there twice.

    Examples
    --------
    >>> map_columns(["InvoiceNo", "StockCode", "Quantity", "InvoiceDate"], ["date", "item", "quantity"])
    {'date': 3, 'item': 1, 'quantity': 2}
    """
    found = _given_columns(columns, fields, given or {})
    taken = set(found.values())
    scored = sorted(
        (-score, fields.index(field), position)
        for field in fields
        if field not in found
        for position, heading in enumerate(columns)
        if position not in taken and (score := _score(heading, field)) > 0
    )
    for _, index, position in scored:
        if fields[index] not in found and position not in taken:
            found[fields[index]] = position
            taken.add(position)
    return {field: found[field] for field in fields if field in found}


def candidates(columns: Sequence[object], field: str) -> list[int]:
    """Return the positions that could hold a field, the likeliest first."""
    scored = [(-_score(heading, field), position) for position, heading in enumerate(columns)]
    return [position for score, position in sorted(scored) if score < 0]


def _given_columns(
    columns: Sequence[object], fields: Sequence[str], given: Mapping[str, str]
) -> dict[str, int]:
    """Resolve the headings that the user named."""
    found: dict[str, int] = {}
    headings = [text_of(column) for column in columns]
    for field, heading in given.items():
        if field not in fields:
            raise SheetError(
                f"'{field}' is not a field of this format", "columns", f"use one of {', '.join(fields)}"
            )
        matches = [n for n, each in enumerate(headings) if each == heading.strip()]
        matches = matches or [n for n, each in enumerate(headings) if normalised(each) == normalised(heading)]
        if len(matches) != 1:
            many = "stands there more than once" if matches else "is missing"
            raise SheetError(
                f"column '{heading}' {many}; the columns are {', '.join(headings)[:500]}",
                "columns",
                "name a column by its heading",
            )
        found[field] = matches[0]
    return found


def _score(heading: object, field: str) -> float:
    """Return how surely a heading names a field: up to 2 when known, below 1 when it holds a known one."""
    return _scores(normalised(heading)).get(field, 0.0)


@lru_cache(maxsize=4096)
def _scores(text: str) -> Mapping[str, float]:
    """Return the score of each field that a heading could name."""
    words = text.split()
    have = set(words)
    plain = " ".join(word for word in words if word not in _NOISE)
    scores: dict[str, float] = {}
    for field, wanted, rank in {each for word in words[:_MOST_WORDS] for each in _BY_WORD.get(word, ())}:
        if not wanted <= have or len("".join(wanted)) < _SHORTEST:
            continue
        if have & _UNLESS_WORDS.get(field, frozenset()) or (field == "discount" and "%" in have):
            continue
        score = 0.9 - rank / 200 - 0.05 * (len(have) - len(wanted))
        scores[field] = max(scores.get(field, 0.0), score)
    for field, known in _KNOWN.items():
        for form, less in ((text, 0.0), (plain, 0.005)):
            if form in known:
                scores[field] = 2.0 - known[form] / 100 - less
                break
    return scores
