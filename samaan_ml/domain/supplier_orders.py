"""One supplier's order brought up to the amount from which on he delivers, in whole packs and paise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from samaan_ml.domain.money import times_quantity

__all__ = ["FilledOrder", "OrderableItem", "fill_order", "line_cost_paise"]


@dataclass(frozen=True, slots=True)
class OrderableItem:
    """An item of a supplier and what is ordered of it anyway.

    Parameters
    ----------
    item_id : str
        The item.
    price_paise : int
        What a unit sells for.
    cost_paise : int or None
        What a unit is bought for; None where not known.
    pack_milli : int
        Units in a pack, milli-units.
    on_hand_milli : int
        Stock; below zero counts as none.
    needed_milli : int
        What is ordered because it is needed, in whole packs.
    daily_milli : int
        Expected demand a day.
    may_grow : bool, default=True
        Whether packs may be added; not where the forecast is to be looked at by a person.
    """

    item_id: str
    price_paise: int
    cost_paise: int | None
    pack_milli: int
    on_hand_milli: int
    needed_milli: int
    daily_milli: int
    may_grow: bool = True


@dataclass(frozen=True, slots=True)
class FilledOrder:
    """An order beside the supplier's minimum.

    Parameters
    ----------
    state : {"met", "filled", "below", "cost_unknown"}
        Whether what is needed reaches the minimum by itself, does with packs added, does not even with all that may
        be added (then none is), or cannot be told.
    added_milli : mapping of str to int
        What was added, by item.
    needed_paise, cost_paise : int
        Cost of what is needed, and of that with what was added; lines of unknown cost count nothing.
    short_paise : int
        What is missing to the minimum.
    """

    state: Literal["met", "filled", "below", "cost_unknown"]
    added_milli: dict[str, int]
    needed_paise: int
    cost_paise: int
    short_paise: int


def line_cost_paise(cost_paise: int, quantity_milli: int) -> int:
    """Cost of a line.

    Examples
    --------
    >>> line_cost_paise(2_501, 500)
    1251
    """
    return times_quantity(cost_paise, quantity_milli)


def fill_order(items: Sequence[OrderableItem], minimum_paise: int, most_days: int = 28) -> FilledOrder:
    """Bring an order to the supplier's minimum by the packs that earn most on the money they tie up.

    The next pack is the one with the largest margin a rupee and day: margin over cost, divided by the days that the
    stock then lasts. Packs that a later one makes unnecessary are removed. No item is stocked for more than
    `most_days`, none is bought that earns nothing.

    Parameters
    ----------
    items : sequence of OrderableItem
        All items of the supplier, those not needed now included.
    minimum_paise : int
        From what amount on he delivers.
    most_days : int, default=28
        For how many days of expected demand an item may be stocked.

    Returns
    -------
    FilledOrder

    Examples
    --------
    >>> tea = OrderableItem("tea", 12_000, 10_000, 1_000, 0, 2_000, 1_000)
    >>> soap = OrderableItem("soap", 4_000, 3_000, 1_000, 5_000, 0, 500)
    >>> filled = fill_order([tea, soap], 26_000)
    >>> filled.state, filled.added_milli, filled.cost_paise
    ('filled', {'tea': 1000}, 30000)
    """
    needed = _cost(items, {})
    if needed >= minimum_paise:
        return FilledOrder("met", {}, needed, needed, 0)
    if any(item.needed_milli and item.cost_paise is None for item in items):
        return FilledOrder("cost_unknown", {}, needed, needed, minimum_paise - needed)
    added: dict[str, int] = {}
    cost = needed
    while cost < minimum_paise:
        worth = [(rate, item) for item in items if (rate := _rate(item, added, most_days)) > 0]
        if not worth:
            return FilledOrder("below", {}, needed, needed, minimum_paise - needed)
        _, best = max(worth, key=lambda pair: (pair[0], pair[1].item_id))
        added[best.item_id] = added.get(best.item_id, 0) + best.pack_milli
        cost = _cost(items, added)
    added = _trimmed(items, added, minimum_paise, most_days)
    return FilledOrder("filled", added, needed, _cost(items, added), 0)


def _trimmed(
    items: Sequence[OrderableItem], added: dict[str, int], minimum_paise: int, most_days: int
) -> dict[str, int]:
    """Take packs back that the last, dearer one made needless, those that earn least first."""
    while True:
        spare = []
        for item in items:
            if added.get(item.item_id):
                fewer = {**added, item.item_id: added[item.item_id] - item.pack_milli}
                if _cost(items, fewer) >= minimum_paise:
                    spare.append((_rate(item, fewer, most_days), item.item_id, fewer))
        if not spare:
            return {item_id: milli for item_id, milli in added.items() if milli}
        added = min(spare, key=lambda one: one[:2])[2]


def _cost(items: Sequence[OrderableItem], added: dict[str, int]) -> int:
    """Sum what the lines cost."""
    return sum(
        line_cost_paise(item.cost_paise, item.needed_milli + added.get(item.item_id, 0))
        for item in items
        if item.cost_paise is not None
    )


def _rate(item: OrderableItem, added: dict[str, int], most_days: int) -> Fraction:
    """Margin a rupee and day of one more pack; 0 where none may be added."""
    if not item.may_grow or not item.cost_paise or item.daily_milli <= 0:
        return Fraction(0)
    stock = max(item.on_hand_milli, 0) + item.needed_milli + added.get(item.item_id, 0) + item.pack_milli
    if stock > most_days * item.daily_milli:
        return Fraction(0)
    return Fraction(max(item.price_paise - item.cost_paise, 0) * item.daily_milli, item.cost_paise * stock)
