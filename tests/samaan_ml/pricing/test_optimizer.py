"""The exact optimiser: against brute force, against the rules, and on input that cannot be priced."""

import time
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.gst import RATES_BP, split_price
from samaan_ml.domain.price_ladder import LadderBand, PriceLadder
from samaan_ml.domain.pricing import PriceProof, PriceRules, RuleBook, verify
from samaan_ml.exceptions import DataError, ParameterError, TableError
from samaan_ml.pricing import PriceOptimizer

TODAY = date(2026, 3, 1)
LADDERS = (
    PriceLadder(),
    PriceLadder((LadderBand(0, 100, (0, 50)),)),
    PriceLadder((LadderBand(0, 500, (0,)), LadderBand(7_500, 1_000, (900,)))),
)


def elasticities_of(values: list[float], grade: str = "A", half: float = 0.2) -> pd.DataFrame:
    """Elasticities of items i0, i1, ... of one shop."""
    mean = np.array(values)
    return pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": [f"i{k}" for k in range(len(mean))],
            "elasticity": mean,
            "std_error": half / 1.96,
            "lower": mean - half,
            "upper": np.minimum(mean + half, 0.0),
            "grade": grade,
        }
    )


def prices_of(
    rupees: list[float], cost: list[float] | None = None, mrp: list[float] | None = None
) -> pd.DataFrame:
    """Prices of the same items, set long ago."""
    table = pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": [f"i{k}" for k in range(len(rupees))],
            "date": "2025-06-01",
            "unit_price": rupees,
        }
    )
    if cost is not None:
        table["unit_cost"] = cost
    return table if mrp is None else table.assign(mrp=mrp)


def demand_of(units: list[float], **columns: Any) -> pd.DataFrame:
    """Expected units a day of the same items."""
    return pd.DataFrame(
        {"shop_id": "s", "item_id": [f"i{k}" for k in range(len(units))], "units": units, **columns}
    )


@st.composite
def shops(draw: st.DrawFn) -> dict[str, Any]:
    """A shop with some items in every state the optimiser may meet."""
    n = draw(st.integers(1, 8))

    def each(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=n, max_size=n))

    price = each(st.integers(100, 60_000).map(lambda p: p / 100))
    cost = each(st.none() | st.integers(0, 60_000).map(lambda p: p / 100))
    mrp = each(st.none() | st.integers(100, 90_000).map(lambda p: p / 100))
    mean = each(st.floats(-4.0, -0.05))
    table = elasticities_of(mean).assign(grade=each(st.sampled_from("ABCD")))
    prices = prices_of(
        price, [np.nan if c is None else c for c in cost], [np.nan if m is None else m for m in mrp]
    )
    moved = each(st.integers(0, 40))
    before = prices.assign(date="2024-01-01", unit_price=prices["unit_price"] + 1.0)
    prices["date"] = [(TODAY - timedelta(days=days)).isoformat() for days in moved]
    items = pd.DataFrame(
        {
            "item_id": prices["item_id"],
            "gst_rate_bp": each(st.sampled_from(RATES_BP)),
            "loose": each(st.booleans()),
            "known_value": each(st.booleans()),
            "reference_price": each(st.none() | st.integers(1, 600)),
            "reference_age_days": each(st.integers(0, 30)),
        }
    ).astype({"reference_price": float})
    demand = demand_of(each(st.floats(0.0, 200.0)))
    return {
        "elasticities": table,
        "prices": pd.concat([before, prices]),
        "items": items,
        "demand": demand,
    }


rule_sets = st.builds(
    PriceRules,
    margin_floor_bp=st.none() | st.integers(0, 5_000),
    max_change_bp=st.integers(0, 4_000),
    min_days_between_changes=st.integers(0, 30),
    min_gain_paise_per_week=st.integers(0, 3_000),
    known_value_premium_bp=st.integers(0, 2_000),
    reference_premium_bp=st.none() | st.integers(0, 2_000),
    composition=st.booleans(),
    ladder=st.sampled_from(LADDERS),
)


def no_recommendation_breaks_a_rule(shop: dict[str, Any], rules: PriceRules, objective: str) -> None:
    """Every proof verifies, and every hold says why."""
    answer = PriceOptimizer(rules, objective).recommend(**shop, on=TODAY)
    assert len(answer) == shop["prices"]["item_id"].nunique()
    for row in answer.itertuples():
        assert row.reason
        if row.proof is None:
            assert (row.action, row.state) == ("hold", "invalid")
            continue
        proof = PriceProof.from_text(row.proof)
        assert proof.price_paise == row.price_paise
        faults = verify(proof, rules)
        above_mrp = proof.facts.mrp_paise is not None and row.current_price_paise > proof.facts.mrp_paise
        assert faults == () or (row.action == "hold" and above_mrp and len(faults) == 1), faults


