"""Seasonal naive: the baseline that every other model has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml.features import Panel
from samaan_ml.forecasting.availability._censoring import demand_history
from samaan_ml.forecasting.models._base import SEASONS, BaseForecaster, Forecast
from samaan_ml.forecasting.models._parameters import Absent, Constraint, Number
from samaan_ml.forecasting.models._residuals import residual_quantiles

Floats = npt.NDArray[np.float64]


class SeasonalNaiveForecaster(BaseForecaster):
    r"""Repeat the last known season: next Monday sells what last Monday did.

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
    season : int or None, default=None
        Dates in a season; None is 7 days, or 52 weeks (1 where the history is shorter).

    Notes
    -----
    With T the last date and m the season,

    .. math:: \hat y_{T+h} = y_{T+h-m\lceil h/m \rceil}

    References
    ----------
    Hyndman and Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed., section 5.2.

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "units": range(1, 15),
    ...                       "date": pd.date_range("2026-01-01", periods=14)})
    >>> SeasonalNaiveForecaster(horizon=3).fit(sales).predict()["mean"].tolist()
    [8.0, 9.0, 10.0]
    """

    _constraints: ClassVar[dict[str, Constraint]] = {"season": Absent(Number(1, whole=True))}

    def __init__(
        self,
        horizon: int = 14,
        quantiles: Sequence[float] = (0.1, 0.5, 0.9),
        frequency: Literal["D", "W"] = "D",
        random_state: int = 0,
        season: int | None = None,
    ) -> None:
        super().__init__(horizon, quantiles, frequency, random_state)
        self.season = season

    def _fit(self, panel: Panel) -> None:
        """Learn nothing: the forecast is the history."""

    def _predict(self, panel: Panel, horizon: int) -> Forecast:
        """Repeat the last season and spread it by past seasonal errors."""
        units = demand_history(panel)
        season = self.season or SEASONS[self.frequency]
        if units.shape[1] <= season:
            season = 7 if self.frequency == "D" and units.shape[1] > 7 else 1
        last = last_season(units, season)
        ahead = np.arange(horizon)
        mean = last[:, ahead % season]
        fits = np.full_like(units, np.nan)
        fits[:, season:] = units[:, :-season]
        widening = np.broadcast_to(np.sqrt(1.0 + ahead // season), mean.shape)
        return Forecast(mean, residual_quantiles(mean, fits, units, self.quantiles, widening))


def last_season(units: Floats, season: int) -> Floats:
    """Last known value at each place of the season, in the order of the days ahead; 0 where none is known."""
    n, days = units.shape
    last = np.zeros((n, season))
    for place in range(season):
        values = units[:, (days - season + place) % season :: season]
        known = ~np.isnan(values)
        position = values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
        last[:, place] = np.where(known.any(axis=1), np.nan_to_num(values[np.arange(n), position]), 0.0)
    return last
