"""Tables in, requests out; answers in, tables out: how batch jobs and CSV or Parquet bodies reach a model.

A table is a `pyarrow.Table` with the columns of `samaan_ml.tables`. Whatever is answered to a table is what
would have been answered to the messages it stands for, digit by digit, since it is answered by them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.customer_messages import LedgerRow, PromiseRow, RiskAnswer, RiskRequest
from samaan_ml.domain.gst import split_price, stated_rate_bp
from samaan_ml.domain.messages import (
    MAX_DAYS,
    MAX_ITEMS,
    Answer,
    BudgetAnswer,
    Event,
    ForecastAnswer,
    ForecastRequest,
    ItemHistory,
    Request,
)
from samaan_ml.domain.money import rupees_to_paise
from samaan_ml.domain.price_messages import PriceAnswer, PriceItem, PriceRequest
from samaan_ml.exceptions import DataError
from training.columns import column_of, days_of, lookup_of, numbers_of, table_of, texts_of
from training.covariates import calendar_covariates, covariate, further_columns, known_values

if TYPE_CHECKING:
    import pyarrow as pa

    Tables = Mapping[str, pa.Table]

__all__ = [
    "answer_rows",
    "current_prices",
    "forecast_requests",
    "ledger_row",
    "price_requests",
    "requests_for",
    "risk_requests",
]

_RATE_DAYS = 28
_YES = ("true", "1", "1.0", "yes")
_DAY = np.timedelta64(1, "D")
_LARGEST = 10**15
"""In thousandths of a unit: far beyond what a shop sells, and what a whole number of 64 bits holds."""


def requests_for(area: str, tables: Tables, shop_id: str, horizon_days: int = 14) -> list[Request]:
    """Write the requests that one shop's tables stand for.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    tables : mapping of str to pyarrow.Table
        The shop's own rows of each table.
    shop_id : str
        The shop.
    horizon_days : int, default=14
        Days ahead, for demand.

    Raises
    ------
    DataError
        When a table or a column is missing.
    """
    if area == "demand":
        return list(forecast_requests(tables, shop_id, horizon_days))
    return list(price_requests(tables, shop_id) if area == "price" else risk_requests(tables, shop_id))


# --- demand


def forecast_requests(tables: Tables, shop_id: str, horizon_days: int) -> Iterator[ForecastRequest]:
    """Ask for the days after the last day of a shop's sales, in parts where it has very many items."""
    grid = _Grid.of(table_of(tables, "sales"))
    shares = grid.spread(tables.get("stock", tables["sales"]), "in_stock_share")
    priced = _price_table(tables)
    prices = None if priced is None else grid.held(priced, "unit_price", horizon_days)
    names = [] if priced is None else further_columns(priced)
    further = {name: grid.held(priced, name, horizon_days) for name in names}
    categories = lookup_of(tables.get("items"), "item_id", "category")
    region = lookup_of(tables.get("shops"), "shop_id", "region").get(shop_id)
    events = tuple(_events(tables.get("calendar"), region))
    calendar = tables.get("calendar")
    known = () if calendar is None else calendar_covariates(calendar, days_of(calendar), region)
    histories = [
        _history(grid, place, categories, shares, prices, further) for place in range(len(grid.item_ids))
    ]
    for start in range(0, len(histories), MAX_ITEMS):
        part = tuple(histories[start : start + MAX_ITEMS])
        yield ForecastRequest(shop_id, region, horizon_days, part, events, covariates=known)


