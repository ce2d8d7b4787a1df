"""What an order list is made from: items, their price slabs, suppliers with minimums."""

from __future__ import annotations

from dataclasses import dataclass

from samaan_ml.exceptions import ParameterError
from samaan_ml.inventory._period_demand import PeriodDemand


@dataclass(frozen=True, slots=True)
class Slab:
    """A lower cost from a number of cases on; it holds for all cases of the order.

    Parameters
    ----------
    from_cases : int
        Cases from which it holds.
    case_cost_paise : int
        Cost of a case.
    """

    from_cases: int
    case_cost_paise: int


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One item that may be ordered.

    Parameters
    ----------
    item_id : str
        Name of the item.
    supplier_id : str
        Who delivers it.
    demand : PeriodDemand
        Demand over lead time plus review period.
    on_hand_milli : int
        Stock on the shelf and on its way, milli-units; negative counts as none.
    unit_price_paise : int
        What a unit sells for.
    case_milli : int
        Milli-units in a case.
    case_cost_paise : int
        Cost of a case.
    slabs : tuple of Slab, default=()
        Lower costs from more cases on, in rising order of cases.
    keeps_ratio : float, default=0.95
        What a unit left over is still worth, as a share of its cost: near 1 for tins, 0 for bread.
    most_cases : int or None, default=None
        Most cases there is room or shelf life for; None is no limit.

    Raises
    ------
    ParameterError
        If a number is out of its range or slabs are not in order.
    """

    item_id: str
    supplier_id: str
    demand: PeriodDemand
    on_hand_milli: int
    unit_price_paise: int
    case_milli: int
    case_cost_paise: int
    slabs: tuple[Slab, ...] = ()
    keeps_ratio: float = 0.95
    most_cases: int | None = None

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.case_milli < 1 or self.case_cost_paise < 1 or self.unit_price_paise < 0:
            raise ParameterError(
                f"item '{self.item_id}': 'case_milli' and 'case_cost_paise' must be 1 or more, 'unit_price_paise' 0 or "
                f"more; got {self.case_milli}, {self.case_cost_paise}, {self.unit_price_paise}"
            )
        if not 0.0 <= self.keeps_ratio < 1.0:
            raise ParameterError(
                f"item '{self.item_id}': 'keeps_ratio' must be 0 or more and below 1; got {self.keeps_ratio!r}"
            )
        steps = [1, *(slab.from_cases for slab in self.slabs)]
        costs = [self.case_cost_paise, *(slab.case_cost_paise for slab in self.slabs)]
        if steps != sorted(set(steps)) or costs != sorted(costs, reverse=True) or costs[-1] < 1:
            raise ParameterError(
                f"item '{self.item_id}': 'slabs' must rise in cases and fall in cost; got {self.slabs}"
            )
        if self.most_cases is not None and self.most_cases < 0:
            raise ParameterError(
                f"item '{self.item_id}': 'most_cases' must be 0 or more; got {self.most_cases}"
            )

    def cost_paise(self, cases: int) -> int:
        """Cost of so many cases at the slab they reach."""
        cost = self.case_cost_paise
        for slab in self.slabs:
            if cases >= slab.from_cases:
                cost = slab.case_cost_paise
        return cost * cases


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who delivers, and from what amount on.

    Parameters
    ----------
    supplier_id : str
        Name of the supplier.
    minimum_paise : int, default=0
        An order below this amount is not delivered.
    """

    supplier_id: str
    minimum_paise: int = 0

    def __post_init__(self) -> None:
        """Check the amount."""
        if self.minimum_paise < 0:
            raise ParameterError(
                f"supplier '{self.supplier_id}': 'minimum_paise' must be 0 or more; got {self.minimum_paise}"
            )
