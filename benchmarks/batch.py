"""Batch scoring of many shops: seconds, CPU seconds and peak memory by number of workers.

    python benchmarks/batch.py --model FOLDER [--shops 1000] [--items 300] [--days 120] [--workers 1 2]

`FOLDER` is a demand model folder, such as `.samaan/models/demand/champion`. The shops are made here: counts
with a weekday pattern, written as one Parquet table sorted by shop, as the library writes its tables.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).parent.parent


def make_shops(folder: Path, shops: int, items: int, days: int) -> int:
    """Write sales; give the number of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, rows = np.random.default_rng(0), 0
    dates = np.arange("2026-01-01", np.datetime64("2026-01-01") + days, dtype="datetime64[D]")
    week = 1 + 0.4 * np.sin(np.arange(days) * 2 * np.pi / 7)
    schema = pa.schema(
        [("shop_id", pa.string()), ("item_id", pa.string()), ("date", pa.date32()), ("units", pa.float32())]
    )
    with pq.ParquetWriter(folder / "sales.parquet", schema, compression="zstd") as writer:
        for shop in range(shops):
            units = rng.poisson(rng.gamma(0.7, 3.0, (items, 1)) * week)
            item, day = np.nonzero(units)
            writer.write_table(
                pa.table(
                    {
                        "shop_id": np.full(len(item), f"shop-{shop:05d}"),
                        "item_id": np.char.mod("item-%04d", item),
                        "date": dates[day],
                        "units": units[item, day].astype(np.float32),
                    },
                    schema=schema,
                )
            )
            rows += len(item)
    return rows


def score(data: Path, out: Path, model: Path, workers: int) -> dict[str, float]:
    """Score with so many workers; memory is that of the largest process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    code = "import sys; from samaan.cli import main; main(sys.argv[1:])"
    words = [
        "score",
        "demand",
        "--data",
        str(data),
        "--out",
        str(out),
        "--model",
        str(model),
        "--workers",
        str(workers),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", code, *words], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "workers": workers,
        "wall_s": time.perf_counter() - start,
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mib_a_process": after.ru_maxrss / 1024,
    }


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--shops", type=int, default=1000)
    parser.add_argument("--items", type=int, default=300)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        rows = make_shops(data, given.shops, given.items, given.days)
        print(f"{given.shops} shops x {given.items} items x {given.days} days: {rows} rows")
        for workers in given.workers:
            result = score(data, Path(scratch) / f"out-{workers}", given.model, workers)
            results.append({**result, "rows": rows, "shops": given.shops, "items": given.items})
            print("  ".join(f"{name} {value:.1f}" for name, value in result.items()))
    if given.json:
        given.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
