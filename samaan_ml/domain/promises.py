"""Promises to pay: what a customer said, and whether the khata bears it out.

A promise moves no money and never changes a due day; it is kept when what was paid from the moment it was
made until the end of the promised day covers it. A rupee keeps one promise only: payments are counted for the
promise that falls due first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger import SHOP_ZONE, LedgerEntry, as_utc, check_amount, shop_day, standing

PromiseOutcome = Literal["open", "kept", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A customer's word to pay an amount by a day.

    Parameters
    ----------
    promise_id : str
        Unique within the shop.
    shop_id, customer_id : str
        Who promised to whom.
    amount_paise : int
        What was promised, positive.
    made_at : datetime
        When it was given; aware, kept in UTC.
    pay_by : date
        Last day of payment, on the shop's calendar.

    Raises
    ------
    RuleError
        If an id is empty, the amount is not whole positive paise or the instant has no zone.
    """

    promise_id: str
    shop_id: str
    customer_id: str
    amount_paise: int
    made_at: datetime
    pay_by: date

    def __post_init__(self) -> None:
        """Refuse a promise that says nothing, and bring the instant to UTC."""
        for name in ("promise_id", "shop_id", "customer_id"):
            if not getattr(self, name):
                raise RuleError(f"'{name}' is empty; give the id", field=name)
        check_amount(self.amount_paise)
        object.__setattr__(self, "made_at", as_utc(self.made_at))


@dataclass(frozen=True, slots=True)
class PromiseRecord:
    """How many promises a customer has kept, broken and still open."""

    kept: int = 0
    broken: int = 0
    open: int = 0


def promise_outcomes(
    promises: Iterable[Promise],
    entries: Iterable[LedgerEntry],
    today: date,
    *,
    zone: str | tzinfo = SHOP_ZONE,
) -> Mapping[str, PromiseOutcome]:
    """Tell of each of one customer's promises whether it is open, kept or broken on a day.

    A promise breaks on the day after its last day, not on the day itself.

    Examples
    --------
    >>> from datetime import UTC, date, datetime
    >>> said = Promise(promise_id="p1", shop_id="s1", customer_id="c1", amount_paise=30_000,
    ...                made_at=datetime(2026, 1, 5, 6, tzinfo=UTC), pay_by=date(2026, 1, 9))
    >>> promise_outcomes([said], [], date(2026, 1, 9)), promise_outcomes([said], [], date(2026, 1, 10))
    ({'p1': 'open'}, {'p1': 'broken'})
    """
    payments = [entry for entry in standing(entries) if entry.kind == "payment"]
    left = {entry.entry_id: entry.amount_paise for entry in payments}
    outcomes: dict[str, PromiseOutcome] = {}
    for promise in sorted(promises, key=lambda each: (each.pay_by, each.made_at, each.promise_id)):
        wanted = promise.amount_paise
        for entry in payments:
            if promise.made_at <= entry.at and shop_day(entry.at, zone) <= promise.pay_by:
                part = min(wanted, left[entry.entry_id])
                left[entry.entry_id] -= part
                wanted -= part
        late = today > promise.pay_by
        outcomes[promise.promise_id] = "kept" if not wanted else "broken" if late else "open"
    return outcomes


def promise_record(outcomes: Mapping[str, PromiseOutcome]) -> PromiseRecord:
    """Count outcomes."""
    words = list(outcomes.values())
    return PromiseRecord(words.count("kept"), words.count("broken"), words.count("open"))
