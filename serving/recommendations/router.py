"""Routes of /v1/recommendations."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from samaan_ml.explain import Language
from serving.advice.readers import order_advisor
from serving.advice.signals import signal_reader
from serving.http.depends import TheCaller, ThePorts, TheWrite, Writer
from serving.http.known_callers import KnownCallerRoute
from serving.recommendations.schemas import Day, Decision, DecisionDone
from serving.recommendations.service import RecommendationService

router = APIRouter(prefix="/recommendations", tags=["recommendations"], route_class=KnownCallerRoute)


async def the_service(ports: ThePorts) -> RecommendationService:
    """Build the service over the ports."""
    return RecommendationService(
        signals=signal_reader(ports),
        items=ports.items,
        advisor=order_advisor(ports),
        accounts=ports.accounts,
        choices=ports.recommendations,
        explainer=ports.explainer,
        cache=ports.cache,
        clock=ports.clock,
    )


Service = Annotated[RecommendationService, Depends(the_service)]
Key = Annotated[str, Path(pattern=r"^[a-z_]{3,20}:[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]


@router.get("")
def read_day(
    caller: TheCaller,
    service: Service,
    language: Annotated[Language, Query()] = "en",
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> Day:
    """Return what is worth doing today, the most rupees first, each with its arithmetic."""
    return service.day(caller.shop_id, language, limit)


@router.post("/{recommendation}/decision", status_code=201)
def decide(
    recommendation: Key, body: Decision, caller: Writer, write: TheWrite, service: Service
) -> DecisionDone:
    """Accept or dismiss a recommendation; a dismissed one stays away for a week."""
    return write.once(
        DecisionDone, body, lambda: service.decide(caller, recommendation, body), ("recommendations",)
    )
