"""Errors scaled by those of the seasonal naive forecast."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError, ParameterError

Floats = npt.NDArray[np.float64]


def rmsse_scale(history: npt.ArrayLike) -> Floats:
    """Mean squared day-to-day difference of each history from its first sale on: the scale of RMSSE.

    Parameters
    ----------
    history : array-like, shape (series, past days)
        Units sold before the forecast's origin.

    Returns
    -------
    ndarray, shape (series,)
        NaN for a series without a sale or with less than two days after its first.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos (2022), M5 accuracy competition, Int. J. Forecasting 38(4).

    Examples
    --------
    >>> rmsse_scale([[0, 0, 1, 3, 3]]).tolist()
    [2.0]
    """
    return _difference_scale(history, lag=1, power=2, from_first_sale=True)


def mase_scale(history: npt.ArrayLike, season: int = 7) -> Floats:
    """Mean absolute seasonal difference of each history: the scale of MASE and SQL.

    Parameters
    ----------
    history : array-like, shape (series, past days)
        Units sold before the forecast's origin.
    season : int, default=7
        Days in a season.

    Returns
    -------
    ndarray, shape (series,)
        NaN for a history not longer than a season or one that never changes.

    References
    ----------
    Hyndman and Koehler (2006), Another look at measures of forecast accuracy, Int. J. Forecasting 22(4).

    Examples
    --------
    >>> mase_scale([[1, 2, 3, 4]], season=2).tolist()
    [2.0]
    """
    if season < 1:
        raise ParameterError(f"'season' must be 1 or more; got {season}")
    return _difference_scale(history, lag=season, power=1, from_first_sale=False)


def rmsse(
    actual: npt.ArrayLike,
    forecast: npt.ArrayLike,
    history: npt.ArrayLike | None = None,
    *,
    scale: npt.ArrayLike | None = None,
) -> Floats:
    """Root mean squared scaled error of each series; 1 is as bad as yesterday's value inside the history.

    Parameters
    ----------
    actual, forecast : array-like, shape (series, days)
        Units sold and units forecast.
    history : array-like, shape (series, past days), or None, default=None
        Units sold before the origin.
    scale : array-like, shape (series,), or None, default=None
        Given instead of the history: what `rmsse_scale` makes of it.

    Returns
    -------
    ndarray, shape (series,)
        NaN where the scale is not defined; average with `numpy.nanmean`.

    Raises
    ------
    DataError
        If neither history nor scale is given, or the shapes differ.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos (2022), M5 accuracy competition, Int. J. Forecasting 38(4).

    Examples
    --------
    >>> rmsse([[3, 3]], [[1, 5]], [[0, 1, 3, 3]]).round(3).tolist()
    [1.414]
    """
    y, f = _pair(actual, forecast)
    return np.sqrt(_divide(_row_mean((y - f) ** 2), _scale(history, scale, rmsse_scale)))


def mase(
    actual: npt.ArrayLike,
    forecast: npt.ArrayLike,
    history: npt.ArrayLike | None = None,
    season: int = 7,
    *,
    scale: npt.ArrayLike | None = None,
) -> Floats:
    """Mean absolute scaled error of each series; 1 is as bad as last season's value inside the history.

    Parameters
    ----------
    actual, forecast : array-like, shape (series, days)
        Units sold and units forecast.
    history : array-like, shape (series, past days), or None, default=None
        Units sold before the origin.
    season : int, default=7
        Days in a season.
    scale : array-like, shape (series,), or None, default=None
        Given instead of the history: what `mase_scale` makes of it.

    Returns
    -------
    ndarray, shape (series,)
        NaN where the scale is not defined; average with `numpy.nanmean`.

    Raises
    ------
    DataError
        If neither history nor scale is given, or the shapes differ.

    References
    ----------
    Hyndman and Koehler (2006), Another look at measures of forecast accuracy, Int. J. Forecasting 22(4).

    Examples
    --------
    >>> mase([[5, 6]], [[4, 8]], [[1, 2, 3, 4]], season=2).tolist()
    [0.75]
    """
    y, f = _pair(actual, forecast)
    return _divide(_row_mean(np.abs(y - f)), _scale(history, scale, partial(mase_scale, season=season)))


def pinball_loss(actual: npt.ArrayLike, forecast: npt.ArrayLike, quantiles: Sequence[float]) -> Floats:
    """Pinball (quantile) loss of every forecast value.

    Parameters
    ----------
    actual : array-like, shape (series, days)
        Units sold.
    forecast : array-like, shape (series, days, quantiles)
        Quantile forecasts.
    quantiles : sequence of float
        Levels between 0 and 1, in the order of the last axis.

    Returns
    -------
    ndarray, shape (series, days, quantiles)
        NaN where the actual is.

    References
    ----------
    Koenker and Bassett (1978), Regression quantiles, Econometrica 46(1).

    Examples
    --------
    >>> pinball_loss([[10]], [[[8, 12]]], [0.1, 0.9]).round(2).tolist()
    [[[0.2, 0.2]]]
    """
    levels = _levels(quantiles)
    y = np.asarray(actual, dtype=float)[..., None]
    f = np.asarray(forecast, dtype=float)
    if f.shape != (*y.shape[:-1], levels.size):
        raise DataError(
            f"'forecast' must have shape {(*y.shape[:-1], levels.size)} (actuals x quantiles); got {f.shape}"
        )
    error = y - f
    loss: Floats = np.maximum(levels * error, (levels - 1) * error)
    return loss


def sql(
    actual: npt.ArrayLike,
    forecast: npt.ArrayLike,
    quantiles: Sequence[float],
    history: npt.ArrayLike | None = None,
    season: int = 7,
    *,
    scale: npt.ArrayLike | None = None,
) -> Floats:
    """Scaled quantile loss of each series: twice the mean pinball loss over the scale of MASE.

    Parameters
    ----------
    actual : array-like, shape (series, days)
        Units sold.
    forecast : array-like, shape (series, days, quantiles)
        Quantile forecasts.
    quantiles : sequence of float
        Levels between 0 and 1, in the order of the last axis.
    history : array-like, shape (series, past days), or None, default=None
        Units sold before the origin.
    season : int, default=7
        Days in a season.
    scale : array-like, shape (series,), or None, default=None
        Given instead of the history: what `mase_scale` makes of it.

    Returns
    -------
    ndarray, shape (series,)
        With the level 0.5 alone it equals `mase`; NaN where the scale is not defined.

    Raises
    ------
    DataError
        If neither history nor scale is given, or the shapes differ.

    References
    ----------
    Shchur et al. (2023), AutoGluon-TimeSeries, AutoML Conference; the measure of fev-bench.

    Examples
    --------
    >>> sql([[5, 6]], [[[4], [8]]], [0.5], [[1, 2, 3, 4]], season=2).tolist()
    [0.75]
    """
    loss = pinball_loss(actual, forecast, quantiles).mean(axis=2)
    return _divide(2 * _row_mean(loss), _scale(history, scale, partial(mase_scale, season=season)))


def _scale(
    history: npt.ArrayLike | None, scale: npt.ArrayLike | None, measure: Callable[[npt.ArrayLike], Floats]
) -> Floats:
    """Take the scale that is given or measure it."""
    if scale is not None:
        return np.asarray(scale, dtype=float)
    if history is None:
        raise DataError("one of 'history' and 'scale' must be given to scale the errors; got neither")
    return measure(history)


def _pair(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Check that both have one shape."""
    y, f = np.asarray(actual, dtype=float), np.asarray(forecast, dtype=float)
    if y.shape != f.shape:
        raise DataError(f"'forecast' must have the shape of 'actual' {y.shape}; got {f.shape}")
    return y, f


