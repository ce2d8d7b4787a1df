"""The calendar table of Indian states: our festivals and seasons, and public holidays from `holidays`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from samaan_ml.domain.calendar import events_between

__all__ = ["festival_calendar"]


def festival_calendar(
    start: date | str, end: date | str, regions: Sequence[str], *, public_days: bool = True
) -> pd.DataFrame:
    """Return the calendar table of some Indian states.

    Parameters
    ----------
    start, end : datetime.date or str
        First and last day.
    regions : sequence of str
        ISO codes of states, as in the shops table: `MH`, `UP`, ...
    public_days : bool, default=True
        Add the public holidays of the `holidays` package, as events `public_day` and `public_<name>`.

    Returns
    -------
    pandas.DataFrame
        date, region, event: one row for each day of each event; sorted, no duplicates.

    Examples
    --------
    >>> festival_calendar("2025-10-18", "2025-10-20", ["MH"], public_days=False)["event"].unique().tolist()
    ['dhanteras', 'kharif_harvest', 'diwali']
    """
    first, last = pd.Timestamp(start).date(), pd.Timestamp(end).date()
    rows = [(day, region, event) for region in regions for day, event in events_between(first, last, region)]
    if public_days:
        rows += [row for region in regions for row in _public_days(first, last, region)]
    table = pd.DataFrame(sorted(set(rows)), columns=["date", "region", "event"])
    return table.assign(date=table["date"].astype("datetime64[ns]"))


def _public_days(start: date, end: date, region: str) -> Iterator[tuple[date, str, str]]:
    """Yield a state's public holidays, each as `public_day` and by its name."""
    import holidays  # imported here: slow, and needed only for real shops' calendars

    found = holidays.country_holidays(
        "IN", subdiv=region, years=range(start.year, end.year + 1), language="en_US"
    )
    for day, names in found.items():
        if start <= day <= end:
            yield day, region, "public_day"
            for name in names.split("; "):
                yield day, region, f"public_{_slug(name)}"


def _slug(name: str) -> str:
    """Turn a holiday's name into a word: `Mahatma Gandhi's Birthday` into `mahatma_gandhis_birthday`."""
    plain = re.sub(r"\(.*?\)|'", "", name).strip().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
