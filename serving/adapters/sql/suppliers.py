"""Suppliers in SQL."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import suppliers
from serving.ports.suppliers import Supplier


class SqlSupplierStore:
    """Keeps suppliers."""

    def __init__(self, database: Database) -> None:
        self._database = database

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


def _supplier(row: Mapping[Any, Any]) -> Supplier:
    """Turn a row into a supplier."""
    values = {name: value for name, value in row.items() if name != "shop_id"}
    days = tuple(int(day) for day in values["visit_weekdays"].split(",") if day)
    closed = tuple(date.fromisoformat(day) for day in json.loads(values["closed_on"]))
    return Supplier(**values | {"visit_weekdays": days, "closed_on": closed})
