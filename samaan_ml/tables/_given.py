"""Any frame a user may hold, as plain pandas columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from samaan_ml.exceptions import Problem, TableError

__all__ = ["as_frame", "plain"]


def as_frame(frame: Any, name: str) -> pd.DataFrame:
    """Turn a table of any library into pandas, the columns as given, the rows numbered from 0.

    pandas is taken as it is, a named index becomes a column again. Anything with the Arrow PyCapsule interface
    (pyarrow, polars, DuckDB), a `to_pandas` or `toPandas` method, and a mapping of columns are converted.

    Raises
    ------
    TableError
        When `frame` is no table, or has a column twice.
    """
    table = _converted(frame, name)
    names = [str(column) for column in table.columns]
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise TableError(
            name,
            [
                Problem(None, each, f"the table has this column {names.count(each)} times", "column_repeated")
                for each in twice
            ],
        )
    return (
        table if all(isinstance(column, str) for column in table.columns) else table.set_axis(names, axis=1)
    )


def _converted(frame: Any, name: str) -> pd.DataFrame:
    """Convert to pandas, whatever the columns are called."""
    if isinstance(frame, pd.DataFrame):
        named = [level for level in frame.index.names if level is not None and level not in frame.columns]
        kept: pd.DataFrame = frame.reset_index(level=named) if named else frame
        return (
            kept
            if isinstance(kept.index, pd.RangeIndex) and kept.index.start == 0 and kept.index.step == 1
            else kept.reset_index(drop=True)
        )
    if hasattr(frame, "collect") and hasattr(frame, "collect_schema"):  # a polars LazyFrame
        frame = frame.collect()
    if isinstance(frame, Mapping):
        try:
            return pd.DataFrame(dict(frame))
        except ValueError as error:
            raise TableError(name, [Problem(None, None, str(error), "not_a_table")]) from None
    if hasattr(frame, "__arrow_c_stream__") and not isinstance(frame, pd.Series):
        found = _through_arrow(frame)
        if found is not None:
            return found
    for method in ("to_pandas", "toPandas"):
        if hasattr(frame, method):
            converted = getattr(frame, method)()
            if isinstance(converted, pd.DataFrame):
                return converted.reset_index(drop=True)
    kind = type(frame).__name__
    raise TableError(
        name,
        [Problem(None, None, f"expected a table (pandas, polars, pyarrow), got '{kind}'", "not_a_table")],
    )


def _through_arrow(frame: Any) -> pd.DataFrame | None:
    """Convert what speaks Arrow; None for a single column, which has the interface too."""
    import pyarrow as pa

    try:
        table = pa.table(frame)
    except (pa.ArrowInvalid, TypeError, ValueError):
        return None
    converted: pd.DataFrame = table.to_pandas()
    return converted


def plain(values: pd.Series) -> pd.Series:
    """Turn a column of any dtype backend into numpy numbers, truth values, datetimes, text or a category.

    Missing values become NaN, NaT or None. A period becomes its first day, a `Decimal` a float.
    """
    kind = values.dtype
    if isinstance(kind, pd.PeriodDtype):
        first: pd.Series = values.dt.to_timestamp()
        return first
    if isinstance(kind, pd.SparseDtype):
        return plain(pd.Series(np.asarray(values), index=values.index, name=values.name))
    if isinstance(kind, pd.ArrowDtype):
        return _from_arrow(values)
    if isinstance(kind, pd.StringDtype):
        return values.astype(object).where(values.notna(), None) if kind.na_value is pd.NA else values
    if pd.api.types.is_extension_array_dtype(kind) and (
        pd.api.types.is_bool_dtype(kind) or pd.api.types.is_numeric_dtype(kind)
    ):
        return _unmasked(values)
    if pd.api.types.is_object_dtype(kind):
        return _plain_objects(values)
    return values


def _unmasked(values: pd.Series) -> pd.Series:
    """Turn a nullable number or truth value into a numpy one."""
    if not values.isna().any():
        return pd.Series(values.to_numpy(), index=values.index, name=values.name)
    return pd.Series(values.to_numpy(dtype=np.float64, na_value=np.nan), index=values.index, name=values.name)


def _from_arrow(values: pd.Series) -> pd.Series:
    """Turn a pyarrow-backed column into a numpy one."""
    import pyarrow as pa

    assert isinstance(values.dtype, pd.ArrowDtype)
    kind = values.dtype.pyarrow_dtype
    if pa.types.is_dictionary(kind):
        return plain(values.astype("category"))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        converted = pa.chunked_array(values.array.__arrow_array__()).to_pandas()
        return pd.Series(
            pd.to_datetime(converted).to_numpy() if not getattr(kind, "tz", None) else converted.array,
            index=values.index,
            name=values.name,
        )
    if pa.types.is_decimal(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        if pa.types.is_integer(kind) and not values.isna().any():
            return values.astype("int64")
        return pd.Series(
            values.to_numpy(dtype=np.float64, na_value=np.nan), index=values.index, name=values.name
        )
    if pa.types.is_boolean(kind) and not values.isna().any():
        return values.astype(bool)
    return _plain_objects(values.astype(object).where(values.notna(), None))


def _plain_objects(values: pd.Series) -> pd.Series:
    """Return a column of Python objects the dtype that all of its values have."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in ("period", "date", "datetime", "datetime64"):
        moments = [each.to_timestamp() if isinstance(each, pd.Period) else each for each in values]
        try:
            return pd.Series(
                pd.to_datetime(pd.Series(moments, dtype=object)).array, index=values.index, name=values.name
            )
        except (ValueError, TypeError, OverflowError):
            return values  # of several zones, or out of range: refused where they are read
    if kind == "decimal":
        floats = [np.nan if each is None or each != each else float(each) for each in values]
        return pd.Series(floats, index=values.index, name=values.name, dtype=np.float64)
    if kind in ("integer", "floating", "mixed-integer-float"):
        numbers = pd.to_numeric(values, errors="coerce")
        return _unmasked(numbers) if pd.api.types.is_extension_array_dtype(numbers.dtype) else numbers
    if kind == "boolean" and not values.isna().any():
        return values.astype(bool)
    if kind == "mixed" and any(isinstance(each, (dt.date, pd.Period, Decimal)) for each in values):
        return values.map(_plain_value)
    return values


def _plain_value(value: Any) -> Any:
    """Turn one value of a mixed column into what its kind is read from."""
    if isinstance(value, pd.Period):
        return value.to_timestamp()
    return float(value) if isinstance(value, Decimal) else value
