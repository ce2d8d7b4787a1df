"""A shop's bills as the daily histories that the model is asked with."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from samaan_ml.domain.calendar import events_between
from samaan_ml.domain.messages import Event, ItemHistory
from serving.ports.accounts import Shop
from serving.ports.clock import local_day
from serving.ports.inventory import Item
from serving.ports.sales import DaySold, SalesStore

HISTORY_DAYS = 731
_STALE_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ShopHistory:
    """What the forecast starts from: its first day, the last day with a bill, the items' days."""

    starts_on: date
    until: date | None
    stale: bool
    items: dict[str, ItemHistory]

    def events(self, region: str | None, horizon_days: int) -> tuple[Event, ...]:
        """Return the festivals of the region over the histories and the days ahead."""
        first = min((item.start for item in self.items.values()), default=self.starts_on)
        return _events(first, self.starts_on + timedelta(days=horizon_days), region)


@lru_cache(maxsize=256)
def _events(first: date, last: date, region: str | None) -> tuple[Event, ...]:
    """Compute the festivals once for all shops of a region that ask over the same days."""
    return tuple(Event(on, name) for on, name in events_between(first, last, region))


def read_history(
    sales: SalesStore, shop: Shop, items: Iterable[Item], today: date, horizon_days: int
) -> ShopHistory:
    """Read the days of some items up to yesterday.

    A shop that entered nothing for more than a week is forecast from the end of what it entered, and told so.
    """
    chosen = {item.item_id: item for item in items}
    since = today - timedelta(days=HISTORY_DAYS)
    all_days = sales.open_days(shop.shop_id, since)
    # A day that is not over is no history; in a shop's very first day it is all there is.
    open_days = [day for day in all_days if day < today] or list(all_days)
    until = open_days[-1] if open_days else None
    stale = until is not None and today - until > _STALE_AFTER
    starts_on = until + timedelta(days=1) if until is not None and (stale or until >= today) else today
    by_item: dict[str, list[DaySold]] = defaultdict(list)
    for sold in sales.days_sold(shop.shop_id, since, tuple(chosen)):
        if sold.on < starts_on:
            by_item[sold.item_id].append(sold)
    known = frozenset(open_days)
    histories = {
        item_id: _history(item, by_item[item_id], known, starts_on, horizon_days, shop.zone)
        for item_id, item in chosen.items()
    }
    return ShopHistory(starts_on, until, stale, histories)


def _history(
    item: Item,
    sold: list[DaySold],
    open_days: frozenset[date],
    starts_on: date,
    horizon_days: int,
    zone: str,
) -> ItemHistory:
    """Lay one item's sums out by day, from its first sale or entry on; closed days are None."""
    if not sold:
        first = min(local_day(item.created_at, zone), starts_on)
        known = [first + timedelta(days=n) for n in range((starts_on - first).days)]
        zeros = tuple(0 if day in open_days else None for day in known)
        return ItemHistory(item.item_id, item.category, first, zeros)
    units = {each.on: max(each.units_milli, 0) for each in sold}
    prices = {
        each.on: each.amount_paise * 1000 // each.units_milli
        for each in sold
        if each.units_milli > 0 and each.amount_paise >= 0
    }
    first = min(units)
    days = [first + timedelta(days=n) for n in range((starts_on - first).days)]
    price_now: int | None = None
    by_day: list[int | None] = []
    for day in days:
        price_now = prices.get(day, price_now)
        by_day.append(price_now)
    planned: list[int | None] = [item.price_paise] * horizon_days
    return ItemHistory(
        item_id=item.item_id,
        category=item.category,
        start=first,
        units_milli=tuple(units.get(day, 0) if day in open_days else None for day in days),
        in_stock_share=None,
        price_paise=tuple(by_day + planned),
    )
