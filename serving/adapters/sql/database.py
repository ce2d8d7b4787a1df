"""The connection to SQLite or PostgreSQL, and units of work on it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect

from serving.adapters.sql.feed import write_changes
from serving.adapters.sql.group_sync import GroupSync
from serving.errors import StoreUnavailable
from serving.ports.changes import Change, ChangeKind
from serving.ports.clock import machine_time

_TECHNICAL = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    exc.TimeoutError,
    exc.DisconnectionError,
)
_MAX_LOCK_WAIT_SECONDS = 10.0
IN_CHUNK = 500
"""Ids a statement names at once; SQLite allows 32,766 variables, PostgreSQL 65,535."""


class Database:
    """One engine, opened on first use; units of work join the one already open in their context.

    On SQLite every writer takes the file's write lock at its start (BEGIN IMMEDIATE), so that no
    read-then-write can be overtaken; in one process writers queue on a lock, which is fairer than SQLite's
    own waiting, and wait for the disk together (see `GroupSync`). On PostgreSQL writers take row locks by
    their first UPDATE.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of SQLite or PostgreSQL.
    busy_timeout_ms : int, default=5000
        How long a statement waits for a lock.
    pool_size : int, default=20
        Connections kept open.
    now : callable or None, default=None
        The time, for the feed of changes; None is the machine's own.
    """

    def __init__(
        self,
        url: str,
        busy_timeout_ms: int = 5_000,
        pool_size: int = 20,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._now = now or machine_time
        self._noted: ContextVar[dict[Change, None] | None] = ContextVar("noted", default=None)
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.busy_timeout_ms = busy_timeout_ms
        self.pool_size = pool_size
        self._engine: sa.Engine | None = None
        self._opening = threading.Lock()
        self._writer = threading.Lock()
        self._durable = GroupSync(Path(f"{self.url.database}-wal")) if self.is_sqlite else None
        self._current: ContextVar[sa.Connection | None] = ContextVar("connection", default=None)

    @property
    def engine(self) -> sa.Engine:
        """The engine, made on first use."""
        engine = self._engine
        if engine is None:
            with self._opening:
                engine = self._engine = self._engine or self._open()
        return engine

    def _open(self) -> sa.Engine:
        """Make the engine with the pool and the pragmas."""
        if self.is_sqlite:
            engine = sa.create_engine(
                self.url,
                poolclass=sa.QueuePool,
                pool_size=self.pool_size,
                max_overflow=self.pool_size,
                connect_args={"check_same_thread": False, "timeout": self.busy_timeout_ms / 1000},
            )
            sa.event.listen(engine, "connect", self._prepare_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
            return engine
        options = f"-c lock_timeout={self.busy_timeout_ms} -c statement_timeout={4 * self.busy_timeout_ms}"
        return sa.create_engine(
            self.url,
            pool_size=self.pool_size,
            max_overflow=self.pool_size,
            pool_pre_ping=True,
            pool_timeout=self.busy_timeout_ms / 1000,
            connect_args={"options": options, "connect_timeout": max(2, self.busy_timeout_ms // 1000)},
        )

    def _prepare_sqlite(self, connection: Any, _: object) -> None:
        """Set the pragmas of a new connection; the driver's own transactions are switched off."""
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={self.busy_timeout_ms}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Return a connection to read with; inside a unit of work, its own."""
        open_one = self._current.get()
        if open_one is not None:
            yield open_one
            return
        with _translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Return a connection whose readings all see the same instant; inside a unit of work, its own."""
        open_one = self._current.get()
        if open_one is not None:
            yield open_one
            return
        with _translated(), self.engine.connect() as plain:
            chosen: dict[str, Any] = (
                {"samaan_begin": "BEGIN"} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
            )
            connection = plain.execution_options(**chosen)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a unit of work, or join the one open in this context."""
        open_one = self._current.get()
        if open_one is not None:
            yield open_one
            return
        with _translated():
            with self._queued(), self.engine.connect() as plain:
                connection = plain.execution_options(samaan_begin="BEGIN IMMEDIATE")
                with connection.begin():
                    noted: dict[Change, None] = {}
                    token, notes = self._current.set(connection), self._noted.set(noted)
                    try:
                        yield connection
                        if noted:
                            write_changes(connection, noted, self._now(), self.inserting)
                    finally:
                        self._noted.reset(notes)
                        self._current.reset(token)
            self._make_durable()

    def note(self, shop_id: str, kind: ChangeKind, *thing_ids: str) -> None:
        """Return what this unit of work changes; it is written into the feed at its end.

        The numbers of a shop's sequence are given last, under a lock that is held until the commit: they become visible
        in their order, and no reader of the feed can miss one.
        """
        noted = self._noted.get()
        if noted is None:
            raise RuntimeError("a change is noted inside the unit of work that makes it")
        noted.update(dict.fromkeys(Change(shop_id, kind, thing_id) for thing_id in thing_ids))

    def _make_durable(self) -> None:
        """Wait until SQLite's log is on the disk; PostgreSQL's commit did that itself."""
        if self._durable is None:
            return
        try:
            self._durable.wait()
        except OSError as error:
            raise StoreUnavailable("the disk did not confirm the write") from error

    @contextmanager
    def _queued(self) -> Iterator[None]:
        """Let the SQLite writers of this process wait in line."""
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=_MAX_LOCK_WAIT_SECONDS):
            raise StoreUnavailable("the database is busy")
        try:
            yield
        finally:
            self._writer.release()

    def inserting(self, table: sa.Table) -> sqlite_dialect.Insert | postgresql_dialect.Insert:
        """Start an insert that may say what to do on a conflict."""
        return _insert(table, sqlite=self.is_sqlite)

    def insert_new(self, table: sa.Table, row: Mapping[str, Any], *key: str) -> bool:
        """Insert a row unless one with its key is there, and tell whether it was new."""
        statement = _insert_new(table, key, sqlite=self.is_sqlite)
        with self.writing() as connection:
            return connection.execute(statement, row).first() is not None

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Open a unit of work for several stores (the port `Transactions`)."""
        with self.writing():
            yield

    def ping(self) -> None:
        """Ask the database for a number."""
        with self.reading() as connection:
            connection.execute(sa.text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        with self._opening:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None


def _insert(table: sa.Table, *, sqlite: bool) -> sqlite_dialect.Insert | postgresql_dialect.Insert:
    """Start an insert in the words of one database."""
    return sqlite_dialect.insert(table) if sqlite else postgresql_dialect.insert(table)


@cache
def _insert_new(table: sa.Table, key: tuple[str, ...], *, sqlite: bool) -> sa.Executable:
    """Build the statement once a table: building costs more than running it."""
    insert = _insert(table, sqlite=sqlite)
    statement: sa.Executable = insert.on_conflict_do_nothing(index_elements=key).returning(table.c[key[0]])
    return statement


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin as the unit of work asks; a plain reading sees each statement's own instant, as PostgreSQL's does."""
    begin = connection.get_execution_options().get("samaan_begin")
    if begin is not None:
        connection.exec_driver_sql(begin)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the database's technical faults into the port's; what they say stays in the cause."""
    try:
        yield
    except _TECHNICAL as error:
        raise StoreUnavailable("the database did not answer") from error
    except exc.DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable("the connection to the database was lost") from error
        raise
