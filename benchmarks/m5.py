"""Accuracy on M5: WRMSSE and WSPL by level, coverage, CPU seconds and memory, defaults only.

    python benchmarks/m5.py --data DIR [--origins 1857 1885 1913] [--out FILE]

DIR holds the folder `m5` (sales.parquet, calendar.parquet, sell_prices.parquet). Each origin is a process of its own
that is given the sales up to it, forecasts 28 days for all 30,490 series, and is scored on what came. The method was
developed on the first three origins; 1745, 1773 and 1801 were not looked at before it was fixed.
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
import pandas as pd
import pyarrow.parquet as pq

HORIZON = 28
NINE = (0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995)
DEVELOPED, UNTOUCHED = (1857, 1885, 1913), (1745, 1773, 1801)
FIRST_DAY = np.datetime64("2011-01-29", "D")
LEVELS: dict[str, tuple[str, ...]] = {
    "total": (),
    "state": ("region",),
    "store": ("shop_id",),
    "category": ("category",),
    "department": ("department",),
    "state x category": ("region", "category"),
    "state x department": ("region", "department"),
    "store x category": ("shop_id", "category"),
    "store x department": ("shop_id", "department"),
    "item": ("item_id",),
    "item x state": ("region", "item_id"),
    "item x store": ("shop_id", "item_id"),
}


def load_units(folder: Path) -> tuple[np.ndarray, pd.DataFrame]:
    """Read the sales as a matrix and the series' names."""
    table = pq.read_table(folder / "sales.parquet")
    values = table["sales"].combine_chunks()
    flat = (values.chunk(0) if hasattr(values, "chunk") else values).values.to_numpy()
    names = table.drop_columns(["sales"]).to_pandas()
    units = flat.reshape(len(names), -1)
    names = names.rename(
        columns={"store_id": "shop_id", "state_id": "region", "cat_id": "category", "dept_id": "department"}
    )
    return units, names


def tables_until(
    folder: Path, units: np.ndarray, names: pd.DataFrame, origin: int
) -> dict[str, pd.DataFrame]:
    """Write the tables as they stood at the origin: sales before it, prices and calendar announced for 28 days more."""
    shop, item = pd.Categorical(names["shop_id"]), pd.Categorical(names["item_id"])
    row, day = np.nonzero(units[:, :origin])
    row, day = row.astype(np.int32), day.astype(np.int16)
    sales = pd.DataFrame(
        {
            "shop_id": pd.Categorical.from_codes(shop.codes[row], shop.categories),
            "item_id": pd.Categorical.from_codes(item.codes[row], item.categories),
            "date": (FIRST_DAY + day.astype(np.int32)).astype("datetime64[s]"),
            "units": units[row, day].astype(np.float32),
        }
    )
    calendar = pd.read_parquet(folder / "calendar.parquet")
    calendar["date"] = pd.to_datetime(calendar["date"])
    calendar = calendar.iloc[: origin + HORIZON]
    week_start = calendar.groupby("wm_yr_wk")["date"].min()
    prices = pq.read_table(
        folder / "sell_prices.parquet", read_dictionary=["store_id", "item_id"]
    ).to_pandas()
    prices = prices[prices["wm_yr_wk"].isin(week_start.index)]
    prices = pd.DataFrame(
        {
            "shop_id": prices["store_id"].astype("category"),
            "item_id": prices["item_id"].astype("category"),
            "date": week_start.reindex(prices["wm_yr_wk"]).to_numpy(),
            "unit_price": prices["sell_price"].astype(np.float32),
        }
    )
    events = [
        pd.DataFrame({"date": part["date"], "region": None, "event": part[name]})
        for name in ("event_name_1", "event_name_2")
        for part in (calendar[calendar[name].notna()],)
    ]
    events += [
        pd.DataFrame({"date": part["date"], "region": state, "event": "SNAP"})
        for state in ("CA", "TX", "WI")
        for part in (calendar[calendar[f"snap_{state}"] == 1],)
    ]
    return {
        "sales": sales,
        "prices": prices,
        "calendar": pd.concat(events, ignore_index=True),
        "items": names[["item_id", "category", "department"]].drop_duplicates(),
        "shops": names[["shop_id", "region"]].drop_duplicates(),
    }


