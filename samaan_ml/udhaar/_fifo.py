"""First-in first-out settlement of whole ledgers at once; `samaan_ml.domain.ledger` is its oracle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samaan_ml.udhaar._columns import CREDIT, NEVER, WRITE_OFF, Bools, Ints, LedgerColumns


@dataclass(frozen=True)
class Credits:
    """Each standing credit and what became of it, sorted by customer and time.

    Parameters
    ----------
    customer, day, due, amount : int arrays (n_credits,)
        As in `LedgerColumns`.
    open : int array (n_credits,)
        Paise still owed.
    settled_day : int array (n_credits,)
        Day on which the last paisa was paid; NEVER while open or when written off.
    written_off : bool array (n_credits,)
        Whether the last paisa was given up instead of paid.
    """

    customer: Ints
    day: Ints
    due: Ints
    amount: Ints
    open: Ints
    settled_day: Ints
    written_off: Bools


def settle(ledger: LedgerColumns, keep: Bools) -> Credits:
    """Settle the oldest credit of each customer first, by one binary search over running totals.

    The credit whose running total is C is settled by the first payment whose running total reaches C.

    Parameters
    ----------
    ledger : LedgerColumns
        Entries of any number of customers.
    keep : bool array (n_entries,)
        The entries that count.

    Returns
    -------
    Credits
        One row a credit.
    """
    credit = np.flatnonzero(keep & (ledger.kind == CREDIT))
    payment = np.flatnonzero(keep & (ledger.kind != CREDIT))
    n = len(ledger.customers)
    given, given_total = _running(ledger.amount[credit], ledger.customer[credit], n)
    paid, paid_total = _running(ledger.amount[payment], ledger.customer[payment], n)
    # Each customer's totals are lifted above the one before, so that a single search serves them all.
    room = np.maximum(given_total, paid_total) + 1
    lift = np.concatenate(([0], np.cumsum(room)[:-1])) if n else room
    at_customer = ledger.customer[credit]
    found = np.searchsorted(lift[ledger.customer[payment]] + paid, lift[at_customer] + given, side="left")
    reached = given <= paid_total[at_customer]
    by = payment[np.where(reached, found, 0)] if len(payment) else np.zeros(len(credit), dtype=np.int64)
    written_off = reached & (ledger.kind[by] == WRITE_OFF)
    settled_day = np.where(
        reached & ~written_off, np.maximum(ledger.day[by], ledger.day[credit]), NEVER
    ) if len(credit) else credit  # fmt: skip
    amount = ledger.amount[credit]
    return Credits(
        customer=at_customer,
        day=ledger.day[credit],
        due=ledger.due[credit],
        amount=amount,
        open=np.clip(given - paid_total[at_customer], 0, amount),
        settled_day=settled_day,
        written_off=written_off,
    )


def _running(amount: Ints, customer: Ints, n: int) -> tuple[Ints, Ints]:
    """Return the running total within each customer and each customer's total, in whole paise."""
    overall = np.cumsum(amount)
    bounds = np.searchsorted(customer, np.arange(n + 1))
    before = np.concatenate(([0], overall))[bounds]
    return overall - before[customer], np.diff(before)
