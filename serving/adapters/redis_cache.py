"""A cache that all processes share, on Redis or Valkey."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from serving.ports.breaker import CircuitBreaker, CircuitOpen
from serving.ports.cache import SECONDS, Topic

if TYPE_CHECKING:
    from redis import Redis

_GENERATION_SECONDS = 24 * 3600
_TIMEOUT_SECONDS = 0.05


class RedisCache:
    """Keeps texts under `cache:<shop>:<topic>:<generation>:<key>`; a server that is down is an empty cache.

    Parameters
    ----------
    client : redis.Redis
        Client to use.
    breaker : CircuitBreaker or None, default=None
        Shared by all that use this server, so that a frozen one costs a request one timeout; its own where left out.
    """

    def __init__(self, client: "Redis[Any]", breaker: CircuitBreaker | None = None) -> None:
        self._client = client
        self._breaker = breaker or CircuitBreaker()

    def fetch(
        self,
        shop_id: str,
        topic: Topic,
        key: str,
        make: Callable[[], str],
        worth_keeping: Callable[[str], bool] = bool,
    ) -> str:
        """Return the copy of the present generation, or make it."""
        from redis.exceptions import RedisError

        try:
            with self._breaker.guard(RedisError):
                generation = self._client.get(f"generation:{shop_id}:{topic}") or b"0"
                place = f"cache:{shop_id}:{topic}:{generation.decode()}:{key}"
                found = self._client.get(place)
        except (RedisError, CircuitOpen):
            return make()
        if found is not None:
            return str(found.decode())
        text = make()
        if not worth_keeping(text):
            return text
        with suppress(RedisError, CircuitOpen), self._breaker.guard(RedisError):
            self._client.set(place, text, ex=SECONDS[topic])
        return text

    def forget(self, shop_id: str, *topics: Topic) -> None:
        """Start a new generation of each topic, for longer than any copy of an older one lives."""
        from redis.exceptions import RedisError

        with (
            suppress(RedisError, CircuitOpen),
            self._breaker.guard(RedisError),
            self._client.pipeline(transaction=False) as pipe,
        ):
            for topic in topics:
                pipe.incr(f"generation:{shop_id}:{topic}")
                pipe.expire(f"generation:{shop_id}:{topic}", _GENERATION_SECONDS)
            pipe.execute()


def redis_client(url: str) -> "Redis[Any]":
    """Make a client that gives up soon: what it keeps is there to save time."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    client: Redis[Any] = Redis.from_url(
        url,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return client
