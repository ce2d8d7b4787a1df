"""Time and memory against the number of series: fit, batch quantiles, slope.

    python benchmarks/scale.py [--series 1000 10000 30000 100000] [--days 400] [--horizon 28] [--out FILE]

Every size is a process of its own on simulated daily series of shops with 500 items each. The batch is `horizon` days
of nine quantiles for every series from a fitted model. The slope is that of log time on log series: 1 is linear.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

NINE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def simulated_panel(n_series: int, n_days: int, horizon: int) -> Any:
    """Draw a dense panel without going through a table of tens of millions of rows."""
    import pandas as pd

    from samaan_ml.features import Calendar, Panel

    rng = np.random.default_rng(0)
    shape = 1 + 0.4 * (np.arange(n_days) % 7 >= 5)
    units = np.empty((n_series, n_days), dtype=np.float32)
    for row in range(n_series):
        units[row] = rng.poisson(rng.gamma(0.7, 1.5) * shape)
    dates = np.datetime64("2024-01-01") + np.arange(n_days + horizon)
    shop = np.arange(n_series) // 500
    names = pd.DataFrame(
        {
            "shop_id": pd.Categorical([f"s{k:04d}" for k in shop]),
            "item_id": pd.Categorical([f"i{k:03d}" for k in np.arange(n_series) % 500]),
            "category": pd.Categorical([f"c{k % 7}" for k in np.arange(n_series) % 500]),
        }
    )
    calendar = Calendar(
        dates,
        (),
        np.zeros((1, len(dates), 0), dtype=bool),
        (),
        np.zeros((1, len(dates), 0), dtype=np.float32),
        np.zeros(n_series, dtype=np.int32),
    )
    open_days = np.ones((int(shop[-1]) + 1, n_days), dtype=bool)
    return Panel(units, dates[:n_days], "D", names, shop.astype(np.int32), open_days, calendar)


def run_size(n_series: int, n_days: int, horizon: int) -> dict[str, Any]:
    """Measure one size in this process."""
    from samaan_ml.forecasting import DemandForecaster

    panel = simulated_panel(n_series, n_days, horizon)
    began = time.process_time()
    model = DemandForecaster(horizon=horizon, quantiles=NINE).fit_panel(panel)
    fitted = time.process_time()
    model.predict_panel()
    done = time.process_time()
    return {
        "series": n_series,
        "fit_cpu_s": fitted - began,
        "batch_cpu_s": done - fitted,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
    }


def main() -> None:
    """Run every size in a child process and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=int, nargs="+", default=[1_000, 10_000, 30_000, 100_000])
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--horizon", type=int, default=28)
    parser.add_argument("--out", type=Path, default=None, help="JSON file to write")
    parser.add_argument("--one", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(run_size(options.one, options.days, options.horizon)))
        return
    results = []
    for n_series in options.series:
        command = [sys.executable, __file__, "--one", str(n_series)]
        command += ["--days", str(options.days), "--horizon", str(options.horizon)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
        print(
            "  ".join(f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in results[-1].items()),
            flush=True,
        )
    if len(results) > 1:
        size = np.log([r["series"] for r in results])
        for name in ("batch_cpu_s", "fit_cpu_s", "peak_gib"):
            slope = np.polyfit(size, np.log([r[name] for r in results]), 1)[0]
            print(f"slope of {name}: {slope:.2f}")
    if options.out is not None:
        options.out.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
