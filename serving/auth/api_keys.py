"""The rules of API keys: shown once, hashed at rest, replaced with an overlap."""

import secrets
from datetime import datetime, timedelta

from serving.auth.schemas import ApiKeyCard, ApiKeyList, KeyRotation, NewApiKey, NewApiKeyCard
from serving.errors import Conflict
from serving.http.callers import API_KEY_PREFIX, secret_digest
from serving.ports.api_keys import ApiKey, ApiKeyStore
from serving.ports.clock import Clock, new_id

_SECRET_BYTES = 32
_MOST_KEYS = 50


class ApiKeyService:
    """Makes, lists, replaces and revokes the keys of a shop."""

    def __init__(self, store: ApiKeyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._secret: str | None = None

    def create(self, shop_id: str, user_id: str, body: NewApiKey) -> NewApiKeyCard:
        """Make a key; what is stored and replayed holds no secret, `revealed` adds it to the first answer."""
        open_keys = [key for key in self._store.keys(shop_id) if not key.revoked]
        if len(open_keys) >= _MOST_KEYS:
            raise Conflict(f"the shop has {_MOST_KEYS} keys already", hint="revoke one that is not used")
        now = self._clock.now()
        until = None if body.expires_in_days is None else now + timedelta(days=body.expires_in_days)
        return self._add(shop_id, user_id, body.name, tuple(dict.fromkeys(body.scopes)), until)

    def rotate(self, shop_id: str, user_id: str, key_id: str, body: KeyRotation) -> NewApiKeyCard:
        """Make a key like another one, which ends after the overlap."""
        old, now = self._store.get(shop_id, key_id), self._clock.now()
        if old.revoked or (old.expires_at is not None and old.expires_at <= now):
            raise Conflict("the key has ended; make a new one")
        end = now + timedelta(minutes=body.overlap_minutes)
        self._store.expire(shop_id, key_id, end if old.expires_at is None else min(end, old.expires_at))
        return self._add(shop_id, user_id, old.name, old.scopes, old.expires_at)

    def revoke(self, shop_id: str, key_id: str) -> None:
        """Take a key back."""
        self._store.revoke(shop_id, key_id)

    def keys(self, shop_id: str) -> ApiKeyList:
        """Return the shop's keys."""
        return ApiKeyList(rows=[ApiKeyCard.model_validate(key) for key in self._store.keys(shop_id)])

    def revealed(self, card: NewApiKeyCard) -> NewApiKeyCard:
        """Add the secret to the answer that made it; a repeated request made none."""
        if self._secret is None:
            return card
        return card.model_copy(update={"api_key": f"{API_KEY_PREFIX}{card.key_id}.{self._secret}"})

    def _add(
        self, shop_id: str, user_id: str, name: str, scopes: tuple[str, ...], expires_at: datetime | None
    ) -> NewApiKeyCard:
        """Keep a new key's hash and remember its secret for this answer alone."""
        now, self._secret = self._clock.now(), secrets.token_urlsafe(_SECRET_BYTES)
        key = ApiKey(
            shop_id, new_id(now), name, scopes, secret_digest(self._secret), user_id, now, expires_at
        )
        self._store.add(key)
        return NewApiKeyCard.model_validate(key)
