"""How often someone may call."""

from typing import Protocol


class RateLimiter(Protocol):
    """Counts calls in a token bucket a key."""

    def take(self, key: str, per_second: float, burst: int) -> float:
        """Take one token.

        Returns
        -------
        float
            0 where the call may pass, else the seconds until the next token.
        """
        ...
