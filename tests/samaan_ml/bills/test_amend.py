"""The user's corrections are certain and are checked like the rest."""

from collections.abc import Callable
from datetime import date

import pytest

from samaan_ml.bills import Reading, amend, read_bill
from samaan_ml.domain.errors import RuleError

Rows = list[tuple[str, ...]]
Printer = Callable[..., Reading]


@pytest.fixture
def ambiguous(print_bill: Printer) -> Reading:
    """A bill on which either the rate or the discount of a line is misread."""
    return print_bill(
        [
            ("GUPTA TRADERS",),
            ("Item", "Qty", "Rate", "Disc", "", "Amount"),
            ("Sugar", "1", "44.00", "4.00", "", "40.00"),
            ("Rice", "1", "63.00", "13.00", "", "40.00"),
            ("Salt", "2", "20.00", "0.00", "", "40.00"),
            ("Total", "", "", "", "", "120.00"),
        ]
    )


def test_one_answer_settles_what_hung_on_it(ambiguous: Reading, today: date) -> None:
    draft = read_bill(ambiguous, today=today)
    assert set(draft.fields_to_ask) == {"lines.1.rate", "lines.1.discount"}
    amended = amend(draft, {"lines.1.rate": 5_300}, today=today)
    assert amended.fields_to_ask == ()
    assert (amended.lines[1].rate.status, amended.lines[1].discount.value) == ("typed", 1_300)
    assert not amended.needs_review


def test_an_unchanged_draft_stays_as_it_is(bill_rows: Rows, print_bill: Printer, today: date) -> None:
    draft = read_bill(print_bill(bill_rows), today=today)
    assert amend(draft, {}, today=today).lines == draft.lines


def test_a_typed_number_that_breaks_the_sum_is_reported_and_kept(
    bill_rows: Rows, print_bill: Printer, today: date
) -> None:
    draft = amend(read_bill(print_bill(bill_rows), today=today), {"total": 999_999}, today=today)
    assert (draft.total.value, draft.total.status) == (999_999, "typed")
    assert "sum" in {each.code for each in draft.violations}


def test_a_line_can_be_taken_out_and_added(bill_rows: Rows, print_bill: Printer, today: date) -> None:
    draft = read_bill(print_bill(bill_rows), today=today)
    shorter = amend(draft, {"lines.2": None, "total": 118_776}, today=today)
    assert len(shorter.lines) == 2
    assert not shorter.violations
    added = {
        "lines.2.description": "Soap",
        "lines.2.quantity": 1_000,
        "lines.2.rate": 1_224,
        "lines.2.amount": 1_224,
        "total": 120_000,
    }
    longer = amend(shorter, added, today=today)
    assert longer.lines[2].description.value == "Soap"
    assert not longer.violations


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("total", "12"),
        ("total", -1),
        ("total", True),
        ("total", 10**20),
        ("supplier", 5),
        ("supplier", " "),
        ("supplier_gstin", "27AAPFU0939F1ZW"),
        ("bill_date", date(2027, 1, 1)),
        ("bill_date", "today"),
        ("lines.9.rate", 1),
        ("lines.x.rate", 1),
        ("lines.0.colour", 1),
        ("lines.0", 5),
        ("engine", "x"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_its_path(
    path: str, value: str | int | date, bill_rows: Rows, print_bill: Printer, today: date
) -> None:
    draft = read_bill(print_bill(bill_rows), today=today)
    with pytest.raises(RuleError) as caught:
        amend(draft, {path: value}, today=today)
    assert caught.value.field == path
