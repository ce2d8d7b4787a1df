"""The Lambda handlers: REST v1, HTTP v2 and ALB events, and the flows of the architecture through them."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from serving.lambdas import Handler, make_handler


class Context:
    """What the runtime hands to a function."""

    function_name = "samaan"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:ap-south-1:123456789012:function:samaan"
    aws_request_id = "5d2f0f5c-0000-0000-0000-000000000000"


def rest_v1(method: str, path: str, headers: dict[str, str], body: str | None) -> dict[str, Any]:
    """Write an event of an API Gateway REST API."""
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/",
            "httpMethod": method,
            "path": path,
            "identity": {"sourceIp": "1.2.3.4"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def http_v2(method: str, path: str, headers: dict[str, str], body: str | None) -> dict[str, Any]:
    """Write an event of an API Gateway HTTP API, its body in base64."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": {
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "1.2.3.4",
                "userAgent": "t",
            },
            "stage": "$default",
        },
        "body": base64.b64encode(body.encode()).decode() if body else None,
        "isBase64Encoded": body is not None,
    }


def load_balancer(method: str, path: str, headers: dict[str, str], body: str | None) -> dict[str, Any]:
    """Write an event of an application load balancer."""
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:x"}},
        "httpMethod": method,
        "path": path,
        "queryStringParameters": {},
        "headers": {name.lower(): value for name, value in headers.items()},
        "body": body or "",
        "isBase64Encoded": False,
    }


EVENTS = {"rest-v1": rest_v1, "http-v2": http_v2, "load-balancer": load_balancer}


class Functions:
    """All functions over one set of ports, called with one kind of event."""

    def __init__(self, wiring: Any, event: Callable[..., dict[str, Any]]) -> None:
        self.event = event
        self.wiring = wiring
        self.handlers: dict[str, Handler] = {}

    def call(
        self, method: str, path: str, token: str = "", body: Any = None, key: str = ""
    ) -> tuple[int, Any]:
        """Invoke the function that the path belongs to."""
        name: Any = path.split("/")[2]
        if name not in self.handlers:
            self.handlers[name] = make_handler(name, wiring=self.wiring)
        headers = {"Content-Type": "application/json", "Host": "api.example"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        event = self.event(method, path, headers, json.dumps(body) if body is not None else None)
        answer = self.handlers[name](event, Context())
        text = answer["body"]
        if answer.get("isBase64Encoded"):
            text = base64.b64decode(text).decode()
        return answer["statusCode"], json.loads(text)


@pytest.mark.parametrize("kind", EVENTS)
def test_a_shops_day_passes_through_the_functions(
    new_api: Callable[..., Any], predictor: Any, kind: str
) -> None:
    predictor.up = True
    functions = Functions(new_api({"predictor": predictor}).wiring, EVENTS[kind])
    person = {"email": "meena@example.in", "password": "correct horse"}
    assert functions.call("POST", "/v1/auth/register", body=person | {"shop_name": "Meena"})[0] == 201
    token = functions.call("POST", "/v1/auth/login", body=person)[1]["access_token"]
    item = {"item_id": "sugar", "name": "Sugar", "price_paise": 4_500, "opening_stock_milli": 90_000}
    assert functions.call("POST", "/v1/inventory/items", token, item)[0] == 201
    for day in range(1, 10):
        line = {"item_id": "sugar", "quantity_milli": 1_000}
        sale = {"lines": [line], "sold_at": f"2026-03-0{day}T06:00:00Z"}
        assert functions.call("POST", "/v1/sales", token, sale, f"bill-{day}")[0] == 201
        assert functions.call("POST", "/v1/sales", token, sale, f"bill-{day}")[0] == 201
    assert functions.call("GET", "/v1/inventory/items/sugar/stock", token)[1]["on_hand_milli"] == 81_000
    status, card = functions.call("POST", "/v1/forecast", token, {"item_ids": ["sugar"], "horizon_days": 7})
    assert (status, card["model_version"]) == (200, "stand-in-1")
    assert functions.call("GET", "/v1/recommendations", token)[0] == 200
    assert functions.call("GET", "/v1/udhaar/customers", token)[1]["rows"] == []
    status, refused = functions.call("GET", "/v1/inventory/items/sugar/stock")
    assert (status, refused["code"]) == (401, "unauthenticated")


def test_a_function_serves_its_own_slice_alone(new_api: Callable[..., Any]) -> None:
    handler = make_handler("inventory", wiring=new_api().wiring)
    answer = handler(rest_v1("GET", "/v1/udhaar/customers", {"Host": "x"}, None), Context())
    assert answer["statusCode"] == 404


def test_an_unknown_handler_is_no_attribute() -> None:
    import serving.lambdas

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = serving.lambdas.nothing
