"""Promises, pauses, disputes and reminders of one customer; when a reminder may be sent is the domain's rule."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import quote

from samaan_ml.domain.customer_events import CustomerEvent, closed_ids, standing_promises
from samaan_ml.domain.ledger import Account, account
from samaan_ml.domain.promises import promise_outcomes
from samaan_ml.domain.reminder_texts import Language, UpiRequest, reminder_text
from samaan_ml.domain.reminders import Contact, ContactRules, Pause, is_permitted, plan_reminder
from serving.errors import Conflict, InvalidInput
from serving.http.callers import Caller
from serving.http.client_facts import MORE_THAN_OWED, ClientFacts, happened
from serving.http.phone_numbers import normalised
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.udhaar import Customer, UdhaarStore
from serving.udhaar.contact_schemas import (
    EventList,
    EventRow,
    NewPause,
    NewPromise,
    NewReminder,
    PromiseCard,
    PromiseRow,
    Reminder,
    ReminderSent,
)

_AHEAD = timedelta(days=366)


class ContactService:
    """Keeps the events around a khata."""

    def __init__(self, udhaar: UdhaarStore, accounts: AccountStore, facts: ClientFacts, clock: Clock) -> None:
        self._facts = facts
        self._udhaar = udhaar
        self._accounts = accounts
        self._clock = clock

    def promise(self, caller: Caller, customer_id: str, body: NewPromise) -> PromiseRow:
        """Write down a promise; it moves no money and no due day."""
        when = happened(body.at, self._clock.now(), body, "at")
        given_on = local_day(when.at, self._accounts.shop(caller.shop_id).zone)
        if not given_on <= body.pay_by <= given_on + _AHEAD:
            raise InvalidInput(f"'{body.pay_by}' is not within a year from {given_on}", field="pay_by")
        balance = self._udhaar.customer(caller.shop_id, customer_id).balance_paise
        too_much = body.amount_paise > balance
        if too_much and not when.is_past:
            raise InvalidInput(
                f"{max(balance, 0)} paise are owed; a promise is of no more", field="amount_paise"
            )
        event = self._record(
            caller, customer_id, "promise", body.entry_id, at=when.at, amount_paise=body.amount_paise,
            until_on=body.pay_by,
        )  # fmt: skip
        flags = when.flags | ({MORE_THAN_OWED} if too_much else set())
        found = self._facts.mark("promise", event.event_id, flags, body.amount_paise, "promise")
        return _promise_row(event, "open", found)

    def promises(self, shop_id: str, customer_id: str) -> PromiseCard:
        """Return the promises of a customer with what became of them."""
        self._udhaar.customer(shop_id, customer_id)
        events = self._udhaar.events(shop_id, customer_id)
        entries = self._udhaar.entries(shop_id, customer_id)
        shop = self._accounts.shop(shop_id)
        today = local_day(self._clock.now(), shop.zone)
        said = standing_promises(shop_id, events)
        outcomes = promise_outcomes(said, entries, today, zone=shop.zone)
        made = [event for event in events if event.kind == "promise"]
        marks = self._facts.marks("promise", tuple(event.event_id for event in made))
        rows = [
            _promise_row(
                event,
                outcomes.get(event.event_id, "withdrawn"),
                list(marks[event.event_id].flags) if event.event_id in marks else [],
            )
            for event in made
        ]
        words = [row.outcome for row in rows]
        return PromiseCard(
            customer_id=customer_id,
            kept=words.count("kept"),
            broken=words.count("broken"),
            open=words.count("open"),
            rows=rows,
        )

    def pause(self, caller: Caller, customer_id: str, body: NewPause) -> EventRow:
        """Write down days without reminders."""
        if not body.start_on <= body.end_on <= body.start_on + _AHEAD:
            raise InvalidInput("a pause ends on or after its start, within a year", field="end_on")
        event = self._record(
            caller,
            customer_id,
            "pause",
            start_on=body.start_on,
            until_on=body.end_on,
            text=body.reason,
        )
        return event_row(event)

    def dispute(self, caller: Caller, entry_id: str, reason: str) -> EventRow:
        """Write down that the customer does not agree with an entry; one dispute of an entry at a time."""
        entry = self._udhaar.entry(caller.shop_id, entry_id)
        events = self._udhaar.events(caller.shop_id, entry.customer_id)
        closed = closed_ids(events)
        fresh = new_id(self._clock.now())
        for event in events:
            open_one = event.kind == "dispute" and event.about == entry_id and event.event_id not in closed
            if open_one and event.event_id != fresh:
                raise Conflict(
                    f"entry '{entry_id}' is disputed already, see '{event.event_id}'", field="entry_id"
                )
        return event_row(
            self._record(caller, entry.customer_id, "dispute", fresh, about=entry_id, text=reason)
        )

    def close(self, caller: Caller, event_id: str, outcome: str) -> EventRow:
        """Settle a dispute, take a promise back, end a pause early."""
        event = self._udhaar.event(caller.shop_id, event_id)
        if event.kind not in ("promise", "pause", "dispute"):
            raise Conflict(f"a {event.kind} cannot be closed", field="event_id")
        return event_row(self._record(caller, event.customer_id, "closing", about=event_id, text=outcome))

    def events(self, shop_id: str, customer_id: str) -> EventList:
        """Return everything that was written down around a khata."""
        self._udhaar.customer(shop_id, customer_id)
        events = self._udhaar.events(shop_id, customer_id)
        closed = closed_ids(events)
        return EventList(customer_id=customer_id, rows=[event_row(event, closed) for event in events])

    def reminder(self, shop_id: str, customer_id: str, language: Language) -> Reminder:
        """Word a reminder of what is overdue, with a payment link, and tell when it may be sent."""
        shop = self._accounts.shop(shop_id)
        customer = self._udhaar.customer(shop_id, customer_id)
        return self._worded(shop, customer, language)

    def remind(self, caller: Caller, customer_id: str, body: NewReminder) -> ReminderSent:
        """Write down that a reminder is sent now, where it may be; sending it is the shop's own act."""
        shop = self._accounts.shop(caller.shop_id)
        customer = self._udhaar.customer(caller.shop_id, customer_id)
        worded = self._worded(shop, customer, body.language)
        now = self._clock.now()
        contact = contact_of(customer, self._udhaar.events(caller.shop_id, customer_id))
        if not is_permitted(now, contact, ContactRules(zone=shop.zone)):
            again = f"from {worded.send_at.isoformat()}" if worded.send_at else "not within 60 days"
            raise Conflict(
                "a reminder may not be sent now: only from 08:00 to 19:00, twice a week, two days apart, "
                "and not in a pause",
                hint=f"next permitted: {again}",
            )
        event = self._record(
            caller, customer_id, "reminder", amount_paise=worded.amount_paise, text=body.channel
        )
        return ReminderSent(event=event_row(event), reminder=worded)

    def _worded(self, shop: Shop, customer: Customer, language: Language) -> Reminder:
        """Put the reminder into words and links."""
        if not customer.reminders:
            raise Conflict(
                f"customer '{customer.customer_id}' did not agree to be reminded",
                field="customer_id",
                hint="ask, then set 'reminders': true",
            )
        today = self._today(shop.shop_id)
        position = self._position(shop, customer, today)
        if not position.overdue_paise or position.oldest_due_on is None:
            raise Conflict(f"customer '{customer.customer_id}' owes nothing overdue", field="customer_id")
        link = upi_link(shop, customer, position.overdue_paise, today)
        text = reminder_text(
            language,
            shop_name=shop.name,
            due_paise=position.overdue_paise,
            due_on=position.oldest_due_on,
            today=today,
            link=link or "",
        )
        contact = contact_of(customer, self._udhaar.events(shop.shop_id, customer.customer_id))
        plan = plan_reminder(contact, position.overdue_paise, self._clock.now(), ContactRules(zone=shop.zone))
        return Reminder(
            customer_id=customer.customer_id,
            phone=customer.phone,
            amount_paise=position.overdue_paise,
            text=text,
            upi_link=link,
            whatsapp_link=whatsapp_link(customer.phone, text),
            send_at=plan.at,
            refused=plan.refused,
        )

    def _position(self, shop: Shop, customer: Customer, today: date) -> Account:
        """Return the customer's account."""
        entries = self._udhaar.entries(shop.shop_id, customer.customer_id)
        return account(entries, today, zone=shop.zone, terms_days=customer.credit_days)

    def _today(self, shop_id: str) -> date:
        """Return the shop's day."""
        return local_day(self._clock.now(), self._accounts.shop(shop_id).zone)

    def _record(
        self,
        caller: Caller,
        customer_id: str,
        kind: Literal["promise", "reminder", "pause", "dispute", "closing"],
        event_id: str | None = None,
        *,
        at: datetime | None = None,
        amount_paise: int | None = None,
        start_on: date | None = None,
        until_on: date | None = None,
        about: str | None = None,
        text: str = "",
    ) -> CustomerEvent:
        """Keep an event and return what is stored, which an earlier try may have written."""
        event = CustomerEvent(
            event_id=event_id or new_id(self._clock.now()),
            customer_id=customer_id,
            kind=kind,
            at=at or self._clock.now(),
            amount_paise=amount_paise,
            start_on=start_on,
            until_on=until_on,
            about=about,
            text=text,
            actor=caller.user_id,
        )
        self._udhaar.record(caller.shop_id, event)
        return self._udhaar.event(caller.shop_id, event.event_id)


