"""New items are drawn towards their category, price and shop, and their intervals say that they are new."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from samaan_ml.forecasting import DemandForecaster
from samaan_ml.forecasting.demand._cold_start import ColdStart, Similarity
from samaan_ml.forecasting.demand._serving import Histories, ServedDemandModel

DAYS = pd.date_range("2025-12-01", periods=150)
HIDDEN = 24


@cache
def world() -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    """Three shops of different size, four categories, cheap items sell more; the last items are kept back."""
    rng = np.random.default_rng(0)
    rows, hidden, price = [], [], []
    for item in range(64):
        category = item % 4
        cost = float(rng.choice([10.0, 20.0, 40.0]))
        for s, scale in enumerate((0.5, 1.0, 2.0)):
            rate = 3.0 * (1 + category) * scale * (cost / 20.0) ** -0.8 * rng.gamma(8.0, 1 / 8.0)
            units = rng.poisson(rate, len(DAYS)).astype(float)
            if item >= 64 - HIDDEN // 3:
                hidden.append((f"s{s}", f"i{item}", f"c{category}", cost, units))
            else:
                key = {"shop_id": f"s{s}", "item_id": f"i{item}", "date": DAYS}
                rows.append(pd.DataFrame({**key, "units": units}))
                price.append(pd.DataFrame({**key, "unit_price": cost}).iloc[:1])
    items = pd.DataFrame(
        {"item_id": [f"i{k}" for k in range(64)], "category": [f"c{k % 4}" for k in range(64)]}
    )
    return pd.concat(rows), items, np.array(hidden, dtype=object), pd.concat(price)  # type: ignore[return-value]


@cache
def fitted() -> ServedDemandModel:
    """The model, fitted without the hidden items."""
    sales, items, _, prices = world()
    model = DemandForecaster(horizon=7).fit(sales, prices, items=items)
    return ServedDemandModel.from_state(model.get_state())


def ask(row: np.ndarray, n_days: int):
    """Forecast a hidden item of which so many days are shown."""
    shop, item, category, cost, units = row
    shown = np.full((1, 60), np.nan)
    if n_days:
        shown[0, -n_days:] = units[60 - n_days : 60]
    price = np.full((1, 67), cost)
    return fitted().forecast(
        Histories(shop, (item,), DAYS[59].to_datetime64(), shown, None, (category,), None, price)
    )


@pytest.mark.parametrize(("n_days", "most"), [(0, 0.85), (2, 0.75), (7, 0.6)])
def test_items_never_seen_in_training_are_forecast_better_than_by_their_categorys_mean(n_days, most):
    sales, items, hidden, _ = world()
    by_category = sales.merge(items).groupby("category")["units"].mean()
    ours, naive = [], []
    for row in hidden:
        came = row[4][60:67]
        ours.append(np.abs(ask(row, n_days).mean[0].mean() - came.mean()))
        naive.append(np.abs(by_category[row[2]] - came.mean()))
    assert np.mean(ours) < most * np.mean(naive)


def test_a_new_shop_is_forecast_at_the_scale_of_a_usual_one():
    row = world()[2][1].copy()
    row[0] = "a shop never seen"
    answer = ask(row, 0)
    usual = np.mean([ask(each, 0).mean.mean() for each in world()[2][:3]])
    assert 0.4 * usual < answer.mean.mean() < 2.5 * usual


def test_intervals_of_new_items_are_wider_than_those_of_known_ones():
    widths = []
    for n_days in (0, 3, 60):
        answers = [ask(row, n_days) for row in world()[2]]
        assert all((np.diff(answer.total_quantiles[0]) >= 0).all() for answer in answers)
        width = sum(answer.total_quantiles[0, 2] - answer.total_quantiles[0, 0] for answer in answers)
        widths.append(width / sum(answer.mean.sum() for answer in answers))
    assert min(widths[:2]) > 1.1 * widths[2]
    assert ask(world()[2][0], 0).confidence == ("low",)


def test_an_item_with_a_long_history_is_left_alone():
    sales, *_ = world()
    like = Similarity(["s0"], ["i0"], ["c0"], np.array([20.0]))
    demand = sales[(sales["shop_id"] == "s0") & (sales["item_id"] == "i0")]["units"].to_numpy()[None]
    cold = ColdStart.fit(demand, like, "D")
    mean, doubt = cold.drawn(np.ones((1, 7)), demand, like)
    np.testing.assert_array_equal(mean, np.ones((1, 7)))
    assert doubt.tolist() == [0.0]


def test_nothing_known_of_anything_leaves_the_forecast():
    cold = ColdStart.fit(
        np.full((2, 5), np.nan), Similarity(["s"] * 2, ["a", "b"], [""] * 2, np.full(2, np.nan)), "D"
    )
    mean, _ = cold.drawn(
        np.ones((1, 7)), np.full((1, 3), np.nan), Similarity(["s"], ["a"], [""], np.full(1, np.nan))
    )
    np.testing.assert_array_equal(mean, np.ones((1, 7)))


def test_rates_survive_their_state():
    sales, items, _, _ = world()
    wide = sales.pivot_table(index=["shop_id", "item_id"], columns="date", values="units")
    kinds = items.set_index("item_id")["category"].reindex(wide.index.get_level_values("item_id")).tolist()
    like = Similarity(
        wide.index.get_level_values("shop_id").tolist(),
        wide.index.get_level_values("item_id").tolist(),
        kinds,
        np.full(len(wide), np.nan),
    )
    cold = ColdStart.fit(wide.to_numpy(), like, "D")
    np.testing.assert_array_equal(ColdStart.from_state(cold.get_state()).rates(like), cold.rates(like))
    assert np.corrcoef(cold.rates(like), wide.mean(axis=1))[0, 1] > 0.8
