"""The simulated world step by step: a policy decides each week, customers answer, the till is counted."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samaan_ml.datasets._habit import Habit, HabitPrices
from samaan_ml.datasets._history import History
from samaan_ml.datasets._market import Market, build_market
from samaan_ml.datasets._parameters import ShopSimulation
from samaan_ml.datasets._shelf import DaysLived, Shelf
from samaan_ml.exceptions import ParameterError
from samaan_ml.tables import ShopData

__all__ = ["Decision", "KiranaWorld", "Policy", "WeekOutcome", "WeekView"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy wants for the coming week; what is None is left to the shopkeeper's habit.

    Parameters
    ----------
    prices : numpy.ndarray or None, default=None
        Asked prices in rupees, shape (n_series,), in the order of `KiranaWorld.series`; NaN leaves a single
        series to habit. None may exceed the MRP.
    order_up_to : numpy.ndarray or None, default=None
        Stock on hand and on order, in units, up to which each visit of a supplier fills, shape (n_series,).
    """

    prices: Array | None = None
    order_up_to: Array | None = None


@dataclass(frozen=True, slots=True)
class WeekView:
    """What the shop knows on the Monday morning before it decides.

    Parameters
    ----------
    week : int
        Number of the coming week, from 0.
    date : pandas.Timestamp
        Its Monday.
    series : pandas.DataFrame
        One row a series: shop_id, item_id, category, listed, unit_cost, mrp, unit_price (last asked),
        on_hand, on_order, visits (days a week on which its supplier comes), lead_days, case_units,
        recent_units (mean daily units over the last 28 days of which the shop was open).
    data : ShopData
        The tables up to the day before.
    """

    week: int
    date: pd.Timestamp
    series: pd.DataFrame
    data: Callable[[], ShopData]


@dataclass(frozen=True, slots=True)
class WeekOutcome:
    """What a week brought, each of shape (n_series,), in rupees or units.

    `lost_units` is hidden truth: score a policy with it, do not show it to one.
    """

    week: int
    units: Array
    revenue: Array
    cost_of_sales: Array
    spoiled_cost: Array
    holding_cost: Array
    lost_units: Array

    @property
    def profit(self) -> Array:
        """Return revenue less the cost of what was sold, spoiled and held."""
        return self.revenue - self.cost_of_sales - self.spoiled_cost - self.holding_cost


Policy = Callable[[WeekView], Decision]
"""A policy looks at the week's view and decides."""


