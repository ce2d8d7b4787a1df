"""Items, batches, suppliers and stock movements in SQL."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import batches, items, stock_movements, suppliers
from serving.errors import AlreadyExists, NotFound, OutOfStock, StaleVersion, StockChanged
from serving.ports.inventory import (
    Batch,
    EmptyShelf,
    EnteredMovement,
    Item,
    Movement,
    Supplier,
    empty_shelves_of,
)
from serving.ports.page import Page

Record = TypeVar("Record")
_IN_CHUNK = 500
"""Ids a statement names at once; SQLite allows 32,766 variables, PostgreSQL 65,535."""

_MOVEMENT = tuple(each.name for each in dataclasses.fields(Movement))
_NO_FLOOR = -(2**62)

# Built once: building a statement costs more than running it.
_ITEM = sa.select(items).where(
    items.c.shop_id == sa.bindparam("shop_id"), items.c.item_id == sa.bindparam("item_id")
)
_LOCKED_LEVEL = (
    sa.select(items.c.on_hand_milli)
    .where(items.c.shop_id == sa.bindparam("shop_id"), items.c.item_id == sa.bindparam("item_id"))
    .with_for_update()  # SQLite knows no such lock: there the unit of work holds the whole file's
)
_STORED = sa.select(stock_movements.c.movement_id).where(
    stock_movements.c.shop_id == sa.bindparam("shop_id"),
    stock_movements.c.movement_id == sa.bindparam("movement_id"),
)
_ITEMS = sa.select(items).where(
    items.c.shop_id == sa.bindparam("shop_id"), items.c.item_id.in_(sa.bindparam("item_ids", expanding=True))
)
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


def _at_zero() -> sa.Select[Any]:
    """Build the query of the movements after which, or before which, nothing was left of an item."""
    m = stock_movements.c
    newest_first = (m.at.desc(), m.movement_id.desc())
    so_far = sa.func.sum(m.quantity_milli).over(partition_by=m.item_id, order_by=newest_first, rows=(None, 0))
    after = so_far - m.quantity_milli
    moved = (
        sa.select(
            m.item_id,
            m.at,
            m.kind,
            m.movement_id,
            m.quantity_milli,
            (items.c.on_hand_milli - after).label("level"),
        )
        .join(items, sa.and_(items.c.shop_id == m.shop_id, items.c.item_id == m.item_id))
        .where(
            m.shop_id == sa.bindparam("shop_id"),
            m.item_id.in_(sa.bindparam("item_ids", expanding=True)),
            m.at >= sa.bindparam("since"),
        )
        .subquery()
    )
    touching = sa.or_(moved.c.level == 0, moved.c.level == moved.c.quantity_milli)
    return sa.select(moved).where(touching).order_by(moved.c.item_id, moved.c.at, moved.c.movement_id)


_AT_ZERO = _at_zero()


class SqlInventoryStore:
    """Keeps the stock; the quantity on hand is raised by UPDATE ... SET on_hand = on_hand + change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_item(self, shop_id: str, item: Item) -> None:
        """Add an item without stock."""
        try:
            with self._database.writing() as db:
                db.execute(items.insert().values(shop_id=shop_id, **_item_row(item) | {"on_hand_milli": 0}))
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
            for start in range(0, len(wanted), _IN_CHUNK):
                some = {"shop_id": shop_id, "item_ids": wanted[start : start + _IN_CHUNK]}
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
        del values["on_hand_milli"]
        values["version"] = expected_version + 1
        mine = sa.and_(items.c.shop_id == shop_id, items.c.item_id == item.item_id)
        try:
            with self._database.writing() as db:
                changed = db.execute(
                    items.update().where(mine, items.c.version == expected_version).values(values)
                )
                if changed.rowcount == 1:
                    return
                self.item(shop_id, item.item_id)
        except IntegrityError:
            raise AlreadyExists(f"the barcode of '{item.item_id}' is taken", field="barcode") from None
        raise StaleVersion(f"item '{item.item_id}' is no longer at version {expected_version}")

    def move(self, shop_id: str, movements: tuple[Movement, ...], allow_negative: bool) -> None:
        """Append movements and add them up; items in order of id, so that two bills cannot deadlock."""
        with self._database.writing() as db:
            for movement in sorted(movements, key=lambda m: (m.item_id, m.movement_id)):
                row = {"shop_id": shop_id} | {name: getattr(movement, name) for name in _MOVEMENT}
                if not self._database.insert_new(stock_movements, row, "shop_id", "movement_id"):
                    continue
                self._add(
                    db, items, shop_id, "item_id", movement.item_id, movement.quantity_milli, allow_negative
                )
                if movement.batch_id is not None:
                    self._add(
                        db,
                        batches,
                        shop_id,
                        "batch_id",
                        movement.batch_id,
                        movement.quantity_milli,
                        allow_negative,
                    )

    def move_from(self, shop_id: str, on_hand_milli: int, movement: Movement) -> None:
        """Lock the item before its quantity is compared; a refusal leaves the unit of work without a trace."""
        with self._database.writing() as db:
            item = {"shop_id": shop_id, "item_id": movement.item_id}
            level = db.execute(_LOCKED_LEVEL, item).scalar_one_or_none()
            known = {"shop_id": shop_id, "movement_id": movement.movement_id}
            if level not in (None, on_hand_milli) and db.execute(_STORED, known).first() is None:
                raise StockChanged.since(movement.item_id, on_hand_milli)
            self.move(shop_id, (movement,), allow_negative=True)

    def entered(self, shop_id: str, item_id: str, movement_id: str) -> EnteredMovement | None:  # noqa: ARG002
        """Find nothing: a unit of work that was cut off went back with its movements."""
        return None

    def _add(
        self,
        db: sa.Connection,
        table: sa.Table,
        shop_id: str,
        key: str,
        value: str,
        change: int,
        allow_negative: bool,
    ) -> None:
        """Add a change to the quantity on hand of one row."""
        floor = 0 if change < 0 and not allow_negative else _NO_FLOOR
        row = {"of_shop": shop_id, "of_key": value, "change": change, "floor": floor}
        if db.execute(_add_statement(table, key), row).rowcount == 1:
            return
        mine = sa.and_(table.c.shop_id == shop_id, table.c[key] == value)
        on_hand = db.execute(sa.select(table.c.on_hand_milli).where(mine)).scalar_one_or_none()
        if on_hand is None:
            raise NotFound(f"no {key.removesuffix('_id')} '{value}'", field=key)
        raise OutOfStock(
            f"'{value}' has {on_hand} milli-units on hand, {-change} are wanted",
            hint="enter the delivery first, or allow negative stock in the shop's settings",
        )

    def movements(self, shop_id: str, item_id: str, limit: int, after: str | None) -> Page[Movement]:
        """Return the newest first."""
        m = stock_movements
        query = sa.select(m).where(m.c.shop_id == shop_id, m.c.item_id == item_id)
        if after is not None:
            query = query.where(m.c.movement_id < after)
        with self._database.reading() as db:
            found = db.execute(query.order_by(m.c.movement_id.desc()).limit(limit + 1)).mappings().all()
        rows = [_movement(row) for row in found]
        return Page(tuple(rows[:limit]), rows[limit - 1].movement_id if len(rows) > limit else None)

    def empty_shelves(
        self, shop_id: str, item_ids: tuple[str, ...], since: datetime
    ) -> tuple[EmptyShelf, ...]:
        """Let the database add the movements up and read only those at a zero and after one."""
        ids = sorted(set(item_ids))
        found: list[EmptyShelf] = []
        with self._database.reading() as db:
            for start in range(0, len(ids), _IN_CHUNK):
                chunk = ids[start : start + _IN_CHUNK]
                values = {"shop_id": shop_id, "item_ids": chunk, "since": since}
                rows = db.execute(_AT_ZERO, values).all()
                for item_id, moved in groupby(rows, lambda row: str(row.item_id)):
                    steps = ((row.at, row.kind, int(row.level)) for row in moved)
                    found += empty_shelves_of(item_id, steps)
        return tuple(found)

    def movements_of(self, shop_id: str, source: str) -> tuple[Movement, ...]:
        """Return the movements of one bill or count."""
        m = stock_movements
        query = sa.select(m).where(m.c.shop_id == shop_id, m.c.source == source).order_by(m.c.movement_id)
        with self._database.reading() as db:
            return tuple(_movement(row) for row in db.execute(query).mappings())

    def add_batch(self, shop_id: str, batch: Batch) -> None:
        """Add a batch without stock."""
        row = {"shop_id": shop_id, **dataclasses.asdict(batch), "on_hand_milli": 0}
        self._database.insert_new(batches, row, "shop_id", "batch_id")

    def batches(self, shop_id: str, item_id: str) -> tuple[Batch, ...]:
        """Return the batches with stock, the earliest expiry first."""
        with self._database.reading() as db:
            found = db.execute(_STOCKED, {"shop_id": shop_id, "item_id": item_id}).mappings()
            return tuple(_without_shop(Batch, row) for row in found)

    def expiring(self, shop_id: str, until: date) -> tuple[Batch, ...]:
        """Return the batches with stock that expire by a day."""
        with self._database.reading() as db:
            found = db.execute(_EXPIRING, {"shop_id": shop_id, "until": until}).mappings()
            return tuple(_without_shop(Batch, row) for row in found)

    def save_supplier(self, shop_id: str, supplier: Supplier) -> None:
        """Add or replace a supplier."""
        weekdays = ",".join(map(str, supplier.visit_weekdays))
        closed = json.dumps([day.isoformat() for day in supplier.closed_on])
        row = dataclasses.asdict(supplier) | {
            "shop_id": shop_id,
            "visit_weekdays": weekdays,
            "closed_on": closed,
        }
        insert = self._database.inserting(suppliers).values(row)
        with self._database.writing() as db:
            db.execute(insert.on_conflict_do_update(index_elements=["shop_id", "supplier_id"], set_=row))

    def suppliers(self, shop_id: str) -> tuple[Supplier, ...]:
        """Return the suppliers."""
        query = sa.select(suppliers).where(suppliers.c.shop_id == shop_id).order_by(suppliers.c.supplier_id)
        with self._database.reading() as db:
            return tuple(_supplier(row) for row in db.execute(query).mappings())

    def rebuild(self, shop_id: str) -> int:
        """Recount items and batches from the movements."""
        with self._database.writing() as db:
            return sum(
                _recount(db, table, key, shop_id)
                for table, key in ((items, "item_id"), (batches, "batch_id"))
            )