@given(shops(), rule_sets, st.sampled_from(["profit", "revenue", "units"]))
def test_no_recommendation_breaks_a_rule(shop: dict[str, Any], rules: PriceRules, objective: str) -> None:
    no_recommendation_breaks_a_rule(shop, rules, objective)


@pytest.mark.slow
@given(shops(), rule_sets, st.sampled_from(["profit", "revenue", "units"]))
@settings(max_examples=10_000)
def test_no_recommendation_breaks_a_rule_in_ten_thousand_shops(
    shop: dict[str, Any], rules: PriceRules, objective: str
) -> None:
    no_recommendation_breaks_a_rule(shop, rules, objective)


@given(shops(), rule_sets, st.sampled_from(["profit", "revenue"]))
def test_the_optimiser_equals_brute_force(shop: dict[str, Any], rules: PriceRules, objective: str) -> None:
    answer = PriceOptimizer(rules, objective).recommend(**shop, on=TODAY)
    beliefs = shop["elasticities"].set_index("item_id")
    units = shop["demand"].set_index("item_id")["units"]
    for row in answer[answer["state"].isin(["change", "optimal", "small_gain"])].itertuples():
        belief, proof = beliefs.loc[row.item_id], PriceProof.from_text(row.proof)
        if belief["grade"] not in ("A", "B") or (
            row.mrp_paise is not pd.NA and row.current_price_paise > row.mrp_paise
        ):
            continue

        def worth(
            price: int, belief: pd.Series = belief, proof: PriceProof = proof, item: str = row.item_id
        ) -> float:
            move = np.log(price / proof.facts.price_paise)
            sold = units[item] * np.exp(belief["elasticity"] * move + 0.5 * (belief["std_error"] * move) ** 2)
            net = split_price(price, proof.facts.gst_rate_bp or 0, composition=rules.composition).net_paise
            return float(
                sold * price if objective == "revenue" else sold * (net - (proof.facts.cost_paise or 0))
            )

        now = worth(row.current_price_paise)
        lowest, highest = int(row.lowest_paise), int(row.highest_paise)
        best = max((worth(price) for price in rules.ladder.between(lowest, highest)), default=now)
        if row.action == "change":
            assert worth(row.price_paise) == pytest.approx(best, rel=1e-9, abs=1e-6)
            assert row.gain_paise_per_week == pytest.approx(7.0 * (best - now), abs=1.001)
        else:
            assert 7.0 * (best - now) < max(rules.min_gain_paise_per_week, 1e-6 * abs(now)) + 1e-6


def test_the_arithmetic_of_a_row_can_be_recomputed() -> None:
    answer = PriceOptimizer(PriceRules(min_days_between_changes=0)).recommend(
        elasticities_of([-1.2]),
        prices_of([50.0], [30.0], [60.0]),
        items=pd.DataFrame({"item_id": ["i0"], "hsn": ["3401"]}),
        demand=demand_of([20.0]),
        on=TODAY,
    )
    row = answer.iloc[0]
    move = np.log(row["price_paise"] / row["current_price_paise"])
    assert row["units"] == pytest.approx(20.0 * np.exp(-1.2 * move + 0.5 * (0.2 / 1.96 * move) ** 2))
    net = split_price(int(row["price_paise"]), 1_800).net_paise
    assert row["gst_rate_bp"] == 1_800
    assert row["profit_paise"] == pytest.approx(row["units"] * (net - 3_000))
    assert row["gain_paise_per_week"] == int(7.0 * (row["profit_paise"] - row["profit_now_paise"]))
    assert row["gain_lower_paise_per_week"] <= row["gain_paise_per_week"] <= row["gain_upper_paise_per_week"]


def test_an_item_without_evidence_is_held() -> None:
    answer = PriceOptimizer(PriceRules()).recommend(
        elasticities_of([-1.2], grade="D"), prices_of([50.0], [30.0], [60.0]), on=TODAY
    )
    assert answer.loc[0, ["action", "state", "gain_paise_per_week"]].tolist() == [
        "hold",
        "not_identifiable",
        0,
    ]


def test_an_item_that_the_model_never_saw_is_held() -> None:
    answer = PriceOptimizer(PriceRules()).recommend(
        elasticities_of([-1.2]), prices_of([50.0, 40.0], [30.0, 20.0]), on=TODAY
    )
    assert answer["state"].tolist()[1] == "not_identifiable"


