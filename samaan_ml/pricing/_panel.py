"""Sales and prices as dense arrays: one row a series (shop x item), one column a period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml.exceptions import DataError
from samaan_ml.pricing._daily_grid import (
    Bools,
    Floats,
    Ints,
    _by_period,
    _daily,
    _days_of,
    _event_days,
    _from_first_to_last,
    _Grid,
    _hold,
    _shelf_share,
    _spread,
)
from samaan_ml.tables import CALENDAR, ITEMS, PRICES, SALES, STOCK, check, unread_columns
from samaan_ml.tables._far_dates import without_far_dates
from samaan_ml.tables._far_prices import far_prices

_CHUNK_CELLS = 8_000_000
"""Cells of the daily grid held at once; more series are read in turns."""
_SPARSE_GAP_DAYS = 5.0
"""Dates that lie this far apart are periods already (weekly or monthly records)."""
_MINIMUM_WEEKS = 16
"""Shorter histories are read by day: too few weeks would be left."""
_BARELY_OPEN = 0.25
"""A day with less than this share in stock says more about the shelf than about the price."""
_FEWEST_DAYS_SHARE = 0.3
"""A period with less than this share of its days observed is left out."""
_SUMMED = ("units", "log_price", "log_relative", "log_cost", "days", "exposure")
_SAME_MRP = 1e-6
_NOT_KNOWN = -1.0
"""Stands for a price that holds and is not known."""
_NAMED = 3
_PRICE_COLUMNS = frozenset({"shop_id", "item_id", "date", "unit_price", "unit_cost", "mrp"})


@dataclass(frozen=True, slots=True)
class Panel:
    """What a count model with fixed effects needs.

    Parameters
    ----------
    shop_ids, item_ids, categories : numpy.ndarray of str, shape (n_series,)
        What each row is; the category is `""` where none is known.
    starts : numpy.ndarray of datetime64[ns], shape (n_periods,)
        First day of each period.
    units : numpy.ndarray, shape (n_series, n_periods)
        Units sold in the period, 0 outside `observed`.
    log_price : numpy.ndarray, shape (n_series, n_periods)
        Mean log of the price in rupees over the days observed.
    log_relative : numpy.ndarray or None, shape (n_series, n_periods)
        Mean log of the price over the MRP printed at the time, the price alone where there is no MRP; None where
        no MRP ever moves, which makes it the same as the price.
    log_exposure : numpy.ndarray, shape (n_series, n_periods)
        Log of the days observed times the share of them in stock.
    observed : numpy.ndarray of bool, shape (n_series, n_periods)
        Whether the item was offered, in stock and priced.
    promotions : numpy.ndarray, shape (n_promotions, n_series, n_periods)
        Declared promotions, as the share of the days they ran or their strength.
    promotion_names : tuple of str
        Their columns.
    log_cost : numpy.ndarray or None, shape (n_series, n_periods)
        Log of the unit cost, where costs are known and vary; 0 where unknown.
    cost_known : numpy.ndarray of bool, shape (n_series,)
        Series whose cost is known in every observed period.
    period_days : int
        Length of a period: 1, 7, or the gap between the dates given.
    doubtful_prices : numpy.ndarray, shape (n_series,)
        Share of each series' price rows that lie five times or more from its others and are taken as not known.
    notes : tuple of str
        What was left out of the tables, in plain words.
    """

    shop_ids: npt.NDArray[np.object_]
    item_ids: npt.NDArray[np.object_]
    categories: npt.NDArray[np.object_]
    starts: npt.NDArray[np.datetime64]
    units: Floats
    log_price: Floats
    log_relative: Floats | None
    log_exposure: Floats
    observed: Bools
    promotions: Floats
    promotion_names: tuple[str, ...]
    log_cost: Floats | None
    cost_known: Bools
    period_days: int
    doubtful_prices: Floats
    notes: tuple[str, ...] = ()


def build_panel(
    sales: pd.DataFrame,
    prices: pd.DataFrame,
    stock: pd.DataFrame | None,
    calendar: pd.DataFrame | None,
    items: pd.DataFrame | None,
) -> Panel:
    """Check the tables and lay them out by series and period.

    Raises
    ------
    TableError
        When a table breaks its schema.
    DataError
        When there are no sales, or no series has both sales and a price.
    """
    notes = _unread(sales=sales, prices=prices, stock=stock)
    sales, far = without_far_dates(_plain_ids(check(sales, SALES)), SALES)
    prices, doubtful = _typed_prices(_plain_ids(check(prices, PRICES)))
    notes += far + _doubtful_notes(prices, doubtful)
    stock = None if stock is None else _plain_ids(check(stock, STOCK))
    if sales.empty or prices.empty:
        empty = "sales" if sales.empty else "prices"
        raise DataError(f"table '{empty}' has no rows; elasticity is learned from sales at their prices")
    series = (
        pd.concat([sales[["shop_id", "item_id"]], prices[["shop_id", "item_id"]]])
        .drop_duplicates()
        .sort_values(["shop_id", "item_id"], ignore_index=True)
    )
    codes = pd.MultiIndex.from_frame(series)
    sold, priced = (_codes(frame, codes) for frame in (sales, prices))
    if not np.isin(sold, priced).any():
        raise DataError("no item has both sales and a price; check that 'shop_id' and 'item_id' agree")
    grid = _grid(sales, series, prices)
    extra = _promotion_columns(prices)
    table = _prices_by_row(prices, extra, grid)
    shelf = None if stock is None else (_codes(stock, codes), stock)
    planned = _item_events(calendar, series)
    categories = _categories(items, series["item_id"])
    panel = _lay_out(series, categories, grid, (sold, sales), (priced, table), extra, shelf, planned)
    rows = np.maximum(np.bincount(priced, minlength=len(series)), 1)
    return replace(panel, doubtful_prices=np.bincount(priced, doubtful, len(series)) / rows, notes=notes)


def _unread(**tables: Any) -> tuple[str, ...]:
    """Name the columns that nothing reads."""
    schemas = {"sales": SALES, "prices": PRICES, "stock": STOCK}
    unread = {
        name: unread_columns(table, schemas[name]) for name, table in tables.items() if table is not None
    }
    return tuple(
        f"columns of table '{name}' that are not used: " + ", ".join(f"'{each}'" for each in found)
        for name, found in unread.items()
        if found
    )


def _typed_prices(prices: pd.DataFrame) -> tuple[pd.DataFrame, Bools]:
    """Mark prices that must be typing errors as not known until the next row."""
    doubtful = far_prices(prices)
    if doubtful.any():
        prices = prices.assign(unit_price=prices["unit_price"].where(~doubtful, _NOT_KNOWN))
    return prices, doubtful


def _doubtful_notes(prices: pd.DataFrame, doubtful: Bools) -> tuple[str, ...]:
    """Name the series whose prices were set aside."""
    if not doubtful.any():
        return ()
    rows = prices[doubtful]
    found = rows.groupby(["shop_id", "item_id"], observed=True, as_index=False)["date"].agg(["size", "min"])
    named = "; ".join(
        f"'{each.shop_id}/{each.item_id}' {each.count_} from {str(each.first)[:10]} on"
        for each in found.head(_NAMED)
        .set_axis(["shop_id", "item_id", "count_", "first"], axis=1)
        .itertuples(index=False)
    )
    note = (
        f"{len(rows)} prices lie five times or more from the others of their item and are taken as not known "
        f"(a zero too many, or paise?): {named}; check them"
    )
    return (note,)


def _plain_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Categorical ids as plain values, so that tables with other categories can be matched."""
    for name in ("shop_id", "item_id"):
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype(frame[name].cat.categories.dtype)
    return frame


