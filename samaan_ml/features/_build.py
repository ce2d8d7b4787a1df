"""Build a panel from the tables: dense, light on memory, and forgiving of order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml import tables
from samaan_ml.exceptions import DataError
from samaan_ml.features._keys import _CHUNK, Ints, _Keys, _keys, _series, _unmatched
from samaan_ml.features._panel import Calendar, Floats, Panel

__all__ = ["build_panel"]

_FREE_CELLS = 20_000_000
_CELLS_A_ROW = 400
"""Slow items of a large shop have a row every few weeks; nothing real has fewer."""
_EPOCH_MONDAY = -3  # 1969-12-29, a Monday, counted in days from 1970-01-01
_RESERVED = {"shop_id", "item_id", "date", "unit_price", "unit_cost", "mrp"}


@dataclass(frozen=True, slots=True)
class _Axis:
    """The time axis: which column a day falls into."""

    first: int  # days from 1970 of the first column
    step: int  # days a column
    n_dates: int
    n_known: int

    def column(self, days: Ints) -> Ints:
        """Find the column of each day; -1 outside of the axis."""
        column = (days - self.first) // self.step
        return np.where((column >= 0) & (column < self.n_known), column, -1)

    def dates(self, count: int) -> npt.NDArray[np.datetime64]:
        """List the first `count` dates."""
        return (self.first + self.step * np.arange(count)).astype("datetime64[D]")


def build_panel(
    sales: Any,
    prices: Any = None,
    stock: Any = None,
    calendar: Any = None,
    items: Any = None,
    shops: Any = None,
    *,
    covariates: Any = None,
    frequency: Literal["D", "W"] = "D",
    horizon: int = 0,
) -> Panel:
    """Turn the tables into a dense panel.

    Parameters
    ----------
    sales, prices, stock, calendar, items, shops : DataFrame or None, default=None
        The tables as `samaan_ml.tables` describes them, pandas or polars, in any order. Rows of one
        series and day are added up (and noted); of several prices of one day the last stays.
    covariates : DataFrame or None, default=None
        Anything else by shop, item and date that moves sales, past and ahead: a row a name and value. The name
        `open` with value 0 says that a shop, or an item's counter, is closed.
    frequency : {"D", "W"}, default="D"
        "W" adds the sales up by weeks. Weekly data keep their own weekday; daily data become weeks from
        Monday, and an unfinished last week is left out.
    horizon : int, default=0
        So many dates after the last sale the known future is laid out for (more where the prices or the
        calendar reach further).

    Returns
    -------
    Panel
        Series in the order of shop and item.

    Raises
    ------
    TableError
        When a table lacks a column or holds values that cannot be used.
    DataError
        When there are no sales at all.

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame({"shop_id": ["s", "s"], "item_id": ["a", "b"],
    ...                       "date": pd.to_datetime(["2026-01-01", "2026-01-02"]), "units": [2.0, 3.0]})
    >>> build_panel(sales).units
    array([[ 2.,  0.],
           [nan,  3.]], dtype=float32)
    """
    given = _normalise_all(sales, prices, stock, calendar)
    axis, notes = _axis(given.sales, given.prices, given.calendar, frequency, horizon)
    keys = _keys(given.sales)
    _check_size(len(keys.shop_of_series), axis, len(given.sales))
    units, shop_open, repeated = _units(given.sales, keys, axis)
    notes = (*given.notes, *notes)
    if repeated and frequency == "D":
        notes += (f"{repeated} rows of table 'sales' repeat a series and day; their units were added up",)
    price, names, values = _prices(given.prices, keys, axis)
    series = _series(keys, items, shops)
    notes += _unmatched(keys, given.prices, given.stock, items, shops)
    laid_out = _calendar(given.calendar, series, axis)
    if covariates is not None:
        names, values, said = _with_covariates(names, values, covariates, series, axis)
        notes += said
    for name in _known_ahead_only(laid_out, names, values, axis.n_dates):
        notes += (f"'{name}' is known for the days ahead only: there is no past to learn its effect from",)
    return Panel(
        units=units,
        dates=axis.dates(axis.n_dates),
        frequency=frequency,
        series=series,
        shop_of_series=keys.shop_of_series,
        shop_open=shop_open,
        calendar=laid_out,
        in_stock_share=_stock(given.stock, keys, axis),
        unit_price=price,
        price_covariates=names,
        price_values=values,
        notes=notes,
    )


class _Given(NamedTuple):
    """The tables after their checks, and what the checks had to say."""

    sales: pd.DataFrame
    prices: pd.DataFrame | None
    stock: pd.DataFrame | None
    calendar: pd.DataFrame | None
    notes: tuple[str, ...]


def _normalise_all(sales: Any, prices: Any, stock: Any, calendar: Any) -> _Given:
    """Check the tables and bring their columns to the types of `samaan_ml.tables`."""
    sales, said = tables.normalise(sales, tables.SALES)
    prices, of_prices = _normalised(prices, tables.PRICES)
    stock, of_stock = _normalised(stock, tables.STOCK)
    calendar, of_calendar = _normalised(calendar, tables.CALENDAR)
    if len(sales) == 0:
        raise DataError("table 'sales' has no rows; give at least one day of one item")
    return _Given(sales, prices, stock, calendar, (*said, *of_prices, *of_stock, *of_calendar))


def _with_covariates(
    names: tuple[str, ...], values: Floats | None, covariates: Any, series: pd.DataFrame, axis: _Axis
) -> tuple[tuple[str, ...], Floats | None, tuple[str, ...]]:
    """Put the covariates table beside the further columns of the prices; it wins where both have a name."""
    added, more, notes = tables.covariate_arrays(
        covariates, series["shop_id"], series["item_id"], axis.dates(axis.n_known)
    )
    if not added:
        return names, values, notes
    kept = [place for place, name in enumerate(names) if name not in added]
    parts = [more] if values is None else [values[kept], more]
    return (*(names[place] for place in kept), *added), np.concatenate(parts).astype(np.float32), notes


def _known_ahead_only(
    calendar: Calendar, price_covariates: tuple[str, ...], price_values: Floats | None, n_dates: int
) -> list[str]:
    """Find the events and covariates without a single value in the past."""
    found = [
        name
        for j, name in enumerate(calendar.events)
        if calendar.occurs[:, :, j].any() and not calendar.occurs[:, :n_dates, j].any()
    ]
    found += [
        name
        for j, name in enumerate(calendar.covariates)
        if np.isnan(calendar.values[:, :n_dates, j]).all() and not np.isnan(calendar.values[:, :, j]).all()
    ]
    if price_values is not None:
        found += [
            name
            for j, name in enumerate(price_covariates)
            if np.isnan(price_values[j, :, :n_dates]).all() and not np.isnan(price_values[j]).all()
        ]
    return found


def _normalised(frame: Any, schema: tables.Schema) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Read a table that may be absent, and the notes about it."""
    return (None, ()) if frame is None else tables.normalise(frame, schema)


