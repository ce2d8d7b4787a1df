"""The rules that a bill breaks as it stands, and what is odd about it."""

from collections.abc import Iterator, Sequence
from datetime import date

from samaan_ml.bills._draft import BillDraft, BillLine, Violation
from samaan_ml.bills._gst import gst_rates
from samaan_ml.bills._headings import Column
from samaan_ml.bills._settle import Settlement
from samaan_ml.bills._table import GoodsRow
from samaan_ml.domain.money import format_rupees

_SIGNED: tuple[Column, ...] = ("quantity", "amount")


def check_bill(draft: BillDraft, settlement: Settlement, today: date) -> tuple[Violation, ...]:
    """List the rules that a bill breaks as it stands."""
    found: list[Violation] = []
    for place, (line, holds) in enumerate(zip(draft.lines, settlement.line_holds, strict=True)):
        complete = None not in (line.quantity.value, line.rate.value, line.amount.value)
        if complete and not holds and "computed" not in (line.quantity.status, line.rate.status):
            found.append(Violation("line_arithmetic", _line_message(place, line), f"lines.{place}.amount"))
        found += _rate_violation(draft, place, line, today)
    if draft.total.value is None and draft.total.status == "missing":
        found.append(Violation("total_missing", "no total was found on the bill", "total"))
    if not draft.lines:
        found.append(Violation("no_lines", "no line of goods was found on the bill", "lines"))
    elif not settlement.sum_holds and draft.total.value is not None:
        whole = sum(line.amount.value or 0 for line in draft.lines)
        message = (
            f"the lines add up to {format_rupees(whole)}, the total says {format_rupees(draft.total.value)}"
        )
        found.append(Violation("sum", message, "total"))
    if draft.old_balance.value and draft.total.value is not None:
        message = f"the total contains an old balance of {format_rupees(draft.old_balance.value)}"
        found.append(Violation("old_balance", message, "total"))
    if draft.supplier_gstin.status == "ask":
        text = draft.supplier_gstin.options[0]
        found.append(
            Violation("gstin_check", f"the check character of GSTIN '{text}' is wrong", "supplier_gstin")
        )
    return tuple(found)


def _line_message(place: int, line: BillLine) -> str:
    """Return how a line misses its equation."""
    return (
        f"line {place + 1}: '{line.quantity.text}' x '{line.rate.text}'"
        + (f" - '{line.discount.text}'" if line.discount.text else "")
        + (f" + '{line.tax.text}'" if line.tax.text else "")
        + f" does not make '{line.amount.text}'"
    )


def _rate_violation(draft: BillDraft, place: int, line: BillLine, today: date) -> list[Violation]:
    """Report a tax rate that was not in force on the bill's day."""
    rate = line.tax_basis_points.value
    day = draft.bill_date.value or today
    if rate is None or rate in gst_rates(day) or 2 * rate in gst_rates(day):
        return []
    message = f"line {place + 1}: {rate / 100:g} % is no GST rate on {day.isoformat()}"
    return [Violation("gst_rate", message, f"lines.{place}.tax_basis_points")]


def doubts(goods: Sequence[GoodsRow], draft: BillDraft, due: date | None) -> Iterator[Violation]:
    """Yield what is odd about signs and dates."""
    for place, row in enumerate(goods):
        signs = {
            cell.number.numeral.negative for column in _SIGNED if (cell := row.cells.get(column)) is not None
        }
        if len(signs) > 1 and draft.kind == "bill":
            message = f"line {place + 1}: quantity and amount do not have the same sign"
            yield Violation("sign", message, f"lines.{place}.amount")
    day = draft.bill_date.value
    if day is not None and due is not None and due < day:
        yield Violation("date_due", f"the bill of {day} is due before, on {due}", "bill_date")
