"""The order list as a mixed-integer programme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError
from samaan_ml.inventory._gain import Options

_GAP = 1e-6


def solve(
    options: Sequence[Options],
    budget_paise: int,
    minimums: Sequence[tuple[int, Sequence[int]]],
    seconds: float,
) -> tuple[list[int], float]:
    """Choose one option an item, within the budget, each supplier's order empty or at its minimum.

    Parameters
    ----------
    options : sequence of Options
        Numbers of cases of each item; the first is none.
    budget_paise : int
        Cash in hand.
    minimums : sequence of (int, sequence of int)
        Least order of a supplier, paise, and the positions of its items.
    seconds : float
        Most time for the solver.

    Returns
    -------
    list of int
        Cases of each item.
    float
        Gain over the proven bound, at most 1.

    Raises
    ------
    DataError
        If the solver fails before it has found any list; ordering nothing is always one.
    """
    from scipy import optimize

    offsets = np.cumsum([0, *(len(option.cases) - 1 for option in options)])
    n_choices, n = int(offsets[-1]), int(offsets[-1]) + len(minimums)
    if n_choices == 0:
        return [0] * len(options), 1.0
    cost = np.concatenate([np.asarray(option.cost_paise[1:], dtype=float) for option in options])
    gain = np.concatenate([np.asarray(option.gain_paise[1:], dtype=float) for option in options])
    owner = np.repeat(np.arange(len(options)), np.diff(offsets))
    found = optimize.milp(
        -np.append(gain, np.zeros(len(minimums))),
        integrality=np.ones(n, dtype=np.int64),
        bounds=optimize.Bounds(0.0, 1.0),
        constraints=_constraints(len(options), owner, cost, budget_paise, minimums),
        options={"time_limit": seconds, "mip_rel_gap": _GAP},
    )
    if found.x is None:
        raise DataError(f"the order list could not be solved: {found.message}; raise 'seconds' or the budget")
    taken = found.x[:n_choices] > 0.5
    cases = [0] * len(options)
    for choice in np.flatnonzero(taken):
        item = int(owner[choice])
        cases[item] = options[item].cases[choice - int(offsets[item]) + 1]
    bound = -float(found.mip_dual_bound)
    total = float(gain[taken].sum())
    return cases, min(total / bound, 1.0) if bound > 0 else 1.0


def _constraints(
    n_items: int,
    owner: npt.NDArray[np.intp],
    cost: npt.NDArray[np.float64],
    budget_paise: int,
    minimums: Sequence[tuple[int, Sequence[int]]],
) -> list[Any]:
    """Return the constraints: one option an item, the budget, and each supplier's minimum or nothing."""
    from scipy import optimize, sparse

    n_choices, n = len(cost), len(cost) + len(minimums)
    one_each = sparse.csr_array((np.ones(n_choices), (owner, np.arange(n_choices))), shape=(n_items, n))
    spend = sparse.csr_array((cost, (np.zeros(n_choices, dtype=int), np.arange(n_choices))), shape=(1, n))
    constraints = [
        optimize.LinearConstraint(one_each, -np.inf, 1.0),
        optimize.LinearConstraint(spend, -np.inf, float(budget_paise)),
    ]
    for position, (minimum, members) in enumerate(minimums):
        mine = np.flatnonzero(np.isin(owner, np.asarray(members)))
        switch = n_choices + position
        # minimum x switch <= cost of the supplier's lines <= budget x switch
        at = np.append(mine, switch)
        low = sparse.csr_array((np.append(cost[mine], -minimum), (np.zeros_like(at), at)), shape=(1, n))
        high = sparse.csr_array((np.append(cost[mine], -budget_paise), (np.zeros_like(at), at)), shape=(1, n))
        constraints += [
            optimize.LinearConstraint(low, 0.0, np.inf),
            optimize.LinearConstraint(high, -np.inf, 0.0),
        ]
    return constraints
