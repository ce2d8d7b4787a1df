"""Counts of the drawer in SQL."""

import dataclasses
from datetime import date

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import cash_closings as t
from serving.errors import AlreadyExists
from serving.ports.closings import Closing

_FIELDS = tuple(each.name for each in dataclasses.fields(Closing))


class SqlClosingStore:
    """Keeps counts in `cash_closings`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, shop_id: str, closing: Closing) -> None:
        """Insert the row."""
        row = {"shop_id": shop_id, **dataclasses.asdict(closing)}
        if not self._database.insert_new(t, row, "shop_id", "closing_id"):
            raise AlreadyExists(f"closing '{closing.closing_id}' is there already", field="closing_id")

    def of_days(self, shop_id: str, start: date, end: date) -> tuple[Closing, ...]:
        """Return those of some days."""
        query = (
            sa.select(*(t.c[name] for name in _FIELDS))
            .where(t.c.shop_id == shop_id, t.c.on >= start, t.c.on <= end)
            .order_by(t.c.on, t.c.at, t.c.closing_id)
        )
        with self._database.reading() as db:
            return tuple(Closing(**row) for row in db.execute(query).mappings())
