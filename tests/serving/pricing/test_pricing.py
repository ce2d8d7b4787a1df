"""Price advice, accepted, rolled back and audited."""

from typing import Any

import pytest

from samaan_ml.domain.price_messages import PriceRequest


@pytest.fixture
def store(shop: Any, predictor: Any) -> Any:
    predictor.up = True
    shop.add_item(cost_paise=4_000, mrp_paise=5_000)
    return shop


def ask(store: Any) -> Any:
    return store.post("/pricing/recommend", {"item_ids": ["sugar"]})["rows"][0]


def test_advice_is_kept_and_accepting_it_changes_the_price_once(store: Any) -> None:
    advice = ask(store)
    assert (advice["price_before_paise"], advice["price_paise"], advice["status"]) == (4_500, 4_600, "open")
    change = store.post(f"/pricing/advice/{advice['advice_id']}/accept")
    assert (change["before_paise"], change["after_paise"]) == (4_500, 4_600)
    assert store.get("/inventory/items/sugar")["price_paise"] == 4_600
    assert store.get(f"/pricing/advice/{advice['advice_id']}")["status"] == "accepted"
    assert store.post(f"/pricing/advice/{advice['advice_id']}/accept", None, 409)["code"] == "conflict"


def test_a_rollback_restores_the_price_and_both_changes_stay(store: Any) -> None:
    advice = ask(store)
    change = store.post(f"/pricing/advice/{advice['advice_id']}/accept")["change_id"]
    back = store.post(f"/pricing/changes/{change}/rollback", {"reason": "customers complained"})
    assert (back["after_paise"], back["rolls_back"]) == (4_500, change)
    assert store.get("/inventory/items/sugar")["price_paise"] == 4_500
    assert store.get(f"/pricing/advice/{advice['advice_id']}")["status"] == "rolled_back"
    assert len(store.get("/pricing/changes?item_id=sugar")["rows"]) == 2
    assert store.post(f"/pricing/changes/{change}/rollback", {"reason": "again"}, 409)


def test_advice_for_an_older_price_cannot_be_accepted(store: Any) -> None:
    advice = ask(store)
    store.post("/pricing/items/sugar/price", {"price_paise": 4_700, "reason": "new delivery"})
    refused = store.post(f"/pricing/advice/{advice['advice_id']}/accept", None, 409)
    assert refused["hint"] == "ask for new advice"


def test_no_price_passes_the_lowest_printed_maximum_on_the_shelf(store: Any) -> None:
    store.post("/inventory/items/sugar/batches", {"quantity_milli": 1_000, "mrp_paise": 4_550})
    refused = store.post("/pricing/items/sugar/price", {"price_paise": 4_551, "reason": "more margin"}, 422)
    assert refused["field"] == "price_paise"
    advice = ask(store)
    assert store.post(f"/pricing/advice/{advice['advice_id']}/accept", None, 422)["field"] == "price_paise"
    assert store.get("/inventory/items/sugar")["price_paise"] == 4_500


def test_the_model_hears_cost_mrp_and_recent_demand_but_no_customer(store: Any, predictor: Any) -> None:
    store.sell(quantity=3_000, sold_at="2026-03-08T06:00:00Z")
    store.sell(quantity=5_000, sold_at="2026-03-09T06:00:00Z")
    ask(store)
    request = predictor.asked[-1]
    assert isinstance(request, PriceRequest)
    item = request.items[0]
    assert (item.cost_paise, item.mrp_paise, item.daily_milli) == (4_000, 5_000, 4_000)
    assert "customer" not in str(request.to_json())


def test_advice_to_hold_cannot_be_accepted(store: Any) -> None:
    store.add_item("soap")
    advice = store.post("/pricing/recommend", {"item_ids": ["soap"]})["rows"][0]
    assert (advice["action"], advice["state"]) == ("hold", "cost_unknown")
    assert store.post(f"/pricing/advice/{advice['advice_id']}/accept", None, 409)["field"] == "advice_id"


def test_without_the_model_there_is_no_advice_and_the_key_stays_free(store: Any, predictor: Any) -> None:
    predictor.up = False
    body = {"item_ids": ["sugar"]}
    assert store.post("/pricing/recommend", body, key="ask") == {
        "model_version": None,
        "degraded": True,
        "reason": "switched off",
        "rows": [],
    }
    predictor.up = True
    assert len(store.post("/pricing/recommend", body, key="ask")["rows"]) == 1


def test_a_repeated_question_with_the_same_key_is_the_same_advice(store: Any, predictor: Any) -> None:
    body = {"item_ids": ["sugar"]}
    first = store.post("/pricing/recommend", body, key="ask")
    predictor.up = False
    assert store.post("/pricing/recommend", body, key="ask") == first


def test_risk_comes_with_limit_arithmetic_and_version(store: Any) -> None:
    store.add_customer()
    store.post("/udhaar/customers/ramesh/credits", {"amount_paise": 5_000})
    risk = store.get("/udhaar/customers/ramesh/risk")
    assert risk["degraded"] is False
    figures = risk["risk"]
    assert (figures["probability_30"], figures["limit_paise"]) == (0.5, 10_000)
    assert figures["model_version"] == "stand-in-1"


def test_without_the_model_there_is_no_risk_figure(store: Any, predictor: Any) -> None:
    store.add_customer()
    predictor.up = False
    risk = store.get("/udhaar/customers/ramesh/risk")
    assert (risk["degraded"], risk["risk"]) == (True, None)
