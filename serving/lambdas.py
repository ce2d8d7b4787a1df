"""AWS Lambda: one handler a slice, each importing its own slice alone, and the tasks beside requests.

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
_LAST_PART_MS = 30_000

# Mangum sends every other media type as base64, which a REST API hands on as it is.
_TEXT_TYPES = [
    "text/",
    "application/json",
    "application/javascript",
    "application/manifest+json",
    "application/problem+json",
    "application/xml",
    "image/svg+xml",
]


def make_handler(
    name: SliceName, settings: Settings | None = None, wiring: "Wiring | None" = None
) -> Handler:
    """Build the handler of one slice for REST v1, HTTP v2 and ALB events.

    The database is migrated by its own command, never by a function that starts.
    """
    from mangum import Mangum

    from serving.app import create_app
    from serving.http.observability import set_up_logging

    chosen = settings or (wiring.settings if wiring else Settings())
    set_up_logging(chosen.log_level)
    logging.getLogger("mangum").setLevel(logging.WARNING)
    app = create_app(chosen, slices=(name,), wiring=wiring)
    handler: Handler = Mangum(app, lifespan="off", api_gateway_base_path="/", text_mime_types=_TEXT_TYPES)
    return handler


def __getattr__(name: str) -> Handler:
    """Build a slice's handler when the runtime asks for it."""
    if name not in get_args(SliceName):
        raise AttributeError(f"module 'serving.lambdas' has no attribute '{name}'")
    if name not in _built:
        _built[name] = make_handler(cast(SliceName, name))
    return _built[name]


def send_messages(event: object = None, context: object = None) -> dict[str, int]:  # noqa: ARG001
    """Send the messages of the outbox that are due, each once; for a schedule of every minute."""
    from serving.settings import Settings
    from serving.tasks.outbox import send_due
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    try:
        sent, failed = send_due(wiring.outbox, wiring.notifier, wiring.accounts, wiring.clock)
    finally:
        wiring.close()
    return {"sent": sent, "failed": failed}


def run_jobs(event: object = None, context: Any = None) -> dict[str, int]:  # noqa: ARG001
    """Go on with the forecasts of whole shops that no client polls; for a schedule of every few minutes.

    It ends between two parts when less than half a minute is left of the invocation.
    """
    from serving.settings import Settings
    from serving.tasks.jobs import run_jobs as run
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    try:
        finished, left = run(
            wiring, lambda: context is None or context.get_remaining_time_in_millis() > _LAST_PART_MS
        )
    finally:
        wiring.close()
    return {"finished": finished, "left": left}


def apply_prices(event: object = None, context: object = None) -> dict[str, int]:  # noqa: ARG001
    """Make planned prices whose day has come the items' own; for a schedule of every few minutes."""
    from serving.settings import Settings
    from serving.tasks.planned_prices import apply_planned_prices
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    try:
        changed, refused = apply_planned_prices(wiring)
    finally:
        wiring.close()
    return {"changed": changed, "refused": refused}


def migrate(event: Any = None, context: object = None) -> dict[str, str]:  # noqa: ARG001
    """Bring the database to the schema of this version; to be invoked after each deployment."""
    from serving.adapters.sql.migrate import upgrade
    from serving.settings import Settings
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    revision = str((event or {}).get("revision", "head"))
    try:
        upgrade(wiring.database, revision)
    finally:
        wiring.close()
    return {"revision": revision}
