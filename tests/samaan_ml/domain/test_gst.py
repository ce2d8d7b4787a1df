"""Goods and services tax by heading and date of supply."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.gst import (
    RATES_BP,
    GstRate,
    GstTable,
    indian_gst,
    read_gst_table,
    split_price,
    with_tax,
)

CUT_OVER = date(2025, 9, 22)


@pytest.mark.parametrize(
    ("hsn", "before_bp", "after_bp"),
    [
        ("0405", 1200, 500),
        ("3305", 1800, 500),
        ("190531", 1800, 500),
        ("22021010", 2800, 4000),
        ("4820", 1200, 0),
        ("3402", 1800, 1800),
        ("2501", 0, 0),
    ],
)
def test_the_slab_changes_on_the_day_of_supply(hsn: str, before_bp: int, after_bp: int) -> None:
    table = indian_gst()
    assert table.rate_bp(hsn, CUT_OVER - timedelta(days=1)) == before_bp
    assert table.rate_bp(hsn, CUT_OVER) == after_bp


def test_the_same_price_splits_differently_across_the_cut_over() -> None:
    table = indian_gst()
    before = split_price(11_800, table.rate_bp("3305", CUT_OVER - timedelta(days=1)))
    after = split_price(11_800, table.rate_bp("3305", CUT_OVER))
    assert (before.net_paise, before.cgst_paise, before.sgst_paise) == (10_000, 900, 900)
    assert (after.net_paise, after.cgst_paise, after.sgst_paise) == (11_238, 281, 281)


def test_packed_rice_is_taxed_and_loose_rice_is_not() -> None:
    table = indian_gst()
    assert table.rate_bp("1006", date(2026, 1, 1), "packed") == 500
    assert table.rate_bp("1006", date(2026, 1, 1), "loose") == 0
    assert table.rate_bp("1006", date(2022, 7, 17), "packed") == 0


def test_a_longer_heading_outranks_a_shorter_one() -> None:
    table = indian_gst()
    assert table.rate_bp("3307", date(2026, 1, 1)) == 1800
    assert table.rate_bp("330710", date(2026, 1, 1)) == 500


def test_an_unknown_heading_has_no_guessed_rate() -> None:
    with pytest.raises(RuleError, match="no GST rate is known for HSN '8703'"):
        indian_gst().rate_bp("8703", date(2026, 1, 1))
    assert indian_gst().find("3305", date(2017, 6, 30)) is None


def test_a_heading_whose_parts_differ_is_ambiguous_and_names_them() -> None:
    table = indian_gst()
    said = (
        r"HSN '2202' is ambiguous, .* on 2026-01-01: 220210 \(aerated drinks with sugar\) 40 %, "
        r"220299 \(fruit and milk drinks\) 5 %; give the longer heading"
    )
    with pytest.raises(RuleError, match=said) as caught:
        table.rate_bp("2202", date(2026, 1, 1))
    assert caught.value.field == "hsn"
    assert table.find("22.02", date(2026, 1, 1)) is None
    assert table.changes_between("2202", date(2025, 1, 1), date(2026, 1, 1)) == (CUT_OVER,)


def test_a_heading_whose_parts_agree_has_their_rate_from_four_digits_on() -> None:
    lines = ["22021010,any,2017-07-01,1800,cola", "22021090,any,2017-07-01,1800,other",
             "220299,any,2017-07-01,1200,juice", "220299,any,2025-09-22,1800,juice"]  # fmt: skip
    table = read_gst_table(["hsn,packing,from,rate_bp,what", *lines])
    assert table.rate_bp("220210", date(2020, 1, 1)) == 1800
    assert table.find("2202", CUT_OVER - timedelta(days=1)) is None
    assert table.rate_bp("2202", CUT_OVER) == 1800
    assert table.find("22", CUT_OVER) is None  # of a chapter a table knows few parts
    with pytest.raises(RuleError, match="no GST rate is known for HSN '22'"):
        table.rate_bp("22", CUT_OVER)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["22", "2202", "220210", "22021010", "220299", "2203"]),
            st.sampled_from(["any", "packed", "loose"]),
            st.dates(date(2017, 7, 1), date(2027, 1, 1)),
            st.sampled_from(RATES_BP),
        ),
        max_size=8,
        unique_by=lambda row: row[:3],
    ),
    st.sampled_from(["22", "2202", "220210", "22021010", "22029900", "2203"]),
    st.sampled_from(["packed", "loose"]),
    st.dates(date(2017, 7, 1), date(2027, 1, 1)),
)
def test_a_rate_is_the_one_all_that_a_heading_may_mean_have(
    rows: list[tuple[str, Any, date, int]], hsn: str, packing: Any, on: date
) -> None:
    table = GstTable(tuple(GstRate(*row, "x") for row in rows))
    of_parts = {table.find(row[0], on, packing) for row in rows if row[0].startswith(hsn)} - {None}
    found = table.find(hsn, on, packing)
    holding = [row for row in rows if hsn.startswith(row[0]) and row[1] in ("any", packing) and row[2] <= on]
    if not holding and len(hsn) >= 4:
        rates = {rate.rate_bp for rate in of_parts if rate is not None}
        assert (found is None) == (len(rates) != 1)
    assert found is None or found.rate_bp in {row[3] for row in rows}
    assert bool(holding) <= (found is not None)


@pytest.mark.parametrize("hsn", ["", "7", "33a5", "123456789"])
def test_a_malformed_heading_is_refused(hsn: str) -> None:
    with pytest.raises(RuleError, match="is not an HSN heading"):
        indian_gst().rate_bp(hsn, date(2026, 1, 1))


def test_changes_between_two_days_are_listed() -> None:
    table = indian_gst()
    assert table.changes_between("3305", date(2025, 1, 1), date(2026, 1, 1)) == (CUT_OVER,)
    assert table.changes_between("3402", date(2025, 1, 1), date(2026, 1, 1)) == ()


def test_every_rate_of_the_table_is_one_that_was_in_force() -> None:
    rates = indian_gst().rates
    assert rates
    assert all(rate.rate_bp in RATES_BP for rate in rates)
    keys = [(rate.hsn, rate.packing, rate.from_date) for rate in rates]
    assert len(keys) == len(set(keys))
    after = [
        indian_gst().rate_bp(rate.hsn, date(2026, 1, 1), "loose")
        for rate in rates
        if rate.packing != "packed"
    ]
    assert set(after) <= {0, 500, 1800, 4000}, "the slabs of 12 and 28 % ended on 2025-09-22"


def test_composition_shows_no_tax_on_the_bill() -> None:
    split = split_price(10_000, 1_800, composition=True)
    assert (split.cgst_paise, split.sgst_paise, split.composition_paise, split.net_paise) == (
        0,
        0,
        100,
        9_900,
    )


@given(st.integers(0, 10**9), st.sampled_from(RATES_BP), st.booleans())
def test_the_parts_of_a_price_add_up_to_the_paisa(price: int, rate: int, composition: bool) -> None:
    split = split_price(price, rate, composition=composition)
    assert split.net_paise + split.tax_paise == price
    assert 0 <= split.cgst_paise - split.sgst_paise <= 1


@given(st.integers(0, 10**9), st.sampled_from(RATES_BP))
def test_adding_tax_and_taking_it_out_returns_the_net_amount(net: int, rate: int) -> None:
    assert split_price(with_tax(net, rate), rate).net_paise == net


@pytest.mark.parametrize(
    "line", ["33,any,2025-09-22,501,odd rate", "33,any,soon,500,no date", "33,some,2025-09-22,500,no packing"]
)
def test_a_broken_line_of_a_table_is_named(line: str) -> None:
    with pytest.raises(RuleError, match="line 2 of the GST table"):
        read_gst_table(["hsn,packing,from,rate_bp,what", line])


def test_a_shop_can_bring_its_own_table() -> None:
    table = read_gst_table(["hsn,packing,from,rate_bp,what", "33,any,2025-09-22,500,all of chapter 33"])
    assert isinstance(table, GstTable)
    assert table.rate_bp("3304", CUT_OVER) == 500
