"""Entries in one request: each on its own with a result, or all of them or none."""

from collections.abc import Callable
from functools import partial

from serving.errors import RequestError, rules_as_input
from serving.http.approving import Approving
from serving.http.callers import Caller
from serving.http.client_facts import ClientFacts, NamedFact, fact_of
from serving.http.writes import Write
from serving.ports.cache import Topic
from serving.udhaar.schemas import (
    BatchedCredit,
    BatchedEntry,
    EntryBatch,
    EntryBatchDone,
    EntryDone,
    EntryResult,
    NewCredit,
    NewPayment,
)
from serving.udhaar.service import UdhaarService


class EntryBatches:
    """Writes batches of credits and payments.

    Parameters
    ----------
    service : UdhaarService
        Writes one.
    facts : ClientFacts
        Knows those that came before.
    caller : Caller
        Who sends them.
    approving : callable
        Prepares the request for one customer that may need an owner's word.
    changes : tuple of str
        The cached topics that an entry changes.
    """

    def __init__(
        self,
        service: UdhaarService,
        facts: ClientFacts,
        caller: Caller,
        approving: Callable[[str], Approving],
        changes: tuple[Topic, ...],
    ) -> None:
        self._service = service
        self._facts = facts
        self._caller = caller
        self._approving = approving
        self._changes = changes

    def post(self, body: EntryBatch, write: Write) -> EntryBatchDone:
        """Write them in their order; their ids keep each from being written twice."""
        if body.atomic:
            return write.once(EntryBatchDone, body, lambda: self._all(body), self._changes)
        return _done([self._on_its_own(place, entry, write) for place, entry in enumerate(body.entries)])

    def _all(self, body: EntryBatch) -> EntryBatchDone:
        """Write all in one unit of work; the first refusal ends it."""
        results = []
        for place, entry in enumerate(body.entries):
            try:
                fact, work = self._asked(entry, self._approving(entry.customer_id))
                with rules_as_input():
                    done, known = self._facts.once(EntryDone, fact, work)
            except RequestError as error:
                error.field = f"entries.{place}.{error.field or 'entry_id'}"
                raise
            results.append(_result(place, entry.entry_id, done, is_known=known))
        return _done(results)

    def _on_its_own(self, place: int, entry: BatchedEntry, write: Write) -> EntryResult:
        """Write one entry in a unit of work of its own."""
        approving = self._approving(entry.customer_id)
        fact, work = self._asked(entry, approving)
        try:
            with rules_as_input(), approving.of(entry):
                done, known = write.named(EntryDone, fact, work, self._changes)
        except RequestError as error:
            refused = {"place": place, "entry_id": entry.entry_id, "status": "refused", "done": None}
            why = {"code": error.code, "detail": error.detail, "field": error.field}
            return EntryResult.model_validate(refused | why)
        return _result(place, entry.entry_id, done, is_known=known)

    def _asked(self, entry: BatchedEntry, approving: Approving) -> tuple[NamedFact, Callable[[], EntryDone]]:
        """Describe an entry as the way for single ones does, by which it may have come before, and its work."""
        own = entry.model_dump(exclude={"kind", "customer_id"}, exclude_unset=True)
        about = f"{entry.kind}/{entry.customer_id}"
        if isinstance(entry, BatchedCredit):
            credit = NewCredit.model_validate(own)
            fact = fact_of("entry", entry.entry_id, credit, "entry_id", about)
            return fact, partial(self._service.give, self._caller, entry.customer_id, credit, approving)
        payment = NewPayment.model_validate(own)
        fact = fact_of("entry", entry.entry_id, payment, "entry_id", about)
        return fact, partial(self._service.receive, self._caller, entry.customer_id, payment, approving)


def _result(place: int, entry_id: str, done: EntryDone, *, is_known: bool) -> EntryResult:
    """Say that an entry stands."""
    status = "replayed" if is_known else "applied"
    return EntryResult.model_validate({"place": place, "entry_id": entry_id, "status": status, "done": done})


def _done(results: list[EntryResult]) -> EntryBatchDone:
    """Count the results."""
    statuses = [each.status for each in results]
    return EntryBatchDone(
        applied=statuses.count("applied"),
        replayed=statuses.count("replayed"),
        refused=statuses.count("refused"),
        results=results,
    )
