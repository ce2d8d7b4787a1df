"""Sending a message to a shop."""

from typing import Protocol

from serving.ports.outbox import OutgoingMessage


class Notifier(Protocol):
    """Hands one message to its channel."""

    def send(self, message: OutgoingMessage) -> None:
        """Send it; sending the same id twice must show it once where the channel can.

        Raises
        ------
        ServiceUnavailable
            When the channel did not take it.
        """
        ...
