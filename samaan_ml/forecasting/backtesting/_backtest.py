"""Rolling-origin backtest: what the forecasts would have been on past days, against baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml import metrics
from samaan_ml.exceptions import DataError, ParameterError
from samaan_ml.features import Panel
from samaan_ml.forecasting.backtesting._report import BacktestReport, Window
from samaan_ml.forecasting.models._base import SEASONS, BaseForecaster
from samaan_ml.forecasting.models._demand_class import classify

Floats = npt.NDArray[np.float64]

SoldOut = Literal["drop", "keep"]

_BLOCK = 4096


def backtest(
    forecaster: BaseForecaster,
    sales: Any,
    prices: Any = None,
    stock: Any = None,
    calendar: Any = None,
    items: Any = None,
    shops: Any = None,
    covariates: Any = None,
    *,
    n_origins: int = 3,
    step: int | None = None,
    baselines: Sequence[BaseForecaster] | None = None,
    refit: bool = True,
    sold_out: SoldOut = "drop",
) -> BacktestReport:
    """Forecast from several past origins and score what came.

    Parameters
    ----------
    forecaster : BaseForecaster
        What is judged; it is cloned, not changed.
    sales, prices, stock, calendar, items, shops, covariates : DataFrame or None, default=None
        The tables; sales and stock after an origin are hidden from it, prices, calendar and covariates are known ahead.
    n_origins : int, default=3
        Number of origins; the last forecasts the last `horizon` dates.
    step : int or None, default=None
        Dates between origins; None is the horizon, so that the periods do not overlap.
    baselines : sequence of BaseForecaster or None, default=None
        What it is compared with; None is seasonal naive, window mean and ETS.
    refit : bool, default=True
        Fit again at each origin; False fits at the first and only forecasts from the later ones.
    sold_out : {"drop", "keep"}, default="drop"
        Whether days with less than full stock are left out of the score: their sales are not their demand.

    Returns
    -------
    BacktestReport

    Raises
    ------
    DataError
        If the history is too short for the origins.
    ParameterError
        If a parameter is out of its range.

    References
    ----------
    Tashman (2000), Out-of-sample tests of forecasting accuracy, Int. J. Forecasting 16(4).

    Examples
    --------
    >>> import pandas as pd
    >>> from samaan_ml.forecasting import ETSForecaster
    >>> sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "units": [3.0, 1, 2, 2, 2, 5, 6] * 10,
    ...                       "date": pd.date_range("2026-01-05", periods=70)})
    >>> report = backtest(ETSForecaster(horizon=7), sales, n_origins=2)
    >>> report.scores().index.tolist()
    ['ETSForecaster', 'SeasonalNaiveForecaster', 'WindowMeanForecaster']
    """
    from samaan_ml.features import build_panel

    panel = build_panel(
        sales,
        prices,
        stock,
        calendar,
        items,
        shops,
        covariates=covariates,
        frequency=forecaster.frequency,
        horizon=forecaster.horizon,
    )
    return backtest_panel(
        forecaster,
        panel,
        n_origins=n_origins,
        step=step,
        baselines=baselines,
        refit=refit,
        sold_out=sold_out,
    )


def backtest_panel(
    forecaster: BaseForecaster,
    panel: Panel,
    *,
    n_origins: int = 3,
    step: int | None = None,
    baselines: Sequence[BaseForecaster] | None = None,
    refit: bool = True,
    sold_out: SoldOut = "drop",
) -> BacktestReport:
    """Backtest on tables that are dense already; see `backtest`."""
    if sold_out not in ("drop", "keep"):
        raise ParameterError(f"'sold_out' must be 'drop' or 'keep'; got {sold_out!r}")
    models = _named([forecaster, *(_default_baselines(forecaster) if baselines is None else baselines)])
    models = {name: model.clone() for name, model in models.items()}
    windows: list[Window] = []
    for origin in origins(panel.n_dates, forecaster.horizon, n_origins, step):
        past = panel.until(origin)
        window = window_at(panel, origin, forecaster.horizon, sold_out)
        for name, model in models.items():
            if refit or not windows:
                model.fit_panel(past)
            window.forecasts[name] = model.predict_panel(past, forecaster.horizon)
        windows.append(window)
    return BacktestReport(tuple(windows), tuple(forecaster.quantiles))


def origins(n_dates: int, horizon: int, n_origins: int, step: int | None = None) -> list[int]:
    """List how many dates each origin knows, earliest first.

    Raises
    ------
    ParameterError
        If `n_origins` or `step` is not a positive whole number.
    DataError
        If the history is too short.
    """
    stride = horizon if step is None else step
    for name, value in (("n_origins", n_origins), ("step", stride)):
        if value < 1 or value != int(value):
            raise ParameterError(f"'{name}' must be a whole number of 1 or more; got {value!r}")
    known = [n_dates - horizon - k * stride for k in range(n_origins)]
    if known[-1] < 2:
        raise DataError(
            f"{n_dates} dates of history are too few for {n_origins} origins {stride} dates apart "
            f"with a horizon of {horizon}; lower 'n_origins' or 'horizon'"
        )
    return known[::-1]


@dataclass(frozen=True, slots=True)
class LeakTest:
    """What a leak test found.

    Parameters
    ----------
    passed : bool
        Whether no forecast changed when the future did.
    largest_change : float
        Largest change of a forecast, in units.
    """

    passed: bool
    largest_change: float


def leak_test(forecaster: BaseForecaster, panel: Panel) -> LeakTest:
    """Change sales and stock after an origin and see whether forecasts from it change.

    Parameters
    ----------
    forecaster : BaseForecaster
        What is tested; it is cloned.
    panel : Panel
        History; its last `horizon` dates are the future that is changed.

    Returns
    -------
    LeakTest

    Examples
    --------
    >>> import pandas as pd
    >>> from samaan_ml.features import build_panel
    >>> from samaan_ml.forecasting import WindowMeanForecaster
    >>> sales = pd.DataFrame({"shop_id": "s", "item_id": "a", "units": range(30),
    ...                       "date": pd.date_range("2026-01-05", periods=30)})
    >>> leak_test(WindowMeanForecaster(horizon=7), build_panel(sales)).passed
    True
    """
    origin = origins(panel.n_dates, forecaster.horizon, 1)[0]
    units = panel.units.copy()
    units[:, origin:] = 1000.0 - units[:, origin:]
    share = panel.in_stock_share
    if share is not None:
        share = share.copy()
        share[:, origin:] = 1.0 - share[:, origin:]
    changed = replace(panel, units=units, in_stock_share=share)
    answers = []
    for each in (panel, changed):
        past = each.until(origin)
        answers.append(forecaster.clone().fit_panel(past).predict_panel(past, forecaster.horizon))
    before, after = answers
    change = max(
        float(np.abs(before.mean - after.mean).max()), float(np.abs(before.quantiles - after.quantiles).max())
    )
    return LeakTest(change == 0.0, change)


def _default_baselines(forecaster: BaseForecaster) -> list[BaseForecaster]:
    """Seasonal naive, window mean and ETS with the forecaster's horizon, levels and frequency."""
    from samaan_ml.forecasting.models._ets import ETSForecaster
    from samaan_ml.forecasting.models._naive import SeasonalNaiveForecaster
    from samaan_ml.forecasting.models._window_mean import WindowMeanForecaster

    return [
        kind(horizon=forecaster.horizon, quantiles=forecaster.quantiles, frequency=forecaster.frequency)
        for kind in (SeasonalNaiveForecaster, WindowMeanForecaster, ETSForecaster)
        if type(forecaster) is not kind
    ]


