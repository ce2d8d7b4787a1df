"""Stock: append-only movements whose sum is the quantity on hand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from samaan_ml.domain.lots import (
    LotPart,
    LotTooSmallError,
    OnlyExpiredLeftError,
    Shelf,
    split_count,
    split_movement,
)
from serving.errors import Conflict, IdReused, NotFound, OutOfStock, StockChanged
from serving.ports.clock import local_day
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
class StockCount:
    """What was found on the shelf at an instant: of an item, or of one of its lots.

    Parameters
    ----------
    movement_id : str
        Id of the movement that the difference becomes.
    item_id : str
        The item.
    counted_milli : int
        What was found.
    at : datetime
        When; what moved later is not part of it.
    actor : str
        Who counted.
    reason : str or None, default=None
        Why.
    batch_id : str or None, default=None
        The lot that was counted alone.
    expected_milli : int or None, default=None
        The stock that the counter saw in the record; another is refused.
    keep_unchanged : bool, default=False
        Whether a count that agrees leaves a movement of nothing.
    """

    movement_id: str
    item_id: str
    counted_milli: int
    at: datetime
    actor: str
    reason: str | None = None
    batch_id: str | None = None
    expected_milli: int | None = None
    keep_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """What a count did: the record before it at its instant, its movements, and the stock now."""

    before_milli: int
    movements: tuple[Movement, ...]
    on_hand_milli: int


@dataclass(frozen=True, slots=True)
class EmptyShelf:
    """A stretch in which an item's recorded stock was exactly zero; `until` is None where it still is.

    Stock below zero is none: goods were sold before they were entered, so the shelf was not empty. Neither is a
    zero that a sale ends.
    """

    item_id: str
    since: datetime
    until: datetime | None


class StockStore(Protocol):
    """Keeps the movements of a shop, and the stock of its items and lots as their sum."""

    def move(
        self,
        shop_id: str,
        movements: tuple[Movement, ...],
        allow_negative: bool,
        zone: str = "Asia/Kolkata",
        *,
        take_expired: bool = False,
    ) -> tuple[Movement, ...]:
        """Append movements and add them to the stock of their items and lots, all or none.

        The lots of an item never hold more than its stock. A movement over several lots becomes several rows: the
        first has its id, the others the id with `~1`, `~2` and so on. One of before the newest count that comes after
        it changes nothing of what was counted: a row of the kind "count" takes its quantity back, its id ends in `~c`.
        A movement that is stored already changes nothing.

        Parameters
        ----------
        shop_id : str
            Whose.
        movements : tuple of Movement
            With `batch_id` None the lots are chosen by `samaan_ml.domain.lots.split_movement`.
        allow_negative : bool
            Whether a quantity on hand may fall below zero.
        zone : str, default="Asia/Kolkata"
            The shop's time zone, whose day tells which lots have expired.
        take_expired : bool, default=False
            Whether a sale, of goods that have left already, may empty expired lots where there are no others.

        Returns
        -------
        tuple of Movement
            The rows as they are stored, those of before too, in the order of the request.

        Raises
        ------
        IdReused
            When another movement has the id.
        NotFound
            When an item or a lot does not exist.
        OutOfStock
            When a quantity would fall below zero and may not, or a named lot holds less.
        Conflict
            When a sale finds nothing but expired lots.
        """
        ...

    def count(self, shop_id: str, count: StockCount, zone: str = "Asia/Kolkata") -> Counted:
        """Bring the record to what was counted, as of the count's instant; the same count again changes nothing.

        Raises
        ------
        NotFound
            When the item or the lot does not exist.
        StockChanged
            When the record is not what the counter expected; nothing was written.
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
        """Recount every item and lot from its movements and return how many differed.

        Lots that hold more than the stock, as records of before lots moved along do, are brought down to it.
        """
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


def rows_of(
    movement: Movement, shelf: Shelf, zone: str, *, take_expired: bool = False
) -> tuple[Movement, ...]:
    """Return the rows that a movement becomes on a shelf: one for each lot, and what undoes one of before a count."""
    counted_at = _counted_after(movement, shelf)
    if counted_at is not None:
        back = replace(
            movement,
            movement_id=f"{movement.movement_id}~c",
            kind="count",
            quantity_milli=-movement.quantity_milli,
            at=counted_at,
            reason="entered after the count",
            unit_cost_paise=None,
        )
        return (movement, back)
    try:
        parts = split_movement(
            movement.kind,
            movement.quantity_milli,
            shelf,
            local_day(movement.at, zone),
            movement.batch_id,
            take_expired=take_expired,
        )
    except OnlyExpiredLeftError:
        raise Conflict(
            f"all lots of '{movement.item_id}' have expired",
            field="lines",
            hint="take them out as wastage and enter the new delivery",
        ) from None
    except LotTooSmallError as error:
        raise OutOfStock(str(error), field="batch_id") from None
    return _rows(movement, parts)


