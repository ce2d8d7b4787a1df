"""Forecasts of periods the model had not seen: what intervals and choices are learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from samaan_ml.features._recipe import KernelInputs
    from samaan_ml.forecasting._engine import DemandEngine

__all__ = ["CalibrationPlan", "OutOfSample", "forecast_out_of_sample"]

Floats = npt.NDArray[np.float64]

_MOST_ORIGINS = 6
_MOST_CELLS = 900_000
_SHARE_OF_HISTORY = 0.4


@dataclass(frozen=True, slots=True)
class CalibrationPlan:
    """Which origins to look back from.

    Parameters
    ----------
    horizon : int
        Steps ahead that fit into the history.
    cut : int
        First column the calibration model may not see.
    origins : tuple of int
        Last known column of each origin; empty where the history is too short.
    """

    horizon: int
    cut: int
    origins: tuple[int, ...]

    @classmethod
    def for_history(cls, n_dates: int, horizon: int) -> CalibrationPlan:
        """Choose up to six origins, a horizon apart, within the last two fifths of the history."""
        reach = int(_SHARE_OF_HISTORY * n_dates)
        steps = max(1, min(horizon, reach))
        count = min(_MOST_ORIGINS, reach // steps)
        if count < 1 or n_dates < 10:
            return cls(horizon, n_dates, ())
        cut = n_dates - count * steps
        return cls(steps, cut, tuple(cut - 1 + k * steps for k in range(count)))


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """Forecasts and what came, path by path.

    Parameters
    ----------
    series : ndarray of int, shape (n_paths,)
        Series of each path.
    origin : ndarray of int, shape (n_paths,)
        Last known column of each path.
    mean, actual : ndarray, shape (n_paths, horizon)
        Forecast and what came; NaN where unknown.
    spread : ndarray, shape (n_paths,)
        How erratic the series was at the origin.
    """

    series: npt.NDArray[np.int64]
    origin: npt.NDArray[np.int64]
    mean: Floats
    actual: Floats
    spread: Floats


def forecast_out_of_sample(
    engine: DemandEngine,
    inputs: KernelInputs,
    targets: npt.NDArray[np.float32],
    plan: CalibrationPlan,
    rng: np.random.Generator,
) -> OutOfSample:
    """Forecast from every origin, for all series or, where these are many, a sample of them."""
    n_series = inputs.units.shape[0]
    room = max(_MOST_CELLS // max(len(plan.origins) * plan.horizon, 1), 1)
    chosen = np.arange(n_series) if n_series <= room else np.sort(rng.choice(n_series, room, replace=False))
    parts: list[tuple[npt.NDArray[np.int64], int, Floats, Floats, Floats]] = []
    for origin in plan.origins:
        begun = chosen[inputs.start[chosen] < origin]
        if not len(begun):
            continue
        means = engine.means(inputs.take(begun), plan.horizon, origin)
        actual = targets[begun, origin + 1 : origin + 1 + plan.horizon].astype(np.float64)
        parts.append((begun, origin, means.mean, actual, means.spread))
    if not parts:
        empty = np.zeros((0, plan.horizon))
        none = np.zeros(0, dtype=np.int64)
        return OutOfSample(none, none, empty, empty, np.zeros(0))
    return OutOfSample(
        np.concatenate([p[0] for p in parts]),
        np.concatenate([np.full(len(p[0]), p[1], dtype=np.int64) for p in parts]),
        np.concatenate([p[2] for p in parts]),
        np.concatenate([p[3] for p in parts]),
        np.concatenate([p[4] for p in parts]),
    )
