"""Compiled feature rows: one (series, origin, step ahead) at a time, from prefix sums.

Nothing here reads a column later than the origin, but for what is known ahead (price, calendar). The order of
the features is that of `samaan_ml.features._table.feature_table`, which is built beside this module and
tested against it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from samaan_ml.features._compile import compiled
from samaan_ml.features._kernel_sums import (
    _deviation,
    _event_ratio,
    _last_change,
    _level,
    _mean,
    _phase_mean,
    _prefix,
    _ratio,
    _scan,
    _share,
    _since_sale,
)

__all__ = ["fill_rows", "group_sums"]

NAN = np.float32(np.nan)


class _Sums(NamedTuple):
    """Running sums of one series, its price and its stock, and of every group; series after series reuses them."""

    total: Any
    count: Any
    square: Any
    nonzero: Any
    smooth: Any
    means: Any
    price_total: Any
    price_count: Any
    stock_total: Any
    stock_count: Any
    group_total: Any
    group_count: Any


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
def _level_features(
    out: Any, sums: Any, values: Any, first: int, t: int, has_stock: bool, scale: Any
) -> float:
    """Write what depends on series and origin alone, and return the recent level."""
    total, count, nonzero, means = sums.total, sums.count, sums.nonzero, sums.means
    windows, year, unit = scale.windows, scale.year, scale.unit
    n_windows = windows.shape[0]
    known = count[t + 1]
    size = unit if nonzero[t + 1] == 0.0 else total[t + 1] / nonzero[t + 1]
    for w in range(n_windows):
        means[w] = _mean(total, count, t - windows[w] + 1, t)
    overall = 0.0 if known == 0.0 else total[t + 1] / known
    level = _level(means, overall, 0.25 * size / (min(known, float(year)) + 0.5 * year))
    for w in range(n_windows):
        out[w] = _ratio(means[w], level)
    _recent_features(out[n_windows:], sums, values, first, t, level, size, has_stock, scale)
    return level


@compiled
def _recent_features(
    out: Any,
    sums: Any,
    values: Any,
    first: int,
    t: int,
    level: float,
    size: float,
    has_stock: bool,
    scale: Any,
) -> None:
    """Write how the series ran lately: its level, its share of days with sales, its spread, its stock."""
    total, count, nonzero = sums.total, sums.count, sums.nonzero
    windows, year, unit = scale.windows, scale.year, scale.unit
    out[0], out[1] = np.log(level / unit), np.log(size / unit)
    out[2], out[3] = sums.smooth[0, t] / level, sums.smooth[1, t] / level
    out[4] = _share(nonzero, count, t + 1 - windows[2], t)
    out[5] = _share(nonzero, count, t + 1 - windows[4], t)
    out[6] = _share(nonzero, count, t + 1 - windows[windows.shape[0] - 2], t)
    gap = _since_sale(values, first, t, 2 * year)
    out[7], out[8] = gap, gap * (nonzero[t + 1] / max(count[t + 1], 1.0))
    out[9] = _deviation(total, count, sums.square, t + 1 - windows[2], t) / level
    out[10] = _deviation(total, count, sums.square, t + 1 - windows[4], t) / level
    out[11] = max(t - first, -1)  # an item that has not begun does not know when it will
    out[12] = _ratio(sums.means[2], _mean(total, count, t - year - windows[2] + 1, t - year))
    out[13] = _ratio(values[t], level)
    out[14] = _mean(sums.stock_total, sums.stock_count, t - windows[0] + 1, t) if has_stock else np.nan
    out[15] = _mean(sums.stock_total, sums.stock_count, t - windows[2] + 1, t) if has_stock else np.nan


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
def _sums_of(inputs: Any, n_windows: int) -> Any:
    """Make room for the sums of a series, and sum up the groups."""
    n_dates, n_groups, n_prices = inputs.units.shape[1], inputs.group_units.shape[0], inputs.price.shape[1]
    sums = _Sums(
        total=np.empty(n_dates + 1),
        count=np.empty(n_dates + 1),
        square=np.empty(n_dates + 1),
        nonzero=np.empty(n_dates + 1),
        smooth=np.empty((2, n_dates)),
        means=np.empty(n_windows),
        price_total=np.empty(n_prices + 1),
        price_count=np.empty(n_prices + 1),
        stock_total=np.empty(n_dates + 1),
        stock_count=np.empty(n_dates + 1),
        group_total=np.empty((n_groups, n_dates + 1)),
        group_count=np.empty((n_groups, n_dates + 1)),
    )
    for g in range(n_groups):
        _prefix(inputs.group_units[g], 0, sums.group_total[g], sums.group_count[g])
    return sums


@compiled
def _sum_series(sums: Any, s: int, inputs: Any, scale: Any) -> None:
    """Sum up one series, its price and its stock."""
    _scan(
        inputs.units[s], inputs.start[s], scale.fast, scale.slow,
        sums.total, sums.count, sums.square, sums.nonzero, sums.smooth,
    )  # fmt: skip
    if inputs.price.shape[0] > 0:
        _prefix(inputs.price[s], 0, sums.price_total, sums.price_count)
    if inputs.stock.shape[0] > 0:
        _prefix(inputs.stock[s], 0, sums.stock_total, sums.stock_count)


@compiled
def _write_ahead(
    out: Any, s: int, t: int, h: int, level: float, sums: Any, inputs: Any, scale: Any, layout: Any
) -> None:
    """Write what depends on the date ahead: season, calendar, attributes, price and groups."""
    target, region = t + h, inputs.region_of_series[s]
    windows, phases, season, year = scale.windows, scale.phases, scale.season, scale.year
    _season_features(
        out, inputs.units[s], inputs.start[s], t, h, level, sums.means, sums.total, sums.count,
        windows, phases, season, year,
    )  # fmt: skip
    k = layout.season
    out[k : k + layout.calendar] = inputs.calendar[region, target]
    k += layout.calendar
    out[k : k + layout.attributes] = inputs.attributes[s]
    k += layout.attributes
    if inputs.price.shape[0] > 0:
        _price_features(
            out[k:], inputs.price[s], inputs.price_values, s, t, target,
            sums.price_total, sums.price_count, windows, year,
        )  # fmt: skip
        k += layout.price
    for j in range(inputs.groups_of_series.shape[1]):
        g = inputs.groups_of_series[s, j]
        if g < 0:
            out[k : k + layout.group] = NAN
        else:
            _group_features(
                out[k:], inputs.group_units[g], inputs.previous[region], t, target, level,
                sums.group_total[g], sums.group_count[g], windows, phases[1], season, year,
            )  # fmt: skip
        k += layout.group


@compiled
def fill_rows(out: Any, base: Any, rows: Any, inputs: Any, scale: Any, layout: Any) -> None:
    """Write the features of each row into `out` and the recent level into `base`.

    `rows` are `Rows`, `inputs` `KernelInputs`, `scale` a `RowScale` and `layout` a `RowLayout`. Rows must be sorted by
    series; consecutive rows of one series and origin share their work.
    """
    sums = _sums_of(inputs, scale.windows.shape[0])
    has_stock = inputs.stock.shape[0] > 0
    shared = np.empty(layout.level, dtype=np.float32)
    s_before, t_before, level = -1, -1, 0.0
    for i in range(rows.series.shape[0]):
        s, t = rows.series[i], rows.origins[i]
        if s != s_before:
            _sum_series(sums, s, inputs, scale)
        if s != s_before or t != t_before:
            level = _level_features(shared, sums, inputs.units[s], inputs.start[s], t, has_stock, scale)
        s_before, t_before = s, t
        base[i] = level
        out[i, : layout.level] = shared
        _write_ahead(out[i, layout.level :], s, t, rows.steps[i], level, sums, inputs, scale, layout)
