"""Entries that cannot be sales: a day some dozens of times above all others."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from samaan_ml.features import Panel

Singles = npt.NDArray[np.float32]

TIMES = 30.0
"""A day this many times the geometric mean of the days with a sale is taken for a slip of the pen."""
_LEAST_SALES = 8
_ALONE = 3.0
"""An entry so many times the next largest one stands alone; a promotion's peak is repeated, at least in part."""


def outlier_limits(units: Singles) -> Singles:
    """Largest units that each series' history makes plausible; infinite for one with few sales.

    The geometric mean is hardly moved by one absurd entry, as the mean and the standard deviation are.

    Parameters
    ----------
    units : ndarray, shape (series, dates)
        Units sold, NaN where not known.

    Returns
    -------
    ndarray of float32, shape (series,)

    Examples
    --------
    >>> outlier_limits(np.array([[2.0] * 9 + [900.0]], dtype=np.float32)).round().tolist()
    [111.0]
    """
    limits = np.full(units.shape[0], np.inf, dtype=np.float32)
    largest = np.nanmax(units, axis=1, initial=0.0)
    smallest = np.min(units, axis=1, initial=np.inf, where=units > 0)
    for row in np.flatnonzero(largest > TIMES * smallest):  # elsewhere no mean could be small enough
        sold = np.sort(units[row][units[row] > 0])
        alone = sold.size >= _LEAST_SALES and sold[-1] > _ALONE * sold[-2]
        if alone:  # a peak that came twice is no slip
            limits[row] = TIMES * np.exp(np.log(sold).mean())
    return limits


def without_outliers(units: Singles) -> Singles:
    """Cut absurd entries to the plausible; the same array where there is none."""
    limits = outlier_limits(units)
    beyond = np.nanmax(units, axis=1, initial=0.0) > limits
    return np.minimum(units, np.where(beyond, limits, np.inf)[:, None]) if beyond.any() else units


def plausible(panel: Panel) -> Panel:
    """Cut absurd entries to the plausible and say so in the panel's notes; any other panel stays the same object."""
    limits = outlier_limits(panel.units)
    beyond = np.flatnonzero(np.nanmax(panel.units, axis=1, initial=0.0) > limits)
    if not beyond.size:
        return panel
    units = panel.units.copy()
    units[beyond] = np.minimum(units[beyond], limits[beyond, None])
    shop, item = panel.series[["shop_id", "item_id"]].iloc[beyond[0]]
    most = np.nanmax(panel.units[beyond[0]])
    note = (
        f"{beyond.size} series hold a day over {TIMES:g} times their usual sale, such as '{shop}/{item}' with "
        f"{most:g} units, which was cut to {limits[beyond[0]]:g}; check the entry"
    )
    return replace(panel, units=units, notes=(*panel.notes, note))
