"""The whole OpenAPI document, fuzzed: no 5xx, no answer outside its schema."""

import os
import tempfile
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving.app import create_app
from serving.settings import Settings
from serving.wiring import Wiring

EXAMPLES = int(os.environ.get("SAMAAN_SCHEMA_EXAMPLES", "3"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class Fuzzed:
    """One application for all operations, its database made by the first request."""

    def __init__(self) -> None:
        self.wiring = Wiring(
            Settings(
                home=Path(tempfile.mkdtemp(prefix="samaan-fuzz-")), rate_per_second=1e6, rate_burst=10**6
            )
        )
        self.app = create_app(wiring=self.wiring)
        self._token = ""

    def token(self) -> str:
        """Sign an owner with some rows in, once."""
        if not self._token:
            from starlette.testclient import TestClient

            self.wiring.start()
            client = TestClient(self.app)
            person = {"email": "meena@example.in", "password": "correct horse"}
            client.post("/v1/auth/register", json=person | {"shop_name": "Meena"}).raise_for_status()
            self._token = client.post("/v1/auth/login", json=person).json()["access_token"]
            headers = {"Authorization": f"Bearer {self._token}"}
            item = {"item_id": "sugar", "name": "Sugar", "price_paise": 4500, "opening_stock_milli": 9000}
            for path, body in (
                ("/v1/inventory/items", item),
                ("/v1/udhaar/customers", {"customer_id": "ramesh", "name": "Ramesh"}),
            ):
                client.post(path, json=body, headers=headers).raise_for_status()
        return self._token


fuzzed = Fuzzed()
schema = schemathesis.openapi.from_dict(fuzzed.app.openapi())
schema.app = fuzzed.app


@schema.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
def test_no_request_breaks_the_api_or_its_schema(case: Any) -> None:
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {fuzzed.token()}"}
    case.call_and_validate(app=fuzzed.app, checks=CHECKS)


def is_public(operation: Any) -> bool:
    """Tell whether the document lets callers in without a token."""
    ways = operation.definition.raw.get("security")
    return not ways or {} in ways


@schema.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
def test_without_a_token_nothing_opens_and_nothing_breaks(case: Any) -> None:
    fuzzed.token()
    forged = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."} if len(str(case.body)) % 2 else {}
    kept = {name: value for name, value in (case.headers or {}).items() if name.lower() != "x-api-key"}
    case.headers = {name: value for name, value in kept.items() if name.lower() != "authorization"} | forged
    answer = case.call(app=fuzzed.app)
    other_method = case.method.upper() != case.operation.method.upper()  # as the fuzzer tries, too
    if is_public(case.operation) or other_method:
        assert answer.status_code < 500
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
