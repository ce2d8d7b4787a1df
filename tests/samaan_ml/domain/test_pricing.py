"""Price rules, limits and proofs."""

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.gst import RATES_BP, split_price
from samaan_ml.domain.price_ladder import LadderBand, PriceLadder
from samaan_ml.domain.pricing import (
    PriceFacts,
    PriceProof,
    PriceRules,
    RuleBook,
    margin_floor_paise,
    price_limits,
    proof_texts,
    prove,
    reference_ceiling_paise,
    verify,
)

TODAY = date(2026, 3, 1)


def some_facts(**given_facts: Any) -> PriceFacts:
    """An item whose price may move freely."""
    facts: dict[str, Any] = {
        "item_id": "soap",
        "on": TODAY,
        "price_paise": 5_000,
        "cost_paise": 3_000,
        "mrp_paise": 6_000,
        "gst_rate_bp": 500,
    }
    return PriceFacts(**facts | given_facts)


ladders = st.sampled_from(
    [
        PriceLadder(),
        PriceLadder((LadderBand(0, 100, (0,)),)),
        PriceLadder((LadderBand(0, 1, (0,)),)),
        PriceLadder(
            (LadderBand(0, 50, (0,)), LadderBand(2_000, 500, (0, 100)), LadderBand(9_000, 1_000, (900,)))
        ),
    ]
)
amounts = st.integers(1, 300_000)
maybe_amounts = st.none() | amounts
rule_sets = st.builds(
    PriceRules,
    margin_floor_bp=st.none() | st.integers(0, 6_000),
    max_change_bp=st.integers(0, 10_000),
    min_days_between_changes=st.integers(0, 60),
    min_gain_paise_per_week=st.integers(0, 3_000),
    known_value_premium_bp=st.integers(0, 3_000),
    reference_premium_bp=st.none() | st.integers(0, 3_000),
    reference_max_age_days=st.integers(1, 30),
    composition=st.booleans(),
    ladder=ladders,
)
fact_sets = st.builds(
    PriceFacts,
    item_id=st.just("soap"),
    on=st.just(TODAY),
    price_paise=amounts,
    cost_paise=maybe_amounts,
    mrp_paise=maybe_amounts,
    loose=st.booleans(),
    gst_rate_bp=st.none() | st.sampled_from(RATES_BP),
    last_change_on=st.none() | st.integers(0, 90).map(lambda days: TODAY - timedelta(days=days)),
    known_value=st.booleans(),
    reference_price_paise=maybe_amounts,
    reference_age_days=st.none() | st.integers(0, 40),
)


def test_the_lowest_mrp_on_the_shelf_is_the_ceiling() -> None:
    limits = price_limits(some_facts(mrp_paise=5_200), PriceRules())
    assert (limits.highest_paise, limits.highest_rule) == (5_200, "mrp")


def test_a_price_above_the_mrp_must_come_down_whatever_the_rules_on_changes_say() -> None:
    facts = some_facts(price_paise=8_000, mrp_paise=6_000, last_change_on=TODAY)
    limits = price_limits(facts, PriceRules(max_change_bp=100))
    assert not limits.legal_now
    assert limits.frozen_by is None
    assert limits.highest_paise == 6_000
    assert (
        verify(prove(facts, PriceRules(max_change_bp=100), "change", 6_000), PriceRules(max_change_bp=100))
        == ()
    )
    assert verify(prove(facts, PriceRules(), "hold", 8_000), PriceRules()) == (
        "mrp: 8000 paise lies above 6000",
    )


def test_packed_goods_without_an_mrp_are_frozen_and_loose_goods_are_not() -> None:
    assert price_limits(some_facts(mrp_paise=None), PriceRules()).frozen_by == "missing_mrp"
    assert price_limits(some_facts(mrp_paise=None, loose=True), PriceRules()).frozen_by is None


def test_a_recent_change_freezes_the_price_until_the_days_have_passed() -> None:
    rules = PriceRules(min_days_between_changes=14)
    recent, enough = (some_facts(last_change_on=TODAY - timedelta(days=days)) for days in (13, 14))
    assert price_limits(recent, rules).frozen_by == "min_days_between_changes"
    assert price_limits(enough, rules).frozen_by is None


