"""The hidden side of a simulated world: who would buy how much at which price, and what goods cost.

Daily demand of series i on day t at price p is drawn from a negative binomial with mean

    base_i * exp(day effect + slow drift + category shock) * (p / reference)^elasticity_i * walk-away

and all luck is drawn from streams keyed by seed, purpose and week, never by what a policy does, so that two
policies in the same world meet the same customers (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samaan_ml.datasets._catalogue import CATEGORIES, Item, catalogue
from samaan_ml.datasets._parameters import ShopSimulation
from samaan_ml.datasets._paths import (
    Array,
    _autoregression,
    _category_shocks,
    _margins,
    _opening,
    _price_paths,
)
from samaan_ml.datasets._season import day_effects

__all__ = ["Market", "Purpose", "build_market", "poisson_quantile", "stream"]

Purpose = Literal["market", "demand", "sold_out", "delivery", "prices", "ledger", "promises"]

_STREAM_KEYS: dict[Purpose, int] = {
    "market": 0,
    "demand": 1,
    "sold_out": 2,
    "delivery": 3,
    "prices": 4,
    "ledger": 5,
    "promises": 6,
}

_WALK_AWAY_FROM = 0.15
_WALK_AWAY_ELASTICITY = -3.0
"""Beyond 15 % above the usual price customers also leave for the shop next door."""


_PRICE_POINT = 12.0
"""Up to this MRP, in rupees, goods are sold at the printed price: no coin is small enough for another."""


def stream(seed: int, purpose: Purpose, *key: int) -> np.random.Generator:
    """Return the random numbers of one purpose and time, the same whatever was drawn elsewhere."""
    sequence = np.random.SeedSequence(seed, spawn_key=(_STREAM_KEYS[purpose], *key))
    return np.random.Generator(np.random.PCG64(sequence))


@dataclass(frozen=True, slots=True)
class Market:
    """Everything a policy cannot change. Series run over (shop, item); arrays are per series unless said.

    Parameters
    ----------
    simulation : ShopSimulation
        The parameters it was built from.
    seed : int
        The seed it was built from.
    series : pandas.DataFrame
        shop_id, item_id, category, launch_day, last_day and the hidden elasticity, base_rate, dispersion.
    shops, items : pandas.DataFrame
        The shops and the items as the tables have them.
    shop, item, category : numpy.ndarray of int
        Codes into shops, items and categories.
    effects : numpy.ndarray, shape (days, states, categories)
        Log effect of the day.
    state : numpy.ndarray of int
        Code of the series' state.
    drift : numpy.ndarray, shape (weeks, n_series)
        Slow log drift of a series.
    shock : numpy.ndarray, shape (weeks, n_series)
        Category shock that the shopkeeper sees and the tables do not show.
    cost, mrp, reference : numpy.ndarray, shape (weeks, n_series)
        Purchase price, printed price (NaN for loose goods) and customers' usual price, in rupees.
    substitute : numpy.ndarray of int
        Series whose price matters to this one; itself where there is none.
    cross : numpy.ndarray
        Elasticity with respect to that price.
    fixed : numpy.ndarray of bool
        Sold at the printed price for good.
    margin : numpy.ndarray
        The shopkeeper's usual margin as a share of the price.
    open_days, recorded : numpy.ndarray of bool, shape (days, n_shops)
        When a shop is open, and when its sales were entered.
    """

    simulation: ShopSimulation
    seed: int
    series: pd.DataFrame
    shops: pd.DataFrame
    items: pd.DataFrame
    shop: NDArray[np.intp]
    item: NDArray[np.intp]
    category: NDArray[np.intp]
    effects: Array
    state: NDArray[np.intp]
    drift: Array
    shock: Array
    cost: Array
    mrp: Array
    reference: Array
    substitute: NDArray[np.intp]
    cross: Array
    fixed: NDArray[np.bool_]
    margin: Array
    open_days: NDArray[np.bool_]
    recorded: NDArray[np.bool_]

    @property
    def n_series(self) -> int:
        """Return the number of series."""
        return len(self.shop)

    def active(self, day: int) -> NDArray[np.bool_]:
        """Return which series the shops list on a day."""
        launch, last = self.series["launch_day"].to_numpy(), self.series["last_day"].to_numpy()
        return np.asarray((launch <= day) & (day <= last), dtype=np.bool_)

    def rate(self, day: int, price: Array, offer: NDArray[np.bool_] | None = None) -> Array:
        """Return the mean demand of each series on a day at given prices, offered or not."""
        week = day // 7
        elasticity = self.series["elasticity"].to_numpy()
        relative = np.log(price / self.reference[week])
        beyond = np.maximum(relative - _WALK_AWAY_FROM, 0.0)
        log_rate = (
            np.log(self.series["base_rate"].to_numpy())
            + self.effects[day, self.state, self.category]
            + self.drift[week]
            + self.shock[week]
            + elasticity * relative
            + _WALK_AWAY_ELASTICITY * beyond
            + self.cross * relative[self.substitute]
        )
        if offer is not None:
            log_rate = log_rate + self.simulation.promotion_lift * offer
        ramp = np.minimum(1.0, (day - self.series["launch_day"].to_numpy() + 7) / 35)
        rate = np.where(self.active(day), np.exp(log_rate) * np.where(ramp > 0, ramp, 0.0), 0.0)
        # Rounded so that the last bit of exp, which differs between processors, cannot change a draw.
        return np.asarray(np.round(rate, 6), dtype=np.float64)

    def luck(self, week: int) -> tuple[Array, Array]:
        """Return a week's gamma frailty and uniforms, each of shape (7, n_series)."""
        rng = stream(self.seed, "demand", week)
        dispersion = np.maximum(self.series["dispersion"].to_numpy(), 1e-3)
        frailty = rng.gamma(1 / dispersion, size=(7, self.n_series)) * dispersion
        return np.round(frailty, 6), rng.random((7, self.n_series))


