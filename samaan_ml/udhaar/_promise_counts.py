"""How many promises to pay each customer broke and kept by an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.domain.ledger import LedgerEntry
from samaan_ml.domain.promises import Promise, promise_outcomes, promise_record
from samaan_ml.exceptions import DataError
from samaan_ml.udhaar._columns import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

Customer = tuple[str, str]
_EPOCH = date(1970, 1, 1)


def promise_counts(
    customers: Sequence[Customer],
    as_of: Ints,
    today: Ints,
    entries: Iterable[Any],
    promises: Iterable[Promise],
    zone: str,
    shop_id: str = "",
) -> tuple[Floats, Floats]:
    """Count broken and kept promises; entries and promises after a customer's instant are not read.

    Parameters
    ----------
    customers : sequence of (shop_id, customer_id)
        Whom to count for.
    as_of, today : int arrays (n_customers,)
        Each one's instant (microseconds since 1970) and shop day (days since 1970).
    entries : iterable of LedgerEntry or LedgerRow
        At least the payments and their reversals of those who promised.
    promises : iterable of Promise
        What was said.
    zone : str
        The shops' zone.
    shop_id : str, default=""
        Shop of entries that do not name theirs.

    Returns
    -------
    broken, kept : float arrays (n_customers,)
        Counts.
    """
    broken, kept = np.zeros(len(customers)), np.zeros(len(customers))
    said: dict[Customer, list[Promise]] = defaultdict(list)
    for promise in promises:
        said[promise.shop_id, promise.customer_id].append(promise)
    if not said:
        return broken, kept
    own: dict[Customer, list[Any]] = defaultdict(list)
    for entry in entries:
        whose = (getattr(entry, "shop_id", shop_id), entry.customer_id)
        if whose in said:
            own[whose].append(entry)
    place = {customer: i for i, customer in enumerate(customers)}
    for customer in said.keys() & place.keys():
        i = place[customer]
        limit = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(as_of[i]))
        outcomes = promise_outcomes(
            [promise for promise in said[customer] if promise.made_at <= limit],
            [entry for entry in own[customer] if entry.at <= limit],
            _EPOCH + timedelta(days=int(today[i])),
            zone=zone,
        )
        record = promise_record(outcomes)
        broken[i], kept[i] = record.broken, record.kept
    return broken, kept


def promises_from_frame(promises: pd.DataFrame) -> list[Promise]:
    """Read a table of promises, see `samaan_ml.tables`, as the domain's.

    Raises
    ------
    DataError
        If a column is absent.
    """
    missing = {"shop_id", "customer_id", "amount_paise", "made_at", "pay_by"} - set(promises.columns)
    if missing:
        raise DataError(f"promises lack the column '{min(missing)}'")
    return [
        Promise(
            promise_id=str(i),
            shop_id=str(row["shop_id"]),
            customer_id=str(row["customer_id"]),
            amount_paise=int(row["amount_paise"]),
            made_at=row["made_at"].to_pydatetime(),
            pay_by=row["pay_by"].date() if hasattr(row["pay_by"], "date") else row["pay_by"],
        )
        for i, row in enumerate(promises.to_dict("records"))
    ]


class PromisesOfLedger:
    """The promises and payments of tables, read once to be counted as of many days.

    Parameters
    ----------
    ledger, promises : pandas.DataFrame
        See `samaan_ml.tables`.
    zone : str
        The shops' zone.

    Raises
    ------
    DataError
        If a column is absent.
    """

    def __init__(self, ledger: pd.DataFrame, promises: pd.DataFrame, zone: str) -> None:
        self._zone = zone
        self._said = promises_from_frame(promises)
        self._paid = _payments(ledger, {(p.shop_id, p.customer_id) for p in self._said})

    def counts(self, customers: Sequence[Customer], as_of: Ints, today: Ints) -> tuple[Floats, Floats]:
        """Count broken and kept promises, see `promise_counts`."""
        return promise_counts(customers, as_of, today, self._paid, self._said, self._zone)


def _payments(ledger: pd.DataFrame, customers: set[Customer]) -> list[LedgerEntry]:
    """Return the standing payments of some customers as domain entries."""
    rows = ledger[[pair in customers for pair in zip(ledger["shop_id"], ledger["customer_id"], strict=True)]]
    cancelled = set(rows["reverses"].dropna()) if "reverses" in rows else set()
    ids = rows["entry_id"] if "entry_id" in rows else rows.index.astype(str)
    return [
        LedgerEntry(
            entry_id=str(entry_id),
            shop_id=str(row["shop_id"]),
            customer_id=str(row["customer_id"]),
            kind="payment",
            amount_paise=int(row["amount_paise"]),
            at=row["at"].to_pydatetime(),
        )
        for entry_id, row in zip(ids, rows.to_dict("records"), strict=True)
        if row["kind"] == "payment" and entry_id not in cancelled
    ]