def test_an_item_of_known_value_is_never_raised_without_a_fresh_reference() -> None:
    limits = price_limits(some_facts(known_value=True), PriceRules())
    assert (limits.highest_paise, limits.highest_rule) == (5_000, "known_value")
    with_reference = some_facts(known_value=True, reference_price_paise=5_100, reference_age_days=2)
    assert price_limits(with_reference, PriceRules()).highest_paise == 5_100
    stale = replace(with_reference, reference_age_days=14)
    assert price_limits(stale, PriceRules()).highest_paise == 5_000


def test_a_reference_price_binds_less_as_it_ages_and_not_at_all_when_stale() -> None:
    rules = PriceRules(reference_premium_bp=200, reference_max_age_days=14)
    ceilings = [
        reference_ceiling_paise(some_facts(reference_price_paise=5_000, reference_age_days=age), rules)
        for age in (0, 7, 13, 14)
    ]
    assert ceilings == [5_100, 5_200, 6_400, None]


@given(st.integers(0, 10**7), st.integers(0, 9_000), st.sampled_from(RATES_BP), st.booleans())
def test_the_margin_floor_is_the_lowest_price_that_leaves_the_margin(
    cost: int, floor_bp: int, rate: int, composition: bool
) -> None:
    def leaves(price: int) -> bool:
        net = split_price(price, rate, composition=composition).net_paise
        return (net - cost) * 10_000 >= floor_bp * net

    price = margin_floor_paise(cost, floor_bp, rate, composition)
    assert leaves(price)
    assert price == 0 or not leaves(price - 1)


@given(ladders, st.integers(0, 20_000), st.integers(0, 5_000))
def test_the_ladder_lists_exactly_the_prices_it_contains(ladder: PriceLadder, low: int, span: int) -> None:
    listed = list(ladder.between(low, low + span))
    assert listed == [price for price in range(low, low + span + 1) if price in ladder]
    assert all(a < b for a, b in pairwise(listed))


@pytest.mark.parametrize("bands", [(), (LadderBand(100, 100, (0,)),), (LadderBand(0, 1, (0,)),) * 2])
def test_ladder_bands_with_gaps_are_refused(bands: tuple[LadderBand, ...]) -> None:
    with pytest.raises(RuleError, match="ladder bands must start at 0"):
        PriceLadder(bands)


def test_contradictory_rules_are_listed_in_one_error() -> None:
    with pytest.raises(RuleError, match=r"'margin_floor_bp' .* got 10001; 'max_change_bp' .* got -1"):
        PriceRules(margin_floor_bp=10_001, max_change_bp=-1)


def test_facts_that_cannot_be_are_itemised() -> None:
    problems = some_facts(
        cost_paise=7_000, price_paise=0, last_change_on=TODAY + timedelta(days=1)
    ).problems()
    assert len(problems) == 3
    assert any("above the MRP" in problem for problem in problems)


def test_the_rules_in_force_are_those_of_the_day() -> None:
    old = PriceRules(version="old", effective_from=date(2026, 1, 1))
    new = PriceRules(version="new", effective_from=date(2026, 3, 1))
    book = RuleBook((new, old))
    assert book.on(date(2026, 2, 28)).version == "old"
    assert book.on(TODAY).version == "new"
    with pytest.raises(RuleError, match="no price rules are in force"):
        book.on(date(2025, 12, 31))


@given(rule_sets)
@settings(max_examples=30)
def test_rules_survive_json(rules: PriceRules) -> None:
    assert PriceRules.from_json(rules.to_json()) == rules


def test_unknown_rules_are_refused_by_name() -> None:
    with pytest.raises(RuleError, match="have no 'max_chang'"):
        PriceRules.from_json({"max_chang": 3})
    with pytest.raises(RuleError, match="cannot be read"):
        PriceRules.from_json({"effective_from": "tomorrow"})


@given(fact_sets, rule_sets)
def test_a_proof_holds_exactly_when_a_plain_reading_of_the_rules_allows_the_price(
    facts: PriceFacts, rules: PriceRules
) -> None:
    limits = price_limits(facts, rules)
    prices = {limits.lowest_paise, limits.highest_paise, facts.price_paise + 100, facts.price_paise * 2}
    for price in (p for p in prices if 0 < p <= 10**9):
        faults = verify(prove(facts, rules, "change", price, 10_000), rules)
        assert (faults == ()) == _allowed(facts, rules, price), faults


