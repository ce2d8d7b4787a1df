"""Signing up and in, tokens, members and shops."""

import base64
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.testclient import TestClient

from serving.settings import Settings
from serving.wiring import Wiring

PASSWORD = "correct horse battery"


def an_email() -> str:
    return f"{secrets.token_hex(8)}@example.in"


def register(client: TestClient, email: str, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"email": email, "password": PASSWORD, "shop_name": "Meena Store"}
    return client.post("/v1/auth/register", json=body, headers=headers)


def login(client: TestClient, email: str, password: str = PASSWORD) -> Any:
    return client.post("/v1/auth/login", json={"email": email, "password": password})


def me(client: TestClient, token: str) -> Any:
    return client.get("/v1/auth/me", headers={"Authorization": f"Bearer {token}"})


def test_a_person_registers_signs_in_and_owns_the_shop(client: TestClient) -> None:
    email = an_email()
    registered = register(client, email)
    assert registered.status_code == 201
    who = me(client, login(client, email.upper()).json()["access_token"]).json()
    assert who["shop_id"] == registered.json()["shop_id"]
    assert who["role"] == "owner"


def test_registering_an_address_twice_is_refused_and_a_repeated_key_is_replayed(client: TestClient) -> None:
    email, key = an_email(), secrets.token_hex(8)
    first = register(client, email, key)
    again = register(client, email, key)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    refused = register(client, email)
    assert refused.status_code == 409
    assert refused.json()["code"] == "already_exists"
    assert refused.json()["field"] == "email"


@pytest.mark.parametrize("password", ["wrong password", "correct horse batterY"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: TestClient, password: str
) -> None:
    email = an_email()
    register(client, email)
    wrong, unknown = login(client, email, password), login(client, an_email(), password)
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]


