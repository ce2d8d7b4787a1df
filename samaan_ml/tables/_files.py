"""Tables in files: read, write, and the tables of a shop together."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

import pandas as pd

from samaan_ml.exceptions import DataError, Problem, TableError
from samaan_ml.tables._check import check
from samaan_ml.tables._schema import SCHEMAS, Schema

__all__ = ["ShopData", "read_table", "write_table"]

_SUFFIXES = (".parquet", ".csv", ".jsonl")


def read_table(
    path: Path | str,
    schema: Schema,
    today: pd.Timestamp | str | None = None,
    *,
    decimal: Literal[".", ","] = ".",
) -> pd.DataFrame:
    """Read and check one table from a `.parquet`, `.csv` or `.jsonl` file, or from a folder of such files.

    Parameters
    ----------
    path : path
        File or folder.
    schema : Schema
        What the table must be.
    today : timestamp or str, default=None
        Rows later than this day are problems where the schema forbids the future; None checks nothing.
    decimal : {".", ","}, default="."
        Decimal mark of numbers that are given as text, as those of a CSV file are.

    Raises
    ------
    DataError
        When the file is absent, of another kind, or cannot be read.
    TableError
        When its rows break the schema.
    """
    path = Path(path)
    if not path.is_dir():
        return check(read_file(path, schema, decimal), schema, today, decimal=decimal)
    files = sorted(each for each in path.iterdir() if each.suffix in _SUFFIXES)
    if not files:
        raise DataError(f"'{path}' holds no file of table '{schema.name}'; expected {', '.join(_SUFFIXES)}")
    frames = [frame for frame in (read_file(each, schema, decimal) for each in files) if len(frame)]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    return check(whole, schema, today, decimal=decimal)


def read_file(path: Path, schema: Schema, decimal: Literal[".", ","]) -> pd.DataFrame:
    """Read one file of a table, its rows not yet checked."""
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        if path.suffix == ".csv":
            text = {c.name: "str" for c in schema.columns if c.kind in ("id", "word", "date", "instant")}
            return pd.read_csv(
                path,
                dtype=text,
                sep=None if decimal == "," else ",",
                engine="python" if decimal == "," else "c",
            )
        if path.suffix == ".jsonl":
            with path.open("rb") as lines:  # not by pandas, which makes numbers and days of texts
                return pd.DataFrame([json.loads(line) for line in lines if line.strip()])
        raise DataError(
            f"'{path}' is not one of {', '.join(_SUFFIXES)}; give table '{schema.name}' as one of them"
        )
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"'{path}' does not exist; table '{schema.name}' is read from it") from None
    except Exception as error:  # pyarrow and the CSV parser raise a dozen types for a broken file
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"'{path}' cannot be read as {path.suffix[1:]}: {first_line}") from error


def write_table(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a table to `.parquet` or `.csv`, whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.suffix == ".parquet":
            frame.to_parquet(part, index=False, compression="zstd")
        elif path.suffix == ".csv":
            frame.to_csv(part, index=False)
        else:
            raise DataError(f"'{path}' is neither .parquet nor .csv")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class ShopData:
    """The tables of one or more shops, each checked, None where absent.

    Parameters
    ----------
    sales, prices, stock, calendar, items, shops, ledger, promises, covariates : pandas.DataFrame or None, default=None
        As the schemas of this module say.
    """

    sales: pd.DataFrame | None = field(default=None)
    prices: pd.DataFrame | None = field(default=None)
    stock: pd.DataFrame | None = field(default=None)
    calendar: pd.DataFrame | None = field(default=None)
    items: pd.DataFrame | None = field(default=None)
    shops: pd.DataFrame | None = field(default=None)
    ledger: pd.DataFrame | None = field(default=None)
    promises: pd.DataFrame | None = field(default=None)
    covariates: pd.DataFrame | None = field(default=None)

    def __iter__(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Go through the tables that are present, by name."""
        for each in fields(self):
            table = getattr(self, each.name)
            if table is not None:
                yield each.name, table

    @classmethod
    def load(
        cls, folder: Path | str, today: pd.Timestamp | str | None = None, *, decimal: Literal[".", ","] = "."
    ) -> ShopData:
        """Read every table found in a folder as `<name>.parquet`, `.csv`, `.jsonl` or a folder of such files.

        Parameters
        ----------
        folder : path
            Where the files are.
        today : timestamp or str, default=None
            Rows later than this day are problems where a schema forbids the future; None checks nothing.
        decimal : {".", ","}, default="."
            Decimal mark of numbers that are given as text; with "," a CSV file may be separated by semicolons.

        Raises
        ------
        DataError
            When the folder is absent, holds no table, or a file cannot be read.
        TableError
            When rows break a schema; problems of all tables are listed together.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise DataError(
                f"'{folder}' is not a folder; give one that holds {', '.join(SCHEMAS)} as .parquet, .csv or .jsonl"
            )
        paths = {name: _file_of(folder, name) for name in SCHEMAS}
        found = {name: path for name, path in paths.items() if path is not None}
        if not found:
            raise DataError(
                f"'{folder}' holds no table; expected one of {', '.join(SCHEMAS)} as .parquet, .csv or .jsonl"
            )
        tables: dict[str, pd.DataFrame] = {}
        problems: list[Problem] = []
        broken: list[str] = []
        for name, path in found.items():
            try:
                tables[name] = read_table(path, SCHEMAS[name], today, decimal=decimal)
            except TableError as error:
                broken.append(name)
                problems += [
                    Problem(p.row, f"{name}.{p.column}" if p.column else name, p.reason, p.code)
                    for p in error.problems
                ]
        if problems:
            raise TableError("', '".join(broken), problems)
        return cls(**tables)

    def save(self, folder: Path | str) -> None:
        """Write every table that is present to `<name>.parquet` in a folder."""
        for name, table in self:
            write_table(table, Path(folder) / f"{name}.parquet")


def _file_of(folder: Path, name: str) -> Path | None:
    """Find a table's file or folder; two for one table are ambiguous."""
    found = [path for suffix in _SUFFIXES if (path := folder / f"{name}{suffix}").exists()]
    if (folder / name).is_dir():
        found.append(folder / name)
    if len(found) > 1:
        named = " and ".join(path.name for path in found)
        raise DataError(f"'{folder}' holds table '{name}' twice, as {named}; keep one")
    return found[0] if found else None
