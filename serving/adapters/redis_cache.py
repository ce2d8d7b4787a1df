"""A cache that all processes share, on Redis or Valkey."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serving.ports.cache import SECONDS, Topic

if TYPE_CHECKING:
    from redis import Redis

_GENERATION_SECONDS = 24 * 3600


class RedisCache:
    """Keeps texts under `cache:<shop>:<topic>:<generation>:<key>`; a server that is down is an empty cache.

    Parameters
    ----------
    client : redis.Redis
        Client to use.
    """

    def __init__(self, client: "Redis[Any]") -> None:
        self._client = client

    def fetch(self, shop_id: str, topic: Topic, key: str, make: Callable[[], str]) -> str:
        """Return the copy of the present generation, or make it."""
        from redis.exceptions import RedisError

        try:
            generation = self._client.get(f"generation:{shop_id}:{topic}") or b"0"
            place = f"cache:{shop_id}:{topic}:{generation.decode()}:{key}"
            found = self._client.get(place)
        except RedisError:
            return make()
        if found is not None:
            return str(found.decode())
        text = make()
        try:
            self._client.set(place, text, ex=SECONDS[topic])
        except RedisError:
            return text
        return text

    def forget(self, shop_id: str, *topics: Topic) -> None:
        """Start a new generation of each topic, for longer than any copy of an older one lives."""
        from redis.exceptions import RedisError

        try:
            with self._client.pipeline(transaction=False) as pipe:
                for topic in topics:
                    pipe.incr(f"generation:{shop_id}:{topic}")
                    pipe.expire(f"generation:{shop_id}:{topic}", _GENERATION_SECONDS)
                pipe.execute()
        except RedisError:
            return


def redis_client(url: str) -> "Redis[Any]":
    """Make a client that gives up soon."""
    from redis import Redis

    client: Redis[Any] = Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
    return client
