"""Stock: append-only movements whose sum is the quantity on hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from serving.errors import IdReused
from serving.ports.page import Page

MovementKind = Literal[
    "purchase",
    "sale",
    "customer_return",
    "supplier_return",
    "wastage",
    "theft",
    "gift",
    "own_use",
    "count",
    "reversal",
]


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of stock, never changed or deleted: a correction is another movement.

    `quantity_milli` is signed: what comes in is positive. `source` names the bill or count behind it.
    """

    movement_id: str
    item_id: str
    kind: MovementKind
    quantity_milli: int
    at: datetime
    actor: str
    reason: str | None = None
    source: str | None = None
    batch_id: str | None = None
    unit_cost_paise: int | None = None


@dataclass(frozen=True, slots=True)
class EnteredMovement:
    """A movement that `move_from` entered, and the quantity on hand it was worked out against."""

    movement: Movement
    on_hand_before_milli: int


@dataclass(frozen=True, slots=True)
class EmptyShelf:
    """A stretch in which an item's recorded stock was exactly zero; `until` is None where it still is.

    Stock below zero is none: goods were sold that nobody had entered, so the shelf was not empty. Neither is a
    zero that a sale ends.
    """

    item_id: str
    since: datetime
    until: datetime | None


def check_same_movement(asked: Movement, stored: Movement) -> None:
    """Refuse a movement whose id another one has.

    Raises
    ------
    IdReused
        When item, kind or quantity differ.
    """
    if any(getattr(asked, name) != getattr(stored, name) for name in ("item_id", "kind", "quantity_milli")):
        raise IdReused(f"'{asked.movement_id}' is the id of another movement", field="movement_id")


class StockStore(Protocol):
    """Keeps the movements of a shop, and the stock of its items and lots as their sum."""

    def move(self, shop_id: str, movements: tuple[Movement, ...], allow_negative: bool) -> None:
        """Append movements and add them to the stock, all or none.

        A movement that is stored already changes nothing.

        Raises
        ------
        IdReused
            When another movement has the id.
        NotFound
            When an item or a batch is not there.
        OutOfStock
            When `allow_negative` is false and a quantity on hand would fall below zero.
        """
        ...

    def move_from(self, shop_id: str, on_hand_milli: int, movement: Movement) -> None:
        """Append a movement of no batch that was worked out against a quantity on hand, if that is still so.

        A movement whose id is stored already changes nothing.

        Raises
        ------
        NotFound
            When the item is not there.
        StockChanged
            When the quantity on hand is another by now; nothing was written.
        """
        ...

    def entered(self, shop_id: str, item_id: str, movement_id: str) -> EnteredMovement | None:
        """Return what `move_from` entered under this id in a write that was cut off, for its repetition.

        None where nothing was left, as always where the store takes part in the unit of work: there a movement
        and its answer are kept together. What is returned belongs to the present write and is taken back with it.
        """
        ...

    def movements(self, shop_id: str, item_id: str, limit: int, after: str | None) -> Page[Movement]:
        """Return an item's movements, the newest first."""
        ...

    def empty_shelves(
        self, shop_id: str, item_ids: tuple[str, ...], since: datetime
    ) -> tuple[EmptyShelf, ...]:
        """Return when items were sold out, by item and time, of what movements from an instant on tell."""
        ...

    def movements_of(self, shop_id: str, source: str) -> tuple[Movement, ...]:
        """Return the movements of one bill or count."""
        ...

    def rebuild(self, shop_id: str) -> int:
        """Recount every item and batch from its movements and return how many differed."""
        ...


def empty_shelves_of(
    item_id: str, moved: Iterable[tuple[datetime, MovementKind, int]]
) -> Iterator[EmptyShelf]:
    """Find the stretches at zero in an item's movements, each with the level after it, in order of time.

    Examples
    --------
    >>> from datetime import UTC
    >>> nine, ten = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (9, 10))
    >>> [gap.until for gap in empty_shelves_of("milk", [(nine, "sale", 0), (ten, "purchase", 5000)])]
    [datetime.datetime(2026, 1, 1, 10, 0, tzinfo=datetime.timezone.utc)]
    >>> list(empty_shelves_of("milk", [(nine, "sale", 0), (ten, "sale", -1000)]))
    []
    """
    since: datetime | None = None
    for at, kind, level_milli in moved:
        if since is not None and kind != "sale" and at > since:
            yield EmptyShelf(item_id, since, at)
        since = at if level_milli == 0 else None
    if since is not None:
        yield EmptyShelf(item_id, since, None)
