"""What would change the answer: the nearest elasticity or cost at which another decision is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.money import format_rupees, round_half_away
from samaan_ml.pricing._choice import Problem
from samaan_ml.pricing._decision import decide
from samaan_ml.pricing._rules import UNKNOWN, ItemFacts
from samaan_ml.rounding import half_away

Floats: TypeAlias = npt.NDArray[np.float64]
Objects: TypeAlias = npt.NDArray[np.object_]

_REACH = 81
_ELASTICITY_SPAN = (0.2, 4.0)
_COST_SPAN = (0.5, 1.6)
_REFINEMENTS = 2


@dataclass(frozen=True, slots=True)
class Flip:
    """A fact at which the decision would be another.

    Parameters
    ----------
    fact : {"elasticity", "cost_paise"}
        The fact.
    threshold : float
        The value nearest to today's at which a re-run decides otherwise; the interval moves along with an
        elasticity.
    direction : {"below", "above"}
        On which side of today's value it lies.
    becomes : {"raise", "lower", "hold"}
        What would be decided there.
    """

    fact: Literal["elasticity", "cost_paise"]
    threshold: float
    direction: Literal["below", "above"]
    becomes: Literal["raise", "lower", "hold"]

    def __str__(self) -> str:
        """Write the flip as a sentence."""
        value = (
            f"{self.threshold:.2f}"
            if self.fact == "elasticity"
            else format_rupees(round_half_away(self.threshold))
        )
        name = "elasticity" if self.fact == "elasticity" else "cost"
        return f"with {'an' if name == 'elasticity' else 'a'} {name} of {value} or {self.direction}: {self.becomes}"


def flips(problem: Problem, grades: Objects, row: int) -> tuple[Flip, ...]:
    """Search both sides of the elasticity and of the cost for the nearest other decision."""
    found = [_search(problem, grades, row, "elasticity", side) for side in ("below", "above")]
    if problem.facts.cost[row] != UNKNOWN and "profit" in problem.weights:
        found += [_search(problem, grades, row, "cost_paise", side) for side in ("below", "above")]
    return tuple(flip for flip in found if flip is not None)


def _search(
    problem: Problem,
    grades: Objects,
    row: int,
    fact: Literal["elasticity", "cost_paise"],
    side: Literal["below", "above"],
) -> Flip | None:
    """Nearest value on one side at which the direction of the price differs, by refined grids."""
    now = float(problem.response.elasticity[row] if fact == "elasticity" else problem.facts.cost[row])
    low, high = _ELASTICITY_SPAN if fact == "elasticity" else _COST_SPAN
    far = now * (high if (side == "below") == (fact == "elasticity") else low)
    start, end = now, far
    today = _directions(problem, grades, row, fact, np.array([now]))[0]
    becomes = ""
    for _ in range(_REFINEMENTS + 1):
        values = np.linspace(start, end, _REACH)
        if fact == "cost_paise":
            values = half_away(values)
        answers = _directions(problem, grades, row, fact, values)
        other = np.flatnonzero(answers != today)
        if not len(other):
            return None
        first = int(other[0])
        becomes = str(answers[first])
        start, end = float(values[max(first - 1, 0)]), float(values[first])
    return Flip(fact, end, side, becomes)  # type: ignore[arg-type]


def _directions(problem: Problem, grades: Objects, row: int, fact: str, values: Floats) -> Objects:
    """Decide copies of one item that differ in one fact."""
    copies = np.full(len(values), row)
    facts = ItemFacts(
        **{name: getattr(problem.facts, name)[copies] for name in ItemFacts.__dataclass_fields__}
    )
    response = problem.response.take(copies)
    if fact == "elasticity":
        moved = values - response.elasticity
        response = replace(
            response,
            elasticity=values,
            lower=response.lower + moved,
            upper=np.minimum(response.upper + moved, 0.0),
        )
    else:
        facts = replace(facts, cost=values.astype(np.int64))
    stock = None if problem.stock_units is None else problem.stock_units[copies]
    altered = replace(
        problem, facts=facts, response=response, cautious=problem.cautious[copies], stock_units=stock
    )
    decision = decide(altered, grades[copies])
    out = np.full(len(values), "hold", dtype=object)
    out[decision.price > facts.price] = "raise"
    out[decision.price < facts.price] = "lower"
    return out
