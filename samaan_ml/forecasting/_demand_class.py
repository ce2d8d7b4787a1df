"""Demand classes: how often an item sells and how much the sizes differ."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError

Floats = npt.NDArray[np.float64]

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
    values = np.atleast_2d(np.asarray(units, dtype=float))
    known = ~np.isnan(values)
    sold = values > 0
    first = sold.argmax(axis=1)  # 0 where there is no sale: every known day then counts
    days = (known & (np.arange(values.shape[1]) >= first[:, None])).sum(axis=1)
    interval = days / np.maximum(sold.sum(axis=1), 1)
    lumpy_sizes = _squared_variation(values, sold) >= CV2_CUT
    rare = interval >= ADI_CUT
    classes = np.where(
        rare,
        np.where(lumpy_sizes, DemandClass.LUMPY.value, DemandClass.INTERMITTENT.value),
        np.where(lumpy_sizes, DemandClass.ERRATIC.value, DemandClass.SMOOTH.value),
    )
    return np.where(days < new_days, DemandClass.NEW.value, classes).astype(np.str_)


def _squared_variation(values: Floats, sold: npt.NDArray[np.bool_]) -> Floats:
    """Squared coefficient of variation of the sizes of the days with a sale."""
    count = np.maximum(sold.sum(axis=1), 1)
    sizes = np.where(sold, values, 0.0)
    mean = sizes.sum(axis=1) / count
    variance = np.where(sold, (values - mean[:, None]) ** 2, 0.0).sum(axis=1) / count
    ratio: Floats = np.divide(variance, mean**2, out=np.zeros_like(mean), where=mean > 0)
    return ratio
