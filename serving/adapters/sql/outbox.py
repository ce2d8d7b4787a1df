"""The outbox in SQL, in the same unit of work as what fills it."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import outbox as t
from serving.ports.outbox import OutgoingMessage


class SqlOutbox:
    """Keeps messages in the table `outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, message: OutgoingMessage) -> bool:
        """Add a message of a new key."""
        return self._database.insert_new(t, dataclasses.asdict(message), "shop_id", "key")

    def due(self, now: datetime, limit: int) -> tuple[OutgoingMessage, ...]:
        """Return what is to be sent."""
        columns = [t.c[each.name] for each in dataclasses.fields(OutgoingMessage)]
        query = sa.select(*columns).where(t.c.sent_at.is_(None), t.c.not_before <= now)
        with self._database.reading() as db:
            rows = db.execute(query.order_by(t.c.not_before, t.c.message_id).limit(limit)).mappings()
            return tuple(OutgoingMessage(**row) for row in rows)

    def lease(self, message: OutgoingMessage, until: datetime) -> bool:
        """Move the message's time in one conditional update."""
        unchanged = sa.and_(
            t.c.message_id == message.message_id,
            t.c.sent_at.is_(None),
            t.c.not_before == message.not_before,
        )
        with self._database.writing() as db:
            return db.execute(t.update().where(unchanged).values(not_before=until)).rowcount == 1

    def sent(self, message: OutgoingMessage, now: datetime) -> None:
        """Note that it went out."""
        with self._database.writing() as db:
            db.execute(t.update().where(t.c.message_id == message.message_id).values(sent_at=now))

    def failed(self, message: OutgoingMessage, next_try: datetime) -> None:
        """Note a failure."""
        again = t.update().where(t.c.message_id == message.message_id)
        with self._database.writing() as db:
            db.execute(again.values(attempts=t.c.attempts + 1, not_before=next_try))

    def postpone(self, message: OutgoingMessage, until: datetime) -> None:
        """Move it."""
        with self._database.writing() as db:
            db.execute(t.update().where(t.c.message_id == message.message_id).values(not_before=until))

    def waiting(self, shop_id: str) -> int:
        """Count what waits."""
        query = sa.select(sa.func.count()).where(t.c.shop_id == shop_id, t.c.sent_at.is_(None))
        with self._database.reading() as db:
            return int(db.execute(query).scalar_one())
