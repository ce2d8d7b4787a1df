"""What every slice is given by request: the ports, the caller, pages, and writes that happen once."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Protocol, TypeVar, cast

from fastapi import Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from serving.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    PortError,
    ShopClaimMissing,
    TakenBack,
    TooManyRequests,
    Unauthenticated,
)
from serving.http.client_facts import ClientFacts, NamedFact
from serving.http.fields import AnswerRow, PageOf
from serving.ports.accounts import AccountStore, Role
from serving.ports.alerts import AlertStore
from serving.ports.api_keys import ApiKey, ApiKeyStore
from serving.ports.approvals import ApprovalStore
from serving.ports.bill_reader import BillReader
from serving.ports.bills import BillStore
from serving.ports.blobs import BlobStore
from serving.ports.cache import Cache, Topic
from serving.ports.changes import ChangeFeed, ChangeOutbox
from serving.ports.clock import Clock, ids_of_write
from serving.ports.code_sender import CodeSender
from serving.ports.explainer import Explainer
from serving.ports.facts import Fact, FactStore
from serving.ports.forecasts import ForecastStore
from serving.ports.idempotency import IdempotencyStore, WriteKey
from serving.ports.identity import Claims, IdentityProvider
from serving.ports.imports import ImportStore
from serving.ports.invitations import InvitationStore
from serving.ports.items import ItemStore
from serving.ports.jobs import JobStore
from serving.ports.lots import LotStore
from serving.ports.notifier import Notifier
from serving.ports.orders import OrderStore
from serving.ports.outbox import Outbox
from serving.ports.page import Page
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
from serving.ports.transactions import Transactions, taking_back
from serving.ports.udhaar import UdhaarStore
from serving.settings import Settings


class Ports(Protocol):
    """All ports; `serving.wiring` fills them, each on first use."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102
    @property
    def clock(self) -> Clock: ...  # noqa: D102
    @property
    def transactions(self) -> Transactions: ...  # noqa: D102
    @property
    def idempotency(self) -> IdempotencyStore: ...  # noqa: D102
    @property
    def changes(self) -> ChangeFeed: ...  # noqa: D102
    @property
    def change_outboxes(self) -> tuple[ChangeOutbox, ...]: ...  # noqa: D102
    @property
    def facts(self) -> FactStore: ...  # noqa: D102
    @property
    def accounts(self) -> AccountStore: ...  # noqa: D102
    @property
    def api_keys(self) -> ApiKeyStore: ...  # noqa: D102
    @property
    def approvals(self) -> ApprovalStore: ...  # noqa: D102
    @property
    def sessions(self) -> SessionStore: ...  # noqa: D102
    @property
    def identity(self) -> IdentityProvider: ...  # noqa: D102
    @property
    def items(self) -> ItemStore: ...  # noqa: D102
    @property
    def stock(self) -> StockStore: ...  # noqa: D102
    @property
    def lots(self) -> LotStore: ...  # noqa: D102
    @property
    def suppliers(self) -> SupplierStore: ...  # noqa: D102
    @property
    def invitations(self) -> InvitationStore: ...  # noqa: D102
    @property
    def orders(self) -> OrderStore: ...  # noqa: D102
    @property
    def sales(self) -> SalesStore: ...  # noqa: D102
    @property
    def udhaar(self) -> UdhaarStore: ...  # noqa: D102
    @property
    def shop_rows(self) -> tuple[ShopRows, ...]: ...  # noqa: D102
    @property
    def statement_signer(self) -> StatementSigner: ...  # noqa: D102
    @property
    def forecasts(self) -> ForecastStore: ...  # noqa: D102
    @property
    def prices(self) -> PriceStore: ...  # noqa: D102
    @property
    def predictor(self) -> Predictor: ...  # noqa: D102
    @property
    def cache(self) -> Cache: ...  # noqa: D102
    @property
    def alerts(self) -> AlertStore: ...  # noqa: D102
    @property
    def outbox(self) -> Outbox: ...  # noqa: D102
    @property
    def jobs(self) -> JobStore: ...  # noqa: D102
    @property
    def sign_in_codes(self) -> SignInCodeStore: ...  # noqa: D102
    @property
    def sign_in_events(self) -> SignInEventStore: ...  # noqa: D102
    @property
    def code_sender(self) -> CodeSender: ...  # noqa: D102
    @property
    def notifier(self) -> Notifier: ...  # noqa: D102
    @property
    def recommendations(self) -> RecommendationStore: ...  # noqa: D102
    @property
    def bills(self) -> BillStore: ...  # noqa: D102
    @property
    def imports(self) -> ImportStore: ...  # noqa: D102
    @property
    def blobs(self) -> BlobStore: ...  # noqa: D102
    @property
    def bill_reader(self) -> BillReader: ...  # noqa: D102
    @property
    def explainer(self) -> Explainer: ...  # noqa: D102
    @property
    def rate_limiter(self) -> RateLimiter: ...  # noqa: D102


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
    """Give the caller the role of now: a token lives on after its person was given another one or sent away."""
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
    """Say what an API key may do, having checked that it may do this."""
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
    """Tell whether a key still opens anything."""
    return not key.revoked and (key.expires_at is None or ports.clock.now() < key.expires_at)


