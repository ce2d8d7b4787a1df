"""Routes that read nothing of a caller whom they do not know."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from serving.http.depends import claims, know_caller


class KnownCallerRoute(APIRoute):
    """A route that asks who calls before the body is read, which the framework would do the other way round.

    Every router of callers has this class: routes without a body, or open to everybody, are as ever.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Ask who calls, then let the framework read."""
        handle = super().get_route_handler()
        if self.body_field is None or not _asks_who_calls(self.dependant):
            return handle

        async def handle_known(request: Request) -> Response:
            await know_caller(request)
            return await handle(request)

        return handle_known


def _asks_who_calls(dependant: Dependant) -> bool:
    """Tell whether a route depends on a caller, itself or by what it depends on."""
    return dependant.call is claims or any(_asks_who_calls(each) for each in dependant.dependencies)
