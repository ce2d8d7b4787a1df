"""Demand under stock-outs on FreshRetailNet-50K: recovery of censored days, and forecasts of in-stock days.

Recovery: a quarter of the days in stock all business hours is cut off at a random hour, busy days more
often, and the library restores them from what is left. Forecast: 14 days are forecast by the same model from
sales as they are, from sales without the sold-out days, and with the stock table; scored on in-stock days, at
several origins a horizon apart, the last of them 14 days before the data end.

    python benchmarks/freshretail.py --data DIR [--series 4000] [--origins 2] [--out FILE]

DIR holds freshretailnet50k/ (daily.parquet, hourly_sample.parquet).
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml import metrics
from samaan_ml.features import Panel, build_panel
from samaan_ml.forecasting import DemandForecaster, ETSForecaster, restore_demand

Floats = npt.NDArray[np.float64]

OPEN, CLOSE = 6, 22
HORIZON = 14


def recovery(folder: Path, seed: int = 1) -> list[dict[str, Any]]:
    """Cut days off at a random hour and score what comes back."""
    hourly = pd.read_parquet(folder / "hourly_sample.parquet").sort_values(["store_id", "product_id", "dt"])
    keys = hourly[["store_id", "product_id"]].drop_duplicates()
    shape = (len(keys), -1, 24)
    sale = np.vstack(hourly["hourly_sale"].to_numpy()).astype(float).reshape(shape)
    empty = np.vstack(hourly["hourly_stockout"].to_numpy()).reshape(shape) == 1
    full = ~empty[:, :, OPEN:CLOSE].any(axis=2)
    day = sale.sum(axis=2)
    rng = np.random.default_rng(seed)
    usual = np.nan_to_num(np.where(full, day, 0).sum(axis=1) / np.maximum(full.sum(axis=1), 1))[:, None]
    busy = np.where(full, np.minimum(day / np.maximum(usual, 1e-9), 5) + 0.5, 0.0)
    cut_off = full & (rng.random(full.shape) < 0.25 * busy / busy[full].mean())
    hour = rng.integers(OPEN + 3, CLOSE - 1, full.shape)
    lost = cut_off[:, :, None] & (np.arange(24) >= hour[:, :, None])
    sold, closed = np.where(lost, 0.0, sale).sum(axis=2), empty | lost
    profile = sale[full].sum(axis=0)[OPEN:CLOSE] / sale[full].sum(axis=0)[OPEN:CLOSE].sum()
    shares = {
        "hours": 1.0 - closed[:, :, OPEN:CLOSE].mean(axis=2),
        "hours weighted by the usual sale": (~closed)[:, :, OPEN:CLOSE] @ profile,
    }
    rows = [_recovered("sales as they are", sold, day, cut_off)]
    in_stock = np.where(full & ~cut_off, day, np.nan)
    mean = np.nansum(in_stock, axis=1) / np.maximum((~np.isnan(in_stock)).sum(axis=1), 1)
    rows.append(
        _recovered("mean of the in-stock days", np.repeat(mean[:, None], day.shape[1], 1), day, cut_off)
    )
    for name, share in shares.items():
        rows.append(
            _recovered(f"divided by the share of {name}", sold / np.maximum(share, 1 / 16), day, cut_off)
        )
    for name, share in shares.items():
        begin = time.process_time()
        restored = restore_demand(sold, share, season=7, items=keys["product_id"].to_numpy())
        row = _recovered(f"restore_demand, share of {name}", restored.demand, day, cut_off)
        rows.append(row | {"cpu_seconds": round(time.process_time() - begin, 2)})
    return rows


def _recovered(
    name: str, estimate: npt.NDArray[Any], truth: Floats, where: npt.NDArray[np.bool_]
) -> dict[str, Any]:
    """Score an estimate on the days that were cut off."""
    actual, guess = truth[where][None], np.asarray(estimate, dtype=float)[where][None]
    return {"method": name, "wape": metrics.wape(actual, guess), "bias": metrics.bias(actual, guess)}


def forecasts(folder: Path, n_series: int, n_origins: int, seed: int = 0) -> list[dict[str, Any]]:
    """Forecast from sales, from sales without sold-out days, and with the stock table, at every origin."""
    panel = _panel(folder, n_series, seed)
    origins = [panel.n_dates - HORIZON * back for back in range(1, n_origins + 1)]
    return [row for origin in origins for row in _forecasts_at(panel, origin)]


def _forecasts_at(panel: Panel, origin: int) -> list[dict[str, Any]]:
    """Forecast from what was known at one origin, and score the in-stock days after it."""
    window = slice(origin, origin + HORIZON)
    share = np.nan_to_num(np.asarray(panel.in_stock_share), nan=1.0)
    actual = np.where(share[:, window] >= 1.0, panel.units[:, window].astype(float), np.nan)
    past = panel.until(origin)
    dropped = np.where(share[:, :origin] < 1.0, np.float32(np.nan), past.units)
    variants = {
        "sales as they are": replace(past, in_stock_share=None),
        "without sold-out days": replace(past, in_stock_share=None, units=dropped),
        "with the stock table": past,
    }
    rows = []
    for kind in (DemandForecaster, ETSForecaster):
        raw = 0.0
        for name, variant in variants.items():
            begin = time.process_time()
            forecast = kind(horizon=HORIZON).fit_panel(variant).predict_panel(variant)
            mean, median = forecast.mean, forecast.quantiles[:, :, 1]
            score = metrics.wape(actual, mean)
            raw = raw or score
            rows.append(
                {
                    "origin": origin,
                    "model": kind.__name__,
                    "learns from": name,
                    "wape": score,
                    "relative": score / raw,
                    "bias": metrics.bias(actual, mean),
                    "wape of median": metrics.wape(actual, median),
                    "wape of unbiased mean": metrics.wape(actual, mean / (1.0 + metrics.bias(actual, mean))),
                    "cpu_seconds": round(time.process_time() - begin, 1),
                }
            )
    return rows


def over_origins(rows: list[dict[str, Any]]) -> list[dict[Any, Any]]:
    """Average the scores over the origins, with the spread of the ratio to sales as they are."""
    grouped = pd.DataFrame(rows).groupby(["model", "learns from"], sort=False)
    mean = grouped.mean(numeric_only=True).drop(columns="origin")
    mean.insert(2, "+-", grouped["relative"].std())
    return mean.reset_index().to_dict("records")


def _panel(folder: Path, n_series: int, seed: int) -> Panel:
    """Lay a sample of the stores out: whole stores, so that what is learned across items is there to learn."""
    daily = pd.read_parquet(folder / "daily.parquet")
    sizes = daily.groupby("store_id")["product_id"].nunique()
    order = np.random.default_rng(seed).permutation(sizes.index.to_numpy())
    stores = order[: int(np.searchsorted(sizes.loc[order].cumsum().to_numpy(), n_series)) + 1]
    daily = daily[daily["store_id"].isin(stores)]
    table = pd.DataFrame(
        {
            "shop_id": daily["store_id"].astype("str"),
            "item_id": daily["product_id"].astype("str"),
            "date": pd.to_datetime(daily["dt"]),
            "units": daily["sale_amount"].astype(float),
            "in_stock_share": 1.0 - daily["stockout_hours_6_22"] / (CLOSE - OPEN),
            "unit_price": daily["discount"].astype(float),
        }
    )
    key = ["shop_id", "item_id", "date"]
    stock, prices = table[[*key, "in_stock_share"]], table[[*key, "unit_price"]]
    return build_panel(table[[*key, "units"]], prices=prices, stock=stock, horizon=HORIZON)


def main() -> None:
    """Run both parts, print the tables, write them as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--series", type=int, default=4000, help="series to forecast (default 4000 of 50000)")
    parser.add_argument("--origins", type=int, default=2, help="origins to forecast from (default 2)")
    parser.add_argument("--out", type=Path, help="write the tables as JSON")
    arguments = parser.parse_args()
    folder = arguments.data / "freshretailnet50k"
    rows = forecasts(folder, arguments.series, arguments.origins)
    tables = {"recovery": recovery(folder), "forecast": rows, "mean over origins": over_origins(rows)}
    for name, rows in tables.items():
        print(f"\n{name}\n{pd.DataFrame(rows).round(4).to_string(index=False)}")
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
