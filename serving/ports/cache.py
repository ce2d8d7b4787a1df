"""Short-lived copies of answers, forgotten when what they rest on changes."""

from collections.abc import Callable
from typing import Literal, Protocol

Topic = Literal["api", "inventory", "forecast", "recommendations", "demand"]

SECONDS: dict[Topic, int] = {
    "api": 300,
    "inventory": 60,
    "forecast": 3_600,
    "recommendations": 1_800,
    "demand": 3_600,
}
"""How long a copy lives at most, by topic; one of "demand" is found by what the model was shown and never dropped."""


class Cache(Protocol):
    """Keeps texts by shop, topic and key.

    Each topic of a shop has a generation, read before the copy is looked up or made and raised by `forget`: a
    copy made from what was read before a write can never be served after it. A cache whose server is down
    behaves as an empty one.
    """

    def fetch(
        self,
        shop_id: str,
        topic: Topic,
        key: str,
        make: Callable[[], str],
        worth_keeping: Callable[[str], bool] = bool,
    ) -> str:
        """Return the copy, or make it, and keep it if it is worth keeping."""
        ...

    def forget(self, shop_id: str, *topics: Topic) -> None:
        """Drop everything of these topics of a shop."""
        ...
