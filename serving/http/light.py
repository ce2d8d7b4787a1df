"""Answers that weigh little on the wire: compressed, and left out where the caller holds them already."""

import gzip
import hashlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SMALLEST = 500
"""Bytes from which compressing pays."""
_PRIVATE = "/v1/auth/"
_OPEN = frozenset({"/v1/auth/shop", "/v1/auth/members", "/v1/auth/me"})
_TYPES = ("application/json", "application/problem+json", "text/", "application/javascript")


class LightAnswers:
    """Tags the answers of reading, says "not modified" to who has them, and compresses the rest.

    A tag is a hash of the body, behind a route's own where it has one: an item's is its version for `If-Match`, which
    does not change with its stock. What is secret is neither kept by anybody nor compressed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if (
            scope["type"] != "http"
            or scope["method"] not in ("GET", "HEAD", "POST")
            or _is_secret(scope["path"])
        ):
            await self._app(scope, receive, send)
            return
        answer = _Answer(Headers(scope=scope), scope, send)
        await self._app(scope, receive, answer.take)


class _Answer:
    """One answer on its way out: held back until it is whole, unless it is a stream."""

    def __init__(self, asked: Headers, scope: Scope, send: Send) -> None:
        self._asked = asked
        self._reads = scope["method"] in ("GET", "HEAD") and scope["path"].startswith("/v1/")
        self._is_lambda = "aws.event" in scope  # there the API Gateway compresses
        self._send = send
        self._start: Message = {}
        self._body = bytearray()
        self._passes = False

    async def take(self, message: Message) -> None:
        """Take one part of the answer."""
        if message["type"] == "http.response.start":
            self._start = message
            kind = Headers(raw=message["headers"]).get("content-type", "")
            self._passes = not kind.startswith(_TYPES) or kind.startswith("text/event-stream")
            if self._passes:
                await self._send(message)
            return
        if self._passes or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._finish()

    async def _finish(self) -> None:
        """Send the whole answer, or only that nothing changed."""
        headers, body = MutableHeaders(raw=self._start["headers"]), bytes(self._body)
        if self._reads and self._start["status"] == 200:
            tag = _tag(headers.get("etag"), body)
            headers["ETag"] = tag
            headers["Cache-Control"] = "private, no-cache"
            if _holds(self._asked.get("if-none-match", ""), tag):
                self._start["status"], body = 304, b""
                del headers["content-length"], headers["content-type"]
        encoding, compress = _chosen("" if self._is_lambda else self._asked.get("accept-encoding", ""))
        if len(body) >= _SMALLEST and compress is not None and "content-encoding" not in headers:
            body = compress(body)
            headers["Content-Encoding"] = encoding
        headers.add_vary_header("Accept-Encoding")
        if self._start["status"] != 304:
            headers["Content-Length"] = str(len(body))
        self._start["headers"] = headers.raw
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def _is_secret(path: str) -> bool:
    """Return whether tokens, keys or approvals lie under a path."""
    return path.startswith(_PRIVATE) and path not in _OPEN


def _tag(own: str | None, body: bytes) -> str:
    """Name a body."""
    digest = hashlib.sha256(body).hexdigest()[:16]
    return f'"{digest}"' if own is None else f'"{own.strip(chr(34))}-{digest}"'


def _holds(if_none_match: str, tag: str) -> bool:
    """Return whether the caller holds this very body (RFC 9110, weak comparison)."""
    held = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return "*" in held or tag in held


def _chosen(accepted: str) -> tuple[str, Callable[[bytes], bytes] | None]:
    """Choose the best encoding that the caller takes: brotli where it is installed, else gzip."""
    taken = {}
    for each in accepted.lower().split(","):
        name, _, quality = each.partition(";")
        taken[name.strip()] = quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    brotli = _brotli()
    if taken.get("br") and brotli is not None:
        return "br", lambda body: bytes(brotli.compress(body, quality=4))
    if taken.get("gzip", taken.get("*", False)):
        return "gzip", lambda body: gzip.compress(body, compresslevel=5, mtime=0)
    return "", None


@cache
def _brotli() -> Any:
    """Return the compressor where it is installed."""
    try:
        return import_module("brotli")
    except ImportError:
        return None
