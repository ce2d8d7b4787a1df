"""Numbers carry what they follow from: recomputed here by the formulas as they are written, to the last digit."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, exp, floor, log
from typing import Any

import pytest

from samaan_ml.artifacts import save_model
from samaan_ml.datasets import ShopSimulation, simulate
from samaan_ml.domain.credit_limit import LimitPolicy, suggest_limit
from samaan_ml.pricing import ElasticityModel
from serving.adapters.inprocess_predictor import InProcessPredictor

TODAY = date(2026, 3, 10)


@pytest.fixture
def shop_with_all(shop: Any, predictor: Any) -> Iterator[Any]:
    """A shop with something short, something dead, lots that expire, stock below zero, and somebody late."""
    predictor.up = True
    shop.call("PUT", "/inventory/suppliers/sharma", {"name": "Sharma", "minimum_order_paise": 320_000})
    shop.add_item(
        "tea", stock=31_337, price_paise=12_055, cost_paise=10_101, pack_milli=3_700, supplier_id="sharma"
    )
    shop.add_item(
        "soap",
        unit="kg",
        stock=41_000,
        price_paise=4_099,
        cost_paise=3_001,
        pack_milli=1_300,
        supplier_id="sharma",
    )
    shop.add_item("salt", stock=2_001, price_paise=2_345, reorder_point_milli=9_999)
    shop.add_item("oil", unit="l", stock=0, price_paise=17_777, cost_paise=15_551)
    shop.add_item("paneer", stock=0, price_paise=9_999, cost_paise=8_777)
    for back in range(1, 29):
        lines = [{"item_id": "tea", "quantity_milli": 1_111}, {"item_id": "soap", "quantity_milli": 1_000}]
        lines += [{"item_id": "paneer", "quantity_milli": 345}]
        shop.post("/sales", {"lines": lines, "sold_at": f"{TODAY - timedelta(days=back)}T06:00:00Z"})
    shop.sell("oil", 1_333)
    for batch, quantity, days in (("a", 5_003, 3), ("b", 17_771, 9)):
        lot = {"batch_id": batch, "quantity_milli": quantity, "expires_on": str(TODAY + timedelta(days=days))}
        shop.post("/inventory/items/paneer/batches", lot)
    shop.add_customer()
    credit = {"amount_paise": 77_777, "at": "2025-12-01T06:00:00Z"}
    shop.post("/udhaar/customers/ramesh/credits", credit)
    yield shop
    predictor.up = True


def half_up(value: Fraction) -> int:
    """Round as the formulas say."""
    return floor(value + Fraction(1, 2))


def test_orders_recompute_from_the_numbers_they_carry(shop_with_all: Any) -> None:
    listed = shop_with_all.get("/forecast/reorder?horizon_days=11")
    rows = {row["item_id"]: row for row in listed["rows"]}
    assert rows["tea"]["added_milli"] or rows["soap"]["added_milli"]
    for row in rows.values():
        sums = row["arithmetic"]
        known = 11 if sums["demand_milli"] else 0  # without a demand only the reorder point counts
        assert (sums["version"], sums["horizon_days"]) == ("reorder-2", known)
        needed = max(sums["demand_milli"] - sums["sold_today_milli"], sums["floor_milli"])
        usable = max(0, sums["on_hand_milli"]) - sums["expired_milli"]
        short = max(0, needed - usable - sums["on_order_milli"])
        order = ceil(Fraction(short, sums["pack_milli"])) * sums["pack_milli"]
        assert (sums["shortfall_milli"], order + row["added_milli"]) == (short, row["order_milli"])
        assert row["packs"] * sums["pack_milli"] == row["order_milli"]
        if row["unit_cost_paise"] is not None:
            assert row["cost_paise"] == half_up(Fraction(row["unit_cost_paise"] * row["order_milli"], 1000))
    [order] = listed["suppliers"]
    theirs = [row for row in rows.values() if row["supplier_id"] == "sharma"]
    assert order["cost_paise"] == sum(row["cost_paise"] for row in theirs)
    assert order["short_paise"] == max(0, order["minimum_order_paise"] - order["cost_paise"])
    assert listed["cost_paise"] == sum(row["cost_paise"] or 0 for row in rows.values())


def test_a_forecast_and_the_order_of_it_recompute(shop_with_all: Any) -> None:
    card = shop_with_all.post("/forecast", {"item_ids": ["tea"], "horizon_days": 9, "explain": True}, 200)
    [item] = card["items"]
    sums = item["reorder"]["arithmetic"]
    assert sums["horizon_days"] == 9, (
        "his lead time of two days and a week, as long as the forecast asked for"
    )
    at = {each["level"]: each["milli"] for each in item["total_quantiles"]}
    assert sums["demand_milli"] == at[sums["level_used"]]
    left = sums["on_hand_milli"]
    runs_out = None
    for day in item["days"]:
        left -= day["mean_milli"]
        if left < 0 and runs_out is None:
            runs_out = day["on"]
    assert item["reorder"]["runs_out_on"] == runs_out


def test_what_is_at_risk_recomputes(shop_with_all: Any) -> None:
    rows = shop_with_all.get("/forecast/expiry-risk?days=20")["rows"]
    assert rows
    for row in rows:
        sums = row["arithmetic"]
        assert sums["version"] == "expiry-2"
        left = max(0, sums["stock_milli"] - max(0, sums["demand_milli"] - sums["sold_before_milli"]))
        assert row["at_risk_milli"] == left
        assert row["at_risk_paise"] == floor(Fraction(sums["unit_value_paise"] * left + 500, 1000))


def test_the_rupees_at_stake_recompute(shop_with_all: Any) -> None:
    rows = shop_with_all.get("/recommendations?limit=20")["rows"]
    seen = set()
    for row in rows:
        assert row["version"] == "signals-1"
        stake = replayed(row["kind"], row["inputs"])
        if stake is not None:
            assert row["stake_paise"] == stake, row
            seen.add(row["kind"])
    assert {"stock_out", "negative_stock", "expiry", "overdue"} <= seen


def replayed(kind: str, given: dict[str, int]) -> int | None:
    """Compute a stake by the formula of its kind, written down here anew."""
    match kind:
        case "stock_out":
            value = Fraction(given["price_paise"] * given["daily_milli"] * given["uncovered_days"], 1000)
        case "low_stock":
            value = Fraction(
                given["price_paise"] * (given["reorder_point_milli"] - given["on_hand_milli"]), 1000
            )
        case "negative_stock":
            value = Fraction(given["value_paise"] * -given["on_hand_milli"], 1000)
        case "slow_stock":
            value = Fraction(given["value_paise"] * given["on_hand_milli"], 1000)
        case "expiry":
            value = Fraction(given["value_paise"] * given["at_risk_milli"], 1000)
        case "overdue":
            value = Fraction(given["overdue_paise"])
        case _:
            return None
    return half_up(value)


@pytest.fixture(scope="module")
def priced_shop(new_api: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A shop that a price model was fitted for: wide margins, one of them taxed, a narrow one, no cost."""
    home = tmp_path_factory.mktemp("models")
    shop = new_api({"predictor": InProcessPredictor(home)}).sign_up()
    world = simulate(ShopSimulation(n_shops=2, n_items=12, days=420, customers_per_shop=30), seed=5).data
    assert world.sales is not None
    assert world.prices is not None
    names = {"shop-01": shop.shop_id, "shop-02": "another"}
    sales, prices = (t.assign(shop_id=t["shop_id"].map(names)) for t in (world.sales, world.prices))
    (home / "price").mkdir()
    save_model(ElasticityModel().fit(sales, prices, items=world.items), home / "price" / "champion")
    facts: dict[str, dict[str, Any]] = {
        "onion-1kg": {"price_paise": 3_700, "cost_paise": 503},
        "mustard-oil-1l": {"price_paise": 17_000, "cost_paise": 16_096, "mrp_paise": 20_000},
        "cola-250ml": {"price_paise": 1_800, "cost_paise": 301, "mrp_paise": 2_000, "hsn": "220210"},
        "milk-500ml": {"price_paise": 2_800, "mrp_paise": 2_900},
    }
    for item_id, fields in facts.items():
        shop.add_item(item_id, category="all", **fields)
        shop.sell(item_id, 23_000)
    return shop


