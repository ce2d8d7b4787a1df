"""What every supplier store must do."""

from dataclasses import replace
from datetime import date, time

from serving.ports.suppliers import Supplier
from tests.contracts.inventory import Inventory


def test_a_supplier_is_kept_and_replaced(inventory: Inventory, shop_id: str) -> None:
    supplier = Supplier("hul", "Distributor", None, 2, (1, 4), 50_000, 7)
    inventory.suppliers.save_supplier(shop_id, supplier)
    inventory.suppliers.save_supplier(shop_id, replace(supplier, lead_time_days=3))
    assert inventory.suppliers.suppliers(shop_id) == (replace(supplier, lead_time_days=3),)
    rounds = replace(
        supplier,
        order_days_before=2,
        order_by=time(11, 30),
        on_holiday="next_day",
        closed_on=(date(2026, 3, 9), date(2026, 12, 31)),
    )
    inventory.suppliers.save_supplier(shop_id, rounds)
    assert inventory.suppliers.suppliers(shop_id) == (rounds,)
    assert inventory.suppliers.suppliers(shop_id + "x") == ()
