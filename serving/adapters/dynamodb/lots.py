"""Delivery lots on DynamoDB, in the table Inventory."""

from datetime import date, datetime

from serving.adapters.dynamodb.table import NEW, DynamoTable, Refused, Row
from serving.ports.lots import Batch


class DynamoLotStore:
    """Keeps lots; what they hold is written by the stock store alone.

    Parameters
    ----------
    table : DynamoTable
        The table Inventory.
    """

    def __init__(self, table: DynamoTable) -> None:
        self._table = table

    def add_batch(self, shop_id: str, batch: Batch) -> None:
        """Add a lot without stock."""
        row = {
            "shopId": shop_id,
            "itemId": f"#l#{batch.item_id}#{batch.batch_id}",
            "batchId": batch.batch_id,
            "of": batch.item_id,
            "expiresOn": batch.expires_on,
            "mrpPaise": batch.mrp_paise,
            "onHandMilli": 0,
            "receivedAt": batch.received_at,
            "countedAt": batch.counted_at,
        }
        try:
            told = self._table.noting("itemId", shop_id, ("lot", batch.batch_id))
            self._table.write([self._table.putting(row, NEW), told])
        except Refused:
            return

    def lot(self, shop_id: str, item_id: str, batch_id: str) -> Batch | None:
        """Return one lot of an item."""
        row = self._table.get({"shopId": shop_id, "itemId": f"#l#{item_id}#{batch_id}"})
        return None if row is None else _batch(row)

    def batches(self, shop_id: str, item_id: str) -> tuple[Batch, ...]:
        """Return the lots with stock, the earliest expiry first."""
        found = (_batch(row) for row in self._table.starting(shop_id, f"#l#{item_id}#"))
        return _by_expiry([batch for batch in found if batch.on_hand_milli != 0])

    def all_batches(self, shop_id: str) -> tuple[Batch, ...]:
        """Return all lots, the empty ones too, in order of id."""
        found = (_batch(row) for row in self._table.starting(shop_id, "#l#"))
        return tuple(sorted(found, key=lambda batch: batch.batch_id))

    def some(self, shop_id: str, batch_ids: tuple[str, ...]) -> tuple[Batch, ...]:
        """Return those that are there; a lot's key begins with its item, so that all are looked through."""
        wanted = frozenset(batch_ids)
        return tuple(batch for batch in self.all_batches(shop_id) if batch.batch_id in wanted)

    def expiring(self, shop_id: str, until: date) -> tuple[Batch, ...]:
        """Return the lots with stock that expire by a day."""
        soon = [
            b
            for b in self.all_batches(shop_id)
            if b.expires_on is not None and b.expires_on <= until and b.on_hand_milli > 0
        ]
        return _by_expiry(soon)


def _batch(row: Row) -> Batch:
    """Turn a row into a lot."""
    expires = row.get("expiresOn")
    return Batch(
        row["batchId"],
        row["of"],
        date.fromisoformat(expires) if expires else None,
        row.get("mrpPaise"),
        row["onHandMilli"],
        datetime.fromisoformat(row["receivedAt"]),
        datetime.fromisoformat(row["countedAt"]) if row.get("countedAt") else None,
    )


def _by_expiry(batches: list[Batch]) -> tuple[Batch, ...]:
    """Order lots by expiry, those without one last."""
    return tuple(sorted(batches, key=lambda b: (b.expires_on is None, b.expires_on or date.max, b.batch_id)))
