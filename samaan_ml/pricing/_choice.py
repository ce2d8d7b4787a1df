"""The best legal price of every item by exact enumeration, in numpy alone.

Every price of the ladder inside an item's limits is a candidate; all candidates of all items stand in one flat
array, so that ten thousand items cost a few milliseconds. The frame-based optimiser and the light inference
entry both end here: one code path, one arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.pricing import PriceRules
from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing._ladder import LadderIndex
from samaan_ml.pricing._response import DemandResponse
from samaan_ml.pricing._rules import UNKNOWN, ItemFacts, Limits, limits_of, net_of_tax

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.intp]
Bools: TypeAlias = npt.NDArray[np.bool_]

Goal = Literal["profit", "revenue", "units", "clear_stock"]
Risk = Literal["expected", "neutral", "pessimistic"]
GOALS: tuple[Goal, ...] = ("profit", "revenue", "units", "clear_stock")

MOST_CANDIDATES = 1_000_000
"""A finer ladder than this inside the limits is thinned evenly; no shop prints labels that fine."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates of all items in one flat array, ascending by item and price.

    Parameters
    ----------
    row : numpy.ndarray of int, shape (n_candidates,)
        The item of each candidate.
    price : numpy.ndarray of int, shape (n_candidates,)
        Its price in paise.
    first : numpy.ndarray of int, shape (n_items + 1,)
        Where each item's candidates begin; equal neighbours mean that an item has none.
    """

    row: Indices
    price: Integers
    first: Indices


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is expected a day at some prices.

    Parameters
    ----------
    units, revenue, profit : numpy.ndarray
        Units, paise with tax, and paise after tax and cost.
    """

    units: Floats
    revenue: Floats
    profit: Floats


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything the choice of prices depends on.

    Parameters
    ----------
    facts : ItemFacts
        The items.
    response : DemandResponse
        Their demand.
    rules : PriceRules
        The rules.
    weights : mapping of goal to float
        What is to be large: paise a day of profit or revenue, units, or paise of stock at cost that is not left
        over ("clear_stock").
    cautious : numpy.ndarray of bool, shape (n_items,)
        Items judged by the lower end of their gain instead of its expectation.
    stock_units : numpy.ndarray or None, shape (n_items,), default=None
        Units on hand for "clear_stock".
    horizon_days : int, default=14
        Days in which they are to be sold.
    """

    facts: ItemFacts
    response: DemandResponse
    rules: PriceRules
    weights: Mapping[Goal, float]
    cautious: Bools
    stock_units: Floats | None = None
    horizon_days: int = 14

    def limits(self) -> Limits:
        """Limits of every item."""
        return limits_of(self.facts, self.rules)


def read_objective(objective: str | Mapping[str, float]) -> dict[Goal, float]:
    """Read an objective as weights of goals.

    Raises
    ------
    ParameterError
        When a goal is unknown or no weight is positive.
    """
    given = {objective: 1.0} if isinstance(objective, str) else dict(objective)
    unknown = [goal for goal in given if goal not in GOALS]
    if unknown or not given:
        raise ParameterError(
            f"'objective' must be of {', '.join(GOALS)} or weights of them, got '{objective}'"
        )
    if any(not np.isfinite(w) or w < 0.0 for w in given.values()) or sum(given.values()) <= 0.0:
        raise ParameterError(f"weights of 'objective' must be 0 or more and not all 0, got {given}")
    return {goal: float(given[goal]) for goal in GOALS if given.get(goal, 0.0) > 0.0}


def enumerate_candidates(limits: Limits, ladder: LadderIndex, open_rows: Bools) -> Candidates:
    """Every ladder price inside the limits of every item that may change."""
    possible = open_rows & (limits.highest >= limits.lowest)
    low = ladder.rank(np.where(possible, limits.lowest, 1))
    high = ladder.rank(np.where(possible, limits.highest + 1, 1))
    full = np.maximum(high - low, 0)
    count = np.minimum(full, MOST_CANDIDATES).astype(np.intp)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.intp)
    row = np.repeat(np.arange(len(count)), count)
    place = np.arange(first[-1]) - first[row]
    thin = full[row] > count[row]
    spaced = np.where(thin, place * np.maximum(full[row] - 1, 0) // np.maximum(count[row] - 1, 1), place)
    return Candidates(row, ladder.price(low[row] + spaced), first)


def outcome(problem: Problem, price: Integers, row: Indices, units: Floats) -> Outcome:
    """Money of selling `units` of item `row` at `price`."""
    facts = problem.facts
    net = net_of_tax(price, facts.gst_rate_bp[row], composition=problem.rules.composition)
    cost = np.where(facts.cost[row] == UNKNOWN, 0, facts.cost[row])
    return Outcome(units, units * price, units * (net - cost))


def value(problem: Problem, at: Outcome, row: Indices) -> Floats:
    """The objective a day."""
    total = np.zeros(len(row))
    for goal, weight in problem.weights.items():
        if goal == "clear_stock":
            total -= weight * _left_over(problem, at.units, row)
        else:
            total += weight * getattr(at, goal)
    return total


def _left_over(problem: Problem, units: Floats, row: Indices) -> Floats:
    """Paise at cost of the stock that is still there at the horizon, spread over its days."""
    if problem.stock_units is None:
        raise ParameterError("the goal 'clear_stock' needs 'stock_units', the units on hand")
    cost = np.where(problem.facts.cost[row] == UNKNOWN, problem.facts.price[row], problem.facts.cost[row])
    left = np.maximum(problem.stock_units[row] - units * problem.horizon_days, 0.0)
    return np.asarray(left * cost / problem.horizon_days, dtype=float)


@dataclass(frozen=True, slots=True)
class Gains:
    """Gain of the objective a day against today's price, shape (n_candidates,).

    Parameters
    ----------
    expected, lower, upper : numpy.ndarray
        Over the posterior of the elasticity, and at the ends of its interval.
    """

    expected: Floats
    lower: Floats
    upper: Floats


def gains(problem: Problem, price: Integers, row: Indices) -> tuple[Outcome, Gains]:
    """Outcome and gain at some prices."""
    response = problem.response
    now = problem.facts.price[row]
    base = value(problem, outcome(problem, now, row, response.units[row]), row)
    expected = outcome(problem, price, row, response.units_at(price.astype(float), row))
    move = np.log(price / now)
    ends = [
        value(problem, outcome(problem, price, row, response.units[row] * np.exp(end[row] * move)), row)
        - base
        for end in (response.lower, response.upper)
    ]
    middle = value(problem, expected, row) - base
    lower = np.minimum(np.minimum(ends[0], ends[1]), middle)
    return expected, Gains(middle, lower, np.maximum(np.maximum(ends[0], ends[1]), middle))


def best_of(candidates: Candidates, score: Floats, price_now: Integers) -> Indices:
    """Index of each item's best candidate, of equals the one nearest to today's price; -1 where it has none."""
    n = len(candidates.first) - 1
    best = np.full(n, -1, dtype=np.intp)
    filled = np.flatnonzero(np.diff(candidates.first) > 0)
    if not len(filled):
        return best
    top = np.maximum.reduceat(score, candidates.first[filled])
    of_row = np.full(n, -np.inf)
    of_row[filled] = top
    away = np.abs(candidates.price - price_now[candidates.row])
    away = np.where(score >= of_row[candidates.row], away, np.iinfo(np.int64).max)
    nearest = np.minimum.reduceat(away, candidates.first[filled])
    span = np.zeros(n, dtype=np.int64)
    span[filled] = nearest
    hits = np.flatnonzero(away == span[candidates.row])
    rows, places = np.unique(candidates.row[hits], return_index=True)
    best[rows] = hits[places]
    return best
