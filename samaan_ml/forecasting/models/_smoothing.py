"""Compiled kernels of the local models: one pass over a series a call, days with NaN carry the state over.

Every kernel takes the units of many series as a dense (series, days) array. A missing day (closed, not
entered) leaves level, trend and season as they were, so that a gap costs information and nothing else.
"""

import numpy as np

from samaan_ml.forecasting.models._ets_kernels import Floats, _jit, first_sale


@_jit
def _croston(y: Floats, alpha: float, fitted: Floats) -> tuple[float, float]:
    """Filter one series by Croston's method with Syntetos-Boylan's correction; returns rate and squares."""
    start = first_sale(y)
    if start == y.size:
        return 0.0, 0.0
    factor = 1.0 - alpha / 2.0
    size, interval, waited = y[start], 1.0, 0.0
    squares, sales = 0.0, 1
    for t in range(start + 1, y.size):
        fitted[t] = factor * size / interval
        if np.isnan(y[t]):
            continue
        waited += 1.0
        squares += (y[t] - fitted[t]) ** 2
        if y[t] > 0:
            # The first sizes and intervals are averaged: a start at one of them would take dozens of sales
            # to forget.
            size += max(alpha, 1.0 / (sales + 1)) * (y[t] - size)
            interval += max(alpha, 1.0 / sales) * (waited - interval)
            sales += 1
            waited = 0.0
    # A wait longer than usual is evidence of a longer interval already.
    if waited > interval:
        interval += max(alpha, 1.0 / sales) * (waited - interval)
    return factor * size / interval, squares


@_jit
def _tsb(y: Floats, alpha: float, beta: float, fitted: Floats) -> tuple[float, float]:
    """Filter one series with Teunter-Syntetos-Babai's method; returns rate and squared errors."""
    start = first_sale(y)
    if start == y.size:
        return 0.0, 0.0
    size, chance, squares = y[start], 1.0, 0.0
    seen, sales = 1.0, 1.0
    for t in range(start + 1, y.size):
        fitted[t] = chance * size
        if np.isnan(y[t]):
            continue
        seen += 1.0
        squares += (y[t] - fitted[t]) ** 2
        weight = max(beta, 1.0 / seen)
        if y[t] > 0:
            sales += 1.0
            chance += weight * (1.0 - chance)
            size += max(alpha, 1.0 / sales) * (y[t] - size)
        else:
            chance -= weight * chance
    return chance * size, squares


@_jit
def choose_croston(units: Floats, alphas: Floats) -> Floats:
    """Pick each series' smoothing weight by its one-step squared errors; shape (series,)."""
    n, days = units.shape
    chosen, trial = np.full(n, alphas[0]), np.empty(days)
    for i in range(n):
        best = np.inf
        for alpha in alphas:
            squares = _croston(units[i], alpha, trial)[1]
            if squares < best:
                best = squares
                chosen[i] = alpha
    return chosen


@_jit
def run_croston(units: Floats, alphas: Floats) -> tuple[Floats, Floats]:
    """Filter each series with its own weight; returns rates (series,) and one-step fits (series, days)."""
    n, days = units.shape
    rates, fits = np.zeros(n), np.full((n, days), np.nan)
    for i in range(n):
        rates[i] = _croston(units[i], alphas[i], fits[i])[0]
    return rates, fits


@_jit
def choose_tsb(units: Floats, alphas: Floats, betas: Floats) -> Floats:
    """Pick each series' weights of size and chance by its one-step squared errors; shape (series, 2)."""
    n, days = units.shape
    chosen, trial = np.empty((n, 2)), np.empty(days)
    for i in range(n):
        best = np.inf
        chosen[i, 0], chosen[i, 1] = alphas[0], betas[0]
        for alpha in alphas:
            for beta in betas:
                squares = _tsb(units[i], alpha, beta, trial)[1]
                if squares < best:
                    best = squares
                    chosen[i, 0], chosen[i, 1] = alpha, beta
    return chosen


@_jit
def run_tsb(units: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Filter each series with its own weights; returns rates (series,) and one-step fits (series, days)."""
    n, days = units.shape
    rates, fits = np.zeros(n), np.full((n, days), np.nan)
    for i in range(n):
        rates[i] = _tsb(units[i], weights[i, 0], weights[i, 1], fits[i])[0]
    return rates, fits


@_jit
def _ses(y: Floats, alpha: float, fitted: Floats) -> tuple[float, float, float]:
    """Smooth one series; returns its last level, squared errors and the number of days seen."""
    start = first_sale(y)
    if start == y.size:
        return 0.0, 0.0, 0.0
    level, squares, seen = y[start], 0.0, 0.0
    for t in range(start, y.size):
        fitted[t] = level
        if np.isnan(y[t]):
            continue
        seen += 1.0
        squares += (y[t] - level) ** 2
        level += max(alpha, 1.0 / seen) * (y[t] - level)
    return level, squares, seen


@_jit
def choose_ses(units: Floats, alphas: Floats) -> Floats:
    """Pick each series' smoothing weight by its one-step squared errors; shape (series,)."""
    n, days = units.shape
    chosen, trial = np.full(n, alphas[0]), np.empty(days)
    for i in range(n):
        best = np.inf
        for alpha in alphas:
            squares = _ses(units[i], alpha, trial)[1]
            if squares < best:
                best = squares
                chosen[i] = alpha
    return chosen


@_jit
def _slope(y: Floats) -> float:
    """Slope of the straight line through the known days from the first sale on."""
    count, st, sy, stt, sty = 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(first_sale(y), y.size):
        if not np.isnan(y[t]):
            count += 1.0
            st += t
            sy += y[t]
            stt += t * t
            sty += t * y[t]
    if count < 3:
        return 0.0
    return (sty - st * sy / count) / (stt - st * st / count)


@_jit
def season_offsets(units: Floats, season: int, pseudo_seasons: float) -> Floats:
    """Mean difference of each place of the season from the window of a season around it, shrunk to none."""
    n, days = units.shape
    offsets, count = np.zeros((n, season)), np.zeros(season)
    total, seen = np.zeros(days + 1), np.zeros(days + 1)
    for i in range(n):
        for t in range(days):
            known = not np.isnan(units[i, t])
            total[t + 1] = total[t] + (units[i, t] if known else 0.0)
            seen[t + 1] = seen[t] + (1.0 if known else 0.0)
        count[:] = pseudo_seasons
        for t in range(days):
            if not np.isnan(units[i, t]):
                high, low = min(t + season // 2 + 1, days), max(t - (season - 1) // 2, 0)
                near = (total[high] - total[low]) / (seen[high] - seen[low])
                offsets[i, t % season] += units[i, t] - near
                count[t % season] += 1.0
        offsets[i] /= count
        offsets[i] -= offsets[i].mean()
    return offsets


@_jit
def run_theta(units: Floats, alphas: Floats, horizon: int) -> tuple[Floats, Floats]:
    """Forecast each series by the Theta method's lines 0 and 2; returns forecasts and one-step fits."""
    n, days = units.shape
    mean, fits = np.zeros((n, horizon)), np.full((n, days), np.nan)
    for i in range(n):
        level, _, seen = _ses(units[i], alphas[i], fits[i])
        if seen == 0:
            continue
        half = 0.5 * _slope(units[i])
        memory = (1.0 - (1.0 - alphas[i]) ** seen) / alphas[i]
        for h in range(horizon):
            mean[i, h] = level + half * (h + memory)
    return mean, fits
