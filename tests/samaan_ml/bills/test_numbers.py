"""Indian ways to write amounts, quantities and dates, each as a row of a table."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.bills import (
    find_date,
    find_gstin,
    is_gstin,
    parse_amount,
    parse_numeral,
    parse_percent,
    parse_quantity,
)
from samaan_ml.domain.digits import NATIVE_ZEROS, fold_digits, to_native_digits
from samaan_ml.domain.money import format_rupees

TODAY = date(2026, 11, 23)

MARKS = (
    "₹{}",
    "₹ {}",
    "Rs.{}",
    "Rs. {}",
    "Rs {}",
    "rs{}",
    "INR {}",
    "{}/-",
    "Rs {}/-",
    "रु {}",
    "रु. {}",
    "@ {}",
    "{} Rs",
    "{}/=",
)
NUMBERS = {
    "0.50": 50,
    "5": 500,
    "45.00": 4_500,
    "99.99": 9_999,
    "120": 12_000,
    "1,200.00": 120_000,
    "12,345.60": 1_234_560,
    "1,23,456.50": 12_345_650,
    "1,00,00,000": 1_000_000_000,
    "४५.५०": 4_550,
    "१,२०,०००": 12_000_000,
    "১২০": 12_000,
}
AMOUNTS = [(mark.format(number), paise) for mark in MARKS for number, paise in NUMBERS.items()]


@pytest.mark.parametrize(("text", "paise"), AMOUNTS)
def test_an_amount_is_read_in_all_its_dresses(text: str, paise: int) -> None:
    assert parse_amount(text) == paise


@pytest.mark.parametrize(
    ("text", "paise"),
    [
        ("-35.00", -3_500),
        ("(35.00)", -3_500),
        ("35.00-", -3_500),
        ("12,50", 1_250),
        ("1 234.00", 123_400),
        ("45.5", 4_550),
    ],
)
def test_signs_and_strays_are_read(text: str, paise: int) -> None:
    assert parse_amount(text) == paise


@pytest.mark.parametrize(
    "text", ["", "Sugar", "12/11/2026", "10:30", "1.2.3", "₹", "45.678", "27AAPFU0939F1ZV"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert parse_amount(text) is None


def test_letters_are_taken_for_digits_only_where_numbers_stand() -> None:
    assert parse_numeral("1O.5O") is None
    repaired = parse_numeral("1O.5O", repair_letters=True)
    assert repaired is not None
    assert repaired.scaled(2) == 1_050


@pytest.mark.parametrize(
    ("text", "milli", "unit"),
    [
        ("2 dz", 24_000, "dozen"),
        ("2dz", 24_000, "dozen"),
        ("1 dozen", 12_000, "dozen"),
        ("१ दर्जन", 12_000, "dozen"),
        ("500 g", 500, "g"),
        ("250gm", 250, "g"),
        ("1.5 kg", 1_500, "kg"),
        ("2 किलो", 2_000, "kg"),
        ("500ml", 500, "ml"),
        ("5 ltr", 5_000, "l"),
        ("12 pcs", 12_000, "piece"),
        ("6 Nos.", 6_000, "piece"),
        ("3 नग", 3_000, "piece"),
        ("10 pkt", 10_000, "packet"),
        ("2 bag", 2_000, "bag"),
        ("2x", 2_000, None),
        ("x3", 3_000, None),
        ("4", 4_000, None),
        ("1,000", 1_000_000, None),
        ("½ kg", 500, "kg"),
        ("1½ kg", 1_500, "kg"),
        ("0.125", 125, None),
    ],
)
def test_a_quantity_is_read_with_its_unit(text: str, milli: int, unit: str | None) -> None:
    found = parse_quantity(text)
    assert found is not None
    assert (found.milli, found.unit) == (milli, unit)


@pytest.mark.parametrize("text", ["10+1", "10 + 1 free", "10 pcs + 1"])
def test_free_goods_are_kept_apart(text: str) -> None:
    found = parse_quantity(text)
    assert found is not None
    assert (found.milli, found.free_milli) == (10_000, 1_000)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("05/11/26", date(2026, 11, 5)),
        ("5-11-2026", date(2026, 11, 5)),
        ("05.11.2026", date(2026, 11, 5)),
        ("2026-11-05", date(2026, 11, 5)),
        ("5 Nov 2026", date(2026, 11, 5)),
        ("05-Nov-26", date(2026, 11, 5)),
        ("5th November, 2026", date(2026, 11, 5)),
        ("Nov 5, 2026", date(2026, 11, 5)),
        ("५ नवंबर २०२६", date(2026, 11, 5)),
        ("दिनांक ०५/११/२०२६", date(2026, 11, 5)),
        ("Date:05/11/202610:42 AM", date(2026, 11, 5)),
        ("11/23/2026", date(2026, 11, 23)),
        ("31/12/98", date(1998, 12, 31)),
    ],
)
def test_a_date_is_read_day_first(text: str, day: date) -> None:
    found = find_date(text, TODAY)
    assert found is not None
    assert found[0] == day


@pytest.mark.parametrize("text", ["32/13/2026", "05/12/2026", "9876543210", "Rs 12.50", ""])
def test_no_date_or_one_to_come_is_none(text: str) -> None:
    assert find_date(text, TODAY) is None


def test_percentages_are_basis_points() -> None:
    assert [parse_percent(text) for text in ("18%", "2.5 %", "@5%", "100%", "18")] == [
        1_800,
        250,
        500,
        10_000,
        None,
    ]


@given(st.integers(0, 10**11))
def test_a_written_amount_reads_back(paise: int) -> None:
    assert parse_amount(format_rupees(paise)) == paise


@given(st.integers(0, 10**9), st.sampled_from(sorted(NATIVE_ZEROS)))
def test_native_digits_fold_back(number: int, language: str) -> None:
    assert fold_digits(to_native_digits(str(number), language)) == str(number)


@given(
    st.from_regex(r"[0-3][0-9][A-Z]{5}[0-9]{4}[A-Z][1-9]Z[0-9A-Z]", fullmatch=True),
    st.integers(0, 14),
    st.data(),
)
def test_the_check_character_finds_every_single_change(text: str, place: int, data: st.DataObject) -> None:
    from samaan_ml.bills._gst import gstin_check_character

    right = text[:14] + gstin_check_character(text[:14])
    assert is_gstin(right)
    other = data.draw(
        st.sampled_from([c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c != right[place]])
    )
    assert not is_gstin(right[:place] + other + right[place + 1 :])


def test_a_gstin_with_confused_letters_is_mended_by_its_check() -> None:
    assert find_gstin("GST No 27AAPFUO939FIZV") == ("27AAPFU0939F1ZV", True)
