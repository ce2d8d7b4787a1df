"""From a ledger to answers: thin files, limits that can be recomputed, counterfactuals that hold."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from samaan_ml.domain.credit_limit import LimitPolicy, recompute
from samaan_ml.domain.ledger import LedgerEntry, account, shop_day, until
from samaan_ml.domain.promises import Promise
from samaan_ml.exceptions import NotFittedError
from samaan_ml.udhaar import (
    LedgerFeatures,
    LedgerRiskModel,
    build_training_frame,
    snapshot_dates,
    vintages,
    what_would_raise_limit,
)

START = datetime(2025, 1, 1, 6, tzinfo=UTC)
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def a_shop(seed: int = 0, n_customers: int = 60, shop: str = "s1") -> list[LedgerEntry]:
    """Draw a year of a shop in which each customer has a habit of paying."""
    rng = np.random.default_rng(seed)
    entries: list[LedgerEntry] = []
    for c in range(n_customers):
        habit = rng.choice([5, 15, 40, 70], p=[0.4, 0.3, 0.2, 0.1])
        day = int(rng.integers(0, 60))
        while day < 380:
            at = START + timedelta(days=day, minutes=int(rng.integers(0, 500)))
            amount = int(rng.integers(50, 900)) * 100
            fields = {"shop_id": shop, "customer_id": f"c{c:02d}", "amount_paise": amount}
            number = len(entries)
            entries.append(
                LedgerEntry(
                    entry_id=f"e{number}",
                    kind="credit",
                    at=at,
                    due_on=at.date() + timedelta(days=15),
                    **fields,
                )
            )
            paid_at = at + timedelta(days=max(1, int(rng.normal(habit, 6))))
            if paid_at < NOW:
                entries.append(LedgerEntry(entry_id=f"e{number}p", kind="payment", at=paid_at, **fields))
            day += int(rng.integers(5, 25))
    return entries


def as_table(entries: list[LedgerEntry]) -> pd.DataFrame:
    """Write entries as a ledger table."""
    table = pd.DataFrame(
        [(e.shop_id, e.customer_id, e.at, e.kind, e.amount_paise, e.due_on, e.entry_id) for e in entries],
        columns=["shop_id", "customer_id", "at", "kind", "amount_paise", "due_on", "entry_id"],
    )
    return table.assign(due_on=pd.to_datetime(table["due_on"]), at=pd.to_datetime(table["at"], utc=True))


ENTRIES = a_shop()


@pytest.fixture(scope="module")
def model() -> LedgerRiskModel:
    """Fit once."""
    return LedgerRiskModel(random_state=0).fit(as_table(ENTRIES))


def test_answers_agree_with_the_ledger_and_order_the_risk(model: LedgerRiskModel) -> None:
    answers = model.assess(ENTRIES, NOW)
    assert [a.customer_id for a in answers] == sorted({e.customer_id for e in ENTRIES})
    for a in answers:
        own = [e for e in until(ENTRIES, NOW) if e.customer_id == a.customer_id]
        position = account(own, shop_day(NOW))
        assert (a.due_paise, a.days_past_due) == (position.due_paise, position.days_past_due)
        assert 0 < a.lower <= a.probability_30 <= a.upper < 1
        assert a.probability_30 <= a.probability_60
        assert 0 <= a.paid_soon_paise <= a.due_paise
        assert 0 < a.days_to_pay <= 180
        assert recompute(a.limit_arithmetic) == a.limit_paise
    late = [a.probability_30 for a in answers if a.days_past_due > 30]
    fine = [a.probability_30 for a in answers if a.days_past_due == 0]
    assert np.median(late) > 0.5 > np.median(fine)
    assert all(a.limit_paise == 0 for a in answers if a.days_past_due > 30)


def test_a_new_customer_scores_the_shops_prior_with_a_wide_interval(model: LedgerRiskModel) -> None:
    one, two = model.assess(ENTRIES, NOW, ["new one", "new two"])
    assert one.probability_30 == two.probability_30
    assert one.thin_file
    assert one.reasons == ()
    assert one.log_odds == pytest.approx(one.baseline_log_odds)
    assert one.limit_paise == recompute(one.limit_arithmetic)
    known = [a for a in model.assess(ENTRIES, NOW) if not a.thin_file]
    width = np.mean([np.log(a.upper / (1 - a.upper)) - np.log(a.lower / (1 - a.lower)) for a in known])
    assert np.log(one.upper / (1 - one.upper)) - np.log(one.lower / (1 - one.lower)) > 1.1 * width


def test_a_new_customer_is_expected_to_pay_as_such_customers_did_and_later_in_a_later_shop(
    model: LedgerRiskModel,
) -> None:
    X, y, _ = build_training_frame(as_table(ENTRIES), snapshot_dates(as_table(ENTRIES), 60))
    untested = (np.nan_to_num(X["settled_credits"]) + (X["days_past_due"] > 0)) == 0
    rate = (y[untested].sum() + 2 * y.mean()) / (untested.sum() + 2)
    [one] = model.assess(ENTRIES, NOW, ["new one"])
    # The shop is the only one of training: it differs from itself by no more than the years do.
    assert abs(np.log(one.probability_30 / (1 - one.probability_30)) - np.log(rate / (1 - rate))) < 0.7
    assert 1e-3 < one.lower < one.upper < 1 - 1e-3
    late = [replace(e, at=e.at + timedelta(days=45)) if e.kind == "payment" else e for e in ENTRIES]
    [other] = model.assess([e for e in late if e.at < NOW], NOW, ["new one"])
    assert other.probability_30 > one.probability_30


def test_what_training_had_no_row_of_does_not_widen_an_interval(model: LedgerRiskModel) -> None:
    without = model.assess(ENTRIES, NOW)
    told = model.assess(ENTRIES, NOW, promises=[])
    assert [a.upper - a.lower for a in told] == pytest.approx([a.upper - a.lower for a in without])
    assert max(a.upper - a.lower for a in told) < 0.999


def test_the_interval_narrows_as_dues_are_put_to_the_test(model: LedgerRiskModel) -> None:
    # The same files, had more of their dues been tested: what else makes an interval stays the same.
    table = LedgerFeatures(NOW).transform(as_table(ENTRIES))
    rows = {name: table[name].to_numpy() for name in table}
    widths = [
        model._half_width(model.risk_30_, rows, np.full(len(table) - 1, float(n))).mean()
        for n in (0, 1, 2, 4, 8, 20, 100)
    ]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 1.15 * widths[-1]


def test_names_play_no_part(model: LedgerRiskModel) -> None:
    renamed = [_renamed(e, "zz-" + e.customer_id[::-1]) for e in ENTRIES]
    before = {a.customer_id: a.log_odds for a in model.assess(ENTRIES, NOW)}
    after = {a.customer_id: a.log_odds for a in model.assess(renamed, NOW)}
    for customer, value in before.items():
        assert after["zz-" + customer[::-1]] == pytest.approx(value, abs=1e-9)


def test_later_entries_and_other_orders_change_nothing(model: LedgerRiskModel) -> None:
    shuffled = [ENTRIES[i] for i in np.random.default_rng(0).permutation(len(ENTRIES))]
    later = LedgerEntry(
        entry_id="later",
        shop_id="s1",
        customer_id="c01",
        kind="payment",
        amount_paise=10**7,
        at=NOW + timedelta(minutes=1),
    )
    assert model.assess([*shuffled, later], NOW, ["c01"]) == model.assess(ENTRIES, NOW, ["c01"])


def test_applying_the_counterfactual_does_raise_the_limit(model: LedgerRiskModel) -> None:
    found = 0
    for customer in sorted({e.customer_id for e in ENTRIES})[:25]:
        advice = what_would_raise_limit(model, ENTRIES, NOW, customer)
        if advice is None:
            continue
        found += 1
        [after] = model.assess([*ENTRIES, advice.payment], NOW, [customer])
        [before] = model.assess(ENTRIES, NOW, [customer])
        assert after.limit_paise == advice.after.limit_paise > before.limit_paise
        assert 0 < advice.pay_paise <= before.due_paise
    assert found > 0
    assert what_would_raise_limit(model, ENTRIES, NOW, "stranger") is None


def test_a_shop_that_earns_more_gives_more(model: LedgerRiskModel) -> None:
    poor = model.assess(ENTRIES, NOW, policy=LimitPolicy(margin_ratio=0.05))
    rich = model.assess(ENTRIES, NOW, policy=LimitPolicy(margin_ratio=0.25))
    assert all(a.limit_paise <= b.limit_paise for a, b in zip(poor, rich, strict=True))
    assert sum(a.limit_paise for a in poor) < sum(b.limit_paise for b in rich)


def test_a_round_trip_keeps_every_answer(model: LedgerRiskModel) -> None:
    again = LedgerRiskModel.from_state(model.get_state())
    one, two = model.assess(ENTRIES, NOW, ["c03"]), again.assess(ENTRIES, NOW, ["c03"])
    assert one[0].log_odds == two[0].log_odds
    assert one[0].limit_paise == two[0].limit_paise


def test_asking_before_fitting_is_refused() -> None:
    with pytest.raises(NotFittedError):
        LedgerRiskModel().assess([], NOW)


def test_expected_days_to_pay_follow_the_habit(model: LedgerRiskModel) -> None:
    answers = {a.customer_id: a.days_to_pay for a in model.assess(ENTRIES, NOW)}
    seen = {}
    for customer in answers:
        bought = [e.at for e in ENTRIES if e.customer_id == customer and e.kind == "credit"]
        paid = {e.entry_id: e.at for e in ENTRIES if e.customer_id == customer and e.kind == "payment"}
        days = [
            (paid[f"{e.entry_id}p"] - e.at).days
            for e in ENTRIES
            if e.customer_id == customer and e.kind == "credit" and f"{e.entry_id}p" in paid
        ]
        if len(bought) > 10 and days:
            seen[customer] = np.mean(days)
    correlation = np.corrcoef([answers[c] for c in seen], list(seen.values()))[0, 1]
    assert correlation > 0.8


def test_vintages_follow_the_rupees_still_open() -> None:
    table = vintages(as_table(ENTRIES))
    assert {"shop_id", "month", "given_paise", "open_30", "open_60", "open_90"} <= set(table.columns)
    assert table["given_paise"].sum() == sum(e.amount_paise for e in ENTRIES if e.kind == "credit")
    known = table.dropna()
    assert (known["open_90"] <= known["open_60"] + 1e-12).all()
    assert (known["open_60"] <= known["open_30"] + 1e-12).all()
    assert table["open_90"].isna().any()


def _renamed(entry: LedgerEntry, customer_id: str) -> LedgerEntry:
    """Return an entry under another name."""
    fields = {name: getattr(entry, name) for name in LedgerEntry.__slots__}
    return LedgerEntry(**{**fields, "customer_id": customer_id})


def promises_of(entries: list[LedgerEntry]) -> list[Promise]:
    """Let every customer promise, each month, to pay a purchase within twenty days; habit decides what is kept."""
    return [
        Promise(
            promise_id=entry.entry_id,
            shop_id=entry.shop_id,
            customer_id=entry.customer_id,
            amount_paise=entry.amount_paise,
            made_at=entry.at + timedelta(minutes=1),
            pay_by=shop_day(entry.at) + timedelta(days=20),
        )
        for number, entry in enumerate(e for e in entries if e.kind == "credit")
        if number % 3 == 0
    ]


@pytest.fixture(scope="module")
def promising() -> LedgerRiskModel:
    """Fit once, on a ledger with promises."""
    said = pd.DataFrame(
        [(p.shop_id, p.customer_id, p.amount_paise, p.made_at, p.pay_by) for p in promises_of(ENTRIES)],
        columns=["shop_id", "customer_id", "amount_paise", "made_at", "pay_by"],
    )
    return LedgerRiskModel(random_state=0).fit(as_table(ENTRIES), promises=said)


def test_a_promise_moves_the_risk_from_the_day_after_it_was_broken(promising: LedgerRiskModel) -> None:
    today = shop_day(NOW)
    ids = sorted({entry.customer_id for entry in ENTRIES})

    def mean_risk(pay_by: date | None, kept: bool = False) -> float:
        """Ask about everybody, each having promised a rupee by a day and paid it or nothing at all."""
        rows, said = list(ENTRIES), []
        for who in ids if pay_by else []:
            made = NOW - timedelta(days=9)
            fields = {"shop_id": "s1", "customer_id": who, "amount_paise": 100 if kept else 9_000_000}
            said.append(Promise(promise_id=who, made_at=made, pay_by=pay_by, **fields))
            if kept:
                rows.append(LedgerEntry(entry_id=f"p{who}", kind="payment", at=made, **fields))
        found = promising.assess(rows, NOW, ids, promises=said)
        return float(np.mean([each.probability_30 for each in found]))

    nothing = mean_risk(None)
    assert mean_risk(today) == pytest.approx(nothing, abs=1e-12)  # still open on its last day
    broken, kept = mean_risk(today - timedelta(days=1)), mean_risk(today, kept=True)
    assert broken > nothing + 0.001
    assert kept < broken


def test_promises_say_nothing_to_a_model_that_never_saw_any(model: LedgerRiskModel) -> None:
    said = promises_of(ENTRIES)
    with_them = [each.probability_30 for each in model.assess(ENTRIES, NOW, promises=said)]
    assert with_them == pytest.approx([each.probability_30 for each in model.assess(ENTRIES, NOW)], abs=1e-12)
