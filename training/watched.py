"""What the monitors of an area watch: the rows that its model is asked with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samaan_ml.exceptions import ParameterError

if TYPE_CHECKING:
    import pandas as pd

    from training.areas import Prepared

__all__ = ["watched_rows"]


def watched_rows(area: str, prepared: Prepared) -> pd.DataFrame:
    """Lay out the columns whose distribution is watched; names of shops, items and customers are not among them.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    prepared : Prepared
        Tables as the prepare job passed them on.

    Returns
    -------
    pandas.DataFrame
        demand: units, weekday and, where stock is known, in_stock_share; price: unit_price and, where known, cost
        and MRP as shares of it; udhaar: kind, amount_paise and days until due.

    Raises
    ------
    ParameterError
        When there is no such area.
    """
    if area == "demand":
        return _demand(prepared)
    if area == "price":
        return _price(prepared)
    if area == "udhaar":
        return _udhaar(prepared)
    raise ParameterError(f"'{area}' is not an area; these are: demand, price, udhaar")


def _demand(prepared: Prepared) -> pd.DataFrame:
    """Sales of items and days, and how full their shelves were."""
    sales, stock = prepared.table("sales"), prepared.data.stock
    rows = sales[["shop_id", "item_id", "date", "units"]].assign(weekday=sales["date"].dt.day_name())
    if stock is not None:
        keys = ["shop_id", "item_id", "date"]
        rows = rows.merge(stock[[*keys, "in_stock_share"]], on=keys, how="left")
    return rows.drop(columns=["shop_id", "item_id", "date"])


def _price(prepared: Prepared) -> pd.DataFrame:
    """Prices, and costs and printed prices in relation to them."""
    prices = prepared.table("prices")
    rows = prices[["unit_price"]].copy()
    for name in ("unit_cost", "mrp"):
        if name in prices:
            rows[f"{name}_share"] = prices[name] / prices["unit_price"].where(prices["unit_price"] > 0)
    return rows


def _udhaar(prepared: Prepared) -> pd.DataFrame:
    """Entries, and how long credit is given for."""
    ledger = prepared.table("ledger")
    given = ledger["at"].dt.tz_localize(None).dt.normalize()
    return ledger[["kind", "amount_paise"]].assign(days_until_due=(ledger["due_on"] - given).dt.days)
