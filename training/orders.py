"""Order lists: from a shop's forecasts and shelf to what to order of each item, with the numbers it follows from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.domain.money import times_quantity
from samaan_ml.inventory import PeriodDemand, ReorderAdvice, reorder_advice
from training.columns import days_of, numbers_of, texts_of
from training.payloads import current_prices

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["item_attributes", "lead_time_days", "on_hand_milli", "order_rows"]

_LEAD_TIME_DAYS = 2
"""Days until an order arrives, where the items table has no column lead_time_days."""
_REVIEW_DAYS = 7
_SERVICE_LEVEL = 0.95


def order_rows(forecast: pd.DataFrame, own: Mapping[str, pa.Table], last: date) -> list[dict[str, Any]]:
    """Write a shop's order list, the costliest lines first.

    Parameters
    ----------
    forecast : pandas.DataFrame
        The shop's rows as `samaan score demand` wrote them: item_id, date, mean and quantiles, in units.
    own : mapping of str to pyarrow.Table
        The shop's rows of prices, stock and items, where they are there.
    last : date
        Day of the shop's last entry.

    Returns
    -------
    list of dict
        A row an item. Where the shelf was not counted, the order is null and the reorder point stands alone: who
        knows the shelf subtracts it.
    """
    attributes = item_attributes(own.get("items"))
    prices = current_prices(own["prices"], np.datetime64(last, "D")) if "prices" in own else {}
    shelf = on_hand_milli(own.get("stock"))
    rows = []
    for item, demand, confidence in _demands(forecast, attributes):
        lead = lead_time_days(attributes, item)
        advice = reorder_advice(
            demand,
            shelf.get(item, 0),
            lead_time_days=lead,
            review_days=_REVIEW_DAYS,
            service_level=_SERVICE_LEVEL,
            case_milli=1000 * _whole(attributes.get(item, {}).get("case_units"), 1),
        )
        row = _row(item, advice, item in shelf, prices.get(item, {}).get("cost_paise"))
        rows.append(row | {"confidence": confidence})
    return sorted(rows, key=lambda row: (-(row["cost_paise"] or 0), row["item_id"]))


def _demands(
    forecast: pd.DataFrame, attributes: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, PeriodDemand, str]]:
    """Add each item's days up until the order after next arrives; a short forecast goes as far as it goes."""
    names = [name for name in forecast.columns if name.startswith("q0.")]
    levels = [float(name[1:]) for name in names]
    means, quantiles = forecast["mean"].to_numpy(float), forecast[names].to_numpy(float)
    confidence = forecast["confidence"].astype("str").to_numpy()
    for item, places in forecast.groupby("item_id", sort=True).indices.items():
        days = places[: lead_time_days(attributes, str(item)) + _REVIEW_DAYS]
        loose = attributes.get(str(item), {}).get("loose")
        demand = PeriodDemand.of_quantiles(
            means[days], quantiles[days], levels, family="gamma" if loose else "counts"
        )
        yield str(item), demand, confidence[places[0]]


def on_hand_milli(stock: pa.Table | None) -> dict[str, int]:
    """Return what was counted last of each item, in milli-units; items never counted are absent."""
    if stock is None or "on_hand_units" not in stock.column_names:
        return {}
    units, items = numbers_of(stock, "on_hand_units"), texts_of(stock, "item_id")
    order = np.argsort(days_of(stock), kind="stable")
    return {items[i]: round(float(units[i]) * 1000) for i in order if units[i] == units[i]}


def lead_time_days(attributes: Mapping[str, Mapping[str, Any]], item: str) -> int:
    """Return the days until an order of an item arrives."""
    return _whole(attributes.get(item, {}).get("lead_time_days"), _LEAD_TIME_DAYS)


def _row(item: str, advice: ReorderAdvice, counted: bool, unit_cost: int | None) -> dict[str, Any]:
    """Write one line; an order that rests on an uncounted shelf is left out."""
    order = advice.order_milli if counted else None
    return {
        "item_id": item,
        "demand_mean_milli": advice.demand_mean_milli,
        "reorder_point_milli": advice.reorder_point_milli,
        "safety_stock_milli": advice.safety_stock_milli,
        "lead_time_days": advice.lead_time_days,
        "review_days": advice.review_days,
        "service_level": advice.service_level,
        "case_milli": advice.case_milli,
        "on_hand_milli": advice.on_hand_milli if counted else None,
        "needed_milli": advice.needed_milli if counted else None,
        "cases": advice.cases if counted else None,
        "order_milli": order,
        "unit_cost_paise": unit_cost,
        "cost_paise": None if order is None or unit_cost is None else times_quantity(unit_cost, order),
        "arithmetic": "order = ceil(max(reorder_point - max(on_hand, 0), 0) / case) * case",
    }


def item_attributes(items: pa.Table | None) -> dict[str, Mapping[str, Any]]:
    """Index the items table."""
    return {} if items is None else {str(row["item_id"]): row for row in items.to_pylist()}


def _whole(value: Any, default: int) -> int:
    """Read a whole number of at least one; what is not given is the default."""
    return default if value is None or value != value else max(int(value), 1)
