"""From a demand forecast to what the optimiser asks about demand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from samaan_ml.exceptions import DataError, Problem, TableError

_KEY = ["shop_id", "item_id"]


def demand_from_forecast(forecast: pd.DataFrame, stock_units: pd.DataFrame | None = None) -> pd.DataFrame:
    """Expected units a day at today's price, from a forecast made at today's price.

    The price response starts from the forecast: at today's price the optimiser expects exactly these units, at
    another one these times the ratio of the prices to the power of the elasticity. The interval is that of single
    days, averaged, which is wider than that of their sum.

    Parameters
    ----------
    forecast : pandas.DataFrame
        What `DemandForecaster.predict` returns: shop_id, item_id, date, mean and quantile columns (q0.1, ...).
    stock_units : pandas.DataFrame or None, default=None
        shop_id, item_id, stock_units on hand.

    Returns
    -------
    pandas.DataFrame
        shop_id, item_id, units, where there are two quantiles or more lower and upper, and stock_units.

    Raises
    ------
    TableError
        When a column is missing or a number is negative or not finite.
    DataError
        When the forecast has no rows.

    Examples
    --------
    >>> days = pd.DataFrame(
    ...     {"shop_id": "s", "item_id": "soap", "date": ["2026-03-01", "2026-03-02"], "mean": [4.0, 6.0],
    ...      "q0.1": [1.0, 2.0], "q0.9": [8.0, 10.0]}
    ... )
    >>> demand_from_forecast(days).to_dict("records")
    [{'shop_id': 's', 'item_id': 'soap', 'units': 5.0, 'lower': 1.5, 'upper': 9.0}]
    """
    if missing := [name for name in (*_KEY, "mean") if name not in forecast]:
        raise TableError("forecast", [Problem(None, name, "column is missing") for name in missing])
    if forecast.empty:
        raise DataError("table 'forecast' has no rows; there is no demand to price by")
    levels = sorted((n for n in forecast if str(n).startswith("q0.")), key=lambda name: float(str(name)[1:]))
    taken = {"units": "mean"}
    if len(levels) >= 2:
        taken |= {"lower": str(levels[0]), "upper": str(levels[-1])}
    numbers = forecast[list(taken.values())].to_numpy(dtype=float)
    bad = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0.0)).all(axis=1))
    if len(bad):
        raise TableError(
            "forecast", [Problem(int(row), None, "expected numbers of 0 or more") for row in bad]
        )
    keyed = forecast.astype(dict.fromkeys(_KEY, "str"))
    daily = keyed.groupby(_KEY, as_index=False, sort=True).agg(
        **{name: (column, "mean") for name, column in taken.items()}
    )
    if stock_units is None:
        return daily
    shelf = stock_units[[*_KEY, "stock_units"]].astype(dict.fromkeys(_KEY, "str"))
    return daily.merge(shelf, on=_KEY, how="left")
