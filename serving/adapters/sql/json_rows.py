"""Rows of tables as JSON has them, and back."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa


def plain_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Write a row's values as JSON: days, hours and instants as ISO texts."""
    return {
        name: value.isoformat() if isinstance(value, datetime | date | time) else value
        for name, value in row.items()
    }


def typed_row(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Read a row back, or raise ValueError where a text is no day or instant, KeyError where a column is unknown."""
    return {name: _typed(table.c[name], value) for name, value in row.items()}


def _typed(column: "sa.Column[Any]", value: Any) -> Any:
    """Read a value back."""
    if value is None:
        return None
    kind = column.type.python_type if not isinstance(column.type, sa.TypeDecorator) else datetime
    return kind.fromisoformat(value) if kind in (datetime, date, time) else value
