"""The smooth additive model: one curve a column, its smoothness learned from the data.

A generalised additive logistic model on binned columns. Each numeric column is a random walk over its bins
(first differences penalised) plus deviations for values that many rows share; each category is a shrunken
effect. Every part has its own precision, found by the fixed-point updates of MacKay (1992) for the marginal
likelihood (the generalised Fellner-Schall method of Wood and Fasiolo, 2017), so a column that says nothing is
flattened without a search. The Hessian is assembled from two-way counts of bins, which makes the cost of a
fit nearly independent of its smoothness and small next to boosting one-column trees as an EBM does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from samaan_ml.udhaar._encoding import Array, Codes, ColumnCode
from samaan_ml.udhaar._logistic import expit
from samaan_ml.udhaar._tables import PointsTable, centred, monotone_points

ATOM_SHARE = 0.04
"""A single value of at least this share of the rows may jump out of its curve."""


@dataclass(frozen=True)
class Block:
    """Coefficients that share one precision.

    Parameters
    ----------
    start, stop : int
        Their place among all coefficients.
    structure : float array (stop - start, stop - start)
        Penalty for precision 1.
    rank : int
        Its rank.
    """

    start: int
    stop: int
    structure: Array
    rank: int


@dataclass(frozen=True)
class Design:
    """Which coefficients each code of each column adds up.

    Parameters
    ----------
    coarse : list of int arrays (n_codes,)
        Bin of each code.
    place : list of list of int arrays
        For each column, maps from bin to coefficient; a bin sums its coefficients over the maps (-1: none).
    blocks : list of Block
        The penalties.
    size : int
        Number of coefficients.
    """

    coarse: list[Codes]
    place: list[list[Codes]]
    blocks: list[Block]
    size: int


@dataclass(frozen=True)
class AdditiveFit:
    """A fitted additive model.

    Parameters
    ----------
    table : PointsTable
        Points of every code.
    covariance : float array (n_coefficients + 1, n_coefficients + 1)
        Posterior covariance, the intercept last; empty for a refit.
    design : Design
        What the coefficients are.
    precision : float array (n_blocks,)
        Learned precisions.
    """

    table: PointsTable
    covariance: Array
    design: Design
    precision: Array


def build_design(codes: Codes, columns: Sequence[ColumnCode], max_bins: int) -> Design:
    """Choose bins and penalties from the codes of the training rows."""
    coarse, place, blocks = [], [], []
    size = 0
    for j, column in enumerate(columns):
        rows = np.bincount(codes[:, j], minlength=column.size).astype(float)
        bins, atoms = _coarse_bins(rows, column, max_bins)
        coarse.append(bins)
        n_bins = int(bins.max()) + 1
        maps = []
        first = np.full(n_bins, -1)
        if column.kind == "number":
            blocks.append(_walk(size, n_bins - 1))
            first[1:] = size + np.arange(n_bins - 1)
            size += n_bins - 1
        else:
            blocks.append(_ridge(size, n_bins - 1))
            first[1:] = size + np.arange(n_bins - 1)
            size += n_bins - 1
        if rows[0]:
            blocks.append(_ridge(size, 1))
            first[0] = size
            size += 1
        maps.append(first)
        if len(atoms):
            blocks.append(_ridge(size, len(atoms)))
            jump = np.full(n_bins, -1)
            jump[atoms] = size + np.arange(len(atoms))
            size += len(atoms)
            maps.append(jump)
        place.append(maps)
    return Design(coarse, place, blocks, size)


def fit_additive(
    codes: Codes,
    y: Array,
    columns: Sequence[ColumnCode],
    directions: Sequence[int],
    *,
    max_bins: int | None = None,
    rounds: int = 12,
    start: AdditiveFit | None = None,
    weight: Array | None = None,
) -> AdditiveFit:
    """Fit curves and their smoothness.

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
    max_bins : int or None, default=None
        Bins a curve; None takes a fifth of the root of the rows, from 12 to 32.
    rounds : int, default=12
        Newton steps, each with an update of the precisions.
    start : AdditiveFit or None, default=None
        A fit on other rows of the same table, whose bins and precisions are taken over.
    weight : float array (n_rows,) or None, default=None
        How often each row counts.

    Returns
    -------
    AdditiveFit
        Points, covariance and precisions.
    """
    from scipy.linalg import cholesky

    n_bins = int(np.clip(np.sqrt(len(y)) / 5, 12, 32)) if max_bins is None else max_bins
    design = build_design(codes, columns, n_bins) if start is None else start.design
    binned = np.column_stack([bins[codes[:, j]] for j, bins in enumerate(design.coarse)])
    touched = _touched(binned, design)
    precision = np.full(len(design.blocks), 10.0) if start is None else start.precision
    w = np.ones(len(y)) if weight is None else weight
    rate = float(np.average(y, weights=w))
    theta = np.append(np.zeros(design.size), np.log(rate / (1 - rate)))
    covariance = np.empty((0, 0))
    for _ in range(rounds if start is None else 4):
        q = expit(_linear(binned, design, theta))
        penalty = _penalty(design, precision)
        lower = cholesky(
            _gram(touched, w * q * (1 - q), design.size) + penalty, lower=True, check_finite=False
        )
        move = _solve(lower, _scatter(binned, design, w * (y - q)) - penalty @ theta)
        theta = theta + move * min(1.0, 4.0 / max(np.abs(move).max(), 1e-12))
        if start is None:
            covariance = _inverse(lower)
            precision = _updated(design, precision, theta, covariance)
    table = _table(design, theta, codes, columns, directions)
    return AdditiveFit(table, covariance, design, precision)


def _coarse_bins(rows: Array, column: ColumnCode, max_bins: int) -> tuple[Codes, Codes]:
    """Join neighbouring codes to at most `max_bins` bins of about equal rows; name the bins of one heavy value."""
    if column.kind == "category":
        return np.arange(column.size), np.empty(0, dtype=np.int64)
    values = rows[1:]
    if len(values) <= max_bins:
        bins = np.arange(1, len(values) + 1)
    else:
        middle = (np.cumsum(values) - values / 2) / max(values.sum(), 1.0)
        bins = 1 + np.unique((middle * max_bins).astype(np.int64), return_inverse=True)[1]
    full = np.concatenate([[0], bins])
    mass = np.bincount(full, weights=rows)
    single = np.bincount(full) == 1
    atoms = np.flatnonzero(single & (mass >= ATOM_SHARE * rows.sum()))
    atoms = atoms[atoms > 0]
    return full, atoms if int(full.max()) > 6 else np.empty(0, dtype=np.int64)


def _walk(start: int, n: int) -> Block:
    """Penalise first differences, scaled so that one precision suits any number of bins."""
    difference = np.diff(np.eye(n), axis=0)
    scale = max(n - 1, 1) / 10.0
    return Block(start, start + n, scale * difference.T @ difference, max(n - 1, 1))


def _ridge(start: int, n: int) -> Block:
    """Penalise the coefficients themselves."""
    return Block(start, start + n, np.eye(n), n)


def _penalty(design: Design, precision: Array) -> Array:
    """Assemble the penalty; a trace of ridge keeps the curves' levels, which the intercept shares, determined."""
    penalty = np.diag(np.concatenate([np.full(design.size, 1e-3), [0.0]]))
    for block, weight in zip(design.blocks, precision, strict=True):
        penalty[block.start : block.stop, block.start : block.stop] += weight * block.structure
    return penalty


