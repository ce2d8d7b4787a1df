"""A champion answers for shops it was not trained on: bias, errors and coverage by days of history.

    python benchmarks/new_shop.py [--data DIR] [--left-out SHOP ...] [--origins 4] [--json FILE]

The model is trained on the other shops of the folder (default: the sample) up to the first origin, so that it has seen
neither the shop nor the days. Each left-out shop is then asked about with its last 14, 28, 56, 90 and 180 days only,
beside its own weekday mean of 28 days and ETS fitted on the same days. Days sold out are left out of the scores.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from samaan_ml.features import Panel, build_panel
from samaan_ml.forecasting import DemandForecaster, ETSForecaster
from samaan_ml.forecasting.demand._adaptation import weekday_means
from samaan_ml.forecasting.demand._serving import Histories, ServedDemandModel
from samaan_ml.tables import ShopData

HORIZON = 14
LENGTHS = (14, 28, 56, 90, 180)
TABLES = ("sales", "prices", "stock", "calendar", "items", "shops")


def main() -> None:
    """Train, ask and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("data/sample"))
    parser.add_argument("--left-out", nargs="*", default=[])
    parser.add_argument("--origins", type=int, default=4)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    data = ShopData.load(given.data)
    tables = {name: getattr(data, name) for name in TABLES}
    shops = sorted(tables["sales"]["shop_id"].astype(str).unique())
    left_out = given.left_out or shops[-1:]
    last = tables["sales"]["date"].max()
    origins = [last - pd.Timedelta(days=HORIZON * (k + 1)) for k in range(given.origins)][::-1]
    started = time.process_time()
    model = DemandForecaster(horizon=HORIZON).fit(**cut(tables, origins[0], without=left_out))
    print(f"trained on {len(shops) - len(left_out)} shops in {time.process_time() - started:.0f} CPU s\n")
    served = ServedDemandModel.from_state(model.get_state())
    rows = []
    for length in LENGTHS:
        asked = [ask(served, tables, shop, origin, length) for shop in left_out for origin in origins]
        rows.append({"days": length, **scores(pd.concat(asked))})
    table = pd.DataFrame(rows).set_index("days")
    print(table.round(3).to_string())
    if given.json:
        given.json.write_text(table.reset_index().to_json(orient="records", indent=1), "utf-8")
        print(json.dumps({"left_out": left_out, "origins": [str(o.date()) for o in origins]}))


def cut(tables: dict[str, Any], until: pd.Timestamp, without: list[str]) -> dict[str, Any]:
    """Hide some shops, and what came after a day."""
    out = {}
    for name, table in tables.items():
        if table is None:
            continue
        others = table[~table["shop_id"].astype(str).isin(without)] if "shop_id" in table.columns else table
        out[name] = others[others["date"] <= until] if name in ("sales", "stock") else others
    return out


