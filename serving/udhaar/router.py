"""Routes of /v1/udhaar."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request

from serving.errors import InvalidInput
from serving.http.approving import Approving, TheApproving
from serving.http.client_facts import fact_of
from serving.http.depends import Owner, TheCaller, TheFacts, ThePage, ThePorts, TheWrite, Writer, ports_of
from serving.http.fields import Id, Name, PageOf
from serving.http.known_callers import KnownCallerRoute
from serving.ports.cache import Topic
from serving.udhaar import contact_router
from serving.udhaar.batch import EntryBatches
from serving.udhaar.schemas import (
    CustomerCard,
    CustomerChange,
    CustomerRow,
    EntryBatch,
    EntryBatchDone,
    EntryDone,
    EntryRow,
    ExposureCard,
    FoundCustomers,
    LimitAnswer,
    LimitQuestion,
    NewCredit,
    NewCustomer,
    NewPayment,
    NewReversal,
    NewSettlement,
    NewWriteOff,
    RiskCard,
    SettlementDone,
    StatementCard,
)
from serving.udhaar.service import UdhaarService, row

router = APIRouter(prefix="/udhaar", tags=["udhaar"], route_class=KnownCallerRoute)
_CHANGES: tuple[Topic, ...] = ("api", "recommendations")


async def the_service(ports: ThePorts, facts: TheFacts) -> UdhaarService:
    """Build the service over the ports."""
    return UdhaarService(
        udhaar=ports.udhaar,
        accounts=ports.accounts,
        predictor=ports.predictor,
        facts=facts,
        clock=ports.clock,
    )


Service = Annotated[UdhaarService, Depends(the_service)]


@router.post("/customers", status_code=201)
def add_customer(body: NewCustomer, caller: Writer, write: TheWrite, service: Service) -> CustomerRow:
    """Add a customer."""
    fact = fact_of("customer", body.customer_id, body, "customer_id")
    return write.once(CustomerRow, body, lambda: service.add(caller.shop_id, body), _CHANGES, fact)


@router.get("/customers")
def list_customers(
    caller: TheCaller,
    service: Service,
    page: ThePage,
    status: Annotated[Literal["overdue"] | None, Query(description="Only those overdue today.")] = None,
) -> PageOf[CustomerRow]:
    """List customers in order of id, or the overdue ones by their oldest due day."""
    found = service.page(caller.shop_id, status, page.limit, page.after)
    today = service.today(caller.shop_id)
    return page.answer(found, (row(customer, today) for customer in found.rows))


@router.get("/customers/search")
def search_customers(
    caller: TheCaller,
    service: Service,
    q: Annotated[
        Name, Query(description="Part of a name in any script, an id, or four digits or more of a number.")
    ],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> FoundCustomers:
    """Find customers by name or phone number, the best fit first."""
    return FoundCustomers(rows=service.search(caller.shop_id, q, limit))


@router.get("/exposure")
def read_exposure(caller: TheCaller, service: Service) -> ExposureCard:
    """Sum up what the whole shop has out on udhaar."""
    return service.exposure(caller.shop_id)


@router.get("/customers/{customer_id}")
def read_customer(customer_id: Id, caller: TheCaller, service: Service) -> CustomerCard:
    """Return a customer's account today: balance, ageing, status."""
    return service.card(caller.shop_id, customer_id)


@router.patch("/customers/{customer_id}")
def change_customer(
    customer_id: Id, body: CustomerChange, caller: Owner, write: TheWrite, service: Service
) -> CustomerRow:
    """Change a customer's fields, the limit among them."""
    if not body.model_fields_set:
        raise InvalidInput("no field to change was sent", field="body")
    return write.once(CustomerRow, body, lambda: service.change(caller.shop_id, customer_id, body), _CHANGES)


@router.post("/customers/{customer_id}/credits", status_code=201)
def give_credit(
    customer_id: Id,
    body: NewCredit,
    caller: Writer,
    write: TheWrite,
    service: Service,
    approving: TheApproving,
) -> EntryDone:
    """Write goods given on udhaar; to pass the limit staff need an owner's approval, unless it is past already."""
    fact = fact_of("entry", body.entry_id, body, "entry_id", about=f"credit/{customer_id}")
    with approving.of(body):
        return write.once(
            EntryDone, body, lambda: service.give(caller, customer_id, body, approving), _CHANGES, fact
        )


