"""Columns that know the outcome: those that decide it alone, by their gaps, or by what they are called."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from samaan_ml.exceptions import LeakageWarning
from samaan_ml.metrics import auc
from samaan_ml.udhaar._encoding import MISSING, Array, Codes, ColumnCode

_HIGHEST_AUC = 0.95
"""Alone, no column of an honest set known to us orders outcomes this well."""
_BINS = 20
_PRIOR_ROWS = 5.0
_LEFT_SHARE = 0.1
_LEAST_EXPECTED = 20.0
"""So many of a class must be expected where none is, or the lack of them may be chance."""
_AFTERWARDS = re.compile(
    r"(^|_)(outcome|target|label|defaulted|is_default|good_bad(_flag)?|loan_status|final_status|charge_?off"
    r"|charged_off|recover(y|ies)|collection_(fees?|recovery)|close[d]?_?(date|on|at)|settle(d|ment)_?(date|on|at)"
    r"|(total|last)_pymnt)(_|$)"
)

Ground = Literal["decides_alone", "missing_decides", "named_after_the_outcome"]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A column that may have been filled in after the outcome was known.

    Parameters
    ----------
    column : str
        Its name.
    ground : {"decides_alone", "missing_decides", "named_after_the_outcome"}
        What is odd about it.
    figure : float or None
        Out-of-fold AUC of the column alone, or the share of a class where it is hardly found at all; None for a
        name.
    text : str
        The same in words.
    """

    column: str
    ground: Ground
    figure: float | None
    text: str


def find_suspicions(
    columns: Sequence[ColumnCode], codes: Codes, y: Array, folds: Codes
) -> tuple[Suspicion, ...]:
    """Look at each column by itself.

    Parameters
    ----------
    columns : sequence of ColumnCode
        What the codes mean.
    codes : int array (n_rows, n_columns)
        Codes of the training rows.
    y : int array (n_rows,)
        Outcomes.
    folds : int array (n_rows,)
        Fold of each row; a row is scored by what the other folds tell.

    Returns
    -------
    tuple of Suspicion
        In the order of the columns, one a column: the strongest ground.
    """
    found = []
    for j, column in enumerate(columns):
        suspicion = (
            _decides_alone(column, codes[:, j], y, folds)
            or _missing_decides(column, codes[:, j], y)
            or _named_after_the_outcome(column)
        )
        if suspicion is not None:
            found.append(suspicion)
    return tuple(found)


def warn_of(suspicions: Sequence[Suspicion]) -> None:
    """Warn once, naming every suspicious column and why."""
    if suspicions:
        told = "; ".join(each.text for each in suspicions)
        warnings.warn(
            f"{told}. A column that is filled in after the outcome makes a model look good and fail in use: "
            "leave it out unless it is known when the model is asked",
            LeakageWarning,
            stacklevel=3,
        )


def _decides_alone(column: ColumnCode, codes: Codes, y: Array, folds: Codes) -> Suspicion | None:
    """Score each row by the rate of its bin in the other folds."""
    bins = _coarse(codes) if column.kind == "number" else codes
    size = int(bins.max()) + 1
    rows = np.stack([np.bincount(bins[folds == f], minlength=size) for f in range(int(folds.max()) + 1)])
    bad = np.stack([
        np.bincount(bins[folds == f], weights=y[folds == f], minlength=size)
        for f in range(int(folds.max()) + 1)
    ])  # fmt: skip
    others, bad_others = rows.sum(axis=0) - rows, bad.sum(axis=0) - bad
    base = bad_others.sum(axis=1, keepdims=True) / others.sum(axis=1, keepdims=True)
    rate = (bad_others + _PRIOR_ROWS * base) / (others + _PRIOR_ROWS)
    reached = auc(y, rate[folds, bins])
    if not reached > _HIGHEST_AUC:
        return None
    text = f"'{column.name}' alone tells the outcome (out-of-fold AUC {reached:.3f})"
    return Suspicion(column.name, "decides_alone", float(reached), text)


def _coarse(codes: Codes) -> Codes:
    """Join the codes of a number into bins of about as many rows; missing stays by itself."""
    known = np.sort(codes[codes != MISSING])
    if not len(known):
        return codes
    edges = np.unique(known[np.linspace(0, len(known) - 1, _BINS + 1).astype(int)][1:-1])
    return np.where(codes == MISSING, 0, np.searchsorted(edges, codes, side="left") + 1)


def _missing_decides(column: ColumnCode, codes: Codes, y: Array) -> Suspicion | None:
    """Return whether a class is hardly found among the rows without a value, or among those with one."""
    missing = codes == MISSING
    for side, rows in (("missing", missing), ("present", ~missing)):
        for name, outcome in (("bad", 1), ("good", 0)):
            base = float(np.mean(y == outcome))
            if rows.sum() * base < _LEAST_EXPECTED or rows.all():
                continue
            share = float(np.mean(y[rows] == outcome))
            if share <= _LEFT_SHARE * base:
                text = f"where '{column.name}' is {side}, {share:.1%} of outcomes are {name} (all rows: {base:.1%})"
                return Suspicion(column.name, "missing_decides", share, text)
    return None


def _named_after_the_outcome(column: ColumnCode) -> Suspicion | None:
    """Return whether a name speaks of what is known only afterwards."""
    words = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.name).lower())
    if not _AFTERWARDS.search(words):
        return None
    text = f"'{column.name}' is named like something known only after the outcome"
    return Suspicion(column.name, "named_after_the_outcome", None, text)