def revenue_before(folder: Path, units: np.ndarray, names: pd.DataFrame, origin: int) -> np.ndarray:
    """Compute the money each series took in the last 28 days: the competition's weights."""
    calendar = pd.read_parquet(folder / "calendar.parquet", columns=["d", "wm_yr_wk"])
    week = calendar.set_index("d")["wm_yr_wk"]
    prices = pd.read_parquet(folder / "sell_prices.parquet")
    days = range(origin - HORIZON + 1, origin + 1)
    prices = prices[prices["wm_yr_wk"].isin(week.loc[list(days)])]
    wide = prices.set_index(["store_id", "item_id", "wm_yr_wk"])["sell_price"].unstack()  # noqa: PD010
    wide = wide.reindex(pd.MultiIndex.from_frame(names[["shop_id", "item_id"]]))
    total = np.zeros(len(names))
    for day in days:
        total += units[:, day - 1] * np.nan_to_num(wide[week.loc[day]].to_numpy())
    return total


def run_origin(folder: Path, origin: int) -> dict[str, Any]:
    """Fit, forecast and score one origin in this process."""
    from samaan_ml.forecasting import DemandForecaster

    units, names = load_units(folder)
    tables = tables_until(folder, units, names, origin)
    levels = tuple(sorted({*NINE, 0.1, 0.9}))
    began = time.process_time()
    model = DemandForecaster(horizon=HORIZON, quantiles=levels).fit(**tables)
    fitted = time.process_time()
    del tables
    forecast = model.predict_panel()
    upper = model.predict_levels()
    done = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    series = model.history_.series
    place = pd.MultiIndex.from_frame(names[["shop_id", "item_id"]].astype("str"))
    order = place.get_indexer(pd.MultiIndex.from_frame(series[["shop_id", "item_id"]].astype("str")))
    revenue = revenue_before(folder, units, names, origin)[order]
    scores = score(units[order], series, revenue, origin, forecast, upper, levels)
    scores |= {
        "origin": origin,
        "fit_cpu_s": fitted - began,
        "predict_cpu_s": done - fitted,
        "peak_gib": memory,
        "upper_weight": model.hierarchy_.weight,
        "share_of_trees_in_upper": model.hierarchy_.share,
    }
    return scores


def score(
    units: np.ndarray,
    series: pd.DataFrame,
    revenue: np.ndarray,
    origin: int,
    forecast: Any,
    upper: Any,
    levels: Any,
) -> dict[str, Any]:
    """Score means and quantiles at the twelve levels, and the 80 % interval by demand class."""
    from samaan_ml.forecasting import classify
    from samaan_ml.metrics import pinball_loss

    nine = [levels.index(q) for q in NINE]
    wrmsse: dict[str, float] = {}
    wspl: dict[str, float] = {}
    for name, columns in LEVELS.items():
        label = (
            series[list(columns)].astype("str").agg("\x1f".join, axis=1)
            if columns
            else pd.Series("", series.index)
        )
        keys, codes = np.unique(label.to_numpy(dtype=str), return_inverse=True)
        total = np.zeros((len(keys), origin + HORIZON))
        np.add.at(total, codes, units[:, : origin + HORIZON])
        mean = np.zeros((len(keys), HORIZON))
        np.add.at(mean, codes, forecast.mean)
        weight = np.bincount(codes, revenue) / revenue.sum()
        steps = np.diff(total[:, :origin], axis=1)
        begun = np.arange(1, origin) > (total[:, :origin] > 0).argmax(axis=1)[:, None]
        n = np.maximum(begun.sum(axis=1), 1)
        came = total[:, origin:]
        # A series that began the day before the origin has no scale yet, and no say.
        square, absolute = ((steps**2 * begun).sum(axis=1) / n), (np.abs(steps) * begun).sum(axis=1) / n
        square, absolute = (np.where(scale > 0, scale, np.nan) for scale in (square, absolute))
        rmsse = np.sqrt(((mean - came) ** 2).mean(axis=1) / square)
        wrmsse[name] = float(np.nansum(weight * rmsse))
        quantiles = forecast.quantiles
        if columns != ("shop_id", "item_id"):
            frame, sums = upper[columns]
            found = frame.astype("str").agg("\x1f".join, axis=1) if columns else pd.Series("", frame.index)
            quantiles = sums.quantiles[pd.Index(found).get_indexer(keys)]
        loss = pinball_loss(came, quantiles[:, :, nine], NINE).mean(axis=(1, 2))
        wspl[name] = float(np.nansum(weight * loss / absolute))
    low, high = forecast.quantiles[:, :, levels.index(0.1)], forecast.quantiles[:, :, levels.index(0.9)]
    came = units[:, origin : origin + HORIZON]
    exact = (came >= low) & (came <= high)
    shared = share_within(came, forecast.quantiles, levels)
    kinds = classify(units[:, :origin].astype(np.float64))
    return {
        "wrmsse": float(np.mean(list(wrmsse.values()))),
        "wspl": float(np.mean(list(wspl.values()))),
        "coverage": float(exact.mean()),
        "coverage_of_counts": float(shared.mean()),
        "coverage_of_counts_by_class": {str(k): float(shared[kinds == k].mean()) for k in np.unique(kinds)},
        "coverage_by_class": {str(k): float(exact[kinds == k].mean()) for k in np.unique(kinds)},
        "bias": float(forecast.mean.sum() / came.sum() - 1),
        "wrmsse_by_level": wrmsse,
        "wspl_by_level": wspl,
    }


