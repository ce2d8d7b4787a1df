"""Measures of elasticities and of prices, against a known truth or held-out sales."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError

Floats: TypeAlias = npt.NDArray[np.float64]


def elasticity_rmse(true: npt.ArrayLike, estimate: npt.ArrayLike) -> float:
    """Root mean squared error of elasticities, each item counting the same.

    Examples
    --------
    >>> round(elasticity_rmse([-1.0, -2.0], [-1.3, -1.6]), 4)
    0.3536
    """
    t, e = _pair(true, estimate)
    return float(np.sqrt(np.mean((e - t) ** 2)))


def wrong_sign_share(true: npt.ArrayLike, estimate: npt.ArrayLike) -> float:
    """Share of items whose estimate has the other sign than the truth; an estimate of 0 counts as wrong."""
    t, e = _pair(true, estimate)
    return float(np.mean(np.sign(t) != np.sign(e)))


def interval_coverage(true: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> float:
    """Share of truths inside their interval, ends included.

    Examples
    --------
    >>> interval_coverage([-1.0, -2.0], [-1.5, -1.5], [-0.5, -0.5])
    0.5
    """
    t, low = _pair(true, lower)
    _, high = _pair(true, upper)
    return float(np.mean((low <= t) & (t <= high)))


def profit_regret(
    true: npt.ArrayLike,
    estimate: npt.ArrayLike,
    units: npt.ArrayLike,
    price: npt.ArrayLike,
    cost: npt.ArrayLike,
    ratios: npt.ArrayLike,
) -> float:
    """Share of the best attainable profit lost by choosing prices by the estimates.

    Parameters
    ----------
    true, estimate : array-like, shape (n_items,)
        True and estimated elasticities.
    units, price, cost : array-like, shape (n_items,)
        Units sold at today's price, that price, and the unit cost.
    ratios : array-like, shape (n_prices,)
        The prices to choose among, as ratios to today's.

    Returns
    -------
    float
        1 minus the profit of the prices chosen over that of the best ones; 0 is perfect.

    References
    ----------
    Phillips, R. (2021), Pricing and Revenue Optimization, 2nd ed., chapter 3.
    """
    t, e = _pair(true, estimate)
    u, p = _pair(units, price)
    _, c = _pair(price, cost)
    ratio = np.asarray(ratios, dtype=float)
    margin = p[:, None] * ratio - c[:, None]
    earned = u[:, None] * ratio ** t[:, None] * margin
    believed = u[:, None] * ratio ** e[:, None] * margin
    chosen = np.take_along_axis(earned, believed.argmax(axis=1)[:, None], axis=1).sum()
    return float(1.0 - chosen / earned.max(axis=1).sum())


def poisson_deviance_explained(units: npt.ArrayLike, mean: npt.ArrayLike, reference: npt.ArrayLike) -> float:
    """Share of the Poisson deviance of a reference forecast that another forecast explains.

    References
    ----------
    Cameron, A. C. and Windmeijer, F. (1996), R-squared measures for count data regression models with
    applications to health-care utilization, Journal of Business & Economic Statistics 14.

    Examples
    --------
    >>> poisson_deviance_explained([1.0, 3.0], [1.0, 3.0], [2.0, 2.0])
    1.0
    """
    y, m = _pair(units, mean)
    _, r = _pair(units, reference)
    return float(1.0 - _poisson_deviance(y, m) / _poisson_deviance(y, r))


def _poisson_deviance(y: Floats, mean: Floats) -> float:
    """Twice the log likelihood lost against a perfect forecast."""
    safe = np.maximum(mean, 1e-12)
    ratio = np.where(y > 0.0, y / safe, 1.0)
    return float(2.0 * (y * np.log(ratio) - (y - safe)).sum())


def _pair(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Two arrays of the same shape."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape or a.size == 0:
        raise DataError(f"expected two arrays of the same shape and not empty, got {a.shape} and {b.shape}")
    return a, b
