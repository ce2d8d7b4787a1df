"""Exponential smoothing in state space form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from samaan_ml.forecasting.models._local import SeasonalLocalForecaster

Floats = npt.NDArray[np.float64]

_ROUNDS = 80
_MAX_DATES = 728


class ETSForecaster(SeasonalLocalForecaster):
    r"""Exponential smoothing with additive errors: level, damped trend and season, the form chosen by AICc.

    Additive forms only, for retail series are full of zeros; a missing day leaves the state as it was. The
    last two years are used.

    Parameters
    ----------
    horizon : int, default=14
        Days (or weeks) ahead that `predict` answers by default.
    quantiles : tuple of float, default=(0.1, 0.5, 0.9)
        Levels of the quantiles, increasing.
    frequency : {"D", "W"}, default="D"
        Daily or weekly forecasts.
    random_state : int, default=0
        Not used: the model draws nothing.
    season : int or None, default=None
        Dates in a season; None is 7 days, or 52 weeks where two years are known and else none.

    Attributes
    ----------
    weights_ : ndarray, shape (series, 5)
        alpha, beta, gamma, phi and the number of the form: 0 level, 1 level and season, 2 level and damped
        trend, 3 all of them.

    Notes
    -----
    With the one-step error e = y - (l + phi b + s),

    .. math:: l \leftarrow l + \phi b + \alpha e, \quad b \leftarrow \phi b + \beta e, \quad
        s \leftarrow s + \gamma e

    References
    ----------
    Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing; the choice by AICc as in
    Hyndman and Khandakar (2008), J. Statistical Software 27(3).

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "units": [1.0, 1, 1, 1, 1, 5, 6] * 12,
    ...                       "date": pd.date_range("2026-01-05", periods=84)})
    >>> ETSForecaster(horizon=7).fit(sales).predict()["mean"].round().tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 5.0, 6.0]
    """

    def _choose(self, units: Floats) -> Floats:
        """Choose form and weights."""
        from samaan_ml.forecasting.models import _ets_kernels

        thetas, forms = _ets_kernels.choose_ets(_recent(units, self.season_), self.season_, _ROUNDS)
        return np.column_stack([thetas, forms.astype(float)])

    def _run(self, units: Floats, weights: Floats, horizon: int) -> tuple[Floats, Floats, Floats | None]:
        """Filter and extend; errors widen as the level wanders."""
        from samaan_ml.forecasting.models import _ets_kernels

        thetas, forms = np.ascontiguousarray(weights[:, :4]), weights[:, 4].astype(np.int64)
        recent = _recent(units, self.season_)
        mean, fits = _ets_kernels.run_ets(recent, self.season_, thetas, forms, horizon)
        all_fits = np.full_like(units, np.nan)
        all_fits[:, units.shape[1] - fits.shape[1] :] = fits
        return mean, all_fits, _widening(thetas, horizon)


def _recent(units: Floats, season: int) -> Floats:
    """Keep the last two years, cut at a whole season so that its phase stays."""
    extra = max(units.shape[1] - max(_MAX_DATES, 2 * season), 0)
    return np.ascontiguousarray(units[:, extra // season * season :])


def _widening(thetas: Floats, horizon: int) -> Floats:
    """Standard deviation of the error h days ahead relative to one day (Hyndman et al. 2008, table 6.2)."""
    alpha, beta, phi = thetas[:, :1], thetas[:, 1:2], thetas[:, 3:]
    damped = np.cumsum(phi ** np.arange(1, horizon), axis=1)
    weights = alpha + beta * damped
    variance = 1.0 + np.hstack([np.zeros_like(alpha), np.cumsum(weights**2, axis=1)])
    return np.sqrt(variance)
