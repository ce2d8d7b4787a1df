"""Delivery lots in SQL."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from serving.adapters.sql.database import IN_CHUNK, Database
from serving.adapters.sql.schema import batches
from serving.ports.lots import Batch

_BY_EXPIRY = (batches.c.expires_on.is_(None), batches.c.expires_on, batches.c.batch_id)
_STOCKED = (
    sa.select(batches)
    .where(
        batches.c.shop_id == sa.bindparam("shop_id"),
        batches.c.item_id == sa.bindparam("item_id"),
        batches.c.on_hand_milli != 0,
    )
    .order_by(*_BY_EXPIRY)
)
_EXPIRING = (
    sa.select(batches)
    .where(
        batches.c.shop_id == sa.bindparam("shop_id"),
        batches.c.expires_on <= sa.bindparam("until"),
        batches.c.on_hand_milli > 0,
    )
    .order_by(*_BY_EXPIRY)
)


class SqlLotStore:
    """Keeps lots; what they hold is written by the stock store alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_batch(self, shop_id: str, batch: Batch) -> None:
        """Add a batch without stock."""
        row = {"shop_id": shop_id, **dataclasses.asdict(batch), "on_hand_milli": 0}
        with self._database.writing():
            if self._database.insert_new(batches, row, "shop_id", "batch_id"):
                self._database.note(shop_id, "lot", batch.batch_id)

    def lot(self, shop_id: str, item_id: str, batch_id: str) -> Batch | None:
        """Return one lot of an item."""
        b = batches.c
        query = sa.select(batches).where(b.shop_id == shop_id, b.item_id == item_id, b.batch_id == batch_id)
        with self._database.reading() as db:
            row = db.execute(query).mappings().one_or_none()
        return None if row is None else _batch(row)

    def batches(self, shop_id: str, item_id: str) -> tuple[Batch, ...]:
        """Return the batches with stock, the earliest expiry first."""
        with self._database.reading() as db:
            found = db.execute(_STOCKED, {"shop_id": shop_id, "item_id": item_id}).mappings()
            return tuple(_batch(row) for row in found)

    def some(self, shop_id: str, batch_ids: tuple[str, ...]) -> tuple[Batch, ...]:
        """Return the batches that are there of those asked for, in order of id."""
        b, ids = batches.c, sorted(set(batch_ids))
        found: list[Batch] = []
        with self._database.reading() as db:
            for start in range(0, len(ids), IN_CHUNK):
                query = sa.select(batches).where(
                    b.shop_id == shop_id, b.batch_id.in_(ids[start : start + IN_CHUNK])
                )
                found += [
                    Batch(**{name: value for name, value in row.items() if name != "shop_id"})
                    for row in db.execute(query.order_by(b.batch_id)).mappings()
                ]
        return tuple(found)

    def expiring(self, shop_id: str, until: date) -> tuple[Batch, ...]:
        """Return the batches with stock that expire by a day."""
        with self._database.reading() as db:
            found = db.execute(_EXPIRING, {"shop_id": shop_id, "until": until}).mappings()
            return tuple(_batch(row) for row in found)


def _batch(row: Mapping[Any, Any]) -> Batch:
    """Turn a row into a lot."""
    return Batch(**{name: value for name, value in row.items() if name != "shop_id"})
