"""Demand forecasts beside those of other libraries: one split, one scoring, one table.

    python benchmarks/forecast_peers.py --data DIR --peers-python benchmarks/.venv-peers/bin/python
        [--series 500] [--origins 1885 1913] [--only NAME ...] [--out FILE]

Peers are installed from requirements-peers-forecast.txt into an environment of their own; one that is not
installed is named and left out. All get the same sales; the library also gets the prices and the calendar,
which peers can be given by hand only. Figures are means over the origins.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from forecast_peer_models import LEVELS, PEERS

from samaan_ml import metrics
from samaan_ml.forecasting import BaseForecaster, DemandForecaster, EnsembleForecaster
from samaan_ml.tables import to_nixtla

HORIZON = 28
FIRST_DAY = pd.Timestamp("2011-01-29")
OURS: dict[str, type[BaseForecaster]] = {
    "samaan DemandForecaster": DemandForecaster,
    "samaan EnsembleForecaster": EnsembleForecaster,
}


class Split:
    """A sample of M5's series at one origin.

    Parameters
    ----------
    folder : Path
        The folder of M5.
    series : int
        Number of series drawn.
    origin : int
        Days known.
    """

    def __init__(self, folder: Path, series: int, origin: int) -> None:
        everything = pd.read_parquet(folder / "sales.parquet")
        rows = np.sort(np.random.default_rng(0).permutation(len(everything))[:series])
        names = everything.iloc[rows].reset_index(drop=True)
        self.attributes = names.drop(columns="sales").astype("str")
        units = np.vstack(names["sales"].to_numpy()).astype(np.float64)
        self.history, self.actual = units[:, :origin], units[:, origin : origin + HORIZON]
        self.calendar = pd.read_parquet(folder / "calendar.parquet")
        self.prices = pd.read_parquet(folder / "sell_prices.parquet").astype(
            {"store_id": "str", "item_id": "str"}
        )
        self.ids = (self.attributes["store_id"] + "/" + self.attributes["item_id"]).to_numpy()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Sales up to the origin, prices and events known ahead, attributes."""
        n, days = self.history.shape
        keys = self.attributes.rename(columns={"store_id": "shop_id"})
        first = np.argmax(self.history > 0, axis=1)
        sales = pd.DataFrame(
            {
                "shop_id": np.repeat(keys["shop_id"].to_numpy(), days),
                "item_id": np.repeat(keys["item_id"].to_numpy(), days),
                "date": np.tile(pd.date_range(FIRST_DAY, periods=days), n),
                "units": self.history.ravel(),
            }
        )
        sales = sales[(np.arange(days) >= first[:, None]).ravel()].reset_index(drop=True)
        week_begins = self.calendar.groupby("wm_yr_wk")["date"].min()
        wanted = self.prices.merge(self.attributes[["store_id", "item_id"]], on=["store_id", "item_id"])
        prices = wanted.assign(date=pd.to_datetime(wanted["wm_yr_wk"].map(week_begins)))
        prices = prices.rename(columns={"store_id": "shop_id", "sell_price": "unit_price"})
        events = self.calendar.melt("date", ["event_name_1", "event_name_2"], value_name="event").dropna(
            subset="event"
        )
        events = events.assign(date=pd.to_datetime(events["date"]))[["date", "event"]].drop_duplicates()
        items = (
            keys[["item_id", "dept_id", "cat_id"]]
            .drop_duplicates("item_id")
            .rename(columns={"cat_id": "category"})
        )
        shops = (
            keys[["shop_id", "state_id"]].drop_duplicates("shop_id").rename(columns={"state_id": "region"})
        )
        return {
            "sales": sales,
            "prices": prices[["shop_id", "item_id", "date", "unit_price"]],
            "calendar": events,
            "items": items,
            "shops": shops,
        }

    def revenue(self) -> np.ndarray:
        """Money taken by each series in the last 28 days: the weights of WRMSSE."""
        origin = self.history.shape[1]
        weeks = self.calendar["wm_yr_wk"].to_numpy()[origin - 28 : origin]
        wide = self.prices.pivot_table(index=["store_id", "item_id"], columns="wm_yr_wk", values="sell_price")
        price = wide.reindex(pd.MultiIndex.from_frame(self.attributes[["store_id", "item_id"]]))[
            weeks
        ].to_numpy()
        return np.asarray(np.nansum(self.history[:, -28:] * price, axis=1))

    def score(self, table: pd.DataFrame) -> dict[str, float]:
        """Score a forecast given in the long format."""
        table = table.sort_values(["unique_id", "ds"]).set_index("unique_id")
        order = np.argsort(np.argsort(self.ids))
        shape = (len(self.ids), HORIZON)
        mean = table["mean"].to_numpy(dtype=float).reshape(shape)[order]
        quantiles = table[[f"q{level}" for level in LEVELS]].to_numpy(dtype=float).reshape(*shape, -1)[order]
        quantiles = np.sort(quantiles, axis=2)
        tree = metrics.SummingHierarchy(self.attributes)
        median = quantiles[:, :, LEVELS.index(0.5)]
        return {
            "wrmsse": metrics.wrmsse(self.actual, mean, self.history, self.revenue(), tree),
            "wql": metrics.wql(self.actual, quantiles, LEVELS),
            "rmsse": float(np.nanmean(metrics.rmsse(self.actual, mean, self.history))),
            "mase": float(np.nanmean(metrics.mase(self.actual, mean, self.history))),
            "wape": metrics.wape(self.actual, mean),
            "mase of median": float(np.nanmean(metrics.mase(self.actual, median, self.history))),
            "wape of median": metrics.wape(self.actual, median),
            "bias": metrics.bias(self.actual, mean),
            "coverage": metrics.coverage(self.actual, quantiles[:, :, 0], quantiles[:, :, -1]),
        }