@router.post("/customers/{customer_id}/payments", status_code=201)
def receive_payment(
    customer_id: Id,
    body: NewPayment,
    caller: Writer,
    write: TheWrite,
    service: Service,
    approving: TheApproving,
) -> EntryDone:
    """Write a payment; more than is owed becomes an advance."""
    fact = fact_of("entry", body.entry_id, body, "entry_id", about=f"payment/{customer_id}")
    with approving.of(body):
        return write.once(
            EntryDone, body, lambda: service.receive(caller, customer_id, body, approving), _CHANGES, fact
        )


@router.post("/entries/batch", status_code=201)
def write_entries(
    body: EntryBatch, caller: Writer, write: TheWrite, service: Service, facts: TheFacts, request: Request
) -> EntryBatchDone:
    """Write up to a hundred credits and payments, each on its own with a result, or `atomic`: all or none."""

    def approving(customer_id: str) -> Approving:
        path = f"/v1/udhaar/customers/{customer_id}/credits"
        return Approving(ports_of(request), caller, "POST", path, None)

    return EntryBatches(service, facts, caller, approving, _CHANGES).post(body, write)


@router.post("/customers/{customer_id}/write-offs", status_code=201)
def write_off(
    customer_id: Id, body: NewWriteOff, caller: Owner, write: TheWrite, service: Service
) -> EntryDone:
    """Give up a due."""
    return write.once(EntryDone, body, lambda: service.write_off(caller, customer_id, body), _CHANGES)


@router.post("/customers/{customer_id}/settlement", status_code=201)
def settle_dues(
    customer_id: Id, body: NewSettlement, caller: Owner, write: TheWrite, service: Service
) -> SettlementDone:
    """Take a part for the whole due: a payment, and the rest written off, both or neither."""
    return write.once(SettlementDone, body, lambda: service.settle(caller, customer_id, body), _CHANGES)


@router.post("/entries/{entry_id}/reversal", status_code=201)
def reverse_entry(
    entry_id: Id,
    body: NewReversal,
    caller: Writer,
    write: TheWrite,
    service: Service,
    approving: TheApproving,
) -> EntryDone:
    """Take an entry back with a reason, staff with an owner's approval; nothing is deleted."""
    with approving.of(body):
        return write.once(
            EntryDone, body, lambda: service.reverse(caller, entry_id, body.reason, approving), _CHANGES
        )


@router.get("/customers/{customer_id}/entries")
def list_entries(
    customer_id: Id,
    caller: TheCaller,
    service: Service,
    page: ThePage,
    start: Annotated[date | None, Query(description="First day, on the shop's calendar.")] = None,
    end: Annotated[date | None, Query(description="Last day.")] = None,
    on: Annotated[
        date | None, Query(description="Only entries of this day, in place of `start` and `end`.")
    ] = None,
) -> PageOf[EntryRow]:
    """List a customer's entries, the newest entered first."""
    if on is not None:
        start = end = on
    found = service.entries(caller.shop_id, customer_id, page.limit, page.after, start, end)
    return page.answer(found, service.entry_rows(found.rows))


@router.get("/customers/{customer_id}/statement")
def read_statement(
    customer_id: Id,
    caller: TheCaller,
    service: Service,
    start: Annotated[date | None, Query()] = None,
    end: Annotated[date | None, Query()] = None,
) -> StatementCard:
    """Return the entries of a span of days between their two balances."""
    return service.statement(caller.shop_id, customer_id, start, end)


@router.post("/customers/{customer_id}/limit-check")
def check_limit(customer_id: Id, body: LimitQuestion, caller: TheCaller, service: Service) -> LimitAnswer:
    """Ask at the counter whether a credit keeps the limit; nothing is written."""
    return service.check_limit(caller.shop_id, customer_id, body.amount_paise)


@router.get("/customers/{customer_id}/risk")
def read_risk(
    customer_id: Id,
    caller: TheCaller,
    service: Service,
    what_if: Annotated[bool, Query(description="Whether to search for what would raise the limit.")] = True,
) -> RiskCard:
    """Return how likely the customer is to be late, with reasons, a suggested limit and what would raise it."""
    return service.risk(caller.shop_id, customer_id, what_if=what_if)


router.include_router(contact_router.router)
