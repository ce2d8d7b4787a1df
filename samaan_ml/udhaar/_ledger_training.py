"""Train the ledger risk model: snapshots, two horizons, pooling chosen out of fold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from samaan_ml.udhaar._catalogue import DIRECTIONS
from samaan_ml.udhaar._columns import NEVER, Floats, columns_from_frame
from samaan_ml.udhaar._encoding import Array
from samaan_ml.udhaar._features import AsOf, LedgerFeatures
from samaan_ml.udhaar._fifo import settle
from samaan_ml.udhaar._model import UdhaarRiskModel
from samaan_ml.udhaar._outcomes import build_training_frame, snapshot_dates
from samaan_ml.udhaar._payment_time import hazard
from samaan_ml.udhaar._thin_file import ThinFile, smoothed_log_odds

if TYPE_CHECKING:
    import pandas as pd

_POOLINGS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class TrainedLedgerRisk:
    """What training leaves behind."""

    risk_30: UdhaarRiskModel
    risk_60: UdhaarRiskModel
    pooling: float
    spread: tuple[float, float]
    hazard: Floats
    thin: ThinFile


def train_on_ledger(
    ledger: pd.DataFrame,
    as_of_dates: Iterable[AsOf] | None,
    zone: str,
    terms_days: int,
    seed: int,
    promises: pd.DataFrame | None,
) -> TrainedLedgerRisk:
    """Train both horizons on the same snapshot days (those of the longer one, where none are given)."""
    dates = list(snapshot_dates(ledger, 60) if as_of_dates is None else as_of_dates)
    models, thin = {}, {}
    for horizon in (30, 60):
        X, y, groups = build_training_frame(
            ledger, dates, horizon, zone=zone, terms_days=terms_days, promises=promises
        )
        directions = {name: d for name, d in DIRECTIONS.items() if X[name].notna().any()}
        models[horizon] = UdhaarRiskModel(seed).fit(
            X, y, monotone=directions, groups=groups, check_leaks=False
        )
        thin[horizon] = _thin_log_odds(X, y.to_numpy())
        if horizon == 30:
            pooling, spread = _choose_pooling(models[30], X, y.to_numpy())
            late = smoothed_log_odds(float(X["shop_late30_share"].mean()))
    curve = trained_hazard(ledger, dates[-1], zone, terms_days)
    return TrainedLedgerRisk(
        models[30], models[60], pooling, spread, curve, ThinFile(thin[30], max(thin[60], thin[30]), late)
    )


def trained_hazard(ledger: pd.DataFrame, as_of: AsOf, zone: str, terms_days: int) -> Floats:
    """Return the payment curve of all shops together."""
    columns = columns_from_frame(ledger, zone, terms_days)
    _, today = LedgerFeatures(as_of, zone, terms_days).instants(columns.customers)
    last = np.full(len(today), columns.day.max() if len(columns.day) else 0, dtype=np.int64)
    return hazard(settle(columns, columns.cancelled_at == NEVER), np.maximum(today, last))


def _tested(X: pd.DataFrame) -> Array:
    """Count each row's dues that were put to the test."""
    return np.asarray(np.nan_to_num(X["settled_credits"].to_numpy()) + (X["days_past_due"].to_numpy() > 0))


def _thin_log_odds(X: pd.DataFrame, y: Array) -> float:
    """Return the log-odds of those not tested yet, leaning on everybody's by two rows."""
    own = y[_tested(X) == 0]
    rate = (own.sum() + 2 * y.mean()) / (len(own) + 2)
    return float(np.log(rate / (1 - rate)))


def _choose_pooling(model: UdhaarRiskModel, X: pd.DataFrame, y: Array) -> tuple[float, tuple[float, float]]:
    """Choose the pooling with the least out-of-fold log loss, and measure the spread of customers' log-odds.

    Two spreads: of those who are not late now, which says what a few more dues may still show, and of everybody,
    which is all that is known of a stranger.
    """
    scores = np.log(model.out_of_fold_ / (1 - model.out_of_fold_))
    prior = float(np.log(model.base_rate_ / (1 - model.base_rate_)))
    tested = _tested(X)
    losses = []
    for strength in _POOLINGS:
        share = np.where(tested > 0, tested / np.maximum(tested + strength, 1e-9), 1.0)
        pooled = prior + share * (scores - prior)
        losses.append(float(np.mean(np.logaddexp(0.0, pooled) - y * pooled)))
    # From the quartiles: a few extreme scores say little about where a customer may lie.
    spreads = [
        float(np.diff(np.quantile(scores[rows], [0.25, 0.75]))[0] / 1.349)
        for rows in (X["days_past_due"].to_numpy() == 0, np.ones(len(X), dtype=bool))
    ]
    return _POOLINGS[int(np.argmin(losses))], (spreads[0], max(spreads))
