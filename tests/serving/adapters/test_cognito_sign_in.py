"""Signing in with a second factor through the API: the pool's challenge, then the code."""

from typing import Any

import pytest

from serving.errors import MfaRequired, Unauthenticated
from serving.ports.identity import Tokens


class WithSecondFactor:
    """The shared identity provider, with an authenticator asked for after the password."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def sign_in(self, email: str, password: str, device: str) -> Tokens:
        self._tokens = self._plain.sign_in(email, password, device)
        raise MfaRequired("session-of-" + email)

    def answer_challenge(self, email: str, challenge: str, code: str) -> Tokens:
        if (challenge, code) != ("session-of-" + email, "123456"):
            raise Unauthenticated("the code is wrong")
        tokens: Tokens = self._tokens
        return tokens


@pytest.fixture
def protected(api: Any) -> Any:
    plain = api.wiring.identity
    api.wiring.parts["identity"] = WithSecondFactor(plain)
    yield
    api.wiring.parts["identity"] = plain


def test_a_sign_in_with_a_second_factor_takes_two_requests(client: Any, protected: None) -> None:
    person = {"email": "second-factor@example.in", "password": "kirana-2026"}
    client.post("/v1/auth/register", json={**person, "shop_name": "Two locks"})
    asked = client.post("/v1/auth/login", json=person)
    assert (asked.status_code, asked.json()["code"]) == (401, "mfa_required")
    proof = {**person, "challenge": asked.json()["challenge"]}
    wrong = client.post("/v1/auth/login", json={**proof, "mfa_code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "unauthenticated")
    right = client.post("/v1/auth/login", json={**proof, "mfa_code": "123456"})
    assert right.status_code == 200
    half = client.post("/v1/auth/login", json=proof)
    assert (half.status_code, half.json()["code"]) == (422, "invalid_input")
