"""Monotone gradient-boosted trees, sized to the rows at hand; LightGBM trains them, `Forest` answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from samaan_ml.udhaar._encoding import MISSING, Array, Codes, ColumnCode
from samaan_ml.udhaar._forest import Forest, LeafPath, leaf_paths


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
    """

    leaves: int
    learning_rate: float
    max_rounds: int
    min_rows: int
    column_share: float
    ridge: float


def size_for(n_rows: int, n_columns: int) -> BoostingSize:
    """Choose the size of the trees from the size of the table."""
    leaves = int(np.clip(round(2 + 2.0 * np.log10(max(n_rows, 10) / 100.0) * 2), 4, 14))
    return BoostingSize(
        leaves=leaves,
        learning_rate=0.03 if n_rows < 20_000 else 0.05,
        max_rounds=400 if n_rows < 5_000 else 600,
        min_rows=int(np.clip(np.sqrt(n_rows) / 2, 10, 200)),
        column_share=float(np.clip(6 / n_columns, 0.3, 1.0)),
        ridge=10.0,
    )


@dataclass(frozen=True)
class BoostedFold:
    """A booster, how codes were fed to it, and its log-odds on the held-out rows after every tree."""

    booster: Any
    inputs: list[Array]
    held_out: Array


def fit_boosted(
    codes: Codes,
    y: Array,
    held_out: Codes,
    columns: Sequence[ColumnCode],
    directions: Sequence[int],
    size: BoostingSize,
    seed: int,
) -> BoostedFold:
    """Train on some rows, and follow the log-odds of the held-out rows every few trees."""
    import lightgbm

    inputs = [
        _category_ranks(codes[:, j], y, column) if column.kind == "category" else _as_fed(column.size)
        for j, column in enumerate(columns)
    ]
    train = lightgbm.Dataset(
        _feed(codes, inputs), y, params={"max_bin": 255, "min_data_in_bin": 1, "verbose": -1}
    )
    booster = lightgbm.train(_parameters(size, list(directions), seed), train, size.max_rounds)
    fed = _feed(held_out, inputs)
    marks = round_marks(size.max_rounds)
    steps = [
        booster.predict(fed, raw_score=True, start_iteration=a, num_iteration=b - a)
        for a, b in zip([0, *marks[:-1]], marks, strict=True)
    ]
    return BoostedFold(booster, inputs, np.cumsum(np.array(steps), axis=0))


def round_marks(max_rounds: int) -> list[int]:
    """Return the numbers of trees among which the best is chosen."""
    step = max(max_rounds // 20, 1)
    return list(range(step, max_rounds + 1, step))


def forest_of(folds: Sequence[BoostedFold], rounds: int, sizes: Sequence[int]) -> Forest:
    """Join the first `rounds` trees of every fold's booster into the forest of their average."""
    leaves: list[LeafPath] = []
    number = 0
    for fold in folds:
        dump = fold.booster.dump_model(num_iteration=rounds)["tree_info"]
        for tree in dump:
            leaves += leaf_paths(tree["tree_structure"], number, 1.0 / len(folds), fold.inputs)
            number += 1
    return Forest.from_leaves(leaves, sizes)


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


def _category_ranks(code: Codes, y: Array, column: ColumnCode, strength: float = 10.0) -> Array:
    """Feed categories in the order of their shrunken bad rates in the training rows."""
    rows = np.bincount(code, minlength=column.size)
    bad = np.bincount(code, weights=y, minlength=column.size)
    rate = (bad + strength * y.mean()) / (rows + strength)
    return np.argsort(np.argsort(rate, kind="stable"), kind="stable").astype(float)


def _feed(codes: Codes, inputs: Sequence[Array]) -> Array:
    """Turn codes into what LightGBM reads."""
    return np.column_stack([fed[codes[:, j]] for j, fed in enumerate(inputs)])
