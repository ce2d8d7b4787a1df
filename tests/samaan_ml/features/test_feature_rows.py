"""Feature rows: names, values against a slow reference, and nothing of the future in them."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.features import Panel, build_panel
from samaan_ml.features._groups import remember_groups
from samaan_ml.features._inputs import kernel_inputs
from samaan_ml.features._recipe import FeatureRecipe, learn_recipe
from samaan_ml.features._table import feature_table, row_layout
from samaan_ml.forecasting.trees._explain import DRIVERS

N_DAYS = 420


def feature_names(recipe: FeatureRecipe) -> list[str]:
    """Name the features in the order of a row."""
    return [feature.name for feature in feature_table(recipe)]


@cache
def a_panel() -> Panel:
    """Two shops of six items with prices, stock, festivals and a closed day."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=N_DAYS)
    index = pd.MultiIndex.from_product([["s", "t"], [f"i{k}" for k in range(6)], days])
    sales = index.to_frame(index=False, name=["shop_id", "item_id", "date"])
    sales["units"] = rng.poisson(2.0, len(sales)).astype(float)
    sales = sales[(sales["date"] != days[200]) | (sales["shop_id"] == "t")]
    sales = sales[(sales["item_id"] != "i5") | (sales["date"] >= days[100])]
    prices = sales[["shop_id", "item_id", "date"]].iloc[::30]
    prices = prices.assign(unit_price=rng.uniform(5, 9, len(prices)))
    stock = sales[["shop_id", "item_id", "date"]].assign(in_stock_share=rng.choice([1.0, 0.5], len(sales)))
    calendar = pd.DataFrame(
        {"date": days[::60], "event": ["Holi", "Diwali"] * 3 + ["Holi"] * (len(days[::60]) - 6)}
    )
    items = pd.DataFrame({"item_id": [f"i{k}" for k in range(6)], "category": ["dal", "tea", "oil"] * 2})
    return build_panel(sales, prices, stock, calendar, items, horizon=14)


@pytest.fixture
def panel() -> Panel:
    """The same panel for every test: nothing changes it."""
    return a_panel()


