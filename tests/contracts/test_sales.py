"""What every sales store must do."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from serving.errors import AlreadyExists, Conflict, NotFound
from serving.ports.sales import DaySold, Sale, SaleLine, SalesStore


def a_sale(now: datetime, sale_id: str, *lines: tuple[str, int], days_ago: int = 0, **fields: Any) -> Sale:
    at = now - timedelta(days=days_ago)
    made = tuple(
        SaleLine(item, quantity, 100, 0, quantity // 10) for item, quantity in lines or [("sugar", 1_000)]
    )
    usual: dict[str, Any] = {"payment": "cash", "customer_id": None, "actor": "meena"}
    return Sale(sale_id, at, at.date(), made, sum(line.amount_paise for line in made), **usual | fields)


def test_a_bill_comes_back_with_its_lines_in_order(sales: SalesStore, shop_id: str, now: datetime) -> None:
    sale = a_sale(now, "s1", ("sugar", 1_000), ("salt", 500), ("sugar", 250))
    sales.add(shop_id, sale)
    assert sales.get(shop_id, "s1") == replace(sale, recorded_at=sale.sold_at)
    with pytest.raises(AlreadyExists):
        sales.add(shop_id, sale)
    with pytest.raises(NotFound):
        sales.get(shop_id + "x", "s1")


def test_many_bills_are_added_together_or_not_at_all(sales: SalesStore, shop_id: str, now: datetime) -> None:
    sales.add(shop_id, a_sale(now, "s2"))
    with pytest.raises(AlreadyExists):
        sales.add_many(shop_id, (a_sale(now, "s1"), a_sale(now, "s2")))
    assert [sale.sale_id for sale in sales.list(shop_id, 9, None).rows] == ["s2"]


def test_bills_are_listed_the_newest_first_page_by_page(
    sales: SalesStore, shop_id: str, now: datetime
) -> None:
    sales.add_many(shop_id, tuple(a_sale(now, f"s{n}") for n in range(5)))
    first = sales.list(shop_id, 3, None)
    sales.add(shop_id, a_sale(now, "s9"))
    rest = sales.list(shop_id, 3, first.after)
    assert [sale.sale_id for sale in (*first.rows, *rest.rows)] == ["s4", "s3", "s2", "s1", "s0"]
    assert rest.after is None


def test_days_are_summed_by_item_returns_taken_off(sales: SalesStore, shop_id: str, now: datetime) -> None:
    sales.add(shop_id, a_sale(now, "s1", ("sugar", 1_000), ("sugar", 500), ("salt", 200)))
    sales.add(shop_id, a_sale(now, "s2", ("sugar", -300), returns="s1"))
    sales.add(shop_id, a_sale(now, "s3", days_ago=3))
    sales.add(shop_id + "x", a_sale(now, "s1", ("sugar", 77_000)))
    today = now.date()
    assert sales.days_sold(shop_id, today) == (
        DaySold("salt", today, 200, 20),
        DaySold("sugar", today, 1_200, 120),
    )
    assert sales.days_sold(shop_id, date(2000, 1, 1), ("sugar", "tea")) == (
        DaySold("sugar", today - timedelta(days=3), 1_000, 100),
        DaySold("sugar", today, 1_200, 120),
    )
    assert sales.days_sold(shop_id, date(2000, 1, 1), ()) == ()
    assert sales.days_sold(shop_id, date(2000, 1, 1), until=date(2000, 1, 2)) == ()
    assert sales.days_sold(shop_id, today, until=today) == sales.days_sold(shop_id, today)
    assert sales.open_days(shop_id, today - timedelta(days=9)) == (today - timedelta(days=3), today)
    assert [sale.sale_id for sale in sales.returns_of(shop_id, "s1")] == ["s2"]


def test_an_import_is_taken_back_as_a_whole_and_alone(sales: SalesStore, shop_id: str, now: datetime) -> None:
    imported = tuple(a_sale(now, f"i{n}", import_id="file-1") for n in range(3))
    sales.add_many(shop_id, (*imported, a_sale(now, "own")))
    assert sales.remove_import(shop_id + "x", "file-1") == 0
    assert sales.remove_import(shop_id, "file-1") == 3
    assert sales.remove_import(shop_id, "file-1") == 0
    assert [sale.sale_id for sale in sales.list(shop_id, 9, None).rows] == ["own"]
    assert sales.days_sold(shop_id, now.date()) == (DaySold("sugar", now.date(), 1_000, 100),)
    sales.add_many(shop_id, (a_sale(now, "j0", import_id="file-2"), a_sale(now, "j1", returns="j0")))
    with pytest.raises(Conflict, match="came back as return 'j1'"):
        sales.remove_import(shop_id, "file-2")
    assert sales.get(shop_id, "j0").import_id == "file-2"
