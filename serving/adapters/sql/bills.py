"""Photographed bills in SQL."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import learned_names as names
from serving.adapters.sql.schema import ocr_logs as t
from serving.errors import AlreadyExists, Conflict, NotFound
from serving.ports.bills import BillRecord, BillStatus
from serving.ports.page import Page


class SqlBillStore:
    """Keeps bills in `ocr_logs` and learned names in `learned_names`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, shop_id: str, bill: BillRecord) -> None:
        """Add a bill."""
        try:
            with self._database.writing() as db:
                db.execute(t.insert().values(shop_id=shop_id, **dataclasses.asdict(bill)))
        except IntegrityError:
            raise AlreadyExists("this photograph is there already", field="image") from None

    def get(self, shop_id: str, bill_id: str) -> BillRecord:
        """Return a bill."""
        return self._one(t.c.shop_id == shop_id, t.c.bill_id == bill_id)

    def by_photograph(self, shop_id: str, sha256: str) -> BillRecord:
        """Return the bill of a photograph."""
        return self._one(t.c.shop_id == shop_id, t.c.sha256 == sha256)

    def _one(self, *where: sa.ColumnElement[bool]) -> BillRecord:
        """Return the one bill that fits."""
        with self._database.reading() as db:
            row = db.execute(sa.select(t).where(*where)).mappings().one_or_none()
        if row is None:
            raise NotFound("no such bill", field="bill_id")
        return _record(row)

    def confirmed_with(self, shop_id: str, duplicate_key: str) -> tuple[BillRecord, ...]:
        """Return confirmed bills that look the same."""
        query = sa.select(t).where(
            t.c.shop_id == shop_id, t.c.duplicate_key == duplicate_key, t.c.status == "confirmed"
        )
        with self._database.reading() as db:
            return tuple(_record(row) for row in db.execute(query.order_by(t.c.bill_id)).mappings())

    def change(self, shop_id: str, bill: BillRecord, expected: BillStatus) -> None:
        """Replace a bill that is where it is expected."""
        mine = sa.and_(t.c.shop_id == shop_id, t.c.bill_id == bill.bill_id, t.c.status == expected)
        with self._database.writing() as db:
            if db.execute(t.update().where(mine).values(dataclasses.asdict(bill))).rowcount == 0:
                raise Conflict(f"bill '{bill.bill_id}' is no longer {expected}", field="bill_id")

    def list(self, shop_id: str, limit: int, after: str | None) -> Page[BillRecord]:
        """Return the newest first."""
        query = sa.select(t).where(t.c.shop_id == shop_id)
        if after is not None:
            query = query.where(t.c.bill_id < after)
        with self._database.reading() as db:
            found = db.execute(query.order_by(t.c.bill_id.desc()).limit(limit + 1)).mappings().all()
        rows = [_record(row) for row in found]
        return Page(tuple(rows[:limit]), rows[limit - 1].bill_id if len(rows) > limit else None)

    def learn(self, shop_id: str, alias: str, item_id: str) -> None:
        """Remember a name."""
        mine = sa.and_(names.c.shop_id == shop_id, names.c.alias == alias)
        with self._database.writing() as db:
            if db.execute(names.update().where(mine).values(item_id=item_id)).rowcount == 0:
                db.execute(names.insert().values(shop_id=shop_id, alias=alias, item_id=item_id))

    def learned(self, shop_id: str) -> dict[str, str]:
        """Return the names learned."""
        query = sa.select(names.c.alias, names.c.item_id).where(names.c.shop_id == shop_id)
        with self._database.reading() as db:
            return {row.alias: row.item_id for row in db.execute(query)}


def _record(row: Mapping[Any, Any]) -> BillRecord:
    """Turn a row into a bill."""
    return BillRecord(**{name: value for name, value in row.items() if name != "shop_id"})
