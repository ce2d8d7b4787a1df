"""Structured logs without personal data, and the figures of the service."""

import json
import logging
import os
import re
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Protocol

from serving.http.tracing import span

request_id: ContextVar[str] = ContextVar("request_id", default="-")

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


# An Aadhaar number (twelve digits, first 2 to 9, often in fours), an Indian mobile number, an e-mail address, a PAN,
# a UPI id, an account number, a bearer token: none of them may lie in a log, wherever it came from.
_PERSONAL = re.compile(
    r"""(?<![0-9A-Za-z])(?:
        [2-9][0-9]{3}[\ -]?[0-9]{4}[\ -]?[0-9]{4}
        | (?:\+?91[\ -]?|0)?[6-9][0-9]{4}[\ -]?[0-9]{5}
        | [0-9]{9,18}
        | [A-Z]{5}[0-9]{4}[A-Z]
        | [A-Za-z0-9._%+-]{2,}@[A-Za-z][A-Za-z0-9.-]+
        | eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*
        | samaan_[A-Za-z0-9]+\.[A-Za-z0-9_-]+
    )(?![0-9A-Za-z])""",
    re.VERBOSE,
)


def without_personal_data(text: str) -> str:
    """Replace what looks like a person's number, address or token.

    Examples
    --------
    >>> without_personal_data("call +91 98123 45678 about 2345 6789 0123")
    'call *** about ***'
    """
    return _PERSONAL.sub("***", text)


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON line; only the fields named here and those given as `facts` get out.

    Messages and errors pass `without_personal_data`: an exception's text may quote what a person typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Turn a record into a line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_personal_data(record.getMessage()),
            "request_id": request_id.get(),
        }
        of_request = span.get()
        if of_request is not None:
            line |= {"trace_id": of_request.trace_id, "span_id": of_request.span_id}
        facts = getattr(record, "facts", {})
        line |= {k: without_personal_data(v) if isinstance(v, str) else v for k, v in facts.items()}
        if record.exc_info:
            line["error"] = without_personal_data(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logging(level: str) -> None:
    """Send the service's log to standard error as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("serving")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


class RequestMetrics(Protocol):
    """Takes the figures of each request: `samaan_requests_total` and `samaan_request_seconds`."""

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        ...

    def render(self) -> str:
        """Write what was counted in the text format of Prometheus."""
        ...


class EmbeddedMetrics:
    """Writes each request's figures as one line of CloudWatch's embedded metric format, under Prometheus' names.

    A function lives too shortly and too many times over to be scraped; CloudWatch reads its figures from the log.
    """

    def __init__(self, namespace: str = "SamaanSathi", write: Callable[[str], object] | None = None) -> None:
        self._namespace = namespace
        self._write = write or _to_standard_output

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Write one request's line."""
        names = [
            {"Name": "samaan_requests_total", "Unit": "Count"},
            {"Name": "samaan_request_seconds", "Unit": "Seconds"},
        ]
        directive = {
            "Namespace": self._namespace,
            "Dimensions": [["method", "route", "status"], ["method", "route"]],
            "Metrics": names,
        }
        line = {
            "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
            "method": method,
            "route": route,
            "status": str(status),
            "samaan_requests_total": 1,
            "samaan_request_seconds": round(seconds, 6),
            "request_id": request_id.get(),
        }
        self._write(json.dumps(line))

    def render(self) -> str:
        """Return nothing: the figures are in the log."""
        return "# the figures of this process are in its log, in CloudWatch's embedded metric format\n"


def _to_standard_output(line: str) -> None:
    """Write a line where the Lambda runtime picks up the log."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def metrics_of_this_place() -> RequestMetrics:
    """Return metrics in the form that this place can read: CloudWatch's on Lambda, else Prometheus'."""
    return EmbeddedMetrics() if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else Metrics()


class Metrics:
    """Counts requests and their seconds by route, in the words of Prometheus."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str, int], int] = defaultdict(int)
        self._buckets: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (len(_BUCKETS) + 1))
        self._seconds: dict[tuple[str, str], float] = defaultdict(float)
        self.started = time.monotonic()

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        place = next((i for i, bound in enumerate(_BUCKETS) if seconds <= bound), len(_BUCKETS))
        with self._lock:
            self._requests[method, route, status] += 1
            self._buckets[method, route][place] += 1
            self._seconds[method, route] += seconds

    def render(self) -> str:
        """Write the text format of Prometheus."""
        lines = ["# HELP samaan_requests_total Requests answered.", "# TYPE samaan_requests_total counter"]
        with self._lock:
            for (method, route, status), count in sorted(self._requests.items()):
                lines.append(
                    f'samaan_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
                )
            lines.append("# HELP samaan_request_seconds Seconds from request to answer.")
            lines.append("# TYPE samaan_request_seconds histogram")
            for (method, route), counts in sorted(self._buckets.items()):
                lines += self._histogram(
                    f'method="{method}",route="{route}"', counts, self._seconds[method, route]
                )
        return "\n".join(lines) + "\n"

    @staticmethod
    def _histogram(labels: str, counts: list[int], seconds: float) -> list[str]:
        """Write one histogram, its buckets cumulative."""
        lines, total = [], 0
        for bound, count in zip((*_BUCKETS, "+Inf"), counts, strict=True):
            total += count
            lines.append(f'samaan_request_seconds_bucket{{{labels},le="{bound}"}} {total}')
        return [
            *lines,
            f"samaan_request_seconds_sum{{{labels}}} {seconds:.6f}",
            f"samaan_request_seconds_count{{{labels}}} {total}",
        ]
