"""Demand behind censored sales: what would have sold had the shelf not been empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError
from samaan_ml.features import Panel

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

_MEMORY = 0.88
"""Weight of a day relative to its neighbour in the two-sided level."""
_TRUST = 0.25
"""Weight of a partly sold-out day in that level: its share counts hours, and hours do not sell alike."""
_LEVEL_DAYS = 1.0
"""Days of the series' overall rate mixed into the level."""
_PLACE_DAYS = 20.0
"""Days without any weekday effect mixed into each weekday's factor."""
_ITEM_DAYS = 20.0
"""Series-days without any effect mixed into the factor of an item's day over all shops."""
_ROUNDS = 3
_HOURLY_NOISE = 4.0
"""The sales of some hours say less of the others than Poisson counts would (measured on FreshRetailNet)."""
_NO_OWN_SAY = 1e6


@dataclass(frozen=True, slots=True)
class Restored:
    """Sales and the demand estimated behind them.

    Parameters
    ----------
    demand : ndarray of float32, shape (series, dates)
        Expected demand given what sold; equal to the sales on days with full stock, NaN where nothing is
        known.
    expected : ndarray of float32, shape (series, dates)
        Expected demand before the day's own sales are looked at.
    strength : float
        Units of sales that the expectation weighs as much as, in the posterior of a day.
    """

    demand: Singles
    expected: Singles
    strength: float


def restore_demand(
    units: npt.ArrayLike,
    in_stock_share: npt.ArrayLike,
    season: int = 7,
    items: npt.ArrayLike | None = None,
) -> Restored:
    """Estimate the demand of days that were partly or wholly sold out.

    The rate of a day's demand has a Gamma prior around what the days near it, its weekday and the item's day
    in other shops suggest; its sales are Poisson over the open share of the day. The demand is what sold
    plus the closed share of the posterior rate: a shelf emptied early by a rush counts for more than one
    that was never filled. How much the day's own sales say is estimated from the fully stocked days
    (empirical Bayes).

    Parameters
    ----------
    units : array-like, shape (series, dates)
        Units sold, NaN where not known.
    in_stock_share : array-like, shape (series, dates)
        Share of the day with stock on the shelf; NaN counts as 1.
    season : int, default=7
        Dates in a season; 1 for none.
    items : array-like, shape (series,), or None, default=None
        The item of each series, so that shops which had it tell of those which had not; None shares nothing.

    Returns
    -------
    Restored

    Raises
    ------
    DataError
        If the shapes differ.

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
    from samaan_ml.forecasting.availability import _shelf

    sold = np.ascontiguousarray(units, dtype=np.float32)
    share = np.nan_to_num(np.asarray(in_stock_share, dtype=np.float32), nan=1.0)
    if sold.ndim != 2 or sold.shape != share.shape:
        raise DataError(f"'in_stock_share' must have the shape of 'units' {sold.shape}; got {share.shape}")
    item_of, n_items = _item_codes(items, sold.shape[0])
    expected, moments = _shelf.expect(
        sold,
        share,
        item_of,
        n_items,
        season,
        _MEMORY,
        _TRUST,
        _LEVEL_DAYS,
        _PLACE_DAYS,
        _ITEM_DAYS,
        _ROUNDS,
    )
    strength = _strength(moments)
    return Restored(_shelf.restore(sold, share, expected, strength), expected, strength)


def demand_history(panel: Panel) -> Floats:
    """Units a local model learns from: sold-out days restored to demand.

    Parameters
    ----------
    panel : Panel
        The tables as dense arrays; without a stock table the sales are taken as they are.

    Returns
    -------
    ndarray, shape (series, dates)
        NaN for days that are not known and for those before a series' first sale.
    """
    units = restored_panel(panel).demand if panel.in_stock_share is not None else panel.units
    begun = np.maximum.accumulate(np.nan_to_num(units) > 0, axis=1)
    history: Floats = np.where(begun, units, np.nan).astype(np.float64)
    return history


def restored_panel(panel: Panel) -> Restored:
    """Restore the demand of a panel whose stock is known; items are shared over its shops."""
    if panel.in_stock_share is None:
        raise DataError("the panel has no stock; give the table 'stock', or infer with 'infer_sold_out'")
    season = 7 if panel.frequency == "D" else 1
    return restore_demand(panel.units, panel.in_stock_share, season, panel.series["item_id"].to_numpy())


def lost_units(panel: Panel) -> pd.DataFrame:
    """Sum up, for each series, what sold-out days cost.

    Parameters
    ----------
    panel : Panel
        The tables as dense arrays, with stock.

    Returns
    -------
    pandas.DataFrame
        shop_id, item_id, sold_units, demand_units, lost_units (never negative), sold_out_days (days with
        less than full stock).

    Raises
    ------
    DataError
        If the panel has no stock.
    """
    restored = restored_panel(panel)
    share = np.nan_to_num(np.asarray(panel.in_stock_share), nan=1.0)
    gain = np.maximum(restored.demand - panel.units, 0.0)
    sold, lost = np.nansum(panel.units, axis=1, dtype=np.float64), np.nansum(gain, axis=1, dtype=np.float64)
    frame: pd.DataFrame = panel.series[["shop_id", "item_id"]].assign(
        sold_units=sold,
        demand_units=sold + lost,
        lost_units=lost,
        sold_out_days=((share < 1.0) & ~np.isnan(panel.units)).sum(axis=1),
    )
    return frame


def _item_codes(items: npt.ArrayLike | None, n: int) -> tuple[npt.NDArray[np.int64], int]:
    """Number the items; each series is its own item where none are given."""
    if items is None:
        return np.arange(n, dtype=np.int64), n
    names, codes = np.unique(np.asarray(items).astype(str), return_inverse=True)
    if codes.shape != (n,):
        raise DataError(f"'items' must name the item of each of the {n} series; got shape {codes.shape}")
    return codes.astype(np.int64), len(names)


def _strength(moments: Floats) -> float:
    """Estimate the Gamma prior's strength from errors on fully stocked days.

    Their variance is phi m + m^2 / a; the expectation counts for a phi units of own sales.
    """
    count, m, m2, error_by_m, error = moments
    # Least squares of r on (m, m^2) with weights 1 / m^2: two normal equations.
    determinant = count * m2 - m * m
    if count < 30 or determinant <= 0:
        return _NO_OWN_SAY
    phi = (m2 * error_by_m - m * error) / determinant
    inverse_shape = (count * error - m * error_by_m) / determinant
    if phi <= 0 or inverse_shape <= 0:
        return _NO_OWN_SAY
    return float(np.clip(_HOURLY_NOISE * phi / inverse_shape, phi, _NO_OWN_SAY))
