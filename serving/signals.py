"""What deserves attention in a shop today, each with the rupees at stake: read by recommendations and alerts.

Every figure is simple arithmetic on the shop's own rows, so that it can be recomputed; `facts` carries the
inputs. Demand is the mean of the last four weeks' open days.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from samaan_ml.domain.ledger import account
from samaan_ml.domain.money import times_quantity
from samaan_ml.explain import ExplanationRequest, Fact
from serving.ports.accounts import Shop
from serving.ports.inventory import InventoryStore, Item
from serving.ports.sales import SalesStore
from serving.ports.udhaar import Customer, UdhaarStore

SignalKind = Literal["stock_out", "low_stock", "negative_stock", "expiry", "slow_stock", "overdue"]

DEMAND_DAYS = 28
EXPIRY_DAYS = 14
SLOW_DAYS = 21
_PAGE = 200
_MAX_ITEMS = 5_000
_MAX_OVERDUE = 200


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that deserves attention.

    `arithmetic` says in one line how the stake follows from `inputs`; `explanation` is what an explainer can
    word.
    """

    kind: SignalKind
    subject_id: str
    subject_name: str
    stake_paise: int
    urgent_in_days: int
    inputs: dict[str, int]
    arithmetic: str
    explanation: ExplanationRequest
    item_id: str | None = None

    @property
    def key(self) -> str:
        """Name kind and thing."""
        return f"{self.kind}:{self.subject_id}"


@dataclass(frozen=True, slots=True)
class _Pace:
    """How an item sold lately."""

    daily_milli: int
    last_sold_on: date | None


def read_signals(
    inventory: InventoryStore, sales: SalesStore, udhaar: UdhaarStore, shop: Shop, today: date
) -> tuple[Signal, ...]:
    """Read all signals of a shop, the most rupees first."""
    items = list(_items(inventory, shop.shop_id))
    paces = _paces(sales, shop.shop_id, today)
    found = [signal for item in items for signal in _item_signals(item, paces[item.item_id], today)]
    found += _expiring(inventory, shop.shop_id, {item.item_id: item for item in items}, paces, today)
    found += _overdue(udhaar, shop, today)
    return tuple(sorted(found, key=lambda s: (-s.stake_paise, s.urgent_in_days, s.key)))


