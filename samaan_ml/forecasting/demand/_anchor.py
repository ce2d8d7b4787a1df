"""A common level for short histories: what all series did together is anchored to the last weeks.

Trees share over series what they learn, but a movement common to all of them (a growing shop, a slow month) is seen
once a window, however many series there are; less than a year holds a handful of such windows, and carrying their mean
growth on is worse than none. Over 43 origins of four data sets the mean squared error of the log of the total fell by
a third when three quarters of the way back to the last two weeks were gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from samaan_ml.features._inputs import KernelInputs
    from samaan_ml.forecasting.demand._engine import DemandEngine

__all__ = ["common_level"]

_WEIGHT = 0.75
_LARGEST_LOG = 0.4
_RECENT = {"D": 14, "W": 4}
_FESTIVAL_COLUMN = 5  # of the calendar's features: the festival of the day, -1 on others


def common_level(
    engine: DemandEngine, inputs: KernelInputs, targets: npt.NDArray[np.float32], horizon: int, end: int
) -> float:
    """Find the factor that brings forecasts from column `end` on towards the last weeks before it.

    Each known cell of the last weeks is compared with the forecast of its series on the same weekday; festivals on
    either side are left out. With a year of history or more the factor is 1.

    Parameters
    ----------
    engine : DemandEngine
        The model.
    inputs : KernelInputs
        Histories.
    targets : ndarray of float32, shape (n_series, n_dates)
        What is forecast, NaN where unknown.
    horizon : int
        Steps ahead.
    end : int
        First column that is not known.
    """
    recipe = engine.model.recipe
    season = recipe.season if recipe.frequency == "D" else 1
    recent = np.arange(max(end - _RECENT[recipe.frequency], 0), end)
    if end >= recipe.year or len(recent) < season or not engine.model.forests:
        return 1.0
    ahead = np.arange(end, end + min(horizon, inputs.calendar.shape[1] - end))
    festive = np.any(inputs.calendar[:, :, _FESTIVAL_COLUMN] >= 0, axis=0)
    recent, kept = recent[~festive[recent]], ~festive[ahead]
    mean = engine.means(inputs, len(ahead), end - 1).mean[:, kept]
    phases = ahead[kept] % season
    came = forecast = 0.0
    begun = inputs.start < end
    for column in recent:
        same = phases == column % season
        known = begun & ~np.isnan(targets[:, column]) & (inputs.start <= column)
        if same.any():
            came += float(targets[known, column].sum(dtype=np.float64))
            forecast += float(mean[known][:, same].mean(axis=1).sum())
    if came <= 0 or forecast <= 0:
        return 1.0
    return float(np.exp(_WEIGHT * np.clip(np.log(came / forecast), -_LARGEST_LOG, _LARGEST_LOG)))
