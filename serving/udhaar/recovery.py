"""Whom of the overdue to remind first; the sum behind it is `samaan_ml.domain.recovery`."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, cast

from samaan_ml.domain.customer_events import CustomerEvent, closed_ids, standing_promises
from samaan_ml.domain.customer_messages import CustomerRisk, RiskRequest
from samaan_ml.domain.ledger import LedgerEntry, account, effect_paise
from samaan_ml.domain.promises import promise_outcomes
from samaan_ml.domain.recovery import DueCustomer, QueueEntry, recovery_queue
from samaan_ml.domain.reminders import ContactRules, plan_reminder
from samaan_ml.domain.risk_messages import RISK_ENTRIES, ledger_rows, promise_rows
from serving.errors import PredictorUnavailable
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, local_day
from serving.ports.predictor import Predictor
from serving.ports.udhaar import Customer, UdhaarStore
from serving.udhaar.contact import contact_of
from serving.udhaar.contact_schemas import QueueRow, RecoveryQueue

MOST_CUSTOMERS = 500
"""The longest overdue; a shop with more has its day filled by these."""
_PAGE = 200
_FORTNIGHT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class _Debtor:
    """What is known of one overdue customer."""

    customer: Customer
    overdue_paise: int
    days_past_due: int
    reminders_14: int
    promised: bool
    broken: int
    disputed: bool
    events: Sequence[CustomerEvent]


class RecoveryService:
    """Ranks the overdue."""

    def __init__(
        self, udhaar: UdhaarStore, accounts: AccountStore, predictor: Predictor, clock: Clock
    ) -> None:
        self._udhaar = udhaar
        self._accounts = accounts
        self._predictor = predictor
        self._clock = clock

    def queue(self, shop_id: str, limit: int) -> RecoveryQueue:
        """Rank the overdue customers by what a reminder is worth, or by what is overdue without a model."""
        now = self._clock.now()
        shop = self._accounts.shop(shop_id)
        today = local_day(now, shop.zone)
        overdue = list(self._overdue(shop_id, today))
        entries = self._udhaar.shop_entries(shop_id, RISK_ENTRIES)
        events = self._udhaar.shop_events(shop_id, RISK_ENTRIES)
        debtors = [
            debtor for debtor in self._debtors(shop, overdue, entries, events, now) if debtor.overdue_paise
        ]
        risks, version, reason = self._risks(shop_id, now, debtors, entries, events)
        placed = _ranked(debtors, risks)
        by_id = {debtor.customer.customer_id: debtor for debtor in debtors}
        rows = [
            _row(by_id[each.customer_id], each, risks.get(each.customer_id), now, shop)
            for each in placed[:limit]
        ]
        return RecoveryQueue(
            as_of=now,
            degraded=reason is not None,
            reason=reason,
            model_version=version,
            overdue_customers=len(debtors),
            rows=rows,
        )

    def _overdue(self, shop_id: str, today: date) -> Iterator[Customer]:
        """Walk through the overdue by index."""
        after: str | None = None
        seen = 0
        while seen < MOST_CUSTOMERS:
            page = self._udhaar.overdue(shop_id, today, min(_PAGE, MOST_CUSTOMERS - seen), after)
            yield from page.rows
            seen += len(page.rows)
            after = page.after
            if after is None:
                return

    def _debtors(
        self,
        shop: Shop,
        customers: Sequence[Customer],
        entries: Sequence[LedgerEntry],
        events: Sequence[CustomerEvent],
        now: datetime,
    ) -> Iterator[_Debtor]:
        """Put together what is known of each customer."""
        today = local_day(now, shop.zone)
        khatas: dict[str, list[LedgerEntry]] = defaultdict(list)
        for entry in entries:
            khatas[entry.customer_id].append(entry)
        said: dict[str, list[CustomerEvent]] = defaultdict(list)
        for event in events:
            said[event.customer_id].append(event)
        for customer in customers:
            own = said[customer.customer_id]
            khata = self._whole(shop.shop_id, customer, khatas[customer.customer_id])
            position = account(khata, today, zone=shop.zone, terms_days=customer.credit_days)
            outcomes = promise_outcomes(
                standing_promises(shop.shop_id, own), khata, today, zone=shop.zone
            ).values()
            closed = closed_ids(own)
            yield _Debtor(
                customer=customer,
                overdue_paise=position.overdue_paise,
                days_past_due=position.days_past_due,
                reminders_14=sum(e.kind == "reminder" and now - e.at <= _FORTNIGHT for e in own),
                promised="open" in outcomes,
                broken=list(outcomes).count("broken"),
                disputed=any(e.kind == "dispute" and e.event_id not in closed for e in own),
                events=own,
            )

    def _whole(self, shop_id: str, customer: Customer, recent: list[LedgerEntry]) -> Sequence[LedgerEntry]:
        """Return a customer's whole khata: the recent entries where they add up to the balance, else all of it."""
        known = {entry.entry_id: entry for entry in recent}
        if all(e.reverses is None or e.reverses in known for e in recent):
            balance = sum(effect_paise(entry, known.get(entry.reverses or "")) for entry in recent)
            if balance == customer.balance_paise:
                return recent
        return self._udhaar.entries(shop_id, customer.customer_id)

    def _risks(
        self,
        shop_id: str,
        now: datetime,
        debtors: Sequence[_Debtor],
        entries: Sequence[LedgerEntry],
        events: Sequence[CustomerEvent],
    ) -> tuple[dict[str, CustomerRisk], str | None, str | None]:
        """Ask the model about all of them at once."""
        if not debtors:
            return {}, None, None
        ids = tuple(debtor.customer.customer_id for debtor in debtors)
        try:
            answer = self._predictor.risk(
                RiskRequest(shop_id, now, ids, ledger_rows(entries), promise_rows(shop_id, events))
            )
        except PredictorUnavailable as fault:
            return {}, None, fault.detail
        return {each.customer_id: each for each in answer.customers}, answer.model_version, None


