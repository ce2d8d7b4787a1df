"""Features and outcomes against the domain's own arithmetic, and against the future."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.domain.ledger import LedgerEntry, account, until
from samaan_ml.domain.promises import Promise
from samaan_ml.exceptions import DataError, ParameterError, TableError
from samaan_ml.udhaar import CATALOGUE, LedgerFeatures, build_training_frame, snapshot_dates
from samaan_ml.udhaar._columns import columns_from_entries, columns_from_frame
from samaan_ml.udhaar._fifo import settle

START = datetime(2026, 1, 1, 6, tzinfo=UTC)
AS_OF = datetime(2026, 4, 11, 12, tzinfo=UTC)


@st.composite
def ledgers(draw: st.DrawFn) -> list[LedgerEntry]:
    """Draw entries of up to four customers of two shops, with reversals and write-offs."""
    entries: list[LedgerEntry] = []
    for number in range(draw(st.integers(1, 40))):
        shop, customer = f"s{draw(st.integers(0, 1))}", f"c{draw(st.integers(0, 1))}"
        at = START + timedelta(hours=draw(st.integers(0, 24 * 150)))
        kind = draw(st.sampled_from(["credit", "credit", "payment", "reversal", "write_off"]))
        own = [e for e in entries if (e.shop_id, e.customer_id) == (shop, customer) and e.kind != "reversal"]
        done = {e.reverses for e in entries}
        targets = [e for e in own if e.entry_id not in done]
        fields: dict[str, object] = {}
        amount = draw(st.integers(1, 500)) * 100
        if kind == "reversal":
            if not targets:
                continue
            target = draw(st.sampled_from(targets))
            fields, amount = {"reverses": target.entry_id}, target.amount_paise
            at = max(at, target.at) + timedelta(minutes=1)
        if kind == "credit" and draw(st.booleans()):
            fields = {"due_on": at.date() + timedelta(days=draw(st.integers(0, 60)))}
        entries.append(
            LedgerEntry(
                entry_id=f"e{number:04d}",
                shop_id=shop,
                customer_id=customer,
                kind=kind,
                amount_paise=amount,
                at=at,
                reason="x" if kind in ("reversal", "write_off") else "",
                **fields,
            )
        )
    return entries


def as_table(entries: list[LedgerEntry]) -> pd.DataFrame:
    """Write entries as a ledger table."""
    table = pd.DataFrame(
        [
            (e.shop_id, e.customer_id, e.at, e.kind, e.amount_paise, e.due_on, e.entry_id, e.reverses)
            for e in entries
        ],
        columns=["shop_id", "customer_id", "at", "kind", "amount_paise", "due_on", "entry_id", "reverses"],
    )
    return table.assign(due_on=pd.to_datetime(table["due_on"]), at=pd.to_datetime(table["at"], utc=True))


@settings(max_examples=80, deadline=None)
@given(ledgers())
def test_features_agree_with_the_domain(entries: list[LedgerEntry]) -> None:
    X = LedgerFeatures(AS_OF).transform(as_table(entries))
    known = until(entries, AS_OF)
    for (shop, customer), row in X.iterrows():
        own = [e for e in known if (e.shop_id, e.customer_id) == (shop, customer)]
        position = account(own, date(2026, 4, 11))
        assert row["days_past_due"] == position.days_past_due
        assert row["open_credits"] == len(position.open_credits)
        expected = position.overdue_paise / position.due_paise if position.due_paise else 0.0
        assert row["overdue_ratio"] == pytest.approx(expected)
        oldest = max((c.age_days(date(2026, 4, 11)) for c in position.open_credits), default=0)
        assert row["oldest_open_days"] == oldest


@settings(max_examples=60, deadline=None)
@given(ledgers())
def test_vectorised_settlement_equals_fifo_of_the_domain(entries: list[LedgerEntry]) -> None:
    columns = columns_from_entries(entries)
    book = settle(columns, columns.cancelled_at == np.iinfo(np.int64).max)
    for i, (shop, customer) in enumerate(columns.customers):
        own = [e for e in entries if (e.shop_id, e.customer_id) == (shop, customer)]
        open_paise = book.open[book.customer == i]
        expected = account(own, date(2026, 6, 1))
        assert open_paise[open_paise > 0].tolist() == [c.open_paise for c in expected.open_credits]


@settings(max_examples=50, deadline=None)
@given(ledgers())
def test_a_table_and_domain_entries_give_the_same_features(entries: list[LedgerEntry]) -> None:
    X = LedgerFeatures(AS_OF).transform(as_table(entries))
    customers, values = LedgerFeatures(AS_OF).transform_entries(entries)
    assert list(X.index) == customers
    np.testing.assert_allclose(X.to_numpy(), values, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(ledgers(), st.randoms(use_true_random=False))
def test_changing_the_future_changes_nothing(entries: list[LedgerEntry], random: object) -> None:
    past = list(until(entries, AS_OF))
    if not past:
        return
    future = [
        LedgerEntry(
            entry_id=f"later{i}",
            shop_id=e.shop_id,
            customer_id=e.customer_id,
            kind="payment",
            amount_paise=random.randint(1, 10**6),
            at=AS_OF + timedelta(hours=1 + i),
        )
        for i, e in enumerate(past)
    ]
    now = LedgerFeatures(AS_OF).transform(as_table(past))
    pd.testing.assert_frame_equal(now, LedgerFeatures(AS_OF).transform(as_table([*future, *past])))
    pd.testing.assert_frame_equal(now, LedgerFeatures(AS_OF).transform(as_table(entries)))


@settings(max_examples=40, deadline=None)
@given(ledgers())
def test_swapping_names_changes_nothing(entries: list[LedgerEntry]) -> None:
    table = as_table(entries)
    named = table.assign(name="Ram Sharma", religion="x", caste="y", gender="m", locality="z")
    other = table.assign(name="Mohammed Khan", religion="y", caste="x", gender="f", locality="q")
    pd.testing.assert_frame_equal(
        LedgerFeatures(AS_OF).transform(named), LedgerFeatures(AS_OF).transform(other)
    )


def test_only_the_allow_list_reaches_a_model() -> None:
    entry = LedgerEntry(entry_id="e", shop_id="s", customer_id="c", kind="credit", amount_paise=1, at=START)
    table = as_table([entry]).assign(name="Ram", phone="98")
    X = LedgerFeatures(AS_OF).transform(table)
    assert tuple(X.columns) == tuple(feature.name for feature in CATALOGUE) == LedgerFeatures.names
    barred = ("name", "caste", "religion", "gender", "locality", "pin", "phone", "photo", "age", "surname")
    assert not any(word in feature.name.split("_") for feature in CATALOGUE for word in barred)
    assert {feature.direction for feature in CATALOGUE} <= {-1, 0, 1}


def test_a_promise_broken_flips_the_feature_the_next_day() -> None:
    entry = LedgerEntry(entry_id="e", shop_id="s", customer_id="c", kind="credit", amount_paise=100, at=START)
    said = Promise(
        promise_id="p",
        shop_id="s",
        customer_id="c",
        amount_paise=100,
        made_at=START + timedelta(days=1),
        pay_by=date(2026, 1, 9),
    )
    place = LedgerFeatures.names.index("broken_promises")
    for day, broken in ((9, 0.0), (10, 1.0)):
        _, values = LedgerFeatures(date(2026, 1, day)).transform_entries([entry], [said])
        assert values[0, place] == broken
    table = pd.DataFrame(
        {
            "shop_id": ["s"],
            "customer_id": ["c"],
            "amount_paise": [100],
            "made_at": [pd.Timestamp(said.made_at)],
            "pay_by": [pd.Timestamp("2026-01-09")],
        }
    )
    X = LedgerFeatures(date(2026, 1, 10)).transform(as_table([entry]), table)
    assert X["broken_promises"].tolist() == [1.0]


def test_each_customer_may_have_an_instant_of_their_own() -> None:
    entries = [
        LedgerEntry(
            entry_id=f"e{i}", shop_id="s", customer_id=f"c{i}", kind="credit", amount_paise=100, at=START
        )
        for i in range(3)
    ]
    as_of = {("s", "c0"): date(2026, 1, 11), ("s", "c1"): date(2026, 1, 21)}
    X = LedgerFeatures(as_of).transform(as_table(entries))
    assert X["tenure_days"].to_dict() == {("s", "c0"): 10.0, ("s", "c1"): 20.0}


def test_a_midnight_sale_counts_on_the_indian_day() -> None:
    at = datetime(2026, 1, 4, 18, 40, tzinfo=UTC)
    entry = LedgerEntry(entry_id="e", shop_id="s", customer_id="c", kind="credit", amount_paise=100, at=at)
    _, values = LedgerFeatures(date(2026, 1, 5)).transform_entries([entry])
    assert values[0, LedgerFeatures.names.index("tenure_days")] == 0


def test_a_reversal_without_a_link_cancels_the_latest_equal_entry_and_nothing_else() -> None:
    table = pd.DataFrame(
        {
            "shop_id": "s",
            "customer_id": "c",
            "kind": ["credit", "credit", "reversal"],
            "amount_paise": [500, 700, 500],
            "at": pd.to_datetime(["2026-01-01T06:00Z", "2026-01-02T06:00Z", "2026-01-03T06:00Z"]),
            "due_on": pd.Series([pd.NaT] * 3, dtype="datetime64[ns]"),
        }
    )
    columns = columns_from_frame(table)
    assert (columns.cancelled_at < np.iinfo(np.int64).max).tolist() == [True, False]
    with pytest.raises(DataError, match="no standing entry"):
        columns_from_frame(table.assign(amount_paise=[500, 700, 999]))


@pytest.mark.parametrize("as_of", [datetime(2026, 1, 1), "yesterday"])  # noqa: DTZ001 - naive on purpose
def test_an_instant_without_a_zone_is_refused(as_of: object) -> None:
    with pytest.raises(ParameterError, match="as_of"):
        LedgerFeatures(as_of)


def test_a_broken_table_is_refused_with_its_rows() -> None:
    with pytest.raises(TableError):
        LedgerFeatures(AS_OF).transform(pd.DataFrame({"shop_id": ["s"]}))


def a_long_ledger() -> list[LedgerEntry]:
    """One customer who pays ten days late, one who never does."""
    entries = []
    for month in range(8):
        at = START + timedelta(days=30 * month)
        due = at.date() + timedelta(days=15)
        entries += [
            LedgerEntry(
                entry_id=f"{customer}{month}",
                shop_id="s",
                customer_id=customer,
                kind="credit",
                amount_paise=1_000,
                at=at,
                due_on=due,
            )
            for customer in ("slow", "never")
        ]
        entries.append(
            LedgerEntry(
                entry_id=f"pay{month}",
                shop_id="s",
                customer_id="slow",
                kind="payment",
                amount_paise=1_000,
                at=at + timedelta(days=25),
            )
        )
    return entries


def test_the_outcome_is_more_than_thirty_days_past_due() -> None:
    table = as_table(a_long_ledger())
    X, y, groups = build_training_frame(table, ["2026-03-20"], horizon_days=30)
    assert y.to_dict() == {("s", "never", "2026-03-20"): 1, ("s", "slow", "2026-03-20"): 0}
    assert groups.tolist() == ["s/never", "s/slow"]
    assert X.index.equals(y.index)


def test_a_snapshot_too_young_for_its_outcome_is_refused() -> None:
    table = as_table(a_long_ledger())
    with pytest.raises(DataError, match="must reach 60 days beyond"):
        build_training_frame(table, ["2026-08-01"], horizon_days=30)
    with pytest.raises(ParameterError):
        build_training_frame(table, ["2026-03-20"], horizon_days=0)
    dates = snapshot_dates(table, 30)
    assert dates == sorted(dates)
    assert pd.Timestamp(dates[-1]) <= pd.Timestamp("2026-08-24") - pd.Timedelta(days=60)
    with pytest.raises(DataError, match="are needed"):
        snapshot_dates(table.head(3), 30)
