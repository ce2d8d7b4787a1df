"""The circuit breaker: one failure costs one timeout, and a part that is back is used again."""

import threading

import pytest

from serving.ports.breaker import CircuitBreaker, CircuitOpen


class Clock:
    """Seconds that stand until they are moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def fail(breaker: CircuitBreaker) -> None:
    with pytest.raises(TimeoutError), breaker.guard(TimeoutError):
        raise TimeoutError


def test_calls_are_refused_after_failures_in_a_row_until_the_pause_ends() -> None:
    clock = Clock()
    breaker = CircuitBreaker(2, 30, clock)
    fail(breaker)
    with breaker.guard(TimeoutError):
        pass
    fail(breaker)
    assert not breaker.is_open
    fail(breaker)
    assert breaker.is_open
    with pytest.raises(CircuitOpen), breaker.guard(TimeoutError):
        pytest.fail("the call was made")
    clock.seconds = 30
    with breaker.guard(TimeoutError):
        pass
    assert not breaker.is_open


def test_after_the_pause_one_call_tests_the_part_and_the_others_are_refused() -> None:
    clock = Clock()
    breaker = CircuitBreaker(1, 30, clock)
    fail(breaker)
    clock.seconds = 31
    inside, leave = threading.Event(), threading.Event()

    def probe() -> None:
        with breaker.guard(TimeoutError):
            inside.set()
            leave.wait(5)

    thread = threading.Thread(target=probe)
    thread.start()
    assert inside.wait(5)
    with pytest.raises(CircuitOpen), breaker.guard(TimeoutError):
        pytest.fail("the call was made")
    leave.set()
    thread.join()
    with breaker.guard(TimeoutError):
        pass


def test_a_failed_test_call_starts_the_pause_again_and_other_errors_do_not_count() -> None:
    clock = Clock()
    breaker = CircuitBreaker(1, 30, clock)
    with pytest.raises(ValueError, match="refused"), breaker.guard(TimeoutError):
        raise ValueError("refused")
    assert not breaker.is_open
    fail(breaker)
    clock.seconds = 30
    fail(breaker)
    clock.seconds = 59
    assert breaker.is_open
