"""Routes of /v1/udhaar around a khata: promises, pauses, disputes, reminders, recovery, signed statements."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from samaan_ml.domain.reminder_texts import Language
from serving.http.client_facts import fact_of
from serving.http.depends import TheCaller, TheFacts, ThePorts, TheWrite, Writer, anonymous
from serving.http.fields import Id
from serving.http.known_callers import KnownCallerRoute
from serving.ports.cache import Topic
from serving.udhaar.contact import ContactService
from serving.udhaar.contact_schemas import (
    EventList,
    EventRow,
    HeldStatement,
    KhataComparison,
    KhataKeys,
    NewClosing,
    NewDispute,
    NewPause,
    NewPromise,
    NewReminder,
    PromiseCard,
    PromiseRow,
    RecoveryQueue,
    Reminder,
    ReminderSent,
    SignedKhata,
)
from serving.udhaar.khata import KhataService
from serving.udhaar.recovery import RecoveryService

router = APIRouter(route_class=KnownCallerRoute)
_CHANGES: tuple[Topic, ...] = ("api", "recommendations")


async def the_contact_service(ports: ThePorts, facts: TheFacts) -> ContactService:
    """Build the service over the ports."""
    return ContactService(udhaar=ports.udhaar, accounts=ports.accounts, facts=facts, clock=ports.clock)


async def the_recovery_service(ports: ThePorts) -> RecoveryService:
    """Build the service over the ports."""
    return RecoveryService(
        udhaar=ports.udhaar, accounts=ports.accounts, predictor=ports.predictor, clock=ports.clock
    )


async def the_khata_service(ports: ThePorts) -> KhataService:
    """Build the service over the ports."""
    return KhataService(udhaar=ports.udhaar, signer=ports.statement_signer, clock=ports.clock)


Contacts = Annotated[ContactService, Depends(the_contact_service)]
Recovery = Annotated[RecoveryService, Depends(the_recovery_service)]
Khata = Annotated[KhataService, Depends(the_khata_service)]


@router.get("/recovery")
def rank_overdue(
    caller: TheCaller, service: Recovery, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> RecoveryQueue:
    """Rank the overdue by what a reminder is worth, each with the instant from which it may be sent."""
    return service.queue(caller.shop_id, limit)


@router.post("/customers/{customer_id}/promises", status_code=201)
def add_promise(
    customer_id: Id, body: NewPromise, caller: Writer, write: TheWrite, service: Contacts
) -> PromiseRow:
    """Write down a customer's word to pay by a day."""
    fact = fact_of("promise", body.entry_id, body, "entry_id", about=customer_id)
    return write.once(PromiseRow, body, lambda: service.promise(caller, customer_id, body), _CHANGES, fact)


@router.get("/customers/{customer_id}/promises")
def list_promises(customer_id: Id, caller: TheCaller, service: Contacts) -> PromiseCard:
    """Return a customer's promises: kept, broken, open."""
    return service.promises(caller.shop_id, customer_id)


@router.post("/customers/{customer_id}/pauses", status_code=201)
def add_pause(
    customer_id: Id, body: NewPause, caller: Writer, write: TheWrite, service: Contacts
) -> EventRow:
    """Leave a customer in peace for some days."""
    return write.once(EventRow, body, lambda: service.pause(caller, customer_id, body), _CHANGES)


@router.post("/entries/{entry_id}/disputes", status_code=201)
def add_dispute(
    entry_id: Id, body: NewDispute, caller: Writer, write: TheWrite, service: Contacts
) -> EventRow:
    """Write down that the customer does not agree with an entry; reminders stop until it is closed."""
    return write.once(EventRow, body, lambda: service.dispute(caller, entry_id, body.reason), _CHANGES)


@router.post("/events/{event_id}/closing", status_code=201)
def close_event(
    event_id: Id, body: NewClosing, caller: Writer, write: TheWrite, service: Contacts
) -> EventRow:
    """Settle a dispute, cancel a promise or end a pause; the event itself stays."""
    return write.once(EventRow, body, lambda: service.close(caller, event_id, body.outcome), _CHANGES)


@router.get("/customers/{customer_id}/events")
def list_events(customer_id: Id, caller: TheCaller, service: Contacts) -> EventList:
    """Return all promises, reminders, pauses, disputes and closings of a customer."""
    return service.events(caller.shop_id, customer_id)


@router.get("/customers/{customer_id}/reminder")
def read_reminder(
    customer_id: Id, caller: TheCaller, service: Contacts, language: Annotated[Language, Query()] = "en"
) -> Reminder:
    """Word a reminder of what is overdue, with a UPI link; the shop sends it, not this service."""
    return service.reminder(caller.shop_id, customer_id, language)


@router.post("/customers/{customer_id}/reminders", status_code=201)
def send_reminder(
    customer_id: Id, body: NewReminder, caller: Writer, write: TheWrite, service: Contacts
) -> ReminderSent:
    """Write down that the shop sends a reminder now; refused outside 08:00 to 19:00, too often, or in a pause."""
    return write.once(ReminderSent, body, lambda: service.remind(caller, customer_id, body), _CHANGES)


@router.get("/khata-keys", dependencies=[Depends(anonymous)])
def read_khata_keys(service: Khata) -> KhataKeys:
    """Publish the keys that statements are checked with."""
    return service.keys()


@router.get("/customers/{customer_id}/khata")
def read_khata(
    customer_id: Id,
    caller: TheCaller,
    service: Khata,
    last: Annotated[
        int | None,
        Query(ge=1, le=500, description="Entries to show; as many as a QR code holds if left out."),
    ] = None,
) -> SignedKhata:
    """Sign a statement that the customer can check offline; `samaan khata verify` does."""
    return service.signed(caller.shop_id, customer_id, last)


@router.post("/customers/{customer_id}/khata/comparison")
def compare_khata(customer_id: Id, body: HeldStatement, caller: TheCaller, service: Khata) -> KhataComparison:
    """Hold the book against a statement that the customer shows; nothing is written."""
    return service.compare(caller.shop_id, customer_id, body.statement)
