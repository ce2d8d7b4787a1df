"""The tax in a price is honoured however it is given, and never taken for zero."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.gst import RATES_BP, rate_problem, stated_rate_bp
from samaan_ml.domain.pricing import PriceFacts, PriceProof, PriceRules, price_limits, verify
from samaan_ml.exceptions import TableError
from samaan_ml.pricing import PriceOptimizer

RULES = PriceRules(max_change_bp=3000, min_days_between_changes=0, margin_floor_bp=0)


def advice(
    elasticity: float = -3.0, cost: float = 42.0, rules: PriceRules = RULES, **about: Any
) -> pd.Series:
    keys = {"shop_id": ["s"], "item_id": ["soap"]}
    belief = pd.DataFrame(
        keys
        | {
            "elasticity": [elasticity],
            "std_error": [0.1],
            "lower": [elasticity - 0.2],
            "upper": [elasticity + 0.2],
            "grade": ["A"],
        }
    )
    prices = pd.DataFrame(
        keys | {"date": ["2026-01-05"], "unit_price": [59.0], "unit_cost": [cost], "mrp": [70.0]}
    )
    demand = pd.DataFrame(keys | {"units": [50.0]})
    items = (
        pd.DataFrame({"item_id": ["soap"]} | {name: [value] for name, value in about.items()})
        if about
        else None
    )
    return PriceOptimizer(rules).recommend(belief, prices, items=items, demand=demand).iloc[0]


@pytest.mark.parametrize(
    "about",
    [
        {"gst_percent": 18},
        {"gst_percent": "18"},
        {"gst_percent": 18.0},
        {"gst_rate_bp": 1800},
        {"gst_rate_bp": 1800, "gst_percent": 18},
    ],
)
def test_a_rate_counts_in_any_form(about: dict[str, Any]) -> None:
    row = advice(**about)
    assert row["gst_rate_bp"] == 1800
    assert row["price_paise"] / 1.18 >= row["cost_paise"] - 1


@pytest.mark.parametrize(
    "about",
    [
        {"gst_rate_bp": 18},
        {"gst_percent": 0.18},
        {"gst_percent": 1800},
        {"gst_percent": -5},
        {"gst_percent": "lots"},
    ],
)
def test_a_rate_in_the_wrong_unit_is_refused(about: dict[str, Any]) -> None:
    with pytest.raises(TableError, match="has never been a GST rate") as caught:
        advice(**about)
    assert caught.value.problems[0].code == "not_a_gst_rate"


def test_two_rates_that_disagree_are_refused() -> None:
    with pytest.raises(TableError, match="disagree"):
        advice(gst_rate_bp=500, gst_percent=18)


def test_an_item_that_stands_twice_with_other_values_is_refused() -> None:
    keys = {"shop_id": ["s"], "item_id": ["soap"]}
    belief = pd.DataFrame(
        keys | {"elasticity": [-2.0], "std_error": [0.1], "lower": [-2.2], "upper": [-1.8], "grade": ["A"]}
    )
    prices = pd.DataFrame(
        keys | {"date": ["2026-01-05"], "unit_price": [59.0], "unit_cost": [42.0], "mrp": [70.0]}
    )
    items = pd.DataFrame({"item_id": ["soap", "soap"], "gst_percent": [5, 18]})
    with pytest.raises(TableError, match="stands twice") as caught:
        PriceOptimizer(RULES).recommend(belief, prices, items=items)
    assert caught.value.problems[0].code == "conflicting_rows"


def test_a_cost_that_holds_tax_is_taken_apart() -> None:
    row = advice(cost=47.2, gst_percent=18, cost_includes_gst="yes")
    assert row["cost_paise"] == 4000


def test_an_unknown_rate_is_said_and_lowers_no_price_below_cost_at_any_rate() -> None:
    row = advice(elasticity=-6.0)
    assert pd.isna(row["gst_rate_bp"])
    assert "the GST rate is not known" in row["reason"]
    assert row["price_paise"] >= row["current_price_paise"]
    known = advice(elasticity=-6.0, gst_percent=0)
    assert known["price_paise"] < known["current_price_paise"]


def test_under_composition_no_rate_is_missed() -> None:
    row = advice(rules=PriceRules(composition=True, min_days_between_changes=0))
    assert "GST" not in row["reason"]


@pytest.mark.parametrize("about", [{}, {"gst_percent": 18}, {"gst_percent": 0}])
def test_the_proof_of_every_advice_holds(about: dict[str, Any]) -> None:
    assert verify(PriceProof.from_text(advice(**about)["proof"]), RULES) == ()


def test_every_rate_has_one_reading() -> None:
    for rate in RATES_BP:
        assert stated_rate_bp(rate, rate / 100) == rate
        assert rate_problem(rate) is None
    with pytest.raises(RuleError, match="never been"):
        stated_rate_bp(percent=0.05)


def test_facts_with_a_percent_for_basis_points_are_named() -> None:
    facts = PriceFacts("soap", date(2026, 1, 5), 5900, 4200, 7000, gst_rate_bp=18)
    assert "18 % is 1800 basis points" in facts.problems()[0]
    assert price_limits(PriceFacts("soap", date(2026, 1, 5), 5900, 4200, 7000), RULES).lowest_paise == 5880
