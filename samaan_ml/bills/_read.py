"""Tokens in, a draft of the bill out: layout, labels, then the arithmetic that has the last word."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from samaan_ml.bills._balance import PrintedFoot
from samaan_ml.bills._checks import check_bill, doubts
from samaan_ml.bills._draft import (
    NO_NUMBER,
    NO_TEXT,
    BillDraft,
    BillLine,
    NumberField,
    TextField,
)
from samaan_ml.bills._foot import Foot, read_foot
from samaan_ml.bills._gst import gst_rates
from samaan_ml.bills._head import (
    find_address,
    find_bill_date,
    find_due_date,
    find_number,
    find_supplier,
    find_tax_number,
)
from samaan_ml.bills._headings import Heading, find_headings
from samaan_ml.bills._hints import apply_head_hints, hinted_foot, hinted_goods
from samaan_ml.bills._injection import find_suspicions, quarantined
from samaan_ml.bills._layout import Row, rows_of
from samaan_ml.bills._line_repair import PrintedLine
from samaan_ml.bills._meaning import (
    Meaning,
    infer_meaning,
    printed_free,
    printed_in_units,
    printed_line,
    printed_number,
)
from samaan_ml.bills._printed import Printed
from samaan_ml.bills._settle import Settlement, Verdict, settle
from samaan_ml.bills._table import GoodsRow, read_rows_without_headings, read_table
from samaan_ml.bills._tokens import Reading, Token
from samaan_ml.domain.money import divide_half_away

_MAX_LINES = 150
_LONGEST_TITLE = 40
_CREDIT_NOTE = re.compile(
    r"creditnote|creditmemo|salesreturn|returnnote|goodsreturn|क्रेडिटनोट|वापसीबिल|मालवापसी"
)


def read_bill(reading: Reading, *, today: date) -> BillDraft:
    """Make a draft of a bill from what an engine read.

    Parameters
    ----------
    reading : Reading
        Words or lines with boxes, and the engine's hints where it has any.
    today : date
        The shop's day; no bill is dated later than tomorrow.

    Returns
    -------
    BillDraft
        Every field with its tokens, its status and, where the paper allows more than one reading, the choices.
        Nothing on the paper is followed as an instruction; text that tries is listed in `suspicions`.

    Examples
    --------
    >>> from samaan_ml.bills import Box, Reading, Token
    >>> rows = ["GUPTA_TRADERS", "Item Qty Rate Amount", "Dal 2 45.00 90.00", "Rice 5 60.00 800.00", "Total - - 390.00"]
    >>> tokens = [
    ...     Token(word.replace("_", " "), Box(120.0 * column, 20.0 * row, 120.0 * column + 50, 20.0 * row + 12))
    ...     for row, text in enumerate(rows)
    ...     for column, word in enumerate(text.split())
    ... ]
    >>> draft = read_bill(Reading("example", tuple(tokens)), today=date(2026, 11, 23))
    >>> draft.supplier.value, draft.lines[1].amount.value, draft.lines[1].amount.status
    ('GUPTA TRADERS', 30000, 'repaired')
    """
    seen = [(row.text, row.tokens) for row in rows_of(reading)]
    barred = quarantined(reading.tokens, seen)
    if barred:
        reading = replace(
            reading, hints=tuple(hint for hint in reading.hints if barred.isdisjoint(hint.tokens))
        )
    rows = rows_of(reading, without=barred)
    headings = find_headings(rows)
    goods_start = headings[1] if headings else _first_priced_row(rows)
    foot = hinted_foot(reading, rows) or read_foot(rows, goods_start if headings else max(1, goods_start - 1))
    hinted = hinted_goods(reading)
    goods = hinted or _goods(rows, headings, goods_start, foot)
    draft = _head(reading, rows, headings[0] if headings else goods_start, today)
    goods = goods[:_MAX_LINES]
    note = _is_credit_note(rows, headings[0] if headings else goods_start, foot, goods)
    meaning = infer_meaning(goods, reading.tokens)
    lines = [(row, *printed_in_units(row, reading.tokens, meaning)) for row in goods]
    draft = replace(
        draft,
        kind="credit_note" if note else "bill",
        lines=tuple(
            replace(_texts_of_line(row, reading.tokens), rate_unit_milli=rate_unit)
            for row, _, rate_unit in lines
        ),
        suspicions=find_suspicions(reading.tokens, seen),
        old_balance=_as_read(printed_number(foot.old_balance, 2, reading.tokens)),
    )
    printed = [replace(line, negative=line.negative and not note) for _, line, _ in lines]
    printed_foot = print_foot(foot, reading.tokens)
    draft = settle_numbers(draft, printed, printed_foot, today, under_headings=bool(headings or hinted))
    return replace(draft, violations=(*draft.violations, *doubts(goods, draft, find_due_date(rows, today))))


def _is_credit_note(rows: Sequence[Row], end: int, foot: Foot, goods: Sequence[GoodsRow]) -> bool:
    """Tell a credit note by its title, or by a total below zero."""
    titled = any(
        _CREDIT_NOTE.search(row.letters) and len(row.letters) <= _LONGEST_TITLE for row in rows[: max(end, 1)]
    )
    below = foot.total is not None and foot.total.numeral.negative
    return titled or (below and all(row.negative for row in goods))


def _goods(
    rows: Sequence[Row], headings: tuple[int, int, list[Heading]] | None, start: int, foot: Foot
) -> list[GoodsRow]:
    """Read the goods between the headings (or the first priced row) and the foot."""
    if headings is not None:
        found = read_table(rows[headings[1] : foot.start], headings[2])
        if found:
            return found
        start = headings[1]
    return read_rows_without_headings(rows[max(0, start - 1) : foot.start])


def _first_priced_row(rows: Sequence[Row]) -> int:
    """Return the first row that ends in money."""
    return next(
        (place for place, row in enumerate(rows) if any(n.is_money for n in row.numbers())), len(rows)
    )


def _head(reading: Reading, rows: Sequence[Row], end: int, today: date) -> BillDraft:
    """Read who, which and when."""
    tokens = reading.tokens
    supplier, _, after = find_supplier(rows, tokens, end)
    draft = BillDraft(
        engine=reading.engine,
        supplier=supplier,
        supplier_address=find_address(rows, tokens, after, end) if supplier.value else NO_TEXT,
        supplier_gstin=find_tax_number(rows, tokens, end),
        number=find_number(rows, tokens),
        bill_date=find_bill_date(rows, tokens, today),
    )
    return apply_head_hints(draft, reading, today)


def settle_numbers(
    draft: BillDraft, printed: Sequence[PrintedLine], foot: PrintedFoot, today: date, *, under_headings: bool
) -> BillDraft:
    """Settle the numbers of a draft whose lines hold their texts already, and list the rules it then breaks."""
    foot = replace(foot, charges=foot.charges or _balance_as_charge(draft))
    settlement = settle(
        printed, foot, gst_rates(draft.bill_date.value or today), under_headings=under_headings
    )
    lines = tuple(
        _with_verdicts(line, numbers, verdicts, holds=holds, sum_holds=settlement.sum_holds)
        for line, numbers, verdicts, holds in zip(
            draft.lines, printed, settlement.lines, settlement.line_holds, strict=True
        )
    )
    found = settlement.foot
    draft = replace(
        draft,
        lines=lines,
        subtotal=_number(foot.subtotal, found["subtotal"], settlement.sum_holds),
        discount=_number(foot.discount, found["discount"], settlement.sum_holds),
        charges=_number(foot.charges, found["charges"], settlement.sum_holds),
        round_off=_signed(_number(foot.round_off, found["round_off"], settlement.sum_holds), foot),
        total=_number(foot.total, found["total"], settlement.sum_holds),
        tax=_taxes(foot, settlement),
        tax_in_amounts=settlement.form.tax_in_amount or not settlement.taxes_added,
    )
    if draft.old_balance.value:
        draft = replace(draft, charges=NO_NUMBER)
    draft = replace(draft, violations=check_bill(draft, settlement, today))
    return _negative(draft) if draft.kind == "credit_note" else draft


def _balance_as_charge(draft: BillDraft) -> Printed | None:
    """Return an old balance as what the total holds beside the goods."""
    field = draft.old_balance
    if not field.value:
        return None
    return Printed(str(field.value), 1, field.text, field.tokens, field.confidence)


def _negative(draft: BillDraft) -> BillDraft:
    """Return the numbers of a credit note their sign."""

    def turned(field: NumberField) -> NumberField:
        value = None if field.value is None else -abs(field.value)
        return replace(field, value=value, options=tuple(-abs(option) for option in field.options))

    lines = tuple(
        replace(
            line,
            quantity=turned(line.quantity),
            free=turned(line.free),
            discount=turned(line.discount),
            tax=turned(line.tax),
            amount=turned(line.amount),
        )
        for line in draft.lines
    )
    return replace(
        draft,
        lines=lines,
        subtotal=turned(draft.subtotal),
        tax=turned(draft.tax),
        discount=turned(draft.discount),
        total=turned(draft.total),
    )


def print_foot(foot: Foot, tokens: Sequence[Token]) -> PrintedFoot:
    """Turn the foot's numerals into evidence."""
    taxes = [(label, printed_number(number, 2, tokens)) for label, number in foot.taxes]
    kept = [(label, tax) for label, tax in taxes if tax is not None]
    total = printed_number(foot.total, 2, tokens)
    halves = len(kept) == 2 and any("cgst" in label or "central" in label for label, _ in kept)
    return PrintedFoot(
        printed_number(foot.subtotal, 2, tokens),
        printed_number(foot.discount, 2, tokens),
        printed_number(foot.charges, 2, tokens),
        printed_number(foot.round_off, 2, tokens),
        None if total is None else replace(total, copies=foot.copies),
        tuple(tax for _, tax in kept),
        -1 if foot.round_off is not None and foot.round_off.numeral.negative else 1,
        halves,
    )


