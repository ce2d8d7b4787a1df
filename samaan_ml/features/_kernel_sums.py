"""Compiled parts of the feature rows: running sums, means and ratios of one series."""

from __future__ import annotations

from typing import Any

import numpy as np

from samaan_ml.features._compile import compiled


@compiled
def _prefix(values: Any, start: int, total: Any, count: Any) -> None:
    """Write running sums and counts of the known values from `start` on."""
    total[0] = 0.0
    count[0] = 0.0
    for d in range(values.shape[0]):
        value = values[d]
        if d < start or np.isnan(value):
            total[d + 1] = total[d]
            count[d + 1] = count[d]
        else:
            total[d + 1] = total[d] + value
            count[d + 1] = count[d] + 1.0


@compiled
def _mean(total: Any, count: Any, first: int, last: int) -> float:
    """Average the known values of columns first..last, both included; NaN where none is known."""
    low, high = max(first, 0), last + 1
    if high <= low:
        return np.nan
    n = count[high] - count[low]
    if n == 0.0:
        return np.nan
    return float((total[high] - total[low]) / n)


@compiled
def _ratio(value: float, base: float) -> float:
    """Divide, bounded; NaN where there is nothing to divide."""
    if np.isnan(value) or np.isnan(base) or base <= 0.0:
        return np.nan
    return float(min(value / base, 50.0))


@compiled
def _phase_mean(
    values: Any, start: int, target: int, origin: int, season: int, k: int, prior: float
) -> float:
    """Average the last k known values of the target's phase, with two pseudo-values at `prior`."""
    total, n = 0.0, 0.0
    column = target - season
    while column > origin:
        column -= season
    for _ in range(k):
        if column < start or column < 0:
            break
        value = values[column]
        if not np.isnan(value):
            total += value
            n += 1.0
        column -= season
    if np.isnan(prior):
        return np.nan if n == 0.0 else total / n
    return (total + 2.0 * prior) / (n + 2.0)


@compiled
def _event_ratio(values: Any, previous: Any, target: int, origin: int, season: int) -> float:
    """Estimate what the target's event did on its earlier occurrences, against the four seasons before each."""
    column = previous[target]
    while column > origin:
        column = previous[column]
    total, n = 0.0, 0.0
    while column >= 0 and n < 3.0:
        base, m = 0.0, 0
        for j in range(1, 5):
            c = column - j * season
            if c >= 0 and not np.isnan(values[c]):
                base += values[c]
                m += 1
        if m > 0 and base > 0.0 and not np.isnan(values[column]):
            total += min(values[column] * m / base, 10.0)
            n += 1.0
        column = previous[column]
    if n == 0.0:
        return np.nan
    return (total + 0.5) / (n + 0.5)


@compiled
def _last_change(price: Any, column: int) -> int:
    """Find the column since which the price stands."""
    value = price[column]
    c = column
    while c > 0 and price[c - 1] == value and column - c < 400:
        c -= 1
    return c


@compiled
def _scan(  # one pass over a series
    values: Any,
    first: int,
    fast: float,
    slow: float,
    total: Any,
    count: Any,
    square: Any,
    nonzero: Any,
    smooth: Any,
) -> None:
    """Write running sums, squares, counts and two exponential averages of one series."""
    _prefix(values, first, total, count)
    square[0], nonzero[0] = 0.0, 0.0
    quick, calm, n_seen = 0.0, 0.0, 0
    for d in range(values.shape[0]):
        value = values[d]
        square[d + 1], nonzero[d + 1] = square[d], nonzero[d]
        if d >= first and not np.isnan(value):
            square[d + 1] += float(value) * value
            nonzero[d + 1] += 1.0 if value > 0 else 0.0
            n_seen += 1
            quick += max(fast, 1.0 / n_seen) * (value - quick)
            calm += max(slow, 1.0 / n_seen) * (value - calm)
        smooth[0, d], smooth[1, d] = quick, calm


@compiled
def _level(means: Any, overall: float, floor: float) -> float:
    """Blend a month, a quarter and the longest mean into the recent level."""
    recent, middle, far = means[2], means[4], means[means.shape[0] - 1]
    far = overall if np.isnan(far) else far
    middle = far if np.isnan(middle) else middle
    recent = middle if np.isnan(recent) else recent
    return max(0.6 * recent + 0.25 * middle + 0.15 * far, floor)


@compiled
def _share(part: Any, count: Any, first: int, last: int) -> float:
    """Divide a part by the known columns of first..last; NaN where none is known."""
    low = max(first, 0)
    n = count[last + 1] - count[low]
    return np.nan if n == 0.0 else (part[last + 1] - part[low]) / n


@compiled
def _deviation(total: Any, count: Any, square: Any, first: int, last: int) -> float:
    """Take the standard deviation of the known values of columns first..last; NaN with fewer than two."""
    low = max(first, 0)
    n = count[last + 1] - count[low]
    if n < 2.0:
        return np.nan
    mean = (total[last + 1] - total[low]) / n
    return float(np.sqrt(max((square[last + 1] - square[low]) / n - mean * mean, 0.0)))


@compiled
def _since_sale(values: Any, first: int, last: int, most: int) -> int:
    """Count the columns since the last sale."""
    gap = 0
    while gap <= last and not (values[last - gap] > 0) and last - gap >= first and gap < most:
        gap += 1
    return gap
