"""The method of Teunter, Syntetos and Babai."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from samaan_ml.forecasting.models._local import ALPHAS, LocalForecaster

Floats = npt.NDArray[np.float64]


class TSBForecaster(LocalForecaster):
    r"""Teunter, Syntetos and Babai's method: like Croston's, but the chance of a sale fades while none comes.

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
    The chance c of a sale moves on every date, the size z at each sale:

    .. math:: c \leftarrow c + \beta (1[y_t > 0] - c), \quad z \leftarrow z + \alpha (y_t - z), \quad
        \hat y = c \, z

    References
    ----------
    Teunter, Syntetos and Babai (2011), Intermittent demand: linking forecasting to inventory obsolescence,
    European J. Operational Research 214(3).

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "units": [2.0, 0.0] * 20,
    ...                       "date": pd.date_range("2026-01-01", periods=40)})
    >>> TSBForecaster(horizon=1).fit(sales).predict()["mean"].round(1).tolist()
    [1.0]
    """

    def _choose(self, units: Floats) -> Floats:
        """Choose the weights of size and chance."""
        from samaan_ml.forecasting.models import _smoothing

        return _smoothing.choose_tsb(units, ALPHAS, ALPHAS)

    def _run(self, units: Floats, weights: Floats, horizon: int) -> tuple[Floats, Floats, Floats | None]:
        """Hold the rate over the horizon."""
        from samaan_ml.forecasting.models import _smoothing

        rates, fits = _smoothing.run_tsb(units, weights)
        return np.repeat(rates[:, None], horizon, axis=1), fits, None
