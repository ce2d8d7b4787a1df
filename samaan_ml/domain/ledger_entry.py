"""One line of the udhaar ledger, and what may be appended to a khata."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.money import MAX_PAISE

EntryKind = Literal["credit", "payment", "reversal", "write_off"]

ENTRY_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
SHOP_ZONE = "Asia/Kolkata"
"""The zone whose midnight ends a shop's day, unless the shop says otherwise."""
MAX_TEXT = 500

_SIGN = {"credit": 1, "payment": -1, "write_off": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One line of the khata, never altered once accepted.

    Parameters
    ----------
    entry_id : str
        Unique within the shop; chosen by the writer, so that a retry repeats it.
    shop_id, customer_id : str
        Whose khata it is.
    kind : {"credit", "payment", "reversal", "write_off"}
        Credit is goods given on udhaar; a write-off gives up a due.
    amount_paise : int
        Always positive; the kind gives the direction. A reversal repeats the reversed amount.
    at : datetime
        When it happened; aware, kept in UTC.
    due_on : date or None, default=None
        Agreed day of payment, on the shop's calendar; credits only.
    reverses : str or None, default=None
        The entry a reversal cancels; reversals only.
    reason : str, default=""
        Why; required for reversals and write-offs.
    actor : str, default=""
        Who wrote it (a user id, never shown to other shops).
    note : str, default=""
        The shop's own words: items, bill number.

    Raises
    ------
    RuleError
        If a field breaks the rules above; the error names the field.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> entry = LedgerEntry(
    ...     entry_id="e1", shop_id="s1", customer_id="c1", kind="credit",
    ...     amount_paise=12_50, at=datetime(2026, 1, 5, 4, 0, tzinfo=UTC),
    ... )
    >>> entry.day()
    datetime.date(2026, 1, 5)
    """

    entry_id: str
    shop_id: str
    customer_id: str
    kind: EntryKind
    amount_paise: int
    at: datetime
    due_on: date | None = None
    reverses: str | None = None
    reason: str = ""
    actor: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse an entry that breaks the rules, and bring the instant to UTC."""
        for name in ("entry_id", "shop_id", "customer_id"):
            if not getattr(self, name):
                raise RuleError(f"'{name}' is empty; give the id", field=name)
        if self.kind not in ENTRY_KINDS:
            raise RuleError(f"'kind' is '{self.kind}'; use one of {', '.join(ENTRY_KINDS)}", field="kind")
        check_amount(self.amount_paise)
        object.__setattr__(self, "at", as_utc(self.at))
        self._check_kind_fields()
        for name in ("reason", "note"):
            if len(getattr(self, name)) > MAX_TEXT:
                raise RuleError(f"'{name}' is longer than {MAX_TEXT} characters; shorten it", field=name)

    def _check_kind_fields(self) -> None:
        """Check the fields that only some kinds may or must have."""
        if self.due_on is not None and self.kind != "credit":
            raise RuleError(f"'due_on' is given for a {self.kind}; only a credit falls due", field="due_on")
        if self.due_on is not None and isinstance(self.due_on, datetime):
            raise RuleError("'due_on' is an instant; give the shop's calendar day", field="due_on")
        if (self.reverses is not None) != (self.kind == "reversal"):
            raise RuleError(
                "'reverses' names the cancelled entry: for a reversal, and only there", field="reverses"
            )
        if self.kind in ("reversal", "write_off") and not self.reason.strip():
            raise RuleError(f"'reason' is empty; a {self.kind} must say why", field="reason")

    def day(self, zone: str | tzinfo = SHOP_ZONE) -> date:
        """Return the shop's calendar day on which the entry happened."""
        return shop_day(self.at, zone)


def as_utc(at: datetime) -> datetime:
    """Bring an aware instant to UTC.

    Raises
    ------
    RuleError
        If the instant has no zone.
    """
    if at.tzinfo is None or at.utcoffset() is None:
        raise RuleError(f"'at' ({at.isoformat()}) has no time zone; give an aware instant", field="at")
    return at.astimezone(UTC)


def shop_day(at: datetime, zone: str | tzinfo = SHOP_ZONE) -> date:
    """Return the calendar day of an instant where the shop stands.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> shop_day(datetime(2026, 1, 4, 18, 40, tzinfo=UTC))  # 00:10 on the 5th in India
    datetime.date(2026, 1, 5)
    """
    return at.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone).date()