def _codes(frame: pd.DataFrame, codes: pd.MultiIndex) -> Ints:
    """Row of each table row's series, -1 for an unknown series."""
    found: Ints = codes.get_indexer(pd.MultiIndex.from_frame(frame[["shop_id", "item_id"]]))
    return found


def _grid(sales: pd.DataFrame, series: pd.DataFrame, prices: pd.DataFrame) -> _Grid:
    """Choose the period: the dates as given, weeks, or days where prices move within the week."""
    dates = np.unique(sales["date"].to_numpy().astype("datetime64[D]"))
    gap = float(np.median(np.diff(dates).astype(float))) if len(dates) > 1 else 7.0
    if gap >= _SPARSE_GAP_DAYS:
        days, period, starts, length = dates, np.arange(len(dates)), dates, round(gap)
    else:
        days = np.arange(dates[0], dates[-1] + 1)
        weeks = (days - np.datetime64("1970-01-05")).astype(int) // 7
        daily = weeks[-1] - weeks[0] < _MINIMUM_WEEKS or _moves_within_weeks(prices)
        period = np.arange(len(days)) if daily else weeks - weeks[0]
        starts, length = days[np.unique(period, return_index=True)[1]], 1 if daily else 7
    shops = pd.Index(series["shop_id"].unique())
    open_days = np.zeros((len(shops), len(days)), dtype=bool)
    open_days[shops.get_indexer(sales["shop_id"]), np.searchsorted(days, _days_of(sales))] = True
    return _Grid(days, period.astype(np.intp), starts, length, open_days)


