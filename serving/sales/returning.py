"""What takes a bill back: a return of some goods, or the cancellation of all of it on its own day."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from samaan_ml.domain.bill_payments import PaymentMethod, refund_parts
from samaan_ml.domain.ledger import LedgerEntry, reversal_of
from serving.errors import Conflict, InvalidInput
from serving.http.approving import Approving, Need
from serving.http.callers import Caller
from serving.http.client_facts import ClientFacts, Happened, OfflineFact, happened
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.items import ItemStore
from serving.ports.sales import Sale, SaleLine, SalesStore
from serving.ports.stock import Movement, MovementKind, StockStore
from serving.ports.udhaar import UdhaarStore
from serving.sales.cards import card, credit_note, stock_after
from serving.sales.lines import put_back, returned_lines
from serving.sales.paying import as_payment, given_back, refunded_by
from serving.sales.schemas import CreditNote, NewCancellation, NewReturn, SaleDone


@dataclass(frozen=True, slots=True)
class _Taking:
    """One taking back: of which bill, by whom, when, and what came back of it before."""

    caller: Caller
    shop: Shop
    sale: Sale
    before: tuple[Sale, ...]
    when: Happened
    now: datetime
    attempt: str

    @property
    def on(self) -> date:
        """The shop's day."""
        return local_day(self.when.at, self.shop.zone)


