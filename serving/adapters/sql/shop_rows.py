"""The rows of a shop in SQL, and of the people who belong to it."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, StatementError

from serving.adapters.sql.database import Database
from serving.adapters.sql.json_rows import plain_row, typed_row
from serving.adapters.sql.schema import accounts, memberships, metadata, phones
from serving.errors import InvalidInput
from serving.ports.shop_rows import Row

_CHUNK = 500
_PEOPLE = (accounts, phones)
"""People may belong to several shops: those of this one go with it, and one who is there already stays."""
_LEFT_OUT = {"sessions"}
"""Who signs in again needs no old session, and an archive must not sign anyone in."""


class SqlShopRows:
    """Reads and fills every table that has a shop.

    Parameters
    ----------
    database : Database
        Where.
    without : frozenset of str, default=frozenset()
        Tables that another store keeps.
    """

    def __init__(self, database: Database, without: frozenset[str] = frozenset()) -> None:
        self._database = database
        gone = without | _LEFT_OUT
        of_shops = [t for t in metadata.sorted_tables if "shop_id" in t.c and t.name not in gone]
        self._tables = {table.name: table for table in (*_PEOPLE, *of_shops)}
        self._new_people: set[object] = set()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables."""
        return tuple(self._tables)

    def read(self, shop_id: str) -> Iterator[tuple[str, Row]]:
        """Yield all rows in one consistent reading; passwords are left out."""
        with self._database.snapshot() as db:
            for name, table in self._tables.items():
                for row in db.execute(self._query(table, shop_id)).mappings():
                    yield name, plain_row(row)

    def _query(self, table: sa.Table, shop_id: str) -> "sa.Select[Any]":
        """Select a shop's rows in an order that no locale changes."""
        columns = [column for column in table.c if column.name not in ("shop_id", "password_hash")]
        by_code = not self._database.is_sqlite  # SQLite has no other order
        key = [
            sa.collate(column, "C") if by_code and isinstance(column.type, sa.String) else column
            for column in table.primary_key
        ]
        query = sa.select(*columns).order_by(*key)
        if "shop_id" in table.c:
            return query.where(table.c.shop_id == shop_id)
        members = sa.select(memberships.c.user_id).where(memberships.c.shop_id == shop_id)
        return query.where(table.c.user_id.in_(members))

    def fill(self, shop_id: str, table: str, rows: Iterable[Row]) -> None:
        """Insert rows, some hundred at a time."""
        target = self._tables[table]
        waiting = iter(rows)
        with self._database.writing() as db:
            while some := list(islice(waiting, _CHUNK)):
                try:
                    values = [self._values(target, shop_id, row) for row in some]
                    if target in _PEOPLE:
                        self._add_people(target, values)
                    else:
                        db.execute(target.insert(), values)
                except (IntegrityError, StatementError, ValueError, TypeError, KeyError) as error:
                    cause = str(getattr(error, "orig", error)).splitlines()[0]
                    raise InvalidInput(f"a row of '{table}' does not fit: {cause}") from error

    def _add_people(self, target: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Add the people who are missing; existing people get no phone from a file: it would open the account."""
        for row in rows:
            if target is accounts:
                if self._database.insert_new(target, row, "user_id"):
                    self._new_people.add(row["user_id"])
            elif row["user_id"] in self._new_people:
                self._database.insert_new(target, row, "phone")

    @staticmethod
    def _values(table: sa.Table, shop_id: str, row: Row) -> dict[str, Any]:
        """Read a row back; a person who is restored has no password and signs in by phone."""
        values = typed_row(table, row)
        if "shop_id" in table.c:
            values["shop_id"] = shop_id
        return {"password_hash": ""} | values if table is accounts else values
