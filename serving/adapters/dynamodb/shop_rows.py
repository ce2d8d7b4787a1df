"""The rows of a shop on DynamoDB, in the form that the SQL tables have; filled by the stores' own writes."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime, time
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from samaan_ml.domain.customer_events import CustomerEvent
from samaan_ml.domain.ledger import LedgerEntry
from serving.adapters.dynamodb.items import DynamoItemStore
from serving.adapters.dynamodb.lots import DynamoLotStore
from serving.adapters.dynamodb.stock import DynamoStockStore
from serving.adapters.dynamodb.suppliers import DynamoSupplierStore
from serving.adapters.dynamodb.table import DynamoTable
from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore
from serving.errors import AlreadyExists, InvalidInput
from serving.ports.items import Item
from serving.ports.lots import Batch
from serving.ports.page import walk
from serving.ports.shop_rows import Row
from serving.ports.stock import Movement
from serving.ports.suppliers import Supplier
from serving.ports.udhaar import Customer

_PAGE = 500
_MOVES = 25
Record = TypeVar("Record")


class DynamoInventoryRows:
    """Reads and fills the tables of the inventory.

    Parameters
    ----------
    table : DynamoTable
        The table Inventory.
    """

    tables = ("items", "batches", "suppliers", "stock_movements")

    def __init__(self, table: DynamoTable) -> None:
        self._items = DynamoItemStore(table)
        self._stock = DynamoStockStore(table)
        self._lots = DynamoLotStore(table)
        self._suppliers = DynamoSupplierStore(table)

    def read(self, shop_id: str) -> Iterator[tuple[str, Row]]:
        """Yield all rows; the table has no reading of one instant."""
        items = self._items.all_items(shop_id)
        for item in items:
            aliases, names = (json.dumps(each, ensure_ascii=False) for each in (item.aliases, item.names))
            yield "items", _plain(item, aliases=aliases, names=names)
        for batch in self._lots.all_batches(shop_id):
            yield "batches", _plain(batch)
        for each in self._suppliers.suppliers(shop_id):
            weekdays = ",".join(map(str, each.visit_weekdays))
            closed = json.dumps([day.isoformat() for day in each.closed_on])
            yield "suppliers", _plain(each, visit_weekdays=weekdays, closed_on=closed)
        moves = [
            movement
            for item in items
            for movement in walk(partial(self._stock.movements, shop_id, item.item_id, _PAGE))
        ]
        for movement in sorted(moves, key=lambda each: each.movement_id):
            yield "stock_movements", _plain(movement)

    def fill(self, shop_id: str, table: str, rows: Iterable[Row]) -> None:
        """Add what the rows say; the quantities on hand come from the movements."""
        match table:
            case "items":
                for row in rows:
                    aliases = json.loads(str(row["aliases"]))
                    names = json.loads(str(row.get("names") or "{}"))
                    # An import that was cut off has added some items; differences show at its end.
                    with suppress(AlreadyExists):
                        self._items.add_item(shop_id, _record(Item, row, aliases=aliases, names=names))
            case "batches":
                for row in rows:
                    self._lots.add_batch(shop_id, _record(Batch, row))
            case "suppliers":
                for row in rows:
                    days = [day for day in str(row["visit_weekdays"]).split(",") if day]
                    closed = json.loads(str(row.get("closed_on") or "[]"))
                    supplier = _record(Supplier, row, visit_weekdays=days, closed_on=closed)
                    self._suppliers.save_supplier(shop_id, supplier)
            case "stock_movements":
                waiting = (_record(Movement, row) for row in rows)
                while some := tuple(islice(waiting, _MOVES)):
                    self._stock.restore(shop_id, some)
            case _:
                raise InvalidInput(f"there is no table '{table}'")


class DynamoUdhaarRows:
    """Reads and fills the tables of the khata.

    Parameters
    ----------
    store : DynamoUdhaarStore
        The store.
    """

    tables = ("customers", "udhaar_entries", "customer_events")

    def __init__(self, store: DynamoUdhaarStore) -> None:
        self._store = store

    def read(self, shop_id: str) -> Iterator[tuple[str, Row]]:
        """Yield all rows; the table has no reading of one instant."""
        customers = list(walk(partial(self._store.customers, shop_id, _PAGE)))
        entries: list[Row] = []
        events: list[Row] = []
        for customer in customers:
            khata = self._store.khata(shop_id, customer.customer_id)
            head = khata[-1][1] if khata else None
            yield (
                "customers",
                _plain(
                    customer,
                    entry_count=head.sequence if head else 0,
                    head_hash=head.entry_hash if head else None,
                ),
            )
            entries += [
                _plain(entry, sequence=link.sequence, entry_hash=link.entry_hash) for entry, link in khata
            ]
            events += [
                _plain(event, closes=event.about if event.kind == "closing" else None)
                for event in self._store.events(shop_id, customer.customer_id)
            ]
        for entry in sorted(entries, key=lambda row: str(row["entry_id"])):
            yield "udhaar_entries", entry
        for event in sorted(events, key=lambda row: str(row["event_id"])):
            yield "customer_events", event

    def fill(self, shop_id: str, table: str, rows: Iterable[Row]) -> None:
        """Add what the rows say; balances and chain come from the entries, in the order of acceptance."""
        match table:
            case "customers":
                for row in rows:
                    with suppress(AlreadyExists):
                        self._store.add_customer(shop_id, _record(Customer, row))
            case "udhaar_entries":
                for row in sorted(
                    rows, key=lambda each: (str(each["customer_id"]), int(each["sequence"] or 0))
                ):
                    self._store.append(_record(LedgerEntry, {"shop_id": shop_id} | dict(row)))
            case "customer_events":
                for row in rows:
                    self._store.record(shop_id, _record(CustomerEvent, row))
            case _:
                raise InvalidInput(f"there is no table '{table}'")


def _plain(record: Any, **other: Any) -> Row:
    """Write a record as a row; what the tables write differently is given."""
    values = asdict(record) | other
    values.pop("shop_id", None)
    return {
        name: value.isoformat() if isinstance(value, datetime | date | time) else value
        for name, value in values.items()
    }


def _record(kind: type[Record], row: Row, **other: Any) -> Record:
    """Read a record back."""
    fields = kind.__dataclass_fields__  # type: ignore[attr-defined]
    values = {name: value for name, value in (dict(row) | other).items() if name in fields}
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        raise InvalidInput(f"a row of '{kind.__name__}' does not fit: {error.errors()[0]['msg']}") from error
