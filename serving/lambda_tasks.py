"""AWS Lambda: what is done beside requests, by a schedule or by hand."""

from typing import Any

_LAST_PART_MS = 30_000


def send_messages(event: object = None, context: object = None) -> dict[str, int]:  # noqa: ARG001
    """Send the messages of the outbox that are due, each once; for a schedule of every minute."""
    from serving.outbox_relay import send_due
    from serving.settings import Settings
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    try:
        sent, failed = send_due(wiring.outbox, wiring.notifier, wiring.accounts, wiring.clock)
    finally:
        wiring.close()
    return {"sent": sent, "failed": failed}


def run_jobs(event: object = None, context: Any = None) -> dict[str, int]:  # noqa: ARG001
    """Go on with the forecasts of whole shops that nobody looks at; for a schedule of every few minutes.

    It ends between two parts when less than half a minute is left of the invocation.
    """
    from serving.job_runner import run_jobs as run
    from serving.settings import Settings
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
    from serving.price_runner import apply_planned_prices
    from serving.settings import Settings
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
