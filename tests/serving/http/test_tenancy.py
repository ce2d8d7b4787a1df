"""No operation ever gives one shop a row of another, whatever the ids and claims."""

import inspect
import secrets
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import serving
from serving.app import create_app
from serving.http.approving import TheApproving
from serving.http.depends import Owner, TheCaller, TheWrite, Writer

PUBLIC = {
    "/v1/auth/register",
    "/v1/auth/login",
    "/v1/auth/phone/code",
    "/v1/auth/phone/login",
    "/v1/auth/refresh",
    "/v1/auth/logout",
    "/v1/auth/jwks.json",
    "/v1/udhaar/khata-keys",
}


def operations() -> Iterator[tuple[str, str]]:
    """Name each operation under /v1 that needs a token."""
    for path, verbs in create_app().openapi()["paths"].items():
        if path.startswith("/v1") and path not in PUBLIC:
            yield from ((verb.upper(), path.removeprefix("/v1")) for verb in verbs)


ALL = sorted(operations())
BODIES: dict[str, Any] = {
    "/forecast": {"item_ids": ["secret-item"]},
    "/pricing/recommend": {"item_ids": ["secret-item"]},
    "/pricing/items/{item_id}/price": {"price_paise": 1, "reason": "because"},
    "/pricing/changes/{change_id}/rollback": {"reason": "because"},
    "/pricing/items/{item_id}/planned-prices": {
        "price_paise": 1,
        "from_on": "2026-04-01",
        "reason": "because",
    },
    "/pricing/advice/{advice_id}/plan": {"from_on": "2026-04-01"},
    "/pricing/planned-prices/{plan_id}/withdrawal": {"reason": "because"},
    "/inventory/items/{item_id}": {"name": "mine now"},
    "/inventory/items/{item_id}/counts": {"counted_milli": 0},
    "/inventory/items/{item_id}/batches": {"quantity_milli": 1},
    "/inventory/adjustments": {
        "adjustments": [
            {"item_id": "secret-item", "kind": "theft", "quantity_milli": 1, "at": "2026-03-09T06:00:00Z"}
        ],
        "atomic": True,
    },
    "/inventory/movements": {"movements": [{"item_id": "secret-item", "kind": "theft", "quantity_milli": 1}]},
    "/sales": {"lines": [{"item_id": "secret-item", "quantity_milli": 1}]},
    "/sales/{sale_id}/cancel": {"reason": "because"},
    "/sales/{sale_id}/returns": {
        "lines": [{"item_id": "secret-item", "quantity_milli": 1}],
        "reason": "because",
    },
    "/auth/approvals/{approval_id}/approve": {"note": "mine now"},
    "/auth/approvals/{approval_id}/reject": {},
    "/auth/api-keys/{key_id}/rotation": {"overlap_minutes": 0},
    "/udhaar/customers/{customer_id}": {"name": "mine now"},
    "/udhaar/customers/{customer_id}/credits": {"amount_paise": 1},
    "/udhaar/customers/{customer_id}/payments": {"amount_paise": 1},
    "/udhaar/customers/{customer_id}/write-offs": {"amount_paise": 1, "reason": "because"},
    "/udhaar/customers/{customer_id}/limit-check": {"amount_paise": 1},
    "/udhaar/entries/{entry_id}/reversal": {"reason": "because"},
    "/udhaar/customers/{customer_id}/settlement": {"paid_paise": 1, "reason": "because"},
    "/udhaar/customers/{customer_id}/promises": {"amount_paise": 1, "pay_by": "2026-03-20"},
    "/udhaar/customers/{customer_id}/pauses": {
        "start_on": "2026-03-20",
        "end_on": "2026-03-21",
        "reason": "because",
    },
    "/udhaar/customers/{customer_id}/reminders": {"channel": "sms"},
    "/udhaar/customers/{customer_id}/khata/comparison": {"statement": "KHATA1:x.y"},
    "/udhaar/entries/{entry_id}/disputes": {"reason": "because"},
    "/udhaar/events/{event_id}/closing": {"outcome": "because"},
    "/recommendations/{recommendation}/decision": {"choice": "dismissed"},
    "/alerts/{alert_id}/snooze": {"hours": 1},
    "/orders/{order_id}": {"note": "mine now"},
    "/orders/{order_id}/lines": {"lines": [{"item_id": "secret-item", "quantity_milli": 1}]},
    "/orders/{order_id}/place": {},
    "/orders/{order_id}/receipts": {"lines": [{"item_id": "secret-item", "quantity_milli": 1}]},
    "/orders/{order_id}/cancel": {"reason": "because"},
    "/sales/imports/{import_id}/read": {},
    "/sales/imports/{import_id}/confirm": {"create_items": True},
    "/ocr/bills/{bill_id}": {"changes": {"total": 1}},
    "/ocr/bills/{bill_id}/confirm": {"lines": [{"line": 0, "item_id": "secret-item", "quantity_milli": 1}]},
}


