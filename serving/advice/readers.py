"""Builds the readers of demand, orders and expiring lots from the ports, once for all slices."""

from typing import Protocol

from serving.advice.demand import DemandReader
from serving.advice.expiring import ExpiryReader
from serving.advice.ordering import OrderAdvisor
from serving.ports.cache import Cache
from serving.ports.clock import Clock
from serving.ports.forecasts import ForecastStore
from serving.ports.items import ItemStore
from serving.ports.lots import LotStore
from serving.ports.orders import OrderStore
from serving.ports.predictor import Predictor
from serving.ports.prices import PriceStore
from serving.ports.sales import SalesStore
from serving.ports.stock import StockStore
from serving.ports.suppliers import SupplierStore


class AdvicePorts(Protocol):
    """The ports that advice is made from."""

    @property
    def sales(self) -> SalesStore: ...  # noqa: D102
    @property
    def items(self) -> ItemStore: ...  # noqa: D102
    @property
    def stock(self) -> StockStore: ...  # noqa: D102
    @property
    def lots(self) -> LotStore: ...  # noqa: D102
    @property
    def suppliers(self) -> SupplierStore: ...  # noqa: D102
    @property
    def orders(self) -> OrderStore: ...  # noqa: D102
    @property
    def forecasts(self) -> ForecastStore: ...  # noqa: D102
    @property
    def prices(self) -> PriceStore: ...  # noqa: D102
    @property
    def predictor(self) -> Predictor: ...  # noqa: D102
    @property
    def cache(self) -> Cache: ...  # noqa: D102
    @property
    def clock(self) -> Clock: ...  # noqa: D102


def demand_reader(ports: AdvicePorts) -> DemandReader:
    """Build the reader of demand."""
    return DemandReader(
        ports.sales,
        ports.stock,
        ports.forecasts,
        ports.prices,
        ports.predictor,
        ports.cache,
        ports.clock,
    )


def order_advisor(ports: AdvicePorts) -> OrderAdvisor:
    """Build the advisor of orders."""
    return OrderAdvisor(
        demand_reader(ports), ports.lots, ports.suppliers, ports.orders, ports.sales, ports.clock
    )


def expiry_reader(ports: AdvicePorts) -> ExpiryReader:
    """Build the reader of lots at risk."""
    return ExpiryReader(demand_reader(ports), ports.items, ports.lots, ports.sales, ports.clock)
