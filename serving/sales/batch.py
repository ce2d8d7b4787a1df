"""Bills in one request: each on its own with a result, or all of them or none."""

from collections.abc import Callable
from functools import partial

from serving.errors import ApprovalRequired, RequestError, rules_as_input
from serving.http.approving import Approving
from serving.http.callers import Caller
from serving.http.client_facts import ClientFacts, NamedFact, fact_of
from serving.http.writes import Write
from serving.ports.cache import Topic
from serving.sales.schemas import NamedSale, SaleBatch, SaleBatchDone, SaleDone, SaleResult
from serving.sales.service import SalesService


class SaleBatches:
    """Posts batches of bills.

    Parameters
    ----------
    service : SalesService
        Posts one.
    facts : ClientFacts
        Knows those that came before.
    caller : Caller
        Who sends them.
    approving : callable
        Prepares the request of one bill that may need an owner's word.
    changes : tuple of str
        The cached topics that a bill changes.
    """

    def __init__(
        self,
        service: SalesService,
        facts: ClientFacts,
        caller: Caller,
        approving: Callable[[], Approving],
        changes: tuple[Topic, ...],
    ) -> None:
        self._service = service
        self._facts = facts
        self._caller = caller
        self._approving = approving
        self._changes = changes

    def post(self, body: SaleBatch, write: Write) -> SaleBatchDone:
        """Post them in their order; their ids keep each from being posted twice, whatever becomes of the answer."""
        if body.atomic:
            return write.once(SaleBatchDone, body, lambda: self._all(body), self._changes)
        return _done([self._on_its_own(place, bill, write) for place, bill in enumerate(body.sales)])

    def _all(self, body: SaleBatch) -> SaleBatchDone:
        """Post all in one unit of work; the first refusal ends it."""
        results = []
        for place, bill in enumerate(body.sales):
            approving = self._approving()
            try:
                with rules_as_input():
                    done, known = self._facts.once(
                        SaleDone, _fact(bill), partial(self._service.post, self._caller, bill, approving)
                    )
            except RequestError as error:
                error.field = f"sales.{place}.{error.field or 'sale_id'}"
                raise
            results.append(_result(place, bill, done, is_known=known))
        return _done(results)

    def _on_its_own(self, place: int, bill: NamedSale, write: Write) -> SaleResult:
        """Post one bill in a unit of work of its own."""
        approving = self._approving()
        try:
            with rules_as_input(), approving.of(bill):
                done, known = write.named(
                    SaleDone,
                    _fact(bill),
                    lambda: self._service.post(self._caller, bill, approving),
                    self._changes,
                )
        except RequestError as error:
            hint = f"; {error.hint}" if isinstance(error, ApprovalRequired) and error.hint else ""
            return SaleResult(
                place=place,
                sale_id=bill.sale_id,
                status="refused",
                sale=None,
                code=error.code,
                detail=error.detail + hint,
                field=error.field,
            )
        return _result(place, bill, done, is_known=known)


def _fact(bill: NamedSale) -> NamedFact:
    """Describe a bill as the way for single bills does: it may have come by that before."""
    return fact_of("sale", bill.sale_id, bill, "sale_id")


def _result(place: int, bill: NamedSale, done: SaleDone, *, is_known: bool) -> SaleResult:
    """Say that a bill stands."""
    status = "replayed" if is_known else "applied"
    return SaleResult.model_validate(
        {"place": place, "sale_id": bill.sale_id, "status": status, "sale": done}
    )


def _done(results: list[SaleResult]) -> SaleBatchDone:
    """Count the results."""
    statuses = [each.status for each in results]
    return SaleBatchDone(
        applied=statuses.count("applied"),
        replayed=statuses.count("replayed"),
        refused=statuses.count("refused"),
        results=results,
    )
