"""Lay the covariates table out over series and days."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml.tables._check import check
from samaan_ml.tables._schema import COVARIATES

__all__ = ["covariate_arrays"]

_ALL = "all"
_OPEN = "open"
"""1 on an open day, 0 on a closed one; a day without a row is not taken as closed."""


def covariate_arrays(
    covariates: Any, shop_ids: Any, item_ids: Any, dates: npt.NDArray[np.datetime64]
) -> tuple[tuple[str, ...], npt.NDArray[np.float32], tuple[str, ...]]:
    """Lay the covariates of every series over the days.

    A row of an item outranks one of its shop, and that one of all shops. A value holds on its date alone, or until
    the next row of the same shop, item and name where `holds` is "until_next". On a day without a row a name whose
    values are all the same number other than 0 (an indicator, like promotion = 1) is 0; any other, and `open`, is
    unknown.

    Parameters
    ----------
    covariates : DataFrame
        The table, as `samaan_ml.tables` describes it.
    shop_ids, item_ids : array-like of str, shape (n_series,)
        Shop and item of each series.
    dates : ndarray of datetime64[D], shape (n_dates,)
        Days in order, without gaps or in equal steps; a day inside a step belongs to it.

    Returns
    -------
    names : tuple of str
        The covariates, sorted.
    values : ndarray of float32, shape (n_names, n_series, n_dates)
        NaN where unknown; the mean where several days fall into one step.
    notes : tuple of str
        What matches no series or day, in plain words.

    Raises
    ------
    TableError
        When the table breaks its schema.

    Examples
    --------
    >>> import numpy as np
    >>> table = {"item_id": ["tea"], "date": ["2026-01-02"], "name": ["promotion"], "value": [1]}
    >>> days = np.arange("2026-01-01", "2026-01-04", dtype="datetime64[D]")
    >>> covariate_arrays(table, ["s", "s"], ["salt", "tea"], days)[1][0].tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    table = check(covariates, COVARIATES)
    shops, items = np.asarray(shop_ids).astype(str), np.asarray(item_ids).astype(str)
    days = np.asarray(dates, dtype="datetime64[D]")
    step = int((days[1] - days[0]).astype(int)) if len(days) > 1 else 1
    names = tuple(sorted(table["name"].astype("str").unique()))
    values = np.full((len(names), len(shops), len(days)), np.nan, dtype=np.float32)
    shop, item = _owner(table, "shop_id"), _owner(table, "item_id")
    columns = (table["date"].to_numpy().astype("datetime64[D]") - days[0]).astype(int) // step
    holds = _holds(table)
    number = table["value"].to_numpy(dtype=np.float64)
    nowhere = 0
    label = table["name"].astype("str").to_numpy()
    rank = (item != _ALL).astype(int) * 2 + (shop != _ALL)
    order = np.lexsort((label, item, shop, rank))
    owner = np.stack([shop[order], item[order], label[order]])
    starts = np.flatnonzero(np.append(True, (owner[:, 1:] != owner[:, :-1]).any(axis=0)))
    for rows in np.split(order, starts[1:]) if len(order) else []:
        mine = _series_of(str(shop[rows[0]]), str(item[rows[0]]), shops, items)
        if not mine.any():
            nowhere += len(rows)
            continue
        line = _laid_out(columns[rows], number[rows], holds[rows], len(days))
        target = values[names.index(str(label[rows[0]]))]
        target[np.ix_(mine, ~np.isnan(line))] = line[~np.isnan(line)]
    for place, name in enumerate(names):
        given = np.unique(number[label == name])
        if len(given) == 1 and given[0] != 0 and name != _OPEN:
            values[place][np.isnan(values[place])] = 0.0
    return names, values, _notes(nowhere)


def _owner(table: pd.DataFrame, column: str) -> npt.NDArray[np.str_]:
    """Name the shop or item of each row, `all` where there is none."""
    if column not in table.columns:
        return np.full(len(table), _ALL)
    text = table[column].astype("str").where(table[column].notna(), _ALL)
    return text.to_numpy().astype(str)


def _holds(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which values hold until the next row."""
    if "holds" not in table.columns:
        return np.zeros(len(table), dtype=bool)
    return np.asarray((table["holds"].astype("str") == "until_next").to_numpy(), dtype=bool)


def _series_of(
    shop: str, item: str, shops: npt.NDArray[np.str_], items: npt.NDArray[np.str_]
) -> npt.NDArray[np.bool_]:
    """Find the series a row speaks of."""
    return np.asarray(((shops == shop) | (shop == _ALL)) & ((items == item) | (item == _ALL)))


def _laid_out(
    columns: npt.NDArray[np.int64], number: npt.NDArray[np.float64], holds: npt.NDArray[np.bool_], width: int
) -> npt.NDArray[np.float32]:
    """Lay the rows of one owner and name over the days."""
    inside = (columns >= 0) & (columns < width)
    total = np.bincount(columns[inside], number[inside], width)
    count = np.bincount(columns[inside], minlength=width)
    line = np.divide(total, count, out=np.full(width, np.nan), where=count > 0)
    if holds.any():
        order = np.argsort(columns, kind="stable")
        for place, row in enumerate(order):
            if holds[row]:
                end = columns[order[place + 1]] if place + 1 < len(order) else width
                begin = max(int(columns[row]), 0)
                line[begin : max(int(end), begin)] = number[row]
    return np.asarray(line, dtype=np.float32)


def _notes(nowhere: int) -> tuple[str, ...]:
    """Return what was not used."""
    if not nowhere:
        return ()
    return (f"{nowhere} rows of table 'covariates' name a shop or item that has no sales; they are not used",)
