"""What a simulated kirana world is made from: every knob in one frozen record."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, timedelta

from samaan_ml.domain.calendar import STATES
from samaan_ml.exceptions import ParameterError

__all__ = ["ShopSimulation"]

_SHARES = (
    "assortment_share",
    "promotion_rate",
    "missed_delivery_rate",
    "new_item_share",
    "dropped_item_share",
    "closed_rate",
    "unrecorded_rate",
    "fixed_price_share",
    "substitute_share",
)


@dataclass(frozen=True, slots=True)
class ShopSimulation:
    """Parameters of a simulated kirana world.

    Parameters
    ----------
    n_shops : int, default=4
        Shops; they take `states` in turn.
    n_items : int, default=168
        Items of the catalogue; past the named ones, variants of them.
    assortment_share : float, default=0.8
        Share of the catalogue that a shop lists.
    start : datetime.date, default=datetime.date(2024, 7, 1)
        The first day, a Monday.
    days : int, default=730
        Length of the history.
    states : tuple of str, default=("MH", "UP", "TN", "WB")
        ISO codes of the states whose festivals the shops live by.
    demand_scale : float, default=1.0
        Factor on every item's demand.
    dispersion : float, default=0.25
        Typical overdispersion of daily demand: variance = mean + dispersion x mean^2.
    shock_scale : float, default=0.1
        Standard deviation of a category's weekly demand shock, on the log scale.
    elasticity_scale : float, default=1.0
        Factor on every own-price elasticity; 0 makes demand deaf to prices.
    price_endogeneity : float, default=0.3
        How much of a demand shock, seen by the shopkeeper and not in the tables, goes into the price.
    fixed_price_share : float, default=0.25
        Share of packed items sold at their price point for good, so that no elasticity can be learned.
    promotion_rate : float, default=0.05
        Chance a week that an item not under offer goes under offer.
    promotion_lift : float, default=0.0
        Extra log demand of an offer beyond its lower price. Not in the tables, so it biases elasticities.
    substitute_share : float, default=0.1
        Share of items that gain when one other item of their category becomes dearer.
    safety_share : float, default=0.35
        How much more than the expected sales the shop keeps.
    lead_days : int, default=2
        Longest time from an order to its delivery, 1 to 6.
    missed_delivery_rate : float, default=0.08
        Chance that an order never comes.
    always_in_stock : bool, default=False
        Fill every shelf every morning: sales are then demand.
    new_item_share : float, default=0.12
        Share of series that begin within the history.
    dropped_item_share : float, default=0.04
        Share of series that end within the history.
    closed_rate : float, default=0.006
        Chance of an odd closed day, besides weekly and festival closing.
    unrecorded_rate : float, default=0.012
        Chance that a day's sales were not entered.
    holding_rate : float, default=0.0005
        Cost of a day's holding, as a share of the value on the shelf.
    customers_per_shop : int, default=60
        Customers who buy on udhaar.

    Examples
    --------
    >>> ShopSimulation(n_shops=2, days=140).weeks
    20
    """

    n_shops: int = 4
    n_items: int = 168
    assortment_share: float = 0.8
    start: date = date(2024, 7, 1)
    days: int = 730
    states: tuple[str, ...] = ("MH", "UP", "TN", "WB")
    demand_scale: float = 1.0
    dispersion: float = 0.25
    shock_scale: float = 0.1
    elasticity_scale: float = 1.0
    price_endogeneity: float = 0.3
    fixed_price_share: float = 0.25
    promotion_rate: float = 0.05
    promotion_lift: float = 0.0
    substitute_share: float = 0.1
    safety_share: float = 0.35
    lead_days: int = 2
    missed_delivery_rate: float = 0.08
    always_in_stock: bool = False
    new_item_share: float = 0.12
    dropped_item_share: float = 0.04
    closed_rate: float = 0.006
    unrecorded_rate: float = 0.012
    holding_rate: float = 0.0005
    customers_per_shop: int = 60

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated."""
        for name in ("n_shops", "n_items", "days"):
            _require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        for name in _SHARES:
            _require(0 <= getattr(self, name) <= 1, name, "0 to 1", getattr(self, name))
        for name in (
            "demand_scale",
            "dispersion",
            "shock_scale",
            "safety_share",
            "holding_rate",
            "customers_per_shop",
        ):
            _require(getattr(self, name) >= 0, name, "at least 0", getattr(self, name))
        _require(1 <= self.lead_days <= 6, "lead_days", "1 to 6", self.lead_days)
        _require(self.start.weekday() == 0, "start", "a Monday", self.start)
        _require(len(self.states) > 0, "states", "at least one state", self.states)
        for state in self.states:
            _require(state in STATES, "states", "codes like 'MH'", state)

    @property
    def weeks(self) -> int:
        """Weeks of the history, a last short one counted."""
        return -(-self.days // 7)

    @property
    def end(self) -> date:
        """Last day of the history."""
        return self.start + timedelta(days=self.days - 1)

    def replace(self, **changes: object) -> ShopSimulation:
        """Return a copy with other values."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


def _require(holds: bool, name: str, expected: str, got: object) -> None:
    """Refuse a parameter that is out of its range."""
    if not holds:
        raise ParameterError(f"'{name}' must be {expected}, got {got!r}")
