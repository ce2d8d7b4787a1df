"""What the risk model is told of a shop: its entries and promises, in the model's words."""

from collections.abc import Iterable, Sequence

from samaan_ml.domain.ledger import LedgerEntry
from samaan_ml.domain.messages import LedgerRow, PromiseRow
from samaan_ml.domain.promises import Promise
from serving.ports.udhaar import CustomerEvent

RISK_ENTRIES = 20_000
"""Newest entries of the shop that give the risk its scale."""


def ledger_rows(entries: Iterable[LedgerEntry]) -> tuple[LedgerRow, ...]:
    """Translate entries, each once; a reversal of an entry that is not among them says nothing and is left out."""
    known = {entry.entry_id: entry for entry in entries}
    return tuple(
        LedgerRow(e.customer_id, e.at, e.kind, e.amount_paise, e.due_on, e.entry_id, e.reverses)
        for e in known.values()
        if e.reverses is None or e.reverses in known
    )


def promise_rows(shop_id: str, events: Iterable[CustomerEvent]) -> tuple[PromiseRow, ...]:
    """Translate the promises that were not taken back."""
    return tuple(
        PromiseRow(said.customer_id, said.amount_paise, said.made_at, said.pay_by)
        for said in standing_promises(shop_id, tuple(events))
    )


def standing_promises(shop_id: str, events: Sequence[CustomerEvent]) -> tuple[Promise, ...]:
    """Return the promises that were not taken back, as the domain's."""
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
