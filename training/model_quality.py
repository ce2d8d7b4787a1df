"""How good predictions were, in the files of SageMaker Model Monitor's model quality checks.

`statistics.json` holds the metrics, `constraints.json` a threshold each and the side on which it is violated, and
`constraint_violations.json` what was. A metric's standard deviation is that over folds of the rows, as chance moves it;
a metric is violated only where it is beyond its threshold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError
from samaan_ml.metrics import auc

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PROBLEMS", "Columns", "quality_constraints", "quality_of", "quality_violations"]

Floats = npt.NDArray[np.float64]
Problem = Literal["Regression", "BinaryClassification"]

PROBLEMS: dict[str, tuple[str, str]] = {
    "Regression": ("regression_metrics", "regression_constraints"),
    "BinaryClassification": ("binary_classification_metrics", "binary_classification_constraints"),
}
"""The problems answered here, and what their parts of the files are named."""
_LESS_IS_BETTER = frozenset(("mae", "mse", "rmse", "false_positive_rate", "false_negative_rate"))
_FOLDS = 5
_THRESHOLD = 0.5
_BEYOND = {"GreaterThanThreshold": np.greater, "LessThanThreshold": np.less}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what.

    Parameters
    ----------
    actual : str
        What came.
    inference : str or None, default=None
        What was predicted.
    probability : str or None, default=None
        Probability of label 1; without `inference`, label 1 is predicted from `threshold` on.
    threshold : float, default=0.5
        Probability from which on label 1 is predicted.
    """

    actual: str
    inference: str | None = None
    probability: str | None = None
    threshold: float = _THRESHOLD


def quality_of(frame: pd.DataFrame, problem: Problem, columns: Columns) -> dict[str, Any]:
    """Measure predictions.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a prediction; rows whose actual is not known yet are left out.
    problem : {"Regression", "BinaryClassification"}
        What was predicted: a number, or label 0 or 1.
    columns : Columns
        Which columns hold what.

    Returns
    -------
    dict
        Content of `statistics.json`, schema version 0. Metrics that these rows do not determine, such as AUC where all
        labels are one, is absent.

    Raises
    ------
    DataError
        When a column is missing or holds something else, or no row has an actual value.
    """
    actual, told, probability = _read(frame, problem, columns)
    measure = _regression if problem == "Regression" else _binary
    values = measure(actual, told, probability)
    folds = [np.arange(k, len(actual), _FOLDS) for k in range(_FOLDS)] if len(actual) >= 2 * _FOLDS else []
    parts = [measure(actual[f], told[f], None if probability is None else probability[f]) for f in folds]
    metrics: dict[str, Any] = {}
    if problem == "BinaryClassification":
        counts = {t: {p: int(((actual == t) & (told == p)).sum()) for p in (0, 1)} for t in (0, 1)}
        metrics["confusion_matrix"] = {
            f"{t}": {f"{p}": n for p, n in row.items()} for t, row in counts.items()
        }
    for name, value in values.items():
        over = [part[name] for part in parts if name in part]
        spread = float(np.std(over)) / np.sqrt(_FOLDS) if len(over) == _FOLDS else "NaN"
        metrics[name] = {"value": value, "standard_deviation": spread}
    return {"version": 0.0, "dataset": {"item_count": len(actual)}, PROBLEMS[problem][0]: metrics}


def quality_constraints(statistics: Mapping[str, Any], problem: Problem) -> dict[str, Any]:
    """Suggest constraints: no later metric is to be worse than these.

    Returns
    -------
    dict
        Content of `constraints.json`, schema version 0.
    """
    metrics, constraints = PROBLEMS[problem]
    return {
        "version": 0.0,
        constraints: {
            name: {
                "threshold": each["value"],
                "comparison_operator": "GreaterThanThreshold"
                if name in _LESS_IS_BETTER
                else "LessThanThreshold",
            }
            for name, each in statistics[metrics].items()
            if "value" in each
        },
    }


