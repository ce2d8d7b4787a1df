"""API keys: what another program may do for a shop, and what it may not."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

SALE = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}


def a_key(shop: Any, *scopes: str, **more: Any) -> Any:
    """Make a key."""
    return shop.post("/auth/api-keys", {"name": "Till", "scopes": list(scopes), **more})


def ask(shop: Any, key: str, method: str, path: str, body: Any = None) -> Any:
    """Call with a key instead of a token."""
    headers = {"X-Api-Key": key, "Idempotency-Key": path + key[-8:]}
    return shop.client.request(method, f"/v1{path}", json=body, headers=headers)


def test_a_key_does_what_its_scopes_say_and_nothing_else(shop: Any) -> None:
    shop.add_item("sugar")
    key = a_key(shop, "sales:write", "inventory:read")["api_key"]
    assert ask(shop, key, "POST", "/sales", SALE).status_code == 201
    assert ask(shop, key, "GET", "/inventory/items/sugar/stock").json()["on_hand_milli"] == 99_000
    assert ask(shop, key, "GET", "/sales").status_code == 200  # writing holds reading
    for method, path, wanted in (
        ("POST", "/inventory/items", "inventory:write"),
        ("GET", "/udhaar/customers", "udhaar:read"),
        ("GET", "/auth/me", "auth:read"),
        ("POST", "/auth/api-keys", "auth:write"),
    ):
        answer = ask(shop, key, method, path, {})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
        assert wanted in answer.json()["detail"]


def test_a_key_opens_its_own_shop_alone(shop: Any, other: Any) -> None:
    other.add_item("theirs")
    key = a_key(shop, "inventory:read")["api_key"]
    assert ask(shop, key, "GET", "/inventory/items").json()["rows"] == []
    assert ask(shop, key, "GET", "/inventory/items/theirs/stock").status_code == 404
    theirs = a_key(other, "inventory:read")["key_id"]
    for method, path in (
        ("DELETE", f"/auth/api-keys/{theirs}"),
        ("POST", f"/auth/api-keys/{theirs}/rotation"),
    ):
        assert shop.call(method, path, {}).status_code == 404


def test_a_key_is_shown_once_and_no_clear_text_is_kept(shop: Any, wiring: Any) -> None:
    body = {"name": "Till", "scopes": ["sales:read"]}
    made = shop.post("/auth/api-keys", body, key="once")
    again = shop.post("/auth/api-keys", body, key="once")
    assert again["key_id"] == made["key_id"]
    assert again["api_key"] is None
    assert "api_key" not in shop.get("/auth/api-keys")["rows"][0]
    secret = made["api_key"].partition(".")[2]
    with wiring.database.reading() as db:
        for table in ("api_keys", "idempotency_keys"):
            kept = db.execute(sa.text(f"select * from {table}")).all()  # noqa: S608 (our own names)
            assert not any(secret in str(value) for row in kept for value in row)


def test_a_replaced_key_works_until_the_overlap_is_over(shop: Any, clock: Any) -> None:
    old = a_key(shop, "sales:read")
    new = shop.post(f"/auth/api-keys/{old['key_id']}/rotation", {"overlap_minutes": 10})
    assert new["key_id"] != old["key_id"]
    assert [ask(shop, each["api_key"], "GET", "/sales").status_code for each in (old, new)] == [200, 200]
    before = clock.instant
    clock.instant += timedelta(minutes=11)
    try:
        assert [ask(shop, each["api_key"], "GET", "/sales").status_code for each in (old, new)] == [401, 200]
    finally:
        clock.instant = before


def test_a_key_taken_back_or_run_out_opens_nothing(shop: Any, clock: Any) -> None:
    gone, short = a_key(shop, "sales:read"), a_key(shop, "sales:read", expires_in_days=1)
    shop.call("DELETE", f"/auth/api-keys/{gone['key_id']}")
    assert ask(shop, gone["api_key"], "GET", "/sales").status_code == 401
    assert shop.call("POST", f"/auth/api-keys/{gone['key_id']}/rotation", {}).status_code == 409
    before = clock.instant
    clock.instant += timedelta(days=1, minutes=1)
    try:
        assert ask(shop, short["api_key"], "GET", "/sales").status_code == 401
    finally:
        clock.instant = before


@pytest.mark.parametrize(
    "wrong", ["", "samaan_", "samaan_x.y", "{id}", "samaan_{id}", "samaan_{id}.", "samaan_{id}.x"]
)
def test_what_is_no_key_of_ours_opens_nothing(shop: Any, wrong: str) -> None:
    made = a_key(shop, "sales:read")
    answer = ask(shop, wrong.format(id=made["key_id"]), "GET", "/sales")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_only_an_owner_makes_keys(shop: Any, sign_up: Any) -> None:
    for role in ("staff", "accountant", "viewer"):
        member = sign_up(role, of=shop)
        assert member.post("/auth/api-keys", {"name": "x", "scopes": ["sales:read"]}, 403)
        assert member.call("GET", "/auth/api-keys").status_code == 403


def test_a_reading_key_may_not_write_whatever_the_route_allows(shop: Any) -> None:
    shop.add_item("sugar")
    key = a_key(shop, "sales:read")["api_key"]
    assert ask(shop, key, "POST", "/sales", SALE).status_code == 403
    assert shop.on_hand() == 100_000


def test_an_unknown_scope_is_named(shop: Any) -> None:
    answer = shop.post("/auth/api-keys", {"name": "x", "scopes": ["sales:read", "auth:write"]}, 422)
    assert answer["field"] == "scopes.1"
