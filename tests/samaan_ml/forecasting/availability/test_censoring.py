"""Demand behind sold-out days, and the reasons of days without sale."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.exceptions import DataError, ParameterError
from samaan_ml.features import build_panel
from samaan_ml.forecasting import (
    DayCause,
    ETSForecaster,
    closed_days,
    day_causes,
    infer_sold_out,
    lost_units,
    restore_demand,
    sold_out_log,
)


def a_censored_shop(n=60, days=200, seed=0, chance=0.1):
    """Poisson demand with a weekday pattern, and shelves that run empty at a random moment of some days."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.0, (n, 1)) * (1.0 + 0.5 * np.isin(np.arange(days) % 7, (5, 6)))
    share = np.where(rng.random((n, days)) < chance, rng.random((n, days)), 1.0)
    sold = rng.poisson(rate * share)
    demand = sold + rng.poisson(rate * (1 - share))
    return demand.astype(float), sold.astype(float), share


def panel_of(units, share=None, open_days=None, calendar=None):
    """Lay units of one shop out as a panel; `open_days` leaves whole days out."""
    n, days = units.shape
    dates = pd.date_range("2025-01-06", periods=days)
    index = pd.MultiIndex.from_product([[f"i{k:02}" for k in range(n)], dates], names=["item_id", "date"])
    sales = pd.DataFrame({"units": units.ravel()}, index=index).reset_index().assign(shop_id="s")
    stock = None
    if share is not None:
        stock = sales[["shop_id", "item_id", "date"]].assign(in_stock_share=share.ravel())
    if open_days is not None:
        keep = np.tile(open_days, n)
        sales = sales[keep]
    return build_panel(sales, stock=stock, calendar=calendar)


def test_restored_demand_is_nearly_unbiased_where_sales_are_not():
    demand, sold, share = a_censored_shop()
    out = share < 1
    restored = restore_demand(sold, share).demand
    raw_bias = sold[out].sum() / demand[out].sum() - 1
    bias = restored[out].sum() / demand[out].sum() - 1
    assert raw_bias < -0.4
    assert abs(bias) < 0.03
    assert np.abs(restored - demand)[out].sum() < 0.6 * np.abs(sold - demand)[out].sum()


def test_fully_stocked_days_stay_as_they_are_and_no_demand_is_below_sales():
    _, sold, share = a_censored_shop(seed=1)
    restored = restore_demand(sold, share).demand
    np.testing.assert_array_equal(restored[share >= 1], sold[share >= 1].astype(np.float32))
    assert (restored >= sold.astype(np.float32)).all()


@settings(max_examples=30)
@given(st.integers(0, 2**31 - 1), st.floats(0.0, 1.0))
def test_a_fuller_shelf_never_means_more_was_lost(seed, share):
    rng = np.random.default_rng(seed)
    units = rng.poisson(4.0, (1, 40)).astype(float)
    shares = np.ones((1, 40))
    shares[0, 20] = share
    less = shares.copy()
    less[0, 20] = share / 2
    lost = restore_demand(units, shares).demand[0, 20] - units[0, 20]
    lost_with_less = restore_demand(units, less).demand[0, 20] - units[0, 20]
    assert lost_with_less >= lost - 0.35, "halving the stocked share lowered the loss by more than rounding"


def test_other_shops_that_had_the_item_tell_of_its_day():
    rng = np.random.default_rng(4)
    units = rng.poisson(10.0, (12, 60)).astype(float)
    units[:, 30] = 60.0  # a feast day in every shop
    share = np.ones((12, 60))
    share[0, 30], units[0, 30] = 0.0, 0.0
    alone = restore_demand(units, share).demand[0, 30]
    together = restore_demand(units, share, items=["tea"] * 12).demand[0, 30]
    assert alone < 25
    assert together > 1.5 * alone


def test_lost_units_add_up_by_series():
    demand, sold, share = a_censored_shop(n=8)
    table = lost_units(panel_of(sold, share))
    assert (table["demand_units"] - table["sold_units"]).to_numpy() == pytest.approx(table["lost_units"])
    assert (table["lost_units"] >= 0).all()
    assert table["sold_out_days"].sum() == (share < 1).sum()
    assert table["demand_units"].sum() == pytest.approx(demand.sum(), rel=0.03)


