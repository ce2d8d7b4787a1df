"""Demand behind sold-out days, seen from each day backwards only.

Features of an origin may not know what came after it, so the expected demand of a sold-out day is taken from the days
before it: a level that forgets, times the weekday's factor so far. What sold plus the closed share of the
Gamma-Poisson posterior rate is the day's demand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.features._compile import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["past_demand"]

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
    return np.asarray(_restore(units, in_stock_share, season, _MEMORY, _SHAPE))


@compiled
def _restore(units: Any, in_stock: Any, season: int, memory: float, shape: float) -> Any:
    """Run the filter along every series."""
    out = units.copy()
    sold, due = np.empty(season), np.empty(season)
    for s in range(units.shape[0]):
        total, exposure = 0.0, 0.0
        sold[:], due[:] = 8.0, 8.0
        for d in range(units.shape[1]):
            value = float(units[s, d])
            if np.isnan(value):
                continue
            share = float(in_stock[s, d])
            share = 1.0 if np.isnan(share) else min(max(share, 0.0), 1.0)
            place = d % season
            factor = sold[place] / due[place]
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
