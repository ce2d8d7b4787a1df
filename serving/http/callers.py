"""Who calls, for which shop and in which role: read from the verified token or API key."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from serving.errors import (
    Forbidden,
    NotFound,
    ShopClaimMissing,
    TooManyRequests,
    Unauthenticated,
)
from serving.ports import Ports
from serving.ports.accounts import Role
from serving.ports.api_keys import ApiKey
from serving.ports.identity import Claims


def ports_of(request: Request) -> Ports:
    """Return the ports of the application that serves a request."""
    return cast(Ports, request.app.state.ports)


async def the_ports(request: Request) -> Ports:
    """Return the ports of this application."""
    return ports_of(request)


ThePorts = Annotated[Ports, Depends(the_ports)]
API_KEY_PREFIX = "samaan_"
_bearer = HTTPBearer(auto_error=False, description="The access token of POST /v1/auth/login.")
_api_key = APIKeyHeader(
    name="X-Api-Key", auto_error=False, description="A key of POST /v1/auth/api-keys, for another program."
)


def limit_rate(ports: Ports, key: str) -> None:
    """Refuse a call beyond the rate, telling when to come again."""
    wait = ports.rate_limiter.take(key, ports.settings.rate_per_second, ports.settings.rate_burst)
    if wait > 0:
        raise TooManyRequests("the rate limit is reached", retry_after_seconds=max(1, round(wait + 0.5)))


def address(request: Request) -> str:
    """Return the network address of the other side."""
    return request.client.host if request.client else "unknown"


def anonymous(ports: ThePorts, request: Request) -> None:
    """Limit the rate of callers without a token, by address."""
    limit_rate(ports, f"address:{address(request)}")


Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


# The framework walks through what a dependency depends on each time it is named, also where the answer is known
# already. What every request needs therefore takes the ports from the request, and a write its caller.


async def claims(
    request: Request,
    token: Bearer,
    key: Annotated[str | None, Depends(_api_key)],
) -> Claims:
    """Return what the token or the API key says, verified here unless the route did."""
    known: Claims | None = getattr(request.state, "claims", None)
    return known if known is not None else await run_in_threadpool(verified, request, token, key)


def verified(request: Request, token: HTTPAuthorizationCredentials | None, key: str | None) -> Claims:
    """Verify the token or the API key; only failures are counted by address."""
    ports = ports_of(request)
    try:
        if token is not None:
            return _as_member(ports, ports.identity.verify(token.credentials))
        if key is not None:
            return _key_claims(ports, request, key)
        raise Unauthenticated("no bearer token was sent")
    except Unauthenticated:
        limit_rate(ports, f"address:{address(request)}")
        raise


def _as_member(ports: Ports, said: Claims) -> Claims:
    """Return the caller the role of now: a token lives on after its person was given another one or sent away."""
    if said.shop_id is None:
        return said
    try:
        role = ports.accounts.role(said.shop_id, said.user_id)
    except NotFound:
        raise Unauthenticated(
            "the token's person is not of this shop any more", hint="sign in again"
        ) from None
    return said if role == said.role else replace(said, role=role)


async def know_caller(request: Request) -> None:
    """Verify the token or the API key ahead of the dependencies, which take what was found.

    Raises
    ------
    Unauthenticated
        When there is none or it is not valid.
    """
    token, key = await _bearer(request), await _api_key(request)
    request.state.claims = await run_in_threadpool(verified, request, token, key)


def _key_claims(ports: Ports, request: Request, presented: str) -> Claims:
    """Return what an API key may do, having checked that it may do this."""
    key_id, _, secret = presented.removeprefix(API_KEY_PREFIX).partition(".")
    try:
        key = ports.api_keys.find(key_id)
    except NotFound:
        raise Unauthenticated("the API key is not valid") from None
    if not hmac.compare_digest(secret_digest(secret), key.secret_hash) or not _is_open(ports, key):
        raise Unauthenticated("the API key is not valid")
    limit_rate(ports, f"key:{key_id}")
    scopes = frozenset(key.scopes)
    area = request.url.path.removeprefix("/v1/").split("/")[0]
    wanted = f"{area}:read" if request.method in ("GET", "HEAD") else f"{area}:write"
    if not scopes & {wanted, f"{area}:write"}:
        raise Forbidden(f"the API key lacks the scope '{wanted}'", hint="make a key with this scope")
    writes = any(scope.endswith(":write") for scope in scopes)
    return Claims(f"key:{key_id}", key.shop_id, "staff" if writes else "viewer", None, scopes)


def _is_open(ports: Ports, key: ApiKey) -> bool:
    """Return whether a key still opens anything."""
    return not key.revoked and (key.expires_at is None or ports.clock.now() < key.expires_at)


def secret_digest(secret: str) -> str:
    """Return the hash under which the secret of an API key is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


TheClaims = Annotated[Claims, Depends(claims)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, for which shop, in which role; nothing but the verified token says so."""

    shop_id: str
    user_id: str
    role: Role
    scopes: frozenset[str] | None = None

    def check_scope(self, scope: str, what: str) -> None:
        """Refuse a program whose key lacks a scope; people have no scopes."""
        if self.scopes is not None and scope not in self.scopes:
            raise Forbidden(f"{what} needs the scope '{scope}'", hint="make a key with this scope too")


async def caller(request: Request, claims: TheClaims) -> Caller:
    """Return the caller of a shop's route, and note it for what the route names after it."""
    if claims.shop_id is None:
        raise ShopClaimMissing("the token carries no shop")
    limit_rate(ports_of(request), f"shop:{claims.shop_id}")
    found = Caller(claims.shop_id, claims.user_id, claims.role, claims.scopes)
    request.state.caller = found
    return found


def caller_of(request: Request) -> Caller:
    """Return the caller that a route named before; without one the request would have no owner."""
    found: Caller = request.state.caller
    return found


TheCaller = Annotated[Caller, Depends(caller)]


def _allowing(*roles: Role) -> Callable[[Caller], Caller]:
    """Build a dependency that lets only some roles pass."""

    async def allowed(caller: TheCaller) -> Caller:
        if caller.role not in roles:
            raise Forbidden(
                f"the role '{caller.role}' may not do this", hint=f"ask one of: {', '.join(roles)}"
            )
        return caller

    return cast(Callable[[Caller], Caller], allowed)


Writer = Annotated[Caller, Depends(_allowing("owner", "staff"))]
"""A caller who may write the shop's day: sales, stock, udhaar."""

Owner = Annotated[Caller, Depends(_allowing("owner"))]
"""A caller who may change rules, people and prices."""
