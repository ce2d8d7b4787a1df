"""The rules of purchase orders: nothing is in stock before it is received."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from samaan_ml.domain.purchase_orders import (
    OPEN_STATES,
    OrderLine,
    OrderState,
    PurchaseOrder,
    ReceivedLine,
    cancelled,
    changed,
    differences,
    extended,
    placed,
    received,
    share_text,
)
from samaan_ml.domain.visits import next_order
from serving.errors import InvalidInput, NotFound
from serving.http.client_facts import ITEM_ARCHIVED, ORDER_CLOSED, ClientFacts, Happened, happened
from serving.orders.schemas import (
    Cancellation,
    DifferenceRow,
    DraftLines,
    NewOrder,
    NewOrderLine,
    OrderCard,
    OrderChange,
    OrderLineRow,
    Placing,
    Receipt,
    ReceiptDone,
)
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, new_id
from serving.ports.items import Item, ItemStore
from serving.ports.orders import OrderStore
from serving.ports.page import Page
from serving.ports.suppliers import Supplier, SupplierStore
from serving.receiving import Goods, Receiver


class OrderBookService:
    """Keeps orders."""

    def __init__(
        self,
        orders: OrderStore,
        items: ItemStore,
        suppliers: SupplierStore,
        accounts: AccountStore,
        receiver: Receiver,
        facts: ClientFacts,
        clock: Clock,
    ) -> None:
        self._orders = orders
        self._items = items
        self._suppliers = suppliers
        self._accounts = accounts
        self._receiver = receiver
        self._facts = facts
        self._clock = clock

    def add(self, shop_id: str, actor: str, body: NewOrder) -> OrderCard:
        """Make a draft."""
        now = self._clock.now()
        self._supplier(shop_id, body.supplier_id)
        order = PurchaseOrder(
            body.order_id or new_id(now),
            "draft",
            body.supplier_id,
            self._lines(shop_id, body.lines),
            now,
            actor,
            body.expected_on,
            body.note,
        )
        self._orders.add(shop_id, order)
        return self.card(shop_id, order)

    def draft(self, shop_id: str, actor: str, body: DraftLines) -> OrderCard:
        """Put lines into the supplier's draft, which is made where there is none."""
        known = self._orders.draft(shop_id, body.supplier_id)
        if known is None:
            return self.add(shop_id, actor, NewOrder(supplier_id=body.supplier_id, lines=body.lines))
        return self.extend(shop_id, known.order_id, body.lines)

    def extend(self, shop_id: str, order_id: str, lines: Sequence[NewOrderLine]) -> OrderCard:
        """Add lines to a draft."""
        order = self._orders.get(shop_id, order_id)
        return self._keep(shop_id, order, extended(order, self._lines(shop_id, lines)))

    def change(self, shop_id: str, order_id: str, body: OrderChange) -> OrderCard:
        """Change a draft."""
        order = self._orders.get(shop_id, order_id)
        lines = None if body.lines is None else self._lines(shop_id, body.lines)
        return self._keep(shop_id, order, changed(order, lines, body.expected_on, body.note))

    def place(self, shop_id: str, order_id: str, body: Placing) -> OrderCard:
        """Send a draft to the supplier: from now on its goods are on their way."""
        now = self._clock.now()
        order = self._orders.get(shop_id, order_id)
        expected_on = body.expected_on or order.expected_on or self._next_visit(shop_id, order, now)
        return self._keep(shop_id, order, placed(order, now, expected_on))

    def cancel(self, shop_id: str, order_id: str, body: Cancellation) -> OrderCard:
        """Close an order of which nothing more is to come."""
        order = self._orders.get(shop_id, order_id)
        return self._keep(shop_id, order, cancelled(order, self._clock.now(), body.reason))

    def receive(self, shop_id: str, actor: str, order_id: str, body: Receipt) -> ReceiptDone:
        """Take goods of an order into stock at what they cost."""
        now = self._clock.now()
        shop = self._accounts.shop(shop_id)
        order = self._orders.get(shop_id, order_id)
        expected = {line.item_id: line.unit_cost_paise for line in order.lines}
        when = happened(body.at, now, body, "at")
        at = min(when.at, now)
        receipt_id = body.receipt_id or new_id(now)
        came = [
            ReceivedLine(
                each.item_id,
                each.quantity_milli,
                expected.get(each.item_id) if each.unit_cost_paise is None else each.unit_cost_paise,
            )
            for each in body.lines
        ]
        after = received(order, came, now, complete=body.complete, late=body.offline)
        goods = [
            Goods(
                each.item_id,
                each.quantity_milli,
                each.free_milli,
                line.unit_cost_paise,
                each.batch_id,
                each.expires_on,
                each.mrp_paise,
                field=f"lines.{place}.",
            )
            for place, (each, line) in enumerate(zip(body.lines, came, strict=True))
        ]
        ids = [f"{receipt_id}-{place:04d}" for place in range(len(goods))]
        rows = self._receiver.receive(shop, actor, goods, f"order/{order_id}", at, now, ids)
        card = self._keep(shop_id, order, after)
        flags = self._flags(shop_id, receipt_id, order, body, when) if body.offline else []
        return ReceiptDone(
            order=card,
            movement_ids=[row.movement_id for row in rows],
            differences=[DifferenceRow.model_validate(each) for each in differences(order, came)],
            flags=flags,
        )

    def _flags(
        self, shop_id: str, receipt_id: str, order: PurchaseOrder, body: Receipt, when: Happened
    ) -> list[str]:
        """Note what an owner may want to know of goods that came while the phone was offline."""
        flags = set(when.flags)
        if order.state not in OPEN_STATES:
            flags.add(ORDER_CLOSED)
        items = self._items.items(shop_id, tuple(line.item_id for line in body.lines))
        if any(item.archived for item in items):
            flags.add(ITEM_ARCHIVED)
        return self._facts.mark("receipt", receipt_id, flags, order.cost_paise, "delivery")

    def read(self, shop_id: str, order_id: str) -> OrderCard:
        """Return an order."""
        return self.card(shop_id, self._orders.get(shop_id, order_id))

    def page(
        self, shop_id: str, limit: int, after: str | None, state: OrderState | None, supplier_id: str | None
    ) -> Page[PurchaseOrder]:
        """Return a page of orders."""
        return self._orders.list(shop_id, limit, after, state, supplier_id)

    def cards(self, shop_id: str, orders: Sequence[PurchaseOrder]) -> list[OrderCard]:
        """Show some orders."""
        names = {line.item_id for order in orders for line in order.lines}
        items = {item.item_id: item for item in self._items.items(shop_id, tuple(names))}
        suppliers = {each.supplier_id: each.name for each in self._suppliers.suppliers(shop_id)}
        shop = self._accounts.shop(shop_id)
        return [_card(order, items, suppliers, shop) for order in orders]

    def card(self, shop_id: str, order: PurchaseOrder) -> OrderCard:
        """Show an order."""
        return self.cards(shop_id, [order])[0]

    def _keep(self, shop_id: str, before: PurchaseOrder, after: PurchaseOrder) -> OrderCard:
        """Keep a changed order."""
        self._orders.change(shop_id, after, before.version)
        return self.card(shop_id, replace(after, version=before.version + 1))

    def _lines(self, shop_id: str, lines: Sequence[NewOrderLine]) -> tuple[OrderLine, ...]:
        """Check the lines of a body: every item there and once, its own cost where none is given."""
        items = {
            item.item_id: item for item in self._items.items(shop_id, tuple(line.item_id for line in lines))
        }
        found: dict[str, OrderLine] = {}
        for place, line in enumerate(lines):
            if line.item_id not in items:
                raise NotFound(f"no item '{line.item_id}'", field=f"lines.{place}.item_id")
            if line.item_id in found:
                raise InvalidInput(f"item '{line.item_id}' has two lines", field=f"lines.{place}.item_id")
            cost = items[line.item_id].cost_paise if line.unit_cost_paise is None else line.unit_cost_paise
            found[line.item_id] = OrderLine(line.item_id, line.quantity_milli, cost)
        return tuple(found.values())

    def _supplier(self, shop_id: str, supplier_id: str | None) -> Supplier | None:
        """Return a supplier that must be there."""
        if supplier_id is None:
            return None
        for supplier in self._suppliers.suppliers(shop_id):
            if supplier.supplier_id == supplier_id:
                return supplier
        raise NotFound(f"no supplier '{supplier_id}'", field="supplier_id")

    def _next_visit(self, shop_id: str, order: PurchaseOrder, now: datetime) -> date | None:
        """Return the first visit that can still be ordered for."""
        supplier = self._supplier(shop_id, order.supplier_id)
        if supplier is None:
            return None
        shop = self._accounts.shop(shop_id)
        found = next_order(supplier.plan, now, shop.zone, shop.region)
        return found[0].on if found else None


