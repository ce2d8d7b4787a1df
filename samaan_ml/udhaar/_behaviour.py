"""The catalogue's features, computed from a snapshot.

Everything rests on entries at or before the instant that were not reversed by then; the settlement of a credit
is the one known then. A count of nothing is 0; a mean of nothing is missing (NaN), never a made-up 0.
"""

from __future__ import annotations

import numpy as np

from samaan_ml.udhaar._catalogue import FEATURE_NAMES
from samaan_ml.udhaar._columns import NEVER, Bools, Floats, Ints
from samaan_ml.udhaar._snapshot import (
    LATE_DAYS,
    Snapshot,
    balance_at,
    day_of_month,
    days_since,
    given_within,
    highest_balance,
    place_in_kept,
    ratio,
    running_balance,
)

PRIOR_STRENGTH = 3.0
"""So many dues of the shop's average stand before a customer's own (thin-file pooling)."""


def features(snapshot: Snapshot) -> dict[str, Floats]:
    """Compute the catalogue's features: one array (n_customers,) each, in the catalogue's order."""
    shop = _shop_features(snapshot)
    found = {
        **_owing(snapshot, shop),
        **_punctuality(snapshot, shop),
        **_due_gaps(snapshot),
        **_speed(snapshot),
        **_payments(snapshot),
        **_buying(snapshot, shop),
        **_month(snapshot),
        **_promises(snapshot),
        **{name: shop[name] for name in ("shop_late_share", "shop_late30_share")},
    }
    return {name: found[name] for name in FEATURE_NAMES}


def _owing(s: Snapshot, shop: dict[str, Floats]) -> dict[str, Floats]:
    """Describe what is owed now."""
    c = s.credits
    today = s.today[c.customer]
    is_open = c.open > 0
    owed = s.total(c.customer, c.open)
    past_due = np.where(is_open, today - c.due, -1)
    oldest = s.highest(c.customer[is_open], (today - c.day)[is_open])
    given = s.total(c.customer, c.amount)
    months = np.maximum(
        days_since(s, s.ledger.day[s.keep], s.ledger.customer[s.keep], first=True) / 30.0, 1.0
    )
    balance = highest_balance(s)
    before = np.maximum(balance_at(s, 30), 0.0)
    return {
        "days_past_due": np.nan_to_num(np.maximum(s.highest(c.customer, past_due), 0.0)),
        "overdue_ratio": np.nan_to_num(ratio(s.total(c.customer, np.where(past_due > 0, c.open, 0)), owed)),
        "old_due_ratio": np.nan_to_num(
            ratio(s.total(c.customer, np.where(today - c.day > 60, c.open, 0)), owed)
        ),
        "oldest_open_days": np.nan_to_num(oldest),
        "open_credits": s.total(c.customer[is_open]),
        "balance_months": ratio(owed, given / months),
        "utilisation": ratio(owed, balance),
        "balance_growth": np.log((owed + shop["scale"]) / (before + shop["scale"])),
        "shop_relative_balance": np.log1p(owed / shop["scale"]),
    }


def _punctuality(s: Snapshot, shop: dict[str, Floats]) -> dict[str, Floats]:
    """Describe how dues were kept; shares and means lean on the shop's average where the file is thin."""
    c = s.credits
    order = s.tested_by_due
    who, days = c.customer[order], s.lateness[0][order]
    today = s.today[who]
    weight = s.recency(order)
    count = s.total(who)
    recent = s.total(who, weight)
    beyond = np.maximum(days, 0.0)
    own = {
        "late_share": _pooled(s.total(who, days > 0), count, shop["shop_late_share"]),
        "late30_share": _pooled(s.total(who, days > LATE_DAYS), count, shop["shop_late30_share"]),
        "recent_late_share": _pooled(s.total(who, weight * (days > 0)), recent, shop["shop_late_share"]),
        "mean_days_late": _pooled(s.total(who, beyond), count, shop["days_late"]),
        "recent_days_late": _pooled(s.total(who, weight * beyond), recent, shop["days_late"]),
    }
    fresh = today - c.due[order] <= 180
    streak = _streak(s, who, days <= 0)
    return {
        **own,
        "last_days_late": s.latest(who, days),
        "previous_days_late": s.latest(who, days, back=1),
        "worst_days_late_180": s.highest(who[fresh], days[fresh]),
        "on_time_streak": streak,
        "settled_credits": s.total(c.customer[c.settled_day != NEVER]),
        "written_off_share": np.nan_to_num(ratio(s.total(c.customer, c.written_off), s.total(c.customer))),
    }


