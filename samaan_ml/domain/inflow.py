"""What of a shop's dues will be paid in the coming days: the shop's own past weeks, asked again.

For each past day of the same kind the share of the dues that came in within the same number of days is known;
those shares are the forecast. Nothing is assumed of how payments are distributed or hang together (they come in
waves: pay day, festival, harvest), so the interval keeps its coverage wherever the coming days are like the past
ones (split conformal prediction, Vovk et al., 2005).
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger import as_utc
from samaan_ml.domain.money import round_half_away

PAST_WINDOWS = 52
"""So many past windows are looked at, a week apart."""
_STEP = timedelta(days=7)


class MoneyEntry(Protocol):
    """What is read of an entry; `LedgerEntry` and the model's `LedgerRow` both have it."""

    @property
    def entry_id(self) -> str | None: ...  # noqa: D102
    @property
    def customer_id(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> Literal["credit", "payment", "reversal", "write_off"]: ...  # noqa: D102
    @property
    def amount_paise(self) -> int: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def reverses(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Inflow:
    """Expected payment of what is owed today.

    Parameters
    ----------
    days : int
        Within how many days.
    expected_paise : int
        The mean of the past shares, times what is owed.
    lower_paise, upper_paise : int
        Interval; with too short a past from nothing to all that is owed.
    coverage : float
        Share of cases in which the interval holds; 1.0 where it is from nothing to all.
    due_paise : int
        What is owed.
    windows : int
        Past windows that were looked at.
    """

    days: int
    expected_paise: int
    lower_paise: int
    upper_paise: int
    coverage: float
    due_paise: int
    windows: int


def expected_inflow(
    entries: Iterable[MoneyEntry], as_of: datetime, *, days: int = 14, coverage: float = 0.8
) -> Inflow:
    """Forecast what of a shop's dues is paid within some days.

    Parameters
    ----------
    entries : iterable of LedgerEntry or LedgerRow
        The shop's ledger, any order; reversed entries count as never entered, later ones are not read.
    as_of : datetime
        Aware instant.
    days : int, default=14
        Length of the window.
    coverage : float, default=0.8
        Share of cases in which the interval is to hold.

    Returns
    -------
    Inflow
        Forecast, interval and what they are of.

    Raises
    ------
    RuleError
        If `days` is below 1, `coverage` not between 0 and 1, or the instant has no zone.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> expected_inflow([], datetime(2026, 1, 1, tzinfo=UTC)).expected_paise
    0
    """
    if days < 1 or not 0 < coverage < 1:
        raise RuleError(
            f"'days' is {days} and 'coverage' {coverage}; give at least a day and a share", field="days"
        )
    now = as_utc(as_of)
    rows = [row for row in entries if row.at <= now]
    cancelled = {row.reverses for row in rows if row.kind == "reversal"}
    khatas: dict[str, list[MoneyEntry]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: each.at):
        if row.kind != "reversal" and row.entry_id not in cancelled:
            khatas[row.customer_id].append(row)
    window = timedelta(days=days)
    first = min((row.at for row in rows), default=now)
    starts = [now - window - number * _STEP for number in range(PAST_WINDOWS)]
    starts = [start for start in starts if start >= first + window]
    owed, paid = [0] * len(starts), [0] * len(starts)
    due = 0
    for khata in khatas.values():
        due += max(sum(_signed(row) for row in khata), 0)
        _add_windows(khata, starts, window, owed, paid)
    shares = sorted(part / whole for part, whole in zip(paid, owed, strict=True) if whole)
    return _inflow(shares, due, days, coverage)


def _inflow(shares: list[float], due: int, days: int, coverage: float) -> Inflow:
    """Turn past shares into a forecast."""
    n = len(shares)
    expected = round_half_away(due * math.fsum(shares) / n) if n else 0
    tail = math.floor((n + 1) * (1 - coverage) / 2)
    if tail < 1:
        return Inflow(days, expected, 0, due, 1.0, due, n)
    return Inflow(
        days,
        expected,
        round_half_away(shares[tail - 1] * due),
        round_half_away(shares[n - tail] * due),
        coverage,
        due,
        n,
    )


def _add_windows(
    khata: list[MoneyEntry], starts: list[datetime], window: timedelta, owed: list[int], paid: list[int]
) -> None:
    """Add what one customer owed at the start of each past window (the newest first) and paid of it within."""
    balance = [0]
    payments = [0]
    for row in khata:
        balance.append(balance[-1] + _signed(row))
        payments.append(payments[-1] + (row.amount_paise if row.kind == "payment" else 0))
    begin = end = len(khata)
    for number, start in enumerate(starts):
        while end and khata[end - 1].at > start + window:
            end -= 1
        while begin and khata[begin - 1].at > start:
            begin -= 1
        due = max(balance[begin], 0)
        owed[number] += due
        paid[number] += min(payments[end] - payments[begin], due)


def _signed(row: MoneyEntry) -> int:
    """Return what an entry adds to the balance."""
    return row.amount_paise if row.kind == "credit" else -row.amount_paise
