"""Demand forecasters, from the baselines to the global model, and the backtest that judges them.

The menu is lazy: naming a class imports only the part it lives in.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samaan_ml.forecasting._backtest import LeakTest, backtest, backtest_panel, leak_test
    from samaan_ml.forecasting._backtest_report import BacktestReport
    from samaan_ml.forecasting._base import BaseForecaster, Forecast
    from samaan_ml.forecasting._censoring import Restored, demand_history, restore_demand
    from samaan_ml.forecasting._croston import CrostonForecaster
    from samaan_ml.forecasting._demand_class import DemandClass, classify
    from samaan_ml.forecasting._forecaster import DemandForecaster
    from samaan_ml.forecasting._ets import ETSForecaster
    from samaan_ml.forecasting._naive import SeasonalNaiveForecaster
    from samaan_ml.forecasting._theta import ThetaForecaster
    from samaan_ml.forecasting._tsb import TSBForecaster
    from samaan_ml.forecasting._window_mean import WindowMeanForecaster

__all__ = [
    "BacktestReport",
    "BaseForecaster",
    "CrostonForecaster",
    "DemandClass",
    "DemandForecaster",
    "ETSForecaster",
    "Forecast",
    "LeakTest",
    "Restored",
    "SeasonalNaiveForecaster",
    "TSBForecaster",
    "ThetaForecaster",
    "WindowMeanForecaster",
    "backtest",
    "backtest_panel",
    "classify",
    "demand_history",
    "leak_test",
    "restore_demand",
]

_HOMES = {
    "BacktestReport": "_backtest_report",
    "BaseForecaster": "_base",
    "CrostonForecaster": "_croston",
    "DemandClass": "_demand_class",
    "DemandForecaster": "_forecaster",
    "ETSForecaster": "_ets",
    "Forecast": "_base",
    "LeakTest": "_backtest",
    "Restored": "_censoring",
    "SeasonalNaiveForecaster": "_naive",
    "TSBForecaster": "_tsb",
    "ThetaForecaster": "_theta",
    "WindowMeanForecaster": "_window_mean",
    "backtest": "_backtest",
    "backtest_panel": "_backtest",
    "classify": "_demand_class",
    "demand_history": "_censoring",
    "leak_test": "_backtest",
    "restore_demand": "_censoring",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _HOMES:
        return getattr(import_module(f"samaan_ml.forecasting.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'samaan_ml.forecasting' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names without importing them."""
    return __all__
