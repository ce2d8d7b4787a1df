"""Compiled loops over the days of a shelf: expected demand of partly sold-out days, and empty shelves guessed."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Function = TypeVar("Function", bound=Callable[..., Any])


def _jit(function: Function) -> Function:
    """Compile a loop on its first call and keep its types."""
    return cast("Function", numba.njit(cache=True, nogil=True)(function))


@_jit
def _weigh(y: Singles, share: Singles, trust: float, obs: Floats, exposure: Floats) -> None:
    """Split one series into weighted sales and weighted open days; unknown days have neither."""
    for t in range(y.size):
        obs[t], exposure[t] = 0.0, 0.0
        if not np.isnan(y[t]):
            weight = 1.0 if share[t] >= 1.0 else trust
            obs[t], exposure[t] = weight * y[t], weight * share[t]


@_jit
def _near(values: Floats, memory: float, out: Floats) -> None:
    """Two-sided exponentially weighted sum."""
    total = 0.0
    for t in range(values.size):
        total = memory * total + values[t]
        out[t] = total
    total = 0.0
    for t in range(values.size - 1, -1, -1):
        out[t] += memory * total
        total = memory * total + values[t]


@_jit
def _spread(
    obs: Floats,
    exposure: Floats,
    level: Floats,
    place_factor: Floats,
    item_factor: Floats,
    place_sums: Floats,
    item_sums: Floats,
    out: Singles,
) -> None:
    """Write one series' expectation and add what sold and what was due to the sums of its places and its item."""
    season = place_factor.size
    for t in range(obs.size):
        place = t % season
        out[t] = level[t] * place_factor[place] * item_factor[t]
        place_sums[0, place] += obs[t]
        place_sums[1, place] += exposure[t] * level[t] * item_factor[t]
        item_sums[0, t] += obs[t]
        item_sums[1, t] += exposure[t] * level[t] * place_factor[place]


@_jit
def _add_moments(obs: Floats, exposure: Floats, others: Floats, others_due: Floats, moments: Floats) -> None:
    """Add the errors of one series' fully stocked days, each expected from the other days alone."""
    for t in range(obs.size):
        if exposure[t] == 1.0 and others[t] > 0 and others_due[t] > 0:
            mean = others[t] / others_due[t]
            error = (obs[t] - mean) ** 2
            moments += np.array([1.0, mean, mean * mean, error / mean, error])


@_jit
def expect(
    units: Singles,
    share: Singles,
    item_of: Ints,
    n_items: int,
    season: int,
    memory: float,
    trust: float,
    level_days: float,
    place_days: float,
    item_days: float,
    rounds: int,
) -> tuple[Singles, Floats]:
    """Expected demand of a fully stocked day, for every series and day.

    A level of the days near it, times its place in the season, times what the item did that day in all
    shops. Priors are counted in days of the series' own rate.

    Returns the expectation and, over fully stocked days, the number and the sums of m, m^2, r / m and r,
    with m the expectation without the day itself and r its squared error.
    """
    n, days = units.shape
    result = np.zeros((n, days), dtype=np.float32)
    place_factor, item_factor = np.ones((n, season)), np.ones((n_items, days))
    moments = np.zeros(5)
    obs, exposure, due = np.empty(days), np.empty(days), np.empty(days)
    near_obs, near_due = np.empty(days), np.empty(days)
    for turn in range(rounds):
        item_sums = np.zeros((n_items, 2, days))
        rates, members = np.zeros(n_items), np.zeros(n_items)
        for i in range(n):
            _weigh(units[i], share[i], trust, obs, exposure)
            if exposure.sum() <= 0:
                continue
            rate, item = obs.sum() / exposure.sum(), item_of[i]
            rates[item] += rate
            members[item] += 1
            factor = item_factor[item].copy()
            for t in range(days):
                factor[t] *= place_factor[i, t % season]
            due[:] = exposure * factor
            _near(obs, memory, near_obs)
            _near(due, memory, near_due)
            if turn == rounds - 1:
                others = (near_obs - obs + level_days * rate) * factor
                _add_moments(obs, exposure, others, near_due - due + level_days, moments)
            level = (near_obs + level_days * rate) / (near_due + level_days)
            place_sums = np.zeros((2, season))
            _spread(
                obs,
                exposure,
                level,
                place_factor[i],
                item_factor[item],
                place_sums,
                item_sums[item],
                result[i],
            )
            prior = place_days * rate
            if season > 1 and prior > 0:
                place_factor[i] = (place_sums[0] + prior) / (place_sums[1] + prior)
        for item in range(n_items):
            if members[item] > 1 and rates[item] > 0:
                prior = item_days * rates[item] / members[item]
                item_factor[item] = (item_sums[item, 0] + prior) / (item_sums[item, 1] + prior)
    return result, moments


