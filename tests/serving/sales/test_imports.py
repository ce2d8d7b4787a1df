"""Sheets of past sales: seen first, taken in as a whole, taken back."""

from typing import Any

import pytest

SHEET = "date,item_id,quantity,unit_price\n2026-03-01,sugar,2,45.50\n2026-03-01,salt,1.5,20\n2026-03-02,sugar,1,45.50\n"


def send(shop: Any, text: str | bytes, status: int = 201, key: str | None = None) -> Any:
    data = text.encode() if isinstance(text, str) else text
    return shop.upload("/sales/imports", {"file": ("sales.csv", data)}, status, key)


def test_a_sheet_is_seen_taken_in_and_taken_back(shop: Any) -> None:
    shop.add_item("sugar", stock=5_000)
    seen = send(shop, SHEET)
    assert (seen["rows"], seen["bad_rows"], seen["unknown_items"]) == (3, 0, ["salt"])
    assert (seen["first_day"], seen["last_day"], seen["amount_paise"]) == ("2026-03-01", "2026-03-02", 16_650)
    assert shop.get("/sales")["rows"] == []
    path = f"/sales/imports/{seen['import_id']}"
    assert shop.post(f"{path}/confirm", {}, 422)["field"] == "create_items"
    done = shop.post(f"{path}/confirm", {"create_items": True})
    assert (done["bills"], done["created_items"]) == (2, 1)
    assert shop.get("/sales/summary?days=30")["amount_paise"] == 16_650
    assert shop.on_hand() == 5_000
    assert shop.post(f"{path}/confirm", {"create_items": True}, 409)["code"] == "conflict"
    assert shop.post(f"{path}/undo")["bills"] == 2
    assert shop.get("/sales")["rows"] == []


@pytest.mark.parametrize(
    ("text", "milli", "paise"),
    [
        ("date,item,qty,rate\n01/03/2026,Sugar,2,45.50\n", 2_000, 9_100),
        ("तारीख;वस्तु;मात्रा;राशि\n01-03-2026;Sugar;2;91\n", 2_000, 9_100),
        ("Bill Date\tItem Name\tQty\tAmount\n1/3/26\tsugar\t2\t\u20b9 1,20,000.50\n", 2_000, 12_000_050),
        ("\ufeffDATE,PRODUCT,UNITS,PRICE\n2026-03-01,sugar,0.25,Rs. 100/-\n\n", 250, 2_500),
    ],
)
def test_headings_dates_and_numbers_are_read_as_shops_write_them(
    shop: Any, text: str, milli: int, paise: int
) -> None:
    shop.add_item("sugar", name="Sugar")
    seen = send(shop, text)
    assert (seen["rows"], seen["bad_rows"], seen["unknown_count"], seen["amount_paise"]) == (1, 0, 0, paise)
    shop.post(f"/sales/imports/{seen['import_id']}/confirm", {})
    assert shop.get("/sales?lines=true")["rows"][0]["lines"][0]["quantity_milli"] == milli


def test_bad_rows_are_named_with_their_reason_and_good_ones_kept(shop: Any) -> None:
    bad = ["2026-13-01,a,1,1", "2027-01-01,a,1,1", "2026-03-01,,1,1", "2026-03-01,a,-1,1", "2026-03-01,a,x,1"]
    bad += [
        "2026-03-01,a,1,",
        "2026-03-01,a,0.0001,1",
        "2026-03-01,a,1e30,1",
        "2026-03-01",
        "1999-03-01,a,1,1",
    ]
    seen = send(shop, "date,item,quantity,price\n" + "\n".join(bad) + "\n2026-03-01,a,1,1\n")
    assert (seen["rows"], seen["bad_rows"]) == (1, len(bad))
    assert [problem["row"] for problem in seen["problems"]] == list(range(2, len(bad) + 2))
    assert all(problem["reason"] for problem in seen["problems"])


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"a,b,c\n1,2,3\n", b"PK\x03\x04" + bytes(99), b'"' * 200_000]
)
def test_what_is_no_sheet_is_refused(shop: Any, data: bytes) -> None:
    assert send(shop, data, 422)["field"] == "file"


def test_a_sheet_of_another_shop_is_not_found(shop: Any, other: Any) -> None:
    seen = send(shop, SHEET)
    assert other.get(f"/sales/imports/{seen['import_id']}", 404)
    assert other.post(f"/sales/imports/{seen['import_id']}/confirm", {"create_items": True}, 404)


def test_an_item_written_in_several_cases_is_made_once(shop: Any) -> None:
    rows = "".join(f"2026-03-01,{name},1,10\n" for name in ("Sugar", "SUGAR", "sugar", "Tea"))
    seen = send(shop, f"date,item,quantity,price\n{rows}")
    done = shop.post(f"/sales/imports/{seen['import_id']}/confirm", {"create_items": True})
    assert done["created_items"] == 2
    assert {row["name"] for row in shop.get("/inventory/items")["rows"]} == {"Sugar", "Tea"}


def test_a_sheet_whose_goods_came_back_is_not_taken_back(shop: Any) -> None:
    seen = send(shop, "date,item,quantity,price\n2026-03-01,Sugar,2,45\n")
    path = f"/sales/imports/{seen['import_id']}"
    shop.post(f"{path}/confirm", {"create_items": True})
    [bill] = shop.get("/sales?lines=true")["rows"]
    lines = [{"item_id": bill["lines"][0]["item_id"], "quantity_milli": 1_000}]
    shop.post(f"/sales/{bill['sale_id']}/returns", {"lines": lines, "reason": "stale"})
    assert "came back" in shop.post(f"{path}/undo", None, 409)["detail"]
    assert shop.get(path)["status"] == "done"
    assert len(shop.get("/sales")["rows"]) == 2
