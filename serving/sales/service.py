"""The rules of a bill: every line priced, the stock lowered, udhaar written, in one unit of work."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from samaan_ml.domain.ledger import LedgerEntry
from samaan_ml.domain.money import times_quantity
from serving.errors import Conflict, InvalidInput, NotFound
from serving.http.approving import Approving, Need, below_floor
from serving.http.depends import Caller
from serving.http.fields import LARGEST_PAISE, check_past
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.items import Item, ItemStore
from serving.ports.lots import LotStore
from serving.ports.page import Page
from serving.ports.sales import Sale, SaleLine, SalesStore
from serving.ports.stock import Movement, StockStore
from serving.ports.udhaar import Customer, UdhaarStore
from serving.sales.batches import Lot, issue
from serving.sales.schemas import (
    CreditNote,
    DaySummary,
    LineRow,
    NewLine,
    NewReturn,
    NewSale,
    SaleCard,
    SaleDone,
    SalesSummary,
    StockAfter,
)


class SalesService:
    """Posts bills and returns."""

    def __init__(
        self,
        sales: SalesStore,
        items: ItemStore,
        stock: StockStore,
        lots: LotStore,
        udhaar: UdhaarStore,
        accounts: AccountStore,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._items = items
        self._stock = stock
        self._lots = lots
        self._udhaar = udhaar
        self._accounts = accounts
        self._clock = clock

    def post(self, caller: Caller, body: NewSale, approving: Approving) -> SaleDone:
        """Post a bill; what staff may not do alone, with an owner's word."""
        now = self._clock.now()
        shop = self._accounts.shop(caller.shop_id)
        sold_at = check_past(body.sold_at, now, "sold_at")
        sold_on = local_day(sold_at, shop.zone)
        items = self._for_sale(caller.shop_id, body)
        lines = tuple(_priced(line, items[line.item_id], place) for place, line in enumerate(body.lines))
        total = sum(line.amount_paise for line in lines)
        if total > LARGEST_PAISE:
            raise InvalidInput(f"the lines sum to {total} paise, more than {LARGEST_PAISE}", field="lines")
        if body.total_paise is not None and body.total_paise != total:
            raise InvalidInput(f"the lines sum to {total} paise, not {body.total_paise}", field="total_paise")
        if body.customer_id is not None:
            self._udhaar.customer(caller.shop_id, body.customer_id)
        taken = self._taken(caller.shop_id, lines, sold_on)
        approving.need(_needs(body, lines, items, shop.staff_floor_percent))
        sale_id = new_id(now)
        sale = Sale(sale_id, sold_at, sold_on, lines, total, body.payment, body.customer_id, caller.user_id)
        self._sales.add(caller.shop_id, sale)
        self._issue(shop, sale, taken)
        credit = self._give_credit(shop, sale, body) if body.payment == "udhaar" else None
        return self._done(shop.shop_id, sale, credit)

    def _for_sale(self, shop_id: str, body: NewSale) -> dict[str, Item]:
        """Return the bill's items, all of them there and for sale."""
        found = {
            item.item_id: item for item in self._items.items(shop_id, tuple(n.item_id for n in body.lines))
        }
        for place, line in enumerate(body.lines):
            if line.item_id not in found:
                raise NotFound(f"no item '{line.item_id}'", field=f"lines.{place}.item_id")
            if found[line.item_id].archived:
                raise Conflict(f"item '{line.item_id}' is archived", field=f"lines.{place}.item_id")
        return found

    def _taken(
        self, shop_id: str, lines: tuple[SaleLine, ...], on: date
    ) -> list[tuple[str, str | None, int]]:
        """Say which lots the goods come from, the earliest expiry first; expired lots are not for sale.

        A lot has a printed maximum of its own: goods of it are sold at or below that.
        """
        wanted: Counter[str] = Counter()
        for line in lines:
            wanted[line.item_id] += line.quantity_milli
        taken: list[tuple[str, str | None, int]] = []
        for item_id, quantity in wanted.items():
            batches = self._lots.batches(shop_id, item_id)
            printed = {batch.batch_id: batch.mrp_paise for batch in batches}
            lots = [Lot(each.batch_id, each.expires_on, each.on_hand_milli) for each in batches]
            parts = list(issue(item_id, quantity, lots, on))
            taken += [(item_id, batch_id, part) for batch_id, part in parts]
            limits = [(printed[lot], lot) for lot, _ in parts if lot is not None]
            _check_printed(item_id, lines, [(mrp, lot) for mrp, lot in limits if mrp is not None])
        return taken

    def _issue(self, shop: Shop, sale: Sale, taken: list[tuple[str, str | None, int]]) -> None:
        """Take the goods out of stock."""
        movements = tuple(
            Movement(
                f"{sale.sale_id}-{place:04d}",
                item_id,
                "sale",
                -part,
                sale.sold_at,
                sale.actor,
                source=f"sale/{sale.sale_id}",
                batch_id=batch_id,
            )
            for place, (item_id, batch_id, part) in enumerate(taken)
        )
        self._stock.move(shop.shop_id, movements, allow_negative=shop.negative_stock == "allow")

    def _give_credit(self, shop: Shop, sale: Sale, body: NewSale) -> CreditNote:
        """Write the bill into the customer's khata, within the limit or by an owner's word."""
        if sale.customer_id is None:
            raise InvalidInput("an udhaar bill needs a customer", field="customer_id")
        if sale.total_paise == 0:
            raise InvalidInput("a bill of nothing cannot be udhaar", field="payment")
        customer = self._udhaar.customer(shop.shop_id, sale.customer_id)
        blocked = shop.over_limit == "block" and not body.over_limit
        entry = LedgerEntry(
            entry_id=sale.sale_id,
            shop_id=shop.shop_id,
            customer_id=customer.customer_id,
            kind="credit",
            amount_paise=sale.total_paise,
            at=sale.sold_at,
            due_on=_due(body.due_on, sale.sold_on, customer),
            actor=sale.actor,
            note=f"bill {sale.sale_id}",
        )
        after = self._udhaar.append(entry, customer.limit_paise if blocked else None)
        passed = after.limit_paise is not None and after.balance_paise > after.limit_paise
        return CreditNote(
            customer_id=after.customer_id,
            entry_id=entry.entry_id,
            balance_paise=after.balance_paise,
            limit_paise=after.limit_paise,
            over_limit=passed,
        )

    def _done(self, shop_id: str, sale: Sale, credit: CreditNote | None) -> SaleDone:
        """Put the bill and what it changed together."""
        after = self._items.items(shop_id, tuple(line.item_id for line in sale.lines))
        stock = [
            StockAfter(item_id=i.item_id, on_hand_milli=i.on_hand_milli, negative=i.on_hand_milli < 0)
            for i in after
        ]
        return SaleDone(**card(sale).model_dump(), stock=stock, credit=credit)

    def give_back(self, caller: Caller, sale_id: str, body: NewReturn) -> SaleDone:
        """Post a return: stock and, on udhaar, the khata go back by what was paid for the goods."""
        now = self._clock.now()
        shop = self._accounts.shop(caller.shop_id)
        sale = self._sales.get(caller.shop_id, sale_id)
        if sale.returns is not None:
            raise Conflict(f"'{sale_id}' is itself a return", field="sale_id")
        at = check_past(body.at, now, "at")
        if at < sale.sold_at:
            # Devices' clocks differ by some minutes, by which a bill may be ahead of its return.
            if body.at is not None:
                raise InvalidInput(
                    f"'at' lies before the bill, which is of {sale.sold_at.isoformat()}", field="at"
                )
            at = sale.sold_at
        lines = _returned_lines(sale, self._sales.returns_of(caller.shop_id, sale_id), body)
        back = Sale(
            sale_id=new_id(now),
            sold_at=at,
            sold_on=local_day(at, shop.zone),
            lines=lines,
            total_paise=sum(line.amount_paise for line in lines),
            payment=sale.payment,
            customer_id=sale.customer_id,
            actor=caller.user_id,
            returns=sale_id,
        )
        self._sales.add(caller.shop_id, back)
        self._restock(shop.shop_id, back, body.reason)
        credit = self._take_off_khata(shop.shop_id, back, body.reason) if sale.payment == "udhaar" else None
        return self._done(shop.shop_id, back, credit)

    def _restock(self, shop_id: str, back: Sale, reason: str) -> None:
        """Put what came back into stock."""
        movements = tuple(
            Movement(
                f"{back.sale_id}-{place:04d}",
                line.item_id,
                "customer_return",
                -line.quantity_milli,
                back.sold_at,
                back.actor,
                reason,
                f"sale/{back.sale_id}",
            )
            for place, line in enumerate(back.lines)
        )
        self._stock.move(shop_id, movements, allow_negative=True)

    def _take_off_khata(self, shop_id: str, back: Sale, reason: str) -> CreditNote | None:
        """Count the return as paid."""
        if back.customer_id is None or back.total_paise == 0:
            return None
        entry = LedgerEntry(
            entry_id=back.sale_id,
            shop_id=shop_id,
            customer_id=back.customer_id,
            kind="payment",
            amount_paise=-back.total_paise,
            at=back.sold_at,
            actor=back.actor,
            note=f"return of bill {back.returns}: {reason}"[:500],
        )
        after = self._udhaar.append(entry)
        return CreditNote(
            customer_id=after.customer_id,
            entry_id=entry.entry_id,
            balance_paise=after.balance_paise,
            limit_paise=after.limit_paise,
            over_limit=False,
        )

    def read(self, shop_id: str, sale_id: str) -> SaleCard:
        """Return a bill."""
        return card(self._sales.get(shop_id, sale_id))

    def page(self, shop_id: str, limit: int, after: str | None) -> Page[Sale]:
        """Return a page of bills."""
        return self._sales.list(shop_id, limit, after)

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


