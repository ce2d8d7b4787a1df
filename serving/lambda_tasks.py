"""AWS Lambda: what is done beside requests, by a schedule or by hand."""

from typing import Any


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
