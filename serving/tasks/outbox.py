"""Carries messages from the outbox to their channel, again and again until they went out, never in quiet hours."""

from datetime import timedelta

from samaan_ml.domain.quiet_hours import next_permitted
from serving.errors import PortError
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock
from serving.ports.notifier import Notifier
from serving.ports.outbox import Outbox

_AT_ONCE = 100
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)
_LEASE = timedelta(minutes=5)
"""Longer than the notifier's timeouts: after it, another run may send the message of a run that was killed."""


def send_due(outbox: Outbox, notifier: Notifier, accounts: AccountStore, clock: Clock) -> tuple[int, int]:
    """Send what is due and return how many went out and how many are to be tried again, later each time.

    Runs may overlap, as a scheduler that delivers at least once makes them: each message is leased by one of them.
    What became due in the day but is only looked at in the night, as after an outage, waits for the morning.
    """
    sent = failed = 0
    for message in outbox.due(clock.now(), _AT_ONCE):
        now = clock.now()
        permitted = next_permitted(now, accounts.shop(message.shop_id).zone, message.channel)
        if permitted > now:
            outbox.postpone(message, permitted)
            continue
        if not outbox.lease(message, now + _LEASE):
            continue
        try:
            notifier.send(message)
        except PortError:
            wait = min(_FIRST_WAIT * 2 ** min(message.attempts, 10), _LONGEST_WAIT)
            outbox.failed(message, clock.now() + wait)
            failed += 1
            continue
        outbox.sent(message, clock.now())
        sent += 1
    return sent, failed
