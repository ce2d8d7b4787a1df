"""Coupled prices of whole categories, put together column by column.

With a price on a change of label, categories are independent of each other, and each is a knapsack of its own: a
dynamic programme over what the category's image allows solves it almost exactly, once for each of several prices of
a change. Every solution is a column (so many changes, so much gain); a second dynamic programme picks one column a
category within the budget. Candidates that can be in no best solution are left out first.

References
----------
Dantzig, G. B. and Wolfe, P. (1960), Decomposition principle for linear programs, Operations Research 8.
Kellerer, H., Pferschy, U. and Pisinger, D. (2004), Knapsack Problems, chapters 3 and 11.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing._knapsack import Knapsack
from samaan_ml.pricing._relaxation import (
    Bools,
    CoupledChoice,
    Floats,
    Indices,
    Relaxation,
    Shared,
    fill,
)

_BINS = 3_000
"""Steps into which what an image allows is divided."""
_MOST_STATES, _FEWEST_BINS = 40_000_000, 500
"""A category of very many items gets a coarser grid; its rounding is lost among them."""
_LOOK_BACK = 40
"""Steps below the limit that are looked at when rounded uses add up to more than the true ones."""
_SWEEPS, _MOST_SWEEPS = 5, 12
"""Prices of a change at which all categories are solved, in search of the one that just spends the budget."""
_FIRST_STRIDE = 1.04
_UNSPENT = 0.002


@dataclass(frozen=True, slots=True)
class _Column:
    """One way to price a category."""

    changes: int
    value: float
    places: Indices


def solve_by_columns(relaxation: Relaxation, budget: int | None, image: int) -> CoupledChoice:
    """Choose the prices of all categories within their images and, where there is one, the budget of changes.

    `budget` and `image` are the places of the two families of limits in the relaxation.
    """
    multipliers = relaxation.solve()
    price = 0.0 if budget is None else float(multipliers[budget][0])
    limit = None if budget is None else int(relaxation.families[budget].limit[0])
    categories = _Categories(relaxation, budget, image)
    columns = [[column] for column in categories.at_least()]
    if limit is not None and sum(known[0].changes for known in columns) > limit:
        raise ParameterError("prices that the law forces down alone exceed the 'changes' of the budget")
    price = _sweep(categories, columns, price, limit)
    _, dual = categories.solve(price, bounded=True)
    dual += 0.0 if limit is None else price * limit
    best = np.full(relaxation.items, -1, dtype=np.intp)
    for column in _put_together(columns, limit):
        best[relaxation.row[column.places]] = column.places
    best = fill(relaxation, best)
    value, linear = relaxation.total(best), relaxation.bound(multipliers)
    return CoupledChoice(best, value, max(min(linear, dual), value), linear, multipliers)


def _sweep(categories: _Categories, columns: list[list[_Column]], price: float, limit: int | None) -> float:
    """Collect columns at several prices of a change around the one that just spends the budget; returns it."""
    low, high, stride = 0.0, np.inf, _FIRST_STRIDE
    best, least = price, np.inf
    for sweep in range(_MOST_SWEEPS):
        found, _ = categories.solve(price, bounded=False)
        for known, column in zip(columns, found, strict=True):
            if all(column.changes != other.changes for other in known[1:]):
                known.append(column)
        if limit is None or price <= 0.0:
            return price
        spent = sum(column.changes for column in found)
        dual = sum(column.value for column in found) + price * (limit - spent)
        if dual < least:
            best, least = price, dual
        low, high = (price, high) if spent > limit else (low, price)
        if 0 <= limit - spent <= _UNSPENT * limit or (sweep >= _SWEEPS and np.isfinite(high)):
            break
        if low > 0.0 and np.isfinite(high):
            price = float(np.sqrt(low * high))
        else:
            price = price * stride if spent > limit else price / stride
            stride = stride**2
    return best


@dataclass(frozen=True, slots=True)
class _Priced:
    """Candidates at a price of a change: scores less it, less what their use is worth, and the relaxation's choice."""

    score: Floats
    relaxed: Floats
    worth: Floats
    plain: Indices
    bounded: bool


