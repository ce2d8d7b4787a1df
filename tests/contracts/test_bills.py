"""What every bill store must do."""

from dataclasses import replace
from datetime import datetime

import pytest

from serving.adapters.sql.bills import SqlBillStore
from serving.adapters.sql.database import Database
from serving.errors import AlreadyExists, Conflict, NotFound
from serving.ports.bills import BillRecord, BillStore


@pytest.fixture
def bills(database: Database) -> BillStore:
    """Each bill store."""
    return SqlBillStore(database)


def a_bill(now: datetime, bill_id: str, sha256: str = "") -> BillRecord:
    return BillRecord(bill_id, sha256 or bill_id, f"shop/{bill_id}.png", "draft", "{}", "key", "meena", now)


def test_a_photograph_is_kept_once(bills: BillStore, shop_id: str, now: datetime) -> None:
    bills.add(shop_id, a_bill(now, "b1", "photo"))
    with pytest.raises(AlreadyExists):
        bills.add(shop_id, a_bill(now, "b2", "photo"))
    bills.add(shop_id + "x", a_bill(now, "b1", "photo"))
    assert bills.by_photograph(shop_id, "photo") == bills.get(shop_id, "b1") == a_bill(now, "b1", "photo")
    for missing in (lambda: bills.get(shop_id, "b2"), lambda: bills.by_photograph(shop_id, "other")):
        with pytest.raises(NotFound):
            missing()


def test_a_bill_moves_on_from_where_it_is(bills: BillStore, shop_id: str, now: datetime) -> None:
    bill = a_bill(now, "b1")
    bills.add(shop_id, bill)
    assert bills.confirmed_with(shop_id, "key") == ()
    bills.change(shop_id, replace(bill, status="confirmed", confirmed_at=now), "draft")
    with pytest.raises(Conflict):
        bills.change(shop_id, replace(bill, draft="other"), "draft")
    assert [each.bill_id for each in bills.confirmed_with(shop_id, "key")] == ["b1"]


def test_bills_are_listed_the_newest_first(bills: BillStore, shop_id: str, now: datetime) -> None:
    for number in range(3):
        bills.add(shop_id, a_bill(now, f"b{number}"))
    first = bills.list(shop_id, 2, None)
    rest = bills.list(shop_id, 2, first.after)
    assert [bill.bill_id for bill in (*first.rows, *rest.rows)] == ["b2", "b1", "b0"]


def test_names_are_learned_and_learned_anew(bills: BillStore, shop_id: str) -> None:
    bills.learn(shop_id, "chini", "sugar")
    bills.learn(shop_id, "chini", "sugar-1kg")
    assert bills.learned(shop_id) == {"chini": "sugar-1kg"}
    assert bills.learned(shop_id + "x") == {}
