"""Forecast held-out periods with a model that has not seen them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from samaan_ml.forecasting.intervals._out_of_sample import OutOfSample

if TYPE_CHECKING:
    from samaan_ml.features._inputs import KernelInputs
    from samaan_ml.forecasting.demand._engine import DemandEngine

__all__ = ["CalibrationPlan", "forecast_out_of_sample"]

Floats = npt.NDArray[np.float64]

_MOST_ORIGINS = 6
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