def _named(models: Sequence[BaseForecaster]) -> dict[str, BaseForecaster]:
    """Name models by their class, repeated classes by their parameters."""
    names = [type(model).__name__ for model in models]
    full = [repr(model) if names.count(name) > 1 else name for name, model in zip(names, models, strict=True)]
    if repeated := sorted({name for name in full if full.count(name) > 1}):
        raise ParameterError(f"'baselines' holds the same model twice: {', '.join(repeated)}")
    return dict(zip(full, models, strict=True))


def window_at(panel: Panel, origin: int, horizon: int, sold_out: SoldOut) -> Window:
    """Collect what came after an origin and what scales the errors."""
    ahead = slice(origin, origin + horizon)
    past = panel.units[:, :origin]
    season = SEASONS[panel.frequency] if origin > SEASONS[panel.frequency] else 1
    actual = panel.units[:, ahead].astype(np.float64)
    actual[~(~np.isnan(past)).any(axis=1)] = np.nan  # not known at the origin: no forecast was asked for it
    if sold_out == "drop" and panel.in_stock_share is not None:
        actual[np.nan_to_num(panel.in_stock_share[:, ahead], nan=1.0) < 1.0] = np.nan
    return Window(
        dates=panel.dates[ahead],
        series=panel.series[["shop_id", "item_id"]],
        actual=actual,
        classes=_by_blocks(classify, past),
        rmsse_scale=_by_blocks(metrics.rmsse_scale, past),
        mase_scale=_by_blocks(lambda block: metrics.mase_scale(block, season), past),
        forecasts={},
    )


def _by_blocks(measure: Callable[[npt.NDArray[np.float32]], Any], past: npt.NDArray[np.float32]) -> Any:
    """Measure some thousand series at a time: copies of the whole history would not fit beside it."""
    blocks = [measure(past[start : start + _BLOCK]) for start in range(0, past.shape[0], _BLOCK)]
    return np.concatenate(blocks)
