"""Accuracy over a hierarchy of sums: the M5 competition's WRMSSE and WSPL, or those of any hierarchy."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from samaan_ml.exceptions import DataError
from samaan_ml.metrics._scaled import _difference_scale, _divide, _row_mean, pinball_loss, rmsse_scale

Floats = npt.NDArray[np.float64]

M5_LEVELS: Mapping[str, tuple[str, ...]] = {
    "total": (),
    "state": ("state_id",),
    "store": ("store_id",),
    "category": ("cat_id",),
    "department": ("dept_id",),
    "state x category": ("state_id", "cat_id"),
    "state x department": ("state_id", "dept_id"),
    "store x category": ("store_id", "cat_id"),
    "store x department": ("store_id", "dept_id"),
    "item": ("item_id",),
    "item x state": ("item_id", "state_id"),
    "item x store": ("item_id", "store_id"),
}
"""The twelve levels of the M5 competition, 42,840 series over its 30,490 at the bottom."""


class SummingHierarchy:
    """Levels at which bottom series are added up, each level a complete partition of them.

    Parameters
    ----------
    attributes : pandas.DataFrame, shape (series, attributes)
        One row a bottom series, in the order of the arrays that are scored.
    levels : mapping of str to tuple of str
        Name of each level and the columns whose values define its groups; no column means the grand total.

    Attributes
    ----------
    sizes_ : dict of str to int
        Number of groups at each level.

    Raises
    ------
    DataError
        If a column is missing.

    Examples
    --------
    >>> shops = pd.DataFrame({"shop_id": ["a", "a", "b"]})
    >>> tree = SummingHierarchy(shops, {"total": (), "shop": ("shop_id",)})
    >>> tree.aggregate([[1.0], [2.0], [4.0]], "shop").tolist()
    [[3.0], [4.0]]
    """

    def __init__(self, attributes: pd.DataFrame, levels: Mapping[str, tuple[str, ...]] = M5_LEVELS) -> None:
        self.attributes = attributes
        self.levels = levels
        wanted = {column for columns in levels.values() for column in columns}
        if missing := sorted(wanted - set(attributes.columns)):
            raise DataError(f"'attributes' lacks the columns {missing} that 'levels' names")
        self._sums = {name: self._summing_matrix(columns) for name, columns in levels.items()}
        self.sizes_ = {name: int(matrix.shape[0]) for name, matrix in self._sums.items()}

    def aggregate(self, values: npt.ArrayLike, level: str) -> Floats:
        """Add the bottom rows of `values` up to the groups of a level."""
        bottom = np.asarray(values)
        if level not in self._sums:
            raise DataError(f"level '{level}' is not one of {list(self._sums)}")
        if bottom.shape[0] != len(self.attributes):
            raise DataError(
                f"'values' must have {len(self.attributes)} rows, one a series; got {bottom.shape[0]}"
            )
        return np.asarray(self._sums[level] @ bottom.astype(np.float64, copy=False))

    def _summing_matrix(self, columns: tuple[str, ...]) -> sparse.csr_array:
        """Build the groups x series matrix of ones of one level."""
        n = len(self.attributes)
        codes = (
            self.attributes.groupby(list(columns), sort=True, observed=True).ngroup().to_numpy()
            if columns
            else np.zeros(n, dtype=np.intp)
        )
        return sparse.csr_array(
            (np.ones(n), (codes, np.arange(n))), shape=(int(codes.max(initial=-1)) + 1, n)
        )


def wrmsse_by_level(
    actual: npt.ArrayLike,
    forecast: npt.ArrayLike,
    history: npt.ArrayLike,
    revenue: npt.ArrayLike,
    hierarchy: SummingHierarchy,
) -> dict[str, float]:
    """Weighted root mean squared scaled error of every level of a hierarchy.

    Parameters
    ----------
    actual, forecast : array-like, shape (series, days)
        Units sold and units forecast at the bottom.
    history : array-like, shape (series, past days)
        Units sold at the bottom before the origin.
    revenue : array-like, shape (series,)
        Money taken by each bottom series in the last 28 days of the history: the weights.
    hierarchy : SummingHierarchy
        The levels.

    Returns
    -------
    dict of str to float
        The score of each level; their mean is `wrmsse`.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos (2022), M5 accuracy competition, Int. J. Forecasting 38(4);
    equals the organisers' sheet on the final period to five decimals.

    Examples
    --------
    >>> tree = SummingHierarchy(pd.DataFrame({"shop_id": ["a", "b"]}), {"shop": ("shop_id",)})
    >>> wrmsse_by_level([[3.0], [1.0]], [[1.0], [1.0]], [[1.0, 3.0], [1.0, 2.0]], [3.0, 1.0], tree)
    {'shop': 0.75}
    """
    scores = {}
    for level in hierarchy.levels:
        y, f = hierarchy.aggregate(actual, level), hierarchy.aggregate(forecast, level)
        scale = rmsse_scale(hierarchy.aggregate(history, level))
        errors = np.sqrt(_divide(_row_mean((y - f) ** 2), scale))
        scores[level] = _weighted(errors, hierarchy.aggregate(revenue, level))
    return scores


def wrmsse(
    actual: npt.ArrayLike,
    forecast: npt.ArrayLike,
    history: npt.ArrayLike,
    revenue: npt.ArrayLike,
    hierarchy: SummingHierarchy,
) -> float:
    """Mean over all levels of the weighted root mean squared scaled error.

    Parameters
    ----------
    actual, forecast : array-like, shape (series, days)
        Units sold and units forecast at the bottom.
    history : array-like, shape (series, past days)
        Units sold at the bottom before the origin.
    revenue : array-like, shape (series,)
        Money taken by each bottom series in the last 28 days of the history: the weights.
    hierarchy : SummingHierarchy
        The levels.

    Returns
    -------
    float
        The M5 score where the hierarchy is M5's.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos (2022), M5 accuracy competition, Int. J. Forecasting 38(4).

    Examples
    --------
    >>> tree = SummingHierarchy(pd.DataFrame({"shop_id": ["a", "b"]}), {"shop": ("shop_id",)})
    >>> wrmsse([[3.0], [1.0]], [[1.0], [1.0]], [[1.0, 3.0], [1.0, 2.0]], [3.0, 1.0], tree)
    0.75
    """
    scores = wrmsse_by_level(actual, forecast, history, revenue, hierarchy)
    return float(np.mean(list(scores.values())))


def wspl_by_level(
    actual: npt.ArrayLike,
    forecasts: Mapping[str, npt.ArrayLike],
    quantiles: Sequence[float],
    history: npt.ArrayLike,
    revenue: npt.ArrayLike,
    hierarchy: SummingHierarchy,
) -> dict[str, float]:
    """Weighted scaled pinball loss of every level of a hierarchy.

    Parameters
    ----------
    actual : array-like, shape (series, days)
        Units sold at the bottom.
    forecasts : mapping of str to array-like, shape (groups, days, quantiles)
        Quantile forecasts of each level's groups, in the order of `SummingHierarchy.aggregate`; the quantile
        of a sum is not the sum of quantiles.
    quantiles : sequence of float
        Levels between 0 and 1; the competition's nine are .005 .025 .165 .25 .5 .75 .835 .975 .995.
    history : array-like, shape (series, past days)
        Units sold at the bottom before the origin.
    revenue : array-like, shape (series,)
        Money taken by each bottom series in the last 28 days of the history: the weights.
    hierarchy : SummingHierarchy
        The levels.

    Returns
    -------
    dict of str to float
        The score of each level named in `forecasts`; their mean is `wspl`.

    References
    ----------
    Makridakis et al. (2022), The M5 uncertainty competition, Int. J. Forecasting 38(4).

    Examples
    --------
    >>> tree = SummingHierarchy(pd.DataFrame({"shop_id": ["a"]}), {"shop": ("shop_id",)})
    >>> wspl_by_level([[3.0]], {"shop": [[[1.0]]]}, [0.5], [[1.0, 3.0]], [1.0], tree)
    {'shop': 0.5}
    """
    scores = {}
    for level, forecast in forecasts.items():
        loss = pinball_loss(hierarchy.aggregate(actual, level), forecast, quantiles).mean(axis=2)
        past = hierarchy.aggregate(history, level)
        scale = _difference_scale(past, lag=1, power=1, from_first_sale=True)
        scores[level] = _weighted(_divide(_row_mean(loss), scale), hierarchy.aggregate(revenue, level))
    return scores


def wspl(
    actual: npt.ArrayLike,
    forecasts: Mapping[str, npt.ArrayLike],
    quantiles: Sequence[float],
    history: npt.ArrayLike,
    revenue: npt.ArrayLike,
    hierarchy: SummingHierarchy,
) -> float:
    """Mean over the levels of the weighted scaled pinball loss.

    Parameters
    ----------
    actual : array-like, shape (series, days)
        Units sold at the bottom.
    forecasts : mapping of str to array-like, shape (groups, days, quantiles)
        Quantile forecasts of each level's groups.
    quantiles : sequence of float
        Levels between 0 and 1.
    history : array-like, shape (series, past days)
        Units sold at the bottom before the origin.
    revenue : array-like, shape (series,)
        Money taken by each bottom series in the last 28 days of the history: the weights.
    hierarchy : SummingHierarchy
        The levels.

    Returns
    -------
    float
        The M5 uncertainty score where the hierarchy and the quantiles are M5's.

    References
    ----------
    Makridakis et al. (2022), The M5 uncertainty competition, Int. J. Forecasting 38(4).

    Examples
    --------
    >>> tree = SummingHierarchy(pd.DataFrame({"shop_id": ["a"]}), {"shop": ("shop_id",)})
    >>> wspl([[3.0]], {"shop": [[[1.0]]]}, [0.5], [[1.0, 3.0]], [1.0], tree)
    0.5
    """
    return float(
        np.mean(list(wspl_by_level(actual, forecasts, quantiles, history, revenue, hierarchy).values()))
    )


def _weighted(errors: Floats, weights: Floats) -> float:
    """Average errors by weight; a group without a scale (never sold) carries no weight."""
    known = ~np.isnan(errors) & (weights > 0)
    total = weights[known].sum()
    return float((errors[known] * weights[known]).sum() / total) if total > 0 else float("nan")
