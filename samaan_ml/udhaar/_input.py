"""What the risk model is given: tables, arrays, outcomes and weights, checked before anything is learned."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.exceptions import DataError, UnseenDataWarning
from samaan_ml.udhaar._encoding import Array, Codes, ColumnCode

if TYPE_CHECKING:
    import pandas as pd


def as_frame(X: Any, columns: Sequence[str] | None = None, *, named: bool = True) -> pd.DataFrame:
    """Take a table of any library, or an array, as a pandas frame.

    Parameters
    ----------
    X : table or array, shape (n_rows, n_columns)
        The rows.
    columns : sequence of str or None, default=None
        Columns of training, in whose order an array is read; None in training itself.
    named : bool, default=True
        Whether training had names: then an array is read with a warning.

    Raises
    ------
    DataError
        When it is no table, or an array of another width than in training.
    """
    import pandas as pd

    from samaan_ml.exceptions import TableError
    from samaan_ml.tables._given import as_frame as any_frame

    if isinstance(X, pd.DataFrame):
        return X
    if hasattr(X, "toarray"):
        raise DataError("X is a sparse matrix; give a dense table with a column a feature")
    is_array = hasattr(X, "__array__") and not hasattr(X, "__arrow_c_stream__")
    if is_array or isinstance(X, list | tuple):
        return _from_array(np.asarray(X), columns, named=named)
    try:
        return any_frame(X, "X")
    except TableError:
        raise DataError(f"X is a '{type(X).__name__}'; give a table with a column a feature") from None


def _from_array(values: Array, columns: Sequence[str] | None, *, named: bool) -> pd.DataFrame:
    """Name the columns of an array by their place."""
    import pandas as pd

    if values.ndim != 2:
        raise DataError(
            f"X has the shape {values.shape}; expected a 2D array with a row a customer. Reshape your data with "
            "X.reshape(-1, 1) if it has one column, or X.reshape(1, -1) if it is one row"
        )
    if values.dtype.kind == "c":
        raise DataError("X holds complex numbers; Complex data not supported")
    if columns is None:
        if not values.shape[0]:
            raise DataError(f"X has 0 sample(s) (shape={values.shape}) while a minimum of 1 is required.")
        if not values.shape[1]:
            raise DataError(f"0 feature(s) (shape={values.shape}) while a minimum of 1 is required.")
        return pd.DataFrame(values, columns=[f"x{i}" for i in range(values.shape[1])])
    if values.shape[1] != len(columns):
        raise DataError(
            f"X has {values.shape[1]} features, but UdhaarRiskModel is expecting {len(columns)} features as input"
        )
    if named:
        warnings.warn(
            "X has no column names; its columns are read in the order of training", UserWarning, stacklevel=4
        )
    return pd.DataFrame(values, columns=list(columns))


def check_outcome(y: Any, n_rows: int, least_rows: int, least_of_a_class: int) -> tuple[Array, Array]:
    """Return the two labels, the bad one last, and the outcomes as 0 and 1.

    Raises
    ------
    DataError
        If there are not two labels, or too few rows to learn from.
    """
    if y is None:
        raise DataError("UdhaarRiskModel requires y to be passed, but the target y is None")
    outcome = np.asarray(y)
    if outcome.ndim == 2 and outcome.shape[1] == 1:
        from sklearn.exceptions import DataConversionWarning

        warnings.warn(
            "A column-vector y was passed when a 1d array was expected", DataConversionWarning, stacklevel=3
        )
        outcome = outcome.ravel()
    if outcome.ndim != 1 or len(outcome) != n_rows:
        raise DataError(
            f"X has {n_rows} rows and y the shape {outcome.shape}; give one outcome "
            "a row (inconsistent numbers of samples)"
        )
    missing = [value for value in outcome.tolist() if value is None or value != value]
    if missing or (outcome.dtype.kind == "f" and np.isinf(outcome).any()):
        raise DataError(
            "y holds a missing value (NaN) or infinity; give 1 for the bad outcome and 0 for the good one"
        )
    classes, codes = np.unique(outcome, return_inverse=True)
    if outcome.dtype.kind == "f" and (classes % 1 != 0).any():
        raise DataError(
            f"y holds '{classes[classes % 1 != 0][0]}'. Unknown label type: continuous; give 1 for bad and 0 for good"
        )
    if len(classes) > 2:
        raise DataError(
            f"y holds {len(classes)} labels, such as '{classes[-1]}'; Only binary classification is supported: give 1 "
            "for the bad outcome and 0 for the good one"
        )
    counts = np.bincount(codes, minlength=2)
    if len(classes) < 2 and n_rows >= least_rows:
        raise DataError(
            f"y has one class only, '{classes[0]}' (0 bad or 0 good outcomes); both are needed to learn from"
        )
    if n_rows < least_rows or counts.min() < least_of_a_class:
        raise DataError(
            f"y has {counts[1]} bad and {counts[0]} good outcomes (n_samples = {n_rows}); at least "
            f"{least_rows} rows with {least_of_a_class} of each are needed to learn from"
        )
    return classes, codes.astype(np.int64)


def check_weight(weight: Any, outcome: Array) -> Array | None:
    """Return the weights of the rows, None where each counts once.

    Raises
    ------
    DataError
        If they are not one number of 0 or more a row, or leave one of the outcomes without weight.
    """
    if weight is None:
        return None
    weights = np.asarray(weight, dtype=float)
    if weights.shape != outcome.shape:
        raise DataError(
            f"sample_weight has the shape {weights.shape} for {len(outcome)} rows; give one number a row"
        )
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise DataError("sample_weight holds a number that is negative or not finite")
    if not all(weights[outcome == each].sum() > 0 for each in (0, 1)):
        raise DataError(
            "sample_weight is zero for every row of one class; both outcomes are needed to learn from"
        )
    return weights


def warn_of_unseen(
    frame: pd.DataFrame, codes: Codes, columns: Sequence[ColumnCode], known: Sequence[str]
) -> None:
    """Warn once of categories and columns that training did not have, with their share of the rows."""
    told = []
    for j, column in enumerate(columns):
        if column.kind == "category":
            unseen = codes[:, j] == column.size - 1
            if unseen.any():
                told.append(
                    f"'{column.name}' holds categories that training had not, or once only, in "
                    f"{unseen.mean():.1%} of the rows"
                )
    more = [str(name) for name in frame.columns if str(name) not in known]
    if more:
        told.append(
            "columns that training did not have are not read: " + ", ".join(f"'{name}'" for name in more)
        )
    if told:
        warnings.warn("; ".join(told), UnseenDataWarning, stacklevel=4)
