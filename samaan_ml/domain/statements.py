"""A customer's account line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger_entry import (
    SHOP_ZONE,
    LedgerEntry,
    effect_paise,
)

__all__ = ["Statement", "StatementLine", "statement"]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry in a statement: what it added or took, and the balance after it."""

    entry: LedgerEntry
    day: date
    effect_paise: int
    balance_paise: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Entries of a span of days between two balances: opening + lines = closing."""

    start: date | None
    end: date | None
    opening_paise: int
    closing_paise: int
    given_paise: int
    received_paise: int
    lines: tuple[StatementLine, ...]


def statement(
    entries: Sequence[LedgerEntry],
    start: date | None = None,
    end: date | None = None,
    *,
    zone: str | tzinfo = SHOP_ZONE,
) -> Statement:
    """List one customer's entries from `start` to `end` (both included) with running balances.

    A reversal is a line of its own on the day it was made: nothing that was ever shown disappears.

    Raises
    ------
    RuleError
        If `start` is after `end`, or a reversal cancels an entry that is not given.
    """
    if start is not None and end is not None and start > end:
        raise RuleError(f"statement from {start} to {end}: the start is after the end", field="start")
    known = {entry.entry_id: entry for entry in entries}
    balance = opening = given = received = 0
    lines: list[StatementLine] = []
    for entry in sorted(entries, key=_by_time):
        day = entry.day(zone)
        if end is not None and day > end:
            break
        effect = effect_paise(entry, known.get(entry.reverses or ""))
        balance += effect
        if start is not None and day < start:
            opening = balance
            continue
        given, received = given + max(effect, 0), received + max(-effect, 0)
        lines.append(StatementLine(entry, day, effect, balance))
    return Statement(start, end, opening, balance, given, received, tuple(lines))


def _by_time(entry: LedgerEntry) -> tuple[datetime, str]:
    """Order entries by instant; the id decides between equals, so that every reader agrees."""
    return entry.at, entry.entry_id
