"""The feed of changes in SQL."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import change_heads as heads
from serving.adapters.sql.schema import changes as t
from serving.errors import Gone
from serving.ports.changes import KEPT, Change, ChangeKind, Numbered


class SqlChangeFeed:
    """Reads the table `changes`, which the units of work of the SQL stores fill at their ends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, changes: Sequence[Change]) -> None:
        """Write changes of another store."""
        with self._database.writing():
            for change in changes:
                self._database.note(change.shop_id, change.kind, change.thing_id)

    def head(self, shop_id: str) -> int:
        """Return the last number."""
        with self._database.reading() as db:
            found = db.execute(sa.select(heads.c.seq).where(heads.c.shop_id == shop_id)).scalar_one_or_none()
        return found or 0

    def after(self, shop_id: str, seq: int, limit: int, now: datetime) -> tuple[Numbered, ...]:
        """Return the changes after a place."""
        query = (
            sa.select(t.c.seq, t.c.kind, t.c.thing_id)
            .where(t.c.shop_id == shop_id, t.c.seq > seq)
            .order_by(t.c.seq)
            .limit(limit)
        )
        old = sa.select(sa.func.max(t.c.seq)).where(t.c.shop_id == shop_id, t.c.at < now - KEPT)
        ends = sa.select(heads.c.seq, heads.c.floor).where(heads.c.shop_id == shop_id)
        with self._database.snapshot() as db:
            last, floor = db.execute(ends).one_or_none() or (0, 0)
            floor = max(floor, db.execute(old).scalar_one() or 0)
            if seq < floor:
                raise Gone(
                    f"the changes after {seq} are kept no longer, those after {floor} are", field="after"
                )
            if seq > last:
                raise Gone(f"{seq} is beyond the last change, which is {last}", field="after")
            return tuple(Numbered(row.seq, row.kind, row.thing_id) for row in db.execute(query))

    def since(self, shop_id: str, instant: datetime) -> dict[ChangeKind, int]:
        """Count by kind."""
        query = (
            sa.select(t.c.kind, sa.func.count())
            .where(t.c.shop_id == shop_id, t.c.at >= instant)
            .group_by(t.c.kind)
            .order_by(t.c.kind)
        )
        with self._database.reading() as db:
            return {kind: int(count) for kind, count in db.execute(query).all()}

    def forget(self, before: datetime) -> int:
        """Delete old changes, and note up to where."""
        old = sa.select(t.c.shop_id, sa.func.max(t.c.seq).label("last")).where(t.c.at < before)
        with self._database.writing() as db:
            for shop_id, last in db.execute(old.group_by(t.c.shop_id).order_by(t.c.shop_id)).all():
                higher = (heads.c.shop_id == shop_id, heads.c.floor < last)
                db.execute(heads.update().where(*higher).values(floor=last))
            return db.execute(t.delete().where(t.c.at < before)).rowcount
