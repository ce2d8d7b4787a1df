"""Purchase orders: nothing is in stock before it is received, and what is on its way is not ordered again."""

from datetime import timedelta
from typing import Any

import pytest


def on_order(shop: Any, item_id: str) -> int:
    """Return what the reorder arithmetic of an item counts as on order."""
    card = shop.get(f"/forecast/items/{item_id}")["items"][0]
    milli: int = card["reorder"]["arithmetic"]["on_order_milli"]
    return milli


@pytest.fixture
def shop(api: Any) -> Any:
    shop = api.sign_up()
    body = {"name": "Dairy", "visit_weekdays": [0, 1, 2, 3, 4, 5, 6]}
    assert shop.call("PUT", "/inventory/suppliers/dairy", body).status_code == 200
    shop.add_item("milk", stock=0, cost_paise=2_600, pack_milli=24_000, supplier_id="dairy")
    shop.add_item("curd", stock=0, cost_paise=3_000, supplier_id="dairy")
    return shop


def test_an_order_goes_from_draft_to_the_shelf(shop: Any) -> None:
    draft = shop.post(
        "/orders", {"supplier_id": "dairy", "lines": [{"item_id": "milk", "quantity_milli": 48_000}]}
    )
    assert (draft["state"], draft["cost_paise"], draft["lines"][0]["packs"]) == ("draft", 124_800, 2)
    path = f"/orders/{draft['order_id']}"
    placed = shop.post(f"{path}/place", {})
    assert (placed["state"], placed["expected_on"] is None) == ("placed", False)
    assert "Milk: 48" in placed["share_text"]
    assert shop.on_hand("milk") == 0
    came = {"item_id": "milk", "quantity_milli": 24_000, "unit_cost_paise": 2_700, "expires_on": "2030-01-02"}
    done = shop.post(f"{path}/receipts", {"lines": [came]})
    assert (done["order"]["state"], done["order"]["lines"][0]["open_milli"]) == ("part_received", 24_000)
    assert {row["kind"] for row in done["differences"]} == {"missing", "dearer"}
    assert shop.on_hand("milk") == 24_000
    [lot] = shop.get("/inventory/items/milk/batches")["rows"]
    assert (lot["expires_on"], lot["on_hand_milli"]) == ("2030-01-02", 24_000)
    assert shop.get("/inventory/items/milk")["cost_paise"] == 2_700
    [row] = shop.get("/inventory/items/milk/movements")["rows"]
    assert (row["kind"], row["source"]) == ("purchase", f"order/{draft['order_id']}")
    last = shop.post(f"{path}/receipts", {"lines": [{"item_id": "milk", "quantity_milli": 24_000}]})
    assert (last["order"]["state"], last["differences"]) == ("received", [])
    shop.post(f"{path}/receipts", {"lines": [{"item_id": "milk", "quantity_milli": 1_000}]}, 422)
    assert shop.on_hand("milk") == 48_000


def test_what_is_on_its_way_is_not_ordered_again(shop: Any, clock: Any) -> None:
    for ago in range(10, 0, -1):
        at = (clock.now() - timedelta(days=ago)).isoformat()
        shop.sell("milk", 20_000, sold_at=at)
    shop.post("/inventory/items/milk/counts", {"counted_milli": 5_000})
    wanted = {row["item_id"]: row for row in shop.get("/forecast/reorder")["rows"]}["milk"]
    lines = [{"item_id": "milk", "quantity_milli": wanted["order_milli"]}]
    for _ in range(2):  # asking twice drafts it once
        draft = shop.post("/orders/draft", {"supplier_id": "dairy", "lines": lines})
    assert [line["quantity_milli"] for line in draft["lines"]] == [wanted["order_milli"]]
    again = {row["item_id"]: row for row in shop.get("/forecast/reorder")["rows"]}["milk"]
    assert (again["order_milli"], again["drafted_milli"]) == (wanted["order_milli"], wanted["order_milli"])
    shop.post(f"/orders/{draft['order_id']}/place", {})
    assert "milk" not in {row["item_id"] for row in shop.get("/forecast/reorder")["rows"]}
    assert on_order(shop, "milk") == wanted["order_milli"]
    shop.post(f"/orders/{draft['order_id']}/cancel", {"reason": "he does not come"})
    assert on_order(shop, "milk") == 0


