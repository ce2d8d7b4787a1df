"""The user's corrections: what a person typed is certain, and the arithmetic is looked at again in its light."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from samaan_ml.bills._balance import PrintedFoot
from samaan_ml.bills._draft import LINE_FIELDS, BillDraft, BillLine, DateField, NumberField, TextField
from samaan_ml.bills._gst import is_gstin
from samaan_ml.bills._line_repair import RATE_PLACES, PrintedLine
from samaan_ml.bills._numbers import parse_numeral, parse_percent, parse_quantity
from samaan_ml.bills._printed import Printed
from samaan_ml.bills._read import settle_numbers
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.money import MAX_PAISE

Typed = str | int | date | None
_TEXTS = ("supplier", "supplier_address", "supplier_gstin", "number")
_FOOT = ("subtotal", "discount", "tax", "charges", "round_off", "total")
_LINE_TEXTS = ("description", "hsn")
_LINE_SETTLED = ("quantity", "rate", "discount", "tax", "amount")


def amend(draft: BillDraft, changes: Mapping[str, Typed], *, today: date) -> BillDraft:
    """Put the user's values into a draft and recompute the rest.

    Parameters
    ----------
    draft : BillDraft
        The draft as shown.
    changes : mapping of str to str, int, date or None
        By path: "supplier", "bill_date", "total" (paise), "lines.0.rate". "lines.2": None takes a line out; a path
        into the line after the last adds one.
    today : date
        The shop's day.

    Returns
    -------
    BillDraft
        The typed fields have status "typed" and no tokens.

    Raises
    ------
    RuleError
        Naming the path: unknown, of another type, or out of range.

    Examples
    --------
    >>> amend(BillDraft(engine="typed"), {"total": 12_000}, today=date(2026, 11, 23)).total.status
    'typed'
    """
    lines = list(draft.lines)
    removed: set[int] = set()
    for path, value in sorted(changes.items()):
        head, _, rest = path.partition(".")
        if head == "lines":
            _amend_line(lines, removed, path, rest, value)
        else:
            draft = _amend_head(draft, path, value, today)
    kept = tuple(line for place, line in enumerate(lines) if place not in removed)
    draft = replace(draft, lines=kept)
    printed = [_print_line(line, note=draft.kind == "credit_note") for line in kept]
    return settle_numbers(draft, printed, _print_foot(draft), today, under_headings=len(kept) > 1)


def _amend_head(draft: BillDraft, path: str, value: Typed, today: date) -> BillDraft:
    """Put one value into the head or the foot."""
    if path in _TEXTS:
        text = _typed_text(path, value)
        if path == "supplier_gstin" and not is_gstin(text):
            raise RuleError(f"'{text}' is no GSTIN: its form or check character is wrong", field=path)
        return replace(draft, **{path: TextField(text, "", (), 1.0, "typed")})  # type: ignore[arg-type]
    if path == "bill_date":
        if not isinstance(value, date) or (value - today).days > 1:
            raise RuleError(f"'bill_date' must be a day not after tomorrow, got '{value}'", field=path)
        return replace(draft, bill_date=DateField(value, "", (), 1.0, "typed"))
    if path in _FOOT:
        below = path == "round_off" or draft.kind == "credit_note"
        number = _typed_number(path, value, least=-MAX_PAISE if below else 0)
        return replace(draft, **{path: NumberField(number, "", (), 1.0, "typed")})  # type: ignore[arg-type]
    raise RuleError(f"'{path}' is no field of a bill that can be changed", field=path)


def _amend_line(lines: list[BillLine], removed: set[int], path: str, rest: str, value: Typed) -> None:
    """Put one value into a line, add a line or take one out."""
    place_text, _, name = rest.partition(".")
    if not place_text.isdecimal() or int(place_text) > len(lines):
        raise RuleError(f"'{path}' names no line; there are {len(lines)}", field=path)
    place = int(place_text)
    if not name:
        if value is not None or place == len(lines):
            raise RuleError(f"'{path}' can only be taken out, with null", field=path)
        removed.add(place)
        return
    if name not in LINE_FIELDS:
        raise RuleError(f"'{path}' is no field of a line; use one of {', '.join(LINE_FIELDS)}", field=path)
    if place == len(lines):
        lines.append(BillLine())
    typed: TextField | NumberField
    if name in _LINE_TEXTS:
        typed = TextField(_typed_text(path, value), "", (), 1.0, "typed")
    else:
        least = -MAX_PAISE if name in ("quantity", "amount") else 0
        typed = NumberField(_typed_number(path, value, least), "", (), 1.0, "typed")
    lines[place] = replace(lines[place], **{name: typed})  # type: ignore[arg-type]


def _typed_text(path: str, value: Typed) -> str:
    """Check a typed text."""
    if not isinstance(value, str) or not value.strip() or len(value) > 300:
        raise RuleError(f"'{path}' must be a text of 1 to 300 characters, got '{value!s:.40}'", field=path)
    return " ".join(value.split())


def _typed_number(path: str, value: Typed, least: int = 0) -> int:
    """Check a typed number."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_PAISE:
        raise RuleError(
            f"'{path}' must be a whole number from {least} to {MAX_PAISE}, got '{value!s:.40}'", field=path
        )
    return value


