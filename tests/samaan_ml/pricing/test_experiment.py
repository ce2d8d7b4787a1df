"""Price tests: inside the rules, below their cap, and useful."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from samaan_ml.domain.pricing import PriceFacts, PriceRules
from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing import PriceTest

RULES = PriceRules()
CAP = 30_000


def some_facts(**changed: Any) -> PriceFacts:
    """An item that may be tested."""
    facts: dict[str, Any] = {
        "item_id": "soap",
        "on": date(2026, 3, 1),
        "price_paise": 5_000,
        "cost_paise": 3_000,
        "mrp_paise": 5_300,
        "gst_rate_bp": 0,
    }
    return PriceFacts(**facts | changed)


def a_test(**changed: Any) -> PriceTest:
    """A test about whose item little is known."""
    arguments: dict[str, Any] = {
        "units_per_week": 60.0,
        "elasticity": -1.8,
        "std_error": 1.0,
        "cap_paise": CAP,
        "steps": 3,
    }
    return PriceTest(some_facts(), RULES, **arguments | changed)


def run(test: PriceTest, truth: float, rng: np.random.Generator) -> float:
    """Run a test to its end in a world of a true elasticity; returns its true regret against holding."""

    def profit(price: int) -> float:
        return 60.0 * (price / 5_000) ** truth * (price - 3_000)

    regret = 0.0
    while test.verdict_ == "running":
        price = test.propose()
        regret += profit(5_000) - profit(price)
        mean = 60.0 * (price / 5_000) ** truth
        test.observe(price, float(rng.poisson(mean * rng.gamma(8.0, 1.0 / 8.0))))
    return regret


@pytest.mark.parametrize("method", ["switchback", "thompson"])
def test_the_regret_stays_below_the_cap(method: Any) -> None:
    rng = np.random.default_rng(4)
    regrets, learned = [], []
    for seed in range(120):
        truth = min(float(rng.normal(-1.8, 1.0)), -0.05)
        test = a_test(method=method, random_state=seed)
        regrets.append(run(test, truth, rng))
        learned.append(test.std_error_)
        assert test.risk_paise <= CAP
    assert np.mean(np.array(regrets) <= CAP) >= 0.95
    assert np.mean(learned) < 1.0, "a test that learns nothing is no test"


def test_no_price_of_a_test_breaks_a_rule() -> None:
    test = a_test(steps=50)
    assert test.prices_paise.max() <= 5_300
    assert test.prices_paise.min() >= 4_500
    rng = np.random.default_rng(0)
    while test.verdict_ == "running":
        price = test.propose()
        assert price in test.prices_paise
        test.observe(price, float(rng.poisson(60.0)))


def test_a_clear_answer_stops_the_test_early() -> None:
    test = a_test(cap_paise=10**7, elasticity=-0.6, std_error=0.5, max_weeks=40)
    run(test, -0.3, np.random.default_rng(1))
    assert test.verdict_ == "raise"
    assert len(test.weeks_) < 40


def test_without_money_to_risk_there_is_no_test() -> None:
    test = a_test(cap_paise=0)
    assert test.propose() == 5_000
    assert test.observe(5_000, 60.0).verdict_ == "cap_reached"


def test_an_item_without_another_legal_price_cannot_be_tested() -> None:
    stuck = PriceTest(
        some_facts(mrp_paise=5_000, known_value=True), PriceRules(max_change_bp=0), units_per_week=60.0,
        elasticity=-1.8, std_error=1.0, cap_paise=CAP,
    )  # fmt: skip
    assert stuck.verdict_ == "not_possible"
    assert stuck.propose() == 5_000
    with pytest.raises(ParameterError, match="is over"):
        stuck.observe(5_000, 1.0)


def test_switchback_weeks_come_in_pairs_with_the_price_of_today() -> None:
    test = a_test(cap_paise=10**7, max_weeks=12, dispersion=2.0)
    rng = np.random.default_rng(2)
    while test.verdict_ == "running":
        test.observe(test.propose(), float(rng.poisson(60.0)))
    prices = [week.price_paise for week in test.weeks_]
    assert all((a == 5_000) + (b == 5_000) == 1 for a, b in zip(prices[::2], prices[1::2], strict=False))


def test_a_test_can_be_taken_up_again() -> None:
    first = a_test()
    for _ in range(4):
        first.observe(first.propose(), 55.0)
    again = a_test().replay(first.get_state())
    assert (again.elasticity_, again.std_error_, again.verdict_) == (
        first.elasticity_,
        first.std_error_,
        first.verdict_,
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"units_per_week": 0.0},
        {"std_error": -1.0},
        {"cap_paise": -1},
        {"max_weeks": 1},
        {"steps": 0},
        {"method": "luck"},
    ],
)
def test_wrong_parameters_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        a_test(**changed)


def test_an_item_of_unknown_cost_cannot_be_tested() -> None:
    with pytest.raises(ParameterError, match="cost unknown"):
        PriceTest(
            some_facts(cost_paise=None),
            RULES,
            units_per_week=6.0,
            elasticity=-1.0,
            std_error=1.0,
            cap_paise=CAP,
        )


def test_a_price_outside_the_test_is_refused() -> None:
    with pytest.raises(ParameterError, match="expected one of the prices"):
        a_test().observe(4_999, 3.0)
