"""Staged lines out as tables, batch by batch, each batch checked against its schema."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from samaan_ml.datasets.importing._lines import CELL_MARK
from samaan_ml.datasets.importing._staging import Staging
from samaan_ml.tables import ITEMS, PRICES, SALES, SHOPS, Schema, check, write_table

__all__ = ["settle_spelling", "write_items", "write_prices", "write_rejects", "write_sales", "write_shops"]

_BATCH_ROWS = 200_000

_SPELLING = (
    "SELECT key, item FROM (SELECT key, item, ROW_NUMBER() OVER (PARTITION BY key ORDER BY COUNT(*) DESC, item) place"
    " FROM lines WHERE class <> 'rejected' GROUP BY key, item) WHERE place = 1"
)
"""Each item's most frequent spelling."""

_SALES = """
    SELECT l.shop, s.item, l.day, MAX(SUM(l.net), 0) FROM lines l JOIN spelling s USING (key) WHERE l.class = 'used'
    GROUP BY l.shop, s.item, l.day HAVING SUM(l.net) > 1e-9 OR MIN(l.units) = 0 ORDER BY l.shop, s.item, l.day
"""
"""A day is left out where returns undid all its sales, and kept where the sheet says that none were sold."""

_PAID = """
    INSERT INTO paid SELECT shop, key, day, price FROM (
        SELECT shop, key, day, price,
               ROW_NUMBER() OVER (PARTITION BY shop, key, day ORDER BY COUNT(*) DESC, price) place
        FROM lines WHERE class = 'used' AND price > 0 GROUP BY shop, key, day, price
    ) WHERE place = 1
"""
"""The price that most lines of the day paid; of two, the lower."""

_PRICES = """
    SELECT p.shop, s.item, p.day, p.price, k.cost, k.mrp
    FROM paid p JOIN spelling s USING (key) JOIN (
        SELECT shop, key, day, AVG(cost) cost, MAX(mrp) mrp FROM lines WHERE class = 'used' GROUP BY shop, key, day
    ) k ON k.shop = p.shop AND k.key = p.key AND k.day = p.day
    ORDER BY p.shop, s.item, p.day
"""
_ITEMS = """
    WITH categories AS (
        SELECT key, category, ROW_NUMBER() OVER (PARTITION BY key ORDER BY COUNT(*) DESC, category) place
        FROM lines WHERE class <> 'rejected' AND category <> '' GROUP BY key, category
    ), names AS (
        SELECT key, name, ROW_NUMBER() OVER (PARTITION BY key ORDER BY COUNT(*) DESC, name) place
        FROM lines WHERE class <> 'rejected' AND name <> '' GROUP BY key, name
    )
    SELECT s.item, c.category, n.name FROM spelling s
    LEFT JOIN categories c ON c.key = s.key AND c.place = 1
    LEFT JOIN names n ON n.key = s.key AND n.place = 1 ORDER BY s.item
"""


def settle_spelling(staging: Staging) -> None:
    """Choose the spelling by which each item is written in every table."""
    staging.run("CREATE TEMP TABLE spelling (key PRIMARY KEY, item)")
    staging.run(f"INSERT INTO spelling {_SPELLING}")


def write_sales(staging: Staging, path: Path) -> tuple[int, float]:
    """Write net units by shop, item and day; return rows and units."""
    rows = units = 0.0
    with _Sink(path, SALES) as sink:
        for batch in _batches(staging.query(_SALES)):
            frame = pd.DataFrame(batch, columns=["shop_id", "item_id", "date", "units"])
            sink.write(frame.assign(date=_dates(frame["date"])))
            rows, units = rows + len(frame), units + float(frame["units"].sum())
    return int(rows), units


def write_prices(staging: Staging, path: Path) -> int:
    """Write a price where it is another than before, with cost and MRP where the file had them."""
    names = ["shop_id", "item_id", "date", "unit_price", "unit_cost", "mrp"]
    before: tuple[Any, ...] = ()
    rows = 0
    staging.run("CREATE TEMP TABLE paid (shop, key, day, price, PRIMARY KEY (shop, key, day)) WITHOUT ROWID")
    staging.run(_PAID)
    with _Sink(path, PRICES) as sink:
        for batch in _batches(staging.query(_PRICES)):
            changed = []
            for row in batch:
                state = (row[0], row[1], *row[3:])
                if state != before:
                    changed.append(row)
                    before = state
            frame = pd.DataFrame(changed, columns=names)
            frame = frame.astype({"unit_cost": "float64", "mrp": "float64"})
            sink.write(frame.assign(date=_dates(frame["date"])))
            rows += len(frame)
    return rows


def write_items(staging: Staging, path: Path) -> int:
    """Write the items with their category (`uncategorised` where none is known) and name."""
    frame = pd.DataFrame(staging.query(_ITEMS), columns=["item_id", "category", "name"])
    frame["category"] = frame["category"].fillna("uncategorised")
    if frame["name"].isna().all():
        frame = frame.drop(columns="name")
    write_table(check(frame, ITEMS), path)
    return len(frame)


def write_shops(staging: Staging, path: Path, region: str) -> list[str]:
    """Write the shops, all of one region; return their ids."""
    found = staging.query("SELECT DISTINCT shop FROM lines WHERE class <> 'rejected' ORDER BY shop")
    shops = [shop for (shop,) in found]
    write_table(check(pd.DataFrame({"shop_id": shops, "region": region}), SHOPS), path)
    return shops


def write_rejects(staging: Staging, path: Path, headings: Sequence[str]) -> None:
    """Write every rejected row: its line in the file, the reason, and its cells."""
    rejected = staging.query(
        "SELECT line, reason, raw FROM lines JOIN cells USING (line) WHERE class = 'rejected' ORDER BY line"
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["line", "reason", *headings])
        for line, reason, raw in rejected:
            writer.writerow([line, reason, *(_inert(cell) for cell in raw.split(CELL_MARK))])


class _Sink:
    """A Parquet file that is written batch by batch."""

    def __init__(self, path: Path, schema: Schema) -> None:
        self.path, self.schema = path, schema
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()

    def write(self, frame: pd.DataFrame) -> None:
        """Check and append a batch."""
        table = pa.Table.from_pandas(check(frame, self.schema), preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self._writer.write_table(table)


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Cut rows into batches."""
    while batch := list(islice(rows, _BATCH_ROWS)):
        yield batch


def _dates(ordinals: pd.Series) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    """Turn proleptic ordinals into midnights."""
    days = ordinals.to_numpy(dtype=np.int64) - 719163
    return days.astype("datetime64[D]").astype("datetime64[ns]")


def _inert(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula when the rejects are opened in one."""
    return f"'{cell}" if cell[:1] in ("=", "@", "\t") or (cell[:1] in "+-" and not _is_number(cell)) else cell


def _is_number(cell: str) -> bool:
    """Return whether a cell is a plain number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
