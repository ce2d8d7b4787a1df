"""Suppliers on DynamoDB, in the table Inventory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

from serving.adapters.dynamodb.table import DynamoTable
from serving.ports.suppliers import Supplier


class DynamoSupplierStore:
    """Keeps suppliers.

    Parameters
    ----------
    table : DynamoTable
        The table Inventory.
    """

    def __init__(self, table: DynamoTable) -> None:
        self._table = table

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
        return tuple(_supplier(row) for row in self._table.starting(shop_id, "#p#"))


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
