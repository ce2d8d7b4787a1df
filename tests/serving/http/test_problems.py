"""Errors as clients meet them: one shape, stable codes, nothing of our inside."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import ForecastAnswer, ForecastRequest
from samaan_ml.explain import Language
from serving.errors import PortError, RequestError, StoreUnavailable
from serving.http.problem_titles import TITLES
from serving.http.problems import PLAIN_CODES, Problem

ROOT = Path(__file__).parents[3]


def assert_problem(answer: Any, status: int, code: str) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    Problem.model_validate(body)
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == answer.headers["X-Request-Id"]
    return body


def test_what_is_not_there_is_a_problem_too(client: TestClient) -> None:
    assert_problem(client.get("/v1/nothing"), 404, "not_found")
    assert_problem(client.put("/v1/sales"), 405, "method_not_allowed")


def test_a_callers_request_id_is_kept_and_a_strange_one_replaced(client: TestClient) -> None:
    assert (
        client.get("/health", headers={"X-Request-Id": "trace-0001"}).headers["X-Request-Id"] == "trace-0001"
    )
    for strange in ("short", "a b c d e f", "x" * 65, "evil\tone"):
        given = client.get("/health", headers={"X-Request-Id": strange}).headers["X-Request-Id"]
        assert given != strange
        assert len(given) == 32


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1,",
        b"",
        b"\xff\xfe",
        b"nul",
        b'{"a":' * 3000,
        b"[" * 100_000,
        b'{"amount_paise": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_json_is_refused(shop: Any, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {shop.token}", "Content-Type": "application/json"}
    answer = shop.client.post("/v1/udhaar/customers/x/credits", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    Problem.model_validate(answer.json())


@pytest.mark.parametrize(
    "text", ['{"name": NaN}', '{"name": Infinity}', '{"name": "\\ud800"}', '{"name": "a\\u0000b"}']
)
def test_values_that_json_should_not_have_are_refused(shop: Any, text: str) -> None:
    headers = {"Authorization": f"Bearer {shop.token}", "Content-Type": "application/json"}
    answer = shop.client.post("/v1/udhaar/customers", content=text, headers=headers)
    assert_problem(answer, 422, "invalid_input")


def test_a_body_declared_too_large_is_refused(shop: Any) -> None:
    headers = {"Authorization": f"Bearer {shop.token}", "Content-Type": "application/json"}
    answer = shop.client.post("/v1/sales", content=b" " * (1_048_576 + 1), headers=headers)
    assert_problem(answer, 413, "body_too_large")


def test_a_body_that_grows_too_large_in_chunks_is_refused_before_its_end(shop: Any) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1
            yield b" " * 65_536

    headers = {"Authorization": f"Bearer {shop.token}", "Content-Type": "application/json"}
    answer = shop.client.post("/v1/sales", content=chunks(), headers=headers)
    assert_problem(answer, 413, "body_too_large")


FORM, JSON = "multipart/form-data; boundary=x", "application/json"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/v1/ocr/bills", FORM),
        ("/v1/sales/imports", FORM),
        ("/v1/sales", JSON),
        ("/v1/udhaar/customers/ramesh/pauses", JSON),
        ("/v1/auth/shops", JSON),
        ("/v1/auth/approvals/one/approve", JSON),
        ("/v1/forecast", JSON),
    ],
)
def test_a_body_is_read_of_nobody_unknown(client: TestClient, shop: Any, path: str, form: str) -> None:
    read = 0

    def body() -> Iterator[bytes]:
        nonlocal read
        for part in (b"--x\r\n", b"--x--\r\n"):
            read += 1
            yield part

    def send(**credentials: str) -> Any:
        return client.post(path, content=body(), headers={"Content-Type": form} | credentials)

    assert_problem(send(), 401, "unauthenticated")
    assert_problem(send(Authorization="Bearer forged"), 401, "unauthenticated")
    assert_problem(send(**{"X-Api-Key": "samaan_unknown.secret"}), 401, "unauthenticated")
    assert read == 0
    assert send(Authorization=f"Bearer {shop.token}").status_code in (400, 422)
    assert read > 0


def test_the_limiter_lets_the_burst_pass_and_tells_when_to_come_again(new_api: Callable[..., Any]) -> None:
    api = new_api(rate_per_second=0.01, rate_burst=20)
    shop = api.sign_up()
    codes = [shop.call("GET", "/inventory/items").status_code for _ in range(21)]
    assert codes == [200] * 20 + [429]
    refused = shop.call("GET", "/inventory/items")
    assert_problem(refused, 429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) >= 1
    assert api.sign_up().call("GET", "/inventory/items").status_code == 200


class Broken:
    """A store that fails in the way it is told to."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*args: object, **kwargs: object) -> None:
            raise self.error

        return fail


