"""Routes of /v1/changes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from serving.changes.rows import FeedStores
from serving.changes.schemas import ChangePage
from serving.changes.service import ChangeService
from serving.changes.stream import LONGEST_SECONDS, events
from serving.http.depends import TheCaller, ThePorts
from serving.http.known_callers import KnownCallerRoute

router = APIRouter(prefix="/changes", tags=["changes"], route_class=KnownCallerRoute)
_LARGEST = 2**62


async def the_service(ports: ThePorts) -> ChangeService:
    """Build the service over the ports."""
    stores = FeedStores(
        items=ports.items,
        lots=ports.lots,
        sales=ports.sales,
        udhaar=ports.udhaar,
        prices=ports.prices,
        forecasts=ports.forecasts,
        recommendations=ports.recommendations,
        alerts=ports.alerts,
        accounts=ports.accounts,
        facts=ports.facts,
        orders=ports.orders,
    )
    return ChangeService(
        feed=ports.changes,
        outboxes=ports.change_outboxes,
        stores=stores,
        transactions=ports.transactions,
        clock=ports.clock,
    )


Service = Annotated[ChangeService, Depends(the_service)]


_EVENT = 'id: 17\nevent: change\ndata: {"seq": 17, "kind": "item", "id": "sugar", "deleted": true, "row": null}\n\n'


@router.get(
    "",
    response_model=ChangePage,
    responses={
        200: {
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EVENT}},
            "description": "The changes after a place.",
        }
    },
)
async def list_changes(
    request: Request,
    caller: TheCaller,
    service: Service,
    after: Annotated[int, Query(ge=0, le=_LARGEST, description="`next` of the page before; 0 at first.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
    last_event_id: Annotated[
        int | None, Header(alias="Last-Event-ID", ge=0, le=_LARGEST, include_in_schema=False)
    ] = None,
) -> ChangePage | StreamingResponse:
    """Return what changed in the shop after a place in its sequence, or stream it (`Accept: text/event-stream`).

    Older than 90 days: 410 `feed_gone`; take GET /v1/home?full=1 and go on from its `seq`.
    """
    start = last_event_id if last_event_id is not None else after
    page = await run_in_threadpool(service.page, caller.shop_id, start, limit)
    if "text/event-stream" not in accept:
        return page
    # A function answers once: its client connects again and so asks for what is new every two seconds.
    seconds = 0.0 if "aws.event" in request.scope else LONGEST_SECONDS
    return StreamingResponse(events(service, caller.shop_id, start, seconds), media_type="text/event-stream")
