"""The common level of a short history is anchored to its last weeks; a long one is left alone."""

from dataclasses import replace

import numpy as np
import pandas as pd

from samaan_ml.forecasting import DemandForecaster
from samaan_ml.forecasting.demand._anchor import common_level
from samaan_ml.forecasting.demand._forecaster import _laid_out


def sales_that_grew_and_stopped(days: int, n_items: int = 30) -> pd.DataFrame:
    """Sales that doubled over their history and stand still in the last weeks."""
    rng = np.random.default_rng(0)
    growth = np.minimum(1.0 + np.arange(days) / (days - 14), 2.0)
    dates = pd.date_range("2026-01-05", periods=days)
    parts = [
        pd.DataFrame({"shop_id": "s", "item_id": f"i{k}", "date": dates, "units": rng.poisson(6.0 * growth)})
        for k in range(n_items)
    ]
    return pd.concat(parts, ignore_index=True).astype({"units": float})


def test_growth_of_a_few_months_is_not_carried_on():
    model = DemandForecaster(horizon=14).fit(sales_that_grew_and_stopped(84))
    assert model.engine_.anchor < 1.0
    inputs, _ = model._inputs(model.engine_.model.recipe, _laid_out(model.history_, 14), None)
    anchored = model.engine_.means(inputs, 14).mean.mean()
    free = replace(model.engine_, anchor=1.0).means(inputs, 14).mean.mean()
    assert abs(anchored - 12.0) < abs(free - 12.0)
    assert abs(model.predict()["mean"].mean() - 12.0) < 0.6


def test_a_year_of_history_is_left_alone():
    sales = sales_that_grew_and_stopped(380, n_items=4)
    model = DemandForecaster(horizon=7).fit(sales)
    assert model.engine_.anchor == 1.0
    panel = model.history_
    inputs, targets = model._inputs(model.engine_.model.recipe, panel, None)
    assert common_level(model.engine_, inputs, targets, 7, 84) != 1.0
