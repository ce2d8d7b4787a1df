"""Which lots a sale takes from: first expired, first out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from serving.errors import Conflict


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot on the shelf."""

    batch_id: str
    expires_on: date | None
    on_hand_milli: int


def issue(
    item_id: str, quantity_milli: int, lots: Iterable[Lot], on: date, *, take_expired: bool = False
) -> Iterator[tuple[str | None, int]]:
    """Split a quantity over lots, the earliest expiry first; what no lot covers is taken without one.

    Goods that have left the shop come from an expired lot where there is no other (`take_expired`).

    Raises
    ------
    Conflict
        When only expired lots are left: they are not for sale.

    Examples
    --------
    >>> lots = [Lot("b1", date(2026, 1, 2), 2000), Lot("b2", date(2026, 1, 9), 5000)]
    >>> list(issue("milk", 3000, lots, date(2026, 1, 1)))
    [('b1', 2000), ('b2', 1000)]
    """
    stocked = [lot for lot in lots if lot.on_hand_milli > 0]
    fresh = [lot for lot in stocked if lot.expires_on is None or lot.expires_on >= on]
    if stocked and not fresh and take_expired:
        fresh = stocked
    if stocked and not fresh:
        raise Conflict(
            f"all lots of '{item_id}' have expired",
            field="lines",
            hint="take them out as wastage and enter the new delivery",
        )
    left = quantity_milli
    for lot in sorted(fresh, key=lambda lot: (lot.expires_on is None, lot.expires_on or on, lot.batch_id)):
        if left == 0:
            return
        part = min(left, lot.on_hand_milli)
        yield lot.batch_id, part
        left -= part
    if left:
        yield None, left
