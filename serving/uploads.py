"""Routes that take a file."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.params import File
from fastapi.routing import APIRoute

from serving.depends import know_caller


class UploadRoute(APIRoute):
    """A route that reads a file from nobody unknown: the framework reads bodies before it asks who calls.

    A router may have this class for all its routes: those that take no file are as ever.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Ask who calls, then let the framework read."""
        handle = super().get_route_handler()
        if not any(isinstance(each.field_info, File) for each in self.dependant.body_params):
            return handle

        async def handle_known(request: Request) -> Response:
            await know_caller(request)
            return await handle(request)

        return handle_known
