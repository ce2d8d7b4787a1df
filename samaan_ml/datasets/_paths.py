"""Random paths of prices, and shocks that a category shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samaan_ml.datasets._catalogue import CATEGORIES, Item
from samaan_ml.datasets._parameters import ShopSimulation
from samaan_ml.datasets._season import closing_days

__all__ = ["Array"]


Array = NDArray[np.float64]


_BELOW_PRINTED = 0.95
"""Customers are used to paying a little less than the printed price."""


_REVISIONS_PER_WEEK = 1 / 78
"""A maker prints a new MRP every year and a half. All shops then become dearer together, so customers stay."""


def _price_paths(
    simulation: ShopSimulation,
    rng: np.random.Generator,
    goods: list[Item],
    shop: NDArray[np.intp],
    item: NDArray[np.intp],
) -> tuple[Array, Array, Array]:
    """Draw wholesale level, MRP and usual price by week, each of shape (weeks, n_series)."""
    weeks, n_items = simulation.weeks, len(goods)
    price = np.array([good.price for good in goods])
    loose = np.array([CATEGORIES[good.category].loose for good in goods])
    revised = rng.random((weeks, n_items)) < _REVISIONS_PER_WEEK
    revised[0] = False
    step = np.where(revised, rng.uniform(0.02, 0.05, (weeks, n_items)), 0.0)
    level = np.exp(np.cumsum(np.where(loose, 0.0008, step), axis=0))
    market = _autoregression(rng, weeks, n_items, 0.9, 0.035) * np.where(loose, 2.0, 0.35)
    jump = np.where(rng.random((weeks, n_items)) < 0.04, rng.normal(0.0, 0.05, (weeks, n_items)), 0.0)
    drifting = np.zeros(n_items)
    deviation = np.empty((weeks, n_items))
    for week in range(weeks):
        drifting = np.clip(0.97 * drifting + jump[week], -0.12, 0.12)
        deviation[week] = drifting
    printed = np.where(loose, np.nan, np.maximum(np.round(price * level), 1.0))
    usual = np.where(loose, price * level, _BELOW_PRINTED * printed)
    wholesale = usual * np.exp(market + deviation)
    local = np.exp(rng.normal(0.0, 0.015, len(shop)))
    reference = np.asarray(np.round(usual[:, item], 4), dtype=np.float64)
    return wholesale[:, item] * local, printed[:, item], reference


def _margins(goods: list[Item], item: NDArray[np.intp], rng: np.random.Generator) -> Array:
    """Draw each series' usual margin as a share of the price."""
    usual = np.array([CATEGORIES[good.category].margin_ratio for good in goods])[item]
    return np.asarray(np.clip(usual * np.exp(rng.normal(0.0, 0.35, len(item))), 0.04, 0.45), dtype=np.float64)


def _autoregression(rng: np.random.Generator, weeks: int, n: int, memory: float, scale: float) -> Array:
    """Draw n stationary first-order autoregressions with innovations of a given scale, shape (weeks, n)."""
    path = np.empty((weeks, n))
    path[0] = rng.normal(0.0, scale / np.sqrt(1 - memory**2), n)
    noise = rng.normal(0.0, scale, (weeks, n))
    for week in range(1, weeks):
        path[week] = memory * path[week - 1] + noise[week]
    return path


def _category_shocks(
    simulation: ShopSimulation, rng: np.random.Generator, shop: NDArray[np.intp], category: NDArray[np.intp]
) -> Array:
    """Draw the weekly demand shock of each shop's categories, shape (weeks, n_series)."""
    memory = 0.7
    scale = simulation.shock_scale * np.sqrt(1 - memory**2)
    paths = _autoregression(rng, simulation.weeks, simulation.n_shops * len(CATEGORIES), memory, scale)
    return paths[:, shop * len(CATEGORIES) + category]


def _opening(
    simulation: ShopSimulation, rng: np.random.Generator, shops: pd.DataFrame
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Draw when shops are open and when their days were entered, each of shape (days, n_shops)."""
    shape = (simulation.days, simulation.n_shops)
    open_days = rng.random(shape) >= simulation.closed_rate
    weekday = np.arange(simulation.days) % 7
    for k, (state, closed_weekday) in enumerate(zip(shops["region"], shops["closed_weekday"], strict=True)):
        open_days[:, k] &= ~closing_days(simulation, state) & (weekday != closed_weekday)
    recorded = open_days & (rng.random(shape) >= simulation.unrecorded_rate)
    return open_days, recorded
