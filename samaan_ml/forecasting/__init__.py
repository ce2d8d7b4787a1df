"""Demand forecasters, from the baselines to the global model, and the backtest that judges them.

The menu is lazy: naming a class imports only the part it lives in.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samaan_ml.forecasting._backtest import LeakTest, backtest, backtest_panel, leak_test
    from samaan_ml.forecasting._backtest_report import BacktestReport
    from samaan_ml.forecasting._base import BaseForecaster, Forecast
    from samaan_ml.forecasting._blend import Trial, choose_spreads, choose_weights
    from samaan_ml.forecasting._censoring import Restored, demand_history, lost_units, restore_demand
    from samaan_ml.forecasting._croston import CrostonForecaster
    from samaan_ml.forecasting._demand_class import DemandClass, classify
    from samaan_ml.forecasting._ensemble import EnsembleForecaster
    from samaan_ml.forecasting._ets import ETSForecaster
    from samaan_ml.forecasting._forecaster import DemandForecaster
    from samaan_ml.forecasting._naive import SeasonalNaiveForecaster
    from samaan_ml.forecasting._sold_out import (
        DayCause,
        EmptyShelves,
        closed_days,
        day_causes,
        infer_sold_out,
        sold_out_log,
    )
    from samaan_ml.forecasting._theta import ThetaForecaster
    from samaan_ml.forecasting._tsb import TSBForecaster
    from samaan_ml.forecasting._window_mean import WindowMeanForecaster

__all__ = [
    "BacktestReport",
    "BaseForecaster",
    "CrostonForecaster",
    "DayCause",
    "DemandClass",
    "DemandForecaster",
    "ETSForecaster",
    "EmptyShelves",
    "EnsembleForecaster",
    "Forecast",
    "LeakTest",
    "Restored",
    "SeasonalNaiveForecaster",
    "TSBForecaster",
    "ThetaForecaster",
    "Trial",
    "WindowMeanForecaster",
    "backtest",
    "backtest_panel",
    "choose_spreads",
    "choose_weights",
    "classify",
    "closed_days",
    "day_causes",
    "demand_history",
    "infer_sold_out",
    "leak_test",
    "lost_units",
    "restore_demand",
    "sold_out_log",
]

_HOMES = {
    "BacktestReport": "_backtest_report",
    "BaseForecaster": "_base",
    "CrostonForecaster": "_croston",
    "DayCause": "_sold_out",
    "DemandClass": "_demand_class",
    "DemandForecaster": "_forecaster",
    "ETSForecaster": "_ets",
    "EmptyShelves": "_sold_out",
    "EnsembleForecaster": "_ensemble",
    "Forecast": "_base",
    "LeakTest": "_backtest",
    "Restored": "_censoring",
    "SeasonalNaiveForecaster": "_naive",
    "TSBForecaster": "_tsb",
    "ThetaForecaster": "_theta",
    "Trial": "_blend",
    "WindowMeanForecaster": "_window_mean",
    "backtest": "_backtest",
    "backtest_panel": "_backtest",
    "choose_spreads": "_blend",
    "choose_weights": "_blend",
    "classify": "_demand_class",
    "closed_days": "_sold_out",
    "day_causes": "_sold_out",
    "demand_history": "_censoring",
    "infer_sold_out": "_sold_out",
    "leak_test": "_backtest",
    "lost_units": "_censoring",
    "restore_demand": "_censoring",
    "sold_out_log": "_sold_out",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _HOMES:
        return getattr(import_module(f"samaan_ml.forecasting.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'samaan_ml.forecasting' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names without importing them."""
    return __all__
