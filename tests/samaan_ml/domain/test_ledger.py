"""The ledger's derivations against a slow, literal reading of the rules."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger import (
    LedgerEntry,
    account,
    allocate,
    check_append,
    effect_paise,
    reversal_of,
    standing,
    until,
)
from samaan_ml.domain.statements import statement

START = datetime(2026, 1, 1, 6, tzinfo=UTC)
TODAY = date(2026, 6, 1)


def an_entry(
    number: int = 1, kind: str = "credit", amount: int = 10_000, day: int = 0, **fields: object
) -> LedgerEntry:
    """Build an entry; reversals and write-offs get a reason."""
    if kind in ("reversal", "write_off"):
        fields.setdefault("reason", "typed twice")
    return LedgerEntry(
        entry_id=f"e{number:05d}",
        shop_id="s1",
        customer_id="c1",
        kind=kind,
        amount_paise=amount,
        at=START + timedelta(days=day),
        **fields,
    )


@st.composite
def ledgers(draw: st.DrawFn) -> list[LedgerEntry]:
    """Draw any allowed sequence of entries of one customer, reversals and write-offs included."""
    entries: list[LedgerEntry] = []
    for number in range(draw(st.integers(0, 25))):
        kind = draw(st.sampled_from(["credit", "credit", "payment", "payment", "reversal", "write_off"]))
        day = draw(st.integers(0, 150))
        if kind == "reversal":
            open_targets = [e for e in standing(entries) if e.at <= START + timedelta(days=day)]
            if not open_targets:
                continue
            target = draw(st.sampled_from(open_targets))
            at = max(START + timedelta(days=day), target.at) + timedelta(seconds=1)
            entries.append(reversal_of(target, entry_id=f"e{number:05d}", at=at, reason="wrong"))
            continue
        due = (
            date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 200)))
            if kind == "credit" and draw(st.booleans())
            else None
        )
        amount = draw(st.integers(1, 10**9))
        entries.append(an_entry(number, kind, amount, day, due_on=due))
    return entries


def slow_open_amounts(entries: list[LedgerEntry]) -> dict[str, int]:
    """Pay off credits paisa-queue by paisa-queue, as a shopkeeper would on paper."""
    rows = standing(entries)
    queue = [[e.entry_id, e.amount_paise] for e in rows if e.kind == "credit"]
    purse = sum(e.amount_paise for e in rows if e.kind != "credit")
    for line in queue:
        part = min(line[1], purse)
        line[1] -= part
        purse -= part
    return dict(queue)


@settings(max_examples=300, deadline=None)
@given(ledgers())
def test_fifo_ageing_sums_to_the_balance(entries: list[LedgerEntry]) -> None:
    position = account(entries, TODAY)
    assert position.ageing.total_paise == position.due_paise
    assert position.due_paise - position.advance_paise == position.balance_paise
    assert sum(credit.open_paise for credit in position.open_credits) == position.due_paise
    assert position.overdue_paise <= position.due_paise


@settings(max_examples=200, deadline=None)
@given(ledgers())
def test_allocation_equals_paying_off_on_paper(entries: list[LedgerEntry]) -> None:
    allocation = allocate(entries)
    assert {c.entry.entry_id: c.open_paise for c in allocation.credits} == slow_open_amounts(entries)
    settled: dict[str, int] = {}
    for part in allocation.settlements:
        settled[part.credit_id] = settled.get(part.credit_id, 0) + part.amount_paise
    for credit in allocation.credits:
        assert settled.get(credit.entry.entry_id, 0) + credit.open_paise == credit.entry.amount_paise


@settings(max_examples=200, deadline=None)
@given(ledgers())
def test_the_balance_is_the_sum_of_the_effects_in_any_order(entries: list[LedgerEntry]) -> None:
    known = {entry.entry_id: entry for entry in entries}
    total = sum(effect_paise(entry, known.get(entry.reverses or "")) for entry in entries)
    assert account(entries, TODAY).balance_paise == total
    assert account(list(reversed(entries)), TODAY) == account(entries, TODAY)


@settings(max_examples=150, deadline=None)
@given(ledgers(), st.integers(-5, 160), st.integers(-5, 160))
def test_a_statement_of_any_span_joins_its_two_balances(entries: list[LedgerEntry], a: int, b: int) -> None:
    start, end = (date(2026, 1, 1) + timedelta(days=each) for each in sorted((a, b)))
    shown = statement(entries, start, end)
    assert shown.opening_paise + sum(line.effect_paise for line in shown.lines) == shown.closing_paise
    assert shown.opening_paise + shown.given_paise - shown.received_paise == shown.closing_paise
    past = [e for e in entries if e.day() <= end]
    if all(e.reverses is None or e.reverses in {p.entry_id for p in past} for e in past):
        assert shown.closing_paise == account(past, end).balance_paise


@settings(max_examples=150, deadline=None)
@given(ledgers(), st.integers(1, 10**9))
def test_a_reversal_restores_the_account_as_if_never_entered(entries: list[LedgerEntry], amount: int) -> None:
    before = account(entries, TODAY)
    wrong = an_entry(99_998, "credit", amount, 10)
    undone = reversal_of(wrong, entry_id="e99999", at=wrong.at + timedelta(days=1), reason="wrong customer")
    after = account([*entries, wrong, undone], TODAY)
    assert (after.balance_paise, after.ageing, after.status) == (
        before.balance_paise,
        before.ageing,
        before.status,
    )
    assert after.entry_count == before.entry_count + 2


@settings(max_examples=150, deadline=None)
@given(ledgers(), st.integers(1, 10**8))
def test_buying_today_never_makes_an_old_due_younger(entries: list[LedgerEntry], amount: int) -> None:
    before = account(entries, TODAY)
    bought = LedgerEntry(
        entry_id="new", shop_id="s1", customer_id="c1", kind="credit", amount_paise=amount,
        at=datetime(2026, 6, 1, 6, tzinfo=UTC), due_on=date(2026, 7, 1),
    )  # fmt: skip
    after = account([*entries, bought], TODAY)
    assert after.overdue_paise == before.overdue_paise
    assert after.days_past_due == before.days_past_due
    assert after.ageing.days_over_90_paise == before.ageing.days_over_90_paise


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(ledgers())
def test_ten_thousand_sequences_age_to_their_balance(entries: list[LedgerEntry]) -> None:
    position = account(entries, TODAY)
    assert position.ageing.total_paise == max(position.balance_paise, 0)


def test_status_is_derived_on_the_day_it_is_asked_for() -> None:
    bought = an_entry(due_on=date(2026, 1, 10))
    assert account([bought], date(2026, 1, 10)).status == "pending"
    assert account([bought], date(2026, 1, 11)).status == "overdue"
    paid = an_entry(2, "payment", 10_000, 12)
    assert account([bought, paid], date(2026, 1, 20)).status == "paid"
    assert account([], date(2026, 1, 20)).status == "paid"


def test_what_is_paid_beyond_the_dues_is_an_advance_that_settles_the_next_credit() -> None:
    entries = [an_entry(1), an_entry(2, "payment", 15_000, 1)]
    assert account(entries, TODAY).advance_paise == 5_000
    assert account(entries, TODAY).status == "advance"
    more = [*entries, an_entry(3, "credit", 8_000, 2)]
    assert account(more, TODAY).due_paise == 3_000
    assert allocate(more).settlements[-1].at == START + timedelta(days=2)


@pytest.mark.parametrize(
    ("age", "bucket"), [(0, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (500, 3)]
)
def test_ageing_buckets_end_at_30_60_and_90_days(age: int, bucket: int) -> None:
    ages = account([an_entry()], date(2026, 1, 1) + timedelta(days=age)).ageing
    parts = [ages.days_0_30_paise, ages.days_31_60_paise, ages.days_61_90_paise, ages.days_over_90_paise]
    assert parts.index(10_000) == bucket


def test_an_entry_after_midnight_in_india_belongs_to_the_indian_day() -> None:
    entry = an_entry(day=0)
    late = LedgerEntry(**{**_fields(entry), "at": datetime(2026, 1, 4, 18, 40, tzinfo=UTC)})
    assert late.day() == date(2026, 1, 5)
    assert late.day("UTC") == date(2026, 1, 4)


def test_instants_are_kept_in_utc() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    entry = LedgerEntry(**{**_fields(an_entry()), "at": datetime(2026, 1, 5, 0, 10, tzinfo=india)})
    assert entry.at == datetime(2026, 1, 4, 18, 40, tzinfo=UTC)
    assert entry.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_paise", 0),
        ("amount_paise", -5),
        ("amount_paise", 10.0),
        ("amount_paise", True),
        ("amount_paise", 10**14),
        ("at", datetime(2026, 1, 1)),  # noqa: DTZ001 - naive on purpose
        ("kind", "gift"),
        ("entry_id", ""),
        ("customer_id", ""),
        ("reverses", "e2"),
        ("note", "x" * 501),
    ],
)
def test_a_bad_field_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(RuleError) as error:
        LedgerEntry(**{**_fields(an_entry()), field: value})
    assert error.value.field == field


def test_reversals_and_write_offs_must_say_why() -> None:
    with pytest.raises(RuleError, match="reason"):
        an_entry(2, "write_off", reason=" ")


def test_only_a_credit_falls_due() -> None:
    with pytest.raises(RuleError, match="only a credit"):
        an_entry(2, "payment", due_on=date(2026, 2, 1))


def test_what_a_khata_does_not_allow_is_refused() -> None:
    bought = an_entry(1)
    undone = reversal_of(bought, entry_id="e2", at=START, reason="wrong")
    with pytest.raises(RuleError, match="already in the ledger"):
        check_append([bought], bought)
    with pytest.raises(RuleError, match="already reversed"):
        check_append([bought, undone], reversal_of(bought, entry_id="e3", at=START, reason="again"))
    with pytest.raises(RuleError, match="not in this khata"):
        check_append([], undone)
    with pytest.raises(RuleError, match="is a reversal"):
        reversal_of(undone, entry_id="e4", at=START, reason="undo the undoing")
    with pytest.raises(RuleError, match="whole entry"):
        check_append([bought], an_entry(5, "reversal", 500, reverses=bought.entry_id))
    with pytest.raises(RuleError, match="another customer"):
        check_append([bought], LedgerEntry(**{**_fields(bought), "entry_id": "e6", "customer_id": "c2"}))
    with pytest.raises(RuleError, match="write off at most"):
        check_append([bought], an_entry(7, "write_off", 10_001))
    check_append([bought], an_entry(8, "write_off", 10_000))


def test_a_write_off_settles_the_debt_and_is_told_apart_from_payment() -> None:
    entries = [an_entry(1), an_entry(2, "write_off", 4_000, 30)]
    position = account(entries, TODAY)
    assert (position.due_paise, position.written_off_paise, position.paid_paise) == (6_000, 4_000, 0)
    assert allocate(entries).settlements[0].written_off


def test_a_reversal_without_its_entry_is_an_error_not_a_guess() -> None:
    lonely = an_entry(2, "reversal", reverses="e99")
    with pytest.raises(RuleError, match="'e99' is not in the ledger"):
        account([lonely], TODAY)


def test_the_past_is_what_was_known_then() -> None:
    entries = [an_entry(1, day=0), an_entry(2, "payment", 10_000, 10)]
    assert account(until(entries, START + timedelta(days=5)), date(2026, 1, 6)).balance_paise == 10_000


def test_twenty_thousand_entries_are_derived_in_a_moment() -> None:
    entries = [an_entry(i, "credit" if i % 2 else "payment", 100 + i % 7, i % 700) for i in range(20_000)]
    position = account(entries, date(2028, 1, 1))
    assert position.entry_count == 20_000
    assert position.ageing.total_paise == position.due_paise


def _fields(entry: LedgerEntry) -> dict[str, object]:
    """Return an entry's fields."""
    return {name: getattr(entry, name) for name in LedgerEntry.__slots__}
