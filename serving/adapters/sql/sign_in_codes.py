"""Codes sent to phones, in SQL."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import sign_in_codes as t
from serving.errors import NotFound
from serving.ports.sign_in_codes import SignInCode


class SqlSignInCodeStore:
    """Keeps codes in the table `sign_in_codes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, code: SignInCode, since: datetime, most: int) -> bool:
        """Add a code, forgetting those that count for nothing any more."""
        sent = sa.select(sa.func.count()).select_from(t).where(t.c.phone == code.phone)
        with self._database.writing() as db:
            db.execute(t.delete().where(t.c.created_at < since, t.c.expires_at < code.created_at))
            if db.execute(sent.where(t.c.created_at >= since)).scalar_one() >= most:
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
