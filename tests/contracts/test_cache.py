"""What every cache must do."""

from pathlib import Path
from typing import Any

import pytest

from serving.adapters.memory.cache import MemoryCache
from serving.adapters.redis_cache import RedisCache, redis_client
from serving.ports.cache import SECONDS, Cache


@pytest.fixture(params=["memory", "redis"])
def cache(request: pytest.FixtureRequest) -> Cache:
    """Each cache."""
    return MemoryCache() if request.param == "memory" else RedisCache(request.getfixturevalue("redis"))


class Counted:
    """Makes a new text each time, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        return f"text {self.calls} \u20b9"


def test_a_text_is_made_once_for_its_shop_topic_and_key(cache: Cache, shop_id: str) -> None:
    make = Counted()
    assert [cache.fetch(shop_id, "forecast", "k", make) for _ in range(3)] == ["text 1 \u20b9"] * 3
    cache.fetch(shop_id + "x", "forecast", "k", make)
    cache.fetch(shop_id, "inventory", "k", make)
    cache.fetch(shop_id, "forecast", "other", make)
    assert make.calls == 4


def test_forgetting_drops_the_topics_named_of_one_shop(cache: Cache, shop_id: str) -> None:
    make = Counted()
    for shop in (shop_id, shop_id + "x"):
        for topic in SECONDS:
            cache.fetch(shop, topic, "k", make)
    cache.forget(shop_id, "forecast", "inventory")
    before = make.calls
    for shop in (shop_id, shop_id + "x"):
        for topic in SECONDS:
            cache.fetch(shop, topic, "k", make)
    assert make.calls == before + 2


def test_what_was_made_before_a_write_is_not_served_after_it(cache: Cache, shop_id: str) -> None:
    def slow() -> str:
        cache.forget(shop_id, "forecast")  # another caller writes while this text is being made
        return "old"

    assert cache.fetch(shop_id, "forecast", "k", slow) == "old"
    assert cache.fetch(shop_id, "forecast", "k", lambda: "new") == "new"


def test_a_failure_to_make_is_not_kept(cache: Cache, shop_id: str) -> None:
    def fail() -> str:
        raise ValueError("no text")

    with pytest.raises(ValueError, match="no text"):
        cache.fetch(shop_id, "forecast", "k", fail)
    assert cache.fetch(shop_id, "forecast", "k", lambda: "text") == "text"


def test_copies_live_as_long_as_the_architecture_says(redis: Any, shop_id: str) -> None:
    now = [0.0]
    memory = MemoryCache(clock=lambda: now[0])
    shared = RedisCache(redis)
    for topic, seconds in {"api": 300, "inventory": 60, "forecast": 3600, "recommendations": 1800}.items():
        make = Counted()
        now[0] = 0.0
        memory.fetch(shop_id, topic, "k", make)  # type: ignore[arg-type]
        now[0] = seconds - 1
        memory.fetch(shop_id, topic, "k", make)  # type: ignore[arg-type]
        assert make.calls == 1
        now[0] = seconds
        memory.fetch(shop_id, topic, "k", make)  # type: ignore[arg-type]
        assert make.calls == 2
        shared.fetch(shop_id, topic, "k", make)  # type: ignore[arg-type]
        lives = redis.ttl(f"cache:{shop_id}:{topic}:0:k")
        assert seconds - 5 <= lives <= seconds


def test_the_memory_stays_bounded() -> None:
    cache = MemoryCache(max_entries=10)
    for number in range(50):
        cache.fetch("shop", "api", str(number), lambda: "text")
    assert len(cache._texts) == 10


def test_a_cache_that_is_down_is_an_empty_one(tmp_path: Path) -> None:
    cache = RedisCache(redis_client(f"unix://{tmp_path}/nobody.sock"))
    make = Counted()
    cache.forget("shop", "forecast")
    assert [cache.fetch("shop", "forecast", "k", make) for _ in range(2)] == [
        "text 1 \u20b9",
        "text 2 \u20b9",
    ]
