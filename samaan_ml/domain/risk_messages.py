"""Input of the risk model for a shop: its entries and promises, in the model's words."""

from collections.abc import Iterable

from samaan_ml.domain.customer_events import CustomerEvent, standing_promises
from samaan_ml.domain.customer_messages import LedgerRow, PromiseRow
from samaan_ml.domain.ledger import LedgerEntry

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
    """Translate the promises that stand."""
    return tuple(
        PromiseRow(said.customer_id, said.amount_paise, said.made_at, said.pay_by)
        for said in standing_promises(shop_id, tuple(events))
    )
