"""Elasticities with a grade of their evidence, and prices that keep the law and the shop's rules.

The menu is lazy: the light parts (`ShopPricer`, `DemandResponse`) load neither pandas nor scipy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samaan_ml.pricing._elasticity import ElasticityModel

__all__ = ["ElasticityModel"]

_HOMES = {
    "ElasticityModel": "_elasticity",
}


def __getattr__(name: str) -> Any:
    """Import a public class on first use."""
    if name in _HOMES:
        return getattr(import_module(f"samaan_ml.pricing.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'samaan_ml.pricing' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names without importing them."""
    return __all__
