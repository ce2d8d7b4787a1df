"""What a new item will sell before it has told: its category, price and shop speak for it.

A series of a few days is drawn towards the rate of its like by Buehlmann credibility: the fewer and noisier its days,
and the more alike its category, the closer. How far items of one kind scatter also says how unsure the forecast is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ColdStart", "Similarity"]

Floats = npt.NDArray[np.float64]

NEW_COLUMNS = {"D": 56, "W": 8}
_RECENT = {"D": 91, "W": 13}
_PRIOR_SERIES = 3.0
"""Series of a shop, a category or an item elsewhere that weigh as much as what stands above it."""
_AUTOCORRELATION = 2.0
"""A day tells half as much as an independent one would."""
_MOST_RATIO = 4.0
_LEAST_SPREAD, _MOST_SPREAD = 0.1, 2.0


@dataclass(frozen=True, slots=True)
class Similarity:
    """What is known of series beside their history.

    Parameters
    ----------
    shops, items, kinds : sequence of str
        Shop, item and category of each series; an unknown category is empty.
    price : ndarray, shape (n_series,)
        Price at the origin, NaN where unknown.
    """

    shops: Sequence[str]
    items: Sequence[str]
    kinds: Sequence[str]
    price: Floats


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Rates by shop, category and item, and how much they are believed.

    Parameters
    ----------
    frequency : {"D", "W"}
        Of the panel.
    overall : float
        Units a date of a series.
    ratios : dict of str to dict of str to float
        Rate against what stands above it: "shop", "kind", "shop+kind" and "item" (in other shops).
    price : dict of str to float
        Median price of each category.
    slope : float
        Change of the log rate with the log of the price against that median.
    noise : float
        Variance of a date's units against their mean.
    spread : float
        Relative variance of the items' rates around the rate of similar items.

    References
    ----------
    Buehlmann and Gisler (2005), A Course in Credibility Theory and its Applications, chapter 3.
    """

    frequency: str
    overall: float = 0.0
    ratios: dict[str, dict[str, float]] = field(default_factory=dict)
    price: dict[str, float] = field(default_factory=dict)
    slope: float = 0.0
    noise: float = 1.0
    spread: float = 1.0

    @classmethod
    def fit(cls, demand: npt.NDArray[np.floating], like: Similarity, frequency: str) -> ColdStart:
        """Learn from the last quarter of all series.

        Parameters
        ----------
        demand : ndarray, shape (n_series, n_dates)
            Units, sold-out days put right, NaN where unknown.
        like : Similarity
            The series.
        frequency : {"D", "W"}
            Of the panel.
        """
        recent = np.asarray(demand[:, -_RECENT[frequency] :], dtype=np.float64)
        days = (~np.isnan(recent)).sum(axis=1)
        told = days >= 7 if frequency == "D" else days >= 3
        total = np.nansum(recent, axis=1)
        rate = np.where(told, total / np.maximum(days, 1), np.nan)
        if not told.any() or np.nansum(rate) <= 0:
            return cls(frequency)
        overall = float(np.nanmean(rate))
        expected = np.full(len(rate), overall)
        ratios: dict[str, dict[str, float]] = {}
        for name, labels in _labels(like).items():
            ratios[name] = _ratios(labels, rate, expected)
            expected = expected * np.array([ratios[name].get(label, 1.0) for label in labels])
        price, slope = _price_effect(like, rate, expected)
        model = cls(frequency, overall, ratios, price, slope)
        likely = np.maximum(model.rates(like, leave_out=rate), 1e-9)
        scatter = np.minimum((rate / likely - 1.0) ** 2, _MOST_RATIO)
        deviation = np.nansum((recent - (total / np.maximum(days, 1))[:, None]) ** 2, axis=1)
        steady = told & (total > 0)
        noise = float(np.nansum(deviation[steady]) / max(float(total[steady].sum()), 1e-9))
        spread = float(np.clip(np.nanmean(scatter), _LEAST_SPREAD, _MOST_SPREAD))
        return cls(frequency, overall, ratios, price, slope, max(noise, 1e-3), spread)

    def rates(self, like: Similarity, leave_out: Floats | None = None) -> Floats:
        """Return the rate that series similar to each one suggest.

        Parameters
        ----------
        like : Similarity
            The series.
        leave_out : ndarray, shape (n_series,), or None, default=None
            Own rates of series that were learned from: their item's ratio, mostly their own, is not used.
        """
        out = np.full(len(like.shops), self.overall)
        for name, labels in _labels(like).items():
            if name != "item" or leave_out is None:
                known = self.ratios.get(name, {})
                out = out * np.array([known.get(label, 1.0) for label in labels])
        usual = np.array([self.price.get(kind, np.nan) for kind in like.kinds])
        effect = np.exp(self.slope * np.log(np.where(like.price > 0, like.price, np.nan) / usual))
        bounded: Floats = np.clip(np.nan_to_num(effect, nan=1.0), 1.0 / _MOST_RATIO, _MOST_RATIO)
        return np.asarray(out * bounded, dtype=np.float64)

    def drawn(
        self, mean: Floats, demand: npt.NDArray[np.floating], like: Similarity
    ) -> tuple[Floats, Floats]:
        """Draw the forecasts of new series towards their like.

        Parameters
        ----------
        mean : ndarray, shape (n_series, horizon)
            Forecasts.
        demand : ndarray, shape (n_series, n_dates)
            Units up to the origin, NaN where unknown.
        like : Similarity
            The series.

        Returns
        -------
        tuple of ndarray
            The means, and the relative variance of each that comes from not knowing the item, 0 for one that is not
            new; shape (n_series,).
        """
        known = (~np.isnan(demand)).sum(axis=1)
        new = np.flatnonzero(known < NEW_COLUMNS[self.frequency])
        doubt = np.zeros(len(mean))
        if not len(new) or self.overall <= 0.0:
            return mean, doubt
        some = Similarity(
            [like.shops[int(i)] for i in new],
            [like.items[int(i)] for i in new],
            [like.kinds[int(i)] for i in new],
            like.price[new],
        )
        rate = np.maximum(self.rates(some) * self._sizes(demand, like)[new], 1e-9)
        needed = _AUTOCORRELATION * self.noise / (self.spread * rate)
        belief = known[new] / (known[new] + needed)
        own = mean[new].mean(axis=1, keepdims=True)
        shape = np.where(own > 0, mean[new] / np.where(own > 0, own, 1.0), 1.0)
        out = mean.copy()
        out[new] = belief[:, None] * mean[new] + (1.0 - belief[:, None]) * rate[:, None] * shape
        doubt[new] = (1.0 - belief) * self.spread
        return out, doubt

    def _sizes(self, demand: npt.NDArray[np.floating], like: Similarity) -> Floats:
        """Compare what shops not met in training sell with what is likely, drawn towards 1 for shops of few items."""
        out = np.ones(len(like.shops))
        shops = np.asarray(like.shops)
        strangers = [shop for shop in dict.fromkeys(like.shops) if shop not in self.ratios.get("shop", {})]
        if not strangers:
            return out
        recent = np.asarray(demand[:, -_RECENT[self.frequency] :], dtype=np.float64)
        days = (~np.isnan(recent)).sum(axis=1)
        rate = np.nansum(recent, axis=1) / np.maximum(days, 1)
        likely = self.rates(like)
        for shop in strangers:
            mine = (shops == shop) & (days > 0)
            typical = _PRIOR_SERIES * float(likely[mine].mean()) if mine.any() else 1.0
            out[shops == shop] = (rate[mine].sum() + typical) / max(float(likely[mine].sum()) + typical, 1e-9)
        return out

    def get_state(self) -> dict[str, object]:
        """Return the rates as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> ColdStart:
        """Rebuild from `get_state`'s values."""
        numbers = {name: float(state[name]) for name in ("overall", "slope", "noise", "spread")}
        ratios = {name: {k: float(v) for k, v in each.items()} for name, each in state["ratios"].items()}
        price = {kind: float(value) for kind, value in state["price"].items()}
        return cls(str(state["frequency"]), ratios=ratios, price=price, **numbers)


