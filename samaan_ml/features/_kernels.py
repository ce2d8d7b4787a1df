"""Compiled feature rows: one (series, origin, step ahead) at a time, from prefix sums.

Nothing here reads a column later than the origin, but for what is known ahead (price, calendar). The order of
the features is that of `samaan_ml.features._recipe.feature_names`, which is built beside this module and
tested against it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["fill_rows", "group_sums"]

NAN = np.float32(np.nan)


@njit(cache=True, nogil=True)
def group_sums(units: Any, start: Any, groups_of_series: Any, n_groups: int) -> Any:
    """Add series up by group; a date on which no member is known stays NaN."""
    n_series, n_dates = units.shape
    total = np.zeros((n_groups, n_dates), dtype=np.float32)
    known = np.zeros((n_groups, n_dates), dtype=np.bool_)
    for s in range(n_series):
        for k in range(groups_of_series.shape[1]):
            g = groups_of_series[s, k]
            if g < 0:
                continue
            for d in range(start[s], n_dates):
                value = units[s, d]
                if not np.isnan(value):
                    total[g, d] += value
                    known[g, d] = True
    for g in range(n_groups):
        for d in range(n_dates):
            if not known[g, d]:
                total[g, d] = NAN
    return total


@njit(cache=True, nogil=True, inline="never")
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


@njit(cache=True, nogil=True, inline="never")
def _mean(total: Any, count: Any, first: int, last: int) -> float:
    """Average the known values of columns first..last, both included; NaN where none is known."""
    low, high = max(first, 0), last + 1
    if high <= low:
        return np.nan
    n = count[high] - count[low]
    if n == 0.0:
        return np.nan
    return (total[high] - total[low]) / n


@njit(cache=True, nogil=True, inline="never")
def _ratio(value: float, base: float) -> float:
    """Divide, bounded; NaN where there is nothing to divide."""
    if np.isnan(value) or np.isnan(base) or base <= 0.0:
        return np.nan
    return min(value / base, 50.0)


@njit(cache=True, nogil=True, inline="never")
def _phase_mean(values: Any, start: int, target: int, origin: int, season: int, k: int, prior: float) -> float:
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


@njit(cache=True, nogil=True, inline="never")
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


@njit(cache=True, nogil=True, inline="never")
def _last_change(price: Any, column: int) -> int:
    """Find the column since which the price stands."""
    value = price[column]
    c = column
    while c > 0 and price[c - 1] == value and column - c < 400:
        c -= 1
    return c


@njit(cache=True, nogil=True)
def fill_rows(  # noqa: PLR0913, PLR0915 - one flat loop is what compiles to fast code
    out: Any,
    base: Any,
    series: Any,
    origins: Any,
    steps: Any,
    units: Any,
    start: Any,
    price: Any,
    price_values: Any,
    stock: Any,
    groups_of_series: Any,
    group_units: Any,
    calendar: Any,
    previous: Any,
    region_of_series: Any,
    attributes: Any,
    windows: Any,
    phases: Any,
    season: int,
    year: int,
    fast: float,
    slow: float,
    unit: float,
) -> None:
    """Write the features of each row into `out` and the recent level into `base`.

    Rows must be sorted by series; rows of one series and origin that follow each other share their work.
    """
    n_dates = units.shape[1]
    n_groups = group_units.shape[0]
    total, count = np.empty(n_dates + 1), np.empty(n_dates + 1)
    square, unused = np.empty(n_dates + 1), np.empty(n_dates + 1)
    nonzero = np.empty(n_dates + 1)
    fast_level, slow_level = np.empty(n_dates), np.empty(n_dates)
    price_total, price_count = np.empty(price.shape[1] + 1), np.empty(price.shape[1] + 1)
    stock_total, stock_count = np.empty(n_dates + 1), np.empty(n_dates + 1)
    group_total, group_count = np.empty((n_groups, n_dates + 1)), np.empty((n_groups, n_dates + 1))
    for g in range(n_groups):
        _prefix(group_units[g], 0, group_total[g], group_count[g])
    n_windows = windows.shape[0]
    means = np.empty(n_windows)
    level_features = np.empty(n_windows + 16, dtype=np.float32)
    s_before, t_before, level, size = -1, -1, 0.0, 0.0
    for i in range(series.shape[0]):
        s, t, h = series[i], origins[i], steps[i]
        values = units[s]
        first = start[s]
        if s != s_before:
            _prefix(values, first, total, count)
            square[0] = 0.0
            nonzero[0] = 0.0
            for d in range(n_dates):
                value = values[d]
                seen = d >= first and not np.isnan(value)
                square[d + 1] = square[d] + (float(value) * value if seen else 0.0)
                nonzero[d + 1] = nonzero[d] + (1.0 if seen and value > 0 else 0.0)
            quick, calm, seen_any = 0.0, 0.0, 0
            for d in range(n_dates):
                value = values[d]
                if d >= first and not np.isnan(value):
                    seen_any += 1
                    quick += max(fast, 1.0 / seen_any) * (value - quick)
                    calm += max(slow, 1.0 / seen_any) * (value - calm)
                fast_level[d] = quick
                slow_level[d] = calm
            if price.shape[0] > 0:
                _prefix(price[s], 0, price_total, price_count)
            if stock.shape[0] > 0:
                _prefix(stock[s], 0, stock_total, stock_count)
        if s != s_before or t != t_before:
            known = count[t + 1]
            size = unit if nonzero[t + 1] == 0.0 else total[t + 1] / nonzero[t + 1]
            floor = 0.25 * size / (min(known, float(year)) + 0.5 * year)
            overall = 0.0 if known == 0.0 else total[t + 1] / known
            for w in range(n_windows):
                means[w] = _mean(total, count, t - windows[w] + 1, t)
            recent, middle, far = means[2], means[4], means[n_windows - 1]
            far = overall if np.isnan(far) else far
            middle = far if np.isnan(middle) else middle
            recent = middle if np.isnan(recent) else recent
            level = max(0.6 * recent + 0.25 * middle + 0.15 * far, floor)
            k = 0
            for w in range(n_windows):
                level_features[k] = _ratio(means[w], level)
                k += 1
            level_features[k] = np.log(level / unit)
            level_features[k + 1] = np.log(size / unit)
            level_features[k + 2] = fast_level[t] / level
            level_features[k + 3] = slow_level[t] / level
            k += 4
            for w in (2, 4, n_windows - 2):
                low = max(t + 1 - windows[w], 0)
                n = count[t + 1] - count[low]
                level_features[k] = NAN if n == 0.0 else (nonzero[t + 1] - nonzero[low]) / n
                k += 1
            gap = 0
            while gap <= t and not (values[t - gap] > 0) and t - gap >= first and gap < 2 * year:
                gap += 1
            level_features[k] = gap
            level_features[k + 1] = gap * (nonzero[t + 1] / max(known, 1.0))
            k += 2
            for w in (2, 4):
                low = max(t + 1 - windows[w], 0)
                n = count[t + 1] - count[low]
                if n < 2.0:
                    level_features[k] = NAN
                else:
                    m = (total[t + 1] - total[low]) / n
                    level_features[k] = np.sqrt(max((square[t + 1] - square[low]) / n - m * m, 0.0)) / level
                k += 1
            level_features[k] = t - first
            level_features[k + 1] = _ratio(means[2], _mean(total, count, t - year - windows[2] + 1, t - year))
            level_features[k + 2] = _ratio(values[t], level)
            k += 3
            for w in (0, 2):
                level_features[k] = (
                    NAN if stock.shape[0] == 0 else _mean(stock_total, stock_count, t - windows[w] + 1, t)
                )
                k += 1
        s_before, t_before = s, t
        base[i] = level
        target = t + h
        k = 0
        for j in range(n_windows + 16):
            out[i, k] = level_features[j]
            k += 1
        # the target's phase in the season and its place in the year before
        for j in range(phases.shape[0]):
            prior = means[min(2 * j + 2, n_windows - 2)]
            out[i, k] = _ratio(_phase_mean(values, first, target, t, season, phases[j], prior), prior)
            k += 1
        lag = season * ((h + season - 1) // season)
        column = target - lag
        out[i, k] = NAN if column < first else _ratio(values[column], level)
        ago = target - year
        around = _mean(total, count, t - year - windows[2] + 1, t - year)
        before = ago >= first and ago >= 0
        out[i, k + 1] = _ratio(_mean(total, count, ago - 3, min(ago + 3, t)), around) if before else NAN
        out[i, k + 2] = _ratio(_mean(total, count, ago - 14, min(ago + 14, t)), around) if before else NAN
        out[i, k + 3] = _ratio(values[ago], level) if before else NAN
        out[i, k + 4] = h
        k += 5
        region = region_of_series[s]
        for j in range(calendar.shape[2]):
            out[i, k] = calendar[region, target, j]
            k += 1
        for j in range(attributes.shape[1]):
            out[i, k] = attributes[s, j]
            k += 1
        if price.shape[0] > 0:
            now = price[s, min(target, price.shape[1] - 1)]
            stand = min(target, price.shape[1] - 1)
            out[i, k] = now
            out[i, k + 1] = now / price[s, t]
            out[i, k + 2] = now / _mean(price_total, price_count, t - windows[2] + 1, t)
            out[i, k + 3] = now / _mean(price_total, price_count, t - windows[4] + 1, t)
            out[i, k + 4] = now / _mean(price_total, price_count, t - year + 1, t)
            out[i, k + 5] = stand - _last_change(price[s], stand)
            k += 6
            for j in range(price_values.shape[0]):
                out[i, k] = price_values[j, s, stand]
                out[i, k + 1] = price_values[j, s, stand] - price_values[j, s, t]
                k += 2
        for j in range(groups_of_series.shape[1]):
            g = groups_of_series[s, j]
            if g < 0:
                for _ in range(8):
                    out[i, k] = NAN
                    k += 1
                continue
            gt, gc, gv = group_total[g], group_count[g], group_units[g]
            month = _mean(gt, gc, t - windows[2] + 1, t)
            quarter = _mean(gt, gc, t - windows[4] + 1, t)
            past = _mean(gt, gc, t - year - windows[2] + 1, t - year)
            out[i, k] = _ratio(_mean(gt, gc, t - windows[0] + 1, t), month)
            out[i, k + 1] = _ratio(month, quarter)
            out[i, k + 2] = _ratio(_phase_mean(gv, 0, target, t, season, phases[1], quarter), quarter)
            out[i, k + 3] = _ratio(_mean(gt, gc, ago - 3, min(ago + 3, t)), past) if ago >= 0 else NAN
            out[i, k + 4] = _ratio(_mean(gt, gc, ago - 14, min(ago + 14, t)), past) if ago >= 0 else NAN
            out[i, k + 5] = _ratio(month, past)
            out[i, k + 6] = _ratio(level, month)
            out[i, k + 7] = _event_ratio(gv, previous[region], target, t, season)
            k += 8