def test_every_screen_names_one_quantity_and_selling_the_usual_does_not_raise_it(
    shop: Any, clock: Any
) -> None:
    for ago in range(28, 0, -1):
        at = (clock.now() - timedelta(days=ago)).isoformat()
        shop.sell("milk", 20_000, sold_at=at)
    shop.post("/inventory/items/milk/counts", {"counted_milli": 30_000})

    def quantities() -> list[int]:
        listed = [r["order_milli"] for r in shop.get("/forecast/reorder")["rows"] if r["item_id"] == "milk"]
        cards = [
            shop.get(f"/forecast/items/milk?horizon_days={days}")["items"][0]["reorder"]["order_milli"]
            for days in (3, 14)
        ]
        return [*listed, *cards]

    morning = quantities()
    assert len(morning) == 3
    assert len(set(morning)) == 1
    shop.post("/alerts/refresh", {})
    [alert] = [row for row in shop.get("/alerts")["rows"] if row["kind"] == "stock_out"]
    draft = shop.get(f"/alerts/{alert['alert_id']}/draft")
    assert draft["path"] == "/v1/orders/draft"
    assert [line["quantity_milli"] for line in draft["body"]["lines"]] == morning[:1]
    made = shop.post("/orders/draft", draft["body"])
    assert (made["state"], shop.on_hand("milk")) == ("draft", 30_000)
    shop.sell("milk", 20_000)
    assert quantities() == morning


def test_within_the_cash_in_hand_the_packs_that_earn_most_are_ordered(shop: Any, clock: Any) -> None:
    for ago in range(28, 0, -1):
        at = (clock.now() - timedelta(days=ago)).isoformat()
        lines = [{"item_id": item, "quantity_milli": 20_000} for item in ("milk", "curd")]
        shop.post("/sales", {"lines": lines, "sold_at": at})
    for item in ("milk", "curd"):
        shop.post(f"/inventory/items/{item}/counts", {"counted_milli": 0})
    whole = shop.get("/forecast/reorder")
    budget = whole["cost_paise"] // 2
    part = shop.get(f"/forecast/reorder?budget_paise={budget}")
    assert part["cost_paise"] <= budget
    assert part["budget"]["left_paise"] == budget - part["cost_paise"]
    ordered = {row["item_id"]: row["order_milli"] for row in part["rows"]}
    left = {row["item_id"]: row["left_out_milli"] for row in part["budget"]["left_out"]}
    for row in whole["rows"]:
        assert ordered.get(row["item_id"], 0) + left.get(row["item_id"], 0) == row["order_milli"]
    assert part["budget"]["lost_gain_paise"] > 0
    nothing = shop.get("/forecast/reorder?budget_paise=0")
    assert (nothing["rows"], nothing["budget"]["cost_paise"]) == ([], 0)


def test_bad_orders_name_the_field_and_change_nothing(shop: Any, api: Any) -> None:
    line = {"item_id": "milk", "quantity_milli": 1_000}
    assert shop.post("/orders", {"lines": [line, line]}, 422)["field"] == "lines.1.item_id"
    assert shop.post("/orders", {"lines": [line | {"item_id": "none"}]}, 404)["field"] == "lines.0.item_id"
    assert shop.post("/orders", {"supplier_id": "x", "lines": [line]}, 404)["field"] == "supplier_id"
    order = shop.post("/orders", {"lines": [line]})
    path = f"/orders/{order['order_id']}"
    shop.post(f"{path}/receipts", {"lines": [line]}, 422)
    api.sign_up().get(path, 404)
    assert shop.call("PATCH", path, {"note": "early"}).json()["note"] == "early"
    shop.post(f"{path}/place", {})
    assert shop.call("PATCH", path, {"note": "late"}).status_code == 422
    assert shop.on_hand("milk") == 0