QUERIES = {
    "/forecast/items/{item_id}/snapshot": "?as_of=2026-03-10",
    "/inventory/search": "?q=secret",
    "/sales/closings": "?start=2026-01-01&end=2026-03-31",
    "/sales/gst": "?start=2026-01-01&end=2026-03-31",
    "/udhaar/customers/search": "?q=secret",
}
"""What must be asked besides the path."""


def a_picture() -> bytes:
    """A small grey PNG."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    width = height = 64
    rows = b"".join(b"\x00" + secrets.token_bytes(width) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def rich(shop: Any, sign_up: Callable[..., Any]) -> dict[str, str]:
    """A shop with one of everything, by the names of the path parameters."""
    shop.add_item("secret-item", cost_paise=4_000)
    shop.add_customer("secret-customer")
    entry = shop.post("/udhaar/customers/secret-customer/credits", {"amount_paise": 77_777, "note": "secret"})
    sale = shop.sell("secret-item")
    advice = shop.post("/pricing/recommend", {"item_ids": ["secret-item"]})["rows"][0]["advice_id"]
    change = shop.post("/pricing/items/secret-item/price", {"price_paise": 4_400, "reason": "secret"})
    ahead = {"price_paise": 4_500, "from_on": "2026-04-01", "reason": "a secret"}
    plan = shop.post("/pricing/items/secret-item/planned-prices", ahead)["plan_id"]
    forecast = shop.post("/forecast", {"item_ids": ["secret-item"], "horizon_days": 14}, 200)
    shop.post("/udhaar/customers/secret-customer/credits", {"amount_paise": 5, "at": "2026-01-02T06:00:00Z"})
    pause = {"start_on": "2026-03-20", "end_on": "2026-03-21", "reason": "a secret"}
    event = shop.post("/udhaar/customers/secret-customer/pauses", pause)["event_id"]
    shop.post("/alerts/refresh", {})
    alert = shop.get("/alerts")["rows"][0]["alert_id"]
    sheet = {"file": ("s.csv", b"date,item_id,quantity,price\n2026-01-02,secret-item,1,45\n")}
    sheet_id = shop.upload("/sales/imports", sheet)["import_id"]
    bill_id = shop.upload("/ocr/bills", {"image": ("b.png", a_picture())})["bill_id"]
    cheap = {"price_paise": 1, "reason": "a secret"}
    invited = shop.post("/auth/members", {"email": "somebody@example.in", "role": "staff"})
    asked = sign_up("staff", of=shop).post("/pricing/items/secret-item/price", cheap, 403)
    order = shop.post("/orders", {"lines": [{"item_id": "secret-item", "quantity_milli": 1_000}]})
    return {
        "order_id": order["order_id"],
        "approval_id": asked["approval_id"],
        "alert_id": alert,
        "import_id": sheet_id,
        "bill_id": bill_id,
        "supplier_id": "secret-supplier",
        "recommendation": "overdue:secret-customer",
        "item_id": "secret-item",
        "customer_id": "secret-customer",
        "entry_id": entry["entry"]["entry_id"],
        "event_id": event,
        "sale_id": sale["sale_id"],
        "advice_id": advice,
        "change_id": change["change_id"],
        "plan_id": plan,
        "forecast_id": forecast["items"][0]["forecast_id"],
        "user_id": shop.user_id,
        "shop_id": shop.shop_id,
        "invitation_id": invited["invitation_id"],
        "session_id": shop.get("/auth/devices")["rows"][0]["session_id"],
        "job_id": shop.post("/forecast/jobs", {}, 202)["job_id"],
        "key_id": shop.post("/auth/api-keys", {"name": "till", "scopes": ["sales:read"]})["key_id"],
    }


@pytest.mark.parametrize(("method", "path"), ALL)
def test_an_operation_needs_a_token(client: Any, method: str, path: str) -> None:
    answer = client.request(method, f"/v1{path}".replace("{", "").replace("}", ""), json=BODIES.get(path))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_ids_of_another_shop_are_not_found(rich: dict[str, str], other: Any) -> None:
    for method, path in ALL:
        if method == "PUT" or ("{" not in path and (method == "GET" or path not in BODIES)):
            continue
        answer = other.call(method, path.format_map(rich) + QUERIES.get(path, ""), BODIES.get(path))
        assert answer.status_code == 404, (method, path, answer.text)
        assert "secret" not in answer.text.replace("secret-item", "").replace("secret-customer", ""), (
            method,
            path,
        )


def test_lists_of_another_shop_are_empty(rich: dict[str, str], other: Any) -> None:
    for method, path in ALL:
        if method == "GET" and "{" not in path:
            answer = other.call(method, path + QUERIES.get(path, ""))
            assert answer.status_code == 200, (path, answer.text)
            assert not any(value in answer.text for value in rich.values()), path


def test_a_body_or_header_never_chooses_the_shop(shop: Any, other: Any) -> None:
    other.add_item("theirs")
    for headers in (
        {"X-Shop-Id": other.shop_id},
        {"custom:shopId": other.shop_id},
        {"Shop-Id": other.shop_id},
    ):
        assert shop.call("GET", "/inventory/items", **headers).json()["rows"] == []
    body = {"name": "Mine", "price_paise": 1, "shop_id": other.shop_id}
    assert shop.post("/inventory/items", body, 422)["field"] == "shop_id"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    claim=st.one_of(
        st.none(),
        st.integers(),
        st.booleans(),
        st.text(max_size=40),
        st.lists(st.text(max_size=5), max_size=2),
    )
)
def test_no_invented_shop_claim_opens_another_shop(api: Any, other: Any, claim: Any) -> None:
    """Even a token signed with the right key shows only what its own claim names."""
    import jwt

    other.add_item("theirs") if other.call("GET", "/inventory/items/theirs").status_code == 404 else None
    kid, key = api.wiring.identity._signing_key()
    claims = jwt.decode(other.token, options={"verify_signature": False})
    claims["custom:shopId"] = claim
    if claim is None:
        del claims["custom:shopId"]
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})
    answer = api.client.get("/v1/inventory/items", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (200, 401, 403)
    assert "theirs" not in answer.text


def forged(api: Any, caller: Any) -> Iterator[tuple[str, str]]:
    """Name tokens that prove nothing: each differs from a genuine one in a single thing."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric import rsa

    kid, key = api.wiring.identity._signing_key()
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    claims = jwt.decode(caller.token, options={"verify_signature": False})

    def signed(
        changes: dict[str, Any], with_key: Any = key, algorithm: str = "RS256", key_id: str = kid
    ) -> str:
        return jwt.encode(claims | changes, with_key, algorithm=algorithm, headers={"kid": key_id})

    yield "no algorithm", signed({}, with_key=None, algorithm="none")
    yield "another audience", signed({"aud": "somebody-else"})
    yield "another issuer", signed({"iss": "somebody-else"})
    yield "expired", signed({"exp": claims["iat"] - 10})
    yield "an unknown key", signed({}, with_key=stranger, key_id="unknown")
    yield "a stranger's signature under our key's id", signed({}, with_key=stranger)
    yield "a secret made of our public key's id", signed({}, with_key=kid.ljust(64, "x"), algorithm="HS256")
    yield "an ended session", signed({"origin_jti": "never-begun"})
    yield "another person's session", signed({"sub": "somebody-else"})


