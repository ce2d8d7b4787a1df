"""Numbers carry what they follow from: recomputed here by the formulas as they are written, to the last digit."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest

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
        "soap", stock=41_000, price_paise=4_099, cost_paise=3_001, pack_milli=1_300, supplier_id="sharma"
    )
    shop.add_item("salt", stock=2_001, price_paise=2_345, reorder_point_milli=9_999)
    shop.add_item("oil", stock=0, price_paise=17_777, cost_paise=15_551)
    shop.add_item("paneer", stock=0, price_paise=9_999, cost_paise=8_777)
    for back in range(1, 29):
        lines = [{"item_id": "tea", "quantity_milli": 1_111}, {"item_id": "soap", "quantity_milli": 997}]
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
        assert (sums["version"], sums["horizon_days"]) == ("reorder-1", 11)
        short = max(0, sums["demand_milli"] - max(0, sums["on_hand_milli"]))
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
    card = shop_with_all.post("/forecast", {"item_ids": ["tea"], "horizon_days": 5, "explain": True}, 200)
    [item] = card["items"]
    sums = item["reorder"]["arithmetic"]
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
        assert sums["version"] == "expiry-1"
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
