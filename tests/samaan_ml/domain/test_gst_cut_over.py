"""The change of rates of 22 September 2025, item by item."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.gst import RATES_BP, GstRate, GstTable, split_price
from samaan_ml.domain.gst_cut_over import CutOverItem, cut_over
from samaan_ml.domain.price_ladder import LadderBand, PriceLadder

DAY = date(2025, 9, 22)
RUPEES = PriceLadder((LadderBand(0, 100, (0,)),))


@pytest.mark.parametrize(
    ("hsn", "price", "expected"),
    [
        ("3305", 11_800, (1_800, 500, 10_500, "must_fall")),
        ("3305", 20_000, (1_800, 500, 17_700, "must_fall")),
        ("1006", 10_500, (500, 500, 10_500, "none")),
    ],
)
def test_the_cut_over_gives_the_expected_prices(
    hsn: str, price: int, expected: tuple[int, int, int, str]
) -> None:
    (line,) = cut_over((CutOverItem("x", hsn, price, mrp_paise=price + 500),), DAY, ladder=RUPEES)
    found = line.rate_before_bp, line.rate_after_bp, line.price_after_paise, line.note
    assert found == expected
    assert line.new_label is (line.price_after_paise != price)


def test_the_margin_is_shown_for_a_price_that_is_kept_and_for_the_new_one() -> None:
    item = CutOverItem("shampoo", "3305", 11_800, cost_paise=8_000, mrp_paise=12_000)
    (line,) = cut_over((item,), DAY)
    assert (line.margin_before_paise, line.margin_held_paise, line.margin_after_paise) == (
        2_000,
        3_238,
        2_000,
    )
    assert line.pass_through_bp == 10_000


def rising(before: int, after: int) -> GstTable:
    """A table of one heading whose rate moves on the day."""
    return GstTable(
        (
            GstRate("22", "any", date(2017, 7, 1), before, "drinks"),
            GstRate("22", "any", DAY, after, "drinks"),
        )
    )


def test_a_rise_stops_at_the_mrp_and_says_so() -> None:
    table = rising(1_800, 4_000)
    free, bound = cut_over(
        (CutOverItem("loose", "22", 11_800), CutOverItem("printed", "22", 11_800, mrp_paise=12_000)),
        DAY, table=table, ladder=RUPEES,
    )  # fmt: skip
    assert (free.price_after_paise, free.note) == (14_000, "may_rise")
    assert (bound.price_after_paise, bound.note) == (12_000, "mrp_binds")
    assert bound.pass_through_bp < 10_000


def test_goods_that_become_exempt_lose_the_credit_on_stock() -> None:
    (line,) = cut_over((CutOverItem("x", "22", 10_500),), DAY, table=rising(500, 0), ladder=RUPEES)
    assert (line.price_after_paise, line.note) == (10_000, "credit_lapses")


def test_under_composition_nothing_changes() -> None:
    (line,) = cut_over((CutOverItem("x", "3305", 11_800, cost_paise=8_000),), DAY, composition=True)
    assert (line.price_after_paise, line.note, line.new_label) == (11_800, "none", False)
    assert line.margin_before_paise == line.margin_held_paise == line.margin_after_paise


@given(
    st.integers(500, 100_000),
    st.none() | st.integers(0, 20_000),
    st.sampled_from(RATES_BP),
    st.sampled_from(RATES_BP),
)
def test_a_fall_reaches_the_customer_and_no_price_passes_the_mrp(
    price: int, room: int | None, before: int, after: int
) -> None:
    mrp = None if room is None else price + room
    (line,) = cut_over(
        (CutOverItem("x", "22", price, mrp_paise=mrp),), DAY, table=rising(before, after), ladder=RUPEES
    )
    new = line.price_after_paise
    assert new > 0
    assert mrp is None or new <= mrp
    if after < before:
        assert new <= price
        assert split_price(new, after).net_paise <= split_price(price, before).net_paise
    else:
        assert new >= price


def test_an_unknown_heading_or_price_is_named() -> None:
    with pytest.raises(RuleError, match="no GST rate is known"):
        cut_over((CutOverItem("x", "99999999", 100),), DAY)
    with pytest.raises(RuleError, match="price of 'x' must be above zero"):
        cut_over((CutOverItem("x", "3305", 0),), DAY)
