"""The udhaar ledger: append-only entries, and everything that is derived from them.

An entry is never changed or deleted; a mistake is corrected by a reversal that names it, with a
reason. Balance, ageing, due dates and status are pure functions of the entries and of the day,
so they can be rebuilt at any time, and the API and the risk features share this one definition:

* a payment settles the oldest credit first (FIFO), so buying today never makes an old due younger;
* what is paid beyond the dues is an advance (jama) and settles the next credits;
* a status is derived on the day it is asked for, never stored;
* an entry together with its reversal is as if it had never been entered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger_entry import (
    ENTRY_KINDS,
    MAX_TEXT,
    SHOP_ZONE,
    EntryKind,
    LedgerEntry,
    as_utc,
    check_amount,
    check_append,
    check_reversal,
    check_write_off,
    effect_paise,
    reversal_of,
    shop_day,
)
from samaan_ml.domain.statements import _by_time

__all__ = [
    "ENTRY_KINDS",
    "MAX_TEXT",
    "SHOP_ZONE",
    "TERMS_DAYS",
    "Account",
    "AccountStatus",
    "Ageing",
    "Allocation",
    "EntryKind",
    "LedgerEntry",
    "OpenCredit",
    "Settlement",
    "account",
    "ageing",
    "allocate",
    "as_utc",
    "check_amount",
    "check_append",
    "check_reversal",
    "check_write_off",
    "due_day",
    "effect_paise",
    "reversal_of",
    "shop_day",
    "standing",
    "until",
]

AccountStatus = Literal["advance", "paid", "pending", "overdue"]

TERMS_DAYS = 30
"""A credit without a due date of its own is due this many days after it was given."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """A part of a credit that was paid (or written off), and when."""

    credit_id: str
    payment_id: str
    amount_paise: int
    at: datetime
    written_off: bool = False


@dataclass(frozen=True, slots=True)
class OpenCredit:
    """A credit and what is still owed of it."""

    entry: LedgerEntry
    open_paise: int
    day: date
    due_on: date

    def age_days(self, today: date) -> int:
        """Days since the goods were given (never negative)."""
        return max((today - self.day).days, 0)

    def days_past_due(self, today: date) -> int:
        """Days since the due day (never negative); 0 on the due day itself."""
        return max((today - self.due_on).days, 0)


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which payment settled which credit, oldest first."""

    credits: tuple[OpenCredit, ...]
    settlements: tuple[Settlement, ...]
    advance_paise: int

    @property
    def open_credits(self) -> tuple[OpenCredit, ...]:
        """Return the credits of which something is still owed, oldest first."""
        return tuple(credit for credit in self.credits if credit.open_paise)


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is owed, by days since the goods were given; the parts sum to the dues."""

    days_0_30_paise: int = 0
    days_31_60_paise: int = 0
    days_61_90_paise: int = 0
    days_over_90_paise: int = 0

    @property
    def total_paise(self) -> int:
        """Sum of the four buckets."""
        return self.days_0_30_paise + self.days_31_60_paise + self.days_61_90_paise + self.days_over_90_paise


@dataclass(frozen=True, slots=True)
class Account:
    """One customer's position on one day.

    Parameters
    ----------
    balance_paise : int
        Credits less payments and write-offs; negative when the customer is in advance.
    due_paise : int
        What is owed: the balance, or 0.
    advance_paise : int
        What the shop holds for the customer (jama): minus the balance, or 0.
    overdue_paise : int
        Part of `due_paise` whose due day is over.
    ageing : Ageing
        `due_paise` by days since the goods were given.
    next_due_on : date or None
        Earliest due day from today on; None when nothing more falls due.
    oldest_due_on : date or None
        Earliest due day of anything open; None when nothing is owed.
    days_past_due : int
        Days from `oldest_due_on` to today, or 0.
    status : {"advance", "paid", "pending", "overdue"}
        In advance, settled, owing within terms, owing beyond them.
    last_credit_at, last_payment_at : datetime or None
        Latest instants, reversed entries left out.
    credit_paise, paid_paise, written_off_paise : int
        Totals, reversed entries left out.
    entry_count : int
        Entries seen, reversals included.
    open_credits : tuple of OpenCredit
        What is owed, oldest first.
    """

    balance_paise: int
    due_paise: int
    advance_paise: int
    overdue_paise: int
    ageing: Ageing
    next_due_on: date | None
    oldest_due_on: date | None
    days_past_due: int
    status: AccountStatus
    last_credit_at: datetime | None
    last_payment_at: datetime | None
    credit_paise: int
    paid_paise: int
    written_off_paise: int
    entry_count: int
    open_credits: tuple[OpenCredit, ...] = field(default=(), repr=False)


def until(entries: Iterable[LedgerEntry], instant: datetime) -> tuple[LedgerEntry, ...]:
    """Return the entries that were known at an instant (at or before it), in order of time."""
    limit = as_utc(instant)
    return tuple(sorted((entry for entry in entries if entry.at <= limit), key=_by_time))


def standing(entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Return the entries that count, in order of time: without reversals and what they cancel.

    Raises
    ------
    RuleError
        If a reversal cancels an entry that is not given.
    """
    rows = sorted(entries, key=_by_time)
    cancelled = {entry.reverses for entry in rows if entry.kind == "reversal"}
    missing = cancelled - {entry.entry_id for entry in rows if entry.kind != "reversal"}
    if missing:
        raise RuleError(f"reversed entry '{min(str(each) for each in missing)}' is not in the ledger given")
    return tuple(entry for entry in rows if entry.kind != "reversal" and entry.entry_id not in cancelled)


