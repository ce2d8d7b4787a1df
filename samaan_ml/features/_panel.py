"""The dense form of the tables that every forecaster learns from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Calendar", "Panel"]

Floats = npt.NDArray[np.float32]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known ahead of each day, region by region.

    Parameters
    ----------
    dates : ndarray of datetime64[D], shape (n_known,)
        The panel's dates and, after them, the days ahead for which something is known.
    events : tuple of str
        Names of the events.
    occurs : ndarray of bool, shape (n_regions, n_known, n_events)
        Whether the event holds in the region on the date (on any day of the week, for weeks).
    covariates : tuple of str
        Names of the calendar's further numeric columns.
    values : ndarray of float32, shape (n_regions, n_known, n_covariates)
        Their values, NaN where unknown.
    region_of_series : ndarray of int32, shape (n_series,)
        The region each series lies in.
    """

    dates: Days
    events: tuple[str, ...]
    occurs: npt.NDArray[np.bool_]
    covariates: tuple[str, ...]
    values: Floats
    region_of_series: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Panel:
    """Every series of every shop as one dense matrix, with what is known beside it.

    Parameters
    ----------
    units : ndarray of float32, shape (n_series, n_dates)
        Units sold. 0 is a day on which the shop had other sales and this item none; NaN is a day that is
        unknown: before the item's first row, or one on which the shop has no row at all (closed or not
        entered).
    dates : ndarray of datetime64[D], shape (n_dates,)
        The days, or the first days of the weeks, without gaps.
    frequency : {"D", "W"}
        What a column is.
    series : pandas.DataFrame, shape (n_series, 2 + n_attributes)
        shop_id, item_id, then the attributes of item and shop as given.
    shop_of_series : ndarray of int32, shape (n_series,)
        Number of the shop of each series, in the order of `shop_open`'s rows.
    shop_open : ndarray of bool, shape (n_shops, n_dates)
        Whether the shop has any row on the date.
    calendar : Calendar
        Events and covariates, known ahead.
    in_stock_share : ndarray of float32, shape (n_series, n_dates), or None, default=None
        Share of the opening hours with stock on the shelf, NaN where not recorded; None without the table.
    unit_price : ndarray of float32, shape (n_series, n_known), or None, default=None
        Price, held until the next one and on into the known future; NaN before the first; None without
        the table. `n_known` is the length of `calendar.dates`.
    price_covariates : tuple of str, default=()
        Names of further numeric columns of the prices table.
    price_values : ndarray of float32, shape (n_price_covariates, n_series, n_known), or None, default=None
        Their values, held like the price.
    notes : tuple of str, default=()
        What had to be put right while the tables were read.
    """

    units: Floats
    dates: Days
    frequency: Literal["D", "W"]
    series: pd.DataFrame
    shop_of_series: npt.NDArray[np.int32]
    shop_open: npt.NDArray[np.bool_]
    calendar: Calendar
    in_stock_share: Floats | None = None
    unit_price: Floats | None = None
    price_covariates: tuple[str, ...] = ()
    price_values: Floats | None = None
    notes: tuple[str, ...] = ()

    @property
    def n_series(self) -> int:
        """Count the series."""
        return int(self.units.shape[0])

    @property
    def n_dates(self) -> int:
        """Count the dates with a history."""
        return int(self.units.shape[1])

    @property
    def unique_id(self) -> npt.NDArray[np.str_]:
        """Name the series in the Nixtla form `shop/item`."""
        shops, items = self.series["shop_id"].astype("str"), self.series["item_id"].astype("str")
        return np.asarray(shops + "/" + items, dtype=np.str_)

    def first_sale(self) -> npt.NDArray[np.int64]:
        """Find the position of each series' first date with a sale; `n_dates` where nothing was ever sold."""
        sold = np.empty(self.n_series, dtype=np.int64)
        for start in range(0, self.n_series, 4096):  # in blocks: a mask of the whole matrix would be large
            positive = self.units[start : start + 4096] > 0
            sold[start : start + 4096] = np.where(positive.any(axis=1), positive.argmax(axis=1), self.n_dates)
        return sold

    def future_dates(self, horizon: int) -> Days:
        """List the `horizon` dates after the last one."""
        step = 7 if self.frequency == "W" else 1
        ahead: Days = self.dates[-1] + np.arange(1, horizon + 1) * np.timedelta64(step, "D")
        return ahead

    def until(self, n_dates: int) -> Panel:
        """Cut the history after `n_dates` dates; what was known ahead stays known.

        Prices and calendar keep their whole length, as they were announced; a leak test that wants them
        forgotten has to cut the tables.
        """
        stock = None if self.in_stock_share is None else self.in_stock_share[:, :n_dates]
        return replace(
            self,
            units=self.units[:, :n_dates],
            dates=self.dates[:n_dates],
            shop_open=self.shop_open[:, :n_dates],
            in_stock_share=stock,
        )

    def take(self, rows: npt.NDArray[np.int64]) -> Panel:
        """Keep some of the series, in the order given."""
        calendar = replace(self.calendar, region_of_series=self.calendar.region_of_series[rows])
        return replace(
            self,
            units=self.units[rows],
            series=self.series.iloc[rows].reset_index(drop=True),
            shop_of_series=self.shop_of_series[rows],
            calendar=calendar,
            in_stock_share=None if self.in_stock_share is None else self.in_stock_share[rows],
            unit_price=None if self.unit_price is None else self.unit_price[rows],
            price_values=None if self.price_values is None else self.price_values[:, rows],
        )