class KiranaWorld:
    """A simulated kirana world that is stepped week by week.

    Parameters
    ----------
    simulation : ShopSimulation or None, default=None
        Its parameters; None takes the defaults.
    seed : int, default=0
        All luck follows from it. Two policies in worlds of one seed meet the same customers.

    Attributes
    ----------
    week : int
        The coming week.
    market : Market
        The hidden truth.

    Examples
    --------
    >>> world = KiranaWorld(ShopSimulation(n_shops=1, n_items=10, days=28), seed=1)
    >>> outcome = world.step()                                  # a week by habit
    >>> dearer = world.fork()                                   # the same world, another policy
    >>> view = dearer.view()
    >>> ceiling = view.series["mrp"].fillna(view.series["unit_price"]).to_numpy()
    >>> _ = dearer.step(Decision(prices=ceiling))
    >>> world.week, dearer.week
    (1, 2)
    """

    def __init__(self, simulation: ShopSimulation | None = None, seed: int = 0) -> None:
        self.market: Market = build_market(simulation or ShopSimulation(), seed)
        self.week = 0
        self._habit = Habit(self.market)
        self._habit_prices: HabitPrices = self._habit.opening()
        self._asked = self._habit_prices.asked
        self._shelf = Shelf(self.market)
        self._history = History(self.market)

    @property
    def series(self) -> pd.DataFrame:
        """Return shop_id, item_id and category of each series, in the order of all arrays."""
        return self.market.series[["shop_id", "item_id", "category"]].copy()

    @property
    def done(self) -> bool:
        """Return whether the last week is over."""
        return self.week >= self.market.simulation.weeks

    def view(self) -> WeekView:
        """Return what the shop knows before it decides for the coming week."""
        market, shelf = self.market, self._shelf
        week = min(self.week, market.simulation.weeks - 1)
        series = self.series.assign(
            listed=market.active(min(week * 7, market.simulation.days - 1)),
            unit_cost=market.cost[week],
            mrp=market.mrp[week],
            unit_price=self._asked,
            on_hand=shelf.on_hand,
            on_order=shelf.on_order,
            visits=np.where(shelf.daily, 7, 1),
            lead_days=shelf.lead_days,
            case_units=shelf.case_units,
            recent_units=shelf.recent_units,
        )
        date = pd.Timestamp(market.simulation.start) + pd.Timedelta(weeks=self.week)
        history = self._history.copy()
        return WeekView(self.week, date, series, history.tables)

    def step(self, decision: Decision | None = None) -> WeekOutcome:
        """Live through one week and return what it brought.

        Raises
        ------
        ParameterError
            When the world is over, or a decision has another shape, is negative, or breaks the MRP.
        """
        if self.done:
            raise ParameterError(f"the world ended after week {self.week}; build one with more 'days'")
        decision = decision or Decision()
        habit = self._habit_prices if self.week == 0 else self._habit.prices(self.week, self._habit_prices)
        asked = self._asked_prices(decision, habit.asked)
        offer = habit.offer & (asked == habit.asked)
        order_up_to = self._checked(decision.order_up_to, "order_up_to")
        days = self._shelf.live(self.week, asked, offer, order_up_to)
        self._history.add(self.week, asked, offer, days)
        outcome = _count_till(self.market, self.week, asked, days)
        self._habit_prices, self._asked = habit, asked
        self.week += 1
        return outcome

    def run(self, policy: Policy | None = None, weeks: int | None = None) -> list[WeekOutcome]:
        """Step through some weeks, to the end by default, under a policy or by habit."""
        stop = (
            self.market.simulation.weeks
            if weeks is None
            else min(self.week + weeks, self.market.simulation.weeks)
        )
        outcomes = []
        while self.week < stop:
            outcomes.append(self.step(policy(self.view()) if policy is not None else None))
        return outcomes

    def fork(self) -> KiranaWorld:
        """Return a copy that lives on by itself in the same world, with the same luck to come."""
        other = copy.copy(self)
        other.__dict__ |= {"_shelf": self._shelf.copy(), "_history": self._history.copy()}
        return other

    def data(self) -> ShopData:
        """Return the tables of the weeks lived so far, without the ledger."""
        return self._history.tables()

    def demand(self) -> pd.DataFrame:
        """Return the hidden demand so far: shop_id, item_id, date, rate (its mean), demand."""
        return self._history.demand()

    def offers(self) -> pd.DataFrame:
        """Return the hidden list of offers so far: shop_id, item_id, date (the week's Monday)."""
        return self._history.offers()

    def _asked_prices(self, decision: Decision, habit: Array) -> Array:
        """Return the week's prices: the policy's where given, within the law."""
        wanted = self._checked(decision.prices, "prices", allow_nan=True)
        if wanted is None:
            return habit
        if (wanted <= 0).any():
            raise ParameterError("'prices' must be above 0; NaN leaves a series to habit")
        asked = np.where(np.isnan(wanted), habit, wanted)
        over = np.flatnonzero(asked > self.market.mrp[self.week] + 1e-9)
        if len(over):
            row = self.market.series.iloc[over[0]]
            raise ParameterError(
                f"'prices' asks {asked[over[0]]:g} for '{row['shop_id']}/{row['item_id']}', above its MRP of "
                f"{self.market.mrp[self.week][over[0]]:g}; {len(over)} prices are above the MRP"
            )
        return asked

    def _checked(self, values: Array | None, name: str, allow_nan: bool = False) -> Array | None:
        """Check the shape and the range of a decision's array."""
        if values is None:
            return None
        array = np.asarray(values, dtype=np.float64)
        if array.shape != (self.market.n_series,):
            raise ParameterError(f"'{name}' must have shape ({self.market.n_series},), got {array.shape}")
        present = array[~np.isnan(array)] if allow_nan else array
        if not np.isfinite(present).all() or (present < 0).any():
            raise ParameterError(f"'{name}' must be finite and at least 0")
        return array


def _count_till(market: Market, week: int, asked: Array, days: DaysLived) -> WeekOutcome:
    """Turn a week's units into rupees."""
    cost = market.cost[week]
    units = days.sold.sum(axis=0).astype(np.float64)
    held = days.left.sum(axis=0)
    return WeekOutcome(
        week=week,
        units=units,
        revenue=units * asked,
        cost_of_sales=units * cost,
        spoiled_cost=days.spoiled.sum(axis=0) * cost,
        holding_cost=held * cost * market.simulation.holding_rate,
        lost_units=(days.demand - days.sold).sum(axis=0).astype(np.float64),
    )
