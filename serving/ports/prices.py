"""Price advice and what became of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from samaan_ml.domain.messages import PriceAdvice
from serving.ports.page import Page


@dataclass(frozen=True, slots=True)
class SavedAdvice:
    """A piece of price advice as it was given; `status` says what the shop did with it."""

    advice_id: str
    item_id: str
    made_at: datetime
    model_version: str
    price_before_paise: int
    advice: PriceAdvice
    status: Literal["open", "accepted", "rolled_back"] = "open"


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One change of a price; a rollback is another change that names the first."""

    change_id: str
    item_id: str
    at: datetime
    on: date
    before_paise: int
    after_paise: int
    actor: str
    reason: str
    advice_id: str | None = None
    rolls_back: str | None = None


class PriceStore(Protocol):
    """Keeps price advice and the changes of prices."""

    def save_advice(self, shop_id: str, advice: tuple[SavedAdvice, ...]) -> None:
        """Keep advice."""
        ...

    def advice(self, shop_id: str, advice_id: str) -> SavedAdvice:
        """Return a piece of advice, or raise NotFound."""
        ...

    def settle_advice(self, shop_id: str, advice_id: str, before: str, after: str) -> None:
        """Move advice from one status to another, or raise Conflict."""
        ...

    def add_change(self, shop_id: str, change: PriceChange) -> None:
        """Append a change; a second rollback of the same change raises Conflict."""
        ...

    def change(self, shop_id: str, change_id: str) -> PriceChange:
        """Return a change, or raise NotFound."""
        ...

    def changes(self, shop_id: str, item_id: str | None, limit: int, after: str | None) -> Page[PriceChange]:
        """Return changes, the newest first."""
        ...
