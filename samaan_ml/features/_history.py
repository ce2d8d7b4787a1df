"""Histories of series without pandas: what a fitted engine forecasts from, for every caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from samaan_ml.features._panel import Calendar, Panel

__all__ = ["History", "as_history", "as_panel"]

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class History:
    """Series of one or more shops that end on the same date, and what is known ahead of them.

    Parameters
    ----------
    units : ndarray of float32, shape (n_series, n_dates)
        Units sold, NaN where unknown.
    shops, items : tuple of str
        Shop and item of each series.
    attributes : mapping of str to tuple of str
        Attributes of the series beside shop and item, one value a series; an unknown value is empty.
    calendar : Calendar
        Events and covariates over the dates of the units and at least the dates to forecast.
    in_stock_share : ndarray of float32, shape (n_series, n_dates), or None, default=None
        Share of the day with stock, NaN where not recorded; None without the table.
    unit_price : ndarray of float32, shape (n_series, n_known), or None, default=None
        Price, held until the next one; None without the table. `n_known` is the length of `calendar.dates`.
    price_covariates : tuple of str, default=()
        Names of further numeric columns by series and date.
    price_values : ndarray of float32, shape (n_price_covariates, n_series, n_known), or None, default=None
        Their values.
    calendar_features : tuple of ndarray or None, default=None
        What `calendar_arrays` makes of the calendar, where it is known already.
    """

    units: Floats
    shops: tuple[str, ...]
    items: tuple[str, ...]
    attributes: Mapping[str, tuple[str, ...]]
    calendar: Calendar
    in_stock_share: Floats | None = None
    unit_price: Floats | None = None
    price_covariates: tuple[str, ...] = ()
    price_values: Floats | None = None
    calendar_features: tuple[Floats, npt.NDArray[np.int32]] | None = field(default=None, repr=False)

    @property
    def frequency(self) -> Literal["D", "W"]:
        """What a column is, by the distance of the dates."""
        dates = self.calendar.dates
        weekly = len(dates) > 1 and dates[1] - dates[0] == np.timedelta64(7, "D")
        return "W" if weekly else "D"

    @property
    def n_series(self) -> int:
        """Count the series."""
        return int(self.units.shape[0])

    @property
    def n_dates(self) -> int:
        """Count the dates with a history."""
        return int(self.units.shape[1])

    @property
    def first_day(self) -> int:
        """Days from 1970 of the first column."""
        return int(self.calendar.dates[0].astype("datetime64[D]").astype(np.int64))

    def column(self, name: str) -> tuple[str, ...] | None:
        """Return an attribute's values, shop and item included; None for an attribute that is not given."""
        if name == "shop_id":
            return self.shops
        return self.items if name == "item_id" else self.attributes.get(name)

    def first_sale(self) -> npt.NDArray[np.int64]:
        """Find the first column with a sale of each series; `n_dates` where nothing was sold."""
        out = np.empty(self.n_series, dtype=np.int64)
        for start in range(0, self.n_series, 4096):
            sold = self.units[start : start + 4096] > 0
            out[start : start + 4096] = np.where(sold.any(axis=1), sold.argmax(axis=1), self.n_dates)
        return out

    def shop_numbers(self) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
        """List the shops, and number the shop of each series."""
        names = tuple(dict.fromkeys(self.shops))
        place = {name: number for number, name in enumerate(names)}
        return names, np.array([place[shop] for shop in self.shops], dtype=np.int32)

    def with_known(self, known: Mapping[str, Mapping[str, Mapping[str, str]]]) -> History:
        """Fill in attributes that were not given from those a model remembers.

        Parameters
        ----------
        known : mapping
            By "item_id" and "shop_id": the attributes of each id.
        """
        attributes = dict(self.attributes)
        for key, ids in (("item_id", self.items), ("shop_id", self.shops)):
            rows = [known[key].get(one, {}) for one in ids]
            for name in sorted({name for row in rows for name in row}):
                given = attributes.get(name, ("",) * self.n_series)
                attributes[name] = tuple(
                    value or row.get(name, "") for value, row in zip(given, rows, strict=True)
                )
        return replace(self, attributes=attributes)


def as_history(source: Panel | History) -> History:
    """Take a panel's arrays and attributes as a history; a history stays as it is."""
    if isinstance(source, History):
        return source
    panel, series = source, source.series
    names = [str(name) for name in series.columns if name not in ("shop_id", "item_id")]
    return History(
        units=panel.units,
        shops=tuple(series["shop_id"].astype("str")),
        items=tuple(series["item_id"].astype("str")),
        attributes={name: _texts(series[name]) for name in names},
        calendar=panel.calendar,
        in_stock_share=panel.in_stock_share,
        unit_price=panel.unit_price,
        price_covariates=panel.price_covariates,
        price_values=panel.price_values,
    )


def as_panel(history: History) -> Panel:
    """Write a history as a panel; loads pandas, which most answers do without."""
    import pandas as pd

    names, shop = history.shop_numbers()
    texts = {name: [value or None for value in values] for name, values in history.attributes.items()}
    entered = np.zeros((len(names), history.n_dates), dtype=np.bool_)
    for number in range(len(names)):
        entered[number] = ~np.isnan(history.units[shop == number]).all(axis=0)
    return Panel(
        units=history.units,
        dates=history.calendar.dates[: history.n_dates],
        frequency=history.frequency,
        series=pd.DataFrame({"shop_id": history.shops, "item_id": history.items, **texts}),
        shop_of_series=shop,
        shop_open=entered,
        calendar=history.calendar,
        in_stock_share=history.in_stock_share,
        unit_price=history.unit_price,
        price_covariates=history.price_covariates,
        price_values=history.price_values,
    )


def _texts(values: object) -> tuple[str, ...]:
    """Write an attribute's values as text; a missing one is empty."""
    column = values  # a pandas Series; typed loosely, as this module does not import pandas
    known = column.notna().to_numpy()  # type: ignore[attr-defined]
    text = column.astype("str").to_numpy()  # type: ignore[attr-defined]
    return tuple(str(one) if ok else "" for one, ok in zip(text, known, strict=True))
