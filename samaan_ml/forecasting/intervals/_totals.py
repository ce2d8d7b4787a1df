"""Distribution of the sum over the days ahead, which is not the sum of the days' quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from samaan_ml.forecasting.intervals._level_sets import LevelSets

__all__ = ["TotalSets"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TotalSets:
    """Level sets of sums over the first 1, 2, 3, ... days, calibrated as the days' own are.

    Parameters
    ----------
    lengths : tuple of int
        Numbers of days learned.
    sets : tuple of LevelSets
        One a length.
    """

    lengths: tuple[int, ...]
    sets: tuple[LevelSets, ...]

    @classmethod
    def fit(
        cls,
        forecast: Floats,
        actual: Floats,
        spread: Floats,
        levels: tuple[float, ...],
        n_series: int | None = None,
    ) -> TotalSets:
        """Learn from paths of forecasts and of what came.

        Parameters
        ----------
        forecast, actual : ndarray, shape (n_paths, horizon)
            Means and what came; a path with an unknown day counts up to the day before it.
        spread : ndarray, shape (n_paths,)
            How erratic each series is.
        levels : tuple of float
            Levels that will be asked for.
        n_series : int or None, default=None
            Series the paths come from.
        """
        horizon = forecast.shape[1]
        lengths = sorted({n for n in (1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 91, horizon) if n <= horizon})
        summed, came = np.cumsum(forecast, axis=1), np.cumsum(actual, axis=1)
        sets, kept = [], []
        for n in lengths:
            known = ~np.isnan(came[:, n - 1])
            if known.sum() < 8:
                continue
            step = np.ones(int(known.sum()), dtype=np.int64)
            sets.append(
                LevelSets.fit(summed[known, n - 1], came[known, n - 1], spread[known], step, levels, n_series)
            )
            kept.append(n)
        return cls(tuple(kept), tuple(sets))

    def quantiles(self, total: Floats, spread: Floats, length: int, levels: tuple[float, ...]) -> Floats:
        """Give quantiles around sums over the first `length` days, interpolated between learned lengths.

        Parameters
        ----------
        total, spread : ndarray, shape (n,)
            Summed means, and how erratic each series is.
        length : int
            Days summed.
        levels : tuple of float
            Quantile levels.

        Returns
        -------
        ndarray, shape (n, n_levels)
        """
        step = np.ones(len(total), dtype=np.int64)
        above = int(np.searchsorted(self.lengths, length))
        if above >= len(self.lengths):
            return self.sets[-1].quantiles(total, spread, step, levels)
        high = self.sets[above].quantiles(total, spread, step, levels)
        if self.lengths[above] == length or above == 0:
            return high
        low = self.sets[above - 1].quantiles(total, spread, step, levels)
        a, b = np.log(self.lengths[above - 1]), np.log(self.lengths[above])
        share = (np.log(length) - a) / (b - a)
        return np.asarray((1 - share) * low + share * high)

    def get_state(self) -> dict[str, object]:
        """Return the sets as plain values and arrays."""
        return {
            "lengths": list(self.lengths),
            "sets": {str(k): s.get_state() for k, s in enumerate(self.sets)},
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TotalSets:
        """Rebuild the sets from `get_state`'s values."""
        sets = state["sets"]
        lengths = tuple(int(n) for n in state["lengths"])
        return cls(lengths, tuple(LevelSets.from_state(sets[str(k)]) for k in range(len(lengths))))
