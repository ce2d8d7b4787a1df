"""Weights by class: what loses to the baseline is left out, what is right is found, bands are widened."""

import numpy as np
import pandas as pd
import pytest

from samaan_ml.exceptions import ParameterError
from samaan_ml.forecasting import (
    EnsembleForecaster,
    Forecast,
    Trial,
    backtest,
    choose_spreads,
    choose_weights,
    classify,
)
from samaan_ml.forecasting.models._blend import stretched

LEVELS = (0.1, 0.5, 0.9)


def a_trial(errors, rows=60, horizon=14, classes=None, seed=0):
    """Forecasts that are the truth plus noise of the given size (and bias) for each model."""
    rng = np.random.default_rng(seed)
    actual = rng.gamma(4.0, 2.0, (rows, horizon))
    forecasts = {}
    for name, (bias, noise) in errors.items():
        mean = actual + bias + rng.normal(0.0, noise, actual.shape)
        band = 1.28 * np.hypot(bias, noise)
        forecasts[name] = Forecast(mean, np.stack([mean - band, mean, mean + band], axis=2))
    kinds = np.full(rows, "smooth") if classes is None else np.asarray(classes)
    return Trial(actual, forecasts, LEVELS, kinds, np.ones(rows), np.ones(rows))


def test_a_model_that_loses_to_the_baseline_gets_no_weight():
    trial = a_trial({"naive": (0.0, 2.0), "good": (0.0, 1.0), "bad": (3.0, 4.0)})
    weights = choose_weights(trial)
    assert set(weights) == {"all", "smooth"}
    for blend in weights.values():
        assert blend["bad"] == 0.0
        assert blend["good"] > 0.5
        assert sum(blend.values()) == pytest.approx(1.0)


def test_where_all_lose_the_baseline_stays_alone():
    weights = choose_weights(a_trial({"naive": (0.0, 1.0), "worse": (0.0, 2.0)}))
    assert weights["smooth"] == {"naive": 1.0, "worse": 0.0}


def test_models_with_opposite_errors_are_blended():
    trial = a_trial({"naive": (0.0, 4.0), "low": (-1.5, 0.3), "high": (1.5, 0.3)})
    blend = choose_weights(trial)["smooth"]
    assert blend["low"] == pytest.approx(0.5, abs=0.11)
    assert blend["high"] == pytest.approx(0.5, abs=0.11)
    everything = np.ones(60, dtype=bool)
    alone = trial.loss(np.array([0.0, 1.0, 0.0]), everything)
    together = trial.loss(np.array(list(blend.values())), everything)
    assert together[0] < 0.5 * alone[0]


def test_classes_choose_for_themselves():
    first, second = (
        a_trial({"naive": (0.0, 3.0), "a": (0.0, a), "b": (0.0, b)}, rows=40)
        for a, b in ((0.5, 2.5), (2.5, 0.5))
    )
    joined = Trial(
        np.vstack([first.actual, second.actual]),
        {
            name: Forecast(
                np.vstack([first.forecasts[name].mean, second.forecasts[name].mean]),
                np.vstack([first.forecasts[name].quantiles, second.forecasts[name].quantiles]),
            )
            for name in first.models
        },
        LEVELS,
        np.repeat(["smooth", "lumpy"], 40),
        np.ones(80),
        np.ones(80),
    )
    weights = choose_weights(joined)
    assert weights["smooth"]["a"] > 0.7
    assert weights["lumpy"]["b"] > 0.7


def test_a_class_with_few_series_takes_the_weights_of_all():
    classes = ["smooth"] * 55 + ["new"] * 5
    weights = choose_weights(a_trial({"naive": (0.0, 2.0), "good": (0.0, 1.0)}, classes=classes))
    assert "new" not in weights


def test_bands_that_are_too_narrow_are_widened_and_wide_ones_narrowed():
    trial = a_trial({"naive": (0.0, 1.0)}, rows=200)
    weights = {"all": {"naive": 1.0}}
    for factor in (0.5, 1.0, 2.0):
        forecast = trial.forecasts["naive"]
        wrong = stretched(forecast.mean, forecast.quantiles, np.full((200, 3), factor), LEVELS)
        changed = Trial(trial.actual, {"naive": Forecast(forecast.mean, wrong)}, *_rest(trial))
        low, middle, high = choose_spreads(changed, weights)["all"]
        assert middle == 1.0
        assert low == pytest.approx(1 / factor, rel=0.15)
        assert high == pytest.approx(1 / factor, rel=0.15)


def _rest(trial):
    """The parts of a trial behind its forecasts."""
    return trial.quantiles, trial.classes, trial.rmsse_scale, trial.mase_scale


def test_the_blend_is_about_as_good_as_its_best_member():
    rng = np.random.default_rng(5)
    days = pd.date_range("2025-06-02", periods=200)
    tables = []
    for k in range(40):
        rate = rng.gamma(1.5, 2.0) * (1 + 0.8 * np.isin(np.arange(200) % 7, (5, 6)) * (k % 2))
        units = rng.poisson(rate * np.ones(200))
        tables.append(pd.DataFrame({"shop_id": "s", "item_id": f"i{k}", "date": days, "units": units}))
    from samaan_ml.forecasting import CrostonForecaster, SeasonalNaiveForecaster, ThetaForecaster

    rivals = [kind(horizon=14) for kind in (SeasonalNaiveForecaster, CrostonForecaster, ThetaForecaster)]
    model = EnsembleForecaster(horizon=14, models=("croston", "theta"))
    scores = backtest(model, pd.concat(tables), n_origins=2, baselines=rivals).scores()
    best = scores.drop("EnsembleForecaster" if "EnsembleForecaster" in scores.index else repr(model))[
        "rmsse"
    ].min()
    assert scores["rmsse"].iloc[0] <= 1.03 * best
    chosen = model.fit(pd.concat(tables))
    assert chosen.choices().sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert set(chosen.members_) <= {"seasonalnaive", "croston", "theta"}


def test_a_short_history_is_blended_without_validation():
    days = pd.date_range("2026-01-05", periods=10)
    sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "date": days, "units": 4.0})
    model = EnsembleForecaster(horizon=7).fit(sales)
    assert model.weights_["all"]["windowmean"] == model.weights_["all"]["ets"] == 0.5
    assert model.predict()["mean"].to_numpy() == pytest.approx(4.0, rel=0.05)


def test_an_unknown_member_is_named():
    days = pd.date_range("2026-01-05", periods=10)
    sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "date": days, "units": 4.0})
    with pytest.raises(ParameterError, match=r"must be from .* got \['prophet'\]"):
        EnsembleForecaster(models=("prophet",)).fit(sales)
    with pytest.raises(ParameterError, match="'models' of EnsembleForecaster must be one or more names"):
        EnsembleForecaster(models="ets").fit(sales)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([5.0, 6.0] * 60, "smooth"),
        ([1.0, 30.0] * 60, "erratic"),
        ([5.0, 0.0, 0.0] * 40, "intermittent"),
        ([1.0, 0.0, 0.0, 40.0, 0.0, 0.0] * 20, "lumpy"),
        ([0.0] * 100 + [5.0] * 20, "new"),
        ([0.0] * 120, "intermittent"),
        ([np.nan] * 100 + [0.0] * 20, "new"),
    ],
)
def test_demand_classes_are_those_of_syntetos_and_boylan(units, expected):
    assert classify([units]).tolist() == [expected]


def test_a_negative_age_of_new_items_is_refused():
    with pytest.raises(ParameterError, match="'new_days' must be 0 or more"):
        classify([[1.0]], new_days=-1)