def share_within(came: np.ndarray, quantiles: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Share of each count's probability that lies between the levels .1 and .9: its randomised coverage.

    A count that is half of all days cannot lie outside of an interval for a fifth of them. As in the randomised
    probability integral transform (Czado, Gneiting and Held 2009, Biometrics 65) a count therefore stands for all
    the levels from those of the count below it to its own, and the part of them within [.1, .9] counts.
    """
    upto = level_at(came + 0.5, quantiles, levels)
    below = np.where(came == 0, 0.0, level_at(came - 0.5, quantiles, levels))
    inside = np.maximum(np.minimum(upto, 0.9) - np.maximum(below, 0.1), 0.0)
    within = (upto >= 0.1) & (upto <= 0.9)
    return np.where(upto > below, inside / np.maximum(upto - below, 1e-12), within)


def level_at(value: np.ndarray, quantiles: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Find the level of a value between the quantiles; 0 below the lowest and 1 above the highest."""
    grid = np.asarray(levels)
    above = (quantiles <= value[..., None]).sum(axis=-1)
    high = np.clip(above, 1, len(grid) - 1)
    low_q = np.take_along_axis(quantiles, high[..., None] - 1, axis=-1)[..., 0]
    high_q = np.take_along_axis(quantiles, high[..., None], axis=-1)[..., 0]
    share = np.clip((value - low_q) / np.maximum(high_q - low_q, 1e-12), 0.0, 1.0)
    level = grid[high - 1] + share * (grid[high] - grid[high - 1])
    return np.where(above == 0, 0.0, np.where(above == len(grid), 1.0, level))


def main() -> None:
    """Run every origin in a child process and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the folder m5")
    parser.add_argument("--origins", type=int, nargs="+", default=list(DEVELOPED + UNTOUCHED))
    parser.add_argument("--out", type=Path, default=None, help="JSON file to write")
    parser.add_argument("--one", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(run_origin(options.data / "m5", options.one)))
        return
    results = []
    for origin in options.origins:
        command = [sys.executable, __file__, "--data", str(options.data), "--one", str(origin)]
        finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        results.append(json.loads(finished.stdout.splitlines()[-1]))
        report(results[-1])
    for name, chosen in (("developed", DEVELOPED), ("untouched", UNTOUCHED)):
        of_kind = [r for r in results if r["origin"] in chosen]
        if of_kind:
            means = {
                k: np.mean([r[k] for r in of_kind])
                for k in ("wrmsse", "wspl", "coverage", "coverage_of_counts")
            }
            print(f"mean of {name} origins:", "  ".join(f"{k} {v:.4f}" for k, v in means.items()))
    if options.out is not None:
        options.out.write_text(json.dumps(results, indent=1))


def report(result: dict[str, Any]) -> None:
    """Print one origin."""
    bottom = result["wrmsse_by_level"]["item x store"]
    print(
        f"d_{result['origin']}: WRMSSE {result['wrmsse']:.4f}  item x store {bottom:.3f}"
        f"  WSPL {result['wspl']:.4f}"
        f"  80% covers {result['coverage']:.3f} ({result['coverage_of_counts']:.3f} of counts)"
        f"  bias {result['bias']:+.3f}"
        f"  CPU {result['fit_cpu_s']:.0f} + {result['predict_cpu_s']:.0f} s  {result['peak_gib']:.2f} GiB"
        f"  upper weight {result['upper_weight']:.2f}, trees {result['share_of_trees_in_upper']:.1f} of it"
    )
    print("   WRMSSE " + " ".join(f"{v:.3f}" for v in result["wrmsse_by_level"].values()))
    print("   WSPL   " + " ".join(f"{v:.3f}" for v in result["wspl_by_level"].values()))
    print(
        "   covers "
        + "  ".join(f"{k} {v:.3f}" for k, v in result["coverage_by_class"].items())
        + "   counts "
        + "  ".join(f"{k} {v:.3f}" for k, v in result["coverage_of_counts_by_class"].items()),
        flush=True,
    )


if __name__ == "__main__":
    main()
