"""Sessions in SQL."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import sessions as t
from serving.errors import NotFound
from serving.ports.sessions import Rotation, Session, is_repeated

_ONE = sa.select(t).where(t.c.session_id == sa.bindparam("session_id"))


class SqlSessionStore:
    """Keeps sessions in the table `sessions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: Session) -> None:
        """Keep a new session."""
        with self._database.writing() as db:
            db.execute(t.insert().values(dataclasses.asdict(session)))

    def get(self, session_id: str) -> Session:
        """Return a session."""
        with self._database.reading() as db:
            row = db.execute(_ONE, {"session_id": session_id}).mappings().one_or_none()
        if row is None:
            raise NotFound("no such session")
        return Session(**row)

    def rotate(
        self, session_id: str, presented_hash: str, next_hash: str, shop_id: str | None, now: datetime
    ) -> Rotation:
        """Exchange the token's hash in one conditional update, else look whether it was exchanged just now."""
        live = sa.and_(t.c.session_id == session_id, t.c.revoked.is_(False))
        with self._database.writing() as db:
            changed = db.execute(
                t.update()
                .where(live, t.c.refresh_hash == presented_hash)
                .values(refresh_hash=next_hash, shop_id=shop_id, previous_hash=presented_hash, rotated_at=now)
            )
            if changed.rowcount == 1:
                return "rotated"
            row = db.execute(_ONE, {"session_id": session_id}).mappings().one_or_none()
            if row is not None and is_repeated(Session(**row), presented_hash, next_hash, shop_id, now):
                return "repeated"
            db.execute(t.update().where(live).values(revoked=True))
        return "refused"

    def of_user(self, user_id: str) -> tuple[Session, ...]:
        """Return a person's live sessions."""
        query = sa.select(t).where(t.c.user_id == user_id, t.c.revoked.is_(False)).order_by(t.c.session_id)
        with self._database.reading() as db:
            return tuple(Session(**row) for row in db.execute(query).mappings())

    def revoke(self, session_id: str) -> None:
        """End a session."""
        with self._database.writing() as db:
            db.execute(t.update().where(t.c.session_id == session_id).values(revoked=True))
