"""Price tests of a whole shop: begun where evidence is missing, inside the rules, below their caps, and worth it."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from samaan_ml.domain.pricing import PriceFacts, PriceRules
from samaan_ml.exceptions import ParameterError, TableError
from samaan_ml.pricing import PriceOptimizer, PriceTest, PriceTests

RULES = PriceRules(min_days_between_changes=0)
N = 40


def a_shop(grade: str = "D", seed: int = 0) -> dict[str, pd.DataFrame]:
    """Items whose price never moved."""
    rng = np.random.default_rng(seed)
    keys = pd.DataFrame({"shop_id": "s", "item_id": [f"i{k:02d}" for k in range(N)]})
    price = rng.integers(40, 95, N).astype(float)
    return {
        "elasticities": keys.assign(elasticity=-3.0, std_error=1.2, lower=-5.4, upper=-0.6, grade=grade),
        "prices": keys.assign(
            date="2026-01-05", unit_price=price, unit_cost=price * rng.uniform(0.6, 0.85, N), mrp=price * 1.05
        ),
        "demand": keys.assign(units=rng.uniform(4.0, 20.0, N)),
    }


def begun(shop: dict[str, pd.DataFrame], **changed: Any) -> tuple[PriceTests, pd.DataFrame]:
    """Tests of what the optimiser held, and its answer."""
    answer = PriceOptimizer(RULES).recommend(**shop, on="2026-03-01")
    tests = PriceTests(RULES, **changed)
    tests.open(answer, shop["elasticities"])
    return tests, answer


def test_only_items_held_for_want_of_evidence_are_tested() -> None:
    tests, answer = begun(a_shop("D"))
    assert set(answer["state"]) == {"not_identifiable"}
    assert len(tests.running) == N
    known, _ = begun(a_shop("A"))
    assert known.running == []


def test_the_tests_earn_more_than_holding_and_lose_less_than_their_caps() -> None:
    rng = np.random.default_rng(1)
    shop = a_shop()
    truth = np.minimum(rng.normal(-3.0, 1.2, N), -0.1)
    tests, answer = begun(shop)
    facts = answer.set_index("item_id")
    level = facts["units_now"] * 7.0
    margin_now = facts["current_price_paise"] - facts["cost_paise"].astype(float)
    true = pd.Series(truth, index=facts.index)

    def profit(item: str, price: int) -> float:
        ratio = price / facts.loc[item, "current_price_paise"]
        return float(level[item] * ratio ** true[item] * (price - float(facts.loc[item, "cost_paise"])))

    lost = dict.fromkeys(facts.index, 0.0)
    final = facts["current_price_paise"].to_dict()
    for _ in range(4):
        asked = tests.prices()
        rows = []
        for (shop_id, item), price in asked.items():
            assert facts.loc[item, "lowest_paise"] <= price <= facts.loc[item, "mrp_paise"]
            lost[item] += profit(item, final[item]) - profit(item, price)
            mean = level[item] * (price / facts.loc[item, "current_price_paise"]) ** true[item]
            sold = float(rng.poisson(mean * rng.gamma(8.0, 1.0 / 8.0)))
            rows.append({"shop_id": shop_id, "item_id": item, "price_paise": price, "units": sold})
        ended = tests.observe(pd.DataFrame(rows))
        final |= dict(zip(ended["item_id"], ended["price_paise"], strict=True))
    assert tests.running == []
    caps = 6.0 * level * margin_now
    assert np.mean([lost[item] <= caps[item] for item in facts.index]) >= 0.95
    held = sum(profit(item, facts.loc[item, "current_price_paise"]) for item in facts.index)
    assert sum(profit(item, final[item]) for item in facts.index) > held


def test_a_good_week_is_not_taken_for_a_good_price() -> None:
    facts = PriceFacts("soap", date(2026, 3, 1), 5_000, 3_000, 6_000, gst_rate_bp=0)
    found = {}
    for name, expected in (("told", 120.0), ("not told", None)):
        test = PriceTest(
            facts, RULES, units_per_week=60.0, elasticity=-1.8, std_error=1.0, cap_paise=10**7, max_weeks=30,
            steps=3, reach_bp=1_000,
        )  # fmt: skip
        dearer = int(test.prices_paise.max())
        for _ in range(6):
            if test.verdict_ == "running":
                test.observe(5_000, 60.0)
            if test.verdict_ == "running":
                test.observe(dearer, 120.0 * (dearer / 5_000) ** -3.0, expected)
        found[name] = test.elasticity_
    assert found["told"] < -1.8 < found["not told"]


def test_tested_prices_spread_over_the_reach_and_the_greedy_test_asks_the_one_expected_to_earn_most() -> None:
    facts = PriceFacts("soap", date(2026, 3, 1), 9_000, 6_000, 12_000, gst_rate_bp=0)
    common: dict[str, Any] = {"units_per_week": 60.0, "std_error": 0.5, "cap_paise": 10**7, "steps": 3}
    spread = PriceTest(facts, RULES, elasticity=-2.0, reach_bp=1_000, **common)
    near = PriceTest(facts, RULES, elasticity=-2.0, **common)
    assert spread.prices_paise.tolist() == [8_100, 8_400, 8_700, 9_000, 9_300, 9_600, 9_900]
    assert near.prices_paise.tolist() == [8_700, 8_800, 8_900, 9_000, 9_100, 9_200, 9_300]
    dear = PriceTest(facts, RULES, elasticity=-1.0, reach_bp=1_000, method="greedy", **common)
    cheap = PriceTest(facts, RULES, elasticity=-6.0, reach_bp=1_000, method="greedy", **common)
    assert (dear.propose(), cheap.propose()) == (9_900, 8_100)


def test_a_missing_column_an_unknown_item_and_a_cap_of_nothing_are_named() -> None:
    tests, _ = begun(a_shop())
    with pytest.raises(TableError, match="price_paise"):
        tests.observe(pd.DataFrame({"shop_id": ["s"], "item_id": ["i00"], "units": [3.0]}))
    with pytest.raises(ParameterError, match="'x' of shop 's' is not under test"):
        tests.usual_units("s", "x")
    with pytest.raises(ParameterError, match="cap_profit_weeks"):
        PriceTests(RULES, cap_profit_weeks=0.0)