def contact_of(customer: Customer, events: Sequence[CustomerEvent]) -> Contact:
    """Return what the reminder rules need to know of a customer."""
    closed = closed_ids(events)
    return Contact(
        opted_out=not customer.reminders,
        pauses=tuple(
            Pause(event.start_on, event.until_on, event.text)
            for event in events
            if event.kind == "pause" and event.event_id not in closed and event.start_on and event.until_on
        ),
        sent=tuple(event.at for event in events if event.kind == "reminder"),
    )


def event_row(event: CustomerEvent, closed: frozenset[str] = frozenset()) -> EventRow:
    """Translate an event."""
    values = {name: getattr(event, name) for name in EventRow.model_fields if name != "closed"}
    return EventRow(**values, closed=event.event_id in closed)


def upi_link(shop: Shop, customer: Customer, amount_paise: int, today: date) -> str | None:
    """Write a payment link with the exact amount and a reference to match the payment by."""
    if shop.upi_id is None:
        return None
    reference = f"{today:%y%m%d}-{customer.customer_id}"[:35]
    return UpiRequest(shop.upi_id, shop.name, amount_paise, "udhaar", reference).link()


def whatsapp_link(phone: str | None, text: str) -> str | None:
    """Write a link that opens the text in WhatsApp, for the shop to send; ten digits are an Indian number.

    Examples
    --------
    >>> whatsapp_link("9812345678", "Namaste & thank you")
    'https://wa.me/919812345678?text=Namaste%20%26%20thank%20you'
    """
    if phone is None:
        return None
    try:
        number = normalised(phone).removeprefix("+")
    except ValueError:  # kept before numbers were checked
        return None
    return f"https://wa.me/{number}?text={quote(text, safe='')}"


def _promise_row(
    event: CustomerEvent, outcome: Literal["open", "kept", "broken", "withdrawn"], flags: list[str]
) -> PromiseRow:
    """Translate a promise."""
    assert event.amount_paise is not None
    assert event.until_on is not None
    return PromiseRow(
        promise_id=event.event_id,
        customer_id=event.customer_id,
        amount_paise=event.amount_paise,
        made_at=event.at,
        pay_by=event.until_on,
        outcome=outcome,
        flags=flags,
    )
