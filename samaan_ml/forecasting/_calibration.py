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
_MOST_FORECASTS = 8_000_000
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
    """Forecasts from every held-out origin and what came.

    Parameters
    ----------
    origins : tuple of int
        Last known column of each origin.
    means : list of ndarray, shape (n_series, horizon)
        Forecasts, one array an origin; NaN for series that had not begun.
    actuals : list of ndarray of float32, shape (n_series, horizon)
        What came, NaN where unknown.
    spreads : list of ndarray, shape (n_series,)
        How erratic each series was at the origin.
    """

    origins: tuple[int, ...]
    means: list[Floats]
    actuals: list[npt.NDArray[np.float32]]
    spreads: list[Floats]

    def paths(self, rng: np.random.Generator, most_cells: int = _MOST_CELLS) -> tuple[Floats, Floats, Floats]:
        """Gather paths of forecast, what came and spread, of all series or, where these are many, a sample."""
        if not self.origins:
            return np.zeros((0, 1)), np.zeros((0, 1)), np.zeros(0)
        n_series, horizon = self.means[0].shape
        room = max(most_cells // (len(self.origins) * horizon), 1)
        rows = np.arange(n_series) if n_series <= room else np.sort(rng.choice(n_series, room, replace=False))
        mean = np.concatenate([m[rows] for m in self.means])
        actual = np.concatenate([a[rows] for a in self.actuals]).astype(np.float64)
        spread = np.concatenate([s[rows] for s in self.spreads])
        begun = ~np.isnan(mean[:, 0])
        return mean[begun] * self.bias, actual[begun], spread[begun]

    @property
    def bias(self) -> float:
        """Divide what came by what was forecast, over all origins.

        The model that answers has seen the held-out time and is not the one that was held out from it: whether the
        latter lay high or low says little about the former, so intervals are learned around unbiased forecasts.
        """
        came = forecast = 0.0
        for mean, actual in zip(self.means, self.actuals, strict=True):
            known = ~np.isnan(mean) & ~np.isnan(actual)
            came, forecast = (
                came + float(actual[known].sum(dtype=np.float64)),
                forecast + float(mean[known].sum()),
            )
        return float(np.clip(came / forecast, 0.5, 2.0)) if came > 0 and forecast > 0 else 1.0

    @property
    def n_known(self) -> int:
        """Count the forecasts that can be compared with what came."""
        pairs = zip(self.means, self.actuals, strict=True)
        return int(sum((~np.isnan(m) & ~np.isnan(a)).sum() for m, a in pairs))


def forecast_out_of_sample(
    engine: DemandEngine,
    inputs: KernelInputs,
    targets: npt.NDArray[np.float32],
    plan: CalibrationPlan,
) -> OutOfSample:
    """Forecast every series from every origin; with very many series from the latest origins only."""
    n_series = inputs.units.shape[0]
    affordable = max(_MOST_FORECASTS // (n_series * plan.horizon), 2)
    origins = plan.origins[-affordable:]
    means: list[Floats] = []
    actuals: list[npt.NDArray[np.float32]] = []
    spreads: list[Floats] = []
    for origin in origins:
        forecast = engine.means(inputs, plan.horizon, origin)
        begun = inputs.start < origin
        means.append(np.where(begun[:, None], forecast.mean, np.nan))
        actuals.append(targets[:, origin + 1 : origin + 1 + plan.horizon])
        spreads.append(forecast.spread)
    return OutOfSample(origins, means, actuals, spreads)
