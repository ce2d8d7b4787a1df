"""The eight tables that everything is learned from: their columns, their checks, their files.

A table is checked once, at the door; behind it nothing checks again. `check` reports every problem by
row and reason in one `TableError`. Quantities are units and prices rupees here, as a model wants them;
the udhaar ledger keeps whole paise.

========  ==============================================================================================
sales     shop_id, item_id, date, units: net units sold that day. No row on a day on which the shop has
          other rows means that nothing was sold; a day without any row of the shop is closed or was
          not entered.
prices    shop_id, item_id, date, unit_price[, unit_cost, mrp]: a price holds until the next row.
stock     shop_id, item_id, date, in_stock_share: the share of the open hours with stock on the shelf.
calendar  date[, region], event[, ...]: known ahead; without a region the event holds everywhere.
items     item_id, category[, ...]: one row an item, any further attributes.
shops     shop_id, region[, ...]: one row a shop, any further attributes.
ledger    shop_id, customer_id, at, kind, amount_paise, due_on[, entry_id, reverses]: udhaar entries.
promises  shop_id, customer_id, amount_paise, made_at, pay_by: what customers said they would pay, by when.
========  ==============================================================================================
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from samaan_ml.exceptions import DataError, Problem, TableError

__all__ = [
    "CALENDAR",
    "ITEMS",
    "LEDGER",
    "PRICES",
    "PROMISES",
    "SALES",
    "SCHEMAS",
    "SHOPS",
    "STOCK",
    "Column",
    "Schema",
    "ShopData",
    "check",
    "from_nixtla",
    "read_table",
    "to_nixtla",
    "write_table",
]

_LISTED = 10_000
"""So many problems a column and reason are listed one by one; a broken million-row file must still answer."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Its name.
    kind : {"id", "word", "date", "instant", "number", "integer"}
        What its values are; an id may not be empty, a date has no time of day, an instant has a zone.
    required : bool, default=True
        Whether the table must have it.
    nullable : bool, default=False
        Whether a value may be missing.
    minimum, maximum : float or None, default=None
        Closed bounds of a number.
    choices : tuple of str, default=()
        The only words allowed, where not empty.
    """

    name: str
    kind: Literal["id", "word", "date", "instant", "number", "integer"]
    required: bool = True
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """A table's columns, key and time.

    Parameters
    ----------
    name : str
        Name of the table and of its file.
    columns : tuple of Column
        The columns known here.
    key : tuple of str
        Columns whose values together may appear once only; empty where rows may repeat.
    past : str or None, default=None
        The column that may not lie in the future.
    open : bool, default=False
        Whether further columns are kept.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    past: str | None = None
    open: bool = False


_SHOP = Column("shop_id", "id")
_ITEM = Column("item_id", "id")
_DATE = Column("date", "date")

SALES = Schema(
    "sales",
    (_SHOP, _ITEM, _DATE, Column("units", "number", minimum=0)),
    ("shop_id", "item_id", "date"),
    past="date",
)
PRICES = Schema(
    "prices",
    (
        _SHOP,
        _ITEM,
        _DATE,
        Column("unit_price", "number", minimum=0),
        Column("unit_cost", "number", required=False, nullable=True, minimum=0),
        Column("mrp", "number", required=False, nullable=True, minimum=0),
    ),
    ("shop_id", "item_id", "date"),
)
STOCK = Schema(
    "stock",
    (
        _SHOP,
        _ITEM,
        _DATE,
        Column("in_stock_share", "number", minimum=0, maximum=1),
        Column("on_hand_units", "number", required=False, nullable=True),
    ),
    ("shop_id", "item_id", "date"),
    past="date",
)
CALENDAR = Schema(
    "calendar",
    (_DATE, Column("region", "word", required=False, nullable=True), Column("event", "word", nullable=True)),
    ("date", "region", "event"),
    open=True,
)
ITEMS = Schema("items", (_ITEM, Column("category", "word")), ("item_id",), open=True)
SHOPS = Schema("shops", (_SHOP, Column("region", "word")), ("shop_id",), open=True)
LEDGER = Schema(
    "ledger",
    (
        _SHOP,
        Column("customer_id", "id"),
        Column("at", "instant"),
        Column("kind", "word", choices=("credit", "payment", "reversal", "write_off")),
        Column("amount_paise", "integer", minimum=1),
        Column("due_on", "date", nullable=True),
        Column("entry_id", "id", required=False),
        Column("reverses", "word", required=False, nullable=True),
    ),
    (),
    past="at",
)
PROMISES = Schema(
    "promises",
    (
        _SHOP,
        Column("customer_id", "id"),
        Column("amount_paise", "integer", minimum=1),
        Column("made_at", "instant"),
        Column("pay_by", "date"),
    ),
    (),
    past="made_at",
)

