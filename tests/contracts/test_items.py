"""What every item store must do."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from serving.errors import AlreadyExists, NotFound
from tests.contracts.inventory import Inventory, an_item


def test_an_item_comes_back_as_it_was_added_without_stock(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    item = an_item(now, cost_paise=4_000, price_changed_on=date(2026, 3, 1))
    inventory.items.add_item(shop_id, replace(item, on_hand_milli=99))
    assert inventory.items.item(shop_id, "sugar") == item


def test_an_item_is_there_once_and_only_in_its_shop(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    with pytest.raises(AlreadyExists):
        inventory.items.add_item(shop_id, an_item(now))
    with pytest.raises(NotFound):
        inventory.items.item(shop_id + "x", "sugar")
    assert inventory.items.items(shop_id + "x", ("sugar",)) == ()
    inventory.items.add_item(shop_id + "x", an_item(now))


def test_a_barcode_belongs_to_one_item_of_a_shop(inventory: Inventory, shop_id: str, now: datetime) -> None:
    inventory.items.add_item(shop_id, an_item(now, barcode="96385074"))
    inventory.items.add_item(shop_id, an_item(now, "salt"))
    inventory.items.add_item(shop_id, an_item(now, "tea"))
    with pytest.raises(AlreadyExists):
        inventory.items.add_item(shop_id, an_item(now, "rice", barcode="96385074"))
    with pytest.raises(AlreadyExists):
        inventory.items.change_item(shop_id, an_item(now, "salt", barcode="96385074"), 1)
    inventory.items.change_item(shop_id, an_item(now, barcode=None), 1)
    inventory.items.change_item(shop_id, an_item(now, "salt", barcode="96385074"), 1)


def test_items_are_listed_in_order_page_by_page(inventory: Inventory, shop_id: str, now: datetime) -> None:
    for name in ("d", "a", "c", "b", "e"):
        inventory.items.add_item(shop_id, an_item(now, name, category="x" if name in "ace" else "y"))
    inventory.items.change_item(shop_id, an_item(now, "c", category="x", archived=True), 1)
    first = inventory.items.list_items(shop_id, 2, None)
    rest = inventory.items.list_items(shop_id, 2, first.after)
    assert [item.item_id for item in (*first.rows, *rest.rows)] == ["a", "b", "d", "e"]
    assert rest.after is None
    assert [item.item_id for item in inventory.items.list_items(shop_id, 9, None, "x").rows] == ["a", "e"]


def test_names_by_language_come_back_and_change(inventory: Inventory, shop_id: str, now: datetime) -> None:
    item = replace(an_item(now, "salt"), names={"hi": "नमक", "ta": "உப்பு"})
    inventory.items.add_item(shop_id, item)
    assert inventory.items.item(shop_id, "salt").names == {"hi": "नमक", "ta": "உப்பு"}
    inventory.items.change_item(shop_id, replace(item, names={}), 1)
    assert inventory.items.item(shop_id, "salt").names == {}
