"""A token bucket in the process."""

import threading
import time
from collections.abc import Callable

_MAX_KEYS = 100_000


class MemoryRateLimiter:
    """Keeps one bucket a key; with several processes each counts for itself.

    Parameters
    ----------
    clock : callable, default=time.monotonic
        Seconds, ever growing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str, per_second: float, burst: int) -> float:
        """Take a token or tell how long to wait."""
        now = self._clock()
        with self._lock:
            tokens, since = self._buckets.get(key, (float(burst), now))
            tokens = min(float(burst), tokens + (now - since) * per_second)
            if len(self._buckets) >= _MAX_KEYS and key not in self._buckets:
                self._buckets.clear()
            passes = tokens >= 1
            self._buckets[key] = (tokens - 1 if passes else tokens, now)
        return 0.0 if passes else (1 - tokens) / per_second
