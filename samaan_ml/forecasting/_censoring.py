"""Demand behind censored sales: what would have sold had the shelf not been empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samaan_ml.features import Panel

Floats = npt.NDArray[np.float64]

_MEMORY = 0.9
"""Weight of a day relative to its neighbour in the two-sided level."""
_LEVEL_PRIOR = 1.0
"""Open days of the series' overall rate mixed into the level."""
_PLACE_PRIOR = 8.0
"""Expected units of "no weekday effect" mixed into each weekday factor."""
_SHAPE = 3.0
"""Shape of the Gamma prior of a day's rate: how far one day may stand above its mean."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Sales and the demand estimated behind them.

    Parameters
    ----------
    demand : ndarray, shape (series, dates)
        Expected demand given what sold; equal to the sales on days with full stock, NaN where nothing is
        known.
    expected : ndarray, shape (series, dates)
        Expected demand before the day's own sales are looked at.
    """

    demand: Floats
    expected: Floats


def demand_history(panel: Panel) -> Floats:
    """Units a local model learns from: as sold, with sold-out days replaced by the expected demand.

    Parameters
    ----------
    panel : Panel
        The tables as dense arrays; without a stock table the sales are taken as they are.

    Returns
    -------
    ndarray, shape (series, dates)
        NaN for days that are not known and for those before a series' first sale.
    """
    units = panel.units.astype(np.float64)
    if panel.in_stock_share is not None:
        season = 7 if panel.frequency == "D" else 1
        units = restore_demand(units, panel.in_stock_share.astype(np.float64), season).demand
    begun = np.maximum.accumulate(np.nan_to_num(units) > 0, axis=1)
    return np.where(begun, units, np.nan)


def restore_demand(units: npt.ArrayLike, in_stock_share: npt.ArrayLike, season: int = 7) -> Restored:
    """Estimate the demand of days that were partly or wholly sold out.

    A day's rate of demand has a Gamma prior around what the days near it and its weekday suggest; its sales
    are Poisson over the open share of the day. The demand is what sold plus the closed share of the
    posterior rate, so that a shelf emptied early by a rush counts for more than one that was never filled.

    Parameters
    ----------
    units : array-like, shape (series, dates)
        Units sold, NaN where not known.
    in_stock_share : array-like, shape (series, dates)
        Share of the day with stock on the shelf; NaN counts as 1.
    season : int, default=7
        Dates in a season.

    Returns
    -------
    Restored

    References
    ----------
    Gamma-Poisson conjugacy: Gelman et al. (2013), Bayesian Data Analysis, section 2.6; censored demand of
    newsvendors: Lariviere and Porteus (1999), Management Science 45(3).

    Examples
    --------
    >>> units = [[4.0] * 7 + [1.0] + [4.0] * 6]
    >>> share = [[1.0] * 7 + [0.25] + [1.0] * 6]
    >>> float(restore_demand(units, share).demand[0, 7].round())
    4.0
    """
    sold = np.asarray(units, dtype=np.float64)
    share = np.nan_to_num(np.asarray(in_stock_share, dtype=np.float64), nan=1.0)
    known = ~np.isnan(sold)
    obs, exposure = np.where(known, sold, 0.0), np.where(known, share, 0.0)
    expected = _expected(obs, exposure, season)
    posterior = (obs + _SHAPE) / (share + _SHAPE / np.maximum(expected, 1e-9))
    demand = np.where(known, obs + (1.0 - share) * posterior, np.nan)
    return Restored(demand, expected)


def _expected(obs: Floats, exposure: Floats, season: int) -> Floats:
    """Rate of a full day from the days near it, times its place in the season."""
    overall = obs.sum(axis=1, keepdims=True) / np.maximum(exposure.sum(axis=1, keepdims=True), 1e-9)
    factor = np.ones_like(obs)
    for _ in range(2):
        level = (_near(obs) + _LEVEL_PRIOR * overall) / (_near(exposure * factor) + _LEVEL_PRIOR)
        if season > 1:
            factor = _season_factor(obs, exposure * level, season)
    return level * factor


def _near(values: Floats) -> Floats:
    """Two-sided exponentially weighted sum."""
    from scipy.signal import lfilter

    forward = lfilter([1.0], [1.0, -_MEMORY], values, axis=1)
    backward = lfilter([1.0], [1.0, -_MEMORY], values[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(forward + backward - values)


def _season_factor(obs: Floats, expected: Floats, season: int) -> Floats:
    """Ratio of sold to expected at each place of the season, shrunk to 1."""
    places = np.arange(obs.shape[1]) % season
    member = (places[:, None] == np.arange(season)).astype(np.float64)
    ratio = (obs @ member + _PLACE_PRIOR) / (expected @ member + _PLACE_PRIOR)
    return np.asarray(ratio[:, places])
