"""Invitations in SQL."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import invitations as t
from serving.errors import Conflict, NotFound
from serving.ports.invitations import Invitation, InvitationState


class SqlInvitationStore:
    """Keeps invitations in the table `invitations`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, invitation: Invitation) -> None:
        """Add a row; an open one for the same shop and address is withdrawn."""
        same = sa.and_(
            t.c.shop_id == invitation.shop_id, t.c.address == invitation.address, t.c.state == "open"
        )
        with self._database.writing() as db:
            db.execute(t.update().where(same).values(state="withdrawn"))
            db.execute(t.insert(), dataclasses.asdict(invitation))

    def get(self, invitation_id: str) -> Invitation:
        """Return one."""
        found = self._open(t.c.invitation_id == invitation_id)
        if not found:
            raise NotFound(f"no invitation '{invitation_id}'", field="invitation_id")
        return found[0]

    def open_for(self, addresses: tuple[str, ...], now: datetime) -> tuple[Invitation, ...]:
        """Return those to some addresses."""
        return self._open(t.c.address.in_(addresses), t.c.state == "open", t.c.expires_at > now)

    def open_of(self, shop_id: str, now: datetime) -> tuple[Invitation, ...]:
        """Return those of a shop."""
        return self._open(t.c.shop_id == shop_id, t.c.state == "open", t.c.expires_at > now)

    def _open(self, *where: sa.ColumnElement[bool]) -> tuple[Invitation, ...]:
        """Return the newest first."""
        query = sa.select(t).where(*where).order_by(t.c.invitation_id.desc())
        with self._database.reading() as db:
            return tuple(Invitation(**row) for row in db.execute(query).mappings())

    def settle(self, invitation_id: str, state: InvitationState) -> None:
        """Close one that is open."""
        mine = sa.and_(t.c.invitation_id == invitation_id, t.c.state == "open")
        with self._database.writing() as db:
            if db.execute(t.update().where(mine).values(state=state)).rowcount != 1:
                raise Conflict(f"invitation '{invitation_id}' is open no longer", field="invitation_id")
