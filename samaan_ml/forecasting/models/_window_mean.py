"""Mean of the last weeks: the rule of thumb of shop software."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml.features import Panel
from samaan_ml.forecasting.availability._censoring import demand_history
from samaan_ml.forecasting.models._base import BaseForecaster, Forecast
from samaan_ml.forecasting.models._parameters import Absent, Constraint, Number
from samaan_ml.forecasting.models._residuals import residual_quantiles

Floats = npt.NDArray[np.float64]


class WindowMeanForecaster(BaseForecaster):
    r"""Forecast the mean of the last weeks, what Indian shop software calls the average sale.

    Parameters
    ----------
    horizon : int, default=14
        Days (or weeks) ahead that `predict` answers by default.
    quantiles : tuple of float, default=(0.1, 0.5, 0.9)
        Levels of the quantiles, increasing.
    frequency : {"D", "W"}, default="D"
        Daily or weekly forecasts.
    random_state : int, default=0
        Not used: the model draws nothing.
    window : int or None, default=None
        Dates in the window; None is 28 days, or 8 weeks.

    Notes
    -----
    With n the known dates among the last w,

    .. math:: \hat y_{T+h} = \frac{1}{n} \sum_{t=T-w+1}^{T} y_t

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos (2022), M5 accuracy competition, Int. J. Forecasting 38(4):
    benchmark MA.

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "units": [1.0, 2.0, 3.0],
    ...                       "date": pd.date_range("2026-01-01", periods=3)})
    >>> WindowMeanForecaster(horizon=2).fit(sales).predict()["mean"].tolist()
    [2.0, 2.0]
    """

    _constraints: ClassVar[dict[str, Constraint]] = {"window": Absent(Number(1, whole=True))}

    def __init__(
        self,
        horizon: int = 14,
        quantiles: Sequence[float] = (0.1, 0.5, 0.9),
        frequency: Literal["D", "W"] = "D",
        random_state: int = 0,
        window: int | None = None,
    ) -> None:
        super().__init__(horizon, quantiles, frequency, random_state)
        self.window = window

    def _fit(self, panel: Panel) -> None:
        """Learn nothing: the forecast is the history's end."""

    def _predict(self, panel: Panel, horizon: int) -> Forecast:
        """Average the last window and spread it by the errors of past windows."""
        units = demand_history(panel)
        window = self.window or (28 if self.frequency == "D" else 8)
        rolling = rolling_means(units, window)
        mean = np.repeat(rolling[:, -1:], horizon, axis=1)
        return Forecast(mean, residual_quantiles(mean, rolling[:, :-1], units, self.quantiles))


def rolling_means(units: Floats, window: int) -> Floats:
    """Mean of the known values of the `window` dates before each date and before the first one ahead."""
    known = ~np.isnan(units)
    pad = np.zeros((units.shape[0], 1))
    total = np.hstack([pad, np.cumsum(np.where(known, units, 0.0), axis=1)])
    count = np.hstack([pad, np.cumsum(known, axis=1)])
    start = np.maximum(np.arange(units.shape[1] + 1) - window, 0)
    sums, days = total - total[:, start], count - count[:, start]
    means: Floats = np.divide(sums, days, out=np.full(sums.shape, np.nan), where=days > 0)
    ever = count[:, -1] > 0
    overall = np.divide(total[:, -1], count[:, -1], out=np.zeros(units.shape[0]), where=ever)
    means[:, -1] = np.where(np.isnan(means[:, -1]), overall, means[:, -1])
    return means