def _card(order: PurchaseOrder, items: dict[str, Item], suppliers: dict[str, str], shop: Shop) -> OrderCard:
    """Translate an order."""
    names = {item_id: (item.name, item.unit) for item_id, item in items.items()}
    return OrderCard(
        order_id=order.order_id,
        state=order.state,
        supplier_id=order.supplier_id,
        supplier_name=suppliers.get(order.supplier_id or ""),
        lines=[_line(line, items.get(line.item_id)) for line in order.lines],
        cost_paise=order.cost_paise,
        received_cost_paise=order.received_cost_paise,
        expected_on=order.expected_on,
        note=order.note,
        reason=order.reason,
        created_at=order.created_at,
        created_by=order.created_by,
        placed_at=order.placed_at,
        closed_at=order.closed_at,
        share_text=share_text(order, shop.name, names),
        version=order.version,
    )


def _line(line: OrderLine, item: Item | None) -> OrderLineRow:
    """Translate a line."""
    pack = item.pack_milli if item else 1000
    return OrderLineRow(
        item_id=line.item_id,
        name=item.name if item else line.item_id,
        unit=item.unit if item else "piece",
        quantity_milli=line.quantity_milli,
        pack_milli=pack,
        packs=-(-line.quantity_milli // pack),
        received_milli=line.received_milli,
        open_milli=line.open_milli,
        unit_cost_paise=line.unit_cost_paise,
        cost_paise=line.cost_paise,
        received_cost_paise=line.received_cost_paise,
    )
