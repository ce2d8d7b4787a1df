"""How many promises to pay each customer broke and kept by an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from samaan_ml.domain.promises import Promise, promise_outcomes, promise_record
from samaan_ml.udhaar._columns import Floats, Ints

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
