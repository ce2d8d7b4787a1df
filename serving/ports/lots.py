"""Delivery lots with their own expiry and printed price."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from samaan_ml.domain.lots import LotStock, Shelf
from serving.ports.items import Item


@dataclass(frozen=True, slots=True)
class Batch:
    """A delivery lot with its own expiry and printed price."""

    batch_id: str
    item_id: str
    expires_on: date | None
    mrp_paise: int | None
    on_hand_milli: int
    received_at: datetime
    counted_at: datetime | None = None


def shelf_of(item: Item, lots: Iterable[Batch]) -> Shelf:
    """Return the stock of an item with its lots, as the rules of lots see it."""
    held = tuple(
        LotStock(lot.batch_id, lot.expires_on, lot.received_at, lot.on_hand_milli, lot.counted_at)
        for lot in lots
    )
    return Shelf(item.on_hand_milli, held, item.counted_at)


def printed_on(lots: Iterable[Batch]) -> Iterator[tuple[str, int | None]]:
    """Name each lot with its printed price, as `samaan_ml.domain.printed_price` wants them."""
    return ((lot.batch_id, lot.mrp_paise) for lot in lots)


class LotStore(Protocol):
    """Keeps the lots of a shop; what they hold changes by movements alone."""

    def add_batch(self, shop_id: str, batch: Batch) -> None:
        """Add a batch without stock; one that is there already is no error."""
        ...

    def lot(self, shop_id: str, item_id: str, batch_id: str) -> Batch | None:
        """Return one lot of an item, an empty one too; None where it does not exist."""
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