def _ranked(debtors: Sequence[_Debtor], risks: dict[str, CustomerRisk]) -> tuple[QueueEntry, ...]:
    """Rank by the domain's sum; without risks by what is overdue, those that wait or dispute last."""
    if not risks:
        plain = [
            QueueEntry(
                debtor.customer.customer_id,
                debtor.overdue_paise,
                0,
                0,
                "talk" if debtor.disputed else "wait" if debtor.promised else "remind",
                "disputed" if debtor.disputed else "promise_stands" if debtor.promised else "overdue",
            )
            for debtor in debtors
        ]
        return tuple(sorted(plain, key=lambda e: (e.action != "remind", -e.gain_paise, e.customer_id)))
    return recovery_queue(
        DueCustomer(
            customer_id=debtor.customer.customer_id,
            overdue_paise=debtor.overdue_paise,
            paid_soon_paise=min(risks[debtor.customer.customer_id].paid_soon_paise, debtor.overdue_paise),
            probability_late=risks[debtor.customer.customer_id].probability_30,
            monthly_paise=risks[debtor.customer.customer_id].monthly_paise,
            reminders_14=debtor.reminders_14,
            promised=debtor.promised,
            disputed=debtor.disputed,
        )
        for debtor in debtors
    )


def _row(
    debtor: _Debtor, placed: QueueEntry, risk: CustomerRisk | None, now: datetime, shop: Shop
) -> QueueRow:
    """Translate a place in the queue, with the instant from which a reminder may be sent."""
    plan = plan_reminder(
        contact_of(debtor.customer, debtor.events), debtor.overdue_paise, now, ContactRules(zone=shop.zone)
    )
    return QueueRow(
        customer_id=debtor.customer.customer_id,
        name=debtor.customer.name,
        overdue_paise=debtor.overdue_paise,
        days_past_due=debtor.days_past_due,
        action=cast("Literal['remind', 'wait', 'talk']", placed.action),
        why=placed.why,
        gain_paise=placed.gain_paise if risk else None,
        recovered_paise=placed.recovered_paise if risk else None,
        goodwill_paise=placed.goodwill_paise if risk else None,
        probability_30=risk.probability_30 if risk else None,
        reminders_14=debtor.reminders_14,
        broken_promises=debtor.broken,
        send_at=plan.at,
        refused=plan.refused,
    )
