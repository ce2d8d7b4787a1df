"""The prepare job: tables checked once, and only those an area needs passed on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from samaan_ml.exceptions import DataError
from samaan_ml.tables import ShopData
from training.areas import Area, Prepared
from training.job import JobError

__all__ = ["load_prepared", "prepare"]

_SUMMARY = "data.json"
_TIMES = {"ledger": "at", "promises": "made_at"}


def prepare(area: Area, source: Path, target: Path) -> dict[str, Any]:
    """Check the tables of a folder and write those that an area needs, with a summary.

    Raises
    ------
    DataError
        When a table is absent or broken; every problem is listed.
    """
    data = ShopData.load(source)
    tables = dict(iter(data))
    missing = [name for name in area.required if name not in tables]
    if missing:
        has = ", ".join(tables)
        raise DataError(
            f"area '{area.name}' needs table '{missing[0]}', which is not in the data; it has: {has}"
        )
    empty = [name for name in area.required if tables[name].empty]
    if empty:
        raise DataError(f"table '{empty[0]}' has no rows; area '{area.name}' cannot learn from it")
    wanted = [name for name in (*area.required, *area.optional) if name in tables]
    ShopData(**{name: tables[name] for name in wanted}).save(target)
    summary = {
        "area": area.name,
        "digest": _digest(target, wanted),
        "rows": {name: len(tables[name]) for name in wanted},
        **_span(area, tables),
    }
    (target / _SUMMARY).write_text(json.dumps(summary, indent=1, sort_keys=True) + "\n", "utf-8")
    return summary


def load_prepared(folder: Path) -> Prepared:
    """Read what a prepare job wrote.

    Raises
    ------
    JobError
        When the folder was not written by a prepare job.
    """
    try:
        summary = json.loads((folder / _SUMMARY).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise JobError(f"'{_SUMMARY}' cannot be read; was this written by a prepare job? {error}") from None
    return Prepared(ShopData.load(folder), summary)


def _digest(folder: Path, names: list[str]) -> str:
    """Return the SHA-256 of the tables written."""
    total = hashlib.sha256()
    for name in sorted(names):
        total.update(name.encode())
        total.update(hashlib.sha256((folder / f"{name}.parquet").read_bytes()).digest())
    return total.hexdigest()


def _span(area: Area, tables: dict[str, Any]) -> dict[str, Any]:
    """Return from when to when the data are, and of how many shops."""
    table = tables[area.required[0]]
    times = table[_TIMES.get(area.required[0], "date")]
    return {
        "first": f"{times.min():%Y-%m-%d}",
        "last": f"{times.max():%Y-%m-%d}",
        "shops": int(table["shop_id"].nunique()),
    }
