"""Demand over lead time, reorder points and newsvendor levels against closed forms and simulation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from samaan_ml.exceptions import ParameterError
from samaan_ml.inventory import (
    PeriodDemand,
    critical_ratio,
    estimate_correlation,
    expiry_risk,
    newsvendor_units,
    reorder_advice,
    slow_stock,
    spread_of,
)


def law_of(demand):
    """Scipy's distribution of counts with the same moments."""
    excess = demand.sd**2 - demand.mean
    if excess <= 1e-6 * demand.mean:
        return stats.poisson(demand.mean)
    return stats.nbinom(demand.mean**2 / excess, demand.mean / demand.sd**2)


moments = st.tuples(st.floats(0.05, 500), st.floats(0.05, 300))


def test_the_newsvendor_equals_the_textbooks_closed_form():
    demand = PeriodDemand(100.0, 20.0, "normal")
    ratio = critical_ratio(unit_price_paise=1_000, unit_cost_paise=400, salvage_paise=100)
    assert ratio == pytest.approx(600 / 900, abs=1e-12)
    assert newsvendor_units(demand, ratio) == pytest.approx(100 + 20 * stats.norm.ppf(2 / 3), abs=1e-6)
    poisson = PeriodDemand(7.0, np.sqrt(7.0))
    assert newsvendor_units(poisson, 0.9) == stats.poisson.ppf(0.9, 7.0)


@given(moments, st.floats(0.1, 800), st.sampled_from(["gamma", "normal"]))
def test_expected_sales_equal_the_integral_of_the_tail(given_moments, stock, family):
    mean, sd = given_moments
    demand = PeriodDemand(mean, min(max(sd, 0.1 * mean), 3 * mean), family)
    law = stats.gamma(mean**2 / demand.sd**2, scale=demand.sd**2 / mean)
    if family == "normal":
        law = stats.norm(mean, demand.sd)
    low = 0.0 if family == "gamma" else mean - 12 * demand.sd
    high = mean + 60 * demand.sd
    # Finer towards the bottom, where a gamma with a small shape falls steeply.
    grid = min(low, stock) + (min(high, stock) - min(low, stock)) * np.linspace(0, 1, 8001) ** 4
    expected = grid[0] + integrate.trapezoid(law.sf(grid), grid)
    assert demand.expected_sales(stock) == pytest.approx(expected, rel=1e-3, abs=1e-3)


@given(moments, st.integers(0, 400))
def test_expected_sales_of_counts_equal_the_sum(given_moments, stock):
    mean, sd = given_moments
    demand = PeriodDemand(mean, sd)
    expected = law_of(demand).sf(np.arange(stock)).sum()
    assert demand.expected_sales(float(stock)) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(moments)
