"""Train the parts of the risk model, fold by fold, and blend them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samaan_ml.udhaar._additive import AdditiveFit, fit_additive
from samaan_ml.udhaar._blend import fit_blend
from samaan_ml.udhaar._boosting import (
    BoostedFold,
    BoostingSize,
    fit_boosted,
    round_marks,
    sizes_for,
    weighted_leaves,
)
from samaan_ml.udhaar._encoding import MISSING, Array, Codes, ColumnCode, TableEncoder
from samaan_ml.udhaar._forest import Forest, LeafPath
from samaan_ml.udhaar._logistic import expit, log_loss
from samaan_ml.udhaar._scorecard import fit_scorecard
from samaan_ml.udhaar._scorer import Scorer
from samaan_ml.udhaar._tables import weighted_sum
from samaan_ml.udhaar._uncertainty import LogOddsUncertainty

PARTS = ("scorecard", "curves", "greedy_trees", "random_trees")
"""The parts of the blend, in the order of its weights."""


def train(
    encoder: TableEncoder,
    codes: Codes,
    y: Array,
    directions: Sequence[int],
    groups: Array | None,
    seed: int,
    weight: Array | None = None,
) -> tuple[Scorer, Array]:
    """Train the three parts on every fold, blend them on their out-of-fold scores, keep the parts.

    The scorecard and the curves are kept as fitted on all rows; of the trees the folds' boosters are averaged,
    which is a bag at no further cost.

    Returns
    -------
    scorer : Scorer
        The fitted model.
    out_of_fold : float array (n_rows,)
        Calibrated out-of-fold probabilities.
    """
    columns = encoder.columns
    w = np.ones(len(y)) if weight is None else weight
    curves = fit_additive(codes, y, columns, directions, weight=w)
    sizes = sizes_for(len(y), len(columns))
    folds = assign_folds(y, groups, n_folds_for(len(y)), seed)
    smooth, boosted, boosters = _fit_folds(codes, y, columns, directions, weight, folds, curves, sizes, seed)
    best = [int(np.argmin([log_loss(y, scores, w) for scores in each])) for each in boosted]
    parts = np.column_stack([smooth, *(each[mark] for each, mark in zip(boosted, best, strict=True))])
    blend = fit_blend(parts, y, weight=w)
    leaves: list[LeafPath] = []
    trees = 0
    for k, size in enumerate(sizes):
        more, trees = weighted_leaves(
            boosters[k], round_marks(size)[best[k]], float(blend.weights[2 + k]), trees
        )
        leaves += more
    typical = typical_codes(codes, columns)
    scorer = Scorer(
        encoder=encoder,
        points=weighted_sum(
            [fit_scorecard(codes, y, columns, directions, weight=w), curves.table],
            blend.weights[:2],
            blend.intercept,
        ),
        forest=Forest.from_leaves(leaves, encoder.sizes),
        weights=dict(zip(PARTS, blend.weights.tolist(), strict=True)),
        reference=typical,
        uncertainty=_uncertainty(curves, codes, columns, typical),
    )
    return scorer, expit(blend.score(parts))


def n_folds_for(n_rows: int) -> int:
    """Return fewer folds for large tables, where a third of the rows is enough to judge by."""
    return 5 if n_rows < 60_000 else 3


def assign_folds(y: Array, groups: Array | None, n_folds: int, seed: int) -> Codes:
    """Deal rows (or groups of rows) to folds, each class evenly.

    Returns
    -------
    int array (n_rows,)
        Fold of each row.
    """
    rng = np.random.default_rng(seed)
    unit = np.arange(len(y)) if groups is None else np.unique(groups, return_inverse=True)[1]
    bad = np.bincount(unit, weights=y) > 0
    n_folds = int(min(n_folds, max(bad.sum(), 2), max((~bad).sum(), 2)))
    fold = np.empty(len(bad), dtype=np.int64)
    for own in (np.flatnonzero(bad), np.flatnonzero(~bad)):
        fold[rng.permutation(own)] = np.arange(len(own)) % n_folds
    return fold[unit]


def _fit_folds(
    codes: Codes,
    y: Array,
    columns: Sequence[ColumnCode],
    directions: Sequence[int],
    weight: Array | None,
    folds: Codes,
    curves: AdditiveFit,
    sizes: Sequence[BoostingSize],
    seed: int,
) -> tuple[Array, list[Array], list[list[BoostedFold]]]:
    """Fit the parts without each fold and score the fold: scorecard and curves, trees by round, the boosters."""
    w = np.ones(len(y)) if weight is None else weight
    smooth = np.zeros((len(y), 2))
    boosted = [np.zeros((len(round_marks(size)), len(y))) for size in sizes]
    boosters: list[list[BoostedFold]] = [[] for _ in sizes]
    for fold in range(int(folds.max()) + 1):
        held, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        own = codes[rest], y[rest], columns, directions
        smooth[held, 0] = fit_scorecard(*own, weight=w[rest]).score(codes[held])
        smooth[held, 1] = fit_additive(*own, start=curves, weight=w[rest]).table.score(codes[held])
        for k, size in enumerate(sizes):
            one = fit_boosted(
                codes[rest],
                y[rest],
                codes[held],
                y[held],
                columns,
                directions,
                size,
                seed + 100 * k + fold,
                None if weight is None else w[rest],
                w[held],
            )
            boosted[k][:, held] = one.held_out
            boosters[k].append(one)
    return smooth, boosted, boosters


def typical_codes(codes: Codes, columns: Sequence[ColumnCode]) -> Codes:
    """Return the typical row: the median of known numbers, the most frequent category."""
    typical = np.zeros(len(columns), dtype=np.int64)
    for j, column in enumerate(columns):
        if column.kind == "number":
            known = codes[codes[:, j] != MISSING, j]
            typical[j] = np.sort(known)[len(known) // 2] if len(known) else MISSING
        else:
            typical[j] = np.bincount(codes[:, j], minlength=column.size).argmax()
    return typical


def _uncertainty(
    curves: AdditiveFit, codes: Codes, columns: Sequence[ColumnCode], typical: Codes
) -> LogOddsUncertainty:
    """Keep the posterior of the curves, by code instead of by bin.

    A code of which training had no row (missing where none was missing, a value where all were missing) counts as
    the typical one: what no row speaks of would be as uncertain as the prior is wide.
    """
    place = []
    levels = np.zeros((len(columns), len(curves.covariance)))
    for j, (bins, maps, usual) in enumerate(
        zip(curves.design.coarse, curves.design.place, typical, strict=True)
    ):
        by_code = np.stack([each[bins] for each in maps])
        rows = np.bincount(bins[codes[:, j]], minlength=int(bins.max()) + 1)
        unknown = (by_code < 0).all(axis=0) | (rows[bins] == 0)
        by_code[:, unknown] = by_code[:, [usual]]
        place.append(by_code)
        if columns[j].kind == "number" and rows[1:].sum():
            levels[j, maps[0][1:]] = rows[1:] / rows[1:].sum()
    return LogOddsUncertainty(_with_levels_at_zero(curves.covariance, levels), place)


def _with_levels_at_zero(covariance: Array, levels: Array) -> Array:
    """Condition the posterior on every curve having mean zero over the training rows with a value.

    The level of a curve alone is not determined: moved from one curve to another or to the intercept it changes
    nothing for rows with all values. A row with a combination of missing values that training never had would show
    that freedom as uncertainty.
    """
    known = levels[levels.any(axis=1)]
    across = covariance @ known.T
    inner = known @ across
    inner[np.diag_indices_from(inner)] += 1e-9
    return np.asarray(covariance - across @ np.linalg.solve(inner, across.T))
