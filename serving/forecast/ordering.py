"""What to order of whom: the needs of every item, by supplier, over his visits and up to his minimum."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from samaan_ml.domain.supplier_orders import FilledOrder, OrderableItem, fill_order, line_cost_paise
from samaan_ml.domain.visits import Visit, next_order, visits
from serving.forecast.schemas import (
    ForecastCard,
    ItemForecastCard,
    Reorder,
    ReorderList,
    ReorderRow,
    SupplierOrder,
)
from serving.forecast.service import ForecastService
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, local_day
from serving.ports.items import Item, ItemStore
from serving.ports.suppliers import Supplier, SupplierStore

USUAL_DAYS = 7
"""How many days an order is to last, once it has come, where no visit tells."""
MOST_DAYS = 28
"""How many days of expected demand an item may be stocked for to reach a minimum."""
_PAGE = 200
_MAX_ITEMS = 2_000


@dataclass(frozen=True, slots=True)
class _Round:
    """A supplier and the visit that can be ordered for now; the order lasts until the one after it."""

    supplier: Supplier
    visit: Visit | None
    horizon_days: int


class OrderService:
    """Makes the order list."""

    def __init__(
        self,
        forecasting: ForecastService,
        items: ItemStore,
        suppliers: SupplierStore,
        accounts: AccountStore,
        clock: Clock,
    ) -> None:
        self._forecasting = forecasting
        self._items = items
        self._suppliers = suppliers
        self._accounts = accounts
        self._clock = clock

    def reorder(
        self, shop_id: str, horizon_days: int | None, supplier_id: str | None, *, fill_minimum: bool
    ) -> ReorderList:
        """List what to order for the whole shop or one supplier, the most urgent first."""
        shop, now = self._accounts.shop(shop_id), self._clock.now()
        items = [i for i in self._all_items(shop_id) if supplier_id is None or i.supplier_id == supplier_id]
        rounds = {
            each.supplier_id: _round(each, shop, now, horizon_days)
            for each in self._suppliers.suppliers(shop_id)
        }
        cards = self._forecasts(shop_id, items, rounds, horizon_days or USUAL_DAYS)
        by_id = {item.item_id: item for item in items}
        by_item = {each.item_id: (by_id[each.item_id], each) for card in cards for each in card.items}
        orders, added = _supplier_orders(by_item, rounds, fill_minimum=fill_minimum)
        rows = [
            row
            for item, card in by_item.values()
            if (row := _row(item, card, added.get(item.item_id, 0), rounds, shop)) is not None
        ]
        today = local_day(now, shop.zone)
        rows.sort(
            key=lambda row: (row.order_by is None, row.order_by or today, -(row.cost_paise or 0), row.item_id)
        )
        return ReorderList(
            starts_on=min(card.starts_on for card in cards),
            horizon_days=horizon_days or USUAL_DAYS,
            model_version=next((card.model_version for card in cards if card.model_version), None),
            degraded=any(card.degraded for card in cards),
            rows=rows,
            suppliers=orders,
            cost_paise=sum(row.cost_paise or 0 for row in rows),
        )

    def _forecasts(
        self, shop_id: str, items: Sequence[Item], rounds: Mapping[str, _Round], usual_days: int
    ) -> list[ForecastCard]:
        """Forecast the items over the days that their supplier's order is to last."""
        by_days: dict[int, list[Item]] = defaultdict(list)
        for item in items:
            own = rounds.get(item.supplier_id or "")
            by_days[own.horizon_days if own else usual_days].append(item)
        asked = sorted(by_days.items()) or [(usual_days, [])]
        return [self._forecasting.make(shop_id, part, days) for days, part in asked]

    def _all_items(self, shop_id: str) -> list[Item]:
        """Return the shop's items, as many as one request to the model may hold."""
        found: list[Item] = []
        after: str | None = None
        while len(found) < _MAX_ITEMS:
            page = self._items.list_items(shop_id, _PAGE, after)
            found += page.rows
            if page.after is None:
                break
            after = page.after
        return found


def _round(supplier: Supplier, shop: Shop, now: datetime, horizon_days: int | None) -> _Round:
    """Find the visit to order for, and until when that order is to last where the caller does not say."""
    found = next_order(supplier.plan, now, shop.zone, shop.region)
    if found is None:
        # What is sold until the goods come is to be ordered too, or they would come to an empty shelf.
        return _Round(supplier, None, horizon_days or min(supplier.lead_time_days + USUAL_DAYS, MOST_DAYS))
    visit, following = found
    days = (following.on - local_day(now, shop.zone)).days
    return _Round(supplier, visit, horizon_days or min(days, MOST_DAYS))


