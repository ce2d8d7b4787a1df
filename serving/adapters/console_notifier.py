"""Messages into the service's log: the embedded default, for one machine."""

import logging

from serving.ports.outbox import OutgoingMessage

_log = logging.getLogger("serving.notifier")


class ConsoleNotifier:
    """Writes that a message went out; its text, which names people, stays out of the log."""

    def send(self, message: OutgoingMessage) -> None:
        """Log the message's id and channel."""
        _log.info("message", extra={"facts": {"message_id": message.message_id, "channel": message.channel}})