def poisson_quantile(uniform: Array, mean: Array) -> NDArray[np.int64]:
    """Return the Poisson quantiles at given probabilities, by walking up the distribution function.

    Unlike a sampler it is monotone in the mean, so a higher price never brings a customer by luck.

    Examples
    --------
    >>> poisson_quantile(np.array([0.1, 0.5, 0.99]), np.array([2.0, 2.0, 2.0])).tolist()
    [0, 2, 6]
    """
    mean = np.minimum(mean, 600.0)
    # The sum of all terms ends some roundings below one: what lies closer to one would never be reached.
    uniform = np.minimum(uniform, 1 - 1e-12)
    count = np.zeros(mean.shape, dtype=np.int64)
    term = np.exp(-mean)
    cumulative = term.copy()
    todo = np.flatnonzero(cumulative < uniform)
    k = 0
    while len(todo) and k < 1200:
        k += 1
        term[todo] *= mean[todo] / k
        cumulative[todo] += term[todo]
        count[todo] = k
        todo = todo[cumulative[todo] < uniform[todo]]
    return count


def build_market(simulation: ShopSimulation, seed: int) -> Market:
    """Draw the hidden side of a world."""
    rng = stream(seed, "market")
    goods = sorted(catalogue(simulation.n_items))  # by id, as the tables are sorted
    shops = _shops(simulation, rng)
    shop, item = _assortment(simulation, rng, goods)
    category_names = list(CATEGORIES)
    category = np.array([category_names.index(goods[i].category) for i in item])
    state = np.array([simulation.states.index(region) for region in shops["region"]])[shop]
    series = _series(simulation, rng, goods, shops, shop, item)
    cost, mrp, reference = _price_paths(simulation, rng, goods, shop, item)
    at_printed = rng.random(len(goods)) < simulation.fixed_price_share
    fixed = ~np.isnan(mrp[0]) & (at_printed[item] | (mrp[0] <= _PRICE_POINT))
    margin = _margins(goods, item, rng)
    cost = np.round(cost * (1 - margin), 2)
    substitute, cross = _substitutes(simulation, rng, goods, shop, item)
    open_days, recorded = _opening(simulation, rng, shops)
    return Market(
        simulation=simulation,
        seed=seed,
        series=series,
        shops=shops,
        items=_items(goods),
        shop=shop,
        item=item,
        category=category,
        effects=day_effects(simulation),
        state=state,
        drift=_autoregression(rng, simulation.weeks, len(shop), 0.95, 0.05),
        shock=_category_shocks(simulation, rng, shop, category),
        cost=cost,
        mrp=mrp,
        reference=reference,
        substitute=substitute,
        cross=cross,
        fixed=fixed,
        margin=margin,
        open_days=open_days,
        recorded=recorded,
    )