def _moves_within_weeks(prices: pd.DataFrame) -> bool:
    """Return whether a typical item changes its price more than once a week, as fresh goods do."""
    same = (prices["shop_id"].shift() == prices["shop_id"]) & (prices["item_id"].shift() == prices["item_id"])
    moved = same & (prices["unit_price"] != prices["unit_price"].shift())
    weeks = max((prices["date"].max() - prices["date"].min()).days / 7.0, 1.0)
    series = max(int((~same).sum()), 1)
    return bool(moved.sum() / series / weeks > 1.0)


def _promotion_columns(prices: pd.DataFrame) -> tuple[str, ...]:
    """Further numeric or boolean columns of the prices are taken as promotions (deal, feature, display)."""
    return tuple(
        name
        for name in prices.columns
        if name not in _PRICE_COLUMNS
        and (
            pd.api.types.is_numeric_dtype(prices[name].dtype)
            or pd.api.types.is_bool_dtype(prices[name].dtype)
        )
    )


def _prices_by_row(prices: pd.DataFrame, extra: tuple[str, ...], grid: _Grid) -> pd.DataFrame:
    """Price rows with the place of their first day on the grid; a price of 0 is no price."""
    table = prices.loc[prices["unit_price"] != 0.0, ["shop_id", "item_id", "unit_price"]].copy()
    kept = prices.loc[table.index]
    table["day"] = np.searchsorted(grid.days, _days_of(kept))
    table["unit_cost"] = kept.get("unit_cost", np.nan)
    table["mrp"] = kept.get("mrp", np.nan)
    for name in extra:
        table[name] = kept[name].astype(float).fillna(0.0)
    return table


def _item_events(calendar: pd.DataFrame | None, series: pd.DataFrame) -> pd.DataFrame | None:
    """Rows of the calendar that name an item are promotions of that item."""
    if calendar is None or "item_id" not in calendar:
        return None
    events = check(calendar, CALENDAR)
    events["item_id"] = events["item_id"].astype(series["item_id"].dtype)
    named = events[events["item_id"].notna()]
    keys = ["shop_id", "item_id"] if "shop_id" in named else ["item_id"]
    return named.merge(series.reset_index(names="row"), on=keys)[["row", "date", "event"]]


def _categories(items: pd.DataFrame | None, item_ids: pd.Series) -> npt.NDArray[np.object_]:
    """Category of each series, `""` where the items table does not say."""
    if items is None:
        return np.full(len(item_ids), "", dtype=object)
    table = check(items, ITEMS)
    known = pd.Series(table["category"].astype(str).to_numpy(), index=table["item_id"].astype(str))
    found: npt.NDArray[np.object_] = item_ids.astype(str).map(known).fillna("").to_numpy(dtype=object)
    return found


