"""Monotone gradient-boosted trees, sized to the rows at hand; LightGBM trains them, `Forest` answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from samaan_ml.udhaar._encoding import MISSING, Array, Codes, ColumnCode
from samaan_ml.udhaar._forest import LeafPath, leaf_paths
from samaan_ml.udhaar._logistic import log_loss

_PATIENCE = 4


@dataclass(frozen=True)
class BoostingSize:
    """How large the trees may be.

    Parameters
    ----------
    leaves : int
        Leaves a tree.
    learning_rate : float
        Step of each tree.
    max_rounds : int
        Trees at most.
    min_rows : int
        Rows a leaf must hold.
    column_share : float
        Share of the columns each tree may see.
    ridge : float
        Penalty on leaf values.
    random_cuts : bool
        Whether each split tries one cut at random a column (extremely randomised trees) instead of all.
    """

    leaves: int
    learning_rate: float
    max_rounds: int
    min_rows: int
    column_share: float
    ridge: float
    random_cuts: bool


def sizes_for(n_rows: int, n_columns: int) -> tuple[BoostingSize, BoostingSize]:
    """Choose the size of the trees from the size of the table: greedy trees and trees of random cuts.

    The two err differently; their average beats either on most of the public sets.
    """
    leaves = int(np.clip(round(4 * np.log10(max(n_rows, 10)) - 5), 6, 14))
    greedy = BoostingSize(
        leaves=leaves,
        learning_rate=0.06,
        max_rounds=288,
        min_rows=int(np.clip(np.sqrt(n_rows) / 2, 10, 200)),
        column_share=float(np.clip(6 / n_columns, 0.3, 1.0)),
        ridge=10.0,
        random_cuts=False,
    )
    return greedy, replace(greedy, learning_rate=0.1, max_rounds=384, random_cuts=True)


@dataclass(frozen=True)
class BoostedFold:
    """A booster, how codes were fed to it, and its log-odds on the held-out rows at every mark.

    Parameters
    ----------
    booster : lightgbm.Booster
        The trees.
    inputs : list of float arrays (n_codes,)
        What each code of each column was fed as.
    held_out : float array (n_marks, n_rows)
        Log-odds after every mark's number of trees; flat after the booster stopped.
    """

    booster: Any
    inputs: list[Array]
    held_out: Array


def fit_boosted(
    codes: Codes,
    y: Array,
    held_codes: Codes,
    held_y: Array,
    columns: Sequence[ColumnCode],
    directions: Sequence[int],
    size: BoostingSize,
    seed: int,
    weight: Array | None = None,
    held_weight: Array | None = None,
) -> BoostedFold:
    """Train on some rows, follow the held-out rows, and stop when they have not gained for four marks."""
    import lightgbm

    inputs = [
        _category_ranks(codes[:, j], y, column, weight) if column.kind == "category" else _as_fed(column.size)
        for j, column in enumerate(columns)
    ]
    parameters = _parameters(size, list(directions), seed)
    booster = lightgbm.Booster(
        parameters, lightgbm.Dataset(_feed(codes, inputs), y, weight=weight, params=parameters)
    )
    fed = _feed(held_codes, inputs)
    marks = round_marks(size)
    scores = np.zeros((len(marks), len(held_codes)))
    losses: list[float] = []
    for k, (a, b) in enumerate(pairwise([0, *marks])):
        for _ in range(a, b):
            booster.update()
        gained = booster.predict(fed, raw_score=True, start_iteration=a, num_iteration=b - a, num_threads=1)
        scores[k:] = (scores[k - 1] if k else 0.0) + gained
        losses.append(log_loss(held_y, scores[k], held_weight))
        if k - int(np.argmin(losses)) >= _PATIENCE:
            break
    return BoostedFold(booster, inputs, scores)


def round_marks(size: BoostingSize) -> list[int]:
    """Return the numbers of trees among which the best is chosen."""
    step = max(size.max_rounds // 24, 1)
    return list(range(step, size.max_rounds + 1, step))


def weighted_leaves(
    folds: Sequence[BoostedFold], rounds: int, weight: float, first_tree: int
) -> tuple[list[LeafPath], int]:
    """Return the leaves of the first `rounds` trees of every fold's booster, for a weighted average.

    Returns
    -------
    leaves : list of LeafPath
        Values times weight / number of folds; trees are numbered from `first_tree`.
    next_tree : int
        The next free number.
    """
    leaves: list[LeafPath] = []
    number = first_tree
    for fold in folds:
        for tree in fold.booster.dump_model(num_iteration=rounds)["tree_info"]:
            leaves += leaf_paths(tree["tree_structure"], number, weight / len(folds), fold.inputs)
            number += 1
    return leaves, number


def _parameters(size: BoostingSize, directions: list[int], seed: int) -> dict[str, Any]:
    """Return LightGBM's parameters."""
    return {
        "objective": "binary",
        "learning_rate": size.learning_rate,
        "num_leaves": size.leaves,
        "min_data_in_leaf": size.min_rows,
        "feature_fraction": size.column_share,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": size.ridge,
        "extra_trees": size.random_cuts,
        "max_bin": 255,
        "min_data_in_bin": 1,
        "monotone_constraints": directions if any(directions) else None,
        "monotone_constraints_method": "advanced",
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }


def _as_fed(size: int) -> Array:
    """Feed a number's codes as they are, missing as NaN."""
    fed = np.arange(size, dtype=float)
    fed[MISSING] = np.nan
    return fed


def _category_ranks(
    code: Codes, y: Array, column: ColumnCode, weight: Array | None = None, strength: float = 10.0
) -> Array:
    """Feed categories in the order of their shrunken bad rates in the training rows."""
    w = np.ones(len(y)) if weight is None else weight
    rows = np.bincount(code, weights=w, minlength=column.size)
    bad = np.bincount(code, weights=w * y, minlength=column.size)
    rate = (bad + strength * np.average(y, weights=w)) / (rows + strength)
    return np.argsort(np.argsort(rate, kind="stable"), kind="stable").astype(float)


def _feed(codes: Codes, inputs: Sequence[Array]) -> Array:
    """Turn codes into what LightGBM reads."""
    return np.column_stack([fed[codes[:, j]] for j, fed in enumerate(inputs)])
