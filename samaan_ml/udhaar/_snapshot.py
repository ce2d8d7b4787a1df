"""One ledger as of one instant a customer: what counts then, and sums over it in whole-array arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from samaan_ml.udhaar._columns import CREDIT, NEVER, PAYMENT, Bools, Floats, Ints, LedgerColumns
from samaan_ml.udhaar._fifo import Credits, settle

RECENT_DAYS = 90.0
"""Half-life of recency weights."""
WRITTEN_OFF_DAYS = 120.0
"""A credit that was given up counts as at least this late."""
LATE_DAYS = 30
"""More than this many days past due is late for good."""
_MAX_DAYS_LATE = 365.0


@dataclass(frozen=True)
class Snapshot:
    """One ledger as of one instant a customer.

    Parameters
    ----------
    ledger : LedgerColumns
        All entries; later ones are not read.
    as_of : int array (n_customers,)
        Instant, microseconds since 1970.
    today : int array (n_customers,)
        The shop's day of that instant, in days since 1970.
    promises : tuple of float arrays (n_customers,) or None, default=None
        Promises broken and kept by then; None where none are recorded.
    """

    ledger: LedgerColumns
    as_of: Ints
    today: Ints
    promises: tuple[Floats, Floats] | None = None

    @property
    def n(self) -> int:
        """Return the number of customers."""
        return len(self.ledger.customers)

    @cached_property
    def keep(self) -> Bools:
        """Mark the entries that count."""
        return self.ledger.standing(self.as_of)

    @cached_property
    def credits(self) -> Credits:
        """Return the credits as settled by then."""
        return settle(self.ledger, self.keep)

    @cached_property
    def payment(self) -> Ints:
        """Return the positions of the payments that count."""
        return np.flatnonzero(self.keep & (self.ledger.kind == PAYMENT))

    @cached_property
    def lateness(self) -> tuple[Floats, Bools]:
        """Return the days late of each credit, and whether its due was put to the test by then."""
        c = self.credits
        today = self.today[c.customer]
        settled = c.settled_day != NEVER
        late = np.where(settled, np.minimum(c.settled_day, today), today) - c.due
        late = np.where(c.written_off, np.maximum(late, WRITTEN_OFF_DAYS), late)
        tested = settled | c.written_off | (today > c.due)
        return np.minimum(late.astype(float), _MAX_DAYS_LATE), tested

    @cached_property
    def tested_by_due(self) -> Ints:
        """Return the credits whose dues were put to the test, by customer and due day."""
        order = np.flatnonzero(self.lateness[1])
        return order[np.lexsort((self.credits.due[order], self.credits.customer[order]))]

    def recency(self, order: Ints) -> Floats:
        """Return weights of credits that halve every RECENT_DAYS since the due day."""
        c = self.credits
        age = (self.today[c.customer[order]] - c.due[order]).clip(0)
        return np.asarray(0.5 ** (age / RECENT_DAYS))

    def total(self, customer: Ints, weights: Any = None) -> Floats:
        """Sum within each customer."""
        return np.bincount(customer, weights=weights, minlength=self.n).astype(float)

    def latest(self, customer: Ints, values: Any, back: int = 0) -> Floats:
        """Return each customer's last value in the given order, or the one `back` before it; NaN if none."""
        bounds = np.searchsorted(customer, np.arange(self.n + 1))
        place = bounds[1:] - 1 - back
        found = place >= bounds[:-1]
        result = np.full(self.n, np.nan)
        result[found] = np.asarray(values, dtype=float)[place[found]]
        return result

    def highest(self, customer: Ints, values: Any) -> Floats:
        """Return each customer's highest value; NaN if none."""
        result = np.full(self.n, -np.inf)
        np.maximum.at(result, customer, np.asarray(values, dtype=float))
        return np.where(np.isneginf(result), np.nan, result)


def ratio(over: Any, under: Any) -> Floats:
    """Divide where there is something to divide by, NaN elsewhere."""
    over, under = np.asarray(over, dtype=float), np.asarray(under, dtype=float)
    return np.asarray(np.divide(over, under, out=np.full(over.shape, np.nan), where=under > 0))


def days_since(s: Snapshot, day: Ints, customer: Ints, *, first: bool) -> Floats:
    """Days from each customer's first or last of the given days, which are sorted within customers."""
    bounds = np.searchsorted(customer, np.arange(s.n + 1))
    found = bounds[1:] > bounds[:-1]
    place = bounds[:-1] if first else bounds[1:] - 1
    result = np.full(s.n, np.nan)
    result[found] = s.today[found] - day[place[found]]
    return result


def signed(s: Snapshot) -> Floats:
    """Return what each counted entry adds to the balance."""
    amount = s.ledger.amount[s.keep].astype(float)
    return np.where(s.ledger.kind[s.keep] == CREDIT, amount, -amount)


def balance_at(s: Snapshot, days_ago: int) -> Floats:
    """Return each balance at the end of the day so many days ago."""
    who = s.ledger.customer[s.keep]
    past = s.ledger.day[s.keep] <= s.today[who] - days_ago
    return s.total(who[past], signed(s)[past])


def given_within(s: Snapshot, days: int) -> Floats:
    """Return what was given on credit in the last days."""
    c = s.credits
    fresh = c.day > s.today[c.customer] - days
    return s.total(c.customer[fresh], c.amount[fresh])


def running_balance(s: Snapshot) -> Floats:
    """Return the balance after each counted entry."""
    who = s.ledger.customer[s.keep]
    running = np.cumsum(signed(s))
    bounds = np.searchsorted(who, np.arange(s.n + 1))
    return running - np.concatenate(([0.0], running))[bounds][who]


def place_in_kept(s: Snapshot) -> Ints:
    """Return the position of each counted payment among the counted entries."""
    return (np.cumsum(s.keep) - 1)[s.payment]


def highest_balance(s: Snapshot) -> Floats:
    """Return the highest balance ever of each customer."""
    return s.highest(s.ledger.customer[s.keep], running_balance(s))


def day_of_month(day: Ints) -> Floats:
    """Return the day of the month of days since 1970, from 0."""
    date = np.asarray(day).astype("datetime64[D]")
    return np.asarray((date - date.astype("datetime64[M]")).astype(float))
