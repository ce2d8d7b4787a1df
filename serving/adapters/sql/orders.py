"""Purchase orders in SQL."""

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from samaan_ml.domain.purchase_orders import OPEN_STATES, OrderLine, OrderState, PurchaseOrder
from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import order_lines, orders
from serving.errors import AlreadyExists, NotFound, StaleVersion
from serving.ports.page import Page

_LINE = tuple(each.name for each in dataclasses.fields(OrderLine))


class SqlOrderStore:
    """Keeps orders in `purchase_orders` and their lines in `purchase_order_lines`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, shop_id: str, order: PurchaseOrder) -> None:
        """Add an order."""
        try:
            with self._database.writing() as db:
                db.execute(orders.insert(), _order_row(shop_id, order))
                self._write_lines(db, shop_id, order)
                self._database.note(shop_id, "order", order.order_id)
        except IntegrityError:
            raise AlreadyExists(f"order '{order.order_id}' is there already", field="order_id") from None

    @staticmethod
    def _write_lines(db: sa.Connection, shop_id: str, order: PurchaseOrder) -> None:
        """Write the lines of an order."""
        same = {"shop_id": shop_id, "order_id": order.order_id}
        rows = [
            {**same, "line": place} | {name: getattr(line, name) for name in _LINE}
            for place, line in enumerate(order.lines)
        ]
        if rows:
            db.execute(order_lines.insert(), rows)

    def get(self, shop_id: str, order_id: str) -> PurchaseOrder:
        """Return an order."""
        found = self._orders(orders.c.shop_id == shop_id, orders.c.order_id == order_id)
        if not found:
            raise NotFound(f"no order '{order_id}'", field="order_id")
        return found[0]

    def orders(self, shop_id: str, order_ids: tuple[str, ...]) -> tuple[PurchaseOrder, ...]:
        """Return those that are there."""
        found = self._orders(orders.c.shop_id == shop_id, orders.c.order_id.in_(sorted(set(order_ids))))
        return tuple(sorted(found, key=lambda order: order.order_id))

    def list(
        self,
        shop_id: str,
        limit: int,
        after: str | None,
        state: OrderState | None = None,
        supplier_id: str | None = None,
    ) -> Page[PurchaseOrder]:
        """Return the newest first."""
        where = [orders.c.shop_id == shop_id]
        if after is not None:
            where.append(orders.c.order_id < after)
        if state is not None:
            where.append(orders.c.state == state)
        if supplier_id is not None:
            where.append(orders.c.supplier_id == supplier_id)
        rows = self._orders(*where, limit=limit + 1)
        return Page(tuple(rows[:limit]), rows[limit - 1].order_id if len(rows) > limit else None)

    def change(self, shop_id: str, order: PurchaseOrder, expected_version: int) -> None:
        """Replace the version expected."""
        mine = sa.and_(orders.c.shop_id == shop_id, orders.c.order_id == order.order_id)
        values = _order_row(shop_id, order) | {"version": expected_version + 1}
        with self._database.writing() as db:
            done = db.execute(
                orders.update().where(mine, orders.c.version == expected_version).values(values)
            )
            if done.rowcount != 1:
                self.get(shop_id, order.order_id)
                raise StaleVersion(f"order '{order.order_id}' is no longer at version {expected_version}")
            n = order_lines.c
            db.execute(order_lines.delete().where(n.shop_id == shop_id, n.order_id == order.order_id))
            self._write_lines(db, shop_id, order)
            self._database.note(shop_id, "order", order.order_id)

    def draft(self, shop_id: str, supplier_id: str | None) -> PurchaseOrder | None:
        """Return the newest draft for a supplier."""
        found = self._orders(
            orders.c.shop_id == shop_id,
            orders.c.state == "draft",
            orders.c.supplier_id.is_(None) if supplier_id is None else orders.c.supplier_id == supplier_id,
            limit=1,
        )
        return found[0] if found else None

    def on_order(self, shop_id: str) -> dict[str, int]:
        """Sum what placed orders are still to bring."""
        n = order_lines.c
        return self._sums(shop_id, OPEN_STATES, n.quantity_milli - n.received_milli)

    def drafted(self, shop_id: str) -> dict[str, int]:
        """Sum what stands in drafts."""
        return self._sums(shop_id, {"draft"}, order_lines.c.quantity_milli)

    def _sums(
        self, shop_id: str, states: "set[str] | frozenset[str]", what: sa.ColumnElement[int]
    ) -> dict[str, int]:
        """Sum what is above zero of the lines of orders in some states, by item."""
        n = order_lines.c
        query = (
            sa.select(n.item_id, sa.func.sum(what))
            .join(orders, sa.and_(orders.c.shop_id == n.shop_id, orders.c.order_id == n.order_id))
            .where(n.shop_id == shop_id, orders.c.state.in_(sorted(states)), what > 0)
            .group_by(n.item_id)
        )
        with self._database.reading() as db:
            return {item_id: int(total) for item_id, total in db.execute(query)}

    def _orders(self, *where: sa.ColumnElement[bool], limit: int | None = None) -> Sequence[PurchaseOrder]:
        """Return orders with their lines, the newest id first."""
        chosen = sa.select(orders).where(*where).order_by(orders.c.order_id.desc()).limit(limit)
        with self._database.reading() as db:
            found = db.execute(chosen).mappings().all()
            if not found:
                return []
            n = order_lines.c
            query = sa.select(order_lines).where(
                n.shop_id == found[0]["shop_id"], n.order_id.in_([row["order_id"] for row in found])
            )
            lines: dict[str, list[OrderLine]] = defaultdict(list)
            for row in db.execute(query.order_by(n.order_id, n.line)).mappings():
                lines[row["order_id"]].append(OrderLine(**{name: row[name] for name in _LINE}))
        return [_order(row, lines[row["order_id"]]) for row in found]


def _order_row(shop_id: str, order: PurchaseOrder) -> dict[str, Any]:
    """Turn an order into the columns of its own table."""
    row = {
        field.name: getattr(order, field.name) for field in dataclasses.fields(order) if field.name != "lines"
    }
    return {"shop_id": shop_id, **row}


def _order(row: Mapping[Any, Any], lines: Sequence[OrderLine]) -> PurchaseOrder:
    """Put an order and its lines together."""
    values = {name: value for name, value in row.items() if name != "shop_id"}
    return PurchaseOrder(**values, lines=tuple(lines))