def test_guesses_on_one_account_are_slowed_down(client: TestClient) -> None:
    email = an_email()
    answers = [login(client, email, "guess guess").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


def test_a_refresh_token_works_once_and_its_later_reuse_ends_the_family(
    client: TestClient, clock: Any
) -> None:
    email = an_email()
    register(client, email)
    first = login(client, email).json()
    second = client.post("/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}).json()
    assert me(client, second["access_token"]).status_code == 200
    clock.instant += timedelta(seconds=61)
    stolen = client.post("/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert stolen.status_code == 401
    assert client.post("/v1/auth/refresh", json={"refresh_token": second["refresh_token"]}).status_code == 401
    assert me(client, second["access_token"]).status_code == 401


def test_a_refresh_whose_answer_was_lost_gets_the_same_pair_again(client: TestClient, clock: Any) -> None:
    email = an_email()
    register(client, email)
    first = login(client, email).json()["refresh_token"]
    refresh = lambda token: client.post("/v1/auth/refresh", json={"refresh_token": token})  # noqa: E731
    lost = refresh(first).json()
    clock.instant += timedelta(seconds=30)
    assert refresh(first).json() == lost
    bearer = {"Authorization": f"Bearer {lost['access_token']}"}
    assert client.get("/v1/auth/me", headers=bearer).status_code == 200
    following = refresh(lost["refresh_token"])
    assert following.status_code == 200
    assert refresh(first).status_code == 401
    assert refresh(following.json()["refresh_token"]).status_code == 401


def test_logging_out_ends_the_session_at_once(client: TestClient) -> None:
    email = an_email()
    register(client, email)
    tokens = login(client, email).json()
    assert client.post("/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]}).json() == {
        "done": True
    }
    assert me(client, tokens["access_token"]).status_code == 401
    assert client.post("/v1/auth/logout", json={"refresh_token": "no.such"}).status_code == 200


def test_the_published_keys_verify_the_tokens(client: TestClient, shop: Any) -> None:
    keys = jwt.PyJWKSet.from_dict(client.get("/v1/auth/jwks.json").json())
    header = jwt.get_unverified_header(shop.token)
    assert header["alg"] == "RS256"
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(shop.token, keys[header["kid"]], ["RS256"], audience="samaan-api", options=options)
    assert claims["custom:shopId"] == shop.shop_id
    assert claims["token_use"] == "id"


def forged(
    wiring: Wiring, shop: Any, key: Any = None, kid: str | None = None, alg: str = "RS256", **changes: Any
) -> str:
    """Sign the shop's claims again, changed, with the issuer's own key or another."""
    own_kid, own_key = wiring.identity._signing_key()  # type: ignore[attr-defined]
    claims = jwt.decode(shop.token, options={"verify_signature": False})
    claims |= changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key or own_key, algorithm=alg, headers={"kid": kid or own_kid})


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"aud": "another-api"}, 401, "unauthenticated"),
        ({"iss": "another-issuer"}, 401, "unauthenticated"),
        ({"exp": 1_000_000_000}, 401, "unauthenticated"),
        ({"exp": None}, 401, "unauthenticated"),
        ({"token_use": "access"}, 401, "unauthenticated"),
        ({"token_use": None}, 401, "unauthenticated"),
        ({"origin_jti": "no-such-session"}, 401, "unauthenticated"),
        ({"sub": "somebody-else"}, 401, "unauthenticated"),
        ({"custom:role": "emperor"}, 401, "unauthenticated"),
        ({"custom:shopId": 7}, 401, "unauthenticated"),
        ({"custom:shopId": None}, 403, "shop_claim_missing"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(
    wiring: Wiring, shop: Any, change: dict[str, Any], status: int, code: str
) -> None:
    shop.token = forged(wiring, shop, **change)
    assert shop.get("/inventory/items", status)["code"] == code


def test_a_token_of_another_key_is_refused(wiring: Wiring, shop: Any) -> None:
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    genuine = shop.token
    for kid in (None, "unknown-kid"):
        shop.token = genuine
        shop.token = forged(wiring, shop, key=stranger, kid=kid)
        assert shop.get("/inventory/items", 401)["code"] == "unauthenticated"


def test_an_unsigned_token_is_refused(shop: Any) -> None:
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    )
    shop.token = f"{header}.{shop.token.split('.')[1]}."
    assert shop.get("/inventory/items", 401)["code"] == "unauthenticated"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\u0000", "é", "Bearer"])
def test_a_text_that_is_no_token_is_refused(client: TestClient, token: str) -> None:
    answer = client.get("/v1/inventory/items", headers={"Authorization": f"Bearer {token}".encode()})
    assert answer.status_code == 401


def test_a_refresh_token_expires(client: TestClient, settings: Settings, clock: Any) -> None:
    email = an_email()
    register(client, email)
    token = login(client, email).json()["refresh_token"]
    was = clock.instant
    try:
        clock.instant += timedelta(days=settings.refresh_token_days, minutes=1)
        assert client.post("/v1/auth/refresh", json={"refresh_token": token}).status_code == 401
    finally:
        clock.instant = was


def test_an_owner_switches_between_own_shops_and_to_no_other(client: TestClient, other: Any) -> None:
    email = an_email()
    register(client, email)
    tokens = login(client, email).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}", "Idempotency-Key": "second"}
    second = client.post("/v1/auth/shops", json={"name": "Second"}, headers=headers).json()
    body = {"refresh_token": tokens["refresh_token"], "shop_id": second["shop_id"]}
    switched = client.post("/v1/auth/refresh", json=body).json()
    assert me(client, switched["access_token"]).json()["shop_id"] == second["shop_id"]
    body = {"refresh_token": switched["refresh_token"], "shop_id": other.shop_id}
    assert client.post("/v1/auth/refresh", json=body).status_code == 404


