"""A token bucket that all processes share, on Redis or Valkey."""

from typing import TYPE_CHECKING, Any

from serving.ports.breaker import CircuitBreaker, CircuitOpen
from serving.ports.rate_limiter import RateLimiter

if TYPE_CHECKING:
    from redis import Redis

# One script is one step for the server: two processes cannot take the same token. It reads the server's clock.
_TAKE = """
local now = redis.call('TIME')
local seconds = tonumber(now[1]) + tonumber(now[2]) / 1000000
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'tokens', 'since')
local tokens = tonumber(known[1]) or burst
local since = tonumber(known[2]) or seconds
tokens = math.min(burst, tokens + math.max(0, seconds - since) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'since', string.format('%.6f', seconds))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return tostring(wait)
"""


class RedisRateLimiter:
    """Keeps one bucket a key; while the server is down another limiter counts.

    Parameters
    ----------
    client : redis.Redis
        Client to use.
    fallback : RateLimiter
        Counts while the server does not answer; it knows nothing of what Redis counted.
    breaker : CircuitBreaker or None, default=None
        Shared by all that use this server; its own where left out.
    """

    def __init__(
        self, client: "Redis[Any]", fallback: RateLimiter, breaker: CircuitBreaker | None = None
    ) -> None:
        self._client = client
        self._fallback = fallback
        self._breaker = breaker or CircuitBreaker()

    def take(self, key: str, per_second: float, burst: int) -> float:
        """Take a token or return how long to wait."""
        from redis.exceptions import RedisError

        try:
            with self._breaker.guard(RedisError):
                return float(self._client.eval(_TAKE, 1, f"rate:{key}", per_second, burst))
        except (RedisError, CircuitOpen):
            return self._fallback.take(key, per_second, burst)
