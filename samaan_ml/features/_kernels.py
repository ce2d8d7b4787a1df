"""Compiled feature rows: one (series, origin, step ahead) at a time, from prefix sums.

Nothing here reads a column later than the origin, but for what is known ahead (price, calendar). The order of
the features is that of `samaan_ml.features._table.feature_table`, which is built beside this module and
tested against it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from samaan_ml.features._compile import compiled

__all__ = ["fill_rows", "group_sums"]

NAN = np.float32(np.nan)


@compiled
def group_sums(units: Any, filled: Any, start: Any, groups_of_series: Any, n_groups: int) -> Any:
    """Add series up by group; a date on which no member is known stays NaN.

    Where some members are known, the others count with what is expected of them (`filled`), not as zero.
    """
    n_series, n_dates = units.shape
    total = np.zeros((n_groups, n_dates), dtype=np.float32)
    known = np.zeros((n_groups, n_dates), dtype=np.bool_)
    for s in range(n_series):
        for k in range(groups_of_series.shape[1]):
            g = groups_of_series[s, k]
            if g < 0:
                continue
            for d in range(start[s], n_dates):
                value = filled[s, d]
                if not np.isnan(value):
                    total[g, d] += value
                if not np.isnan(units[s, d]):
                    known[g, d] = True
    for g in range(n_groups):
        for d in range(n_dates):
            if not known[g, d]:
                total[g, d] = NAN
    return total


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


@compiled
def _level_features(
    out: Any,
    means: Any,
    values: Any,
    first: int,
    t: int,
    total: Any,
    count: Any,
    square: Any,
    nonzero: Any,
    smooth: Any,
    stock_total: Any,
    stock_count: Any,
    has_stock: bool,
    windows: Any,
    year: int,
    unit: float,
) -> float:
    """Write what depends on series and origin alone, and return the recent level."""
    n_windows = windows.shape[0]
    known = count[t + 1]
    size = unit if nonzero[t + 1] == 0.0 else total[t + 1] / nonzero[t + 1]
    for w in range(n_windows):
        means[w] = _mean(total, count, t - windows[w] + 1, t)
    overall = 0.0 if known == 0.0 else total[t + 1] / known
    level = _level(means, overall, 0.25 * size / (min(known, float(year)) + 0.5 * year))
    for w in range(n_windows):
        out[w] = _ratio(means[w], level)
    k = n_windows
    out[k], out[k + 1] = np.log(level / unit), np.log(size / unit)
    out[k + 2], out[k + 3] = smooth[0, t] / level, smooth[1, t] / level
    out[k + 4] = _share(nonzero, count, t + 1 - windows[2], t)
    out[k + 5] = _share(nonzero, count, t + 1 - windows[4], t)
    out[k + 6] = _share(nonzero, count, t + 1 - windows[n_windows - 2], t)
    gap = _since_sale(values, first, t, 2 * year)
    out[k + 7], out[k + 8] = gap, gap * (nonzero[t + 1] / max(known, 1.0))
    out[k + 9] = _deviation(total, count, square, t + 1 - windows[2], t) / level
    out[k + 10] = _deviation(total, count, square, t + 1 - windows[4], t) / level
    out[k + 11] = max(t - first, -1)  # an item that has not begun does not know when it will
    out[k + 12] = _ratio(means[2], _mean(total, count, t - year - windows[2] + 1, t - year))
    out[k + 13] = _ratio(values[t], level)
    out[k + 14] = _mean(stock_total, stock_count, t - windows[0] + 1, t) if has_stock else np.nan
    out[k + 15] = _mean(stock_total, stock_count, t - windows[2] + 1, t) if has_stock else np.nan
    return level


@compiled
def _season_features(
    out: Any,
    values: Any,
    first: int,
    t: int,
    h: int,
    level: float,
    means: Any,
    total: Any,
    count: Any,
    windows: Any,
    phases: Any,
    season: int,
    year: int,
) -> None:
    """Write the target's phase in the season and its place in the year before."""
    target, k = t + h, phases.shape[0]
    for j in range(k):
        prior = means[min(2 * j + 2, windows.shape[0] - 2)]
        out[j] = _ratio(_phase_mean(values, first, target, t, season, phases[j], prior), prior)
    column = target - season * ((h + season - 1) // season)
    ago = target - year
    around = _mean(total, count, t - year - windows[2] + 1, t - year)
    before = ago >= first and ago >= 0
    out[k] = np.nan if column < first else _ratio(values[column], level)
    out[k + 1] = _ratio(_mean(total, count, ago - 3, min(ago + 3, t)), around) if before else np.nan
    out[k + 2] = _ratio(_mean(total, count, ago - 14, min(ago + 14, t)), around) if before else np.nan
    out[k + 3] = _ratio(values[ago], level) if before else np.nan
    out[k + 4] = h


@compiled
def _price_features(
    out: Any,
    price: Any,
    further: Any,
    s: int,
    t: int,
    target: int,
    total: Any,
    count: Any,
    windows: Any,
    year: int,
) -> None:
    """Write the price at the target against what it was, and the further columns of the prices table."""
    stand = min(target, price.shape[0] - 1)
    now = price[stand]
    out[0], out[1] = now, _ratio(now, price[t])
    out[2] = _ratio(now, _mean(total, count, t - windows[2] + 1, t))
    out[3] = _ratio(now, _mean(total, count, t - windows[4] + 1, t))
    out[4] = _ratio(now, _mean(total, count, t - year + 1, t))
    out[5] = stand - _last_change(price, stand)
    for j in range(further.shape[0]):
        out[6 + 2 * j] = further[j, s, stand]
        out[7 + 2 * j] = further[j, s, stand] - further[j, s, t]


@compiled
def _group_features(
    out: Any,
    values: Any,
    previous: Any,
    t: int,
    target: int,
    level: float,
    total: Any,
    count: Any,
    windows: Any,
    weeks: int,
    season: int,
    year: int,
) -> None:
    """Write trend, phase, year and festival of the sum a series belongs to."""
    ago = target - year
    month = _mean(total, count, t - windows[2] + 1, t)
    quarter = _mean(total, count, t - windows[4] + 1, t)
    past = _mean(total, count, t - year - windows[2] + 1, t - year)
    out[0] = _ratio(_mean(total, count, t - windows[0] + 1, t), month)
    out[1] = _ratio(month, quarter)
    out[2] = _ratio(_phase_mean(values, 0, target, t, season, weeks, quarter), quarter)
    out[3] = _ratio(_mean(total, count, ago - 3, min(ago + 3, t)), past) if ago >= 0 else np.nan
    out[4] = _ratio(_mean(total, count, ago - 14, min(ago + 14, t)), past) if ago >= 0 else np.nan
    out[5] = _ratio(month, past)
    out[6] = _ratio(level, month)
    out[7] = _event_ratio(values, previous, target, t, season)


@compiled
def fill_rows(
    out: Any,
    base: Any,
    rows: Any,
    inputs: Any,
    scale: Any,
    layout: Any,
) -> None:
    """Write the features of each row into `out` and the recent level into `base`.

    `rows` are `Rows`, `inputs` `KernelInputs`, `scale` a `RowScale` and `layout` a `RowLayout`. Rows must be sorted by
    series; rows of one series and origin that follow each other share their work.
    """
    units, start, price, stock = inputs.units, inputs.start, inputs.price, inputs.stock
    price_values, group_units, groups_of_series = (
        inputs.price_values,
        inputs.group_units,
        inputs.groups_of_series,
    )
    calendar, previous, region_of_series = inputs.calendar, inputs.previous, inputs.region_of_series
    series, origins, steps = rows.series, rows.origins, rows.steps
    windows, phases, season, year = scale.windows, scale.phases, scale.season, scale.year
    n_dates, n_groups, n_windows = units.shape[1], group_units.shape[0], windows.shape[0]
    has_price, has_stock = price.shape[0] > 0, stock.shape[0] > 0
    total, count = np.empty(n_dates + 1), np.empty(n_dates + 1)
    square, nonzero = np.empty(n_dates + 1), np.empty(n_dates + 1)
    smooth, means = np.empty((2, n_dates)), np.empty(n_windows)
    price_total, price_count = np.empty(price.shape[1] + 1), np.empty(price.shape[1] + 1)
    stock_total, stock_count = np.empty(n_dates + 1), np.empty(n_dates + 1)
    group_total, group_count = np.empty((n_groups, n_dates + 1)), np.empty((n_groups, n_dates + 1))
    for g in range(n_groups):
        _prefix(group_units[g], 0, group_total[g], group_count[g])
    shared = np.empty(layout.level, dtype=np.float32)
    s_before, t_before, level = -1, -1, 0.0
    for i in range(series.shape[0]):
        s, t, h = series[i], origins[i], steps[i]
        values, first, target, region = units[s], start[s], t + h, region_of_series[s]
        if s != s_before:
            _scan(values, first, scale.fast, scale.slow, total, count, square, nonzero, smooth)
            if has_price:
                _prefix(price[s], 0, price_total, price_count)
            if has_stock:
                _prefix(stock[s], 0, stock_total, stock_count)
        if s != s_before or t != t_before:
            level = _level_features(
                shared, means, values, first, t, total, count, square, nonzero, smooth,
                stock_total, stock_count, has_stock, windows, year, scale.unit,
            )  # fmt: skip
        s_before, t_before = s, t
        base[i] = level
        row = out[i]
        row[: layout.level] = shared
        k = layout.level
        _season_features(
            row[k:], values, first, t, h, level, means, total, count, windows, phases, season, year
        )
        k += layout.season
        row[k : k + layout.calendar] = calendar[region, target]
        k += layout.calendar
        row[k : k + layout.attributes] = inputs.attributes[s]
        k += layout.attributes
        if has_price:
            _price_features(
                row[k:], price[s], price_values, s, t, target, price_total, price_count, windows, year
            )
            k += layout.price
        for j in range(groups_of_series.shape[1]):
            g = groups_of_series[s, j]
            if g < 0:
                row[k : k + layout.group] = NAN
            else:
                _group_features(
                    row[k:], group_units[g], previous[region], t, target, level,
                    group_total[g], group_count[g], windows, phases[1], season, year,
                )  # fmt: skip
            k += layout.group
