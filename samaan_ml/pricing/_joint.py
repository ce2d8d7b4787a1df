"""Prices chosen together because items take sales from each other.

Demand of item i is multiplied by the ratio of every other price to the power of its cross elasticity. Each item in
turn takes the price that is best for itself *and* for those whose sales answer to it, given the others; the total
rises with every step, so the sweeps end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing._choice import Problem, outcome, value
from samaan_ml.pricing._decision import Scored

Floats: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.intp]

_MOST_SWEEPS = 50
_WEEK = 7.0


@dataclass(frozen=True, slots=True)
class CrossEffects:
    """Sales of item `row` answer to the price of item `other`, shape (n_pairs,).

    Parameters
    ----------
    row, other : numpy.ndarray of int
        Items.
    elasticity : numpy.ndarray
        Percent change of the units of `row` for one percent of the price of `other`.
    """

    row: Indices
    other: Indices
    elasticity: Floats


@dataclass(frozen=True, slots=True)
class JointChoice:
    """The answer for items that take sales from each other.

    Parameters
    ----------
    best : numpy.ndarray of int, shape (n_items,)
        The chosen candidate, -1 where today's price stays.
    gain : numpy.ndarray, shape (n_items,)
        What the whole shop would lose a day if this item alone went back to today's price.
    factor : numpy.ndarray, shape (n_items,)
        By how much the other prices multiply the item's units.
    total_gain : float
        Gain of the whole shop a day.
    """

    best: Indices
    gain: Floats
    factor: Floats
    total_gain: float


def choose_jointly(problem: Problem, scored: Scored, cross: CrossEffects) -> JointChoice:
    """Sweep over the items until no single change gains more.

    Raises
    ------
    ParameterError
        When the objective is not proportional to units, as "clear_stock" is not.
    """
    if "clear_stock" in problem.weights:
        raise ParameterError("cross elasticities cannot be combined with the goal 'clear_stock'")
    return _Sweeps(problem, scored, cross).run()


class _Sweeps:
    """State of the sweeps: the price ratio of every item and what each item is worth."""

    def __init__(self, problem: Problem, scored: Scored, cross: CrossEffects) -> None:
        facts, candidates = problem.facts, scored.candidates
        n = len(facts.price)
        rows = np.arange(n)
        now = outcome(problem, facts.price, rows, problem.response.units)
        self.now = value(problem, now, rows)
        self.gained = scored.score
        self.log_ratio = np.log(candidates.price / facts.price[candidates.row])
        self.stays = candidates.price == facts.price[candidates.row]
        self.first = candidates.first
        self.forced = ~scored.limits.legal_now & (np.diff(candidates.first) > 0)
        self.least = problem.rules.min_gain_paise_per_week / _WEEK
        self.best = np.full(n, -1, dtype=np.intp)
        self.move = np.zeros(n)
        self.cross = cross
        self.answers = [np.flatnonzero(cross.other == row) for row in rows]
        self.hears = [np.flatnonzero(cross.row == row) for row in rows]

    def run(self) -> JointChoice:
        """Sweep, then say what each change contributes."""
        for _ in range(_MOST_SWEEPS):
            changed = [self.improve(row) for row in range(len(self.best))]
            if not any(changed):
                break
        while (worst := self.least_worth()) >= 0:
            self.best[worst], self.move[worst] = -1, 0.0
        gain = np.array([self.contribution(row) for row in range(len(self.best))])
        factor = np.array([self.factor(row) for row in range(len(self.best))])
        total = float(sum(self.worth(row) for row in range(len(self.best))) - self.now.sum())
        return JointChoice(self.best, gain, factor, total)

    def factor(self, row: int) -> float:
        """What the other prices do to an item's units."""
        pairs = self.hears[row]
        return float(np.exp(self.cross.elasticity[pairs] @ self.move[self.cross.other[pairs]]))

    def own(self, row: int) -> float:
        """What an item is worth at its price, the others' prices left out."""
        place = self.best[row]
        return float(self.now[row] + (self.gained[place] if place >= 0 else 0.0))

    def worth(self, row: int) -> float:
        """What an item is worth at all current prices."""
        return self.own(row) * self.factor(row)

    def improve(self, row: int) -> bool:
        """Return an item the price that is best for itself and for those that answer to it."""
        span = slice(self.first[row], self.first[row + 1])
        moves = self.log_ratio[span]
        if not len(moves):
            return False
        pairs = self.answers[row]
        others = self.cross.row[pairs]
        here = self.move[row]
        base = np.array([self.worth(int(k)) for k in others]) * np.exp(-self.cross.elasticity[pairs] * here)
        effect = np.exp(np.multiply.outer(moves, self.cross.elasticity[pairs])) @ base
        total = (self.now[row] + self.gained[span]) * self.factor(row) + effect
        hold = self.now[row] * self.factor(row) + float(base.sum())
        total = np.where(self.stays[span], -np.inf, total)
        pick = int(total.argmax())
        keeps = not self.forced[row] and total[pick] - hold <= max(self.least, 1e-9)
        chosen = -1 if keeps or not np.isfinite(total[pick]) else self.first[row] + pick
        changed = bool(chosen != self.best[row])
        self.best[row], self.move[row] = chosen, 0.0 if chosen < 0 else moves[pick]
        return changed

    def contribution(self, row: int) -> float:
        """What the shop would lose if the item alone went back to today's price."""
        if self.best[row] < 0:
            return 0.0
        pairs = self.answers[row]
        others = self.cross.row[pairs]
        after = np.array([self.worth(int(k)) for k in others])
        before = after * np.exp(-self.cross.elasticity[pairs] * self.move[row])
        return float((self.own(row) - self.now[row]) * self.factor(row) + (after - before).sum())

    def least_worth(self) -> int:
        """A change that no longer reaches the least gain, -1 where there is none."""
        for row in np.flatnonzero((self.best >= 0) & ~self.forced):
            if np.floor(_WEEK * self.contribution(int(row)) + 1e-9) < _WEEK * self.least:
                return int(row)
        return -1
