"""What a phone sends is taken once, whenever it comes, and what happened is never refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

SUGAR = {"item_id": "sugar", "quantity_milli": 1_000, "unit_price_paise": 4_500}


def a_bill(shop: Any, sale_id: str | None, ago_minutes: float = 0, **fields: Any) -> dict[str, Any]:
    at = shop_now(shop) - timedelta(minutes=ago_minutes)
    named = {} if sale_id is None else {"sale_id": sale_id}
    return {"lines": [SUGAR], "sold_at": at.isoformat(), **named, **fields}


def shop_now(shop: Any) -> Any:
    return shop.client.app.state.ports.clock.now()


def test_a_bill_sent_again_after_any_time_is_one_bill(new_api: Callable[..., Any]) -> None:
    api = new_api()
    shop = api.sign_up()
    shop.add_item(stock=10_000)
    shop.add_customer()
    bills = [
        a_bill(shop, "bill-1", payment="udhaar", customer_id="ramesh"),
        a_bill(shop, None, payment="udhaar", customer_id="ramesh"),
    ]
    first = [shop.post("/sales", bill, key=f"key-{n}") for n, bill in enumerate(bills)]
    for hours in (47, 49, 720):
        api.clock.instant += timedelta(hours=hours)
        shop = api.sign_in_again(shop)
        again = [shop.call("POST", "/sales", bill, key=f"key-{n}") for n, bill in enumerate(bills)]
        assert [each.json() for each in again] == first
        assert {each.headers["Idempotency-Replayed"] for each in again} == {"true"}
    assert shop.post("/sales", bills[0], key="another") == first[0]
    assert shop.on_hand() == 8_000
    assert shop.get("/udhaar/customers/ramesh")["balance_paise"] == 9_000


@pytest.mark.parametrize(
    ("path", "body", "name", "other"),
    [
        ("/sales", {"lines": [SUGAR]}, "sale_id", {"payment": "upi"}),
        ("/udhaar/customers/ramesh/credits", {"amount_paise": 500}, "entry_id", {"amount_paise": 501}),
        ("/udhaar/customers/ramesh/payments", {"amount_paise": 500}, "entry_id", {"note": "half"}),
        (
            "/udhaar/customers/ramesh/promises",
            {"amount_paise": 500, "pay_by": "2026-03-20"},
            "entry_id",
            {"pay_by": "2026-03-21"},
        ),
        ("/inventory/items/sugar/counts", {"counted_milli": 7_000}, "count_id", {"counted_milli": 7_001}),
        ("/inventory/items", {"name": "Tea", "price_paise": 100}, "item_id", {"price_paise": 101}),
        ("/udhaar/customers", {"name": "Sita"}, "customer_id", {"name": "Gita"}),
        (
            "/orders",
            {"lines": [{"item_id": "sugar", "quantity_milli": 5_000}]},
            "order_id",
            {"note": "in the morning"},
        ),
    ],
)
def test_an_id_stands_for_one_content(
    shop: Any, path: str, body: dict[str, Any], name: str, other: dict[str, Any]
) -> None:
    shop.add_item(stock=10_000)
    shop.add_customer()
    shop.sell(payment="udhaar", customer_id="ramesh")
    named = body | {name: "mine-1"}
    first = shop.post(path, named)
    assert shop.post(path, named) == first
    refused = shop.post(path, named | other, 409)
    assert (refused["code"], refused["field"]) == ("id_reused", name)


def test_the_same_content_may_be_written_in_another_way(shop: Any) -> None:
    shop.add_item()
    bill = a_bill(shop, "bill-1", ago_minutes=1)
    first = shop.post("/sales", bill)
    moved = shop_now(shop).fromisoformat(bill["sold_at"]) + timedelta(0)
    in_india = moved.astimezone(__import__("zoneinfo").ZoneInfo("Asia/Kolkata")).isoformat()
    same = bill | {"sold_at": in_india, "payment": "cash", "offline": False, "clock_offset_seconds": 3}
    assert shop.post("/sales", same) == first


def test_a_movement_and_an_adjustment_of_one_id_count_once(shop: Any) -> None:
    shop.add_item(stock=10_000)
    waste = {"movement_id": "w-1", "item_id": "sugar", "kind": "wastage", "quantity_milli": 1_000}
    first = shop.post("/inventory/movements", {"movements": [waste]})
    more = waste | {"movement_id": "w-2"}
    both = shop.post("/inventory/movements", {"movements": [waste, more]})
    assert both["movements"][0] == first["movements"][0]
    assert shop.on_hand() == 8_000
    taken = {**waste, "movement_id": "a-1", "kind": "theft", "at": "2026-03-10T08:00:00+05:30"}
    for _ in range(2):
        done = shop.post("/inventory/adjustments", {"adjustments": [taken]})
        assert (done["applied"], done["results"][0]["movement_id"]) == (1, "a-1")
    assert shop.on_hand() == 7_000
    other = shop.post("/inventory/movements", {"movements": [waste | {"quantity_milli": 2_000}]}, 409)
    assert (other["code"], other["field"]) == ("id_reused", "movements.0.movement_id")


def test_an_id_that_something_else_has_is_refused_and_changes_nothing(shop: Any) -> None:
    shop.add_item(stock=10_000)
    shop.add_customer()
    sale = shop.sell(payment="udhaar", customer_id="ramesh")
    taken = {"amount_paise": 700, "entry_id": sale["credit"]["entry_id"]}
    assert shop.post("/udhaar/customers/ramesh/credits", taken, 409)["code"] == "id_reused"
    assert shop.get("/udhaar/customers/ramesh")["balance_paise"] == 4_500


def test_a_return_of_its_own_id_comes_back_once(shop: Any) -> None:
    shop.add_item(stock=10_000)
    shop.add_customer()
    sale = shop.sell(quantity=3_000, payment="udhaar", customer_id="ramesh")
    body = {"return_id": "back-1", "lines": [{"item_id": "sugar", "quantity_milli": 1_000}], "reason": "wet"}
    path = f"/sales/{sale['sale_id']}/returns"
    first = shop.post(path, body)
    assert first["sale_id"] == "back-1"
    assert shop.post(path, body) == first
    assert shop.get("/udhaar/customers/ramesh")["balance_paise"] == 9_000
    assert shop.on_hand() == 8_000


def test_a_bill_of_the_past_is_taken_whatever_the_rules_say_and_flagged(sign_up: Callable[..., Any]) -> None:
    shop = sign_up(negative_stock="block", over_limit="block")
    staff = sign_up("staff", of=shop)
    shop.add_item(stock=500, cost_paise=4_000, mrp_paise=5_000)
    shop.add_customer(limit_paise=1_000)
    shop.call("PATCH", "/inventory/items/sugar", {"archived": True})
    line = SUGAR | {"unit_price_paise": 3_000}
    bill = a_bill(shop, "b-1", 60, lines=[line, SUGAR | {"unit_price_paise": 5_500}])
    done = staff.post("/sales", bill | {"payment": "udhaar", "customer_id": "ramesh", "over_limit": True})
    assert done["flags"] == [
        "above_mrp",
        "below_floor",
        "item_archived",
        "late",
        "needs_approval",
        "over_limit",
        "price_changed",
        "stock_negative",
    ]
    assert done["stock"][0]["on_hand_milli"] == -1_500
    assert shop.get("/sales/b-1")["flags"] == done["flags"]
    alerts = [row for row in shop.get("/alerts")["rows"] if row["kind"] == "offline_fact"]
    assert [(row["subject_id"], row["stake_paise"]) for row in alerts] == [("b-1", 8_500)]
    shop.post("/alerts/refresh", {})
    assert alerts[0]["alert_id"] in {row["alert_id"] for row in shop.get("/alerts")["rows"]}
    assert shop.post(f"/alerts/{alerts[0]['alert_id']}/dismiss")["status"] == "dismissed"


def test_the_same_bill_of_now_keeps_the_rules(sign_up: Callable[..., Any]) -> None:
    shop = sign_up(negative_stock="block")
    shop.add_item(stock=500)
    assert shop.post("/sales", a_bill(shop, "b-1"), 409)["code"] == "out_of_stock"
    assert shop.post("/sales", a_bill(shop, "b-1", offline=True))["flags"] == ["late", "stock_negative"]


@pytest.mark.parametrize("ahead_minutes", [-20, 20, 60 * 24 * 400, -60 * 24 * 365 * 50])
def test_a_clock_that_is_wrong_is_no_reason_to_refuse(shop: Any, ahead_minutes: int) -> None:
    shop.add_item()
    now = shop_now(shop)
    phone = now + timedelta(minutes=ahead_minutes)
    done = shop.post("/sales", {"lines": [SUGAR], "sold_at": phone.isoformat(), "offline": True})
    sold_at = now.fromisoformat(done["sold_at"])
    assert sold_at <= shop_now(shop)
    assert ("clock_corrected" in done["flags"]) == (sold_at != phone)
    measured = -ahead_minutes * 60
    again = {
        "lines": [SUGAR],
        "sold_at": phone.isoformat(),
        "clock_offset_seconds": measured,
        "offline": True,
    }
    put_right = now.fromisoformat(shop.post("/sales", again)["sold_at"])
    assert abs(put_right - now) < timedelta(seconds=1)


def test_entries_promises_and_movements_of_the_past_are_taken(sign_up: Callable[..., Any]) -> None:
    shop = sign_up(negative_stock="block", over_limit="block")
    shop.add_item(stock=500)
    shop.add_customer(limit_paise=1_000)
    earlier = (shop_now(shop) - timedelta(days=3)).isoformat()
    past = {"at": earlier, "offline": True}
    credit = shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 5_000, **past})
    assert credit["entry"]["flags"] == ["late", "over_limit"]
    assert shop.get("/udhaar/customers/ramesh/entries")["rows"][0]["flags"] == ["late", "over_limit"]
    promise = {"amount_paise": 9_000, "pay_by": earlier[:10], **past}
    assert shop.post("/udhaar/customers/ramesh/promises", promise)["flags"] == ["late", "more_than_owed"]
    waste = {"item_id": "sugar", "kind": "wastage", "quantity_milli": 900, **past}
    moved = shop.post("/inventory/movements", {"movements": [waste]})
    assert moved["movements"][0]["flags"] == ["late", "stock_negative"]
    done = shop.post("/inventory/adjustments", {"adjustments": [waste]})
    assert done["results"][0]["flags"] == ["late", "stock_negative"]
    assert shop.on_hand() == -1_300


def test_a_count_of_the_past_leaves_out_what_moved_since(shop: Any) -> None:
    shop.add_item(stock=10_000)
    counted_at = shop_now(shop)
    shop.sell(quantity=2_000)
    body = {"count_id": "c-1", "counted_milli": 9_000, "at": counted_at.isoformat(), "offline": True}
    count = shop.post("/inventory/items/sugar/counts", body)
    assert (count["before_milli"], count["difference_milli"], count["movement_id"]) == (10_000, -1_000, "c-1")
    assert shop.on_hand() == 7_000


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"customer_id": "nobody"}, 404, "customer_id"),
        ({"lines": [SUGAR | {"item_id": "nothing"}]}, 404, "lines.0.item_id"),
        ({"total_paise": 1}, 422, "total_paise"),
        ({"sale_id": "has a space"}, 422, "sale_id"),
        ({"clock_offset_seconds": "much"}, 422, "clock_offset_seconds"),
    ],
)
def test_what_cannot_be_true_stays_refused(
    shop: Any, change: dict[str, Any], status: int, field: str
) -> None:
    shop.add_item()
    body = {"lines": [SUGAR], "offline": True} | change
    assert shop.post("/sales", body, status)["field"] == field


def test_bills_are_listed_in_the_order_of_entry_whatever_their_ids(shop: Any) -> None:
    shop.add_item()
    for name in ("z", "a", "m"):
        shop.post("/sales", a_bill(shop, name))
    first = shop.get("/sales?limit=2")
    assert [row["sale_id"] for row in first["rows"]] == ["m", "a"]
    assert [(row["lines"], row["line_count"]) for row in first["rows"]] == [([], 1)] * 2
    rest = shop.get(f"/sales?limit=2&lines=true&cursor={first['next_cursor']}")
    assert [(row["sale_id"], len(row["lines"])) for row in rest["rows"]] == [("z", 1)]
    assert shop.get("/sales?start=2026-03-11")["rows"] == []
    assert len(shop.get("/sales?start=2026-03-10&end=2026-03-10")["rows"]) == 3


def test_what_a_batch_refused_comes_again_under_its_id_when_put_right(shop: Any) -> None:
    shop.add_item(stock=10_000)
    at = shop_now(shop).isoformat()
    lost = {"movement_id": "a-1", "item_id": "suger", "kind": "theft", "quantity_milli": 1_000, "at": at}
    done = shop.post("/inventory/adjustments", {"adjustments": [lost]})
    assert done["results"][0]["status"] == "refused"
    done = shop.post("/inventory/adjustments", {"adjustments": [lost | {"item_id": "sugar"}]})
    assert (done["applied"], shop.on_hand()) == (1, 9_000)
    bill = a_bill(shop, "bill-9", ago_minutes=1)
    wrong = bill | {"lines": [line | {"item_id": "suger"} for line in bill["lines"]]}
    assert shop.post("/sales/batch", {"sales": [wrong]})["results"][0]["status"] == "refused"
    assert shop.post("/sales/batch", {"sales": [bill]})["results"][0]["status"] == "applied"