def allocate(
    entries: Iterable[LedgerEntry], *, zone: str | tzinfo = SHOP_ZONE, terms_days: int = TERMS_DAYS
) -> Allocation:
    """Settle the oldest credit first with each payment; keep what is left over as advance.

    Parameters
    ----------
    entries : iterable of LedgerEntry
        One customer's entries, in any order; reversed ones are left out.
    zone : str or tzinfo, default="Asia/Kolkata"
        The shop's zone.
    terms_days : int, default=30
        Due day of a credit that has none of its own, in days after it.

    Returns
    -------
    Allocation
        Credits oldest first, with what is open of each; settlements in the order made.
    """
    rows = standing(entries)
    given = [entry for entry in rows if entry.kind == "credit"]
    payments = [entry for entry in rows if entry.kind != "credit"]
    open_paise = [entry.amount_paise for entry in given]
    settlements: list[Settlement] = []
    oldest = 0
    advance = 0
    for payment in payments:
        left = payment.amount_paise
        while left and oldest < len(given):
            part = min(left, open_paise[oldest])
            settlements.append(_settle(given[oldest], payment, part))
            open_paise[oldest] -= part
            left -= part
            oldest += open_paise[oldest] == 0
        advance += left
    opened = (
        OpenCredit(entry, amount, entry.day(zone), due_day(entry, zone, terms_days))
        for entry, amount in zip(given, open_paise, strict=True)
    )
    return Allocation(tuple(opened), tuple(settlements), advance)


def due_day(entry: LedgerEntry, zone: str | tzinfo = SHOP_ZONE, terms_days: int = TERMS_DAYS) -> date:
    """Return the agreed due day of a credit, or the end of the shop's usual terms."""
    return entry.due_on if entry.due_on is not None else entry.day(zone) + timedelta(days=terms_days)


def account(
    entries: Iterable[LedgerEntry],
    today: date,
    *,
    zone: str | tzinfo = SHOP_ZONE,
    terms_days: int = TERMS_DAYS,
) -> Account:
    """Derive one customer's position on a day from all of the customer's entries.

    Parameters
    ----------
    entries : iterable of LedgerEntry
        One customer's entries, in any order. All are counted: filter with `until` for a past day.
    today : date
        The shop's calendar day.
    zone : str or tzinfo, default="Asia/Kolkata"
        The shop's zone.
    terms_days : int, default=30
        Due day of a credit that has none of its own, in days after it.

    Returns
    -------
    Account
        Balance, advance, overdue part, ageing, due days and status.

    Examples
    --------
    >>> from datetime import UTC, date, datetime
    >>> bought = LedgerEntry(
    ...     entry_id="e1", shop_id="s1", customer_id="c1", kind="credit", amount_paise=50_000,
    ...     at=datetime(2026, 1, 1, 6, tzinfo=UTC), due_on=date(2026, 1, 15))
    >>> paid = LedgerEntry(
    ...     entry_id="e2", shop_id="s1", customer_id="c1", kind="payment", amount_paise=20_000,
    ...     at=datetime(2026, 1, 10, 6, tzinfo=UTC))
    >>> position = account([bought, paid], date(2026, 2, 10))
    >>> position.balance_paise, position.status, position.days_past_due
    (30000, 'overdue', 26)
    >>> position.ageing
    Ageing(days_0_30_paise=0, days_31_60_paise=30000, days_61_90_paise=0, days_over_90_paise=0)
    """
    rows = tuple(entries)
    allocation = allocate(rows, zone=zone, terms_days=terms_days)
    counted = standing(rows)
    totals = {
        kind: sum(entry.amount_paise for entry in counted if entry.kind == kind)
        for kind in ("credit", "payment", "write_off")
    }
    balance = totals["credit"] - totals["payment"] - totals["write_off"]
    open_credits = allocation.open_credits
    overdue = sum(credit.open_paise for credit in open_credits if credit.due_on < today)
    oldest_due_on = min((credit.due_on for credit in open_credits), default=None)
    return Account(
        balance_paise=balance,
        due_paise=max(balance, 0),
        advance_paise=max(-balance, 0),
        overdue_paise=overdue,
        ageing=ageing(open_credits, today),
        next_due_on=min((credit.due_on for credit in open_credits if credit.due_on >= today), default=None),
        oldest_due_on=oldest_due_on,
        days_past_due=max((today - oldest_due_on).days, 0) if oldest_due_on else 0,
        status=_status(balance, overdue),
        last_credit_at=max((entry.at for entry in counted if entry.kind == "credit"), default=None),
        last_payment_at=max((entry.at for entry in counted if entry.kind == "payment"), default=None),
        credit_paise=totals["credit"],
        paid_paise=totals["payment"],
        written_off_paise=totals["write_off"],
        entry_count=len(rows),
        open_credits=open_credits,
    )


def ageing(open_credits: Iterable[OpenCredit], today: date) -> Ageing:
    """Sort what is owed into 0-30, 31-60, 61-90 and over 90 days since the goods were given."""
    buckets = [0, 0, 0, 0]
    for credit in open_credits:
        buckets[min(max(credit.age_days(today) - 1, 0) // 30, 3)] += credit.open_paise
    return Ageing(*buckets)


def _settle(credit: LedgerEntry, payment: LedgerEntry, amount_paise: int) -> Settlement:
    """Record that a payment covers a part of a credit; an advance settles when the goods are given."""
    return Settlement(
        credit.entry_id,
        payment.entry_id,
        amount_paise,
        max(credit.at, payment.at),
        payment.kind == "write_off",
    )


def _status(balance_paise: int, overdue_paise: int) -> AccountStatus:
    """Name the position."""
    if balance_paise < 0:
        return "advance"
    if balance_paise == 0:
        return "paid"
    return "overdue" if overdue_paise else "pending"
