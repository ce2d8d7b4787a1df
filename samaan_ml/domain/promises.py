"""Promises to pay: what a customer said, and whether the khata bears it out.

A promise moves no money and never changes a due day; it is kept when what was paid from the moment it was
made until the end of the promised day covers it. A rupee keeps one promise only: payments are counted for the
promise that falls due first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger import SHOP_ZONE, LedgerEntry, as_utc, check_amount, shop_day, standing

PromiseOutcome = Literal["open", "kept", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A customer's word to pay an amount by a day.

    Parameters
    ----------
    promise_id : str
        Unique within the shop.
    shop_id, customer_id : str
        Who promised to whom.
    amount_paise : int
        What was promised, positive.
    made_at : datetime
        When it was given; aware, kept in UTC.
    pay_by : date
        Last day of payment, on the shop's calendar.

    Raises
    ------
    RuleError
        If an id is empty, the amount is not whole positive paise or the instant has no zone.
    """

    promise_id: str
    shop_id: str
    customer_id: str
    amount_paise: int
    made_at: datetime
    pay_by: date

    def __post_init__(self) -> None:
        """Refuse a promise that says nothing, and bring the instant to UTC."""
        for name in ("promise_id", "shop_id", "customer_id"):
            if not getattr(self, name):
                raise RuleError(f"'{name}' is empty; give the id", field=name)
        check_amount(self.amount_paise)
        object.__setattr__(self, "made_at", as_utc(self.made_at))


@dataclass(frozen=True, slots=True)
class PromiseRecord:
    """How many promises a customer has kept, broken and still open."""

    kept: int = 0
    broken: int = 0
    open: int = 0


def promise_outcomes(
    promises: Iterable[Promise],
    entries: Iterable[LedgerEntry],
    today: date,
    *,
    zone: str | tzinfo = SHOP_ZONE,
) -> Mapping[str, PromiseOutcome]:
    """Tell of each of one customer's promises whether it is open, kept or broken on a day.

    A promise breaks on the day after its last day, not on the day itself.

    Examples
    --------
    >>> from datetime import UTC, date, datetime
    >>> said = Promise(promise_id="p1", shop_id="s1", customer_id="c1", amount_paise=30_000,
    ...                made_at=datetime(2026, 1, 5, 6, tzinfo=UTC), pay_by=date(2026, 1, 9))
    >>> promise_outcomes([said], [], date(2026, 1, 9)), promise_outcomes([said], [], date(2026, 1, 10))
    ({'p1': 'open'}, {'p1': 'broken'})
    """
    missing, _ = _missing_in_time(promises, entries, zone)
    return {promise.promise_id: _outcome(promise, wanted, today) for promise, wanted in missing}


def unpaid_of_broken(
    promises: Iterable[Promise],
    entries: Iterable[LedgerEntry],
    today: date,
    *,
    zone: str | tzinfo = SHOP_ZONE,
) -> Mapping[str, int]:
    """Return the paise that still lack of each of one customer's broken promises; one made good late is left out.

    Late payments count for the promise that fell due first, and for a broken one only what keeps no other.

    Examples
    --------
    >>> from datetime import UTC, date, datetime
    >>> said = Promise(promise_id="p1", shop_id="s1", customer_id="c1", amount_paise=30_000,
    ...                made_at=datetime(2026, 1, 5, 6, tzinfo=UTC), pay_by=date(2026, 1, 9))
    >>> paid = LedgerEntry(entry_id="e1", shop_id="s1", customer_id="c1", kind="payment", amount_paise=20_000,
    ...                    at=datetime(2026, 1, 12, 6, tzinfo=UTC))
    >>> unpaid_of_broken([said], [paid], date(2026, 1, 12))
    {'p1': 10000}
    """
    missing, payments = _missing_in_time(promises, entries, zone)
    unpaid: dict[str, int] = {}
    for promise, wanted in missing:
        if _outcome(promise, wanted, today) == "broken":
            late = [payment for payment in payments if promise.made_at <= payment.entry.at]
            unpaid[promise.promise_id] = wanted - _take(late, wanted)
    return {promise_id: paise for promise_id, paise in unpaid.items() if paise}


@dataclass(slots=True)
class _Payment:
    """A payment and the part that no promise has used yet."""

    entry: LedgerEntry
    day: date
    left_paise: int


def _missing_in_time(
    promises: Iterable[Promise], entries: Iterable[LedgerEntry], zone: str | tzinfo
) -> tuple[list[tuple[Promise, int]], list[_Payment]]:
    """Return what each promise lacked at its end, the first to fall due first, and what is left of the payments."""
    payments = [
        _Payment(entry, shop_day(entry.at, zone), entry.amount_paise)
        for entry in standing(entries)
        if entry.kind == "payment"
    ]
    missing = []
    for promise in sorted(promises, key=lambda each: (each.pay_by, each.made_at, each.promise_id)):
        in_time = [
            payment
            for payment in payments
            if promise.made_at <= payment.entry.at and payment.day <= promise.pay_by
        ]
        missing.append((promise, promise.amount_paise - _take(in_time, promise.amount_paise)))
    return missing, payments


def _take(payments: Iterable[_Payment], wanted_paise: int) -> int:
    """Take up to an amount from what is left of some payments, and return how much that was."""
    taken = 0
    for payment in payments:
        part = min(wanted_paise - taken, payment.left_paise)
        payment.left_paise -= part
        taken += part
    return taken


def _outcome(promise: Promise, missing_paise: int, today: date) -> PromiseOutcome:
    """Name what became of a promise."""
    return "kept" if not missing_paise else "broken" if today > promise.pay_by else "open"


def promise_record(outcomes: Mapping[str, PromiseOutcome]) -> PromiseRecord:
    """Count outcomes."""
    words = list(outcomes.values())
    return PromiseRecord(words.count("kept"), words.count("broken"), words.count("open"))
