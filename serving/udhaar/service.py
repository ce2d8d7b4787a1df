"""The rules of udhaar: the ledger's own are in `samaan_ml.domain.ledger`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from samaan_ml.domain.customer_messages import RiskAnswer, RiskRequest
from samaan_ml.domain.digits import fold_digits
from samaan_ml.domain.inflow import Inflow, expected_inflow
from samaan_ml.domain.item_names import match_rank
from samaan_ml.domain.ledger import LedgerEntry, account, reversal_of
from samaan_ml.domain.money import round_half_away
from samaan_ml.domain.risk_messages import RISK_ENTRIES, ledger_rows, promise_rows
from samaan_ml.domain.statements import statement
from serving.errors import AlreadyExists, InvalidInput, NotFound, PredictorUnavailable, TakenBack
from serving.http.approving import Approving, Need, backdated
from serving.http.callers import Caller
from serving.http.client_facts import (
    NEEDS_APPROVAL,
    OVER_LIMIT,
    ClientFacts,
    Happened,
    OfflineFact,
    happened,
)
from serving.http.phone_numbers import spellings
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.page import Page, walk
from serving.ports.predictor import Predictor
from serving.ports.udhaar import Customer, Span, UdhaarStore
from serving.udhaar.schemas import (
    AgeingRow,
    CustomerCard,
    CustomerChange,
    CustomerRow,
    EntryDone,
    EntryRow,
    ExposureCard,
    InflowRow,
    LimitAnswer,
    LimitRaiseRow,
    NewCredit,
    NewCustomer,
    NewPayment,
    NewSettlement,
    NewWriteOff,
    RiskCard,
    RiskFigures,
    RiskReason,
    SettlementDone,
    StatementCard,
    StatementRow,
)

_PAGE = 200
_PHONE_DIGITS = 4
"""Digits of a phone number that tell a search for one."""


class UdhaarService:
    """Keeps the khata of each customer."""

    def __init__(
        self,
        udhaar: UdhaarStore,
        accounts: AccountStore,
        predictor: Predictor,
        facts: ClientFacts,
        clock: Clock,
    ) -> None:
        self._facts = facts
        self._udhaar = udhaar
        self._accounts = accounts
        self._predictor = predictor
        self._clock = clock

    def add(self, shop_id: str, body: NewCustomer) -> CustomerRow:
        """Add a customer."""
        now = self._clock.now()
        made = new_id(now)
        customer = Customer(
            customer_id=body.customer_id or made,
            name=body.name,
            phone=body.phone,
            limit_paise=body.limit_paise,
            credit_days=body.credit_days,
            balance_paise=0,
            oldest_due_on=None,
            reminders=body.reminders,
            created_at=now,
        )
        self._check_phone(shop_id, customer)
        try:
            self._udhaar.add_customer(shop_id, customer)
        except AlreadyExists:
            if body.customer_id is not None:
                raise
            customer = self._udhaar.customer(shop_id, made)  # an earlier try of this very write added it
        return row(customer, self.today(shop_id))

    def change(self, shop_id: str, customer_id: str, body: CustomerChange) -> CustomerRow:
        """Change the fields that were sent."""
        values = {name: getattr(body, name) for name in body.model_fields_set}
        for required in ("name", "credit_days", "reminders"):
            if required in values and values[required] is None:
                raise InvalidInput(f"'{required}' cannot be empty", field=required)
        customer = replace(self._udhaar.customer(shop_id, customer_id), **values)
        if values.get("phone") is not None:
            self._check_phone(shop_id, customer)
        self._udhaar.change_customer(shop_id, customer)
        return row(customer, self.today(shop_id))

    def _check_phone(self, shop_id: str, customer: Customer) -> None:
        """Refuse a phone number that another customer has, however it was written."""
        if customer.phone is None:
            return
        other = self._udhaar.with_phone(shop_id, spellings(customer.phone))
        if other is not None and other.customer_id != customer.customer_id:
            raise AlreadyExists(
                f"'{other.name}' has this phone number already",
                field="phone",
                hint=f"use the customer '{other.customer_id}'",
            )

    def search(self, shop_id: str, text: str, limit: int) -> list[CustomerRow]:
        """Find customers by name in any script, by id or by part of the phone number, the best fit first."""
        digits = "".join(char for char in fold_digits(text) if char.isdigit()).lstrip("0")
        found: list[tuple[int, str, Customer]] = []
        after: str | None = None
        while True:
            page = self._udhaar.customers(shop_id, _PAGE, after)
            for customer in page.rows:
                by_phone = len(digits) >= _PHONE_DIGITS and digits in (customer.phone or "")
                exact = by_phone or text == customer.customer_id
                rank = 0 if exact else match_rank(text, (customer.name,))
                if rank is not None:
                    found.append((rank, customer.customer_id, customer))
            if page.after is None:
                break
            after = page.after
        today = self.today(shop_id)
        return [row(customer, today) for _, _, customer in sorted(found, key=lambda one: one[:2])[:limit]]

    def today(self, shop_id: str) -> date:
        """Return the shop's day."""
        return local_day(self._clock.now(), self._accounts.shop(shop_id).zone)

    def page(
        self, shop_id: str, status: Literal["overdue"] | None, limit: int, after: str | None
    ) -> Page[Customer]:
        """Return a page of customers, all or those overdue today."""
        if status == "overdue":
            return self._udhaar.overdue(shop_id, self.today(shop_id), limit, after)
        return self._udhaar.customers(shop_id, limit, after)

    def card(self, shop_id: str, customer_id: str) -> CustomerCard:
        """Return a customer's account today."""
        customer = self._udhaar.customer(shop_id, customer_id)
        shop = self._accounts.shop(shop_id)
        today = local_day(self._clock.now(), shop.zone)
        position = account(
            self._udhaar.entries(shop_id, customer_id), today, zone=shop.zone, terms_days=customer.credit_days
        )
        values = row(customer, today).model_dump() | {"status": position.status}
        return CustomerCard(
            **values,
            as_of=today,
            due_paise=position.due_paise,
            advance_paise=position.advance_paise,
            overdue_paise=position.overdue_paise,
            days_past_due=position.days_past_due,
            next_due_on=position.next_due_on,
            ageing=AgeingRow.model_validate(position.ageing),
        )

    def give(self, caller: Caller, customer_id: str, body: NewCredit, approving: Approving) -> EntryDone:
        """Write a credit, within the limit or by an owner's word; one of the past is written and flagged."""
        shop = self._accounts.shop(caller.shop_id)
        customer = self._udhaar.customer(caller.shop_id, customer_id)
        when = self._when(body.at, body)
        if body.over_limit and not when.is_past:
            why = f"{body.amount_paise} paise on udhaar for '{customer.name}' may pass the limit"
            approving.need([Need("limit_override", why, "over_limit")])
        old = approving.allow(backdated(when.at, self._clock.now(), shop, "at"), offline=body.offline)
        entry = self._entry(
            caller, customer_id, "credit", body.amount_paise, when, note=body.note, entry_id=body.entry_id
        )
        day = entry.day(shop.zone)
        due_on = body.due_on or day + timedelta(days=customer.credit_days)
        if not day <= due_on <= day + timedelta(days=366):
            raise InvalidInput(f"'{due_on}' is not within a year after {day}", field="due_on")
        blocked = shop.over_limit == "block" and not body.over_limit and not when.is_past
        limit = customer.limit_paise if blocked else None
        done = self._append(replace(entry, due_on=due_on), limit, is_named=body.entry_id is not None)
        flags = set(when.flags) | old
        if when.is_past and done.over_limit:
            flags.add(OVER_LIMIT)
        if when.is_past and body.over_limit and caller.role != "owner":
            flags.add(NEEDS_APPROVAL)
        return self._flagged(done, flags)

    def receive(self, caller: Caller, customer_id: str, body: NewPayment, approving: Approving) -> EntryDone:
        """Write a payment."""
        when = self._when(body.at, body)
        shop = self._accounts.shop(caller.shop_id)
        old = approving.allow(backdated(when.at, self._clock.now(), shop, "at"), offline=body.offline)
        entry = self._entry(
            caller, customer_id, "payment", body.amount_paise, when, note=body.note, entry_id=body.entry_id
        )
        done = self._append(entry, is_named=body.entry_id is not None)
        return self._flagged(done, set(when.flags) | old)

    def _when(self, at: datetime | None, fact: OfflineFact) -> Happened:
        """Return when an entry happened."""
        return happened(at, self._clock.now(), fact, "at")

    def _flagged(self, done: EntryDone, flags: set[str]) -> EntryDone:
        """Note what an owner may want to know of an entry."""
        entry = done.entry
        found = self._facts.mark("entry", entry.entry_id, flags, entry.amount_paise, entry.kind)
        if not found:
            return done
        noted = {"flags": found, "recorded_at": self._clock.now()}
        return done.model_copy(update={"entry": entry.model_copy(update=noted)})

    def write_off(self, caller: Caller, customer_id: str, body: NewWriteOff) -> EntryDone:
        """Give up a due."""
        return self._append(
            self._entry(caller, customer_id, "write_off", body.amount_paise, None, reason=body.reason)
        )

    def settle(self, caller: Caller, customer_id: str, body: NewSettlement) -> SettlementDone:
        """Take a part as the whole: a payment, and the rest written off."""
        paid = self._entry(caller, customer_id, "payment", body.paid_paise, None, note=body.reason)
        before = self._udhaar.customer(caller.shop_id, customer_id)
        if self._stored(paid) is None and body.paid_paise >= before.balance_paise:
            raise InvalidInput(
                f"{max(before.balance_paise, 0)} paise are owed; a settlement pays less than that",
                field="paid_paise",
                hint="a payment in full is POST .../payments",
            )
        after = self._append(paid)
        given_up = self._entry(
            caller, customer_id, "write_off", max(after.balance_paise, 1), None, reason=body.reason
        )
        # An earlier try that was cut off after its last entry left nothing to give up: what it gave up stands.
        done = self._append(self._stored(given_up) or given_up)
        return SettlementDone(payment=after.entry, write_off=done.entry, balance_paise=done.balance_paise)

    def reverse(self, caller: Caller, entry_id: str, reason: str, approving: Approving) -> EntryDone:
        """Take an entry back, staff by an owner's word; both stay."""
        now = self._clock.now()
        entry = self._udhaar.entry(caller.shop_id, entry_id)
        approving.need([Need("reversal", f"taking back a {entry.kind} of {entry.amount_paise} paise")])
        return self._append(
            reversal_of(entry, entry_id=new_id(now), at=now, reason=reason, actor=caller.user_id)
        )

    def _entry(
        self,
        caller: Caller,
        customer_id: str,
        kind: Literal["credit", "payment", "write_off"],
        amount_paise: int,
        when: Happened | None,
        note: str = "",
        reason: str = "",
        entry_id: str | None = None,
    ) -> LedgerEntry:
        """Build an entry of now or of the instant given."""
        now = self._clock.now()
        return LedgerEntry(
            entry_id=entry_id or new_id(now),
            shop_id=caller.shop_id,
            customer_id=customer_id,
            kind=kind,
            amount_paise=amount_paise,
            at=now if when is None else when.at,
            actor=caller.user_id,
            note=note,
            reason=reason,
        )

    def _stored(self, entry: LedgerEntry) -> LedgerEntry | None:
        """Return the entry as an earlier try wrote it."""
        try:
            return self._udhaar.entry(entry.shop_id, entry.entry_id)
        except NotFound:
            return None

    def _append(
        self, entry: LedgerEntry, max_balance_paise: int | None = None, *, is_named: bool = False
    ) -> EntryDone:
        """Append an entry and tell what is stored, which an earlier try may have written, and the balance.

        One that its client named and that was reversed, with a request refused as a whole, comes again under a
        further id.
        """
        try:
            after = self._udhaar.append(entry, max_balance_paise)
        except TakenBack:
            if not is_named:
                raise
            entry = replace(entry, entry_id=f"{entry.entry_id[:43]}.{new_id(self._clock.now())[:20]}")
            after = self._udhaar.append(entry, max_balance_paise)
        return EntryDone(
            entry=EntryRow.model_validate(self._udhaar.entry(entry.shop_id, entry.entry_id)),
            balance_paise=after.balance_paise,
            limit_paise=after.limit_paise,
            over_limit=after.limit_paise is not None and after.balance_paise > after.limit_paise,
        )

    def entries(
        self,
        shop_id: str,
        customer_id: str,
        limit: int,
        after: str | None,
        start: date | None = None,
        end: date | None = None,
    ) -> Page[LedgerEntry]:
        """Return a page of a customer's entries, of some of the shop's days or of all."""
        _check_span(start, end)
        self._udhaar.customer(shop_id, customer_id)
        zone = self._accounts.shop(shop_id).zone
        within = Span(_midnight(start, zone), _midnight(end and end + timedelta(days=1), zone))
        return self._udhaar.list_entries(shop_id, customer_id, limit, after, within)

    def entry_rows(self, entries: tuple[LedgerEntry, ...]) -> list[EntryRow]:
        """Translate entries, with what was noted about them."""
        marks = self._facts.marks("entry", tuple(entry.entry_id for entry in entries))
        shop_id = entries[0].shop_id if entries else ""
        names = self._accounts.names(shop_id, tuple({entry.actor for entry in entries}))
        rows = []
        for entry in entries:
            row, mark = EntryRow.model_validate(entry), marks.get(entry.entry_id)
            noted = {"flags": list(mark.flags), "recorded_at": mark.recorded_at} if mark else {}
            rows.append(row.model_copy(update={"actor_name": names.get(entry.actor), **noted}))
        return rows

    def statement(
        self, shop_id: str, customer_id: str, start: date | None, end: date | None
    ) -> StatementCard:
        """Return the statement of a span of days."""
        _check_span(start, end)
        self._udhaar.customer(shop_id, customer_id)
        zone = self._accounts.shop(shop_id).zone
        found = statement(self._udhaar.entries(shop_id, customer_id), start, end, zone=zone)
        return StatementCard(
            customer_id=customer_id,
            start=start,
            end=end,
            opening_paise=found.opening_paise,
            given_paise=found.given_paise,
            received_paise=found.received_paise,
            closing_paise=found.closing_paise,
            lines=[StatementRow.model_validate(line) for line in found.lines],
        )

    def check_limit(self, shop_id: str, customer_id: str, amount_paise: int) -> LimitAnswer:
        """Tell at the counter whether a credit keeps the limit."""
        customer = self._udhaar.customer(shop_id, customer_id)
        after = customer.balance_paise + amount_paise
        limit = customer.limit_paise
        return LimitAnswer(
            customer_id=customer_id,
            allowed=limit is None or after <= limit,
            balance_paise=customer.balance_paise,
            amount_paise=amount_paise,
            balance_after_paise=after,
            limit_paise=limit,
            room_paise=None if limit is None else max(limit - customer.balance_paise, 0),
            policy=self._accounts.shop(shop_id).over_limit,
        )

    def risk(self, shop_id: str, customer_id: str, *, what_if: bool = False) -> RiskCard:
        """Ask the model about a customer, and what would raise the limit."""
        self._udhaar.customer(shop_id, customer_id)
        now = self._clock.now()
        known = ledger_rows(
            (*self._udhaar.shop_entries(shop_id, RISK_ENTRIES), *self._udhaar.entries(shop_id, customer_id))
        )
        promises = promise_rows(shop_id, self._udhaar.events(shop_id, customer_id))
        try:
            answer = self._predictor.risk(
                RiskRequest(shop_id, now, (customer_id,), known, promises, what_if=what_if)
            )
        except PredictorUnavailable as fault:
            return RiskCard(customer_id=customer_id, as_of=now, degraded=True, reason=fault.detail, risk=None)
        return RiskCard(customer_id=customer_id, as_of=now, degraded=False, risk=_figures(answer))

    def exposure(self, shop_id: str) -> ExposureCard:
        """Sum up what the whole shop has out."""
        today = self.today(shop_id)
        owing = list(self._all(shop_id))
        dues = [max(customer.balance_paise, 0) for customer in owing]
        overdue = [c for c in owing if c.oldest_due_on is not None and c.oldest_due_on < today]
        zone = self._accounts.shop(shop_id).zone
        late = sum(
            account(
                self._udhaar.entries(shop_id, c.customer_id), today, zone=zone, terms_days=c.credit_days
            ).overdue_paise
            for c in overdue
        )
        recent = self._udhaar.shop_entries(shop_id, RISK_ENTRIES)
        return ExposureCard(
            as_of=today,
            due_paise=sum(dues),
            advance_paise=sum(max(-customer.balance_paise, 0) for customer in owing),
            overdue_paise=late,
            customers_owing=sum(1 for due in dues if due),
            customers_overdue=len(overdue),
            largest_share=max(dues, default=0) / sum(dues) if sum(dues) else 0.0,
            inflow=_inflow(expected_inflow(recent, self._clock.now()), sum(dues)),
        )

    def _all(self, shop_id: str) -> Iterator[Customer]:
        """Walk through all customers, a page at a time."""
        return walk(lambda after: self._udhaar.customers(shop_id, _PAGE, after))


