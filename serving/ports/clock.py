"""The time, and ids that sort by it."""

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

_MADE = re.compile(r"0[0-9a-f]{11}7[0-9a-f]{19}")
"""How ids of `new_id` begin, until the year 4199."""


class Clock(Protocol):
    """Tells the time; the only source of it, so that a test can choose the day."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


def machine_time() -> datetime:
    """Return the machine's own time, for what is opened without a clock."""
    return datetime.now(UTC)


def local_day(instant: datetime, zone: str) -> date:
    """Return the day of a shop at an instant: ten past midnight in Kolkata is the new day there.

    Examples
    --------
    >>> from datetime import timezone
    >>> local_day(datetime(2026, 1, 1, 18, 40, tzinfo=timezone.utc), "Asia/Kolkata")
    datetime.date(2026, 1, 2)
    """
    return instant.astimezone(ZoneInfo(zone)).date()


class _WriteIds:
    """The ids of one write: made from what it is, hence the same when it is tried again."""

    def __init__(self, seed: str, at: datetime) -> None:
        self.at = at
        self._seed = f"{seed}\n{at.isoformat()}"
        self._made = 0

    def noise(self) -> int:
        """Return the next 74 bits."""
        self._made += 1
        digest = hashlib.sha256(f"{self._seed}\n{self._made}".encode()).digest()
        return int.from_bytes(digest[:10], "big") >> 6


_write_ids: ContextVar[_WriteIds | None] = ContextVar("write_ids", default=None)


@contextmanager
def ids_of_write(seed: str, at: datetime) -> Iterator[None]:
    """Let `new_id` give the same ids, in the same order, whenever this seed and instant come again.

    A store outside the database cannot be rolled back with it. A write that was cut off after that store took
    it is tried again with the ids it had, and the store knows them.

    Examples
    --------
    >>> from datetime import timezone
    >>> at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    >>> with ids_of_write("shop/key", at):
    ...     first = [new_id(at), new_id(at)]
    >>> with ids_of_write("shop/key", at):
    ...     first == [new_id(at), new_id(at)], first[0] != first[1]
    (True, True)
    """
    token = _write_ids.set(_WriteIds(seed, at))
    try:
        yield
    finally:
        _write_ids.reset(token)


def id_instant(made: str) -> datetime | None:
    """Return the instant with which an id of `new_id` begins; None for an id of another make.

    Examples
    --------
    >>> from datetime import timezone
    >>> id_instant(new_id(datetime(2026, 1, 1, tzinfo=timezone.utc)))
    datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    >>> id_instant("bill-1") is None
    True
    """
    if not _MADE.match(made):
        return None
    return datetime.fromtimestamp(int(made[:12], 16) / 1000, UTC)


def in_repeatable_write() -> bool:
    """Return whether ids are made from a write that may be a repetition (`ids_of_write`)."""
    return _write_ids.get() is not None


def new_id(now: datetime) -> str:
    """Make an id that is unique anywhere and sorts by time: the layout of a version 7 UUID, as hex."""
    of_write = _write_ids.get()
    instant = now if of_write is None else of_write.at
    noise = secrets.randbits(74) if of_write is None else of_write.noise()
    milliseconds = int(instant.timestamp() * 1000) & ((1 << 48) - 1)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    return f"{(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low:032x}"
