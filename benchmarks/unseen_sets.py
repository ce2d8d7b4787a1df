"""Retail data sets the library was not tuned on, as its tables: daily and weekly, with and without covariates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame | None]
KEY = ["shop_id", "item_id", "date"]


@dataclass(frozen=True, slots=True)
class UnseenSet:
    """A data set and how it is asked.

    Parameters
    ----------
    name : str
        Short name.
    frequency : {"D", "W"}
        Daily or weekly.
    horizon : int
        Steps ahead.
    load : callable
        Reads the tables from the folder of the data sets.
    """

    name: str
    frequency: Literal["D", "W"]
    horizon: int
    load: Callable[[Path], Tables]


def weekly(sales: pd.DataFrame, first: str) -> pd.DataFrame:
    """Add days up to whole weeks that begin on the weekday of `first`; an unfinished last week is left out."""
    anchor = pd.Timestamp(first)
    week = anchor + pd.to_timedelta((sales["date"] - anchor).dt.days // 7 * 7, unit="D")
    summed = sales.assign(date=week).groupby(KEY, observed=True, as_index=False)["units"].sum()
    last = sales["date"].max() - pd.Timedelta(days=6)
    return summed[(summed["date"] >= anchor) & (summed["date"] <= last)].reset_index(drop=True)


def sampled(sales: pd.DataFrame, n_series: int, least_rows: int = 1) -> pd.DataFrame:
    """Keep some series at random of those with so many rows."""
    names = sales.groupby(["shop_id", "item_id"], observed=True).size()
    names = names[names >= least_rows].index.sort_values()
    kept = names[np.sort(np.random.default_rng(0).permutation(len(names))[:n_series])]
    return sales[pd.MultiIndex.from_frame(sales[["shop_id", "item_id"]]).isin(kept)].reset_index(drop=True)


def m5(folder: Path, n_series: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Sales, prices and items of some series of M5."""
    table = pd.read_parquet(folder / "m5" / "sales.parquet")
    table = table.iloc[np.sort(np.random.default_rng(1).permutation(len(table))[:n_series])]
    units = np.vstack(table["sales"].to_numpy()).astype(float)
    days = pd.date_range("2011-01-29", periods=units.shape[1])
    sales = pd.DataFrame(
        {
            "shop_id": np.repeat(table["store_id"].astype("str").to_numpy(), len(days)),
            "item_id": np.repeat(table["item_id"].astype("str").to_numpy(), len(days)),
            "date": np.tile(days, len(table)),
            "units": units.ravel(),
        }
    )
    begun = (np.maximum.accumulate(units > 0, axis=1)).ravel()
    calendar = pd.read_parquet(folder / "m5" / "calendar.parquet", columns=["date", "wm_yr_wk"])
    begins = pd.to_datetime(calendar.groupby("wm_yr_wk")["date"].min())
    prices = pd.read_parquet(folder / "m5" / "sell_prices.parquet").astype(
        {"store_id": "str", "item_id": "str"}
    )
    prices = prices.merge(table[["store_id", "item_id"]].astype("str"))
    prices = pd.DataFrame(
        {
            "shop_id": prices["store_id"],
            "item_id": prices["item_id"],
            "date": prices["wm_yr_wk"].map(begins),
            "unit_price": prices["sell_price"].astype(float),
        }
    )
    items = table[["item_id", "dept_id"]].astype("str").rename(columns={"dept_id": "category"})
    return sales[begun], prices, items.drop_duplicates("item_id")


def m5_weekly(folder: Path) -> Tables:
    """300 series of M5 by week, with prices known ahead."""
    sales, prices, items = m5(folder, 300)
    return {"sales": weekly(sales, "2011-01-29"), "prices": prices, "items": items}


def uci_daily(folder: Path) -> Tables:
    """300 items of the UCI gift wholesaler by day, without covariates; closed on Saturdays."""
    table = pd.read_parquet(folder / "uci_online_retail" / "daily_item_long.parquet")
    sales = pd.DataFrame(
        {
            "shop_id": "uk",
            "item_id": table["StockCode"].astype("str"),
            "date": pd.to_datetime(table["date"]),
            "units": table["units"].astype(float),
        }
    )
    return {"sales": sampled(sales, 300, least_rows=40)}


