"""Codes sent to phones, in SQL."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import sign_in_codes as t
from serving.errors import NotFound
from serving.ports.sign_in_codes import CodeLimit, SignInCode


class SqlSignInCodeStore:
    """Keeps codes in the table `sign_in_codes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, code: SignInCode, limits: Sequence[CodeLimit]) -> bool:
        """Add a code within the limits, and delete those that no limit counts any more."""
        oldest = min(limit.since for limit in limits)
        with self._database.writing() as db:
            db.execute(t.delete().where(t.c.created_at < oldest, t.c.expires_at < code.created_at))
            if any(_is_reached(db, code.phone, limit) for limit in limits):
                return False
            db.execute(t.insert().values(dataclasses.asdict(code)))
        return True

    def take_try(self, code_id: str, now: datetime, most: int) -> SignInCode:
        """Count a try in one conditional update."""
        live = sa.and_(t.c.code_id == code_id, t.c.used.is_(False), t.c.tries < most, t.c.expires_at > now)
        with self._database.writing() as db:
            if db.execute(t.update().where(live).values(tries=t.c.tries + 1)).rowcount == 0:
                raise NotFound("no such code", field="code_id")
            row = db.execute(sa.select(t).where(t.c.code_id == code_id)).mappings().one()
        return SignInCode(**row)

    def use(self, code_id: str) -> bool:
        """Use a code up once."""
        fresh = sa.and_(t.c.code_id == code_id, t.c.used.is_(False))
        with self._database.writing() as db:
            return db.execute(t.update().where(fresh).values(used=True)).rowcount == 1


def _is_reached(db: sa.Connection, phone: str, limit: CodeLimit) -> bool:
    """Count a phone's codes and wrong tries from an instant on; the try that used a code was a right one."""
    wrong = sa.func.coalesce(sa.func.sum(t.c.tries - sa.cast(t.c.used, sa.Integer)), 0)
    counted = sa.select(sa.func.count(), wrong).where(t.c.phone == phone, t.c.created_at >= limit.since)
    codes, tries = db.execute(counted).one()
    return bool(codes >= limit.codes or tries >= limit.wrong_tries)
