"""Prices that must be chosen together: the price image of a category, a budget of changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing._choice import Problem
from samaan_ml.pricing._decision import Scored
from samaan_ml.pricing._relaxation import CoupledChoice, Indices, Relaxation, Shared, fill


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
    return Shared(group, use, np.full(len(kept), coupling.max_rise_ratio), is_image=True)


def solve_coupled(scored: Scored, families: tuple[Shared, ...]) -> CoupledChoice:
    """Lagrangian relaxation; categories with a price image are then solved one by one and put together.

    Raises
    ------
    ParameterError
        When prices that the law forces down exceed the budget of changes.
    """
    relaxation = Relaxation(scored, families)
    images = [place for place, family in enumerate(families) if family.is_image]
    if images and len(relaxation.row):
        from samaan_ml.pricing._coupling_columns import solve_by_columns

        return solve_by_columns(relaxation, 0 if images[0] == 1 else None, images[0])
    multipliers = relaxation.solve()
    best = fill(relaxation, relaxation.choose(multipliers))
    bound = relaxation.bound(multipliers)
    return CoupledChoice(best, relaxation.total(best), bound, bound, multipliers)


def as_candidates(scored: Scored, choice: CoupledChoice) -> Indices:
    """The choice as places among all candidates, -1 where today's price stays."""
    keep = np.flatnonzero(scored.worth_it)
    if not len(keep):
        return np.full(len(scored.candidates.first) - 1, -1, dtype=np.intp)
    return np.where(choice.best >= 0, keep[np.maximum(choice.best, 0)], -1)