def test_no_forged_token_opens_any_operation(api: Any, shop: Any) -> None:
    assert shop.call("GET", "/inventory/items").status_code == 200
    for what, token in forged(api, shop):
        headers = {"Authorization": f"Bearer {token}"}
        for method, path in ALL:
            url = f"/v1{path}".replace("{", "").replace("}", "")
            answer = api.client.request(method, url, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), (
                what,
                method,
                path,
            )


def test_a_token_without_a_shop_reads_and_writes_nothing_of_any(api: Any, shop: Any) -> None:
    import jwt

    shop.add_item("secret-item")
    kid, key = api.wiring.identity._signing_key()
    claims = jwt.decode(shop.token, options={"verify_signature": False})
    del claims["custom:shopId"]
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})
    refused = 0
    for method, path in ALL:
        if path.startswith("/auth/"):
            continue  # opening a first shop is what such a token is for
        url = f"/v1{path}".replace("{", "").replace("}", "")
        body = BODIES.get(path)
        answer = api.client.request(method, url, json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (403, 422), (method, path, answer.text)
        if answer.status_code == 403:
            assert answer.json()["code"] == "shop_claim_missing"
            refused += 1
        assert "secret-item" not in answer.text
    assert refused > 40


def test_every_write_of_a_shop_names_its_caller_first() -> None:
    writes = 0
    for path in sorted(Path(serving.__file__).parent.glob("*/*router.py")):
        module = import_module(f"serving.{path.parent.name}.{path.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            kinds = [each.annotation for each in inspect.signature(function).parameters.values()]
            for needy in (TheWrite, TheApproving):
                if needy in kinds:
                    callers = [kinds.index(kind) for kind in (Owner, Writer, TheCaller) if kind in kinds]
                    assert callers, f"{module.__name__}.{name} names no caller"
                    assert min(callers) < kinds.index(needy), f"{module.__name__}.{name}"
                    writes += 1
    assert writes > 40