def _allowed(facts: PriceFacts, rules: PriceRules, price: int) -> bool:
    """The rules read one by one, without limits."""
    now, mrp, cost = facts.price_paise, facts.mrp_paise, facts.cost_paise
    legal_now = mrp is None or now <= mrp
    net = split_price(price, facts.gst_rate_bp or 0, composition=rules.composition).net_paise
    age, reference = facts.reference_age_days, facts.reference_price_paise
    premium = rules.known_value_premium_bp if facts.known_value else rules.reference_premium_bp
    fresh = reference is not None and age is not None and age < rules.reference_max_age_days
    ceiling = None
    if fresh and premium is not None:
        left = rules.reference_max_age_days - (age or 0)
        ceiling = (reference or 0) * (10_000 + premium * rules.reference_max_age_days // left) // 10_000
    elif facts.known_value:
        ceiling = now
    days = 10**6 if facts.last_change_on is None else (facts.on - facts.last_change_on).days
    return (
        not facts.problems()
        and (mrp is None or price <= mrp)
        and (mrp is not None or facts.loose)
        and (not legal_now or abs(price - now) * 10_000 <= rules.max_change_bp * now)
        and (not legal_now or days >= rules.min_days_between_changes)
        and (
            cost is None
            or rules.margin_floor_bp is None
            or (net - cost) * 10_000 >= rules.margin_floor_bp * net
        )
        and (ceiling is None or price <= ceiling)
        and price in rules.ladder
        and price != now
    )


FIELDS = {
    "rules_version": "2",
    "rules_digest": "0" * 64,
    "action": "hold",
    "price_paise": 5_300,
    "gain_paise_per_week": 999_999,
    "lowest_paise": 1,
    "lowest_rule": "mrp",
    "highest_paise": 9_999,
    "highest_rule": "ladder",
    "net_paise": 1,
    "tax_paise": 1,
    "digest": "0" * 64,
}
FACTS = {
    "item_id": "rice",
    "on": TODAY + timedelta(days=1),
    "price_paise": 5_001,
    "cost_paise": 2_999,
    "mrp_paise": 6_001,
    "loose": True,
    "gst_rate_bp": 1_800,
    "last_change_on": date(2020, 1, 1),
    "known_value": True,
    "reference_price_paise": 5_000,
    "reference_age_days": 3,
}


@pytest.mark.parametrize("name", list(FIELDS))
def test_a_proof_with_any_field_altered_fails(name: str) -> None:
    proof = prove(some_facts(), PriceRules(), "change", 5_400, 9_000)
    assert verify(proof, PriceRules()) == ()
    assert verify(replace(proof, **{name: FIELDS[name]}), PriceRules())


@pytest.mark.parametrize("name", list(FACTS))
def test_a_proof_with_any_fact_altered_fails(name: str) -> None:
    proof = prove(some_facts(), PriceRules(), "change", 5_400, 9_000)
    altered = replace(proof, facts=replace(proof.facts, **{name: FACTS[name]}))
    assert any(fault.startswith("digest") for fault in verify(altered, PriceRules()))


def test_a_proof_under_other_rules_fails() -> None:
    proof = prove(some_facts(), PriceRules(), "change", 5_400, 9_000)
    assert any(fault.startswith("rules") for fault in verify(proof, PriceRules(max_change_bp=900)))


def test_a_proof_before_its_rules_are_in_force_fails() -> None:
    rules = PriceRules(effective_from=TODAY + timedelta(days=1))
    assert verify(prove(some_facts(), rules, "change", 5_400, 9_000), rules) == (
        "rules: version '1' is in force from 2026-03-02 only",
    )


@given(fact_sets, rule_sets)
@settings(max_examples=30)
def test_a_proof_survives_its_text_and_json(facts: PriceFacts, rules: PriceRules) -> None:
    proof = prove(facts, rules, "change", facts.price_paise + 100, 5)
    assert PriceProof.from_text(proof.to_text()) == proof
    assert PriceProof.from_json(proof.to_json()) == proof


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", "null"])
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(RuleError, match="this is no price proof"):
        PriceProof.from_text(text)


_FIELD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(['[""]', ',[""],', '"', "\\", "]"])
)


@given(st.lists(st.lists(_FIELD, min_size=1, max_size=6), max_size=6))
def test_proofs_written_together_are_those_written_alone(flats: list[list[Any]]) -> None:
    alone = [json.dumps(flat, separators=(",", ":")) for flat in flats]
    expected = [f'{text[:-1]},"{hashlib.sha256(text.encode()).hexdigest()}"]' for text in alone]
    assert proof_texts(flats) == expected
