"""What shops did with the recommendations of their day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision on one recommendation; `key` names kind and thing, whatever the day."""

    key: str
    choice: Literal["accepted", "dismissed"]
    stake_paise: int
    reason: str
    actor: str
    at: datetime


class RecommendationStore(Protocol):
    """Keeps the decisions."""

    def choose(self, shop_id: str, choice: Choice) -> None:
        """Append a decision."""
        ...

    def choices_since(self, shop_id: str, since: datetime) -> tuple[Choice, ...]:
        """Return the decisions from an instant on, the oldest first."""
        ...
