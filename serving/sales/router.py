"""Routes of /v1/sales."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from serving.depends import TheCaller, ThePage, ThePorts, TheWrite, Writer
from serving.fields import Id, PageOf
from serving.ports.cache import Topic
from serving.sales.schemas import Days, NewReturn, NewSale, SaleCard, SaleDone, SalesSummary
from serving.sales.service import SalesService, card

router = APIRouter(prefix="/sales", tags=["sales"])
_CHANGES: tuple[Topic, ...] = ("api", "inventory", "forecast", "recommendations")


async def the_service(ports: ThePorts) -> SalesService:
    """Build the service over the ports."""
    return SalesService(ports.sales, ports.inventory, ports.udhaar, ports.accounts, ports.clock)


Service = Annotated[SalesService, Depends(the_service)]


@router.post("", status_code=201)
def post_sale(body: NewSale, caller: Writer, write: TheWrite, service: Service) -> SaleDone:
    """Post a bill: the stock falls, and on udhaar the customer's balance rises, together or not at all."""
    return write.once(SaleDone, body, lambda: service.post(caller, body), _CHANGES)


@router.get("")
def list_sales(caller: TheCaller, service: Service, page: ThePage) -> PageOf[SaleCard]:
    """List bills and returns, the newest entered first."""
    found = service.page(caller.shop_id, page.limit, page.after)
    return page.answer(found, (card(sale) for sale in found.rows))


@router.get("/summary")
def summarise(caller: TheCaller, service: Service, days: Annotated[Days, Query()] = 7) -> SalesSummary:
    """Sum the last days up, today included."""
    return service.summary(caller.shop_id, days)


@router.get("/{sale_id}")
def read_sale(sale_id: Id, caller: TheCaller, service: Service) -> SaleCard:
    """Return a bill."""
    return service.read(caller.shop_id, sale_id)


@router.post("/{sale_id}/returns", status_code=201)
def give_back(sale_id: Id, body: NewReturn, caller: Writer, write: TheWrite, service: Service) -> SaleDone:
    """Take goods of a bill back."""
    return write.once(SaleDone, body, lambda: service.give_back(caller, sale_id, body), _CHANGES)
