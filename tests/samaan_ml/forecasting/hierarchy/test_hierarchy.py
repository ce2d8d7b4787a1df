"""Upper levels: a structural model that sees the calendar, and items scaled to agree."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from samaan_ml.features import build_panel
from samaan_ml.features._history import as_history
from samaan_ml.forecasting.hierarchy._boosted_sums import BoostedSums
from samaan_ml.forecasting.hierarchy._hierarchy import Hierarchy, UpperLevels
from samaan_ml.forecasting.hierarchy._structural import structural_forecast


def chain(n_days=800, seed=0):
    """A panel of four shops in two regions, twelve items in three categories."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2024-01-01", periods=n_days)
    index = pd.MultiIndex.from_product([list("abcd"), [f"i{k}" for k in range(12)], days])
    sales = index.to_frame(index=False, name=["shop_id", "item_id", "date"])
    lift = 1.0 + 0.5 * (sales["date"].dt.day_of_week == 5)
    sales["units"] = rng.poisson(3.0 * lift).astype(float)
    items = pd.DataFrame({"item_id": [f"i{k}" for k in range(12)], "category": ["dal", "tea", "oil"] * 4})
    shops = pd.DataFrame({"shop_id": list("abcd"), "region": ["KL", "KL", "UP", "UP"]})
    return build_panel(sales, items=items, shops=shops, horizon=14)


def test_levels_are_every_choice_of_shop_side_and_item_side():
    levels = set(Hierarchy.of(chain(60)).levels)
    assert {
        (),
        ("region",),
        ("shop_id",),
        ("category",),
        ("region", "category"),
        ("shop_id", "category"),
    } == levels


def test_sums_from_below_are_sums():
    panel = chain(60)
    upper = UpperLevels(Hierarchy.of(panel), panel, panel.units)
    mean = np.random.default_rng(0).random((panel.n_series, 5))
    below = upper.below(mean)
    np.testing.assert_allclose(below[0], mean.sum(axis=0))
    np.testing.assert_allclose(upper.sums[0], panel.units.sum(axis=0))


def test_scaled_items_come_close_to_their_targets_and_keep_their_zeros():
    panel = chain(60)
    upper = UpperLevels(Hierarchy.of(panel), panel, panel.units)
    mean = np.random.default_rng(0).random((panel.n_series, 5))
    mean[3] = 0.0
    wanted = 1.3 * upper.below(mean)
    scaled = upper.scaled(mean, wanted, 1.0)
    np.testing.assert_allclose(scaled.sum(axis=0), wanted[0], rtol=0.02)
    assert (scaled[3] == 0).all()


def test_no_weight_leaves_the_items_alone():
    panel = chain(60)
    upper = UpperLevels(Hierarchy.of(panel), panel, panel.units)
    mean = np.random.default_rng(0).random((panel.n_series, 5))
    np.testing.assert_allclose(upper.scaled(mean, 9.0 * upper.below(mean), 0.0), mean)


def test_a_biased_bottom_is_left_for_the_upper_model():
    panel = chain()
    upper = UpperLevels(Hierarchy.of(panel), panel, panel.units)
    origins = (700, 740)
    own = [upper.structural(o + 1, 14) for o in origins]
    biased = [upper.below(1.2 * panel.units[:, o + 1 : o + 15]) for o in origins]
    perfect = [upper.below(panel.units[:, o + 1 : o + 15].astype(float)) for o in origins]
    assert upper.choose_weight(biased, own, origins)[0] >= 0.5
    assert upper.choose_weight(perfect, own, origins)[0] == 0.0


def test_the_structural_model_finds_weekday_and_level():
    days = pd.date_range("2024-01-01", periods=500)
    rng = np.random.default_rng(0)
    shape = 100.0 * (1.0 + 0.5 * (days.day_of_week == 5)) * np.where(np.arange(500) > 250, 1.5, 1.0)
    sales = pd.DataFrame(
        {"shop_id": "s", "item_id": "a", "date": days, "units": shape * rng.normal(1, 0.02, 500)}
    )
    panel = build_panel(sales, horizon=14)
    forecast = structural_forecast(panel.units, panel.calendar, np.ones((1, 1)), 14, weekly=False)[0]
    ahead = pd.date_range(days[-1] + pd.Timedelta(days=1), periods=14)
    np.testing.assert_allclose(forecast, 150.0 * (1.0 + 0.5 * (ahead.day_of_week == 5)), rtol=0.05)


