"""Items in SQL."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from serving.adapters.sql.database import IN_CHUNK, Database
from serving.adapters.sql.schema import items
from serving.errors import AlreadyExists, NotFound, StaleVersion
from serving.ports.items import Item
from serving.ports.page import Page

# Built once: building a statement costs more than running it.
_ITEM = sa.select(items).where(
    items.c.shop_id == sa.bindparam("shop_id"), items.c.item_id == sa.bindparam("item_id")
)
_ITEMS = sa.select(items).where(
    items.c.shop_id == sa.bindparam("shop_id"), items.c.item_id.in_(sa.bindparam("item_ids", expanding=True))
)


class SqlItemStore:
    """Keeps items; their quantity on hand is written by the stock store alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_item(self, shop_id: str, item: Item) -> None:
        """Add an item without stock."""
        try:
            with self._database.writing() as db:
                db.execute(items.insert().values(shop_id=shop_id, **_item_row(item) | {"on_hand_milli": 0}))
                self._database.note(shop_id, "item", item.item_id)
        except IntegrityError:
            raise AlreadyExists(
                f"item '{item.item_id}' or its barcode is there already", field="item_id"
            ) from None

    def item(self, shop_id: str, item_id: str) -> Item:
        """Return an item."""
        with self._database.reading() as db:
            row = db.execute(_ITEM, {"shop_id": shop_id, "item_id": item_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no item '{item_id}'", field="item_id")
        return _item(row)

    def items(self, shop_id: str, item_ids: tuple[str, ...]) -> tuple[Item, ...]:
        """Return those that are there."""
        found: list[Item] = []
        wanted = sorted(set(item_ids))
        with self._database.reading() as db:
            for start in range(0, len(wanted), IN_CHUNK):
                some = {"shop_id": shop_id, "item_ids": wanted[start : start + IN_CHUNK]}
                found += [_item(row) for row in db.execute(_ITEMS, some).mappings()]
        return tuple(sorted(found, key=lambda item: item.item_id))

    def list_items(
        self, shop_id: str, limit: int, after: str | None, category: str | None = None
    ) -> Page[Item]:
        """Return items in order of id."""
        query = sa.select(items).where(items.c.shop_id == shop_id, items.c.archived.is_(False))
        if category is not None:
            query = query.where(items.c.category == category)
        if after is not None:
            query = query.where(items.c.item_id > after)
        with self._database.reading() as db:
            rows = [
                _item(row) for row in db.execute(query.order_by(items.c.item_id).limit(limit + 1)).mappings()
            ]
        return Page(tuple(rows[:limit]), rows[limit - 1].item_id if len(rows) > limit else None)

    def change_item(self, shop_id: str, item: Item, expected_version: int) -> None:
        """Replace the fields of the version expected."""
        values = _item_row(item)
        del values["on_hand_milli"], values["counted_at"]
        values["version"] = expected_version + 1
        mine = sa.and_(items.c.shop_id == shop_id, items.c.item_id == item.item_id)
        try:
            with self._database.writing() as db:
                changed = db.execute(
                    items.update().where(mine, items.c.version == expected_version).values(values)
                )
                if changed.rowcount == 1:
                    self._database.note(shop_id, "item", item.item_id)
                    return
                self.item(shop_id, item.item_id)
        except IntegrityError:
            raise AlreadyExists(f"the barcode of '{item.item_id}' is taken", field="barcode") from None
        raise StaleVersion(f"item '{item.item_id}' is no longer at version {expected_version}")


def _item_row(item: Item) -> dict[str, Any]:
    """Turn an item into column values."""
    written = {"aliases": json.dumps(item.aliases, ensure_ascii=False)}
    return dataclasses.asdict(item) | written | {"names": json.dumps(item.names, ensure_ascii=False)}


def _item(row: Mapping[Any, Any]) -> Item:
    """Turn a row into an item."""
    values = {name: value for name, value in row.items() if name != "shop_id"}
    read = {"aliases": tuple(json.loads(values["aliases"])), "names": json.loads(values["names"])}
    return Item(**values | read)
