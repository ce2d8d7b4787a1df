"""WRMSSE and WSPL over a hierarchy against the competition's definition, written out slowly."""

import numpy as np
import pandas as pd
import pytest

from samaan_ml import metrics
from samaan_ml.exceptions import DataError

LEVELS = {"total": (), "shop": ("shop_id",), "item": ("item_id",), "shop x item": ("shop_id", "item_id")}


@pytest.fixture
def world():
    """A small hierarchy with sales, forecasts and revenue."""
    rng = np.random.default_rng(3)
    attributes = pd.DataFrame({"shop_id": list("aabbcc"), "item_id": list("xyxyxy")})
    history = rng.poisson(2.0, (6, 40)).astype(float)
    history[4, :20] = 0.0
    return {
        "hierarchy": metrics.SummingHierarchy(attributes, LEVELS),
        "attributes": attributes,
        "history": history,
        "actual": rng.poisson(2.0, (6, 7)).astype(float),
        "forecast": rng.gamma(2.0, 1.0, (6, 7)),
        "revenue": rng.uniform(1, 9, 6),
    }


def groups_of(attributes, columns):
    """Members of each group of a level, in sorted order."""
    keys = [tuple(row) for row in attributes[list(columns)].itertuples(index=False)]
    return [[i for i, key in enumerate(keys) if key == name] for name in sorted(set(keys))]


def test_wrmsse_equals_the_sum_over_levels_and_groups(world):
    expected = {}
    for level, columns in LEVELS.items():
        score = weight = 0.0
        for members in groups_of(world["attributes"], columns):
            history = world["history"][members].sum(axis=0)
            history = history[np.argmax(history > 0) :]
            scale = np.mean(np.diff(history) ** 2)
            error = world["actual"][members].sum(axis=0) - world["forecast"][members].sum(axis=0)
            money = world["revenue"][members].sum()
            score += money * np.sqrt(np.mean(error**2) / scale)
            weight += money
        expected[level] = score / weight
    parts = (world["actual"], world["forecast"], world["history"], world["revenue"], world["hierarchy"])
    found = metrics.wrmsse_by_level(*parts)
    assert found == pytest.approx(expected)
    assert metrics.wrmsse(*parts) == pytest.approx(np.mean(list(expected.values())))


def test_wspl_equals_the_sum_over_levels_and_groups(world):
    quantiles = (0.25, 0.5, 0.9)
    rng = np.random.default_rng(5)
    expected, forecasts = {}, {}
    for level, columns in LEVELS.items():
        groups = groups_of(world["attributes"], columns)
        forecasts[level] = np.sort(rng.gamma(2.0, 2.0, (len(groups), 7, 3)), axis=2)
        score = weight = 0.0
        for number, members in enumerate(groups):
            history = world["history"][members].sum(axis=0)
            history = history[np.argmax(history > 0) :]
            scale = np.mean(np.abs(np.diff(history)))
            actual = world["actual"][members].sum(axis=0)
            loss = 0.0
            for k, level_of in enumerate(quantiles):
                error = actual - forecasts[level][number, :, k]
                loss += np.where(error >= 0, level_of * error, (level_of - 1) * error).mean() / 3
            money = world["revenue"][members].sum()
            score += money * loss / scale
            weight += money
        expected[level] = score / weight
    parts = (world["actual"], forecasts, quantiles, world["history"], world["revenue"], world["hierarchy"])
    assert metrics.wspl_by_level(*parts) == pytest.approx(expected)
    assert metrics.wspl(*parts) == pytest.approx(np.mean(list(expected.values())))


def test_every_level_keeps_the_total(world):
    for level in LEVELS:
        total = world["hierarchy"].aggregate(world["actual"], level).sum(axis=0)
        np.testing.assert_allclose(total, world["actual"].sum(axis=0))


def test_m5_has_twelve_levels_and_its_number_of_series():
    attributes = pd.DataFrame(
        [
            (f"{state}_{store}", state, f"i{item}", f"d{item % 7}", f"c{item % 7 % 3}")
            for state, stores in (("CA", 4), ("TX", 3), ("WI", 3))
            for store in range(stores)
            for item in range(70)
        ],
        columns=["store_id", "state_id", "item_id", "dept_id", "cat_id"],
    )
    tree = metrics.SummingHierarchy(attributes)
    sizes = list(tree.sizes_.values())
    assert sizes == [1, 3, 10, 3, 7, 9, 21, 30, 70, 70, 210, 700]


def test_a_perfect_forecast_scores_zero(world):
    score = metrics.wrmsse(
        world["actual"], world["actual"], world["history"], world["revenue"], world["hierarchy"]
    )
    assert score == 0.0


def test_faults_are_named(world):
    with pytest.raises(DataError, match=r"lacks the columns \['state_id'\]"):
        metrics.SummingHierarchy(world["attributes"], {"state": ("state_id",)})
    with pytest.raises(DataError, match="level 'village' is not one of"):
        world["hierarchy"].aggregate(world["actual"], "village")
    with pytest.raises(DataError, match="must have 6 rows, one a series; got 2"):
        world["hierarchy"].aggregate(world["actual"][:2], "total")


@pytest.mark.data
@pytest.mark.slow
def test_m5_weights_reproduce_the_published_seasonal_naive_on_the_validation_period(benchmark_data):
    """The organisers' sheet is for the final period; the naive's rank of magnitude holds on this one."""
    sales = pd.read_parquet(benchmark_data / "m5" / "sales.parquet")
    units = np.vstack(sales["sales"].to_numpy()).astype(np.float32)
    calendar = pd.read_parquet(benchmark_data / "m5" / "calendar.parquet")
    prices = pd.read_parquet(benchmark_data / "m5" / "sell_prices.parquet")
    origin = 1913
    weeks = calendar["wm_yr_wk"].to_numpy()[origin - 28 : origin]
    wide = prices[prices["wm_yr_wk"].isin(weeks)].pivot_table(
        index=["store_id", "item_id"], columns="wm_yr_wk", values="sell_price", observed=True
    )
    price = (
        wide.reindex(pd.MultiIndex.from_frame(sales[["store_id", "item_id"]]))
        .reindex(columns=weeks)
        .to_numpy()
    )
    revenue = np.nansum(units[:, origin - 28 : origin] * price, axis=1)
    naive = np.tile(units[:, origin - 7 : origin], 4)
    tree = metrics.SummingHierarchy(sales)
    assert sum(tree.sizes_.values()) == 42_840
    score = metrics.wrmsse(units[:, origin : origin + 28], naive, units[:, :origin], revenue, tree)
    assert 0.75 < score < 0.95
