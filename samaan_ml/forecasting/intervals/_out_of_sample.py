"""Forecasts of periods the model had not seen: what intervals and choices are learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["OutOfSample"]

Floats = npt.NDArray[np.float64]

_MOST_CELLS = 900_000


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """Forecasts from every held-out origin and what came.

    Parameters
    ----------
    origins : tuple of int
        Last known column of each origin.
    means : list of ndarray, shape (n_series, horizon)
        Forecasts, one array an origin; NaN for series that had not begun.
    actuals : list of ndarray of float32, shape (n_series, horizon)
        What came, NaN where unknown.
    spreads : list of ndarray, shape (n_series,)
        How erratic each series was at the origin.
    """

    origins: tuple[int, ...]
    means: list[Floats]
    actuals: list[npt.NDArray[np.float32]]
    spreads: list[Floats]

    def paths(self, rng: np.random.Generator, most_cells: int = _MOST_CELLS) -> tuple[Floats, Floats, Floats]:
        """Gather paths of forecast, what came and spread, of all series or, where these are many, a sample."""
        if not self.origins:
            return np.zeros((0, 1)), np.zeros((0, 1)), np.zeros(0)
        n_series, horizon = self.means[0].shape
        room = max(most_cells // (len(self.origins) * horizon), 1)
        rows = np.arange(n_series) if n_series <= room else np.sort(rng.choice(n_series, room, replace=False))
        mean = np.concatenate([m[rows] for m in self.means])
        actual = np.concatenate([a[rows] for a in self.actuals]).astype(np.float64)
        spread = np.concatenate([s[rows] for s in self.spreads])
        begun = ~np.isnan(mean[:, 0])
        return mean[begun] * self.bias, actual[begun], spread[begun]

    @property
    def bias(self) -> float:
        """Divide what came by what was forecast, over all origins.

        The model that answers has seen the held-out time and is not the one that was held out from it: whether the
        latter lay high or low says little about the former, so intervals are learned around unbiased forecasts.
        """
        came = forecast = 0.0
        for mean, actual in zip(self.means, self.actuals, strict=True):
            known = ~np.isnan(mean) & ~np.isnan(actual)
            came, forecast = (
                came + float(actual[known].sum(dtype=np.float64)),
                forecast + float(mean[known].sum()),
            )
        return float(np.clip(came / forecast, 0.5, 2.0)) if came > 0 and forecast > 0 else 1.0

    @property
    def n_known(self) -> int:
        """Count the forecasts that can be compared with what came."""
        pairs = zip(self.means, self.actuals, strict=True)
        return int(sum((~np.isnan(m) & ~np.isnan(a)).sum() for m, a in pairs))
