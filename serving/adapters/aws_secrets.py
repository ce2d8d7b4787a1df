"""Secrets of AWS Secrets Manager: read once at the start, never put into a function's configuration."""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

from serving.errors import StoreUnavailable


class SecretsClient(Protocol):
    """What is used of boto3's client."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:
        """Return a secret."""


class AwsSecrets:
    """Reads secrets by name or ARN.

    Parameters
    ----------
    client : SecretsClient
        Client to use.
    """

    def __init__(self, client: SecretsClient) -> None:
        self._client = client

    def text(self, name: str) -> str:
        """Return a secret as it is written.

        Raises
        ------
        StoreUnavailable
            When it cannot be read.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return str(self._client.get_secret_value(SecretId=name)["SecretString"])
        except (BotoCoreError, ClientError, KeyError) as error:
            raise StoreUnavailable(f"the secret '{name}' could not be read") from error

    def database_url(self, name: str) -> str:
        """Return the SQLAlchemy URL that a secret holds: as `url`, or in the fields that RDS writes.

        Raises
        ------
        StoreUnavailable
            When it cannot be read, or holds neither; its content is not in the message.
        """
        try:
            held = json.loads(self.text(name))
            if "url" in held:
                return str(held["url"])
            user, password = quote(str(held["username"]), safe=""), quote(str(held["password"]), safe="")
            place = f"{held['host']}:{held.get('port', 5432)}/{held['dbname']}"
        except (ValueError, TypeError, KeyError):
            raise StoreUnavailable(
                f"the secret '{name}' holds no database: write 'url', or username, password, host and dbname"
            ) from None
        return f"postgresql+psycopg://{user}:{password}@{place}?sslmode=require"


def secrets_client(region: str, endpoint_url: str | None = None) -> SecretsClient:
    """Make a client with short timeouts."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 3, "mode": "standard"})
    client: Any = boto3.client("secretsmanager", region_name=region, endpoint_url=endpoint_url, config=config)
    made: SecretsClient = client
    return made
