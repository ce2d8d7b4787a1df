"""A shop's weekly sales at prices that answer to demand, with the true elasticities known.

The prices are endogenous on purpose: the shopkeeper raises them in weeks in which the category sells well,
so that a plain regression of sales on prices is wrong. Costs move for reasons of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml.exceptions import ParameterError

__all__ = ["ElasticityPanel", "simulate_elasticity_panel"]

Floats: TypeAlias = npt.NDArray[np.float64]
Spread = Literal["normal", "lognormal", "uniform", "two_groups", "heavy_tailed"]
Noise = Literal["negative_binomial", "poisson", "lognormal"]

_FIRST_WEEK = np.datetime64("2024-01-01")


@dataclass(frozen=True, slots=True)
class ElasticityPanel:
    """Tables as a shop would have them, and apart from them the truth.

    Parameters
    ----------
    sales, prices, stock, items : pandas.DataFrame
        Tables of `samaan_ml.tables`; `prices` has unit_cost and a `promotion` flag besides.
    truth : pandas.DataFrame
        One row an item: elasticity, level (units a week at `price`), price and cost of the last week in rupees.
    """

    sales: pd.DataFrame
    prices: pd.DataFrame
    stock: pd.DataFrame
    items: pd.DataFrame
    truth: pd.DataFrame


def simulate_elasticity_panel(
    n_items: int = 200,
    n_weeks: int = 104,
    n_categories: int = 10,
    *,
    spread: Spread = "normal",
    noise: Noise = "negative_binomial",
    endogeneity: float = 0.5,
    item_endogeneity: float = 0.0,
    drift: float = 0.1,
    cost_volatility: float = 0.008,
    random_state: int = 0,
) -> ElasticityPanel:
    """Simulate one shop, weekly.

    Parameters
    ----------
    n_items, n_weeks, n_categories : int, default=200, 104, 10
        Size of the panel; items are dealt to the categories in turn.
    spread : {"normal", "lognormal", "uniform", "two_groups", "heavy_tailed"}, default="normal"
        Distribution of the true elasticities, so that no estimator profits from knowing it.
    noise : {"negative_binomial", "poisson", "lognormal"}, default="negative_binomial"
        Noise of the weekly units around their mean.
    endogeneity : float, default=0.5
        How much of the category's demand shock of the week the shopkeeper passes into the price.
    item_endogeneity : float, default=0.0
        The same for the item's own shock, which no category effect can absorb; then only the cost helps.
    drift : float, default=0.1
        Standard deviation of the slow movement of an item's own level, in logs.
    cost_volatility : float, default=0.008
        Standard deviation of the weekly steps of the log cost, of the category's and of the item's own part.
    random_state : int, default=0
        Seed.

    Returns
    -------
    ElasticityPanel
        The tables and the truth.

    Raises
    ------
    ParameterError
        When a size is not positive.

    Examples
    --------
    >>> panel = simulate_elasticity_panel(n_items=4, n_weeks=10, n_categories=2)
    >>> panel.prices.columns.tolist()
    ['shop_id', 'item_id', 'date', 'unit_price', 'unit_cost', 'promotion']
    """
    if min(n_items, n_weeks, n_categories) < 1:
        raise ParameterError(
            f"sizes must be positive, got {n_items} items, {n_weeks} weeks, {n_categories} categories"
        )
    rng = np.random.default_rng(random_state)
    category = np.arange(n_items) % n_categories
    elasticity = _elasticities(rng, spread, category, n_categories)
    shock = _autoregression(rng, n_categories, n_weeks, 0.7, 0.15) + _season(rng, n_categories, n_weeks)
    own = _autoregression(rng, n_items, n_weeks, 0.9, drift)
    level = rng.normal(np.log(25.0), 0.8, n_items)
    demand = endogeneity * shock[category] + item_endogeneity * own
    cost, price, promotion = _prices(rng, demand, category, cost_volatility)
    reference = np.log(price).mean(axis=1)
    lift = np.clip(rng.normal(0.25, 0.1, n_items), 0.0, None)
    log_mean = (
        level[:, None]
        + shock[category]
        + own
        + elasticity[:, None] * (np.log(price) - reference[:, None])
        + lift[:, None] * promotion
    )
    share = np.where(rng.random(price.shape) < 0.05, rng.uniform(0.2, 0.9, price.shape), 1.0)
    units = _draw(rng, noise, np.exp(log_mean) * share)
    at_last_price = np.exp(level + elasticity * (np.log(price[:, -1]) - reference))
    return _tables(units, price, cost, promotion, share, category, elasticity, at_last_price)


def _elasticities(
    rng: np.random.Generator, spread: Spread, category: npt.NDArray[np.intp], n_categories: int
) -> Floats:
    """True elasticities: negative, by category, of the distribution asked for."""
    n = len(category)
    if spread == "lognormal":
        return -np.exp(rng.normal(0.45, 0.2, n_categories)[category] + rng.normal(0.0, 0.3, n))
    if spread == "uniform":
        return -rng.uniform(0.3, 3.0, n)
    if spread == "two_groups":
        return np.minimum(np.where(rng.random(n) < 0.5, -0.8, -2.4) + rng.normal(0.0, 0.15, n), -0.1)
    centre = rng.normal(-1.7, 0.4, n_categories)[category]
    if spread == "heavy_tailed":
        return np.minimum(centre + 0.3 * rng.standard_t(3, n), -0.1)
    return np.minimum(centre + rng.normal(0.0, 0.4, n), -0.1)


def _autoregression(rng: np.random.Generator, rows: int, weeks: int, memory: float, sd: float) -> Floats:
    """Stationary AR(1) paths."""
    out = np.empty((rows, weeks))
    out[:, 0] = rng.normal(0.0, sd, rows)
    steps = rng.normal(0.0, sd * np.sqrt(1.0 - memory**2), (rows, weeks))
    for week in range(1, weeks):
        out[:, week] = memory * out[:, week - 1] + steps[:, week]
    return out


def _season(rng: np.random.Generator, rows: int, weeks: int) -> Floats:
    """A yearly wave, shifted by category."""
    phase = rng.uniform(0.0, 2.0 * np.pi, rows)[:, None]
    return np.asarray(0.15 * np.sin(2.0 * np.pi * np.arange(weeks) / 52.0 + phase), dtype=float)


def _prices(
    rng: np.random.Generator, demand: Floats, category: npt.NDArray[np.intp], volatility: float
) -> tuple[Floats, Floats, Floats]:
    """Costs that wander, regular prices that follow cost and demand now and then, and promotions."""
    n, weeks = demand.shape
    shared = np.cumsum(rng.normal(0.0, volatility, (int(category.max()) + 1, weeks)), axis=1)
    own = np.cumsum(rng.normal(0.0, volatility, (n, weeks)), axis=1)
    cost = np.exp(rng.normal(np.log(40.0), 0.7, (n, 1)) + shared[category] + own)
    markup = rng.uniform(1.15, 1.5, (n, 1))
    wanted = cost * markup * np.exp(demand)
    regular = np.empty_like(wanted)
    regular[:, 0] = wanted[:, 0]
    moves = rng.random((n, weeks)) < 0.10
    for week in range(1, weeks):
        regular[:, week] = np.where(moves[:, week], wanted[:, week], regular[:, week - 1])
    promotion = (rng.random((n, weeks)) < 0.04).astype(float)
    price = np.maximum(np.round(regular * (1.0 - promotion * rng.uniform(0.05, 0.2, (n, weeks)))), 1.0)
    return cost, price, promotion


def _draw(rng: np.random.Generator, noise: Noise, mean: Floats) -> Floats:
    """Units around their mean."""
    if noise == "poisson":
        return rng.poisson(mean).astype(float)
    if noise == "lognormal":
        return np.asarray(np.round(mean * np.exp(rng.normal(-0.06, 0.35, mean.shape))), dtype=float)
    return rng.poisson(mean * rng.gamma(8.0, 1.0 / 8.0, mean.shape)).astype(float)


def _tables(
    units: Floats,
    price: Floats,
    cost: Floats,
    promotion: Floats,
    share: Floats,
    category: npt.NDArray[np.intp],
    elasticity: Floats,
    level: Floats,
) -> ElasticityPanel:
    """Write the arrays as tables."""
    n, weeks = units.shape
    item = np.array([f"item-{i:05d}" for i in range(n)], dtype=object)
    keys = pd.DataFrame(
        {
            "shop_id": "shop-1",
            "item_id": np.repeat(item, weeks),
            "date": np.tile((_FIRST_WEEK + 7 * np.arange(weeks)).astype("datetime64[ns]"), n),
        }
    )
    names = np.array([f"category-{c:02d}" for c in category], dtype=object)
    priced = {"unit_price": price.ravel(), "unit_cost": cost.round(4).ravel(), "promotion": promotion.ravel()}
    return ElasticityPanel(
        sales=keys.assign(units=units.ravel()),
        prices=keys.assign(**priced),
        stock=keys.assign(in_stock_share=share.ravel()),
        items=pd.DataFrame({"item_id": item, "category": names}),
        truth=pd.DataFrame(
            {
                "item_id": item,
                "elasticity": elasticity,
                "level": level,
                "price": price[:, -1],
                "cost": cost[:, -1],
            }
        ),
    )