class _Categories:
    """The candidates of each category, ready to be solved at any price of a change."""

    def __init__(self, relaxation: Relaxation, budget: int | None, image: int) -> None:
        self.relaxation = relaxation
        self.family: Shared = relaxation.families[image]
        self.image = image
        self.budget = budget
        group = self.family.group[relaxation.row]
        # Items of no category stand behind the last one and use nothing of any image.
        self.group = np.where(group >= 0, group, len(self.family.limit))
        self.count = len(self.family.limit) + 1
        order = np.argsort(self.group, kind="stable")
        self.ends = np.searchsorted(self.group[order], np.arange(self.count + 1))
        self.order = order
        self.use = np.where(group >= 0, relaxation.use[image], 0.0)
        self.change = np.ones(len(group)) if budget is None else relaxation.use[budget]

    def at_least(self) -> list[_Column]:
        """The columns of fewest changes: only what the law forces down, which frees some of the image."""
        relaxation = self.relaxation
        forced = relaxation.forced[relaxation.row]
        out = []
        for category in range(self.count):
            places = self.order[self.ends[category] : self.ends[category + 1]]
            places = places[forced[places]]
            ranked = places[np.lexsort((-relaxation.score[places], relaxation.row[places]))]
            _, first = np.unique(relaxation.row[ranked], return_index=True)
            out.append(self._column(ranked[first]))
        return out

    def _column(self, places: Indices) -> _Column:
        """The column of some candidates."""
        return _Column(int(self.change[places].sum()), float(self.relaxation.score[places].sum()), places)

    def solve(self, price: float, *, bounded: bool) -> tuple[list[_Column], float]:
        """A column of every category at a price of a change, and the sum of the bounds of their values less it.

        Without `bounded` the bounds are those of the linear programme alone, which cost nothing more.
        """
        relaxation = self.relaxation
        before = () if self.budget is None else (np.array([price]),)
        worth = relaxation.multipliers_of(self.image, before)
        plain = relaxation.choose((*before, worth))
        worth = np.append(worth, 0.0)
        score = relaxation.score - price * self.change
        priced = _Priced(score, score - worth[self.group] * self.use, worth, plain, bounded)
        found = [self._solve_one(category, priced) for category in range(self.count)]
        return [column for column, _ in found], sum(bound for _, bound in found)

    def _solve_one(self, category: int, priced: _Priced) -> tuple[_Column, float]:
        """The best column of one category, and a bound of its value less the price of its changes."""
        places = self.order[self.ends[category] : self.ends[category + 1]]
        if not len(places):
            return _Column(0, 0.0, places), 0.0
        limit = float(self.family.limit[category]) if category < len(self.family.limit) else 0.0
        rows, first = np.unique(self.relaxation.row[places], return_index=True)
        relaxed, forced = priced.relaxed[places], self.relaxation.forced[rows]
        top = np.maximum.reduceat(relaxed, first)
        top = np.where(forced, top, np.maximum(top, 0.0))
        bound = float(top.sum() + priced.worth[category] * limit)
        plain = priced.plain[rows]
        plain = plain[plain >= 0]
        # What falls short of its item's best by more than the whole gap stands in no better choice.
        gap = max(bound - float(priced.score[plain].sum()), 0.0) + 1e-9
        item = np.repeat(np.arange(len(rows)), np.diff(np.append(first, len(places))))
        kept = relaxed >= top[item] - gap
        stays = ~forced & (top <= gap)
        options = np.bincount(item[kept], minlength=len(rows)) + stays
        fixed = places[kept & ~stays[item] & (options[item] == 1)]
        unsettled = kept & (options[item] > 1)
        picked, reached = self._solve_open(
            places[unsettled], item[unsettled], stays, limit - float(self.use[fixed].sum()), priced
        )
        bound = min(bound, reached + float(priced.score[fixed].sum()))
        if picked is not None:
            taken = np.concatenate([fixed, picked])
            if priced.score[taken].sum() >= priced.score[plain].sum():
                return self._column(taken), bound
        return self._column(plain), bound

    def _solve_open(
        self, places: Indices, item: Indices, stays: Bools, limit: float, priced: _Priced
    ) -> tuple[Indices | None, float]:
        """The candidates taken of items that are not settled yet, and a bound of their score."""
        if not len(places):
            return (places, 0.0) if limit >= -1e-12 else (None, 0.0)
        rows, dense = np.unique(item, return_inverse=True)
        bins = max(min(_BINS, _MOST_STATES // len(rows)), _FEWEST_BINS)
        knapsack = Knapsack(
            priced.score[places], self.use[places], dense.astype(np.intp), stays[rows], limit, bins
        )
        picked = knapsack.solve(_LOOK_BACK)
        bound = knapsack.bound() if priced.bounded else np.inf
        return None if picked is None else places[picked], bound


def _put_together(columns: list[list[_Column]], budget: int | None) -> list[_Column]:
    """One column a category, worth the most within the budget, which those of fewest changes keep."""
    if budget is None:
        return [max(known, key=lambda column: column.value) for known in columns]
    value = np.zeros(budget + 1)
    picks = np.zeros((len(columns), budget + 1), dtype=np.int16)
    for category, known in enumerate(columns):
        after = np.full(budget + 1, -np.inf)
        for place, column in enumerate(known):
            if column.changes > budget:
                continue
            with_it = np.full(budget + 1, -np.inf)
            with_it[column.changes :] = value[: budget + 1 - column.changes] + column.value
            better = with_it > after
            after[better] = with_it[better]
            picks[category, better] = place
        value = after
    left = int(value.argmax())
    chosen = []
    for category in range(len(columns) - 1, -1, -1):
        column = columns[category][picks[category, left]]
        chosen.append(column)
        left -= column.changes
    return chosen
