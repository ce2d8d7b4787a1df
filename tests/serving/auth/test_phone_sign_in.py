"""Signing in with a code on the phone, devices, and the log that shows who came in."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from serving.adapters.memory.rate_limiter import MemoryRateLimiter
from serving.errors import ServiceUnavailable


@dataclass
class KeptCodes:
    """A code sender that keeps what it sends."""

    up: bool = True
    sent: dict[str, str] = field(default_factory=dict)

    def send(self, phone: str, code: str) -> None:
        if not self.up:
            raise ServiceUnavailable("switched off")
        self.sent[phone] = code


@pytest.fixture
def codes(api: Any) -> Iterator[KeptCodes]:
    """The codes that the shared application sends, with no call from this address counted yet."""
    kept = KeptCodes()
    ours: dict[str, Any] = {"code_sender": kept, "rate_limiter": MemoryRateLimiter()}
    before = {name: api.wiring.parts[name] for name in ours if name in api.wiring.parts}
    api.wiring.parts.update(ours)
    yield kept
    for name in ours:
        del api.wiring.parts[name]
    api.wiring.parts.update(before)


@pytest.fixture
def phone() -> str:
    """A number nobody used before."""
    return f"+919{secrets.randbelow(10**9):09}"


def ask(client: Any, phone: str, status: int = 202) -> Any:
    answer = client.post("/v1/auth/phone/code", json={"phone": phone})
    assert answer.status_code == status, answer.text
    return answer.json()


def enter(client: Any, code_id: str, code: str, status: int = 200, device: str = "phone") -> Any:
    body = {"code_id": code_id, "code": code, "device": device}
    answer = client.post("/v1/auth/phone/login", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def bearer(tokens: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def test_a_new_number_signs_in_opens_a_shop_and_comes_back_to_it(
    client: Any, codes: KeptCodes, phone: str
) -> None:
    tokens = enter(client, ask(client, phone)["code_id"], codes.sent[phone])
    assert client.get("/v1/auth/me", headers=bearer(tokens)).json()["shops"] == []
    assert client.get("/v1/inventory/items", headers=bearer(tokens)).json()["code"] == "shop_claim_missing"
    opened = client.post("/v1/auth/shops", json={"name": "Kirana"}, headers=bearer(tokens)).json()
    again = enter(client, ask(client, phone.removeprefix("+91"))["code_id"], codes.sent[phone])
    assert client.get("/v1/auth/me", headers=bearer(again)).json()["shop_id"] == opened["shop_id"]


def test_a_code_works_once_and_not_after_five_minutes(
    client: Any, codes: KeptCodes, phone: str, api: Any
) -> None:
    first = ask(client, phone)["code_id"]
    enter(client, first, codes.sent[phone])
    enter(client, first, codes.sent[phone], 401)
    second = ask(client, phone)["code_id"]
    enter(client, first, codes.sent[phone], 401)
    api.clock.instant += timedelta(minutes=5)
    enter(client, second, codes.sent[phone], 401)


def test_a_code_is_not_guessed(client: Any, codes: KeptCodes, phone: str) -> None:
    code_id = ask(client, phone)["code_id"]
    wrong = "000000" if codes.sent[phone] != "000000" else "111111"
    details = {enter(client, code_id, wrong, 401)["detail"] for _ in range(5)}
    details.add(enter(client, code_id, codes.sent[phone], 401)["detail"])
    details.add(enter(client, "nothing", wrong, 401)["detail"])
    assert len(details) == 1


def test_the_sixth_code_within_ten_minutes_is_refused(
    client: Any, codes: KeptCodes, phone: str, api: Any
) -> None:
    for _ in range(5):
        ask(client, phone)
    answer = client.post("/v1/auth/phone/code", json={"phone": phone})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0
    api.clock.instant += timedelta(minutes=10)
    ask(client, phone)


def test_an_address_that_asks_for_many_numbers_is_slowed_down(new_api: Callable[..., Any]) -> None:
    client = new_api({"code_sender": KeptCodes()}).client
    asked = [client.post("/v1/auth/phone/code", json={"phone": f"98{n:08}"}).status_code for n in range(21)]
    assert asked == [202] * 20 + [429]


def test_no_code_lies_in_the_clear_where_codes_are_kept(
    client: Any, codes: KeptCodes, phone: str, api: Any
) -> None:
    code_id = ask(client, phone)["code_id"]
    kept = api.wiring.sign_in_codes.take_try(code_id, api.clock.now(), 5)
    assert codes.sent[phone] not in kept.code_hash
    assert len(kept.code_hash) == 64


def test_while_codes_cannot_be_sent_the_caller_is_told_to_come_again(
    client: Any, codes: KeptCodes, phone: str
) -> None:
    codes.up = False
    answer = client.post("/v1/auth/phone/code", json={"phone": phone})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


@pytest.mark.parametrize("bad", ["12", "+91 98123", "x" * 10])
def test_what_is_no_number_is_named(client: Any, bad: str) -> None:
    assert ask(client, bad, 422)["errors"][0]["field"] == "phone"


def test_a_refresh_token_that_comes_again_after_its_grace_ends_its_family_and_no_other_device(
    client: Any, codes: KeptCodes, phone: str, api: Any
) -> None:
    lost = enter(client, ask(client, phone)["code_id"], codes.sent[phone])
    safe = enter(client, ask(client, phone)["code_id"], codes.sent[phone], device="tablet")
    fresh = client.post("/v1/auth/refresh", json={"refresh_token": lost["refresh_token"]}).json()
    again = client.post("/v1/auth/refresh", json={"refresh_token": lost["refresh_token"]})
    assert again.json()["refresh_token"] == fresh["refresh_token"]
    was = api.clock.instant
    api.clock.instant += timedelta(seconds=61)
    try:
        late = client.post("/v1/auth/refresh", json={"refresh_token": lost["refresh_token"]})
    finally:
        api.clock.instant = was
    assert late.status_code == 401
    assert client.get("/v1/auth/me", headers=bearer(fresh)).status_code == 401
    assert client.get("/v1/auth/me", headers=bearer(safe)).status_code == 200


def test_devices_are_listed_and_ended_one_or_all(client: Any, codes: KeptCodes, phone: str) -> None:
    one, two, three = (
        enter(client, ask(client, phone)["code_id"], codes.sent[phone], device=name)
        for name in ("phone", "tablet", "till")
    )
    rows = client.get("/v1/auth/devices", headers=bearer(three)).json()["rows"]
    assert [(row["device"], row["this_one"]) for row in rows] == [
        ("till", True),
        ("tablet", False),
        ("phone", False),
    ]
    path = f"/v1/auth/devices/{rows[2]['session_id']}"
    assert client.delete(path, headers=bearer(three)).json() == {"done": True}
    assert client.get("/v1/auth/me", headers=bearer(one)).status_code == 401
    assert client.delete(path, headers=bearer(three)).status_code == 404
    assert client.post("/v1/auth/logout-everywhere", headers=bearer(three)).json() == {"done": True}
    for tokens in (two, three):
        assert client.get("/v1/auth/me", headers=bearer(tokens)).status_code == 401
        refreshed = client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        assert refreshed.status_code == 401


def test_a_device_of_somebody_else_is_not_there(shop: Any, other: Any) -> None:
    theirs = other.get("/auth/devices")["rows"][0]["session_id"]
    assert shop.call("DELETE", f"/auth/devices/{theirs}").status_code == 404
    other.get("/auth/devices")


def test_the_owner_sees_who_came_in_and_who_tried(
    client: Any, shop: Any, other: Any, codes: KeptCodes, phone: str
) -> None:
    invited = shop.post("/auth/members", {"phone": phone, "role": "staff"})
    tokens = enter(client, ask(client, phone)["code_id"], codes.sent[phone], device="new phone")
    path = f"/v1/auth/invitations/{invited['invitation_id']}/accept"
    staff = client.post(path, headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    wrong = "000000" if codes.sent[phone] != "000000" else "111111"
    enter(client, ask(client, phone)["code_id"], wrong, 401)
    enter(client, ask(client, phone)["code_id"], codes.sent[phone], device="new phone")
    rows = [row for row in shop.get("/auth/sign-ins")["rows"] if row["user_id"] == staff["user_id"]]
    assert [(row["kind"], row["device"], row["new_device"]) for row in rows] == [
        ("phone", "new phone", False),
        ("wrong_code", "phone", False),
        ("phone", "new phone", True),
    ]
    assert not any(row["user_id"] == staff["user_id"] for row in other.get("/auth/sign-ins")["rows"])


def test_a_wrong_password_shows_in_the_feed(client: Any, shop: Any, api: Any) -> None:
    email = api.wiring.accounts.account(shop.user_id).email
    assert client.post("/v1/auth/login", json={"email": email, "password": "guess"}).status_code == 401
    good = {"email": email, "password": "correct horse battery", "device": "till"}
    assert client.post("/v1/auth/login", json=good).status_code == 200
    rows = shop.get("/auth/sign-ins")["rows"]
    assert [(row["kind"], row["new_device"]) for row in rows] == [
        ("password", True),
        ("wrong_password", False),
    ]


def test_staff_do_not_see_the_feed(shop: Any, sign_up: Callable[..., Any]) -> None:
    assert sign_up("staff", shop).call("GET", "/auth/sign-ins").status_code == 403


def test_a_member_is_named_by_one_address(shop: Any) -> None:
    for body in ({"role": "staff"}, {"role": "staff", "email": "a@b.in", "phone": "9812345678"}):
        assert shop.post("/auth/members", body, 422)["code"]
    unknown = shop.post("/auth/members", {"role": "staff", "phone": "9800000000"})
    assert (unknown["state"], unknown["user_id"]) == ("invited", None)
