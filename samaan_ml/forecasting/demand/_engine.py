"""What answers a forecast, in the library and in a process that only serves: numpy and compiled kernels alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.forecasting.demand._cold_start import ColdStart
from samaan_ml.forecasting.demand._local_blend import LocalBlend
from samaan_ml.forecasting.intervals._level_sets import LevelSets
from samaan_ml.forecasting.intervals._totals import TotalSets
from samaan_ml.forecasting.trees._global import GlobalModel

if TYPE_CHECKING:
    from samaan_ml.features._recipe import GroupMemory, KernelInputs

__all__ = ["DemandEngine", "Means"]

Floats = npt.NDArray[np.float64]

_UNKNOWN_SPREAD = 1e3  # a series too short to tell is taken for the most erratic
_BLOCK_SERIES = 4096


@dataclass(frozen=True, slots=True)
class Means:
    """Mean forecasts and what the quantiles need to know of each series.

    Parameters
    ----------
    mean : ndarray, shape (n_series, horizon)
        Expected units.
    level : ndarray, shape (n_series,)
        Recent level the forecast starts from.
    spread : ndarray, shape (n_series,)
        Standard deviation over the last quarter, relative to the level.
    doubt : ndarray, shape (n_series,), or None, default=None
        Relative variance of the mean itself: not 0 for items too new to be known; None is 0 for all.
    """

    mean: Floats
    level: Floats
    spread: Floats
    doubt: Floats | None = None


@dataclass(frozen=True, slots=True)
class DemandEngine:
    """A fitted model without its training history.

    Parameters
    ----------
    model : GlobalModel
        Forecasts the mean.
    daily : LevelSets
        Distribution of a day around its mean.
    totals : TotalSets
        Distribution of the sum over the days ahead.
    memory : GroupMemory
        Histories of the groups.
    blend : LocalBlend
        Local models beside the global one.
    cold : ColdStart
        What new items are drawn towards.
    anchor : float, default=1.0
        Factor on the model's means that anchors a short history's common level.
    closed_on : dict of str to tuple of str
        By shop, the festivals on which it has sold next to nothing.
    """

    model: GlobalModel
    daily: LevelSets
    totals: TotalSets
    memory: GroupMemory
    blend: LocalBlend
    cold: ColdStart
    anchor: float = 1.0
    closed_on: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def means(self, inputs: KernelInputs, horizon: int, origin: int | None = None) -> Means:
        """Forecast the `horizon` columns after the origin (the last column by default) for every series."""
        n_series, n_dates = inputs.units.shape
        last = n_dates - 1 if origin is None else origin
        mean = np.empty((n_series, horizon))
        level, spread = np.empty(n_series), np.empty(n_series)
        steps = np.arange(1, horizon + 1, dtype=np.int64)
        column = spread_column(self.model.recipe)
        for first in range(0, n_series, _BLOCK_SERIES):
            n = min(_BLOCK_SERIES, n_series - first)
            series = np.repeat(np.arange(first, first + n, dtype=np.int64), horizon)
            origins = np.full(n * horizon, last, dtype=np.int64)
            rows, base = inputs.rows(self.model.recipe, series, origins, np.tile(steps, n))
            part = slice(first, first + n)
            mean[part] = (base * self.anchor * self.model.factor(rows)).reshape(n, horizon)
            level[part] = base[::horizon]
            spread[part] = rows[::horizon, column]
        return Means(mean, level, np.where(np.isnan(spread), _UNKNOWN_SPREAD, spread))

    def daily_quantiles(self, means: Means, levels: tuple[float, ...]) -> Floats:
        """Give quantiles of each day, shape (n_series, horizon, n_levels)."""
        n_series, horizon = means.mean.shape
        out = np.empty((n_series, horizon, len(levels)))
        for first in range(0, n_series, _BLOCK_SERIES):
            part = means.mean[first : first + _BLOCK_SERIES]
            spread = np.repeat(means.spread[first : first + _BLOCK_SERIES], horizon)
            steps = np.tile(np.arange(1, horizon + 1, dtype=np.int64), len(part))
            flat = self.daily.quantiles(part.ravel(), spread, steps, levels)
            out[first : first + _BLOCK_SERIES] = flat.reshape(*part.shape, len(levels))
        new = _doubted(means)
        if len(new):
            assert means.doubt is not None
            spread, steps = (
                np.repeat(means.spread[new], horizon),
                np.tile(np.arange(1, horizon + 1), len(new)),
            )

            def around(factor: Floats, grid: tuple[float, ...]) -> Floats:
                scaled = (means.mean[new] * factor[:, None]).ravel()
                return self.daily.quantiles(scaled, spread, steps, grid)

            mixed = _mixed(around, means.doubt[new], levels)
            out[new] = mixed.reshape(len(new), horizon, len(levels))
        return out

    def total_quantiles(self, means: Means, levels: tuple[float, ...]) -> Floats:
        """Give quantiles of the sum over the horizon, shape (n_series, n_levels)."""
        total, horizon = means.mean.sum(axis=1), means.mean.shape[1]
        out = self.totals.quantiles(total, means.spread, horizon, levels)
        new = _doubted(means)
        if len(new):
            assert means.doubt is not None

            def around(factor: Floats, grid: tuple[float, ...]) -> Floats:
                return self.totals.quantiles(total[new] * factor, means.spread[new], horizon, grid)

            out[new] = _mixed(around, means.doubt[new], levels)
        return out

    def get_state(self) -> dict[str, object]:
        """Return all parts as plain values and arrays."""
        return {
            "model": self.model.get_state(),
            "daily": self.daily.get_state(),
            "totals": self.totals.get_state(),
            "memory": self.memory.get_state(),
            "blend": self.blend.get_state(),
            "cold": self.cold.get_state(),
            "anchor": self.anchor,
            "closed_on": {shop: list(names) for shop, names in self.closed_on.items()},
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> DemandEngine:
        """Rebuild the engine from `get_state`'s values."""
        from samaan_ml.features._recipe import GroupMemory

        return cls(
            GlobalModel.from_state(state["model"]),
            LevelSets.from_state(state["daily"]),
            TotalSets.from_state(state["totals"]),
            GroupMemory.from_state(state["memory"]),
            LocalBlend.from_state(state["blend"]),
            ColdStart.from_state(state["cold"]),
            float(state["anchor"]),
            {str(shop): tuple(map(str, names)) for shop, names in state.get("closed_on", {}).items()},
        )


_NODES = np.array([-1.2816, -0.5244, 0.0, 0.5244, 1.2816])
_GRID = tuple(np.round(np.arange(0.025, 1.0, 0.05), 3).tolist())


def _doubted(means: Means) -> npt.NDArray[np.intp]:
    """Find the series whose mean itself is in doubt."""
    return np.zeros(0, dtype=np.intp) if means.doubt is None else np.flatnonzero(means.doubt > 0)


def _mixed(
    around: Callable[[Floats, tuple[float, ...]], Floats], doubt: Floats, levels: tuple[float, ...]
) -> Floats:
    """Mix the distributions around five means, lognormal with the doubt as relative variance, and take quantiles."""
    sigma = np.sqrt(np.log1p(doubt))
    factors = np.exp(sigma * _NODES[:, None])
    factors /= factors.mean(axis=0)
    pooled = np.concatenate([around(factor, _GRID) for factor in factors], axis=1)
    return np.asarray(np.quantile(pooled, levels, axis=1).T, dtype=np.float64)


def spread_column(recipe: Any) -> int:
    """Find the feature that tells how erratic a series is."""
    return len(recipe.windows) + 10