def _check_span(start: date | None, end: date | None) -> None:
    """Refuse a first day after the last."""
    if start is not None and end is not None and start > end:
        raise InvalidInput(f"'start' {start} is after 'end' {end}", field="start")


def _midnight(on: date | None, zone: str) -> datetime | None:
    """Return the instant at which a day of the shop begins."""
    return None if on is None else datetime.combine(on, time(), ZoneInfo(zone)).astimezone(UTC)


def row(customer: Customer, today: date) -> CustomerRow:
    """Translate a customer, the status derived on the day it is asked for."""
    status: Literal["advance", "paid", "pending", "overdue"]
    if customer.balance_paise <= 0:
        status = "advance" if customer.balance_paise else "paid"
    else:
        status = (
            "overdue" if customer.oldest_due_on is not None and customer.oldest_due_on < today else "pending"
        )
    values: dict[str, Any] = {
        name: getattr(customer, name) for name in CustomerRow.model_fields if name != "status"
    }
    return CustomerRow(**values, status=status)


def _figures(answer: RiskAnswer) -> RiskFigures:
    """Translate what the model says of the one customer asked about."""
    found = answer.customers[0]
    nested = ("reasons", "limit_raise", "model_version")
    values = {name: getattr(found, name) for name in RiskFigures.model_fields if name not in nested}
    return RiskFigures(
        **values,
        reasons=[RiskReason.model_validate(reason) for reason in found.reasons],
        limit_raise=found.limit_raise and LimitRaiseRow.model_validate(found.limit_raise),
        model_version=answer.model_version,
    )


def _inflow(found: Inflow, due_paise: int) -> InflowRow:
    """Translate the expected inflow, brought from the recent khatas to all that is owed."""
    share = due_paise / found.due_paise if found.due_paise else 0.0
    return InflowRow(
        days=found.days,
        expected_paise=round_half_away(found.expected_paise * share),
        lower_paise=round_half_away(found.lower_paise * share),
        upper_paise=round_half_away(found.upper_paise * share) if found.due_paise else due_paise,
        coverage=found.coverage,
        windows=found.windows,
    )