class ReturnService:
    """Takes bills back; the bill itself stays, and what takes it back stands beside it."""

    def __init__(
        self,
        sales: SalesStore,
        items: ItemStore,
        stock: StockStore,
        udhaar: UdhaarStore,
        accounts: AccountStore,
        facts: ClientFacts,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._items = items
        self._stock = stock
        self._udhaar = udhaar
        self._accounts = accounts
        self._facts = facts
        self._clock = clock

    def give_back(self, caller: Caller, sale_id: str, body: NewReturn, approving: Approving) -> SaleDone:
        """Post a return: the goods go back into stock, and what was paid for them to the customer or off the khata."""
        taking = self._taking(caller, sale_id, body.at, body)
        items = self._items.items(caller.shop_id, tuple(line.item_id for line in body.lines))
        units = {item.item_id: item.unit for item in items}
        lines = returned_lines(taking.sale, taking.before, body, units)
        total = -sum(line.amount_paise for line in lines)
        usual = refund_parts(taking.sale.paid, given_back(taking.before), total)
        refunds = refunded_by(body.refunds, usual)
        if "udhaar" in refunds and taking.sale.customer_id is None:
            raise InvalidInput("the bill has no customer whose khata it could go to", field="refunds")
        flags = self._check_allowed(taking, refunds, body, approving)
        back = self._reversal(taking, body.return_id, lines, refunds, body.reason)
        back = self._sales.add(caller.shop_id, replace(back, state="return"), "credit_note")
        self._note_state(taking, lines)
        self._restock(taking, back, "customer_return", body.reason)
        credit = self._take_off_khata(taking, back, refunds.get("udhaar", 0), body.reason)
        return self._done(taking, back, credit, flags)

    def cancel(self, caller: Caller, sale_id: str, body: NewCancellation, approving: Approving) -> SaleDone:
        """Cancel a bill on its own day: stock, lots, khata and money go back, and both stay on record.

        Raises
        ------
        Conflict
            When it was cancelled, goods of it came back, its day is over, or it came with a sheet.
        """
        taking = self._taking(caller, sale_id, body.at, body)
        sale = taking.sale
        if sale.import_id is not None:
            raise Conflict(
                "the bill came with a sheet", "sale_id", hint="undo the import: DELETE /v1/sales/imports/{id}"
            )
        if taking.before:
            raise Conflict("goods of the bill came back already", "sale_id", hint="return what is left of it")
        if taking.on != sale.sold_on:
            raise Conflict(
                f"the bill is of {sale.sold_on}, and a bill is cancelled on its own day",
                field="sale_id",
                hint=f"take the goods back: POST /v1/sales/{sale_id}/returns",
            )
        flags = self._check_allowed(taking, sale.paid, body, approving)
        lines = tuple(
            replace(
                line,
                quantity_milli=-line.quantity_milli,
                discount_paise=-line.discount_paise,
                amount_paise=-line.amount_paise,
            )
            for line in sale.lines
        )
        back = self._reversal(taking, body.cancellation_id, lines, sale.paid, body.reason)
        back = replace(back, state="cancellation", discount_paise=-sale.discount_paise)
        back = self._sales.add(caller.shop_id, back)
        self._sales.set_state(caller.shop_id, sale_id, "cancelled")
        self._restock(taking, back, "reversal", body.reason)
        credit = self._reverse_credit(taking, back, body.reason) if "udhaar" in sale.paid else None
        return self._done(taking, back, credit, flags)

    def _taking(self, caller: Caller, sale_id: str, at: datetime | None, body: OfflineFact) -> _Taking:
        """Hold the bill against other writers, and tell when it is reversed."""
        now = self._clock.now()
        shop = self._accounts.shop(caller.shop_id)
        sale = self._sales.hold(caller.shop_id, sale_id)
        if sale.returns is not None:
            raise Conflict(f"'{sale_id}' is itself a return", field="sale_id")
        if sale.state == "cancelled":
            raise Conflict(f"bill '{sale_id}' was cancelled already", field="sale_id")
        when = happened(at, now, body, "at")
        if when.at < sale.sold_at:
            # Devices' clocks differ by some minutes, by which a bill may be ahead of its return.
            if at is not None and not body.offline:
                raise InvalidInput(
                    f"'at' lies before the bill, which is of {sale.sold_at.isoformat()}", field="at"
                )
            when = replace(when, at=sale.sold_at)
        before = self._sales.returns_of(caller.shop_id, sale_id)
        return _Taking(caller, shop, sale, before, when, now, new_id(now))

    def _check_allowed(
        self,
        taking: _Taking,
        refunds: Mapping[PaymentMethod, int],
        body: OfflineFact,
        approving: Approving,
    ) -> set[str]:
        """Ask for an owner's word where staff give money back for another's bill or an old one; return the flags."""
        money = sum(paise for kind, paise in refunds.items() if kind != "udhaar")
        age_days = (taking.on - taking.sale.sold_on).days
        is_own = taking.sale.actor == taking.caller.user_id
        if not money or (is_own and age_days <= taking.shop.staff_refund_days):
            return set()
        why = f"{money} paise go back for a bill of {taking.sale.sold_on}"
        need = Need("refund", why if is_own else f"{why} that somebody else made out", "sale_id")
        return approving.allow([need], offline=body.offline)

    @staticmethod
    def _reversal(
        taking: _Taking,
        own_id: str | None,
        lines: tuple[SaleLine, ...],
        refunds: Mapping[PaymentMethod, int],
        reason: str,
    ) -> Sale:
        """Write the bill that takes another one back."""
        payment, parts = as_payment(refunds, taking.sale.payment, sign=-1)
        usual = taking.sale.payment if taking.sale.payment != "split" else "cash"
        return Sale(
            sale_id=own_id or taking.attempt,
            sold_at=taking.when.at,
            sold_on=taking.on,
            lines=lines,
            total_paise=sum(line.amount_paise for line in lines),
            payment=payment if refunds else usual,
            customer_id=taking.sale.customer_id,
            actor=taking.caller.user_id,
            returns=taking.sale.sale_id,
            recorded_at=taking.now,
            payments=parts,
            entry_id=taking.attempt if "udhaar" in refunds else None,
            reason=reason,
        )

    def _note_state(self, taking: _Taking, lines: tuple[SaleLine, ...]) -> None:
        """Note on the bill whether all of it came back."""
        left = sum(line.quantity_milli for line in taking.sale.lines) + sum(
            line.quantity_milli for each in (*(back.lines for back in taking.before), lines) for line in each
        )
        self._sales.set_state(
            taking.shop.shop_id, taking.sale.sale_id, "part_returned" if left > 0 else "returned"
        )

    def _restock(self, taking: _Taking, back: Sale, kind: MovementKind, reason: str) -> None:
        """Put what came back into the lots that it was sold from, the first to expire first."""
        left = self._sold_from(taking)
        movements: list[Movement] = []
        for line in back.lines:
            for batch_id, quantity in put_back(left[line.item_id], -line.quantity_milli):
                movements.append(
                    Movement(
                        f"{taking.attempt}-{len(movements):04d}",
                        line.item_id,
                        kind,
                        quantity,
                        back.sold_at,
                        back.actor,
                        reason,
                        f"sale/{back.sale_id}",
                        batch_id,
                    )
                )
        self._stock.move(taking.shop.shop_id, tuple(movements), allow_negative=True, zone=taking.shop.zone)

    def _sold_from(self, taking: _Taking) -> defaultdict[str, list[tuple[str, int]]]:
        """Return, by item, what the bill took from which lots and no return has put back."""
        taken: dict[tuple[str, str], int] = {}
        for each in (taking.sale, *taking.before):
            for row in self._stock.movements_of(taking.shop.shop_id, f"sale/{each.sale_id}"):
                if row.batch_id is not None:
                    key = (row.item_id, row.batch_id)
                    taken[key] = taken.get(key, 0) - row.quantity_milli
        found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for (item_id, batch_id), quantity in taken.items():
            if quantity > 0:
                found[item_id].append((batch_id, quantity))
        return found

    def _take_off_khata(self, taking: _Taking, back: Sale, paise: int, reason: str) -> CreditNote | None:
        """Count what goes to the khata as paid."""
        if back.customer_id is None or not paise:
            return None
        entry = LedgerEntry(
            entry_id=taking.attempt,
            shop_id=taking.shop.shop_id,
            customer_id=back.customer_id,
            kind="payment",
            amount_paise=paise,
            at=back.sold_at,
            actor=back.actor,
            note=f"return of bill {back.returns}: {reason}"[:500],
        )
        return credit_note(self._udhaar.append(entry), entry.entry_id)

    def _reverse_credit(self, taking: _Taking, back: Sale, reason: str) -> CreditNote | None:
        """Take the bill's entry in the khata back, unless an owner did so before."""
        sale, shop_id = taking.sale, taking.shop.shop_id
        if sale.entry_id is None or sale.customer_id is None:  # a bill of before its entry was noted with it
            return self._take_off_khata(taking, back, sale.paid["udhaar"], reason)
        credit = self._udhaar.entry(shop_id, sale.entry_id)
        own = taking.attempt
        khata = self._udhaar.entries(shop_id, credit.customer_id)
        if any(entry.reverses == credit.entry_id and entry.entry_id != own for entry in khata):
            return credit_note(self._udhaar.customer(shop_id, credit.customer_id), credit.entry_id)
        entry = reversal_of(credit, entry_id=own, at=back.sold_at, reason=reason, actor=back.actor)
        return credit_note(self._udhaar.append(entry), own)

    def _done(self, taking: _Taking, back: Sale, credit: CreditNote | None, flags: set[str]) -> SaleDone:
        """Put what took the bill back and what it changed together."""
        shop_id = taking.shop.shop_id
        found = self._facts.mark("sale", back.sale_id, flags | taking.when.flags, back.total_paise, "refund")
        stock = stock_after(self._items, shop_id, back)
        done = SaleDone(**card(back).model_dump(), stock=stock, credit=credit)
        return done.model_copy(update={"flags": found})
