"""Liveness, readiness and figures: outside /v1, without a token."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from serving.errors import StoreUnavailable
from serving.http.callers import ThePorts
from serving.http.fields import Answer

router = APIRouter(tags=["health"])


class Alive(Answer):
    """The process runs."""

    status: Literal["ok"] = "ok"


class Readiness(Answer):
    """The state of each part; `degraded` still answers, with less."""

    status: Literal["ok", "degraded", "down"]
    parts: dict[str, str]


@router.get("/health")
async def alive() -> Alive:
    """Tell that the process runs."""
    return Alive()


@router.get("/ready", responses={503: {"model": Readiness, "description": "The store is down."}})
def ready(ports: ThePorts, response: Response) -> Readiness:
    """Tell the state of the parts: 503 only where nothing can be served."""
    parts: dict[str, str] = {}
    try:
        ports.transactions.ping()
        parts["store"] = "ready"
    except StoreUnavailable:
        response.status_code = 503
        parts["store"] = "down"
    models = ports.predictor.state()
    parts |= {f"predictor.{name}": state for name, state in models.items()}
    if parts["store"] == "down":
        return Readiness(status="down", parts=parts)
    waiting = any(state.startswith(("missing", "broken")) for state in models.values())
    return Readiness(status="degraded" if waiting else "ok", parts=parts)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> str:
    """Return requests and their seconds in the text format of Prometheus."""
    text: str = request.app.state.metrics.render()
    return text
