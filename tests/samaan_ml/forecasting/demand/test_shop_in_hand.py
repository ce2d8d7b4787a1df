"""A model trained on other shops answers for one it has never seen: level, gaps, festivals, tables, closed days."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.features._history import as_history
from samaan_ml.forecasting import DemandForecaster
from samaan_ml.forecasting.demand._serving import Histories, ServedDemandModel

HORIZON = 14
N_DAYS = 380
DAYS = pd.date_range("2025-03-01", periods=N_DAYS)
KINDS = ("dal", "tea", "soap", "oil")
LAST = DAYS[-1].to_datetime64()


@cache
def model() -> DemandForecaster:
    """Two shops of lumpy, seasonal sales, with prices, stock and categories: nothing like the shops asked about."""
    rng = np.random.default_rng(1)
    parts = []
    weekday = 1.0 + 0.5 * (DAYS.day_of_week >= 5)
    for shop in ("s", "t"):
        for item in range(12):
            rate = (1.0 + item % 6) * weekday * (1.0 + 0.3 * np.sin(np.arange(N_DAYS) / 40.0 + item))
            units = rng.poisson(rng.gamma(2.0, rate / 2.0)).astype(float)
            parts.append(pd.DataFrame({"shop_id": shop, "item_id": f"i{item}", "date": DAYS, "units": units}))
    sales = pd.concat(parts, ignore_index=True)
    prices = sales.iloc[::40][["shop_id", "item_id", "date"]].assign(unit_price=lambda t: 40.0 + t.index % 9)
    stock = sales[["shop_id", "item_id", "date"]].assign(in_stock_share=1.0)
    items = pd.DataFrame(
        {"item_id": [f"i{k}" for k in range(12)], "category": [KINDS[k % 4] for k in range(12)]}
    )
    return DemandForecaster(horizon=HORIZON).fit(sales, prices, stock, items=items)


@cache
def served() -> ServedDemandModel:
    """The model as endpoint, batch job and API ask it."""
    return ServedDemandModel.from_state(model().get_state())


def shop(units: np.ndarray, **more: object) -> Histories:
    """A shop that the model has never seen."""
    names = tuple(f"new-{k}" for k in range(len(units)))
    kinds = tuple(KINDS[k % 4] for k in range(len(units)))
    given = {"categories": kinds, "unit_price": np.full(units.shape, 45.0), **more}
    return Histories("unseen", names, LAST, units.astype(float), **given)


@pytest.mark.parametrize("daily", [3.0, 20.0, 100.0])
def test_constant_sales_are_forecast_as_they_are(daily: float) -> None:
    answer = served().forecast(shop(np.full((4, 90), daily)))
    np.testing.assert_allclose(answer.mean.mean(axis=1), daily, rtol=0.05)
    width = answer.total_quantiles[:, 2] - answer.total_quantiles[:, 0]
    assert (width < 0.6 * HORIZON * daily).all()


def test_known_rates_come_out_in_sum_and_totals_hold_what_comes() -> None:
    rng = np.random.default_rng(2)
    rates = rng.gamma(2.0, 3.0, 40) + 0.5
    answer = served().forecast(shop(rng.poisson(rates[:, None], (40, 90))))
    assert answer.mean.sum() / HORIZON == pytest.approx(rates.sum(), rel=0.07)
    came = rng.poisson(HORIZON * rates, (50, 40))
    low, high = answer.total_quantiles[:, 0], answer.total_quantiles[:, 2]
    assert 0.7 <= ((came >= low) & (came <= high)).mean() <= 0.95


@pytest.mark.parametrize("gap", [1, 6, 7, 14, 28])
def test_days_without_entries_move_the_width_and_not_the_level(gap: int) -> None:
    rng = np.random.default_rng(3)
    units = rng.poisson(6.0, (8, 200)).astype(float)
    units[:, 3::7] = np.nan
    whole = served().forecast(shop(units, in_stock_share=np.where(np.isnan(units), np.nan, 1.0)))
    units[:, -gap:] = np.nan
    cut = served().forecast(shop(units, in_stock_share=np.where(np.isnan(units), np.nan, 1.0)))
    open_days = whole.mean.sum(axis=0) > 0
    assert open_days.sum() == 12
    np.testing.assert_array_equal(cut.mean.sum(axis=0) > 0, open_days)
    assert cut.mean.sum() == pytest.approx(whole.mean.sum(), rel=0.1)
    if gap > 3:
        assert "high" not in cut.confidence


def test_a_shop_behind_does_not_pull_the_others_down() -> None:
    panel = model().history_
    behind = panel.units.copy()
    behind[:12, -14:] = np.nan
    before = model().engine_.forecast(as_history(panel), HORIZON).means.mean
    after = model().engine_.forecast(as_history(replace(panel, units=behind)), HORIZON).means.mean
    assert after[12:].sum() == pytest.approx(before[12:].sum(), rel=0.03)
    assert after[:12].sum() == pytest.approx(before[:12].sum(), rel=0.12)


@pytest.mark.parametrize("since", [5, 22, 60])
def test_after_a_festival_the_festival_is_over(since: int) -> None:
    units = (np.arange(120) % 5 == 0).astype(float)[None, :]
    units[0, -since - 8 : -since] = 8.0
    answer = served().forecast(shop(units))
    assert answer.mean.sum() <= 6.0
    assert answer.total_quantiles[0, 1] <= 6.0


def test_a_shop_that_sells_every_few_days_has_not_forgotten_to_enter_the_others() -> None:
    units = np.full((1, 90), np.nan)
    units[0, ::5] = 1.0
    units[0, -29:-21] = 8.0
    answer = served().forecast(shop(units))
    assert answer.total_quantiles[0, 1] <= 8.0
    assert 1.0 <= answer.mean.sum() <= 6.0


def test_sold_out_days_do_not_lift_the_level_of_a_shop() -> None:
    rng = np.random.default_rng(10)
    demand = rng.poisson(6.0, (10, 120))
    share = np.where(rng.random(demand.shape) < 0.25, 0.5, 1.0)
    sold = np.where(share < 1, demand // 2, demand)
    answer = served().forecast(shop(sold, in_stock_share=share))
    assert answer.mean.mean() == pytest.approx(6.0, rel=0.1)


def test_a_level_that_fell_is_followed() -> None:
    rng = np.random.default_rng(4)
    units = np.concatenate([rng.poisson(12.0, (4, 165)), rng.poisson(4.0, (4, 35))], axis=1)
    assert served().forecast(shop(units)).mean.mean() == pytest.approx(4.0, rel=0.2)


@pytest.mark.parametrize("missing", ["unit_price", "categories", "both"])
def test_missing_tables_leave_the_level_alone(missing: str) -> None:
    rng = np.random.default_rng(5)
    units = rng.poisson(rng.gamma(2.0, 3.0, 20)[:, None] + 0.5, (20, 200))
    without = {"unit_price": {"unit_price": None}, "categories": {"categories": ()}}
    without["both"] = without["unit_price"] | without["categories"]
    full = served().forecast(shop(units))
    less = served().forecast(shop(units, **without[missing]))
    assert less.mean.sum() == pytest.approx(full.mean.sum(), rel=0.05)


def test_a_shop_of_a_kind_never_seen_is_never_sure() -> None:
    rng = np.random.default_rng(6)
    asked = shop(rng.poisson(6.0, (4, 200)), categories=("tyres", "paint", "books", "toys"))
    assert "high" not in served().forecast(asked).confidence


def test_a_day_said_to_be_closed_is_forecast_as_nothing() -> None:
    rng = np.random.default_rng(7)
    is_open = np.ones(100 + HORIZON)
    is_open[[40, 103]] = 0.0
    answer = served().forecast(shop(rng.poisson(6.0, (4, 100)), covariates=(("open", is_open),)))
    assert (answer.mean[:, 3] == 0).all()
    assert (answer.quantiles[:, 3] == 0).all()
    assert (np.delete(answer.mean, 3, axis=1) > 3).all()


def test_a_weekday_without_sales_of_one_item_among_others_stays_without() -> None:
    rng = np.random.default_rng(8)
    units = rng.poisson(8.0, (4, 120)).astype(float)
    units[1, 2::7] = 0.0
    quiet = (120 + np.arange(HORIZON)) % 7 == 2
    answer = served().forecast(shop(units))
    assert (answer.mean[1, quiet] == 0).all()
    assert (answer.mean[0, quiet] > 4).all()


def test_one_zero_too_many_in_an_entry_moves_little() -> None:
    rng = np.random.default_rng(9)
    units = rng.poisson(10.0, (1, 120)).astype(float)
    wrong = units.copy()
    wrong[0, -12] = 100.0
    right, off = served().forecast(shop(units)), served().forecast(shop(wrong))
    assert off.mean.sum() == pytest.approx(right.mean.sum(), rel=0.08)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(30, 200), st.floats(0.0, 0.3))
def test_served_equals_evaluated_to_a_milli_unit(seed: int, n_days: int, share_unknown: float) -> None:
    rng = np.random.default_rng(seed)
    panel = model().history_.take(np.arange(12))
    units = rng.poisson(3.0, (12, n_days)).astype(np.float32)
    units[rng.random(units.shape) < share_unknown] = np.nan
    first = panel.n_dates - n_days
    calendar = replace(panel.calendar, dates=panel.calendar.dates[first:])
    calendar = replace(calendar, occurs=calendar.occurs[:, first:], values=calendar.values[:, first:])
    history = replace(
        as_history(panel),
        units=units,
        calendar=calendar,
        in_stock_share=None,
        unit_price=panel.unit_price[:, first:],
    )
    evaluated = model().engine_.forecast(history, HORIZON).means.mean
    answer = served().forecast(
        Histories(
            "s", history.items, panel.dates[-1], units, categories=history.attributes["category"],
            unit_price=history.unit_price,
        )
    )  # fmt: skip
    np.testing.assert_allclose(answer.mean, evaluated, atol=5e-4)
