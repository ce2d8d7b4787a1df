"""What of each lot will probably not be sold before it expires: one definition for lists, alerts and advice."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from samaan_ml.domain.messages import ItemForecast
from samaan_ml.domain.shelf_age import LotAtRisk, lots_at_risk
from serving.advice.demand import DemandReader
from serving.ports.accounts import Shop
from serving.ports.clock import Clock, local_day
from serving.ports.items import Item, ItemStore
from serving.ports.lots import Batch, LotStore
from serving.ports.sales import SalesStore


@dataclass(frozen=True, slots=True)
class LotRisk:
    """What of a lot is at risk; `risk` is None where there is too little data on the item's demand."""

    item: Item
    lot: Batch
    days_left: int
    risk: LotAtRisk | None


@dataclass(frozen=True, slots=True)
class ExpiryRisks:
    """The lots that expire within some days, and why no model forecast their demand (None where one did)."""

    on: date
    lots: tuple[LotRisk, ...]
    reason: str | None


class ExpiryReader:
    """Compares lots with the expected demand until each expires, the earliest sold first."""

    def __init__(
        self, demand: DemandReader, items: ItemStore, lots: LotStore, sales: SalesStore, clock: Clock
    ) -> None:
        self._demand = demand
        self._items = items
        self._lots = lots
        self._sales = sales
        self._clock = clock

    def read(self, shop: Shop, days: int) -> ExpiryRisks:
        """Return the lots with stock that expire within some days."""
        today = local_day(self._clock.now(), shop.zone)
        lots: dict[str, list[Batch]] = defaultdict(list)
        for lot in self._lots.expiring(shop.shop_id, today + timedelta(days=days)):
            lots[lot.item_id].append(lot)
        if not lots:
            return ExpiryRisks(today, (), None)
        items = self._items.items(shop.shop_id, tuple(lots))
        ahead = [item for item in items if any(_days_left(lot, today) > 0 for lot in lots[item.item_id])]
        horizon = max((_days_left(lot, today) for some in lots.values() for lot in some), default=0)
        told = self._demand.read(shop, ahead, max(horizon, 1), keep=False) if ahead else None
        sold = {
            each.item_id: each.units_milli for each in self._sales.days_sold(shop.shop_id, today, until=today)
        }
        found: list[LotRisk] = []
        for item in items:
            known = told.items.get(item.item_id) if told else None
            forecast = known.forecast if known else None
            found += _risks(item, lots[item.item_id], forecast, sold.get(item.item_id, 0), today)
        return ExpiryRisks(today, tuple(found), told.reason if told else None)


def _days_left(lot: Batch, today: date) -> int:
    """Count the days of sale that a lot has left; the store gives lots with a day only."""
    return max((lot.expires_on - today).days, 0) if lot.expires_on else 0


def _risks(
    item: Item, lots: Sequence[Batch], forecast: ItemForecast | None, sold_milli: int, today: date
) -> list[LotRisk]:
    """Return what of an item's lots will be left, the earliest expiry first."""
    days = [_days_left(lot, today) for lot in lots]
    demands = [_demand(forecast, left, sold_milli, today) for left in days]
    known = [
        (lot.on_hand_milli, demand) for lot, demand in zip(lots, demands, strict=True) if demand is not None
    ]
    risks = iter(lots_at_risk(known))
    return [
        LotRisk(item, lot, left, None if demand is None else next(risks))
        for lot, left, demand in zip(lots, days, demands, strict=True)
    ]


def _demand(forecast: ItemForecast | None, days_left: int, sold_milli: int, today: date) -> int | None:
    """Return the expected demand until a lot expires, less what was sold today already; None where unknown."""
    if days_left <= 0:
        return 0
    if forecast is None:
        return None
    until = today + timedelta(days=days_left)
    expected = sum(day.mean_milli for day in forecast.days if today <= day.on < until)
    of_today = sum(day.mean_milli for day in forecast.days if day.on == today)
    return expected - min(max(sold_milli, 0), of_today)