SCHEMAS: dict[str, Schema] = {
    schema.name: schema for schema in (SALES, PRICES, STOCK, CALENDAR, ITEMS, SHOPS, LEDGER, PROMISES)
}


def check(frame: Any, schema: Schema, today: pd.Timestamp | str | None = None) -> pd.DataFrame:
    """Check a table against its schema and return it in canonical form.

    Parameters
    ----------
    frame : pandas.DataFrame or polars.DataFrame
        The table as given, shape (n_rows, n_columns).
    schema : Schema
        What it must be.
    today : timestamp or str, default=None
        Rows later than this day are problems where the schema forbids the future; None checks nothing.

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
    >>> given = pd.DataFrame({"shop_id": ["s"], "item_id": ["i"], "date": ["2026-01-01"], "units": [3]})
    >>> check(given, SALES)["units"].tolist()
    [3.0]
    """
    source = _as_pandas(frame, schema.name)
    missing = [c.name for c in schema.columns if c.required and c.name not in source.columns]
    if missing:
        has = ", ".join(map(str, source.columns)) or "no columns"
        raise TableError(
            schema.name, [Problem(None, name, f"column is missing; got {has}") for name in missing]
        )
    problems: list[Problem] = []
    known = {c.name: _column(source[c.name], c, problems) for c in schema.columns if c.name in source.columns}
    if schema.open:
        known |= {str(name): source[name] for name in source.columns if name not in known}
    table = pd.DataFrame(known)
    if schema.past is not None and today is not None:
        _report_future(table[schema.past], today, problems)
    _report_duplicates(table, schema, problems)
    if problems:
        raise TableError(
            schema.name, sorted(problems, key=lambda p: (-1 if p.row is None else p.row, str(p.column)))
        )
    order = [
        name for name in schema.key or ("shop_id", "customer_id", str(schema.past)) if name in table.columns
    ]
    return table if _is_sorted(table, order) else table.sort_values(order, kind="stable", ignore_index=True)


def _as_pandas(frame: Any, name: str) -> pd.DataFrame:
    """Accept pandas as it is and polars through its own conversion."""
    if isinstance(frame, pd.DataFrame):
        return frame.reset_index(drop=True)
    if hasattr(frame, "collect") and hasattr(frame, "collect_schema"):  # a polars LazyFrame
        frame = frame.collect()
    if hasattr(frame, "to_pandas"):
        converted: pd.DataFrame = frame.to_pandas()
        return converted
    kind = type(frame).__name__
    raise TableError(name, [Problem(None, None, f"expected a pandas or polars frame, got '{kind}'")])


def _column(values: pd.Series, column: Column, problems: list[Problem]) -> pd.Series:
    """Convert one column to its canonical dtype, noting each value that cannot be."""
    return _CONVERTERS[column.kind](values, column, problems)


def _note(bad: Any, column: str, values: pd.Series, reason: str, problems: list[Problem]) -> None:
    """Add a problem for each row where `bad` holds."""
    rows = np.flatnonzero(np.asarray(bad, dtype=bool))
    problems += [Problem(int(row), column, f"{reason}, got '{values.iloc[row]}'") for row in rows[:_LISTED]]
    if len(rows) > _LISTED:
        problems.append(Problem(None, column, f"{reason}, in {len(rows) - _LISTED} further rows"))