def card(sale: Sale) -> SaleCard:
    """Translate a bill."""
    return SaleCard(
        sale_id=sale.sale_id,
        sold_at=sale.sold_at,
        sold_on=sale.sold_on,
        lines=[LineRow.model_validate(line) for line in sale.lines],
        total_paise=sale.total_paise,
        payment=sale.payment,
        customer_id=sale.customer_id,
        returns=sale.returns,
    )


def _priced(line: NewLine, item: Item, place: int) -> SaleLine:
    """Price a line; above the printed maximum is an offence, below zero a mistake."""
    price = item.price_paise if line.unit_price_paise is None else line.unit_price_paise
    if item.mrp_paise is not None and price > item.mrp_paise:
        raise InvalidInput(
            f"{price} paise is above the printed maximum of {item.mrp_paise}",
            field=f"lines.{place}.unit_price_paise",
            hint="sell at or below the MRP",
        )
    amount = times_quantity(price, line.quantity_milli)
    if line.discount_paise > amount:
        raise InvalidInput(
            f"the discount {line.discount_paise} is more than the amount {amount}",
            field=f"lines.{place}.discount_paise",
        )
    return SaleLine(
        line.item_id, line.quantity_milli, price, line.discount_paise, amount - line.discount_paise
    )


def _check_printed(item_id: str, lines: tuple[SaleLine, ...], limits: list[tuple[int, str]]) -> None:
    """Refuse a price above what is printed on one of the lots that the goods come from."""
    if not limits:
        return
    mrp, lot = min(limits)
    for place, line in enumerate(lines):
        if line.item_id == item_id and line.unit_price_paise > mrp:
            raise InvalidInput(
                f"{line.unit_price_paise} paise is above the maximum of {mrp} printed on lot '{lot}'",
                field=f"lines.{place}.unit_price_paise",
                hint="sell at or below the MRP of the lot that expires first",
            )