def test_an_order_and_its_goods_sent_again_after_days_count_once(new_api: Any) -> None:
    api = new_api()
    shop = api.sign_up()
    shop.add_item("milk", stock=0, cost_paise=2_600)
    order = {"order_id": "o-1", "lines": [{"item_id": "milk", "quantity_milli": 8_000}]}
    receipt = {"receipt_id": "r-1", "lines": [{"item_id": "milk", "quantity_milli": 8_000}], "offline": True}
    steps = [("/orders", order), ("/orders/o-1/place", {}), ("/orders/o-1/receipts", receipt)]
    first = [shop.post(path, body, key=f"key-{n}") for n, (path, body) in enumerate(steps)]
    assert first[2]["flags"] == ["late"]
    for hours in (1, 49, 2_000):
        api.clock.instant += timedelta(hours=hours)
        shop = api.sign_in_again(shop)
        again = [shop.call("POST", path, body, f"key-{n}") for n, (path, body) in enumerate(steps)]
        assert [each.json() for each in again] == first
        assert {each.headers["Idempotency-Replayed"] for each in again} == {"true"}
    refused = shop.post("/orders/o-1/receipts", receipt | {"complete": True}, 409)
    assert (refused["code"], refused["field"]) == ("id_reused", "receipt_id")
    assert shop.on_hand("milk") == 8_000


def test_a_draft_drawn_again_after_its_order_was_placed_makes_no_second_order(new_api: Any) -> None:
    api = new_api()
    shop = api.sign_up()
    shop.add_item("milk", stock=0)
    body = {"lines": [{"item_id": "milk", "quantity_milli": 8_000}]}
    draft = shop.post("/orders/draft", body, key="draft")
    shop.post(f"/orders/{draft['order_id']}/place", {})
    api.clock.instant += timedelta(hours=49)
    shop = api.sign_in_again(shop)
    assert shop.post("/orders/draft", body, key="draft") == draft
    assert [row["state"] for row in shop.get("/orders")["rows"]] == ["placed"]


def test_goods_that_came_offline_are_taken_although_the_order_was_cancelled_meanwhile(shop: Any) -> None:
    order = shop.post("/orders", {"lines": [{"item_id": "milk", "quantity_milli": 8_000}]})
    path = f"/orders/{order['order_id']}"
    shop.post(f"{path}/place", {})
    shop.post(f"{path}/cancel", {"reason": "he does not come"})
    came = {"lines": [{"item_id": "milk", "quantity_milli": 3_000}], "at": "2026-03-09T09:00:00+05:30"}
    shop.post(f"{path}/receipts", came, 422)
    done = shop.post(f"{path}/receipts", came | {"offline": True})
    assert (done["order"]["state"], done["order"]["lines"][0]["received_milli"]) == ("cancelled", 3_000)
    assert done["flags"] == ["late", "order_closed"]
    assert shop.on_hand("milk") == 3_000
    [alert] = [row for row in shop.get("/alerts")["rows"] if row["kind"] == "offline_fact"]
    assert "the order was not open" in alert["text"]


def test_the_feed_of_changes_carries_orders_as_their_own_page_shows_them(shop: Any) -> None:
    start = shop.get("/changes")["next"]
    shop.post("/orders", {"order_id": "o-1", "lines": [{"item_id": "milk", "quantity_milli": 8_000}]})

    def told() -> list[dict[str, Any]]:
        return [row for row in shop.get(f"/changes?after={start}")["rows"] if row["kind"] == "order"]

    [drafted] = told()
    shop.post("/orders/o-1/place", {})
    came = {"lines": [{"item_id": "milk", "quantity_milli": 3_000}]}
    shop.post("/orders/o-1/receipts", came)
    [changed] = told()
    assert (drafted["id"], drafted["deleted"], drafted["row"]["state"]) == ("o-1", False, "draft")
    assert changed["seq"] > drafted["seq"]
    card = shop.get("/orders/o-1")
    row = changed["row"]
    assert {name: card[name] for name in row if name != "lines"} == {
        name: value for name, value in row.items() if name != "lines"
    }
    assert len(row["lines"]) == len(card["lines"]) == 1
    assert row["lines"][0].items() <= card["lines"][0].items()
    assert (row["state"], row["lines"][0]["open_milli"]) == ("part_received", 5_000)
