"""Facts as clients send them: under ids of their own, perhaps hours late, by clocks that may be wrong."""

import hashlib
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field

from serving.errors import InvalidInput
from serving.http.fields import EARLIEST, Body
from serving.ports.alerts import Alert, AlertStore
from serving.ports.clock import Clock, new_id
from serving.ports.facts import Fact, FactKind, FactMark, FactStore

Written = TypeVar("Written", bound=BaseModel)

LATE_AFTER = timedelta(minutes=10)
"""What comes later than this after it happened counts as offline, whether or not it says so."""
_AHEAD = timedelta(days=1)
_LARGEST_OFFSET = 400 * 366 * 24 * 3600
_NOT_CONTENT = frozenset({"clock_offset_seconds"})
"""Fields that tell of the sending and not of the fact: measured again, they change nothing."""

LATE, CLOCK_CORRECTED, STOCK_NEGATIVE = "late", "clock_corrected", "stock_negative"
ITEM_ARCHIVED, PRICE_CHANGED, ABOVE_MRP = "item_archived", "price_changed", "above_mrp"
BELOW_FLOOR, OVER_LIMIT, MORE_THAN_OWED = "below_floor", "over_limit", "more_than_owed"
NEEDS_APPROVAL, ORDER_CLOSED = "needs_approval", "order_closed"
TO_LOOK_AT = frozenset(
    {
        STOCK_NEGATIVE,
        ITEM_ARCHIVED,
        ABOVE_MRP,
        BELOW_FLOOR,
        OVER_LIMIT,
        MORE_THAN_OWED,
        NEEDS_APPROVAL,
        ORDER_CLOSED,
    }
)
"""Flags for which an owner gets an alert; the others only tell how the fact came."""
_WORDS = {
    STOCK_NEGATIVE: "the stock is below zero",
    ITEM_ARCHIVED: "an item of it is archived",
    ABOVE_MRP: "a price is above the printed maximum",
    BELOW_FLOOR: "a price is below the shop's floor",
    OVER_LIMIT: "the customer's limit is passed",
    MORE_THAN_OWED: "it is more than is owed",
    NEEDS_APPROVAL: "staff needed an owner's word for it",
    ORDER_CLOSED: "the order was not open",
}


class OfflineFact(Body):
    """What every fact of a phone may say about its way here."""

    offline: bool = Field(
        False,
        description="It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks "
        "against it.",
    )
    clock_offset_seconds: (
        Annotated[int, Field(strict=True, ge=-_LARGEST_OFFSET, le=_LARGEST_OFFSET)] | None
    ) = Field(
        None,
        description="Server's clock less the device's, measured from a `Date` header; added to the device's time.",
    )


@dataclass(frozen=True, slots=True)
class Happened:
    """When something happened by the server's clock, and the flags about that."""

    at: datetime
    is_past: bool
    flags: frozenset[str]


def happened(at: datetime | None, now: datetime, fact: OfflineFact, field: str) -> Happened:
    """Bring a device's time to the server's clock; a wrong clock is corrected, never a reason to refuse what happened.

    Parameters
    ----------
    at : datetime or None
        The device's time; None is now.
    now : datetime
        The server's time.
    fact : OfflineFact
        Whether it happened offline, and how wrong the device's clock is.
    field : str
        Name of the time in the body.

    Raises
    ------
    InvalidInput
        When it does not say that it happened offline, and lies more than a day ahead or before 2000.
    """
    if at is None:
        return Happened(now, fact.offline, frozenset({LATE} if fact.offline else ()))
    corrected = at.astimezone(UTC)
    if fact.clock_offset_seconds:
        corrected = _shifted(corrected, fact.clock_offset_seconds)
    if not fact.offline and at > now + _AHEAD:
        raise InvalidInput(
            f"'{field}' lies in the future: {at.isoformat()}", field=field, hint="check the device's clock"
        )
    if not fact.offline and at < EARLIEST:
        raise InvalidInput(f"'{field}' lies before {EARLIEST.date()}: {at.isoformat()}", field=field)
    clamped = now if corrected > now or corrected < EARLIEST else corrected
    is_past = fact.offline or now - clamped > LATE_AFTER
    flags = {LATE} if is_past else set()
    if clamped != at:
        flags.add(CLOCK_CORRECTED)
    return Happened(clamped, is_past, frozenset(flags))


def _shifted(at: datetime, seconds: int) -> datetime:
    """Add seconds; beyond the calendar's ends the instant stays."""
    try:
        return at + timedelta(seconds=seconds)
    except OverflowError:
        return at


@dataclass(frozen=True, slots=True)
class NamedFact:
    """A fact of a request, whether or not its client named it."""

    kind: FactKind
    fact_id: str | None
    fingerprint: str
    field: str

    @property
    def by_id(self) -> Fact | None:
        """The fact under its client's id."""
        return None if self.fact_id is None else Fact(self.kind, self.fact_id, self.fingerprint, self.field)

    def by_key(self, key: str | None) -> Fact | None:
        """Return the fact under its client's id, or under the request's key: the same content with it is the same fact.

        A key is free for another content after some time; with the same one it names the fact for good.
        """
        if self.fact_id is not None or key is None:
            return self.by_id
        named = hashlib.sha256(f"{key}\n{self.fingerprint}".encode()).hexdigest()
        return Fact(self.kind, named, self.fingerprint, "Idempotency-Key")


