"""Sign-ins in SQL."""

import dataclasses

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import sign_in_events as t
from serving.ports.page import Page
from serving.ports.sign_in_events import SignInEvent


class SqlSignInEventStore:
    """Keeps sign-ins in the table `sign_in_events`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, event: SignInEvent) -> None:
        """Add an event."""
        with self._database.writing() as db:
            db.execute(t.insert().values(dataclasses.asdict(event)))

    def knows_device(self, user_id: str, device: str) -> bool:
        """Look for a sign-in on the device."""
        before = sa.select(t.c.event_id).where(
            t.c.user_id == user_id, t.c.device == device, t.c.kind.in_(("password", "phone"))
        )
        with self._database.reading() as db:
            return db.execute(before.limit(1)).first() is not None

    def of_users(self, user_ids: tuple[str, ...], limit: int, after: str | None) -> Page[SignInEvent]:
        """Return the newest first."""
        query = sa.select(t).where(t.c.user_id.in_(user_ids))
        if after is not None:
            query = query.where(t.c.event_id < after)
        with self._database.reading() as db:
            rows = db.execute(query.order_by(t.c.event_id.desc()).limit(limit + 1)).mappings().all()
        found = tuple(SignInEvent(**row) for row in rows[:limit])
        return Page(found, found[-1].event_id if len(rows) > limit else None)
