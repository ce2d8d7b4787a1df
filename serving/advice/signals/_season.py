"""What the season calls for: a week that will sell far more than the last ones, and a shelf that cannot bear it.

The newest saved forecast tells, where one was made lately. For items without one, last year's same festival does:
the week up to it against the four weeks before, scaled to the pace of now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samaan_ml.domain.calendar import events_between, same_festival_last_year
from samaan_ml.domain.money import times_quantity
from samaan_ml.domain.reorder import StockPosition
from samaan_ml.explain import ExplanationRequest, Fact
from serving.advice.signals._signal import Pace, Signal, sensible
from serving.advice.signals._stock import Supply
from serving.ports.accounts import Shop
from serving.ports.forecasts import ForecastStore, SavedForecast
from serving.ports.items import Item
from serving.ports.sales import SalesStore

_WEEK = 7
_BEFORE_DAYS = 28
_FRESH_DAYS = 7
_HEADS_UP_DAYS = 14
_SPIKE_PERCENT = 150
"""A week counts as a spike from this part of a usual one on."""
_LEAST_DAYS = 3
_UNIT_MILLI = 1_000
_SEASONS = frozenset({"pay_day", "wedding_season", "rabi_harvest", "kharif_harvest"})
"""Events that last or come every month: the usual pace knows them already."""


@dataclass(frozen=True, slots=True)
class _Spike:
    """Expected and usual units over some days."""

    expected_milli: int
    usual_milli: int
    days: int
    source: Mapping[str, int]
    arithmetic: str


def season_signals(
    items: Sequence[Item],
    paces: Mapping[str, Pace],
    supplies: Mapping[str, Supply],
    forecasts: ForecastStore,
    sales: SalesStore,
    shop: Shop,
    now: datetime,
    today: date,
) -> Iterator[Signal]:
    """Return which items will sell far more than usual and are not in stock for it."""
    saved = {
        each.item_id: each
        for each in forecasts.newest(shop.shop_id, now - timedelta(days=_FRESH_DAYS))
        if _days_ahead(each, today)
    }
    rest = [item.item_id for item in items if item.item_id not in saved]
    festival = _festival_ratios(sales, shop, today, rest)
    for item in items:
        daily_milli = paces[item.item_id].daily_milli
        if item.item_id in saved:
            spike = _forecast_spike(saved[item.item_id], daily_milli, today)
        elif item.item_id in festival:
            spike = _festival_spike(daily_milli, *festival[item.item_id])
        else:
            continue
        more = spike.expected_milli - spike.usual_milli >= _UNIT_MILLI
        if more and spike.expected_milli * 100 >= spike.usual_milli * _SPIKE_PERCENT:
            position = supplies[item.item_id].position
            short_milli = spike.expected_milli - position.usable_milli - position.on_order_milli
            if short_milli > 0:
                yield _signal(item, spike, position, short_milli)


def _days_ahead(saved: SavedForecast, today: date) -> list[int]:
    """Return the expected units of each of the next seven days that a forecast tells, where it tells enough."""
    end = today + timedelta(days=_WEEK)
    found = [day.mean_milli for day in saved.forecast.days if today <= day.on < end]
    return found if len(found) >= _LEAST_DAYS else []


def _forecast_spike(saved: SavedForecast, daily_milli: int, today: date) -> _Spike:
    """Set a forecast against the usual pace."""
    days = _days_ahead(saved, today)
    return _Spike(sum(days), daily_milli * len(days), len(days), {}, "expected = sum of the forecast's days")


def _festival_spike(daily_milli: int, week_milli: int, before_milli: int) -> _Spike:
    """Scale last year's festival week to the pace of now."""
    usual = daily_milli * _WEEK
    return _Spike(
        usual * week_milli * (_BEFORE_DAYS // _WEEK) // before_milli,
        usual,
        _WEEK,
        {"last_year_week_milli": week_milli, "last_year_before_milli": before_milli},
        "expected = usual * last_year_week * 4 / last_year_before",
    )


def _festival_ratios(
    sales: SalesStore, shop: Shop, today: date, item_ids: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return what items sold last year in the week up to a festival that comes now, and in the weeks before.

    Only where the week stands out of chance: three standard deviations of a count above the weeks before.
    """
    end = today + timedelta(days=_HEADS_UP_DAYS)
    ahead = {name: day for day, name in events_between(today, end, shop.region) if name not in _SEASONS}
    last = {same_festival_last_year(day, name) for name, day in ahead.items()} - {None}
    if not last or not item_ids:
        return {}
    first, until = min(filter(None, last)) - timedelta(days=_BEFORE_DAYS + _WEEK), max(filter(None, last))
    sold: dict[str, Counter[date]] = defaultdict(Counter)
    wanted = set(item_ids)
    for row in sales.days_sold(shop.shop_id, first, until=until):
        if row.item_id in wanted:
            sold[row.item_id][row.on] += row.units_milli
    found: dict[str, tuple[int, int]] = {}
    for item_id, by_day in sold.items():
        for day in filter(None, last):
            week = _sum(by_day, day - timedelta(days=_WEEK - 1), _WEEK)
            before = _sum(by_day, day - timedelta(days=_WEEK - 1 + _BEFORE_DAYS), _BEFORE_DAYS)
            usual = before * _WEEK / _BEFORE_DAYS / _UNIT_MILLI
            stands_out = week / _UNIT_MILLI - usual > 3 * usual**0.5
            best_week, best_before = found.get(item_id, (0, 1))
            if before > 0 and stands_out and week * best_before > best_week * before:
                found[item_id] = (week, before)
    return found


def _sum(by_day: Counter[date], start: date, days: int) -> int:
    """Sum some days."""
    return max(sum(by_day[start + timedelta(days=n)] for n in range(days)), 0)


def _signal(item: Item, spike: _Spike, position: StockPosition, short_milli: int) -> Signal:
    """Sales that the shelf cannot serve."""
    facts = (
        Fact.item("item", item.name),
        Fact.quantity("usual", sensible(spike.usual_milli, item.unit), item.unit),
        Fact.quantity("expected", sensible(spike.expected_milli, item.unit), item.unit),
        Fact.days("horizon_days", spike.days),
    )
    return Signal(
        kind="seasonal_spike",
        subject_id=item.item_id,
        subject_name=item.name,
        names=item.names,
        stake_paise=times_quantity(item.price_paise, short_milli),
        urgent_in_days=item.lead_time_days,
        inputs={
            "price_paise": item.price_paise,
            "expected_milli": spike.expected_milli,
            "usual_milli": spike.usual_milli,
            "on_hand_milli": item.on_hand_milli,
            "usable_milli": position.usable_milli,
            "on_order_milli": position.on_order_milli,
            "days": spike.days,
            **spike.source,
        },
        arithmetic=f"stake = price * (expected - usable - on_order) / 1000; {spike.arithmetic}",
        explanation=ExplanationRequest("demand", facts),
    )
