"""Prices that must be chosen together: the price image of a category, a budget of changes.

Lagrangian relaxation prices each shared limit; at given multipliers every item is solved by itself, exactly. The
multipliers are found by bisection, for all categories at once, and the best of them gives the bound of the linear
programme. What the relaxation leaves unused is then filled greedily.

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
from samaan_ml.pricing._choice import Problem
from samaan_ml.pricing._decision import Scored

Floats: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.intp]
Bools: TypeAlias = npt.NDArray[np.bool_]

_INNER_STEPS = 30
_OUTER_STEPS = 24
_MOST_FILLS = 200


@dataclass(frozen=True, slots=True)
class PriceImage:
    """The average price of a category, weighted by what is sold today, may rise by so much at most.

    Parameters
    ----------
    max_rise_ratio : float, default=0.0
        0.01 lets the category become one percent dearer.
    categories : tuple of str or None, default=None
        The categories that have an image to keep; None means all of them.
    """

    max_rise_ratio: float = 0.0
    categories: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse a ratio that today's prices already break."""
        if not 0.0 <= self.max_rise_ratio <= 1.0:
            raise ParameterError(f"'max_rise_ratio' must lie between 0 and 1, got {self.max_rise_ratio}")


@dataclass(frozen=True, slots=True)
class ChangeBudget:
    """So many labels may be changed at most.

    Parameters
    ----------
    changes : int
        Most changes a run, over all items; a price that the law forces down counts too.
    """

    changes: int

    def __post_init__(self) -> None:
        """Refuse a negative budget."""
        if self.changes < 0:
            raise ParameterError(f"'changes' must be 0 or more, got {self.changes}")


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
    """

    group: Indices
    use: Floats
    limit: Floats


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
    multipliers : tuple of numpy.ndarray
        What one unit of each limit would be worth, by family.
    """

    best: Indices
    value: float
    bound: float
    multipliers: tuple[Floats, ...] = field(default=())


def read_couplings(
    couplings: tuple[PriceImage | ChangeBudget, ...], problem: Problem, scored: Scored, categories: list[str]
) -> tuple[Shared, ...]:
    """Write the couplings as families of limits; a budget comes first."""
    families: list[Shared] = []
    ordered = [c for c in couplings if isinstance(c, ChangeBudget)] + [
        c for c in couplings if isinstance(c, PriceImage)
    ]
    for coupling in ordered:
        if isinstance(coupling, ChangeBudget):
            families.append(_budget(coupling, problem, scored))
        else:
            families.append(_image(coupling, problem, scored, categories))
    if len(families) > 2 or len({type(each) for each in couplings}) < len(couplings):
        raise ParameterError("'couplings' takes one PriceImage and one ChangeBudget at most")
    return tuple(families)


def _budget(coupling: ChangeBudget, problem: Problem, scored: Scored) -> Shared:
    """Every change uses one."""
    changed = scored.candidates.price != problem.facts.price[scored.candidates.row]
    group = np.zeros(len(problem.facts.price), dtype=np.intp)
    return Shared(group, changed.astype(float), np.array([float(coupling.changes)]))


def _image(coupling: PriceImage, problem: Problem, scored: Scored, categories: list[str]) -> Shared:
    """A change uses its share of the category's sales times its relative size."""
    kept = sorted(set(categories) if coupling.categories is None else set(coupling.categories))
    unknown = set(kept) - set(categories)
    if unknown:
        raise ParameterError(f"no item is of category '{min(unknown)}'")
    place = {name: k for k, name in enumerate(kept)}
    group = np.array([place.get(name, -1) for name in categories], dtype=np.intp)
    now = problem.facts.price.astype(float)
    sold = problem.response.units * now
    total = np.bincount(np.maximum(group, 0), np.where(group >= 0, sold, 0.0), len(kept))
    weight = sold / np.maximum(total[np.maximum(group, 0)], 1e-12)
    row = scored.candidates.row
    use = np.where(group[row] >= 0, weight[row] * (scored.candidates.price / now[row] - 1.0), 0.0)
    return Shared(group, use, np.full(len(kept), coupling.max_rise_ratio))


def solve_coupled(scored: Scored, families: tuple[Shared, ...]) -> CoupledChoice:
    """Lagrangian relaxation with repair.

    Raises
    ------
    ParameterError
        When prices that the law forces down exceed the budget of changes.
    """
    solver = _Relaxation(scored, families)
    multipliers = solver.solve()
    best = solver.choose(multipliers)
    best = _fill(solver, best)
    return CoupledChoice(best, solver.total(best), solver.least_bound(multipliers), multipliers)


