"""Routes of /v1/orders."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from samaan_ml.domain.purchase_orders import OrderState
from serving.http.client_facts import fact_of
from serving.http.depends import TheCaller, TheFacts, ThePage, ThePorts, TheWrite, Writer
from serving.http.fields import Id, PageOf
from serving.http.known_callers import KnownCallerRoute
from serving.orders.schemas import (
    Cancellation,
    DraftLines,
    MoreLines,
    NewOrder,
    OrderCard,
    OrderChange,
    Placing,
    Receipt,
    ReceiptDone,
)
from serving.orders.service import OrderBookService
from serving.ports.cache import Topic
from serving.receiving import Receiver

router = APIRouter(prefix="/orders", tags=["orders"], route_class=KnownCallerRoute)
_CHANGES: tuple[Topic, ...] = ("api", "forecast", "recommendations")
_STOCK_CHANGES: tuple[Topic, ...] = ("api", "inventory", "forecast", "recommendations")


async def the_service(ports: ThePorts, facts: TheFacts) -> OrderBookService:
    """Build the service over the ports."""
    return OrderBookService(
        orders=ports.orders,
        items=ports.items,
        suppliers=ports.suppliers,
        accounts=ports.accounts,
        receiver=Receiver(items=ports.items, stock=ports.stock, lots=ports.lots),
        facts=facts,
        clock=ports.clock,
    )


Service = Annotated[OrderBookService, Depends(the_service)]


@router.post("", status_code=201)
def add_order(body: NewOrder, caller: Writer, write: TheWrite, service: Service) -> OrderCard:
    """Make a draft order; nothing is on its way before it is placed."""
    fact = fact_of("order", body.order_id, body, "order_id")
    return write.once(
        OrderCard, body, lambda: service.add(caller.shop_id, caller.user_id, body), _CHANGES, fact
    )


@router.get("")
def list_orders(
    caller: TheCaller,
    service: Service,
    page: ThePage,
    state: Annotated[OrderState | None, Query()] = None,
    supplier_id: Annotated[Id | None, Query()] = None,
) -> PageOf[OrderCard]:
    """List the orders, the newest first."""
    found = service.page(caller.shop_id, page.limit, page.after, state, supplier_id)
    return page.answer(found, service.cards(caller.shop_id, found.rows))


@router.post("/draft", status_code=201)
def draft_order(body: DraftLines, caller: Writer, write: TheWrite, service: Service) -> OrderCard:
    """Put lines into the supplier's draft, or make one; an item already there is ordered as the larger of the two."""
    fact = fact_of("order", None, body, "lines", about="draft")
    return write.once(
        OrderCard, body, lambda: service.draft(caller.shop_id, caller.user_id, body), _CHANGES, fact
    )


@router.get("/{order_id}")
def read_order(order_id: Id, caller: TheCaller, service: Service) -> OrderCard:
    """Return an order."""
    return service.read(caller.shop_id, order_id)


@router.patch("/{order_id}")
def change_order(
    order_id: Id, body: OrderChange, caller: Writer, write: TheWrite, service: Service
) -> OrderCard:
    """Change the lines, the expected day or the note of a draft."""
    return write.once(OrderCard, body, lambda: service.change(caller.shop_id, order_id, body), _CHANGES)


@router.post("/{order_id}/lines", status_code=201)
def extend_order(
    order_id: Id, body: MoreLines, caller: Writer, write: TheWrite, service: Service
) -> OrderCard:
    """Add lines to a draft."""
    fact = fact_of("order", None, body, "lines", about=f"{order_id} lines")
    return write.once(
        OrderCard, body, lambda: service.extend(caller.shop_id, order_id, body.lines), _CHANGES, fact
    )


@router.post("/{order_id}/place", status_code=201)
def place_order(order_id: Id, body: Placing, caller: Writer, write: TheWrite, service: Service) -> OrderCard:
    """Note that a draft was sent to the supplier: what it asks for counts as on order."""
    fact = fact_of("order", None, body, "order_id", about=f"{order_id} place")
    return write.once(OrderCard, body, lambda: service.place(caller.shop_id, order_id, body), _CHANGES, fact)


@router.post("/{order_id}/receipts", status_code=201)
def receive_order(
    order_id: Id, body: Receipt, caller: Writer, write: TheWrite, service: Service
) -> ReceiptDone:
    """Take goods of an order into stock, with their lots and costs, and list where they differ from the order."""
    fact = fact_of("receipt", body.receipt_id, body, "receipt_id", about=order_id)
    return write.once(
        ReceiptDone,
        body,
        lambda: service.receive(caller.shop_id, caller.user_id, order_id, body),
        _STOCK_CHANGES,
        fact,
    )


@router.post("/{order_id}/cancel", status_code=201)
def cancel_order(
    order_id: Id, body: Cancellation, caller: Writer, write: TheWrite, service: Service
) -> OrderCard:
    """Close an order of which nothing more is to come; what came stays in stock."""
    fact = fact_of("order", None, body, "order_id", about=f"{order_id} cancel")
    return write.once(OrderCard, body, lambda: service.cancel(caller.shop_id, order_id, body), _CHANGES, fact)
