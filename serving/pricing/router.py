"""Routes of /v1/pricing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from serving.errors import PredictorUnavailable
from serving.http.approving import TheApproving
from serving.http.depends import Owner, TheCaller, ThePage, ThePorts, TheWrite, Writer
from serving.http.fields import Id, PageOf
from serving.http.known_callers import KnownCallerRoute
from serving.ports.cache import Topic
from serving.pricing.planning import PlanningService
from serving.pricing.schemas import (
    AdviceCard,
    AdviceList,
    NewPlannedPrice,
    NewPrice,
    PlannedPriceRow,
    PriceChangeRow,
    PriceFrom,
    PriceQuestion,
    Rollback,
)
from serving.pricing.service import PricingService

router = APIRouter(prefix="/pricing", tags=["pricing"], route_class=KnownCallerRoute)
_CHANGES: tuple[Topic, ...] = ("api", "inventory", "forecast", "recommendations")


async def the_service(ports: ThePorts) -> PricingService:
    """Build the service over the ports."""
    return PricingService(
        prices=ports.prices,
        items=ports.items,
        lots=ports.lots,
        sales=ports.sales,
        accounts=ports.accounts,
        predictor=ports.predictor,
        clock=ports.clock,
    )


Service = Annotated[PricingService, Depends(the_service)]


@router.post("/recommend", status_code=201)
def recommend(body: PriceQuestion, caller: Writer, write: TheWrite, service: Service) -> AdviceList:
    """Ask for price advice; nothing changes until it is accepted."""
    try:
        return write.once_prepared(
            AdviceList,
            body,
            lambda: service.ask(caller.shop_id, body),
            lambda answer: service.keep(caller.shop_id, body, answer),
        )
    except PredictorUnavailable as fault:
        # Not stored under the key: the same question may be answered in a minute.
        return AdviceList(model_version=None, degraded=True, reason=fault.detail, rows=[])


@router.get("/advice/{advice_id}")
def read_advice(advice_id: Id, caller: TheCaller, service: Service) -> AdviceCard:
    """Return a piece of advice."""
    return service.advice(caller.shop_id, advice_id)


@router.post("/advice/{advice_id}/accept", status_code=201)
def accept(advice_id: Id, caller: Owner, write: TheWrite, service: Service) -> PriceChangeRow:
    """Take advice: the price changes now."""
    return write.once(PriceChangeRow, None, lambda: service.accept(caller, advice_id), _CHANGES)


@router.post("/items/{item_id}/price", status_code=201)
def set_price(
    item_id: Id,
    body: NewPrice,
    caller: Writer,
    write: TheWrite,
    service: Service,
    approving: TheApproving,
) -> PriceChangeRow:
    """Change a price by hand, within the printed maximum; below the shop's floor staff need an owner's approval."""
    with approving.of(body):
        return write.once(
            PriceChangeRow, body, lambda: service.set_price(caller, item_id, body, approving), _CHANGES
        )


@router.post("/changes/{change_id}/rollback", status_code=201)
def roll_back(
    change_id: Id, body: Rollback, caller: Owner, write: TheWrite, service: Service
) -> PriceChangeRow:
    """Take a change of price back; both stay in the audit."""
    return write.once(
        PriceChangeRow, body, lambda: service.roll_back(caller, change_id, body.reason), _CHANGES
    )


async def the_planning(ports: ThePorts, service: Service) -> PlanningService:
    """Build the service of planned prices over the ports."""
    return PlanningService(
        pricing=service,
        prices=ports.prices,
        items=ports.items,
        transactions=ports.transactions,
        clock=ports.clock,
    )


Planning = Annotated[PlanningService, Depends(the_planning)]


@router.post("/items/{item_id}/planned-prices", status_code=201)
def plan_price(
    item_id: Id,
    body: NewPlannedPrice,
    caller: Writer,
    write: TheWrite,
    planning: Planning,
    approving: TheApproving,
) -> PlannedPriceRow:
    """Plan a price from a day ahead on; forecasts and orders know it, and on that day it becomes the price."""
    with approving.of(body):
        return write.once(
            PlannedPriceRow, body, lambda: planning.plan(caller, item_id, body, approving), _CHANGES
        )


@router.post("/advice/{advice_id}/plan", status_code=201)
def plan_advice(
    advice_id: Id, body: PriceFrom, caller: Owner, write: TheWrite, planning: Planning
) -> PlannedPriceRow:
    """Take advice from a day ahead on."""
    return write.once(
        PlannedPriceRow, body, lambda: planning.plan_advice(caller, advice_id, body.from_on), _CHANGES
    )


@router.post("/planned-prices/{plan_id}/withdrawal", status_code=201)
def withdraw_plan(
    plan_id: Id, body: Rollback, caller: Writer, write: TheWrite, planning: Planning
) -> PlannedPriceRow:
    """Take back a planned price that still is to come."""
    return write.once(
        PlannedPriceRow, body, lambda: planning.withdraw(caller, plan_id, body.reason), _CHANGES
    )


@router.get("/planned-prices")
def list_planned_prices(
    caller: TheCaller, planning: Planning, page: ThePage, item_id: Annotated[Id | None, Query()] = None
) -> PageOf[PlannedPriceRow]:
    """List planned prices and what became of them, the newest first."""
    found = planning.plans(caller.shop_id, item_id, page.limit, page.after)
    return page.answer(found, (PlannedPriceRow.model_validate(each) for each in found.rows))


@router.get("/changes")
def list_changes(
    caller: TheCaller, service: Service, page: ThePage, item_id: Annotated[Id | None, Query()] = None
) -> PageOf[PriceChangeRow]:
    """List changes of prices, the newest first."""
    found = service.changes(caller.shop_id, item_id, page.limit, page.after)
    return page.answer(found, (PriceChangeRow.model_validate(each) for each in found.rows))