@_jit
def restore(units: Singles, share: Singles, expected: Singles, strength: float) -> Singles:
    """Add to what sold the closed share of the Gamma-Poisson posterior rate; `strength` is in units."""
    demand = units.copy()
    for i in range(units.shape[0]):
        for t in range(units.shape[1]):
            if share[i, t] >= 1.0 or np.isnan(units[i, t]) or expected[i, t] <= 0:
                continue
            rate = (units[i, t] + strength) / (share[i, t] + strength / expected[i, t])
            demand[i, t] = units[i, t] + (1.0 - share[i, t]) * rate
    return demand


@_jit
def _like_stocked(value: float, expected: float, shape: float) -> float:
    """Chance of a day in stock to sell nothing, or 1 where it sold: the sale itself shows the state."""
    return (shape / (shape + expected)) ** shape if value <= 0 else 1.0


@_jit
def guess_empty(
    units: Singles, expected: Singles, shape: float, enter: float, leave: float
) -> tuple[Singles, float, float]:
    """Chance that the shelf was empty on each day, by forward-backward over two hidden states.

    In stock, units are negative binomial around the expectation; empty, nothing sells. Days that are not
    known say nothing. Returns the chances and the chances of running empty and of being filled again that
    they suggest.
    """
    n, days = units.shape
    chance = np.zeros((n, days), dtype=np.float32)
    ahead = np.empty((days, 2))
    entered, left, stocked_days, empty_days = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        begin = 0
        while begin < days and not units[i, begin] > 0:
            begin += 1
        stocked, empty = 1.0, 0.0
        for t in range(begin, days):
            stocked, empty = stocked * (1 - enter) + empty * leave, stocked * enter + empty * (1 - leave)
            if not np.isnan(units[i, t]):
                stocked *= _like_stocked(units[i, t], expected[i, t], shape)
                empty *= 0.0 if units[i, t] > 0 else 1.0
            total = stocked + empty
            stocked, empty = stocked / total, empty / total
            ahead[t, 0], ahead[t, 1] = stocked, empty
        back_stocked, back_empty = 1.0, 1.0
        for t in range(days - 1, begin - 1, -1):
            stocked, empty = ahead[t, 0] * back_stocked, ahead[t, 1] * back_empty
            chance[i, t] = empty / (stocked + empty)
            if not np.isnan(units[i, t]):
                back_stocked *= _like_stocked(units[i, t], expected[i, t], shape)
                back_empty *= 0.0 if units[i, t] > 0 else 1.0
            if t > begin:
                stays, enters = (1 - enter) * back_stocked, enter * back_empty
                leaves, remains = leave * back_stocked, (1 - leave) * back_empty
                total = ahead[t - 1, 0] * (stays + enters) + ahead[t - 1, 1] * (leaves + remains)
                entered += ahead[t - 1, 0] * enters / total
                left += ahead[t - 1, 1] * leaves / total
                stocked_days += ahead[t - 1, 0] * (stays + enters) / total
                empty_days += ahead[t - 1, 1] * (leaves + remains) / total
                back_stocked, back_empty = stays + enters, leaves + remains
                total = back_stocked + back_empty
                back_stocked, back_empty = back_stocked / total, back_empty / total
    return chance, entered / max(stocked_days, 1.0), left / max(empty_days, 1e-9)
