"""Quantiles of sums over category, shop and total: errors of a sum are no sum of errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.forecasting.hierarchy._hierarchy import codes_of
from samaan_ml.forecasting.intervals._level_sets import LevelSets, quantile_grid

if TYPE_CHECKING:
    from samaan_ml.features import Panel
    from samaan_ml.features._inputs import KernelInputs
    from samaan_ml.forecasting.hierarchy._hierarchy import Hierarchy
    from samaan_ml.forecasting.intervals._out_of_sample import OutOfSample

__all__ = ["LevelBands", "learn_bands", "reported_levels", "summed"]

Floats = npt.NDArray[np.float64]

_FEW_SUMS = 1_000  # levels with more sums than this are sparse enough for level sets of their own
_SHARE_OWN = 0.5
_UNKNOWN = 0.25  # squared log error of a sum that was never seen


@dataclass(frozen=True, slots=True)
class LevelBands:
    """Distribution of sums around their forecast, level by level.

    Smooth levels share one shape of the log error, scaled by the level's and the sum's own deviation; levels of many
    sparse sums have level sets.

    Parameters
    ----------
    grid : ndarray, shape (n_levels_of_quantiles,)
        Quantile levels.
    shape : ndarray, shape (n_levels_of_quantiles,)
        Standardised quantiles of the log error.
    scales : tuple of ndarray, shape (n_sums,), or None
        Deviation of the log error, one array a smooth level; None for a sparse one.
    sets : tuple of LevelSets or None
        One a sparse level; None for a smooth one.
    """

    grid: Floats
    shape: Floats
    scales: tuple[Floats | None, ...]
    sets: tuple[LevelSets | None, ...]

    @classmethod
    def fit(cls, forecasts: list[Floats], actuals: list[Floats], levels: tuple[float, ...]) -> LevelBands:
        """Learn from held-out sums.

        Parameters
        ----------
        forecasts, actuals : list of ndarray, shape (n_origins, n_sums, horizon)
            One array a level; NaN where unknown.
        levels : tuple of float
            Quantile levels that will be asked for.
        """
        grid = quantile_grid(levels)
        scales: list[Floats | None] = []
        sets: list[LevelSets | None] = []
        standard: list[Floats] = []
        for forecast, actual in zip(forecasts, actuals, strict=True):
            known = ~np.isnan(forecast) & ~np.isnan(actual)
            if forecast.shape[1] > _FEW_SUMS:
                scales.append(None)
                sets.append(_level_sets(forecast, actual, known, levels))
                continue
            error = np.log(np.maximum(actual, 1e-9) / np.maximum(forecast, 1e-9))
            error = np.where(known & (forecast > 0), np.clip(error, -3.0, 3.0), np.nan)
            n_known = (~np.isnan(error)).sum(axis=(0, 2))
            own = np.where(n_known > 0, np.nansum(error**2, axis=(0, 2)) / np.maximum(n_known, 1), _UNKNOWN)
            common = float(np.mean(own))
            scale = np.sqrt(_SHARE_OWN * own + (1 - _SHARE_OWN) * common) + 1e-6
            scales.append(scale)
            sets.append(None)
            z = error / scale[:, None]
            standard.append(z[~np.isnan(z)])
        pooled = np.concatenate(standard) if standard else np.zeros(0)
        shape = np.quantile(pooled, grid) if len(pooled) else np.zeros(len(grid))
        return cls(grid, shape, tuple(scales), tuple(sets))

    def quantiles(self, level: int, forecast: Floats, levels: tuple[float, ...]) -> Floats:
        """Give quantiles of one level's sums.

        Parameters
        ----------
        level : int
            Place of the level.
        forecast : ndarray, shape (n_sums, horizon)
            Means.
        levels : tuple of float
            Quantile levels.

        Returns
        -------
        ndarray, shape (n_sums, horizon, n_levels)
        """
        scale, own = self.scales[level], self.sets[level]
        if own is not None:
            steps = np.tile(np.arange(1, forecast.shape[1] + 1), len(forecast))
            flat = own.quantiles(forecast.ravel(), np.zeros(forecast.size), steps, levels)
            return flat.reshape(*forecast.shape, len(levels))
        if scale is None or len(scale) != len(forecast):
            scale = np.full(len(forecast), 0.5 if scale is None else float(np.mean(scale)))
        z = np.interp(levels, self.grid, self.shape)
        return np.asarray(forecast[:, :, None] * np.exp(scale[:, None, None] * z))

    def get_state(self) -> dict[str, object]:
        """Return the bands as plain values and arrays."""
        return {
            "grid": self.grid,
            "shape": self.shape,
            "scales": {str(k): s for k, s in enumerate(self.scales) if s is not None},
            "sets": {str(k): s.get_state() for k, s in enumerate(self.sets) if s is not None},
            "n_levels": len(self.scales),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> LevelBands:
        """Rebuild the bands from `get_state`'s values."""
        scales, sets, n = state["scales"], state["sets"], int(state["n_levels"])
        return cls(
            np.asarray(state["grid"]),
            np.asarray(state["shape"]),
            tuple(np.asarray(scales[str(k)]) if str(k) in scales else None for k in range(n)),
            tuple(LevelSets.from_state(sets[str(k)]) if str(k) in sets else None for k in range(n)),
        )


def _level_sets(
    forecast: Floats, actual: Floats, known: npt.NDArray[np.bool_], levels: tuple[float, ...]
) -> LevelSets:
    """Fit level sets to a sparse level."""
    steps = np.broadcast_to(np.arange(1, forecast.shape[2] + 1), forecast.shape)[known]
    return LevelSets.fit(forecast[known], actual[known], np.zeros(int(known.sum())), steps, levels)


def reported_levels(hierarchy: Hierarchy, panel: Panel) -> tuple[tuple[str, ...], ...]:
    """List the levels quantiles are given for: those of the hierarchy, and items over shops."""
    if panel.series["shop_id"].nunique() < 2 or panel.series["item_id"].nunique() < 2:
        return hierarchy.levels
    wider = [c for c in hierarchy.levels if len(c) == 1 and c[0] != "shop_id"]
    shops = panel.series.groupby("shop_id", observed=True)
    by_shop = [(*c, "item_id") for c in wider if shops[c[0]].nunique().max() <= 1]
    return (*hierarchy.levels, ("item_id",), *by_shop)


def learn_bands(
    hierarchy: Hierarchy, panel: Panel, inputs: KernelInputs, seen: OutOfSample, levels: tuple[float, ...]
) -> LevelBands:
    """Learn the distribution of sums from the held-out origins."""
    forecasts, actuals = [], []
    for columns in reported_levels(hierarchy, panel) if seen.origins else ():
        codes, n = codes_of(panel, columns)
        pairs = zip(seen.means, seen.origins, strict=True)
        sums = [
            (
                summed(np.nan_to_num(m), codes, n),
                summed(inputs.units[:, o + 1 : o + 1 + m.shape[1]], codes, n),
            )
            for m, o in pairs
        ]
        forecasts.append(np.stack([f for f, _ in sums]))
        actuals.append(np.stack([a for _, a in sums]))
    return LevelBands.fit(forecasts, actuals, levels)


def summed(values: npt.NDArray[Any], codes: npt.NDArray[np.int32], n: int) -> npt.NDArray[np.float64]:
    """Add rows up by code; a column unknown to all stays unknown."""
    out = np.zeros((n, values.shape[1]))
    np.add.at(out, codes, np.nan_to_num(values))
    out[:, np.isnan(values).all(axis=0)] = np.nan
    return out
