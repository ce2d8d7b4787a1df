"""The rules of a bill: every line priced, the stock lowered, udhaar written, in one unit of work."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from samaan_ml.domain.bill_payments import BillPayment
from samaan_ml.domain.ledger import LedgerEntry
from samaan_ml.domain.reminder_texts import UpiRequest
from serving.errors import Conflict, InvalidInput, NotFound
from serving.http.approving import Approving, backdated
from serving.http.callers import Caller
from serving.http.client_facts import (
    ITEM_ARCHIVED,
    NEEDS_APPROVAL,
    OVER_LIMIT,
    STOCK_NEGATIVE,
    ClientFacts,
    Happened,
    happened,
)
from serving.http.fields import LARGEST_PAISE
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.items import Item, ItemStore
from serving.ports.lots import LotStore, shelf_of
from serving.ports.page import Page
from serving.ports.prices import PriceStore, price_at
from serving.ports.sales import Sale, SaleLine, SalesStore, SaleState
from serving.ports.stock import Movement, StockStore, rows_of
from serving.ports.udhaar import Customer, UdhaarStore
from serving.sales.cards import card, credit_note, stock_after
from serving.sales.lines import check_printed, discounted, needs_of, price_flags, priced
from serving.sales.paying import as_payment, paid_by
from serving.sales.schemas import (
    CreditNote,
    DaySummary,
    NewSale,
    SaleCard,
    SaleDone,
    SalesSummary,
    UpiPayment,
)

_REFERENCE = 35
"""Characters that a UPI reference may have."""


class SalesService:
    """Posts bills."""

    def __init__(
        self,
        sales: SalesStore,
        items: ItemStore,
        stock: StockStore,
        lots: LotStore,
        udhaar: UdhaarStore,
        accounts: AccountStore,
        prices: PriceStore,
        facts: ClientFacts,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._items = items
        self._stock = stock
        self._lots = lots
        self._udhaar = udhaar
        self._accounts = accounts
        self._prices = prices
        self._facts = facts
        self._clock = clock

    def post(self, caller: Caller, body: NewSale, approving: Approving) -> SaleDone:
        """Post a bill; what staff may not do alone, with an owner's word.

        A bill of the past tells of goods that have left: it is posted whatever the shop's rules say, and flagged.
        """
        now = self._clock.now()
        shop = self._accounts.shop(caller.shop_id)
        when = happened(body.sold_at, now, body, "sold_at")
        items = self._for_sale(caller.shop_id, body, when)
        usual = self._usual_prices(caller.shop_id, body, items, when)
        lines = tuple(
            priced(line, items[line.item_id], place, usual[line.item_id], is_past=when.is_past)
            for place, line in enumerate(body.lines)
        )
        lines = discounted(lines, body.discount_paise)
        total = _checked_total(lines, body.total_paise)
        paid = paid_by(body, total)
        on_udhaar = "udhaar" in paid
        if on_udhaar:
            caller.check_scope("udhaar:write", "a bill on udhaar")
        if body.customer_id is not None:
            self._udhaar.customer(caller.shop_id, body.customer_id)
        sold_on = local_day(when.at, shop.zone)
        needs = needs_of(body, lines, items, shop.staff_floor_percent, on_udhaar=on_udhaar)
        old = approving.allow(backdated(when.at, now, shop, "sold_at"), offline=body.offline)
        if not when.is_past:
            approving.need(needs)
        attempt = new_id(now)
        payment, parts = as_payment(paid, body.payment)
        sale = Sale(
            body.sale_id or attempt, when.at, sold_on, lines, total, payment, body.customer_id,
            caller.user_id, recorded_at=now, payments=parts, discount_paise=body.discount_paise,
            entry_id=attempt if on_udhaar else None,
        )  # fmt: skip
        sale = self._sales.add(caller.shop_id, sale, "bill")
        self._issue(shop, sale, items, attempt, is_past=when.is_past)
        credit = self._give_credit(shop, sale, body, is_past=when.is_past) if on_udhaar else None
        done = self._done(shop.shop_id, sale, credit)
        flags = set(when.flags) | old
        if when.is_past:
            flags |= price_flags(lines, items) | _state_flags(items, done)
            flags |= {need.flag for need in needs} | (
                {NEEDS_APPROVAL} if needs and caller.role != "owner" else set()
            )
        return done.model_copy(update={"flags": self._mark(shop, sale, flags), "upi": upi_of(shop, sale)})

    def upi(self, shop_id: str, sale_id: str) -> UpiPayment:
        """Return how a bill is paid by UPI, whatever way of payment was written down."""
        shop, sale = self._accounts.shop(shop_id), self._sales.get(shop_id, sale_id)
        found = upi_of(shop, sale if "upi" in sale.paid else replace(sale, payment="upi", payments=()))
        if found is None:
            raise Conflict(
                "the bill cannot be paid by UPI",
                hint="a bill of more than nothing can, where the shop has a UPI id: PATCH /v1/auth/shop",
            )
        return found

    def _mark(self, shop: Shop, sale: Sale, flags: set[str]) -> list[str]:
        """Note the flags of a bill; stock below zero is no matter for the owner where the shop allows it."""
        quiet = {STOCK_NEGATIVE} if shop.negative_stock == "allow" else set()
        return self._facts.mark("sale", sale.sale_id, flags, sale.total_paise, "bill", quiet)

    def _usual_prices(
        self, shop_id: str, body: NewSale, items: Mapping[str, Item], when: Happened
    ) -> dict[str, int]:
        """Return the items' prices at the time of the sale: what came late was sold at the price of its own time."""
        unpriced = {line.item_id for line in body.lines if line.unit_price_paise is None}
        return {
            item_id: price_at(self._prices, shop_id, item, when.at)
            if when.is_past and item_id in unpriced
            else item.price_paise
            for item_id, item in items.items()
        }

    def _for_sale(self, shop_id: str, body: NewSale, when: Happened) -> dict[str, Item]:
        """Return the bill's items, all of them there, and for sale unless they were sold already."""
        found = {
            item.item_id: item for item in self._items.items(shop_id, tuple(n.item_id for n in body.lines))
        }
        for place, line in enumerate(body.lines):
            if line.item_id not in found:
                raise NotFound(f"no item '{line.item_id}'", field=f"lines.{place}.item_id")
            if found[line.item_id].archived and not when.is_past:
                raise Conflict(f"item '{line.item_id}' is archived", field=f"lines.{place}.item_id")
        return found

    def _issue(
        self, shop: Shop, sale: Sale, items: Mapping[str, Item], attempt: str, *, is_past: bool
    ) -> None:
        """Take the goods out of stock, what expires first before the rest.

        A lot has a printed maximum of its own: goods of it are sold at or below that. Which lots they will come from
        is looked up before anything moves, and again where another bill came between. Goods that have left already
        come from expired lots too where there are no others.

        The movements' ids are the attempt's and not the bill's: a bill that was refused and reversed in a store
        outside the database may come again under its id.
        """
        wanted: Counter[str] = Counter()
        for line in sale.lines:
            wanted[line.item_id] += line.quantity_milli
        movements = tuple(
            Movement(
                f"{attempt}-{place:04d}",
                item_id,
                "sale",
                -quantity,
                sale.sold_at,
                sale.actor,
                source=f"sale/{sale.sale_id}",
            )
            for place, (item_id, quantity) in enumerate(wanted.items())
        )
        printed: dict[str, int] = {}
        for movement in () if is_past else movements:
            lots = self._lots.batches(shop.shop_id, movement.item_id)
            printed |= {lot.batch_id: lot.mrp_paise for lot in lots if lot.mrp_paise is not None}
            shelf = shelf_of(items[movement.item_id], lots)
            check_printed(sale.lines, rows_of(movement, shelf, shop.zone), printed)
        rows = self._stock.move(
            shop.shop_id,
            movements,
            allow_negative=is_past or shop.negative_stock == "allow",
            zone=shop.zone,
            take_expired=is_past,
        )
        check_printed(sale.lines, rows, printed)

    def _give_credit(self, shop: Shop, sale: Sale, body: NewSale, *, is_past: bool) -> CreditNote:
        """Write the part on udhaar into the customer's khata, within the limit or by an owner's word."""
        if sale.customer_id is None or sale.entry_id is None:
            raise InvalidInput("an udhaar bill needs a customer", field="customer_id")
        customer = self._udhaar.customer(shop.shop_id, sale.customer_id)
        blocked = shop.over_limit == "block" and not body.over_limit and not is_past
        entry = LedgerEntry(
            entry_id=sale.entry_id,
            shop_id=shop.shop_id,
            customer_id=customer.customer_id,
            kind="credit",
            amount_paise=sale.paid["udhaar"],
            at=sale.sold_at,
            due_on=_due(body.due_on, sale.sold_on, customer),
            actor=sale.actor,
            note=f"bill {sale.sale_id}",
        )
        after = self._udhaar.append(entry, customer.limit_paise if blocked else None)
        return credit_note(after, entry.entry_id)

    def _done(self, shop_id: str, sale: Sale, credit: CreditNote | None) -> SaleDone:
        """Put the bill and what it changed together."""
        return SaleDone(
            **card(sale).model_dump(), stock=stock_after(self._items, shop_id, sale), credit=credit
        )

    def read(self, shop_id: str, sale_id: str) -> SaleCard:
        """Return a bill."""
        return self.cards(shop_id, (self._sales.get(shop_id, sale_id),), with_lines=True)[0]

    def page(
        self,
        shop_id: str,
        limit: int,
        after: str | None,
        start: date | None,
        end: date | None,
        payment: BillPayment | None = None,
        customer_id: str | None = None,
        state: SaleState | None = None,
    ) -> Page[Sale]:
        """Return a page of bills: of some days, a way of payment, a customer or a state, or all."""
        if start is not None and end is not None and start > end:
            raise InvalidInput(f"'start' {start} is after 'end' {end}", field="start")
        return self._sales.list(shop_id, limit, after, start, end, payment, customer_id, state)

    def cards(self, shop_id: str, sales: tuple[Sale, ...], *, with_lines: bool) -> list[SaleCard]:
        """Translate bills, with what was noted about them."""
        marks = self._facts.marks("sale", tuple(sale.sale_id for sale in sales))
        names = self._accounts.names(shop_id, tuple({sale.actor for sale in sales}))
        return [
            card(sale, marks.get(sale.sale_id), names.get(sale.actor), with_lines=with_lines)
            for sale in sales
        ]

    def summary(self, shop_id: str, days: int) -> SalesSummary:
        """Sum the last days up."""
        today = local_day(self._clock.now(), self._accounts.shop(shop_id).zone)
        amounts: dict[date, int] = defaultdict(int)
        items: dict[date, int] = defaultdict(int)
        for sold in self._sales.days_sold(shop_id, today - timedelta(days=days - 1)):
            amounts[sold.on] += sold.amount_paise
            items[sold.on] += 1
        rows = [DaySummary(on=on, amount_paise=amounts[on], items=items[on]) for on in sorted(amounts)]
        return SalesSummary(days=rows, amount_paise=sum(amounts.values()))