def rows_of_count(count: StockCount, shelf: Shelf, moved_after_milli: int, zone: str) -> tuple[Movement, ...]:
    """Return the rows that a count becomes, given what moved after its instant; none where it agrees."""
    before = recorded_milli(count, shelf) - moved_after_milli
    difference = count.counted_milli - before
    if difference == 0 and not count.keep_unchanged:
        return ()
    movement = Movement(
        count.movement_id,
        count.item_id,
        "count",
        difference,
        count.at,
        count.actor,
        count.reason,
        batch_id=count.batch_id,
    )
    if _counted_after(movement, shelf) is not None:
        return rows_of(movement, shelf, zone)
    return _rows(movement, split_count(difference, shelf, local_day(count.at, zone), count.batch_id))


def recorded_milli(count: StockCount, shelf: Shelf) -> int:
    """Return the record that a count is compared with: the item's stock or the lot's."""
    if count.batch_id is None:
        return shelf.on_hand_milli
    lot = shelf.lot(count.batch_id)
    if lot is None:
        raise NotFound(f"no batch '{count.batch_id}'", field="batch_id")
    return lot.on_hand_milli


def shelf_after(shelf: Shelf, rows: Iterable[Movement]) -> Shelf:
    """Return the shelf after some rows."""
    return shelf.after(LotPart(row.batch_id, row.quantity_milli) for row in rows)


def settling_rows(item_id: str, shelf: Shelf, at: datetime, movement_id: str) -> tuple[Movement, ...]:
    """Return the rows that bring lots down to the stock where records of before hold more."""
    parts = split_movement("count", 0, shelf, at.date())
    if len(parts) == 1:
        return ()
    plain = Movement(movement_id, item_id, "count", 0, at, "rebuild", "lots brought down to the stock")
    return _rows(plain, parts[1:])


def _counted_after(movement: Movement, shelf: Shelf) -> datetime | None:
    """Return the instant of the newest count that comes after a movement of its item, or of its lot."""
    lot = shelf.lot(movement.batch_id) if movement.batch_id is not None else None
    counts = [shelf.counted_at, lot.counted_at if lot else None]
    later = [at for at in counts if at is not None and at > movement.at]
    return max(later, default=None)


def _rows(movement: Movement, parts: Sequence[LotPart]) -> tuple[Movement, ...]:
    """Write one row a part."""
    return tuple(
        replace(
            movement,
            movement_id=movement.movement_id if place == 0 else f"{movement.movement_id}~{place}",
            quantity_milli=part.quantity_milli,
            batch_id=part.lot_id,
        )
        for place, part in enumerate(parts)
    )


def record_before(count: StockCount, rows: Iterable[Movement]) -> int:
    """Return the record that a count found before it, from the rows it became."""
    own = (row for row in rows if not row.movement_id.endswith("~c"))
    return count.counted_milli - sum(
        row.quantity_milli for row in own if count.batch_id in (None, row.batch_id)
    )


def check_expected(count: StockCount, before_milli: int) -> None:
    """Refuse a count whose counter saw another record than there is."""
    if count.expected_milli is not None and count.expected_milli != before_milli:
        raise StockChanged(
            f"the stock is {before_milli} milli-units, not {count.expected_milli}", field="expected_milli"
        )


def check_not_below_zero(movement: Movement, before: Shelf, after: Shelf) -> None:
    """Refuse a movement that takes more than there is."""
    if after.on_hand_milli < 0 and after.on_hand_milli < before.on_hand_milli:
        raise OutOfStock(
            f"'{movement.item_id}' has {before.on_hand_milli} milli-units on hand, "
            f"{-movement.quantity_milli} are wanted",
            hint="enter the delivery first, or allow negative stock in the shop's settings",
        )


def is_same_movement(asked: Movement, rows: Sequence[Movement]) -> bool:
    """Return whether stored rows are those of a movement: of its kind and, unless it is a count, of its quantity."""
    own = [row for row in rows if not row.movement_id.endswith("~c")]
    if any((row.item_id, row.kind) != (asked.item_id, asked.kind) for row in own):
        return False
    return asked.kind == "count" or sum(row.quantity_milli for row in own) == asked.quantity_milli


def check_same_movement(asked: Movement, rows: Sequence[Movement]) -> None:
    """Refuse a movement whose id another one has.

    Raises
    ------
    IdReused
        When item, kind or quantity differ.
    """
    if not is_same_movement(asked, rows):
        raise IdReused(f"'{asked.movement_id}' is the id of another movement", field="movement_id")