def secret_digest(secret: str) -> str:
    """Give the hash under which the secret of an API key is kept."""
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
    """Return the caller that a route named before; without one nobody's request would be done."""
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


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page of a list is asked for."""

    limit: int
    after: str | None

    def answer(self, page: Page[object], rows: Iterable[AnswerRow]) -> PageOf[AnswerRow]:
        """Put rows and the next cursor together."""
        cursor = (
            None
            if page.after is None
            else base64.urlsafe_b64encode(page.after.encode()).rstrip(b"=").decode()
        )
        return PageOf[AnswerRow].model_construct(rows=list(rows), next_cursor=cursor)


async def page_query(
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[
        str | None, Query(max_length=300, description="`next_cursor` of the page before.")
    ] = None,
) -> PageQuery:
    """Read limit and cursor."""
    if cursor is None:
        return PageQuery(limit, None)
    try:
        after = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        after = ""
    if not after or not after.isprintable():
        raise InvalidInput(
            "the cursor is not one of ours", field="cursor", hint="use 'next_cursor' as it was given"
        )
    return PageQuery(limit, after)


ThePage = Annotated[PageQuery, Depends(page_query)]
Written = TypeVar("Written", bound=BaseModel)
Prepared = TypeVar("Prepared")


class Write:
    """One write of one caller: a unit of work, answered from memory when its key comes again.

    Parameters
    ----------
    ports : Ports
        The ports.
    scope : str
        Whose keys: the shop.
    key : str or None
        The caller's Idempotency-Key.
    route : str
        Method and path, which belong to what the key stands for.
    response : Response
        Where a replay is marked.
    """

    def __init__(self, ports: Ports, scope: str, key: str | None, route: str, response: Response) -> None:
        self._ports = ports
        self._scope = scope
        self._key = key
        self._route = route
        self._response = response

    def once(
        self,
        answer: type[Written],
        body: BaseModel | None,
        work: Callable[[], Written],
        changes: tuple[Topic, ...] = (),
        named: NamedFact | None = None,
    ) -> Written:
        """Do the work in one unit of work, or replay its answer; then drop the cached topics it changes.

        A fact is known for ever, longer than any key.
        """
        fact = named.by_key(self._key) if named else None
        return self._commit(answer, self._write_key(body, fact), work, changes, fact)

    def named(
        self,
        answer: type[Written],
        named: NamedFact,
        work: Callable[[], Written],
        changes: tuple[Topic, ...] = (),
    ) -> tuple[Written, bool]:
        """Do one of several facts of a request in a unit of work of its own, and tell whether it was known already."""
        done = self._commit(answer, None, work, changes, named.by_id)
        known = self._is_replayed()
        if known:
            del self._response.headers["Idempotency-Replayed"]
        return done, known

    def _is_replayed(self) -> bool:
        """Tell whether the last answer came from memory."""
        return "Idempotency-Replayed" in self._response.headers

    def once_prepared(
        self,
        answer: type[Written],
        body: BaseModel | None,
        prepare: Callable[[], Prepared],
        work: Callable[[Prepared], Written],
        changes: tuple[Topic, ...] = (),
    ) -> Written:
        """Like `once`, with a slow part done before the unit of work opens, so that no other writer waits."""
        write = self._write_key(body)
        stored = self._ports.idempotency.find(write) if write else None
        if stored is not None:
            return self._replay(answer, stored)
        prepared = prepare()
        return self._commit(answer, write, lambda: work(prepared), changes)

    def _commit(
        self,
        answer: type[Written],
        write: WriteKey | None,
        work: Callable[[], Written],
        changes: tuple[Topic, ...],
        fact: Fact | None = None,
    ) -> Written:
        """Do the unit of work; where stores outside the database take part, so that they can follow it."""
        if not self._ports.settings.has_outside_stores:
            return self._in_one_unit(answer, write, work, changes, fact)
        try:
            with self._following(write, fact):
                return self._in_one_unit(answer, write, work, changes, fact)
        except TakenBack:
            if fact is None:
                raise
        # The first attempt was taken back and its ids with it: this is another one, with ids of its own.
        with self._following(write, fact):
            return self._in_one_unit(answer, write, work, changes, fact)

    def _following(self, write: WriteKey | None, fact: Fact | None) -> AbstractContextManager[None]:
        """Let the stores outside the database follow the unit of work."""
        if fact is not None:
            return self._repeatable_fact(fact)
        return taking_back() if write is None else self._repeatable(write)

    @contextmanager
    def _repeatable(self, write: WriteKey) -> Iterator[None]:
        """Give the write the ids of its first attempt, until it is refused and taken back.

        After a fault nobody knows what the other store took: it stays, and the repeated request finishes it.
        """
        first = self._ports.idempotency.reserve(write, self._ports.clock.now())
        seed = f"{write.scope}\n{write.key}\n{write.fingerprint}"
        forget = partial(self._ports.idempotency.release, write)
        with ids_of_write(seed, first), taking_back(forget, keep=(PortError,)):
            yield

    @contextmanager
    def _repeatable_fact(self, fact: Fact) -> Iterator[None]:
        """Give a fact that the client named the ids of its first attempt, however long ago that was."""
        first = self._ports.facts.reserve(self._scope, fact, self._ports.clock.now())
        seed = f"{self._scope}\n{fact.kind}\n{fact.fact_id}\n{fact.fingerprint}"
        forget = partial(self._ports.facts.release, self._scope, fact)
        with ids_of_write(seed, first), taking_back(forget, keep=(PortError,)):
            yield

    def _in_one_unit(
        self,
        answer: type[Written],
        write: WriteKey | None,
        work: Callable[[], Written],
        changes: tuple[Topic, ...],
        fact: Fact | None,
    ) -> Written:
        """Claim key and fact, do the work and store its answer, all in one unit of work."""
        now = self._ports.clock.now()
        with self._ports.transactions.begin():
            stored = self._ports.idempotency.claim(write, now) if write else None
            if stored is not None:
                return self._replay(answer, stored)
            stored = self._ports.facts.claim(self._scope, fact, now) if fact else None
            done = work() if stored is None else self._replay(answer, stored)
            told = done.model_dump_json() if stored is None else stored
            if fact and stored is None:
                self._ports.facts.complete(self._scope, fact, told)
            if write:
                self._ports.idempotency.complete(write, told)
        if changes:
            self._ports.cache.forget(self._scope, *changes)
        return done

    def _write_key(self, body: BaseModel | None, fact: Fact | None = None) -> WriteKey | None:
        """Bind the caller's key to the route and the body, or to the fact: what tells of its sending may change."""
        if self._key is None:
            return None
        said = body.model_dump_json(exclude_unset=True) if body else ""
        asked = self._route + "\n" + (fact.fingerprint if fact else said)
        return WriteKey(self._scope, self._key, hashlib.sha256(asked.encode()).hexdigest())

    def _replay(self, answer: type[Written], stored: str) -> Written:
        """Return the answer given before."""
        self._response.headers["Idempotency-Replayed"] = "true"
        return answer.model_validate_json(stored)


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A fresh key a write: the same key and body replay the answer, another body is refused (409).",
    ),
]


async def shop_write(request: Request, response: Response, key: IdempotencyKey = None) -> Write:
    """Prepare a write of a shop; the route names its caller first. A program repeats its writes, so it names each."""
    caller = caller_of(request)
    if caller.scopes is not None and key is None:
        raise InvalidInput(
            "a program sends an Idempotency-Key with every write",
            field="Idempotency-Key",
            hint="send a fresh key a write, and the same one when you repeat it",
        )
    return Write(ports_of(request), caller.shop_id, key, f"{request.method} {request.url.path}", response)


TheWrite = Annotated[Write, Depends(shop_write)]


async def the_facts(request: Request) -> ClientFacts:
    """Prepare the facts of a shop; the route names its caller first."""
    ports = ports_of(request)
    return ClientFacts(ports.facts, ports.alerts, caller_of(request).shop_id, ports.clock)


TheFacts = Annotated[ClientFacts, Depends(the_facts)]