@dataclass(frozen=True)
class _Grid:
    """A shop's sales as items by days: NaN before an item's first day and where the shop was closed.

    Parameters
    ----------
    item_ids : list of str
        Rows, sorted.
    first : numpy.datetime64
        Day of the first column.
    units : float array (n_items, n_days)
        Units sold.
    starts : int array (n_items,)
        Column of each item's first row.
    """

    item_ids: list[str]
    first: np.datetime64
    units: npt.NDArray[np.float64]
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, sales: pa.Table) -> _Grid:
        """Lay sales out."""
        days, items = days_of(sales), texts_of(sales, "item_id")
        if not len(days):
            raise DataError("table 'sales' has no rows")
        item_ids, row = np.unique(items, return_inverse=True)
        first = max(days.min(), days.max() - np.timedelta64(MAX_DAYS - 1, "D"))
        column = ((days - first) / _DAY).astype(int)
        kept = column >= 0
        n_days = int((days.max() - first) / _DAY) + 1
        starts = np.full(len(item_ids), n_days, dtype=np.intp)
        np.minimum.at(starts, row, np.maximum(column, 0))
        is_open = np.zeros(n_days, dtype=bool)
        is_open[column[kept]] = True
        units = np.full((len(item_ids), n_days), np.nan)
        units[:, is_open] = 0.0
        units[row[kept], column[kept]] = numbers_of(sales, "units")[kept]
        return cls(item_ids.tolist(), first, units, starts)

    def spread(self, table: pa.Table | None, name: str) -> npt.NDArray[np.float64] | None:
        """Lay a column of another table out on the same grid; NaN where it says nothing."""
        if table is None or name not in table.column_names:
            return None
        row, column = self.places(table)
        kept = (row >= 0) & (column >= 0) & (column < self.units.shape[1])
        values = np.full(self.units.shape, np.nan)
        values[row[kept], column[kept]] = numbers_of(table, name)[kept]
        return values

    def held(self, table: pa.Table, name: str, horizon: int) -> npt.NDArray[np.float64]:
        """Lay a column out with the days ahead, each value holding until the next; NaN before the first."""
        row, column = self.places(table)
        width = self.units.shape[1] + horizon
        kept = (row >= 0) & (column < width)
        order = np.argsort(column[kept], kind="stable")
        values = np.full((len(self.item_ids), width), np.nan)
        # An earlier value holds on the first day.
        values[row[kept][order], np.maximum(column[kept][order], 0)] = numbers_of(table, name)[kept][order]
        known = np.where(np.isnan(values), -1, np.arange(width))
        last = np.maximum.accumulate(known, axis=1)
        return np.where(last >= 0, np.take_along_axis(values, np.maximum(last, 0), axis=1), np.nan)

    def places(self, table: pa.Table) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Find the row and column of each row of another table; -1 for items without sales."""
        place = {item: i for i, item in enumerate(self.item_ids)}
        row = np.array([place.get(item, -1) for item in texts_of(table, "item_id")], dtype=np.intp)
        return row, ((days_of(table) - self.first) / _DAY).astype(np.intp)


def _price_table(tables: Tables) -> pa.Table | None:
    """Return the table that holds the prices and what else is planned: the sales themselves may."""
    source = tables.get("prices")
    if source is None and "unit_price" in table_of(tables, "sales").column_names:
        source = tables["sales"]
    return source if source is not None and len(source) else None


def _history(
    grid: _Grid,
    place: int,
    categories: Mapping[str, str],
    shares: npt.NDArray[np.float64] | None,
    prices: npt.NDArray[np.float64] | None,
    further: Mapping[str, npt.NDArray[np.float64]],
) -> ItemHistory:
    """Write one item's history."""
    item, start = grid.item_ids[place], int(grid.starts[place])
    first = (grid.first + start * _DAY).astype(date)
    return ItemHistory(
        item_id=item,
        category=categories.get(item),
        start=first,
        units_milli=_whole(grid.units[place, start:], 1000),
        in_stock_share=None if shares is None else known_values(shares[place, start:]),
        price_paise=None if prices is None else _whole(prices[place, start:], 100),
        covariates=tuple(covariate(name, first, values[place, start:]) for name, values in further.items()),
    )


def _whole(numbers: npt.NDArray[np.float64], parts: int) -> tuple[int | None, ...]:
    """Round to whole numbers of parts; None where there is none.

    Raises
    ------
    DataError
        When one is larger than any that could be counted.
    """
    if np.nanmax(np.abs(numbers), initial=0.0) > _LARGEST / parts:
        raise DataError(f"a number of units, or a price, is larger than {_LARGEST // parts}")
    values = numbers * parts
    if not np.isnan(values).any():
        return tuple(np.rint(values).astype(int).tolist())
    return tuple(None if value != value else round(value) for value in values.tolist())


def _events(calendar: pa.Table | None, region: str | None) -> Iterator[Event]:
    """Go through the festivals of a region."""
    if calendar is None:
        return
    regions = calendar["region"].to_pylist() if "region" in calendar.column_names else [None] * len(calendar)
    names = column_of(calendar, "event").to_pylist()
    for day, name, place in zip(days_of(calendar), names, regions, strict=True):
        if name and (place is None or region is None or place == region):  # a row may carry numbers only
            yield Event(day.astype(date), str(name))


# --- price


def price_requests(tables: Tables, shop_id: str) -> Iterator[PriceRequest]:
    """Ask for the prices of the items that a shop has a price for, as of its last day of sales."""
    grid, prices = _Grid.of(table_of(tables, "sales")), table_of(tables, "prices")
    last = grid.first + (grid.units.shape[1] - 1) * _DAY
    with np.errstate(invalid="ignore"):
        recent = grid.units[:, -_RATE_DAYS:]
        rate = np.divide(np.nansum(recent, axis=1), np.maximum((~np.isnan(recent)).sum(axis=1), 1))
    about = tables.get("items")
    categories, hsn = (lookup_of(about, "item_id", name) for name in ("category", "hsn"))
    rates, percents = (lookup_of(about, "item_id", name) for name in ("gst_rate_bp", "gst_percent"))
    taxed_costs = lookup_of(about, "item_id", "cost_includes_gst")
    items = []
    for item, current in current_prices(prices, last).items():
        if item in grid.item_ids:
            tax = stated_rate_bp(rates.get(item), percents.get(item))
            if taxed_costs.get(item, "").casefold() in _YES and tax and current["cost_paise"] is not None:
                current["cost_paise"] = split_price(current["cost_paise"], tax).net_paise
            items.append(
                PriceItem(
                    item_id=item,
                    category=categories.get(item, "all"),
                    daily_milli=round(float(rate[grid.item_ids.index(item)]) * 1000),
                    hsn=hsn.get(item),
                    gst_rate_bp=tax,
                    **current,
                )
            )
    for start in range(0, len(items), MAX_ITEMS):
        yield PriceRequest(shop_id, last.astype(date), tuple(items[start : start + MAX_ITEMS]))