@pytest.mark.parametrize("objective", ["profit", "revenue"])
def test_a_recommended_price_and_its_gain_recompute(priced_shop: Any, objective: str) -> None:
    items = ["onion-1kg", "mustard-oil-1l", "cola-250ml", "milk-500ml"]
    listed = priced_shop.post("/pricing/recommend", {"item_ids": items, "objective": objective})
    changed = set()
    for card in listed["rows"]:
        assert priced_shop.get(f"/pricing/advice/{card['advice_id']}") == card
        sums = card["arithmetic"]
        if sums is None:
            assert (card["item_id"], card["state"], objective) == ("milk-500ml", "cost_unknown", "profit")
            continue
        assert (sums["version"], sums["objective"]) == ("price-gain-1", objective)
        assert (sums["price_now_paise"], sums["price_paise"]) == (
            card["price_before_paise"],
            card["price_paise"],
        )
        gains = {end: replayed_gain(sums, end) for end in ("units", "units_at_lower", "units_at_upper")}
        assert card["gain_paise_per_week"] == gains["units"]
        if card["action"] == "change":
            assert card["gain_lower_paise_per_week"] == min(gains.values())
            assert card["gain_upper_paise_per_week"] == max(gains.values())
            changed.add(card["item_id"])
    assert {"onion-1kg", "cola-250ml"} <= changed


