"""An engine's own opinion on what is what: taken for the layout, never against the arithmetic."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from samaan_ml.bills._dates import find_date
from samaan_ml.bills._draft import BillDraft, DateField, TextField
from samaan_ml.bills._foot import Foot, read_foot
from samaan_ml.bills._gst import find_gstin
from samaan_ml.bills._headings import Column
from samaan_ml.bills._layout import Number, Row, Word
from samaan_ml.bills._numbers import parse_numeral, parse_percent, parse_quantity
from samaan_ml.bills._table import Cell, GoodsRow
from samaan_ml.bills._tokens import Hint, Reading

_COLUMNS: dict[str, Column] = {
    "quantity": "quantity",
    "rate": "rate",
    "discount": "discount",
    "tax": "tax",
    "amount": "amount",
}


def apply_head_hints(draft: BillDraft, reading: Reading, today: date) -> BillDraft:
    """Put the engine's supplier, number and date in the place of the layout's."""
    for hint in reading.hints:
        text = _text(hint, reading)
        if hint.line is not None or not text:
            continue
        confidence = min(reading.tokens[t].confidence for t in hint.tokens)
        if hint.kind in {"supplier", "supplier_address", "number"}:
            flat = " ".join(text.split())
            draft = replace(draft, **{hint.kind: TextField(flat, text, hint.tokens, confidence, "read")})  # type: ignore[arg-type]
        elif hint.kind == "supplier_gstin":
            found = find_gstin(text)
            if found and found[1]:
                draft = replace(
                    draft, supplier_gstin=TextField(found[0], text, hint.tokens, confidence, "checked")
                )
        elif hint.kind == "date":
            day = find_date(text, today)
            if day is not None:
                draft = replace(draft, bill_date=DateField(day[0], text, hint.tokens, confidence, "read"))
    return draft


def hinted_goods(reading: Reading) -> list[GoodsRow]:
    """Build the lines of goods that the engine found, in its order."""
    lines: dict[int, GoodsRow] = defaultdict(GoodsRow)
    for hint in reading.hints:
        if hint.line is None or not hint.tokens:
            continue
        row = lines[hint.line]
        if hint.kind == "description":
            row.words += [
                Word(reading.tokens[t].text, reading.tokens[t].box, t, reading.tokens[t].page)
                for t in hint.tokens
            ]
        elif hint.kind in _COLUMNS:
            cell = _cell(hint, reading)
            if cell is not None:
                row.cells[_COLUMNS[hint.kind]] = cell
    return [lines[place] for place in sorted(lines) if "amount" in lines[place].cells]


def hinted_foot(reading: Reading, rows: Sequence[Row]) -> Foot | None:
    """Read the foot by its labels and let the engine's total, subtotal and tax overrule."""
    hints = [
        hint
        for hint in reading.hints
        if hint.line is None and hint.kind in {"subtotal", "total", "tax", "discount"}
    ]
    if not hints:
        return None
    foot = read_foot(rows, 0)
    taxes: list[tuple[str, Number]] = []
    for hint in hints:
        cell = _cell(hint, reading)
        if cell is None or cell.percent is not None:
            continue
        if hint.kind == "tax":
            taxes.append(("tax", cell.number))
        elif hint.kind == "total":
            foot.total = cell.number
        elif hint.kind == "subtotal":
            foot.subtotal = cell.number
        else:
            foot.discount = cell.number
    foot.taxes = taxes or foot.taxes
    return foot


def _text(hint: Hint, reading: Reading) -> str:
    """Join the texts of a hint's tokens."""
    return " ".join(reading.tokens[t].text for t in hint.tokens).strip()


def _cell(hint: Hint, reading: Reading) -> Cell | None:
    """Read the number that a hint points to."""
    text = _text(hint, reading)
    box = reading.tokens[hint.tokens[-1]].box if hint.tokens else None
    if box is None:
        return None
    percent = parse_percent(text)
    numeral = parse_numeral(text, repair_letters=True)
    quantity = parse_quantity(text) if hint.kind == "quantity" else None
    if percent is not None or (numeral is None and quantity is not None):
        digits = "".join(c for c in text if c.isdigit() or c == ".").strip(".")
        numeral = parse_numeral(digits)
    if numeral is None:
        return None
    return Cell(Number(numeral, text, box, hint.tokens, marked=True), percent, quantity)
