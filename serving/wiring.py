"""Which adapter stands behind each port: chosen by the settings, imported and built on first use."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, assert_never, overload

from serving.settings import Settings

if TYPE_CHECKING:
    from serving.adapters.sql.database import Database
    from serving.ports.accounts import AccountStore
    from serving.ports.cache import Cache
    from serving.ports.clock import Clock
    from serving.ports.forecasts import ForecastStore
    from serving.ports.idempotency import IdempotencyStore
    from serving.ports.identity import IdentityProvider
    from serving.ports.inventory import InventoryStore
    from serving.ports.predictor import Predictor
    from serving.ports.prices import PriceStore
    from serving.ports.rate_limiter import RateLimiter
    from serving.ports.sales import SalesStore
    from serving.ports.sessions import SessionStore
    from serving.ports.transactions import Transactions
    from serving.ports.udhaar import UdhaarStore

Made = TypeVar("Made")


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

        return Database(self.settings.database, self.settings.busy_timeout_ms, self.settings.pool_size)

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
    def accounts(self) -> "AccountStore":
        """People, shops, memberships."""
        from serving.adapters.sql.accounts import SqlAccountStore

        return SqlAccountStore(self.database)

    @part
    def sessions(self) -> "SessionStore":
        """Signed-in devices."""
        match self.settings.session_store:
            case "sql":
                from serving.adapters.sql.sessions import SqlSessionStore

                return SqlSessionStore(self.database)
            case "dynamodb":
                raise NotImplementedError
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
                raise NotImplementedError
            case other:
                assert_never(other)

    @part
    def inventory(self) -> "InventoryStore":
        """Items and stock."""
        match self.settings.inventory_store:
            case "sql":
                from serving.adapters.sql.inventory import SqlInventoryStore

                return SqlInventoryStore(self.database)
            case "dynamodb":
                raise NotImplementedError
            case other:
                assert_never(other)

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
                raise NotImplementedError
            case other:
                assert_never(other)

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
    def cache(self) -> "Cache":
        """Short-lived copies."""
        match self.settings.cache:
            case "memory":
                from serving.adapters.memory.cache import MemoryCache

                return MemoryCache()
            case "redis":
                raise NotImplementedError
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
                raise NotImplementedError
            case other:
                assert_never(other)

    def start(self) -> None:
        """Bring the embedded database to the present schema; a server's is migrated by its own command."""
        if self.database.is_sqlite:
            from serving.adapters.sql.migrate import upgrade

            upgrade(self.database)

    def close(self) -> None:
        """Let go of what was opened."""
        if "database" in self.parts:
            self.database.close()
