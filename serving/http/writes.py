"""Writes that happen once: one unit of work, replayed when its key comes again."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from serving.errors import (
    InvalidInput,
    PortError,
    TakenBack,
)
from serving.http.callers import caller_of, ports_of
from serving.http.client_facts import ClientFacts, NamedFact
from serving.ports import Ports
from serving.ports.cache import Topic
from serving.ports.clock import ids_of_write
from serving.ports.facts import Fact
from serving.ports.idempotency import WriteKey
from serving.ports.transactions import taking_back

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

        A fact never expires; a key does.
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
        """Return whether the last answer came from memory."""
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
        # The first attempt was reversed and its ids with it: this is another one, with ids of its own.
        with self._following(write, fact):
            return self._in_one_unit(answer, write, work, changes, fact)

    def _following(self, write: WriteKey | None, fact: Fact | None) -> AbstractContextManager[None]:
        """Let the stores outside the database follow the unit of work."""
        if fact is not None:
            return self._repeatable_fact(fact)
        return taking_back() if write is None else self._repeatable(write)

    @contextmanager
    def _repeatable(self, write: WriteKey) -> Iterator[None]:
        """Return the write the ids of its first attempt, until it is refused and reversed.

        After a fault it is unknown what the other store took: it stays, and the repeated request finishes it.
        """
        first = self._ports.idempotency.reserve(write, self._ports.clock.now())
        seed = f"{write.scope}\n{write.key}\n{write.fingerprint}"
        forget = partial(self._ports.idempotency.release, write)
        with ids_of_write(seed, first), taking_back(forget, keep=(PortError,)):
            yield

    @contextmanager
    def _repeatable_fact(self, fact: Fact) -> Iterator[None]:
        """Return a fact that the client named the ids of its first attempt, however long ago that was."""
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
    return ClientFacts(
        store=ports.facts, alerts=ports.alerts, shop_id=caller_of(request).shop_id, clock=ports.clock
    )


TheFacts = Annotated[ClientFacts, Depends(the_facts)]
