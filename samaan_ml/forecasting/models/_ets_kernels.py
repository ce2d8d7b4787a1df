"""Compiled exponential smoothing: the run of one series and the search for its parameters."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


_TINY = 1e-12


Function = TypeVar("Function", bound=Callable[..., Any])


def _jit(function: Function) -> Function:
    """Compile a loop on its first call and keep its types."""
    return cast("Function", numba.njit(cache=True, nogil=True)(function))


@_jit
def first_sale(y: Floats) -> int:
    """Position of the first value that is not zero, or the length where there is none."""
    for t in range(y.size):
        if not np.isnan(y[t]) and y[t] != 0:
            return t
    return y.size


@_jit
def _ets_run(
    y: Floats, start: int, season: int, theta: Floats, trend: bool, state: Floats, fitted: Floats
) -> float:
    """Filter one series in place; returns the sum of squared one-step errors.

    `state` is level, slope, then the season's offsets; `theta` is alpha, beta, gamma, phi.
    """
    alpha, beta, gamma, phi = theta[0], theta[1], theta[2], theta[3]
    squares = 0.0
    for t in range(start, y.size):
        place = 2 + t % season
        base = state[0] + phi * state[1]
        fitted[t] = base + state[place] if season > 1 else base
        value = y[t]
        if np.isnan(value):
            state[0] = base
            state[1] *= phi
            continue
        error = value - fitted[t]
        squares += error * error
        state[0] = base + alpha * error
        state[1] = phi * state[1] + beta * error if trend else 0.0
        if season > 1:
            state[place] += gamma * error
    return squares


@_jit
def _ets_start(y: Floats, start: int, season: int, state: Floats) -> None:
    """Level from the first two seasons, offsets from the weekday means of the first eight."""
    state[:] = 0.0
    total, count = 0.0, 0
    end = min(y.size, start + max(2 * season, 10))
    for t in range(start, end):
        if not np.isnan(y[t]):
            total += y[t]
            count += 1
    state[0] = total / max(count, 1)
    if season <= 1:
        return
    sums, counts = np.zeros(season), np.zeros(season)
    for t in range(start, min(y.size, start + 8 * season)):
        if not np.isnan(y[t]):
            sums[t % season] += y[t]
            counts[t % season] += 1
    mean = sums.sum() / max(counts.sum(), 1.0)
    for k in range(season):
        # Two pseudo-seasons of "no offset" keep a short history from a wild profile.
        state[2 + k] = (sums[k] - counts[k] * mean) / (counts[k] + 2.0)


@_jit
def _bounded(point: Floats, trend: bool, seasonal: bool) -> Floats:
    """Map free parameters to alpha, beta, gamma, phi inside the usual region."""
    unit = 1.0 / (1.0 + np.exp(-point))
    alpha = 0.001 + 0.9 * unit[0]
    beta = 0.3 * alpha * unit[1] if trend else 0.0
    gamma = 0.5 * (1.0 - alpha) * unit[2] if seasonal else 0.0
    phi = 0.8 + 0.18 * unit[3] if trend else 1.0
    return np.array([alpha, beta, gamma, phi])


@_jit
def _ets_loss(
    point: Floats,
    y: Floats,
    start: int,
    season: int,
    trend: bool,
    initial: Floats,
    state: Floats,
    fitted: Floats,
) -> float:
    """Sum of squared one-step errors at a point of the free parameters."""
    state[:] = initial
    return _ets_run(y, start, season, _bounded(point, trend, season > 1), trend, state, fitted)


@_jit
def _first_simplex(trend: bool, seasonal: bool) -> Floats:
    """Corners to start from: a usual point and one step along each free parameter."""
    free = [0]
    if trend:
        free += [1, 3]
    if seasonal:
        free += [2]
    simplex = np.zeros((len(free) + 1, 4))
    simplex[:] = np.array([-2.0, -1.5, -2.5, 1.0])
    for k, place in enumerate(free):
        simplex[k + 1, place] += 1.5
    return simplex


@_jit
def _nelder_mead(
    y: Floats, start: int, season: int, trend: bool, initial: Floats, rounds: int
) -> tuple[Floats, float]:
    """Minimise the sum of squared one-step errors by the downhill simplex (Nelder and Mead 1965)."""
    state, fitted = np.empty_like(initial), np.empty(y.size)
    simplex = _first_simplex(trend, season > 1)
    size = simplex.shape[0] - 1
    loss = np.empty(size + 1)
    for k in range(size + 1):
        loss[k] = _ets_loss(simplex[k], y, start, season, trend, initial, state, fitted)
    for _ in range(rounds):
        order = np.argsort(loss)
        simplex, loss = simplex[order], loss[order]
        if loss[size] - loss[0] <= 1e-5 * (loss[0] + _TINY):
            break
        centre = simplex[:size].sum(axis=0) / size
        # Tried in turn: reflection; beyond it where that is the best so far; half way back where it is no
        # gain.
        trial = np.clip(2.0 * centre - simplex[size], -8.0, 8.0)
        value = _ets_loss(trial, y, start, season, trend, initial, state, fitted)
        if value < loss[0]:
            other = np.clip(3.0 * centre - 2.0 * simplex[size], -8.0, 8.0)
        else:
            other = 0.5 * (centre + simplex[size])
        if value < loss[0] or value >= loss[size - 1]:
            other_value = _ets_loss(other, y, start, season, trend, initial, state, fitted)
            if other_value < value:
                trial, value = other, other_value
        if value < loss[size]:
            simplex[size], loss[size] = trial, value
            continue
        for k in range(1, size + 1):
            simplex[k] = 0.5 * (simplex[0] + simplex[k])
            loss[k] = _ets_loss(simplex[k], y, start, season, trend, initial, state, fitted)
    best = np.argmin(loss)
    return simplex[best], loss[best]


@_jit
def _known_from(y: Floats, start: int) -> int:
    """Count the days that are known from `start` on."""
    known = 0
    for t in range(start, y.size):
        known += not np.isnan(y[t])
    return known


@_jit
def choose_ets(units: Floats, season: int, rounds: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Choose by AICc among four additive-error ETS forms and estimate each series' weights.

    Forms: 0 level; 1 level + season; 2 level + damped trend; 3 level + damped trend + season.

    Returns alpha, beta, gamma, phi (series, 4) and the forms (series,).
    """
    n = units.shape[0]
    thetas, forms = np.zeros((n, 4)), np.zeros(n, dtype=np.int64)
    for i in range(n):
        y = units[i]
        start = first_sale(y)
        known = _known_from(y, start)
        thetas[i] = np.array([0.1, 0.0, 0.0, 1.0])
        best = np.inf
        for form in range(4):
            span = season if form % 2 == 1 else 1
            trend = form >= 2
            weights = 2.0 + (3.0 if trend else 0.0) + (float(span) if span > 1 else 0.0)
            if known < weights + 3 or (form % 2 == 1 and known < 2 * season):
                continue
            initial = np.zeros(2 + span)
            _ets_start(y, start, span, initial)
            point, squares = _nelder_mead(y, start, span, trend, initial, rounds)
            score = known * np.log(squares / known + _TINY) + 2 * weights
            score += 2 * weights * (weights + 1) / max(known - weights - 1, 1.0)
            if score < best:
                best = score
                thetas[i], forms[i] = _bounded(point, trend, span > 1), form
    return thetas, forms


@_jit
def run_ets(
    units: Floats, season: int, thetas: Floats, forms: npt.NDArray[np.int64], horizon: int
) -> tuple[Floats, Floats]:
    """Filter each series with given weights; returns forecasts (series, horizon) and fits (series, days)."""
    n, days = units.shape
    mean, fits = np.zeros((n, horizon)), np.full((n, days), np.nan)
    for i in range(n):
        span = season if forms[i] % 2 == 1 else 1
        start = first_sale(units[i])
        if start == days:
            continue
        state = np.zeros(2 + span)
        _ets_start(units[i], start, span, state)
        _ets_run(units[i], start, span, thetas[i], forms[i] >= 2, state, fits[i])
        slope, grown = state[1], state[0]
        for h in range(horizon):
            slope *= thetas[i, 3]
            grown += slope
            mean[i, h] = grown + state[2 + (days + h) % span] if span > 1 else grown
    return mean, fits
