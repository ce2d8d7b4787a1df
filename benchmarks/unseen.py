"""Defaults on data sets the library was not tuned on, beside seasonal naive, AutoETS and a plain LightGBM.

    python benchmarks/unseen.py --data DIR --peers-python benchmarks/.venv-peers/bin/python
        [--sets NAME ...] [--models NAME ...] [--origins 3] [--out FILE]

Peers are statsforecast's SeasonalNaive and AutoETS and mlforecast's recursive LightGBM with lags, rolling means and
date features, from requirements-peers-forecast.txt in an environment of their own; one that is not installed is named
and left out. All get the same sales; the library also gets what its tables hold of prices, holidays and attributes.
Scores are means over series, then over origins; `+-` is the standard deviation over the origins.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from forecast_peer_models import LEVELS
from unseen_sets import LEFT_OUT, SETS, UnseenSet

from samaan_ml import metrics
from samaan_ml.features import Panel, build_panel
from samaan_ml.forecasting import BaseForecaster, DemandForecaster, EnsembleForecaster, ETSForecaster
from samaan_ml.forecasting.backtesting._backtest import origins, window_at
from samaan_ml.forecasting.backtesting._report import Window

OURS: dict[str, type[BaseForecaster]] = {
    "samaan DemandForecaster": DemandForecaster,
    "samaan EnsembleForecaster": EnsembleForecaster,
    "samaan ETSForecaster": ETSForecaster,
}
PEERS = ("SeasonalNaive", "AutoETS", "mlforecast")
DEFAULT = ("samaan DemandForecaster", *PEERS)


def ours(name: str, past: Panel, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Fit and forecast with one of the library's models."""
    model = OURS[name](horizon=horizon, quantiles=LEVELS, frequency=past.frequency)
    forecast = model.fit_panel(past).predict_panel(horizon=horizon)
    return np.asarray(forecast.mean), np.asarray(forecast.quantiles)


def peer(name: str, past: Panel, horizon: int, python: str) -> tuple[np.ndarray, np.ndarray] | str:
    """Let the peers' Python forecast; returns the reason where it cannot."""
    weekly = past.frequency == "W"
    season = (52 if past.n_dates >= 104 + horizon else 1) if weekly else 7
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "train.parquet", Path(folder) / "forecast.parquet"
        long_format(past).to_parquet(source, index=False)
        anchor = pd.Timestamp(past.dates[-1]).strftime("W-%a").upper() if weekly else "D"
        script = Path(__file__).with_name("forecast_peer_models.py")
        command = [python, str(script), name, str(source), str(horizon), str(target), anchor, str(season)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            return lines[-1] if lines else f"exit code {done.returncode}"
        table = pd.read_parquet(target).sort_values(["unique_id", "ds"])
    shape = (past.n_series, horizon)
    order = np.argsort(np.argsort(past.unique_id))
    mean = table["mean"].to_numpy(dtype=float).reshape(shape)[order]
    quantiles = table[[f"q{q}" for q in LEVELS]].to_numpy(dtype=float).reshape(*shape, -1)[order]
    return mean, np.sort(quantiles, axis=2)


def long_format(past: Panel) -> pd.DataFrame:
    """Write a panel for the peers: from each series' first row on, closed days as zeros."""
    begun = np.maximum.accumulate(~np.isnan(past.units), axis=1)
    row, column = np.nonzero(begun)
    return pd.DataFrame(
        {
            "unique_id": past.unique_id[row],
            "ds": past.dates[column].astype("datetime64[ns]"),
            "y": np.nan_to_num(past.units[row, column]).astype(float),
        }
    )


def known_at(panel: Panel, origin: int) -> np.ndarray:
    """Number the series that had at least two rows and a sale at the origin."""
    past = panel.units[:, :origin]
    return np.flatnonzero((~np.isnan(past)).sum(axis=1) * (np.nan_to_num(past) > 0).any(axis=1) >= 2)


def score(window: Window, mean: np.ndarray, quantiles: np.ndarray) -> dict[str, float]:
    """Score one model at one origin."""
    median = quantiles[:, :, LEVELS.index(0.5)]
    return {
        "mase": _mean(metrics.mase(window.actual, mean, scale=window.mase_scale)),
        "mase_of_median": _mean(metrics.mase(window.actual, median, scale=window.mase_scale)),
        "sql": _mean(metrics.sql(window.actual, quantiles, LEVELS, scale=window.mase_scale)),
        "wape": metrics.wape(window.actual, mean),
        "bias": metrics.bias(window.actual, mean),
        "coverage": metrics.coverage(window.actual, quantiles[:, :, 0], quantiles[:, :, -1]),
    }


def _mean(values: np.ndarray) -> float:
    """Mean over the series that can be scaled."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def run_set(
    each: UnseenSet, folder: Path, models: list[str], n_origins: int, python: str
) -> list[dict[str, Any]]:
    """Score every model on one data set at every origin."""
    panel = build_panel(**each.load(folder), frequency=each.frequency, horizon=each.horizon)
    rows = []
    for origin in origins(panel.n_dates, each.horizon, n_origins):
        known = panel.take(known_at(panel, origin))
        past = known.until(origin)
        window = window_at(known, origin, each.horizon, "drop")
        for name in models:
            begin = time.process_time()
            if name in OURS:
                answer: Any = ours(name, past, each.horizon)
            else:
                answer = peer(name, past, each.horizon, python)
            if isinstance(answer, str):
                print(f"{name} on {each.name}: left out ({answer})", file=sys.stderr, flush=True)
                continue
            spent = time.process_time() - begin
            row = {"set": each.name, "model": name, "origin": origin, "series": past.n_series}
            row |= score(window, *answer) | {"cpu_seconds": spent if name in OURS else float("nan")}
            print({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}, file=sys.stderr)
            rows.append(row)
    return rows


def report(rows: list[dict[str, Any]]) -> str:
    """Write the table: each set's means with their spread, then the mean over sets."""
    frame = pd.DataFrame(rows)
    by = frame.groupby(["set", "model"], sort=False)
    mean, spread = by.mean(numeric_only=True), by.std(numeric_only=True)
    shown = mean[["mase", "sql", "mase_of_median", "wape", "bias", "coverage"]].round(3).astype("str")
    for name in ("mase", "sql"):
        shown[name] += " +-" + spread[name].round(3).astype("str")
    over = mean.groupby("model", sort=False)[["mase", "sql", "mase_of_median", "wape"]].mean().round(3)
    return f"{shown.to_string()}\n\nmean over the sets\n{over.to_string()}"


def main() -> None:
    """Print the table and write the rows as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument(
        "--peers-python", default="benchmarks/.venv-peers/bin/python", help="the peers' Python"
    )
    parser.add_argument("--sets", nargs="+", choices=[s.name for s in SETS], help="run these sets only")
    parser.add_argument(
        "--models",
        nargs="+",
        choices=[*OURS, *PEERS],
        default=list(DEFAULT),
        help="run these models only",
    )
    parser.add_argument("--origins", type=int, default=3, help="origins, a horizon apart (default 3)")
    parser.add_argument("--out", type=Path, help="write the rows as JSON")
    arguments = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for each in SETS:
        if not arguments.sets or each.name in arguments.sets:
            rows += run_set(each, arguments.data, arguments.models, arguments.origins, arguments.peers_python)
    print(report(rows))
    for name, reason in LEFT_OUT.items():
        print(f"{name}: left out ({reason})")
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
