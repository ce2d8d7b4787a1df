"""When a customer may be reminded of a due, and how it is put.

The window and the caps follow the conduct that the Reserve Bank of India asks of lenders' recovery (no contact
before 08:00 or after 19:00, none that humiliates, none to third parties). A shop is not bound by it; a neighbour
is worth more than a due, so it is the hard default here. A plan that breaks a rule cannot be built: it is either
a permitted instant or a reason why not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger import SHOP_ZONE, as_utc, shop_day

EARLIEST, LATEST = time(8, 0), time(19, 0)
"""The outermost window; a shop may narrow it, never widen it."""
MOST_PER_WEEK = 3
_LOOK_AHEAD_DAYS = 60


@dataclass(frozen=True, slots=True)
class Pause:
    """Days without reminders: a death in the family, a festival, an illness. Both ends count."""

    start: date
    end: date
    why: str


@dataclass(frozen=True, slots=True)
class ContactRules:
    """A shop's own rules, within the hard ones.

    Parameters
    ----------
    opens, closes : time, default=time(8, 0), time(19, 0)
        Window in the shop's zone; a contact at `closes` itself is too late.
    per_week : int, default=2
        Contacts in any seven days, at most 3.
    gap_days : int, default=2
        Whole days between contacts, at least 1.
    quiet_days : frozenset of date, default=frozenset()
        Festival days.
    zone : str, default="Asia/Kolkata"
        The shop's zone.

    Raises
    ------
    RuleError
        If they widen the hard rules.
    """

    opens: time = EARLIEST
    closes: time = LATEST
    per_week: int = 2
    gap_days: int = 2
    quiet_days: frozenset[date] = frozenset()
    zone: str = SHOP_ZONE

    def __post_init__(self) -> None:
        """Refuse rules that are laxer than the hard ones."""
        if not EARLIEST <= self.opens < self.closes <= LATEST:
            raise RuleError(
                "reminders are sent between 08:00 and 19:00 only; narrow the window", field="opens"
            )
        if not 1 <= self.per_week <= MOST_PER_WEEK or self.gap_days < 1:
            raise RuleError(
                f"'per_week' is 1 to {MOST_PER_WEEK} and 'gap_days' at least 1; got {self.per_week}, {self.gap_days}",
                field="per_week",
            )


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of contacting one customer.

    Parameters
    ----------
    opted_out : bool, default=False
        The customer asked not to be reminded.
    own_number : bool, default=True
        Whether the number is the customer's own; no other number is ever contacted.
    pauses : tuple of Pause, default=()
        Days to leave the customer in peace.
    sent : tuple of datetime, default=()
        Reminders so far.
    """

    opted_out: bool = False
    own_number: bool = True
    pauses: tuple[Pause, ...] = ()
    sent: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class ReminderPlan:
    """Either when to remind, or why not.

    Parameters
    ----------
    at : datetime or None
        Earliest permitted instant, UTC; None where there is none.
    refused : str
        Why not: "opted_out", "not_own_number", "nothing_due", "paused"; empty where there is an instant.
    """

    at: datetime | None
    refused: str = ""


def plan_reminder(
    contact: Contact, due_paise: int, now: datetime, rules: ContactRules | None = None
) -> ReminderPlan:
    """Return the earliest permitted instant from now on, within the next 60 days.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> plan_reminder(Contact(), 50_000, datetime(2026, 1, 5, 20, 0, tzinfo=UTC)).at  # 01:30 at night in India
    datetime.datetime(2026, 1, 6, 2, 30, tzinfo=datetime.timezone.utc)
    """
    used = rules or ContactRules()
    now = as_utc(now)
    if contact.opted_out:
        return ReminderPlan(None, "opted_out")
    if not contact.own_number:
        return ReminderPlan(None, "not_own_number")
    if due_paise <= 0:
        return ReminderPlan(None, "nothing_due")
    zone = ZoneInfo(used.zone)
    today = shop_day(now, zone)
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        at = max(now, datetime.combine(day, used.opens, zone).astimezone(UTC))
        if is_permitted(at, contact, used):
            return ReminderPlan(at)
    return ReminderPlan(None, "paused")


def is_permitted(at: datetime, contact: Contact, rules: ContactRules) -> bool:
    """Return whether a reminder may be sent at an instant: the one test that planner and sender share."""
    zone = ZoneInfo(rules.zone)
    local = as_utc(at).astimezone(zone)
    day = local.date()
    days = [shop_day(sent, zone) for sent in contact.sent]
    return (
        not contact.opted_out
        and contact.own_number
        and rules.opens <= local.time() < rules.closes
        and day not in rules.quiet_days
        and not any(pause.start <= day <= pause.end for pause in contact.pauses)
        and all(abs((day - each).days) > rules.gap_days for each in days)
        and not _crowded([*days, day], rules.per_week)
    )


def _crowded(days: Iterable[date], per_week: int) -> bool:
    """Return whether any seven days hold more contacts than allowed."""
    ordered = sorted(days)
    return any((last - first).days < 7 for first, last in zip(ordered, ordered[per_week:], strict=False))


def local_window(at: datetime, zone: str | tzinfo = SHOP_ZONE) -> bool:
    """Return whether an instant lies in the outermost window."""
    local = as_utc(at).astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    return EARLIEST <= local.time() < LATEST
