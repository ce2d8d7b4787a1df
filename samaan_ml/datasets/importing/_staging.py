"""Lines between reading and writing: on disk, in SQLite, so that a file larger than memory can be imported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from samaan_ml.datasets.importing._lines import StagedLine

__all__ = ["Staging"]

_COLUMNS = ("class" if name == "kind" else name for name in StagedLine._fields[:-1])
_NAMES = ", ".join(_COLUMNS)
_CACHE_KILOBYTES = 256_000
_MOSTLY = 0.95
_SHORT, _USUAL = 2, 5


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
            " units REAL, price REAL, cost REAL, mrp REAL, day INTEGER, class, reason, mark INTEGER, net REAL);"
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

    def add(self, lines: Sequence[StagedLine]) -> None:
        """Add lines."""
        marks = ", ".join("?" * (len(StagedLine._fields) - 1))
        self._database.executemany(
            "INSERT INTO cells VALUES (?, ?)", ((line.line, line.raw) for line in lines)
        )
        sql = f"INSERT INTO lines ({_NAMES}) VALUES ({marks})"  # noqa: S608 (own names)
        self._database.executemany(sql, (line[:-1] for line in lines))

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

    def settle(self, keep_codes: frozenset[str]) -> None:
        """Reject what only the whole file shows to be wrong, and prepare the lines for queries."""
        self._database.execute("UPDATE lines SET net = units")
        self._reject_odd_codes(keep_codes)
        self._database.execute("CREATE INDEX by_item ON lines (shop, key, day) WHERE class = 'used'")
        self._database.execute(
            "CREATE INDEX by_customer ON lines (shop, key, customer, day) WHERE class = 'used'"
        )
        self._database.commit()

    def take_back(self, line: int, units: float) -> None:
        """Lower what a sold line counts for."""
        self._database.execute("UPDATE lines SET net = net - ? WHERE line = ?", (units, line))

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