class _Relaxation:
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
        """Multipliers on the feasible side of the optimum: bisection, nested where there are two families."""
        if not self.families:
            return ()
        if len(self.families) == 1:
            return (self._bisect(0, (), _INNER_STEPS),)
        inner = self._bisect(1, (np.zeros(1),), _INNER_STEPS)
        if self._fits(0, (np.zeros(1), inner)):
            return np.zeros(1), inner
        low, high = 0.0, max(float(self.score.max(initial=0.0)), 1.0)
        for _ in range(_OUTER_STEPS):
            middle = 0.5 * (low + high)
            if self._fits(0, (np.array([middle]), self._bisect(1, (np.array([middle]),), _INNER_STEPS))):
                high = middle
            else:
                low = middle
        return np.array([high]), self._bisect(1, (np.array([high]),), _INNER_STEPS)

    def least_bound(self, multipliers: tuple[Floats, ...]) -> float:
        """The bound of the linear programme.

        With one family the multipliers found are its own; with two, the bound is convex in that of the first and
        golden section finds its least value.
        """
        if len(self.families) < 2 or not multipliers[0].any():
            return self.bound(multipliers)
        golden = 0.5 * (np.sqrt(5.0) - 1.0)

        def bound(price: float) -> float:
            outer = np.array([price])
            return self.bound((outer, self._bisect(1, (outer,), _INNER_STEPS)))

        left, right = 0.0, max(float(self.score.max(initial=0.0)), 1.0)
        inner = [right - golden * (right - left), left + golden * (right - left)]
        values = [bound(price) for price in inner]
        for _ in range(_OUTER_STEPS):
            if values[0] <= values[1]:
                right, inner, values = (
                    inner[1],
                    [inner[1] - golden * (inner[1] - left), inner[0]],
                    [0.0, values[0]],
                )
                values[0] = bound(inner[0])
            else:
                left, inner, values = (
                    inner[0],
                    [inner[1], inner[0] + golden * (right - inner[0])],
                    [values[1], 0.0],
                )
                values[1] = bound(inner[1])
        return min(*values, self.bound(multipliers))

    def _fits(self, family: int, multipliers: tuple[Floats, ...]) -> bool:
        """Tell whether the choice at the multipliers keeps a family's limits."""
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


def _fill(solver: _Relaxation, best: Indices) -> Indices:
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


def _one_a_group(solver: _Relaxation, rate: Floats) -> list[int]:
    """The best move of each group, groups that share no limit at once."""
    if len(solver.families) != 1:
        return [int(rate.argmax())]
    group = np.where(solver.coupled[0], solver.groups[0], -1)[solver.row]
    order = np.argsort(-rate, kind="stable")
    order = order[np.isfinite(rate[order])]
    _, first = np.unique(group[order], return_index=True)
    return [int(place) for place in order[first]]


def solve_exactly(scored: Scored, families: tuple[Shared, ...], time_limit: float = 60.0) -> CoupledChoice:
    """Mixed-integer programme by HiGHS: the exact answer for small shops and the oracle of the tests.

    Raises
    ------
    ParameterError
        When no choice keeps the limits, or the time is not enough.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_matrix, vstack

    solver = _Relaxation(scored, families)
    count = len(solver.row)
    if not count:
        return CoupledChoice(np.full(solver.items, -1, dtype=np.intp), 0.0, 0.0)
    ones, place = np.ones(count), np.arange(count)
    blocks = [csr_matrix((ones, (solver.row, place)), shape=(solver.items, count))]
    has = np.isin(np.arange(solver.items), solver.filled)
    lower, upper = [np.where(solver.forced & has, 1.0, 0.0)], [np.ones(solver.items)]
    for k, family in enumerate(families):
        inside = solver.coupled[k][solver.row]
        entries = (solver.use[k][inside], (solver.groups[k][solver.row[inside]], place[inside]))
        blocks.append(csr_matrix(entries, shape=(len(family.limit), count)))
        lower.append(np.full(len(family.limit), -np.inf))
        upper.append(family.limit)
    result = milp(
        -solver.score,
        constraints=LinearConstraint(vstack(blocks), np.concatenate(lower), np.concatenate(upper)),
        integrality=np.ones(count, dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        options={"time_limit": time_limit, "mip_rel_gap": 1e-9},
    )
    if result.x is None:
        raise ParameterError(f"the exact solver found no choice within the limits: {result.message}")
    best = np.full(solver.items, -1, dtype=np.intp)
    chosen = np.flatnonzero(result.x > 0.5)
    best[solver.row[chosen]] = chosen
    return CoupledChoice(best, solver.total(best), float(-result.mip_dual_bound))


def as_candidates(scored: Scored, choice: CoupledChoice) -> Indices:
    """The choice as places among all candidates, -1 where today's price stays."""
    keep = np.flatnonzero(scored.worth_it)
    if not len(keep):
        return np.full(len(scored.candidates.first) - 1, -1, dtype=np.intp)
    return np.where(choice.best >= 0, keep[np.maximum(choice.best, 0)], -1)
