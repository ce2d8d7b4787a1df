"""Builds the readers of demand, orders and expiring lots from the ports, once for all slices."""

from serving.advice.demand import DemandReader
from serving.advice.expiring import ExpiryReader
from serving.advice.ordering import OrderAdvisor
from serving.ports import Ports


def demand_reader(ports: Ports) -> DemandReader:
    """Build the reader of demand."""
    return DemandReader(
        sales=ports.sales,
        stock=ports.stock,
        forecasts=ports.forecasts,
        prices=ports.prices,
        predictor=ports.predictor,
        cache=ports.cache,
        clock=ports.clock,
    )


def order_advisor(ports: Ports) -> OrderAdvisor:
    """Build the advisor of orders."""
    return OrderAdvisor(
        demand=demand_reader(ports),
        lots=ports.lots,
        suppliers=ports.suppliers,
        orders=ports.orders,
        sales=ports.sales,
        clock=ports.clock,
    )


def expiry_reader(ports: Ports) -> ExpiryReader:
    """Build the reader of lots at risk."""
    return ExpiryReader(
        demand=demand_reader(ports), items=ports.items, lots=ports.lots, sales=ports.sales, clock=ports.clock
    )
