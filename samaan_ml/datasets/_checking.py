"""Check a folder of tables: every problem by file, row and reason, and what does not fit between tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from samaan_ml.exceptions import DataError, TableError
from samaan_ml.tables import SCHEMAS, read_table

__all__ = ["FolderReport", "check_folder"]

_SUFFIXES = (".parquet", ".csv")
_NAMED = 5


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
    """

    rows: dict[str, int]
    problems: list[str]
    notes: list[str]


def check_folder(folder: Path | str, today: pd.Timestamp | str | None = None) -> FolderReport:
    """Check every table of a folder, and go on after a broken one.

    Parameters
    ----------
    folder : path
        Holds `<table>.parquet` or `<table>.csv` files.
    today : timestamp or str, default=None
        Sales, stock and ledger rows later than this day are problems; None does not look.

    Raises
    ------
    DataError
        When the folder is absent or holds no table.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(
            f"'{folder}' is not a folder; give one that holds {', '.join(SCHEMAS)} as .parquet or .csv"
        )
    tables: dict[str, pd.DataFrame] = {}
    rows: dict[str, int] = {}
    problems: list[str] = []
    for name in SCHEMAS:
        paths = [path for suffix in _SUFFIXES if (path := folder / f"{name}{suffix}").exists()]
        if len(paths) > 1:
            problems.append(f"{name}: the folder holds it twice, as .parquet and .csv; keep one")
        for path in paths:
            try:
                tables[name] = read_table(path, SCHEMAS[name], today)
                rows[path.name] = len(tables[name])
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
    return FolderReport(rows, problems, list(_between(tables)))


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