def _lay_out(
    series: pd.DataFrame,
    categories: npt.NDArray[np.object_],
    grid: _Grid,
    sold: tuple[Ints, pd.DataFrame],
    priced: tuple[Ints, pd.DataFrame],
    extra: tuple[str, ...],
    shelf: tuple[Ints, pd.DataFrame] | None,
    planned: pd.DataFrame | None,
) -> Panel:
    """Fill the arrays, some series at a time so that the daily grid stays small."""
    n, periods, days = len(series), len(grid.starts), len(grid.days)
    shop_row = pd.factorize(series["shop_id"])[0]
    codes, table = priced
    codes = codes[table.index]
    names = (*extra, *(("event",) if planned is not None else ()))
    out = {name: np.zeros((n, periods)) for name in _SUMMED}
    promotions = np.zeros((len(names), n, periods))
    step = max(1, _CHUNK_CELLS // max(days, 1))
    for first in range(0, n, step):
        rows = slice(first, min(first + step, n))
        units, sales_seen = _spread(
            rows, days, sold[0], np.searchsorted(grid.days, _days_of(sold[1])), sold[1]["units"]
        )
        daily = _daily(rows, days, codes, table, units)
        share = daily["exposure"] = _shelf_share(rows, grid, shelf)
        active = _from_first_to_last(sales_seen) & grid.open_days[shop_row[rows]]
        active &= np.isfinite(daily["log_price"]) & (share >= _BARELY_OPEN)
        for name, values in daily.items():
            out[name][rows] = _by_period(np.where(active, values, 0.0), grid.period, periods)
        for place, name in enumerate(names):
            if name == "event" and planned is not None:
                held = _event_days(rows, grid, planned)
            else:
                held = np.nan_to_num(_hold(rows, days, codes, table["day"], table[name]))
            promotions[place, rows] = _by_period(np.where(active, held, 0.0), grid.period, periods)
    return _finish(series, categories, grid, out, promotions, names)


def _finish(
    series: pd.DataFrame,
    categories: npt.NDArray[np.object_],
    grid: _Grid,
    out: dict[str, Floats],
    promotions: Floats,
    names: tuple[str, ...],
) -> Panel:
    """Turn sums into means and logs, and keep the periods that were observed well enough."""
    full = np.bincount(grid.period, minlength=len(grid.starts))
    observed = out["days"] >= np.maximum(_FEWEST_DAYS_SHARE * full, 1e-9)
    count = np.where(observed, out["days"], 1.0)
    log_cost = out["log_cost"] / count
    cost_known = observed.any(axis=1) & ~(np.isnan(log_cost) & observed).any(axis=1)
    usable = observed & cost_known[:, None]
    log_price, log_relative = out["log_price"] / count, out["log_relative"] / count
    above = np.where(observed, log_price - log_relative, np.nan)
    moves = np.nanmax(above, axis=1, initial=-np.inf) - np.nanmin(above, axis=1, initial=np.inf) > _SAME_MRP
    return Panel(
        shop_ids=series["shop_id"].to_numpy(dtype=object),
        item_ids=series["item_id"].to_numpy(dtype=object),
        categories=categories,
        starts=grid.starts.astype("datetime64[ns]"),
        units=np.where(observed, out["units"], 0.0),
        log_price=np.where(observed, log_price, 0.0),
        log_relative=np.where(observed, log_relative, 0.0) if moves.any() else None,
        log_exposure=np.log(np.where(observed, out["exposure"], 1.0)),
        observed=observed,
        promotions=np.where(observed, promotions / count, 0.0),
        promotion_names=names,
        log_cost=np.where(usable, log_cost, 0.0) if usable.any() else None,
        cost_known=cost_known,
        period_days=grid.period_days,
        doubtful_prices=np.zeros(len(series)),
    )
