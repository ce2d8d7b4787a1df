"""What the simulated shopkeeper does without advice: cost-plus prices with a feel for demand, and offers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samaan_ml.datasets._market import Market, stream

__all__ = ["Habit", "HabitPrices"]

Array = NDArray[np.float64]

_OFFER_DEPTHS = np.array([0.05, 0.08, 0.1, 0.12, 0.15, 0.2])
_CHANGE_FROM = 0.03
_CHANGE_CHANCE, _LOOSE_CHANCE = 0.4, 0.85
"""A price is looked at so often a week; that of loose goods, whose cost moves, nearly always."""


@dataclass(frozen=True, slots=True)
class HabitPrices:
    """A week's prices by habit: what is asked, the price without the offer, and where there is an offer."""

    asked: Array
    regular: Array
    offer: NDArray[np.bool_]
    weeks_left: NDArray[np.int64]


class Habit:
    """Sets prices as a shopkeeper does: cost plus a margin, more when business is brisk, an offer at times.

    Prices follow demand shocks that no table shows, so that a regression of sales on prices is biased:
    what an elasticity model must cope with.

    Parameters
    ----------
    market : Market
        The world the shop lives in.
    """

    def __init__(self, market: Market) -> None:
        self.market = market

    def opening(self) -> HabitPrices:
        """Return the prices of the first day."""
        none = np.zeros(self.market.n_series)
        regular = self._desired(0, none)
        return HabitPrices(regular, regular, none.astype(bool), none.astype(np.int64))

    def prices(self, week: int, before: HabitPrices) -> HabitPrices:
        """Return the prices of a week, given those of the week before."""
        market, simulation = self.market, self.market.simulation
        rng = stream(market.seed, "prices", week)
        desired = self._desired(week, rng.normal(0.0, 0.015, market.n_series))
        moved = np.abs(desired / before.regular - 1) > _CHANGE_FROM
        acts = rng.random(market.n_series) < np.where(
            np.isnan(market.mrp[week]), _LOOSE_CHANCE, _CHANGE_CHANCE
        )
        revised = market.mrp[week] != market.mrp[max(week - 1, 0)]
        must = (before.regular > market.mrp[week]) | (market.fixed & revised)
        regular = np.where((moved & acts & ~market.fixed) | must, desired, before.regular)
        begins = (
            (rng.random(market.n_series) < simulation.promotion_rate)
            & (before.weeks_left == 0)
            & ~market.fixed
        )
        length = rng.integers(1, 3, market.n_series)
        depth = _OFFER_DEPTHS[rng.integers(0, len(_OFFER_DEPTHS), market.n_series)]
        weeks_left = np.where(begins, length, np.maximum(before.weeks_left - 1, 0))
        lowered = np.minimum(
            np.maximum(_to_coins(regular * (1 - depth)), np.ceil(market.cost[week])), regular
        )
        asked = np.where(
            begins, lowered, np.where(weeks_left > 0, np.minimum(before.asked, regular), regular)
        )
        return HabitPrices(asked, regular, (weeks_left > 0) & (asked < regular), weeks_left)

    def _desired(self, week: int, noise: Array) -> Array:
        """Return cost plus margin, bent by the demand the shopkeeper feels, in coins, at most the MRP."""
        market = self.market
        feel = market.simulation.price_endogeneity * market.shock[week]
        price = _to_coins(market.cost[week] / (1 - market.margin) * np.exp(feel + noise))
        price = np.maximum(price, np.ceil(market.cost[week]))
        price = np.where(market.fixed, np.inf, price)
        return np.where(np.isnan(market.mrp[week]), price, np.minimum(price, market.mrp[week]))


def _to_coins(price: Array) -> Array:
    """Round to whole rupees, above Rs 200 to Rs 5, at least Re 1."""
    return np.where(price > 200, np.round(price / 5) * 5, np.maximum(np.round(price), 1.0))
