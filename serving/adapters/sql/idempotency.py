"""Idempotency keys in the same database, hence in the same unit of work, as what they guard."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import idempotency_keys as t
from serving.errors import KeyReused
from serving.ports.idempotency import WriteKey

_COMPLETE = (
    t.update()
    .where(t.c.scope == sa.bindparam("of_scope"), t.c.key == sa.bindparam("of_key"))
    .values(answer=sa.bindparam("answer"))
)


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
        row = {"scope": write.scope, "key": write.key, "fingerprint": write.fingerprint, "claimed_at": now}
        with self._database.writing() as db:
            if self._database.insert_new(t, row, "scope", "key"):
                return None
            expired = t.delete().where(*_mine(write), t.c.claimed_at < now - self._keep)
            if db.execute(expired).rowcount and self._database.insert_new(t, row, "scope", "key"):
                return None
            return self._answer(write, db.execute(_query(write).with_for_update()).one_or_none())

    def reserve(self, write: WriteKey, now: datetime) -> datetime:
        """Note the key, or return when it was noted."""
        row = {"scope": write.scope, "key": write.key, "fingerprint": write.fingerprint, "claimed_at": now}
        with self._database.writing() as db:
            db.execute(t.delete().where(*_mine(write), t.c.claimed_at < now - self._keep))
            if self._database.insert_new(t, row, "scope", "key"):
                return now
            found = db.execute(_query(write)).one()
            self._answer(write, found)
            first: datetime = found.claimed_at
            return first

    def release(self, write: WriteKey) -> None:
        """Forget a key without an answer."""
        with self._database.writing() as db:
            db.execute(t.delete().where(*_mine(write), t.c.answer.is_(None)))

    def find(self, write: WriteKey) -> str | None:
        """Return what is stored under the key."""
        with self._database.reading() as db:
            return self._answer(write, db.execute(_query(write)).one_or_none())

    @staticmethod
    def _answer(write: WriteKey, found: "sa.Row[Any] | None") -> str | None:
        """Return the stored answer of the row of a key."""
        if found is None:
            return None
        if found.fingerprint != write.fingerprint:
            raise KeyReused(f"the key '{write.key}' was used for another request", field="Idempotency-Key")
        return None if found.answer is None else str(found.answer)

    def complete(self, write: WriteKey, answer: str) -> None:
        """Store the answer."""
        with self._database.writing() as db:
            db.execute(_COMPLETE, {"of_scope": write.scope, "of_key": write.key, "answer": answer})

    def purge(self, now: datetime) -> int:
        """Delete what is no longer replayed and return how many rows that were."""
        with self._database.writing() as db:
            return db.execute(t.delete().where(t.c.claimed_at < now - self._keep)).rowcount


def _query(write: WriteKey) -> "sa.Select[Any]":
    """Ask for the row of one key."""
    return sa.select(t.c.fingerprint, t.c.answer, t.c.claimed_at).where(*_mine(write))


def _mine(write: WriteKey) -> tuple[sa.ColumnElement[bool], ...]:
    """Match the row of one key."""
    return (t.c.scope == write.scope, t.c.key == write.key)
