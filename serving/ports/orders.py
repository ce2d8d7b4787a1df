"""Purchase orders."""

from typing import Protocol

from samaan_ml.domain.purchase_orders import OrderState, PurchaseOrder
from serving.ports.page import Page


class OrderStore(Protocol):
    """Keeps the orders of a shop."""

    def add(self, shop_id: str, order: PurchaseOrder) -> None:
        """Add an order, or raise AlreadyExists."""
        ...

    def get(self, shop_id: str, order_id: str) -> PurchaseOrder:
        """Return an order, or raise NotFound."""
        ...

    def orders(self, shop_id: str, order_ids: tuple[str, ...]) -> tuple[PurchaseOrder, ...]:
        """Return those that are there of the orders asked for, in order of id."""
        ...

    def list(
        self,
        shop_id: str,
        limit: int,
        after: str | None,
        state: OrderState | None = None,
        supplier_id: str | None = None,
    ) -> Page[PurchaseOrder]:
        """Return orders, the newest first."""
        ...

    def change(self, shop_id: str, order: PurchaseOrder, expected_version: int) -> None:
        """Replace an order and raise its version.

        Raises
        ------
        NotFound
            When it does not exist.
        StaleVersion
            When the stored version is not the expected one.
        """
        ...

    def draft(self, shop_id: str, supplier_id: str | None) -> PurchaseOrder | None:
        """Return the newest draft for a supplier, or None."""
        ...

    def on_order(self, shop_id: str) -> dict[str, int]:
        """Return what placed orders are still to bring of each item, milli-units."""
        ...

    def drafted(self, shop_id: str) -> dict[str, int]:
        """Return what stands in drafts of each item, milli-units."""
        ...
