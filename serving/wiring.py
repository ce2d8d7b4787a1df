"""Which adapter stands behind each port: chosen by the settings, imported and built on first use."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar, assert_never, overload

from serving.errors import StoreUnavailable
from serving.ports.breaker import CircuitBreaker
from serving.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from redis import Redis

    from serving.adapters.aws_secrets import AwsSecrets
    from serving.adapters.dynamodb.table import DynamoTable
    from serving.adapters.sql.database import Database
    from serving.ports.accounts import AccountStore
    from serving.ports.alerts import AlertStore
    from serving.ports.api_keys import ApiKeyStore
    from serving.ports.approvals import ApprovalStore
    from serving.ports.bill_reader import BillReader
    from serving.ports.bills import BillStore
    from serving.ports.blobs import BlobStore
    from serving.ports.cache import Cache
    from serving.ports.changes import ChangeFeed, ChangeOutbox
    from serving.ports.clock import Clock
    from serving.ports.code_sender import CodeSender
    from serving.ports.explainer import Explainer
    from serving.ports.facts import FactStore
    from serving.ports.forecasts import ForecastStore
    from serving.ports.idempotency import IdempotencyStore
    from serving.ports.identity import IdentityProvider
    from serving.ports.imports import ImportStore
    from serving.ports.invitations import InvitationStore
    from serving.ports.items import ItemStore
    from serving.ports.jobs import JobStore
    from serving.ports.lots import LotStore
    from serving.ports.notifier import Notifier
    from serving.ports.orders import OrderStore
    from serving.ports.outbox import Outbox
    from serving.ports.predictor import Predictor
    from serving.ports.prices import PriceStore
    from serving.ports.rate_limiter import RateLimiter
    from serving.ports.recommendations import RecommendationStore
    from serving.ports.sales import SalesStore
    from serving.ports.sessions import SessionStore
    from serving.ports.shop_rows import ShopRows
    from serving.ports.sign_in_codes import SignInCodeStore
    from serving.ports.sign_in_events import SignInEventStore
    from serving.ports.statement_signer import StatementSigner
    from serving.ports.stock import StockStore
    from serving.ports.suppliers import SupplierStore
    from serving.ports.transactions import Transactions
    from serving.ports.udhaar import UdhaarStore

Made = TypeVar("Made")
_REDIS_PAUSE_SECONDS = 5.0


class part(Generic[Made]):  # noqa: N801 (used as a decorator, beside `property`)
    """A property built once, whichever thread asks first."""

    def __init__(self, build: Callable[[Any], Made]) -> None:
        self._build = build
        self.__doc__ = build.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Remember under which name to keep what is built."""
        self._name = name

    @overload
    def __get__(self, wiring: None, owner: type) -> "part[Made]": ...
    @overload
    def __get__(self, wiring: "Wiring", owner: type) -> Made: ...
    def __get__(self, wiring: "Wiring | None", owner: type) -> "part[Made] | Made":
        """Return what was built, or build it."""
        if wiring is None:
            return self
        with wiring.lock:
            if self._name not in wiring.parts:
                wiring.parts[self._name] = self._build(wiring)
        made: Made = wiring.parts[self._name]
        return made


