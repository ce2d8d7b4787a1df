"""Stock that will not sell in time: at risk of expiry, slow, dead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from samaan_ml.exceptions import ParameterError
from samaan_ml.inventory._reorder import milli_up
from samaan_ml.rounding import amounts_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ExpiryRisk:
    """What of a batch will probably be left when it expires, with the arithmetic.

    Parameters
    ----------
    stock_milli : int
        In stock, milli-units.
    days_left : int
        Days until it expires.
    demand_milli : int
        Demand until then at the level below, milli-units.
    level : float
        Chance that no more than that is asked for: a high level calls a batch at risk only when even good
        sales would not clear it.
    at_risk_milli : int
        Stock minus demand, not below 0.
    """

    stock_milli: int
    days_left: int
    demand_milli: int
    level: float
    at_risk_milli: int


def expiry_risk(stock_milli: int, days_left: int, demand_units: float, level: float = 0.9) -> ExpiryRisk:
    """Compare a batch with what can be sold before it expires.

    Parameters
    ----------
    stock_milli : int
        In stock, milli-units.
    days_left : int
        Days until it expires.
    demand_units : float
        Quantile of the demand until then, at `level`, units.
    level : float, default=0.9
        That level.

    Returns
    -------
    ExpiryRisk

    Raises
    ------
    ParameterError
        If a number is out of its range.

    Examples
    --------
    >>> expiry_risk(stock_milli=30_000, days_left=5, demand_units=12.0).at_risk_milli
    18000
    """
    if stock_milli < 0 or days_left < 0 or demand_units < 0:
        raise ParameterError("'stock_milli', 'days_left' and 'demand_units' must be 0 or more")
    if not 0.0 < level < 1.0:
        raise ParameterError(f"'level' must be between 0 and 1; got {level!r}")
    demand = milli_up(demand_units) if days_left > 0 else 0
    return ExpiryRisk(stock_milli, days_left, demand, level, max(stock_milli - demand, 0))


def slow_stock(
    stock: pd.DataFrame, sales: pd.DataFrame, window_days: int = 21, slow_days: int = 60
) -> pd.DataFrame:
    """Find stock that moves slowly or not at all.

    Parameters
    ----------
    stock : pandas.DataFrame
        shop_id, item_id, on_hand_milli and optionally unit_cost_paise.
    sales : pandas.DataFrame
        shop_id, item_id, date, units.
    window_days : int, default=21
        No sale in so many last days is dead stock.
    slow_days : int, default=60
        More days of cover than this, at the window's pace, is slow stock.

    Returns
    -------
    pandas.DataFrame
        shop_id, item_id, on_hand_milli, sold_milli (in the window), days_since_sale (-1 where none is known),
        cover_days (infinite where nothing sold), state ("moving", "slow", "dead"), and value_paise where
        costs are given; most money first.

    Raises
    ------
    ParameterError
        If a number of days is not positive.
    """
    if window_days < 1 or slow_days < 1:
        raise ParameterError("'window_days' and 'slow_days' must be 1 or more")
    keys = ["shop_id", "item_id"]
    last_day = sales["date"].max()
    sold = sales[sales["units"] > 0]
    recent = sold[sold["date"] > last_day - np.timedelta64(window_days, "D")]
    by_item = recent.groupby(keys, observed=True)["units"].sum().rename("sold_milli").mul(1000).round()
    latest = sold.groupby(keys, observed=True)["date"].max().rename("latest")
    table = stock[stock["on_hand_milli"] > 0].merge(by_item, "left", on=keys).merge(latest, "left", on=keys)
    table["sold_milli"] = table["sold_milli"].fillna(0).astype("int64")
    since = (last_day - table["latest"]).dt.days
    table["days_since_sale"] = since.fillna(-1).astype("int64")
    pace = table["sold_milli"].to_numpy() / window_days
    on_hand = table["on_hand_milli"].to_numpy()
    table["cover_days"] = np.divide(on_hand, pace, out=np.full(len(table), np.inf), where=pace > 0)
    slow = np.where(table["cover_days"] > slow_days, "slow", "moving")
    table["state"] = np.where(table["sold_milli"] == 0, "dead", slow)
    columns = [*keys, "on_hand_milli", "sold_milli", "days_since_sale", "cover_days", "state"]
    if "unit_cost_paise" in table.columns:
        table["value_paise"] = amounts_of(
            table["unit_cost_paise"].to_numpy(), table["on_hand_milli"].to_numpy()
        )
        columns.append("value_paise")
    return table[columns].sort_values(columns[-1], ascending=False, ignore_index=True, kind="stable")