def _updated(design: Design, precision: Array, theta: Array, covariance: Array) -> Array:
    """Move each precision to the fixed point of the marginal likelihood, with a weak prior against extremes."""
    new = np.empty_like(precision)
    for i, block in enumerate(design.blocks):
        own = theta[block.start : block.stop]
        part = covariance[block.start : block.stop, block.start : block.stop]
        used = block.rank - precision[i] * float(np.sum(part * block.structure))
        size = float(own @ block.structure @ own)
        new[i] = np.clip((max(used, 0.0) + 0.5) / (size + 0.01), 0.05, 1e5)
    return new


def _linear(binned: Codes, design: Design, theta: Array) -> Array:
    """Return the log-odds of binned rows."""
    total = np.full(len(binned), theta[-1])
    for j, points in enumerate(_bin_points(design, theta)):
        total += points[binned[:, j]]
    return total


def _bin_points(design: Design, theta: Array) -> list[Array]:
    """Return the points of every bin of every column."""
    padded = np.concatenate([theta[:-1], [0.0]])
    return [np.sum([padded[each] for each in maps], axis=0) for maps in design.place]


def _scatter(binned: Codes, design: Design, values: Array) -> Array:
    """Sum a value of every row into the coefficients it touches, and into the intercept."""
    result = np.zeros(design.size + 1)
    for j, maps in enumerate(design.place):
        sums = np.bincount(binned[:, j], weights=values, minlength=len(maps[0]))
        for place in maps:
            used = place >= 0
            result[place[used]] += sums[used]
    result[-1] = values.sum()
    return result


def _gram(touched: Codes, weights: Array, size: int) -> Array:
    """Return the weighted cross-product of the design of `size` coefficients and the intercept."""
    gram = np.zeros((size + 1, size + 1))
    _kernel()(touched, weights, gram)
    return np.maximum(gram, gram.T)


@cache
def _kernel() -> Callable[[Codes, Array, Array], None]:
    """Compile the loop that adds up the lower triangle, on first use."""
    import numba

    def add(touched: Codes, weights: Array, gram: Array) -> None:
        n, width = touched.shape
        for i in range(n):
            weight = weights[i]
            for a in range(width):
                row = touched[i, a]
                if row < 0:
                    continue
                for b in range(a + 1):
                    column = touched[i, b]
                    if column >= 0:
                        gram[max(row, column), min(row, column)] += weight

    return numba.njit(nogil=True)(add)  # type: ignore[no-any-return]


def _touched(binned: Codes, design: Design) -> Codes:
    """Return the coefficients each row adds up, -1 for none; the last is the intercept."""
    columns = [place[binned[:, j]] for j, maps in enumerate(design.place) for place in maps]
    return np.column_stack([*columns, np.full(len(binned), design.size)]).astype(np.int32)


def _solve(lower: Array, right: Array) -> Array:
    """Solve from the lower Cholesky factor."""
    from scipy.linalg import cho_solve

    return np.asarray(cho_solve((lower, True), right, check_finite=False))


def _inverse(lower: Array) -> Array:
    """Invert a matrix from its lower Cholesky factor."""
    from scipy.linalg.lapack import dpotri

    inverse, _ = dpotri(lower, lower=1)
    return np.asarray(np.tril(inverse) + np.tril(inverse, -1).T)


def _table(
    design: Design, theta: Array, codes: Codes, columns: Sequence[ColumnCode], directions: Sequence[int]
) -> PointsTable:
    """Write the points of every code, made monotone where a direction is asked for."""
    points = []
    for j, per_bin in enumerate(_bin_points(design, theta)):
        own = per_bin[design.coarse[j]]
        if directions[j] and columns[j].kind == "number":
            rows = np.bincount(codes[:, j], minlength=columns[j].size)
            own = monotone_points(own, rows.astype(float), directions[j])
        points.append(own)
    return centred(PointsTable(float(theta[-1]), points), codes)