def _supplier_orders(
    by_item: Mapping[str, tuple[Item, ItemForecastCard]],
    rounds: Mapping[str, _Round],
    *,
    fill_minimum: bool,
) -> tuple[list[SupplierOrder], dict[str, int]]:
    """Sum up each supplier's order, bring it to his minimum, and return what was added by item."""
    orders: list[SupplierOrder] = []
    added: dict[str, int] = {}
    for supplier_id, own in sorted(rounds.items()):
        theirs = [_orderable(i, card) for i, card in by_item.values() if i.supplier_id == supplier_id]
        if not any(item.needed_milli for item in theirs):
            continue
        fixed = [item if fill_minimum else _fixed(item) for item in theirs]
        filled = fill_order(fixed, own.supplier.minimum_order_paise, MOST_DAYS)
        added |= filled.added_milli
        orders.append(_order(own, filled, fill_minimum=fill_minimum))
    return orders, added


def _orderable(item: Item, card: ItemForecastCard) -> OrderableItem:
    """Tell what is needed of an item and how fast it sells."""
    days = len(card.days)
    return OrderableItem(
        item_id=item.item_id,
        price_paise=item.price_paise,
        cost_paise=item.cost_paise,
        pack_milli=item.pack_milli,
        on_hand_milli=item.on_hand_milli,
        needed_milli=card.reorder.order_milli if card.reorder else 0,
        daily_milli=sum(day.mean_milli for day in card.days) // days if days else 0,
        may_grow=card.status == "ok",
    )


def _fixed(item: OrderableItem) -> OrderableItem:
    """Forbid to add packs."""
    return replace(item, may_grow=False)


_WHY: dict[str, str] = {
    "met": "what is needed reaches the minimum",
    "filled": "packs were added that earn most on the money they tie up",
    "cost_unknown": "a line's cost is not known; enter it with the item",
    "below": f"no more can be added: the rest is stocked for {MOST_DAYS} days, earns nothing, has no known cost or "
    "is to be reviewed; wait for the next visit, or ask the supplier",
}
_NOT_ASKED = (
    "nothing was to be added; ask with fill_minimum=true, wait for the next visit, or ask the supplier"
)


def _order(own: _Round, filled: FilledOrder, *, fill_minimum: bool) -> SupplierOrder:
    """Show a supplier's order."""
    visit, supplier = own.visit, own.supplier
    below = filled.state == "below" and not fill_minimum
    return SupplierOrder(
        supplier_id=supplier.supplier_id,
        name=supplier.name,
        visit_on=visit.on if visit else None,
        order_due_by=visit.order_due if visit else None,
        horizon_days=own.horizon_days,
        minimum_order_paise=supplier.minimum_order_paise,
        needed_paise=filled.needed_paise,
        cost_paise=filled.cost_paise,
        minimum=filled.state,
        short_paise=filled.short_paise,
        reason=_NOT_ASKED if below else _WHY[filled.state],
        credit_days=supplier.credit_days,
        pay_by=visit.on + timedelta(days=supplier.credit_days) if visit else None,
    )


def _row(
    item: Item, card: ItemForecastCard, added_milli: int, rounds: Mapping[str, _Round], shop: Shop
) -> ReorderRow | None:
    """Write one line of the order list; None where nothing is to be ordered."""
    if card.reorder is None or not card.reorder.order_milli + added_milli:
        return None
    order = card.reorder.order_milli + added_milli
    own = rounds.get(item.supplier_id or "")
    return ReorderRow(
        item_id=item.item_id,
        name=item.name,
        supplier_id=item.supplier_id,
        order_milli=order,
        added_milli=added_milli,
        packs=order // item.pack_milli,
        unit_cost_paise=item.cost_paise,
        cost_paise=None if item.cost_paise is None else line_cost_paise(item.cost_paise, order),
        order_by=_order_by(card.reorder, own, shop),
        status=card.status,
        arithmetic=card.reorder.arithmetic,
    )


def _order_by(reorder: Reorder, own: _Round | None, shop: Shop) -> date | None:
    """Return the last day to order so that the goods come in time: for a supplier's round, his visits tell."""
    if own is None or own.visit is None or reorder.runs_out_on is None:
        return reorder.order_by
    last = own.visit
    for visit in visits(own.supplier.plan, own.visit.on, shop.zone, shop.region):
        if visit.on > reorder.runs_out_on:
            break
        last = visit
    return last.order_due.date()
