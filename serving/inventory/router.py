"""Routes of /v1/inventory."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from serving.errors import InvalidInput
from serving.http.approving import TheApproving
from serving.http.client_facts import fact_of
from serving.http.depends import Owner, TheCaller, TheFacts, ThePage, ThePorts, TheWrite, Writer
from serving.http.fields import Category, Id, Name, PageOf
from serving.http.known_callers import KnownCallerRoute
from serving.inventory.adjusting import AdjustingService
from serving.inventory.ageing import AgeingService
from serving.inventory.history import HistoryService
from serving.inventory.schemas import (
    BatchList,
    BatchRow,
    FoundItems,
    ItemCard,
    ItemChange,
    ItemHistory,
    LowStockList,
    NewBatch,
    NewItem,
    NewItemDone,
)
from serving.inventory.selling import SellingService
from serving.inventory.service import InventoryService
from serving.inventory.stock_schemas import (
    Adjustments,
    AdjustmentsDone,
    Count,
    CountResult,
    CountSheetRow,
    MovementList,
    MovementRow,
    NewMovements,
    StockAgeRow,
    StockLevel,
)
from serving.inventory.supplier_schemas import NewSupplier, SupplierCard, SupplierList
from serving.ports.cache import Topic

router = APIRouter(prefix="/inventory", tags=["inventory"], route_class=KnownCallerRoute)
_CHANGES: tuple[Topic, ...] = ("api", "inventory", "forecast", "recommendations")


async def the_service(ports: ThePorts, facts: TheFacts) -> InventoryService:
    """Build the service over the ports."""
    return InventoryService(
        items=ports.items,
        stock=ports.stock,
        lots=ports.lots,
        suppliers=ports.suppliers,
        prices=ports.prices,
        accounts=ports.accounts,
        facts=facts,
        clock=ports.clock,
    )


Service = Annotated[InventoryService, Depends(the_service)]


@router.post("/items", status_code=201)
def add_item(body: NewItem, caller: Writer, write: TheWrite, service: Service) -> NewItemDone:
    """Add an item; items of nearly the same name are pointed out."""
    fact = fact_of("item", body.item_id, body, "item_id")
    return write.once(
        NewItemDone, body, lambda: service.add(caller.shop_id, caller.user_id, body), _CHANGES, fact
    )


async def the_selling(ports: ThePorts) -> SellingService:
    """Build the service of what sells over the ports."""
    return SellingService(items=ports.items, sales=ports.sales, accounts=ports.accounts, clock=ports.clock)


@router.get("/items")
def list_items(
    caller: TheCaller,
    service: Service,
    selling: Annotated[SellingService, Depends(the_selling)],
    page: ThePage,
    category: Annotated[Category | None, Query()] = None,
    order: Annotated[Literal["id", "sold"], Query(description="`sold`: the fast sellers first.")] = "id",
) -> PageOf[ItemCard]:
    """List the items in order of id, or by what was sold of them in the last 28 days."""
    if order == "sold":
        ranked = selling.fastest(caller.shop_id, page.limit, page.after, category)
        return page.answer(ranked, ranked.rows)
    found = service.page(caller.shop_id, page.limit, page.after, category)
    return page.answer(found, selling.cards(caller.shop_id, found.rows))


@router.get("/search")
def search_items(
    caller: TheCaller,
    service: Service,
    q: Annotated[Name, Query(description="A barcode, an id, or part of a name or alias in any script.")],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> FoundItems:
    """Find items by any of their names, the best fit first."""
    return service.search(caller.shop_id, q, limit)


@router.get("/count-sheet")
def read_count_sheet(
    caller: TheCaller, service: Service, page: ThePage, category: Annotated[Category | None, Query()] = None
) -> PageOf[CountSheetRow]:
    """List what is to be counted without what is expected, for a blind count; the count tells the variance."""
    found = service.page(caller.shop_id, page.limit, page.after, category)
    return page.answer(found, (CountSheetRow.model_validate(item) for item in found.rows))


async def the_ageing(ports: ThePorts) -> AgeingService:
    """Build the service of ageing stock over the ports."""
    return AgeingService(
        items=ports.items, stock=ports.stock, sales=ports.sales, accounts=ports.accounts, clock=ports.clock
    )


@router.get("/ageing")
def list_ageing(
    caller: TheCaller,
    ageing: Annotated[AgeingService, Depends(the_ageing)],
    page: ThePage,
    window_days: Annotated[int, Query(ge=1, le=180)] = 21,
    slow_days: Annotated[int, Query(ge=1, le=365)] = 60,
) -> PageOf[StockAgeRow]:
    """List the items in stock in order of id: how old the stock is, whether it moves, what it is worth."""
    found = ageing.page(caller.shop_id, page.limit, page.after, window_days, slow_days)
    return page.answer(found, found.rows)


@router.get("/items/{item_id}")
def read_item(item_id: Id, caller: TheCaller, service: Service, response: Response) -> ItemCard:
    """Return an item; its ETag begins with its version."""
    item = service.item(caller.shop_id, item_id)
    response.headers["ETag"] = f'"{item.version}"'
    return item


@router.patch("/items/{item_id}")
def change_item(
    item_id: Id,
    body: ItemChange,
    caller: Owner,
    write: TheWrite,
    service: Service,
    if_match: Annotated[str | None, Header(pattern=r'^(W/)?"?[0-9]{1,9}(-[0-9a-f]{1,64})?"?$')] = None,
) -> ItemCard:
    """Change an item; with If-Match, only if it was not changed meanwhile."""
    version = None if if_match is None else int(if_match.removeprefix("W/").strip('"').partition("-")[0])
    if not body.model_fields_set:
        raise InvalidInput("no field to change was sent", field="body")
    return write.once(
        ItemCard,
        body,
        lambda: service.change(caller.shop_id, caller.user_id, item_id, body, version),
        _CHANGES,
    )


async def the_history(ports: ThePorts) -> HistoryService:
    """Build the service of histories over the ports."""
    return HistoryService(
        items=ports.items,
        stock=ports.stock,
        sales=ports.sales,
        prices=ports.prices,
        forecasts=ports.forecasts,
        accounts=ports.accounts,
        clock=ports.clock,
    )


@router.get("/items/{item_id}/history")
def read_history(
    item_id: Id,
    caller: TheCaller,
    history: Annotated[HistoryService, Depends(the_history)],
    days: Annotated[int, Query(ge=1, le=366, description="So many days until `end`.")] = 28,
    start: Annotated[date | None, Query(description="First day, on the shop's calendar.")] = None,
    end: Annotated[date | None, Query(description="Last day; today where it is left out.")] = None,
) -> ItemHistory:
    """Return an item by day: sold, returned, share of the day sold out, price, and what was forecast for it."""
    return history.read(caller.shop_id, item_id, days, start, end)


@router.get("/items/{item_id}/stock")
def read_stock(item_id: Id, caller: TheCaller, service: Service) -> StockLevel:
    """Return the stock of an item."""
    return service.stock(caller.shop_id, item_id)


@router.post("/movements", status_code=201)
def move_stock(
    body: NewMovements, caller: Writer, write: TheWrite, service: Service, approving: TheApproving
) -> MovementList:
    """Enter deliveries, wastage and the like: all of them or none."""
    fact = fact_of("movement", None, body, "movements")
    with approving.of(body):
        return write.once(
            MovementList,
            body,
            lambda: service.move(caller.shop_id, caller.user_id, body, approving),
            _CHANGES,
            fact,
        )


async def the_adjusting(ports: ThePorts, facts: TheFacts) -> AdjustingService:
    """Build the service of adjustments over the ports."""
    return AdjustingService(
        items=ports.items, stock=ports.stock, accounts=ports.accounts, facts=facts, clock=ports.clock
    )


@router.post("/adjustments", status_code=201)
def adjust_stock(
    body: Adjustments,
    caller: Writer,
    write: TheWrite,
    adjusting: Annotated[AdjustingService, Depends(the_adjusting)],
    approving: TheApproving,
) -> AdjustmentsDone:
    """Enter what a device gathered, by its times; each on its own, with a result, or `atomic`: all or none."""
    fact = fact_of("movement", None, body, "adjustments")
    with approving.of(body):
        return write.once(
            AdjustmentsDone,
            body,
            lambda: adjusting.apply(caller.shop_id, caller.user_id, body, approving),
            _CHANGES,
            fact,
        )


@router.get("/items/{item_id}/movements")
def list_movements(item_id: Id, caller: TheCaller, service: Service, page: ThePage) -> PageOf[MovementRow]:
    """List an item's movements, the newest first."""
    found = service.movements(caller.shop_id, item_id, page.limit, page.after)
    return page.answer(found, service.movement_rows(caller.shop_id, found.rows))