def _texts_of_line(row: GoodsRow, tokens: Sequence[Token]) -> BillLine:
    """Make a line of the draft with all that no equation speaks of."""
    text = " ".join(word.text for word in row.words)
    cell = row.cells.get("quantity")
    free = printed_free(row, tokens)
    unit = cell.quantity.unit if cell is not None and cell.quantity is not None else None
    rate = row.cells.get("tax_rate") or row.cells.get("tax")
    basis_points = printed_line(row, tokens, Meaning()).tax_bp
    return BillLine(
        description=_text(text, tuple(dict.fromkeys(word.token for word in row.words)), tokens),
        hsn=_text(row.hsn.text, (row.hsn.token,), tokens) if row.hsn else NO_TEXT,
        free=_as_read(free),
        unit=unit or row.unit,
        tax_basis_points=(
            NO_NUMBER
            if basis_points is None or rate is None
            else NumberField(basis_points, rate.number.text, rate.number.tokens, 1.0, "read")
        ),
    )


def _with_verdicts(
    line: BillLine, printed: PrintedLine, verdicts: dict[str, Verdict[int]], *, holds: bool, sum_holds: bool
) -> BillLine:
    """Put the settled numbers into a line."""
    if printed.amount is None:
        # One equation less: enough to raise a doubt, not to settle it.
        verdicts = {
            name: replace(verdict, share=min(verdict.share, 0.9)) for name, verdict in verdicts.items()
        }
        holds = False
    rate = _number(printed.rate, verdicts["rate"], holds)
    return replace(
        line,
        quantity=_in_base_units(_number(printed.quantity, verdicts["quantity"], holds), line.rate_unit_milli),
        rate=replace(
            rate, value=_paise(rate.value), options=tuple(dict.fromkeys(map(_whole_paise, rate.options)))
        ),
        discount=_number(printed.discount, verdicts["discount"], holds),
        tax=_number(printed.tax, verdicts["tax"], holds),
        amount=_number(printed.amount, verdicts["amount"], holds or sum_holds),
    )


