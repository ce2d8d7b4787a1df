"""What prices and costs call for: goods that go for less than the shelf says, or for no more than they cost."""

from collections.abc import Iterator
from datetime import date, timedelta

from samaan_ml.domain.money import times_quantity
from samaan_ml.explain import ExplanationRequest, Fact
from serving.advice.signals._signal import Pace, Signal
from serving.ports.items import Item

PRICE_DAYS = 7
_FAR_BELOW_PERCENT = 80
"""Selling below this part of the price is more than a friendly rebate: a mistake at the counter, or a leak."""


def price_signals(item: Item, pace: Pace, today: date) -> Iterator[Signal]:
    """Return what is wrong with an item's price or cost, by what it sells in a week."""
    week_milli = pace.daily_milli * PRICE_DAYS
    if not week_milli:
        return
    if item.cost_paise is not None and item.cost_paise >= item.price_paise:
        yield _no_margin(item, item.cost_paise, week_milli)
    # A price of this week has no week of sales to compare with.
    is_settled = item.price_changed_on is None or item.price_changed_on <= today - timedelta(days=PRICE_DAYS)
    sold_at = pace.unit_paise if is_settled else None
    if sold_at is not None and sold_at * 100 < item.price_paise * _FAR_BELOW_PERCENT:
        yield _sold_below(item, sold_at, week_milli)


def _no_margin(item: Item, cost_paise: int, week_milli: int) -> Signal:
    """Each sale loses money, or the cost was entered wrongly."""
    facts = (
        Fact.item("item", item.name),
        Fact.money("price", item.price_paise),
        Fact.money("cost", cost_paise),
    )
    return Signal(
        kind="cost_anomaly",
        subject_id=item.item_id,
        subject_name=item.name,
        names=item.names,
        stake_paise=times_quantity(cost_paise - item.price_paise, week_milli),
        urgent_in_days=0,
        inputs={"price_paise": item.price_paise, "cost_paise": cost_paise, "week_milli": week_milli},
        arithmetic="stake = (cost - price) * week / 1000",
        explanation=ExplanationRequest("no_margin", facts),
    )


def _sold_below(item: Item, unit_paise: int, week_milli: int) -> Signal:
    """What the counter took is far from what the shelf says."""
    facts = (
        Fact.item("item", item.name),
        Fact.money("sold_at", unit_paise),
        Fact.money("price", item.price_paise),
        Fact.days("days", PRICE_DAYS),
    )
    return Signal(
        kind="price_anomaly",
        subject_id=item.item_id,
        subject_name=item.name,
        names=item.names,
        stake_paise=times_quantity(item.price_paise - unit_paise, week_milli),
        urgent_in_days=0,
        inputs={"price_paise": item.price_paise, "sold_at_paise": unit_paise, "week_milli": week_milli},
        arithmetic="stake = (price - sold_at) * week / 1000",
        explanation=ExplanationRequest("sold_below", facts),
    )