def replayed_gain(sums: dict[str, Any], at: str) -> int:
    """Compute a week's gain by the formula, with the expected units or those at an end of the elasticity."""
    now = sums["units_now_milli"] / 1000
    move = log(sums["price_paise"] / sums["price_now_paise"])
    power = {
        "units": sums["elasticity"] * move + (sums["std_error"] * move) ** 2 / 2,
        "units_at_lower": sums["elasticity_lower"] * move,
        "units_at_upper": sums["elasticity_upper"] * move,
    }[at]
    assert sums[at] == pytest.approx(now * exp(power), rel=1e-12)
    earned = {}
    for price, net in (("price_now_paise", "net_now_paise"), ("price_paise", "net_paise")):
        assert sums["composition"] is False
        assert (sums["gst_rate_bp"] > 0) == (sums["price_now_paise"] == 1_800)
        assert sums[net] == half_up(Fraction(sums[price] * 10_000, 10_000 + sums["gst_rate_bp"]))
        earned[net] = sums[price] if sums["objective"] == "revenue" else sums[net] - sums["cost_paise"]
    return floor(7 * (sums[at] * earned["net_paise"] - now * earned["net_now_paise"]) + 1e-9)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"probability": 0.11, "upper": 0.31},
        {"policy": LimitPolicy(cash_paise=3_000_017, margin_ratio=0.2)},
        {"monthly_paise": None, "days_to_pay": None},
        {"days_past_due": 31},
        {"probability": 0.9, "upper": 0.95},
    ],
)
def test_a_credit_limit_recomputes(shop: Any, predictor: Any, given: dict[str, Any]) -> None:
    predictor.up = True
    shop.add_customer()
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 5_000})
    usual = {"probability": 0.023, "upper": 0.041, "monthly_paise": 234_567, "days_to_pay": 41.7}
    predictor.limits["ramesh"] = suggest_limit(**({"days_past_due": 3} | usual | given))
    try:
        figures = shop.get("/udhaar/customers/ramesh/risk")["risk"]
    finally:
        predictor.limits.clear()
    sums = figures["limit_arithmetic"]
    assert sums["version"] == "limit-1"
    assert figures["limit_paise"] == replayed_limit(sums)
    assert (figures["limit_paise"] == 0) == (given.get("days_past_due") == 31 or given.get("upper") == 0.95)


def replayed_limit(sums: dict[str, Any]) -> int:
    """Compute a limit by the formula, from the inputs alone."""
    if sums["days_past_due"] > 30:
        return 0
    p = sums["probability"] + sums["caution"] * max(sums["upper"] - sums["probability"], 0)
    turns = 90 / min(max(sums["days_to_pay"], 15), 90)
    usual = sums["monthly_paise"] * max(sums["days_to_pay"] / 30, 1) * sums["headroom"]
    loss = p * (1 - sums["margin_ratio"]) * sums["loss_given_default"]
    earning = (1 - p) * sums["margin_ratio"] * turns
    bearable = usual * (max(1 - loss / earning, 0) if earning else 0)
    if sums["cash_paise"] is not None:
        bearable = min(bearable, sums["cash_paise"] * sums["concentration"])
    return floor(bearable / sums["round_to_paise"]) * int(sums["round_to_paise"])
