"""From a mean to a distribution: empirical ratios of what came to what was forecast.

On rolling origins that the model did not see, each forecast is compared with what came. Forecasts of a similar size,
spread and distance ahead share one distribution of the ratio (level sets); its empirical quantiles, with the
finite-sample correction of split conformal prediction, are interpolated in the log of the forecast. Zeros, skew and
heavy tails come out as they are, nothing is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LevelSets", "quantile_grid"]

Floats = npt.NDArray[np.float64]

_LEAST = 120  # ratios a bin holds at least, where there are so many
_MOST_BINS = 60
_LEAST_SERIES = 4  # series a bin holds at least
_SERIES_PRIOR = 20.0  # series from which on half of a bin's bias is believed
_TINY = 1e-9


def quantile_grid(levels: tuple[float, ...]) -> Floats:
    """List the levels that are kept: a fixed grid and those asked for."""
    fixed = [0.005, 0.01, 0.025, *np.arange(0.05, 0.96, 0.05), 0.975, 0.99, 0.995]
    return np.unique(np.round([*fixed, *levels], 6))


@dataclass(frozen=True, slots=True)
class LevelSets:
    """Distributions of actual to forecast, by spread class, step class and size of the forecast.

    Parameters
    ----------
    levels : ndarray, shape (n_levels,)
        Quantile levels, increasing.
    spread_cuts : ndarray, shape (n_spreads - 1,)
        Bounds between the spread classes.
    step_cuts : ndarray, shape (n_steps - 1,)
        Bounds between the classes of steps ahead.
    centres : ndarray, shape (n_spreads, n_steps, n_bins)
        Log forecast each bin stands for, increasing.
    ratios : ndarray, shape (n_spreads, n_steps, n_bins, n_levels)
        Quantiles of actual / forecast.

    References
    ----------
    Hasson, Wang, Januschowski and Gasthaus (2021), Probabilistic forecasting: a level-set approach, NeurIPS 34.
    """

    levels: Floats
    spread_cuts: Floats
    step_cuts: Floats
    centres: Floats
    ratios: Floats

    @classmethod
    def fit(
        cls,
        forecast: Floats,
        actual: Floats,
        spread: Floats,
        step: npt.NDArray[np.int64],
        levels: tuple[float, ...],
        n_series: int | None = None,
    ) -> LevelSets:
        """Learn from forecasts of periods the model had not seen.

        Parameters
        ----------
        forecast, actual : ndarray, shape (n,)
            Means and what came.
        spread : ndarray, shape (n,)
            How erratic the series was at the origin, relative to its level.
        step : ndarray of int, shape (n,)
            Steps ahead.
        levels : tuple of float
            Levels that will be asked for exactly.
        n_series : int or None, default=None
            Series the forecasts come from; few of them cannot fill many bins, as a bin must not stand for the
            luck of two or three. None takes every forecast for a series of its own.
        """
        n_series = len(forecast) if n_series is None else n_series
        grid = quantile_grid(levels)
        n = len(forecast)
        n_spreads = int(np.clip(n // 4_000, 1, 4))
        n_steps = int(np.clip(n // 40_000, 1, 4))
        spread_cuts, step_cuts = _cuts(spread, n_spreads), _cuts(step, n_steps)
        n_spreads, n_steps = len(spread_cuts) + 1, len(step_cuts) + 1
        n_bins = int(np.clip(n // (n_spreads * n_steps * _LEAST), 1, _MOST_BINS))
        n_bins = int(np.clip(n_series // (n_spreads * _LEAST_SERIES), 1, n_bins))
        pull = 1.0 / (1.0 + n_series / (n_spreads * n_bins * _SERIES_PRIOR))
        centres = np.zeros((n_spreads, n_steps, n_bins))
        ratios = np.zeros((n_spreads, n_steps, n_bins, len(grid)))
        size, ratio = np.log(np.maximum(forecast, _TINY)), actual / np.maximum(forecast, _TINY)
        spread_class = np.searchsorted(spread_cuts, spread, side="left")
        step_class = np.searchsorted(step_cuts, step, side="left")
        everything = np.arange(n)
        for a in range(n_spreads):
            for b in range(n_steps):
                members = everything[(spread_class == a) & (step_class == b)]
                members = members if len(members) >= n_bins * 8 else everything
                _fill_bins(centres[a, b], ratios[a, b], size[members], ratio[members], grid, pull)
        return cls(grid, spread_cuts, step_cuts, centres, ratios)

    def quantiles(
        self, forecast: Floats, spread: Floats, step: npt.NDArray[np.int64], levels: tuple[float, ...]
    ) -> Floats:
        """Give quantiles around forecasts.

        Parameters
        ----------
        forecast, spread : ndarray, shape (n,)
            Means, and how erratic each series is.
        step : ndarray of int, shape (n,)
            Steps ahead.
        levels : tuple of float
            Levels; ones that were not learned are interpolated.

        Returns
        -------
        ndarray, shape (n, n_levels)
            Non-negative and increasing along the levels.
        """
        from samaan_ml.forecasting.intervals._interval_kernels import look_up

        below, above, weight = _columns(self.levels.tobytes(), levels)
        out = np.empty((len(forecast), len(levels)))
        look_up(
            np.ascontiguousarray(forecast, dtype=np.float64),
            np.ascontiguousarray(spread, dtype=np.float64),
            np.ascontiguousarray(step, dtype=np.int64),
            self.spread_cuts,
            self.step_cuts,
            self.centres,
            self.ratios,
            below,
            above,
            weight,
            out,
        )
        return out

    def get_state(self) -> dict[str, object]:
        """Return the arrays by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> LevelSets:
        """Rebuild from `get_state`'s arrays."""
        return cls(**{name: np.asarray(state[name], dtype=np.float64) for name in cls.__slots__})


