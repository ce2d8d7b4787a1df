"""Routes that read nothing of a caller whom they do not know."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from serving.errors import InvalidInput
from serving.http.callers import claims, know_caller


class KnownCallerRoute(APIRoute):
    """A route that asks who calls before the body is read, which the framework would do the other way round.

    Every router of callers has this class: routes without a body, or open to everybody, are unchanged.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Ask who calls and refuse parameters that the route does not have, then let the framework read."""
        handle = super().get_route_handler()
        asks = _asks_who_calls(self.dependant)
        reads = self.body_field is not None
        known = _query_names(self.dependant)

        async def handle_known(request: Request) -> Response:
            unknown = request.query_params.keys() - known if request.query_params else None
            if asks and (reads or unknown):
                await know_caller(request)
            if unknown:
                _refuse(min(unknown), known)
            return await handle(request)

        return handle_known


def _query_names(dependant: Dependant) -> frozenset[str]:
    """Name the query parameters of a route, and of what it depends on."""
    own = frozenset(each.alias for each in dependant.query_params)
    return own.union(*(_query_names(each) for each in dependant.dependencies))


def _refuse(name: str, known: frozenset[str]) -> None:
    """Refuse a query parameter that a route does not have, so that a misspelt one is not ignored."""
    names = ", ".join(sorted(known))
    raise InvalidInput(
        f"unknown query parameter '{name[:64]}'",
        field=name[:64],
        hint=f"this route takes: {names}" if names else "this route takes none",
    )


def _asks_who_calls(dependant: Dependant) -> bool:
    """Return whether a route depends on a caller, itself or by what it depends on."""
    return dependant.call is claims or any(_asks_who_calls(each) for each in dependant.dependencies)