def _needs(
    body: NewSale, lines: tuple[SaleLine, ...], items: dict[str, Item], floor_percent: int
) -> list[Need]:
    """Tell for what of a bill staff need an owner's word; an item's own price is the owner's."""
    needs: list[Need] = []
    for place, (asked, line) in enumerate(zip(body.lines, lines, strict=True)):
        if asked.unit_price_paise is None and not asked.discount_paise:
            continue
        # The highest price of a unit that makes this amount: rounding to a whole paisa is no discount.
        unit_paise = (2 * line.amount_paise + 1) * 1000 // (2 * line.quantity_milli)
        cost = items[line.item_id].cost_paise
        needs += below_floor(line.item_id, unit_paise, cost, floor_percent, f"lines.{place}.unit_price_paise")
    if body.over_limit and body.payment == "udhaar":
        needs.append(Need("limit_override", "the bill may pass the customer's limit", "over_limit"))
    return needs


def _due(asked: date | None, sold_on: date, customer: Customer) -> date:
    """Return the due day: the one agreed, else by the customer's terms."""
    if asked is None:
        return sold_on + timedelta(days=customer.credit_days)
    if not sold_on <= asked <= sold_on + timedelta(days=366):
        raise InvalidInput(f"'{asked}' is not within a year after {sold_on}", field="due_on")
    return asked


def _returned_lines(sale: Sale, before: tuple[Sale, ...], body: NewReturn) -> tuple[SaleLine, ...]:
    """Price what comes back at what was paid for it, never more than was sold and paid."""
    sold: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for line in sale.lines:
        sold[line.item_id] += line.quantity_milli
        paid[line.item_id] += line.amount_paise
    back: Counter[str] = Counter()
    refunded: Counter[str] = Counter()
    for earlier in before:
        for line in earlier.lines:
            back[line.item_id] -= line.quantity_milli
            refunded[line.item_id] -= line.amount_paise
    lines: list[SaleLine] = []
    for place, asked in enumerate(body.lines):
        left = sold[asked.item_id] - back[asked.item_id]
        if asked.quantity_milli > left:
            raise InvalidInput(
                f"{left} milli-units of '{asked.item_id}' are left to return, not {asked.quantity_milli}",
                field=f"lines.{place}.quantity_milli",
            )
        back[asked.item_id] += asked.quantity_milli
        # The share of what was paid up to here, less what was refunded: the last part takes the rounding.
        owed = paid[asked.item_id] * back[asked.item_id] // sold[asked.item_id]
        refund = owed - refunded[asked.item_id]
        refunded[asked.item_id] += refund
        price = next(line.unit_price_paise for line in sale.lines if line.item_id == asked.item_id)
        lines.append(SaleLine(asked.item_id, -asked.quantity_milli, price, 0, -refund))
    return tuple(lines)
