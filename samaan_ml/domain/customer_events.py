"""Events around a khata that move no money: promises, reminders, pauses, disputes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from samaan_ml.domain.promises import Promise

EventKind = Literal["promise", "reminder", "pause", "dispute", "closing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEvent:
    """An event around a khata that moves no money; like an entry it never changes.

    Parameters
    ----------
    event_id : str
        Unique within the shop, sorting by time.
    customer_id : str
        About whom.
    kind : {"promise", "reminder", "pause", "dispute", "closing"}
        A word to pay, a reminder sent, days to leave the customer in peace, an entry the customer does not agree
        with, or the end of one of these.
    at : datetime
        When.
    amount_paise : int or None, default=None
        What was promised or asked for.
    start_on, until_on : date or None, default=None
        First and last day of a pause; `until_on` is the last day to keep a promise.
    about : str or None, default=None
        The entry disputed, or the event closed.
    text : str, default=""
        Why; of a reminder, the channel it was sent by.
    actor : str, default=""
        Who wrote it down.
    """

    event_id: str
    customer_id: str
    kind: EventKind
    at: datetime
    amount_paise: int | None = None
    start_on: date | None = None
    until_on: date | None = None
    about: str | None = None
    text: str = ""
    actor: str = ""


def standing_promises(shop_id: str, events: Sequence[CustomerEvent]) -> tuple[Promise, ...]:
    """Return the promises that stand, as the domain's."""
    closed = closed_ids(events)
    return tuple(
        Promise(
            promise_id=event.event_id,
            shop_id=shop_id,
            customer_id=event.customer_id,
            amount_paise=event.amount_paise,
            made_at=event.at,
            pay_by=event.until_on,
        )
        for event in events
        if event.kind == "promise" and event.event_id not in closed and event.amount_paise and event.until_on
    )


def closed_ids(events: Iterable[CustomerEvent]) -> frozenset[str]:
    """Return the ids of the events that were closed."""
    return frozenset(event.about for event in events if event.kind == "closing" and event.about)