def test_the_chance_of_staying_within_the_stock_is_that_of_the_law(given_moments):
    mean, sd = given_moments
    demand = PeriodDemand(mean, sd)
    grid = np.arange(int(mean + 60 * max(sd, np.sqrt(mean))) + 2)
    within = np.array([demand.chance_within(k) for k in grid[:: max(1, grid.size // 50)]])
    np.testing.assert_allclose(within, law_of(demand).cdf(grid[:: max(1, grid.size // 50)]), atol=1e-9)


def test_the_sum_is_not_the_sum_of_quantiles():
    means, sds = [5.0] * 7, [3.0] * 7
    week = PeriodDemand.of_days(means, sds, correlation=0.0)
    summed = 7 * PeriodDemand(5.0, 3.0).quantile(0.95)
    assert week.quantile(0.95) < 0.8 * summed


@given(st.floats(0.0, 0.9))
def test_correlated_days_add_up_as_simulated_days_do(correlation):
    sds = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
    apart = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    draws = np.random.default_rng(0).multivariate_normal(
        np.zeros(5), np.outer(sds, sds) * correlation**apart, 20_000
    )
    assert PeriodDemand.of_days([9.0] * 5, sds, correlation).sd == pytest.approx(
        draws.sum(axis=1).std(), rel=0.03
    )


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.7])
def test_the_correlation_is_found_again(correlation):
    apart = np.abs(np.subtract.outer(np.arange(7), np.arange(7)))
    errors = np.random.default_rng(1).multivariate_normal(np.zeros(7), correlation**apart, 5000)
    assert estimate_correlation(errors) == pytest.approx(correlation, abs=0.05)


def test_the_spread_is_read_from_quantiles():
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    for true in (stats.gamma(4.0, scale=2.0), stats.gamma(25.0, scale=0.4)):
        quantiles = np.array([[true.ppf(level) for level in levels]])
        assert spread_of(np.array([true.mean()]), quantiles, levels)[0] == pytest.approx(true.std(), rel=0.15)


def test_a_forecast_becomes_demand_over_its_first_days():
    forecast = pd.DataFrame(
        {"mean": [4.0, 5.0, 6.0], "q0.1": [1.0] * 3, "q0.5": [4.0] * 3, "q0.9": [9.0] * 3}
    )
    demand = PeriodDemand.of_forecast(forecast, days=2)
    assert demand.mean == 9.0
    assert demand.sd >= 3.0, "pieces cannot vary less than Poisson"
    with pytest.raises(ParameterError, match="'days' must be from 1 to the forecast's 3 days"):
        PeriodDemand.of_forecast(forecast, days=4)


@pytest.mark.parametrize("service", [0.8, 0.9, 0.98])
def test_the_service_level_is_achieved_in_simulation(service):
    """Every day a new order up to the reorder point arrives after the lead time: periodic review of one day."""
    rng = np.random.default_rng(3)
    lead, review, mean, shape, days = 2, 1, 12.0, 6.0, 40_000
    daily_sd = np.sqrt(mean + mean**2 / shape)
    period = lead + review
    demand = PeriodDemand.of_days([mean] * period, [daily_sd] * period, correlation=0.0)
    level = reorder_advice(demand, 0, service_level=service).reorder_point_milli // 1000
    drawn = rng.negative_binomial(shape, shape / (shape + mean), days + period)
    over_period = np.convolve(drawn, np.ones(period), mode="valid")
    achieved = (over_period <= level).mean()
    assert service - 0.02 <= achieved <= service + 0.035, "whole pieces may only round the level up"


@given(
    moments,
    st.integers(-50_000, 200_000),
    st.integers(0, 50_000),
    st.sampled_from([1, 500, 1000, 24_000]),
    st.floats(0.5, 0.99),
)
def test_the_advice_can_be_recomputed_and_covers_the_need(given_moments, on_hand, on_order, case, service):
    demand = PeriodDemand(*given_moments)
    advice = reorder_advice(demand, on_hand, on_order, service_level=service, case_milli=case)
    assert advice.holds()
    assert advice.order_milli - advice.needed_milli in range(case)
    reached = max(on_hand, 0) + on_order + advice.order_milli
    assert reached >= advice.reorder_point_milli
    assert advice.reorder_point_milli == 1000 * demand.quantile(service)
    assert not replace(advice, cases=advice.cases + 1).holds()


def test_a_full_shelf_orders_nothing():
    assert reorder_advice(PeriodDemand(5.0, 2.0), on_hand_milli=100_000).cases == 0


def test_an_item_without_demand_needs_nothing():
    demand = PeriodDemand(0.0, 0.0)
    assert demand.quantile(0.99) == 0.0
    assert demand.expected_sales(5.0) == 0.0
    assert reorder_advice(demand, on_hand_milli=0).cases == 0


def test_thirty_units_five_days_and_a_demand_of_twelve_leave_eighteen_at_risk():
    risk = expiry_risk(stock_milli=30_000, days_left=5, demand_units=12.0)
    assert risk.at_risk_milli == 18_000
    assert expiry_risk(10_000, 5, 12.0).at_risk_milli == 0
    assert expiry_risk(10_000, 0, 12.0).at_risk_milli == 10_000


def test_dead_slow_and_moving_stock_are_told_apart():
    stock = pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": ["moving", "slow", "dead", "never", "gone"],
            "on_hand_milli": [10_000, 90_000, 5_000, 3_000, 0],
            "unit_cost_paise": [1_000, 2_000, 50_000, 100, 100],
        }
    )
    days = pd.date_range("2026-01-01", "2026-03-01")
    sales = pd.DataFrame({"shop_id": "s", "item_id": "moving", "date": days, "units": 2.0})
    slow = pd.DataFrame({"shop_id": "s", "item_id": "slow", "date": days[::10], "units": 1.0})
    dead = pd.DataFrame({"shop_id": "s", "item_id": "dead", "date": days[:1], "units": 1.0})
    table = slow_stock(stock, pd.concat([sales, slow, dead])).set_index("item_id")
    assert table["state"].to_dict() == {"dead": "dead", "slow": "slow", "moving": "moving", "never": "dead"}
    assert table.loc["dead", "value_paise"] == 250_000
    assert table.index[0] == "dead", "most money first"
    assert table.loc["never", "days_since_sale"] == -1
    assert table.loc["moving", "cover_days"] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: PeriodDemand(-1.0, 1.0), "'mean' of PeriodDemand must be 0 or more"),
        (lambda: PeriodDemand(1.0, float("nan")), "'sd' of PeriodDemand must be 0 or more"),
        (lambda: PeriodDemand(1.0, 1.0, "cauchy"), "'family' must be"),
        (lambda: PeriodDemand(1.0, 1.0).quantile(1.0), "'level' must be between 0 and 1"),
        (lambda: PeriodDemand.of_days([1.0], [1.0, 2.0]), "must be of one length"),
        (lambda: PeriodDemand.of_days([1.0], [1.0], correlation=1.0), "'correlation' must be"),
        (lambda: critical_ratio(10, 5, salvage_paise=5), "no amount would be too much"),
        (lambda: newsvendor_units(PeriodDemand(1.0, 1.0), 1.0), "'ratio' must be"),
        (lambda: reorder_advice(PeriodDemand(1.0, 1.0), 0, case_milli=0), "'case_milli' must be 1 or more"),
        (lambda: reorder_advice(PeriodDemand(1.0, 1.0), 0, on_order_milli=-1), "must be 0 or more"),
        (lambda: expiry_risk(-1, 1, 1.0), "must be 0 or more"),
        (lambda: expiry_risk(1, 1, 1.0, level=0.0), "'level' must be between 0 and 1"),
    ],
)
def test_faults_are_named(call, words):
    with pytest.raises(ParameterError, match=words):
        call()
