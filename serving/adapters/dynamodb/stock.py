"""Stock movements on DynamoDB, in the table Inventory, and the quantities on hand that they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from serving.adapters.dynamodb.table import (
    MAX_WRITES,
    NEW,
    DynamoTable,
    Refused,
    Row,
    check_not_taken_back,
)
from serving.errors import NotFound, OutOfStock, StockChanged, StoreUnavailable
from serving.ports.changes import ChangeKind
from serving.ports.page import Page
from serving.ports.stock import (
    EmptyShelf,
    EnteredMovement,
    Movement,
    MovementKind,
    check_same_movement,
    empty_shelves_of,
)
from serving.ports.transactions import on_failure

_MOVEMENT = {
    "movement_id": "movementId",
    "item_id": "of",
    "kind": "kind",
    "quantity_milli": "quantityMilli",
    "at": "at",
    "actor": "actor",
    "reason": "reason",
    "source": "source",
    "batch_id": "batchId",
    "unit_cost_paise": "unitCostPaise",
}


class DynamoStockStore:
    """Keeps the stock; a movement and the quantity it changes are written in one transaction.

    A write that is tried again after it was cut off comes with the ids it had (`ids_of_write`): movements that are
    stored are left out.

    A transaction holds 100 writes. Movements that need more are made in several; when a later one is refused
    the earlier ones are taken back by movements of the kind "reversal".

    Parameters
    ----------
    table : DynamoTable
        The table Inventory.
    """

    def __init__(self, table: DynamoTable) -> None:
        self._table = table

    def move(self, shop_id: str, movements: tuple[Movement, ...], allow_negative: bool) -> None:
        """Append movements and add them up."""
        remembered = on_failure(lambda: self._take_back(shop_id, movements))
        done: list[Movement] = []
        for part in _parts(movements):
            try:
                done += self._move_part(shop_id, part, allow_negative)
            except (NotFound, OutOfStock):
                self._take_back(shop_id, done)
                raise
            except StoreUnavailable:
                if not remembered:
                    self._take_back(shop_id, done)
                raise

    def move_from(self, shop_id: str, on_hand_milli: int, movement: Movement) -> None:
        """Let the addition depend on the quantity that was read."""
        on_failure(lambda: self._take_back(shop_id, (movement,)))
        item = {"shopId": shop_id, "itemId": movement.item_id}
        values = {":change": movement.quantity_milli, ":seen": on_hand_milli}
        add = self._table.updating(item, "ADD onHandMilli :change", values, "onHandMilli = :seen")
        try:
            self._table.write(
                [
                    add,
                    *self._movement_writes(shop_id, movement, {"onHandBeforeMilli": on_hand_milli}),
                    self._table.noting("itemId", shop_id, ("stock", movement.item_id)),
                ]
            )
        except Refused:
            if self._is_stored(shop_id, movement):
                return  # the same write, which was cut off after this step
            if self._table.get(item) is None:
                raise NotFound(f"no item '{movement.item_id}'", field="item_id") from None
            raise StockChanged.since(movement.item_id, on_hand_milli) from None

    def entered(self, shop_id: str, item_id: str, movement_id: str) -> EnteredMovement | None:
        """Return the movement with the quantity that was read before it."""
        row = self._table.get({"shopId": shop_id, "itemId": f"#m#{item_id}#{movement_id}"})
        if row is None or "onHandBeforeMilli" not in row:
            return None
        movement = _movement(row)
        self._check_standing(shop_id, movement)
        on_failure(lambda: self._take_back(shop_id, (movement,)))
        return EnteredMovement(movement, row["onHandBeforeMilli"])

    def _take_back(self, shop_id: str, done: Sequence[Movement]) -> None:
        """Undo movements whose call or whole unit of work failed; done twice, it changes nothing more."""
        back = [
            Movement(f"{m.movement_id}-r", m.item_id, "reversal", -m.quantity_milli, m.at, m.actor, "undone",
                     m.source, m.batch_id)
            for m in done
            if self._is_own(shop_id, m)
        ]  # fmt: skip
        for part in _parts(back):
            self._move_part(shop_id, part, allow_negative=True)

    def _is_own(self, shop_id: str, movement: Movement) -> bool:
        """Tell whether a movement is there under its id, and not another one."""
        stored = self._table.get(_movement_key(shop_id, movement))
        if stored is None:
            return False
        there = _movement(stored)
        return (there.kind, there.quantity_milli) == (movement.kind, movement.quantity_milli)

    def _move_part(self, shop_id: str, movements: Sequence[Movement], allow_negative: bool) -> list[Movement]:
        """Make some movements in one transaction; those made before are left out."""
        fresh = [m for m in movements if not self._is_stored(shop_id, m)]
        if not fresh:
            return []
        totals: dict[str, int] = {}
        floors: dict[str, int] = {}
        for m in fresh:
            for key in (m.item_id, *([f"#l#{m.item_id}#{m.batch_id}"] if m.batch_id else [])):
                totals[key] = totals.get(key, 0) + m.quantity_milli
                floors[key] = min(floors.get(key, 0), totals[key])
        told: list[tuple[ChangeKind, str]] = [("stock", m.item_id) for m in fresh]
        told += [("lot", m.batch_id) for m in fresh if m.batch_id]
        writes = [self._table.noting("itemId", shop_id, *told)]
        writes += [write for m in fresh for write in self._movement_writes(shop_id, m)]
        keys = sorted(totals)
        writes += [
            self._add(shop_id, key, totals[key], None if allow_negative else floors[key]) for key in keys
        ]
        try:
            self._table.write(writes)
        except Refused as refused:
            first = len(writes) - len(keys)
            for place in refused.places:
                if place >= first:
                    self._explain(shop_id, keys[place - first], totals[keys[place - first]])
            return self._move_part(shop_id, movements, allow_negative)
        return fresh

    def _is_stored(self, shop_id: str, movement: Movement) -> bool:
        """Tell whether a movement is there, and stands."""
        stored = self._table.get(_movement_key(shop_id, movement))
        if stored is None:
            return False
        check_same_movement(movement, _movement(stored))
        self._check_standing(shop_id, movement)
        return True

    def _check_standing(self, shop_id: str, movement: Movement) -> None:
        """Refuse to go on with a movement that was taken back."""
        back = replace(movement, movement_id=f"{movement.movement_id}-r")
        check_not_taken_back(self._table, _movement_key(shop_id, back))

    def _movement_writes(
        self, shop_id: str, movement: Movement, further: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """Describe the rows of one movement."""
        row = {theirs: getattr(movement, ours) for ours, theirs in _MOVEMENT.items()} | dict(further or {})
        writes = [self._table.putting(_movement_key(shop_id, movement) | row, NEW)]
        if movement.source is not None:
            key = {"shopId": shop_id, "itemId": f"#s#{movement.source}#{movement.movement_id}"}
            writes.append(self._table.putting(key | row))
        return writes

    def _add(self, shop_id: str, key: str, change: int, floor: int | None) -> Row:
        """Describe the addition to a quantity on hand, bounded below where it must be."""
        condition = "attribute_exists(onHandMilli)"
        values: Row = {":change": change}
        if floor is not None and floor < 0:
            condition = "onHandMilli >= :least"
            values[":least"] = -floor
        return self._table.updating(
            {"shopId": shop_id, "itemId": key}, "ADD onHandMilli :change", values, condition
        )

    def _explain(self, shop_id: str, key: str, change: int) -> None:
        """Say why a quantity could not be changed."""
        row = self._table.get({"shopId": shop_id, "itemId": key})
        what = "batch" if key.startswith("#l#") else "item"
        name = key.rpartition("#")[2]
        if row is None:
            raise NotFound(f"no {what} '{name}'", field=f"{what}_id")
        raise OutOfStock(
            f"'{name}' has {row['onHandMilli']} milli-units on hand, {-change} are wanted",
            hint="enter the delivery first, or allow negative stock in the shop's settings",
        )

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
        """Recount items and lots from the movements."""
        sums: dict[str, int] = {}
        for row in self._table.starting(shop_id, "#m#"):
            move = _movement(row)
            for key in (move.item_id, *([f"#l#{move.item_id}#{move.batch_id}"] if move.batch_id else [])):
                sums[key] = sums.get(key, 0) + move.quantity_milli
        items = self._table.query("shopId = :shop AND itemId > :after", {":shop": shop_id, ":after": "$"})
        differed = 0
        for row in [*items, *self._table.starting(shop_id, "#l#")]:
            wanted = sums.get(row["itemId"], 0)
            if row["onHandMilli"] != wanted:
                place = {"shopId": shop_id, "itemId": row["itemId"]}
                values = {":wanted": wanted, ":seen": row["onHandMilli"]}
                change = "SET onHandMilli = :wanted"
                self._table.write([self._table.updating(place, change, values, "onHandMilli = :seen")])
                differed += 1
        return differed


def _parts(movements: Sequence[Movement]) -> list[list[Movement]]:
    """Part movements so that each part fits into one transaction with what it tells the feed of changes.

    A movement needs four writes at most.
    """
    size = (MAX_WRITES - 1) // 4
    return [list(movements[start : start + size]) for start in range(0, len(movements), size)]


def _movement_key(shop_id: str, movement: Movement) -> Row:
    """Return the key of a movement."""
    return {"shopId": shop_id, "itemId": f"#m#{movement.item_id}#{movement.movement_id}"}


def _movement(row: Row) -> Movement:
    """Turn a row into a movement."""
    values: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in _MOVEMENT.items()}
    values["at"] = datetime.fromisoformat(row["at"])
    return Movement(**values)
