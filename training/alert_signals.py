"""What of a night's answers deserves attention in a shop: rows as the API's alerts are made of.

The kinds and the arithmetic are those of the API's own signals, with the model's demand in the place of last month's
mean; names of customers and items are not among them, the API knows those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.domain.ledger import account
from samaan_ml.domain.ledger_entry import LedgerEntry
from samaan_ml.domain.money import times_quantity
from training.columns import days_of, numbers_of, texts_of
from training.orders import item_attributes, lead_time_days, on_hand_milli
from training.payloads import current_prices, ledger_row

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["alert_rows"]


def alert_rows(
    forecast: pd.DataFrame | None, own: Mapping[str, pa.Table], today: date
) -> list[dict[str, Any]]:
    """Find what a shop should be told, the most rupees first.

    Parameters
    ----------
    forecast : pandas.DataFrame or None
        The shop's forecasts; without them the shelf is not judged.
    own : mapping of str to pyarrow.Table
        The shop's rows of prices, stock and ledger.
    today : date
        The day by which credit falls due.

    Returns
    -------
    list of dict
        kind, subject_id, stake_paise, urgent_in_days, inputs and arithmetic.
    """
    found = [] if forecast is None else list(_shelf(forecast, own))
    found += _overdue(own.get("ledger"), today)
    return sorted(found, key=lambda row: (-row["stake_paise"], row["urgent_in_days"], row["subject_id"]))


def _shelf(forecast: pd.DataFrame, own: Mapping[str, pa.Table]) -> Iterator[dict[str, Any]]:
    """Return what is sold out, or will be before an order arrives."""
    if "prices" not in own:
        return  # no rupees, no stake
    counted, empty = on_hand_milli(own.get("stock")), _sold_out(own.get("stock"))
    prices = current_prices(own["prices"], np.datetime64("9999-12-31", "D"))
    attributes = item_attributes(own.get("items"))
    daily = np.rint(forecast["mean"].to_numpy() * 1000).astype(int)
    for item, places in forecast.groupby("item_id").indices.items():
        if item not in prices or (item not in counted and item not in empty):
            continue
        lead = lead_time_days(attributes, item)
        ahead = daily[places[: lead + 1]]
        on_hand = max(counted.get(item, 0), 0)
        demand = int(ahead.sum())
        lost = demand - min(on_hand, demand)
        if lost <= 0:
            continue
        price = prices[item]["price_paise"]
        yield {
            "kind": "stock_out",
            "subject_id": str(item),
            "stake_paise": times_quantity(price, lost),
            "urgent_in_days": int((np.cumsum(ahead) <= on_hand).sum()),
            "inputs": {
                "price_paise": price,
                "demand_milli": demand,
                "on_hand_milli": on_hand,
                "lead_time_days": lead,
            },
            "arithmetic": "stake = price * (demand of the lead time and a day - on_hand) / 1000",
        }


def _sold_out(stock: pa.Table | None) -> set[str]:
    """Name the items whose shelf was empty all of the last day that was entered."""
    if stock is None or not len(stock):
        return set()
    days, items, shares = days_of(stock), texts_of(stock, "item_id"), numbers_of(stock, "in_stock_share")
    return {items[i] for i in np.flatnonzero((days == days.max()) & (shares == 0))}


def _overdue(ledger: pa.Table | None, today: date) -> Iterator[dict[str, Any]]:
    """Return who is beyond the day on which they said they would pay."""
    if ledger is None:
        return
    khatas: dict[str, list[LedgerEntry]] = defaultdict(list)
    for place, raw in enumerate(ledger.to_pylist()):
        row = ledger_row(raw)
        khatas[row.customer_id].append(
            LedgerEntry(
                entry_id=row.entry_id or f"row-{place}",
                shop_id=str(raw["shop_id"]),
                customer_id=row.customer_id,
                kind=row.kind,
                amount_paise=row.amount_paise,
                at=row.at,
                due_on=row.due_on if row.kind == "credit" else None,
                reverses=row.reverses,
                reason="as entered",  # a table carries none, and the domain asks for one
            )
        )
    for customer, entries in khatas.items():
        stands = account(entries, today)
        if stands.overdue_paise > 0:
            yield {
                "kind": "overdue",
                "subject_id": customer,
                "stake_paise": stands.overdue_paise,
                "urgent_in_days": 0,
                "inputs": {
                    "overdue_paise": stands.overdue_paise,
                    "days_past_due": stands.days_past_due,
                },
                "arithmetic": "stake = overdue",
            }
