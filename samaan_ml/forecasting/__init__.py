"""Demand forecasters, from the baselines to the global model, and the backtest that judges them.

The menu is lazy: naming a class imports only the part it lives in.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samaan_ml.forecasting.availability._censoring import (
        Restored,
        demand_history,
        lost_units,
        restore_demand,
    )
    from samaan_ml.forecasting.availability._sold_out import (
        DayCause,
        EmptyShelves,
        closed_days,
        day_causes,
        infer_sold_out,
        sold_out_log,
    )
    from samaan_ml.forecasting.backtesting._backtest import LeakTest, backtest, backtest_panel, leak_test
    from samaan_ml.forecasting.backtesting._ensemble import EnsembleForecaster
    from samaan_ml.forecasting.backtesting._report import BacktestReport
    from samaan_ml.forecasting.demand._forecaster import DemandForecaster
    from samaan_ml.forecasting.models._base import BaseForecaster, Forecast
    from samaan_ml.forecasting.models._blend import Trial, choose_spreads, choose_weights
    from samaan_ml.forecasting.models._croston import CrostonForecaster
    from samaan_ml.forecasting.models._demand_class import DemandClass, classify
    from samaan_ml.forecasting.models._ets import ETSForecaster
    from samaan_ml.forecasting.models._naive import SeasonalNaiveForecaster
    from samaan_ml.forecasting.models._theta import ThetaForecaster
    from samaan_ml.forecasting.models._tsb import TSBForecaster
    from samaan_ml.forecasting.models._window_mean import WindowMeanForecaster

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
    "BacktestReport": "backtesting._report",
    "BaseForecaster": "models._base",
    "CrostonForecaster": "models._croston",
    "DayCause": "availability._sold_out",
    "DemandClass": "models._demand_class",
    "DemandForecaster": "demand._forecaster",
    "ETSForecaster": "models._ets",
    "EmptyShelves": "availability._sold_out",
    "EnsembleForecaster": "backtesting._ensemble",
    "Forecast": "models._base",
    "LeakTest": "backtesting._backtest",
    "Restored": "availability._censoring",
    "SeasonalNaiveForecaster": "models._naive",
    "TSBForecaster": "models._tsb",
    "ThetaForecaster": "models._theta",
    "Trial": "models._blend",
    "WindowMeanForecaster": "models._window_mean",
    "backtest": "backtesting._backtest",
    "backtest_panel": "backtesting._backtest",
    "choose_spreads": "models._blend",
    "choose_weights": "models._blend",
    "classify": "models._demand_class",
    "closed_days": "availability._sold_out",
    "day_causes": "availability._sold_out",
    "demand_history": "availability._censoring",
    "infer_sold_out": "availability._sold_out",
    "leak_test": "backtesting._backtest",
    "lost_units": "availability._censoring",
    "restore_demand": "availability._censoring",
    "sold_out_log": "availability._sold_out",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _HOMES:
        return getattr(import_module(f"samaan_ml.forecasting.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'samaan_ml.forecasting' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names without importing them."""
    return __all__
