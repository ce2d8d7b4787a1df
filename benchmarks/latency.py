"""How long one request takes, how fast the walker is, and what a process that only serves costs to start.

    python benchmarks/latency.py [--out FILE]

A model is fitted on simulated shops, saved as its state, and asked for 14 days of quantiles of one series from that
series' history, as a served request is. Which models answer is chosen from the data when the model is fitted: a local
model beside the global one costs more, so the global one alone is timed too. The forest walker is compared with
`Booster.predict` on the same rows, for speed on one thread and for equality bit by bit. The start is measured in
fresh interpreters.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

HORIZON = 14
START = """
import pickle, sys, time
began = time.process_time()
from samaan_ml.forecasting.demand._serving import Histories, ServedDemandModel
state, histories = pickle.load(open(sys.argv[1], "rb"))
model = ServedDemandModel.from_state(state)
model.forecast(Histories(**histories))
heavy = [name for name in ("lightgbm", "pandas", "sklearn", "scipy", "statsmodels") if name in sys.modules]
print(time.process_time() - began, time.process_time(), ",".join(heavy))
"""


def simulated(n_items: int, n_days: int, seed: int = 0) -> pd.DataFrame:
    """Draw sales of two shops with weekday and yearly patterns."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2024-01-01", periods=n_days)
    shape = (1 + 0.4 * (days.day_of_week.to_numpy() >= 5)) * (
        1 + 0.3 * np.sin(2 * np.pi * np.arange(n_days) / 365)
    )
    parts = []
    for shop in ("s", "t"):
        for item in range(n_items):
            units = rng.poisson(rng.gamma(1.0, 2.0) * shape).astype(float)
            parts.append(pd.DataFrame({"shop_id": shop, "item_id": f"i{item}", "date": days, "units": units}))
    return pd.concat(parts, ignore_index=True)


def milliseconds(call: Any, times: int = 400) -> dict[str, float]:
    """Time a call and give its quantiles."""
    for _ in range(20):
        call()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(1e3 * (time.perf_counter() - began))
    return {"p50_ms": float(np.median(taken)), "p99_ms": float(np.quantile(taken, 0.99))}


def cpu_seconds(call: Any, times: int = 5) -> float:
    """Take the least CPU time of a few calls."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return min(taken)


def walker(n_series: int = 3000) -> dict[str, Any]:
    """Compare the walker with LightGBM on the feature rows of a batch."""
    import lightgbm

    from samaan_ml.features import build_panel
    from samaan_ml.features._inputs import kernel_inputs
    from samaan_ml.features._recipe import learn_recipe
    from samaan_ml.forecasting.trees._forest import FlatForest
    from samaan_ml.forecasting.trees._global import TrainingPlan, sample_rows

    panel = build_panel(simulated(100, 500), horizon=28)
    recipe = learn_recipe(panel)
    inputs = kernel_inputs(recipe, panel)
    plan = TrainingPlan.for_data(50_000, 500, 28, 7)
    series, origins, steps = sample_rows(
        inputs, panel.units, 28, plan, panel.n_dates, np.random.default_rng(0)
    )
    rows, base = inputs.rows(recipe, series, origins, steps)
    wanted = panel.units[series, origins + steps]
    parameters = {
        "objective": "tweedie",
        "num_leaves": 31,
        "learning_rate": 0.06,
        "verbosity": -1,
        "num_threads": 1,
    }
    booster = lightgbm.train(parameters, lightgbm.Dataset(rows, wanted, init_score=np.log(base)), 220)
    forest = FlatForest.from_lightgbm(booster.model_to_string())
    asked = np.repeat(np.arange(n_series) % panel.n_series, 28)
    batch, _ = inputs.rows(
        recipe, np.sort(asked), np.full(len(asked), panel.n_dates - 1), np.tile(np.arange(1, 29), n_series)
    )
    ours, theirs = forest.raw(batch), booster.predict(batch, raw_score=True, num_threads=1)
    own = cpu_seconds(lambda: forest.raw(batch))
    other = cpu_seconds(lambda: booster.predict(batch, raw_score=True, num_threads=1))
    return {
        "rows": len(batch),
        "identical": bool(np.array_equal(ours, theirs)),
        "walker_us_a_row": 1e6 * own / len(batch),
        "lightgbm_us_a_row": 1e6 * other / len(batch),
        "times_faster": other / own,
    }


def main() -> None:
    """Measure and print."""
    from samaan_ml.forecasting import DemandForecaster
    from samaan_ml.forecasting.demand._local_blend import LocalBlend
    from samaan_ml.forecasting.demand._serving import Histories, ServedDemandModel

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=None, help="JSON file to write")
    options = parser.parse_args()
    fitted = DemandForecaster(horizon=HORIZON).fit(simulated(60, 730))
    state = fitted.get_state()
    panel = fitted.history_
    asked = {
        "shop_id": "s",
        "item_ids": (str(panel.series["item_id"].iloc[0]),),
        "last_day": panel.dates[-1],
        "units": panel.units[:1],
    }
    served = ServedDemandModel.from_state(state)
    alone = state | {
        "engine": cast("dict[str, Any]", state["engine"]) | {"blend": LocalBlend("D").get_state()}
    }
    global_only = ServedDemandModel.from_state(alone)
    result: dict[str, Any] = {
        "answered_by": served.forecast(Histories(**asked)).method[0],
        "trees": sum(len(forest.roots) for forest in served.engine.model.forests),
        "one_series_14_days": milliseconds(lambda: served.forecast(Histories(**asked))),
        "global_model_alone": milliseconds(lambda: global_only.forecast(Histories(**asked))),
        "with_drivers": milliseconds(lambda: served.forecast(Histories(**asked), explain=True)),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.pickle"  # a stand-in for the model folder, to leave its reading out
        path.write_bytes(pickle.dumps((state, asked)))
        starts = []
        for _ in range(3):
            command = [sys.executable, "-c", START, str(path)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            starts.append(done.stdout.split())
    result["start_to_first_answer_cpu_s"] = min(float(start[1]) for start in starts)
    result["heavy_modules_when_serving"] = starts[0][2] if len(starts[0]) > 2 else ""
    result["walker"] = walker()
    print(json.dumps(result, indent=1))
    if options.out is not None:
        options.out.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
