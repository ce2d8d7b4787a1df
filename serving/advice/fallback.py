"""A forecast from the shop's own past with arithmetic alone, for the time when no model answers."""

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import NormalDist, fmean, pstdev

from samaan_ml.domain.messages import DayDemand, ItemForecast, ItemHistory, Quantile

LEVELS = (0.1, 0.5, 0.9)
METHOD = "weekday mean of the last 8 weeks"
_WINDOW_DAYS = 56
_MIN_KNOWN_DAYS = 7
_MIN_WINDOWS = 20
_PRIOR_WEEKS = 2.0
"""Weeks of the overall level that a weekday's own mean is mixed with."""


def statistical_forecast(history: ItemHistory, starts_on: date, horizon_days: int) -> ItemForecast | None:
    """Forecast from weekday means and the spread of the past, or return None where it is too short.

    Quantiles of a day are the empirical ones of the known days, moved to the weekday's mean. Those of the sum
    are the empirical ones of all windows of that length where there are enough, else of a normal distribution
    with the variance of independent days.
    """
    recent = _recent(history)
    values = [value for _, value in recent]
    if len(values) < _MIN_KNOWN_DAYS:
        return None
    level = fmean(values)
    days: list[DayDemand] = []
    for ahead in range(horizon_days):
        on = starts_on + timedelta(days=ahead)
        mean = _weekday_mean(recent, on.weekday(), level)
        factor = mean / level if level else 0.0
        quantiles = tuple(Quantile(q, round(_quantile(values, q) * factor)) for q in LEVELS)
        days.append(DayDemand(on, round(mean), quantiles))
    total = sum(day.mean_milli for day in days)
    return ItemForecast(history.item_id, tuple(days), _of_sum(values, total, horizon_days), "low", METHOD)


def _recent(history: ItemHistory) -> list[tuple[int, int]]:
    """Return weekday and value of the known days of the window."""
    offset = max(len(history.units_milli) - _WINDOW_DAYS, 0)
    found = []
    for place, value in enumerate(history.units_milli[offset:], start=offset):
        if value is not None:
            found.append(((history.start + timedelta(days=place)).weekday(), value))
    return found


def _weekday_mean(recent: Sequence[tuple[int, int]], weekday: int, level: float) -> float:
    """Mix a weekday's mean with the overall level by how often it was seen."""
    same = [value for day, value in recent if day == weekday]
    return (sum(same) + _PRIOR_WEEKS * level) / (len(same) + _PRIOR_WEEKS)


def _of_sum(values: Sequence[int], mean_total: int, horizon_days: int) -> tuple[Quantile, ...]:
    """Return the quantiles of the sum over the horizon."""
    windows = [sum(values[i : i + horizon_days]) for i in range(len(values) - horizon_days + 1)]
    if len(windows) >= _MIN_WINDOWS:
        centre = fmean(windows)
        scale = mean_total / centre if centre else 0.0
        return tuple(Quantile(q, round(_quantile(windows, q) * scale)) for q in LEVELS)
    spread = pstdev(values) * horizon_days**0.5
    return tuple(Quantile(q, max(0, round(mean_total + NormalDist().inv_cdf(q) * spread))) for q in LEVELS)


def _quantile(values: Sequence[int], level: float) -> float:
    """Return the empirical quantile, linear between the order statistics.

    Examples
    --------
    >>> _quantile([0, 10, 20], 0.75)
    15.0
    """
    ordered = sorted(values)
    place = level * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
