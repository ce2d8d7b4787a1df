"""What every rate limiter must do."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.adapters.memory.rate_limiter import MemoryRateLimiter
from serving.adapters.redis_cache import RedisCache, redis_client
from serving.adapters.redis_rate_limiter import RedisRateLimiter
from serving.adapters.sql.database import Database
from serving.adapters.sql.rate_limiter import SqlRateLimiter
from serving.adapters.sql.schema import rate_buckets
from serving.ports.breaker import CircuitBreaker
from serving.ports.rate_limiter import RateLimiter


@pytest.fixture(params=["memory", "redis", "sqlite", "postgresql"])
def limiter(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> RateLimiter:
    """Each limiter."""
    if request.param == "memory":
        return MemoryRateLimiter()
    if request.param in ("sqlite", "postgresql"):
        return SqlRateLimiter(open_database(request.param))
    return RedisRateLimiter(request.getfixturevalue("redis"), MemoryRateLimiter())


def test_a_burst_passes_and_the_next_call_is_told_when_to_come(limiter: RateLimiter, shop_id: str) -> None:
    assert [limiter.take(shop_id, 0.1, 5) for _ in range(5)] == [0.0] * 5
    assert 8 < limiter.take(shop_id, 0.1, 5) <= 10
    assert limiter.take(shop_id + "x", 0.1, 5) == 0.0


def test_tokens_come_back_with_time_and_never_beyond_the_burst(limiter: RateLimiter, shop_id: str) -> None:
    for _ in range(3):
        limiter.take(shop_id, 4, 3)
    assert limiter.take(shop_id, 4, 3) > 0
    time.sleep(1.0)
    passed = sum(limiter.take(shop_id, 4, 3) == 0.0 for _ in range(4))
    assert passed == 3


def test_callers_at_once_share_the_bucket(limiter: RateLimiter, shop_id: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limiter.take(shop_id, 0.001, 10), range(40)))
    assert sum(wait == 0.0 for wait in waits) == 10


def test_while_redis_is_down_another_limiter_counts(tmp_path: Path) -> None:
    limiter = RedisRateLimiter(redis_client(f"unix://{tmp_path}/nobody.sock"), MemoryRateLimiter())
    waits = [limiter.take("login:meena", 0.001, 2) for _ in range(3)]
    assert waits[:2] == [0.0, 0.0]
    assert waits[2] > 0


def test_a_redis_that_hangs_costs_one_short_timeout(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        client = redis_client(f"unix://{tmp_path}/silent.sock")
        breaker = CircuitBreaker()
        limiter = RedisRateLimiter(client, MemoryRateLimiter(), breaker)
        limiter.take("shop", 1.0, 100)
        assert breaker.is_open
        asked = RedisCache(client, breaker)
        assert asked.fetch("shop", "forecast", "key", lambda: "made") == "made"


def test_full_buckets_are_deleted(database: Database, shop_id: str) -> None:
    now = 1_000.0
    limiter = SqlRateLimiter(database, lambda: now)
    limiter.take(f"old:{shop_id}", 1.0, 2)
    now = 2_000.0
    limiter.take(f"new:{shop_id}", 1.0, 2)
    with database.reading() as db:
        kept = set(db.execute(sa.select(rate_buckets.c.key)).scalars())
    assert f"new:{shop_id}" in kept
    assert f"old:{shop_id}" not in kept


@pytest.mark.parametrize("others", [1_000, 5_000])
@pytest.mark.parametrize("waits_between", [0.0, 0.01])
def test_a_blocked_caller_stays_blocked_however_many_others_come(others: int, waits_between: float) -> None:
    now = [0.0]
    limiter = MemoryRateLimiter(lambda: now[0], max_keys=1_000)
    for _ in range(6):
        limiter.take("login:victim", 0.001, 5)  # a token in a thousand seconds
    for number in range(others):
        limiter.take(f"address:{number}", 0.1, 5)
        now[0] += waits_between
    assert limiter.take("login:victim", 0.001, 5) > 0
    assert len(limiter._buckets) <= 1_000


def test_dropping_buckets_that_are_full_again_changes_no_answer() -> None:
    """Against a limiter that forgets nothing, over keys that come back after their bucket has filled up."""
    now = [0.0]
    small, whole = (MemoryRateLimiter(lambda: now[0], max_keys=most) for most in (50, 10**6))
    for number in range(5_000):
        now[0] += 0.25
        key = f"caller:{number * 7919 % 45}"
        assert small.take(key, 0.05, 2) == pytest.approx(whole.take(key, 0.05, 2))
    assert len(small._buckets) <= 50


def test_when_all_are_blocked_the_memory_stays_bounded() -> None:
    limiter = MemoryRateLimiter(lambda: 0.0, max_keys=100)
    for number in range(1_000):
        for _ in range(3):
            limiter.take(f"address:{number}", 0.001, 2)
    assert len(limiter._buckets) <= 100
