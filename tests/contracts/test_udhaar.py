"""What every udhaar store must do."""

import contextlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from samaan_ml.domain.customer_events import CustomerEvent
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.khata import KhataError, verify_chain
from samaan_ml.domain.ledger import LedgerEntry, account, reversal_of
from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore
from serving.adapters.sql.udhaar import SqlUdhaarStore
from serving.errors import AlreadyExists, Conflict, LimitExceeded, NotFound
from serving.ports.udhaar import Customer, Span, UdhaarStore


def a_customer(now: datetime, customer_id: str = "ramesh", **fields: Any) -> Customer:
    usual: dict[str, Any] = {
        "name": "Ramesh",
        "phone": None,
        "limit_paise": None,
        "credit_days": 30,
        "balance_paise": 0,
        "oldest_due_on": None,
        "reminders": False,
    }
    return Customer(customer_id=customer_id, created_at=now, **usual | fields)


def an_entry(
    shop_id: str, now: datetime, entry_id: str, kind: Any = "credit", amount: int = 1_000, **fields: Any
) -> LedgerEntry:
    due = (now + timedelta(days=30)).date() if kind == "credit" else None
    usual: dict[str, Any] = {"customer_id": "ramesh", "at": now, "due_on": due}
    if kind == "write_off":
        usual["reason"] = "gone"
    return LedgerEntry(entry_id=entry_id, shop_id=shop_id, kind=kind, amount_paise=amount, **usual | fields)


def test_a_customer_comes_back_as_added_without_a_balance(
    udhaar: UdhaarStore, shop_id: str, now: datetime
) -> None:
    udhaar.add_customer(shop_id, a_customer(now, balance_paise=9, oldest_due_on=date(2020, 1, 1)))
    assert udhaar.customer(shop_id, "ramesh") == a_customer(now)
    with pytest.raises(AlreadyExists):
        udhaar.add_customer(shop_id, a_customer(now))
    with pytest.raises(NotFound):
        udhaar.customer(shop_id + "x", "ramesh")


