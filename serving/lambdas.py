"""AWS Lambda: one handler a slice, each importing its own slice alone.

`serving.lambdas.forecast` and so on are the handlers to name in the deployment; an attribute is built when it
is first asked for, so that a function pays only for its own slice.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast, get_args

from serving.settings import Settings, SliceName

if TYPE_CHECKING:
    from serving.wiring import Wiring

Handler = Callable[[dict[str, Any], object], dict[str, Any]]

_built: dict[str, Handler] = {}


def make_handler(
    name: SliceName, settings: Settings | None = None, wiring: "Wiring | None" = None
) -> Handler:
    """Build the handler of one slice for REST v1, HTTP v2 and ALB events.

    The database is migrated by its own command, never by a function that starts.
    """
    from mangum import Mangum

    from serving.app import create_app
    from serving.observability import set_up_logging

    chosen = settings or (wiring.settings if wiring else Settings())
    set_up_logging(chosen.log_level)
    logging.getLogger("mangum").setLevel(logging.WARNING)
    app = create_app(chosen, slices=(name,), wiring=wiring)
    handler: Handler = Mangum(app, lifespan="off", api_gateway_base_path="/")
    return handler


def __getattr__(name: str) -> Handler:
    """Build a slice's handler when the runtime asks for it."""
    if name not in get_args(SliceName):
        raise AttributeError(f"module 'serving.lambdas' has no attribute '{name}'")
    if name not in _built:
        _built[name] = make_handler(cast(SliceName, name))
    return _built[name]