@lru_cache(maxsize=64)
def _columns(
    kept: bytes, levels: tuple[float, ...]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Find where each level lies on the grid that was kept; every request asks for the same ones."""
    grid = np.frombuffer(kept, dtype=np.float64)
    wanted = np.round(np.asarray(levels, dtype=np.float64), 6)
    above = np.minimum(np.searchsorted(grid, wanted), len(grid) - 1)
    below = np.where(grid[above] == wanted, above, np.maximum(above - 1, 0))
    gap = grid[above] - grid[below]
    weight = np.where(gap > 0, (wanted - grid[below]) / np.where(gap > 0, gap, 1.0), 0.0)
    return below.astype(np.int64), above.astype(np.int64), np.minimum(np.maximum(weight, 0.0), 1.0)


def _cuts(values: npt.NDArray[Any], n_classes: int) -> Floats:
    """Find the bounds of classes of equal count."""
    if n_classes < 2:
        return np.zeros(0)
    return np.unique(np.quantile(values, np.arange(1, n_classes) / n_classes))


def _fill_bins(
    centres: Floats, ratios: Floats, size: Floats, ratio: Floats, grid: Floats, pull: float
) -> None:
    """Sort by size, cut into bins of equal count that overlap, and take quantiles.

    Where a bin holds few series, what came against what was forecast in it is mostly their luck: `pull` of that bias
    is taken out.
    """
    n_bins = len(centres)
    order = np.argsort(size, kind="stable")
    size, ratio = size[order], ratio[order]
    edges = np.linspace(0, len(size), n_bins + 1)
    half = 0.25 * (edges[1] - edges[0]) if n_bins > 1 else 0.0
    for j in range(n_bins):
        low, high = int(max(edges[j] - half, 0)), int(min(edges[j + 1] + half, len(size)))
        centres[j] = size[low:high].mean()
        count = high - low
        # split conformal: the (n + 1)(1 - a)-th value bounds a new one; outwards on both sides
        corrected = np.where(grid >= 0.5, grid * (count + 1) / count, 1 - (1 - grid) * (count + 1) / count)
        weight = np.exp(size[low:high])
        bias = float(np.clip((ratio[low:high] * weight).sum() / weight.sum(), 0.2, 5.0))
        ratios[j] = np.quantile(ratio[low:high], np.clip(corrected, 0.0, 1.0)) / bias**pull
    centres[:] = np.maximum.accumulate(centres + np.arange(n_bins) * 1e-9)
