"""Elasticities with a grade of their evidence, and prices that keep the law and the shop's rules.

The menu is lazy: the light parts (`ShopPricer`, `PriceTest`, `MarkdownPlanner`, `DemandResponse`) load neither
pandas nor scipy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samaan_ml.pricing._advice import PriceAdviceLine, PriceQuestion
    from samaan_ml.pricing._counterfactual import Flip
    from samaan_ml.pricing._coupling import ChangeBudget, PriceImage
    from samaan_ml.pricing._demand import demand_from_forecast
    from samaan_ml.pricing._elasticity import ElasticityModel
    from samaan_ml.pricing._experiment import PriceTest
    from samaan_ml.pricing._markdown import MarkdownPlan, MarkdownPlanner
    from samaan_ml.pricing._optimizer import PriceOptimizer
    from samaan_ml.pricing._price_tests import PriceTests
    from samaan_ml.pricing._response import DemandResponse
    from samaan_ml.pricing._shop_pricer import ShopPricer

__all__ = [
    "ChangeBudget",
    "DemandResponse",
    "ElasticityModel",
    "Flip",
    "MarkdownPlan",
    "MarkdownPlanner",
    "PriceAdviceLine",
    "PriceImage",
    "PriceOptimizer",
    "PriceQuestion",
    "PriceTest",
    "PriceTests",
    "ShopPricer",
    "demand_from_forecast",
]

_HOMES = {
    "ChangeBudget": "_coupling",
    "DemandResponse": "_response",
    "ElasticityModel": "_elasticity",
    "Flip": "_counterfactual",
    "MarkdownPlan": "_markdown",
    "MarkdownPlanner": "_markdown",
    "PriceAdviceLine": "_advice",
    "PriceImage": "_coupling",
    "PriceOptimizer": "_optimizer",
    "PriceQuestion": "_advice",
    "PriceTest": "_experiment",
    "PriceTests": "_price_tests",
    "ShopPricer": "_shop_pricer",
    "demand_from_forecast": "_demand",
}


def __getattr__(name: str) -> Any:
    """Import a public class on first use."""
    if name in _HOMES:
        return getattr(import_module(f"samaan_ml.pricing.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'samaan_ml.pricing' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names without importing them."""
    return __all__
