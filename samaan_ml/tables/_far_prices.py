"""Prices far from all others of their item: a zero too many, or paise for rupees."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["far_prices"]

_JUMP = np.log(5.0)
"""No price of one good jumps five-fold at once; a typed zero or a hundred paise do."""
_TIE = 0.8

Bools = npt.NDArray[np.bool_]


def far_prices(prices: pd.DataFrame) -> Bools:
    """Find the prices of each series that a gap of five times or more parts from most of its others.

    Where two groups of prices hold about as many rows each, the one with the latest row is taken for right.

    Parameters
    ----------
    prices : pandas.DataFrame
        A checked price table.

    Returns
    -------
    ndarray of bool, shape (n_rows,)

    Examples
    --------
    >>> table = pd.DataFrame({"shop_id": "s", "item_id": "i", "date": pd.date_range("2026-01-01", periods=4),
    ...                       "unit_price": [64.0, 640.0, 66.0, 64.0]})
    >>> far_prices(table).tolist()
    [False, True, False, False]
    """
    far = np.zeros(len(prices), dtype=bool)
    price = prices["unit_price"].to_numpy(dtype=float)
    shop, item = (pd.factorize(prices[name])[0].astype(np.int64) for name in ("shop_id", "item_id"))
    series = shop * (int(item.max(initial=0)) + 1) + item
    with np.errstate(divide="ignore"):
        logs = np.where(price > 0.0, np.log(price), np.nan)
    rows = np.flatnonzero(np.isfinite(logs))
    order = rows[np.lexsort((logs[rows], series[rows]))]
    apart = (series[order][1:] == series[order][:-1]) & (np.diff(logs[order]) > _JUMP)
    days = prices["date"].to_numpy()
    for one in np.unique(series[order][1:][apart]):
        mine = order[series[order] == one]
        groups = np.split(mine, np.flatnonzero(np.diff(logs[mine]) > _JUMP) + 1)
        most = max(len(each) for each in groups)
        right = max((each for each in groups if len(each) >= _TIE * most), key=lambda each: days[each].max())
        far[np.setdiff1d(mine, right)] = True
    return far