def _id(values: pd.Series, column: Column, problems: list[Problem]) -> pd.Series:
    """Ids are non-empty text; whole numbers are written out, categories stay categories."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        categories = _id(pd.Series(values.cat.categories), column, problems)
        _note(values.isna(), column.name, values, "an id may not be missing", problems)
        return values if not len(categories) else values.cat.rename_categories(categories.tolist())
    missing = values.isna()
    _note(missing, column.name, values, "an id may not be missing", problems)
    text = values.astype("Int64").astype("str") if _is_whole(values) else values.astype("str")
    _note(~missing & (text.str.strip() == ""), column.name, values, "an id may not be empty", problems)
    if column.name == "shop_id":
        _note(
            ~missing & text.str.contains("/"), column.name, values, "a shop's id may not hold '/'", problems
        )
    return text


def _is_whole(values: pd.Series) -> bool:
    """Tell whether a float column is really whole numbers, as a CSV reader makes of ids with gaps."""
    if not pd.api.types.is_float_dtype(values.dtype):
        return False
    present = values.dropna()
    return bool((present == present.round()).all())


def _word(values: pd.Series, column: Column, problems: list[Problem]) -> pd.Series:
    """Words are text, missing only where allowed, one of the choices where there are some."""
    missing = values.isna()
    if not column.nullable:
        _note(missing, column.name, values, "a value is missing", problems)
    is_category = isinstance(values.dtype, pd.CategoricalDtype)
    text = values if is_category else values.astype("str").where(~missing, None)
    if column.choices:
        allowed = ", ".join(column.choices)
        _note(
            ~missing & ~text.isin(column.choices), column.name, values, f"expected one of {allowed}", problems
        )
    return text


def _date(values: pd.Series, column: Column, problems: list[Problem]) -> pd.Series:
    """Dates are midnight without a zone."""
    missing = values.isna()
    if not column.nullable:
        _note(missing, column.name, values, "a date is missing", problems)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        problems.append(
            Problem(None, column.name, "expected dates of the shop's own day, got instants with a zone")
        )
        bare: pd.Series = values.dt.tz_localize(None)
        return bare
    if pd.api.types.is_numeric_dtype(values.dtype):
        _note(~missing, column.name, values, "expected a date like 2026-01-31", problems)
        return pd.Series(pd.NaT, index=values.index)
    parsed = pd.to_datetime(values, errors="coerce", format=None if _is_datetime(values) else "ISO8601")
    _note(parsed.isna() & ~missing, column.name, values, "expected a date like 2026-01-31", problems)
    _note(
        parsed.notna() & (parsed != parsed.dt.normalize()),
        column.name,
        values,
        "a date has no time of day",
        problems,
    )
    return parsed.astype("datetime64[ns]")


def _is_datetime(values: pd.Series) -> bool:
    """Tell whether the values are datetimes already."""
    return pd.api.types.is_datetime64_any_dtype(values.dtype)


def _instant(values: pd.Series, column: Column, problems: list[Problem]) -> pd.Series:
    """Instants carry a zone and are kept in UTC."""
    missing = values.isna()
    _note(missing, column.name, values, "an instant is missing", problems)
    if _is_datetime(values) and not isinstance(values.dtype, pd.DatetimeTZDtype):
        problems.append(Problem(None, column.name, "expected instants with a zone, got times without one"))
        in_utc: pd.Series = values.dt.tz_localize("UTC")
        return in_utc
    parsed = pd.to_datetime(
        values, errors="coerce", utc=True, format=None if _is_datetime(values) else "ISO8601"
    )
    _note(
        parsed.isna() & ~missing,
        column.name,
        values,
        "expected an instant like 2026-01-31T18:00:00Z",
        problems,
    )
    if not _is_datetime(values):
        zoneless = ~missing & ~values.astype("str").str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True)
        _note(
            zoneless & parsed.notna(),
            column.name,
            values,
            "an instant needs a zone, like Z or +05:30",
            problems,
        )
    return parsed.astype("datetime64[ns, UTC]")


def _number(values: pd.Series, column: Column, problems: list[Problem]) -> pd.Series:
    """Numbers are finite and inside the column's bounds."""
    parsed = pd.to_numeric(values, errors="coerce").astype(
        "float32" if values.dtype == "float32" else "float64"
    )
    absent = values.isna()
    unread = parsed.isna() & (~absent if column.nullable else True)
    _note(unread, column.name, values, "expected a number", problems)
    _note(np.isinf(parsed), column.name, values, "expected a finite number", problems)
    if column.minimum is not None:
        _note(parsed < column.minimum, column.name, values, f"expected at least {column.minimum:g}", problems)
    if column.maximum is not None:
        _note(
            (parsed > column.maximum) & ~np.isinf(parsed),
            column.name,
            values,
            f"expected at most {column.maximum:g}",
            problems,
        )
    return parsed


def _integer(values: pd.Series, column: Column, problems: list[Problem]) -> pd.Series:
    """Integers are numbers without a fraction, small enough to be exact."""
    parsed = _number(values, column, problems)
    _note((parsed % 1 != 0) & np.isfinite(parsed), column.name, values, "expected a whole number", problems)
    _note(
        np.isfinite(parsed) & (parsed.abs() > 2**53), column.name, values, "the number is too large", problems
    )
    exact = parsed.where(np.isfinite(parsed) & (parsed.abs() <= 2**53), 0.0)
    return exact.astype("int64")


_CONVERTERS: dict[str, Callable[[pd.Series, Column, list[Problem]], pd.Series]] = {
    "id": _id,
    "word": _word,
    "date": _date,
    "instant": _instant,
    "number": _number,
    "integer": _integer,
}


