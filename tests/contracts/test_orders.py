"""What every order store must do."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from samaan_ml.domain.purchase_orders import OrderLine, PurchaseOrder, ReceivedLine, placed, received
from serving.adapters.sql.database import Database
from serving.adapters.sql.orders import SqlOrderStore
from serving.errors import AlreadyExists, NotFound, StaleVersion


@pytest.fixture
def store(database: Database) -> SqlOrderStore:
    return SqlOrderStore(database)


def an_order(now: datetime, order_id: str = "o1", supplier_id: str | None = "hul") -> PurchaseOrder:
    lines = (OrderLine("tea", 5_000, 100), OrderLine("salt", 2_000))
    return PurchaseOrder(order_id, "draft", supplier_id, lines, now, "meena", date(2026, 3, 12), "soon")


def test_an_order_comes_back_as_it_was_added(store: SqlOrderStore, shop_id: str, now: datetime) -> None:
    store.add(shop_id, an_order(now))
    assert store.get(shop_id, "o1") == an_order(now)
    with pytest.raises(AlreadyExists):
        store.add(shop_id, an_order(now))
    with pytest.raises(NotFound):
        store.get(shop_id + "x", "o1")
    assert store.orders(shop_id, ("o1", "o2")) == (an_order(now),)


def test_a_change_needs_the_version_it_was_made_for(
    store: SqlOrderStore, shop_id: str, now: datetime
) -> None:
    store.add(shop_id, an_order(now))
    sent = placed(an_order(now), now, None)
    store.change(shop_id, sent, 1)
    assert store.get(shop_id, "o1") == replace(sent, version=2)
    with pytest.raises(StaleVersion):
        store.change(shop_id, sent, 1)
    with pytest.raises(NotFound):
        store.change(shop_id, replace(sent, order_id="o9"), 1)


def test_what_is_on_order_follows_placing_and_receiving(
    store: SqlOrderStore, shop_id: str, now: datetime
) -> None:
    order = an_order(now)
    store.add(shop_id, order)
    assert (store.on_order(shop_id), store.drafted(shop_id)) == ({}, {"tea": 5_000, "salt": 2_000})
    order = placed(order, now, None)
    store.change(shop_id, order, 1)
    assert (store.on_order(shop_id), store.drafted(shop_id)) == ({"tea": 5_000, "salt": 2_000}, {})
    part = received(order, [ReceivedLine("tea", 6_000, 110), ReceivedLine("jam", 1_000)], now)
    store.change(shop_id, part, 2)
    assert store.on_order(shop_id) == {"salt": 2_000}
    assert store.on_order(shop_id + "x") == {}
    store.change(shop_id, received(part, [], now, complete=True), 3)
    assert store.on_order(shop_id) == {}


def test_orders_are_listed_newest_first_and_by_state(
    store: SqlOrderStore, shop_id: str, now: datetime
) -> None:
    for order_id, supplier in (("o1", "hul"), ("o2", None), ("o3", "hul")):
        store.add(shop_id, an_order(now, order_id, supplier))
    first = store.list(shop_id, 2, None)
    rest = store.list(shop_id, 2, first.after)
    assert [order.order_id for order in (*first.rows, *rest.rows)] == ["o3", "o2", "o1"]
    assert [order.order_id for order in store.list(shop_id, 9, None, "draft", "hul").rows] == ["o3", "o1"]
    assert store.list(shop_id, 9, None, "placed").rows == ()
    newest, without = store.draft(shop_id, "hul"), store.draft(shop_id, None)
    assert (newest and newest.order_id, without and without.order_id) == ("o3", "o2")
    assert store.draft(shop_id, "nobody") is None