def _checked_total(lines: tuple[SaleLine, ...], said_paise: int | None) -> int:
    """Return the sum of the lines; refuse one too large, or other than was said."""
    total = sum(line.amount_paise for line in lines)
    if total > LARGEST_PAISE:
        raise InvalidInput(f"the lines sum to {total} paise, more than {LARGEST_PAISE}", field="lines")
    if said_paise is not None and said_paise != total:
        raise InvalidInput(f"the lines sum to {total} paise, not {said_paise}", field="total_paise")
    return total


def _state_flags(items: dict[str, Item], done: SaleDone) -> set[str]:
    """Return what of the shop's state speaks against a bill that was posted all the same."""
    flags = {ITEM_ARCHIVED} if any(item.archived for item in items.values()) else set()
    if any(level.negative for level in done.stock):
        flags.add(STOCK_NEGATIVE)
    if done.credit is not None and done.credit.over_limit:
        flags.add(OVER_LIMIT)
    return flags


def upi_of(shop: Shop, sale: Sale) -> UpiPayment | None:
    """Write the link that pays the part on UPI; the reference is the bill's id, or a hash of a long one."""
    paise = sale.paid.get("upi", 0)
    if shop.upi_id is None or paise <= 0:
        return None
    plain = sale.sale_id if len(sale.sale_id) <= _REFERENCE else None
    reference = plain or hashlib.sha256(sale.sale_id.encode()).hexdigest()[:32]
    link = UpiRequest(shop.upi_id, shop.name, paise, "bill", reference).link()
    return UpiPayment(uri=link, reference=reference, amount_paise=paise)


def _due(asked: date | None, sold_on: date, customer: Customer) -> date:
    """Return the due day: the one agreed, else by the customer's terms."""
    if asked is None:
        return sold_on + timedelta(days=customer.credit_days)
    if not sold_on <= asked <= sold_on + timedelta(days=366):
        raise InvalidInput(f"'{asked}' is not within a year after {sold_on}", field="due_on")
    return asked