class Wiring:
    """All ports of one application.

    Parameters
    ----------
    settings : Settings
        What was chosen.
    **parts : object
        Parts to use instead of the chosen ones, by the name of their property.
    """

    def __init__(self, settings: Settings, **parts: object) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.parts: dict[str, Any] = dict(parts)

    @part
    def database(self) -> "Database":
        """The SQL database, which the SQL stores share."""
        from serving.adapters.sql.database import Database

        secret = self.settings.database_secret
        url = self.settings.database if secret is None else self.secrets.database_url(secret)
        return Database(url, self.settings.busy_timeout_ms, self.settings.pool_size, self.clock.now)

    @part
    def secrets(self) -> "AwsSecrets":
        """Secrets that no setting holds."""
        from serving.adapters.aws_secrets import AwsSecrets, secrets_client

        return AwsSecrets(secrets_client(self.settings.aws_region, self.settings.aws_endpoint_url))

    @part
    def redis(self) -> "Redis[Any]":
        """The Redis that cache and limiter share."""
        from serving.adapters.redis_cache import redis_client

        return redis_client(self.settings.redis_url)

    @part
    def redis_breaker(self) -> CircuitBreaker:
        """What keeps a frozen Redis from costing every request a timeout."""
        return CircuitBreaker(1, _REDIS_PAUSE_SECONDS)

    @part
    def clock(self) -> "Clock":
        """The time."""
        from serving.adapters.system_clock import SystemClock

        return SystemClock()

    @part
    def transactions(self) -> "Transactions":
        """Units of work."""
        return self.database

    @part
    def idempotency(self) -> "IdempotencyStore":
        """Answers by key."""
        from serving.adapters.sql.idempotency import SqlIdempotencyStore

        return SqlIdempotencyStore(self.database, self.settings.idempotency_hours)

    @part
    def facts(self) -> "FactStore":
        """Facts by their clients' ids."""
        from serving.adapters.sql.facts import SqlFactStore

        return SqlFactStore(self.database)

    @part
    def changes(self) -> "ChangeFeed":
        """The feed of changes."""
        from serving.adapters.sql.changes import SqlChangeFeed

        return SqlChangeFeed(self.database)

    @part
    def change_outboxes(self) -> "tuple[ChangeOutbox, ...]":
        """Changes of stores outside the database that wait for the feed."""
        outside: list[ChangeOutbox] = []
        if self.settings.inventory_store == "dynamodb":
            from serving.adapters.dynamodb.change_outbox import DynamoChangeOutbox

            outside.append(DynamoChangeOutbox(self._dynamo_table(self.settings.inventory_table), "itemId"))
        if self.settings.udhaar_store == "dynamodb":
            from serving.adapters.dynamodb.change_outbox import DynamoChangeOutbox

            outside.append(DynamoChangeOutbox(self._dynamo_table(self.settings.udhaar_table), "customerId"))
        return tuple(outside)

    @part
    def accounts(self) -> "AccountStore":
        """People, shops, memberships."""
        from serving.adapters.sql.accounts import SqlAccountStore

        return SqlAccountStore(self.database)

    @part
    def api_keys(self) -> "ApiKeyStore":
        """Keys of other programs."""
        from serving.adapters.sql.api_keys import SqlApiKeyStore

        return SqlApiKeyStore(self.database)

    @part
    def approvals(self) -> "ApprovalStore":
        """Owners' words for what staff may not do alone."""
        from serving.adapters.sql.approvals import SqlApprovalStore

        return SqlApprovalStore(self.database)

    @part
    def invitations(self) -> "InvitationStore":
        """Roles offered to people."""
        from serving.adapters.sql.invitations import SqlInvitationStore

        return SqlInvitationStore(self.database)

    @part
    def sessions(self) -> "SessionStore":
        """Signed-in devices."""
        match self.settings.session_store:
            case "sql":
                from serving.adapters.sql.sessions import SqlSessionStore

                return SqlSessionStore(self.database)
            case "dynamodb":
                from serving.adapters.dynamodb.sessions import DynamoSessionStore

                return DynamoSessionStore(self._dynamo_table(self.settings.sessions_table))
            case other:
                assert_never(other)

    @part
    def identity(self) -> "IdentityProvider":
        """Who is calling."""
        match self.settings.identity:
            case "local":
                from serving.adapters.local_identity import LocalIdentity, TokenRules

                rules = TokenRules(
                    self.settings.token_issuer,
                    self.settings.token_audience,
                    self.settings.access_token_minutes,
                    self.settings.refresh_token_days,
                )
                return LocalIdentity(
                    self.accounts, self.sessions, self.clock, self.settings.keys_folder, rules
                )
            case "cognito":
                from serving.adapters.cognito_identity import CognitoIdentity, cognito_client

                return CognitoIdentity(
                    self.accounts,
                    self.clock,
                    cognito_client(self.settings.aws_region, self.settings.aws_endpoint_url),
                    self.settings.required("cognito_pool_id"),
                    self.settings.required("cognito_client_id"),
                    self.settings.aws_region,
                )
            case other:
                assert_never(other)

    @part
    def items(self) -> "ItemStore":
        """Items."""
        match self.settings.inventory_store:
            case "sql":
                from serving.adapters.sql.items import SqlItemStore

                return SqlItemStore(self.database)
            case "dynamodb":
                from serving.adapters.dynamodb.items import DynamoItemStore

                return DynamoItemStore(self._dynamo_table(self.settings.inventory_table))
            case other:
                assert_never(other)

    @part
    def stock(self) -> "StockStore":
        """Stock and its movements."""
        match self.settings.inventory_store:
            case "sql":
                from serving.adapters.sql.stock import SqlStockStore

                return SqlStockStore(self.database)
            case "dynamodb":
                from serving.adapters.dynamodb.stock import DynamoStockStore

                return DynamoStockStore(self._dynamo_table(self.settings.inventory_table))
            case other:
                assert_never(other)

    @part
    def lots(self) -> "LotStore":
        """Delivery lots."""
        match self.settings.inventory_store:
            case "sql":
                from serving.adapters.sql.lots import SqlLotStore

                return SqlLotStore(self.database)
            case "dynamodb":
                from serving.adapters.dynamodb.lots import DynamoLotStore

                return DynamoLotStore(self._dynamo_table(self.settings.inventory_table))
            case other:
                assert_never(other)

    @part
    def suppliers(self) -> "SupplierStore":
        """Who delivers."""
        match self.settings.inventory_store:
            case "sql":
                from serving.adapters.sql.suppliers import SqlSupplierStore

                return SqlSupplierStore(self.database)
            case "dynamodb":
                from serving.adapters.dynamodb.suppliers import DynamoSupplierStore

                return DynamoSupplierStore(self._dynamo_table(self.settings.inventory_table))
            case other:
                assert_never(other)

    @part
    def orders(self) -> "OrderStore":
        """Purchase orders."""
        from serving.adapters.sql.orders import SqlOrderStore

        return SqlOrderStore(self.database)

    @part
    def sales(self) -> "SalesStore":
        """Bills."""
        from serving.adapters.sql.sales import SqlSalesStore

        return SqlSalesStore(self.database)

    @part
    def udhaar(self) -> "UdhaarStore":
        """Customers and entries."""
        match self.settings.udhaar_store:
            case "sql":
                from serving.adapters.sql.udhaar import SqlUdhaarStore

                return SqlUdhaarStore(self.database)
            case "dynamodb":
                from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore

                return DynamoUdhaarStore(self._dynamo_table(self.settings.udhaar_table))
            case other:
                assert_never(other)

    @part
    def shop_rows(self) -> "tuple[ShopRows, ...]":
        """All that is stored of a shop, the database's tables first."""
        from serving.adapters.sql.shop_rows import SqlShopRows

        outside: list[ShopRows] = []
        if self.settings.inventory_store == "dynamodb":
            from serving.adapters.dynamodb.shop_rows import DynamoInventoryRows

            outside.append(DynamoInventoryRows(self._dynamo_table(self.settings.inventory_table)))
        if self.settings.udhaar_store == "dynamodb":
            from serving.adapters.dynamodb.shop_rows import DynamoUdhaarRows
            from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore

            khata = self._dynamo_table(self.settings.udhaar_table)
            outside.append(DynamoUdhaarRows(DynamoUdhaarStore(khata)))
        elsewhere = frozenset(table for rows in outside for table in rows.tables)
        return (SqlShopRows(self.database, elsewhere), *outside)

    @part
    def statement_signer(self) -> "StatementSigner":
        """The shop's signature under statements."""
        from serving.adapters.local_statement_signer import (
            LocalStatementSigner,
            keys_of_folder,
            keys_of_setting,
        )

        secret = self.settings.khata_secret
        if secret is not None:
            return LocalStatementSigner(lambda: keys_of_setting(self.secrets.text(secret)))
        keys = self.settings.khata_keys
        if keys is None:
            return LocalStatementSigner(lambda: keys_of_folder(self.settings.keys_folder))
        return LocalStatementSigner(lambda: keys_of_setting(keys.get_secret_value()))

    @part
    def forecasts(self) -> "ForecastStore":
        """Forecasts as they were given."""
        from serving.adapters.sql.forecasts import SqlForecastStore

        return SqlForecastStore(self.database)

    @part
    def prices(self) -> "PriceStore":
        """Price advice and changes."""
        from serving.adapters.sql.prices import SqlPriceStore

        return SqlPriceStore(self.database)

    @part
    def predictor(self) -> "Predictor":
        """The models."""
        match self.settings.predictor:
            case "inprocess":
                from serving.adapters.inprocess_predictor import InProcessPredictor

                return InProcessPredictor(self.settings.models_folder)
            case "sagemaker":
                from serving.adapters.sagemaker_predictor import SageMakerPredictor

                return SageMakerPredictor(
                    demand_endpoint=self.settings.demand_endpoint,
                    price_endpoint=self.settings.price_endpoint,
                    udhaar_endpoint=self.settings.udhaar_endpoint,
                    region=self.settings.aws_region,
                    endpoint_url=self.settings.aws_endpoint_url,
                )
            case other:
                assert_never(other)

    @part
    def alerts(self) -> "AlertStore":
        """Alerts."""
        from serving.adapters.sql.alerts import SqlAlertStore

        return SqlAlertStore(self.database)

    @part
    def outbox(self) -> "Outbox":
        """Messages that wait."""
        from serving.adapters.sql.outbox import SqlOutbox

        return SqlOutbox(self.database)

    @part
    def jobs(self) -> "JobStore":
        """Long work."""
        from serving.adapters.sql.jobs import SqlJobStore

        return SqlJobStore(self.database)

    @part
    def sign_in_codes(self) -> "SignInCodeStore":
        """Codes sent to phones."""
        from serving.adapters.sql.sign_in_codes import SqlSignInCodeStore

        return SqlSignInCodeStore(self.database)

    @part
    def sign_in_events(self) -> "SignInEventStore":
        """Who signed in."""
        from serving.adapters.sql.sign_in_events import SqlSignInEventStore

        return SqlSignInEventStore(self.database)

    @part
    def code_sender(self) -> "CodeSender":
        """Codes on their way to a phone."""
        match self.settings.code_sender:
            case "console":
                from serving.adapters.console_code_sender import ConsoleCodeSender

                return ConsoleCodeSender()
            case "sns":
                from serving.adapters.sns_code_sender import SnsCodeSender
                from serving.adapters.sns_notifier import sns_client

                entity, template = (
                    self.settings.required(name) for name in ("sms_entity_id", "sms_code_template_id")
                )
                client = sns_client(self.settings.aws_region, self.settings.aws_endpoint_url)
                return SnsCodeSender(client, entity, template)
            case other:
                assert_never(other)

    @part
    def notifier(self) -> "Notifier":
        """Sending messages."""
        match self.settings.notifier:
            case "console":
                from serving.adapters.console_notifier import ConsoleNotifier

                return ConsoleNotifier()
            case "sns":
                from serving.adapters.sns_notifier import SnsNotifier, sns_client

                client = sns_client(self.settings.aws_region, self.settings.aws_endpoint_url)
                return SnsNotifier(self.settings.required("sns_topic_arn"), client)
            case other:
                assert_never(other)

    @part
    def recommendations(self) -> "RecommendationStore":
        """Decisions on recommendations."""
        from serving.adapters.sql.recommendations import SqlRecommendationStore

        return SqlRecommendationStore(self.database)

    @part
    def bills(self) -> "BillStore":
        """Photographed bills."""
        from serving.adapters.sql.bills import SqlBillStore

        return SqlBillStore(self.database)

    @part
    def imports(self) -> "ImportStore":
        """Imported sheets."""
        from serving.adapters.sql.imports import SqlImportStore

        return SqlImportStore(self.database)

    @part
    def blobs(self) -> "BlobStore":
        """Files."""
        match self.settings.blobs:
            case "filesystem":
                from serving.adapters.filesystem_blobs import FilesystemBlobStore

                return FilesystemBlobStore(self.settings.blobs_folder)
            case "s3":
                from serving.adapters.s3_blobs import S3BlobStore, s3_client

                client = s3_client(self.settings.aws_region, self.settings.aws_endpoint_url)
                return S3BlobStore(self.settings.bills_bucket, client)
            case other:
                assert_never(other)

    @part
    def bill_reader(self) -> "BillReader":
        """Reading photographs."""
        match self.settings.bill_reader:
            case "local":
                from serving.adapters.localocr_bill_reader import local_bill_reader

                return local_bill_reader()
            case "textract":
                from serving.adapters.textract_bill_reader import TextractBillReader, textract_client

                return TextractBillReader(
                    textract_client(self.settings.aws_region, self.settings.aws_endpoint_url)
                )
            case other:
                assert_never(other)

    @part
    def explainer(self) -> "Explainer":
        """Wording."""
        from serving.adapters.template_explainer import TemplateExplainer

        match self.settings.explainer:
            case "template":
                return TemplateExplainer()
            case "bedrock":
                from serving.adapters.bedrock_explainer import (
                    BedrockExplainer,
                    BedrockOptions,
                    bedrock_client,
                )

                return BedrockExplainer(
                    bedrock_client(self.settings.aws_region, self.settings.aws_endpoint_url),
                    {"fast": self.settings.bedrock_fast_models, "smart": self.settings.bedrock_smart_models},
                    TemplateExplainer(),
                    self.clock,
                    BedrockOptions(daily_tokens=self.settings.bedrock_daily_tokens),
                )
            case other:
                assert_never(other)

    @part
    def cache(self) -> "Cache":
        """Short-lived copies."""
        match self.settings.cache:
            case "memory":
                from serving.adapters.memory.cache import MemoryCache

                return MemoryCache()
            case "redis":
                from serving.adapters.redis_cache import RedisCache

                return RedisCache(self.redis, self.redis_breaker)
            case other:
                assert_never(other)

    @part
    def rate_limiter(self) -> "RateLimiter":
        """How often someone may call."""
        match self.settings.cache:
            case "memory":
                from serving.adapters.memory.rate_limiter import MemoryRateLimiter

                return MemoryRateLimiter()
            case "redis":
                from serving.adapters.redis_rate_limiter import RedisRateLimiter
                from serving.adapters.sql.rate_limiter import SqlRateLimiter

                return RedisRateLimiter(self.redis, SqlRateLimiter(self.database), self.redis_breaker)
            case other:
                assert_never(other)

    @part
    def dynamodb(self) -> "DynamoDBClient":
        """The client that the tables share."""
        from serving.adapters.dynamodb.table import dynamodb_client

        return dynamodb_client(self.settings.aws_region, self.settings.aws_endpoint_url)

    def _dynamo_table(self, name: str) -> "DynamoTable":
        """Return one table."""
        from serving.adapters.dynamodb.table import DynamoTable

        return DynamoTable(name, self.dynamodb)

    def start(self) -> None:
        """Bring the embedded database to the present schema; a server's, migrated by its own command, is checked."""
        from serving.adapters.sql.migrate import check, upgrade

        if self.database.is_sqlite:
            upgrade(self.database)
            return
        with suppress(StoreUnavailable):  # it may come up after us
            check(self.database)

    def close(self) -> None:
        """Let go of what was opened."""
        if "database" in self.parts:
            self.database.close()