def current_prices(prices: pa.Table, last: np.datetime64) -> dict[str, dict[str, Any]]:
    """Return each item's price on a day, with its cost and printed price, and when it last changed."""
    days, items, price = days_of(prices), texts_of(prices, "item_id"), numbers_of(prices, "unit_price")
    cost, mrp = (
        numbers_of(prices, name) if name in prices.column_names else np.full(len(prices), np.nan)
        for name in ("unit_cost", "mrp")
    )
    current: dict[str, dict[str, Any]] = {}
    for i in np.argsort(days, kind="stable"):
        if days[i] > last:
            break
        before = current.get(items[i])
        paise = rupees_to_paise(float(price[i]))
        changed = before is None or before["price_paise"] != paise
        current[items[i]] = {
            "price_paise": paise,
            "cost_paise": None if np.isnan(cost[i]) else rupees_to_paise(float(cost[i])),
            "mrp_paise": None if np.isnan(mrp[i]) else rupees_to_paise(float(mrp[i])),
            "last_change_on": days[i].astype(date) if before is None or changed else before["last_change_on"],
        }
    return current


# --- risk


def risk_requests(tables: Tables, shop_id: str) -> Iterator[RiskRequest]:
    """Ask about every customer of a shop as of its ledger's last entry."""
    ledger = table_of(tables, "ledger")
    rows = [ledger_row(each) for each in ledger.to_pylist()]
    if not rows:
        raise DataError("table 'ledger' has no rows")
    customers = sorted({row.customer_id for row in rows})
    as_of = max(row.at for row in rows)
    # A shop without a row of promises is not one that keeps none: then they are unknown.
    said = [_promise_row(each) for each in tables["promises"].to_pylist()] if "promises" in tables else None
    promises = None if said is None else tuple(said)
    for start in range(0, len(customers), MAX_ITEMS):
        yield RiskRequest(shop_id, as_of, tuple(customers[start : start + MAX_ITEMS]), tuple(rows), promises)


def _instant(value: Any) -> datetime:
    """Read an instant; one without a zone is in UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _day(value: Any) -> date:
    """Read a day."""
    day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return day.date() if isinstance(day, datetime) else day


def _promise_row(raw: Mapping[str, Any]) -> PromiseRow:
    """Read one promise."""
    return PromiseRow(
        str(raw["customer_id"]), int(raw["amount_paise"]), _instant(raw["made_at"]), _day(raw["pay_by"])
    )


def ledger_row(raw: Mapping[str, Any]) -> LedgerRow:
    """Read one ledger row."""
    due = raw.get("due_on")
    return LedgerRow(
        customer_id=str(raw["customer_id"]),
        at=_instant(raw["at"]),
        kind=raw["kind"],
        amount_paise=int(raw["amount_paise"]),
        due_on=None if due is None else _day(due),
        entry_id=raw.get("entry_id"),
        reverses=raw.get("reverses"),
    )


# --- answers


def answer_rows(request: Request, answer: Answer) -> list[dict[str, Any]]:
    """Write an answer as rows of a table, with the model's version in each."""
    shared = {"shop_id": request.shop_id}
    if isinstance(answer, ForecastAnswer):
        rows: Iterable[dict[str, Any]] = _forecast_rows(answer)
    elif isinstance(answer, PriceAnswer):
        rows = ({**_flat(asdict(each)), "on": getattr(request, "on", None)} for each in answer.items)
    elif isinstance(answer, BudgetAnswer):
        rows = (asdict(line) for line in answer.lines)
    else:
        rows = _risk_rows(answer, getattr(request, "as_of", None))
    return [{**shared, **row, "model_version": answer.model_version} for row in rows]


def _forecast_rows(answer: ForecastAnswer) -> Iterator[dict[str, Any]]:
    """One row an item and day, in units."""
    for item in answer.items:
        for day in item.days:
            yield {
                "item_id": item.item_id,
                "date": day.on,
                "mean": day.mean_milli / 1000,
                **{f"q{each.level:g}": each.milli / 1000 for each in day.quantiles},
                "confidence": item.confidence,
                "method": item.method,
            }


def _risk_rows(answer: RiskAnswer, as_of: datetime | None) -> Iterator[dict[str, Any]]:
    """One row a customer."""
    for customer in answer.customers:
        yield {**_flat(asdict(customer)), "as_of": as_of}


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write what has parts of its own as JSON."""
    return {
        name: json.dumps(value, default=str, sort_keys=True)
        if isinstance(value, dict | list | tuple)
        else value
        for name, value in values.items()
    }
