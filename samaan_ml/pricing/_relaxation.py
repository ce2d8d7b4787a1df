"""Lagrangian relaxation of limits that items share.

Each shared limit gets a price; at given multipliers every item is solved by itself, exactly. The multipliers are
found by bisection, for all groups at once, and the best of them give the bound of the linear programme. What the
relaxation leaves unused is then filled greedily.

References
----------
Fisher, M. L. (1981), The Lagrangian relaxation method for solving integer programming problems, Management
Science 27. Kellerer, H., Pferschy, U. and Pisinger, D. (2004), Knapsack Problems, chapter 11 (multiple choice).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing._decision import Scored

Floats: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.intp]
Bools: TypeAlias = npt.NDArray[np.bool_]

_STEPS = 30
_OUTER_STEPS = 40
_PRECISION = 0.02
"""Relative precision of the outer multiplier; dynamic programmes take it from there."""
_NESTED_STEPS = 18
"""Steps of the bisection inside that of the other family: its multiplier needs no more digits than the outer one."""
_MOST_FILLS = 200


@dataclass(frozen=True, slots=True)
class Shared:
    """One family of limits: every item belongs to at most one of them.

    Parameters
    ----------
    group : numpy.ndarray of int, shape (n_items,)
        The limit an item counts towards; -1 for none.
    use : numpy.ndarray, shape (n_candidates,)
        What a candidate uses of it; holding today's price uses nothing.
    limit : numpy.ndarray, shape (n_groups,)
        How much there is.
    is_image : bool, default=False
        Whether the groups are the price images of categories.
    """

    group: Indices
    use: Floats
    limit: Floats
    is_image: bool = False


@dataclass(frozen=True, slots=True)
class CoupledChoice:
    """The answer for coupled items.

    Parameters
    ----------
    best : numpy.ndarray of int, shape (n_items,)
        The chosen candidate, -1 where today's price stays.
    value : float
        Total score of the choice.
    bound : float
        No choice within the limits can score more.
    linear_bound : float
        The same of the linear programme, in which labels may be changed by halves.
    multipliers : tuple of numpy.ndarray
        What one unit of each limit would be worth, by family.
    """

    best: Indices
    value: float
    bound: float
    linear_bound: float
    multipliers: tuple[Floats, ...] = field(default=())


class Relaxation:
    """The relaxed problem: at given multipliers, each item takes its best candidate."""

    def __init__(self, scored: Scored, families: tuple[Shared, ...]) -> None:
        keep = np.flatnonzero(scored.worth_it)
        self.places = keep
        self.row = scored.candidates.row[keep]
        self.score = scored.score[keep]
        self.use = tuple(family.use[keep] for family in families)
        self.families = families
        self.items = len(scored.candidates.first) - 1
        self.filled, self.starts = np.unique(self.row, return_index=True)
        self.forced = ~scored.limits.legal_now
        self.groups = tuple(np.where(family.group >= 0, family.group, 0) for family in families)
        self.coupled = tuple(family.group >= 0 for family in families)

    def relaxed(self, multipliers: tuple[Floats, ...]) -> Floats:
        """Score of each candidate less what it uses."""
        out = self.score
        for use, group, coupled, price in zip(self.use, self.groups, self.coupled, multipliers, strict=True):
            out = out - np.where(coupled, price[group], 0.0)[self.row] * use
        return np.asarray(out, dtype=float)

    def choose(self, multipliers: tuple[Floats, ...]) -> Indices:
        """Best candidate of each item at the multipliers, -1 where holding is no worse; of equals the frugal one."""
        out = np.full(self.items, -1, dtype=np.intp)
        if not len(self.row):
            return out
        relaxed = self.relaxed(multipliers)
        top = np.full(self.items, -np.inf)
        top[self.filled] = np.maximum.reduceat(relaxed, self.starts)
        slack = 1e-9 * (1.0 + np.abs(top[self.row]))
        frugal = np.where(relaxed >= top[self.row] - slack, sum(self.use), np.inf)
        least = np.minimum.reduceat(frugal, self.starts)
        lowest = np.full(self.items, np.inf)
        lowest[self.filled] = least
        hits = np.flatnonzero(frugal <= lowest[self.row])
        rows, first = np.unique(self.row[hits], return_index=True)
        out[rows] = hits[first]
        stays = (top <= 1e-9) & ~self.forced
        out[stays] = -1
        return out

    def used(self, best: Indices, family: int) -> Floats:
        """What a choice uses of each limit of a family."""
        rows = np.flatnonzero((best >= 0) & self.coupled[family])
        return np.bincount(
            self.groups[family][rows], self.use[family][best[rows]], len(self.families[family].limit)
        ).astype(float)

    def total(self, best: Indices) -> float:
        """Score of a choice; the law's forced changes count with what they cost."""
        return float(self.score[best[best >= 0]].sum())

    def bound(self, multipliers: tuple[Floats, ...]) -> float:
        """Value of the dual, an upper bound of every choice within the limits."""
        relaxed = self.relaxed(multipliers)
        top = np.maximum.reduceat(relaxed, self.starts) if len(self.row) else np.zeros(0)
        top = np.where(self.forced[self.filled], top, np.maximum(top, 0.0))
        spare = sum(
            float(price @ family.limit) for price, family in zip(multipliers, self.families, strict=True)
        )
        return float(top.sum()) + spare

    def solve(self) -> tuple[Floats, ...]:
        """Multipliers of the limits.

        With one family, the smallest at which its limits hold, by bisection. With two, the bound of the linear
        programme is convex in the multiplier of the first, and golden section finds its least value; the second's
        are those at which its limits hold, while the first's need not.
        """
        if not self.families:
            return ()
        if len(self.families) == 1:
            return (self._bisect(0, (), _STEPS),)
        free = np.zeros(1), self._bisect(1, (np.zeros(1),), _STEPS)
        if self._fits(0, free):
            return free
        best = np.array([self._least_bound_at()])
        return best, self._bisect(1, (best,), _STEPS)

    def _least_bound_at(self) -> float:
        """Multiplier of the first family at which the bound is least."""

        def bound(price: float) -> float:
            outer = np.array([price])
            return self.bound((outer, self._bisect(1, (outer,), _NESTED_STEPS)))

        golden = 0.5 * (np.sqrt(5.0) - 1.0)
        left, right = 0.0, max(float(self.score.max(initial=0.0)), 1.0)
        inner = [right - golden * (right - left), left + golden * (right - left)]
        values = [bound(price) for price in inner]
        for _ in range(_OUTER_STEPS):
            if values[0] <= values[1]:
                right = inner[1]
                inner = [right - golden * (right - left), inner[0]]
                values = [bound(inner[0]), values[0]]
            else:
                left = inner[0]
                inner = [inner[1], left + golden * (right - left)]
                values = [values[1], bound(inner[1])]
            if right - left < _PRECISION * right:
                break
        return float(inner[int(values[1] < values[0])])

    def multipliers_of(self, family: int, before: tuple[Floats, ...]) -> Floats:
        """Multipliers of a family's limits at given ones of the families before it."""
        return self._bisect(family, before, _STEPS)

    def _fits(self, family: int, multipliers: tuple[Floats, ...]) -> bool:
        """Return whether the choice at the multipliers keeps a family's limits."""
        used = self.used(self.choose(multipliers), family)
        return bool((used <= self.families[family].limit + 1e-9).all())

    def _bisect(self, family: int, before: tuple[Floats, ...], steps: int) -> Floats:
        """Smallest multipliers of a family at which its limits hold, all groups at once."""
        limit = self.families[family].limit
        low = np.zeros(len(limit))
        over = self.used(self.choose((*before, low)), family) > limit + 1e-9
        if not over.any():
            return low
        high = np.where(over, self._ceiling(family), 0.0)
        for _ in range(steps):
            middle = np.where(over, 0.5 * (low + high), 0.0)
            beyond = self.used(self.choose((*before, middle)), family) > limit + 1e-9
            low, high = np.where(beyond & over, middle, low), np.where(~beyond & over, middle, high)
        return high

    def _ceiling(self, family: int) -> float:
        """A multiplier at which nothing that uses the limit is worth it."""
        positive = self.use[family] > 1e-12
        if not positive.any():
            return 1.0
        return float((np.maximum(self.score[positive], 0.0) / self.use[family][positive]).max()) * 2.0 + 1.0


