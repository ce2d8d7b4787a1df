"""Choose the adapter behind each port by the settings; import and build it on first use.

Each part has one builder, a function with the part's name, in a module of its area. A new port is a field of
`serving.ports.Ports` and a builder here.
"""

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from serving.errors import StoreUnavailable
from serving.ports import Ports
from serving.ports.breaker import CircuitBreaker
from serving.settings import Settings
from serving.wiring import _goods, _models, _people, _shared  # noqa: F401 (they register their builders)
from serving.wiring._part import BUILDERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from redis import Redis

    from serving.adapters.aws_secrets import AwsSecrets
    from serving.adapters.sql.database import Database

__all__ = ["Wiring"]


class Wiring(Ports):
    """The ports of one application, each built when it is first read.

    Parameters
    ----------
    settings : Settings
        The adapters to use and their options.
    **parts : object
        Parts to use instead of the chosen ones, by name.
    """

    # Parts that several adapters share and no other code reads.
    database: "Database"
    secrets: "AwsSecrets"
    redis: "Redis[Any]"
    redis_breaker: CircuitBreaker
    dynamodb: "DynamoDBClient"

    def __init__(self, settings: Settings, **parts: object) -> None:
        self.__dict__.update(parts, settings=settings, _lock=threading.RLock())

    @property
    def parts(self) -> dict[str, Any]:
        """The parts that are built or were given, by name; tests replace one here."""
        return self.__dict__

    def __getattr__(self, name: str) -> Any:
        """Build a part; Python calls this only for a part that is not built yet."""
        build = BUILDERS.get(name)
        if build is None:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        with self._lock:
            if name not in self.parts:
                self.parts[name] = build(self)
        return self.parts[name]

    def start(self) -> None:
        """Migrate the embedded database; check the schema of a server, which has a command for its migration."""
        from serving.adapters.sql.migrate import check, upgrade

        if self.database.is_sqlite:
            upgrade(self.database)
            return
        with suppress(StoreUnavailable):  # the server may start after this process
            check(self.database)

    def close(self) -> None:
        """Close the connections that were opened."""
        if "database" in self.parts:
            self.database.close()
