"""Demand behind sold-out days, seen from each day backwards only.

Features of an origin may not know what came after it, so the expected demand of a sold-out day is taken from the days
before it: a level that forgets, times the weekday's factor so far. What sold plus the closed share of the
Gamma-Poisson posterior rate is the day's demand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.features._closures import closed_by_habit
from samaan_ml.features._compile import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

    from samaan_ml.features._history import History

__all__ = ["past_demand", "with_expected"]

_MEMORY = 0.93
_SHAPE = 3.0


def past_demand(
    units: npt.NDArray[np.float32], in_stock_share: npt.NDArray[np.float32], season: int
) -> npt.NDArray[np.float32]:
    """Put sold-out days right from their past.

    Parameters
    ----------
    units : ndarray of float32, shape (n_series, n_dates)
        Units sold, NaN where unknown.
    in_stock_share : ndarray of float32, shape (n_series, n_dates)
        Share of the day with stock; NaN counts as 1.
    season : int
        Columns of a season (7 for days); 1 for none.

    Returns
    -------
    ndarray of float32, shape (n_series, n_dates)
        The units, or, on days with less than full stock, the expected demand given what sold.

    References
    ----------
    Gamma-Poisson conjugacy: Gelman et al. (2013), Bayesian Data Analysis, section 2.6.
    """
    open_ = np.zeros((1, 1), dtype=np.bool_)
    nobody = np.zeros(len(units), dtype=np.int32)
    start = np.zeros(len(units), dtype=np.int64)
    return np.asarray(_restore(units, in_stock_share, start, open_, nobody, season, _MEMORY, _SHAPE))


def with_expected(
    history: History, units: npt.NDArray[np.float32], start: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Fill the days without an entry with the demand expected from the days before them.

    An unknown day is not a day without demand: a sum that takes it as zero falls, and so do the forecasts of all series
    that read the sum. Days before a series began, and weekdays on which its shop is always closed, stay unknown.

    Parameters
    ----------
    history : History
        The series, whose shops and dates are read.
    units : ndarray of float32, shape (n_series, n_dates)
        Their demand, NaN where unknown.
    start : ndarray of int64, shape (n_series,)
        First column of each series.

    Returns
    -------
    ndarray of float32, shape (n_series, n_dates)
        The same array where nothing is unknown.
    """
    if not _has_gaps(units, start):
        return units
    daily = history.frequency == "D"
    names, shop = history.shop_numbers()
    fillable = np.zeros((len(names), units.shape[1]), dtype=np.bool_)
    for number in range(len(names)):
        entered = ~np.isnan(history.units[shop == number]).all(axis=0)
        fillable[number] = ~closed_by_habit(entered) if daily else True
    full = np.ones((1, 1), dtype=np.float32)
    return np.asarray(_restore(units, full, start, fillable, shop, 7 if daily else 1, _MEMORY, _SHAPE))


@compiled
def _has_gaps(units: Any, start: Any) -> bool:
    """Return whether any series has an unknown day after its first sale."""
    for s in range(units.shape[0]):
        for d in range(start[s], units.shape[1]):
            if np.isnan(units[s, d]):
                return True
    return False


@compiled
def _restore(
    units: Any, in_stock: Any, start: Any, fillable: Any, shop: Any, season: int, memory: float, shape: float
) -> Any:
    """Run the filter along every series; an unknown day that may be filled counts as one without stock."""
    out = units.copy()
    sold, due = np.empty(season), np.empty(season)
    has_stock, fills = in_stock.shape[1] > 1, fillable.shape[1] > 1
    for s in range(units.shape[0]):
        total, exposure = 0.0, 0.0
        sold[:], due[:] = 8.0, 8.0
        for d in range(start[s], units.shape[1]):
            value = float(units[s, d])
            place = d % season
            factor = sold[place] / due[place]
            if np.isnan(value):
                if fills and fillable[shop[s], d] and exposure > 0.0:
                    out[s, d] = total / exposure * factor
                continue
            share = float(in_stock[s, d]) if has_stock else 1.0
            share = 1.0 if np.isnan(share) else min(max(share, 0.0), 1.0)
            if share < 1.0 and exposure > 0.0:
                expected = max(total / exposure * factor, 1e-9)
                rate = (value + shape) / (share + shape / expected)
                out[s, d] = value + (1.0 - share) * rate
            level = total / exposure if exposure > 0.0 else 0.0
            total = memory * total + value
            exposure = memory * exposure + share * factor
            sold[place] += value
            due[place] += share * level if level > 0.0 else value
    return out
