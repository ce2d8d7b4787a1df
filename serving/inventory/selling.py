"""Items by how much of them is sold: the fast ones first."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from serving.errors import InvalidInput
from serving.inventory.schemas import ItemCard
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, local_day
from serving.ports.items import Item, ItemStore
from serving.ports.page import Page
from serving.ports.sales import SalesStore

_DAYS = 28
_PAGE = 200


class SellingService:
    """Lists items with what was sold of them in the last 28 days."""

    def __init__(self, items: ItemStore, sales: SalesStore, accounts: AccountStore, clock: Clock) -> None:
        self._items = items
        self._sales = sales
        self._accounts = accounts
        self._clock = clock

    def cards(self, shop_id: str, items: tuple[Item, ...]) -> list[ItemCard]:
        """Write items with what was sold of each."""
        sold = self._sold(shop_id, tuple(item.item_id for item in items))
        return [_card(item, sold[item.item_id]) for item in items]

    def fastest(self, shop_id: str, limit: int, after: str | None, category: str | None) -> Page[ItemCard]:
        """Return a page of items, the most sold first, those of the same sum in order of id."""
        start = 0 if after is None else _rank(after)
        items = list(self._all(shop_id, category))
        sold = self._sold(shop_id, None)
        ranked = sorted(items, key=lambda item: (-sold[item.item_id], item.item_id))
        shown = ranked[start : start + limit]
        more = len(ranked) > start + limit
        return Page(
            tuple(_card(item, sold[item.item_id]) for item in shown), str(start + limit) if more else None
        )

    def _sold(self, shop_id: str, item_ids: tuple[str, ...] | None) -> Counter[str]:
        """Sum the last 28 days up, today included."""
        today = local_day(self._clock.now(), self._accounts.shop(shop_id).zone)
        sold: Counter[str] = Counter()
        for day in self._sales.days_sold(shop_id, today - timedelta(days=_DAYS - 1), item_ids):
            sold[day.item_id] += day.units_milli
        return sold

    def _all(self, shop_id: str, category: str | None) -> Iterator[Item]:
        """Walk through the items."""
        after: str | None = None
        while True:
            page = self._items.list_items(shop_id, _PAGE, after, category)
            yield from page.rows
            if page.after is None:
                return
            after = page.after


def _card(item: Item, sold_milli: int) -> ItemCard:
    """Write an item with what was sold of it."""
    return ItemCard.model_validate(item).model_copy(update={"sold_28d_milli": sold_milli})


def _rank(cursor: str) -> int:
    """Read the place of a cursor."""
    if not cursor.isdecimal() or len(cursor) > 9:
        raise InvalidInput("the cursor is not one of this list", field="cursor")
    return int(cursor)
