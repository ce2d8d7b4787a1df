"""The web app's sign-in: its refresh token is a cookie that no script can read."""

import secrets
from typing import Any

from starlette.testclient import TestClient

PASSWORD = "correct horse battery"


def sign_in_on_the_web(client: TestClient) -> Any:
    email = f"{secrets.token_hex(8)}@example.in"
    body = {"email": email, "password": PASSWORD, "shop_name": "Meena Store"}
    client.post("/v1/auth/register", json=body)
    return client.post("/v1/auth/login", json={"email": email, "password": PASSWORD, "client": "web"})


def cookie_of(answer: Any) -> str:
    return str(answer.headers["set-cookie"]).split("samaan_refresh=")[1].split(";")[0]


def refresh(client: TestClient, cookie: str) -> Any:
    return client.post("/v1/auth/refresh", json={}, headers={"Cookie": f"samaan_refresh={cookie}"})


def test_a_web_sign_in_hides_the_refresh_token_from_scripts(client: TestClient) -> None:
    answer = sign_in_on_the_web(client)
    assert answer.json()["refresh_token"] == ""
    attributes = answer.headers["set-cookie"].lower()
    for wanted in ("httponly", "secure", "samesite=strict", "path=/v1/auth/refresh", "max-age="):
        assert wanted in attributes


def test_the_cookie_renews_the_token_and_is_renewed(client: TestClient) -> None:
    answer = refresh(client, cookie_of(sign_in_on_the_web(client)))
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] == ""
    assert refresh(client, cookie_of(answer)).status_code == 200


def test_a_refresh_without_token_and_cookie_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/auth/refresh", json={})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_device_that_was_signed_out_learns_that_it_was(client: TestClient) -> None:
    signed_in = sign_in_on_the_web(client)
    bearer = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    mine = client.get("/v1/auth/devices", headers=bearer).json()["rows"][0]["session_id"]
    client.delete(f"/v1/auth/devices/{mine}", headers=bearer)
    answer = refresh(client, cookie_of(signed_in))
    assert (answer.status_code, answer.json()["code"]) == (401, "session_revoked")


def test_signing_out_ends_the_session_of_the_access_token_and_clears_the_cookie(client: TestClient) -> None:
    signed_in = sign_in_on_the_web(client)
    bearer = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    answer = client.post("/v1/auth/logout", json={}, headers=bearer)
    assert answer.status_code == 200
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert refresh(client, cookie_of(signed_in)).status_code == 401
