"""A token bucket that all processes share, in the SQL database."""

import time
from collections.abc import Callable

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import rate_buckets as t


class SqlRateLimiter:
    """Keeps one row a key; a full bucket is as good as none and is deleted.

    Slower than Redis: it counts where Redis is down, so that guesses stay bounded.

    Parameters
    ----------
    database : Database
        The database.
    clock : callable, default=time.time
        Seconds since 1970.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def take(self, key: str, per_second: float, burst: int) -> float:
        """Take a token or return how long to wait."""
        now = self._clock()
        new = {"key": key, "tokens": float(burst), "since": now, "full_at": now}
        with self._database.writing() as db:
            if self._database.insert_new(t, new, "key"):
                db.execute(t.delete().where(t.c.full_at < now))
            row = db.execute(sa.select(t).where(t.c.key == key).with_for_update()).one()
            tokens = min(float(burst), row.tokens + max(0.0, now - row.since) * per_second)
            passes = tokens >= 1
            left = tokens - 1 if passes else tokens
            values = {"tokens": left, "since": now, "full_at": now + (burst - left) / per_second}
            db.execute(t.update().where(t.c.key == key).values(values))
        return 0.0 if passes else (1 - tokens) / per_second
