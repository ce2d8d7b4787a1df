"""The operator reads about the models; nobody else does."""

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest

EMAIL = "boss@example.in"
PASSWORD = secrets.token_hex(8)


@pytest.fixture(scope="module")
def operated(new_api: Callable[..., Any]) -> Any:
    api = new_api(operators=(EMAIL,))
    body = {"email": EMAIL, "password": PASSWORD, "shop_name": "Head office"}
    api.client.post("/v1/auth/register", json=body)
    return api


def read(api: Any, token: str | None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return api.client.get("/v1/operator/models", headers=headers)


def operators_token(api: Any) -> str:
    return str(
        api.client.post("/v1/auth/login", json={"email": EMAIL, "password": PASSWORD}).json()["access_token"]
    )


def test_the_operator_reads_what_the_pipelines_wrote(operated: Any) -> None:
    written = {
        "schema_version": 1,
        "written": "2026-11-30T18:00:00+00:00",
        "areas": {"demand": {"champion": None}},
    }
    folder = operated.wiring.settings.models_folder
    folder.mkdir(exist_ok=True)
    (folder / "operator.json").write_text(json.dumps(written))
    assert read(operated, operators_token(operated)).json() == written
    (folder / "operator.json").unlink()


def test_before_the_first_run_there_is_nothing_to_read(operated: Any) -> None:
    answer = read(operated, operators_token(operated))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_owner_of_a_shop_is_no_operator(operated: Any) -> None:
    assert read(operated, operated.sign_up().token).status_code == 403


def test_a_stranger_is_refused(operated: Any) -> None:
    assert read(operated, None).status_code == 401
