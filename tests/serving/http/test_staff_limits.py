"""What staff do only by an owner's word: refunds, entries of long ago, counts that write much off; and who did what."""

from typing import Any

import pytest

DAYS_AGO = "2026-03-0{}T05:00:00Z"


@pytest.fixture
def staff(api: Any, shop: Any) -> Any:
    shop.add_item(price_paise=100_00, cost_paise=80_00)
    shop.add_customer()
    return api.sign_up("staff", of=shop)


def approved(shop: Any, staff: Any, path: str, body: dict[str, Any], action: str) -> Any:
    """Ask, let the owner approve, and do it; without that, and with another body, it is refused."""
    asked = staff.post(path, body, 403)
    assert (asked["code"], action in str(shop.get("/auth/approvals"))) == ("approval_required", True)
    shop.post(f"/auth/approvals/{asked['approval_id']}/approve", {})
    done = staff.call("POST", path, body, **{"Approval-Id": asked["approval_id"]})
    assert done.status_code == 201, done.text
    return done.json()


def test_money_goes_back_for_old_or_others_bills_by_an_owners_word(shop: Any, staff: Any) -> None:
    back = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}], "reason": "wet"}
    own = staff.sell()
    assert staff.post(f"/sales/{own['sale_id']}/returns", back)["flags"] == []
    others = shop.sell(quantity=2_000)
    approved(shop, staff, f"/sales/{others['sale_id']}/returns", back, "refund")
    old = staff.post("/sales", {"lines": back["lines"], "sold_at": DAYS_AGO.format(9)})
    approved(shop, staff, f"/sales/{old['sale_id']}/returns", back, "refund")
    assert staff.post(f"/sales/{others['sale_id']}/cancel", {"reason": "wrong"}, 409)
    fresh = shop.sell()
    approved(shop, staff, f"/sales/{fresh['sale_id']}/cancel", {"reason": "wrong"}, "refund")
    happened = shop.sell()
    done = staff.post(f"/sales/{happened['sale_id']}/returns", back | {"offline": True})
    assert done["flags"] == ["late", "needs_approval"]
    owed = shop.sell(payment="udhaar", customer_id="ramesh")
    staff.post(f"/sales/{owed['sale_id']}/returns", back)
    shop.call("PATCH", "/auth/shop", {"staff_refund_days": 1})
    again = staff.post("/sales", {"lines": back["lines"], "sold_at": DAYS_AGO.format(9)})
    staff.post(f"/sales/{again['sale_id']}/returns", back)


def test_entries_of_long_ago_need_an_owners_word(shop: Any, staff: Any) -> None:
    line = {"item_id": "sugar", "quantity_milli": 1_000}
    move = {"item_id": "sugar", "kind": "wastage", "quantity_milli": 1_000}
    cases: list[tuple[str, str, dict[str, Any]]] = [
        ("/sales", "sold_at", {"lines": [line]}),
        ("/udhaar/customers/ramesh/credits", "at", {"amount_paise": 100}),
        ("/udhaar/customers/ramesh/payments", "at", {"amount_paise": 100}),
        ("/inventory/items/sugar/counts", "at", {"counted_milli": 99_000}),
    ]
    for path, field, body in cases:
        staff.post(path, body | {field: DAYS_AGO.format(8)})
        approved(shop, staff, path, body | {field: DAYS_AGO.format(7)}, "backdated_entry")
        staff.post(path, body | {field: DAYS_AGO.format(6), "offline": True})
        shop.post(path, body | {field: DAYS_AGO.format(5)})
    for path, name in (("/inventory/movements", "movements"), ("/inventory/adjustments", "adjustments")):
        staff.post(path, {name: [move | {"at": DAYS_AGO.format(8)}]})
        approved(shop, staff, path, {name: [move | {"at": DAYS_AGO.format(7)}]}, "backdated_entry")
        staff.post(path, {name: [move | {"at": DAYS_AGO.format(6), "offline": True}]})
    batch = {"sales": [{"sale_id": "long-ago", "lines": [line], "sold_at": DAYS_AGO.format(1)}]}
    [refused] = staff.post("/sales/batch", batch)["results"]
    assert (refused["status"], refused["code"]) == ("refused", "approval_required")


def test_counts_that_write_much_off_need_an_owners_word(shop: Any, staff: Any) -> None:
    # At a cost of 80 rupees, 6 units are 480 and 7 are 560; the limit is 500.
    path = "/inventory/items/sugar/counts"
    staff.post(path, {"counted_milli": 94_000})
    approved(shop, staff, path, {"counted_milli": 87_000}, "count_loss")
    assert shop.on_hand() == 87_000
    count = {"item_id": "sugar", "kind": "count", "quantity_milli": 80_000, "at": "2026-03-10T05:00:00Z"}
    approved(shop, staff, "/inventory/adjustments", {"adjustments": [count]}, "count_loss")
    done = staff.post(path, {"counted_milli": 70_000, "offline": True})
    assert "needs_approval" in done["flags"]
    staff.post(path, {"counted_milli": 200_000})
    shop.call("PATCH", "/auth/shop", {"staff_count_loss_paise": 10**7})
    staff.post(path, {"counted_milli": 150_000})
    shop.post(path, {"counted_milli": 0})


def test_a_count_as_of_before_later_sales_is_measured_at_its_own_instant(
    shop: Any, staff: Any, api: Any
) -> None:
    before = api.clock.instant.isoformat()
    shop.sell(quantity=50_000)
    staff.post("/inventory/items/sugar/counts", {"counted_milli": 60_000, "at": before}, 403)
    assert shop.on_hand() == 50_000


def test_lists_show_who_did_what_by_name(shop: Any, staff: Any, api: Any) -> None:
    sale = staff.sell(payment="udhaar", customer_id="ramesh")
    assert shop.get(f"/sales/{sale['sale_id']}")["actor_name"] == "Somebody"
    assert {row["actor_name"] for row in shop.get("/sales")["rows"]} == {"Somebody"}
    assert {row["actor_name"] for row in shop.get("/inventory/items/sugar/movements")["rows"]} == {"Somebody"}
    assert {row["actor_name"] for row in shop.get("/udhaar/customers/ramesh/entries")["rows"]} == {"Somebody"}
    email = api.wiring.accounts.account(shop.user_id).email
    wrong = {"email": email, "password": "not the right one", "device": "x"}
    assert shop.client.post("/v1/auth/login", json=wrong).status_code == 401
    assert {row["name"] for row in shop.get("/auth/sign-ins")["rows"]} == {"Somebody"}
    assert {row["name"] for row in shop.get("/auth/members")["rows"]} == {"Somebody"}
    staff.post("/inventory/items/sugar/counts", {"counted_milli": 0}, 403)
    [asked] = shop.get("/auth/approvals")["rows"]
    assert (asked["asked_by_name"], asked["decided_by_name"]) == ("Somebody", None)
    key = shop.post("/auth/api-keys", {"name": "the till", "scopes": ["sales:write"]})["api_key"]
    body = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}
    headers = {"X-Api-Key": key, "Idempotency-Key": "k1"}
    posted = shop.client.post("/v1/sales", json=body, headers=headers).json()
    assert shop.get(f"/sales/{posted['sale_id']}")["actor_name"] == "the till"
