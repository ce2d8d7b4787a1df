"""What the stock calls for: running out, low, below zero, expiring, not selling."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from samaan_ml.domain.money import times_quantity
from samaan_ml.domain.reorder import StockPosition
from samaan_ml.explain import ExplanationRequest, Fact
from serving.advice.expiring import ExpiryRisks
from serving.advice.ordering import Round
from serving.advice.signals._signal import Pace, Signal, sensible
from serving.ports.items import Item

DEMAND_DAYS = 28
EXPIRY_DAYS = 14
_SLOW_DAYS = 21


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is of an item and what is on its way, and the round of its supplier (None without one)."""

    position: StockPosition
    round: Round | None


def stock_signals(item: Item, pace: Pace, supply: Supply, today: date) -> Iterator[Signal]:
    """Return what the stock of one item calls for."""
    if item.on_hand_milli < 0:
        yield _negative(item)
    if pace.daily_milli > 0 and _must_order(item, pace.daily_milli, supply, today):
        yield _stock_out(item, pace.daily_milli, supply, today)
        return
    coming = supply.position.on_order_milli
    if item.reorder_point_milli is not None and item.on_hand_milli + coming <= item.reorder_point_milli:
        yield _low(item, pace.daily_milli)
    idle_since = pace.last_sold_on or today - timedelta(days=DEMAND_DAYS)
    idle_days = (today - idle_since).days
    known_days = (today - item.created_at.date()).days
    if item.on_hand_milli > 0 and idle_days >= _SLOW_DAYS and known_days >= _SLOW_DAYS:
        yield _slow(item, idle_days)


def _must_order(item: Item, daily_milli: int, supply: Supply, today: date) -> bool:
    """Return whether an order has to go out now, with what is on its way counted in.

    With visit days it has to when the stock does not last until the visit after next, and the order for the next one
    is due by tomorrow or already comes too late for the shelf.
    """
    position, own = supply.position, supply.round
    cover = (position.usable_milli + position.on_order_milli) // daily_milli
    if own is None or own.visit is None:
        return cover <= (item.lead_time_days if own is None else own.arrives_in_days)
    due_in = (own.visit.order_due.date() - today).days
    return cover < own.horizon_days and (due_in <= 1 or cover < own.arrives_in_days)


def _stock_out(item: Item, daily_milli: int, supply: Supply, today: date) -> Signal:
    """Sales that are lost until a delivery ordered now is there."""
    position, own = supply.position, supply.round
    arrives = item.lead_time_days if own is None else own.arrives_in_days
    days_left = position.usable_milli // daily_milli
    uncovered = max(arrives + 1 - days_left, 1)
    inputs = {
        "price_paise": item.price_paise,
        "daily_milli": daily_milli,
        "uncovered_days": uncovered,
        "on_hand_milli": item.on_hand_milli,
        "on_order_milli": position.on_order_milli,
        "arrives_in_days": arrives,
        "days_left": days_left,
    }
    return Signal(
        kind="stock_out",
        subject_id=item.item_id,
        subject_name=item.name,
        names=item.names,
        stake_paise=times_quantity(item.price_paise, daily_milli * uncovered),
        urgent_in_days=days_left,
        inputs=inputs,
        arithmetic="stake = price * daily * uncovered_days / 1000; "
        "uncovered_days = max(arrives_in_days + 1 - days_left, 1)",
        explanation=_stock_out_words(item, daily_milli, days_left, own, today),
    )


