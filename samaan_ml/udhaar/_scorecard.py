"""The scorecard: supervised bins, shrunken weight of evidence, ridge logistic regression.

Weight of evidence after Good (1950) and Siddiqi (2006), shrunk towards 0 by `strength` rows of the average so
that a small bin says little; coefficients are kept non-negative, so every bin's points point where its own
evidence does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samaan_ml.udhaar._encoding import Array, Codes, ColumnCode
from samaan_ml.udhaar._logistic import fit_nonnegative
from samaan_ml.udhaar._tables import PointsTable, monotone_points


def fit_scorecard(
    codes: Codes,
    y: Array,
    columns: Sequence[ColumnCode],
    directions: Sequence[int],
    *,
    max_bins: int = 8,
    strength: float = 20.0,
    ridge: float = 2.0,
    weight: Array | None = None,
) -> PointsTable:
    """Fit a scorecard on codes.

    Parameters
    ----------
    codes : int array (n_rows, n_columns)
        As `TableEncoder.encode` gives them.
    y : int array (n_rows,)
        1 for bad.
    columns : sequence of ColumnCode
        How the codes are to be read.
    directions : sequence of int
        +1, -1 or 0 a column.
    max_bins : int, default=8
        Supervised bins a numeric column.
    strength : float, default=20.0
        Rows of the average that every bin starts with.
    ridge : float, default=2.0
        Penalty on the coefficients, which are near 1 when the columns are independent.
    weight : float array (n_rows,) or None, default=None
        How often each row counts.

    Returns
    -------
    PointsTable
        Points of every code.
    """
    w = np.ones(len(y)) if weight is None else weight
    rate = float(np.average(y, weights=w))
    evidence = [
        _evidence(codes[:, j], y, w, column, direction, rate, max_bins, strength)
        for j, (column, direction) in enumerate(zip(columns, directions, strict=True))
    ]
    W = np.column_stack([woe[codes[:, j]] for j, woe in enumerate(evidence)])
    prior = np.concatenate([[np.log(rate / (1 - rate))], np.zeros(W.shape[1])])
    penalty = np.concatenate([[0.0], np.full(W.shape[1], ridge)])
    theta = fit_nonnegative(np.column_stack([np.ones(len(y)), W]), y, penalty, prior, weight=w)
    return PointsTable(float(theta[0]), [w * woe for w, woe in zip(theta[1:], evidence, strict=True)])


def _evidence(
    code: Codes,
    y: Array,
    weight: Array,
    column: ColumnCode,
    direction: int,
    rate: float,
    max_bins: int,
    strength: float,
) -> Array:
    """Return the shrunken weight of evidence of every code of a column."""
    rows = np.bincount(code, weights=weight, minlength=column.size)
    bad = np.bincount(code, weights=weight * y, minlength=column.size)
    group = np.arange(column.size)
    if column.kind == "number":
        group = np.concatenate([[0], 1 + supervised_groups(rows[1:], bad[1:], max_bins)])
    group_rows, group_bad = np.bincount(group, weights=rows), np.bincount(group, weights=bad)
    shrunk = (group_bad + strength * rate) / (group_rows + strength)
    woe = np.log(shrunk / (1 - shrunk)) - np.log(rate / (1 - rate))
    if column.kind == "number":
        woe = _one_way(woe, group_rows, direction)
    return np.asarray(woe[group])


def _one_way(woe: Array, rows: Array, direction: int) -> Array:
    """Let evidence only rise or only fall: the way that is asked for, or else the one nearer to the data.

    What bends is left to the curves and the trees; a scorecard that only rises or falls errs less by chance.
    """
    if direction:
        return monotone_points(woe, rows, direction)
    ways = [monotone_points(woe, rows, way) for way in (1, -1)]
    return min(ways, key=lambda each: float(rows[1:] @ (each - woe)[1:] ** 2))


def supervised_groups(rows: Array, bad: Array, max_bins: int) -> Codes:
    """Cut ordered codes where the deviance falls most, as a tree of one column does.

    A group keeps at least 5 % of the rows (and 20 rows), and a cut must gain more than chance would (deviance 3).
    """
    least = max(20.0, 0.05 * rows.sum())
    R, B = np.concatenate([[0.0], np.cumsum(rows)]), np.concatenate([[0.0], np.cumsum(bad)])
    bounds = [(0, len(rows))]
    cuts: list[int] = []
    while len(cuts) < max_bins - 1:
        best = max((_best_cut(R, B, low, high, least) for low, high in bounds), default=(0.0, 0))
        if best[0] <= 3.0:
            break
        cut = best[1]
        cuts.append(cut)
        low, high = next(span for span in bounds if span[0] < cut < span[1])
        bounds.remove((low, high))
        bounds += [(low, cut), (cut, high)]
    return np.searchsorted(np.array(sorted(cuts), dtype=np.int64), np.arange(len(rows)), side="right")


def _best_cut(R: Array, B: Array, low: int, high: int, least: float) -> tuple[float, int]:
    """Return the gain in deviance of the best cut of a span of codes, and the cut."""
    at = np.arange(low + 1, high)
    left, right = R[at] - R[low], R[high] - R[at]
    at = at[(left >= least) & (right >= least)]
    if not len(at):
        return 0.0, 0
    parts = _fit(R[at] - R[low], B[at] - B[low]) + _fit(R[high] - R[at], B[high] - B[at])
    whole = _fit(R[[high]] - R[low], B[[high]] - B[low])
    best = int(np.argmax(parts))
    return float(2 * (parts[best] - whole[0])), int(at[best])


def _fit(rows: Array, bad: Array) -> Array:
    """Return the log-likelihood of rows with their own rate."""
    share = np.clip(bad / np.maximum(rows, 1.0), 1e-9, 1 - 1e-9)
    return np.asarray(bad * np.log(share) + (rows - bad) * np.log(1 - share))
