"""A circuit breaker: calls to a part that does not answer are refused at once for a while."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CircuitOpen(Exception):  # noqa: N818 (adapters turn it into their port's error)
    """The part did not answer lately; it was not called."""


class CircuitBreaker:
    """Refuses calls for a while after failures in a row, then lets one call through as a test.

    Without it every request waits for the timeout of a part that hangs. `pybreaker` holds a lock during the call, which
    would make concurrent calls wait for each other; so this one is ours.

    Parameters
    ----------
    failures : int, default=1
        Failures in a row that open the circuit.
    seconds : float, default=30.0
        How long calls are refused.
    clock : callable, default=time.monotonic
        Seconds that only grow.
    """

    def __init__(
        self, failures: int = 1, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._closed_from = float("-inf")

    @contextmanager
    def guard(self, *faults: type[Exception]) -> Iterator[None]:
        """Run a call; exceptions of the given types count as failures and are raised on.

        Raises
        ------
        CircuitOpen
            When calls are refused.
        """
        self._enter()
        try:
            yield
        except faults:
            self._note_failure()
            raise
        with self._lock:
            self._failed = 0

    @property
    def is_open(self) -> bool:
        """Whether the next call would be refused."""
        with self._lock:
            return self._failed >= self._most and self._clock() < self._closed_from

    def _enter(self) -> None:
        """Refuse the call, or let it through; after the pause one call goes first, the others wait for its result."""
        with self._lock:
            if self._failed < self._most:
                return
            now = self._clock()
            if now < self._closed_from:
                raise CircuitOpen
            self._closed_from = now + self._seconds

    def _note_failure(self) -> None:
        """Count a failure in a row."""
        with self._lock:
            self._failed += 1
            self._closed_from = self._clock() + self._seconds
