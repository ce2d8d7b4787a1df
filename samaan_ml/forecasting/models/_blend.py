"""Weights of a blend of models, chosen on past origins for each demand class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samaan_ml import metrics
from samaan_ml.forecasting.models._base import Forecast
from samaan_ml.forecasting.models._demand_class import EVERY_CLASS

Floats = npt.NDArray[np.float64]

_ROUNDS = 10
_LEAST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Trial:
    """Forecasts of several models from past origins, beside what came.

    Parameters
    ----------
    actual : ndarray, shape (rows, horizon)
        Units that came, NaN where they do not count; a row is a series at an origin.
    forecasts : dict of str to Forecast
        The forecast of each model; the first is the baseline that no other may lose to.
    quantiles : sequence of float
        Levels of the quantile forecasts.
    classes : ndarray of str, shape (rows,)
        Demand class of each row.
    rmsse_scale, mase_scale : ndarray, shape (rows,)
        What scales squared and absolute errors.
    """

    actual: Floats
    forecasts: dict[str, Forecast]
    quantiles: Sequence[float]
    classes: npt.NDArray[np.str_]
    rmsse_scale: Floats
    mase_scale: Floats

    @property
    def models(self) -> list[str]:
        """Name the models, the baseline first."""
        return list(self.forecasts)

    def blended(self, weights: Floats, rows: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Mean and quantiles of the marked rows, blended."""
        parts = [(w, self.forecasts[m]) for w, m in zip(weights, self.models, strict=True) if w > 0]
        mean: Floats = np.sum([w * forecast.mean[rows] for w, forecast in parts], axis=0)
        quantiles: Floats = np.sum([w * forecast.quantiles[rows] for w, forecast in parts], axis=0)
        return mean, quantiles

    def loss(self, weights: Floats, rows: npt.NDArray[np.bool_]) -> tuple[float, float]:
        """Mean RMSSE of the blended mean and mean scaled quantile loss of the blended quantiles."""
        mean, quantiles = self.blended(weights, rows)
        squared = metrics.rmsse(self.actual[rows], mean, scale=self.rmsse_scale[rows])
        pinball = metrics.sql(self.actual[rows], quantiles, self.quantiles, scale=self.mase_scale[rows])
        return _mean(squared), _mean(pinball)


def choose_weights(trial: Trial) -> dict[str, dict[str, float]]:
    """Choose the weights of each demand class by greedy forward selection with replacement.

    A model that loses to the baseline on the class, by the sum of its RMSSE and its scaled quantile loss
    relative to the baseline's, is not used there. A class with fewer than 20 rows gets the weights of all
    classes together.

    Parameters
    ----------
    trial : Trial
        Forecasts from past origins.

    Returns
    -------
    dict of str to dict of str to float
        Weights of every model by class, and for "all"; they sum to 1.

    References
    ----------
    Caruana, Niculescu-Mizil, Crew and Ksikes (2004), Ensemble selection from libraries of models, ICML.
    """
    everything = np.ones(len(trial.actual), dtype=bool)
    chosen = {EVERY_CLASS: _greedy(trial, everything)}
    for name in np.unique(trial.classes):
        rows = trial.classes == name
        if rows.sum() >= _LEAST_ROWS:
            chosen[str(name)] = _greedy(trial, rows)
    return chosen


def choose_spreads(trial: Trial, weights: dict[str, dict[str, float]]) -> dict[str, list[float]]:
    """Choose, for each class and level, the factor on the blend's distance from its middle that loses least.

    Quantiles averaged over models, each from its own in-sample errors, come out too narrow; what came after
    past origins says by how much.

    Parameters
    ----------
    trial : Trial
        Forecasts from past origins.
    weights : dict of str to dict of str to float
        What `choose_weights` chose.

    Returns
    -------
    dict of str to list of float
        One factor a level, between 0.5 and 3, by class and for "all".
    """
    grid = np.geomspace(0.5, 3.0, 25)
    chosen: dict[str, list[float]] = {}
    for name, blend in weights.items():
        rows = trial.classes == name if name != EVERY_CLASS else np.ones(len(trial.actual), dtype=bool)
        mean, quantiles = trial.blended(np.array(list(blend.values())), rows)
        scale = trial.mase_scale[rows, None, None]
        losses = []
        for factor in grid:
            factors = np.full((int(rows.sum()), len(trial.quantiles)), factor)
            wide = np.maximum(stretched(mean, quantiles, factors, trial.quantiles), 0.0)
            loss = metrics.pinball_loss(trial.actual[rows], wide, trial.quantiles) / scale
            losses.append(np.nansum(loss, axis=(0, 1)))
        best = grid[np.argmin(np.array(losses), axis=0)]
        chosen[name] = [
            1.0 if level == 0.5 else float(each) for level, each in zip(trial.quantiles, best, strict=True)
        ]
    return chosen


def stretched(mean: Floats, quantiles: Floats, factors: Floats, levels: Sequence[float]) -> Floats:
    """Move quantiles from the middle (the median, or the mean where it is no level) by a factor a row and level."""
    middle = quantiles[:, :, list(levels).index(0.5)] if 0.5 in levels else mean
    wide: Floats = middle[:, :, None] + factors[:, None, :] * (quantiles - middle[:, :, None])
    return wide


def _greedy(trial: Trial, rows: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Add the model that helps most, time after time."""
    single = np.eye(len(trial.models))
    naive = trial.loss(single[0], rows)
    if not (np.isfinite(naive).all() and min(naive) > 0):
        return dict(zip(trial.models, single[0].tolist(), strict=True))

    def relative(weights: Floats) -> float:
        squared, pinball = trial.loss(weights, rows)
        return squared / naive[0] + pinball / naive[1]

    alone = np.array([relative(weights) for weights in single])
    candidates = np.flatnonzero(alone < alone[0])
    if not candidates.size:
        return dict(zip(trial.models, single[0].tolist(), strict=True))
    counts = single[candidates[np.argmin(alone[candidates])]].copy()
    best, best_loss = counts.copy(), float(alone[candidates].min())
    for size in range(2, _ROUNDS + 1):
        tried = [relative((counts + single[k]) / size) for k in candidates]
        counts += single[candidates[int(np.argmin(tried))]]
        if min(tried) < best_loss:
            best, best_loss = counts / size, min(tried)
    return dict(zip(trial.models, best.tolist(), strict=True))


def _mean(values: Floats) -> float:
    """Mean of the known values; NaN where there is none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
