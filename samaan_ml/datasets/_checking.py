"""Check a folder of tables: every problem by file, row and reason, and what does not fit between tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from samaan_ml.exceptions import DataError, TableError
from samaan_ml.tables import SCHEMAS, check, unread_columns, write_table
from samaan_ml.tables._far_dates import far_rows
from samaan_ml.tables._far_prices import far_prices
from samaan_ml.tables._files import read_file

__all__ = ["FolderReport", "check_folder"]

_SUFFIXES = (".parquet", ".csv")
_NAMED = 5
_DATED = ("sales", "prices", "stock")
_TIMES = 30.0
_LEAST_ROWS = 8


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What was found in a folder of tables.

    Parameters
    ----------
    rows : dict of str to int
        Rows of each sound table, by file name.
    problems : list of str
        What makes a table unusable, one line each.
    notes : list of str
        What is odd between tables, though each is sound.
    suspicious : list of SuspiciousRow
        Rows that can be read and are most likely typing errors.
    """

    rows: dict[str, int]
    problems: list[str]
    notes: list[str]
    suspicious: list[SuspiciousRow]


@dataclass(frozen=True, slots=True)
class SuspiciousRow:
    """A row that is most likely a typing error.

    Parameters
    ----------
    file : str
        Its file.
    row : int
        Its position among the file's rows, from 0.
    reason : str
        What makes it suspicious.
    """

    file: str
    row: int
    reason: str

    def __str__(self) -> str:
        """Name the row, of a CSV file also by its line."""
        line = f"line {self.row + 2}, " if self.file.endswith(".csv") else ""
        return f"{self.file}, {line}row {self.row}: {self.reason}"


def check_folder(
    folder: Path | str,
    today: pd.Timestamp | str | None = None,
    *,
    quarantine: Path | str | None = None,
    decimal: Literal[".", ","] = ".",
) -> FolderReport:
    """Check every table of a folder, and go on after a broken one.

    Parameters
    ----------
    folder : path
        Holds `<table>.parquet` or `<table>.csv` files.
    today : timestamp or str, default=None
        Sales, stock and ledger rows later than this day are problems; None does not look.
    quarantine : path or None, default=None
        A new or empty folder: the sound tables are written there without their suspicious rows, and these, with
        the reason, to `quarantine/<table>.csv` in it.
    decimal : {".", ","}, default="."
        Decimal mark of numbers that are given as text.

    Raises
    ------
    DataError
        When the folder is absent or holds no table, or the folder for the quarantine is not empty.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(
            f"'{folder}' is not a folder; give one that holds {', '.join(SCHEMAS)} as .parquet or .csv"
        )
    tables: dict[str, pd.DataFrame] = {}
    rows: dict[str, int] = {}
    problems: list[str] = []
    notes: list[str] = []
    suspicious: list[SuspiciousRow] = []
    for name in SCHEMAS:
        paths = [path for suffix in _SUFFIXES if (path := folder / f"{name}{suffix}").exists()]
        if len(paths) > 1:
            problems.append(f"{name}: the folder holds it twice, as .parquet and .csv; keep one")
        for path in paths:
            try:
                given = read_file(path, SCHEMAS[name], decimal)
                suspicious += _suspicious(name, path.name, given, decimal)
                tables[name] = check(given, SCHEMAS[name], today, decimal=decimal)
                rows[path.name] = len(tables[name])
                unread = ", ".join(f"'{each}'" for each in unread_columns(given, SCHEMAS[name]))
                notes += [f"{path.name} has columns that nothing reads: {unread}"] if unread else []
            except TableError as error:
                problems += [
                    f"{path.name}, {_place(problem.row, path)}{problem}" for problem in error.problems
                ]
            except DataError as error:
                problems.append(f"{path.name}: {error}")
    if not rows and not problems:
        raise DataError(
            f"'{folder}' holds no table; expected one of {', '.join(SCHEMAS)} as .parquet or .csv"
        )
    if quarantine is not None and not problems:
        _set_apart(Path(quarantine), folder, tables, suspicious, decimal)
    return FolderReport(rows, problems, [*notes, *_between(tables)], suspicious)


def _suspicious(name: str, file: str, given: pd.DataFrame, decimal: Literal[".", ","]) -> list[SuspiciousRow]:
    """Find the rows of a table, in the file's order, that are most likely typing errors."""
    try:
        table = check(given, SCHEMAS[name], repeats="keep", decimal=decimal)
    except TableError:  # the caller lists these problems
        return []
    return [SuspiciousRow(file, row, reason) for row, reason in _typing_errors(name, table)]


