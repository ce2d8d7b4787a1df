"""Imported sheets in SQL."""

import dataclasses
from collections.abc import Mapping

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import imports as t
from serving.errors import Conflict, NotFound
from serving.ports.imports import ImportRecord, ImportStatus


class SqlImportStore:
    """Keeps sheets in the table `imports`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, shop_id: str, record: ImportRecord) -> None:
        """Add a sheet."""
        with self._database.writing() as db:
            db.execute(t.insert().values(shop_id=shop_id, **dataclasses.asdict(record)))

    def get(self, shop_id: str, import_id: str) -> ImportRecord:
        """Return a sheet."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.import_id == import_id)
        with self._database.reading() as db:
            row = db.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("no such import", field="import_id")
        return _record(row)

    def recount(self, shop_id: str, import_id: str, rows: int, bad_rows: int) -> None:
        """Set the counts of a sheet that is only seen."""
        self._change(shop_id, import_id, "preview", {"rows": rows, "bad_rows": bad_rows})

    def move_on(self, shop_id: str, import_id: str, before: ImportStatus, after: ImportStatus) -> None:
        """Move a sheet on if it is where the caller saw it."""
        self._change(shop_id, import_id, before, {"status": after})

    def _change(
        self, shop_id: str, import_id: str, before: ImportStatus, values: Mapping[str, str | int]
    ) -> None:
        """Change a sheet in a status."""
        mine = sa.and_(t.c.shop_id == shop_id, t.c.import_id == import_id, t.c.status == before)
        with self._database.writing() as db:
            if db.execute(t.update().where(mine).values(**values)).rowcount == 0:
                self.get(shop_id, import_id)
                raise Conflict(f"import '{import_id}' is not in the state '{before}'", field="import_id")


def _record(row: sa.RowMapping) -> ImportRecord:
    """Turn a row into a sheet."""
    return ImportRecord(**{str(name): value for name, value in row.items() if name != "shop_id"})
