"""Items, lots, suppliers and movements on DynamoDB: keys `shopId` and `itemId`, index CategoryIndex on `category`.

One partition a shop. An item's row has the item's id as sort key; all else starts with '#', which no id does:

- `#m#<item>#<movement>`      a movement of an item
- `#s#<source>#<movement>`    the same movement under its bill or count
- `#l#<item>#<batch>`         a lot
- `#b#<barcode>`              the item that has the barcode
- `#p#<supplier>`             a supplier
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from serving.adapters.dynamodb.table import MAX_WRITES, DynamoTable, Refused, Row, check_not_taken_back
from serving.errors import (
    AlreadyExists,
    NotFound,
    OutOfStock,
    StaleVersion,
    StockChanged,
    StoreUnavailable,
)
from serving.ports.clock import new_id
from serving.ports.inventory import (
    Batch,
    EmptyShelf,
    EnteredMovement,
    Item,
    Movement,
    MovementKind,
    Supplier,
    empty_shelves_of,
)
from serving.ports.page import Page
from serving.ports.transactions import on_failure

_NEW = "attribute_not_exists(itemId)"
_ITEM = {
    "item_id": "itemId",
    "name": "name",
    "category": "category",
    "unit": "unit",
    "price_paise": "pricePaise",
    "cost_paise": "costPaise",
    "mrp_paise": "mrpPaise",
    "barcode": "barcode",
    "hsn": "hsn",
    "aliases": "aliases",
    "pack_milli": "packMilli",
    "lead_time_days": "leadTimeDays",
    "service_level": "serviceLevel",
    "reorder_point_milli": "reorderPointMilli",
    "supplier_id": "supplierId",
    "known_value": "knownValue",
    "price_changed_on": "priceChangedOn",
    "on_hand_milli": "onHandMilli",
    "version": "version",
    "created_at": "createdAt",
    "archived": "archived",
}
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


class DynamoInventoryStore:
    """Keeps the stock; a movement and the quantity it changes are written in one transaction.

    A write that is tried again after it was cut off comes with the ids it had (`ids_of_write`): movements that are
    stored are left out, items it added or changed bear its mark (`addedBy`, `changedBy`) and stay as they are.

    A transaction holds 100 writes. Movements that need more are made in several; when a later one is refused
    the earlier ones are taken back by movements of the kind "reversal".

    Parameters
    ----------
    table : DynamoTable
        The table Inventory.
    """

    def __init__(self, table: DynamoTable) -> None:
        self._table = table

    def add_item(self, shop_id: str, item: Item) -> None:
        """Add an item without stock, its barcode with it."""
        row = {theirs: getattr(item, ours) for ours, theirs in _ITEM.items()}
        mark = new_id(item.created_at)
        row |= {"shopId": shop_id, "onHandMilli": 0, "addedBy": mark}
        writes = [self._table.putting(row, _NEW)]
        writes += self._barcode_writes(shop_id, item.item_id, None, item.barcode)
        try:
            self._table.write(writes)
        except Refused:
            there = self._table.get({"shopId": shop_id, "itemId": item.item_id})
            if there is not None and there.get("addedBy") == mark:
                return  # the same write, which was cut off after this step
            raise AlreadyExists(
                f"item '{item.item_id}' or its barcode is there already", field="item_id"
            ) from None

    def _barcode_writes(self, shop_id: str, item_id: str, before: str | None, after: str | None) -> list[Row]:
        """Describe the move from one barcode to another."""
        writes: list[Row] = []
        if before is not None and before != after:
            writes.append(self._table.deleting({"shopId": shop_id, "itemId": f"#b#{before}"}))
        if after is not None and before != after:
            writes.append(
                self._table.putting({"shopId": shop_id, "itemId": f"#b#{after}", "of": item_id}, _NEW)
            )
        return writes

    def item(self, shop_id: str, item_id: str) -> Item:
        """Return an item."""
        row = self._table.get({"shopId": shop_id, "itemId": item_id})
        if row is None:
            raise NotFound(f"no item '{item_id}'", field="item_id")
        return _item(row)

    def items(self, shop_id: str, item_ids: tuple[str, ...]) -> tuple[Item, ...]:
        """Return those that are there."""
        rows = (self._table.get({"shopId": shop_id, "itemId": item_id}) for item_id in sorted(set(item_ids)))
        return tuple(_item(row) for row in rows if row is not None)

    def list_items(
        self, shop_id: str, limit: int, after: str | None, category: str | None = None
    ) -> Page[Item]:
        """Return items in order of id; of one category, by the index."""
        values = {":shop": shop_id, ":after": after or "$"}
        if category is None:
            rows = self._table.query("shopId = :shop AND itemId > :after", values)
            live = (item for row in rows if not (item := _item(row)).archived)
        else:
            of_category = self._table.query(
                "shopId = :shop AND category = :category",
                {":shop": shop_id, ":category": category},
                index="CategoryIndex",
            )
            ordered = sorted((_item(row) for row in of_category), key=lambda item: item.item_id)
            live = (item for item in ordered if not item.archived and item.item_id > values[":after"])
        found = [item for _, item in zip(range(limit + 1), live, strict=False)]
        return Page(tuple(found[:limit]), found[limit - 1].item_id if len(found) > limit else None)

    def change_item(self, shop_id: str, item: Item, expected_version: int) -> None:
        """Replace the fields of the version expected."""
        row = self._table.get({"shopId": shop_id, "itemId": item.item_id})
        if row is None:
            raise NotFound(f"no item '{item.item_id}'", field="item_id")
        mark = new_id(item.created_at)
        if row.get("changedBy") == mark:
            return  # the same write, which was cut off after this step
        own = {
            ours: theirs
            for ours, theirs in _ITEM.items()
            if ours not in ("item_id", "on_hand_milli", "version")
        }
        values = {theirs: getattr(item, ours) for ours, theirs in own.items()}
        sets = [f"#{name} = :{name}" for name, value in values.items() if value is not None]
        gone = [f"#{name}" for name, value in values.items() if value is None]
        expression = f"SET {', '.join(sets)}, version = :next, changedBy = :mark" + (
            f" REMOVE {', '.join(gone)}" if gone else ""
        )
        parameters = {f":{name}": value for name, value in values.items() if value is not None}
        change = self._table.updating(
            {"shopId": shop_id, "itemId": item.item_id},
            expression,
            parameters | {":next": expected_version + 1, ":expected": expected_version, ":mark": mark},
            "version = :expected",
            {f"#{name}": name for name in values},
        )
        try:
            self._table.write(
                [change, *self._barcode_writes(shop_id, item.item_id, row.get("barcode"), item.barcode)]
            )
        except Refused as refused:
            if 0 in refused.places:
                raise StaleVersion(
                    f"item '{item.item_id}' is no longer at version {expected_version}"
                ) from None
            raise AlreadyExists(f"the barcode of '{item.item_id}' is taken", field="barcode") from None

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
                [add, *self._movement_writes(shop_id, movement, {"onHandBeforeMilli": on_hand_milli})]
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
            if self._table.get(_movement_key(shop_id, m)) is not None
        ]  # fmt: skip
        for part in _parts(back):
            self._move_part(shop_id, part, allow_negative=True)

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
        writes = [write for m in fresh for write in self._movement_writes(shop_id, m)]
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
        if self._table.get(_movement_key(shop_id, movement)) is None:
            return False
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
        writes = [self._table.putting(_movement_key(shop_id, movement) | row, _NEW)]
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
        for item in self.items(shop_id, tuple(sorted(set(item_ids)))):
            rows = (_movement(row) for row in self._starting(shop_id, f"#m#{item.item_id}#"))
            lately = sorted((m for m in rows if m.at >= since), key=lambda m: (m.at, m.movement_id))
            level = item.on_hand_milli - sum(m.quantity_milli for m in lately)
            steps: list[tuple[datetime, MovementKind, int]] = []
            for movement in lately:
                level += movement.quantity_milli
                steps.append((movement.at, movement.kind, level))
            found += empty_shelves_of(item.item_id, steps)
        return tuple(found)

    def movements_of(self, shop_id: str, source: str) -> tuple[Movement, ...]:
        """Return the movements of one bill or count."""
        return tuple(_movement(row) for row in self._starting(shop_id, f"#s#{source}#"))

    def _starting(self, shop_id: str, prefix: str) -> list[Row]:
        """Return the rows whose sort key starts so."""
        values = {":shop": shop_id, ":prefix": prefix}
        return list(self._table.query("shopId = :shop AND begins_with(itemId, :prefix)", values))

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
        }
        try:
            self._table.put(row, _NEW)
        except Refused:
            return

    def batches(self, shop_id: str, item_id: str) -> tuple[Batch, ...]:
        """Return the lots with stock, the earliest expiry first."""
        found = (_batch(row) for row in self._starting(shop_id, f"#l#{item_id}#"))
        return _by_expiry([batch for batch in found if batch.on_hand_milli != 0])

    def all_batches(self, shop_id: str) -> tuple[Batch, ...]:
        """Return all lots, the empty ones too, in order of id."""
        found = (_batch(row) for row in self._starting(shop_id, "#l#"))
        return tuple(sorted(found, key=lambda batch: batch.batch_id))

    def all_items(self, shop_id: str) -> tuple[Item, ...]:
        """Return all items, the archived ones too, in order of id."""
        rows = self._table.query("shopId = :shop AND itemId > :after", {":shop": shop_id, ":after": "$"})
        return tuple(_item(row) for row in rows)

    def expiring(self, shop_id: str, until: date) -> tuple[Batch, ...]:
        """Return the lots with stock that expire by a day."""
        soon = [
            b
            for b in self.all_batches(shop_id)
            if b.expires_on is not None and b.expires_on <= until and b.on_hand_milli > 0
        ]
        return _by_expiry(soon)

    def save_supplier(self, shop_id: str, supplier: Supplier) -> None:
        """Add or replace a supplier."""
        row = {
            "supplierId": supplier.supplier_id,
            "name": supplier.name,
            "phone": supplier.phone,
            "leadTimeDays": supplier.lead_time_days,
            "visitWeekdays": supplier.visit_weekdays,
            "minimumOrderPaise": supplier.minimum_order_paise,
            "creditDays": supplier.credit_days,
            "orderDaysBefore": supplier.order_days_before,
            "orderBy": supplier.order_by.isoformat(),
            "onHoliday": supplier.on_holiday,
            "closedOn": [day.isoformat() for day in supplier.closed_on],
        }
        self._table.put({"shopId": shop_id, "itemId": f"#p#{supplier.supplier_id}"} | row)

    def suppliers(self, shop_id: str) -> tuple[Supplier, ...]:
        """Return the suppliers."""
        return tuple(_supplier(row) for row in self._starting(shop_id, "#p#"))

    def rebuild(self, shop_id: str) -> int:
        """Recount items and lots from the movements."""
        sums: dict[str, int] = {}
        for row in self._starting(shop_id, "#m#"):
            move = _movement(row)
            for key in (move.item_id, *([f"#l#{move.item_id}#{move.batch_id}"] if move.batch_id else [])):
                sums[key] = sums.get(key, 0) + move.quantity_milli
        items = self._table.query("shopId = :shop AND itemId > :after", {":shop": shop_id, ":after": "$"})
        differed = 0
        for row in [*items, *self._starting(shop_id, "#l#")]:
            wanted = sums.get(row["itemId"], 0)
            if row["onHandMilli"] != wanted:
                place = {"shopId": shop_id, "itemId": row["itemId"]}
                values = {":wanted": wanted, ":seen": row["onHandMilli"]}
                change = "SET onHandMilli = :wanted"
                self._table.write([self._table.updating(place, change, values, "onHandMilli = :seen")])
                differed += 1
        return differed


def _parts(movements: Sequence[Movement]) -> list[list[Movement]]:
    """Part movements so that each part fits into one transaction; a movement needs four writes at most."""
    size = MAX_WRITES // 4
    return [list(movements[start : start + size]) for start in range(0, len(movements), size)]


def _movement_key(shop_id: str, movement: Movement) -> Row:
    """Return the key of a movement."""
    return {"shopId": shop_id, "itemId": f"#m#{movement.item_id}#{movement.movement_id}"}


def _item(row: Row) -> Item:
    """Turn a row into an item."""
    values: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in _ITEM.items()}
    values["aliases"] = tuple(row["aliases"])
    values["service_level"] = float(row["serviceLevel"])
    values["created_at"] = datetime.fromisoformat(row["createdAt"])
    changed = row.get("priceChangedOn")
    values["price_changed_on"] = date.fromisoformat(changed) if changed else None
    return Item(**values)


def _movement(row: Row) -> Movement:
    """Turn a row into a movement."""
    values: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in _MOVEMENT.items()}
    values["at"] = datetime.fromisoformat(row["at"])
    return Movement(**values)


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
    )


def _by_expiry(batches: list[Batch]) -> tuple[Batch, ...]:
    """Order lots by expiry, those without one last."""
    return tuple(sorted(batches, key=lambda b: (b.expires_on is None, b.expires_on or date.max, b.batch_id)))


def _supplier(row: Mapping[str, Any]) -> Supplier:
    """Turn a row into a supplier; rows of before the order's hours were kept have none."""
    plain = Supplier(
        row["supplierId"],
        row["name"],
        row.get("phone"),
        row["leadTimeDays"],
        tuple(row["visitWeekdays"]),
        row["minimumOrderPaise"],
        row["creditDays"],
    )
    if "orderBy" not in row:
        return plain
    return replace(
        plain,
        order_days_before=row["orderDaysBefore"],
        order_by=time.fromisoformat(row["orderBy"]),
        on_holiday=row["onHoliday"],
        closed_on=tuple(date.fromisoformat(day) for day in row["closedOn"]),
    )