def quality_violations(
    statistics: Mapping[str, Any], constraints: Mapping[str, Any], problem: Problem
) -> dict[str, Any]:
    """Hold metrics against constraints.

    Parameters
    ----------
    statistics, constraints : mapping
        Contents of `statistics.json` of late and of `constraints.json`.
    problem : {"Regression", "BinaryClassification"}
        What was predicted.

    Returns
    -------
    dict
        Content of `constraint_violations.json`. A metric that is constrained and cannot be computed any more is a
        violation too.

    Raises
    ------
    DataError
        When the constraints are of another problem, or name a comparison that there is not.
    """
    metrics, part = PROBLEMS[problem]
    if part not in constraints:
        raise DataError(f"the constraints hold no '{part}'; they are of another problem than {problem}")
    found = []
    for name, limit in constraints[part].items():
        operator, threshold = limit.get("comparison_operator"), float(limit.get("threshold", "nan"))
        if operator not in _BEYOND or threshold != threshold:
            raise DataError(f"the constraint of '{name}' is not understood: {dict(limit)}")
        said = statistics[metrics].get(name)
        if said is None or bool(_BEYOND[operator](said["value"], threshold)):
            told = "could not be measured" if said is None else f"with {said['value']:.6g} was"
            found.append(
                {
                    "constraint_check_type": operator,
                    "description": f"Metric {name} {told} {operator} {threshold:.6g}",
                    "metric_name": name,
                }
            )
    return {"violations": found}


def _read(frame: pd.DataFrame, problem: Problem, columns: Columns) -> tuple[Floats, Floats, Floats | None]:
    """Read actual, prediction and probability of the rows whose actual is known."""
    actual = _numbers(frame, columns.actual)
    known = ~np.isnan(actual)
    if not known.any():
        raise DataError(f"no row has a '{columns.actual}': the actual is not known of any prediction")
    probability = None if columns.probability is None else _numbers(frame, columns.probability)[known]
    if columns.inference is not None:
        told = _numbers(frame, columns.inference)[known]
    elif probability is not None:
        told = (probability >= columns.threshold).astype(float)
    else:
        raise DataError("neither a column of predictions nor one of probabilities is named")
    actual = actual[known]
    if np.isnan(told).any() or (probability is not None and np.isnan(probability).any()):
        raise DataError("a row has an actual value and no prediction")
    if problem == "BinaryClassification":
        for name, values in ((columns.actual, actual), (columns.inference or columns.probability, told)):
            if not np.isin(values, (0.0, 1.0)).all():
                raise DataError(f"column '{name}' must hold labels 0 and 1")
    return actual, told, probability


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    """Read a column of numbers."""
    import pandas as pd

    if name not in frame:
        raise DataError(f"column '{name}' is missing; got {', '.join(map(str, frame.columns))}")
    try:
        return pd.to_numeric(frame[name]).to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"column '{name}' must hold numbers") from None


def _regression(actual: Floats, told: Floats, probability: Floats | None) -> dict[str, float]:  # noqa: ARG001
    """Measure predicted numbers."""
    error = told - actual
    mse = float(np.mean(error**2))
    scatter = float(np.mean((actual - actual.mean()) ** 2))
    found = {"mae": float(np.mean(np.abs(error))), "mse": mse, "rmse": float(np.sqrt(mse))}
    return found | ({"r2": 1 - mse / scatter} if scatter > 0 else {})


def _binary(actual: Floats, told: Floats, probability: Floats | None) -> dict[str, float]:
    """Measure predicted labels; shares of nothing are absent."""
    hit, miss = float(((actual == 1) & (told == 1)).sum()), float(((actual == 1) & (told == 0)).sum())
    false, right = float(((actual == 0) & (told == 1)).sum()), float(((actual == 0) & (told == 0)).sum())
    shares = {
        "accuracy": (hit + right, len(actual)),
        "precision": (hit, hit + false),
        "recall": (hit, hit + miss),
        "true_positive_rate": (hit, hit + miss),
        "true_negative_rate": (right, right + false),
        "false_positive_rate": (false, right + false),
        "false_negative_rate": (miss, hit + miss),
    }
    for beta in (0.5, 1.0, 2.0):  # recall counts beta times as much as precision
        square = beta * beta
        top = (1 + square) * hit
        shares[f"f{beta:g}".replace(".", "_")] = (top, top + square * miss + false)
    found = {name: part / whole for name, (part, whole) in shares.items() if whole > 0}
    if probability is not None and 0 < actual.sum() < len(actual):
        found["auc"] = float(auc(actual, probability))
    return found
