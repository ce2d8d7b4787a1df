"""A shop's bills as the daily histories that the model is asked with."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from samaan_ml.domain.calendar import events_between
from samaan_ml.domain.messages import Event, ForecastRequest, ItemHistory
from serving.ports.accounts import Shop
from serving.ports.clock import local_day
from serving.ports.items import Item
from serving.ports.prices import PricePlan
from serving.ports.sales import DaySold, SalesStore
from serving.ports.stock import EmptyShelf, StockStore

HISTORY_DAYS = 731
STOCK_DAYS = 182
"""How far back the shelves are looked at; before that they count as full."""
_OPENS, _CLOSES = time(7), time(22)
"""The hours, in the shop's zone, in which an empty shelf loses sales."""
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
    sales: SalesStore,
    stock: StockStore,
    shop: Shop,
    items: Iterable[Item],
    today: date,
    horizon_days: int,
) -> ShopHistory:
    """Read the days of some items up to yesterday, and how long their shelves were empty.

    A shop that entered nothing for more than a week is forecast from the end of its data, and the answer says so.
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
    _add_stock(histories, stock, shop, starts_on)
    return ShopHistory(starts_on, until, stale, histories)


def _add_stock(histories: dict[str, ItemHistory], stock: StockStore, shop: Shop, starts_on: date) -> None:
    """Add the share of each day on which an item was in stock, where its shelf was empty at all."""
    since_day = starts_on - timedelta(days=STOCK_DAYS)
    start = datetime.combine(since_day, time(), ZoneInfo(shop.zone)).astimezone(UTC)
    gaps: dict[str, list[EmptyShelf]] = defaultdict(list)
    for gap in stock.empty_shelves(shop.shop_id, tuple(histories), start):
        gaps[gap.item_id].append(gap)
    for item_id, empty in gaps.items():
        plain = histories[item_id]
        shares = in_stock_shares(plain.start, len(plain.units_milli), empty, shop.zone)
        histories[item_id] = replace(plain, in_stock_share=shares)


def in_stock_shares(
    first: date, n_days: int, empty: Iterable[EmptyShelf], zone: str
) -> tuple[float, ...] | None:
    """Return, a day, the share of the open hours in which the shelf was not empty; None where it never was.

    Examples
    --------
    >>> noon = datetime(2026, 1, 1, 14, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
    >>> in_stock_shares(date(2026, 1, 1), 2, [EmptyShelf("milk", noon, None)], "Asia/Kolkata")
    (0.5, 0.0)
    """
    shares = [1.0] * n_days
    for gap in empty:
        since = gap.since.astimezone(ZoneInfo(zone))
        until = None if gap.until is None else gap.until.astimezone(ZoneInfo(zone))
        start = max((since.date() - first).days, 0)
        stop = n_days if until is None else min((until.date() - first).days + 1, n_days)
        for place in range(start, stop):
            day = first + timedelta(days=place)
            opens, closes = (datetime.combine(day, hour, ZoneInfo(zone)) for hour in (_OPENS, _CLOSES))
            lost = min(until or closes, closes) - max(since, opens)
            shares[place] -= max(lost, timedelta()) / (closes - opens)
    if min(shares, default=1.0) >= 1.0:
        return None
    return tuple(min(max(round(share, 4), 0.0), 1.0) for share in shares)


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
    first = min(units)
    days = [first + timedelta(days=n) for n in range((starts_on - first).days)]
    by_day = _prices_by_day(sold, days)
    planned: list[int | None] = [item.price_paise] * horizon_days
    return ItemHistory(
        item_id=item.item_id,
        category=item.category,
        start=first,
        units_milli=tuple(units.get(day, 0) if day in open_days else None for day in days),
        in_stock_share=None,
        price_paise=tuple(by_day + planned),
    )


def _prices_by_day(sold: list[DaySold], days: list[date]) -> list[int | None]:
    """Return the mean price of each day's sales, and the last known one on days without."""
    prices = {
        each.on: each.amount_paise * 1000 // each.units_milli
        for each in sold
        if each.units_milli > 0 and each.amount_paise >= 0
    }
    price_now: int | None = None
    by_day: list[int | None] = []
    for day in days:
        price_now = prices.get(day, price_now)
        by_day.append(price_now)
    return by_day


def with_planned_prices(
    histories: Iterable[ItemHistory], plans: Iterable[PricePlan], starts_on: date
) -> tuple[ItemHistory, ...]:
    """Let prices that the shop planned hold from their days on, the later ones over the earlier.

    One whose day has come and that is not the item's price yet holds from the first day.
    """
    of_item: dict[str, list[PricePlan]] = {}
    for plan in sorted(plans, key=lambda each: each.from_on):
        of_item.setdefault(plan.item_id, []).append(plan)
    return tuple(
        _from_their_days(history, of_item.get(history.item_id, ()), starts_on) for history in histories
    )


def _from_their_days(history: ItemHistory, plans: Iterable[PricePlan], starts_on: date) -> ItemHistory:
    """Replace the prices ahead of one item, where they are known."""
    if history.price_paise is None:
        return history
    known = list(history.price_paise)
    for plan in plans:
        first = len(history.units_milli) + max((plan.from_on - starts_on).days, 0)
        known[first:] = [plan.price_paise] * len(known[first:])
    return replace(history, price_paise=tuple(known))


def data_hash(request: ForecastRequest) -> str:
    """Hash all that a model is shown, whatever is asked of it and in which order.

    The items asked about together count as one: a model may learn an item's level from the others' sums. Levels and
    drivers are not part of it, for they change the answer's form alone.
    """
    items = sorted(request.items, key=lambda item: item.item_id)
    shown = _parts(request) | {"items": items, "levels": None, "explain": None}
    # Rows of numbers go to the encoder as they are: through `to_json` a whole shop would take seconds.
    text = json.dumps(shown, separators=(",", ":"), sort_keys=True, default=_parts)
    return hashlib.sha256(text.encode()).hexdigest()


def _parts(value: Any) -> Any:
    """Write a message by its fields, a day as text."""
    if isinstance(value, date):
        return value.isoformat()
    return {field.name: getattr(value, field.name) for field in fields(value)}
