"""Reminders stay lawful, kind and worth it; limits can be recomputed; links say exactly what is due."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.domain.credit_limit import LimitPolicy, check_at_counter, recompute, suggest_limit
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger import LedgerEntry, account
from samaan_ml.domain.promises import Promise, promise_outcomes, unpaid_of_broken
from samaan_ml.domain.recovery import DueCustomer, RecoveryPolicy, recovery_queue
from samaan_ml.domain.reminder_texts import (
    BANNED,
    LANGUAGES,
    UpiRequest,
    banned_phrases,
    check_text,
    read_upi_link,
    reminder_text,
)
from samaan_ml.domain.reminders import Contact, ContactRules, Pause, is_permitted, plan_reminder

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    """Draw a customer with a history of reminders and pauses."""
    start = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 300)))
    pause = Pause(start, start + timedelta(days=draw(st.integers(0, 20))), "bereavement")
    return Contact(
        opted_out=draw(st.booleans()) and draw(st.booleans()),
        own_number=draw(st.integers(0, 9)) > 0,
        pauses=(pause,) if draw(st.booleans()) else (),
        sent=tuple(draw(st.lists(INSTANTS, max_size=6))),
    )


@settings(max_examples=300, deadline=None)
@given(contacts(), INSTANTS, st.integers(1, 3), st.integers(1, 5))
def test_no_plan_breaks_window_caps_pause_or_opt_out(
    contact: Contact, now: datetime, per_week: int, gap: int
) -> None:
    rules = ContactRules(per_week=per_week, gap_days=gap, quiet_days=frozenset({date(2026, 11, 8)}))
    plan = plan_reminder(contact, 10_000, now, rules)
    if plan.at is None:
        assert plan.refused
        return
    local = plan.at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert plan.at >= now
    assert time(8) <= local.time() < time(19)
    assert not contact.opted_out
    assert contact.own_number
    assert local.date() != date(2026, 11, 8)
    assert all(not (p.start <= local.date() <= p.end) for p in contact.pauses)
    days = sorted([s.astimezone(ZoneInfo("Asia/Kolkata")).date() for s in contact.sent])
    assert all(abs((local.date() - day).days) > gap for day in days)
    week = [d for d in days if 0 <= (local.date() - d).days < 7]
    assert len(week) + 1 <= per_week


def test_rules_may_be_narrowed_never_widened() -> None:
    assert ContactRules(opens=time(10), closes=time(17)).opens == time(10)
    with pytest.raises(RuleError, match="08:00 and 19:00"):
        ContactRules(opens=time(7, 59))
    with pytest.raises(RuleError, match="08:00 and 19:00"):
        ContactRules(closes=time(19, 1))
    with pytest.raises(RuleError, match="per_week"):
        ContactRules(per_week=4)


@pytest.mark.parametrize(
    ("contact", "due", "why"),
    [
        (Contact(opted_out=True), 100, "opted_out"),
        (Contact(own_number=False), 100, "not_own_number"),
        (Contact(), 0, "nothing_due"),
        (Contact(pauses=(Pause(date(2026, 1, 1), date(2026, 12, 31), "illness"),)), 100, "paused"),
    ],
)
def test_a_refusal_says_why(contact: Contact, due: int, why: str) -> None:
    assert plan_reminder(contact, due, NOW).refused == why


def test_seven_in_the_evening_is_too_late_and_eight_in_the_morning_is_not() -> None:
    india = ZoneInfo("Asia/Kolkata")
    rules = ContactRules()
    assert is_permitted(datetime(2026, 3, 2, 8, 0, tzinfo=india), Contact(), rules)
    assert not is_permitted(datetime(2026, 3, 2, 19, 0, tzinfo=india), Contact(), rules)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("offset", [-3, 0, 9])
def test_every_text_is_kind_and_names_the_exact_amount(language: str, offset: int) -> None:
    due = date(2026, 3, 10)
    link = UpiRequest("shop@upi", "Sharma Kirana", 1_23_45_678).link()
    text = reminder_text(
        language,
        shop_name="Sharma Kirana",
        due_paise=1_23_45_678,
        due_on=due,
        today=due + timedelta(days=offset),
        link=link,
    )
    assert "Rs 1,23,456.78" in text
    assert "10-03-2026" in text
    assert "STOP" in text
    assert text.endswith(link)
    assert banned_phrases(text) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_banned_phrase_is_found_in_a_sentence(language: str) -> None:
    for phrase in BANNED[language]:
        assert phrase in banned_phrases(f"namaste, {phrase.upper()}!"), phrase
        with pytest.raises(RuleError, match="kindly"):
            check_text(f"namaste {phrase}")


def test_harmless_words_that_contain_a_banned_one_pass() -> None:
    assert banned_phrases("courtesy call: an interesting offer on cheatham rice") == ()


def test_a_shop_name_cannot_smuggle_a_threat_in() -> None:
    with pytest.raises(RuleError, match="police"):
        reminder_text("en", shop_name="Police", due_paise=1, due_on=date(2026, 1, 1), today=date(2026, 1, 1))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**10), st.text(max_size=30), st.text(max_size=40))
def test_a_upi_link_reads_back_as_it_was_written(amount: int, name: str, note: str) -> None:
    try:
        (name + note).encode()
    except UnicodeEncodeError:
        return
    asked = UpiRequest("kirana.store-1@okbank", name, amount, note, "c1-42")
    link = asked.link()
    assert f"am={amount // 100}.{amount % 100:02d}&" in link
    assert read_upi_link(link) == asked


@pytest.mark.parametrize("address", ["", "shop", "@bank", "shop@", "sh op@bank", "shop@ba&nk"])
def test_what_is_no_upi_id_is_refused(address: str) -> None:
    with pytest.raises(RuleError, match="UPI id"):
        UpiRequest(address, "Shop", 100)


@pytest.mark.parametrize(
    "link", ["https://pay", "upi://pay?pa=a@b&am=1&cu=INR", "upi://pay?pa=a@b&am=1.00&cu=USD"]
)
def test_what_is_no_exact_rupee_link_is_refused(link: str) -> None:
    with pytest.raises(RuleError, match="exact amount"):
        read_upi_link(link)


def test_the_queue_beats_largest_balance_first_on_recovered_rupees() -> None:
    """Ten reminders a day against a truth in which only part of the dues waits for one."""
    import random

    rng = random.Random(7)
    customers = []
    for i in range(200):
        overdue = rng.randint(5_000, 500_000)
        soon = int(overdue * rng.random())
        customers.append(
            DueCustomer(f"c{i:03d}", overdue, soon, rng.random() * 0.6, rng.randint(10_000, 200_000))
        )
    policy = RecoveryPolicy()
    truth = {
        c.customer_id: (c.overdue_paise - c.paid_soon_paise) * (1 - c.probability_late) * 0.3
        for c in customers
    }
    ours = sum(truth[e.customer_id] for e in recovery_queue(customers, policy)[:10])
    largest = sorted(customers, key=lambda c: -c.overdue_paise)[:10]
    assert ours > 1.2 * sum(truth[c.customer_id] for c in largest)


def test_the_queue_waits_for_a_promise_and_talks_where_texts_are_in_vain() -> None:
    rows = recovery_queue(
        [
            DueCustomer("promised", 90_000, 0, 0.1, 50_000, promised=True),
            DueCustomer("hopeless", 90_000, 0, 0.9, 50_000),
            DueCustomer("tired", 90_000, 0, 0.1, 500_000, reminders_14=4),
            DueCustomer("nudge", 90_000, 0, 0.1, 50_000),
            DueCustomer("nothing", 0, 0, 0.1, 50_000),
        ]
    )
    assert {r.customer_id: r.action for r in rows} == {
        "nudge": "remind", "promised": "wait", "hopeless": "talk", "tired": "wait",
    }  # fmt: skip
    assert rows[0].customer_id == "nudge"
    assert all(r.gain_paise == r.recovered_paise - r.goodwill_paise for r in rows)


@settings(max_examples=200, deadline=None)
@given(st.floats(0.001, 0.9), st.floats(0, 0.1), st.integers(0, 10**7), st.floats(1, 180), st.integers(0, 90))
def test_a_limit_can_be_recomputed_and_falls_with_the_risk(
    p: float, width: float, monthly: int, days: float, late: int
) -> None:
    given_ = {"monthly_paise": monthly, "days_to_pay": days, "days_past_due": late}
    decision = suggest_limit(probability=p, upper=min(p + width, 1), **given_)
    worse = suggest_limit(probability=min(p + 0.05, 1), upper=min(p + 0.05 + width, 1), **given_)
    assert recompute(decision.arithmetic) == decision.limit_paise == decision.arithmetic["limit_paise"]
    assert decision.limit_paise % 5_000 == 0
    assert worse.limit_paise <= decision.limit_paise
    if late > 30:
        assert decision.limit_paise == 0


def test_the_cash_of_the_shop_caps_a_limit() -> None:
    policy = LimitPolicy(cash_paise=1_000_000, concentration=0.05)
    decision = suggest_limit(
        probability=0.01, upper=0.02, monthly_paise=900_000, days_to_pay=30, days_past_due=0, policy=policy
    )
    assert decision.limit_paise == 50_000
    with pytest.raises(RuleError, match="margin_ratio"):
        LimitPolicy(margin_ratio=1.2)


@pytest.mark.parametrize(("sale", "verdict", "over"), [(40_000, "allow", 0), (40_001, "block", 1)])
def test_the_counter_checks_a_sale_at_the_moment_of_sale(sale: int, verdict: str, over: int) -> None:
    owed = LedgerEntry(entry_id="e", shop_id="s", customer_id="c", kind="credit", amount_paise=60_000, at=NOW)
    check = check_at_counter(account([owed], date(2026, 3, 3)), sale, 100_000, "block")
    assert (check.verdict, check.over_paise) == (verdict, over)


def test_a_promise_breaks_the_day_after_and_a_rupee_keeps_only_one() -> None:
    def said(number: int, by: int) -> Promise:
        return Promise(
            promise_id=f"p{number}",
            shop_id="s",
            customer_id="c",
            amount_paise=30_000,
            made_at=NOW,
            pay_by=date(2026, 3, by),
        )

    paid = LedgerEntry(
        entry_id="e",
        shop_id="s",
        customer_id="c",
        kind="payment",
        amount_paise=30_000,
        at=NOW + timedelta(days=2),
    )
    assert promise_outcomes([said(1, 9)], [], date(2026, 3, 9)) == {"p1": "open"}
    assert promise_outcomes([said(1, 9)], [], date(2026, 3, 10)) == {"p1": "broken"}
    assert promise_outcomes([said(1, 9), said(2, 12)], [paid], date(2026, 3, 20)) == {
        "p1": "kept",
        "p2": "broken",
    }
    assert unpaid_of_broken([said(1, 9), said(2, 12)], [paid], date(2026, 3, 20)) == {"p2": 30_000}
    late = LedgerEntry(
        entry_id="e2",
        shop_id="s",
        customer_id="c",
        kind="payment",
        amount_paise=30_000,
        at=datetime(2026, 3, 9, 18, 31, tzinfo=UTC),
    )
    assert promise_outcomes([said(1, 9)], [late], date(2026, 3, 10)) == {"p1": "broken"}
    assert unpaid_of_broken([said(1, 9)], [late], date(2026, 3, 10)) == {}
    part = replace(late, amount_paise=10_000)
    assert unpaid_of_broken([said(1, 9)], [part], date(2026, 3, 10)) == {"p1": 20_000}
    assert unpaid_of_broken([said(1, 9)], [], date(2026, 3, 9)) == {}
