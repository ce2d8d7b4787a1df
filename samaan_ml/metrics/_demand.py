"""Accuracy of demand forecasts: point, quantile and scale.

Shapes: actuals and point forecasts are (series, days); histories are (series, past days); quantile forecasts
are (series, days, quantiles). A NaN actual is a day that does not count (closed, not entered, sold out).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from samaan_ml.metrics._scaled import _pair, _ratio, pinball_loss


def wape(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> float:
    """Weighted absolute percentage error: sum of absolute errors over the sum of actuals.

    Parameters
    ----------
    actual, forecast : array-like, shape (series, days)
        Units sold and units forecast.

    Returns
    -------
    float
        0 is perfect; NaN where nothing was sold at all.

    References
    ----------
    Kolassa and Schütz (2007), Advantages of the MAD/Mean ratio over the MAPE, Foresight 6.

    Examples
    --------
    >>> wape([[2, 0, 2]], [[1, 1, 2]])
    0.5
    """
    y, f = _pair(actual, forecast)
    return _ratio(np.nansum(np.abs(y - f)), np.nansum(np.abs(y)))


def bias(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> float:
    """Relative bias: (sum of forecasts - sum of actuals) / sum of actuals; positive is too much.

    Parameters
    ----------
    actual, forecast : array-like, shape (series, days)
        Units sold and units forecast.

    Returns
    -------
    float
        -0.1 is ten per cent too little; NaN where nothing was sold at all.

    References
    ----------
    Hyndman and Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed., section 5.8.

    Examples
    --------
    >>> bias([[2, 2]], [[3, 2]])
    0.25
    """
    y, f = _pair(actual, forecast)
    return _ratio(np.nansum(f - y), np.nansum(np.abs(y)))


def wql(actual: npt.ArrayLike, forecast: npt.ArrayLike, quantiles: Sequence[float]) -> float:
    """Weighted quantile loss: twice the pinball loss over the sum of actuals, averaged over the levels.

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
    float
        With the level 0.5 alone it equals `wape`; NaN where nothing was sold at all.

    References
    ----------
    Gasthaus et al. (2019), Probabilistic forecasting with spline quantile function RNNs, AISTATS; the
    measure of GluonTS and AutoGluon-TimeSeries.

    Examples
    --------
    >>> wql([[2, 2]], [[[1], [2]]], [0.5])
    0.25
    """
    loss = float(np.nansum(pinball_loss(actual, forecast, quantiles)))
    return _ratio(2 * loss / len(quantiles), float(np.nansum(np.abs(np.asarray(actual, dtype=float)))))


def coverage(actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> float:
    """Share of actuals within [lower, upper], both ends included.

    Parameters
    ----------
    actual, lower, upper : array-like, shape (series, days)
        Units sold and the interval's ends.

    Returns
    -------
    float
        Between 0 and 1; NaN where no actual counts.

    References
    ----------
    Gneiting, Balabdaoui and Raftery (2007), Probabilistic forecasts, calibration and sharpness, JRSS B 69(2).

    Examples
    --------
    >>> coverage([[1, 5, 9, 4]], [[0, 0, 0, 4]], [[4, 5, 6, 4]])
    0.75
    """
    y, low = _pair(actual, lower)
    _, high = _pair(actual, upper)
    known = ~np.isnan(y)
    return _ratio(float(((y >= low) & (y <= high) & known).sum()), float(known.sum()))
