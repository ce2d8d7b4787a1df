"""Training rows with their past cut off: what an item looked like when it was new."""

import numpy as np
import pandas as pd

from samaan_ml.features import build_panel
from samaan_ml.features._inputs import kernel_inputs
from samaan_ml.features._recipe import learn_recipe
from samaan_ml.forecasting.trees._global import TrainingPlan, sample_rows
from samaan_ml.forecasting.trees._shortened import shorten


def a_panel(n_days=300):
    """Twelve items of one shop with prices that change."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2025-01-01", periods=n_days)
    index = pd.MultiIndex.from_product([["s"], [f"i{k}" for k in range(12)], days])
    sales = index.to_frame(index=False, name=["shop_id", "item_id", "date"])
    sales["units"] = rng.poisson(1.5, len(sales)).astype(float)
    prices = sales[["shop_id", "item_id", "date"]][sales["date"].dt.day == 1]
    prices = prices.assign(unit_price=rng.integers(10, 20, len(prices)).astype(float))
    return build_panel(sales, prices=prices, horizon=14)


def rows_of(panel):
    """A recipe, its inputs and some sampled rows with their features."""
    recipe = learn_recipe(panel)
    inputs = kernel_inputs(recipe, panel)
    plan = TrainingPlan.for_data(2000, 40, 14, 7)
    rows = sample_rows(inputs, panel.units, 14, plan, panel.n_dates, np.random.default_rng(1))
    return recipe, inputs, rows, *inputs.rows(recipe, *rows)


def test_a_shortened_row_is_what_a_panel_without_the_past_gives():
    panel = a_panel()
    recipe, inputs, rows, features, base = rows_of(panel)
    short, level = features.copy(), base.copy()
    shorten(recipe, inputs, rows, short, level, np.random.default_rng(2))
    changed = np.flatnonzero(((short != features) & ~(np.isnan(short) & np.isnan(features))).any(axis=1))
    assert 0.02 * len(short) < len(changed) < 0.6 * len(short)
    series, origins, _ = rows
    for row in changed[:: max(len(changed) // 40, 1)]:
        window = range(max(origins[row] - 91, 0), origins[row] + 1)
        starts = [first for first in window if panel.units[series[row], first] > 0]
        found = (short[row], level[row])
        assert any(same(without_past(recipe, inputs, rows, row, first), found) for first in starts)


def without_past(recipe, inputs, rows, row, first):
    """Compute one row from a history that begins at `first`."""
    series, origins, steps = (column[row : row + 1] for column in rows)
    units, price = inputs.units.copy(), inputs.price.copy()
    units[series, :first] = np.nan
    price[series, :first] = np.nan
    start = inputs.start.copy()
    start[series] = first
    found, level = inputs._replace(units=units, price=price, start=start).rows(recipe, series, origins, steps)
    return found[0], level[0]


def same(one, other):
    """Compare a row's features and level."""
    return np.array_equal(one[0], other[0], equal_nan=True) and one[1] == other[1]


def test_the_future_of_a_row_does_not_change_it():
    panel = a_panel()
    recipe, inputs, rows, features, base = rows_of(panel)
    short, level = features.copy(), base.copy()
    shorten(recipe, inputs, rows, short, level, np.random.default_rng(2))
    again, base_again = features.copy(), base.copy()
    later = inputs.units.copy()
    later[:, 250:] += 7
    shorten(recipe, inputs._replace(units=later), rows, again, base_again, np.random.default_rng(2))
    before = rows[1] < 250
    np.testing.assert_array_equal(again[before], short[before])
    np.testing.assert_array_equal(base_again[before], level[before])
