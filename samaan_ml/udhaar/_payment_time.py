"""When dues are paid: the shop's curve of payment by age, and how much faster or slower a customer is.

A proportional-hazards model with gamma frailty (Clayton, 1978): the chance to be paid at age t is the shop's,
times a rate of the customer's own. Open credits count as seen so far, not as paid; few credits leave the rate
near 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samaan_ml.udhaar._columns import NEVER, Floats, Ints
from samaan_ml.udhaar._fifo import Credits

HORIZON_DAYS = 180
"""Payment later than this counts as this late."""
PRIOR_CREDITS = 200.0
"""So many credits of the trained curve stand before a shop's own."""
FRAILTY = 2.0
"""Shape of the gamma prior of a customer's rate: so many payments at the shop's rate."""


@dataclass(frozen=True)
class PaymentTime:
    """Payment behaviour of a shop's customers as of a day.

    Parameters
    ----------
    cumulative : float array (HORIZON_DAYS + 1,)
        The shop's cumulative hazard of payment by age in days.
    rate : float array (n_customers,)
        Each customer's rate; 1 pays as the shop's average.
    """

    cumulative: Floats
    rate: Floats

    def expected_days(self) -> Floats:
        """Return the expected days from purchase to payment, at most HORIZON_DAYS, a customer."""
        survival = np.exp(-np.outer(self.rate, self.cumulative[:-1]))
        return np.asarray(survival.sum(axis=1))

    def paid_within(self, customer: Ints, age: Ints, days: int) -> Floats:
        """Return the chance that open credits of the given ages are paid within some days."""
        low = np.clip(age, 0, HORIZON_DAYS)
        high = np.clip(age + days, 0, HORIZON_DAYS)
        return np.asarray(1 - np.exp(-self.rate[customer] * (self.cumulative[high] - self.cumulative[low])))


def hazard(book: Credits, today: Ints, prior: Floats | None = None) -> Floats:
    """Return the cumulative hazard of payment by age, in days, pooled with a prior curve.

    Parameters
    ----------
    book : Credits
        Credits as settled by `today`.
    today : int array (n_customers,)
        Each customer's day.
    prior : float array (HORIZON_DAYS + 1,) or None, default=None
        A cumulative hazard; None for a flat 2 % a day.

    Returns
    -------
    float array (HORIZON_DAYS + 1,)
        Cumulative hazard (Nelson-Aalen), from 0.
    """
    base = np.linspace(0.0, 0.02 * HORIZON_DAYS, HORIZON_DAYS + 1) if prior is None else prior
    strength = 20.0 if prior is None else PRIOR_CREDITS
    age, paid = _ages(book, today)
    events = np.bincount(age[paid], minlength=HORIZON_DAYS + 1)[: HORIZON_DAYS + 1].astype(float)
    leaving = np.bincount(age, minlength=HORIZON_DAYS + 1)[: HORIZON_DAYS + 1].astype(float)
    at_risk = leaving[::-1].cumsum()[::-1]
    base_risk = strength * np.exp(-base[:-1])
    steps = (events[:-1] + base_risk * np.diff(base)) / (at_risk[:-1] + base_risk)
    return np.concatenate([[0.0], np.cumsum(steps)])


def payment_time(book: Credits, today: Ints, prior: Floats) -> PaymentTime:
    """Estimate one shop's curve and its customers' rates from their credits so far."""
    curve = hazard(book, today, prior)
    age, paid = _ages(book, today)
    n = len(today)
    seen = np.bincount(book.customer, weights=curve[age], minlength=n)
    events = np.bincount(book.customer, weights=paid, minlength=n)
    return PaymentTime(curve, (events + FRAILTY) / (seen + FRAILTY))


def _ages(book: Credits, today: Ints) -> tuple[Ints, Floats]:
    """Return the age at which each credit was paid or last seen open, and whether it was paid (1.0) or not."""
    paid = book.settled_day != NEVER
    end = np.where(paid, book.settled_day, today[book.customer])
    age = np.clip(end - book.day, 0, HORIZON_DAYS)
    return age, paid & (end - book.day < HORIZON_DAYS)
