"""Maker and checker: what staff may do only with an owner's word."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

KHATA = "/udhaar/customers/ramesh"
PRICE = "/pricing/items/sugar/price"
CHEAP = {"price_paise": 3_900, "reason": "to match next door"}


@pytest.fixture
def staff(shop: Any, sign_up: Callable[..., Any]) -> Any:
    """A member of staff of a shop with sugar that cost 40 rupees, and a customer at the limit."""
    shop.add_item(cost_paise=4_000)
    shop.add_customer(limit_paise=10_000)
    shop.call("PATCH", "/auth/shop", {"over_limit": "block"})
    return sign_up("staff", of=shop)


def ask(who: Any, path: str, body: Any) -> Any:
    """Try, be refused, and return the problem."""
    problem = who.post(path, body, 403)
    assert problem["code"] == "approval_required"
    return problem


def approve(shop: Any, approval_id: str) -> Any:
    """Say yes as the owner."""
    return shop.post(f"/auth/approvals/{approval_id}/approve", {"note": "go on"})


def again(who: Any, path: str, body: Any, approval_id: str, key: str | None = None) -> Any:
    """Send a request with its approval."""
    return who.call("POST", path, body, key, **{"Approval-Id": approval_id})


def test_a_price_below_cost_waits_for_an_owner_and_is_then_set_once(shop: Any, staff: Any) -> None:
    problem = ask(staff, PRICE, CHEAP)
    assert problem["field"] == "price_paise"
    approval_id = problem["approval_id"]
    assert approval_id in problem["hint"]
    assert shop.get("/inventory/items/sugar")["price_paise"] == 4_500

    (waiting,) = shop.get("/auth/approvals?status=pending")["rows"]
    assert waiting["approval_id"] == approval_id
    assert waiting["request"] == {"method": "POST", "path": f"/v1{PRICE}", "body": CHEAP}
    assert waiting["actions"] == ["price_below_floor"]
    assert "below the floor of 4000" in waiting["why"]
    asked = json.dumps(waiting["request"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert waiting["payload_sha256"] == hashlib.sha256(asked.encode()).hexdigest()

    assert again(staff, PRICE, CHEAP, approval_id).json()["detail"].endswith("is pending, not approved")
    assert approve(shop, approval_id)["status"] == "approved"
    assert again(staff, PRICE, CHEAP, approval_id, "k1").status_code == 201
    assert shop.get("/inventory/items/sugar")["price_paise"] == 3_900
    assert again(staff, PRICE, CHEAP, approval_id, "k1").headers["Idempotency-Replayed"] == "true"
    second = again(staff, PRICE, CHEAP, approval_id)
    assert (second.status_code, second.json()["code"]) == (403, "approval_refused")

    audit = shop.get(f"/auth/approvals/{approval_id}")
    assert (audit["status"], audit["asked_by"]) == ("used", staff.user_id)
    assert (audit["decided_by"], audit["note"]) == (shop.user_id, "go on")
    assert audit["asked_at"] < audit["decided_at"] < audit["used_at"]


def test_an_approval_opens_no_other_payload_path_or_person(
    shop: Any, staff: Any, sign_up: Callable[..., Any]
) -> None:
    shop.add_item("salt", cost_paise=4_000)
    approval_id = ask(staff, PRICE, CHEAP)["approval_id"]
    approve(shop, approval_id)
    lower = CHEAP | {"price_paise": 3_899}
    for who, path, body in (
        (staff, PRICE, lower),
        (staff, PRICE, CHEAP | {"reason": "another reason"}),
        (staff, "/pricing/items/salt/price", CHEAP),
        (sign_up("staff", of=shop), PRICE, CHEAP),
    ):
        answer = again(who, path, body, approval_id)
        assert (answer.status_code, answer.json()["code"]) == (403, "approval_refused"), body
    assert again(staff, PRICE, CHEAP, "made-up").json()["code"] == "approval_refused"
    assert again(staff, PRICE, CHEAP, approval_id).status_code == 201


def test_an_approval_of_another_shop_is_not_there(shop: Any, staff: Any, other: Any) -> None:
    approval_id = ask(staff, PRICE, CHEAP)["approval_id"]
    other.get(f"/auth/approvals/{approval_id}", 404)
    for decision in ("approve", "reject"):
        other.post(f"/auth/approvals/{approval_id}/{decision}", {}, 404)
    assert other.get("/auth/approvals")["rows"] == []
    assert shop.get(f"/auth/approvals/{approval_id}")["status"] == "pending"


def test_both_the_asking_and_the_yes_expire(new_api: Callable[..., Any]) -> None:
    api = new_api(approval_minutes=2)
    shop = api.sign_up()
    shop.add_item(cost_paise=4_000)
    staff = api.sign_up("staff", of=shop)
    first = ask(staff, PRICE, CHEAP)["approval_id"]
    api.clock.instant += timedelta(minutes=1)
    assert ask(staff, PRICE, CHEAP)["approval_id"] == first
    api.clock.instant += timedelta(minutes=1)
    late = shop.post(f"/auth/approvals/{first}/approve", {}, 409)
    assert late["detail"] == f"approval '{first}' is expired, not pending"
    second = ask(staff, PRICE, CHEAP)["approval_id"]
    assert second != first
    approve(shop, second)
    api.clock.instant += timedelta(minutes=2)
    assert again(staff, PRICE, CHEAP, second).json()["detail"].endswith("has expired")
    assert shop.get(f"/auth/approvals/{second}")["status"] == "expired"


def test_a_rejected_request_stays_refused(shop: Any, staff: Any) -> None:
    approval_id = ask(staff, PRICE, CHEAP)["approval_id"]
    rejected = shop.post(f"/auth/approvals/{approval_id}/reject", {"note": "no"})
    assert (rejected["status"], rejected["note"]) == ("rejected", "no")
    assert shop.post(f"/auth/approvals/{approval_id}/approve", {}, 409)["code"] == "conflict"
    assert again(staff, PRICE, CHEAP, approval_id).json()["code"] == "approval_refused"
    assert ask(staff, PRICE, CHEAP)["approval_id"] != approval_id


def test_only_owners_decide_and_staff_see_their_own(
    shop: Any, staff: Any, sign_up: Callable[..., Any]
) -> None:
    approval_id = ask(staff, PRICE, CHEAP)["approval_id"]
    for role in ("staff", "accountant", "viewer"):
        someone = sign_up(role, of=shop)
        assert someone.post(f"/auth/approvals/{approval_id}/approve", {}, 403)["code"] == "forbidden"
        assert someone.post(f"/auth/approvals/{approval_id}/reject", {}, 403)["code"] == "forbidden"
        someone.get(f"/auth/approvals/{approval_id}", 404)
        assert someone.get("/auth/approvals")["rows"] == []
    staff.post(f"/auth/approvals/{approval_id}/approve", {}, 403)
    assert staff.get(f"/auth/approvals/{approval_id}")["status"] == "pending"
    assert [row["approval_id"] for row in staff.get("/auth/approvals")["rows"]] == [approval_id]


def test_the_owner_needs_nobodys_word(shop: Any, staff: Any) -> None:
    shop.post(PRICE, CHEAP)
    shop.post(f"{KHATA}/credits", {"amount_paise": 20_000, "over_limit": True})
    shop.post("/sales", {"lines": [{"item_id": "sugar", "quantity_milli": 1_000, "unit_price_paise": 1}]})
    assert shop.get("/auth/approvals")["rows"] == []


def test_staff_price_above_the_floor_which_the_owner_sets(shop: Any, staff: Any) -> None:
    staff.post(PRICE, {"price_paise": 4_000, "reason": "at cost"})
    shop.call("PATCH", "/auth/shop", {"staff_floor_percent": 110})
    assert "below the floor of 4400" in ask(staff, PRICE, {"price_paise": 4_399, "reason": "less"})["detail"]
    staff.post(PRICE, {"price_paise": 4_400, "reason": "at the floor"})
    shop.call("PATCH", "/auth/shop", {"staff_floor_percent": 0})
    staff.post(PRICE, {"price_paise": 1, "reason": "any price"})


def test_a_bill_below_cost_waits_and_moves_nothing(shop: Any, staff: Any) -> None:
    before = shop.on_hand()
    line = {"item_id": "sugar", "quantity_milli": 2_000}
    for cheap in ({"unit_price_paise": 3_999}, {"discount_paise": 1_001}):
        body = {"lines": [line | cheap]}
        problem = ask(staff, "/sales", body)
        assert problem["field"] == "lines.0.unit_price_paise"
        assert shop.on_hand() == before
        approve(shop, problem["approval_id"])
        assert again(staff, "/sales", body, problem["approval_id"]).status_code == 201
        before -= 2_000
        assert shop.on_hand() == before
    staff.post("/sales", {"lines": [line | {"discount_paise": 1_000}]})
    staff.post("/sales", {"lines": [line]})
    odd = {"item_id": "sugar", "quantity_milli": 333, "unit_price_paise": 4_000}
    staff.post("/sales", {"lines": [odd]})


def test_passing_a_limit_waits_for_an_owner_in_the_khata_and_on_a_bill(shop: Any, staff: Any) -> None:
    credit = {"amount_paise": 12_000}
    assert staff.post(f"{KHATA}/credits", credit, 409)["code"] == "credit_limit_exceeded"
    credit["over_limit"] = True
    approval_id = ask(staff, f"{KHATA}/credits", credit)["approval_id"]
    approve(shop, approval_id)
    assert again(staff, f"{KHATA}/credits", credit, approval_id).json()["balance_paise"] == 12_000

    line = {"item_id": "sugar", "quantity_milli": 1_000, "unit_price_paise": 3_000}
    bill = {"lines": [line], "payment": "udhaar", "customer_id": "ramesh", "over_limit": True}
    problem = ask(staff, "/sales", bill)
    card = shop.get(f"/auth/approvals/{problem['approval_id']}")
    assert card["actions"] == ["price_below_floor", "limit_override"]
    approve(shop, problem["approval_id"])
    done = again(staff, "/sales", bill, problem["approval_id"])
    assert done.json()["credit"]["balance_paise"] == 15_000


def test_a_reversal_waits_for_an_owner(shop: Any, staff: Any) -> None:
    entry = staff.post(f"{KHATA}/credits", {"amount_paise": 5_000})["entry"]["entry_id"]
    path, body = f"/udhaar/entries/{entry}/reversal", {"reason": "entered twice"}
    approval_id = ask(staff, path, body)["approval_id"]
    assert shop.get(KHATA)["balance_paise"] == 5_000
    approve(shop, approval_id)
    assert again(staff, path, body, approval_id).json()["balance_paise"] == 0


def test_what_fails_after_the_approval_was_used_gives_it_back(shop: Any, staff: Any) -> None:
    path = f"{KHATA}/credits"
    credit = {"amount_paise": 5_000, "over_limit": True, "due_on": "2020-01-01"}
    approval_id = ask(staff, path, credit)["approval_id"]
    approve(shop, approval_id)
    assert again(staff, path, credit, approval_id).json()["field"] == "due_on"
    assert shop.get(f"/auth/approvals/{approval_id}")["status"] == "approved"


def test_a_request_that_got_worse_since_is_asked_for_anew(shop: Any, staff: Any) -> None:
    line = {"item_id": "sugar", "quantity_milli": 1_000, "unit_price_paise": 4_200}
    bill = {"lines": [line], "payment": "udhaar", "customer_id": "ramesh", "over_limit": True}
    approval_id = ask(staff, "/sales", bill)["approval_id"]
    approve(shop, approval_id)
    shop.call("PATCH", "/auth/shop", {"staff_floor_percent": 110})
    worse = again(staff, "/sales", bill, approval_id).json()
    assert (worse["code"], worse["approval_id"] == approval_id) == ("approval_required", False)
    assert shop.get(f"/auth/approvals/{approval_id}")["status"] == "approved"


def test_a_till_with_a_key_asks_as_staff_do(shop: Any, staff: Any, client: Any) -> None:
    key = shop.post("/auth/api-keys", {"name": "till", "scopes": ["pricing:write"]})["api_key"]
    headers = {"X-Api-Key": key, "Idempotency-Key": "one"}
    problem = client.post(f"/v1{PRICE}", json=CHEAP, headers=headers).json()
    assert problem["code"] == "approval_required"
    approve(shop, problem["approval_id"])
    headers["Approval-Id"] = problem["approval_id"]
    assert client.post(f"/v1{PRICE}", json=CHEAP, headers=headers).status_code == 201


def test_a_bad_approval_id_names_the_header(staff: Any) -> None:
    answer = again(staff, PRICE, CHEAP, "no id")
    assert (answer.status_code, answer.json()["field"]) == (422, "Approval-Id")
