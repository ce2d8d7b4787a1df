"""The light entry: the same answers as the optimiser, counterfactuals that hold, nothing heavy loaded."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from samaan_ml.datasets._elasticity_panel import simulate_elasticity_panel
from samaan_ml.domain.pricing import PriceRules, RuleBook, verify
from samaan_ml.exceptions import ArtifactError, ParameterError
from samaan_ml.pricing import ElasticityModel, PriceOptimizer, PriceQuestion, ShopPricer

TODAY = date(2026, 3, 1)
RULES = PriceRules(min_gain_paise_per_week=200)


@pytest.fixture(scope="module")
def model() -> ElasticityModel:
    """A fitted model of one shop."""
    shop = simulate_elasticity_panel(n_items=40, n_weeks=80, n_categories=4, random_state=6)
    return ElasticityModel().fit(shop.sales, shop.prices, stock=shop.stock, items=shop.items)


@pytest.fixture(scope="module")
def pricer(model: ElasticityModel) -> ShopPricer:
    """The pricer of its state."""
    return ShopPricer.from_state(model.get_state(), RULES)


def questions_of(model: ElasticityModel, seed: int = 0) -> list[PriceQuestion]:
    """A question about every item of the shop."""
    rng = np.random.default_rng(seed)
    out = []
    for row in model.evidence_.itertuples():
        price = int(rng.integers(20, 200)) * 100
        out.append(
            PriceQuestion(
                item_id=row.item_id,
                category=row.category,
                price_paise=price,
                cost_paise=int(price * rng.uniform(0.5, 0.9)),
                mrp_paise=int(price * rng.choice([1.0, 1.1, 1.3])),
                units_per_day=float(rng.gamma(2.0, 5.0)),
                hsn="3305",
                last_change_on=TODAY - timedelta(days=int(rng.integers(1, 60))),
            )
        )
    return out


def test_it_answers_as_the_optimiser_does(model: ElasticityModel, pricer: ShopPricer) -> None:
    questions = questions_of(model)
    keys = {"shop_id": "shop-1", "item_id": [q.item_id for q in questions]}
    prices = pd.DataFrame(
        keys
        | {
            "date": [q.last_change_on for q in questions],
            "unit_price": [q.price_paise / 100 for q in questions],
            "unit_cost": [(q.cost_paise or 0) / 100 for q in questions],
            "mrp": [(q.mrp_paise or 0) / 100 for q in questions],
        }
    )
    before = prices.assign(date="2024-01-01", unit_price=prices["unit_price"] + 1)
    answer = (
        PriceOptimizer(RULES)
        .recommend(
            model.elasticities_,
            pd.concat([before, prices]),
            items=pd.DataFrame({"item_id": keys["item_id"], "hsn": "3305"}),
            demand=pd.DataFrame(keys | {"units": [q.units_per_day for q in questions]}),
            on=TODAY,
        )
        .set_index("item_id")
    )
    for line in pricer.advise("shop-1", questions, TODAY):
        row = answer.loc[line.item_id]
        assert (line.action, line.state, line.price_paise) == (
            row["action"],
            row["state"],
            row["price_paise"],
        )
        assert line.gain_paise_per_week == row["gain_paise_per_week"]
        assert line.proof is not None
        assert line.proof.to_text() == row["proof"]
        assert verify(line.proof, RULES) == ()


def test_what_would_change_the_answer_does_change_it(model: ElasticityModel, pricer: ShopPricer) -> None:
    told = 0
    for question in questions_of(model, seed=1)[:12]:
        (line,) = pricer.advise("shop-1", [question], TODAY)
        for flip in line.would_change:
            if flip.fact == "cost_paise":
                (again,) = pricer.advise("shop-1", [replace(question, cost_paise=int(flip.threshold))], TODAY)
            else:
                moved = {k: dict(v) for k, v in model.get_state().items() if isinstance(v, dict)}
                at = list(moved["elasticities"]["item_id"]).index(question.item_id)
                shift = flip.threshold - float(moved["elasticities"]["elasticity"][at])
                for name in ("elasticity", "lower", "upper"):
                    column = np.array(moved["elasticities"][name])
                    column[at] = column[at] + shift if name != "upper" else min(column[at] + shift, 0.0)
                    moved["elasticities"][name] = column
                (again,) = ShopPricer(moved, RULES).advise("shop-1", [question], TODAY)
            change = again.price_paise - question.price_paise
            assert flip.becomes == ("raise" if change > 0 else "lower" if change < 0 else "hold")
            assert ("cost" in str(flip)) == (flip.fact == "cost_paise")
            told += 1
    assert told >= 12


def test_an_unknown_item_takes_its_category_and_is_held(pricer: ShopPricer) -> None:
    question = PriceQuestion("new", "category-01", 5_000, 3_000, 6_000, units_per_day=5.0)
    (line,) = pricer.advise("shop-1", [question], TODAY)
    assert (line.source, line.grade, line.state, line.action) == ("category", "D", "not_identifiable", "hold")
    (stranger,) = pricer.advise("shop-1", [replace(question, category="toys")], TODAY)
    assert stranger.source == "prior"
    assert stranger.elasticity_lower < line.elasticity < stranger.elasticity_upper


def test_an_item_known_from_other_shops_is_judged_with_caution() -> None:
    panels = [simulate_elasticity_panel(n_items=20, n_weeks=60, n_categories=2, random_state=3)] * 2
    sales = pd.concat([p.sales.assign(shop_id=f"s{k}") for k, p in enumerate(panels)])
    prices = pd.concat([p.prices.assign(shop_id=f"s{k}") for k, p in enumerate(panels)])
    pricer = ShopPricer(ElasticityModel().fit(sales, prices, items=panels[0].items).get_state())
    belief = pricer.belief("s9", "item-00001", "category-01")
    assert (belief.source, belief.grade) == ("other_shops", "C")


def test_candidates_show_what_the_rules_bar(model: ElasticityModel, pricer: ShopPricer) -> None:
    question = replace(
        questions_of(model)[0], price_paise=5_000, cost_paise=3_000, mrp_paise=5_200, last_change_on=None
    )
    (line,) = pricer.advise("shop-1", [question], TODAY)
    assert [c.price_paise for c in line.candidates] == sorted(c.price_paise for c in line.candidates)
    barred = {c.barred_by for c in line.candidates if not c.legal}
    assert barred == {"mrp", "max_change"}
    assert all(4_500 <= c.price_paise <= 5_200 for c in line.candidates if c.legal)


def test_facts_that_cannot_be_are_held_and_itemised(model: ElasticityModel, pricer: ShopPricer) -> None:
    question = replace(questions_of(model)[0], cost_paise=90_000, mrp_paise=50_000, price_paise=0)
    (line,) = pricer.advise("shop-1", [question], TODAY)
    assert (line.action, line.state, line.proof, line.candidates) == ("hold", "invalid", None, ())
    assert "the price is not above zero" in line.reasons[0]
    assert "the cost lies above the MRP" in line.reasons[0]
    (future,) = pricer.advise(
        "shop-1", [replace(questions_of(model)[0], last_change_on=TODAY + timedelta(days=1))], TODAY
    )
    assert future.state == "invalid"


def test_rules_follow_the_day_and_the_call(model: ElasticityModel) -> None:
    tight = PriceRules(version="tight", max_change_bp=0, effective_from=TODAY)
    pricer = ShopPricer(model.get_state(), RuleBook((RULES, tight)))
    question = replace(questions_of(model)[0], last_change_on=None)
    (line,) = pricer.advise("shop-1", [question], TODAY)
    assert line.price_paise == question.price_paise
    assert line.proof is not None
    assert line.proof.rules_version == "tight"
    (other,) = pricer.advise("shop-1", [question], TODAY, rules=RULES)
    assert other.proof is not None
    assert other.proof.rules_version == RULES.version


def test_no_question_has_no_answer_and_a_negative_demand_is_refused(
    model: ElasticityModel, pricer: ShopPricer
) -> None:
    assert pricer.advise("shop-1", [], TODAY) == ()
    with pytest.raises(ParameterError, match="units of 0 or more"):
        pricer.advise("shop-1", [replace(questions_of(model)[0], units_per_day=-1.0)], TODAY)


@pytest.mark.parametrize(
    "state", [{}, {"elasticities": {}, "fallback": {}, "evidence": {}}, {"elasticities": 3}]
)
def test_a_wrong_state_is_an_artifact_error(state: dict[str, Any]) -> None:
    with pytest.raises(ArtifactError, match="not the state"):
        ShopPricer(state)


def test_neither_pandas_nor_scipy_is_loaded() -> None:
    code = (
        "import sys; from samaan_ml.pricing import ShopPricer, PriceTest, MarkdownPlanner, DemandResponse;"
        "sys.exit(', '.join(m for m in ('pandas', 'scipy', 'sklearn', 'statsmodels') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
