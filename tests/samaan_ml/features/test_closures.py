"""Days on which a shop is closed by habit, and demand behind sold-out days."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.features import build_panel
from samaan_ml.features._closures import closed_ahead, festivals_closed, held_on
from samaan_ml.features._sold_out import past_demand


@given(st.integers(0, 6), st.integers(60, 120), st.integers(1, 20))
def test_a_weekday_always_closed_stays_closed(weekday, n_days, horizon):
    entered = (np.arange(n_days) % 7 != weekday)[None, :]
    closed = closed_ahead(entered, horizon)[0]
    assert closed.tolist() == [(n_days + step) % 7 == weekday for step in range(horizon)]


def test_a_day_that_was_merely_not_entered_says_nothing():
    entered = np.ones((1, 60), dtype=bool)
    entered[0, [5, 40, 59]] = False
    assert not closed_ahead(entered, 14).any()


def test_a_shop_that_stopped_entering_is_not_closed_for_ever():
    entered = np.ones((1, 100), dtype=bool)
    entered[0, 60:] = False
    assert not closed_ahead(entered, 14).any()


def test_a_festival_on_which_the_shop_was_always_closed_closes_it_again():
    days = pd.date_range("2024-01-01", periods=500)
    festive = (
        days[[100, 300, 503]]
        if len(days) > 503
        else days[[100, 300]].append(pd.DatetimeIndex(["2025-05-18"]))
    )
    sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "date": days.difference(festive), "units": 1.0})
    panel = build_panel(sales, calendar=pd.DataFrame({"date": festive, "event": "Holi"}), horizon=14)
    closed = closed_ahead(panel.shop_open, 14, panel.calendar)[0]
    ahead = panel.future_dates(14)
    assert [str(day) for day in ahead[closed]] == ["2025-05-18"]


def a_year_with_christmas(usual, at_christmas):
    """Daily units of a shop over three years and the calendar a fortnight further, Christmas and Holi in it."""
    days = pd.date_range("2022-01-01", "2024-12-20")
    units = np.random.default_rng(0).poisson(usual, len(days)).astype(float)
    units[(days.month == 12) & (days.day == 25)] = at_christmas
    sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "date": days, "units": units})
    christmas = pd.DataFrame({"date": pd.to_datetime([f"{y}-12-25" for y in range(2022, 2025)])})
    holi = pd.DataFrame({"date": pd.to_datetime(["2022-03-18", "2023-03-08", "2024-03-25"])})
    calendar = pd.concat([christmas.assign(event="Christmas"), holi.assign(event="Holi")])
    return build_panel(sales, calendar=calendar, horizon=14)


def test_a_festival_with_hardly_a_sale_is_as_good_as_closed():
    panel = a_year_with_christmas(40, 1.0)
    [names] = festivals_closed(panel.units, panel.calendar)
    assert names == ("Christmas",)
    ahead = panel.future_dates(14)[held_on(names, panel.calendar, 0)[panel.n_dates :]]
    assert [str(day) for day in ahead] == ["2024-12-25"]


def test_a_quiet_festival_or_a_small_shop_is_not_closed():
    quiet, small = a_year_with_christmas(40, 8.0), a_year_with_christmas(2, 0.0)
    assert festivals_closed(quiet.units, quiet.calendar) == [()]
    assert festivals_closed(small.units, small.calendar) == [()]


def test_full_stock_leaves_the_units_alone():
    units = np.random.default_rng(0).poisson(3.0, (4, 50)).astype(np.float32)
    np.testing.assert_array_equal(past_demand(units, np.ones_like(units), 7), units)


def test_demand_behind_a_sold_out_day_looks_backwards_only():
    rng = np.random.default_rng(0)
    units = rng.poisson(5.0, (3, 80)).astype(np.float32)
    share = rng.choice([1.0, 0.4], units.shape).astype(np.float32)
    whole = past_demand(units, share, 7)
    np.testing.assert_array_equal(past_demand(units[:, :50], share[:, :50], 7), whole[:, :50])
    assert (whole >= units).all()


def test_censored_days_are_recovered_without_bias():
    rng = np.random.default_rng(0)
    demand = rng.poisson(6.0, (200, 120)).astype(np.float32)
    share = np.where(rng.random(demand.shape) < 0.25, 0.5, 1.0).astype(np.float32)
    sold = np.where(share < 1, rng.binomial(demand.astype(int), 0.5), demand).astype(np.float32)
    restored = past_demand(sold, share, 7)[:, 30:]
    hidden = share[:, 30:] < 1
    assert abs(restored[hidden].sum() / demand[:, 30:][hidden].sum() - 1) < 0.04
