"""How old the stock is and whether it moves: money that lies on the shelf, item by item."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from samaan_ml.domain.money import times_quantity
from samaan_ml.domain.shelf_age import AgeLayer, layers_left, stock_state
from serving.inventory.stock_schemas import AgeBucket, StockAgeRow
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, local_day
from serving.ports.items import Item, ItemStore
from serving.ports.page import Page
from serving.ports.sales import SalesStore
from serving.ports.stock import StockStore

BUCKETS = (30, 60, 90)
"""Ages in days that part the buckets."""
_LOOK_BACK = timedelta(days=365)
_PAGE = 200
_PAGES = 5
"""How many movements, in pages, the age of an item's stock is looked for in."""


@dataclass(frozen=True, slots=True)
class _Sold:
    """What sold of an item in the window, and when something last did."""

    milli: int = 0
    last_on: date | None = None


class AgeingService:
    """Reports how old and how slow stock is."""

    def __init__(
        self, items: ItemStore, stock: StockStore, sales: SalesStore, accounts: AccountStore, clock: Clock
    ) -> None:
        self._items = items
        self._stock = stock
        self._sales = sales
        self._accounts = accounts
        self._clock = clock

    def page(
        self, shop_id: str, limit: int, after: str | None, window_days: int, slow_days: int
    ) -> Page[StockAgeRow]:
        """Return the items of a page that are in stock."""
        zone = self._accounts.shop(shop_id).zone
        today = local_day(self._clock.now(), zone)
        page = self._items.list_items(shop_id, limit, after)
        stocked = [item for item in page.rows if item.on_hand_milli > 0]
        sold = self._sold(shop_id, tuple(item.item_id for item in stocked), today, window_days)
        rows = tuple(
            _row(
                item,
                sold[item.item_id],
                layers_left(item.on_hand_milli, self._came_in(shop_id, item, zone)),
                today,
                window_days,
                slow_days,
            )
            for item in stocked
        )
        return Page(rows, page.after)

    def _sold(
        self, shop_id: str, item_ids: tuple[str, ...], today: date, window_days: int
    ) -> defaultdict[str, _Sold]:
        """Sum the sales of some items in the window up to yesterday."""
        found: defaultdict[str, _Sold] = defaultdict(_Sold)
        if not item_ids:
            return found
        since = today - timedelta(days=window_days)
        for day in self._sales.days_sold(shop_id, today - _LOOK_BACK, item_ids):
            before = found[day.item_id]
            units = day.units_milli if since <= day.on < today else 0
            last = max(day.on, before.last_on or day.on) if day.units_milli > 0 else before.last_on
            found[day.item_id] = _Sold(before.milli + units, last)
        return found

    def _came_in(self, shop_id: str, item: Item, zone: str) -> list[tuple[date, int]]:
        """Return what came in, the newest first, as far back as the stock reaches.

        The store lists movements by the time of entry; a delivery may have been entered late.
        """
        found: list[tuple[date, int]] = []
        after: str | None = None
        for _ in range(_PAGES):
            page = self._stock.movements(shop_id, item.item_id, _PAGE, after)
            found += [
                (local_day(each.at, zone), each.quantity_milli)
                for each in page.rows
                if each.quantity_milli > 0
            ]
            after = page.after
            if after is None or sum(quantity for _, quantity in found) >= item.on_hand_milli:
                break
        return sorted(found, reverse=True)


def _row(
    item: Item,
    sold: _Sold,
    layers: tuple[AgeLayer, ...],
    today: date,
    window_days: int,
    slow_days: int,
) -> StockAgeRow:
    """Tell the age and pace of one item's stock."""
    state, cover = stock_state(item.on_hand_milli, sold.milli, window_days, slow_days)
    value = item.cost_paise if item.cost_paise is not None else item.price_paise
    known = [layer.since for layer in layers if layer.since is not None]
    return StockAgeRow(
        item_id=item.item_id,
        name=item.name,
        state=state,
        on_hand_milli=item.on_hand_milli,
        sold_milli=sold.milli,
        window_days=window_days,
        slow_days=slow_days,
        cover_days=None if cover is None else round(float(cover), 1),
        days_since_sale=None if sold.last_on is None else (today - sold.last_on).days,
        oldest_since=min(known, default=None),
        ages=_buckets(layers, today),
        unit_value_paise=value,
        value_paise=times_quantity(value, item.on_hand_milli),
    )


def _buckets(layers: tuple[AgeLayer, ...], today: date) -> list[AgeBucket]:
    """Sum the layers by age; the last bucket holds what is older, and what has no known age."""
    sums = [0] * (len(BUCKETS) + 1)
    for layer in layers:
        age = None if layer.since is None else (today - layer.since).days
        place = next((n for n, upto in enumerate(BUCKETS) if age is not None and age <= upto), len(BUCKETS))
        sums[place] += layer.quantity_milli
    bounds: tuple[int | None, ...] = (*BUCKETS, None)
    return [AgeBucket(up_to_days=upto, milli=milli) for upto, milli in zip(bounds, sums, strict=True)]
