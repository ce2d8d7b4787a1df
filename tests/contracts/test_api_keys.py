"""What every store of API keys must do."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from serving.adapters.sql.api_keys import SqlApiKeyStore
from serving.adapters.sql.database import Database
from serving.errors import NotFound
from serving.ports.api_keys import ApiKey, ApiKeyStore


@pytest.fixture
def api_keys(database: Database) -> ApiKeyStore:
    """Each store of API keys."""
    return SqlApiKeyStore(database)


def a_key(shop_id: str, now: datetime, name: str = "till") -> ApiKey:
    return ApiKey(shop_id, f"{shop_id}-{name}", name, ("sales:write", "inventory:read"), "h", "me", now, None)


def test_a_key_is_found_by_its_id_and_listed_in_its_shop_alone(
    api_keys: ApiKeyStore, shop_id: str, now: datetime
) -> None:
    first, second = a_key(shop_id, now), a_key(shop_id, now + timedelta(seconds=1), "scale")
    for key in (second, first):
        api_keys.add(key)
    assert api_keys.find(first.key_id) == api_keys.get(shop_id, first.key_id) == first
    assert api_keys.keys(shop_id) == (first, second)
    assert api_keys.keys(shop_id + "x") == ()


def test_a_key_ends_and_is_taken_back(api_keys: ApiKeyStore, shop_id: str, now: datetime) -> None:
    key = a_key(shop_id, now)
    api_keys.add(key)
    api_keys.expire(shop_id, key.key_id, now + timedelta(hours=1))
    api_keys.revoke(shop_id, key.key_id)
    assert api_keys.find(key.key_id) == replace(key, expires_at=now + timedelta(hours=1), revoked=True)


def test_a_key_of_another_shop_is_not_there(api_keys: ApiKeyStore, shop_id: str, now: datetime) -> None:
    key = a_key(shop_id, now)
    api_keys.add(key)
    for attempt in (
        lambda: api_keys.get(shop_id + "x", key.key_id),
        lambda: api_keys.expire(shop_id + "x", key.key_id, now),
        lambda: api_keys.revoke(shop_id + "x", key.key_id),
        lambda: api_keys.find("nobody"),
    ):
        with pytest.raises(NotFound):
            attempt()
