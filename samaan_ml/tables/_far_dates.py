"""Rows whose date lies far from all others: a year or a month typed wrongly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml.tables._schema import Schema

__all__ = ["far_rows", "without_far_dates"]

_LEAST_DAYS = 10
_FAR_DAYS = 120
"""A typed month that is wrong moves a row by up to 11 months; a shop that rests longer than this is rare."""
_VERY_FAR_DAYS = 300
_TIMES_USUAL_GAP = 10
_LARGEST_SHARE = 0.01
_MOST_DAYS = 3
_NAMED = 3

Bools = npt.NDArray[np.bool_]


def far_rows(dates: pd.Series) -> Bools:
    """Find rows so few and so far from all others that their date must be an error.

    Days are split where nothing happened for 120 days or ten usual gaps. A part of at most three days and 1 % of the
    rows (or two rows) is far where it has less than half of the usual rows a day, or lies 300 days away.

    Parameters
    ----------
    dates : pandas.Series of datetime64[ns]
        Without missing values.

    Returns
    -------
    ndarray of bool, shape (n_rows,)

    Examples
    --------
    >>> days = pd.Series([*pd.date_range("2025-01-01", periods=60), pd.Timestamp("2052-01-04")])
    >>> far_rows(days).nonzero()[0].tolist()
    [60]
    """
    nothing = np.zeros(len(dates), dtype=bool)
    days = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    if len(days) < _LEAST_DAYS:
        return nothing
    low, high = int(days.min()), int(days.max())
    if high - low < _FAR_DAYS:
        return nothing
    distinct, counts = np.unique(days, return_counts=True)
    if len(distinct) < _LEAST_DAYS:
        return nothing
    gaps = np.diff(distinct)
    limit = max(_FAR_DAYS, _TIMES_USUAL_GAP * float(np.median(gaps)))
    starts = np.concatenate([[0], np.flatnonzero(gaps > limit) + 1, [len(distinct)]])
    rows = np.add.reduceat(counts, starts[:-1])
    main = int(rows.argmax())
    usual = float(np.median(counts[starts[main] : starts[main + 1]]))
    most = max(2.0, _LARGEST_SHARE * len(days))
    far = nothing
    for part in range(len(rows)):
        first, end = starts[part], starts[part + 1]
        if part == main or rows[part] > most or end - first > _MOST_DAYS:
            continue
        away = _distance(distinct, first, end, starts[main], starts[main + 1])
        if away > _VERY_FAR_DAYS or rows[part] < 0.5 * usual * (end - first):
            far = far | ((days >= distinct[first]) & (days <= distinct[end - 1]))
    return far


def _distance(distinct: npt.NDArray[np.int64], first: int, end: int, main_first: int, main_end: int) -> int:
    """Count the days between a part and the main one."""
    if first < main_first:
        return int(distinct[main_first] - distinct[end - 1])
    return int(distinct[first] - distinct[main_end - 1])


def without_far_dates(table: pd.DataFrame, schema: Schema) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out the rows with a far date, and name them."""
    far = far_rows(table["date"])
    if not far.any():
        return table, ()
    kept = table[~far].reset_index(drop=True)
    first, last = kept["date"].min().date(), kept["date"].max().date()
    places = np.flatnonzero(far)
    named = "; ".join(
        f"row {place}, '{table['shop_id'].iloc[place]}/{table['item_id'].iloc[place]}' on "
        f"{table['date'].iloc[place].date()}"
        for place in places[:_NAMED]
    )
    more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    note = (
        f"{len(places)} rows of table '{schema.name}' lie far from all others ({first} to {last}) and were left out "
        f"as typing errors: {named}{more}; check their dates"
    )
    return kept, (note,)
