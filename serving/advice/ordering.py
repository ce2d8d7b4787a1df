"""What to order from which supplier: one arithmetic for the reorder list, the forecast's card, alerts and drafts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samaan_ml.domain.messages import ItemForecast
from samaan_ml.domain.reorder import OrderArithmetic, StockPosition, order_arithmetic, runs_out_on
from samaan_ml.domain.visits import Visit, next_order, visits
from serving.advice.demand import DemandReader, ItemDemand
from serving.ports.accounts import Shop
from serving.ports.clock import Clock, local_day
from serving.ports.items import Item
from serving.ports.lots import LotStore
from serving.ports.orders import OrderStore
from serving.ports.sales import SalesStore
from serving.ports.suppliers import Supplier, SupplierStore

USUAL_DAYS = 7
"""How many days an order is to last, once it has come, where no visit tells."""
MOST_DAYS = 28
"""How many days ahead an order may reach."""


@dataclass(frozen=True, slots=True)
class Round:
    """How goods come: the supplier, the visit that can be ordered for now, and how long the order is to last.

    Parameters
    ----------
    supplier : Supplier or None
        Who delivers; None where the item has none.
    visit : Visit or None
        The first visit that can still be ordered for; None without visit days.
    arrives_in_days : int
        Days until the goods come.
    horizon_days : int
        Days from today on that stock and order are to last.
    """

    supplier: Supplier | None
    visit: Visit | None
    arrives_in_days: int
    horizon_days: int


@dataclass(frozen=True, slots=True)
class ItemAdvice:
    """What to order of one item, and why; `arithmetic` is None where there is too little data."""

    item: Item
    demand: ItemDemand
    arithmetic: OrderArithmetic | None
    position: StockPosition
    round: Round
    drafted_milli: int
    runs_out_on: date | None
    order_by: date | None

    @property
    def order_milli(self) -> int:
        """What to order."""
        return self.arithmetic.order_milli if self.arithmetic else 0


@dataclass(frozen=True, slots=True)
class Advice:
    """What to order of some items."""

    shop_id: str
    starts_on: date
    model_version: str | None
    reason: str | None
    items: dict[str, ItemAdvice]
    rounds: dict[str, Round]


class OrderAdvisor:
    """Advises orders from demand, stock, lots, orders on their way and the suppliers' visits."""

    def __init__(
        self,
        demand: DemandReader,
        lots: LotStore,
        suppliers: SupplierStore,
        orders: OrderStore,
        sales: SalesStore,
        clock: Clock,
    ) -> None:
        self._demand = demand
        self._lots = lots
        self._suppliers = suppliers
        self._orders = orders
        self._sales = sales
        self._clock = clock

    def rounds(self, shop: Shop, horizon_days: int | None = None) -> dict[str, Round]:
        """Return each supplier's round, by id."""
        now = self._clock.now()
        found = self._suppliers.suppliers(shop.shop_id)
        return {each.supplier_id: round_of(each, shop, now, horizon_days) for each in found}

    def positions(self, shop: Shop, items: Sequence[Item]) -> dict[str, StockPosition]:
        """Return what there is and what is on its way of some items, at this moment."""
        today = local_day(self._clock.now(), shop.zone)
        coming = self._orders.on_order(shop.shop_id)
        expired: dict[str, int] = defaultdict(int)
        for lot in self._lots.expiring(shop.shop_id, today - timedelta(days=1)):
            expired[lot.item_id] += lot.on_hand_milli
        sold = {
            each.item_id: each.units_milli for each in self._sales.days_sold(shop.shop_id, today, until=today)
        }
        return {
            item.item_id: StockPosition(
                item.on_hand_milli,
                expired.get(item.item_id, 0),
                coming.get(item.item_id, 0),
                sold.get(item.item_id, 0),
            )
            for item in items
        }

    def advise(
        self, shop: Shop, items: Sequence[Item], horizon_days: int | None = None, *, keep: bool = True
    ) -> Advice:
        """Work out what to order of some items, over the days that each one's order is to last."""
        today = local_day(self._clock.now(), shop.zone)
        rounds = self.rounds(shop, horizon_days)
        positions = self.positions(shop, items)
        drafted = self._orders.drafted(shop.shop_id)
        by_days: dict[int, list[Item]] = defaultdict(list)
        for item in items:
            by_days[_days_of(item, rounds, horizon_days)].append(item)
        parts = [
            self._demand.read(shop, some, days, keep=keep)
            for days, some in sorted(by_days.items()) or [(horizon_days or USUAL_DAYS, [])]
        ]
        found = {
            each.item.item_id: _advice(
                each,
                positions[each.item.item_id],
                _round_of_item(each.item, rounds, horizon_days),
                drafted.get(each.item.item_id, 0),
                shop,
                today,
            )
            for part in parts
            for each in part.items.values()
        }
        return Advice(
            shop_id=shop.shop_id,
            starts_on=min(part.starts_on for part in parts),
            model_version=next((part.model_version for part in parts if part.model_version), None),
            reason=next((part.reason for part in parts if part.reason), None),
            items=found,
            rounds=rounds,
        )