def test_a_sum_too_short_or_too_sparse_has_no_structural_forecast():
    days = pd.date_range("2024-01-01", periods=400)
    sparse = (np.arange(400) % 3 == 0).astype(float)
    sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "date": days, "units": sparse})
    panel = build_panel(sales, horizon=7)
    assert np.isnan(structural_forecast(panel.units, panel.calendar, np.ones((1, 1)), 7, weekly=False)).all()


def test_a_hierarchy_survives_its_state():
    hierarchy = Hierarchy.of(chain(60))
    assert Hierarchy.from_state(hierarchy.get_state()) == hierarchy


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_part_of_the_series_is_not_scaled(share):
    panel = chain(60)
    hierarchy = Hierarchy(Hierarchy.of(panel).levels, 0.5, panel.n_series)
    part = panel.take(np.arange(int(share * panel.n_series)))
    assert hierarchy.applies(as_history(part)) == (share == 1.0)


def test_sums_as_series_keep_what_their_level_names():
    panel = chain(60)
    upper = UpperLevels(Hierarchy.of(panel), panel, panel.units)
    sums = upper.as_panel
    named = sums.series.set_index(["region", "category", "shop_id"]).index
    assert named.is_unique
    total = sums.series.index[
        (sums.series[["region", "category"]] == "*").all(axis=1) & (sums.series["level"] == "0")
    ]
    np.testing.assert_allclose(sums.units[total[0]], panel.units.sum(axis=0))
    oil = (sums.series["category"] == "oil") & (sums.series["region"] == "UP")
    members = (panel.series["category"] == "oil") & (panel.series["region"] == "UP")
    np.testing.assert_allclose(sums.units[np.flatnonzero(oil)[0]], panel.units[members].sum(axis=0))


def test_trees_over_sums_find_the_weekday_and_see_nothing_after_the_cut():
    panel = chain(500)
    upper = UpperLevels(Hierarchy.of(panel), panel, panel.units)
    trees = BoostedSums.fit(upper.as_panel, 14, 470, 0)
    forecast = trees.forecast(trees.inputs(upper.as_panel), 470, 14)
    came = upper.sums[:, 470:484]
    assert np.abs(forecast[0] / came[0] - 1).mean() < 0.1
    changed = panel.units.copy()
    changed[:, 470:] *= 9
    other = UpperLevels(Hierarchy.of(panel), panel, changed)
    again = BoostedSums.fit(other.as_panel, 14, 470, 0)
    np.testing.assert_array_equal(again.forecast(again.inputs(other.as_panel), 470, 14), forecast)


def test_too_few_sums_grow_no_trees():
    panel = chain(60)
    upper = UpperLevels(Hierarchy.of(panel), panel, panel.units)
    assert BoostedSums.fit(upper.as_panel, 14, panel.n_dates, 0) is None


def test_a_hierarchy_with_trees_survives_its_state():
    panel = chain(500)
    upper = UpperLevels(Hierarchy.of(panel), panel, panel.units)
    trees = BoostedSums.fit(upper.as_panel, 14, panel.n_dates, 0)
    hierarchy = replace(upper.hierarchy, weight=0.5, share=0.5, boosted=trees)
    again = Hierarchy.from_state(hierarchy.get_state())
    assert again.share == 0.5
    np.testing.assert_array_equal(
        UpperLevels(again, panel, panel.units).own(panel.n_dates - 14, 14),
        UpperLevels(hierarchy, panel, panel.units).own(panel.n_dates - 14, 14),
    )


def test_a_sum_over_items_without_a_category_is_a_series_too():
    panel = chain(60)
    panel.series.loc[panel.series["category"] == "oil", "category"] = None
    upper = UpperLevels(Hierarchy.of(panel), panel, panel.units)
    assert len(upper.as_panel.series) == len(upper.sums)
    assert set(upper.as_panel.series["category"]) == {"*", "dal", "tea", ""}