def test_staff_may_sell_and_may_not_change_rules(shop: Any, sign_up: Callable[..., Any]) -> None:
    shop.add_item()
    staff, viewer = sign_up("staff", of=shop), sign_up("viewer", of=shop)
    staff.sell()
    assert staff.call("PATCH", "/auth/shop", {"negative_stock": "block"}).status_code == 403
    assert (
        viewer.call("POST", "/sales", {"lines": [{"item_id": "sugar", "quantity_milli": 1}]}).status_code
        == 403
    )
    assert len(viewer.get("/inventory/items")["rows"]) == 1


def joins(client: TestClient, shop: Any, email: str, role: str) -> Any:
    """Invite a person who then accepts."""
    invited = shop.post("/auth/members", {"email": email, "role": role})
    bearer = {"Authorization": f"Bearer {login(client, email).json()['access_token']}"}
    path = f"/v1/auth/invitations/{invited['invitation_id']}/accept"
    answer = client.post(path, headers=bearer)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_nobody_becomes_a_member_without_saying_yes(client: TestClient, shop: Any) -> None:
    email, stranger = an_email(), an_email()
    own_shop = register(client, email).json()["shop_id"]
    register(client, stranger)
    known = shop.post("/auth/members", {"email": email, "role": "staff"})
    unknown = shop.post("/auth/members", {"email": an_email(), "role": "staff"})
    assert {name for name in known if known[name] != unknown[name]} == {"invitation_id"}
    assert [row["user_id"] for row in shop.get("/auth/members")["rows"]] == [shop.user_id]
    token = login(client, email).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    [offer] = client.get("/v1/auth/invitations", headers=bearer).json()["rows"]
    assert (offer["shop_id"], offer["role"]) == (shop.shop_id, "staff")
    path = f"/v1/auth/invitations/{offer['invitation_id']}"
    theirs = {"Authorization": f"Bearer {login(client, stranger).json()['access_token']}"}
    assert client.post(f"{path}/accept", headers=theirs).status_code == 404
    assert client.post(f"{path}/accept", headers=bearer).json()["role"] == "staff"
    assert client.post(f"{path}/accept", headers=bearer).status_code == 404
    assert me(client, login(client, email).json()["access_token"]).json()["shop_id"] == own_shop
    left = client.post(f"/v1/auth/shops/{shop.shop_id}/leave", headers=bearer)
    assert left.json() == {"done": True}
    assert [row["user_id"] for row in shop.get("/auth/members")["rows"]] == [shop.user_id]


def test_an_invitation_can_be_declined_withdrawn_and_runs_out(
    client: TestClient, shop: Any, clock: Any
) -> None:
    email = an_email()
    register(client, email)
    bearer = {"Authorization": f"Bearer {login(client, email).json()['access_token']}"}

    def invited() -> str:
        made: str = shop.post("/auth/members", {"email": email, "role": "staff"})["invitation_id"]
        return made

    def answer(how: str, invitation_id: str) -> int:
        path = f"/v1/auth/invitations/{invitation_id}/{how}"
        return client.post(path, headers=bearer).status_code

    declined = invited()
    assert answer("decline", declined) == 201
    assert answer("accept", declined) == 404
    replaced, withdrawn = invited(), invited()
    assert answer("accept", replaced) == 404
    assert [row["invitation_id"] for row in shop.get("/auth/members/invitations")["rows"]] == [withdrawn]
    assert shop.call("DELETE", f"/auth/members/invitations/{withdrawn}").status_code == 200
    assert answer("accept", withdrawn) == 404


def test_a_member_is_added_changed_and_removed_but_the_last_owner_stays(
    client: TestClient, shop: Any
) -> None:
    email = an_email()
    register(client, email)
    member = joins(client, shop, email, "staff")
    roles = {row["user_id"]: row["role"] for row in shop.get("/auth/members")["rows"]}
    assert roles == {shop.user_id: "owner", member["user_id"]: "staff"}
    assert shop.call("DELETE", f"/auth/members/{shop.user_id}").status_code == 409
    assert shop.call("DELETE", f"/auth/members/{member['user_id']}").json() == {"done": True}
    assert shop.call("DELETE", f"/auth/members/{member['user_id']}").status_code == 404


