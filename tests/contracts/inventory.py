"""The four stores of an inventory on one technology, and what the contract tests put into them."""

from datetime import datetime
from typing import Any, NamedTuple

from serving.ports.items import Item, ItemStore
from serving.ports.lots import LotStore
from serving.ports.stock import Movement, StockStore
from serving.ports.suppliers import SupplierStore


class Inventory(NamedTuple):
    """Items, stock, lots and suppliers that lie in one place."""

    items: ItemStore
    stock: StockStore
    lots: LotStore
    suppliers: SupplierStore


def sql_inventory(database: Any) -> Inventory:
    from serving.adapters.sql.items import SqlItemStore
    from serving.adapters.sql.lots import SqlLotStore
    from serving.adapters.sql.stock import SqlStockStore
    from serving.adapters.sql.suppliers import SqlSupplierStore

    return Inventory(
        SqlItemStore(database), SqlStockStore(database), SqlLotStore(database), SqlSupplierStore(database)
    )


def dynamo_inventory(table: Any) -> Inventory:
    from serving.adapters.dynamodb.items import DynamoItemStore
    from serving.adapters.dynamodb.lots import DynamoLotStore
    from serving.adapters.dynamodb.stock import DynamoStockStore
    from serving.adapters.dynamodb.suppliers import DynamoSupplierStore

    return Inventory(
        DynamoItemStore(table), DynamoStockStore(table), DynamoLotStore(table), DynamoSupplierStore(table)
    )


def an_item(now: datetime, item_id: str = "sugar", **fields: Any) -> Item:
    usual: dict[str, Any] = {
        "name": "Sugar",
        "category": "staples",
        "unit": "kg",
        "price_paise": 4_500,
        "cost_paise": None,
        "mrp_paise": None,
        "barcode": None,
        "hsn": None,
        "aliases": ("चीनी",),
        "pack_milli": 1_000,
        "lead_time_days": 2,
        "service_level": 0.9,
        "reorder_point_milli": None,
        "supplier_id": None,
        "known_value": False,
        "price_changed_on": None,
        "on_hand_milli": 0,
        "version": 1,
    }
    return Item(item_id=item_id, created_at=now, **usual | fields)


def a_movement(
    now: datetime, movement_id: str, quantity: int, item_id: str = "sugar", **fields: Any
) -> Movement:
    return Movement(movement_id, item_id, fields.pop("kind", "purchase"), quantity, now, "meena", **fields)
