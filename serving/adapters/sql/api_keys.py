"""Keys of other programs in SQL."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import api_keys
from serving.errors import NotFound
from serving.ports.api_keys import ApiKey


class SqlApiKeyStore:
    """Keeps keys in their table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        with self._database.writing() as db:
            db.execute(
                api_keys.insert().values(**{**dataclasses.asdict(key), "scopes": " ".join(key.scopes)})
            )

    def find(self, key_id: str) -> ApiKey:
        """Return a key by its id alone."""
        return self._one(api_keys.c.key_id == key_id)

    def get(self, shop_id: str, key_id: str) -> ApiKey:
        """Return a shop's key."""
        return self._one(sa.and_(api_keys.c.shop_id == shop_id, api_keys.c.key_id == key_id))

    def keys(self, shop_id: str) -> tuple[ApiKey, ...]:
        """Return a shop's keys."""
        query = (
            sa.select(api_keys)
            .where(api_keys.c.shop_id == shop_id)
            .order_by(api_keys.c.created_at, api_keys.c.key_id)
        )
        with self._database.reading() as db:
            return tuple(_key(row) for row in db.execute(query).mappings())

    def expire(self, shop_id: str, key_id: str, at: datetime) -> None:
        """Let a key end at an instant."""
        self._change(shop_id, key_id, expires_at=at)

    def revoke(self, shop_id: str, key_id: str) -> None:
        """Take a key back."""
        self._change(shop_id, key_id, revoked=True)

    def _one(self, where: sa.ColumnElement[bool]) -> ApiKey:
        """Return the one key that fits."""
        with self._database.reading() as db:
            row = db.execute(sa.select(api_keys).where(where)).mappings().one_or_none()
        if row is None:
            raise NotFound("no such API key")
        return _key(row)

    def _change(self, shop_id: str, key_id: str, **values: object) -> None:
        """Change one key."""
        where = sa.and_(api_keys.c.shop_id == shop_id, api_keys.c.key_id == key_id)
        with self._database.writing() as db:
            changed = db.execute(api_keys.update().where(where).values(**values))
        if changed.rowcount == 0:
            raise NotFound("no such API key")


def _key(row: sa.RowMapping) -> ApiKey:
    """Read a row."""
    return ApiKey(**{**row, "scopes": tuple(row["scopes"].split())})
