"""Bodies and answers around a khata: promises, pauses, disputes, reminders and the recovery queue."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from samaan_ml.domain.reminder_texts import Language
from serving.http.client_facts import OfflineFact
from serving.http.fields import Answer, Body, Id, Instant, Money, Reason


class NewPromise(OfflineFact):
    """A customer's word to pay."""

    entry_id: Id | None = Field(
        None,
        description="Your own id of the promise, unique in the shop; it never expires: sent again it is one promise.",
    )
    at: Instant | None = Field(None, description="When it was given; now, where it is left out.")
    amount_paise: Money = Field(examples=[30_000])
    pay_by: date = Field(description="Last day to keep it, on the shop's calendar.")


class PromiseRow(Answer):
    """A promise and what became of it; it breaks on the day after its last one."""

    promise_id: str
    customer_id: str
    amount_paise: int
    made_at: datetime
    pay_by: date
    outcome: Literal["open", "kept", "broken", "withdrawn"]
    flags: list[str] = Field([], description="What an owner may want to know of a promise that came late.")


class PromiseCard(Answer):
    """All promises of a customer, the oldest first, and their count."""

    customer_id: str
    kept: int
    broken: int
    open: int
    rows: list[PromiseRow]


class NewPause(Body):
    """Days to leave a customer in peace: a death in the family, a festival, an illness."""

    start_on: date
    end_on: date
    reason: Reason = Field(examples=["a death in the family"])


class NewDispute(Body):
    """Why the customer does not agree with an entry."""

    reason: Reason = Field(examples=["says it was one bag, not two"])


class NewClosing(Body):
    """How it ended."""

    outcome: Reason = Field(examples=["looked at together; entry reversed"])


class EventRow(Answer):
    """A promise, reminder, pause, dispute or closing; it never changes."""

    event_id: str
    customer_id: str
    kind: Literal["promise", "reminder", "pause", "dispute", "closing"]
    at: datetime
    amount_paise: int | None
    start_on: date | None
    until_on: date | None
    about: str | None = Field(description="The entry disputed, or the event closed.")
    text: str
    actor: str
    closed: bool


class EventList(Answer):
    """What happened around a khata, the oldest first."""

    customer_id: str
    rows: list[EventRow]


class NewReminder(Body):
    """A reminder that the shop sends now."""

    language: Language = "en"
    channel: Literal["whatsapp", "sms", "call", "in_person"] = "whatsapp"


class Reminder(Answer):
    """A text and a payment link, for the shop to send; and when it may be sent."""

    customer_id: str
    phone: str | None
    amount_paise: int
    text: str
    upi_link: str | None = Field(description="Payment link with the exact amount; draw it as a QR code.")
    whatsapp_link: str | None = Field(description="Opens the text in WhatsApp; null without a phone number.")
    send_at: datetime | None = Field(
        description="Earliest permitted instant: 08:00 to 19:00 in the shop's zone, at most twice a week, not in a "
        "pause; null where there is none within 60 days."
    )
    refused: str = Field(description="Why there is none; empty where there is.")


class ReminderSent(Answer):
    """A reminder that was written down as sent."""

    event: EventRow
    reminder: Reminder


class QueueRow(Answer):
    """A customer with something overdue, and whether a reminder is worth it: gain = recovered - goodwill."""

    customer_id: str
    name: str
    overdue_paise: int
    days_past_due: int
    action: Literal["remind", "wait", "talk"]
    why: str
    gain_paise: int | None = Field(description="Null where the model did not answer.")
    recovered_paise: int | None
    goodwill_paise: int | None
    probability_30: float | None
    reminders_14: int
    broken_promises: int
    send_at: datetime | None
    refused: str


class RecoveryQueue(Answer):
    """Whom to remind first; those to leave alone come last."""

    as_of: datetime
    degraded: bool = Field(description="Ranked by what is overdue alone, because the model did not answer.")
    reason: str | None = Field(default=None, description="Why no model answered; null where one did.")
    model_version: str | None
    overdue_customers: int
    rows: list[QueueRow]


class KhataKey(Answer):
    """A public key that statements are checked with."""

    key_id: str
    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: str = Field(description="32 bytes in base64url.")


class KhataKeys(Answer):
    """All keys, those that signed before included."""

    keys: list[KhataKey]


class SignedKhata(Answer):
    """A statement that the customer can check offline, with the published key alone."""

    customer_id: str
    issued_at: datetime
    entries: int = Field(description="Entries of the whole khata; all are in the chain of hashes.")
    shown: int = Field(description="How many of the last ones the statement shows.")
    closing_paise: int
    head_hash: str
    key_id: str
    statement: str = Field(description="What the QR code holds.")
    fits_qr: bool


class HeldStatement(Body):
    """A statement that a customer shows."""

    statement: str = Field(min_length=1, max_length=65_536)


class KhataComparison(Answer):
    """A statement that the shop once signed, compared with today's ledger."""

    customer_id: str
    issued_at: datetime
    closing_paise: int
    shown: int
    later_entries: int = Field(description="Entries written since.")
    differences: list[str] = Field(description="Empty where the book still holds what was signed.")
