"""Is the risk model still what it was: shifted inputs, drifted calibration, worsening vintages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.domain.ledger import SHOP_ZONE, TERMS_DAYS
from samaan_ml.exceptions import ParameterError
from samaan_ml.metrics import brier, calibration_line, ece, psi
from samaan_ml.udhaar._columns import NEVER, columns_from_frame
from samaan_ml.udhaar._fifo import settle

if TYPE_CHECKING:
    import pandas as pd

PSI_WATCH, PSI_SHIFTED = 0.1, 0.25
"""Usual readings of the population stability index (Siddiqi, 2006)."""


def stability(expected: pd.DataFrame, actual: pd.DataFrame, n_bins: int = 10) -> pd.DataFrame:
    """Compare the features (and the score) of two samples, column by column.

    Parameters
    ----------
    expected : pandas.DataFrame
        Of training; numeric columns.
    actual : pandas.DataFrame
        Of now, with the same columns.
    n_bins : int, default=10
        Bins by the quantiles of `expected`; missing values are one of their own.

    Returns
    -------
    pandas.DataFrame
        Columns feature, psi, missing_before, missing_now and verdict ("stable", "watch", "shifted"), the most
        shifted first.

    Raises
    ------
    ParameterError
        If a column is absent from `actual`.
    """
    import pandas as pd

    absent = [name for name in expected.columns if name not in actual.columns]
    if absent:
        raise ParameterError(f"'actual' lacks the column '{absent[0]}'")
    rows = []
    for name in expected.columns:
        value = psi(expected[name].to_numpy(dtype=float), actual[name].to_numpy(dtype=float), n_bins)
        verdict = "shifted" if value > PSI_SHIFTED else "watch" if value > PSI_WATCH else "stable"
        rows.append((name, value, expected[name].isna().mean(), actual[name].isna().mean(), verdict))
    table = pd.DataFrame(rows, columns=["feature", "psi", "missing_before", "missing_now", "verdict"])
    return table.sort_values("psi", ascending=False, ignore_index=True)


def calibration_drift(y: Any, probability: Any, tolerance: float = 3.0) -> dict[str, float | bool]:
    """Return whether stated probabilities still come true.

    Parameters
    ----------
    y : array-like, shape (rows,)
        1 for bad.
    probability : array-like, shape (rows,)
        What was stated.
    tolerance : float, default=3.0
        How many standard errors the number of bad outcomes, or their agreement with how sure the model was, may be
        off before it is called drift.

    Returns
    -------
    dict
        observed, stated (rates), z (standard errors between them), z_sureness (the same of the Brier score: above
        zero where the model was too sure), intercept and slope of the calibration line, ece, brier, and drifted.

    Notes
    -----
    If the probabilities are right the number of bad outcomes has the variance sum p (1 - p), and the sum of
    (y - p) (1 - 2 p) the variance sum (1 - 2 p)^2 p (1 - p) (Spiegelhalter, 1986).
    """
    bad, p = np.asarray(y, dtype=float), np.asarray(probability, dtype=float)
    intercept, slope = calibration_line(bad, p)
    variance = p * (1 - p)
    z = float((bad.sum() - p.sum()) / np.sqrt(max(float(np.sum(variance)), 1e-12)))
    tilt = 1 - 2 * p
    confidence = float(np.sum((bad - p) * tilt) / np.sqrt(max(float(np.sum(tilt**2 * variance)), 1e-12)))
    return {
        "observed": float(bad.mean()),
        "stated": float(p.mean()),
        "z": z,
        "z_sureness": confidence,
        "intercept": intercept,
        "slope": slope,
        "ece": ece(bad, p),
        "brier": brier(bad, p),
        "drifted": max(abs(z), abs(confidence)) > tolerance,
    }


def vintages(
    ledger: pd.DataFrame,
    ages_days: tuple[int, ...] = (30, 60, 90),
    *,
    zone: str = SHOP_ZONE,
    terms_days: int = TERMS_DAYS,
) -> pd.DataFrame:
    """Follow each month's credits: what share of the rupees was still open so many days after the due day.

    Parameters
    ----------
    ledger : pandas.DataFrame or polars.DataFrame
        See `samaan_ml.tables`.
    ages_days : tuple of int, default=(30, 60, 90)
        Days after the due day.
    zone : str, default="Asia/Kolkata"
        The shops' zone.
    terms_days : int, default=30
        Due day of a credit without one, in days after it.

    Returns
    -------
    pandas.DataFrame
        Columns shop_id, month, given_paise and open_<age> a shop and month; NaN where not all of the month's dues
        have reached the age.
    """
    import pandas as pd

    columns = columns_from_frame(ledger, zone, terms_days)
    book = settle(columns, columns.cancelled_at == NEVER)
    last_day = int(columns.day.max()) if len(columns.day) else 0
    frame = pd.DataFrame(
        {
            "shop_id": [columns.customers[i][0] for i in book.customer],
            "month": book.day.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[ns]"),
            "given_paise": book.amount,
        }
    )
    for age in ages_days:
        still_open = (book.settled_day > book.due + age) * book.amount
        frame[f"open_{age}"] = np.where(book.due + age <= last_day, still_open.astype(float), np.nan)
    grouped = frame.groupby(["shop_id", "month"], sort=True)
    table = grouped.agg({"given_paise": "sum"})
    for age in ages_days:
        table[f"open_{age}"] = grouped[f"open_{age}"].sum(min_count=1) / table["given_paise"]
        table.loc[grouped[f"open_{age}"].apply(lambda own: own.isna().any()), f"open_{age}"] = np.nan
    return table.reset_index()
