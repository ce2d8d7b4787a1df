"""The time, and ids that sort by it."""

import secrets
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the time; the only source of it, so that a test can choose the day."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


def local_day(instant: datetime, zone: str) -> date:
    """Return the day of a shop at an instant: ten past midnight in Kolkata is the new day there.

    Examples
    --------
    >>> from datetime import timezone
    >>> local_day(datetime(2026, 1, 1, 18, 40, tzinfo=timezone.utc), "Asia/Kolkata")
    datetime.date(2026, 1, 2)
    """
    return instant.astimezone(ZoneInfo(zone)).date()


def new_id(now: datetime) -> str:
    """Make an id that is unique anywhere and sorts by time: the layout of a version 7 UUID, as hex."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    noise = secrets.randbits(74)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    return f"{(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low:032x}"