def _in_base_units(field: NumberField, milli: int) -> NumberField:
    """Turn a quantity in the unit of its rate into thousandths of the base unit."""
    if milli == 1000:
        return field
    value = None if field.value is None else field.value * milli // 1000
    return replace(field, value=value, options=tuple(option * milli // 1000 for option in field.options))


def _whole_paise(value: int) -> int:
    """Round 1/100 paise to paise."""
    return divide_half_away(value, 100)


def _paise(value: int | None) -> int | None:
    """Round 1/100 paise to paise, where there are any."""
    return None if value is None else _whole_paise(value)


def _text(text: str, used: tuple[int, ...], tokens: Sequence[Token]) -> TextField:
    """Make a text field."""
    if not text:
        return NO_TEXT
    return TextField(text, text, used, min((tokens[t].confidence for t in used), default=0.0), "read")


def _as_read(printed: Printed | None) -> NumberField:
    """Make a number field that no equation speaks of."""
    if printed is None:
        return NO_NUMBER
    return NumberField(printed.value, printed.text, printed.tokens, printed.confidence, "read")


def _number(printed: Printed | None, verdict: Verdict[int], holds: bool) -> NumberField:
    """Make a number field from what is printed and what the equations say of it."""
    if printed is None:
        return NumberField(verdict.value, "", (), verdict.share, "computed") if verdict.value else NO_NUMBER
    share = min(1.0, verdict.share)
    if printed.certain:
        return NumberField(verdict.value, "", (), 1.0, "typed")
    as_read = abs(verdict.value) == printed.value
    if as_read and (verdict.clear or not holds):
        return NumberField(verdict.value, printed.text, printed.tokens, share, "checked" if holds else "read")
    if verdict.clear:
        return NumberField(verdict.value, printed.text, printed.tokens, share, "repaired")
    as_printed = -printed.value if verdict.value < 0 else printed.value
    options = tuple(dict.fromkeys((*verdict.options, as_printed)))
    return NumberField(None, printed.text, printed.tokens, share, "ask", options)


def _signed(field: NumberField, foot: PrintedFoot) -> NumberField:
    """Return a rounding that is printed with a minus sign its sign: its digits were compared without."""
    if foot.round_off is None or foot.round_off_sign > 0 or field.status != "ask":
        return field
    return replace(field, options=tuple(-abs(option) for option in field.options))


def _taxes(foot: PrintedFoot, settlement: Settlement) -> NumberField:
    """Add the foot's taxes up into one field."""
    if not foot.taxes:
        return NO_NUMBER
    parts = [
        _number(tax, verdict, settlement.sum_holds)
        for tax, verdict in zip(foot.taxes, settlement.taxes, strict=True)
    ]
    values = [part.value for part in parts]
    whole = None if None in values else sum(value for value in values if value is not None)
    status = next(
        (s for s in ("ask", "repaired", "checked") if any(part.status == s for part in parts)), "read"
    )
    used = tuple(dict.fromkeys(t for part in parts for t in part.tokens))
    share = min(part.confidence for part in parts)
    return NumberField(whole, " + ".join(part.text for part in parts), used, share, status)  # type: ignore[arg-type]