def _shops(simulation: ShopSimulation, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the shops: a state, a size, the weekday they close (-1: none) and how long an order takes."""
    n = simulation.n_shops
    width = len(str(n))
    size = np.round(np.exp(rng.normal(0.0, 0.25, n)), 3)
    closed_weekday = np.where(rng.random(n) < 0.3, rng.integers(0, 7, n), -1)
    return pd.DataFrame(
        {
            "shop_id": [f"shop-{k + 1:0{max(width, 2)}d}" for k in range(n)],
            "region": [simulation.states[k % len(simulation.states)] for k in range(n)],
            "closed_weekday": closed_weekday,
            "lead_days": rng.integers(1, simulation.lead_days + 1, n),
            "size": size,
        }
    )


def _items(goods: list[Item]) -> pd.DataFrame:
    """Return the items table: what a shop knows of its goods."""
    kinds = [CATEGORIES[good.category] for good in goods]
    return pd.DataFrame(
        {
            "item_id": [good.item_id for good in goods],
            "category": [good.category for good in goods],
            "loose": [kind.loose for kind in kinds],
            "shelf_days": [kind.shelf_days or np.nan for kind in kinds],
            "case_units": [kind.case_units for kind in kinds],
            "gst_percent": [kind.gst_percent for kind in kinds],
            "cost_includes_gst": True,
        }
    )


def _assortment(
    simulation: ShopSimulation, rng: np.random.Generator, goods: list[Item]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw what each shop lists: the same share of the catalogue, popular goods more surely."""
    n_listed = max(1, round(simulation.assortment_share * simulation.n_items))
    shop, item = [], []
    weight = 0.95 ** np.array([good.rank for good in goods])
    for k in range(simulation.n_shops):
        order = np.argsort(rng.random(simulation.n_items) / weight, kind="stable")[:n_listed]
        shop.append(np.full(n_listed, k))
        item.append(np.sort(order))
    return np.concatenate(shop), np.concatenate(item)


def _series(
    simulation: ShopSimulation,
    rng: np.random.Generator,
    goods: list[Item],
    shops: pd.DataFrame,
    shop: NDArray[np.intp],
    item: NDArray[np.intp],
) -> pd.DataFrame:
    """Draw each series' hidden demand parameters and its first and last day on the list."""
    n = len(shop)
    kinds = [CATEGORIES[good.category] for good in goods]
    popularity = np.array([k.units_per_day * 1.25 * 0.89**g.rank for k, g in zip(kinds, goods, strict=True)])
    popularity = popularity * np.exp(rng.normal(0.0, 0.4, len(goods)))
    base = popularity[item] * shops["size"].to_numpy()[shop] * np.exp(rng.normal(0.0, 0.35, n))
    mean = np.array([k.elasticity for k in kinds])
    per_item = mean * np.exp(rng.normal(0.0, 0.3, len(goods)))
    elasticity = per_item[item] * np.exp(rng.normal(0.0, 0.1, n)) * simulation.elasticity_scale
    new = rng.random(n) < simulation.new_item_share
    dropped = rng.random(n) < simulation.dropped_item_share
    launch = np.where(new, rng.integers(0, max(1, simulation.days * 17 // 20), n), 0)
    last = np.where(
        dropped & ~new, rng.integers(simulation.days // 2, simulation.days, n), simulation.days - 1
    )
    return pd.DataFrame(
        {
            "shop_id": shops["shop_id"].to_numpy()[shop],
            "item_id": np.array([good.item_id for good in goods])[item],
            "category": np.array([good.category for good in goods])[item],
            "launch_day": launch // 7 * 7,
            "last_day": last,
            "elasticity": np.round(elasticity, 4),
            "base_rate": np.round(base * simulation.demand_scale, 4) + 1e-6,
            "dispersion": np.round(simulation.dispersion * np.exp(rng.normal(0.0, 0.3, n)), 4),
        }
    )


def _substitutes(
    simulation: ShopSimulation,
    rng: np.random.Generator,
    goods: list[Item],
    shop: NDArray[np.intp],
    item: NDArray[np.intp],
) -> tuple[NDArray[np.intp], Array]:
    """Draw pairs of items of a category of which the first gains when the second becomes dearer."""
    by_category: dict[str, list[int]] = {}
    for code, good in enumerate(goods):
        by_category.setdefault(good.category, []).append(code)
    chosen = rng.random(len(goods)) < simulation.substitute_share
    partner = np.arange(len(goods))
    for code, good in enumerate(goods):
        others = [other for other in by_category[good.category] if other != code]
        pick = int(rng.integers(0, max(1, len(others))))
        if chosen[code] and others:
            partner[code] = others[pick]
    strength = np.round(rng.uniform(0.2, 0.6, len(goods)), 4)
    where = {(int(s), int(i)): n for n, (s, i) in enumerate(zip(shop, item, strict=True))}
    substitute = np.array(
        [where.get((int(s), int(partner[i])), n) for n, (s, i) in enumerate(zip(shop, item, strict=True))]
    )
    return substitute, np.where(substitute != np.arange(len(shop)), strength[item], 0.0)
