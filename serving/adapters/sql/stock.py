"""Stock movements in SQL, and the quantities on hand that they add up to."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from serving.adapters.sql.database import IN_CHUNK, Database
from serving.adapters.sql.schema import batches, items, stock_movements
from serving.errors import NotFound, OutOfStock, StockChanged
from serving.ports.page import Page
from serving.ports.stock import (
    EmptyShelf,
    EnteredMovement,
    Movement,
    check_same_movement,
    empty_shelves_of,
)

_MOVEMENT = tuple(each.name for each in dataclasses.fields(Movement))
_NO_FLOOR = -(2**62)

_LOCKED_LEVEL = (
    sa.select(items.c.on_hand_milli)
    .where(items.c.shop_id == sa.bindparam("shop_id"), items.c.item_id == sa.bindparam("item_id"))
    .with_for_update()  # SQLite knows no such lock: there the unit of work holds the whole file's
)
_STORED = sa.select(stock_movements.c.movement_id).where(
    stock_movements.c.shop_id == sa.bindparam("shop_id"),
    stock_movements.c.movement_id == sa.bindparam("movement_id"),
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


class SqlStockStore:
    """Keeps the stock; the quantity on hand is raised by UPDATE ... SET on_hand = on_hand + change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def move(self, shop_id: str, movements: tuple[Movement, ...], allow_negative: bool) -> None:
        """Append movements and add them up; items in order of id, so that two bills cannot deadlock."""
        with self._database.writing() as db:
            for movement in sorted(movements, key=lambda m: (m.item_id, m.movement_id)):
                row = {"shop_id": shop_id} | {name: getattr(movement, name) for name in _MOVEMENT}
                if not self._database.insert_new(stock_movements, row, "shop_id", "movement_id"):
                    check_same_movement(movement, self._stored(db, shop_id, movement.movement_id))
                    continue
                self._add(
                    db, items, shop_id, "item_id", movement.item_id, movement.quantity_milli, allow_negative
                )
                self._database.note(shop_id, "stock", movement.item_id)
                if movement.batch_id is not None:
                    self._database.note(shop_id, "lot", movement.batch_id)
                    self._add(
                        db,
                        batches,
                        shop_id,
                        "batch_id",
                        movement.batch_id,
                        movement.quantity_milli,
                        allow_negative,
                    )

    @staticmethod
    def _stored(db: sa.Connection, shop_id: str, movement_id: str) -> Movement:
        """Return a movement by its id."""
        m = stock_movements
        query = sa.select(m).where(m.c.shop_id == shop_id, m.c.movement_id == movement_id)
        return _movement(db.execute(query).mappings().one())

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
            for start in range(0, len(ids), IN_CHUNK):
                chunk = ids[start : start + IN_CHUNK]
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

    def rebuild(self, shop_id: str) -> int:
        """Recount items and batches from the movements."""
        with self._database.writing() as db:
            differed = _recount(db, items, "item_id", shop_id)
            self._database.note(shop_id, "stock", *differed)
            of_lots = _recount(db, batches, "batch_id", shop_id)
            self._database.note(shop_id, "lot", *of_lots)
            return len(differed) + len(of_lots)


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


def _recount(db: sa.Connection, table: sa.Table, key: str, shop_id: str) -> list[str]:
    """Set the quantity on hand to the sum of the movements where it differs, and tell where that was."""
    m = stock_movements.c
    total = (
        sa.select(sa.func.coalesce(sa.func.sum(m.quantity_milli), 0))
        .where(m.shop_id == table.c.shop_id, m[key] == table.c[key])
        .scalar_subquery()
    )
    update = table.update().where(table.c.shop_id == shop_id, table.c.on_hand_milli != total)
    return list(db.execute(update.values(on_hand_milli=total).returning(table.c[key])).scalars())


def _movement(row: Mapping[Any, Any]) -> Movement:
    """Turn a row into a movement."""
    return Movement(**{name: value for name, value in row.items() if name != "shop_id"})
