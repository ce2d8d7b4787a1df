"""The rows of the feed: each kind as its own lists give it, read as it is now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from samaan_ml.domain.ledger import LedgerEntry
from samaan_ml.domain.purchase_orders import PurchaseOrder
from serving.http.fields import EARLIEST
from serving.ports.accounts import AccountStore
from serving.ports.alerts import AlertStore
from serving.ports.changes import ChangeKind
from serving.ports.facts import FactStore
from serving.ports.forecasts import ForecastStore, SavedForecast
from serving.ports.items import Item, ItemStore
from serving.ports.lots import Batch, LotStore
from serving.ports.orders import OrderStore
from serving.ports.prices import PriceStore
from serving.ports.recommendations import RecommendationStore
from serving.ports.sales import Sale, SalesStore
from serving.ports.udhaar import Customer, UdhaarStore

Row = dict[str, Any]
_ITEM = (
    "item_id", "name", "names", "category", "unit", "price_paise", "cost_paise", "mrp_paise", "barcode", "hsn",
    "aliases", "pack_milli", "lead_time_days", "service_level", "reorder_point_milli", "supplier_id", "known_value",
    "on_hand_milli", "version", "archived",
)  # fmt: skip
_LOT = ("batch_id", "item_id", "expires_on", "mrp_paise", "on_hand_milli", "received_at")
_CUSTOMER = ("customer_id", "name", "phone", "limit_paise", "credit_days", "reminders")
_ENTRY = (
    "entry_id", "customer_id", "kind", "amount_paise", "at", "due_on", "reverses", "reason", "note", "actor",
)  # fmt: skip
_SALE = (
    "sale_id", "sold_at", "sold_on", "total_paise", "payment", "customer_id", "returns", "recorded_at",
    "discount_paise", "bill_number", "state", "reason",
)  # fmt: skip
_LINE = (
    "item_id",
    "quantity_milli",
    "unit_price_paise",
    "discount_paise",
    "amount_paise",
    "unit",
    "unit_milli",
)
_ALERT = (
    "alert_id", "kind", "subject_id", "subject_name", "stake_paise", "priority", "text", "status", "raised_at",
    "changed_at", "snoozed_until",
)  # fmt: skip
_PRICE = (
    "change_id", "item_id", "at", "on", "before_paise", "after_paise", "actor", "reason", "advice_id", "rolls_back",
)  # fmt: skip
_PLAN = (
    "plan_id",
    "item_id",
    "from_on",
    "price_paise",
    "reason",
    "made_at",
    "status",
    "change_id",
    "outcome",
)


_ORDER = (
    "order_id", "state", "supplier_id", "cost_paise", "received_cost_paise", "expected_on", "note", "reason",
    "created_at", "created_by", "placed_at", "closed_at", "version",
)  # fmt: skip
_ORDER_LINE = (
    "item_id", "quantity_milli", "unit_cost_paise", "cost_paise", "received_milli", "open_milli",
    "received_cost_paise",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedStores:
    """Where the rows of the feed are read."""

    items: ItemStore
    lots: LotStore
    sales: SalesStore
    udhaar: UdhaarStore
    prices: PriceStore
    forecasts: ForecastStore
    recommendations: RecommendationStore
    alerts: AlertStore
    accounts: AccountStore
    facts: FactStore
    orders: OrderStore


def read_rows(
    stores: FeedStores, shop_id: str, wanted: Mapping[ChangeKind, tuple[str, ...]], today: date
) -> dict[tuple[ChangeKind, str], Row]:
    """Read the things of some kinds as they are now; what is there no more has no row.

    Parameters
    ----------
    stores : FeedStores
        Where.
    shop_id : str
        Whose.
    wanted : mapping of kind to tuple of str
        Which things.
    today : date
        The shop's day, for what is overdue.
    """
    readers: dict[ChangeKind, Callable[[tuple[str, ...]], Iterable[tuple[str, Row]]]] = {
        "item": lambda ids: ((i.item_id, item_row(i)) for i in stores.items.items(shop_id, ids)),
        "stock": lambda ids: ((i.item_id, _stock(i)) for i in stores.items.items(shop_id, ids)),
        "lot": lambda ids: ((b.batch_id, lot_row(b)) for b in stores.lots.some(shop_id, ids)),
        "order": lambda ids: ((o.order_id, _order(o)) for o in stores.orders.orders(shop_id, ids)),
        "customer": lambda ids: (
            (c.customer_id, _of(c, _CUSTOMER)) for c in stores.udhaar.some_customers(shop_id, ids)
        ),
        "balance": lambda ids: (
            (c.customer_id, _balance(c, today)) for c in stores.udhaar.some_customers(shop_id, ids)
        ),
        "entry": lambda ids: entry_rows(stores, shop_id, stores.udhaar.some_entries(shop_id, ids)),
        "sale": lambda ids: _sales(stores, shop_id, stores.sales.some(shop_id, ids)),
        "price": lambda ids: _prices(stores, shop_id, ids),
        "forecast": lambda ids: _forecasts(stores, shop_id, ids),
        "recommendation": lambda ids: _choices(stores, shop_id, ids),
        "alert": lambda ids: ((a.alert_id, _of(a, _ALERT)) for a in stores.alerts.some(shop_id, ids)),
        "member": lambda _: (
            (m.user_id, {"user_id": m.user_id, "role": m.role}) for m in stores.accounts.members(shop_id)
        ),
    }
    found: dict[tuple[ChangeKind, str], Row] = {}
    for kind, ids in wanted.items():
        if kind in readers:
            found |= {(kind, thing_id): row for thing_id, row in readers[kind](ids)}
    return found


def _of(thing: object, names: tuple[str, ...]) -> Row:
    """Take some fields of a thing."""
    return {name: getattr(thing, name) for name in names}


def item_row(item: Item) -> Row:
    """Write an item as the list of items does."""
    return _of(item, _ITEM)


def lot_row(batch: Batch) -> Row:
    """Write a lot as the list of lots does."""
    return _of(batch, _LOT)


def _order(order: PurchaseOrder) -> Row:
    """Write an order with its lines."""
    lines = [_of(line, _ORDER_LINE) for line in order.lines]
    return _of(order, _ORDER) | {"lines": lines}


def _stock(item: Item) -> Row:
    """Tell the stock of an item."""
    point = item.reorder_point_milli
    low = item.on_hand_milli < 0 if point is None else item.on_hand_milli <= point
    return {"item_id": item.item_id, "on_hand_milli": item.on_hand_milli, "unit": item.unit, "low": low}


def _balance(customer: Customer, today: date) -> Row:
    """Return what a customer owes."""
    owed, oldest = customer.balance_paise, customer.oldest_due_on
    status = "advance" if owed < 0 else "paid"
    if owed > 0:
        status = "overdue" if oldest is not None and oldest < today else "pending"
    return {
        "customer_id": customer.customer_id,
        "balance_paise": owed,
        "oldest_due_on": oldest,
        "status": status,
    }


def entry_rows(
    stores: FeedStores, shop_id: str, entries: tuple[LedgerEntry, ...]
) -> Iterable[tuple[str, Row]]:
    """Write entries with what was noted about them."""
    marks = stores.facts.marks(shop_id, "entry", tuple(entry.entry_id for entry in entries))
    for entry in entries:
        mark = marks.get(entry.entry_id)
        noted = {"recorded_at": mark.recorded_at if mark else None, "flags": list(mark.flags) if mark else []}
        yield entry.entry_id, _of(entry, _ENTRY) | noted


def _sales(stores: FeedStores, shop_id: str, sales: tuple[Sale, ...]) -> Iterable[tuple[str, Row]]:
    """Write bills with their lines; those of an import, which sums a day up, without."""
    marks = stores.facts.marks(shop_id, "sale", tuple(sale.sale_id for sale in sales))
    for sale in sales:
        lines = [] if sale.import_id else [_of(line, _LINE) for line in sale.lines]
        mark = marks.get(sale.sale_id)
        more = {"lines": lines, "line_count": len(sale.lines), "flags": list(mark.flags) if mark else []}
        more["payments"] = [{"kind": kind, "paise": paise} for kind, paise in sale.paid.items()]
        yield sale.sale_id, _of(sale, _SALE) | more


def _prices(stores: FeedStores, shop_id: str, ids: tuple[str, ...]) -> Iterable[tuple[str, Row]]:
    """Write changes of prices and prices planned ahead."""
    changes, plans = stores.prices.some(shop_id, ids)
    for change in changes:
        yield change.change_id, {"change": _of(change, _PRICE), "plan": None}
    for plan in plans:
        yield plan.plan_id, {"change": None, "plan": _of(plan, _PLAN)}


def _forecasts(stores: FeedStores, shop_id: str, ids: tuple[str, ...]) -> Iterable[tuple[str, Row]]:
    """Write the newest forecast of each item."""
    wanted = frozenset(ids)
    for saved in stores.forecasts.newest(shop_id, EARLIEST):
        if saved.item_id in wanted:
            yield saved.item_id, forecast_row(saved)


def forecast_row(saved: SavedForecast) -> Row:
    """Write a forecast, its quantiles by level."""
    days = [
        {
            "on": day.on,
            "mean_milli": day.mean_milli,
            "quantiles": {str(q.level): q.milli for q in day.quantiles},
        }
        for day in saved.forecast.days
    ]
    names = ("forecast_id", "item_id", "made_at", "as_of", "horizon_days", "model_version")
    return _of(saved, names) | {"days": days}


def _choices(stores: FeedStores, shop_id: str, ids: tuple[str, ...]) -> Iterable[tuple[str, Row]]:
    """Write the newest decision on each recommendation."""
    wanted = frozenset(ids)
    for choice in stores.recommendations.choices_since(shop_id, EARLIEST):
        if choice.key in wanted:
            yield choice.key, _of(choice, ("key", "choice", "at", "reason"))
