"""Croston's method with the Syntetos-Boylan correction."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from samaan_ml.forecasting.models._local import ALPHAS, LocalForecaster

Floats = npt.NDArray[np.float64]


class CrostonForecaster(LocalForecaster):
    r"""Croston's method for intermittent demand with Syntetos and Boylan's correction of its bias (SBA).

    Size and interval of sales are smoothed apart; the weight is chosen by squared one-step errors.

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

    Notes
    -----
    At each sale, size z and interval p move by the weight alpha (by more at the first sales):

    .. math:: z \leftarrow z + \alpha (y_t - z), \quad p \leftarrow p + \alpha (q_t - p), \quad
        \hat y = (1 - \alpha / 2) \, z / p

    with q the dates since the sale before.

    References
    ----------
    Syntetos and Boylan (2005), The accuracy of intermittent demand estimates, Int. J. Forecasting 21(2).

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "units": [2.0, 0.0] * 20,
    ...                       "date": pd.date_range("2026-01-01", periods=40)})
    >>> CrostonForecaster(horizon=1).fit(sales).predict()["mean"].round(2).tolist()
    [0.9]
    """

    def _choose(self, units: Floats) -> Floats:
        """Choose one weight a series."""
        from samaan_ml.forecasting.models import _smoothing

        return _smoothing.choose_croston(units, ALPHAS)[:, None]

    def _run(self, units: Floats, weights: Floats, horizon: int) -> tuple[Floats, Floats, Floats | None]:
        """Hold the rate over the horizon."""
        from samaan_ml.forecasting.models import _smoothing

        rates, fits = _smoothing.run_croston(units, np.ascontiguousarray(weights[:, 0]))
        mean: Floats = np.repeat(rates[:, None], horizon, axis=1)
        return mean, fits, None
