"""Which lots a movement of stock takes from or adds to, so that the lots never hold more than the stock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from samaan_ml.domain.errors import RuleError

__all__ = [
    "LotPart",
    "LotStock",
    "LotTooSmallError",
    "OnlyExpiredLeftError",
    "Shelf",
    "split_count",
    "split_movement",
]


class OnlyExpiredLeftError(RuleError):
    """Nothing but expired lots is left of an item, and those are not for sale."""


class LotTooSmallError(RuleError):
    """A named lot holds less than is taken from it."""


@dataclass(frozen=True, slots=True)
class LotStock:
    """A lot on the shelf.

    Parameters
    ----------
    lot_id : str
        The lot.
    expires_on : date or None
        Last day on which it may be sold; None where nothing is printed.
    received_at : datetime
        When it came.
    on_hand_milli : int
        What it holds, milli-units, never below 0.
    counted_at : datetime or None, default=None
        Instant of the newest count of this lot.
    """

    lot_id: str
    expires_on: date | None
    received_at: datetime
    on_hand_milli: int
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LotPart:
    """A part of a movement: what one lot gives or gets, or (`lot_id` None) the stock outside any lot."""

    lot_id: str | None
    quantity_milli: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """The stock of an item and its lots at one moment.

    Parameters
    ----------
    on_hand_milli : int
        The item's stock, milli-units; below zero where entries lag behind sales.
    lots : tuple of LotStock
        Its lots.
    counted_at : datetime or None, default=None
        Instant of the newest count of the item.
    """

    on_hand_milli: int
    lots: tuple[LotStock, ...] = ()
    counted_at: datetime | None = None

    @property
    def in_lots_milli(self) -> int:
        """What the lots hold together."""
        return sum(lot.on_hand_milli for lot in self.lots)

    @property
    def loose_milli(self) -> int:
        """Stock outside any lot."""
        return max(max(self.on_hand_milli, 0) - self.in_lots_milli, 0)

    def lot(self, lot_id: str) -> LotStock | None:
        """Return a lot, or None where the item has no such lot."""
        return next((lot for lot in self.lots if lot.lot_id == lot_id), None)

    def after(self, parts: Iterable[LotPart]) -> Shelf:
        """Return the shelf after some parts of movements."""
        on_hand, by_lot = self.on_hand_milli, {lot.lot_id: lot for lot in self.lots}
        for part in parts:
            on_hand += part.quantity_milli
            if part.lot_id is not None:
                lot = by_lot[part.lot_id]
                by_lot[part.lot_id] = replace(lot, on_hand_milli=lot.on_hand_milli + part.quantity_milli)
        return replace(self, on_hand_milli=on_hand, lots=tuple(by_lot.values()))

    def sellable_milli(self, on: date) -> int:
        """Return the stock that is not in an expired lot."""
        expired = sum(lot.on_hand_milli for lot in self.lots if _expired(lot, on))
        return max(self.on_hand_milli, 0) - expired


def split_movement(
    kind: str,
    quantity_milli: int,
    shelf: Shelf,
    on: date,
    lot_id: str | None = None,
    *,
    take_expired: bool = False,
) -> tuple[LotPart, ...]:
    """Split a movement over the lots of an item.

    What comes in goes to the named lot, less what was sold of it before it was entered (stock below zero). What goes
    out is taken from the named lot, or in the order of its kind:

    - a sale, gift, theft or own use: the first to expire, the stock outside lots, then expired lots;
    - wastage: expired lots, the stock outside lots, then the first to expire;
    - a supplier's return: the lot that came last, then the stock outside lots;
    - a count that finds less: expired lots, the first to expire, then the stock outside lots;
    - anything else, such as a reversal: the stock outside lots, then the first to expire.

    Parameters
    ----------
    kind : str
        Kind of the movement.
    quantity_milli : int
        Signed; what comes in is positive.
    shelf : Shelf
        The item's stock before it.
    on : date
        The shop's day of the movement: a lot is for sale until the end of its `expires_on`.
    lot_id : str or None, default=None
        The lot that is named; it must be one of the shelf's.
    take_expired : bool, default=False
        Whether a sale may empty expired lots where there are no others: the goods have left already.

    Returns
    -------
    tuple of LotPart
        They sum to the quantity; at least one.

    Raises
    ------
    OnlyExpiredLeftError
        When a sale finds expired lots and nothing else.
    LotTooSmallError
        When the named lot holds less than is taken; a reversal takes the rest from elsewhere.

    Examples
    --------
    >>> from datetime import timezone
    >>> came = datetime(2026, 1, 1, tzinfo=timezone.utc)
    >>> shelf = Shelf(9_000, (LotStock("a", date(2026, 1, 2), came, 2_000), LotStock("b", None, came, 5_000)))
    >>> [(part.lot_id, part.quantity_milli) for part in split_movement("sale", -8_000, shelf, date(2026, 1, 1))]
    [('a', -2000), ('b', -5000), (None, -1000)]
    """
    if quantity_milli >= 0:
        parts = _added(quantity_milli, shelf, lot_id)
    elif lot_id is not None and kind != "reversal":
        lot = shelf.lot(lot_id)
        held = lot.on_hand_milli if lot else 0
        if held < -quantity_milli:
            raise LotTooSmallError(
                f"lot '{lot_id}' holds {held} milli-units, {-quantity_milli} are taken", "batch_id"
            )
        parts = [LotPart(lot_id, quantity_milli)]
    else:
        nothing_fresh = shelf.in_lots_milli > 0 and shelf.sellable_milli(on) <= 0
        if kind == "sale" and nothing_fresh and not take_expired:
            raise OnlyExpiredLeftError("all that is left has expired", "lines")
        parts = _taken(-quantity_milli, _sources(kind, shelf, on, lot_id))
    return (*parts, *_settled(shelf.after(parts), on))


def split_count(
    difference_milli: int, shelf: Shelf, on: date, lot_id: str | None = None
) -> tuple[LotPart, ...]:
    """Split what a count found more or less than the record.

    A count of one lot changes that lot; the item's stock is raised beyond the difference where it would be less than
    its lots hold.

    Examples
    --------
    >>> split_count(-2_000, Shelf(5_000), date(2026, 1, 1))
    (LotPart(lot_id=None, quantity_milli=-2000),)
    """
    if lot_id is None or difference_milli <= 0:
        return split_movement("count", difference_milli, shelf, on, lot_id)
    counted = LotPart(lot_id, difference_milli)
    after = shelf.after([counted])
    missing = after.in_lots_milli - after.on_hand_milli
    return (counted, LotPart(None, missing)) if missing > 0 else (counted,)


def _added(quantity_milli: int, shelf: Shelf, lot_id: str | None) -> list[LotPart]:
    """Add to a lot as far as the stock after it reaches, and the rest outside."""
    if lot_id is None:
        return [LotPart(None, quantity_milli)]
    room = max(shelf.on_hand_milli + quantity_milli, 0) - shelf.in_lots_milli
    inside = min(max(room, 0), quantity_milli)
    parts = [LotPart(lot_id, inside)] if inside or not quantity_milli else []
    return [*parts, LotPart(None, quantity_milli - inside)] if inside < quantity_milli else parts


def _sources(kind: str, shelf: Shelf, on: date, lot_id: str | None) -> Iterator[tuple[str | None, int]]:
    """Yield the lots in the order in which a kind takes from them, None for the stock outside."""
    lots = sorted(shelf.lots, key=lambda lot: (lot.expires_on is None, lot.expires_on or on, lot.lot_id))
    fresh = [(lot.lot_id, lot.on_hand_milli) for lot in lots if not _expired(lot, on)]
    expired = [(lot.lot_id, lot.on_hand_milli) for lot in lots if _expired(lot, on)]
    loose: list[tuple[str | None, int]] = [(None, shelf.loose_milli)]
    newest = sorted(shelf.lots, key=lambda lot: (lot.received_at, lot.lot_id), reverse=True)
    named = shelf.lot(lot_id) if lot_id is not None else None
    match kind:
        case "sale" | "gift" | "theft" | "own_use":
            yield from (*fresh, *loose, *expired)
        case "wastage":
            yield from (*expired, *loose, *fresh)
        case "supplier_return":
            yield from ((lot.lot_id, lot.on_hand_milli) for lot in newest)
            yield from loose
        case "count":
            yield from (*expired, *fresh, *loose)
        case _:
            yield from [(named.lot_id, named.on_hand_milli)] if named else []
            yield from loose
            yield from (pair for pair in (*fresh, *expired) if named is None or pair[0] != named.lot_id)


def _taken(wanted_milli: int, sources: Iterable[tuple[str | None, int]]) -> list[LotPart]:
    """Take from the sources in order; what none of them covers is stock that was never entered."""
    parts: list[LotPart] = []
    outside = 0
    for lot_id, held in sources:
        part = min(held, wanted_milli)
        wanted_milli -= part
        if lot_id is None:
            outside += part
        elif part > 0:
            parts.append(LotPart(lot_id, -part))
    outside += wanted_milli
    return [*parts, LotPart(None, -outside)] if outside or not parts else parts


def _settled(shelf: Shelf, on: date) -> list[LotPart]:
    """Bring lots that hold more than the stock down to it: they come from records of before lots moved along."""
    excess = shelf.in_lots_milli - max(shelf.on_hand_milli, 0)
    if excess <= 0:
        return []
    lots = [source for source in _sources("count", shelf, on, None) if source[0] is not None]
    parts = [part for part in _taken(excess, lots) if part.lot_id is not None]
    return [*parts, LotPart(None, excess)]


def _expired(lot: LotStock, on: date) -> bool:
    """Return whether a lot may not be sold on a day."""
    return lot.expires_on is not None and lot.expires_on < on
