"""Structured logs without personal data, and the figures of the service."""

import json
import logging
import threading
import time
from collections import defaultdict
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="-")

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON line; only the fields named here and those given as `facts` get out."""

    def format(self, record: logging.LogRecord) -> str:
        """Turn a record into a line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logging(level: str) -> None:
    """Send the service's log to standard error as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("serving")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


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