def _due_gaps(s: Snapshot) -> dict[str, Floats]:
    """Describe payments around the due day, early ones counted: who pays a week early is not who pays in time."""
    c = s.credits
    order = s.tested_by_due
    who, gap = c.customer[order], np.clip(s.lateness[0][order], -60.0, 120.0)
    weight = s.recency(order)
    count, recent = s.total(who), s.total(who, weight)
    mean = ratio(s.total(who, gap), count)
    lately = np.stack([s.latest(who, gap, back) for back in range(3)])
    known = np.isfinite(lately)
    allowed = np.maximum(c.due[order] - c.day[order], 1)
    settled = c.settled_day[order] != NEVER
    taken = np.where(settled, c.settled_day[order] - c.day[order], 0)
    used = np.where(
        settled, np.clip(taken / allowed, 0.0, 3.0), np.maximum(1.5, 1 + gap / allowed).clip(max=3.0)
    )
    return {
        "recent_due_gap_days": ratio(s.total(who, weight * gap), recent),
        "due_gap_spread_days": np.sqrt(np.maximum(ratio(s.total(who, gap**2), count) - mean**2, 0.0)),
        "earliest_due_gap_days": -s.highest(who, -gap),
        "last_three_due_gap_days": ratio(np.where(known, lately, 0.0).sum(axis=0), known.sum(axis=0)),
        "terms_used_ratio": ratio(s.total(who, weight * used), recent),
        "last_terms_used_ratio": s.latest(who, used),
        "usual_terms_ratio": ratio(s.latest(c.customer, c.due - c.day), ratio(s.total(who, allowed), count)),
    }


def _month(s: Snapshot) -> dict[str, Floats]:
    """Place the instant and the last purchase's due day in the month, and against the usual day of payment."""
    c = s.credits
    due = s.latest(c.customer, c.due)
    bought = np.isfinite(due)
    due_day = np.where(bought, day_of_month(np.where(bought, due, 0).astype(np.int64)), np.nan)
    after = np.mod(due_day - _usual_payday(s)[0] + 15.5, 31.0) - 15.5
    return {
        "day_of_month": day_of_month(s.today),
        "next_due_day_of_month": due_day,
        "due_after_payday_days": after,
    }


def _usual_payday(s: Snapshot) -> tuple[Floats, Floats]:
    """Return the circular mean of each customer's days of payment in the month, and how regular they are."""
    who = s.ledger.customer[s.payment]
    angle = 2 * np.pi * day_of_month(s.ledger.day[s.payment]) / 31.0
    count = s.total(who)
    x, y = ratio(s.total(who, np.cos(angle)), count), ratio(s.total(who, np.sin(angle)), count)
    return np.mod(np.arctan2(y, x), 2 * np.pi) * 31.0 / (2 * np.pi), np.hypot(x, y)


def _speed(s: Snapshot) -> dict[str, Floats]:
    """Describe the days from purchase to payment of what was paid."""
    c = s.credits
    paid = c.settled_day != NEVER
    who, days = c.customer[paid], (c.settled_day - c.day)[paid].astype(float)
    count = s.total(who)
    mean = ratio(s.total(who, days), count)
    spread = np.sqrt(np.maximum(ratio(s.total(who, days**2), count) - mean**2, 0.0))
    last, before = s.latest(who, days), s.latest(who, days, back=1)
    lately = np.where(np.isnan(before), last, (last + before) / 2)
    return {"days_to_pay": mean, "days_to_pay_spread": spread, "days_to_pay_trend": lately - mean}


def _payments(s: Snapshot) -> dict[str, Floats]:
    """Describe payments: how much against what was owed, how regular, how full."""
    who, day = s.ledger.customer[s.payment], s.ledger.day[s.payment]
    amount = s.ledger.amount[s.payment].astype(float)
    age = s.today[who] - day
    paid = {span: s.total(who[age <= span], amount[age <= span]) for span in (30, 90)}
    owed = {span: np.maximum(balance_at(s, span), 0.0) + given_within(s, span) for span in (30, 90)}
    balance_after = running_balance(s)[place_in_kept(s)]
    usual, regularity = _usual_payday(s)
    return {
        "payment_ratio_30": np.minimum(ratio(paid[30], owed[30]), 2.0),
        "payment_ratio_90": np.minimum(ratio(paid[90], owed[90]), 2.0),
        "days_since_payment": s.today - s.latest(who, day),
        "payments_90": s.total(who[age <= 90]),
        "full_payment_share": ratio(s.total(who, balance_after <= 0), s.total(who)),
        "payday_in_days": np.mod(usual - day_of_month(s.today), 31.0),
        "payday_regularity": regularity,
    }


