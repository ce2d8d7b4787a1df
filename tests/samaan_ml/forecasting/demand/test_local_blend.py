"""Local models beside the global one: chosen by class on held-out origins, kept with the model, served alike."""

from functools import cache

import numpy as np
import pandas as pd

from samaan_ml.forecasting import DemandForecaster
from samaan_ml.forecasting.demand._local_blend import GLOBAL, LocalBlend, LocalPast, series_ids
from samaan_ml.forecasting.demand._serving import Histories, ServedDemandModel

DAYS = pd.date_range("2025-01-06", periods=140)


def a_past(n_series: int = 24, seed: int = 0) -> LocalPast:
    """Steady series with a weekday pattern of their own, which a local model learns at once."""
    rng = np.random.default_rng(seed)
    profile = rng.gamma(4.0, 0.25, (n_series, 7))
    level = rng.gamma(2.0, 5.0, (n_series, 1))
    demand = rng.poisson(level * profile[:, np.arange(len(DAYS)) % 7]).astype(float)
    return LocalPast(series_ids(["s"] * n_series, range(n_series)), demand)


def trials(past: LocalPast, wrong: float) -> tuple[list[np.ndarray], list[np.ndarray], tuple[int, ...]]:
    """Forecasts of a global model that is off by a factor, from two origins a fortnight apart."""
    origins = (len(DAYS) - 29, len(DAYS) - 15)
    actuals = [past.demand[:, o + 1 : o + 15] for o in origins]
    smooth = past.demand[:, : origins[0] + 1].reshape(len(past.ids), -1, 7).mean(axis=1)
    means = [wrong * smooth[:, np.arange(o + 1, o + 15) % 7] for o in origins]
    return means, actuals, origins


def test_a_global_model_that_loses_to_seasonal_naive_is_not_used():
    past = a_past()
    blend = LocalBlend.fit(past, "D", *trials(past, wrong=3.0))
    assert blend.active
    assert all(weights.get(GLOBAL, 0.0) == 0.0 for weights in blend.weights.values())
    mean = blend.blended(np.full((24, 14), 1e3), past)
    assert np.abs(mean.mean() - past.demand.mean()) < 0.35 * past.demand.mean()


def test_a_global_model_that_is_right_is_left_alone():
    past = a_past()
    blend = LocalBlend.fit(past, "D", *trials(past, wrong=1.0))
    assert all(weights.get(GLOBAL, 0.0) >= 0.5 for weights in blend.weights.values())


def test_many_series_are_left_to_the_global_model():
    many = LocalPast(np.array([str(k) for k in range(1001)]), np.ones((1001, 140)))
    means = [np.full((1001, 14), 9.0)]
    assert not LocalBlend.fit(many, "D", means, [np.ones((1001, 14))], (125,)).active


def test_a_blend_survives_its_state():
    past = a_past()
    blend = LocalBlend.fit(past, "D", *trials(past, wrong=3.0))
    again = LocalBlend.from_state(blend.get_state())
    mean = np.ones((24, 14))
    np.testing.assert_array_equal(again.blended(mean, past), blend.blended(mean, past))
    assert again.methods(past) == blend.methods(past)


def test_what_a_shop_shows_before_the_look_back_changes_nothing():
    past = a_past()
    blend = LocalBlend.fit(past, "D", *trials(past, wrong=3.0))
    longer = LocalPast(past.ids, np.hstack([np.full((24, 10), np.nan), past.demand]))
    mean = np.ones((24, 14))
    np.testing.assert_allclose(blend.blended(mean, longer), blend.blended(mean, past), rtol=1e-6)


@cache
def fitted() -> DemandForecaster:
    """Few series with weekday patterns of their own, where local models win."""
    past = a_past(n_series=10, seed=3)
    tables = [
        pd.DataFrame({"shop_id": "s", "item_id": f"i{k}", "date": DAYS, "units": past.demand[k]})
        for k in range(10)
    ]
    return DemandForecaster(horizon=7).fit(pd.concat(tables, ignore_index=True))


def test_few_series_are_blended_and_the_served_model_agrees():
    model = fitted()
    assert model.engine_.blend.active
    panel = model.history_
    served = ServedDemandModel.from_state(model.get_state())
    asked = Histories("s", tuple(panel.series["item_id"].astype(str)), panel.dates[-1], panel.units)
    answer = served.forecast(asked, explain=True)
    expected = model.predict()["mean"].to_numpy().reshape(10, 7)
    np.testing.assert_allclose(answer.mean, expected, rtol=1e-6)
    assert any("+" in name or name in ("ets", "theta") for name in answer.method)
    np.testing.assert_allclose(sum(units for _, units in answer.drivers), answer.mean.mean(axis=1), atol=1e-9)


def test_the_loaded_forecaster_blends_as_the_fitted_one():
    model = fitted()
    again = DemandForecaster.from_state(model.get_state())
    tables = model.history_
    sales = pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": np.repeat(tables.series["item_id"].astype(str).to_numpy(), len(DAYS)),
            "date": np.tile(DAYS, 10),
            "units": tables.units.ravel().astype(float),
        }
    )
    pd.testing.assert_frame_equal(again.predict(sales=sales), model.predict())