@cache
def _add_statement(table: sa.Table, key: str) -> sa.Update:
    """Build the conditional addition to a quantity on hand."""
    change = sa.bindparam("change", type_=sa.BigInteger)
    return (
        table.update()
        .where(
            table.c.shop_id == sa.bindparam("of_shop"),
            table.c[key] == sa.bindparam("of_key"),
            table.c.on_hand_milli + change >= sa.bindparam("floor", type_=sa.BigInteger),
        )
        .values(on_hand_milli=table.c.on_hand_milli + change)
    )


def _recount(db: sa.Connection, table: sa.Table, key: str, shop_id: str) -> int:
    """Set the quantity on hand to the sum of the movements where it differs."""
    m = stock_movements.c
    total = (
        sa.select(sa.func.coalesce(sa.func.sum(m.quantity_milli), 0))
        .where(m.shop_id == table.c.shop_id, m[key] == table.c[key])
        .scalar_subquery()
    )
    update = table.update().where(table.c.shop_id == shop_id, table.c.on_hand_milli != total)
    return db.execute(update.values(on_hand_milli=total)).rowcount


def _item_row(item: Item) -> dict[str, Any]:
    """Turn an item into column values."""
    return dataclasses.asdict(item) | {"aliases": json.dumps(item.aliases, ensure_ascii=False)}


def _item(row: Mapping[Any, Any]) -> Item:
    """Turn a row into an item."""
    values = {name: value for name, value in row.items() if name != "shop_id"}
    return Item(**values | {"aliases": tuple(json.loads(values["aliases"]))})


def _movement(row: Mapping[Any, Any]) -> Movement:
    """Turn a row into a movement."""
    return _without_shop(Movement, row)


def _supplier(row: Mapping[Any, Any]) -> Supplier:
    """Turn a row into a supplier."""
    values = {name: value for name, value in row.items() if name != "shop_id"}
    days = tuple(int(day) for day in values["visit_weekdays"].split(",") if day)
    closed = tuple(date.fromisoformat(day) for day in json.loads(values["closed_on"]))
    return Supplier(**values | {"visit_weekdays": days, "closed_on": closed})


def _without_shop(record: type[Record], row: Mapping[Any, Any]) -> Record:
    """Turn a row of a tenant's table into its record."""
    return record(**{name: value for name, value in row.items() if name != "shop_id"})
