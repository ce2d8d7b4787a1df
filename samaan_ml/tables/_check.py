"""Check a table against its schema and return it in canonical form."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from samaan_ml.exceptions import Problem, TableError
from samaan_ml.tables._convert import Decimal, Reader, convert, covariate
from samaan_ml.tables._far_dates import without_far_dates
from samaan_ml.tables._given import as_frame, plain
from samaan_ml.tables._schema import Column, Schema

__all__ = ["check", "normalise", "unread_columns"]

_LISTED = 10_000


def check(
    frame: Any,
    schema: Schema,
    today: pd.Timestamp | str | None = None,
    *,
    repeats: Literal["refuse", "keep"] = "refuse",
    decimal: Decimal = ".",
) -> pd.DataFrame:
    """Check a table against its schema and return it in canonical form.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table or mapping of columns
        The table as given, shape (n_rows, n_columns), of any dtype backend; anything with the Arrow PyCapsule
        interface will do.
    schema : Schema
        What it must be.
    today : timestamp or str, default=None
        Rows later than this day are problems where the schema forbids the future; None checks nothing.
    repeats : {"refuse", "keep"}, default="refuse"
        Whether rows with the key of an earlier one are problems, or stay where they are, unsorted.
    decimal : {".", ","}, default="."
        Decimal mark of numbers that are given as text; with "," a point separates thousands.

    Returns
    -------
    pandas.DataFrame
        Columns of the schema (and the others where it is open), dtypes fixed, sorted by key, new index.

    Raises
    ------
    TableError
        With every problem found, by row (position in `frame`, from 0) and reason.

    Examples
    --------
    >>> import pandas as pd
    >>> from samaan_ml.tables import SALES
    >>> given = pd.DataFrame({"shop_id": ["s"], "item_id": ["i"], "date": ["2026-01-01"], "units": [3]})
    >>> check(given, SALES)["units"].tolist()
    [3.0]
    >>> check({"shop_id": [7], "item_id": ["i"], "date": ["2026-01-01"], "units": ["2,5"]}, SALES, decimal=",")
      shop_id item_id       date  units
    0       7       i 2026-01-01    2.5
    """
    source = as_frame(frame, schema.name)
    missing = [c.name for c in schema.columns if c.required and c.name not in source.columns]
    if missing:
        has = ", ".join(map(str, source.columns)) or "no columns"
        raise TableError(
            schema.name,
            [Problem(None, name, f"column is missing; got {has}", "column_missing") for name in missing],
        )
    reader = Reader(decimal)
    known = {c.name: convert(source[c.name], c, reader) for c in schema.columns if c.name in source.columns}
    if schema.open:
        known |= _further(source, schema, decimal)
    table = pd.DataFrame(known, copy=False)
    if schema.past is not None and today is not None:
        _report_future(table[schema.past], today, reader)
    if repeats == "refuse":
        _report_duplicates(table, schema, reader.problems)
    if reader.problems:
        raise TableError(
            schema.name,
            sorted(reader.problems, key=lambda p: (-1 if p.row is None else p.row, str(p.column))),
        )
    if repeats == "keep":
        return table
    order = [
        name for name in schema.key or ("shop_id", "customer_id", str(schema.past)) if name in table.columns
    ]
    return table if _is_sorted(table, order) else table.sort_values(order, kind="stable", ignore_index=True)


def normalise(frame: Any, schema: Schema) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Take a table as a model reads it, and say in notes what is not read.

    As `check`, but repeated rows stay, in the order given; rows of `sales` whose date lies far from all others are
    left out as typing errors and named.

    Raises
    ------
    TableError
        As `check` does.
    """
    source = as_frame(frame, schema.name)
    table = check(source, schema, repeats="keep")
    notes: tuple[str, ...] = ()
    unread = unread_columns(source, schema)
    if unread:
        named = ", ".join(f"'{name}'" for name in unread)
        notes = (f"columns of table '{schema.name}' that are not used: {named}",)
    if schema.name == "sales" and len(table):
        table, far = without_far_dates(table, schema)
        notes += far
    return table, notes


def unread_columns(frame: Any, schema: Schema) -> tuple[str, ...]:
    """List the columns of a table that nothing reads, in their order.

    Further columns of `prices` and `calendar` are covariates where they are numbers or truth values; those of
    `items` and `shops` are attributes; those of any other table are not read.
    """
    source = as_frame(frame, schema.name)
    known = {column.name for column in schema.columns}
    further = [str(name) for name in source.columns if name not in known]
    if not schema.open:
        return tuple(further)
    if schema.name not in ("prices", "calendar"):
        return ()
    return tuple(name for name in further if not pd.api.types.is_numeric_dtype(covariate(source[name]).dtype))


def _further(source: pd.DataFrame, schema: Schema, decimal: Decimal) -> dict[str, pd.Series]:
    """Keep the columns that the schema does not name: covariates as numbers, attributes as given."""
    known = {column.name for column in schema.columns}
    names = [name for name in source.columns if name not in known]
    if schema.name in ("prices", "calendar"):
        ids = {name: Column(name, "word", nullable=True) for name in ("shop_id", "item_id")}
        return {
            name: convert(source[name], ids[name], Reader())
            if name in ids
            else covariate(source[name], decimal)
            for name in names
        }
    return {str(name): plain(source[name]) for name in names}


def _report_future(values: pd.Series, today: pd.Timestamp | str, reader: Reader) -> None:
    """Note rows that lie after today."""
    end = pd.Timestamp(today).normalize() + pd.Timedelta(days=1)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        end = end.tz_localize("UTC") if end.tzinfo is None else end.tz_convert("UTC")
    reader.note(values >= end, str(values.name), values, "lies in the future", "future")


def _report_duplicates(table: pd.DataFrame, schema: Schema, problems: list[Problem]) -> None:
    """Note every row whose key stood before."""
    key = [name for name in schema.key if name in table.columns]
    if key:
        # A key that could not be read is a problem of its own, and repeats nothing.
        read = [c.name for c in schema.columns if c.name in key and not c.nullable]
        again = table.duplicated(key, keep="first") & table[read].notna().all(axis=1)
        for row in np.flatnonzero(again.to_numpy())[:_LISTED]:
            where = ", ".join(f"{name}={table[name].iloc[row]}" for name in key)
            problems.append(
                Problem(int(row), None, f"the row repeats an earlier one: {where}", "repeated_row")
            )


def _is_sorted(table: pd.DataFrame, order: list[str]) -> bool:
    """Spare the sort, and its memory, for the common table that comes sorted."""
    tied = np.ones(max(len(table) - 1, 0), dtype=bool)
    for name in order:
        values = table[name]
        codes = (
            values.cat.codes.to_numpy()
            if isinstance(values.dtype, pd.CategoricalDtype)
            else values.to_numpy()
        )
        before, after = codes[:-1], codes[1:]
        if values.isna().any() or bool((tied & (before > after)).any()):
            return False
        tied &= before == after
    return True
