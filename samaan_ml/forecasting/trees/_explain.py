"""Why a forecast is what it is: drivers in units that sum to it.

The trees' raw output is a sum over the features met on a row's path (Saabas, 2014), gathered by driver; the forecast
is the recent level times its exponential. The logarithmic mean turns the sum of logs into a sum of units without a
remainder (the log-mean Divisia index; Ang, 2004).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from samaan_ml.forecasting.trees._global import GlobalModel

__all__ = ["DRIVERS", "drivers_in_units"]

Floats = npt.NDArray[np.float64]

DRIVERS = ("level", "trend", "weekday", "season", "event", "price", "stock", "kind", "closed", "scale")
"""What can move a forecast. `level` is the recent level, `kind` what is usual for such items and shops, `scale` the
alignment with the forecasts of category, shop and total and with local models, `closed` the habit of being closed."""


def drivers_in_units(model: GlobalModel, rows: npt.NDArray[np.float32], base: Floats, mean: Floats) -> Floats:
    """Split means into drivers.

    Parameters
    ----------
    model : GlobalModel
        The forests.
    rows : ndarray of float32, shape (n_rows, n_features)
        Feature rows.
    base : ndarray, shape (n_rows,)
        Level each forecast starts from.
    mean : ndarray, shape (n_rows,)
        The forecasts as given out, 0 where the shop is closed.

    Returns
    -------
    ndarray, shape (n_rows, n_drivers)
        Units by driver, in the order of `DRIVERS`; a row sums to its mean.
    """
    from samaan_ml.features._table import feature_table
    from samaan_ml.forecasting.trees._explain_kernels import path_contributions

    place = {name: k for k, name in enumerate(DRIVERS)}
    driver = np.asarray([place[name] for _, name, *_ in feature_table(model.recipe)], dtype=np.int64)
    logs = np.zeros((len(rows), len(DRIVERS) + 1))
    for forest in model.forests:
        part = np.zeros_like(logs)
        path_contributions(
            rows,
            forest.feature,
            forest.threshold,
            forest.nan_right,
            forest.left,
            forest.value,
            forest.roots,
            driver,
            part,
        )
        logs += part / len(model.forests)
    model_mean = base * model.factor(rows)
    logs[:, place["level"]] += logs[:, -1]
    logs[:, place["level"]] += np.log(np.maximum(model_mean, 1e-300) / base) - logs.sum(axis=1) + logs[:, -1]
    units = logs[:, :-1] * _log_mean(model_mean, base)[:, None]
    units[:, place["level"]] += base
    closed = mean <= 0.0
    units[:, place["closed"]] = np.where(closed, -model_mean, 0.0)
    units[:, place["scale"]] = np.where(closed, 0.0, mean - model_mean)
    return units


def _log_mean(a: Floats, b: Floats) -> Floats:
    """Take the logarithmic mean, (a - b) / (log a - log b)."""
    a, b = np.maximum(a, 1e-300), np.maximum(b, 1e-300)
    ratio = np.log(a / b)
    near = np.abs(ratio) < 1e-9
    return np.where(near, b, (a - b) / np.where(near, 1.0, ratio))