def check_amount(amount_paise: int, name: str = "amount_paise") -> int:
    """Return the amount if it is a positive whole number of paise that a shop can mean.

    Raises
    ------
    RuleError
        If it is not an int (a float loses paise), not positive, or beyond `MAX_PAISE`.
    """
    if isinstance(amount_paise, bool) or not isinstance(amount_paise, int):
        raise RuleError(f"'{name}' is {amount_paise!r}; give whole paise as an integer", field=name)
    if not 0 < amount_paise <= MAX_PAISE:
        raise RuleError(f"'{name}' is {amount_paise}; give 1 to {MAX_PAISE} paise", field=name)
    return amount_paise


def effect_paise(entry: LedgerEntry, reversed_entry: LedgerEntry | None = None) -> int:
    """Return what an entry adds to the balance; a reversal needs the entry it cancels."""
    if entry.kind != "reversal":
        return _SIGN[entry.kind] * entry.amount_paise
    if reversed_entry is None or reversed_entry.entry_id != entry.reverses:
        raise RuleError(f"reversal '{entry.entry_id}' cancels '{entry.reverses}', which is not in the ledger")
    return -effect_paise(reversed_entry)


def check_append(entries: Iterable[LedgerEntry], new: LedgerEntry) -> None:
    """Refuse an entry that the khata so far does not allow.

    Raises
    ------
    RuleError
        If the id is taken, the khata is another customer's, or the reversed entry is absent, is
        itself a reversal, is already reversed, or has another amount; if more is written off than
        is owed.
    """
    known = {entry.entry_id: entry for entry in entries}
    if new.entry_id in known:
        raise RuleError(f"entry '{new.entry_id}' is already in the ledger", field="entry_id")
    for entry in known.values():
        if (entry.shop_id, entry.customer_id) != (new.shop_id, new.customer_id):
            raise RuleError(
                f"entry '{new.entry_id}' belongs to another customer's khata", field="customer_id"
            )
    if new.kind == "reversal":
        cancelled = {entry.reverses for entry in known.values() if entry.kind == "reversal"}
        check_reversal(new, known.get(new.reverses or ""), already_reversed=new.reverses in cancelled)
    if new.kind == "write_off":
        balance = sum(effect_paise(entry, known.get(entry.reverses or "")) for entry in known.values())
        check_write_off(new, balance)


def check_reversal(reversal: LedgerEntry, target: LedgerEntry | None, *, already_reversed: bool) -> None:
    """Refuse a reversal of an entry that is absent, reversed, a reversal or of another amount."""
    if target is None:
        raise RuleError(
            f"entry '{reversal.reverses}' is not in this khata; nothing to reverse", field="reverses"
        )
    if target.kind == "reversal":
        raise RuleError(
            f"entry '{target.entry_id}' is a reversal; enter the amount again instead", field="reverses"
        )
    if already_reversed:
        raise RuleError(f"entry '{target.entry_id}' is already reversed", field="reverses")
    if target.amount_paise != reversal.amount_paise:
        raise RuleError(
            f"reversal of {reversal.amount_paise} paise for an entry of {target.amount_paise}; "
            "reverse the whole entry and enter the right amount",
            field="amount_paise",
        )


def check_write_off(write_off: LedgerEntry, balance_paise: int) -> None:
    """Refuse to give up more than is owed."""
    if write_off.amount_paise > balance_paise:
        raise RuleError(
            f"a write-off of {write_off.amount_paise} paise where {max(balance_paise, 0)} are owed; "
            "write off at most what is owed",
            field="amount_paise",
        )


def reversal_of(
    entry: LedgerEntry, *, entry_id: str, at: datetime, reason: str, actor: str = ""
) -> LedgerEntry:
    """Write the reversal of an entry."""
    if entry.kind == "reversal":
        raise RuleError(
            f"entry '{entry.entry_id}' is a reversal; enter the amount again instead", field="reverses"
        )
    return LedgerEntry(
        entry_id=entry_id,
        shop_id=entry.shop_id,
        customer_id=entry.customer_id,
        kind="reversal",
        amount_paise=entry.amount_paise,
        at=at,
        reverses=entry.entry_id,
        reason=reason,
        actor=actor,
    )
