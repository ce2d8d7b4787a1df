"""Lay prices, sales and costs out by day and add them up by period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats: TypeAlias = npt.NDArray[np.float64]


Ints: TypeAlias = npt.NDArray[np.intp]


Bools: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Grid:
    """The days of the data, the periods they fall in, and the days each shop was open."""

    days: npt.NDArray[np.datetime64]
    period: Ints
    starts: npt.NDArray[np.datetime64]
    period_days: int
    open_days: Bools


def _days_of(frame: pd.DataFrame) -> npt.NDArray[np.datetime64]:
    """Dates of a table as days."""
    days: npt.NDArray[np.datetime64] = frame["date"].to_numpy().astype("datetime64[D]")
    return days


def _daily(rows: slice, days: int, codes: Ints, table: pd.DataFrame, units: Floats) -> dict[str, Floats]:
    """Return units, log prices and log costs of some series by day; NaN where no price is known."""
    price = _hold(rows, days, codes, table["day"], table["unit_price"])
    price = np.where(price > 0.0, price, np.nan)
    cost = _hold(rows, days, codes, table["day"], table["unit_cost"])
    mrp = _hold(rows, days, codes, table["day"], table["mrp"])
    has_mrp = ((np.isfinite(mrp) & (mrp > 0.0)) | ~np.isfinite(price)).all(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "units": units,
            "log_price": np.log(price),
            "log_relative": np.log(np.where(has_mrp, price / mrp, price)),
            "log_cost": np.log(np.where(cost > 0.0, cost, np.nan)),
            "days": np.ones_like(price),
        }


def _shelf_share(rows: slice, grid: _Grid, shelf: tuple[Ints, pd.DataFrame] | None) -> Floats:
    """Return the share of each day with stock; 1 where nothing is recorded."""
    days = len(grid.days)
    if shelf is None:
        return np.ones((rows.stop - rows.start, days))
    at = np.clip(np.searchsorted(grid.days, _days_of(shelf[1])), 0, days - 1)
    on_grid = grid.days[at] == _days_of(shelf[1])
    given, seen = _spread(rows, days, np.where(on_grid, shelf[0], -1), at, shelf[1]["in_stock_share"])
    return np.where(seen, given, 1.0)


def _event_days(rows: slice, grid: _Grid, planned: pd.DataFrame) -> Floats:
    """Return 1 on the days of planned events, 0 on the others."""
    at = np.searchsorted(grid.days, _days_of(planned))
    inside = at < len(grid.days)
    ones = pd.Series(1.0, range(int(inside.sum())))
    flags, _ = _spread(rows, len(grid.days), planned["row"].to_numpy()[inside], at[inside], ones)
    return np.minimum(flags, 1.0)


def _spread(rows: slice, days: int, codes: Ints, at: Ints, values: pd.Series) -> tuple[Floats, Bools]:
    """Put table rows on the grid of some series, adding what falls on one day."""
    inside = (codes >= rows.start) & (codes < rows.stop)
    count = rows.stop - rows.start
    flat = (codes[inside] - rows.start) * days + at[inside]
    total: Floats = np.bincount(flat, values.to_numpy(dtype=float)[inside], count * days).astype(float)
    seen = np.bincount(flat, minlength=count * days) > 0
    return total.reshape(count, days), seen.reshape(count, days)


def _hold(rows: slice, days: int, codes: Ints, at: pd.Series, values: pd.Series) -> Floats:
    """Values that hold until the next row, NaN before the first."""
    place = at.to_numpy()
    inside = (codes >= rows.start) & (codes < rows.stop) & (place < days)
    held = np.full((rows.stop - rows.start, days), np.nan)
    held[codes[inside] - rows.start, place[inside]] = values.to_numpy(dtype=float)[inside]
    last = np.where(np.isnan(held), -1, np.arange(days))
    np.maximum.accumulate(last, axis=1, out=last)
    filled = np.take_along_axis(held, np.maximum(last, 0), axis=1)
    return np.where(last >= 0, filled, np.nan)


def _from_first_to_last(seen: Bools) -> Bools:
    """An item is on offer from its first to its last sale."""
    begun = np.maximum.accumulate(seen, axis=1)
    going = np.maximum.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
    return begun & going


def _by_period(daily: Floats, period: Ints, periods: int) -> Floats:
    """Sum days into periods."""
    if periods == daily.shape[1]:
        return daily
    starts = np.searchsorted(period, np.arange(periods))
    return np.add.reduceat(daily, starts, axis=1)
