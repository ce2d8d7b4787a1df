"""What surrounds every request: its id, its log line and figures, the limit of its body, safe headers."""

import logging
import os
import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http import tracing
from serving.http.observability import RequestMetrics, request_id, without_personal_data
from serving.ports.clock import Clock, new_id

_log = logging.getLogger("serving.access")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_UPLOAD_PATHS = re.compile(r"/v1/(ocr/bills|sales/imports|inventory/imports)(/|$)")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
}


class RequestTrail:
    """Returns each request an id, answers with it, logs one line and counts.

    The line names the route, never the path: ids of people and shops stay out of the log. The request joins the
    trace that its caller names, in W3C's or X-Ray's header; on Lambda the trace of the invocation.
    """

    def __init__(self, app: ASGIApp, clock: Clock, metrics: RequestMetrics) -> None:
        self._app = app
        self._clock = clock
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope)
        asked = sent.get("x-request-id", "")
        usable = _REQUEST_ID.fullmatch(asked) and without_personal_data(asked) == asked
        this_id = asked if usable else new_id(self._clock.now())
        token = request_id.set(this_id)
        xray = os.environ.get("_X_AMZN_TRACE_ID") or sent.get("x-amzn-trace-id", "")
        span = tracing.begin(sent.get("traceparent", ""), xray)
        span_token = tracing.span.set(span)
        scope.setdefault("state", {})["request_id"] = this_id
        started = time.perf_counter()
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = this_id
                headers["traceparent"] = span.traceparent
                for name, value in _SAFE_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            self._note(scope, status, time.perf_counter() - started, span)
            tracing.span.reset(span_token)
            request_id.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float, span: tracing.Span) -> None:
        """Count the request, write its line and hand its span on."""
        route = getattr(scope.get("route"), "path", "unmatched")
        if scope["path"].startswith("/v1/") and route.startswith("/") and not route.startswith("/v1"):
            route = f"/v1{route}"  # a route of an included router knows only its own part
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.observe(method, route, status, seconds)
        tracing.send(span, route, method, status, seconds)
        facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 2)}
        _log.info("request", extra={"facts": facts})


class BodyLimit:
    """Refuses bodies that are too large, declared or counted while they arrive in chunks."""

    def __init__(self, app: ASGIApp, max_bytes: int, max_upload_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._max_upload_bytes if _UPLOAD_PATHS.match(scope["path"]) else self._max_bytes
        declared = Headers(scope=scope).get("content-length", "0")
        too_large = declared.isdigit() and int(declared) > limit
        received = 0

        async def counted() -> Message:
            nonlocal received
            if too_large:
                raise HTTPException(413, f"the body is larger than {limit} bytes")
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, f"the body is larger than {limit} bytes")
            return message

        await self._app(scope, counted, send)