def test_thin_evidence_changes_a_price_only_where_the_whole_interval_gains() -> None:
    prices, demand = prices_of([50.0, 50.0], [30.0, 30.0], [80.0, 80.0]), demand_of([20.0, 20.0])
    table = elasticities_of([-1.2, -1.9], grade="C", half=0.8)
    answer = PriceOptimizer(PriceRules()).recommend(table, prices, demand=demand, on=TODAY)
    assert answer["state"].tolist() == ["change", "uncertain_gain"]
    assert answer.loc[0, "gain_lower_paise_per_week"] > 0


def test_a_pessimist_gains_no_less_at_the_lower_end_than_an_optimist() -> None:
    rng = np.random.default_rng(3)
    table = elasticities_of(list(rng.uniform(-3.0, -0.5, 40)), half=0.7)
    prices = prices_of(list(rng.integers(20, 200, 40)), list(rng.integers(10, 20, 40)))
    demand = demand_of(list(rng.uniform(1.0, 50.0, 40)))
    taxed = pd.DataFrame({"item_id": [f"i{k}" for k in range(40)], "gst_rate_bp": 500})
    lower = {
        risk: PriceOptimizer(PriceRules(), risk=risk).recommend(
            table, prices, items=taxed, demand=demand, on=TODAY
        )["gain_lower_paise_per_week"]
        for risk in ("expected", "pessimistic")
    }
    assert (lower["pessimistic"] >= lower["expected"]).all()
    assert (lower["pessimistic"] > lower["expected"]).any()


def test_a_neutral_shop_takes_thin_evidence_by_its_expectation_and_still_holds_where_there_is_none() -> None:
    table = elasticities_of([-1.2, -1.2], half=1.8).assign(grade=["C", "D"])
    prices, demand = prices_of([50.0, 50.0], [30.0, 30.0]), demand_of([20.0, 20.0])
    actions = {
        risk: PriceOptimizer(PriceRules(min_days_between_changes=0), risk=risk)
        .recommend(table, prices, demand=demand, on=TODAY)["action"]
        .tolist()
        for risk in ("expected", "neutral")
    }
    assert actions == {"expected": ["hold", "hold"], "neutral": ["change", "hold"]}


def test_a_cost_above_the_mrp_is_held_with_the_reason() -> None:
    answer = PriceOptimizer(PriceRules()).recommend(
        elasticities_of([-1.2]), prices_of([50.0], [70.0], [60.0]), on=TODAY
    )
    assert answer.loc[0, "state"] == "invalid"
    assert "cost lies above the MRP" in answer.loc[0, "reason"]


def test_rules_that_leave_no_price_are_held_with_both_rules_named() -> None:
    answer = PriceOptimizer(PriceRules(margin_floor_bp=5_000)).recommend(
        elasticities_of([-1.2]), prices_of([50.0], [40.0], [60.0]), on=TODAY
    )
    assert answer.loc[0, "state"] == "no_legal_price"
    assert (
        "margin_floor asks for Rs 80.00 or more, max_change for Rs 55.00 or less" in answer.loc[0, "reason"]
    )


def test_a_missing_mrp_and_a_missing_cost_are_held_with_their_reasons() -> None:
    answer = PriceOptimizer(PriceRules()).recommend(
        elasticities_of([-1.2, -1.2]), prices_of([50.0, 50.0], [40.0, np.nan], [np.nan, 60.0]), on=TODAY
    )
    assert answer["state"].tolist() == ["frozen", "cost_unknown"]
    assert answer.loc[0, "binding_rule"] == "missing_mrp"


def test_a_gain_below_the_least_gain_is_not_worth_a_label() -> None:
    arguments = {"demand": demand_of([20.0]), "on": TODAY}
    table, prices = elasticities_of([-1.2]), prices_of([50.0], [30.0], [60.0])
    free = PriceOptimizer(PriceRules(min_gain_paise_per_week=0)).recommend(table, prices, **arguments)
    gain = int(free.loc[0, "gain_paise_per_week"])
    same = PriceOptimizer(PriceRules(min_gain_paise_per_week=gain)).recommend(table, prices, **arguments)
    more = PriceOptimizer(PriceRules(min_gain_paise_per_week=gain + 1)).recommend(table, prices, **arguments)
    assert (same.loc[0, "action"], more.loc[0, "state"]) == ("change", "small_gain")


def test_clearing_stock_lowers_a_price_that_profit_would_raise() -> None:
    table, prices = elasticities_of([-1.2]), prices_of([50.0], [30.0], [60.0])
    demand = demand_of([2.0], stock_units=[500.0])
    for_profit = PriceOptimizer(PriceRules()).recommend(table, prices, demand=demand, on=TODAY)
    to_clear = PriceOptimizer(PriceRules(), "clear_stock").recommend(table, prices, demand=demand, on=TODAY)
    assert for_profit.loc[0, "price_paise"] > 5_000 > to_clear.loc[0, "price_paise"]


