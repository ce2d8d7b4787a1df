"""Routes of /v1/sales."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from samaan_ml.domain.bill_payments import BillPayment
from serving.http.approving import Approving, TheApproving
from serving.http.client_facts import fact_of
from serving.http.depends import TheCaller, TheFacts, ThePage, ThePorts, TheWrite, Writer, ports_of
from serving.http.fields import LARGEST_PAISE, Id, PageOf
from serving.http.known_callers import KnownCallerRoute
from serving.ports.cache import Topic
from serving.ports.sales import SaleState
from serving.sales.batch import SaleBatches
from serving.sales.closing import ClosingService
from serving.sales.closing_schemas import CountedDrawer, CountedDrawers, DayClosing, DrawerCount
from serving.sales.import_router import router as import_router
from serving.sales.returning import ReturnService
from serving.sales.schemas import (
    BillTax,
    Days,
    NewCancellation,
    NewReturn,
    NewSale,
    SaleBatch,
    SaleBatchDone,
    SaleCard,
    SaleDone,
    SalesSummary,
    TaxSummary,
    UpiPayment,
)
from serving.sales.service import SalesService
from serving.sales.taxing import TaxService

router = APIRouter(prefix="/sales", tags=["sales"], route_class=KnownCallerRoute)
_CHANGES: tuple[Topic, ...] = ("api", "inventory", "forecast", "recommendations")
_CLOSES: tuple[Topic, ...] = ("api",)


async def the_service(ports: ThePorts, facts: TheFacts) -> SalesService:
    """Build the service over the ports."""
    return SalesService(
        sales=ports.sales,
        items=ports.items,
        stock=ports.stock,
        lots=ports.lots,
        udhaar=ports.udhaar,
        accounts=ports.accounts,
        prices=ports.prices,
        facts=facts,
        clock=ports.clock,
    )


Service = Annotated[SalesService, Depends(the_service)]


async def the_returns(ports: ThePorts, facts: TheFacts) -> ReturnService:
    """Build the service of returns over the ports."""
    return ReturnService(
        sales=ports.sales,
        items=ports.items,
        stock=ports.stock,
        udhaar=ports.udhaar,
        accounts=ports.accounts,
        facts=facts,
        clock=ports.clock,
    )


Returns = Annotated[ReturnService, Depends(the_returns)]


@router.post("", status_code=201)
def post_sale(
    body: NewSale, caller: Writer, write: TheWrite, service: Service, approving: TheApproving
) -> SaleDone:
    """Post a bill: the stock falls, and on udhaar the customer's balance rises, together or not at all.

    Staff need an owner's approval for a price of their own below the shop's floor, and to pass a limit. A bill of the
    past (`offline`, or sold more than ten minutes ago) is posted whatever the rules say, and flagged.
    """
    fact = fact_of("sale", body.sale_id, body, "sale_id")
    with approving.of(body):
        return write.once(SaleDone, body, lambda: service.post(caller, body, approving), _CHANGES, fact)


@router.post("/batch", status_code=201)
def post_sales(
    body: SaleBatch,
    caller: Writer,
    write: TheWrite,
    service: Service,
    facts: TheFacts,
    request: Request,
) -> SaleBatchDone:
    """Post up to a hundred bills, each on its own with a result, or `atomic`: all or none."""

    def approving() -> Approving:
        return Approving(ports_of(request), caller, "POST", "/v1/sales", None)

    return SaleBatches(service, facts, caller, approving, _CHANGES).post(body, write)


@router.get("")
def list_sales(
    caller: TheCaller,
    service: Service,
    page: ThePage,
    start: Annotated[date | None, Query(description="First day, on the shop's calendar.")] = None,
    end: Annotated[date | None, Query(description="Last day.")] = None,
    lines: Annotated[bool, Query(description="Whether each bill brings its lines.")] = False,
    payment: Annotated[
        BillPayment | None, Query(description="Only bills paid so, at least in part; `split`: paid in parts.")
    ] = None,
    customer_id: Annotated[Id | None, Query(description="Only bills of this customer.")] = None,
    state: Annotated[SaleState | None, Query(description="Only bills that stand so.")] = None,
    on: Annotated[
        date | None, Query(description="Only bills of this day, in place of `start` and `end`.")
    ] = None,
) -> PageOf[SaleCard]:
    """List bills and returns, the newest entered first, without their lines unless they are asked for."""
    if on is not None:
        start = end = on
    found = service.page(caller.shop_id, page.limit, page.after, start, end, payment, customer_id, state)
    return page.answer(found, service.cards(caller.shop_id, found.rows, with_lines=lines))


@router.get("/summary")
def summarise(caller: TheCaller, service: Service, days: Annotated[Days, Query()] = 7) -> SalesSummary:
    """Sum the last days up, today included."""
    return service.summary(caller.shop_id, days)


async def the_closing(ports: ThePorts) -> ClosingService:
    """Build the service of closings over the ports."""
    return ClosingService(
        sales=ports.sales,
        udhaar=ports.udhaar,
        closings=ports.closings,
        accounts=ports.accounts,
        clock=ports.clock,
    )


Closings = Annotated[ClosingService, Depends(the_closing)]


@router.get("/closing")
def close_day(
    caller: TheCaller,
    closing: Closings,
    on: Annotated[date | None, Query(description="The day; today where it is left out.")] = None,
    opening_paise: Annotated[
        int | None,
        Query(
            ge=0,
            le=LARGEST_PAISE,
            description="Cash at the start of the day; where it is left out, as it was counted with, else 0.",
        ),
    ] = None,
    counted_paise: Annotated[
        int | None,
        Query(ge=0, le=LARGEST_PAISE, description="Cash at its end, to be compared but not kept."),
    ] = None,
) -> DayClosing:
    """Sum a day up by payment method: what should be in the drawer, what was counted, and what is missing."""
    return closing.close(caller.shop_id, on, opening_paise, counted_paise)


@router.post("/closings", status_code=201)
def keep_closing(body: DrawerCount, caller: Writer, write: TheWrite, closing: Closings) -> CountedDrawer:
    """Keep what was counted in the drawer; a correction is another count, and both stay."""
    return write.once(CountedDrawer, body, lambda: closing.keep(caller, body), _CLOSES)


@router.get("/closings")
def list_closings(
    caller: TheCaller,
    closing: Closings,
    start: Annotated[date, Query(description="First day.")],
    end: Annotated[date, Query(description="Last day, included.")],
) -> CountedDrawers:
    """List what was counted on some days, by day and time."""
    return CountedDrawers(rows=closing.kept(caller.shop_id, start, end))


async def the_taxes(ports: ThePorts) -> TaxService:
    """Build the service of taxes over the ports."""
    return TaxService(sales=ports.sales, items=ports.items, accounts=ports.accounts)


Taxes = Annotated[TaxService, Depends(the_taxes)]


@router.get("/gst")
def sum_gst_up(
    caller: TheCaller,
    taxes: Taxes,
    start: Annotated[date, Query(description="First day.")],
    end: Annotated[date, Query(description="Last day, included.")],
) -> TaxSummary:
    """Sum the GST of a period up as the return asks for it: consumers by rate, credit notes, tariff headings."""
    return taxes.summary(caller.shop_id, start, end)


router.include_router(import_router)


@router.get("/{sale_id}/tax")
def read_tax(
    sale_id: Id,
    caller: TheCaller,
    taxes: Taxes,
    interstate: Annotated[bool, Query(description="Whether the goods went to another state.")] = False,
) -> BillTax:
    """Return the GST of a bill, taken out of its prices rate by rate; of a return, that of its credit note."""
    return taxes.bill(caller.shop_id, sale_id, interstate=interstate)


@router.get("/{sale_id}")
def read_sale(sale_id: Id, caller: TheCaller, service: Service) -> SaleCard:
    """Return a bill."""
    return service.read(caller.shop_id, sale_id)


@router.get("/{sale_id}/upi")
def read_upi(sale_id: Id, caller: TheCaller, service: Service) -> UpiPayment:
    """Return the link, and content of the QR code, by which the customer pays this bill exactly."""
    return service.upi(caller.shop_id, sale_id)


@router.post("/{sale_id}/returns", status_code=201)
def give_back(
    sale_id: Id, body: NewReturn, caller: Writer, write: TheWrite, service: Returns, approving: TheApproving
) -> SaleDone:
    """Take goods of a bill back.

    Staff need an owner's approval to give money back for an old bill or one that somebody else made out.
    """
    fact = fact_of("sale", body.return_id, body, "return_id", about=sale_id)
    with approving.of(body):
        return write.once(
            SaleDone, body, lambda: service.give_back(caller, sale_id, body, approving), _CHANGES, fact
        )


@router.post("/{sale_id}/cancel", status_code=201)
def cancel_sale(
    sale_id: Id,
    body: NewCancellation,
    caller: Writer,
    write: TheWrite,
    service: Returns,
    approving: TheApproving,
) -> SaleDone:
    """Cancel a bill on its own day, and return what takes it back: stock, lots, khata and money.

    The bill keeps its number and stays on record with the state `cancelled`. On a later day the goods are returned.
    """
    fact = fact_of("sale", body.cancellation_id, body, "cancellation_id", about=f"cancel/{sale_id}")
    with approving.of(body):
        return write.once(
            SaleDone, body, lambda: service.cancel(caller, sale_id, body, approving), _CHANGES, fact
        )
