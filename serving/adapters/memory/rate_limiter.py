"""A token bucket in the process."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple


class _Bucket(NamedTuple):
    """What is known of one key; from `full_at` on the bucket is as a new one, and can be forgotten."""

    tokens: float
    since: float
    full_at: float


class MemoryRateLimiter:
    """Keeps one bucket a key; with several processes each counts for itself.

    A bucket that has filled up again is the same as none and is dropped first. When every bucket is in use, those
    that fill up soonest are dropped: a caller who is blocked for longer stays blocked however many others come.

    Parameters
    ----------
    clock : callable, default=time.monotonic
        Seconds, ever growing.
    max_keys : int, default=100000
        Buckets kept at most.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, max_keys: int = 100_000) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str, per_second: float, burst: int) -> float:
        """Take a token or tell how long to wait."""
        now = self._clock()
        with self._lock:
            if len(self._buckets) >= self._max_keys and key not in self._buckets:
                self._make_room(now)
            known = self._buckets.get(key)
            tokens = float(burst)
            if known is not None:
                tokens = min(tokens, known.tokens + (now - known.since) * per_second)
            passes = tokens >= 1
            left = tokens - 1 if passes else tokens
            self._buckets[key] = _Bucket(left, now, now + (burst - left) / per_second)
        return 0.0 if passes else (1 - tokens) / per_second

    def _make_room(self, now: float) -> None:
        """Drop the buckets that are full, and where that is less than a tenth, those that are full soonest."""
        in_use = {key: each for key, each in self._buckets.items() if each.full_at > now}
        most = self._max_keys - max(self._max_keys // 10, 1)
        if len(in_use) > most:
            last_full = sorted(in_use.items(), key=lambda each: each[1].full_at, reverse=True)
            in_use = dict(last_full[:most])
        self._buckets = in_use
