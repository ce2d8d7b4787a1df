"""What the stock calls for: running out, low, below zero, expiring, not selling."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from samaan_ml.domain.money import times_quantity
from samaan_ml.explain import ExplanationRequest, Fact
from serving.ports.items import Item
from serving.ports.lots import LotStore
from serving.signals._signal import Pace, Signal

DEMAND_DAYS = 28
_EXPIRY_DAYS = 14
_SLOW_DAYS = 21


def stock_signals(item: Item, pace: Pace, today: date) -> Iterator[Signal]:
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
    if item.on_hand_milli > 0 and idle_days >= _SLOW_DAYS and known_days >= _SLOW_DAYS:
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
    known = (Fact.item("item", item.name), Fact.quantity("on_hand", max(item.on_hand_milli, 0), item.unit))
    if daily_milli:
        pace = Fact.quantity("daily_demand", daily_milli, item.unit)
        left = Fact.days("days_left", max(item.on_hand_milli, 0) // daily_milli)
        explanation = ExplanationRequest("stock_out", (*known, pace, left))
    else:  # nothing is known of the pace: no word of days
        reorder_point = Fact.quantity("reorder_point", point, item.unit)
        explanation = ExplanationRequest("low_stock", (*known, reorder_point))
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
        explanation=explanation,
    )


def _negative(item: Item) -> Signal:
    """Goods that were sold before they were entered: the record is wrong until they are."""
    value = item.cost_paise if item.cost_paise is not None else item.price_paise
    facts = (
        Fact.item("item", item.name),
        Fact.quantity("missing", -item.on_hand_milli, item.unit),
    )
    return Signal(
        kind="negative_stock",
        subject_id=item.item_id,
        subject_name=item.name,
        stake_paise=times_quantity(value, -item.on_hand_milli),
        urgent_in_days=0,
        inputs={"value_paise": value, "on_hand_milli": item.on_hand_milli},
        arithmetic="stake = value * -on_hand / 1000",
        explanation=ExplanationRequest("negative_stock", facts),
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
        urgent_in_days=_SLOW_DAYS,
        inputs={"value_paise": value, "on_hand_milli": item.on_hand_milli, "idle_days": idle_days},
        arithmetic="stake = value * on_hand / 1000",
        explanation=ExplanationRequest("slow_stock", facts),
    )


def expiring_signals(
    lots: LotStore, shop_id: str, items: Mapping[str, Item], paces: Mapping[str, Pace], today: date
) -> Iterator[Signal]:
    """Tell which lots will not be sold before they expire, at the pace of the last weeks."""
    soon = lots.expiring(shop_id, today + timedelta(days=_EXPIRY_DAYS))
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
            about_id=item.item_id,
        )