def fill(solver: Relaxation, best: Indices) -> Indices:
    """Use up what the relaxation left, the most gain for what it uses first."""
    families = range(len(solver.families))
    spare = [solver.families[k].limit - solver.used(best, k) for k in families]
    if any((left < -1e-6).any() for left in spare):
        raise ParameterError("prices that the law forces down alone exceed the 'changes' of the budget")
    best = best.copy()
    taken = best[solver.row]
    now_score = np.where(taken >= 0, solver.score[taken], 0.0)
    for _ in range(_MOST_FILLS * max(1, len(solver.families[0].limit) if solver.families else 1)):
        more = solver.score - now_score
        need = np.zeros(len(more))
        fits = more > 1e-9
        for k in families:
            now_use = np.where(taken >= 0, solver.use[k][taken], 0.0)
            extra = np.where(solver.coupled[k][solver.row], solver.use[k] - now_use, 0.0)
            room = spare[k][solver.groups[k][solver.row]]
            fits &= extra <= room + 1e-12
            need += np.maximum(extra, 0.0) / np.maximum(solver.families[k].limit.max(), 1e-9)
        if not fits.any():
            break
        rate = np.where(fits, more / (need + 1e-9), -np.inf)
        chosen = _one_a_group(solver, rate)
        for place in chosen:
            row = int(solver.row[place])
            for k in families:
                group = solver.groups[k][row]
                before = solver.use[k][best[row]] if best[row] >= 0 else 0.0
                if solver.coupled[k][row]:
                    spare[k][group] -= solver.use[k][place] - before
            best[row] = place
        taken = best[solver.row]
        now_score = np.where(taken >= 0, solver.score[taken], 0.0)
    return best


def _one_a_group(solver: Relaxation, rate: Floats) -> list[int]:
    """The best move of each group, groups that share no limit at once."""
    if len(solver.families) != 1:
        return [int(rate.argmax())]
    group = np.where(solver.coupled[0], solver.groups[0], -1)[solver.row]
    order = np.argsort(-rate, kind="stable")
    order = order[np.isfinite(rate[order])]
    _, first = np.unique(group[order], return_index=True)
    return [int(place) for place in order[first]]
