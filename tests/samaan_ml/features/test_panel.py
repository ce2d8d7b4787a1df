"""The panel: what each cell means, whatever order and shape the tables come in."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.exceptions import DataError, TableError
from samaan_ml.features import build_panel


def sales_of(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Write a sales table from tuples of shop, item, date and units."""
    frame = pd.DataFrame(rows, columns=["shop_id", "item_id", "date", "units"])
    return frame.assign(date=pd.to_datetime(frame["date"]), units=frame["units"].astype(float))


def test_a_day_without_an_item_is_zero_and_a_day_without_any_row_is_unknown():
    panel = build_panel(
        sales_of(("s", "a", "2026-01-01", 2), ("s", "b", "2026-01-01", 1), ("s", "b", "2026-01-02", 1)).pipe(
            lambda f: pd.concat([f, sales_of(("s", "b", "2026-01-04", 5))])
        )
    )
    np.testing.assert_array_equal(
        panel.units, np.array([[2, 0, np.nan, 0], [1, 1, np.nan, 5]], dtype=np.float32)
    )
    assert panel.shop_open.tolist() == [[True, True, False, True]]


def test_an_item_is_unknown_before_its_first_row():
    panel = build_panel(
        sales_of(("s", "a", "2026-01-01", 2), ("s", "b", "2026-01-02", 0), ("s", "b", "2026-01-03", 1))
    )
    assert np.isnan(panel.units[1, 0])
    assert panel.units[1, 1] == 0
    assert panel.first_sale().tolist() == [0, 2]


def test_repeated_rows_are_added_up_and_said_so():
    panel = build_panel(sales_of(("s", "a", "2026-01-01", 2), ("s", "a", "2026-01-01", 3)))
    assert panel.units.tolist() == [[5.0]]
    assert "repeat" in panel.notes[0]


@given(st.permutations(range(12)))
def test_the_order_of_the_rows_changes_nothing(order):
    days = pd.date_range("2026-01-01", periods=6)
    sales = pd.DataFrame(
        {
            "shop_id": ["s", "t"] * 6,
            "item_id": ["a", "b", "b"] * 4,
            "date": days.repeat(2),
            "units": np.arange(12.0),
        }
    )
    first, second = build_panel(sales), build_panel(sales.iloc[list(order)])
    np.testing.assert_array_equal(first.units, second.units)
    assert first.series.equals(second.series)


def test_categorical_ids_and_text_ids_make_the_same_panel():
    sales = sales_of(("s", "b", "2026-01-01", 2), ("s", "a", "2026-01-02", 3), ("t", "a", "2026-01-02", 1))
    coded = sales.assign(
        shop_id=sales["shop_id"].astype("category"), item_id=sales["item_id"].astype("category")
    )
    np.testing.assert_array_equal(build_panel(sales).units, build_panel(coded).units)


def test_polars_tables_make_the_same_panel():
    polars = pytest.importorskip("polars")
    sales = sales_of(("s", "b", "2026-01-01", 2), ("s", "a", "2026-01-02", 3))
    np.testing.assert_array_equal(build_panel(sales).units, build_panel(polars.from_pandas(sales)).units)


def test_a_price_holds_until_the_next_and_into_the_known_future():
    sales = sales_of(("s", "a", "2026-01-02", 2), ("s", "a", "2026-01-04", 3))
    prices = pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": "a",
            "date": pd.to_datetime(["2025-06-01", "2026-01-03", "2026-01-06"]),
            "unit_price": [5.0, 6.0, 7.0],
        }
    )
    panel = build_panel(sales, prices, horizon=3)
    assert panel.unit_price is not None
    assert panel.unit_price.tolist() == [[5, 6, 6, 6, 7, 7]]


def test_further_numeric_columns_of_prices_and_calendar_are_covariates():
    sales = sales_of(("s", "a", "2026-01-01", 2), ("s", "a", "2026-01-02", 3))
    prices = sales[["shop_id", "item_id", "date"]].assign(unit_price=5.0, on_offer=[0, 1])
    calendar = pd.DataFrame(
        {
            "date": pd.to_datetime(["2026-01-01", "2026-01-03"]),
            "event": ["Pongal", "Pongal"],
            "rain": [1.5, 2.5],
        }
    )
    panel = build_panel(sales, prices, calendar=calendar, horizon=1)
    assert panel.price_covariates == ("on_offer",)
    assert panel.price_values is not None
    assert panel.price_values[0].tolist() == [[0, 1, 1]]
    assert panel.calendar.covariates == ("rain",)
    assert panel.calendar.values[0, :, 0].tolist()[::2] == [1.5, 2.5]


