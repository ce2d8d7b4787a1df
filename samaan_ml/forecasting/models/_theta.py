"""The Theta method."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from samaan_ml.forecasting.models._local import ALPHAS, SeasonalLocalForecaster

Floats = npt.NDArray[np.float64]

_PSEUDO_SEASONS = 2.0


class ThetaForecaster(SeasonalLocalForecaster):
    r"""The Theta method on deseasonalised units: exponential smoothing with half the straight line's slope.

    The season is taken off as the mean difference of each of its places, shrunk to none where few are known.

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

    Notes
    -----
    With l the smoothed level, b the slope of the straight line and n the known dates,

    .. math:: \hat y_{T+h} = l_T + \frac{b}{2} \left( h - 1 + \frac{1 - (1 - \alpha)^n}{\alpha} \right)

    plus the offset of the season's place.

    References
    ----------
    Assimakopoulos and Nikolopoulos (2000), The theta model, Int. J. Forecasting 16(4); Hyndman and Billah
    (2003), Unmasking the Theta method, Int. J. Forecasting 19(2).

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "units": [4.0] * 28,
    ...                       "date": pd.date_range("2026-01-05", periods=28)})
    >>> ThetaForecaster(horizon=2).fit(sales).predict()["mean"].tolist()
    [4.0, 4.0]
    """

    def _choose(self, units: Floats) -> Floats:
        """Choose one smoothing weight a series."""
        from samaan_ml.forecasting.models import _smoothing

        flat = units - _spread(_season_offsets(units, self.season_), 0, units.shape[1])
        return _smoothing.choose_ses(flat, ALPHAS)[:, None]

    def _run(self, units: Floats, weights: Floats, horizon: int) -> tuple[Floats, Floats, Floats | None]:
        """Extend the lines and put the season back."""
        from samaan_ml.forecasting.models import _smoothing

        days = units.shape[1]
        offsets = _season_offsets(units, self.season_)
        alphas = np.ascontiguousarray(weights[:, 0])
        mean, fits = _smoothing.run_theta(units - _spread(offsets, 0, days), alphas, horizon)
        mean += _spread(offsets, days, horizon)
        widening = np.sqrt(1.0 + np.arange(horizon) * alphas[:, None] ** 2)
        return mean, fits + _spread(offsets, 0, days), widening


def _spread(offsets: Floats, start: int, days: int) -> Floats:
    """Write the offsets of `days` days from position `start` on."""
    return offsets[:, np.arange(start, start + days) % offsets.shape[1]]


def _season_offsets(units: Floats, season: int) -> Floats:
    """Offsets of the places of the season; none where less than two seasons are known."""
    from samaan_ml.forecasting.models import _smoothing

    if season == 1 or units.shape[1] < 2 * season:
        return np.zeros((len(units), 1))
    return _smoothing.season_offsets(np.ascontiguousarray(units), season, _PSEUDO_SEASONS)
