"""Columns of a `pyarrow.Table`, read as what they are to be; what is missing or of another kind is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["column_of", "days_of", "lookup_of", "numbers_of", "table_of", "texts_of"]


def table_of(tables: Mapping[str, pa.Table], name: str) -> pa.Table:
    """Return a table that must be there."""
    if name not in tables:
        raise DataError(f"table '{name}' is needed and was not given")
    return tables[name]


def column_of(table: pa.Table, name: str) -> Any:
    """Return a column that must be there."""
    if name not in table.column_names:
        raise DataError(f"column '{name}' is missing; got {', '.join(table.column_names)}")
    return table[name]


def texts_of(table: pa.Table, name: str) -> list[str]:
    """Return a column of words."""
    return [str(value) for value in column_of(table, name).to_pylist()]


def numbers_of(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """Return a column of numbers."""
    try:
        values = column_of(table, name).to_numpy(zero_copy_only=False)
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"column '{name}' must hold numbers") from None


def days_of(table: pa.Table, name: str = "date") -> npt.NDArray[np.datetime64]:
    """Return a column of days."""
    values = column_of(table, name).to_numpy(zero_copy_only=False)
    try:
        days = np.asarray(values, dtype="datetime64[D]")
    except (TypeError, ValueError):
        raise DataError(f"column '{name}' must hold dates like 2026-01-31") from None
    if np.isnat(days).any():
        raise DataError(f"column '{name}' lacks a date")
    return days


def lookup_of(table: pa.Table | None, key: str, name: str) -> dict[str, str]:
    """Map keys to words; empty where the table or the column is missing."""
    if table is None or name not in table.column_names:
        return {}
    pairs = zip(texts_of(table, key), table[name].to_pylist(), strict=True)
    return {each: str(value) for each, value in pairs if value is not None}
