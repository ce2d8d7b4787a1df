"""From demand quantiles to what to order: reorder points, order lists for the cash in hand, ageing stock."""

from samaan_ml.inventory._ageing import ExpiryRisk, expiry_risk, slow_stock
from samaan_ml.inventory._gain import expected_gain_paise
from samaan_ml.inventory._order_item import OrderItem, Slab, Supplier
from samaan_ml.inventory._order_list import OrderLine, OrderList, order_list
from samaan_ml.inventory._period_demand import PeriodDemand, estimate_correlation, spread_of
from samaan_ml.inventory._reorder import ReorderAdvice, critical_ratio, newsvendor_units, reorder_advice

__all__ = [
    "ExpiryRisk",
    "OrderItem",
    "OrderLine",
    "OrderList",
    "PeriodDemand",
    "ReorderAdvice",
    "Slab",
    "Supplier",
    "critical_ratio",
    "estimate_correlation",
    "expected_gain_paise",
    "expiry_risk",
    "newsvendor_units",
    "order_list",
    "reorder_advice",
    "slow_stock",
    "spread_of",
]