def test_an_event_of_a_region_holds_in_its_shops_only():
    sales = sales_of(("s", "a", "2026-01-01", 2), ("t", "a", "2026-01-01", 3))
    shops = pd.DataFrame({"shop_id": ["s", "t"], "region": ["KL", "UP"]})
    calendar = pd.DataFrame(
        {
            "date": pd.to_datetime(["2026-01-01"] * 2),
            "region": ["KL", None],
            "event": ["Onam", "Republic Day"],
        }
    )
    panel = build_panel(sales, calendar=calendar, shops=shops)
    held = panel.calendar.occurs[panel.calendar.region_of_series, 0]
    assert panel.calendar.events == ("Onam", "Republic Day")
    assert held.tolist() == [[True, True], [False, True]]


def test_weekly_data_keep_their_weekday():
    days = pd.date_range("2026-01-02", periods=5, freq="7D")  # Fridays
    panel = build_panel(
        pd.DataFrame({"shop_id": "s", "item_id": "a", "date": days, "units": 1.0}).drop(2), frequency="W"
    )
    assert panel.dates[0] == np.datetime64("2026-01-02")
    np.testing.assert_array_equal(panel.units, [[1, 1, np.nan, 1, 1]])


def test_daily_data_become_whole_weeks_from_monday():
    days = pd.date_range("2026-01-05", periods=17)  # a Monday
    panel = build_panel(
        pd.DataFrame({"shop_id": "s", "item_id": "a", "date": days, "units": 1.0}), frequency="W"
    )
    assert panel.units.tolist() == [[7.0, 7.0]]
    assert "unfinished week" in panel.notes[0]


def test_a_missing_stock_row_is_unknown():
    sales = sales_of(("s", "a", "2026-01-01", 2), ("s", "a", "2026-01-02", 3))
    stock = sales.iloc[:1][["shop_id", "item_id", "date"]].assign(in_stock_share=0.5)
    panel = build_panel(sales, stock=stock)
    np.testing.assert_array_equal(panel.in_stock_share, np.array([[0.5, np.nan]], dtype=np.float32))


def test_no_sales_at_all_is_refused():
    with pytest.raises(DataError, match="no rows"):
        build_panel(sales_of(("s", "a", "2026-01-01", 2)).iloc[:0])


@pytest.mark.parametrize(
    ("column", "value"), [("units", -1.0), ("units", np.nan), ("units", np.inf), ("date", pd.NaT)]
)
def test_what_cannot_be_used_is_reported_by_row(column, value):
    sales = sales_of(("s", "a", "2026-01-01", 2), ("s", "a", "2026-01-02", 3))
    sales.loc[1, column] = value
    with pytest.raises(TableError, match="row 1"):
        build_panel(sales)


def test_cutting_and_choosing_keep_the_parts_together():
    sales = sales_of(("s", "a", "2026-01-01", 2), ("s", "b", "2026-01-02", 3), ("t", "a", "2026-01-03", 4))
    panel = build_panel(
        sales, sales[["shop_id", "item_id", "date"]].assign(unit_price=[1.0, 2.0, 3.0]), horizon=2
    )
    part = panel.until(2).take(np.array([2, 0]))
    assert part.unique_id.tolist() == ["t/a", "s/a"]
    assert part.units.shape == (2, 2)
    assert part.unit_price is not None
    assert part.unit_price.shape == (2, 5)
    assert part.future_dates(2).astype(str).tolist() == ["2026-01-03", "2026-01-04"]


def test_what_is_known_of_the_days_ahead_only_is_said():
    sales = sales_of(("s", "a", "2026-01-01", 2), ("s", "a", "2026-01-02", 3))
    calendar = pd.DataFrame(
        {
            "date": pd.to_datetime(["2026-01-01", "2026-01-03"]),
            "event": ["Haat", "Diwali"],
            "rain": [np.nan, 4.0],
        }
    )
    prices = sales_of(("s", "a", "2026-01-03", 0))[["shop_id", "item_id", "date"]].assign(
        unit_price=9.0, promo=1.0
    )
    notes = " ".join(build_panel(sales, prices, calendar=calendar, horizon=2).notes)
    assert all(f"'{name}' is known for the days ahead only" in notes for name in ("Diwali", "rain", "promo"))
    assert "Haat" not in notes
