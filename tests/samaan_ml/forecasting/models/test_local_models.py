"""The local models against slow loops, statsmodels and what they must find."""

import numpy as np
import pandas as pd
import pytest

from samaan_ml.features import build_panel
from samaan_ml.forecasting import (
    CrostonForecaster,
    ETSForecaster,
    SeasonalNaiveForecaster,
    ThetaForecaster,
    TSBForecaster,
    WindowMeanForecaster,
    demand_history,
)
from samaan_ml.forecasting.models import _ets_kernels, _smoothing


def panel_of(rows, start="2026-01-05"):
    """Lay units of one shop out as a panel."""
    units = np.atleast_2d(np.asarray(rows, dtype=float))
    index = pd.MultiIndex.from_product(
        [[f"i{k:03}" for k in range(len(units))], pd.date_range(start, periods=units.shape[1])],
        names=["item_id", "date"],
    )
    return build_panel(pd.DataFrame({"units": units.ravel()}, index=index).reset_index().assign(shop_id="s"))


def slow_croston(units, alpha):
    """Croston with the Syntetos-Boylan correction, as the papers word it, averaging at the start."""
    size = interval = waited = None
    sales = 0
    for value in units:
        if sales == 0:
            if value > 0:
                size, interval, waited, sales = value, 1.0, 0, 1
            continue
        waited += 1
        if value > 0:
            size += max(alpha, 1 / (sales + 1)) * (value - size)
            interval += max(alpha, 1 / sales) * (waited - interval)
            sales, waited = sales + 1, 0
    if waited > interval:
        interval += max(alpha, 1 / sales) * (waited - interval)
    return (1 - alpha / 2) * size / interval


def test_croston_equals_its_slow_wording():
    rng = np.random.default_rng(0)
    units = rng.poisson(0.4, (20, 120)) * rng.poisson(3.0, (20, 120)).astype(float)
    units[:, 0] = 1.0
    for alpha in (0.05, 0.2):
        rates, _ = _smoothing.run_croston(units, np.full(20, alpha))
        np.testing.assert_allclose(rates, [slow_croston(row, alpha) for row in units], rtol=1e-10)


def test_ets_with_given_weights_equals_statsmodels():
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    rng = np.random.default_rng(1)
    units = rng.gamma(5.0, 2.0, (1, 140)) + 3.0 * (np.arange(140) % 7 == 5)
    theta = np.array([[0.2, 0.0, 0.1, 1.0]])
    mean, fits = _ets_kernels.run_ets(units, 7, theta, np.array([1]), 14)
    state = np.zeros(9)
    _ets_kernels._ets_start(units[0], 0, 7, state)
    model = ETSModel(
        units[0],
        error="add",
        seasonal="add",
        seasonal_periods=7,
        initialization_method="known",
        initial_level=state[0],
        initial_seasonal=state[2:][::-1][-7:][::-1],
    )
    result = model.smooth([0.2, 0.1, state[0], *state[2:][::-1]])
    np.testing.assert_allclose(fits[0], result.fittedvalues, rtol=1e-8)
    np.testing.assert_allclose(mean[0], result.forecast(14), rtol=1e-8)


def test_ets_chooses_the_form_that_made_the_series():
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 1.0, (60, 280))
    weekday = np.array([0.0, 0, 0, 0, 4, 8, 8])[np.arange(280) % 7]
    flat = ETSForecaster().fit_panel(panel_of(np.maximum(20 + noise, 0.1))).weights_[:, 4]
    weekly = ETSForecaster().fit_panel(panel_of(np.maximum(20 + weekday + noise, 0.1))).weights_[:, 4]
    assert (flat == 0).mean() > 0.8
    assert np.isin(weekly, (1, 3)).all()


def test_a_rising_series_is_forecast_to_rise():
    units = 5.0 + 0.2 * np.arange(120) + np.random.default_rng(3).normal(0, 0.5, 120)
    for kind in (ETSForecaster, ThetaForecaster):
        mean = kind(horizon=14).fit_panel(panel_of(units)).predict_panel().mean[0]
        assert mean.mean() > units[-14:].mean(), kind.__name__


