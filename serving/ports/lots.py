"""Delivery lots with their own expiry and printed price."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Batch:
    """A delivery lot with its own expiry and printed price."""

    batch_id: str
    item_id: str
    expires_on: date | None
    mrp_paise: int | None
    on_hand_milli: int
    received_at: datetime


class LotStore(Protocol):
    """Keeps the lots of a shop; what they hold changes by movements alone."""

    def add_batch(self, shop_id: str, batch: Batch) -> None:
        """Add a batch without stock; one that is there already is no error."""
        ...

    def batches(self, shop_id: str, item_id: str) -> tuple[Batch, ...]:
        """Return an item's batches that are not empty, the earliest expiry first."""
        ...

    def some(self, shop_id: str, batch_ids: tuple[str, ...]) -> tuple[Batch, ...]:
        """Return the batches that are there of those asked for, the empty ones too, in order of id."""
        ...

    def expiring(self, shop_id: str, until: date) -> tuple[Batch, ...]:
        """Return the batches with stock that expire on that day or earlier."""
        ...
