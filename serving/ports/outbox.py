"""Messages that wait to be sent: written with what caused them, sent later, each once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from samaan_ml.domain.quiet_hours import Channel


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message; `key` names its cause, so that the same cause sends once."""

    message_id: str
    shop_id: str
    key: str
    channel: Channel
    text: str
    created_at: datetime
    not_before: datetime
    attempts: int = 0


class Outbox(Protocol):
    """Keeps messages until they are sent."""

    def put(self, message: OutgoingMessage) -> bool:
        """Add a message unless its key was used in this shop, and tell whether it was added."""
        ...

    def due(self, now: datetime, limit: int) -> tuple[OutgoingMessage, ...]:
        """Return unsent messages whose time has come, the oldest first."""
        ...

    def lease(self, message: OutgoingMessage, until: datetime) -> bool:
        """Take a message for sending, and return whether this call took it.

        The message is due again at `until`, so that it is sent after all when its sender is killed. Of several senders
        that read the same due message, one takes it.
        """
        ...

    def sent(self, message: OutgoingMessage, now: datetime) -> None:
        """Note that a message went out."""
        ...

    def failed(self, message: OutgoingMessage, next_try: datetime) -> None:
        """Note that a message did not go out and when to try again."""
        ...

    def postpone(self, message: OutgoingMessage, until: datetime) -> None:
        """Move a message to a later instant; that is no failed attempt."""
        ...

    def waiting(self, shop_id: str) -> int:
        """Count a shop's unsent messages."""
        ...