def _report_future(values: pd.Series, today: pd.Timestamp | str, problems: list[Problem]) -> None:
    """Note rows that lie after today."""
    end = pd.Timestamp(today).normalize() + pd.Timedelta(days=1)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        end = end.tz_localize("UTC") if end.tzinfo is None else end.tz_convert("UTC")
    _note(values >= end, str(values.name), values, "lies in the future", problems)


def _report_duplicates(table: pd.DataFrame, schema: Schema, problems: list[Problem]) -> None:
    """Note every row whose key stood before."""
    key = [name for name in schema.key if name in table.columns]
    if key:
        # A key that could not be read is a problem of its own, and repeats nothing.
        read = [c.name for c in schema.columns if c.name in key and not c.nullable]
        again = table.duplicated(key, keep="first") & table[read].notna().all(axis=1)
        for row in np.flatnonzero(again.to_numpy())[:_LISTED]:
            where = ", ".join(f"{name}={table[name].iloc[row]}" for name in key)
            problems.append(Problem(int(row), None, f"the row repeats an earlier one: {where}"))


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


def to_nixtla(sales: pd.DataFrame) -> pd.DataFrame:
    """Turn checked sales into the Nixtla long format: unique_id (`shop/item`), ds, y.

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame({"shop_id": ["s"], "item_id": ["i"], "date": ["2026-01-01"], "units": [3]})
    >>> to_nixtla(check(sales, SALES))["unique_id"].tolist()
    ['s/i']
    """
    unique_id = sales["shop_id"].astype("str") + "/" + sales["item_id"].astype("str")
    return pd.DataFrame({"unique_id": unique_id, "ds": sales["date"], "y": sales["units"]})


def from_nixtla(frame: Any) -> pd.DataFrame:
    """Turn the Nixtla long format (unique_id, ds, y) into checked sales.

    An id without a `/` belongs to the shop `shop`, so that series of any origin can be read.

    Raises
    ------
    TableError
        As `check` does.
    """
    source = _as_pandas(frame, "nixtla")
    missing = [name for name in ("unique_id", "ds", "y") if name not in source.columns]
    if missing:
        raise TableError("nixtla", [Problem(None, name, "column is missing") for name in missing])
    ids = source["unique_id"].astype("str")
    parts = ids.where(ids.str.contains("/"), "shop/" + ids).str.split("/", n=1, expand=True)
    sales = pd.DataFrame(
        {"shop_id": parts[0], "item_id": parts[1], "date": source["ds"], "units": source["y"]}
    )
    return check(sales, SALES)


_SUFFIXES = (".parquet", ".csv", ".jsonl")


def read_table(path: Path | str, schema: Schema, today: pd.Timestamp | str | None = None) -> pd.DataFrame:
    """Read and check one table from a `.parquet`, `.csv` or `.jsonl` file, or from a folder of such files.

    Raises
    ------
    DataError
        When the file is absent, of another kind, or cannot be read.
    TableError
        When its rows break the schema.
    """
    path = Path(path)
    if not path.is_dir():
        return check(_read_file(path, schema), schema, today)
    files = sorted(each for each in path.iterdir() if each.suffix in _SUFFIXES)
    if not files:
        raise DataError(f"'{path}' holds no file of table '{schema.name}'; expected {', '.join(_SUFFIXES)}")
    frames = [frame for frame in (_read_file(each, schema) for each in files) if len(frame)]
    return check(pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(), schema, today)


def _read_file(path: Path, schema: Schema) -> pd.DataFrame:
    """Read one file of a table, its rows not yet checked."""
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        if path.suffix == ".csv":
            text = {c.name: "str" for c in schema.columns if c.kind in ("id", "word", "date", "instant")}
            return pd.read_csv(path, dtype=text)
        if path.suffix == ".jsonl":
            with path.open("rb") as lines:  # not by pandas, which makes numbers and days of texts
                return pd.DataFrame([json.loads(line) for line in lines if line.strip()])
        raise DataError(
            f"'{path}' is none of {', '.join(_SUFFIXES)}; give table '{schema.name}' as one of them"
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
    sales, prices, stock, calendar, items, shops, ledger, promises : pandas.DataFrame or None, default=None
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

    def __iter__(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Go through the tables that are present, by name."""
        for each in fields(self):
            table = getattr(self, each.name)
            if table is not None:
                yield each.name, table

    @classmethod
    def load(cls, folder: Path | str, today: pd.Timestamp | str | None = None) -> ShopData:
        """Read every table found in a folder as `<name>.parquet`, `.csv`, `.jsonl` or a folder of such files.

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
                tables[name] = read_table(path, SCHEMAS[name], today)
            except TableError as error:
                broken.append(name)
                problems += [
                    Problem(p.row, f"{name}.{p.column}" if p.column else name, p.reason)
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
