"""Quantiles of a local model from its own past errors, pooled over series where there are few."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LOOK_BACK = 364
_POOL_WEIGHT = 20.0


def residual_quantiles(
    mean: Floats, fits: Floats, units: Floats, quantiles: Sequence[float], widening: Floats | None = None
) -> Floats:
    """Add the quantiles of past errors to the forecast.

    Errors of the last year are taken as they are: for intermittent demand they carry the right chance of a
    day without sale. A series with few errors borrows those of all series, scaled by the root of the mean.

    Parameters
    ----------
    mean : ndarray, shape (series, horizon)
        Point forecasts.
    fits, units : ndarray, shape (series, days)
        One-step forecasts of the past and what came; NaN where there is none.
    quantiles : sequence of float
        Levels.
    widening : ndarray, shape (series, horizon), or None, default=None
        Factor on the errors' distance from their median for each day ahead; None is 1.

    Returns
    -------
    ndarray, shape (series, horizon, levels)
    """
    levels = np.asarray(quantiles, dtype=float)
    errors = (units - fits)[:, -_LOOK_BACK:]
    own, count = _row_quantiles(errors, np.append(levels, 0.5))
    scale = np.sqrt(np.maximum(mean.mean(axis=1), 0.0) + 1e-9)
    typical = np.sqrt(np.maximum(np.nan_to_num(fits[:, -_LOOK_BACK:]).mean(axis=1), 0.0))
    scaled = errors / np.where(typical > 0, typical, np.nan)[:, None]
    pooled = _pooled_quantiles(scaled, np.append(levels, 0.5)) * scale[:, None]
    weight = (count / (count + _POOL_WEIGHT))[:, None]
    spread = weight * np.where(count[:, None] > 0, own, 0.0) + (1 - weight) * pooled
    middle = spread[:, -1:]
    factor = np.ones_like(mean) if widening is None else widening
    ahead: Floats = (
        mean[:, :, None] + middle[:, :, None] + factor[:, :, None] * (spread[:, None, :-1] - middle[:, None])
    )
    ahead[mean.max(axis=1) <= 0] = 0.0
    return np.maximum(ahead, 0.0)


def _row_quantiles(values: Floats, levels: Floats) -> tuple[Floats, Floats]:
    """Quantiles of each row's known values, and their number; zeros for a row without any."""
    count = (~np.isnan(values)).sum(axis=1)
    ordered = np.sort(values, axis=1)  # NaN go last
    place = np.maximum(count - 1, 0)[:, None] * levels
    low = np.floor(place).astype(np.intp)
    high = np.minimum(low + 1, np.maximum(count - 1, 0)[:, None])
    below, above = np.take_along_axis(ordered, low, axis=1), np.take_along_axis(ordered, high, axis=1)
    result = below + (place - low) * (above - below)
    return np.where(count[:, None] > 0, result, 0.0), count.astype(float)


def _pooled_quantiles(values: Floats, levels: Floats) -> Floats:
    """Quantiles of all known values together, thinned to a hundred thousand."""
    known = values[~np.isnan(values)]
    if not known.size:
        # Without any error to learn from: those of a Poisson count, roughly.
        return np.where(levels < 0.5, -1.0, 1.0) * np.abs(levels - 0.5) * 2.5
    return np.quantile(known[:: max(1, known.size // 100_000)], levels)