def test_a_store_that_is_down_is_503_with_retry_after_and_tells_nothing(new_api: Callable[..., Any]) -> None:
    cause = StoreUnavailable("the database did not answer")
    cause.__cause__ = RuntimeError("password=hunter2 host=10.0.0.7")
    shop = new_api({"items": Broken(cause)}).sign_up()
    answer = shop.call("GET", "/inventory/items")
    assert_problem(answer, 503, "store_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "hunter2" not in answer.text


def test_a_defect_of_ours_is_500_without_its_inside(new_api: Callable[..., Any]) -> None:
    shop = new_api({"items": Broken(RuntimeError("SELECT secret FROM table"))}).sign_up()
    answer = shop.call("GET", "/inventory/items")
    assert_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text


def test_what_a_failing_port_saw_is_not_half_written(new_api: Callable[..., Any]) -> None:
    api = new_api()
    shop = api.sign_up()
    shop.add_item(stock=10_000)
    udhaar = api.wiring.udhaar
    shop.add_customer()
    api.wiring.parts["udhaar"] = _Failing(udhaar)
    body = {
        "lines": [{"item_id": "sugar", "quantity_milli": 1_000}],
        "payment": "udhaar",
        "customer_id": "ramesh",
    }
    assert shop.post("/sales", body, 503, key="bill")["code"] == "store_unavailable"
    assert shop.on_hand() == 10_000
    api.wiring.parts["udhaar"] = udhaar
    assert shop.post("/sales", body, key="bill")["credit"]["balance_paise"] == 4_500
    assert shop.on_hand() == 9_000


class _Failing:
    """Lets reads pass and loses every append."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def append(self, *args: object) -> None:
        raise StoreUnavailable("lost")


def test_every_error_class_has_a_code_of_its_own() -> None:
    def family(root: type) -> Iterator[type]:
        yield root
        for child in root.__subclasses__():
            yield from family(child)

    every = [each for root in (RequestError, PortError) for each in family(root)]
    codes = [
        each.__dict__["code"] for each in every if "code" in each.__dict__
    ]  # others are their parent's kind
    assert "service_unavailable" in codes
    own = [code for code in codes if code != "service_unavailable"]
    assert len(own) == len(set(own))


def test_cross_origin_calls_are_refused_unless_listed(
    new_api: Callable[..., Any], client: TestClient
) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    assert "access-control-allow-origin" not in client.options("/v1/sales", headers=asked).headers
    listed = new_api(cors_origins=("https://shop.example",)).client
    assert "access-control-allow-origin" not in listed.options("/v1/sales", headers=asked).headers
    asked["Origin"] = "https://shop.example"
    answer = listed.options("/v1/sales", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"


def test_health_readiness_and_figures_need_no_token(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json()["parts"]["store"] == "ready"
    assert 'samaan_requests_total{method="GET",route="/health",status="200"}' in client.get("/metrics").text


def test_readiness_says_degraded_without_models_and_down_without_a_store(new_api: Callable[..., Any]) -> None:
    bare = new_api()
    answer = bare.client.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    bare.wiring.parts["transactions"] = Broken(StoreUnavailable("gone"))
    answer = bare.client.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")


def test_the_documentation_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "<script src" not in page.text


def test_the_openapi_document_names_the_problems_of_every_operation(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    assert "HTTPValidationError" not in text
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            if path.startswith("/v1") and operation.get("security"):
                assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), (path, verb)


def documented_codes() -> set[str]:
    """The codes of the reference's table of errors."""
    text = (ROOT / "docs" / "reference" / "api" / "README.md").read_text("utf-8")
    return set(re.findall(r"^\| \d{3} \| `(\w+)` \|", text, re.MULTILINE))


def test_every_documented_code_is_expected_by_some_test_and_no_other_can_be_answered() -> None:
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "serving").rglob("test_*.py"))
    codes = documented_codes()
    assert len(codes) > 20
    assert [code for code in sorted(codes) if f'"{code}"' not in tests] == []

    def below(one: type) -> Iterator[type]:
        for child in one.__subclasses__():
            yield child
            yield from below(child)

    classes = [*below(RequestError), PortError, *below(PortError)]
    assert {each.code for each in classes} | set(PLAIN_CODES) == codes  # type: ignore[attr-defined]