def _buying(s: Snapshot, shop: dict[str, Floats]) -> dict[str, Floats]:
    """Describe purchases on credit: since when, how often, how much."""
    c = s.credits
    today = s.today[c.customer]
    age = today - c.day
    count = s.total(c.customer)
    mean = ratio(s.total(c.customer, c.amount), count)
    tenure = days_since(s, c.day, c.customer, first=True)
    usual_30 = ratio(s.total(c.customer, c.amount), np.maximum(tenure / 30.0, 1.0))
    return {
        "tenure_days": tenure,
        "credits_count": count,
        "credits_90": s.total(c.customer[age <= 90]),
        "days_since_credit": days_since(s, c.day, c.customer, first=False),
        "credit_gap_days": ratio(tenure - days_since(s, c.day, c.customer, first=False), count - 1),
        "credit_growth": np.minimum(ratio(given_within(s, 30), usual_30), 10.0),
        "last_credit_ratio": np.log(ratio(s.latest(c.customer, c.amount), mean)),
        "last_credit_terms_days": s.latest(c.customer, c.due - c.day),
        "shop_relative_last_credit": np.log(ratio(s.latest(c.customer, c.amount), shop["scale"])),
        "shop_relative_credit": np.log(ratio(mean, shop["scale"])),
    }


def _promises(s: Snapshot) -> dict[str, Floats]:
    """Count promises to pay; without a record of promises both are missing."""
    if s.promises is None:
        missing = np.full(s.n, np.nan)
        return {"broken_promises": missing, "kept_promise_share": missing.copy()}
    broken, kept = s.promises
    return {"broken_promises": broken, "kept_promise_share": ratio(kept, broken + kept)}


def _shop_features(s: Snapshot) -> dict[str, Floats]:
    """Return the shop's averages as each customer's instant knew them, by prefix sums over time."""
    c = s.credits
    late, _ = s.lateness
    shop = s.ledger.shop
    out_late, n_due = _prefix(s, c.due + 1, (late > 0).astype(float), shop)
    out_30, n_30 = _prefix(s, c.due + LATE_DAYS + 1, (late > LATE_DAYS).astype(float), shop)
    out_days, _ = _prefix(s, c.due + 1, np.clip(late, 0.0, 90.0), shop)
    log_amount, n_credits = _prefix(s, c.day, np.log(np.maximum(c.amount, 1)), shop)
    return {
        "shop_late_share": (out_late + 0.2 * 20) / (n_due + 20),
        "shop_late30_share": (out_30 + 0.05 * 20) / (n_30 + 20),
        "days_late": (out_days + 3.0 * 20) / (n_due + 20),
        "scale": np.exp(np.nan_to_num(ratio(log_amount, n_credits), nan=np.log(20_000.0))),
    }


def _prefix(s: Snapshot, known_day: Ints, values: Floats, shop: Ints) -> tuple[Floats, Floats]:
    """Sum and count, for each customer, the shop's values that were known by the customer's own day."""
    c = s.credits
    known = known_day <= s.today[c.customer]
    at_shop, day, value = shop[c.customer][known], known_day[known], values[known]
    order = np.lexsort((day, at_shop))
    at_shop, day = at_shop[order], day[order]
    running = np.concatenate(([0.0], np.cumsum(value[order])))
    low, high = (int(day.min()), int(max(day.max(), s.today.max()))) if len(day) else (0, 0)
    span = high - low + 2
    key = at_shop * span + (day - low)
    start = np.searchsorted(key, shop * span, side="left")
    end = np.searchsorted(key, shop * span + np.clip(s.today - low, -1, span - 2), side="right")
    end = np.maximum(end, start)
    return running[end] - running[start], (end - start).astype(float)


def _pooled(total: Floats, count: Floats, prior: Floats) -> Floats:
    """Shrink a mean to the shop's: with no dues of one's own it is the shop's."""
    return (total + PRIOR_STRENGTH * prior) / (count + PRIOR_STRENGTH)


def _streak(s: Snapshot, who: Ints, good: Bools) -> Floats:
    """Count the good dues since the last bad one."""
    place = np.arange(len(who))
    last_bad = s.highest(who[~good], place[~good])
    first = np.searchsorted(who, np.arange(s.n))
    end = np.searchsorted(who, np.arange(s.n), side="right")
    return (end - np.where(np.isnan(last_bad), first, last_bad + 1)).astype(float)
