"""Routes of /v1/forecast."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from serving.advice.readers import demand_reader, expiry_reader, order_advisor
from serving.forecast.expiry import ExpiryService
from serving.forecast.jobs import ForecastJobService
from serving.forecast.ordering import OrderService
from serving.forecast.schemas import (
    ExpiryRiskList,
    ForecastCard,
    ForecastJob,
    ForecastQuestion,
    ItemForecastCard,
    JobQuestion,
    ReorderList,
    Snapshot,
    SnapshotRow,
)
from serving.forecast.service import ForecastService
from serving.forecast.snapshots import SnapshotService
from serving.http.depends import TheCaller, ThePage, ThePorts, TheWrite, Writer
from serving.http.fields import LARGEST_PAISE, Id, PageOf
from serving.http.known_callers import KnownCallerRoute

router = APIRouter(prefix="/forecast", tags=["forecast"], route_class=KnownCallerRoute)


async def the_service(ports: ThePorts) -> ForecastService:
    """Build the service over the ports."""
    return ForecastService(
        demand=demand_reader(ports),
        advisor=order_advisor(ports),
        items=ports.items,
        lots=ports.lots,
        accounts=ports.accounts,
        cache=ports.cache,
        clock=ports.clock,
    )


Service = Annotated[ForecastService, Depends(the_service)]
Days = Annotated[int, Query(ge=1, le=28)]


@router.post("", response_model=ForecastCard)
def forecast(body: ForecastQuestion, caller: TheCaller, service: Service) -> Response:
    """Forecast the demand of some items, with the order to place now and its arithmetic."""
    return Response(service.forecast(caller.shop_id, body), media_type="application/json")


@router.get("/items/{item_id}", response_model=ForecastCard)
def forecast_item(
    item_id: Id, caller: TheCaller, service: Service, horizon_days: Days = 14, explain: bool = False
) -> Response:
    """Forecast the demand of one item."""
    question = ForecastQuestion(item_ids=[item_id], horizon_days=horizon_days, explain=explain)
    return Response(service.forecast(caller.shop_id, question), media_type="application/json")


async def the_ordering(ports: ThePorts) -> OrderService:
    """Build the service of orders over the ports."""
    return OrderService(
        advisor=order_advisor(ports),
        items=ports.items,
        accounts=ports.accounts,
        predictor=ports.predictor,
        clock=ports.clock,
    )


@router.get("/reorder")
def reorder(
    caller: TheCaller,
    ordering: Annotated[OrderService, Depends(the_ordering)],
    horizon_days: Annotated[
        int | None,
        Query(
            ge=1,
            le=28,
            description="How many days the order is to last. Left out: until the visit after next of each "
            "supplier; where he has no visit days, his lead time and seven days more, 28 at most. Goods that keep for "
            "fewer days (`shelf_life_days`) are ordered for those.",
        ),
    ] = None,
    supplier_id: Annotated[Id | None, Query()] = None,
    fill_minimum: Annotated[
        bool, Query(description="Whether to add packs where a supplier's minimum is not reached.")
    ] = True,
    budget_paise: Annotated[
        int | None,
        Query(
            ge=0,
            le=LARGEST_PAISE,
            description="The cash in hand: of what is needed, the packs with the most expected profit are listed, and "
            "what is left out with what it costs.",
        ),
    ] = None,
) -> ReorderList:
    """List what to order for the whole shop or one supplier, the most urgent first, with each supplier's order."""
    return ordering.reorder(
        caller.shop_id, horizon_days, supplier_id, budget_paise, fill_minimum=fill_minimum
    )


async def the_expiry(ports: ThePorts) -> ExpiryService:
    """Build the service of expiring lots over the ports."""
    return ExpiryService(expiry_reader(ports), ports.accounts)


@router.get("/expiry-risk")
def list_expiry_risk(
    caller: TheCaller, expiry: Annotated[ExpiryService, Depends(the_expiry)], days: Days = 14
) -> ExpiryRiskList:
    """List the lots that expire within some days and will probably not all be sold, the most money first."""
    return expiry.at_risk(caller.shop_id, days)


async def the_snapshots(ports: ThePorts) -> SnapshotService:
    """Build the service of what was kept over the ports."""
    return SnapshotService(ports.forecasts, ports.items)


Snapshots = Annotated[SnapshotService, Depends(the_snapshots)]


@router.get("/items/{item_id}/snapshots")
def list_snapshots(
    item_id: Id, caller: TheCaller, snapshots: Snapshots, page: ThePage
) -> PageOf[SnapshotRow]:
    """List the forecasts of an item that were kept, the newest first."""
    found = snapshots.page(caller.shop_id, item_id, page.limit, page.after)
    return page.answer(found, (SnapshotRow.model_validate(each) for each in found.rows))


@router.get("/items/{item_id}/snapshot")
def read_snapshot_of_day(
    item_id: Id,
    caller: TheCaller,
    snapshots: Snapshots,
    as_of: Annotated[date, Query(description="The forecast's first day.")],
    horizon_days: Days = 14,
) -> Snapshot:
    """Return the first forecast that starts on a day; the same bytes whenever it is asked for."""
    return snapshots.first(caller.shop_id, item_id, as_of, horizon_days)


@router.get("/snapshots/{forecast_id}")
def read_snapshot(forecast_id: Id, caller: TheCaller, snapshots: Snapshots) -> Snapshot:
    """Return a forecast that was kept; it never changes."""
    return snapshots.get(caller.shop_id, forecast_id)


async def the_jobs(ports: ThePorts, forecasting: Service) -> ForecastJobService:
    """Build the service of jobs over the ports."""
    return ForecastJobService(
        jobs=ports.jobs,
        forecasting=forecasting,
        forecasts=ports.forecasts,
        items=ports.items,
        clock=ports.clock,
    )


Jobs = Annotated[ForecastJobService, Depends(the_jobs)]
_LOOK_AGAIN = 1
_MODEL_AWAY = 30


@router.post("/jobs", status_code=202)
def start_job(
    body: JobQuestion, caller: Writer, write: TheWrite, jobs: Jobs, request: Request, response: Response
) -> ForecastJob:
    """Ask for the forecast of everything the shop sells; look at `Location` until it is done."""
    job = write.once(ForecastJob, body, lambda: jobs.start(caller.shop_id, caller.user_id, body))
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/v1/forecast/jobs/{job.job_id}"
    response.headers["Retry-After"] = str(_LOOK_AGAIN)
    return job


@router.get("/jobs/{job_id}")
def look_at_job(job_id: Id, caller: TheCaller, jobs: Jobs, response: Response) -> ForecastJob:
    """Return how far a job is; each look does the next hundred items."""
    job = jobs.advance(caller.shop_id, job_id)
    if job.status == "running":
        response.headers["Retry-After"] = str(_MODEL_AWAY if job.waiting_for_model else _LOOK_AGAIN)
    return job


@router.post("/jobs/{job_id}/cancel", status_code=201)
def cancel_job(job_id: Id, caller: Writer, write: TheWrite, jobs: Jobs) -> ForecastJob:
    """Stop a job; what it made is kept."""
    return write.once(ForecastJob, None, lambda: jobs.cancel(caller.shop_id, job_id))


@router.get("/jobs/{job_id}/results")
def list_job_results(job_id: Id, caller: TheCaller, jobs: Jobs, page: ThePage) -> PageOf[ItemForecastCard]:
    """List what a job made so far, in order of item id."""
    job = jobs.read(caller.shop_id, job_id)
    found = jobs.results(caller.shop_id, job, page.limit, page.after)
    return page.answer(found, found.rows)