def round_of(supplier: Supplier, shop: Shop, now: datetime, horizon_days: int | None = None) -> Round:
    """Find the visit to order for, and until when that order is to last where the caller does not say."""
    found = next_order(supplier.plan, now, shop.zone, shop.region)
    if found is None:
        # What is sold until the goods come is to be ordered too, or they would come to an empty shelf.
        days = min(supplier.lead_time_days + USUAL_DAYS, MOST_DAYS)
        return Round(supplier, None, supplier.lead_time_days, horizon_days or days)
    visit, following = found
    today = local_day(now, shop.zone)
    days = min((following.on - today).days, MOST_DAYS)
    return Round(supplier, visit, (visit.on - today).days, horizon_days or days)


def _round_of_item(item: Item, rounds: Mapping[str, Round], horizon_days: int | None) -> Round:
    """Return the round of an item's supplier, or one by its own lead time."""
    own = rounds.get(item.supplier_id or "")
    if own is not None:
        return own
    days = min(item.lead_time_days + USUAL_DAYS, MOST_DAYS)
    return Round(None, None, item.lead_time_days, horizon_days or days)


def _days_of(item: Item, rounds: Mapping[str, Round], horizon_days: int | None) -> int:
    """Return how many days an item's order is to last: no longer than the goods keep."""
    own = _round_of_item(item, rounds, horizon_days)
    if item.shelf_life_days is None:
        return own.horizon_days
    return max(min(own.horizon_days, own.arrives_in_days + item.shelf_life_days), 1)


def _advice(
    demand: ItemDemand, position: StockPosition, own: Round, drafted_milli: int, shop: Shop, today: date
) -> ItemAdvice:
    """Put the advice on one item together."""
    told: ItemForecast | None = demand.forecast
    item = demand.item
    floor = item.reorder_point_milli or 0
    arithmetic = order_arithmetic(told, position, item.service_level, item.pack_milli, today, floor)
    empty_on = None if told is None else runs_out_on(position, told.days, today)
    return ItemAdvice(
        item=item,
        demand=demand,
        arithmetic=arithmetic,
        position=position,
        round=own,
        drafted_milli=drafted_milli,
        runs_out_on=empty_on,
        order_by=last_day_to_order(empty_on, own, item, shop, today),
    )


def last_day_to_order(empty_on: date | None, own: Round, item: Item, shop: Shop, today: date) -> date | None:
    """Return the last day to order so that the goods come before the stock runs out, or the first there is.

    Where the supplier has visit days, it is the day on which the order for his last visit before that is due.
    """
    if empty_on is None:
        return None
    if own.supplier is None or own.visit is None:
        return max(empty_on - timedelta(days=item.lead_time_days), today)
    last = own.visit
    for visit in visits(own.supplier.plan, own.visit.on, shop.zone, shop.region):
        if visit.on > empty_on:
            break
        last = visit
    return last.order_due.date()
