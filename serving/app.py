"""The application: some or all slices behind one front."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import get_args

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from serving.http import health, problems
from serving.http.light import LightAnswers
from serving.http.middleware import BodyLimit, RequestTrail
from serving.http.observability import metrics_of_this_place
from serving.http.openapi_examples import add_examples
from serving.http.operator import operator_router
from serving.http.pages import pages_router
from serving.settings import Settings, SliceName
from serving.wiring import Wiring

ALL_SLICES: tuple[SliceName, ...] = get_args(SliceName)

_ABOUT = """Forecasts, orders, legal prices and udhaar for small shops.

Money is whole paise, quantities are thousandths of the item's unit. The shop is always the token's.
Every write takes an `Idempotency-Key`. Errors are problem details (RFC 9457) with a stable `code`.
"""


def create_app(
    settings: Settings | None = None, slices: Iterable[SliceName] = ALL_SLICES, wiring: Wiring | None = None
) -> FastAPI:
    """Build the application.

    Parameters
    ----------
    settings : Settings or None, default=None
        Read from the environment where left out.
    slices : iterable of str
        The areas to serve; a Lambda serves one.
    wiring : Wiring or None, default=None
        Ports to use; chosen by the settings where left out.
    """
    chosen = wiring.settings if wiring else settings or Settings()
    ports = wiring or Wiring(chosen)
    app = FastAPI(
        title="Samaan Sathi",
        description=_ABOUT,
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        openapi_tags=[{"name": name} for name in slices],
    )
    app.state.ports = ports
    app.state.metrics = metrics_of_this_place()
    for area in _areas(slices):
        app.include_router(area, prefix="/v1")
    app.include_router(health.router)
    app.include_router(operator_router())
    app.include_router(pages_router())
    problems.install(app)
    _surround(app, chosen, ports)
    plain = app.openapi
    app.openapi = lambda: app.openapi_schema or add_examples(problems.describe(plain()))  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Prepare the stores before the first request and let go of them after the last."""
    ports: Wiring = app.state.ports
    ports.start()
    yield
    ports.close()


def _operation_id(route: APIRoute) -> str:
    """Name an operation for generated clients: slice and function."""
    tag = str(route.tags[0]) if route.tags else "api"
    return f"{tag}_{route.name}"


class _Area(APIRouter):
    """The routes of one slice, looked through only for paths of that slice: matching was a tenth of a request."""

    def __init__(self, name: SliceName) -> None:
        super().__init__()
        self._start = f"/v1/{name}"
        self.include_router(import_module(f"serving.{name}.router").router)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request by the slice's name first."""
        if not scope["path"].removeprefix(scope.get("root_path", "")).startswith(self._start):
            return Match.NONE, {}
        return super().matches(scope)


def _areas(slices: Iterable[SliceName]) -> Iterator[_Area]:
    """Make the chosen slices' routes, each imported only if chosen."""
    for name in slices:
        if name not in get_args(SliceName):
            raise ValueError(f"'{name}' is not a slice; use some of {', '.join(get_args(SliceName))}")
        yield _Area(name)


def _surround(app: FastAPI, settings: Settings, ports: Wiring) -> None:
    """Put the middleware around the routes, the outermost last."""
    app.add_middleware(
        BodyLimit, max_bytes=settings.max_body_bytes, max_upload_bytes=settings.max_upload_bytes
    )
    app.add_middleware(LightAnswers)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "Approval-Id",
                "If-Match",
                "If-None-Match",
                "Last-Event-ID",
                "X-Request-Id",
            ],
            expose_headers=["ETag", "Location", "Retry-After", "X-Request-Id", "Idempotency-Replayed"],
        )
    app.add_middleware(RequestTrail, clock=ports.clock, metrics=app.state.metrics)
