"""Lines between reading and writing: on disk, in SQLite, so that a file larger than memory can be imported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from samaan_ml.datasets.importing._lines import NO_DAY

__all__ = ["DateOrder", "Reading", "Staging"]

DateOrder = Literal["dmy", "mdy"]
Reading = Literal["dmy", "mdy", "either", "plain"]
"""How a file's dates were read; `either` was possible and day first taken, `plain` ones have one reading."""

_COLUMNS = (
    "line", "shop", "item", "key", "name", "category", "invoice", "customer", "units", "price", "cost", "mrp",
    "day_first", "month_first", "class", "reason", "mark",
)  # fmt: skip
_CACHE_KILOBYTES = 256_000
_MOSTLY = 0.95
_SHORT, _USUAL = 2, 5
_EARLIEST = 719163  # 1970-01-01


class Staging:
    """The lines of one import.

    Parameters
    ----------
    path : pathlib.Path
        File of the temporary database.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;"
            f"PRAGMA cache_size = -{_CACHE_KILOBYTES};"
            "CREATE TABLE lines (line INTEGER PRIMARY KEY, shop, item, key, name, category, invoice, customer,"
            " units REAL, price REAL, cost REAL, mrp REAL, day_first INTEGER, month_first INTEGER, class, reason,"
            " mark INTEGER, day INTEGER, net REAL);"
            "CREATE TABLE cells (line INTEGER PRIMARY KEY, raw);"
        )

    def __enter__(self) -> Self:
        """Use it in a with block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the database."""
        self._database.close()

    def add(self, lines: pd.DataFrame) -> None:
        """Add lines."""
        marks = ", ".join("?" * len(_COLUMNS))
        names = ", ".join(_COLUMNS)
        marks_of_rows = pd.util.hash_array(lines["raw"].to_numpy(dtype=object)).view(np.int64)
        lines = lines.assign(mark=marks_of_rows)
        columns = [lines[name].tolist() for name in _COLUMNS]
        rows = zip(*columns, strict=True)
        cells = zip(lines["line"].tolist(), lines["raw"], strict=True)
        self._database.executemany("INSERT INTO cells VALUES (?, ?)", cells)
        self._database.executemany(f"INSERT INTO lines ({names}) VALUES ({marks})", rows)  # noqa: S608 (own names)

    def query(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        yield from self._database.execute(sql, values)

    def run(self, sql: str, *values: Any) -> None:
        """Run a statement."""
        self._database.execute(sql, values)

    def one(self, sql: str, *values: Any) -> tuple[Any, ...]:
        """Return the single row of a query."""
        row: tuple[Any, ...] = self._database.execute(sql, values).fetchone()
        return row

    def settle(self, order: DateOrder | None, today: int, keep_codes: frozenset[str]) -> Reading:
        """Decide how dates are read, and reject what only the whole file shows to be wrong."""
        reading = self._reading(order, today)
        column = "month_first" if reading == "mdy" else "day_first"
        run = self._database.execute
        run(f"UPDATE lines SET day = {column}, net = units")  # noqa: S608 (one of two names)
        words = column.replace("_", " ")
        reject = "UPDATE lines SET class = 'rejected', reason = ? WHERE class <> 'rejected' AND "
        run(
            reject + "day = ?",
            (f"date does not exist when read {words}, as the file's other dates are", NO_DAY),
        )
        run(reject + "day > ?", ("date lies in the future", today))
        run(reject + "day < ?", ("date is before 1970", _EARLIEST))
        self._reject_odd_codes(keep_codes)
        run("CREATE INDEX by_item ON lines (shop, key, day) WHERE class = 'used'")
        run("CREATE INDEX by_customer ON lines (shop, key, customer, day) WHERE class = 'used'")
        self._database.commit()
        return reading

    def take_back(self, line: int, units: float) -> None:
        """Lower what a sold line counts for."""
        self._database.execute("UPDATE lines SET net = net - ? WHERE line = ?", (units, line))

    def _reading(self, order: DateOrder | None, today: int) -> Reading:
        """Choose the order that makes more of the dates possible; day first where both do, as in India."""
        day_first, month_first, differ = self.one(
            "SELECT SUM(day_first BETWEEN 0 AND ?1), SUM(month_first BETWEEN 0 AND ?1), SUM(day_first <> month_first)"
            " FROM lines WHERE class <> 'rejected'",
            today,
        )
        if not differ:
            return "plain"
        if order is not None:
            return order
        if day_first == month_first:
            return "either"
        return "mdy" if month_first > day_first else "dmy"

    def _reject_odd_codes(self, keep_codes: frozenset[str]) -> None:
        """Reject codes unlike the others, as charges have: no digit, or two letters, where nearly all differ."""
        total, digits, usual = self.one(
            "SELECT COUNT(*), SUM(key GLOB '*[0-9]*'), SUM(LENGTH(key) >= ?) FROM lines WHERE class <> 'rejected'",
            _USUAL,
        )
        if not total or digits < _MOSTLY * total:
            return
        kept = ", ".join("?" * len(keep_codes))
        spare = f" AND key NOT IN ({kept})" if keep_codes else ""
        share = f"{100 * digits / total:.1f} % of the others'"
        sql = "UPDATE lines SET class = 'rejected', reason = ? || item || '''' WHERE class <> 'rejected' AND "
        text = f"not goods by its code, which has no digit while {share} have: '"
        self._database.execute(sql + "key NOT GLOB '*[0-9]*'" + spare, (text, *keep_codes))
        if usual >= _MOSTLY * total:
            text = "not goods by its code, far shorter than the others': '"
            self._database.execute(sql + f"LENGTH(key) <= {_SHORT}" + spare, (text, *keep_codes))
