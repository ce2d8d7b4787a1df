"""A multiple-choice knapsack whose candidates may use or free what is scarce, by dynamic programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.features._compile import compiled

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.intp]
Bools: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Knapsack:
    """Items of which each takes one candidate, or none where it may, within a limit of use.

    Parameters
    ----------
    score, use : numpy.ndarray, shape (n_candidates,)
        What each candidate is worth and what it uses; negative uses free some.
    item : numpy.ndarray of int, shape (n_candidates,)
        Its item, ascending.
    may_stay : numpy.ndarray of bool, shape (n_items,)
        Items that may take none of their candidates.
    limit : float
        How much there is; below 0 where some must be freed.
    bins : int
        Steps into which the sums of uses are divided.
    """

    score: Floats
    use: Floats
    item: Indices
    may_stay: Bools
    limit: float
    bins: int

    @property
    def step(self) -> float:
        """Width of a step: sums run from all that can be freed to as much above the limit."""
        return max(max(self.limit, 0.0) + 2.0 * float(-self._least(self.use).sum()), 1e-9) / self.bins

    def solve(self, look_back: int) -> Indices | None:
        """Places of the best candidates; None where no choice keeps the limit.

        Uses are rounded to the nearest step. Of the best choices by rounded use, the best whose true use keeps
        the limit is taken: rounding costs a step or two. At most some `look_back` choices are looked at.
        """
        rounded = np.rint(self.use / self.step).astype(np.int64)
        states, origin, first = self._grid(rounded)
        value, picks = _by_state(self.score, rounded, first, self.may_stay, states, origin)
        reach = min(origin + int(np.floor(self.limit / self.step)) + look_back, states - 1)
        if reach < 0:
            return None
        tried, last = 0, np.inf
        for state in np.argsort(-value[: reach + 1], kind="stable").tolist():
            if not np.isfinite(value[state]) or tried > 2 * look_back:
                return None
            if value[state] == last:
                continue
            tried, last = tried + 1, value[state]
            chosen = _trace(picks, rounded, first, state)
            chosen = chosen[chosen >= 0]
            if self.use[chosen].sum() <= self.limit + 1e-12:
                return np.asarray(chosen, dtype=np.intp)
        return None

    def bound(self) -> float:
        """At least the score of every choice within the limit: that of the best with uses rounded down."""
        down = np.floor(self.use / self.step + 1e-9).astype(np.int64)
        states, origin, first = self._grid(down)
        value, _ = _by_state(self.score, down, first, self.may_stay, states, origin)
        reach = min(origin + int(np.floor(self.limit / self.step + 1e-9)), states - 1)
        return float(value[: reach + 1].max()) if reach >= 0 else -np.inf

    def _least(self, use: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The least that each item can use, at most nothing."""
        least = np.zeros(len(self.may_stay), dtype=use.dtype)
        np.minimum.at(least, self.item, use)
        return least

    def _grid(self, rounded: Integers) -> tuple[int, int, Integers]:
        """How many states there are, the one where nothing is used, and where each item's candidates begin.

        No path of items can leave the grid and come back within the limit.
        """
        origin = -int(self._least(rounded).sum())
        states = 2 * origin + max(int(np.ceil(self.limit / self.step)), 0) + 1
        first = np.searchsorted(self.item, np.arange(len(self.may_stay) + 1)).astype(np.int64)
        return states, origin, first


@compiled
def _by_state(
    score: Floats, use: Integers, first: Integers, may_stay: Bools, states: int, origin: int
) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Most that the items can score at each sum of uses, and what each took to get there; -1 for nothing."""
    n = len(may_stay)
    value = np.full(states, -np.inf)
    value[origin] = 0.0
    picks = np.full((n, states), -2, dtype=np.int32)
    for k in range(n):
        after = np.full(states, -np.inf)
        if may_stay[k]:
            for s in range(states):
                after[s] = value[s]
                picks[k, s] = -1
        for j in range(first[k], first[k + 1]):
            shift, gain = use[j], score[j]
            for s in range(max(0, -shift), min(states, states - shift)):
                if value[s] + gain > after[s + shift]:
                    after[s + shift] = value[s] + gain
                    picks[k, s + shift] = j
        value = after
    return value, picks


@compiled
def _trace(picks: npt.NDArray[np.int32], use: Integers, first: Integers, state: int) -> Integers:
    """What each item took on the way to a state."""
    n = len(first) - 1
    out = np.full(n, -1, dtype=np.int64)
    for k in range(n - 1, -1, -1):
        j = picks[k, state]
        out[k] = j
        if j >= 0:
            state -= use[j]
    return out
