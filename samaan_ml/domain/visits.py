"""When a supplier comes: his weekdays, over holidays, and until when an order must have reached him."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from samaan_ml.domain.calendar import events_on
from samaan_ml.domain.errors import RuleError

__all__ = ["HOLIDAYS", "Visit", "VisitPlan", "is_holiday", "next_order", "visits"]

HOLIDAYS = frozenset(
    {
        "republic_day",
        "independence_day",
        "gandhi_jayanti",
        "holi",
        "dussehra",
        "diwali",
        "eid_al_fitr",
        "eid_al_adha",
        "ugadi",
        "ganesh_chaturthi",
    }
)
"""The festivals on which wholesale is shut where they are kept; a supplier's own days come on top."""

_LOOK_AHEAD_DAYS = 366


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Visit days of a supplier.

    Parameters
    ----------
    weekdays : tuple of int
        Days of the week on which the supplier comes, 0 is Monday; none means on order only.
    order_days_before : int, default=1
        How many days before a visit the order must be in.
    order_by : datetime.time, default=18:00
        Until what time on that day, on the shop's clock.
    on_holiday : {"skipped", "next_day"}, default="skipped"
        What happens to a visit that falls on a holiday.
    closed_on : tuple of date, default=()
        Days on which this supplier does not work, besides the holidays.

    Raises
    ------
    RuleError
        Naming the field, when a weekday or a number of days cannot be.
    """

    weekdays: tuple[int, ...]
    order_days_before: int = 1
    order_by: time = time(18)
    on_holiday: Literal["skipped", "next_day"] = "skipped"
    closed_on: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        """Check the numbers."""
        if any(not 0 <= day <= 6 for day in self.weekdays):
            raise RuleError(f"'weekdays' are from 0 to 6, got {self.weekdays}", field="weekdays")
        if not 0 <= self.order_days_before <= 28:
            raise RuleError(
                f"'order_days_before' is from 0 to 28, got {self.order_days_before}",
                field="order_days_before",
            )


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit, and the instant (in the shop's zone) until which what it is to bring can be ordered."""

    on: date
    order_due: datetime


def is_holiday(day: date, region: str | None = None) -> bool:
    """Return whether wholesale is shut on a day in a state; without a state, in the whole country.

    Examples
    --------
    >>> is_holiday(date(2026, 8, 15)), is_holiday(date(2026, 9, 14)), is_holiday(date(2026, 9, 14), "MH")
    (True, False, True)
    """
    return not HOLIDAYS.isdisjoint(events_on(day, region))


def visits(plan: VisitPlan, start: date, zone: str, region: str | None = None) -> Iterator[Visit]:
    """Yield a supplier's visits from a day on, for a year, by day.

    A day on which the order would be due and the shop is closed moves to the working day before.

    Parameters
    ----------
    plan : VisitPlan
        How he goes round.
    start : date
        First day looked at.
    zone : str
        The shop's time zone.
    region : str or None, default=None
        The shop's state, for its holidays.

    Examples
    --------
    >>> plan = VisitPlan(weekdays=(0,))                       # Mondays; 26 January 2026 is one
    >>> found = visits(plan, date(2026, 1, 20), "Asia/Kolkata")
    >>> first = next(found)
    >>> first.on.isoformat(), first.order_due.isoformat()
    ('2026-02-02', '2026-02-01T18:00:00+05:30')
    """

    def is_shut(day: date) -> bool:
        return day in plan.closed_on or is_holiday(day, region)

    seen: set[date] = set()
    for ahead in range(-7 if plan.on_holiday == "next_day" else 0, _LOOK_AHEAD_DAYS):
        day = start + timedelta(days=ahead)
        if day.weekday() not in plan.weekdays:
            continue
        while plan.on_holiday == "next_day" and is_shut(day):
            day += timedelta(days=1)
        if day < start or day in seen or is_shut(day):
            continue
        seen.add(day)
        due = day - timedelta(days=plan.order_days_before)
        while is_shut(due):
            due -= timedelta(days=1)
        yield Visit(day, datetime.combine(due, plan.order_by, ZoneInfo(zone)))


def next_order(
    plan: VisitPlan, now: datetime, zone: str, region: str | None = None
) -> tuple[Visit, Visit] | None:
    """Return the first visit that can still be ordered for and the one after it; None without visits.

    The order has to last until that second visit, for nothing comes before.

    Parameters
    ----------
    plan : VisitPlan
        How the supplier goes round.
    now : datetime
        This instant, aware.
    zone, region : str
        The shop's time zone and state.

    Examples
    --------
    >>> from datetime import timezone
    >>> plan = VisitPlan(weekdays=(1, 4))
    >>> noon = datetime(2026, 3, 9, 6, 30, tzinfo=timezone.utc)       # a Monday; the order is due at 18:00
    >>> [visit.on.isoformat() for visit in next_order(plan, noon, "Asia/Kolkata")]
    ['2026-03-10', '2026-03-13']
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    open_ones = (visit for visit in visits(plan, today, zone, region) if visit.order_due > now)
    first, second = next(open_ones, None), next(open_ones, None)
    return None if first is None or second is None else (first, second)