def rows(recipe: FeatureRecipe, panel: Panel, origin: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute the rows of every series, 14 days ahead of an origin."""
    inputs = kernel_inputs(recipe, panel)
    series = np.repeat(np.arange(panel.n_series), 14)
    steps = np.tile(np.arange(1, 15), panel.n_series)
    return inputs.rows(recipe, series, np.full(len(series), origin), steps)


def test_every_feature_has_a_name_and_a_driver(panel):
    recipe = learn_recipe(panel)
    features, _ = rows(recipe, panel, 300)
    names = feature_names(recipe)
    assert len(names) == len(set(names)) == features.shape[1]
    assert {feature.driver for feature in feature_table(recipe)} <= set(DRIVERS)


def test_the_widths_of_the_blocks_add_up_to_the_row(panel):
    recipe = learn_recipe(panel)
    *blocks, group = row_layout(recipe)
    assert sum(blocks) + group * len(recipe.groups) == len(feature_table(recipe))


@settings(max_examples=20)
@given(st.integers(60, N_DAYS - 15), st.integers(0, 2**31 - 1))
def test_a_changed_future_changes_no_feature(origin, seed):
    panel = a_panel()
    recipe = learn_recipe(panel)
    rng = np.random.default_rng(seed)
    changed = panel.units.copy()
    changed[:, origin + 1 :] = rng.poisson(50.0, changed[:, origin + 1 :].shape)
    stock = panel.in_stock_share.copy()
    stock[:, origin + 1 :] = 0.0
    before, base_before = rows(recipe, panel, origin)
    after, base_after = rows(recipe, replace(panel, units=changed, in_stock_share=stock), origin)
    np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(base_before, base_after)


def test_an_origin_within_the_history_reads_like_the_end_of_a_cut_history(panel):
    recipe = learn_recipe(panel)
    within, _ = rows(recipe, panel, 300)
    at_end, _ = rows(recipe, panel.until(301), 300)
    np.testing.assert_array_equal(within, at_end)


@pytest.mark.parametrize("origin", [250, 333, N_DAYS - 1])
def test_means_and_shares_equal_a_slow_reference(panel, origin):
    recipe = learn_recipe(panel)
    features, base = rows(recipe, panel, origin)
    place = {name: k for k, name in enumerate(feature_names(recipe))}
    for s in range(panel.n_series):
        past = panel.units[s, : origin + 1].astype(float)
        row, level = features[14 * s], base[14 * s]
        for window in (7, 28, 91):
            known = past[-window:][~np.isnan(past[-window:])]
            assert row[place[f"mean_{window}"]] == pytest.approx(known.mean() / level, rel=1e-5)
        last = past[-28:][~np.isnan(past[-28:])]
        assert row[place["nonzero_28"]] == pytest.approx((last > 0).mean(), rel=1e-5)
        assert row[place["std_28"]] == pytest.approx(last.std() / level, rel=1e-4)
        assert row[place["since_sale"]] == np.argmax(past[::-1] > 0)
        assert row[place["age"]] == origin - np.argmax(np.nan_to_num(past) > 0)


def test_the_phase_is_the_same_weekday_only(panel):
    recipe = learn_recipe(panel)
    inputs = kernel_inputs(recipe, panel)
    origin, series = 300, np.zeros(7, dtype=np.int64)
    features, _ = inputs.rows(recipe, series, np.full(7, origin), np.arange(1, 8))
    place = {name: k for k, name in enumerate(feature_names(recipe))}
    for step in range(1, 8):
        past = panel.units[0, origin + step - 7 :: -7][:4].astype(float)
        known = past[~np.isnan(past)]
        month = panel.units[0, origin - 27 : origin + 1]
        prior = np.nanmean(month)
        wanted = (known.sum() + 2 * prior) / (len(known) + 2) / prior
        assert features[step - 1, place["phase_4"]] == pytest.approx(wanted, rel=1e-4)


def test_a_recipe_survives_its_state(panel):
    recipe = learn_recipe(panel)
    assert FeatureRecipe.from_state(recipe.get_state()) == recipe


def test_a_part_of_a_shop_reads_the_groups_from_memory(panel):
    recipe = learn_recipe(panel)
    inputs = kernel_inputs(recipe, panel)
    memory = remember_groups(recipe, panel, inputs)
    part = panel.take(np.array([3]))
    alone = kernel_inputs(recipe, part, memory=memory)
    series, steps = np.zeros(14, dtype=np.int64), np.arange(1, 15)
    origins = np.full(14, panel.n_dates - 1)
    of_part, _ = alone.rows(recipe, series, origins, steps)
    of_all, _ = inputs.rows(recipe, series + 3, origins, steps)
    np.testing.assert_array_equal(of_part, of_all)


def test_the_same_festival_last_time_gives_its_effect():
    days = pd.date_range("2022-01-01", periods=900)
    units = np.full(900, 10.0)
    festive = [100, 450, 850]
    for day in festive[:2]:
        units[day] = 30.0
    items = ["a"] * 900 + ["b"] * 900
    sales = pd.DataFrame(
        {"shop_id": "s", "item_id": items, "date": days.append(days), "units": np.tile(units, 2)}
    )
    calendar = pd.DataFrame({"date": days[festive], "event": "Diwali"})
    panel = build_panel(sales[sales["date"] < days[840]], calendar=calendar, horizon=14)
    recipe = learn_recipe(panel)
    inputs = kernel_inputs(recipe, panel)
    features, _ = inputs.rows(recipe, np.zeros(14, dtype=np.int64), np.full(14, 839), np.arange(1, 15))
    effect = features[:, feature_names(recipe).index("all:event")]
    assert effect[10] == pytest.approx((3.0 + 3.0 + 0.5) / 2.5)
    assert np.isnan(effect[0])
