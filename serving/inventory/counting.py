"""Movements worked out from the stock, such as counts: none is entered against stock that moved meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from serving.errors import StockChanged
from serving.ports.items import Item, ItemStore
from serving.ports.stock import Movement, StockStore

_TRIES = 8
_PAGE = 200
_LATER_PAGES = 25
"""How many movements, in pages, a count that comes late is worked out against."""


def moved_after(stock: StockStore, shop_id: str, item_id: str, at: datetime) -> int:
    """Sum what moved after an instant: a count that comes late says nothing of it."""
    moved, after = 0, None
    for _ in range(_LATER_PAGES):
        page = stock.movements(shop_id, item_id, _PAGE, after)
        moved += sum(each.quantity_milli for each in page.rows if each.at > at)
        if page.after is None:
            return moved
        after = page.after
    # Movements entered so long ago are older than any count still to come, but for backdated ones.
    return moved


def enter_worked_out(
    items: ItemStore,
    stock: StockStore,
    shop_id: str,
    item_id: str,
    movement_id: str,
    work_out: Callable[[Item], Movement | None],
) -> tuple[Item, Movement | None]:
    """Enter what is worked out from an item as it is, again where other writes overtake it.

    A write that was cut off after it had entered its movement finds it there when it is repeated: nothing is
    worked out from a stock which that movement has changed already.

    Parameters
    ----------
    items, stock : ItemStore, StockStore
        Where the items and their stock are kept.
    shop_id, item_id : str
        The item.
    movement_id : str
        Id of the movement, the same when the write is repeated.
    work_out : callable
        Gives the movement from the item, under that id, or None where none is wanted.

    Returns
    -------
    tuple of Item and Movement or None
        The item as it was before the movement, and what was entered.

    Raises
    ------
    NotFound
        When the item is not there.
    StockChanged
        When other writes overtook it time and again.
    """
    entered = stock.entered(shop_id, item_id, movement_id)
    if entered is not None:
        before = replace(items.item(shop_id, item_id), on_hand_milli=entered.on_hand_before_milli)
        return before, entered.movement
    for last in (*[False] * (_TRIES - 1), True):
        item = items.item(shop_id, item_id)
        movement = work_out(item)
        if movement is None:
            return item, None
        try:
            stock.move_from(shop_id, item.on_hand_milli, movement)
        except StockChanged:
            if last:
                raise
        else:
            return item, movement
    raise AssertionError("the last try returns or raises")