def fact_of(kind: FactKind, fact_id: str | None, body: BaseModel, field: str, about: str = "") -> NamedFact:
    """Describe a fact and the id that its client gave it, if it gave one.

    Parameters
    ----------
    kind : str
        Within which kind the id is unique.
    fact_id : str or None
        The id.
    body : BaseModel
        The content. A default that is sent and one that is left out are the same, as are equal instants in two zones.
    field : str
        The field that carried the id.
    about : str, default=""
        What of the content stands in the path: the customer, the bill, the item.
    """
    content = {"kind": kind, "about": about, "body": _content(body)}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return NamedFact(kind, fact_id, hashlib.sha256(text.encode()).hexdigest(), field)


def _content(value: Any) -> Any:
    """Reduce a body to what it says; further fields with defaults, which a later version may add, change nothing."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        said = {
            name: getattr(value, name)
            for name, known in fields.items()
            if name not in _NOT_CONTENT
            and getattr(value, name) != known.get_default(call_default_factory=True)
        }
        return {name: _content(each) for name, each in said.items()}
    if isinstance(value, dict):
        return {str(name): _content(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_content(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


class ClientFacts:
    """Enters facts once, whatever request brings them, inside an open unit of work.

    Parameters
    ----------
    store : FactStore
        Where ids, answers and marks are kept.
    alerts : AlertStore
        Where alerts for owners are stored.
    shop_id : str
        Whose.
    clock : Clock
        The time.
    """

    def __init__(self, store: FactStore, alerts: AlertStore, shop_id: str, clock: Clock) -> None:
        self._store = store
        self._alerts = alerts
        self._shop_id = shop_id
        self._clock = clock

    def once(
        self, answer: type[Written], fact: NamedFact, work: Callable[[], Written]
    ) -> tuple[Written, bool]:
        """Do the work, or return what it answered when the fact came first, and tell which."""
        stored = self.known(answer, fact)
        if stored is not None:
            return stored, True
        done = work()
        self.complete(fact, done)
        return done, False

    def known(self, answer: type[Written], named: NamedFact) -> Written | None:
        """Take the id of a fact that is entered together with others, or return what it was answered before."""
        fact = named.by_id
        stored = None if fact is None else self._store.claim(self._shop_id, fact, self._clock.now())
        return None if stored is None else answer.model_validate_json(stored)

    def complete(self, named: NamedFact, done: BaseModel) -> None:
        """Keep the answer of a fact whose id was taken."""
        fact = named.by_id
        if fact is not None:
            self._store.complete(self._shop_id, fact, done.model_dump_json())

    def refuse(self, named: NamedFact) -> None:
        """Release the id of a refused line of a batch, so that the corrected line can use it."""
        fact = named.by_id
        if fact is not None:
            self._store.release(self._shop_id, fact)

    def mark(
        self,
        kind: FactKind,
        fact_id: str,
        flags: AbstractSet[str],
        stake_paise: int = 0,
        name: str = "entry",
        quiet: AbstractSet[str] = frozenset(),
    ) -> list[str]:
        """Note flags with a fact, alert the owner to what needs a look, and return the flags in order.

        Parameters
        ----------
        kind, fact_id : str
            The fact.
        flags : set of str
            The flags of it.
        stake_paise : int, default=0
            The money it is about.
        name : str, default="entry"
            What it is, for the alert.
        quiet : set of str, default=frozenset()
            Flags that need no look in this shop.
        """
        found = sorted(flags)
        if not found:
            return found
        now = self._clock.now()
        self._store.mark(self._shop_id, kind, fact_id, FactMark(now, tuple(found)))
        reasons = [flag for flag in found if flag in TO_LOOK_AT and flag not in quiet]
        if reasons:
            self._alerts.raise_new(self._shop_id, _alert(fact_id, name, abs(stake_paise), reasons, now))
        return found

    def marks(self, kind: FactKind, fact_ids: tuple[str, ...]) -> Mapping[str, FactMark]:
        """Return what was noted with some facts."""
        return self._store.marks(self._shop_id, kind, fact_ids)

    def flags(self, kind: FactKind, fact_id: str) -> list[str]:
        """Return the flags of one fact."""
        mark = self.marks(kind, (fact_id,)).get(fact_id)
        return list(mark.flags) if mark else []


def _alert(fact_id: str, name: str, stake_paise: int, reasons: list[str], now: datetime) -> Alert:
    """Tell the owner that something was entered which a rule of the shop speaks against."""
    words = ", ".join(_WORDS[reason] for reason in reasons)
    return Alert(
        alert_id=new_id(now),
        kind="offline_fact",
        subject_id=fact_id,
        subject_name=name,
        stake_paise=stake_paise,
        priority=50,
        text=f"A {name} came in late and was entered all the same: {words}. Please look at it.",
        status="open",
        raised_at=now,
        changed_at=now,
    )