def test_a_mix_of_goals_lies_between_them() -> None:
    table, prices = elasticities_of([-1.5]), prices_of([50.0], [30.0])
    rules = PriceRules(max_change_bp=4_000, ladder=PriceLadder((LadderBand(0, 10, (0,)),)))
    chosen = [
        PriceOptimizer(rules, goal)
        .recommend(table, prices, demand=demand_of([20.0]), on=TODAY)
        .loc[0, "price_paise"]
        for goal in ("revenue", {"profit": 0.5, "revenue": 0.5}, "profit")
    ]
    assert chosen[0] < chosen[1] < chosen[2]


def test_rules_from_a_book_follow_the_day() -> None:
    book = RuleBook(
        (
            PriceRules(version="wide", max_change_bp=2_000),
            PriceRules(version="tight", max_change_bp=200, effective_from=TODAY),
        )
    )
    table, prices = elasticities_of([-1.05]), prices_of([50.0], [40.0])
    arguments = {"demand": demand_of([20.0])}
    before = PriceOptimizer(book).recommend(table, prices, on=TODAY - timedelta(days=1), **arguments)
    after = PriceOptimizer(book).recommend(table, prices, on=TODAY, **arguments)
    assert (before.loc[0, "highest_paise"], after.loc[0, "highest_paise"]) == (6_000, 5_100)


def test_the_tax_slab_of_the_day_moves_the_margin() -> None:
    table, prices = elasticities_of([-1.2]), prices_of([50.0], [30.0], [60.0])
    items = pd.DataFrame({"item_id": ["i0"], "hsn": ["3305"]})
    arguments: dict[str, Any] = {"items": items, "demand": demand_of([20.0])}
    before = PriceOptimizer(PriceRules()).recommend(table, prices, on="2025-09-21", **arguments)
    after = PriceOptimizer(PriceRules()).recommend(table, prices, on="2025-09-22", **arguments)
    assert (before.loc[0, "gst_rate_bp"], after.loc[0, "gst_rate_bp"]) == (1_800, 500)
    assert after.loc[0, "profit_now_paise"] > before.loc[0, "profit_now_paise"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"objective": "joy"}, ParameterError, "'objective' must be of profit"),
        ({"objective": {"profit": -1.0}}, ParameterError, "weights of 'objective'"),
        ({"risk": "wild"}, ParameterError, "'risk' must be"),
        ({"horizon_days": 0}, ParameterError, "'horizon_days'"),
        ({"rules": {"max_change": 3}}, RuleError, "have no 'max_change'"),
    ],
)
def test_wrong_parameters_are_named(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        PriceOptimizer(**({"rules": PriceRules()} | arguments)).recommend(
            elasticities_of([-1.0]), prices_of([50.0])
        )


def test_wrong_tables_are_named() -> None:
    good = elasticities_of([-1.0])
    optimizer = PriceOptimizer(PriceRules())
    with pytest.raises(TableError, match="grade: column is missing"):
        optimizer.recommend(good.drop(columns="grade"), prices_of([50.0]))
    with pytest.raises(TableError, match="row 0"):
        optimizer.recommend(good.assign(elasticity=np.nan), prices_of([50.0]))
    with pytest.raises(TableError, match="units: column is missing"):
        optimizer.recommend(good, prices_of([50.0]), demand=pd.DataFrame({"shop_id": [], "item_id": []}))
    with pytest.raises(TableError, match="row 0"):
        optimizer.recommend(good, prices_of([50.0]), demand=demand_of([-1.0]))
    with pytest.raises(DataError, match="no row on or before"):
        optimizer.recommend(good, prices_of([50.0]), on="2020-01-01")


def test_ten_thousand_items_are_priced_in_a_fifth_of_a_second() -> None:
    rng = np.random.default_rng(0)
    n = 10_000
    price = rng.integers(10, 500, n).astype(float)
    table = elasticities_of(list(rng.uniform(-3.0, -0.5, n)))
    prices = prices_of(list(price), list(price * rng.uniform(0.6, 0.95, n)), list(price * 1.2))
    demand = demand_of(list(rng.gamma(1.0, 5.0, n)))
    optimizer = PriceOptimizer(PriceRules())
    spent = []
    for _ in range(3):
        started = time.process_time()
        optimizer.recommend(table, prices, demand=demand, on=TODAY)
        spent.append(time.process_time() - started)
    assert min(spent) < 0.4, "twice the target, for a busy machine"