def _items(inventory: InventoryStore, shop_id: str) -> Iterator[Item]:
    """Walk through the items."""
    after: str | None = None
    for _ in range(_MAX_ITEMS // _PAGE):
        page = inventory.list_items(shop_id, _PAGE, after)
        yield from page.rows
        if page.after is None:
            return
        after = page.after


def _paces(sales: SalesStore, shop_id: str, today: date) -> dict[str, _Pace]:
    """Read how each item sold in the last four weeks; one that did not has no pace."""
    since = today - timedelta(days=DEMAND_DAYS)
    open_days = max(sum(1 for day in sales.open_days(shop_id, since) if day < today), 1)
    units: dict[str, int] = defaultdict(int)
    last: dict[str, date] = {}
    for sold in sales.days_sold(shop_id, since):
        if sold.on < today:
            units[sold.item_id] += sold.units_milli
        if sold.units_milli > 0:
            last[sold.item_id] = max(sold.on, last.get(sold.item_id, sold.on))
    paces: dict[str, _Pace] = defaultdict(lambda: _Pace(0, None))
    for item_id in units.keys() | last.keys():
        paces[item_id] = _Pace(max(units[item_id], 0) // open_days, last.get(item_id))
    return paces


def _item_signals(item: Item, pace: _Pace, today: date) -> Iterator[Signal]:
    """Tell what the stock of one item calls for."""
    if item.on_hand_milli < 0:
        yield _negative(item)
    if pace.daily_milli > 0:
        days_left = max(item.on_hand_milli, 0) // pace.daily_milli
        if days_left <= item.lead_time_days:
            yield _stock_out(item, pace.daily_milli, days_left)
            return
    if item.reorder_point_milli is not None and item.on_hand_milli <= item.reorder_point_milli:
        yield _low(item, pace.daily_milli)
    idle_since = pace.last_sold_on or today - timedelta(days=DEMAND_DAYS)
    idle_days = (today - idle_since).days
    known_days = (today - item.created_at.date()).days
    if item.on_hand_milli > 0 and idle_days >= SLOW_DAYS and known_days >= SLOW_DAYS:
        yield _slow(item, idle_days)


def _stock_out(item: Item, daily_milli: int, days_left: int) -> Signal:
    """Sales that are lost until a delivery ordered today is there."""
    uncovered = max(item.lead_time_days + 1 - days_left, 1)
    stake = times_quantity(item.price_paise, daily_milli * uncovered)
    facts = (
        Fact.item("item", item.name),
        Fact.quantity("on_hand", max(item.on_hand_milli, 0), item.unit),
        Fact.quantity("daily_demand", daily_milli, item.unit),
        Fact.days("days_left", days_left),
    )
    return Signal(
        kind="stock_out",
        subject_id=item.item_id,
        subject_name=item.name,
        stake_paise=stake,
        urgent_in_days=days_left,
        inputs={
            "price_paise": item.price_paise,
            "daily_milli": daily_milli,
            "uncovered_days": uncovered,
            "on_hand_milli": item.on_hand_milli,
            "lead_time_days": item.lead_time_days,
        },
        arithmetic="stake = price * daily * uncovered_days / 1000",
        explanation=ExplanationRequest("stock_out", facts),
    )


def _low(item: Item, daily_milli: int) -> Signal:
    """What is missing to the reorder point the shop set."""
    point = item.reorder_point_milli or 0
    missing = point - item.on_hand_milli
    facts = (
        Fact.item("item", item.name),
        Fact.quantity("on_hand", max(item.on_hand_milli, 0), item.unit),
        Fact.quantity("daily_demand", daily_milli, item.unit),
        Fact.days("days_left", item.on_hand_milli // daily_milli if daily_milli else 0),
    )
    return Signal(
        kind="low_stock",
        subject_id=item.item_id,
        subject_name=item.name,
        stake_paise=times_quantity(item.price_paise, missing),
        urgent_in_days=item.lead_time_days,
        inputs={
            "price_paise": item.price_paise,
            "reorder_point_milli": point,
            "on_hand_milli": item.on_hand_milli,
        },
        arithmetic="stake = price * (reorder_point - on_hand) / 1000",
        explanation=ExplanationRequest("stock_out", facts),
    )


def _negative(item: Item) -> Signal:
    """Goods that were sold before they were entered: the record is wrong until they are."""
    value = item.cost_paise if item.cost_paise is not None else item.price_paise
    facts = (
        Fact.item("item", item.name),
        Fact.quantity("on_hand", 0, item.unit),
        Fact.quantity("daily_demand", 0, item.unit),
        Fact.days("days_left", 0),
    )
    return Signal(
        kind="negative_stock",
        subject_id=item.item_id,
        subject_name=item.name,
        stake_paise=times_quantity(value, -item.on_hand_milli),
        urgent_in_days=0,
        inputs={"value_paise": value, "on_hand_milli": item.on_hand_milli},
        arithmetic="stake = value * -on_hand / 1000",
        explanation=ExplanationRequest("stock_out", facts),
    )


def _slow(item: Item, idle_days: int) -> Signal:
    """Money that lies on the shelf."""
    value = item.cost_paise if item.cost_paise is not None else item.price_paise
    stake = times_quantity(value, item.on_hand_milli)
    facts = (
        Fact.item("item", item.name),
        Fact.quantity("on_hand", item.on_hand_milli, item.unit),
        Fact.days("idle_days", idle_days),
        Fact.money("value", stake),
    )
    return Signal(
        kind="slow_stock",
        subject_id=item.item_id,
        subject_name=item.name,
        stake_paise=stake,
        urgent_in_days=SLOW_DAYS,
        inputs={"value_paise": value, "on_hand_milli": item.on_hand_milli, "idle_days": idle_days},
        arithmetic="stake = value * on_hand / 1000",
        explanation=ExplanationRequest("slow_stock", facts),
    )


def _expiring(
    inventory: InventoryStore, shop_id: str, items: dict[str, Item], paces: dict[str, _Pace], today: date
) -> Iterator[Signal]:
    """Tell which lots will not be sold before they expire, at the pace of the last weeks."""
    soon = inventory.expiring(shop_id, today + timedelta(days=EXPIRY_DAYS))
    ahead: dict[str, int] = defaultdict(int)
    for batch in soon:
        item = items.get(batch.item_id)
        if item is None or batch.expires_on is None:
            continue
        days = max((batch.expires_on - today).days, 0)
        sellable = max(paces[item.item_id].daily_milli * days - ahead[item.item_id], 0)
        ahead[item.item_id] += batch.on_hand_milli
        at_risk = batch.on_hand_milli - min(sellable, batch.on_hand_milli)
        if at_risk <= 0:
            continue
        value = item.cost_paise if item.cost_paise is not None else item.price_paise
        stake = times_quantity(value, at_risk)
        facts = (
            Fact.item("item", item.name),
            Fact.quantity("at_risk", at_risk, item.unit),
            Fact.day("expires_on", batch.expires_on),
            Fact.money("value", stake),
        )
        yield Signal(
            kind="expiry",
            subject_id=batch.batch_id,
            subject_name=item.name,
            stake_paise=stake,
            urgent_in_days=days,
            inputs={
                "value_paise": value,
                "on_hand_milli": batch.on_hand_milli,
                "daily_milli": paces[item.item_id].daily_milli,
                "days": days,
                "at_risk_milli": at_risk,
            },
            arithmetic="stake = value * at_risk / 1000; at_risk = on_hand - daily * days, earlier lots first",
            explanation=ExplanationRequest("expiry", facts),
            item_id=item.item_id,
        )


def _overdue(udhaar: UdhaarStore, shop: Shop, today: date) -> Iterator[Signal]:
    """Tell who is beyond the day on which they said they would pay."""
    for customer in udhaar.overdue(shop.shop_id, today, _MAX_OVERDUE, None).rows:
        yield _collect(customer, _overdue_paise(udhaar, shop, customer, today), today)


def _overdue_paise(udhaar: UdhaarStore, shop: Shop, customer: Customer, today: date) -> int:
    """Return the part of the balance that is overdue."""
    entries = udhaar.entries(shop.shop_id, customer.customer_id)
    return account(entries, today, zone=shop.zone, terms_days=customer.credit_days).overdue_paise


def _collect(customer: Customer, overdue_paise: int, today: date) -> Signal:
    """Money to ask for."""
    oldest = customer.oldest_due_on or today
    days = (today - oldest).days
    facts = (
        Fact.person("customer", customer.name),
        Fact.money("overdue", overdue_paise),
        Fact.days("oldest_days", days),
    )
    return Signal(
        kind="overdue",
        subject_id=customer.customer_id,
        subject_name=customer.name,
        stake_paise=overdue_paise,
        urgent_in_days=0,
        inputs={"overdue_paise": overdue_paise, "days_past_due": days},
        arithmetic="stake = overdue",
        explanation=ExplanationRequest("collect", facts),
    )