def _levels(quantiles: Sequence[float]) -> Floats:
    """Check that quantile levels lie inside (0, 1)."""
    levels = np.asarray(quantiles, dtype=float)
    if levels.ndim != 1 or not levels.size or (levels <= 0).any() or (levels >= 1).any():
        raise ParameterError(f"'quantiles' must be levels between 0 and 1; got {list(quantiles)}")
    return levels


def _difference_scale(history: npt.ArrayLike, lag: int, power: int, *, from_first_sale: bool) -> Floats:
    """Mean |y_t - y_(t-lag)|^power of each row, NaN where it is zero or has no pair."""
    past = np.atleast_2d(np.asarray(history, dtype=float))
    if past.shape[1] <= lag:
        return np.full(past.shape[0], np.nan)
    step = np.abs(past[:, lag:] - past[:, :-lag]) ** power
    if from_first_sale:
        begun = np.maximum.accumulate(np.nan_to_num(past) > 0, axis=1)
        step = np.where(begun[:, :-lag], step, np.nan)
    scale = _row_mean(step)
    scale[scale == 0] = np.nan
    return scale


def _row_mean(values: Floats) -> Floats:
    """Mean of each row over the days that count."""
    known = ~np.isnan(values)
    return _divide(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1).astype(float))


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """Divide with NaN where the denominator is zero or NaN."""
    usable = np.nan_to_num(denominator) > 0
    quotient: Floats = np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=usable)
    return quotient


def _ratio(numerator: float, denominator: float) -> float:
    """Divide two totals, NaN where the second is zero."""
    return float(numerator / denominator) if denominator > 0 else float("nan")
