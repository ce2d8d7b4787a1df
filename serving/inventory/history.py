"""An item by day: sold, returned, sold out, its price and what was forecast, to be drawn against each other."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from serving.errors import InvalidInput
from serving.inventory.schemas import DayForecast, HistoryDay, ItemHistory
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, local_day
from serving.ports.forecasts import ForecastStore, SavedForecast
from serving.ports.items import Item, ItemStore
from serving.ports.prices import PriceChange, PriceStore
from serving.ports.sales import ItemDay, SalesStore
from serving.ports.stock import EmptyShelf, StockStore

_LONGEST = timedelta(days=366)
_FORECASTS = 400
_CHANGES = 400


class HistoryService:
    """Reads what happened to an item."""

    def __init__(
        self,
        items: ItemStore,
        stock: StockStore,
        sales: SalesStore,
        prices: PriceStore,
        forecasts: ForecastStore,
        accounts: AccountStore,
        clock: Clock,
    ) -> None:
        self._items = items
        self._stock = stock
        self._sales = sales
        self._prices = prices
        self._forecasts = forecasts
        self._accounts = accounts
        self._clock = clock

    def read(
        self, shop_id: str, item_id: str, days: int, start: date | None, end: date | None
    ) -> ItemHistory:
        """Return the days from a first to a last one, or the last ones until today."""
        item, shop, now = self._items.item(shop_id, item_id), self._accounts.shop(shop_id), self._clock.now()
        zone = ZoneInfo(shop.zone)
        last = end or local_day(now, shop.zone)
        first = start or last - timedelta(days=days - 1)
        if not first <= last <= first + _LONGEST:
            raise InvalidInput(
                f"'start' {first} and 'end' {last} are not a span of a year at most", field="start"
            )
        sold = {day.on: day for day in self._sales.item_days(shop_id, item_id, first, last)}
        opened = frozenset(self._sales.open_days(shop_id, first))
        empty = self._empty(shop_id, item, datetime.combine(first, time(), zone))
        changes = self._prices.changes(shop_id, item_id, _CHANGES, None).rows
        forecasts = _by_day(self._forecasts.made(shop_id, item_id, _FORECASTS, None).rows)
        rows = [
            _day(
                item, on, sold.get(on), on in opened, _share(empty, on, zone, now), changes, forecasts.get(on)
            )
            for on in (first + timedelta(days=n) for n in range((last - first).days + 1))
        ]
        return ItemHistory(item_id=item_id, unit=item.unit, rows=rows)

    def _empty(self, shop_id: str, item: Item, since: datetime) -> tuple[EmptyShelf, ...] | None:
        """Return when the item was sold out; None where no stock of it was ever entered."""
        if not self._stock.movements(shop_id, item.item_id, 1, None).rows:
            return None
        return self._stock.empty_shelves(shop_id, (item.item_id,), since)


def _day(
    item: Item,
    on: date,
    sold: ItemDay | None,
    is_open: bool,
    share: float | None,
    changes: Iterable[PriceChange],
    forecast: DayForecast | None,
) -> HistoryDay:
    """Put a day together."""
    return HistoryDay(
        on=on,
        open=is_open,
        sold_milli=sold.sold_milli if sold else 0,
        returned_milli=sold.returned_milli if sold else 0,
        amount_paise=sold.amount_paise if sold else 0,
        sold_out_share=share,
        price_paise=_price(item, on, changes),
        forecast=forecast,
    )


def _price(item: Item, on: date, changes: Iterable[PriceChange]) -> int | None:
    """Return the price at the end of a day; unknown where it changed since and the old price is not recorded."""
    later = [change for change in changes if change.on > on]
    if later:
        return min(later, key=lambda change: change.at).before_paise
    known = item.price_changed_on is None or item.price_changed_on <= on
    return item.price_paise if known or any(True for _ in changes) else None


def _share(empty: tuple[EmptyShelf, ...] | None, on: date, zone: ZoneInfo, now: datetime) -> float | None:
    """Return the share of a day at stock zero, of today the part that is over."""
    begin, end = datetime.combine(on, time(), zone), datetime.combine(on + timedelta(days=1), time(), zone)
    end = min(end, now)
    if empty is None or end <= begin:
        return None
    gone = sum(
        (max(min(gap.until or end, end) - max(gap.since, begin), timedelta()) for gap in empty), timedelta()
    )
    return round(gone / (end - begin), 4)


def _by_day(made: Iterable[SavedForecast]) -> Mapping[date, DayForecast]:
    """Return what was forecast for each day, the last time before it began; the newest come first."""
    found: dict[date, DayForecast] = {}
    for saved in made:
        for day in saved.forecast.days:
            if day.on in found:
                continue
            levels = {round(q.level, 2): q.milli for q in day.quantiles}
            found[day.on] = DayForecast(
                made_at=saved.made_at,
                as_of=saved.as_of,
                model_version=saved.model_version,
                p10_milli=levels.get(0.1),
                p50_milli=levels.get(0.5),
                p90_milli=levels.get(0.9),
            )
    return found
