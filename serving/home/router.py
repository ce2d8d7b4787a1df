"""Routes of /v1/home."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from samaan_ml.explain import Language
from serving.home.schemas import Home
from serving.home.service import HomeService
from serving.http.depends import TheCaller, ThePorts
from serving.http.known_callers import KnownCallerRoute

router = APIRouter(prefix="/home", tags=["home"], route_class=KnownCallerRoute)


async def the_service(ports: ThePorts) -> HomeService:
    """Build the service over the ports."""
    return HomeService(ports)


@router.get("")
def read_home(
    caller: TheCaller,
    service: Annotated[HomeService, Depends(the_service)],
    language: Annotated[Language, Query()] = "en",
    full: Annotated[bool, Query(description="Also all that a new phone starts from.")] = False,
) -> Home:
    """Return the first screen in one answer: today's sums, what is worth doing, alerts, orders due, rights.

    With `full=1` also the snapshot from which a new phone starts, or one that was away for more than 90 days.
    """
    return service.home(caller, language, full=full)
