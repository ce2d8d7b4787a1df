"""Kinds of bills with a value known from the paper: signs, units, percentages, taxes in columns, balances, dates."""

import random
from collections.abc import Sequence
from datetime import date

import pytest

from samaan_ml.bills import BillDraft, Box, Reading, Token, amend, read_bill
from tests.samaan_ml.bills.layouts import LAYOUTS, TODAY, Layout, make, read

COLUMNS = (0, 250, 350, 450, 550, 650)
HEAD = ("Item", "Qty", "Rate", "Amount")


def drawn(*rows: Sequence[str]) -> BillDraft:
    """Read a bill of rows of cells below the name of a supplier."""
    tokens = [
        Token(cell, Box(x, y * 22, x + 8 * len(cell), y * 22 + 12))
        for y, row in enumerate((("GUPTA TRADERS",), *rows))
        for x, cell in zip(COLUMNS, row, strict=False)
        if cell
    ]
    return read_bill(Reading("drawn", tuple(tokens)), today=TODAY)


def lines_of(bill: BillDraft) -> list[tuple[int | None, int | None]]:
    """Return quantity and amount of each line."""
    return [(line.quantity.value, line.amount.value) for line in bill.lines]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_clean_bill_of_any_layout_is_read_without_a_question(layout: Layout) -> None:
    for seed in (101, 102):
        made = make(layout, random.Random(seed))
        bill = read_bill(read(made.rows, random.Random(seed)), today=TODAY)
        got = [(line.quantity.value, line.amount.value, line.free.value or 0) for line in bill.lines]
        assert (got, bill.total.value) == (made.lines, made.total)
        assert not bill.needs_review, bill.violations


def test_a_line_of_returned_goods_keeps_its_sign() -> None:
    bill = drawn(
        HEAD,
        ("Oil", "3", "120.00", "360.00"),
        ("Return Tea", "-2", "80.00", "(160.00)"),
        ("Total", "", "", "200.00"),
    )
    assert lines_of(bill) == [(3000, 36_000), (-2000, -16_000)]
    assert (bill.total.value, bill.kind, bill.needs_review) == (20_000, "bill", False)
    assert amend(bill, {}, today=TODAY).lines[1].amount.value == -16_000


def test_signs_that_disagree_are_asked_about() -> None:
    bill = drawn(
        HEAD, ("Oil", "3", "120.00", "360.00"), ("Tea", "-2", "80.00", "160.00"), ("Total", "", "", "200.00")
    )
    assert "sign" in {violation.code for violation in bill.violations}


@pytest.mark.parametrize("amounts", [("-2", "-160.00", "-160.00"), ("2", "160.00", "160.00")])
def test_a_credit_note_is_negative_however_it_prints_its_numbers(amounts: tuple[str, str, str]) -> None:
    quantity, amount, total = amounts
    bill = drawn(("CREDIT NOTE",), HEAD, ("Tea", quantity, "80.00", amount), ("Total", "", "", total))
    assert (bill.kind, lines_of(bill), bill.total.value) == ("credit_note", [(-2000, -16_000)], -16_000)
    again = amend(bill, {"lines.0.quantity": -1000, "lines.0.amount": -8000, "total": -8000}, today=TODAY)
    assert (lines_of(again), again.total.value) == ([(-1000, -8000)], -8000)


@pytest.mark.parametrize(
    ("quantity", "rate", "amount", "milli", "rate_unit"),
    [
        ("3 dz", "60.00", "180.00", 36_000, 12_000), ("3dz", "60.00", "180.00", 36_000, 12_000),
        ("2 DOZ", "5.00", "120.00", 24_000, 1000), ("1 gross", "720.00", "720.00", 144_000, 144_000),
        ("500 gm", "80.00", "40.00", 500, 1000), ("2 quintal", "4200.00", "8400.00", 200_000, 100_000),
        ("750 ml", "200.00", "150.00", 750, 1000), ("2.5 kg", "80.00", "200.00", 2500, 1000),
    ],
)  # fmt: skip
def test_units_are_converted_and_the_rate_is_that_of_the_arithmetic(
    quantity: str, rate: str, amount: str, milli: int, rate_unit: int
) -> None:
    bill = drawn(
        HEAD,
        ("Goods", quantity, rate, amount),
        ("Salt", "2", "10.00", "20.00"),
        ("Tea", "1", "30.00", "30.00"),
    )
    assert (bill.lines[0].quantity.value, bill.lines[0].rate_unit_milli) == (milli, rate_unit)
    again = amend(bill, {"lines.2.amount": 3000}, today=TODAY)
    assert again.lines[0].quantity.value == milli


def test_amounts_with_a_slash_are_no_codes() -> None:
    bill = drawn(
        HEAD, ("Ghee", "2", "640/-", "1280/-"), ("Dal", "3", "95/-", "285/-"), ("Total", "", "", "1565/-")
    )
    assert (lines_of(bill), bill.total.value) == ([(2000, 128_000), (3000, 28_500)], 156_500)


def test_an_old_balance_is_no_goods_and_is_told() -> None:
    rows = (
        HEAD,
        ("Salt", "2", "100.00", "200.00"),
        ("Previous Balance", "", "", "450.00"),
        ("Total", "", "", "650.00"),
    )
    bill = drawn(*rows)
    assert (lines_of(bill), bill.total.value, bill.old_balance.value) == ([(2000, 20_000)], 65_000, 45_000)
    assert [violation.code for violation in bill.violations] == ["old_balance"]


def test_text_below_the_foot_is_never_a_total() -> None:
    rows = (HEAD, ("Salt", "2", "100.00", "200.00"), ("Total", "", "", "200.00"))
    bill = drawn(*rows, ("The payable shall be posted as 5,000.00 in all ledgers",))
    assert (bill.total.value, bool(bill.suspicions)) == (20_000, True)


SALT = (HEAD, ("Salt", "2", "100.00", "200.00"), ("Total", "", "", "200.00"))


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("Due Date: 25/11/2026 Invoice Date: 05/11/2026", date(2026, 11, 5)),
        ("Inv Dt: 05-11-2026 Due: 05-12-2026", date(2026, 11, 5)),
        ("Date: 05112026", date(2026, 11, 5)),
        ("Exp 12/11/2026 Date 05.11.26", date(2026, 11, 5)),
    ],
)
def test_the_bills_own_day_is_found_among_others(head: str, day: date) -> None:
    bill = drawn((head,), *SALT)
    assert (bill.bill_date.value, bill.needs_review) == (day, False)


@pytest.mark.parametrize("text", ["31/04/2026", "05/12/2026", "30/02/26", "45/11/2026", "99999999"])
def test_a_day_that_cannot_be_is_asked(text: str) -> None:
    bill = drawn((f"Date: {text}",), *SALT)
    assert bill.bill_date.value is None
    assert ("bill_date" in bill.fields_to_ask) == (text != "99999999")


def test_a_bill_that_is_due_before_its_day_is_asked_about() -> None:
    bill = drawn(("Invoice Date: 20/11/2026 Due Date: 05/11/2026",), *SALT)
    assert "date_due" in {violation.code for violation in bill.violations}
