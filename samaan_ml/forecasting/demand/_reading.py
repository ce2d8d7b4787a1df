"""A history as the engine reads it: what is known, what is put right, and what is closed ahead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from samaan_ml.features._bursts import past_bursts
from samaan_ml.features._closures import closed_ahead, held_on, quiet_days
from samaan_ml.features._history import History
from samaan_ml.features._inputs import KernelInputs, kernel_inputs
from samaan_ml.features._recipe import OPEN
from samaan_ml.features._sold_out import past_demand, with_expected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from samaan_ml.features._groups import GroupMemory
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["Reading", "laid_out", "read", "read_for_training", "said_closed", "with_quiet_days"]

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

_LONGEST_GAP = 120
_FULL = 0.999
_LEAST_IN_STOCK = 0.2
_QUIET_WEEKS = 26
_LEAST_QUIET = 8
_QUIET_EVIDENCE = 10.0
"""Sales that were to be expected, in units of the dispersion, on a weekday that never had any."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of some series.

    Parameters
    ----------
    history : History
        Laid out to the end of the horizon, attributes completed.
    demand : ndarray of float32, shape (n_series, n_dates)
        Units with sold-out days put right; NaN where unknown, closed, or of a burst that is over.
    inputs : KernelInputs
        The kernel's arrays; days without an entry hold what was expected of them.
    closed : ndarray of bool, shape (n_series, horizon)
        Days ahead on which nothing is sold.
    told : ndarray of float32, shape (n_series, n_dates)
        What back-forecasts are compared with: the demand of days with a full shelf, as in training; all of it for a
        series that is nearly always short.
    gap : ndarray of int64, shape (n_series,)
        Days without an entry at the end of each series, closed ones apart.
    """

    history: History
    demand: Floats
    inputs: KernelInputs
    closed: Flags
    told: Floats
    gap: npt.NDArray[np.int64]


def read(
    recipe: FeatureRecipe,
    history: History,
    horizon: int,
    memory: GroupMemory | None,
    closed_on: Mapping[str, tuple[str, ...]],
) -> Reading:
    """Read a history to forecast the `horizon` dates after it.

    Parameters
    ----------
    recipe : FeatureRecipe
        Of the model that forecasts.
    history : History
        The series.
    horizon : int
        Dates ahead.
    memory : GroupMemory or None
        Histories of the groups in training.
    closed_on : mapping of str to tuple of str
        By shop, the festivals on which it rests.
    """
    history = with_quiet_days(laid_out(history, horizon))
    rest = _rest_days(history, closed_on) | said_closed(history)
    n_dates = history.n_dates
    if rest[:, :n_dates].any():
        history = replace(history, units=np.where(rest[:, :n_dates], np.float32(np.nan), history.units))
    entered = history.units
    demand = _demand(recipe, history)
    start = history.first_sale()
    burst = past_bursts(demand, start, recipe.frequency)
    if burst.any():
        demand = np.where(burst, np.float32(np.nan), demand)
    filled = with_expected(history, demand, start)
    inputs = kernel_inputs(recipe, replace(history, units=filled), filled, memory)
    closed = rest[:, n_dates : n_dates + horizon]
    if recipe.frequency == "D":
        closed = closed | _closed_by_habit(history, horizon) | _quiet_weekdays(demand, start, horizon)
    return Reading(history, demand, inputs, closed, _in_stock(history, demand), _gap(entered, filled))


def read_for_training(
    recipe: FeatureRecipe, history: History, memory: GroupMemory | None = None
) -> tuple[KernelInputs, Floats]:
    """Lay a history out for training, and give what is known of its demand."""
    demand = _demand(recipe, history)
    return kernel_inputs(recipe, history, demand, memory), demand


def laid_out(history: History, horizon: int) -> History:
    """Stretch calendar and prices to the end of the horizon: no event is known there, a price holds."""
    calendar = history.calendar
    missing = history.n_dates + horizon - len(calendar.dates)
    if missing <= 0:
        return history
    step = np.timedelta64(1 if history.frequency == "D" else 7, "D")
    ahead = calendar.dates[-1] + step * np.arange(1, missing + 1)
    wide = replace(
        calendar,
        dates=np.concatenate([calendar.dates, ahead]),
        occurs=np.pad(calendar.occurs, ((0, 0), (0, missing), (0, 0))),
        values=np.pad(calendar.values, ((0, 0), (0, missing), (0, 0)), constant_values=np.nan),
    )
    price, values = history.unit_price, history.price_values
    price = None if price is None else np.pad(price, ((0, 0), (0, missing)), mode="edge")
    values = None if values is None else np.pad(values, ((0, 0), (0, 0), (0, missing)), mode="edge")
    return replace(history, calendar=wide, unit_price=price, price_values=values, calendar_features=None)


def with_quiet_days(history: History) -> History:
    """Take days without a row of a shop that sells on few days for days without a sale.

    A shop of many sales a day that shows none has not entered them; one that sells every few days has merely sold
    nothing.
    """
    if history.frequency == "W":
        return history
    names, shop = history.shop_numbers()
    units = history.units
    for number in range(len(names)):
        mine = np.flatnonzero(shop == number)
        quiet = quiet_days(np.asarray((~np.isnan(history.units[mine])).any(axis=0)))
        if quiet.any():
            begun = np.arange(history.n_dates) >= history.first_sale()[mine][:, None]
            units = units.copy() if units is history.units else units
            units[mine] = np.where(quiet & begun, np.float32(0.0), units[mine])
    return history if units is history.units else replace(history, units=units)


def _demand(recipe: FeatureRecipe, history: History) -> Floats:
    """Put sold-out days right, where stock is known."""
    units = np.ascontiguousarray(history.units, dtype=np.float32)
    if history.in_stock_share is None:
        return units
    stock = np.ascontiguousarray(history.in_stock_share, dtype=np.float32)
    return past_demand(units, stock, recipe.season if recipe.frequency == "D" else 1)


def _in_stock(history: History, demand: Floats) -> Floats:
    """Keep the days with a full shelf: those sold out are estimates, and higher ones, as they were chosen by demand."""
    if history.in_stock_share is None:
        return demand
    full = np.where(history.in_stock_share < _FULL, np.float32(np.nan), demand)
    enough = (~np.isnan(full)).sum(axis=1) >= _LEAST_IN_STOCK * (~np.isnan(demand)).sum(axis=1)
    return np.where(enough[:, None], full, demand)


def _rest_days(history: History, closed_on: Mapping[str, tuple[str, ...]]) -> Flags:
    """Tell the dates of the festivals on which each series' shop rests."""
    out = np.zeros((history.n_series, len(history.calendar.dates)), dtype=np.bool_)
    for s, shop in enumerate(history.shops):
        if shop in closed_on:
            region = int(history.calendar.region_of_series[s])
            out[s] = held_on(closed_on[shop], history.calendar, region)
    return out