def test_a_change_leaves_the_projections_alone(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    udhaar.append(an_entry(shop_id, now, "e1"))
    udhaar.change_customer(shop_id, a_customer(now, limit_paise=5_000, balance_paise=77))
    changed = udhaar.customer(shop_id, "ramesh")
    assert (changed.limit_paise, changed.balance_paise) == (5_000, 1_000)
    assert changed.oldest_due_on == (now + timedelta(days=30)).date()
    with pytest.raises(NotFound):
        udhaar.change_customer(shop_id, a_customer(now, "nobody"))


def test_an_entry_counts_once(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    entry = an_entry(shop_id, now, "e1", note="two bags", actor="meena")
    assert udhaar.append(entry).balance_paise == 1_000
    assert udhaar.append(entry).balance_paise == 1_000
    assert udhaar.entry(shop_id, "e1") == entry
    assert udhaar.entries(shop_id, "ramesh") == (entry,)
    with pytest.raises(NotFound):
        udhaar.entry(shop_id + "x", "e1")


def test_an_entry_needs_its_customer(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    with pytest.raises(NotFound):
        udhaar.append(an_entry(shop_id, now, "e1"))
    assert udhaar.entries(shop_id, "ramesh") == ()


def test_an_entry_is_reversed_once_and_within_its_khata(
    udhaar: UdhaarStore, shop_id: str, now: datetime
) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    udhaar.add_customer(shop_id, a_customer(now, "sita"))
    entry = an_entry(shop_id, now, "e1")
    udhaar.append(entry)
    reversal = reversal_of(entry, entry_id="e2", at=now, reason="wrong")
    with pytest.raises(NotFound):
        udhaar.append(replace(reversal, customer_id="sita"))
    assert udhaar.append(reversal).balance_paise == 0
    assert udhaar.append(reversal).oldest_due_on is None
    with pytest.raises(Conflict):
        udhaar.append(replace(reversal, entry_id="e3"))
    with pytest.raises(NotFound):
        udhaar.append(replace(reversal, entry_id="e4", reverses="nothing"))
    with pytest.raises(RuleError):
        udhaar.append(replace(reversal, entry_id="e5", reverses="e2"))
    assert udhaar.customer(shop_id, "ramesh").balance_paise == 0


def test_a_limit_holds_for_credits_and_never_for_payments(
    udhaar: UdhaarStore, shop_id: str, now: datetime
) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    udhaar.append(an_entry(shop_id, now, "e1"), max_balance_paise=1_000)
    with pytest.raises(LimitExceeded):
        udhaar.append(an_entry(shop_id, now, "e2", amount=1), max_balance_paise=1_000)
    assert (
        udhaar.append(an_entry(shop_id, now, "e3", "payment", 100), max_balance_paise=0).balance_paise == 900
    )
    with pytest.raises(RuleError):
        udhaar.append(an_entry(shop_id, now, "e4", "write_off", 901))


def test_fifty_writers_at_once_lose_nothing(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda n: udhaar.append(an_entry(shop_id, now, f"e{n:03d}", amount=100)), range(50)))
    assert udhaar.customer(shop_id, "ramesh").balance_paise == 5_000
    assert len(udhaar.entries(shop_id, "ramesh")) == 50


def test_a_limit_holds_against_writers_at_once(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    udhaar.add_customer(shop_id, a_customer(now))

    def give(n: int) -> bool:
        try:
            udhaar.append(an_entry(shop_id, now, f"e{n:03d}", amount=100), max_balance_paise=1_000)
        except LimitExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(give, range(30))) == 10
    assert udhaar.customer(shop_id, "ramesh").balance_paise == 1_000


def test_buying_today_never_makes_an_old_due_younger(
    udhaar: UdhaarStore, shop_id: str, now: datetime
) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    old = now - timedelta(days=90)
    udhaar.append(an_entry(shop_id, old, "e1", due_on=old.date()))
    assert udhaar.append(an_entry(shop_id, now, "e2")).oldest_due_on == old.date()
    assert (
        udhaar.append(an_entry(shop_id, now, "e3", "payment", 1_000)).oldest_due_on
        == (now + timedelta(days=30)).date()
    )
    assert udhaar.append(an_entry(shop_id, now, "e4", "payment", 1_000)).oldest_due_on is None


def test_the_overdue_come_by_due_day_page_by_page(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    today = now.date()
    for name, days in (("c", 1), ("a", 9), ("b", 9), ("d", 0), ("e", -3)):
        udhaar.add_customer(shop_id, a_customer(now, name))
        entry = an_entry(shop_id, now, name, customer_id=name, due_on=today - timedelta(days=days))
        udhaar.append(entry)
    udhaar.add_customer(shop_id, a_customer(now, "nothing"))
    first = udhaar.overdue(shop_id, today, 2, None)
    rest = udhaar.overdue(shop_id, today, 2, first.after)
    assert [customer.customer_id for customer in (*first.rows, *rest.rows)] == ["a", "b", "c"]
    assert rest.after is None


def test_entries_and_customers_are_listed_page_by_page(
    udhaar: UdhaarStore, shop_id: str, now: datetime
) -> None:
    for name in ("b", "a", "c"):
        udhaar.add_customer(shop_id, a_customer(now, name))
    first = udhaar.customers(shop_id, 2, None)
    rest = udhaar.customers(shop_id, 2, first.after)
    assert [customer.customer_id for customer in (*first.rows, *rest.rows)] == ["a", "b", "c"]
    for n in range(5):
        udhaar.append(an_entry(shop_id, now, f"e{n}", customer_id="a"))
    udhaar.append(an_entry(shop_id, now, "e9", customer_id="b"))
    one = udhaar.list_entries(shop_id, "a", 3, None)
    two = udhaar.list_entries(shop_id, "a", 3, one.after)
    assert [entry.entry_id for entry in (*one.rows, *two.rows)] == ["e4", "e3", "e2", "e1", "e0"]
    assert [entry.entry_id for entry in udhaar.shop_entries(shop_id, 2)] == ["e4", "e9"]


def test_entries_are_listed_by_when_they_happened(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    udhaar.add_customer(shop_id, a_customer(now, "a"))
    for n in range(4):
        udhaar.append(an_entry(shop_id, now + timedelta(hours=n), f"e{n}", customer_id="a"))
    hour = timedelta(hours=1)

    def within(start: datetime | None, end: datetime | None, limit: int = 5) -> list[str]:
        page = udhaar.list_entries(shop_id, "a", limit, None, Span(start, end))
        return [entry.entry_id for entry in page.rows]

    assert within(now + hour, now + 3 * hour) == ["e2", "e1"]
    assert within(now + hour, now + 3 * hour, limit=1) == ["e2"]
    assert within(None, now + hour) == ["e0"]
    assert within(now + 3 * hour, None) == ["e3"]


def test_every_entry_is_chained_to_the_one_accepted_before_it(
    udhaar: UdhaarStore, shop_id: str, now: datetime
) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    first = an_entry(shop_id, now, "e2", note="two bags", actor="meena")
    udhaar.append(first)
    udhaar.append(an_entry(shop_id, now - timedelta(days=3), "e1", "payment", 400))
    udhaar.append(reversal_of(first, entry_id="e3", at=now, reason="wrong"))
    udhaar.append(first)
    khata = udhaar.khata(shop_id, "ramesh")
    assert [(entry.entry_id, link.sequence) for entry, link in khata] == [("e2", 1), ("e1", 2), ("e3", 3)]
    head = verify_chain(khata)
    assert head == khata[-1][1]
    altered = [
        (replace(entry, note="three bags") if n == 0 else entry, link)
        for n, (entry, link) in enumerate(khata)
    ]
    with pytest.raises(KhataError, match="e2"):
        verify_chain(altered)
    assert udhaar.khata(shop_id, "nobody") == ()


def test_the_chain_has_no_gap_and_no_fork_under_writers_at_once(
    udhaar: UdhaarStore, shop_id: str, now: datetime
) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: udhaar.append(an_entry(shop_id, now, f"e{n:03d}", amount=100)), range(24)))
    head = verify_chain(udhaar.khata(shop_id, "ramesh"))
    assert head is not None
    assert head.sequence == 24


def test_a_write_off_repeated_is_the_same_write_off(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    udhaar.append(an_entry(shop_id, now, "e1"))
    given_up = an_entry(shop_id, now, "e2", "write_off", 1_000)
    assert udhaar.append(given_up).balance_paise == 0
    assert udhaar.append(given_up).balance_paise == 0


def test_events_come_back_as_recorded_and_once(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    udhaar.add_customer(shop_id, a_customer(now, "sita"))
    promise = CustomerEvent(
        event_id="v1",
        customer_id="ramesh",
        kind="promise",
        at=now,
        amount_paise=500,
        until_on=now.date(),
        actor="meena",
    )
    pause = CustomerEvent(
        event_id="v2", customer_id="sita", kind="pause", at=now, start_on=now.date(),
        until_on=now.date() + timedelta(days=13), text="a death in the family",
    )  # fmt: skip
    for event in (promise, pause, promise):
        udhaar.record(shop_id, event)
    assert udhaar.events(shop_id, "ramesh") == (promise,)
    assert udhaar.shop_events(shop_id, 10) == (promise, pause)
    assert udhaar.shop_events(shop_id, 1) == (pause,)
    assert udhaar.event(shop_id, "v2") == pause
    with pytest.raises(NotFound):
        udhaar.event(shop_id + "x", "v2")
    with pytest.raises(NotFound):
        udhaar.record(shop_id, replace(pause, event_id="v9", customer_id="nobody"))
    assert udhaar.customers(shop_id, 10, None).rows == (a_customer(now), a_customer(now, "sita"))


def test_an_event_is_closed_once(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    udhaar.add_customer(shop_id, a_customer(now))
    dispute = CustomerEvent(
        event_id="v1", customer_id="ramesh", kind="dispute", at=now, about="e1", text="not mine"
    )
    closing = CustomerEvent(
        event_id="v2", customer_id="ramesh", kind="closing", at=now, about="v1", text="agreed"
    )
    for event in (dispute, closing, closing):
        udhaar.record(shop_id, event)
    with pytest.raises(Conflict):
        udhaar.record(shop_id, replace(closing, event_id="v3"))
    assert udhaar.events(shop_id, "ramesh") == (dispute, closing)


STEPS = st.lists(
    st.tuples(st.sampled_from(["credit", "payment", "reverse"]), st.integers(1, 5_000), st.integers(0, 60)),
    max_size=10,
)


def _enter(udhaar: UdhaarStore, shop_id: str, now: datetime, steps: list[tuple[Any, int, int]]) -> None:
    """Take the steps in the khata of a shop's only customer."""
    udhaar.add_customer(shop_id, a_customer(now))
    entered: list[LedgerEntry] = []
    for n, (kind, amount, back) in enumerate(steps):
        at = now - timedelta(days=back)
        if kind == "reverse":
            if entered:
                udhaar.append(reversal_of(entered.pop(0), entry_id=f"e{n:03d}", at=now, reason="wrong"))
            continue
        due = (at + timedelta(days=amount % 40)).date() if kind == "credit" else None
        entered.append(an_entry(shop_id, at, f"e{n:03d}", kind, amount, due_on=due))
        udhaar.append(entered[-1])


def _holds(udhaar: UdhaarStore, shop_id: str, now: datetime) -> None:
    """Read the customer and the entries back, and hold the one against the other by the domain's account."""
    customer = udhaar.customer(shop_id, "ramesh")
    position = account(udhaar.entries(shop_id, "ramesh"), now.date())
    assert customer.balance_paise == position.balance_paise
    assert customer.oldest_due_on == position.oldest_due_on
    assert position.ageing.total_paise == max(customer.balance_paise, 0)
    assert udhaar.rebuild(shop_id) == 0


def test_the_projections_equal_the_domains_account(udhaar: UdhaarStore, now: datetime) -> None:
    @settings(max_examples=5 if isinstance(udhaar, DynamoUdhaarStore) else 15, deadline=None, database=None)
    @given(steps=STEPS)
    def hold(steps: list[tuple[Any, int, int]]) -> None:
        shop_id = secrets.token_hex(8)
        _enter(udhaar, shop_id, now, steps)
        _holds(udhaar, shop_id, now)

    hold()


def _drawn(part: int, count: int) -> list[list[tuple[Any, int, int]]]:
    """Draw sequences of steps without a store: a batch of them can then be written in one unit of work."""
    found: list[list[tuple[Any, int, int]]] = []

    @seed(part)
    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate])
    @given(steps=STEPS)
    def draw(steps: list[tuple[Any, int, int]]) -> None:
        found.append(steps)

    draw()
    return found


_PARTS, _SEQUENCES, _BATCH = 4, 10_000, 25


@pytest.mark.slow
@pytest.mark.parametrize("part", range(_PARTS))
def test_ten_thousand_sequences_leave_each_store_as_the_domain_says(
    udhaar: UdhaarStore, now: datetime, part: int, emptied: Callable[[str], None]
) -> None:
    drawn = _drawn(part, _SEQUENCES // _PARTS)
    assert len(drawn) == _SEQUENCES // _PARTS
    for first in range(0, len(drawn), _BATCH):
        batch = {secrets.token_hex(8): steps for steps in drawn[first : first + _BATCH]}
        # To wait for the disk at each entry is what takes the time; where a store has no such unit, none is asked.
        database = udhaar._database if isinstance(udhaar, SqlUdhaarStore) else None
        with database.begin() if database else contextlib.nullcontext():
            for shop_id, steps in batch.items():
                _enter(udhaar, shop_id, now, steps)
        for shop_id in batch:
            _holds(udhaar, shop_id, now)
        if isinstance(udhaar, DynamoUdhaarStore):
            emptied("udhaar")
