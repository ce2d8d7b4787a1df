"""Measures of risk scores: ranking, calibration and stability.

Shapes: `y` is (rows,) of 0 and 1, 1 being the bad outcome; `probability` is (rows,).
"""

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError, ParameterError

Floats = npt.NDArray[np.float64]

_SMALLEST = 1e-15


def auc(y: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Area under the ROC curve: the chance that a bad row scores above a good one, ties counting half.

    Parameters
    ----------
    y : array-like, shape (rows,)
        1 for bad.
    score : array-like, shape (rows,)
        Anything that rises with the risk.

    Returns
    -------
    float
        0.5 says nothing; NaN where all outcomes are the same.

    References
    ----------
    Hanley and McNeil (1982), The meaning and use of the area under a ROC curve, Radiology 143.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    bad, value = _pair(y, score)
    _, place, counts = np.unique(value, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n_bad = bad.sum()
    n_good = len(bad) - n_bad
    if not n_bad or not n_good:
        return float("nan")
    return float((rank[bad == 1].sum() - n_bad * (n_bad + 1) / 2) / (n_bad * n_good))


def ks(y: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Kolmogorov-Smirnov distance: the largest gap between the score distributions of bad and good.

    Parameters
    ----------
    y : array-like, shape (rows,)
        1 for bad.
    score : array-like, shape (rows,)
        Anything that rises with the risk.

    Returns
    -------
    float
        0 to 1; NaN where all outcomes are the same.

    References
    ----------
    Siddiqi (2006), Credit Risk Scorecards, chapter 7.

    Examples
    --------
    >>> ks([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.5
    """
    bad, value = _pair(y, score)
    levels, place = np.unique(value, return_inverse=True)
    n_bad = bad.sum()
    if not n_bad or n_bad == len(bad):
        return float("nan")
    share_bad = np.cumsum(np.bincount(place, weights=bad, minlength=len(levels))) / n_bad
    share_good = np.cumsum(np.bincount(place, weights=1 - bad, minlength=len(levels))) / (len(bad) - n_bad)
    return float(np.abs(share_bad - share_good).max())


def brier(y: npt.ArrayLike, probability: npt.ArrayLike) -> float:
    """Mean squared error of probabilities.

    Parameters
    ----------
    y : array-like, shape (rows,)
        1 for bad.
    probability : array-like, shape (rows,)
        0 to 1.

    Returns
    -------
    float
        0 is perfect.

    References
    ----------
    Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78.

    Examples
    --------
    >>> brier([0, 1], [0.5, 0.5])
    0.25
    """
    bad, p = _probabilities(y, probability)
    return float(np.mean((p - bad) ** 2))


def log_loss(y: npt.ArrayLike, probability: npt.ArrayLike) -> float:
    """Mean negative log likelihood of probabilities, kept from 0 and 1 by 1e-15.

    Parameters
    ----------
    y : array-like, shape (rows,)
        1 for bad.
    probability : array-like, shape (rows,)
        0 to 1.

    Returns
    -------
    float
        0 is perfect.

    References
    ----------
    Good (1952), Rational decisions, Journal of the Royal Statistical Society B 14.

    Examples
    --------
    >>> round(log_loss([0, 1], [0.5, 0.5]), 4)
    0.6931
    """
    bad, p = _probabilities(y, probability)
    kept = np.clip(p, _SMALLEST, 1 - _SMALLEST)
    return float(-np.mean(bad * np.log(kept) + (1 - bad) * np.log(1 - kept)))


def ece(y: npt.ArrayLike, probability: npt.ArrayLike, n_bins: int = 10) -> float:
    """Expected calibration error: mean gap between stated and seen rates, in bins of equal rows.

    Parameters
    ----------
    y : array-like, shape (rows,)
        1 for bad.
    probability : array-like, shape (rows,)
        0 to 1.
    n_bins : int, default=10
        Bins by quantiles of the probability.

    Returns
    -------
    float
        0 is perfect.

    References
    ----------
    Naeini et al. (2015), Obtaining well calibrated probabilities using Bayesian binning, AAAI; equal-mass bins
    after Nguyen and O'Connor (2015).

    Examples
    --------
    >>> round(ece([0, 0, 0, 1], [0.1, 0.1, 0.5, 0.5], n_bins=2), 3)
    0.05
    """
    if n_bins < 1:
        raise ParameterError(f"'n_bins' is {n_bins}; give 1 or more")
    bad, p = _probabilities(y, probability)
    edges = np.quantile(p, np.arange(1, n_bins) / n_bins)
    bin_of = np.searchsorted(edges, p, side="left")
    rows = np.bincount(bin_of, minlength=n_bins)
    gap = np.bincount(bin_of, weights=p - bad, minlength=n_bins)
    return float(np.abs(gap[rows > 0]).sum() / len(p))


def calibration_line(y: npt.ArrayLike, probability: npt.ArrayLike) -> tuple[float, float]:
    """Intercept and slope of the outcome on the log-odds: (0, 1) is calibrated.

    A slope below 1 says that probabilities are too extreme, an intercept above 0 that they are too low.

    Parameters
    ----------
    y : array-like, shape (rows,)
        1 for bad.
    probability : array-like, shape (rows,)
        0 to 1.

    Returns
    -------
    intercept, slope : float
        Of a logistic regression with one column.

    References
    ----------
    Cox (1958), Two further applications of a model for binary regression, Biometrika 45.

    Examples
    --------
    >>> intercept, slope = calibration_line([0, 1, 0, 1], [0.4, 0.4, 0.6, 0.6])
    >>> abs(intercept) < 1e-6, abs(slope) < 1e-6
    (True, True)
    """
    bad, p = _probabilities(y, probability)
    kept = np.clip(p, 1e-12, 1 - 1e-12)
    X = np.column_stack([np.ones(len(p)), np.log(kept / (1 - kept))])
    theta = np.array([0.0, 1.0])
    for _ in range(50):
        q = 1 / (1 + np.exp(-X @ theta))
        hessian = (X * (q * (1 - q))[:, None]).T @ X + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, X.T @ (bad - q))
        theta = theta + step
        if np.abs(step).max() < 1e-10:
            break
    return float(theta[0]), float(theta[1])


def psi(expected: npt.ArrayLike, actual: npt.ArrayLike, n_bins: int = 10) -> float:
    """Population stability index between two samples of a number (a score, or a feature: then CSI).

    Bins are the quantiles of the first sample; missing values are a bin of their own. Below 0.1 is read as
    stable, above 0.25 as shifted.

    Parameters
    ----------
    expected : array-like, shape (rows,)
        The sample of reference.
    actual : array-like, shape (other rows,)
        The sample to compare.
    n_bins : int, default=10
        Bins.

    Returns
    -------
    float
        Sum over bins of (a - e) ln(a / e), with half a row added to an empty bin.

    References
    ----------
    Siddiqi (2006), Credit Risk Scorecards, chapter 8; a symmetrised Kullback-Leibler divergence, Jeffreys (1946).

    Examples
    --------
    >>> import numpy as np
    >>> psi(np.arange(100), np.arange(100))
    0.0
    >>> psi(np.arange(100), np.arange(100) + 50) > 0.25
    True
    """
    if n_bins < 2:
        raise ParameterError(f"'n_bins' is {n_bins}; give 2 or more")
    e, a = np.asarray(expected, dtype=float), np.asarray(actual, dtype=float)
    if e.ndim != 1 or a.ndim != 1 or not len(e) or not len(a):
        raise DataError(f"psi compares two samples of numbers, got shapes {e.shape} and {a.shape}")
    known = e[np.isfinite(e)]
    edges = np.unique(np.quantile(known, np.arange(1, n_bins) / n_bins)) if len(known) else np.empty(0)
    shares = []
    for sample in (e, a):
        place = np.where(np.isfinite(sample), np.searchsorted(edges, sample, side="left"), len(edges) + 1)
        counts = np.bincount(place, minlength=len(edges) + 2).astype(float)
        shares.append(counts)
    seen = (shares[0] + shares[1]) > 0
    p, q = (np.where(each[seen] > 0, each[seen], 0.5) / each.sum() for each in shares)
    return float(np.sum((q - p) * np.log(q / p)))


def _pair(y: npt.ArrayLike, score: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Check outcomes and scores.

    Raises
    ------
    DataError
        If they are not two rows of the same length, or y is not 0 and 1.
    """
    bad, value = np.asarray(y, dtype=float), np.asarray(score, dtype=float)
    if bad.ndim != 1 or bad.shape != value.shape or not len(bad):
        raise DataError(f"y has the shape {bad.shape} and the score {value.shape}; give one of each a row")
    if not np.isin(bad, (0.0, 1.0)).all():
        raise DataError("y holds other values than 0 and 1")
    if np.isnan(value).any():
        raise DataError(f"the score is missing in {int(np.isnan(value).sum())} rows")
    return bad, value


def _probabilities(y: npt.ArrayLike, probability: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Check outcomes and probabilities."""
    bad, p = _pair(y, probability)
    if p.min() < 0 or p.max() > 1:
        raise DataError(
            f"probabilities lie between {p.min():.3g} and {p.max():.3g}; they must be from 0 to 1"
        )
    return bad, p
