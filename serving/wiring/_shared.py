"""What all areas share: database, cache, clock, the records of writes and changes, files and queues."""

from typing import TYPE_CHECKING, Any, assert_never

from serving.ports.blobs import BlobStore
from serving.ports.breaker import CircuitBreaker
from serving.ports.cache import Cache
from serving.ports.changes import ChangeFeed, ChangeOutbox
from serving.ports.clock import Clock
from serving.ports.facts import FactStore
from serving.ports.idempotency import IdempotencyStore
from serving.ports.jobs import JobStore
from serving.ports.outbox import Outbox
from serving.ports.rate_limiter import RateLimiter
from serving.ports.shop_rows import ShopRows
from serving.ports.transactions import Transactions
from serving.wiring._part import part

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from redis import Redis

    from serving.adapters.aws_secrets import AwsSecrets
    from serving.adapters.dynamodb.table import DynamoTable
    from serving.adapters.sql.database import Database
    from serving.wiring import Wiring

_REDIS_PAUSE_SECONDS = 5.0


@part
def secrets(wiring: "Wiring") -> "AwsSecrets":
    """Secrets that no setting holds."""
    from serving.adapters.aws_secrets import AwsSecrets, secrets_client

    return AwsSecrets(secrets_client(wiring.settings.aws_region, wiring.settings.aws_endpoint_url))


@part
def database(wiring: "Wiring") -> "Database":
    """The SQL database, which the SQL stores share."""
    from serving.adapters.sql.database import Database

    secret = wiring.settings.database_secret
    url = wiring.settings.database if secret is None else wiring.secrets.database_url(secret)
    return Database(url, wiring.settings.busy_timeout_ms, wiring.settings.pool_size, wiring.clock.now)


@part
def redis(wiring: "Wiring") -> "Redis[Any]":
    """The Redis that cache and limiter share."""
    from serving.adapters.redis_cache import redis_client

    return redis_client(wiring.settings.redis_url)


@part
def redis_breaker(_: "Wiring") -> CircuitBreaker:
    """What keeps a frozen Redis from costing every request a timeout."""
    return CircuitBreaker(1, _REDIS_PAUSE_SECONDS)


@part
def dynamodb(wiring: "Wiring") -> "DynamoDBClient":
    """The client that the tables share."""
    from serving.adapters.dynamodb.table import dynamodb_client

    return dynamodb_client(wiring.settings.aws_region, wiring.settings.aws_endpoint_url)


@part
def clock(_: "Wiring") -> Clock:
    """The time."""
    from serving.adapters.system_clock import SystemClock

    return SystemClock()


@part
def transactions(wiring: "Wiring") -> Transactions:
    """Units of work."""
    return wiring.database


@part
def idempotency(wiring: "Wiring") -> IdempotencyStore:
    """Answers by key."""
    from serving.adapters.sql.idempotency import SqlIdempotencyStore

    return SqlIdempotencyStore(wiring.database, wiring.settings.idempotency_hours)


@part
def facts(wiring: "Wiring") -> FactStore:
    """Facts by their clients' ids."""
    from serving.adapters.sql.facts import SqlFactStore

    return SqlFactStore(wiring.database)


@part
def changes(wiring: "Wiring") -> ChangeFeed:
    """The feed of changes."""
    from serving.adapters.sql.changes import SqlChangeFeed

    return SqlChangeFeed(wiring.database)


@part
def change_outboxes(wiring: "Wiring") -> tuple[ChangeOutbox, ...]:
    """Changes of stores outside the database that wait for the feed."""
    outside: list[ChangeOutbox] = []
    if wiring.settings.inventory_store == "dynamodb":
        from serving.adapters.dynamodb.change_outbox import DynamoChangeOutbox

        outside.append(DynamoChangeOutbox(dynamo_table(wiring, wiring.settings.inventory_table), "itemId"))
    if wiring.settings.udhaar_store == "dynamodb":
        from serving.adapters.dynamodb.change_outbox import DynamoChangeOutbox

        outside.append(DynamoChangeOutbox(dynamo_table(wiring, wiring.settings.udhaar_table), "customerId"))
    return tuple(outside)


@part
def cache(wiring: "Wiring") -> Cache:
    """Short-lived copies."""
    match wiring.settings.cache:
        case "memory":
            from serving.adapters.memory.cache import MemoryCache

            return MemoryCache()
        case "redis":
            from serving.adapters.redis_cache import RedisCache

            return RedisCache(wiring.redis, wiring.redis_breaker)
        case other:
            assert_never(other)


@part
def rate_limiter(wiring: "Wiring") -> RateLimiter:
    """How often someone may call."""
    match wiring.settings.cache:
        case "memory":
            from serving.adapters.memory.rate_limiter import MemoryRateLimiter

            return MemoryRateLimiter()
        case "redis":
            from serving.adapters.redis_rate_limiter import RedisRateLimiter
            from serving.adapters.sql.rate_limiter import SqlRateLimiter

            return RedisRateLimiter(wiring.redis, SqlRateLimiter(wiring.database), wiring.redis_breaker)
        case other:
            assert_never(other)


@part
def shop_rows(wiring: "Wiring") -> tuple[ShopRows, ...]:
    """All that is stored of a shop, the database's tables first."""
    from serving.adapters.sql.shop_rows import SqlShopRows

    outside: list[ShopRows] = []
    if wiring.settings.inventory_store == "dynamodb":
        from serving.adapters.dynamodb.shop_rows import DynamoInventoryRows

        outside.append(DynamoInventoryRows(dynamo_table(wiring, wiring.settings.inventory_table)))
    if wiring.settings.udhaar_store == "dynamodb":
        from serving.adapters.dynamodb.shop_rows import DynamoUdhaarRows
        from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore

        khata = dynamo_table(wiring, wiring.settings.udhaar_table)
        outside.append(DynamoUdhaarRows(DynamoUdhaarStore(khata)))
    elsewhere = frozenset(table for rows in outside for table in rows.tables)
    return (SqlShopRows(wiring.database, elsewhere), *outside)


@part
def blobs(wiring: "Wiring") -> BlobStore:
    """Files."""
    match wiring.settings.blobs:
        case "filesystem":
            from serving.adapters.filesystem_blobs import FilesystemBlobStore

            return FilesystemBlobStore(wiring.settings.blobs_folder)
        case "s3":
            from serving.adapters.s3_blobs import S3BlobStore, s3_client

            client = s3_client(wiring.settings.aws_region, wiring.settings.aws_endpoint_url)
            return S3BlobStore(wiring.settings.bills_bucket, client)
        case other:
            assert_never(other)


@part
def jobs(wiring: "Wiring") -> JobStore:
    """Long work."""
    from serving.adapters.sql.jobs import SqlJobStore

    return SqlJobStore(wiring.database)


@part
def outbox(wiring: "Wiring") -> Outbox:
    """Messages that wait."""
    from serving.adapters.sql.outbox import SqlOutbox

    return SqlOutbox(wiring.database)


def dynamo_table(wiring: "Wiring", name: str) -> "DynamoTable":
    """Return one table of DynamoDB."""
    from serving.adapters.dynamodb.table import DynamoTable

    return DynamoTable(name, wiring.dynamodb)
