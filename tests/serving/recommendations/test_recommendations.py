"""The list of the day: ranked by rupees, recomputable, decided once."""

from typing import Any

import pytest

from samaan_ml.explain import check_numbers


@pytest.fixture
def busy(shop: Any) -> Any:
    """A shop with something of each kind."""
    shop.add_item("milk", stock=40_000, price_paise=2_700)
    for day in range(1, 10):
        shop.sell("milk", 4_000, sold_at=f"2026-03-0{day}T06:00:00Z")
    shop.add_item("oil", stock=3_000, price_paise=15_000, reorder_point_milli=5_000)
    shop.add_item("bread", stock=9_000, price_paise=4_000, cost_paise=3_000)
    for day in range(1, 10):
        shop.sell("bread", 1_000, sold_at=f"2026-03-0{day}T06:00:00Z")
    shop.post(
        "/inventory/items/bread/batches",
        {"batch_id": "b1", "quantity_milli": 9_000, "expires_on": "2026-03-12"},
    )
    shop.add_item("tea", stock=0)
    shop.sell("tea", 2_000)
    shop.add_customer()
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 80_000, "at": "2026-01-02T06:00:00Z"})
    return shop


def test_each_kind_is_found_and_the_most_rupees_come_first(busy: Any) -> None:
    day = busy.get("/recommendations?limit=20")
    stakes = [row["stake_paise"] for row in day["rows"]]
    assert stakes == sorted(stakes, reverse=True)
    by_key = {row["key"]: row for row in day["rows"]}
    assert by_key["overdue:ramesh"]["stake_paise"] == 80_000
    bread = by_key["expiry:b1"]
    assert 0 < bread["inputs"]["at_risk_milli"] < 9_000
    assert bread["stake_paise"] == 3 * bread["inputs"]["at_risk_milli"]
    assert by_key["low_stock:oil"]["stake_paise"] == 30_000
    assert by_key["negative_stock:tea"]["stake_paise"] == 9_000
    milk = by_key["stock_out:milk"]
    figures = milk["inputs"]
    assert (
        milk["stake_paise"]
        == figures["price_paise"] * figures["daily_milli"] * figures["uncovered_days"] // 1000
    )
    assert milk["draft"]["path"] == "/v1/orders/draft"


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
def test_the_words_hold_no_number_that_is_not_a_fact(busy: Any, wiring: Any, language: Any) -> None:
    from serving.advice.signals import signal_reader

    shop = wiring.accounts.shop(busy.shop_id)
    reader = signal_reader(wiring)
    found = reader.read(shop, wiring.clock.now())
    facts = {signal.key: signal.explanation.facts for signal in found.signals}
    for row in busy.get(f"/recommendations?limit=20&language={language}")["rows"]:
        assert check_numbers(row["text"], facts[row["key"]], language).ok, row["text"]


def test_a_dismissed_one_stays_away_for_a_week(busy: Any, api: Any) -> None:
    from datetime import timedelta

    done = busy.post(
        "/recommendations/overdue:ramesh/decision", {"choice": "dismissed", "reason": "a friend"}
    )
    assert done["stake_paise"] == 80_000
    day = busy.get("/recommendations?limit=20")
    assert "overdue:ramesh" not in {row["key"] for row in day["rows"]}
    assert day["hidden"] == 1
    was = api.clock.instant
    try:
        api.clock.instant += timedelta(days=7, minutes=1)
        later = api.sign_in_again(busy).get("/recommendations?limit=20")
    finally:
        api.clock.instant = was
    assert "overdue:ramesh" in {row["key"] for row in later["rows"]}


def test_what_is_not_recommended_cannot_be_decided(busy: Any) -> None:
    assert (
        busy.post("/recommendations/overdue:nobody/decision", {"choice": "accepted"}, 404)["field"] == "key"
    )


def test_a_write_renews_the_list(busy: Any) -> None:
    before = {row["key"] for row in busy.get("/recommendations?limit=20")["rows"]}
    busy.post("/udhaar/customers/ramesh/payments", {"amount_paise": 80_000})
    after = {row["key"] for row in busy.get("/recommendations?limit=20")["rows"]}
    assert before - after == {"overdue:ramesh"}


def test_a_text_speaks_of_days_and_of_a_pace_only_where_they_are_known(shop: Any) -> None:
    item = {"price_paise": 4_500, "reorder_point_milli": 5_000}
    shop.post("/inventory/items", item | {"item_id": "oil", "name": "Oil", "opening_stock_milli": 4_000})
    shop.post("/inventory/items", item | {"item_id": "dal", "name": "Dal", "reorder_point_milli": None})
    shop.post(
        "/inventory/movements",
        {"movements": [{"item_id": "dal", "kind": "own_use", "quantity_milli": 2_000}]},
    )
    texts = {row["key"]: row["text"] for row in shop.get("/recommendations")["rows"]}
    assert texts["low_stock:oil"] == "Oil has reached its reorder point of 5 pieces. You have 4 pieces."
    assert texts["negative_stock:dal"] == "2 pieces of Dal went out without having been entered."
