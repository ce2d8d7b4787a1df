"""What became of a customer after an instant: the outcome that the risk model learns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from samaan_ml.domain.ledger import SHOP_ZONE, TERMS_DAYS
from samaan_ml.exceptions import DataError, ParameterError
from samaan_ml.udhaar._behaviour import features
from samaan_ml.udhaar._catalogue import FEATURE_NAMES
from samaan_ml.udhaar._columns import NEVER, Bools, Ints, LedgerColumns, columns_from_frame
from samaan_ml.udhaar._features import AsOf, LedgerFeatures
from samaan_ml.udhaar._fifo import Credits, settle
from samaan_ml.udhaar._promise_counts import PromisesOfLedger
from samaan_ml.udhaar._snapshot import LATE_DAYS, Snapshot

if TYPE_CHECKING:
    import pandas as pd


def build_training_frame(
    ledger: pd.DataFrame,
    as_of_dates: Iterable[AsOf],
    horizon_days: int = 30,
    *,
    zone: str = SHOP_ZONE,
    terms_days: int = TERMS_DAYS,
    promises: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Take snapshots of a ledger and see what became of each.

    The outcome of a customer at an instant: something that is open then, or is given later, and falls due
    within the horizon, is not settled within 30 days after its due day. For a due that is already more than
    30 days late the question is whether it is still open at the end of the horizon. A write-off is never a
    settlement. Customers with nothing falling due are left out; a customer who starts to buy after the
    instant is in with an empty file, which is how the model learns what a new customer of a shop is like.

    Parameters
    ----------
    ledger : pandas.DataFrame or polars.DataFrame
        The whole ledger, see `samaan_ml.tables`.
    as_of_dates : iterable of datetime, date or str
        Instants of the snapshots.
    horizon_days : int, default=30
        How far ahead dues count.
    zone : str, default="Asia/Kolkata"
        The shops' zone.
    terms_days : int, default=30
        Due day of a credit without one, in days after it.
    promises : pandas.DataFrame or None, default=None
        What customers promised, see `samaan_ml.tables`; None where none are recorded.

    Returns
    -------
    X : pandas.DataFrame
        Features of `LedgerFeatures`, index (shop_id, customer_id, as_of).
    y : pandas.Series of int
        1 where something went more than 30 days past due.
    groups : pandas.Series of str
        "shop_id/customer_id": rows of one customer belong in one fold.

    Raises
    ------
    DataError
        If no snapshot is old enough for its outcome to be known.
    ParameterError
        If the horizon is not positive.
    """
    import pandas as pd

    if horizon_days < 1:
        raise ParameterError(f"'horizon_days' is {horizon_days}; give 1 or more")
    columns = columns_from_frame(ledger, zone, terms_days)
    final = settle(columns, columns.cancelled_at == NEVER)
    said = None if promises is None else PromisesOfLedger(ledger, promises, zone)
    frames, outcomes = [], []
    for as_of in as_of_dates:
        instants, today = LedgerFeatures(as_of, zone, terms_days).instants(columns.customers)
        kept = said.counts(columns.customers, instants, today) if said else None
        exposed, bad = outcome(columns, final, today, horizon_days)
        if not exposed.any():
            continue
        found = features(Snapshot(columns, instants, today, kept))
        rows = np.flatnonzero(exposed)
        index = pd.MultiIndex.from_tuples(
            [(*columns.customers[i], str(as_of)) for i in rows], names=["shop_id", "customer_id", "as_of"]
        )
        frames.append(pd.DataFrame({name: found[name][rows] for name in FEATURE_NAMES}, index=index))
        outcomes.append(pd.Series(bad[rows].astype(int), index=index, name="late"))
    if not frames:
        raise DataError(
            f"no snapshot has an outcome: the ledger must reach {horizon_days + LATE_DAYS} days beyond it; "
            "give earlier dates or more history"
        )
    X, y = pd.concat(frames), pd.concat(outcomes)
    shop, customer = (X.index.get_level_values(level).astype(str) for level in ("shop_id", "customer_id"))
    groups = pd.Series(shop + "/" + customer, index=X.index, name="group")
    return X, y, groups


def outcome(columns: LedgerColumns, final: Credits, today: Ints, horizon_days: int) -> tuple[Bools, Bools]:
    """Tell of each customer whether anything falls due in the horizon, and whether it goes late for good.

    Parameters
    ----------
    columns : LedgerColumns
        The whole ledger.
    final : Credits
        Its credits as settled in the end.
    today : int array (n_customers,)
        Day of the snapshot.
    horizon_days : int
        How far ahead dues count.

    Returns
    -------
    exposed, bad : bool arrays (n_customers,)
        `bad` says something only where `exposed`; a shop whose ledger ends too early exposes no customer.
    """
    n = len(columns.customers)
    last_day = np.full(int(columns.shop.max()) + 1, -1, dtype=np.int64)
    np.maximum.at(last_day, columns.shop[columns.customer], columns.day)
    seen = last_day[columns.shop] >= today + horizon_days + LATE_DAYS
    start = today[final.customer]
    end = start + horizon_days
    open_then = (final.day <= start) & (final.settled_day > start)
    given_later = (final.day > start) & (final.day <= end)
    counts = (open_then | given_later) & (final.due <= end) & seen[final.customer]
    deadline = np.where(final.due + LATE_DAYS >= start, final.due + LATE_DAYS, end)
    failed = counts & (final.settled_day > deadline)
    return (
        np.bincount(final.customer, weights=counts, minlength=n) > 0,
        np.bincount(final.customer, weights=failed, minlength=n) > 0,
    )


def snapshot_dates(
    ledger: pd.DataFrame, horizon_days: int, every_days: int = 30, warm_up_days: int = 60
) -> list[str]:
    """Return days for snapshots: from when there is something to look at, to when the outcome is still known.

    Raises
    ------
    DataError
        If the ledger is too short for a single one.
    """
    import pandas as pd

    at = pd.to_datetime(ledger["at"], utc=True)
    first = at.min() + pd.Timedelta(days=warm_up_days)
    last = at.max() - pd.Timedelta(days=horizon_days + LATE_DAYS + 1)
    if not first <= last:
        raise DataError(
            f"the ledger covers {(at.max() - at.min()).days if len(at) else 0} days; at least "
            f"{warm_up_days + horizon_days + LATE_DAYS + 1} are needed to observe the outcome of a due"
        )
    return [str(day.date()) for day in pd.date_range(last, first, freq=f"-{every_days}D")][::-1]
