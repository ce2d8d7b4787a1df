"""When a message may reach a shopkeeper: not in the night of the shop's zone, and SMS not before ten."""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Channel = Literal["push", "sms", "whatsapp", "email"]
_FROM = time(21)
_UNTIL = time(9)
_SMS_UNTIL = time(10)
"""Operators take no promotional SMS from 21:00 to 10:00, and an alert may be taken for one."""


def next_permitted(instant: datetime, zone: str, channel: Channel) -> datetime:
    """Return the instant, or the next morning's end of the quiet hours where it falls into them.

    Examples
    --------
    >>> from datetime import UTC
    >>> next_permitted(datetime(2026, 1, 1, 17, 30, tzinfo=UTC), "Asia/Kolkata", "push").isoformat()
    '2026-01-02T09:00:00+05:30'
    """
    here = instant.astimezone(ZoneInfo(zone))
    until = _SMS_UNTIL if channel == "sms" else _UNTIL
    if until <= here.time() < _FROM:
        return instant
    morning = here.replace(hour=until.hour, minute=0, second=0, microsecond=0)
    return morning if here.time() < until else morning + timedelta(days=1)
