"""The feed of changes: what is new in a shop since a place in its sequence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

ChangeKind = Literal[
    "item",
    "stock",
    "lot",
    "order",
    "customer",
    "balance",
    "entry",
    "sale",
    "price",
    "forecast",
    "recommendation",
    "alert",
    "member",
]
KEPT = timedelta(days=90)
"""How long a change is kept; who was away longer reads everything."""


class Change(NamedTuple):
    """Something that changed."""

    shop_id: str
    kind: ChangeKind
    thing_id: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """A change at its place in the shop's sequence."""

    seq: int
    kind: ChangeKind
    thing_id: str


class ChangeFeed(Protocol):
    """Keeps, for each shop, one growing sequence; a thing stands in it once, at its newest change.

    The stores of the database write into it in their own units of work.
    """

    def note(self, changes: Sequence[Change]) -> None:
        """Write changes of a store outside the database."""
        ...

    def head(self, shop_id: str) -> int:
        """Return the last number of the shop's sequence, 0 before the first."""
        ...

    def after(self, shop_id: str, seq: int, limit: int, now: datetime) -> tuple[Numbered, ...]:
        """Return the changes after a place, in order.

        Raises
        ------
        Gone
            When changes after that place are kept no longer, or the place is beyond the last one.
        """
        ...

    def since(self, shop_id: str, instant: datetime) -> dict[ChangeKind, int]:
        """Count what changed from an instant on, by kind."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete the changes of before an instant and return how many they were."""
        ...


@dataclass(frozen=True, slots=True)
class Pending:
    """Changes that a store outside the database wrote with the change itself, and that wait for the feed."""

    token: str
    changes: tuple[Change, ...]


class ChangeOutbox(Protocol):
    """The changes of a store outside the database, until they stand in the feed."""

    def pending(self, shop_id: str, limit: int) -> tuple[Pending, ...]:
        """Return what waits, the oldest first."""
        ...

    def done(self, shop_id: str, pending: Sequence[Pending]) -> None:
        """Take off what stands in the feed."""
        ...
