"""Bills and returns: stock, khata and totals together."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.ports.stock import Movement
from serving.wiring import Wiring


def test_a_bill_lowers_the_stock_and_is_listed(shop: Any) -> None:
    shop.add_item(stock=10_000)
    sale = shop.sell(quantity=2_500)
    assert sale["total_paise"] == 11_250
    assert sale["stock"] == [{"item_id": "sugar", "on_hand_milli": 7_500, "negative": False}]
    assert shop.on_hand() == 7_500
    assert shop.get(f"/sales/{sale['sale_id']}")["total_paise"] == 11_250
    assert [row["sale_id"] for row in shop.get("/sales")["rows"]] == [sale["sale_id"]]
    assert shop.get("/sales/summary?days=1") == {
        "days": [{"on": "2026-03-10", "amount_paise": 11_250, "items": 1}],
        "amount_paise": 11_250,
    }


def test_a_repeated_key_adds_nothing_and_another_body_is_refused(shop: Any) -> None:
    shop.add_item(stock=10_000)
    body = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}
    first = shop.post("/sales", body, key="bill-1")
    again = shop.call("POST", "/sales", body, key="bill-1")
    assert again.json() == first
    assert again.headers["Idempotency-Replayed"] == "true"
    body["lines"][0]["quantity_milli"] = 2_000
    assert shop.post("/sales", body, 409, key="bill-1")["code"] == "idempotency_key_reused"
    assert shop.on_hand() == 9_000


def test_a_key_of_one_shop_means_nothing_to_another(shop: Any, other: Any) -> None:
    for each in (shop, other):
        each.add_item(stock=10_000)
        each.post("/sales", {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}, key="same")
        assert each.on_hand() == 9_000


def test_a_failed_write_leaves_its_key_free(shop: Any) -> None:
    body = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}
    shop.post("/sales", body, 404, key="early")
    shop.add_item(stock=10_000)
    shop.post("/sales", body, key="early")
    assert shop.on_hand() == 9_000


def test_an_udhaar_bill_enters_the_khata_in_the_same_breath(shop: Any) -> None:
    shop.add_item(stock=10_000)
    shop.add_customer(credit_days=15)
    sale = shop.sell(payment="udhaar", customer_id="ramesh")
    assert sale["credit"]["balance_paise"] == 4_500
    card = shop.get("/udhaar/customers/ramesh")
    assert (card["balance_paise"], card["oldest_due_on"]) == (4_500, "2026-03-25")


def test_a_bill_that_fails_late_leaves_nothing_behind(shop: Any) -> None:
    shop.add_item(stock=10_000)
    body = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}], "payment": "udhaar"}
    assert shop.post("/sales", body, 422)["field"] == "customer_id"
    assert shop.post("/sales", body | {"customer_id": "nobody"}, 404)["field"] == "customer_id"
    assert shop.on_hand() == 10_000
    assert shop.get("/sales")["rows"] == []


def test_stock_below_zero_is_flagged_or_refused_as_the_shop_chose(shop: Any) -> None:
    shop.add_item(stock=500)
    assert shop.sell()["stock"][0] == {"item_id": "sugar", "on_hand_milli": -500, "negative": True}
    shop.call("PATCH", "/auth/shop", {"negative_stock": "block"})
    refused = shop.post("/sales", {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}, 409)
    assert refused["code"] == "out_of_stock"
    assert shop.on_hand() == -500


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"item_id": "sugar", "quantity_milli": -1}]}, "lines.0.quantity_milli"),
        ({"lines": [{"item_id": "sugar", "quantity_milli": 1.5}]}, "lines.0.quantity_milli"),
        ({"lines": [{"item_id": "sugar", "quantity_milli": "1"}]}, "lines.0.quantity_milli"),
        ({"lines": [{"item_id": "sugar", "quantity_milli": True}]}, "lines.0.quantity_milli"),
        ({"lines": [{"item_id": "sugar", "quantity_milli": 10**30}]}, "lines.0.quantity_milli"),
        (
            {"lines": [{"item_id": "sugar", "quantity_milli": 1000, "unit_price_paise": 5_001}]},
            "lines.0.unit_price_paise",
        ),
        (
            {"lines": [{"item_id": "sugar", "quantity_milli": 1000, "discount_paise": 4_501}]},
            "lines.0.discount_paise",
        ),
        ({"payment": "barter"}, "payment"),
        ({"sold_at": "2026-03-12T00:00:00Z"}, "sold_at"),
        ({"sold_at": "2026-03-09T00:00:00"}, "sold_at"),
        ({"sold_at": "1999-01-01T00:00:00Z"}, "sold_at"),
        ({"total_paise": 1}, "total_paise"),
        ({"shop_id": "another"}, "shop_id"),
        ({"over_limit": "maybe"}, "over_limit"),
    ],
)
def test_a_bad_bill_names_the_field(shop: Any, change: dict[str, Any], field: str) -> None:
    shop.add_item(mrp_paise=5_000)
    body: dict[str, Any] = {"lines": [{"item_id": "sugar", "quantity_milli": 1000}]}
    refused = shop.post("/sales", body | change, 422)
    assert refused["field"] == field
    assert refused["request_id"]


def test_a_sale_after_midnight_in_india_belongs_to_the_new_day(shop: Any) -> None:
    shop.add_item()
    assert shop.sell(sold_at="2026-03-08T18:40:00Z")["sold_on"] == "2026-03-09"
    assert shop.sell(sold_at="2026-03-08T18:20:00Z")["sold_on"] == "2026-03-08"


def test_a_return_brings_stock_and_khata_back_and_never_more_than_was_sold(shop: Any) -> None:
    shop.add_item(stock=10_000)
    shop.add_customer()
    sale = shop.sell(quantity=3_000, payment="udhaar", customer_id="ramesh")
    path = f"/sales/{sale['sale_id']}/returns"
    back = shop.post(path, {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}], "reason": "damaged"})
    assert (back["total_paise"], back["credit"]["balance_paise"]) == (-4_500, 9_000)
    assert shop.on_hand() == 8_000
    rest = {"lines": [{"item_id": "sugar", "quantity_milli": 2_001}], "reason": "damaged"}
    assert shop.post(path, rest, 422)["field"] == "lines.0.quantity_milli"
    other_path = f"/sales/{back['sale_id']}/returns"
    assert shop.post(other_path, rest, 409)["code"] == "conflict"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    quantity=st.integers(1, 10_000),
    discount=st.integers(0, 1_000),
    shares=st.lists(st.integers(1, 5_000), min_size=1, max_size=4),
)
def test_the_parts_of_a_return_refund_what_was_paid_to_the_paisa(
    sign_up: Any, quantity: int, discount: int, shares: list[int]
) -> None:
    shop = sign_up()
    shop.add_item(price_paise=997)
    amount = (997 * quantity + 500) // 1000
    line = {"item_id": "sugar", "quantity_milli": quantity, "discount_paise": min(discount, amount)}
    sale = shop.post("/sales", {"lines": [line]})
    refunded, left = 0, quantity
    for share in [*shares, 10**9]:
        part = min(share, left)
        if part == 0:
            break
        body = {"lines": [{"item_id": "sugar", "quantity_milli": part}], "reason": "part of it"}
        refunded -= shop.post(f"/sales/{sale['sale_id']}/returns", body)["total_paise"]
        left -= part
    assert refunded == sale["total_paise"]
    assert shop.on_hand() == 100_000


def test_a_crowded_counter_loses_no_movement(shop: Any, wiring: Wiring) -> None:
    from concurrent.futures import ThreadPoolExecutor

    shop.add_item(stock=0)
    now = wiring.clock.now()

    def move(number: int) -> None:
        movement = Movement(f"m{number}", "sugar", "purchase", 1_000, now, "somebody")
        wiring.stock.move(shop.shop_id, (movement,), allow_negative=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(move, range(40)))
        list(pool.map(move, range(40)))
    assert shop.on_hand() == 40_000
    assert wiring.stock.rebuild(shop.shop_id) == 0


def test_a_return_lies_after_its_bill(shop: Any) -> None:
    shop.add_item(stock=10_000)
    sale = shop.sell(quantity=2_000)
    body = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}], "reason": "stale"}
    path = f"/sales/{sale['sale_id']}/returns"
    assert shop.post(path, body | {"at": "2020-01-01T00:00:00Z"}, 422)["field"] == "at"
    assert shop.on_hand() == 8_000
    ahead = shop.sell(quantity=2_000, sold_at="2026-03-10T05:08:00Z")  # a device whose clock is ahead
    back = shop.post(f"/sales/{ahead['sale_id']}/returns", body)
    assert back["sold_at"] >= ahead["sold_at"]


def test_a_bill_of_more_than_the_largest_sum_is_refused_and_moves_no_stock(shop: Any) -> None:
    shop.add_item(stock=10_000)
    line = {"item_id": "sugar", "quantity_milli": 10**9, "unit_price_paise": 10**9}
    refused = shop.post("/sales", {"lines": [line] * 200}, 422)
    assert refused["field"] == "lines"
    assert shop.on_hand() == 10_000
    most = {"item_id": "sugar", "quantity_milli": 1_000_000, "unit_price_paise": 10**8}
    assert shop.post("/sales", {"lines": [most]})["total_paise"] == 10**11


def test_a_bill_names_a_customer_that_there_is_however_it_is_paid(shop: Any) -> None:
    shop.add_item(stock=10_000)
    shop.add_customer()
    body = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}], "payment": "cash"}
    assert shop.post("/sales", body | {"customer_id": "nobody"}, 404)["field"] == "customer_id"
    assert shop.on_hand() == 10_000
    assert shop.post("/sales", body | {"customer_id": "ramesh"})["customer_id"] == "ramesh"
