"""Routes of /v1/forecast."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from serving.depends import TheCaller, ThePorts
from serving.fields import Id
from serving.forecast.schemas import ForecastCard, ForecastQuestion, ReorderList
from serving.forecast.service import ForecastService

router = APIRouter(prefix="/forecast", tags=["forecast"])


async def the_service(ports: ThePorts) -> ForecastService:
    """Build the service over the ports."""
    return ForecastService(
        ports.sales,
        ports.inventory,
        ports.forecasts,
        ports.accounts,
        ports.predictor,
        ports.cache,
        ports.clock,
    )


Service = Annotated[ForecastService, Depends(the_service)]
Days = Annotated[int, Query(ge=1, le=28)]


@router.post("")
def forecast(body: ForecastQuestion, caller: TheCaller, service: Service) -> ForecastCard:
    """Forecast the demand of some items, with the order that follows and its arithmetic."""
    return service.forecast(caller.shop_id, body)


@router.get("/items/{item_id}")
def forecast_item(
    item_id: Id, caller: TheCaller, service: Service, horizon_days: Days = 14, explain: bool = False
) -> ForecastCard:
    """Forecast the demand of one item."""
    question = ForecastQuestion(item_ids=[item_id], horizon_days=horizon_days, explain=explain)
    return service.forecast(caller.shop_id, question)


@router.get("/reorder")
def reorder(
    caller: TheCaller,
    service: Service,
    horizon_days: Days = 7,
    supplier_id: Annotated[Id | None, Query()] = None,
) -> ReorderList:
    """List what to order for the whole shop or one supplier, the most urgent first."""
    return service.reorder(caller.shop_id, horizon_days, supplier_id)
