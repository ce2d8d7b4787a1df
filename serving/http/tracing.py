"""Where a request belongs among the calls of others: W3C `traceparent` and X-Ray's header, and X-Ray's segments.

A trace id has 32 hexadecimal digits in both worlds; X-Ray writes it as `1-<8>-<24>`. On Lambda the runtime keeps
the function's own segment and the daemon beside it takes what happens inside: one datagram a request.
"""

import json
import os
import re
import secrets
import socket
import time
from contextvars import ContextVar
from dataclasses import dataclass

_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_XRAY = re.compile(r"([0-9a-f]{8})-([0-9a-f]{24})")
_XRAY_PARENT = re.compile(r"[0-9a-f]{16}")
_DAEMON_HEADER = b'{"format": "json", "version": 1}\n'


@dataclass(frozen=True, slots=True)
class Span:
    """One request's place in a trace."""

    trace_id: str
    span_id: str
    parent_id: str | None
    sampled: bool
    started: float

    @property
    def traceparent(self) -> str:
        """The header that hands the trace on."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


span: ContextVar[Span | None] = ContextVar("span", default=None)


def begin(traceparent: str, xray: str) -> Span:
    """Continue the trace of a request, or start one.

    Parameters
    ----------
    traceparent : str
        W3C header, empty where there is none.
    xray : str
        Value of X-Amzn-Trace-Id, or of the runtime's _X_AMZN_TRACE_ID.

    Examples
    --------
    >>> begin("", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1").trace_id
    '5759e988bd862e3fe1be46a994272793'
    """
    own = secrets.token_hex(8)
    now = time.time()
    w3c = _PARENT.fullmatch(traceparent)
    if w3c and set(w3c[1]) != {"0"} and set(w3c[2]) != {"0"}:
        return Span(w3c[1], own, w3c[2], bool(int(w3c[3], 16) & 1), now)
    parts = dict(part.strip().split("=", 1) for part in xray.split(";") if "=" in part)
    root = _XRAY.fullmatch(parts.get("Root", "").removeprefix("1-"))
    if root:
        parent = parts.get("Parent", "")
        known = parent if _XRAY_PARENT.fullmatch(parent) else None
        return Span(root[1] + root[2], own, known, parts.get("Sampled") == "1", now)
    return Span(f"{int(now):08x}{secrets.token_hex(12)}", own, None, False, now)


def segment(of: Span, route: str, method: str, status: int, seconds: float) -> dict[str, object]:
    """Describe a request in X-Ray's words; the route stands for the path, which names people and shops."""
    made: dict[str, object] = {
        "name": "samaan-sathi",
        "id": of.span_id,
        "trace_id": f"1-{of.trace_id[:8]}-{of.trace_id[8:]}",
        "start_time": round(of.started, 6),
        "end_time": round(of.started + seconds, 6),
        "http": {"request": {"method": method, "url": route}, "response": {"status": status}},
        "error": 400 <= status < 500,
        "throttle": status == 429,
        "fault": status >= 500,
    }
    if of.parent_id is not None:
        made |= {"parent_id": of.parent_id, "type": "subsegment", "namespace": "remote"}
    return made


def send(of: Span, route: str, method: str, status: int, seconds: float) -> bool:
    """Send a sampled request's segment to X-Ray's daemon where one is named; tell whether it was sent."""
    address = os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "")
    host, _, port = address.rpartition(":")
    if not of.sampled or not host or not port.isdigit():
        return False
    datagram = _DAEMON_HEADER + json.dumps(segment(of, route, method, status, seconds)).encode()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(datagram, (host, int(port)))
    except OSError:
        return False  # a trace is never worth a request
    return True