def test_every_code_has_a_title_in_every_language_of_the_shops() -> None:
    assert {"en", *TITLES} == set(get_args(Language))
    for language, titles in TITLES.items():
        assert set(titles) == documented_codes() | {"http_error"}, language
        assert len(set(titles.values())) == len(titles), language
        latin = [title for title in titles.values() if title.isascii()]
        assert bool(latin) == (language == "hi-Latn"), latin


@pytest.mark.parametrize(
    ("accepted", "language", "title"),
    [
        ("hi-IN,en;q=0.5", "hi", "पहले साइन इन करें"),
        ("hi-Latn", "hi-Latn", "Pehle sign in karein"),
        ("fr;q=0.9, ta;q=0.8, en;q=0.1", "ta", "முதலில் உள்நுழையவும்"),
        ("fr", "en", "Sign in first"),
        ("hi;q=0", "en", "Sign in first"),
        (",;=q=,;;;q=1e999", "en", "Sign in first"),
    ],
)
def test_the_title_is_in_the_callers_language_and_the_code_stays(
    client: TestClient, accepted: str, language: str, title: str
) -> None:
    answer = client.get("/v1/inventory/items", headers={"Accept-Language": accepted})
    body = assert_problem(answer, 401, "unauthenticated")
    assert (body["title"], answer.headers["content-language"]) == (title, language)
    assert "Accept-Language" in answer.headers["vary"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_every_kind_of_answer_is_titled(shop: Any) -> None:
    headers = {"Authorization": f"Bearer {shop.token}", "Accept-Language": "hi"}

    def send(path: str, content: bytes, kind: str = "application/json") -> Any:
        return shop.client.post(f"/v1{path}", content=content, headers=headers | {"Content-Type": kind})

    broken = assert_problem(send("/sales", b"{"), 400, "malformed_json")
    assert broken["title"] == TITLES["hi"]["malformed_json"]
    form = send("/sales/imports", b"--nothing", "multipart/form-data")
    assert assert_problem(form, 400, "malformed_request")["title"] == TITLES["hi"]["malformed_request"]
    plan = {"cart": [], "on": "2026-03-10"}
    assert (
        assert_problem(send("/sales", json.dumps(plan).encode()), 422, "invalid_input")["title"]
        == (TITLES["hi"]["invalid_input"])
    )
    nowhere = shop.call("GET", "/nothing", **{"Accept-Language": "mr"})
    assert assert_problem(nowhere, 404, "not_found")["title"] == TITLES["mr"]["not_found"]


def test_what_a_model_refuses_by_a_rule_is_the_callers_to_mend(new_api: Callable[..., Any]) -> None:
    class Strict:
        """A model that answers for fewer items."""

        def forecast(self, request: ForecastRequest) -> ForecastAnswer:
            raise RuleError(f"at most 0 items, got {len(request.items)}", field="items")

        def state(self) -> dict[str, str]:
            return {}

    shop = new_api({"predictor": Strict()}).sign_up()
    shop.add_item()
    shop.sell(sold_at="2026-03-01T06:00:00Z")
    answer = shop.call("POST", "/forecast", {"item_ids": ["sugar"]}, **{"Accept-Language": "te"})
    body = assert_problem(answer, 422, "rule_broken")
    assert (body["field"], body["title"]) == ("items", TITLES["te"]["rule_broken"])
