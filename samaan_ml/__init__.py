"""Demand forecasts, legal prices and udhaar risk for small shops.

The menu is lazy: naming a class imports only the part it lives in, so that a process that
needs one model never pays for the others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samaan_ml.forecasting import DemandForecaster
    from samaan_ml.pricing import ElasticityModel, PriceOptimizer
    from samaan_ml.udhaar import LedgerFeatures, UdhaarRiskModel

__all__ = ["DemandForecaster", "ElasticityModel", "LedgerFeatures", "PriceOptimizer", "UdhaarRiskModel"]

_HOMES = {
    "DemandForecaster": "samaan_ml.forecasting",
    "ElasticityModel": "samaan_ml.pricing",
    "LedgerFeatures": "samaan_ml.udhaar",
    "PriceOptimizer": "samaan_ml.pricing",
    "UdhaarRiskModel": "samaan_ml.udhaar",
}


def __getattr__(name: str) -> Any:
    """Import a public class on first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'samaan_ml' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public classes without importing them."""
    return __all__