def test_a_forecast_knows_demand_from_sales():
    _, sold, share = a_censored_shop(n=20, chance=0.5, seed=3)
    demand, _, _ = a_censored_shop(n=20, chance=0.5, seed=3)
    panel = panel_of(sold, share)
    aware = ETSForecaster(horizon=28).fit_panel(panel).predict_panel().mean.mean()
    blind = ETSForecaster(horizon=28).fit_panel(panel_of(sold)).predict_panel().mean.mean()
    assert abs(aware / demand.mean() - 1) < 0.05
    assert blind / demand.mean() - 1 < -0.15


def test_long_runs_without_sale_of_a_fast_item_are_inferred_as_sold_out():
    rng = np.random.default_rng(6)
    units = rng.poisson(rng.uniform(3, 8, (40, 1)), (40, 300)).astype(float)
    empty = np.zeros(units.shape, dtype=bool)
    for row in range(40):
        for begin in rng.integers(10, 280, 5):
            empty[row, begin : begin + rng.integers(1, 6)] = True
    units[empty] = 0.0
    said = infer_sold_out(panel_of(units)).chance > 0.5
    right = (said & empty).sum()
    precision, recall = right / said.sum(), right / empty.sum()
    assert 2 * precision * recall / (precision + recall) >= 0.8


def test_a_slow_item_is_not_called_sold_out_for_selling_slowly():
    rng = np.random.default_rng(7)
    units = rng.poisson(0.15, (30, 300)).astype(float)
    assert (infer_sold_out(panel_of(units)).chance > 0.5).mean() < 0.01


def test_the_log_names_source_confidence_and_loss():
    _, sold, share = a_censored_shop(n=5, days=100)
    recorded = sold_out_log(panel_of(sold, share))
    assert set(recorded["source"]) == {"recorded"}
    assert len(recorded) == (share < 1).sum()
    assert (recorded["confidence"] == 1.0).all()
    units = np.full((3, 60), 6.0)
    units[1, 30:35] = 0.0
    inferred = sold_out_log(panel_of(units))
    assert inferred["date"].dt.strftime("%m-%d").tolist() == ["02-05", "02-06", "02-07", "02-08", "02-09"]
    assert set(inferred["source"]) == {"inferred"}
    assert inferred["lost_units"].between(3, 9).all()


def test_the_four_reasons_of_a_day_without_sale_are_told_apart():
    rng = np.random.default_rng(8)
    units = rng.poisson(5.0, (6, 140)).astype(float) + 1.0
    units[2, 50] = 0.0
    share = np.ones(units.shape)
    units[3, 60], share[3, 60] = 0.0, 0.0
    open_days = np.arange(140) % 7 != 6  # closed on Sundays
    open_days[71] = False  # and once not entered
    causes = day_causes(panel_of(units, share, open_days))
    assert causes[0, 0] == DayCause.SOLD
    assert causes[2, 50] == DayCause.NO_DEMAND
    assert causes[3, 60] == DayCause.SOLD_OUT
    assert set(causes[:, 6::7].ravel()) == {DayCause.CLOSED}
    assert set(causes[:, 71]) == {DayCause.NOT_ENTERED}


def test_a_yearly_closing_day_is_known_by_its_event():
    units = np.full((2, 400), 3.0)
    open_days = np.ones(400, dtype=bool)
    open_days[[20, 385]] = False
    dates = pd.date_range("2025-01-06", periods=400)
    calendar = pd.DataFrame({"date": dates[[20, 385]], "event": "Republic Day"})
    closed = closed_days(panel_of(units, open_days=open_days, calendar=calendar))
    assert closed[0, [20, 385]].all()
    assert not closed_days(panel_of(units, open_days=open_days))[0].any()


def test_an_empty_shelf_of_a_day_that_was_not_entered_is_not_guessed():
    units = np.full((2, 60), 6.0)
    open_days = np.ones(60, dtype=bool)
    open_days[30:36] = False
    assert infer_sold_out(panel_of(units, open_days=open_days)).chance[:, :30].max() < 0.5
    assert sold_out_log(panel_of(units, open_days=open_days)).empty


def test_faults_are_named():
    with pytest.raises(DataError, match="'in_stock_share' must have the shape"):
        restore_demand([[1.0, 2.0]], [[1.0]])
    with pytest.raises(DataError, match="'items' must name the item of each of the 1 series"):
        restore_demand([[1.0, 2.0]], [[1.0, 1.0]], items=["a", "b"])
    with pytest.raises(DataError, match="the panel has no stock"):
        lost_units(panel_of(np.ones((1, 10))))
    with pytest.raises(ParameterError, match="'least_confidence' must be between 0 and 1"):
        sold_out_log(panel_of(np.ones((1, 10))), least_confidence=2)
