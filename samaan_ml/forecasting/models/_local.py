"""What all local models share: a few weights a series, chosen by compiled loops over all of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml.features import Panel
from samaan_ml.forecasting.availability._censoring import demand_history
from samaan_ml.forecasting.models._base import SEASONS, BaseForecaster, Forecast
from samaan_ml.forecasting.models._parameters import Absent, Constraint, Number
from samaan_ml.forecasting.models._residuals import residual_quantiles

Floats = npt.NDArray[np.float64]

ALPHAS = np.array([0.02, 0.05, 0.1, 0.2, 0.3])
"""Smoothing weights that are tried."""


class LocalForecaster(BaseForecaster):
    """A model with a few weights a series, kept by `fit` and reused by `predict` on newer sales.

    Parameters
    ----------
    horizon : int, default=14
        Days (or weeks) ahead that `predict` answers by default.
    quantiles : tuple of float, default=(0.1, 0.5, 0.9)
        Levels of the quantiles, increasing.
    frequency : {"D", "W"}, default="D"
        Daily or weekly forecasts.
    random_state : int, default=0
        Not used: the models draw nothing.

    Attributes
    ----------
    weights_ : ndarray, shape (series, weights)
        What was chosen for each series of the history.
    """

    weights_: Floats

    @abstractmethod
    def _choose(self, units: Floats) -> Floats:
        """Choose the weights of each series; shape (series, weights)."""

    @abstractmethod
    def _run(self, units: Floats, weights: Floats, horizon: int) -> tuple[Floats, Floats, Floats | None]:
        """Filter each series; returns means ahead, one-step fits and the widening of errors ahead."""

    def _fit(self, panel: Panel) -> None:
        """Choose the weights."""
        self.weights_ = self._choose(demand_history(panel))

    def _predict(self, panel: Panel, horizon: int) -> Forecast:
        """Filter the panel with the weights learned; a series not seen in `fit` gets its own now."""
        units = demand_history(panel)
        mean, fits, widening = self._run(units, self._weights_for(panel, units), horizon)
        mean = np.maximum(mean, 0.0)
        return Forecast(mean, residual_quantiles(mean, fits, units, self.quantiles, widening))

    def _weights_for(self, panel: Panel, units: Floats) -> Floats:
        """Line the learned weights up with the panel's series."""
        if panel is self.history_:
            return self.weights_
        learned = {name: row for row, name in enumerate(self.history_.unique_id)}
        rows = np.array([learned.get(name, -1) for name in panel.unique_id], dtype=np.intp)
        new = rows < 0
        weights = self.weights_[np.maximum(rows, 0)]
        if new.any():
            weights[new] = self._choose(units[new])
        return weights

    def _learned(self) -> dict[str, object]:
        """Return the weights."""
        return {"weights": self.weights_}

    def _relearn(self, learned: Mapping[str, Any]) -> None:
        """Take the weights back."""
        self.weights_ = np.asarray(learned["weights"])


class SeasonalLocalForecaster(LocalForecaster):
    """A local model that knows a season.

    Parameters
    ----------
    horizon : int, default=14
        Days (or weeks) ahead that `predict` answers by default.
    quantiles : tuple of float, default=(0.1, 0.5, 0.9)
        Levels of the quantiles, increasing.
    frequency : {"D", "W"}, default="D"
        Daily or weekly forecasts.
    random_state : int, default=0
        Not used: the models draw nothing.
    season : int or None, default=None
        Dates in a season; None is 7 days, or 52 weeks where two years are known and else none.
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

    season_: int

    def _fit(self, panel: Panel) -> None:
        """Settle the season, then choose the weights."""
        self.season_ = self.season or SEASONS[self.frequency]
        if self.season is None and panel.n_dates < 2 * self.season_:
            self.season_ = 1
        super()._fit(panel)

    def _learned(self) -> dict[str, object]:
        """Return weights and season."""
        return {**super()._learned(), "season": self.season_}

    def _relearn(self, learned: Mapping[str, Any]) -> None:
        """Take weights and season back."""
        super()._relearn(learned)
        self.season_ = int(learned["season"])