def _labels(like: Similarity) -> dict[str, list[str]]:
    """Name the groups of each series, from the widest to the item itself in other shops."""
    pairs = [f"{shop}\x1f{kind}" for shop, kind in zip(like.shops, like.kinds, strict=True)]
    return {"shop": [*like.shops], "kind": [*like.kinds], "shop+kind": pairs, "item": [*like.items]}


def _ratios(labels: list[str], rate: Floats, expected: Floats) -> dict[str, float]:
    """Divide each group's rate by what stands above it, drawn towards 1 where the group is small."""
    names, codes = np.unique(labels, return_inverse=True)
    told = ~np.isnan(rate)
    own = np.bincount(codes[told], rate[told], len(names))
    above = np.bincount(codes[told], expected[told], len(names))
    count = np.bincount(codes[told], minlength=len(names))
    typical = above / np.maximum(count, 1)
    ratio = (own + _PRIOR_SERIES * typical) / np.maximum(above + _PRIOR_SERIES * typical, 1e-12)
    return {str(name): float(ratio[g]) for g, name in enumerate(names) if count[g]}


def _price_effect(like: Similarity, rate: Floats, expected: Floats) -> tuple[dict[str, float], float]:
    """Find each category's median price and how the rate falls with the price within a category."""
    kinds = np.asarray(like.kinds)
    price: dict[str, float] = {}
    for kind in np.unique(kinds):
        known = like.price[(kinds == kind) & (like.price > 0)]
        if len(known):
            price[str(kind)] = float(np.median(known))
    usual = np.array([price.get(str(kind), np.nan) for kind in kinds])
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log(np.where(like.price > 0, like.price, np.nan) / usual)
        y = np.log(np.maximum(rate, 0.1 * expected) / np.maximum(expected, 1e-12))
    usable = np.isfinite(x) & np.isfinite(y)
    if usable.sum() < 8:
        return price, 0.0
    x, y = x[usable], y[usable] - y[usable].mean()
    return price, float(
        np.clip((x * y).sum() / (float((x * x).sum()) + 5.0 * float(x.var() + 1e-9)), -2.0, 1.0)
    )