def _stock_out_words(
    item: Item, daily_milli: int, days_left: int, own: Round | None, today: date
) -> ExplanationRequest:
    """Choose the words: with the supplier's next visit and the order's deadline where he has visit days."""
    known = (
        Fact.item("item", item.name),
        Fact.quantity("on_hand", sensible(item.on_hand_milli, item.unit), item.unit),
        Fact.quantity("daily_demand", sensible(daily_milli, item.unit), item.unit),
    )
    facts = (*known, Fact.days("days_left", days_left))
    if own is None or own.visit is None:
        return (
            ExplanationRequest("stock_out", facts)
            if days_left
            else ExplanationRequest("stock_out_today", known)
        )
    visit = (
        Fact.days("visit_in_days", (own.visit.on - today).days),
        Fact.day("order_due_on", own.visit.order_due.date()),
    )
    late = days_left < (own.visit.on - today).days
    return ExplanationRequest("stock_out_late" if late else "stock_out_visit", (*facts, *visit))


def _low(item: Item, daily_milli: int) -> Signal:
    """What is missing to the reorder point the shop set."""
    point = item.reorder_point_milli or 0
    missing = point - item.on_hand_milli
    known = (
        Fact.item("item", item.name),
        Fact.quantity("on_hand", sensible(item.on_hand_milli, item.unit), item.unit),
    )
    if daily_milli:
        pace = Fact.quantity("daily_demand", sensible(daily_milli, item.unit), item.unit)
        days_left = max(item.on_hand_milli, 0) // daily_milli
        left = (Fact.days("days_left", days_left),) if days_left else ()
        explanation = ExplanationRequest(
            "stock_out" if days_left else "stock_out_today", (*known, pace, *left)
        )
    else:  # nothing is known of the pace: no word of days
        reorder_point = Fact.quantity("reorder_point", sensible(point, item.unit), item.unit)
        explanation = ExplanationRequest("low_stock", (*known, reorder_point))
    return Signal(
        kind="low_stock",
        subject_id=item.item_id,
        subject_name=item.name,
        names=item.names,
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
        Fact.quantity("missing", sensible(-item.on_hand_milli, item.unit), item.unit),
    )
    return Signal(
        kind="negative_stock",
        subject_id=item.item_id,
        subject_name=item.name,
        names=item.names,
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
        Fact.quantity("on_hand", sensible(item.on_hand_milli, item.unit), item.unit),
        Fact.days("idle_days", idle_days),
        Fact.money("value", stake),
    )
    return Signal(
        kind="slow_stock",
        subject_id=item.item_id,
        subject_name=item.name,
        names=item.names,
        stake_paise=stake,
        urgent_in_days=_SLOW_DAYS,
        inputs={"value_paise": value, "on_hand_milli": item.on_hand_milli, "idle_days": idle_days},
        arithmetic="stake = value * on_hand / 1000",
        explanation=ExplanationRequest("slow_stock", facts),
    )


def expiring_signals(found: ExpiryRisks) -> Iterator[Signal]:
    """Return which lots will not be sold before they expire; the quantities are those of the list of lots at risk."""
    for each in found.lots:
        risk, item, lot = each.risk, each.item, each.lot
        if risk is None or risk.at_risk_milli <= 0 or lot.expires_on is None:
            continue
        value = item.cost_paise if item.cost_paise is not None else item.price_paise
        stake = times_quantity(value, risk.at_risk_milli)
        facts = (
            Fact.item("item", item.name),
            Fact.quantity("at_risk", sensible(risk.at_risk_milli, item.unit), item.unit),
            Fact.day("expires_on", lot.expires_on),
            Fact.money("value", stake),
        )
        yield Signal(
            kind="expiry",
            subject_id=lot.batch_id,
            subject_name=item.name,
            names=item.names,
            stake_paise=stake,
            urgent_in_days=each.days_left,
            inputs={
                "value_paise": value,
                "stock_milli": risk.stock_milli,
                "demand_milli": risk.demand_milli,
                "sold_before_milli": risk.sold_before_milli,
                "days": each.days_left,
                "at_risk_milli": risk.at_risk_milli,
            },
            arithmetic="stake = value * at_risk / 1000; at_risk = max(0, stock - max(0, demand - sold_before))",
            explanation=ExplanationRequest("expiry", facts),
            about_id=item.item_id,
        )
