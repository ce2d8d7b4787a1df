"""Demand classes: how often an item sells and how much the sizes differ."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError

ADI_CUT = 1.32
CV2_CUT = 0.49
NEW_DAYS = 56
EVERY_CLASS = "all"
"""Name of what holds for a class with too few series to judge on."""


class DemandClass(StrEnum):
    """The class of a series; a model is judged and chosen within one.

    References
    ----------
    Syntetos, Boylan and Croston (2005), On the categorization of demand patterns, J. Operational Research
    Society 56(5): cuts at an average inter-demand interval of 1.32 and a squared coefficient of variation of
    .49.
    """

    SMOOTH = "smooth"
    ERRATIC = "erratic"
    INTERMITTENT = "intermittent"
    LUMPY = "lumpy"
    NEW = "new"


def classify(units: npt.ArrayLike, new_days: int = NEW_DAYS) -> npt.NDArray[np.str_]:
    """Name the demand class of each series.

    Parameters
    ----------
    units : array-like, shape (series, days)
        Units sold; NaN for days that do not count. Days before a series' first sale are not its history.
    new_days : int, default=56
        A series with fewer days than this since its first sale is `new`.

    Returns
    -------
    ndarray of str, shape (series,)
        Values of `DemandClass`; a series that never sold over `new_days` or more is `intermittent`.

    Raises
    ------
    ParameterError
        If `new_days` is negative.

    References
    ----------
    Syntetos, Boylan and Croston (2005), J. Operational Research Society 56(5).

    Examples
    --------
    >>> classify([[3, 4, 3, 4], [9, 0, 0, 1], [0, 0, 0, 2]], new_days=2).tolist()
    ['smooth', 'lumpy', 'new']
    """
    if new_days < 0:
        raise ParameterError(f"'new_days' must be 0 or more; got {new_days}")
    from samaan_ml.forecasting.models._demand_class_kernels import count_sales

    values = np.atleast_2d(np.asarray(units, dtype=float))
    days, sales = np.empty(len(values), dtype=np.int64), np.empty(len(values), dtype=np.int64)
    variation = np.empty(len(values))
    count_sales(values, days, sales, variation)
    interval = days / np.maximum(sales, 1)
    lumpy_sizes = variation >= CV2_CUT
    rare = interval >= ADI_CUT
    classes = np.where(
        rare,
        np.where(lumpy_sizes, DemandClass.LUMPY.value, DemandClass.INTERMITTENT.value),
        np.where(lumpy_sizes, DemandClass.ERRATIC.value, DemandClass.SMOOTH.value),
    )
    return np.where(days < new_days, DemandClass.NEW.value, classes).astype(np.str_)
