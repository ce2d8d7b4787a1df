"""Idempotency keys in the same database, hence in the same unit of work, as what they guard."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import idempotency_keys as t
from serving.errors import KeyReused
from serving.ports.idempotency import WriteKey


class SqlIdempotencyStore:
    """Keeps answers in the table `idempotency_keys`.

    Parameters
    ----------
    database : Database
        Where.
    keep_hours : int, default=48
        How long an answer is replayed.
    """

    def __init__(self, database: Database, keep_hours: int = 48) -> None:
        self._database = database
        self._keep = timedelta(hours=keep_hours)

    def claim(self, write: WriteKey, now: datetime) -> str | None:
        """Take the key or return what is stored under it."""
        with self._database.writing() as db:
            db.execute(
                t.delete().where(
                    t.c.scope == write.scope, t.c.key == write.key, t.c.claimed_at < now - self._keep
                )
            )
            row = {
                "scope": write.scope,
                "key": write.key,
                "fingerprint": write.fingerprint,
                "claimed_at": now,
            }
            if self._database.insert_new(t, row, "scope", "key"):
                return None
            return self.find(write)

    def find(self, write: WriteKey) -> str | None:
        """Return what is stored under the key."""
        query = sa.select(t.c.fingerprint, t.c.answer).where(t.c.scope == write.scope, t.c.key == write.key)
        with self._database.reading() as db:
            found = db.execute(query).one_or_none()
        if found is None:
            return None
        if found.fingerprint != write.fingerprint:
            raise KeyReused(f"the key '{write.key}' was used for another request", field="Idempotency-Key")
        return None if found.answer is None else str(found.answer)

    def complete(self, write: WriteKey, answer: str) -> None:
        """Store the answer."""
        with self._database.writing() as db:
            db.execute(t.update().where(t.c.scope == write.scope, t.c.key == write.key).values(answer=answer))

    def purge(self, now: datetime) -> int:
        """Delete what is no longer replayed and return how many rows that were."""
        with self._database.writing() as db:
            return db.execute(t.delete().where(t.c.claimed_at < now - self._keep)).rowcount
