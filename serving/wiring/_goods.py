"""The stores of items, stock, orders, sales, udhaar and bills."""

from typing import TYPE_CHECKING, assert_never

from serving.ports.bills import BillStore
from serving.ports.closings import ClosingStore
from serving.ports.imports import ImportStore
from serving.ports.items import ItemStore
from serving.ports.lots import LotStore
from serving.ports.orders import OrderStore
from serving.ports.sales import SalesStore
from serving.ports.stock import StockStore
from serving.ports.suppliers import SupplierStore
from serving.ports.udhaar import UdhaarStore
from serving.wiring._part import part
from serving.wiring._shared import dynamo_table

if TYPE_CHECKING:
    from serving.wiring import Wiring


@part
def items(wiring: "Wiring") -> ItemStore:
    """Items."""
    match wiring.settings.inventory_store:
        case "sql":
            from serving.adapters.sql.items import SqlItemStore

            return SqlItemStore(wiring.database)
        case "dynamodb":
            from serving.adapters.dynamodb.items import DynamoItemStore

            return DynamoItemStore(dynamo_table(wiring, wiring.settings.inventory_table))
        case other:
            assert_never(other)


@part
def stock(wiring: "Wiring") -> StockStore:
    """Stock and its movements."""
    match wiring.settings.inventory_store:
        case "sql":
            from serving.adapters.sql.stock import SqlStockStore

            return SqlStockStore(wiring.database)
        case "dynamodb":
            from serving.adapters.dynamodb.stock import DynamoStockStore

            return DynamoStockStore(dynamo_table(wiring, wiring.settings.inventory_table))
        case other:
            assert_never(other)


@part
def lots(wiring: "Wiring") -> LotStore:
    """Delivery lots."""
    match wiring.settings.inventory_store:
        case "sql":
            from serving.adapters.sql.lots import SqlLotStore

            return SqlLotStore(wiring.database)
        case "dynamodb":
            from serving.adapters.dynamodb.lots import DynamoLotStore

            return DynamoLotStore(dynamo_table(wiring, wiring.settings.inventory_table))
        case other:
            assert_never(other)


@part
def suppliers(wiring: "Wiring") -> SupplierStore:
    """Who delivers."""
    match wiring.settings.inventory_store:
        case "sql":
            from serving.adapters.sql.suppliers import SqlSupplierStore

            return SqlSupplierStore(wiring.database)
        case "dynamodb":
            from serving.adapters.dynamodb.suppliers import DynamoSupplierStore

            return DynamoSupplierStore(dynamo_table(wiring, wiring.settings.inventory_table))
        case other:
            assert_never(other)


@part
def orders(wiring: "Wiring") -> OrderStore:
    """Purchase orders."""
    from serving.adapters.sql.orders import SqlOrderStore

    return SqlOrderStore(wiring.database)


@part
def sales(wiring: "Wiring") -> SalesStore:
    """Bills."""
    from serving.adapters.sql.sales import SqlSalesStore

    return SqlSalesStore(wiring.database)


@part
def closings(wiring: "Wiring") -> ClosingStore:
    """Counted drawers."""
    from serving.adapters.sql.closings import SqlClosingStore

    return SqlClosingStore(wiring.database)


@part
def udhaar(wiring: "Wiring") -> UdhaarStore:
    """Customers and entries."""
    match wiring.settings.udhaar_store:
        case "sql":
            from serving.adapters.sql.udhaar import SqlUdhaarStore

            return SqlUdhaarStore(wiring.database)
        case "dynamodb":
            from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore

            return DynamoUdhaarStore(dynamo_table(wiring, wiring.settings.udhaar_table))
        case other:
            assert_never(other)


@part
def bills(wiring: "Wiring") -> BillStore:
    """Photographed bills."""
    from serving.adapters.sql.bills import SqlBillStore

    return SqlBillStore(wiring.database)


@part
def imports(wiring: "Wiring") -> ImportStore:
    """Imported sheets."""
    from serving.adapters.sql.imports import SqlImportStore

    return SqlImportStore(wiring.database)
