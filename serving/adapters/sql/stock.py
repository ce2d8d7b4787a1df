"""Stock movements in SQL, and the quantities on hand that they add up to."""

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from samaan_ml.domain.lots import LotStock, Shelf
from serving.adapters.sql.database import IN_CHUNK, Database
from serving.adapters.sql.schema import batches, items, stock_movements
from serving.errors import NotFound
from serving.ports.clock import new_id
from serving.ports.page import Page
from serving.ports.stock import (
    Counted,
    EmptyShelf,
    Movement,
    StockCount,
    check_expected,
    check_not_below_zero,
    check_same_movement,
    empty_shelves_of,
    record_before,
    recorded_milli,
    rows_of,
    rows_of_count,
    settling_rows,
    shelf_after,
)

_MOVEMENT = tuple(each.name for each in dataclasses.fields(Movement))

# Built once: building a statement costs more than running it.
_LOCKED = (
    sa.select(items.c.item_id, items.c.on_hand_milli, items.c.counted_at)
    .where(
        items.c.shop_id == sa.bindparam("shop_id"),
        items.c.item_id.in_(sa.bindparam("item_ids", expanding=True)),
    )
    .order_by(items.c.item_id)  # always in this order, so that two bills cannot deadlock
    .with_for_update()  # SQLite knows no such lock: there the unit of work holds the whole file's
)
_LOTS = sa.select(batches).where(
    batches.c.shop_id == sa.bindparam("shop_id"),
    batches.c.item_id.in_(sa.bindparam("item_ids", expanding=True)),
    sa.or_(
        batches.c.on_hand_milli != 0,
        batches.c.batch_id.in_(sa.bindparam("batch_ids", expanding=True)),
    ),
)
_MOVED_AFTER = sa.select(sa.func.coalesce(sa.func.sum(stock_movements.c.quantity_milli), 0)).where(
    stock_movements.c.shop_id == sa.bindparam("shop_id"),
    stock_movements.c.item_id == sa.bindparam("item_id"),
    stock_movements.c.at > sa.bindparam("at"),
)
_STORED = sa.select(stock_movements.c.movement_id).where(
    stock_movements.c.shop_id == sa.bindparam("shop_id"),
    stock_movements.c.movement_id.in_(sa.bindparam("movement_ids", expanding=True)),
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
    """Keeps the stock; the rows of the items are locked while lots are chosen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def move(
        self,
        shop_id: str,
        movements: tuple[Movement, ...],
        allow_negative: bool,
        zone: str = "Asia/Kolkata",
        *,
        take_expired: bool = False,
    ) -> tuple[Movement, ...]:
        """Append movements and add them up, items in order of id."""
        entered: dict[str, tuple[Movement, ...]] = {}
        with self._database.writing() as db:
            shelves = _shelves(db, shop_id, movements)
            stored = _stored(db, shop_id, tuple(each.movement_id for each in movements))
            now = dict(shelves)
            for movement in sorted(movements, key=lambda m: (m.item_id, m.movement_id)):
                if movement.movement_id in entered:
                    continue
                if movement.movement_id in stored:
                    rows = _rows_stored(db, shop_id, movement.movement_id)
                    check_same_movement(movement, rows)
                    entered[movement.movement_id] = rows
                    continue
                shelf = now[movement.item_id]
                rows = rows_of(movement, shelf, zone, take_expired=take_expired)
                now[movement.item_id] = shelf_after(shelf, rows)
                if not allow_negative:
                    check_not_below_zero(movement, shelf, now[movement.item_id])
                entered[movement.movement_id] = rows
            fresh = [row for key, rows in entered.items() if key not in stored for row in rows]
            _write(db, shop_id, fresh, shelves, now)
            self._note(shop_id, fresh)
        return tuple(row for movement in movements for row in entered.pop(movement.movement_id, ()))

    def count(self, shop_id: str, count: StockCount, zone: str = "Asia/Kolkata") -> Counted:
        """Lock the item before the record is read; a refusal leaves the unit of work without a trace."""
        wanted = Movement(
            count.movement_id, count.item_id, "count", 0, count.at, count.actor, batch_id=count.batch_id
        )
        with self._database.writing() as db:
            shelves = _shelves(db, shop_id, (wanted,))
            shelf = shelves[count.item_id]
            if _stored(db, shop_id, (count.movement_id,)):
                rows = _rows_stored(db, shop_id, count.movement_id)
                check_same_movement(wanted, rows)
                return Counted(record_before(count, rows), rows, shelf.on_hand_milli)
            lot = [] if count.batch_id is None else [stock_movements.c.batch_id == count.batch_id]
            values = {"shop_id": shop_id, "item_id": count.item_id, "at": count.at}
            later = int(db.execute(_MOVED_AFTER.where(*lot), values).scalar_one())
            before = recorded_milli(count, shelf) - later
            check_expected(count, before)
            rows = rows_of_count(count, shelf, later, zone)
            after = shelf_after(shelf, rows)
            _write(db, shop_id, rows, shelves, {count.item_id: after})
            self._note(shop_id, rows)
            _mark_counted(db, shop_id, count, shelf)
        return Counted(before, rows, after.on_hand_milli)

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
        """Recount items and lots from the movements, and bring lots down to the stock."""
        with self._database.writing() as db:
            differed = _recount(db, items, "item_id", shop_id)
            self._database.note(shop_id, "stock", *differed)
            of_lots = _recount(db, batches, "batch_id", shop_id)
            self._database.note(shop_id, "lot", *of_lots)
            settled = _settle(db, shop_id)
            self._note(shop_id, settled)
            return len(differed) + len(of_lots) + len({row.item_id for row in settled})

    def _note(self, shop_id: str, rows: Sequence[Movement]) -> None:
        """Tell the feed of changes what moved."""
        self._database.note(shop_id, "stock", *(row.item_id for row in rows))
        self._database.note(shop_id, "lot", *(row.batch_id for row in rows if row.batch_id is not None))


def _shelves(db: sa.Connection, shop_id: str, movements: Sequence[Movement]) -> dict[str, Shelf]:
    """Lock and read the stock of the items that move, with their lots; all of them must be there."""
    wanted = sorted({movement.item_id for movement in movements})
    named = sorted({movement.batch_id for movement in movements if movement.batch_id is not None})
    found: dict[str, Shelf] = {}
    for start in range(0, len(wanted), IN_CHUNK):
        values = {"shop_id": shop_id, "item_ids": wanted[start : start + IN_CHUNK]}
        levels = {row.item_id: row for row in db.execute(_LOCKED, values)}
        lots: dict[str, list[LotStock]] = defaultdict(list)
        for row in db.execute(_LOTS, values | {"batch_ids": named}):
            lot = LotStock(row.batch_id, row.expires_on, row.received_at, row.on_hand_milli, row.counted_at)
            lots[row.item_id].append(lot)
        for item_id, row in levels.items():
            found[item_id] = Shelf(row.on_hand_milli, tuple(lots[item_id]), row.counted_at)
    for movement in movements:
        if movement.item_id not in found:
            raise NotFound(f"no item '{movement.item_id}'", field="item_id")
        if movement.batch_id is not None and found[movement.item_id].lot(movement.batch_id) is None:
            raise NotFound(f"no batch '{movement.batch_id}'", field="batch_id")
    return found


def _stored(db: sa.Connection, shop_id: str, movement_ids: tuple[str, ...]) -> frozenset[str]:
    """Return which of some movements are there already."""
    found: set[str] = set()
    for start in range(0, len(movement_ids), IN_CHUNK):
        values = {"shop_id": shop_id, "movement_ids": movement_ids[start : start + IN_CHUNK]}
        found |= set(db.execute(_STORED, values).scalars())
    return frozenset(found)


def _rows_stored(db: sa.Connection, shop_id: str, movement_id: str) -> tuple[Movement, ...]:
    """Return the rows that a movement became when it was entered."""
    m = stock_movements.c
    of_it = sa.or_(m.movement_id == movement_id, m.movement_id.startswith(f"{movement_id}~", autoescape=True))
    query = sa.select(stock_movements).where(m.shop_id == shop_id, of_it)
    rows = [_movement(row) for row in db.execute(query).mappings()]
    return tuple(sorted(rows, key=lambda row: (len(row.movement_id), row.movement_id)))


def _write(
    db: sa.Connection,
    shop_id: str,
    rows: Sequence[Movement],
    before: Mapping[str, Shelf],
    after: Mapping[str, Shelf],
) -> None:
    """Insert rows and set the quantities of the locked items and their lots."""
    if not rows:
        return
    db.execute(
        stock_movements.insert(),
        [{"shop_id": shop_id} | {name: getattr(row, name) for name in _MOVEMENT} for row in rows],
    )
    levels, lots = [], []
    for item_id, shelf in after.items():
        if shelf.on_hand_milli != before[item_id].on_hand_milli:
            levels.append({"of_shop": shop_id, "of_key": item_id, "on_hand": shelf.on_hand_milli})
        held = {lot.lot_id: lot.on_hand_milli for lot in before[item_id].lots}
        lots += [
            {"of_shop": shop_id, "of_key": lot.lot_id, "on_hand": lot.on_hand_milli}
            for lot in shelf.lots
            if lot.on_hand_milli != held[lot.lot_id]
        ]
    if levels:
        db.execute(_set_statement(items, "item_id"), levels)
    if lots:
        db.execute(_set_statement(batches, "batch_id"), lots)


def _mark_counted(db: sa.Connection, shop_id: str, count: StockCount, shelf: Shelf) -> None:
    """Remember the instant of the newest count of an item or lot."""
    lot = None if count.batch_id is None else shelf.lot(count.batch_id)
    known = shelf.counted_at if lot is None else lot.counted_at
    if known is not None and known >= count.at:
        return
    table, key, value = (
        (items, "item_id", count.item_id) if count.batch_id is None else (batches, "batch_id", count.batch_id)
    )
    mine = sa.and_(table.c.shop_id == shop_id, table.c[key] == value)
    db.execute(table.update().where(mine).values(counted_at=count.at))


@cache
def _set_statement(table: sa.Table, key: str) -> sa.Update:
    """Build the statement that sets a quantity on hand."""
    return (
        table.update()
        .where(table.c.shop_id == sa.bindparam("of_shop"), table.c[key] == sa.bindparam("of_key"))
        .values(on_hand_milli=sa.bindparam("on_hand", type_=sa.BigInteger))
    )


def _settle(db: sa.Connection, shop_id: str) -> list[Movement]:
    """Bring the lots of every item down to its stock, and return the rows that was needed for."""
    held = (
        sa.select(batches.c.item_id, sa.func.sum(batches.c.on_hand_milli).label("held"))
        .where(batches.c.shop_id == shop_id)
        .group_by(batches.c.item_id)
        .subquery()
    )
    stock = sa.case((items.c.on_hand_milli > 0, items.c.on_hand_milli), else_=0)
    over = (
        sa.select(items.c.item_id)
        .join(held, sa.and_(items.c.shop_id == shop_id, items.c.item_id == held.c.item_id))
        .where(held.c.held > stock)
    )
    done: list[Movement] = []
    item_ids = db.execute(over.order_by(items.c.item_id)).scalars().all()
    for item_id in item_ids:
        newest = sa.select(sa.func.max(batches.c.received_at)).where(
            batches.c.shop_id == shop_id, batches.c.item_id == item_id
        )
        at = db.execute(newest).scalar_one()
        plain = Movement(new_id(at), item_id, "count", 0, at, "rebuild")
        shelves = _shelves(db, shop_id, (plain,))
        rows = settling_rows(item_id, shelves[item_id], at, plain.movement_id)
        _write(db, shop_id, rows, shelves, {item_id: shelf_after(shelves[item_id], rows)})
        done += rows
    return done


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
