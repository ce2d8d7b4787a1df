"""Intervals as wide as this shop's own errors: conformal factors from back-forecasts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["LEVELS", "scores", "stretched", "width_factors"]

Floats = npt.NDArray[np.float64]

LEVELS = (0.1, 0.5, 0.9)
"""Levels at which the width is compared: an interval of 80 %."""
_INSIDE = LEVELS[2] - LEVELS[0]
_PRIOR_SERIES = 60.0
"""Scores of a shop that weigh as much as the model's own width; of a series, as much as its shop's."""
_PRIOR_SHOP = 40.0
_NARROWEST, _WIDEST = 0.2, 3.0


def scores(came: Floats, quantiles: Floats) -> Floats:
    """Divide each miss of the median by the interval's reach on its side.

    Parameters
    ----------
    came : ndarray, shape (n_series, n_days)
        What came, NaN where unknown.
    quantiles : ndarray, shape (n_series, n_days, 3)
        Quantiles at `LEVELS`.

    Returns
    -------
    ndarray, shape (n_series, n_days)
        1 on the interval's bound; NaN where unknown.
    """
    low, middle, high = np.moveaxis(quantiles, 2, 0)
    reach = np.where(came >= middle, high - middle, middle - low)
    return np.asarray(
        np.abs(came - middle) / np.maximum(reach, 1e-3 * np.maximum(high, 1e-9)), dtype=np.float64
    )


def width_factors(scored: Floats, shop: npt.NDArray[np.int64], *, by_series: bool) -> Floats:
    """Find the factor on the width of each series' intervals that would have held 80 % of what came.

    Parameters
    ----------
    scored : ndarray, shape (n_series, n_scores)
        From `scores`.
    shop : ndarray of int, shape (n_series,)
        Shop of each series.
    by_series : bool
        Whether there are enough scores for a factor of each series' own.

    References
    ----------
    Romano, Patterson and Candes (2019), Conformalized quantile regression, NeurIPS 32.
    """
    out = np.zeros(len(scored))
    for number in range(int(shop.max()) + 1 if len(shop) else 0):
        mine = shop == number
        known = scored[mine][~np.isnan(scored[mine])]
        out[mine] = _log_factor(known) * len(known) / (len(known) + _PRIOR_SHOP)
    if by_series:
        for row in range(len(scored)):
            known = scored[row][~np.isnan(scored[row])]
            share = len(known) / (len(known) + _PRIOR_SERIES)
            out[row] = share * _log_factor(known) + (1.0 - share) * out[row]
    return np.clip(np.exp(out), _NARROWEST, _WIDEST)


def stretched(quantiles: Floats, middle: Floats, width: Floats) -> Floats:
    """Stretch quantiles around the median."""
    factor = width.reshape(-1, *(1,) * (quantiles.ndim - 1))
    return np.maximum(middle[..., None] + factor * (quantiles - middle[..., None]), 0.0)


def _log_factor(known: Floats) -> float:
    """Take the log of the score that 80 % lie below, with split conformal's correction for few of them."""
    if not len(known):
        return 0.0
    level = min(_INSIDE * (len(known) + 1) / len(known), 1.0)
    return float(np.log(np.clip(np.quantile(known, level), _NARROWEST, _WIDEST)))
