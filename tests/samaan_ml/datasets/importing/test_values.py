"""Numbers and dates as shopkeepers write them."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.datasets.importing._values import parse_amount, parse_days, text_of

DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def indian(number: int) -> str:
    """Write a number with lakh and crore marks."""
    digits = str(number)
    head, tail = digits[:-3], digits[-3:]
    groups = []
    while len(head) > 2:
        head, group = head[:-2], head[-2:]
        groups.insert(0, group)
    return ",".join([part for part in [head, *groups] if part] + [tail]) if head or groups else tail


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,20,000", 120000.0), ("12,34,56,789.50", 123456789.5), ("1,200", 1200.0), ("₹ 45", 45.0),
        ("Rs. 45/-", 45.0), ("Rs45.50", 45.5), ("INR 1,000", 1000.0), ("रु. ४५", 45.0), ("(120)", -120.0),
        ("-5", -5.0), ("5-", -5.0), ("\u22125", -5.0), ("2 kg", 2.0), ("500 g", 0.5), ("1.5 किलो", 1.5),
        ("3 pcs", 3.0), ("1 doz", 12.0), ("250ml", 0.25), ("२", 2.0), ("1e3", 1000.0), (".5", 0.5),
        ("1.234,50", 1234.5), ("12.50 Dr", 12.5), (" 7 ", 7.0),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_the_shop_means_it(text: str, value: float) -> None:
    assert parse_amount(text).value == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "1,5", "12,3", "1.2.3", "5 parrots", "--5", "NaN", "#REF!", "1,2,3", "Rs."]
)
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    assert math.isnan(parse_amount(text).value)


@pytest.mark.parametrize(
    ("text", "side"), [("5 Cr", "cr"), ("5 DR.", "dr"), ("5 जमा", "cr"), ("5", ""), ("cream 5", "")]
)
def test_debit_and_credit_marks_are_seen(text: str, side: str) -> None:
    assert parse_amount(text).side == side


@given(st.integers(0, 10**12))
def test_lakh_marks_and_hindi_digits_change_nothing(number: int) -> None:
    for text in (indian(number), indian(number).translate(DEVANAGARI), f"₹ {indian(number)}/-"):
        assert parse_amount(text).value == number


@given(st.text(max_size=30))
def test_no_text_breaks_the_readers(text: str) -> None:
    parse_amount(text)
    parse_days(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05", "2024/3/5", "20240305", "5 Mar 2024", "05-Mar-24", "Mar 5, 2024", "March 5 2024", "५ मार्च २०२४",
        "2024-03-05T10:30:00", "2024-03-05 10:30", "45356", "5th March 2024",
    ],
)  # fmt: skip
def test_a_date_of_one_reading_is_read(text: str) -> None:
    expected = date(2024, 3, 5).toordinal()
    assert parse_days(text) == (expected, expected)


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.sampled_from("/-."), st.booleans())
def test_day_month_year_is_read_in_both_orders(day: date, mark: str, short: bool) -> None:
    year = f"{day.year % 100:02d}" if short and day.year >= 1970 else str(day.year)
    text = f"{day.day:02d}{mark}{day.month:02d}{mark}{year}"
    assert parse_days(text).day_first == day.toordinal()
    swapped = f"{day.month}{mark}{day.day}{mark}{year} 9:15 pm"
    assert parse_days(swapped).month_first == day.toordinal()


@pytest.mark.parametrize("text", ["31/02/2024", "2024-13-01", "tomorrow", "", "5", "99999", "1/2", "0/0/0"])
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert parse_days(text) == (None, None)


def test_cells_of_any_kind_become_text() -> None:
    assert [text_of(cell) for cell in (None, math.nan, 17850.0, 2.5, 7, " a\u00a0b ", date(2024, 1, 2))] == [
        "", "", "17850", "2.5", "7", "a b", "2024-01-02",
    ]  # fmt: skip