def _typing_errors(name: str, table: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Name rows whose date, units or price lies far from the others."""
    if name in _DATED and len(table):
        far = far_rows(table["date"])
        days = table["date"][~far]
        for row in np.flatnonzero(far):
            span = f"the others lie from {days.min().date()} to {days.max().date()}"
            yield int(row), f"date {table['date'].iloc[row].date()}, where {span}"
    if name == "sales" and len(table):
        usual = _usual(table, "units")
        for row in np.flatnonzero((table["units"] > _TIMES * usual) & (usual > 0)):
            yield int(row), f"units {table['units'].iloc[row]:g}, usually about {usual.iloc[row]:.3g}"
    if name == "prices" and len(table):
        usual = _usual(table, "unit_price")
        price = table["unit_price"]
        for row in np.flatnonzero(far_prices(table)):
            yield int(row), f"unit_price {price.iloc[row]:g}, usually about {usual.iloc[row]:.3g}"
        if "mrp" in table.columns:
            for row in np.flatnonzero(price > table["mrp"]):
                yield int(row), f"unit_price {price.iloc[row]:g} above the MRP of {table['mrp'].iloc[row]:g}"


def _usual(table: pd.DataFrame, column: str) -> pd.Series:
    """Return the geometric mean of each row's series over the rows above zero; NaN where these are few."""
    values = table[column].where(table[column] > 0)
    logs = values.map(np.log, na_action="ignore").groupby([table["shop_id"], table["item_id"]], observed=True)
    usual: pd.Series = logs.transform("median").map(np.exp, na_action="ignore")
    return usual.where(logs.transform("count") >= _LEAST_ROWS)


def _set_apart(
    target: Path,
    folder: Path,
    tables: dict[str, pd.DataFrame],
    suspicious: list[SuspiciousRow],
    decimal: Literal[".", ","],
) -> None:
    """Write the tables without their suspicious rows, and these beside them."""
    if target.exists() and any(target.iterdir()):
        raise DataError(f"'{target}' is not empty; give a new folder for the quarantine")
    for name, table in tables.items():
        mine = [each for each in suspicious if Path(each.file).stem == name]
        if not mine:
            write_table(table, target / f"{name}.parquet")
            continue
        given = read_file(folder / mine[0].file, SCHEMAS[name], decimal)
        given = check(given, SCHEMAS[name], repeats="keep", decimal=decimal)
        rows = sorted({each.row for each in mine})
        reasons = {row: "; ".join(each.reason for each in mine if each.row == row) for row in rows}
        kept = given.drop(index=rows).reset_index(drop=True)
        write_table(check(kept, SCHEMAS[name]), target / f"{name}.parquet")
        apart = given.loc[rows].assign(row=rows, reason=[reasons[row] for row in rows])
        write_table(apart, target / "quarantine" / f"{name}.csv")


def _place(row: int | None, path: Path) -> str:
    """Name a CSV row also by its line, as an editor shows it: the first row is line 2."""
    return "" if row is None or path.suffix != ".csv" else f"line {row + 2}, "


def _between(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Note ids that one table has and the table that describes them lacks."""
    for described, key in (("items", "item_id"), ("shops", "shop_id")):
        if described not in tables:
            continue
        known = set(tables[described][key].astype("str"))
        for name, table in tables.items():
            if name != described and key in table.columns:
                unknown = sorted(set(table[key].astype("str").unique()) - known)
                if unknown:
                    few = ", ".join(f"'{each}'" for each in unknown[:_NAMED])
                    more = ", ..." if len(unknown) > _NAMED else ""
                    yield f"{name} has {len(unknown)} {key} that {described} lacks: {few}{more}"
    if "sales" in tables and "prices" in tables:
        yield from _unpriced(tables["sales"], tables["prices"])


def _unpriced(sales: pd.DataFrame, prices: pd.DataFrame) -> Iterator[str]:
    """Note series that sell without any price."""
    keys = ["shop_id", "item_id"]
    sold, priced = (
        set(map(tuple, table[keys].astype("str").drop_duplicates().to_numpy())) for table in (sales, prices)
    )
    missing = sorted(sold - priced)
    if missing:
        shop, item = missing[0]
        yield f"{len(missing)} series sell without a price in prices, the first '{shop}/{item}'"
