"""What will be left of lots when they expire: stock less the expected demand, earlier lots first."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.shelf_age import layers_left, lots_at_risk

TODAY = date(2026, 3, 10)


@pytest.fixture
def dairy(shop: Any, predictor: Any) -> Iterator[Any]:
    """A shop that sold all its paneer at 1.2 units a day for three weeks."""
    predictor.up = True
    shop.add_item("paneer", stock=21 * 1_200, cost_paise=8_000, price_paise=9_000)
    for back in range(1, 22):
        shop.sell("paneer", 1_200, sold_at=f"{TODAY - timedelta(days=back)}T06:00:00Z")
    yield shop
    predictor.up = True


def receive(shop: Any, batch: str, quantity: int, days: int, item: str = "paneer") -> None:
    """Take a lot into stock that expires in so many days."""
    body = {"batch_id": batch, "quantity_milli": quantity, "expires_on": str(TODAY + timedelta(days=days))}
    shop.post(f"/inventory/items/{item}/batches", body)


def test_thirty_units_five_days_and_a_demand_of_six_leave_twenty_four_at_risk(dairy: Any) -> None:
    receive(dairy, "a", 30_000, 5)
    [row] = dairy.get("/forecast/expiry-risk")["rows"]
    assert (row["at_risk_milli"], row["at_risk_paise"]) == (24_000, 192_000)
    sums = row["arithmetic"]
    assert (sums["days_left"], sums["demand_milli"]) == (5, 6_000)


def test_earlier_lots_take_their_part_of_the_demand(dairy: Any) -> None:
    receive(dairy, "first", 5_000, 5)
    receive(dairy, "second", 30_000, 10)
    receive(dairy, "never", 1_000, 60)
    rows = {row["batch_id"]: row for row in dairy.get("/forecast/expiry-risk")["rows"]}
    # Ten days ask for 12; five of them are the first lot's. The first lot is sold and not listed.
    assert set(rows) == {"second"}
    assert rows["second"]["arithmetic"]["sold_before_milli"] == 5_000
    assert rows["second"]["at_risk_milli"] == 30_000 - (12_000 - 5_000)
    assert dairy.get("/forecast/expiry-risk?days=5")["rows"] == []


def test_what_expired_is_lost_and_what_nobody_knows_is_said(dairy: Any, predictor: Any) -> None:
    dairy.add_item("new", stock=0, cost_paise=100)
    receive(dairy, "old", 2_000, -1)
    receive(dairy, "unknown", 2_000, 3, "new")
    rows = {row["batch_id"]: row for row in dairy.get("/forecast/expiry-risk")["rows"]}
    assert (rows["old"]["at_risk_milli"], rows["old"]["arithmetic"]["demand_milli"]) == (2_000, 0)
    assert (rows["unknown"]["status"], rows["unknown"]["at_risk_milli"]) == ("too_little_data", None)
    predictor.up = False
    receive(dairy, "a", 30_000, 5)
    assert dairy.get("/forecast/expiry-risk")["degraded"] is True


def test_asking_what_is_at_risk_keeps_no_forecast(dairy: Any) -> None:
    receive(dairy, "a", 30_000, 5)
    dairy.get("/forecast/expiry-risk")
    assert dairy.get("/forecast/items/paneer/snapshots")["rows"] == []


def test_alerts_recommendations_and_the_list_name_one_quantity(shop: Any, predictor: Any) -> None:
    """Two a day are sold; lots of 6 until tomorrow and of 8 for four days leave 4 and 2."""
    predictor.up = True
    shop.add_item("butter", stock=56_000, cost_paise=5_500)
    for back in range(1, 29):
        shop.sell("butter", 2_000, sold_at=f"{TODAY - timedelta(days=back)}T06:00:00Z")
    receive(shop, "a", 6_000, 1, "butter")
    receive(shop, "b", 8_000, 4, "butter")
    rows = shop.get("/forecast/expiry-risk?days=7")["rows"]
    assert {row["batch_id"]: row["at_risk_milli"] for row in rows} == {"a": 4_000, "b": 2_000}
    shop.post("/alerts/refresh", {})
    told = {
        row["subject_id"]: row["stake_paise"]
        for row in shop.get("/alerts")["rows"]
        if row["kind"] == "expiry"
    }
    assert told == {"a": 22_000, "b": 11_000}
    advised = [row for row in shop.get("/recommendations?limit=20")["rows"] if row["kind"] == "expiry"]
    assert {row["subject_id"]: row["inputs"]["at_risk_milli"] for row in advised} == {"a": 4_000, "b": 2_000}


@given(lots=st.lists(st.tuples(st.integers(0, 50_000), st.integers(0, 20_000)), max_size=6))
def test_lots_agree_with_selling_unit_by_unit(lots: list[tuple[int, int]]) -> None:
    """The oracle sells, lot after lot, what the demand until its expiry still allows."""
    growing, total = [], 0
    for stock, more in lots:
        total += more
        growing.append((stock, total))
    sold = 0
    for (stock, demand), lot in zip(growing, lots_at_risk(growing), strict=True):
        takes = min(stock, max(demand - sold, 0))
        assert (lot.at_risk_milli, lot.sold_before_milli) == (stock - takes, sold)
        sold += takes


@given(
    on_hand=st.integers(-5_000, 100_000),
    came=st.lists(st.tuples(st.dates(date(2026, 1, 1), TODAY), st.integers(1, 30_000)), max_size=8),
)
def test_layers_sum_to_the_stock_and_the_newest_come_first(
    on_hand: int, came: list[tuple[date, int]]
) -> None:
    newest_first = sorted(came, reverse=True)
    layers = layers_left(on_hand, newest_first)
    assert sum(layer.quantity_milli for layer in layers) == max(on_hand, 0)
    known = [layer.since for layer in layers if layer.since is not None]
    assert known == sorted(known, reverse=True)
    if any(layer.since is None for layer in layers):
        assert on_hand > sum(quantity for _, quantity in came)
