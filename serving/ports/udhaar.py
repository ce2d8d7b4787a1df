"""Customers and the append-only entries of what they owe; what entries mean is `samaan_ml.domain.ledger`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from samaan_ml.domain.customer_events import CustomerEvent
from samaan_ml.domain.khata import ChainLink
from samaan_ml.domain.ledger import LedgerEntry
from serving.errors import IdReused
from serving.ports.page import Page


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of one shop; balance and oldest due day are projections of the entries.

    Parameters
    ----------
    customer_id, name : str
        The customer.
    phone : str or None
        Number for reminders.
    limit_paise : int or None
        Credit limit the owner set; None where none is set.
    credit_days : int
        Days until a credit falls due.
    balance_paise : int
        Owed to the shop; below zero the customer has paid in advance.
    oldest_due_on : date or None
        Due day of the oldest credit not yet paid; None where nothing is owed.
    reminders : bool
        Whether the customer agreed to be reminded.
    created_at : datetime
        When added.
    """

    customer_id: str
    name: str
    phone: str | None
    limit_paise: int | None
    credit_days: int
    balance_paise: int
    oldest_due_on: date | None
    reminders: bool
    created_at: datetime


def check_same_entry(asked: LedgerEntry, stored: LedgerEntry) -> None:
    """Refuse an entry whose id another one has.

    Raises
    ------
    IdReused
        When customer, kind, amount or what is reversed differ; the instant of a write that is tried again may.
    """
    if any(getattr(asked, name) != getattr(stored, name) for name in _SAME_ENTRY):
        raise IdReused(f"'{asked.entry_id}' is the id of another entry", field="entry_id")


def check_same_event(asked: CustomerEvent, stored: CustomerEvent) -> None:
    """Refuse an event whose id another one has, or raise IdReused."""
    if any(getattr(asked, name) != getattr(stored, name) for name in ("customer_id", "kind", "amount_paise")):
        raise IdReused(f"'{asked.event_id}' is the id of something else", field="entry_id")


_SAME_ENTRY = ("customer_id", "kind", "amount_paise", "reverses")


@dataclass(frozen=True, slots=True)
class Span:
    """Instants from `start` on and before `end`; None leaves a side open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Return whether an instant lies within."""
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)


class UdhaarStore(Protocol):
    """Keeps customers and entries of a shop."""

    def add_customer(self, shop_id: str, customer: Customer) -> None:
        """Add a customer without entries, or raise AlreadyExists."""
        ...

    def customer(self, shop_id: str, customer_id: str) -> Customer:
        """Return a customer, or raise NotFound."""
        ...

    def change_customer(self, shop_id: str, customer: Customer) -> None:
        """Replace a customer's own fields; the projections are not touched."""
        ...

    def some_customers(self, shop_id: str, customer_ids: tuple[str, ...]) -> tuple[Customer, ...]:
        """Return the customers that are there of those asked for, in order of id."""
        ...

    def with_phone(self, shop_id: str, phones: tuple[str, ...]) -> Customer | None:
        """Return a customer who has one of some phone numbers, or None."""
        ...

    def some_entries(self, shop_id: str, entry_ids: tuple[str, ...]) -> tuple[LedgerEntry, ...]:
        """Return the entries that are there of those asked for, in order of id."""
        ...

    def customers(self, shop_id: str, limit: int, after: str | None) -> Page[Customer]:
        """Return customers in order of id."""
        ...

    def overdue(self, shop_id: str, before: date, limit: int, after: str | None) -> Page[Customer]:
        """Return those whose oldest unpaid credit fell due before a day, the oldest first, by index."""
        ...

    def append(self, entry: LedgerEntry, max_balance_paise: int | None = None) -> Customer:
        """Append an entry, chain it to the one before, update the projections and return the customer after it.

        An entry that is stored already changes nothing.

        Raises
        ------
        IdReused
            When another entry has the id.
        NotFound
            When the customer, or the entry to reverse, does not exist.
        Conflict
            When the entry to reverse was reversed before.
        RuleError
            When the ledger's rules do not allow the entry.
        LimitExceeded
            When the balance would pass `max_balance_paise`.
        """
        ...

    def entry(self, shop_id: str, entry_id: str) -> LedgerEntry:
        """Return an entry, or raise NotFound."""
        ...

    def entries(self, shop_id: str, customer_id: str) -> tuple[LedgerEntry, ...]:
        """Return all entries of a customer, the oldest first."""
        ...

    def khata(self, shop_id: str, customer_id: str) -> tuple[tuple[LedgerEntry, ChainLink], ...]:
        """Return all entries of a customer in the order of acceptance, each with the link stored with it."""
        ...

    def list_entries(
        self, shop_id: str, customer_id: str, limit: int, after: str | None, within: Span | None = None
    ) -> Page[LedgerEntry]:
        """Return a customer's entries, the newest entered first; with a span, those that happened within it."""
        ...

    def shop_entries(self, shop_id: str, limit: int) -> tuple[LedgerEntry, ...]:
        """Return the newest entries of the whole shop, the oldest of them first."""
        ...

    def record(self, shop_id: str, event: CustomerEvent) -> None:
        """Keep an event; one whose id is stored already changes nothing.

        Raises
        ------
        NotFound
            When the customer does not exist.
        Conflict
            When a closing names an event that another closing has closed.
        """
        ...

    def event(self, shop_id: str, event_id: str) -> CustomerEvent:
        """Return an event, or raise NotFound."""
        ...

    def events(self, shop_id: str, customer_id: str) -> tuple[CustomerEvent, ...]:
        """Return all events of a customer, the oldest first."""
        ...

    def shop_events(self, shop_id: str, limit: int) -> tuple[CustomerEvent, ...]:
        """Return the newest events of the whole shop, the oldest of them first."""
        ...

    def rebuild(self, shop_id: str) -> int:
        """Recount every customer from the entries and return how many differed."""
        ...