def ask(
    served: ServedDemandModel, tables: dict[str, Any], shop: str, origin: pd.Timestamp, length: int
) -> pd.DataFrame:
    """Forecast a shop from its last days, and set beside it what came and what its own means say."""
    mine = {
        name: table[table["shop_id"].astype(str) == shop] if "shop_id" in table.columns else table
        for name, table in tables.items()
        if table is not None
    }
    panel = build_panel(**mine, horizon=HORIZON)
    end = int(np.searchsorted(panel.dates, np.datetime64(origin, "D"))) + 1
    past, ahead = slice(max(end - length, 0), end), slice(end, end + HORIZON)
    units = panel.units[:, past]
    shown = (~np.isnan(units)).any(axis=1) & (np.nansum(units, axis=1) > 0)
    answer = served.forecast(histories(panel, shop, past, ahead, shown))
    came = panel.units[shown, ahead].astype(float)
    if panel.in_stock_share is not None:
        came[np.nan_to_num(panel.in_stock_share[shown, ahead], nan=1.0) < 1.0] = np.nan
    own = weekday_means(panel.units[shown, :end][:, -length:], length + np.arange(HORIZON), "D")
    ets = ETSForecaster(horizon=HORIZON).fit_panel(recent(panel, past, shown)).predict_panel(horizon=HORIZON)
    known = ~np.isnan(came)
    inside = (came >= answer.quantiles[:, :, 0]) & (came <= answer.quantiles[:, :, 2])
    total = np.where(known.all(axis=1), came.sum(axis=1), np.nan)
    held = (total >= answer.total_quantiles[:, 0]) & (total <= answer.total_quantiles[:, 2])
    return pd.DataFrame(
        {
            "units": np.nansum(came, axis=1),
            "mean": np.where(known, answer.mean, 0).sum(axis=1),
            "wrong": np.nansum(np.abs(came - answer.mean), axis=1),
            "own": np.nansum(np.abs(came - own), axis=1),
            "ets": np.nansum(np.abs(came - ets.mean), axis=1),
            "inside": np.where(known, inside, False).sum(axis=1),
            "known": known.sum(axis=1),
            "held": np.where(np.isnan(total), np.nan, held),
            "high": np.array(answer.confidence) == "high",
        }
    )


def histories(panel: Panel, shop: str, past: slice, ahead: slice, shown: np.ndarray) -> Histories:
    """Write a part of a panel as a request."""
    series = panel.series[shown]
    region = str(series["region"].iloc[0]) if "region" in series.columns else None
    here = panel.calendar.region_of_series[0]
    occurs = panel.calendar.occurs[here]
    events = [
        (panel.calendar.dates[column], panel.calendar.events[event])
        for column, event in np.argwhere(occurs[: ahead.stop])
        if column >= past.start
    ]
    stock = panel.in_stock_share
    price = panel.unit_price
    return Histories(
        shop_id=shop,
        item_ids=tuple(series["item_id"].astype(str)),
        last_day=panel.dates[past.stop - 1],
        units=panel.units[shown, past],
        region=region,
        categories=tuple(series["category"].astype(str)) if "category" in series.columns else (),
        in_stock_share=None if stock is None else stock[shown, past],
        unit_price=None if price is None else price[shown, past.start : ahead.stop],
        events=tuple(events),
    )


def recent(panel: Panel, past: slice, shown: np.ndarray) -> Panel:
    """Keep the last days of some series."""
    from dataclasses import replace

    part = panel.until(past.stop).take(np.flatnonzero(shown))
    calendar = part.calendar
    calendar = replace(
        calendar,
        dates=calendar.dates[past.start :],
        occurs=calendar.occurs[:, past.start :],
        values=calendar.values[:, past.start :],
    )
    return replace(
        part,
        units=part.units[:, past],
        dates=part.dates[past],
        shop_open=part.shop_open[:, past],
        calendar=calendar,
        in_stock_share=None if part.in_stock_share is None else part.in_stock_share[:, past],
        unit_price=None if part.unit_price is None else part.unit_price[:, past.start :],
        price_values=None if part.price_values is None else part.price_values[:, :, past.start :],
    )


def scores(asked: pd.DataFrame) -> dict[str, float]:
    """Score the answers of all shops and origins."""
    sold, sure = asked["units"].sum(), asked[asked["high"]]
    return {
        "bias": asked["mean"].sum() / sold - 1,
        "wape": asked["wrong"].sum() / sold,
        "wape_weekday_mean": asked["own"].sum() / sold,
        "wape_ets": asked["ets"].sum() / sold,
        "coverage_days": asked["inside"].sum() / asked["known"].sum(),
        "coverage_total": asked["held"].mean(),
        "high": asked["high"].mean(),
        "coverage_days_high": sure["inside"].sum() / sure["known"].sum() if len(sure) else float("nan"),
        "coverage_total_high": sure["held"].mean() if len(sure) else float("nan"),
    }


if __name__ == "__main__":
    main()
