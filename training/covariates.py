"""Further columns of the prices and calendar tables as what is known beside a history, past and ahead.

The columns are those that the library reads: every numeric one that means nothing else. A model uses those that it
was fitted with; a value that is not given is missing.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.messages import Covariate

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["calendar_columns", "calendar_covariates", "covariate", "further_columns", "known_values"]

_KNOWN = {"shop_id", "item_id", "date", "unit_price", "unit_cost", "mrp", "units", "in_stock_share"}
_CALENDAR = {"date", "region", "event"}
_DAY = np.timedelta64(1, "D")


def further_columns(prices: pa.Table) -> list[str]:
    """Name the numeric columns of a table of prices (or of sales with prices) that are not columns of its own."""
    return [name for name in prices.column_names if name not in _KNOWN and _is_numeric(prices[name])]


def _is_numeric(column: pa.ChunkedArray) -> bool:
    """Return whether a column holds numbers; a flag is one."""
    import pyarrow as pa

    kind = column.type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def known_values(values: npt.NDArray[np.float64]) -> tuple[float | None, ...]:
    """Give values as numbers, None where there is none (NaN)."""
    return tuple(None if value != value else value for value in values.tolist())


def covariate(name: str, start: date, values: npt.NDArray[np.float64]) -> Covariate:
    """Write values by day, from a day on."""
    return Covariate(name, start, known_values(values))


def calendar_covariates(
    calendar: pa.Table | None, days: npt.NDArray[np.datetime64], region: str | None
) -> tuple[Covariate, ...]:
    """Write a region's columns of the calendar; of several rows of a day, their mean.

    Parameters
    ----------
    calendar : pyarrow.Table or None
        date, event, perhaps region, and further columns.
    days : datetime64 array (n_rows,)
        Its dates.
    region : str or None
        The shop's region; rows without a region hold everywhere.
    """
    names = [] if calendar is None else calendar_columns(calendar)
    if calendar is None or not names or not len(days):
        return ()
    places = calendar["region"].to_pylist() if "region" in calendar.column_names else [None] * len(days)
    here = np.array([place is None or place == region for place in places])
    first = days.min()
    column = ((days - first) / _DAY).astype(np.intp)
    found = []
    for name in names:
        values = _floats(calendar[name])
        known = here & ~np.isnan(values)
        count = np.bincount(column[known], minlength=column.max() + 1)
        total = np.bincount(column[known], values[known], minlength=len(count))
        mean = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
        found.append(covariate(name, first.astype(date), mean))
    return tuple(found)


def calendar_columns(calendar: pa.Table) -> list[str]:
    """Name the numeric columns of a calendar that are not columns of its own."""
    return [n for n in calendar.column_names if n not in _CALENDAR and _is_numeric(calendar[n])]


def _floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Give numbers as floats, NaN where none is given."""
    import pyarrow as pa

    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
