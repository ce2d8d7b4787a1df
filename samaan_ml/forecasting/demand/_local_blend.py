"""Local models beside the global one, where series are few enough for one to help the other.

With few series the global model has little to share, and a smoothing model fitted to each series is as good or better;
with short ones it is the other way round. Which is better for which demand class is seen on the held-out origins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.forecasting.models._base import SEASONS, Forecast
from samaan_ml.forecasting.models._croston import CrostonForecaster
from samaan_ml.forecasting.models._demand_class import EVERY_CLASS, classify
from samaan_ml.forecasting.models._ets import ETSForecaster
from samaan_ml.forecasting.models._local import LocalForecaster, SeasonalLocalForecaster
from samaan_ml.forecasting.models._naive import last_season
from samaan_ml.forecasting.models._theta import ThetaForecaster
from samaan_ml.forecasting.models._tsb import TSBForecaster
from samaan_ml.forecasting.models._window_mean import rolling_means

if TYPE_CHECKING:
    from samaan_ml.forecasting.models._blend import Trial

__all__ = ["GLOBAL", "LocalBlend", "LocalPast"]

Floats = npt.NDArray[np.float64]

GLOBAL = "global"
"""Name of the global model among the members."""
_BASELINE = "seasonalnaive"
_LOCALS: dict[str, type[LocalForecaster]] = {
    "ets": ETSForecaster,
    "theta": ThetaForecaster,
    "croston": CrostonForecaster,
    "tsb": TSBForecaster,
}
_MOST_SERIES = 1000
"""With more series the global model knows enough, and smoothing each of them would cost more than it brings."""
_LOOK_BACK = {"D": 728, "W": 208}
_GAIN = 0.99
"""A blend has to be one per cent better than the global model alone to be used."""
_LEAST_PAST = {"D": 14, "W": 6}


@dataclass(frozen=True)
class LocalPast:
    """What local models read of some series.

    Parameters
    ----------
    ids : ndarray of str, shape (n_series,)
        Names of the series, as `series_ids` writes them.
    demand : ndarray of float, shape (n_series, n_dates)
        Units, sold-out days put right, NaN where unknown.
    """

    ids: npt.NDArray[np.str_]
    demand: npt.NDArray[np.floating]

    @cached_property
    def classes(self) -> npt.NDArray[np.str_]:
        """Name the demand class of each series."""
        return classify(self.demand)

    def until(self, n_dates: int) -> LocalPast:
        """Cut the past after so many dates."""
        return LocalPast(self.ids, self.demand[:, :n_dates])

    def shown(self, frequency: str) -> Floats:
        """Keep what local models look at: the last two years (four of weeks), from the first sale in them on."""
        demand = np.ascontiguousarray(self.demand[:, -_LOOK_BACK[frequency] :], dtype=np.float64)
        begun = np.logical_or.accumulate(demand > 0, axis=1)
        return np.where(begun, demand, np.nan)

    def take(self, rows: npt.NDArray[Any]) -> LocalPast:
        """Keep some of the series."""
        return LocalPast(self.ids[rows], self.demand[rows])


def series_ids(shops: Any, items: Any) -> npt.NDArray[np.str_]:
    """Name series by shop and item."""
    pairs = zip(map(str, shops), map(str, items), strict=True)
    return np.array([f"{shop}\x1f{item}" for shop, item in pairs], dtype=np.str_)


@dataclass(frozen=True)
class LocalBlend:
    """Weights of the global and the local models by demand class, and what the local ones learned.

    Parameters
    ----------
    frequency : {"D", "W"}
        Of the panel.
    season : int
        Dates in a season; 1 where the history was too short for one.
    weights : dict of str to dict of str to float
        Weights of the members by demand class and for "all"; empty for the global model alone.
    ids : ndarray of str, shape (n_series,)
        The series of the history.
    learned : dict of str to ndarray, shape (n_series, n_weights)
        Smoothing weights of each local model that is used.

    References
    ----------
    Caruana, Niculescu-Mizil, Crew and Ksikes (2004), Ensemble selection from libraries of models, ICML.
    """

    frequency: str
    season: int = 1
    weights: dict[str, dict[str, float]] = field(default_factory=dict)
    ids: npt.NDArray[np.str_] = field(default_factory=lambda: np.zeros(0, dtype=np.str_))
    learned: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def fit(
        cls,
        past: LocalPast,
        frequency: str,
        means: list[Floats],
        actuals: list[npt.NDArray[np.float32]],
        origins: tuple[int, ...],
    ) -> LocalBlend:
        """Choose the weights on held-out origins, then the smoothing weights on everything.

        Parameters
        ----------
        past : LocalPast
            The series.
        frequency : {"D", "W"}
            Of the panel.
        means, actuals : list of ndarray, shape (n_series, horizon)
            What the global model forecast from each origin, and what came.
        origins : tuple of int
            Last known column of each origin.
        """
        n_series, n_dates = past.demand.shape
        season = SEASONS[frequency]
        season = season if n_dates >= 2 * season else 1
        first = cls(frequency, season)
        usable = [k for k, origin in enumerate(origins) if origin + 1 >= _LEAST_PAST[frequency]]
        if n_series > _MOST_SERIES or not usable:
            return first
        weights = _chosen(
            first, past, [(means[k], actuals[k].astype(np.float64), origins[k]) for k in usable]
        )
        used = {name for each in weights.values() for name, weight in each.items() if weight > 0}
        if used <= {GLOBAL}:
            return first
        demand = past.shown(frequency)
        learned = {
            name: first.member(name, 1)._choose(demand)  # noqa: SLF001 - of the same family
            for name in sorted(used & set(_LOCALS))
        }
        return cls(frequency, season, weights, past.ids, learned)

    @cached_property
    def _place(self) -> dict[str, int]:
        """Find the rows of the learned weights by name."""
        return {one: row for row, one in enumerate(self.ids.tolist())}

    @property
    def active(self) -> bool:
        """Whether any local model is used."""
        return bool(self.weights)

    def blended(self, mean: Floats, past: LocalPast) -> Floats:
        """Blend the global model's means with the local ones, by the class of each series.

        Parameters
        ----------
        mean : ndarray, shape (n_series, horizon)
            The global model's.
        past : LocalPast
            The same series up to the origin.
        """
        if not self.active or not len(mean):
            return mean
        shares = [self._weights_of(name) for name in past.classes]
        out = np.array([share.get(GLOBAL, 0.0) for share in shares])[:, None] * mean
        shown = past.shown(self.frequency)
        for name in sorted({each for share in shares for each, weight in share.items() if weight > 0}):
            if name != GLOBAL:
                weight = np.array([share.get(name, 0.0) for share in shares])
                rows = np.flatnonzero(weight > 0)
                own = self.local_means(name, past.ids[rows], shown[rows], mean.shape[1])
                out[rows] += weight[rows, None] * own
        return out

    def methods(self, past: LocalPast) -> list[str]:
        """Name what makes each series' forecast."""
        if not self.active:
            return ["global-lightgbm"] * len(past.ids)
        return [
            "+".join(
                "global-lightgbm" if name == GLOBAL else name
                for name, weight in sorted(self._weights_of(each).items(), key=lambda pair: -pair[1])
                if weight > 0
            )
            for each in past.classes
        ]

    def local_means(self, name: str, ids: npt.NDArray[np.str_], demand: Floats, horizon: int) -> Floats:
        """Forecast with one local model from what is `shown`; a series not met before gets its weights now."""
        if name == _BASELINE:
            known = demand.shape[1] > self.season
            return last_season(demand, self.season if known else 1)[
                :, np.arange(horizon) % (self.season if known else 1)
            ]
        if name == "windowmean":
            ends = rolling_means(demand, 28 if self.frequency == "D" else 8)[:, -1:]
            return np.repeat(ends, horizon, axis=1)
        model = self.member(name, horizon)
        learned = self.learned.get(name)
        rows = np.array([self._place.get(one, -1) for one in ids.tolist()], dtype=np.intp)
        new = rows < 0
        weights = None if learned is None else learned[np.maximum(rows, 0)]
        if weights is None or new.any():
            chosen = model._choose(demand[new])  # noqa: SLF001
            weights = chosen if weights is None else weights.copy()
            weights[new] = chosen
        mean, _, _ = model._run(demand, weights, horizon)  # noqa: SLF001
        return np.maximum(np.nan_to_num(mean), 0.0)

    def member(self, name: str, horizon: int) -> LocalForecaster:
        """Make a local model with the blend's season."""
        model = _LOCALS[name](horizon, (0.5,), self.frequency)  # type: ignore[arg-type]
        if isinstance(model, SeasonalLocalForecaster):
            model.season_ = self.season
        return model

    def get_state(self) -> dict[str, object]:
        """Return the blend as plain values and arrays."""
        return {
            "frequency": self.frequency,
            "season": self.season,
            "weights": self.weights,
            "ids": self.ids,
            "learned": self.learned,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> LocalBlend:
        """Rebuild the blend from `get_state`'s values."""
        return cls(
            str(state["frequency"]),
            int(state["season"]),
            {name: {m: float(w) for m, w in each.items()} for name, each in state["weights"].items()},
            np.asarray(state["ids"]),
            {name: np.asarray(values, dtype=np.float64) for name, values in state["learned"].items()},
        )

    def _weights_of(self, demand_class: str) -> dict[str, float]:
        """Find the weights of a class, those of all classes where it has none of its own."""
        return self.weights.get(str(demand_class), self.weights[EVERY_CLASS])


def _chosen(
    blend: LocalBlend, past: LocalPast, trials: list[tuple[Floats, Floats, int]]
) -> dict[str, dict[str, float]]:
    """Choose the weights by class on held-out origins; a blend that gains little is not used."""
    from samaan_ml import metrics  # loads pandas, which a process that only serves does without
    from samaan_ml.forecasting.models._blend import Trial, choose_weights

    names = [_BASELINE, GLOBAL, "windowmean", *_LOCALS]
    forecasts: dict[str, list[Floats]] = {name: [] for name in names}
    actual, classes, squares, absolutes = [], [], [], []
    for mean, came, origin in trials:
        known = past.until(origin + 1)
        rows = np.flatnonzero(~np.isnan(mean[:, 0]))
        known, horizon = known.take(rows), mean.shape[1]
        shown = known.shown(blend.frequency)
        for name in names:
            own = mean[rows] if name == GLOBAL else blend.local_means(name, known.ids, shown, horizon)
            forecasts[name].append(own)
        actual.append(came[rows])
        classes.append(known.classes)
        squares.append(metrics.rmsse_scale(known.demand))
        season = blend.season if known.demand.shape[1] > blend.season else 1
        absolutes.append(metrics.mase_scale(known.demand, season))
    stacked = {name: np.vstack(parts) for name, parts in forecasts.items()}
    trial = Trial(
        np.vstack(actual),
        {name: Forecast(mean, mean[:, :, None]) for name, mean in stacked.items()},
        (0.5,),
        np.concatenate(classes),
        np.concatenate(squares),
        np.concatenate(absolutes),
    )
    weights = choose_weights(trial)
    for name, chosen in weights.items():
        members = trial.classes == name if name != EVERY_CLASS else np.ones(len(trial.actual), dtype=bool)
        if not _gains(trial, chosen, members):
            weights[name] = {GLOBAL: 1.0}
    return weights


def _gains(trial: Trial, chosen: dict[str, float], rows: npt.NDArray[np.bool_]) -> bool:
    """Return whether a blend beats the global model alone, or the latter loses to seasonal naive."""
    only = np.array([float(name == GLOBAL) for name in trial.models])
    naive = np.array([float(name == _BASELINE) for name in trial.models])
    losses = [np.array(trial.loss(weights, rows)) for weights in (np.array([*chosen.values()]), only, naive)]
    if not np.isfinite(np.concatenate(losses)).all() or losses[2].min() <= 0:
        return False
    blend, alone, base = (float((loss / losses[2]).sum()) for loss in losses)
    return blend < _GAIN * alone or alone >= base
