"""Keys for other programs: what a till or an accounting program may do for one shop, without a person signed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key; only a hash of its secret is kept.

    Parameters
    ----------
    shop_id, key_id : str
        Whose key, and its name in lists and logs.
    name : str
        What the owner calls it.
    scopes : tuple of str
        What it may do, as `area:read` and `area:write`; writing holds reading.
    secret_hash : str
        SHA-256 of the secret, which has 256 bits of its own: no slower hash is needed.
    created_by : str
        The owner who made it.
    created_at : datetime
        When.
    expires_at : datetime or None
        From when on it opens nothing; None never.
    revoked : bool, default=False
        Whether it was reversed.
    """

    shop_id: str
    key_id: str
    name: str
    scopes: tuple[str, ...]
    secret_hash: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked: bool = False


class ApiKeyStore(Protocol):
    """Keeps keys."""

    def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        ...

    def find(self, key_id: str) -> ApiKey:
        """Return a key by its id alone, as a request presents it, or raise NotFound."""
        ...

    def get(self, shop_id: str, key_id: str) -> ApiKey:
        """Return a shop's key, or raise NotFound."""
        ...

    def keys(self, shop_id: str) -> tuple[ApiKey, ...]:
        """Return a shop's keys, the oldest first."""
        ...

    def expire(self, shop_id: str, key_id: str, at: datetime) -> None:
        """Let a key end at an instant, or raise NotFound."""
        ...

    def revoke(self, shop_id: str, key_id: str) -> None:
        """Take a key back at once, or raise NotFound."""
        ...