def ours(split: Split, kind: type[BaseForecaster]) -> tuple[pd.DataFrame, float]:
    """Fit and forecast with one of the library's models; returns the long format and CPU seconds."""
    tables = split.tables()
    begin = _cpu_seconds()
    forecast = kind(horizon=HORIZON, quantiles=LEVELS).fit(**tables).predict()
    spent = _cpu_seconds() - begin
    long = to_nixtla(forecast.rename(columns={"mean": "units"})).rename(columns={"y": "mean"})
    for level in LEVELS:
        long[f"q{level}"] = forecast[f"q{level:g}"].to_numpy()
    return long, spent


def _cpu_seconds() -> float:
    """CPU of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peer(split: Split, name: str, python: str) -> tuple[pd.DataFrame, float] | str:
    """Let the peers' Python forecast; returns the reason where it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "train.parquet", Path(folder) / "forecast.parquet"
        to_nixtla(split.tables()["sales"]).to_parquet(source, index=False)
        script = Path(__file__).with_name("forecast_peer_models.py")
        command = [python, str(script), name, str(source), str(HORIZON), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            return lines[-1] if lines else f"exit code {done.returncode}"
        spent = json.loads(done.stdout.strip().splitlines()[-1])["cpu_seconds"]
        return pd.read_parquet(target), float(spent)


def run(
    folder: Path, series: int, origins: Iterable[int], names: list[str], python: str
) -> list[dict[str, Any]]:
    """Score every model at every origin."""
    rows = []
    for origin in origins:
        split = Split(folder, series, origin)
        for name in names:
            answer = ours(split, OURS[name]) if name in OURS else peer(split, name, python)
            if isinstance(answer, str):
                print(f"{name}: left out ({answer})", file=sys.stderr, flush=True)
                continue
            table, spent = answer
            row = {
                "model": name,
                "origin": origin,
                **split.score(table),
                "cpu per 1000": spent / series * 1000,
            }
            print(row, file=sys.stderr, flush=True)
            rows.append(row)
    return rows


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets; m5 is read")
    parser.add_argument(
        "--peers-python", default="benchmarks/.venv-peers/bin/python", help="the peers' Python"
    )
    parser.add_argument("--series", type=int, default=500, help="series drawn (default 500)")
    parser.add_argument(
        "--origins", type=int, nargs="+", default=[1885, 1913], help="days known (default 1885 1913)"
    )
    parser.add_argument("--only", nargs="+", choices=[*OURS, *PEERS], help="run these models only")
    parser.add_argument("--out", type=Path, help="write the rows as JSON")
    arguments = parser.parse_args()
    names = arguments.only or [*OURS, *PEERS]
    rows = run(arguments.data / "m5", arguments.series, arguments.origins, names, arguments.peers_python)
    table = pd.DataFrame(rows).drop(columns="origin").groupby("model", sort=False).mean()
    print(table.round(3).sort_values("wql").to_string())
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