def test_a_gap_changes_nothing_but_what_it_hides():
    rng = np.random.default_rng(4)
    units = rng.poisson(6.0, (1, 140)).astype(float)
    gap = units.copy()
    gap[0, 60:67] = np.nan
    for kind in (WindowMeanForecaster, CrostonForecaster, TSBForecaster, ETSForecaster, ThetaForecaster):
        model = kind(horizon=7)
        whole = model.clone().fit_panel(panel_of(units)).predict_panel().mean
        panel = panel_of(np.vstack([np.nan_to_num(gap), units]))
        from dataclasses import replace

        holed = replace(panel, units=np.vstack([gap, units]).astype(np.float32))
        with_gap = model.clone().fit_panel(holed).predict_panel().mean[:1]
        np.testing.assert_allclose(with_gap, whole, rtol=0.15)


def test_tsb_fades_where_croston_holds():
    units = np.concatenate([np.tile([3.0, 0.0], 60), np.zeros(60)])
    fades = TSBForecaster().fit_panel(panel_of(units)).predict_panel().mean.mean()
    holds = CrostonForecaster().fit_panel(panel_of(units)).predict_panel().mean.mean()
    assert fades < 0.6 * holds, "a chance that fades must fall faster than an interval that grows"


def test_the_season_is_repeated_from_its_last_known_value():
    units = np.arange(21, dtype=float) + 1
    panel = panel_of(units)
    panel.units[0, 18] = np.nan
    mean = SeasonalNaiveForecaster(horizon=9).fit_panel(panel).predict_panel().mean[0]
    assert mean.tolist() == [15, 16, 17, 18, 12, 20, 21, 15, 16]


def test_bands_cover_what_they_say():
    rng = np.random.default_rng(6)
    units = rng.poisson(rng.gamma(3.0, 3.0, (150, 1)), (150, 300)).astype(float)
    past, ahead = units[:, :286], units[:, 286:]
    for kind in (WindowMeanForecaster, CrostonForecaster, ETSForecaster, ThetaForecaster):
        q = kind(horizon=14).fit_panel(panel_of(past)).predict_panel().quantiles
        assert 0.74 < ((ahead >= q[:, :, 0]) & (ahead <= q[:, :, 2])).mean() < 0.92, kind.__name__


def test_days_before_the_first_sale_are_not_history():
    history = demand_history(panel_of([0.0, 0.0, 3.0, 0.0]))
    assert np.isnan(history[0, :2]).all()
    assert history[0, 2:].tolist() == [3.0, 0.0]


@pytest.mark.slow
def test_a_shop_of_three_hundred_items_is_fitted_in_seconds():
    import time

    rng = np.random.default_rng(7)
    panel = panel_of(rng.poisson(rng.gamma(1.0, 3.0, (300, 1)), (300, 730)))
    ETSForecaster().fit_panel(panel.until(60)).predict_panel()
    begin = time.process_time()
    ETSForecaster().fit_panel(panel).predict_panel()
    assert time.process_time() - begin < 5


def test_the_season_theta_takes_off_is_the_mean_difference_from_the_season_around_each_day():
    rng = np.random.default_rng(3)
    units = rng.poisson(4.0, (3, 40)).astype(float)
    units[0, [5, 6, 30]] = np.nan
    offsets = _smoothing.season_offsets(units, 7, 2.0)
    for row in range(3):
        by_place = [[] for _ in range(7)]
        for day in range(40):
            near = units[row, max(day - 3, 0) : day + 4]
            if not np.isnan(units[row, day]):
                by_place[day % 7].append(units[row, day] - np.nanmean(near))
        plain = np.array([sum(each) / (len(each) + 2.0) for each in by_place])
        np.testing.assert_allclose(offsets[row], plain - plain.mean(), atol=1e-12)
