"""How much to order: one arithmetic for the reorder list, the forecast's card and every draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from samaan_ml.domain.messages import DayDemand, ItemForecast, Quantile

__all__ = ["OrderArithmetic", "StockPosition", "order_arithmetic", "quantile_at", "runs_out_on"]


@dataclass(frozen=True, slots=True)
class StockPosition:
    """What there is and what is on its way of an item, at one moment.

    Parameters
    ----------
    on_hand_milli : int
        Stock; below zero where entries lag behind sales.
    expired_milli : int, default=0
        Of it, what lies in expired lots and cannot be sold.
    on_order_milli : int, default=0
        What placed orders are still to bring.
    sold_today_milli : int, default=0
        What was sold on the day of that moment, returns taken off.
    """

    on_hand_milli: int
    expired_milli: int = 0
    on_order_milli: int = 0
    sold_today_milli: int = 0

    @property
    def usable_milli(self) -> int:
        """What can be sold: stock below zero counts as none."""
        return max(max(self.on_hand_milli, 0) - self.expired_milli, 0)


@dataclass(frozen=True, slots=True)
class OrderArithmetic:
    """An order with every number that it follows from.

    order = ceil(max(0, max(demand - sold_today, floor) - usable - on_order) / pack) * pack, where usable is
    max(0, on_hand) - expired.
    """

    on_hand_milli: int
    expired_milli: int
    on_order_milli: int
    demand_milli: int
    sold_today_milli: int
    floor_milli: int
    horizon_days: int
    service_level: float
    level_used: float
    shortfall_milli: int
    pack_milli: int
    order_milli: int


def order_arithmetic(
    forecast: ItemForecast | None,
    position: StockPosition,
    service_level: float,
    pack_milli: int,
    today: date,
    floor_milli: int = 0,
) -> OrderArithmetic | None:
    """Work out the order that makes the stock last the forecast's days at a service level.

    The forecast covers the whole of today; what was sold today is taken off it, up to what was expected of today, so
    that demand and stock are of the same moment. Sales beyond that are no part of the forecast.

    Parameters
    ----------
    forecast : ItemForecast or None
        Demand over the days that the order is to last; None where it is unknown.
    position : StockPosition
        What there is at this moment.
    service_level : float
        Chance that stock and order cover the demand.
    pack_milli : int
        Orders are whole packs.
    today : date
        The shop's day.
    floor_milli : int, default=0
        Stock below which the shop never wants to fall; the order reaches it where demand does not.

    Returns
    -------
    OrderArithmetic or None
        None where neither a distribution of the demand nor a floor is known.

    Examples
    --------
    >>> days = tuple(DayDemand(date(2026, 1, n), 20_000, ()) for n in (1, 2, 3))
    >>> told = ItemForecast("milk", days, (Quantile(0.9, 66_000),), "high", "mean")
    >>> morning = order_arithmetic(told, StockPosition(40_000), 0.9, 1_000, date(2026, 1, 1))
    >>> evening = order_arithmetic(told, StockPosition(20_000, sold_today_milli=20_000), 0.9, 1_000, date(2026, 1, 1))
    >>> morning.order_milli, evening.order_milli
    (26000, 26000)
    """
    level_used, demand, sold, days = service_level, 0, 0, 0
    if forecast is not None and forecast.total_quantiles:
        level_used, demand = quantile_at(forecast.total_quantiles, service_level)
        of_today = sum(day.mean_milli for day in forecast.days if day.on == today)
        sold, days = min(max(position.sold_today_milli, 0), of_today), len(forecast.days)
    elif not floor_milli:
        return None
    wanted = max(demand - sold, floor_milli)
    shortfall = max(0, wanted - position.usable_milli - position.on_order_milli)
    packs = -(-shortfall // pack_milli)
    return OrderArithmetic(
        on_hand_milli=position.on_hand_milli,
        expired_milli=position.expired_milli,
        on_order_milli=position.on_order_milli,
        demand_milli=demand,
        sold_today_milli=sold,
        floor_milli=floor_milli,
        horizon_days=days,
        service_level=service_level,
        level_used=level_used,
        shortfall_milli=shortfall,
        pack_milli=pack_milli,
        order_milli=packs * pack_milli,
    )


def quantile_at(quantiles: Sequence[Quantile], level: float) -> tuple[float, int]:
    """Return the level used and its value: linear between the levels given, the outermost beyond them.

    Examples
    --------
    >>> quantile_at((Quantile(0.5, 1000), Quantile(0.9, 2000)), 0.7)
    (0.7, 1500)
    >>> quantile_at((Quantile(0.5, 1000), Quantile(0.9, 2000)), 0.99)
    (0.9, 2000)
    """
    ordered = sorted(quantiles, key=lambda q: q.level)
    if level <= ordered[0].level:
        return ordered[0].level, ordered[0].milli
    for below, above in pairwise(ordered):
        if level <= above.level:
            share = (level - below.level) / (above.level - below.level)
            return level, round(below.milli + share * (above.milli - below.milli))
    return ordered[-1].level, ordered[-1].milli


def runs_out_on(position: StockPosition, days: Sequence[DayDemand], today: date) -> date | None:
    """Return the first day on which the expected demand passes the stock; what is on order does not count."""
    left = position.usable_milli
    for day in days:
        expected = day.mean_milli
        if day.on == today:
            expected = max(expected - max(position.sold_today_milli, 0), 0)
        left -= expected
        if left < 0:
            return day.on
    return None
