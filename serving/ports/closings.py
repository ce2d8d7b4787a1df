"""Drawers as they were counted at the end of a day; append-only."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Closing:
    """What was counted in the drawer, and what should have been in it at that moment.

    Parameters
    ----------
    closing_id : str
        Sorts by time where the shop did not choose it.
    on : date
        The shop's day.
    opening_paise : int
        Cash at the start of the day.
    expected_paise : int
        What should have been there by the bills and khatas entered so far.
    counted_paise : int
        What was there.
    actor : str
        Who counted.
    at : datetime
        When.
    note : str, default=""
        A note about the difference.
    """

    closing_id: str
    on: date
    opening_paise: int
    expected_paise: int
    counted_paise: int
    actor: str
    at: datetime
    note: str = ""


class ClosingStore(Protocol):
    """Keeps the counts of a shop's drawer."""

    def add(self, shop_id: str, closing: Closing) -> None:
        """Keep one, or raise AlreadyExists; none is changed or removed."""
        ...

    def of_days(self, shop_id: str, start: date, end: date) -> tuple[Closing, ...]:
        """Return those of some days, by day and time."""
        ...
