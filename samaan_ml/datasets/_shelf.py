"""Shelf and deliveries of the simulated shops: what customers want, what is there, what is ordered."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samaan_ml.datasets._catalogue import CATEGORIES
from samaan_ml.datasets._market import Market, poisson_quantile, stream

__all__ = ["DaysLived", "Shelf"]

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

_MEMORY_DAYS = 28
_LONGEST_LEAD = 8
_MORNINGS = 1.4
"""Days of sales that daily goods are filled up to: their sales jump about more within a day."""

_JUST_SOLD_OUT = 0.99
"""Highest share of a day that ran out, so that rounding never makes it a day that did not."""

_SPOILING = 0.12
"""Older goods are sold first, so less is spoiled in a day than one part in the shelf life."""


@dataclass(frozen=True, slots=True)
class DaysLived:
    """What happened on the days of a week, each of shape (n_days, n_series)."""

    rate: Array
    demand: Counts
    sold: Counts
    in_stock_share: Array
    left: Counts
    spoiled: Counts


class Shelf:
    """The stock of all series and what is on its way.

    Each supplier comes once a week (dairy, bread and vegetables every morning) and fills up to a level that
    the shopkeeper takes from the sales seen in the last 28 days, sold-out days and all: too little was sold,
    so too little is ordered.

    Parameters
    ----------
    market : Market
        The world it stands in.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        kinds = [CATEGORIES[name] for name in market.series["category"]]
        self.daily = np.array([kind.daily for kind in kinds])
        self.case_units = np.array([kind.case_units for kind in kinds])
        self._spoiling = np.array([_SPOILING / kind.shelf_days if kind.shelf_days else 0.0 for kind in kinds])
        self._visit_weekday = _visits(market)
        self.lead_days = np.where(self.daily, 1, market.shops["lead_days"].to_numpy()[market.shop])
        base = market.series["base_rate"].to_numpy()
        self._on_hand: Counts = np.ceil(self._level(base) * 0.7).astype(np.int64)
        self._arriving: Counts = np.zeros((_LONGEST_LEAD, market.n_series), dtype=np.int64)
        self._seen = np.tile(base, (_MEMORY_DAYS, 1))
        self._seen_next = np.zeros(market.n_series, dtype=np.int64)

    def copy(self) -> Shelf:
        """Return a shelf that lives on by itself."""
        other = copy.copy(self)
        for name in ("_on_hand", "_arriving", "_seen", "_seen_next"):
            setattr(other, name, getattr(self, name).copy())
        return other

    @property
    def on_hand(self) -> Counts:
        """Return the units on the shelf."""
        return self._on_hand.copy()

    @property
    def on_order(self) -> Counts:
        """Return the units on their way."""
        ordered: Counts = self._arriving.sum(axis=0)
        return ordered

    @property
    def recent_units(self) -> Array:
        """Return mean daily units over the last 28 open days, as the shopkeeper saw them."""
        mean: Array = self._seen.mean(axis=0)
        return mean

    def live(self, week: int, price: Array, offer: NDArray[np.bool_], order_up_to: Array | None) -> DaysLived:
        """Live through a week's days at given prices and order levels (None: by habit)."""
        market = self.market
        n_days = min(7, market.simulation.days - week * 7)
        frailty, uniform = market.luck(week)
        missed = stream(market.seed, "delivery", week).random((7, market.n_series))
        came = missed >= market.simulation.missed_delivery_rate
        lived: list[tuple[NDArray[np.generic], ...]] = []
        for weekday in range(n_days):
            day = week * 7 + weekday
            is_open = market.open_days[day][market.shop] & market.active(day)
            self._receive(is_open, day)
            rate = np.where(is_open, market.rate(day, price, offer), 0.0)
            demand = poisson_quantile(uniform[weekday], rate * frailty[weekday])
            if market.simulation.always_in_stock:
                self._on_hand = np.maximum(self._on_hand, demand + 1)
            lived.append((rate, demand, *self._sell(day, demand, is_open)))
            self._order(weekday, is_open, came[weekday], order_up_to)
        rate, demand, sold, share, left, spoiled = (np.stack(part) for part in zip(*lived, strict=True))
        return DaysLived(rate, demand, sold, share, left, spoiled)

    def _receive(self, is_open: NDArray[np.bool_], day: int) -> None:
        """Put the morning's delivery on the shelf; a closed shop gets it on its next day."""
        arrived = self._arriving[0]
        self._arriving = np.roll(self._arriving, -1, axis=0)
        self._arriving[-1] = 0
        self._arriving[0] += np.where(is_open, 0, arrived)
        self._on_hand = self._on_hand + np.where(is_open, arrived, 0)
        launched = self.market.series["launch_day"].to_numpy() == day
        if day > 0 and launched.any():
            first = np.ceil(self._level(self.recent_units)).astype(np.int64)
            self._on_hand = np.where(launched, np.maximum(self._on_hand, first), self._on_hand)

    def _sell(self, day: int, demand: Counts, is_open: NDArray[np.bool_]) -> tuple[NDArray[np.generic], ...]:
        """Serve the day's customers as they come; return sold, in-stock share, left over and spoiled."""
        stock = self._on_hand
        sold = np.minimum(demand, stock)
        sold_out = is_open & (demand >= stock)
        # The moment of the last sale is the stock-th of `demand` uniform arrivals: a beta variable.
        rng = stream(self.market.seed, "sold_out", day)
        moment = rng.beta(np.maximum(stock, 1), np.maximum(demand - stock + 1, 1))
        share = np.where(sold_out, np.where(stock > 0, np.minimum(moment, _JUST_SOLD_OUT), 0.0), 1.0)
        left = stock - sold
        spoiled = np.where(is_open, np.floor(left * self._spoiling + 0.5), 0).astype(np.int64)
        self._on_hand = left - spoiled
        rows = np.flatnonzero(is_open)
        self._seen[self._seen_next[rows] % _MEMORY_DAYS, rows] = sold[rows]
        self._seen_next[rows] += 1
        return sold, np.round(share, 2), left, spoiled

    def _order(
        self, weekday: int, is_open: NDArray[np.bool_], came: NDArray[np.bool_], order_up_to: Array | None
    ) -> None:
        """Order in the evening of a visit day, in whole cases; some orders never come."""
        visit = is_open & (self.daily | (self._visit_weekday == weekday))
        level = self._level(self.recent_units) if order_up_to is None else order_up_to
        short = np.maximum(level - self._on_hand - self.on_order, 0.0)
        cases = np.ceil(np.round(short / self.case_units, 6))
        ordered = np.where(visit & came, cases * self.case_units, 0).astype(np.int64)
        rows = np.flatnonzero(ordered)
        self._arriving[self.lead_days[rows] - 1, rows] += ordered[rows]

    def _level(self, daily_units: Array) -> Array:
        """Return the order-up-to level that habit takes from mean daily units."""
        covered = np.where(self.daily, _MORNINGS, 7 + self.lead_days)
        level: Array = daily_units * covered * (1 + self.market.simulation.safety_share)
        return np.maximum(level, 1.0)


def _visits(market: Market) -> NDArray[np.int64]:
    """Return the weekday of each series' supplier: categories take turns, and none comes to a closed door."""
    closed = market.shops["closed_weekday"].to_numpy()[market.shop]
    weekday = (market.shop + market.category) % 6
    return np.asarray(np.where(weekday == closed, (weekday + 1) % 7, weekday), dtype=np.int64)
