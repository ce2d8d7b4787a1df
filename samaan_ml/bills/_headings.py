"""Find the headings of a bill's table and the columns that they name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from samaan_ml.bills._foot import label_of
from samaan_ml.bills._layout import Row, Word, squash

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
    """Return the second and third column of taxes a name of its own."""
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
    """Return whether words stand close enough to be one heading: 'GST Amount', not 'GST' and 'Amount'."""
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