def test_a_token_has_the_role_of_now_and_opens_nothing_once_its_person_was_taken_out(
    client: TestClient, shop: Any
) -> None:
    email = an_email()
    own_shop = register(client, email).json()["shop_id"]
    member = joins(client, shop, email, "owner")
    refreshed = {"refresh_token": login(client, email).json()["refresh_token"], "shop_id": shop.shop_id}
    tokens = client.post("/v1/auth/refresh", json=refreshed).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    item = {"name": "Sugar", "price_paise": 1}
    assert client.get("/v1/auth/api-keys", headers=bearer).status_code == 200
    shop.post("/auth/members", {"email": email, "role": "viewer"})
    assert client.get("/v1/auth/api-keys", headers=bearer).status_code == 403
    assert client.post("/v1/inventory/items", json=item, headers=bearer).status_code == 403
    assert me(client, tokens["access_token"]).json()["role"] == "viewer"
    assert client.get("/v1/inventory/items", headers=bearer).status_code == 200
    shop.call("DELETE", f"/auth/members/{member['user_id']}")
    for path in ("/v1/inventory/items", "/v1/auth/me"):
        assert client.get(path, headers=bearer).json()["code"] == "unauthenticated"
    refreshed = {"refresh_token": tokens["refresh_token"]}
    again = client.post("/v1/auth/refresh", json=refreshed).json()["access_token"]
    assert me(client, again).json()["shop_id"] == own_shop


def test_a_state_without_a_calendar_is_refused_where_it_is_entered(client: TestClient, shop: Any) -> None:
    refused = shop.call("PATCH", "/auth/shop", {"region": "ZZ"})
    assert (refused.status_code, refused.json()["field"]) == (422, "region")
    assert shop.call("POST", "/auth/shops", {"name": "Second", "region": "XX"}).json()["field"] == "region"
    assert shop.call("PATCH", "/auth/shop", {"region": "WB"}).json()["region"] == "WB"
    assert shop.call("POST", "/alerts/refresh", {}).status_code in (200, 201)


def test_the_rules_of_the_shop_are_read_and_changed(shop: Any) -> None:
    changed = shop.call("PATCH", "/auth/shop", {"over_limit": "block", "upi_id": "meena@okbank"}).json()
    assert (changed["over_limit"], changed["upi_id"]) == ("block", "meena@okbank")
    assert shop.get("/auth/shop") == changed
    assert shop.call("PATCH", "/auth/shop", {"zone": "Mars/Olympus"}).json()["field"] == "zone"


def test_no_password_lies_in_the_database(client: TestClient, settings: Settings) -> None:
    register(client, an_email(), key="secret-search")
    raw = b"".join(path.read_bytes() for path in settings.home.glob("samaan.db*"))
    assert PASSWORD.encode() not in raw
    assert b"$argon2id$" in raw


def test_a_web_page_has_its_refresh_token_in_a_cookie_that_no_script_reads(api: Any) -> None:
    email = an_email()
    with TestClient(api.client.app, base_url="https://shop.example") as page:
        register(page, email)
        signed_in = page.post("/v1/auth/login", json={"email": email, "password": PASSWORD, "client": "web"})
        assert signed_in.json()["refresh_token"] == ""
        cookie = signed_in.headers["set-cookie"].lower()
        for word in ("httponly", "secure", "samesite=strict", "path=/v1/auth/refresh;", "max-age="):
            assert word in cookie + ";"
        again = page.post("/v1/auth/refresh", json={})
        assert (again.status_code, again.json()["refresh_token"]) == (200, "")
        bearer = {"Authorization": f"Bearer {again.json()['access_token']}"}
        assert page.get("/v1/auth/me", headers=bearer).status_code == 200
        assert page.post("/v1/auth/logout", json={}, headers=bearer).status_code == 200
        assert page.get("/v1/auth/me", headers=bearer).status_code == 401
        assert page.post("/v1/auth/refresh", json={}).status_code == 401
