"""Coupled prices as a mixed-integer programme: the exact answer for small shops and the oracle of the tests."""

from __future__ import annotations

import numpy as np

from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing._decision import Scored
from samaan_ml.pricing._relaxation import CoupledChoice, Relaxation, Shared


def solve_exactly(scored: Scored, families: tuple[Shared, ...], time_limit: float = 60.0) -> CoupledChoice:
    """Mixed-integer programme by HiGHS: the exact answer for small shops and the oracle of the tests.

    Raises
    ------
    ParameterError
        When no choice keeps the limits, or the time is not enough.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_matrix, vstack

    solver = Relaxation(scored, families)
    count = len(solver.row)
    if not count:
        return CoupledChoice(np.full(solver.items, -1, dtype=np.intp), 0.0, 0.0, 0.0)
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
    bound = float(-result.mip_dual_bound)
    return CoupledChoice(best, solver.total(best), bound, bound)
