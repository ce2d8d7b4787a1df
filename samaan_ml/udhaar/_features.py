"""Ledger in, one row of risk features a customer out, as of an instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

import numpy as np

from samaan_ml.domain.ledger import SHOP_ZONE, TERMS_DAYS, shop_day
from samaan_ml.domain.promises import Promise
from samaan_ml.exceptions import ParameterError
from samaan_ml.udhaar._behaviour import features
from samaan_ml.udhaar._catalogue import DIRECTIONS, FEATURE_NAMES
from samaan_ml.udhaar._columns import Floats, Ints, LedgerColumns, columns_from_entries, columns_from_frame
from samaan_ml.udhaar._promise_counts import PromisesOfLedger, promise_counts
from samaan_ml.udhaar._snapshot import Snapshot

if TYPE_CHECKING:
    import pandas as pd

Customer = tuple[str, str]
AsOf = datetime | date | str
_EPOCH = date(1970, 1, 1)


class LedgerFeatures:
    """Risk features of every customer of a ledger, as of an instant.

    Only entries at or before the instant, and not reversed by then, are read: nothing that happens later can
    change a row. Only ledger columns are read, so a name cannot become a feature.

    Parameters
    ----------
    as_of : datetime, date, str or mapping of (shop_id, customer_id) to one of these
        Aware instant. A plain date is the end of that day in the shop's zone; a text is read as ISO 8601. A
        mapping gives each customer an instant of their own (customers not in it are left out).
    zone : str, default="Asia/Kolkata"
        The shops' zone.
    terms_days : int, default=30
        Due day of a credit without one, in days after it.

    Raises
    ------
    ParameterError
        If `as_of` is a naive datetime or cannot be read, or `terms_days` is negative.

    See Also
    --------
    UdhaarRiskModel : What learns from these features.

    Examples
    --------
    >>> import pandas as pd
    >>> ledger = pd.DataFrame({
    ...     "shop_id": "s1", "customer_id": "c1", "kind": ["credit", "payment"],
    ...     "at": pd.to_datetime(["2026-01-01T06:00Z", "2026-02-10T06:00Z"]),
    ...     "amount_paise": [50_000, 20_000], "due_on": pd.to_datetime(["2026-01-15", None]),
    ... })
    >>> X = LedgerFeatures("2026-02-20T06:00+00:00").transform(ledger)
    >>> X.loc[("s1", "c1"), ["days_past_due", "open_credits"]].tolist()
    [36.0, 1.0]
    """

    names: ClassVar[tuple[str, ...]] = FEATURE_NAMES
    """The allow-list: exactly these columns, in this order."""
    monotone: ClassVar[Mapping[str, int]] = DIRECTIONS
    """Directions to hand to `UdhaarRiskModel.fit(monotone=...)`."""

    def __init__(
        self, as_of: AsOf | Mapping[Customer, AsOf], zone: str = SHOP_ZONE, terms_days: int = TERMS_DAYS
    ) -> None:
        if terms_days < 0:
            raise ParameterError(f"'terms_days' is {terms_days}; give 0 or more days")
        self.as_of = as_of
        self.zone = zone
        self.terms_days = terms_days
        if not isinstance(as_of, Mapping) and not hasattr(as_of, "to_dict"):
            instant(as_of, zone)

    def transform(self, ledger: pd.DataFrame, promises: pd.DataFrame | None = None) -> pd.DataFrame:
        """Compute the features of every customer with an entry by `as_of`.

        Parameters
        ----------
        ledger : pandas.DataFrame or polars.DataFrame
            Columns shop_id, customer_id, at, kind, amount_paise, due_on[, entry_id, reverses].
        promises : pandas.DataFrame or None, default=None
            Columns shop_id, customer_id, amount_paise, made_at, pay_by; None where none are recorded.

        Returns
        -------
        pandas.DataFrame
            Index (shop_id, customer_id), one float column a feature of `names`; NaN where unknown.

        Raises
        ------
        TableError
            If the ledger breaks its schema.
        """
        import pandas as pd

        columns = columns_from_frame(ledger, self.zone, self.terms_days)
        counts = (
            None
            if promises is None
            else PromisesOfLedger(ledger, promises, self.zone).counts(
                columns.customers, *self.instants(columns.customers)
            )
        )
        names, values = self._compute(columns, counts)
        index = pd.MultiIndex.from_tuples(names, names=["shop_id", "customer_id"])
        return pd.DataFrame(values, columns=list(FEATURE_NAMES), index=index)

    def transform_entries(
        self, entries: Iterable[Any], promises: Iterable[Promise] | None = None, shop_id: str = ""
    ) -> tuple[list[Customer], Floats]:
        """Compute the same features from domain entries, without pandas.

        Parameters
        ----------
        entries : iterable of LedgerEntry or LedgerRow
            Entries of one or more shops; `shop_id` names the shop of rows that do not.
        promises : iterable of Promise or None, default=None
            Promises to pay; None where none are recorded.
        shop_id : str, default=""
            Shop of entries without one.

        Returns
        -------
        customers : list of (shop_id, customer_id)
            Those with an entry by `as_of`.
        values : float array (n_customers, n_features)
            Columns as `names`.
        """
        rows = list(entries)
        columns = columns_from_entries(rows, self.zone, self.terms_days, shop_id)
        counts = None if promises is None else self._promise_counts(columns, rows, promises, shop_id)
        return self._compute(columns, counts)

    def _compute(
        self, columns: LedgerColumns, promises: tuple[Floats, Floats] | None
    ) -> tuple[list[Customer], Floats]:
        """Compute, and keep the customers who had an entry by then."""
        as_of, today = self.instants(columns.customers)
        snapshot = Snapshot(columns, as_of, today, promises)
        found = features(snapshot)
        known = np.flatnonzero(snapshot.total(columns.customer[snapshot.keep]) > 0)
        values = np.column_stack([found[name][known] for name in FEATURE_NAMES])
        return [columns.customers[i] for i in known], values

    def instants(self, customers: list[Customer]) -> tuple[Ints, Ints]:
        """Return each customer's instant (microseconds since 1970) and shop day (days since 1970)."""
        given = self.as_of.to_dict() if hasattr(self.as_of, "to_dict") else self.as_of
        if not isinstance(given, Mapping):
            at, day = _numbers(instant(given, self.zone), self.zone)
            return np.full(len(customers), at, dtype=np.int64), np.full(len(customers), day, dtype=np.int64)
        never = (np.iinfo(np.int64).min, -(10**6))
        pairs = [
            _numbers(instant(given[who], self.zone), self.zone) if who in given else never
            for who in customers
        ]
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def _promise_counts(
        self, columns: LedgerColumns, rows: Iterable[Any], promises: Iterable[Promise], shop_id: str
    ) -> tuple[Floats, Floats]:
        """Count each customer's promises broken and kept as of the instant."""
        as_of, today = self.instants(columns.customers)
        return promise_counts(columns.customers, as_of, today, rows, promises, self.zone, shop_id)


def instant(as_of: AsOf, zone: str = SHOP_ZONE) -> datetime:
    """Read an instant: aware as it is, a date as the end of the shop's day, a text as ISO 8601.

    Raises
    ------
    ParameterError
        If it has no zone or cannot be read.
    """
    if isinstance(as_of, str):
        try:
            as_of = date.fromisoformat(as_of) if len(as_of) == 10 else datetime.fromisoformat(as_of)
        except ValueError:
            raise ParameterError(
                f"'as_of' is '{as_of}'; write it as 2026-01-31 or 2026-01-31T18:00Z"
            ) from None
    if not isinstance(as_of, datetime):
        return datetime.combine(as_of, time.max, ZoneInfo(zone)).astimezone(UTC)
    if as_of.tzinfo is None:
        raise ParameterError(f"'as_of' ({as_of.isoformat()}) has no time zone; give an aware instant")
    return as_of.astimezone(UTC)


def _numbers(at: datetime, zone: str) -> tuple[int, int]:
    """Return an instant in microseconds since 1970 and its shop day in days since 1970."""
    return round(at.timestamp() * 1e6), (shop_day(at, zone) - _EPOCH).days
