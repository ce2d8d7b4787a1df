"""Who delivers."""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal, Protocol

from samaan_ml.domain.visits import VisitPlan


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who delivers, how fast and on what terms.

    With `visit_weekdays` he comes round on these days, and a visit brings what was ordered in time for it; without
    them an order takes his `lead_time_days`, and each item's own tells until when to order it.
    """

    supplier_id: str
    name: str
    phone: str | None
    lead_time_days: int
    visit_weekdays: tuple[int, ...]
    minimum_order_paise: int
    credit_days: int
    order_days_before: int = 1
    order_by: time = time(18)
    on_holiday: Literal["skipped", "next_day"] = "skipped"
    closed_on: tuple[date, ...] = ()

    @property
    def plan(self) -> VisitPlan:
        """How he goes round."""
        return VisitPlan(
            self.visit_weekdays, self.order_days_before, self.order_by, self.on_holiday, self.closed_on
        )


class SupplierStore(Protocol):
    """Keeps the suppliers of a shop."""

    def save_supplier(self, shop_id: str, supplier: Supplier) -> None:
        """Add or replace a supplier."""
        ...

    def suppliers(self, shop_id: str) -> tuple[Supplier, ...]:
        """Return the suppliers in order of id."""
        ...