def uci_weekly(folder: Path) -> Tables:
    """The same items by week: one year of history."""
    return {"sales": weekly(uci_daily(folder)["sales"], "2010-12-06")}  # type: ignore[arg-type]


def vegetables(folder: Path) -> Tables:
    """Fresh vegetables of one supermarket by day, kilograms, with category."""
    table = pd.read_parquet(folder / "veg_supermarket_cumcm2023" / "daily_item.parquet")
    sales = pd.DataFrame(
        {
            "shop_id": "market",
            "item_id": table["item_id"].astype("str"),
            "date": pd.to_datetime(table["date"]),
            "units": table["qty_kg"].astype(float).clip(lower=0),
        }
    )
    items = table[["item_id", "category"]].astype("str").drop_duplicates("item_id")
    return {"sales": sampled(sales, 150, least_rows=30), "items": items}


def store_item(folder: Path) -> Tables:
    """120 series of the store-item demand challenge by day."""
    table = pd.read_parquet(folder / "store_item_demand" / "train.parquet")
    sales = pd.DataFrame(
        {
            "shop_id": table["store"].astype("str"),
            "item_id": table["item"].astype("str"),
            "date": pd.to_datetime(table["date"]),
            "units": table["sales"].astype(float),
        }
    )
    return {"sales": sampled(sales, 120)}


def favorita(folder: Path) -> Tables:
    """Transactions of 54 stores by day, national holidays known ahead."""
    source = folder / "favorita_transactions"
    table = pd.read_parquet(source / "transactions.parquet")
    sales = pd.DataFrame(
        {
            "shop_id": table["store_nbr"].astype("str"),
            "item_id": "transactions",
            "date": pd.to_datetime(table["date"]),
            "units": table["transactions"].astype(float),
        }
    )
    held = pd.read_parquet(source / "holidays_events.parquet")
    held = held[(held["locale"] == "National") & ~held["transferred"] & (held["type"] != "Work Day")]
    calendar = pd.DataFrame({"date": pd.to_datetime(held["date"]), "event": held["description"]})
    stores = pd.read_parquet(source / "stores.parquet")
    shops = pd.DataFrame({"shop_id": stores["store_nbr"].astype("str"), "region": stores["state"]})
    return {"sales": sales, "calendar": calendar.drop_duplicates(), "shops": shops}


def complete_journey(folder: Path) -> Tables:
    """Product categories of a household sample by week over one year."""
    source = folder / "completejourney_sample"
    bought = pd.read_parquet(source / "transactions_sample.parquet")
    products = pd.read_parquet(source / "products.parquet")
    bought = bought.merge(products[["product_id", "product_category"]], on="product_id").dropna(
        subset="product_category"
    )
    bought = bought[bought["quantity"] < 100]  # fuel is sold by the thousandth of a gallon
    sales = pd.DataFrame(
        {
            "shop_id": "all",
            "item_id": bought["product_category"].astype("str"),
            "date": pd.to_datetime(bought["transaction_timestamp"]).dt.normalize(),
            "units": bought["quantity"].astype(float),
        }
    )
    sales = sales.groupby(KEY, observed=True, as_index=False)["units"].sum()
    return {"sales": sampled(weekly(sales, "2017-01-02"), 300, least_rows=15)}


SETS = (
    UnseenSet("M5 weekly", "W", 8, m5_weekly),
    UnseenSet("UCI weekly", "W", 4, uci_weekly),
    UnseenSet("UCI daily", "D", 14, uci_daily),
    UnseenSet("vegetables daily", "D", 14, vegetables),
    UnseenSet("store-item daily", "D", 28, store_item),
    UnseenSet("Favorita transactions", "D", 16, favorita),
    UnseenSet("Complete Journey weekly", "W", 4, complete_journey),
)
LEFT_OUT = {"car parts": "monthly; the library forecasts days and weeks"}
