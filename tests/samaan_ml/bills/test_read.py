"""A whole bill: fields, provenance, checks, repair, and what is asked."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.bills import BillDraft, Box, Hint, Reading, Token, read_bill
from samaan_ml.domain.errors import RuleError

Rows = list[tuple[str, ...]]
Printer = Callable[..., Reading]


def replace_cell(rows: Rows, row: int, column: int, text: str) -> Rows:
    changed = [list(cells) for cells in rows]
    changed[row][column] = text
    return [tuple(cells) for cells in changed]


def test_a_clean_bill_is_read_whole(bill_rows: Rows, print_bill: Printer, today: date) -> None:
    draft = read_bill(print_bill(bill_rows), today=today)
    assert draft.supplier.value == "GUPTA TRADERS"
    assert draft.supplier_gstin.value == "27AAPFU0939F1ZV"
    assert draft.number.value == "GT/1045"
    assert draft.bill_date.value == date(2026, 11, 5)
    assert [line.description.value for line in draft.lines] == [
        "Toor dal 1 kg",
        "Sugar 1 kg",
        "Surf Excel 500 g",
    ]
    assert [line.quantity.value for line in draft.lines] == [5_000, 10_000, 3_000]
    assert [line.rate.value for line in draft.lines] == [14_000, 4_400, 7_250]
    assert [line.discount.value for line in draft.lines] == [0, 880, 0]
    assert [line.tax.value for line in draft.lines] == [3_500, 2_156, 3_915]
    assert [line.amount.value for line in draft.lines] == [73_500, 45_276, 25_665]
    assert draft.total.value == 144_441
    assert draft.total.status == "checked"
    assert not draft.needs_review


def test_a_tilted_photograph_reads_the_same(bill_rows: Rows, print_bill: Printer, today: date) -> None:
    straight = read_bill(print_bill(bill_rows), today=today)
    tilted = read_bill(print_bill(bill_rows, skew=0.02), today=today)
    assert [line.amount.value for line in tilted.lines] == [line.amount.value for line in straight.lines]
    assert tilted.total.value == straight.total.value


def test_every_read_field_points_to_the_tokens_that_hold_it(
    bill_rows: Rows, print_bill: Printer, today: date
) -> None:
    reading = print_bill(bill_rows)
    draft = read_bill(reading, today=today)
    for path, each in draft.fields():
        if each.value is None or each.status == "computed":
            continue
        assert each.tokens, path
        joined = " ".join(reading.tokens[place].text for place in each.tokens)
        assert str(each.text).split()[0] in joined, path


@pytest.mark.parametrize(
    ("row", "column", "wrong", "path", "right"),
    [
        (5, 2, "190.00", "rate", 14_000),
        (5, 1, "6", "quantity", 5_000),
        (6, 5, "452.16", "amount", 45_276),
        (7, 4, "89.15", "tax", 3_915),
        (6, 3, "3.80", "discount", 880),
    ],
)
def test_one_misread_digit_of_a_line_is_repaired(
    bill_rows: Rows,
    print_bill: Printer,
    today: date,
    row: int,
    column: int,
    wrong: str,
    path: str,
    right: int,
) -> None:
    draft = read_bill(print_bill(replace_cell(bill_rows, row, column, wrong)), today=today)
    found = getattr(draft.lines[row - 5], path)
    assert (found.value, found.status, found.text) == (right, "repaired", wrong)
    assert not draft.needs_review


def test_a_misread_total_is_repaired_from_the_lines(
    bill_rows: Rows, print_bill: Printer, today: date
) -> None:
    draft = read_bill(print_bill(replace_cell(bill_rows, 8, 5, "1944.41")), today=today)
    assert (draft.total.value, draft.total.status) == (144_441, "repaired")


def test_two_possible_repairs_are_asked_and_never_guessed(print_bill: Printer, today: date) -> None:
    rows = [
        ("GUPTA TRADERS",),
        ("Item", "Qty", "Rate", "Disc", "", "Amount"),
        ("Sugar", "1", "44.00", "4.00", "", "40.00"),
        ("Rice", "1", "63.00", "13.00", "", "40.00"),
        ("Salt", "2", "20.00", "0.00", "", "40.00"),
        ("Total", "", "", "", "", "120.00"),
    ]
    draft = read_bill(print_bill(rows), today=today)
    asked = draft.fields_to_ask
    assert set(asked) == {"lines.1.rate", "lines.1.discount"}
    assert {5_300, 6_300} <= set(draft.lines[1].rate.options)
    for path, each in draft.fields():
        if path in asked:
            assert each.value is None
            assert len(each.options) >= 2


def test_a_line_that_was_not_read_leaves_the_total_alone_and_is_reported(
    bill_rows: Rows, print_bill: Printer, today: date
) -> None:
    draft = read_bill(print_bill([*bill_rows[:6], *bill_rows[7:]]), today=today)
    assert draft.total.value == 144_441
    assert "sum" in {each.code for each in draft.violations}
    assert draft.needs_review


def test_tax_at_the_foot_is_added_once(print_bill: Printer, today: date) -> None:
    rows = [
        ("SHARMA AGENCY",),
        ("Particulars", "Qty", "Rate", "", "", "Amount"),
        ("Soap", "12", "30.00", "", "", "360.00"),
        ("Shampoo", "4", "60.00", "", "", "240.00"),
        ("Sub Total", "", "", "", "", "600.00"),
        ("CGST 9%", "", "", "", "", "54.00"),
        ("SGST 9%", "", "", "", "", "54.00"),
        ("Net Amount", "", "", "", "", "708.00"),
    ]
    draft = read_bill(print_bill(rows), today=today)
    assert (draft.subtotal.value, draft.tax.value, draft.total.value) == (60_000, 10_800, 70_800)
    assert draft.total.status == "checked"


def test_a_total_rounded_to_rupees_with_its_round_off_holds(print_bill: Printer, today: date) -> None:
    rows = [
        ("SHARMA AGENCY",),
        ("Particulars", "Qty", "Rate", "", "", "Amount"),
        ("Soap", "3", "33.45", "", "", "100.35"),
        ("Shampoo", "2", "60.00", "", "", "120.00"),
        ("Round Off", "", "", "", "", "-0.35"),
        ("Grand Total", "", "", "", "", "220.00"),
    ]
    draft = read_bill(print_bill(rows), today=today)
    assert (draft.round_off.value, draft.total.value, draft.total.status) == (-35, 22_000, "checked")


def test_devanagari_bills_are_read(print_bill: Printer, today: date) -> None:
    rows = [
        ("श्याम किराना स्टोर",),
        ("विवरण", "मात्रा", "दर", "", "", "राशि"),
        ("चीनी", "५", "४४.००", "", "", "२२०.००"),
        ("चावल", "२", "६०.००", "", "", "१२०.००"),
        ("कुल योग", "", "", "", "", "३४०.००"),
    ]
    draft = read_bill(print_bill(rows), today=today)
    assert draft.supplier.value == "श्याम किराना स्टोर"
    assert [line.amount.value for line in draft.lines] == [22_000, 12_000]
    assert (draft.total.value, draft.total.status) == (34_000, "checked")


def test_free_goods_of_a_scheme_are_kept_apart_from_the_charged_ones(
    print_bill: Printer, today: date
) -> None:
    rows = [
        ("SHARMA AGENCY",),
        ("Item", "Qty", "Rate", "", "", "Amount"),
        ("Soap", "10+1", "11.00", "", "", "110.00"),
        ("Salt", "2", "20.00", "", "", "40.00"),
        ("Total", "", "", "", "", "150.00"),
    ]
    line = read_bill(print_bill(rows), today=today).lines[0]
    assert (line.quantity.value, line.free.value) == (10_000, 1_000)


def test_a_rate_that_was_not_in_force_is_reported(print_bill: Printer, today: date) -> None:
    rows = [
        ("SHARMA AGENCY", "", "", "Date: 01/11/2026"),
        ("Item", "Qty", "Rate", "GST%", "GST", "Amount"),
        ("Butter", "2", "100.00", "12", "24.00", "224.00"),
        ("Salt", "2", "20.00", "0", "0.00", "40.00"),
        ("Total", "", "", "", "", "264.00"),
    ]
    codes = {each.code for each in read_bill(print_bill(rows), today=today).violations}
    assert "gst_rate" in codes


def test_a_wrong_check_character_of_a_gstin_is_asked(
    bill_rows: Rows, print_bill: Printer, today: date
) -> None:
    draft = read_bill(print_bill(replace_cell(bill_rows, 2, 0, "GSTIN: 27AAPFU0939F1ZW")), today=today)
    assert "supplier_gstin" in draft.fields_to_ask
    assert "gstin_check" in {each.code for each in draft.violations}


def test_an_engines_hints_are_followed_and_checked(today: date) -> None:
    texts = ("ACME", "INV-7", "2", "10.00", "20.00", "Pens", "20.00")
    tokens = tuple(Token(text, Box(0, 10.0 * i, 50, 10.0 * i + 8)) for i, text in enumerate(texts))
    hints = (
        Hint("supplier", (0,)),
        Hint("number", (1,)),
        Hint("quantity", (2,), 0),
        Hint("rate", (3,), 0),
        Hint("amount", (4,), 0),
        Hint("description", (5,), 0),
        Hint("total", (6,)),
    )
    draft = read_bill(Reading("engine", tokens, hints), today=today)
    assert (draft.supplier.value, draft.number.value, draft.total.value) == ("ACME", "INV-7", 2_000)
    assert (draft.lines[0].description.value, draft.lines[0].amount.status) == ("Pens", "checked")


def test_a_hint_outside_the_tokens_is_refused() -> None:
    with pytest.raises(RuleError, match="outside"):
        Reading("engine", (), (Hint("total", (0,)),))


def test_a_draft_survives_its_json_form(bill_rows: Rows, print_bill: Printer, today: date) -> None:
    draft = read_bill(print_bill(bill_rows), today=today)
    assert BillDraft.from_json(draft.to_json()) == draft


@given(
    st.lists(
        st.tuples(
            st.text(max_size=30),
            st.floats(-1e4, 1e4),
            st.floats(-1e4, 1e4),
            st.floats(0, 500),
            st.floats(0, 60),
            st.floats(0, 1),
        ),
        max_size=30,
    )
)
def test_no_text_and_no_layout_makes_the_reader_fail(
    raw: list[tuple[str, float, float, float, float, float]],
) -> None:
    tokens = tuple(Token(text, Box(x, y, x + w, y + h), c) for text, x, y, w, h, c in raw)
    draft = read_bill(Reading("noise", tokens), today=date(2026, 11, 23))
    assert BillDraft.from_json(draft.to_json()) == draft


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("Total", "Qty", "Rate", "Amount", "CGST", "x")),
            st.integers(0, 99_999),
            st.integers(0, 9),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_bills_of_odd_labels_and_numbers_are_read_without_fail(cells: list[tuple[str, int, int]]) -> None:
    tokens = tuple(
        Token(
            f"{label} {number / 100:.2f}", Box(80.0 * column, 12.0 * row, 80.0 * column + 70, 12.0 * row + 10)
        )
        for row, (label, number, column) in enumerate(cells)
    )
    draft = read_bill(Reading("noise", tokens), today=date(2026, 11, 23))
    assert draft.total.value is None or draft.total.value >= 0
