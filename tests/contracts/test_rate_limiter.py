"""What every rate limiter must do."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from serving.adapters.memory.rate_limiter import MemoryRateLimiter
from serving.adapters.redis_cache import redis_client
from serving.adapters.redis_rate_limiter import RedisRateLimiter
from serving.ports.rate_limiter import RateLimiter


@pytest.fixture(params=["memory", "redis"])
def limiter(request: pytest.FixtureRequest) -> RateLimiter:
    """Each limiter."""
    if request.param == "memory":
        return MemoryRateLimiter()
    return RedisRateLimiter(request.getfixturevalue("redis"))


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


def test_a_limiter_that_is_down_lets_everybody_pass(tmp_path: Path) -> None:
    limiter = RedisRateLimiter(redis_client(f"unix://{tmp_path}/nobody.sock"))
    assert [limiter.take("shop", 0.001, 1) for _ in range(3)] == [0.0] * 3
