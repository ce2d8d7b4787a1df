"""What of a shop's dues is expected to come in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.inflow import expected_inflow
from samaan_ml.domain.ledger import LedgerEntry

NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)


def an_entry(
    number: int, kind: Any, amount: int, at: datetime, customer: str = "c", **fields: Any
) -> LedgerEntry:
    return LedgerEntry(
        entry_id=f"e{number}",
        shop_id="s",
        customer_id=customer,
        kind=kind,
        amount_paise=amount,
        at=at,
        **fields,
    )


def a_past(share: float, weeks: int = 60) -> list[LedgerEntry]:
    """A customer who buys 100 rupees a fortnight and pays a share of what is owed the next day."""
    entries, owed = [], 0
    for week in range(weeks, 0, -2):
        at = NOW - timedelta(weeks=week)
        entries.append(an_entry(len(entries), "credit", 10_000, at))
        owed += 10_000
        paid = int(owed * share)
        if paid:
            entries.append(an_entry(len(entries), "payment", paid, at + timedelta(days=1)))
            owed -= paid
    return entries


def test_a_steady_past_repeats_itself() -> None:
    # Weeks in which goods were just given: half of what is owed follows. The other weeks: all of it.
    found = expected_inflow(a_past(0.5), NOW)
    assert found.windows > 20
    parts = (found.lower_paise, found.expected_paise, found.upper_paise)
    assert parts == pytest.approx((0.5 * found.due_paise, 0.75 * found.due_paise, found.due_paise), rel=0.02)


def test_without_a_past_the_interval_says_that_it_knows_nothing() -> None:
    found = expected_inflow([an_entry(1, "credit", 5_000, NOW - timedelta(days=3))], NOW)
    assert (found.lower_paise, found.expected_paise, found.upper_paise) == (0, 0, 5_000)
    assert (found.coverage, found.windows) == (1.0, 0)


def test_what_comes_later_and_what_was_taken_back_change_nothing() -> None:
    past = a_past(0.4)
    before = expected_inflow(past, NOW)
    wrong = an_entry(900, "credit", 10**9, NOW - timedelta(days=100))
    undone = an_entry(
        901, "reversal", 10**9, NOW - timedelta(days=1), reverses="e900", reason="entered twice"
    )
    later = an_entry(902, "payment", 10**6, NOW + timedelta(seconds=1))
    assert expected_inflow([*past, wrong, undone, later], NOW) == before


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["credit", "payment"]),
            st.integers(1, 10**6),
            st.integers(0, 400),
            st.sampled_from("ab"),
        ),
        max_size=60,
    )
)
def test_the_interval_holds_the_expectation_and_never_more_than_is_owed(steps: list[Any]) -> None:
    entries = [
        an_entry(n, kind, amount, NOW - timedelta(days=back), who)
        for n, (kind, amount, back, who) in enumerate(steps)
    ]
    found = expected_inflow(entries, NOW)
    assert 0 <= found.lower_paise <= found.upper_paise <= found.due_paise
    assert 0 <= found.expected_paise <= found.due_paise


def test_the_interval_covers_what_then_came_in() -> None:
    rng = np.random.default_rng(0)
    entries, number = [], 0
    for who in range(40):
        start = NOW - timedelta(days=730)
        habit = rng.uniform(0.1, 0.9)
        for day in range(0, 730, 3):
            at = start + timedelta(days=day, minutes=who)
            entries.append(an_entry(number, "credit", int(rng.integers(1_000, 9_000)), at, f"c{who}"))
            number += 1
            if rng.random() < habit / 5:
                entries.append(an_entry(number, "payment", int(rng.integers(5_000, 40_000)), at, f"c{who}"))
                number += 1
    covered = []
    for back in range(14, 300, 14):
        at = NOW - timedelta(days=back)
        found = expected_inflow(entries, at)
        balance: dict[str, int] = {}
        paid: dict[str, int] = {}
        for entry in entries:
            if entry.at <= at:
                sign = 1 if entry.kind == "credit" else -1
                balance[entry.customer_id] = balance.get(entry.customer_id, 0) + sign * entry.amount_paise
            elif entry.kind == "payment" and entry.at <= at + timedelta(days=14):
                paid[entry.customer_id] = paid.get(entry.customer_id, 0) + entry.amount_paise
        came = sum(min(paid.get(who, 0), max(owed, 0)) for who, owed in balance.items())
        covered.append(found.lower_paise <= came <= found.upper_paise)
    assert 0.55 <= np.mean(covered) <= 1.0  # nominal 0.8; 21 cases allow 0.6 to 0.95


def test_nonsense_is_refused() -> None:
    with pytest.raises(RuleError):
        expected_inflow([], NOW, days=0)
    with pytest.raises(RuleError):
        expected_inflow([], NOW, coverage=1.0)
    with pytest.raises(RuleError):
        expected_inflow([], NOW.replace(tzinfo=None))
