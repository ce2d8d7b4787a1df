"""Stock movements on DynamoDB, in the table Inventory, and the quantities on hand that they add up to."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from samaan_ml.domain.lots import LotStock, Shelf
from serving.adapters.dynamodb.table import (
    MAX_WRITES,
    NEW,
    DynamoTable,
    Refused,
    Row,
    check_not_taken_back,
    names_of,
)
from serving.errors import Conflict, NotFound, StoreUnavailable
from serving.ports.changes import ChangeKind
from serving.ports.clock import new_id
from serving.ports.page import Page
from serving.ports.stock import (
    Counted,
    EmptyShelf,
    Movement,
    MovementKind,
    StockCount,
    check_expected,
    check_not_below_zero,
    check_same_movement,
    empty_shelves_of,
    is_same_movement,
    record_before,
    recorded_milli,
    rows_of,
    rows_of_count,
    settling_rows,
    shelf_after,
)
from serving.ports.transactions import on_failure

_TOGETHER = 25
"""Movements that are tried in one transaction; one needs two rows and the item's quantity, more with lots."""
_TRIES = 30
_MOVEMENT = names_of(Movement, item_id="of")


class DynamoStockStore:
    """Keeps the stock; movements and the quantities they change are written in one transaction.

    Lots are chosen from what was read, so an item's row counts its changes (`shelfVersion`): a transaction that was
    overtaken is worked out again. A write that is repeated after it was cut off comes with the ids it had
    (`ids_of_write`): movements that are stored are left out.

    A transaction holds 100 writes. Movements that need more are made in several; when a later one is refused
    the earlier ones are reversed by movements of the kind "reversal".

    Parameters
    ----------
    table : DynamoTable
        The table Inventory.
    """

    def __init__(self, table: DynamoTable) -> None:
        self._table = table

    def move(
        self,
        shop_id: str,
        movements: tuple[Movement, ...],
        allow_negative: bool,
        zone: str = "Asia/Kolkata",
        *,
        take_expired: bool = False,
    ) -> tuple[Movement, ...]:
        """Append movements and add them up."""
        remembered = on_failure(lambda: self._take_back(shop_id, movements))
        done: list[Movement] = []
        entered: dict[str, tuple[Movement, ...]] = {}
        for start in range(0, len(movements), _TOGETHER):
            some = movements[start : start + _TOGETHER]
            try:
                entered |= self._move_some(
                    shop_id, some, zone, allow_negative=allow_negative, take_expired=take_expired
                )
                done += some
            except (NotFound, Conflict):
                self._take_back(shop_id, done)
                raise
            except StoreUnavailable:
                if not remembered:
                    self._take_back(shop_id, done)
                raise
        return tuple(row for movement in movements for row in entered.pop(movement.movement_id, ()))

    def _move_some(
        self,
        shop_id: str,
        movements: Sequence[Movement],
        zone: str,
        *,
        allow_negative: bool,
        take_expired: bool = False,
    ) -> dict[str, tuple[Movement, ...]]:
        """Make some movements in one transaction, or in two where they need more writes than one holds."""
        for attempt in range(_TRIES):
            entered: dict[str, tuple[Movement, ...]] = {}
            fresh: list[Movement] = []
            before = self._shelves(shop_id, movements)
            now = {item_id: read.shelf for item_id, read in before.items()}
            for movement in movements:
                if movement.movement_id in entered:
                    continue
                if self._is_stored(shop_id, movement):
                    entered[movement.movement_id] = self._rows_stored(shop_id, movement)
                    check_same_movement(movement, entered[movement.movement_id])
                    continue
                shelf = now[movement.item_id]
                rows = rows_of(movement, shelf, zone, take_expired=take_expired)
                now[movement.item_id] = shelf_after(shelf, rows)
                if not allow_negative:
                    check_not_below_zero(movement, shelf, now[movement.item_id])
                entered[movement.movement_id] = rows
                fresh += rows
            writes = self._writes(shop_id, fresh, before, now)
            if len(writes) > MAX_WRITES:
                return self._halves(
                    shop_id, movements, zone, allow_negative=allow_negative, take_expired=take_expired
                )
            if self._written(writes):
                return entered
            time.sleep(random.random() * 0.02 * (attempt + 1))
        raise StoreUnavailable("too many writers at once")

    def _halves(
        self,
        shop_id: str,
        movements: Sequence[Movement],
        zone: str,
        *,
        allow_negative: bool,
        take_expired: bool,
    ) -> dict[str, tuple[Movement, ...]]:
        """Make the movements in two transactions; a failure of the second is reversed with the first."""
        half = len(movements) // 2
        if half == 0:
            raise Conflict(
                f"the movement of '{movements[0].item_id}' touches too many lots at once",
                hint="move it in smaller quantities",
            )
        asked = {"allow_negative": allow_negative, "take_expired": take_expired}
        first = self._move_some(shop_id, movements[:half], zone, **asked)
        try:
            second = self._move_some(shop_id, movements[half:], zone, **asked)
        except (NotFound, Conflict):
            self._take_back(shop_id, movements[:half])
            raise
        return first | second

    def _written(self, writes: list[Row]) -> bool:
        """Write a transaction; False where another one overtook it."""
        if not writes:
            return True
        try:
            self._table.write(writes)
        except Refused:
            return False
        return True

    def count(self, shop_id: str, count: StockCount, zone: str = "Asia/Kolkata") -> Counted:
        """Work the difference out against the record as it was read, again where another write overtakes it."""
        wanted = Movement(
            count.movement_id, count.item_id, "count", 0, count.at, count.actor, batch_id=count.batch_id
        )
        on_failure(lambda: self._take_back(shop_id, (wanted,)))
        for attempt in range(_TRIES):
            before = self._shelves(shop_id, (wanted,))
            read = before[count.item_id]
            if self._is_stored(shop_id, wanted):
                rows = self._rows_stored(shop_id, wanted)
                check_same_movement(wanted, rows)
                return Counted(record_before(count, rows), rows, read.shelf.on_hand_milli)
            later = self._moved_after(shop_id, count, read)
            recorded = recorded_milli(count, read.shelf) - later
            check_expected(count, recorded)
            rows = rows_of_count(count, read.shelf, later, zone)
            after = shelf_after(read.shelf, rows)
            if self._written(self._writes(shop_id, rows, before, {count.item_id: after}, count)):
                return Counted(recorded, rows, after.on_hand_milli)
            time.sleep(random.random() * 0.02 * (attempt + 1))
        raise StoreUnavailable("too many writers at once")

    def _moved_after(self, shop_id: str, count: StockCount, read: "_Read") -> int:
        """Sum what moved after a count's instant."""
        if read.last_moved_at is not None and read.last_moved_at <= count.at:
            return 0
        rows = (_movement(row) for row in self._table.starting(shop_id, f"#m#{count.item_id}#"))
        return sum(
            row.quantity_milli for row in rows if row.at > count.at and count.batch_id in (None, row.batch_id)
        )

    def _take_back(self, shop_id: str, done: Sequence[Movement]) -> None:
        """Undo movements whose call or whole unit of work failed; done twice, it changes nothing more."""
        back = tuple(
            Movement(f"{m.movement_id}-r", m.item_id, "reversal", -m.quantity_milli, m.at, m.actor, "undone",
                     m.source, m.batch_id)
            for movement in done
            for m in self._own_rows(shop_id, movement)
            if not m.movement_id.endswith("~c")
        )  # fmt: skip
        for start in range(0, len(back), _TOGETHER):
            self._move_some(shop_id, back[start : start + _TOGETHER], "Asia/Kolkata", allow_negative=True)

    def _own_rows(self, shop_id: str, movement: Movement) -> tuple[Movement, ...]:
        """Return the rows of a movement, none where another one has its id."""
        rows = self._rows_stored(shop_id, movement)
        return rows if is_same_movement(movement, rows) else ()

    def _shelves(self, shop_id: str, movements: Sequence[Movement]) -> "dict[str, _Read]":
        """Read the stock of the items that move, with their lots; all of them must be there."""
        found: dict[str, _Read] = {}
        for movement in movements:
            if movement.item_id not in found:
                found[movement.item_id] = self._read(shop_id, movement.item_id)
            if movement.batch_id is not None and found[movement.item_id].shelf.lot(movement.batch_id) is None:
                raise NotFound(f"no batch '{movement.batch_id}'", field="batch_id")
        return found

    def _read(self, shop_id: str, item_id: str) -> "_Read":
        """Read an item's stock, then its lots: a change between the two is noticed by the version."""
        row = self._table.get({"shopId": shop_id, "itemId": item_id})
        if row is None or item_id.startswith("#"):
            raise NotFound(f"no item '{item_id}'", field="item_id")
        lots = tuple(_lot(each) for each in self._table.starting(shop_id, f"#l#{item_id}#"))
        shelf = Shelf(row["onHandMilli"], lots, _instant(row.get("countedAt")))
        return _Read(shelf, row.get("shelfVersion"), _instant(row.get("lastMovedAt")))

    def _is_stored(self, shop_id: str, movement: Movement) -> bool:
        """Return whether a movement is there, and stands."""
        if self._table.get(_movement_key(shop_id, movement)) is None:
            return False
        back = replace(movement, movement_id=f"{movement.movement_id}-r")
        check_not_taken_back(self._table, _movement_key(shop_id, back))
        return True

    def _rows_stored(self, shop_id: str, movement: Movement) -> tuple[Movement, ...]:
        """Return the rows that a movement became when it was entered."""
        prefix = f"#m#{movement.item_id}#{movement.movement_id}"
        rows = [_movement(row) for row in self._table.starting(shop_id, prefix)]
        own = [
            row
            for row in rows
            if row.movement_id == movement.movement_id
            or (row.movement_id.startswith(f"{movement.movement_id}~") and "-r" not in row.movement_id[-4:])
        ]
        return tuple(sorted(own, key=lambda row: (len(row.movement_id), row.movement_id)))

    def _writes(
        self,
        shop_id: str,
        rows: Sequence[Movement],
        before: "Mapping[str, _Read]",
        after: Mapping[str, Shelf],
        count: StockCount | None = None,
    ) -> list[Row]:
        """Describe a transaction: rows, the items' quantities under their versions, lots, and a count's mark."""
        if not rows and count is None:
            return []
        told: list[tuple[ChangeKind, str]] = [("stock", row.item_id) for row in rows]
        told += [("lot", row.batch_id) for row in rows if row.batch_id is not None]
        writes = [self._table.noting("itemId", shop_id, *dict.fromkeys(told))] if told else []
        writes += [write for row in rows for write in self._movement_writes(shop_id, row)]
        for item_id, shelf in after.items():
            moved = [row.at for row in rows if row.item_id == item_id]
            if not moved and count is None:
                continue
            read = before[item_id]
            last = max([*moved, *([read.last_moved_at] if read.last_moved_at else [])], default=None)
            item_counted = count.at if count is not None and count.batch_id is None else None
            writes.append(self._item_write(shop_id, item_id, read, shelf, last, item_counted))
            for lot in shelf.lots:
                counted = count is not None and count.batch_id == lot.lot_id
                held = read.shelf.lot(lot.lot_id)
                change = lot.on_hand_milli - (held.on_hand_milli if held else 0)
                if change or counted:
                    at = _newest(lot.counted_at, count.at if counted and count is not None else None)
                    writes.append(self._lot_write(shop_id, item_id, lot.lot_id, change, at))
        return writes

    def _item_write(
        self,
        shop_id: str,
        item_id: str,
        read: "_Read",
        shelf: Shelf,
        last_moved_at: datetime | None,
        counted_at: datetime | None,
    ) -> Row:
        """Describe the change of an item's quantity, if its stock is as it was read."""
        counted = _newest(shelf.counted_at, counted_at)
        values: Row = {":change": shelf.on_hand_milli - read.shelf.on_hand_milli, ":one": 1}
        sets = []
        for name, instant in (("lastMovedAt", last_moved_at), ("countedAt", counted)):
            if instant is not None:
                sets.append(f"{name} = :{name}")
                values[f":{name}"] = instant
        expression = (
            f"SET {', '.join(sets)} " if sets else ""
        ) + "ADD onHandMilli :change, shelfVersion :one"
        condition = "attribute_exists(onHandMilli) AND attribute_not_exists(shelfVersion)"
        if read.version is not None:
            condition, values[":seen"] = "shelfVersion = :seen", read.version
        key = {"shopId": shop_id, "itemId": item_id}
        return self._table.updating(key, expression, values, condition)

    def _lot_write(
        self, shop_id: str, item_id: str, lot_id: str, change: int, counted_at: datetime | None
    ) -> Row:
        """Describe the change of a lot; the item's version stands guard over it."""
        key = {"shopId": shop_id, "itemId": f"#l#{item_id}#{lot_id}"}
        values: Row = {":change": change}
        expression = "ADD onHandMilli :change"
        if counted_at is not None:
            expression, values[":at"] = f"SET countedAt = :at {expression}", counted_at
        return self._table.updating(key, expression, values, "attribute_exists(onHandMilli)")

    def _movement_writes(self, shop_id: str, movement: Movement) -> list[Row]:
        """Describe the rows of one movement."""
        row = {theirs: getattr(movement, ours) for ours, theirs in _MOVEMENT.items()}
        writes = [self._table.putting(_movement_key(shop_id, movement) | row, NEW)]
        if movement.source is not None:
            key = {"shopId": shop_id, "itemId": f"#s#{movement.source}#{movement.movement_id}"}
            writes.append(self._table.putting(key | row))
        return writes

    def restore(self, shop_id: str, movements: Sequence[Movement]) -> None:
        """Add rows as another store kept them, with what they do to items and lots; known ones change nothing."""
        for movement in movements:
            if self._table.get(_movement_key(shop_id, movement)) is not None:
                continue
            before = self._shelves(shop_id, (movement,))
            after = shelf_after(before[movement.item_id].shelf, (movement,))
            if not self._written(self._writes(shop_id, (movement,), before, {movement.item_id: after})):
                raise StoreUnavailable("the stock moved while it was restored")

    def movements(self, shop_id: str, item_id: str, limit: int, after: str | None) -> Page[Movement]:
        """Return the newest first."""
        prefix = f"#m#{item_id}#"
        rows = self._table.query(
            "shopId = :shop AND itemId BETWEEN :first AND :last",
            {":shop": shop_id, ":first": prefix, ":last": f"{prefix}{after}" if after else f"{prefix}\uffff"},
            newest_first=True,
            limit=limit + 2,
        )
        wanted = (move for row in rows if (move := _movement(row)).movement_id != after)
        found = [move for _, move in zip(range(limit + 1), wanted, strict=False)]
        return Page(tuple(found[:limit]), found[limit - 1].movement_id if len(found) > limit else None)

    def empty_shelves(
        self, shop_id: str, item_ids: tuple[str, ...], since: datetime
    ) -> tuple[EmptyShelf, ...]:
        """Walk each item's movements back from the quantity on hand."""
        found: list[EmptyShelf] = []
        for item_id in sorted(set(item_ids)):
            item = self._table.get({"shopId": shop_id, "itemId": item_id})
            if item is None:
                continue
            rows = (_movement(row) for row in self._table.starting(shop_id, f"#m#{item_id}#"))
            lately = sorted((m for m in rows if m.at >= since), key=lambda m: (m.at, m.movement_id))
            level = item["onHandMilli"] - sum(m.quantity_milli for m in lately)
            steps: list[tuple[datetime, MovementKind, int]] = []
            for movement in lately:
                level += movement.quantity_milli
                steps.append((movement.at, movement.kind, level))
            found += empty_shelves_of(item_id, steps)
        return tuple(found)

    def movements_of(self, shop_id: str, source: str) -> tuple[Movement, ...]:
        """Return the movements of one bill or count."""
        return tuple(_movement(row) for row in self._table.starting(shop_id, f"#s#{source}#"))

    def rebuild(self, shop_id: str) -> int:
        """Recount items and lots from the movements, and bring lots down to the stock."""
        sums: dict[str, int] = {}
        for row in self._table.starting(shop_id, "#m#"):
            move = _movement(row)
            for key in (move.item_id, *([f"#l#{move.item_id}#{move.batch_id}"] if move.batch_id else [])):
                sums[key] = sums.get(key, 0) + move.quantity_milli
        items = list(
            self._table.query("shopId = :shop AND itemId > :after", {":shop": shop_id, ":after": "$"})
        )
        differed = 0
        for row in [*items, *self._table.starting(shop_id, "#l#")]:
            wanted = sums.get(row["itemId"], 0)
            if row["onHandMilli"] != wanted:
                place = {"shopId": shop_id, "itemId": row["itemId"]}
                values = {":wanted": wanted, ":seen": row["onHandMilli"], ":one": 1}
                change = "SET onHandMilli = :wanted ADD shelfVersion :one"
                self._table.write([self._table.updating(place, change, values, "onHandMilli = :seen")])
                differed += 1
        return differed + sum(self._settle(shop_id, row["itemId"]) for row in items)

    def _settle(self, shop_id: str, item_id: str) -> bool:
        """Bring an item's lots down to its stock, and tell whether that was needed."""
        before = {item_id: self._read(shop_id, item_id)}
        lots = before[item_id].shelf.lots
        if not lots:
            return False
        at = max(lot.received_at for lot in lots)
        plain = Movement(new_id(at), item_id, "count", 0, at, "rebuild")
        rows = settling_rows(item_id, before[item_id].shelf, at, plain.movement_id)
        after = shelf_after(before[item_id].shelf, rows)
        if not self._written(self._writes(shop_id, rows, before, {item_id: after})):
            raise StoreUnavailable("the stock moved while it was recounted")
        return bool(rows)


@dataclass(frozen=True, slots=True)
class _Read:
    """An item's stock as it was read, the version that guards it, and when it last moved."""

    shelf: Shelf
    version: int | None
    last_moved_at: datetime | None


def _instant(text: str | None) -> datetime | None:
    """Read an instant."""
    return datetime.fromisoformat(text) if text else None


def _newest(*instants: datetime | None) -> datetime | None:
    """Return the newest of some instants."""
    return max((each for each in instants if each is not None), default=None)


def _lot(row: Row) -> LotStock:
    """Turn a row into a lot on the shelf."""
    expires = row.get("expiresOn")
    return LotStock(
        row["batchId"],
        date.fromisoformat(expires) if expires else None,
        datetime.fromisoformat(row["receivedAt"]),
        row["onHandMilli"],
        _instant(row.get("countedAt")),
    )


def _movement_key(shop_id: str, movement: Movement) -> Row:
    """Return the key of a movement."""
    return {"shopId": shop_id, "itemId": f"#m#{movement.item_id}#{movement.movement_id}"}


def _movement(row: Row) -> Movement:
    """Turn a row into a movement."""
    values: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in _MOVEMENT.items()}
    values["at"] = datetime.fromisoformat(row["at"])
    return Movement(**values)
