"""From the distribution of demand to an order, in whole numbers that can be recomputed."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from samaan_ml.domain.messages import DayDemand, ItemForecast, Quantile
from serving.forecast.schemas import Arithmetic, Reorder
from serving.ports.items import Item


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


def levels_wanted(items: Iterable[Item]) -> tuple[float, ...]:
    """Return the levels to ask the model for: low, middle, high, and the service levels of the items."""
    return tuple(sorted({0.1, 0.5, 0.9} | {item.service_level for item in items}))


def advise(item: Item, forecast: ItemForecast) -> Reorder | None:
    """Advise an order that makes the stock last the horizon at the item's service level."""
    if not forecast.total_quantiles:
        return None
    level_used, demand = quantile_at(forecast.total_quantiles, item.service_level)
    shortfall = max(0, demand - max(0, item.on_hand_milli))
    packs = -(-shortfall // item.pack_milli)
    runs_out = _runs_out_on(item.on_hand_milli, forecast.days)
    return Reorder(
        order_milli=packs * item.pack_milli,
        runs_out_on=runs_out,
        order_by=None
        if runs_out is None
        else max(runs_out - timedelta(days=item.lead_time_days), forecast.days[0].on),
        lead_time_days=item.lead_time_days,
        arithmetic=Arithmetic(
            on_hand_milli=item.on_hand_milli,
            demand_milli=demand,
            horizon_days=len(forecast.days),
            service_level=item.service_level,
            level_used=level_used,
            shortfall_milli=shortfall,
            pack_milli=item.pack_milli,
        ),
    )


def _runs_out_on(on_hand_milli: int, days: Sequence[DayDemand]) -> date | None:
    """Return the first day on which the expected demand so far passes the stock."""
    left = on_hand_milli
    for day in days:
        left -= day.mean_milli
        if left < 0:
            return day.on
    return None