def _days(dates: pd.Series) -> Ints:
    """Count days from 1970."""
    return cast("Ints", dates.to_numpy().astype("datetime64[D]").astype(np.int64))


def _axis(
    sales: pd.DataFrame,
    prices: pd.DataFrame | None,
    calendar: pd.DataFrame | None,
    frequency: Literal["D", "W"],
    horizon: int,
) -> tuple[_Axis, tuple[str, ...]]:
    """Lay out the time axis over the sales and the known future."""
    first, last = int(_days(sales["date"].min())), int(_days(sales["date"].max()))
    ahead = [int(_days(t["date"].max())) for t in (prices, calendar) if t is not None and len(t)]
    end = max([last, *ahead])
    notes: tuple[str, ...] = ()
    if frequency == "D":
        n_dates = last - first + 1
        return _Axis(first, 1, n_dates, max(n_dates + horizon, min(end - first + 1, n_dates + 400))), notes
    anchor = _weekday_of_weekly(sales)
    if anchor is None:
        first = first - (first - _EPOCH_MONDAY) % 7
        n_dates = (last + 1 - first) // 7
        if n_dates == 0:
            raise DataError(
                "table 'sales' holds less than one whole week from Monday to Sunday; give more days"
            )
        if (last + 1 - first) % 7:
            notes = (f"the last {(last + 1 - first) % 7} days are an unfinished week and were left out",)
    else:
        n_dates = (last - first) // 7 + 1
    return _Axis(first, 7, n_dates, max(n_dates + horizon, min((end - first) // 7 + 1, n_dates + 60))), notes


def _weekday_of_weekly(sales: pd.DataFrame) -> int | None:
    """Find the weekday that all rows fall on; None where there are several."""
    weekdays: set[int] = set()
    for start in range(0, len(sales), _CHUNK):
        weekdays |= set(np.unique(_days(sales["date"].iloc[start : start + _CHUNK]) % 7).tolist())
        if len(weekdays) > 1:
            return None
    return weekdays.pop()


def _check_size(n_series: int, axis: _Axis, n_rows: int) -> None:
    """Refuse a matrix out of all proportion to the rows, which would fill the memory with nothing.

    Raises
    ------
    DataError
        When it is.
    """
    cells = n_series * axis.n_known
    if cells > max(_FREE_CELLS, _CELLS_A_ROW * n_rows):
        days = axis.dates(axis.n_dates)
        raise DataError(
            f"table 'sales' has {n_rows} rows of {n_series} series from {days[0]} to {days[-1]}: hardly a day in "
            f"{_CELLS_A_ROW} has a row; check its dates, or give fewer items or days"
        )


def _units(sales: pd.DataFrame, keys: _Keys, axis: _Axis) -> tuple[Floats, npt.NDArray[np.bool_], int]:
    """Spread the sales over the matrix; tell closed days and days before the first row from zeros."""
    from samaan_ml.features._scatter import scatter_sum

    n_series = len(keys.shop_of_series)
    units = np.zeros((n_series, axis.n_dates), dtype=np.float32)
    seen = np.zeros((n_series, (axis.n_dates + 7) // 8), dtype=np.uint8)
    repeated = 0
    for start in range(0, len(sales), _CHUNK):
        part = slice(start, start + _CHUNK)
        columns = axis.column(_days(sales["date"].iloc[part]))
        columns = np.where(columns < axis.n_dates, columns, -1).astype(np.int32)
        values = sales["units"].iloc[part].to_numpy(dtype=np.float32)
        repeated += scatter_sum(units, seen, keys.rows(sales, part), columns, values)
    shop_open = np.zeros((len(keys.shops), axis.n_dates), dtype=bool)
    for row, shop in enumerate(keys.shop_of_series):
        has_row = np.unpackbits(seen[row], bitorder="little", count=axis.n_dates).astype(bool)
        shop_open[shop] |= has_row
        units[row, : int(has_row.argmax()) if has_row.any() else axis.n_dates] = np.nan
    for shop in range(len(keys.shops)):
        mine = keys.shop_of_series == shop
        units[np.ix_(mine, ~shop_open[shop])] = np.nan
    return units, shop_open, repeated


def _held(frame: pd.DataFrame, column: str, keys: _Keys, axis: _Axis, width: int, *, hold: bool) -> Floats:
    """Spread a column over a matrix of `width` dates, held forward where wanted."""
    from samaan_ml.features._scatter import hold_forward, scatter_last

    matrix = np.full((len(keys.shop_of_series), width), np.nan, dtype=np.float32)
    latest = np.full(matrix.shape, -1, dtype=np.int8 if axis.step == 1 else np.int32)
    for start in range(0, len(frame), _CHUNK):
        part = slice(start, start + _CHUNK)
        days = _days(frame["date"].iloc[part])
        if hold:  # a price from before the first sale still holds on the first day
            early = days < axis.first
            columns = axis.column(np.maximum(days, axis.first))
            stamps = np.where(early, 0, 1) if axis.step == 1 else np.maximum(days - axis.first + 7, 0)
        else:
            columns, stamps = axis.column(days), np.ones(len(days), dtype=np.int64)
        columns = np.where(columns < width, columns, -1).astype(np.int32)
        values = pd.to_numeric(frame[column].iloc[part]).to_numpy(dtype=np.float32, na_value=np.nan)
        scatter_last(matrix, latest, keys.rows(frame, part), columns, stamps.astype(latest.dtype), values)
    if hold:
        hold_forward(matrix)
    return matrix


def _prices(
    prices: pd.DataFrame | None, keys: _Keys, axis: _Axis
) -> tuple[Floats | None, tuple[str, ...], Floats | None]:
    """Lay out the price and the table's further numeric columns, held forward."""
    if prices is None or not len(prices):
        return None, (), None
    prices = prices if prices["date"].is_monotonic_increasing else prices.sort_values("date", kind="stable")
    price = _held(prices, "unit_price", keys, axis, axis.n_known, hold=True)
    names = tuple(
        str(name)
        for name in prices.columns
        if name not in _RESERVED
        and (pd.api.types.is_numeric_dtype(prices[name].dtype) or prices[name].dtype == bool)
    )
    if not names:
        return price, (), None
    held = [_held(prices, name, keys, axis, axis.n_known, hold=True) for name in names]
    return price, names, np.stack(held)


def _stock(stock: pd.DataFrame | None, keys: _Keys, axis: _Axis) -> Floats | None:
    """Lay out the share of the day with stock; a week's is the mean of its days."""
    if stock is None or not len(stock):
        return None
    if axis.step == 1:
        return _held(stock, "in_stock_share", keys, axis, axis.n_dates, hold=False)
    rows = keys.rows(stock, slice(None))
    columns = axis.column(_days(stock["date"]))
    inside = (rows >= 0) & (columns >= 0) & (columns < axis.n_dates)
    flat = rows[inside].astype(np.int64) * axis.n_dates + columns[inside]
    size = len(keys.shop_of_series) * axis.n_dates
    total = np.bincount(flat, stock["in_stock_share"].to_numpy()[inside], minlength=size)
    count = np.bincount(flat, minlength=size)
    share = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
    return np.asarray(share.reshape(-1, axis.n_dates), dtype=np.float32)


def _calendar(calendar: pd.DataFrame | None, series: pd.DataFrame, axis: _Axis) -> Calendar:
    """Lay out events and covariates by region; a row without a region holds everywhere."""
    dates = axis.dates(axis.n_known)
    if calendar is None or not len(calendar):
        empty = np.zeros((1, axis.n_known, 0))
        return Calendar(
            dates, (), empty.astype(bool), (), empty.astype(np.float32), np.zeros(len(series), np.int32)
        )
    region = (
        calendar["region"]
        if "region" in calendar.columns
        else pd.Series(None, index=calendar.index, dtype=object)
    )
    names, region_of_series = _regions(region, series)
    columns = axis.column(_days(calendar["date"]))
    event = calendar["event"].astype("str").str.strip().where(calendar["event"].notna(), "")
    events = sorted(set(event[columns >= 0]) - {"", "None", "nan"})
    occurs = np.zeros((len(names), axis.n_known, len(events)), dtype=bool)
    place = {name: i for i, name in enumerate(events)}
    at = {name: i for i, name in enumerate(names)}
    everywhere = list(range(len(names)))
    covariates = tuple(
        str(c)
        for c in calendar.columns
        if c not in ("date", "region", "event") and pd.api.types.is_numeric_dtype(calendar[c].dtype)
    )
    total = np.zeros((len(names), axis.n_known, len(covariates)))
    count = np.zeros_like(total)
    numbers = calendar[list(covariates)].to_numpy(dtype=np.float64, na_value=np.nan)
    for i, (column, name, where) in enumerate(zip(columns, event, region, strict=True)):
        if column < 0 or (not pd.isna(where) and str(where) not in at):
            continue
        cells = everywhere if pd.isna(where) else [at[str(where)]]
        if name in place:
            occurs[cells, column, place[name]] = True
        if covariates:
            known = ~np.isnan(numbers[i])
            for cell in cells:
                total[cell, column, known] += numbers[i, known]
                count[cell, column, known] += 1
    values = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return Calendar(dates, tuple(events), occurs, covariates, values.astype(np.float32), region_of_series)


def _regions(region: pd.Series, series: pd.DataFrame) -> tuple[list[str], npt.NDArray[np.int32]]:
    """Match the calendar's regions with the shops' attributes: region, else any other, else the shop itself."""
    named = sorted({str(name) for name in region.dropna().unique()})
    fallback = "\0elsewhere"
    if not named:
        return [fallback], np.zeros(len(series), dtype=np.int32)
    candidates = [
        "region",
        "shop_id",
        *[c for c in series.columns if c not in ("region", "shop_id", "item_id")],
    ]
    matched = [c for c in candidates if c in series.columns and series[c].astype("str").isin(named).any()]
    names = [*named, fallback]
    if not matched:
        return names, np.full(len(series), len(named), dtype=np.int32)
    place = {name: i for i, name in enumerate(named)}
    codes = [place.get(str(value), len(named)) for value in series[matched[0]]]
    return names, np.asarray(codes, dtype=np.int32)