@router.post("/items/{item_id}/counts", status_code=201)
def count_stock(
    item_id: Id, body: Count, caller: Writer, write: TheWrite, service: Service, approving: TheApproving
) -> CountResult:
    """Enter a physical count; staff need an owner's approval to write off more than the shop's limit."""
    fact = fact_of("movement", body.count_id, body, "count_id", about=item_id)
    with approving.of(body):
        return write.once(
            CountResult,
            body,
            lambda: service.count(caller.shop_id, caller.user_id, item_id, body, approving),
            _CHANGES,
            fact,
        )


@router.post("/items/{item_id}/batches", status_code=201)
def receive_batch(item_id: Id, body: NewBatch, caller: Writer, write: TheWrite, service: Service) -> BatchRow:
    """Take a delivery lot with its own expiry and printed price into stock."""
    return write.once(
        BatchRow, body, lambda: service.receive(caller.shop_id, caller.user_id, item_id, body), _CHANGES
    )


@router.get("/items/{item_id}/batches")
def list_batches(item_id: Id, caller: TheCaller, service: Service) -> BatchList:
    """List an item's lots, the earliest expiry first."""
    return service.batches(caller.shop_id, item_id)


@router.get("/low-stock")
def list_low_stock(caller: TheCaller, service: Service) -> LowStockList:
    """List the items at or below their reorder point."""
    return service.low(caller.shop_id)


@router.get("/expiring")
def list_expiring(
    caller: TheCaller, service: Service, days: Annotated[int, Query(ge=0, le=365)] = 14
) -> BatchList:
    """List the lots that expire within some days, the earliest first."""
    return service.expiring(caller.shop_id, days)


@router.put("/suppliers/{supplier_id}")
def save_supplier(
    supplier_id: Id, body: NewSupplier, caller: Writer, write: TheWrite, service: Service
) -> SupplierCard:
    """Add or replace a supplier."""
    return write.once(SupplierCard, body, lambda: service.save_supplier(caller.shop_id, supplier_id, body))


@router.get("/suppliers")
def list_suppliers(caller: TheCaller, service: Service) -> SupplierList:
    """List the suppliers and their next visit days."""
    return service.suppliers(caller.shop_id)
