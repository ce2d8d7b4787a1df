"""Events as API Gateway and load balancers send them, and functions that are called with them."""

import base64
import json
from collections.abc import Callable
from typing import Any

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
        self,
        method: str,
        path: str,
        token: str = "",
        body: Any = None,
        key: str = "",
        file: tuple[str, bytes] | None = None,
    ) -> tuple[int, Any]:
        """Invoke the function that the path belongs to."""
        name: Any = path.split("/")[2]
        if name not in self.handlers:
            self.handlers[name] = make_handler(name, wiring=self.wiring)
        headers = {"Content-Type": "application/json", "Host": "api.example"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        event = self.event(method, path, headers, json.dumps(body) if body is not None else None)
        if file is not None:
            event = self._with_form(method, path, headers, *file)
        answer = self.handlers[name](event, Context())
        text = answer["body"]
        if answer.get("isBase64Encoded"):
            text = base64.b64decode(text).decode()
        return answer["statusCode"], json.loads(text)

    def _with_form(
        self, method: str, path: str, headers: dict[str, str], name: str, content: bytes
    ) -> dict[str, Any]:
        """Write the event of a file that is sent: a form, in base64."""
        head = f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n'
        form = (
            head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--edge--\r\n"
        )
        headers = headers | {"Content-Type": "multipart/form-data; boundary=edge"}
        event = self.event(method, path, headers, None)
        return event | {"body": base64.b64encode(form).decode(), "isBase64Encoded": True}
