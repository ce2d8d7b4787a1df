"""Items on DynamoDB: keys `shopId` and `itemId`, index CategoryIndex on `category`.

One partition a shop. An item's row has the item's id as sort key; all else starts with '#', which no id does:

- `#m#<item>#<movement>`      a movement of an item
- `#s#<source>#<movement>`    the same movement under its bill or count
- `#l#<item>#<batch>`         a lot
- `#b#<barcode>`              the item that has the barcode
- `#p#<supplier>`             a supplier
"""

from datetime import date, datetime
from typing import Any

from serving.adapters.dynamodb.table import NEW, DynamoTable, Refused, Row, names_of
from serving.errors import AlreadyExists, NotFound, StaleVersion
from serving.ports.clock import new_id
from serving.ports.items import Item
from serving.ports.page import Page

_ITEM = names_of(Item)


class DynamoItemStore:
    """Keeps items.

    A write that is tried again after it was cut off comes with the ids it had (`ids_of_write`): items it added or
    changed bear its mark (`addedBy`, `changedBy`) and stay as they are.

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
        writes = [self._table.putting(row, NEW)]
        writes += self._barcode_writes(shop_id, item.item_id, None, item.barcode)
        writes.append(self._table.noting("itemId", shop_id, ("item", item.item_id)))
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
                self._table.putting({"shopId": shop_id, "itemId": f"#b#{after}", "of": item_id}, NEW)
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
            if ours not in ("item_id", "on_hand_milli", "version", "counted_at")
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
            barcodes = self._barcode_writes(shop_id, item.item_id, row.get("barcode"), item.barcode)
            told = self._table.noting("itemId", shop_id, ("item", item.item_id))
            self._table.write([change, *barcodes, told])
        except Refused as refused:
            if 0 in refused.places:
                raise StaleVersion(
                    f"item '{item.item_id}' is no longer at version {expected_version}"
                ) from None
            raise AlreadyExists(f"the barcode of '{item.item_id}' is taken", field="barcode") from None

    def all_items(self, shop_id: str) -> tuple[Item, ...]:
        """Return all items, the archived ones too, in order of id."""
        rows = self._table.query("shopId = :shop AND itemId > :after", {":shop": shop_id, ":after": "$"})
        return tuple(_item(row) for row in rows)


def _item(row: Row) -> Item:
    """Turn a row into an item."""
    values: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in _ITEM.items()}
    values["aliases"] = tuple(row["aliases"])
    values["names"] = row.get("names") or {}
    values["service_level"] = float(row["serviceLevel"])
    values["created_at"] = datetime.fromisoformat(row["createdAt"])
    counted = row.get("countedAt")
    values["counted_at"] = datetime.fromisoformat(counted) if counted else None
    changed = row.get("priceChangedOn")
    values["price_changed_on"] = date.fromisoformat(changed) if changed else None
    return Item(**values)