def _print_line(line: BillLine, *, note: bool) -> PrintedLine:
    """Turn a line of a draft back into evidence: typed values certain, read ones as their text says."""
    numbers = {name: _print_number(name, getattr(line, name)) for name in _LINE_SETTLED}
    numbers["quantity"] = _print_quantity(line)
    below = any((field.value or 0) < 0 for field in (line.quantity, line.amount))
    return PrintedLine(
        **numbers,
        discount_bp=parse_percent(line.discount.text) if line.discount.text else None,
        tax_bp=line.tax_basis_points.value,
        negative=below and not note,
    )


def _print_quantity(line: BillLine) -> Printed | None:
    """Turn a quantity back into evidence, in the unit that its rate is for."""
    field, per = line.quantity, line.rate_unit_milli
    if field.status == "typed" and field.value is not None:
        milli = abs(field.value) * 1000
        return Printed(str(milli // per), 1, certain=True) if milli % per == 0 else None
    found = _print_number("quantity", field)
    if found is None or field.value is None:
        return found
    wanted = abs(field.value) * 1000 // per
    return (
        found
        if found.value == wanted or field.status == "repaired"
        else replace(found, digits=str(wanted), factor=1)
    )


def _print_number(name: str, field: NumberField) -> Printed | None:
    """Turn a field back into evidence."""
    scale = 100 if name == "rate" else 1
    if field.status == "typed" and field.value is not None:
        return Printed(str(abs(field.value)), scale, certain=True)
    if not field.tokens:
        return None
    quantity = parse_quantity(field.text) if name == "quantity" else None
    numeral = parse_numeral(field.text, repair_letters=True)
    if numeral is None:
        return None if quantity is None else Printed(str(quantity.milli), 1, field.text, field.tokens)
    places = {"quantity": 3, "rate": RATE_PLACES}.get(name, 2)
    if numeral.decimals > places or len(numeral.digits) > 11:
        return None
    factor = 10 ** (places - numeral.decimals)
    if quantity is not None and int(numeral.digits) and quantity.milli % (int(numeral.digits) * factor) == 0:
        factor *= quantity.milli // (int(numeral.digits) * factor)
    return Printed(numeral.digits, factor, field.text, field.tokens)


def _print_foot(draft: BillDraft) -> PrintedFoot:
    """Turn the foot of a draft back into evidence."""
    if draft.tax.status == "typed":
        taxes: tuple[Printed | None, ...] = (_print_number("tax", draft.tax),)
    else:
        parts = draft.tax.text.split(" + ") if draft.tax.text else []
        taxes = tuple(_print_number("tax", replace(draft.tax, text=part)) for part in parts)
    negative = draft.round_off.value is not None and draft.round_off.value < 0
    return PrintedFoot(
        _print_number("subtotal", draft.subtotal),
        _print_number("discount", draft.discount),
        _print_number("charges", draft.charges),
        _print_number("round_off", draft.round_off),
        _print_number("total", draft.total),
        tuple(tax for tax in taxes if tax is not None),
        -1 if negative else 1,
    )
