"""The price law has one meaning: the vector form gives what the scalar form gives, item by item."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.domain.price_rules import PriceFacts, PriceRules, price_limits
from samaan_ml.pricing._rules import NO_CEILING, RULES, UNKNOWN, ItemFacts, limits_of

ON = date(2026, 3, 1)
PAISE = st.integers(1, 200_000)


def maybe(strategy: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    """Draw a number or None."""
    return st.none() | strategy


FACTS = st.builds(
    PriceFacts,
    item_id=st.just("tea"),
    on=st.just(ON),
    price_paise=PAISE,
    cost_paise=maybe(st.integers(0, 200_000)),
    mrp_paise=maybe(PAISE),
    loose=st.booleans(),
    gst_rate_bp=maybe(st.sampled_from([0, 500, 1_800, 4_000])),
    last_change_on=maybe(st.integers(0, 40)).map(lambda n: None if n is None else ON - timedelta(days=n)),
    known_value=st.booleans(),
    reference_price_paise=maybe(PAISE),
    reference_age_days=maybe(st.integers(0, 60)),
)
RULE_SETS = st.builds(
    PriceRules,
    max_change_bp=st.integers(1, 5_000),
    margin_floor_bp=maybe(st.integers(0, 4_000)),
    composition=st.booleans(),
)


def as_arrays(items: list[PriceFacts]) -> ItemFacts:
    """Lay facts out as the vector form reads them."""

    def column(values: list[int | None]) -> np.ndarray:
        return np.array([UNKNOWN if value is None else value for value in values], dtype=np.int64)

    since = [None if i.last_change_on is None else (i.on - i.last_change_on).days for i in items]
    return ItemFacts(
        price=column([i.price_paise for i in items]),
        cost=column([i.cost_paise for i in items]),
        mrp=column([i.mrp_paise for i in items]),
        loose=np.array([i.loose for i in items]),
        known_value=np.array([i.known_value for i in items]),
        gst_rate_bp=column([i.gst_rate_bp for i in items]),
        days_since_change=column(since),
        reference_price=column([i.reference_price_paise for i in items]),
        reference_age_days=column([i.reference_age_days for i in items]),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(FACTS, min_size=1, max_size=6), RULE_SETS)
def test_the_vector_form_of_the_law_equals_the_scalar_form(
    items: list[PriceFacts], rules: PriceRules
) -> None:
    found = limits_of(as_arrays(items), rules)
    for n, facts in enumerate(items):
        one = price_limits(facts, rules)
        assert int(found.lowest[n]) == one.lowest_paise
        assert min(int(found.highest[n]), NO_CEILING) == min(one.highest_paise, NO_CEILING)
        assert RULES[int(found.lowest_rule[n])] == one.lowest_rule
        assert RULES[int(found.highest_rule[n])] == one.highest_rule
        assert (None if found.frozen_by[n] < 0 else RULES[int(found.frozen_by[n])]) == one.frozen_by
        assert bool(found.legal_now[n]) == one.legal_now