def said_closed(history: History) -> Flags:
    """Tell the dates that the covariate `open` calls closed."""
    calendar = history.calendar
    out = np.zeros((history.n_series, len(calendar.dates)), dtype=np.bool_)
    if OPEN in calendar.covariates:
        values = calendar.values[:, :, calendar.covariates.index(OPEN)]
        out |= (values == 0)[calendar.region_of_series]
    if history.price_values is not None and OPEN in history.price_covariates:
        values = history.price_values[history.price_covariates.index(OPEN)]
        out[:, : values.shape[1]] |= values == 0
    return out


def _closed_by_habit(history: History, horizon: int) -> Flags:
    """Tell the days ahead on which each series' shop is closed by habit."""
    names, shop = history.shop_numbers()
    entered = np.zeros((len(names), history.n_dates), dtype=np.bool_)
    region = np.zeros(len(names), dtype=np.int32)
    for number in range(len(names)):
        mine = shop == number
        entered[number] = ~np.isnan(history.units[mine]).all(axis=0)
        region[number] = history.calendar.region_of_series[np.flatnonzero(mine)[0]]
    return closed_ahead(entered, horizon, history.calendar, region)[shop]


def _quiet_weekdays(demand: Floats, start: npt.NDArray[np.int64], horizon: int) -> Flags:
    """Tell the days ahead whose weekday never had a sale of an item that sells well on others."""
    n_series, n_dates = demand.shape
    out = np.zeros((n_series, horizon), dtype=np.bool_)
    recent = demand[:, -7 * _QUIET_WEEKS :].astype(np.float64)
    first = n_dates - recent.shape[1]
    recent[(first + np.arange(recent.shape[1])) < start[:, None]] = np.nan
    place = (first + np.arange(recent.shape[1])) % 7
    known = ~np.isnan(recent)
    for day in range(7):
        same = place == day
        count, sold = known[:, same].sum(axis=1), np.nansum(recent[:, same], axis=1)
        others, n_others = np.nansum(recent[:, ~same], axis=1), np.maximum(known[:, ~same].sum(axis=1), 1)
        rate = others / n_others
        square = np.nansum(recent[:, ~same] ** 2, axis=1) / n_others
        dispersion = np.maximum((square - rate**2) / np.maximum(rate, 1e-9), 0.25 * rate)
        quiet = (count >= _LEAST_QUIET) & (sold == 0) & (count * rate >= _QUIET_EVIDENCE * dispersion)
        out[np.ix_(quiet & (rate > 0), (n_dates + np.arange(horizon)) % 7 == day)] = True
    return out


def _gap(entered: Floats, filled: Floats) -> npt.NDArray[np.int64]:
    """Count the days without an entry at the end of each series that were filled with what was expected."""
    recent, expected = np.isnan(entered[:, -_LONGEST_GAP:]), ~np.isnan(filled[:, -_LONGEST_GAP:])
    trailing = np.logical_and.accumulate(recent[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((trailing & expected).sum(axis=1), dtype=np.int64)
