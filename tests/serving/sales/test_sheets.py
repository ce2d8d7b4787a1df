"""Sheets through the API: read as the one reader reads them, asked about, compared with what is there, in pages."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from serving.errors import InvalidInput
from serving.sales.import_schemas import SheetOptions
from serving.sales.sheet_reading import read_sheet
from tests.samaan_ml.sheets.cases import CASES
from tests.samaan_ml.sheets.test_files import a_workbook

HEAD = "date,item,qty,rate\n"


def send(shop: Any, text: str | bytes, query: str = "", status: int = 201) -> Any:
    data = text.encode() if isinstance(text, str) else text
    return shop.upload(f"/sales/imports{query}", {"file": ("sales.csv", data)}, status)


def confirm(shop: Any, seen: Any, status: int = 201, **body: Any) -> Any:
    return shop.post(f"/sales/imports/{seen['import_id']}/confirm", {"create_items": True} | body, status)


@pytest.mark.parametrize("name", CASES)
def test_the_api_reads_every_sheet_of_the_table(name: str, shop: Any) -> None:
    case = CASES[name]
    sold = [line for line in case.lines if line[3] is not None and not line[2].startswith("-")]
    text = case.text.replace("2026-03-2", "2026-02-2").replace("20/3", "20/2").replace("25/3", "25/2")
    for old, new in (
        ("20/03", "20/02"),
        ("25-03", "25-02"),
        ("25/03", "25/02"),
        ("03/2", "02/2"),
        ("20-03", "20-02"),
    ):
        text = text.replace(old, new)
    text = text.replace("31/3/26", "28/2/26").replace("२५/३", "२५/२").replace("25-Mar", "25-Feb")
    if "quantity\n" in text:
        assert send(shop, text, status=422)["field"] == "file"  # a price or an amount is needed here
        return
    seen = send(shop, text)
    assert seen["rows"] - seen["zero_rows"] == len(sold)
    assert seen["amount_paise"] == sum(round(Decimal(line[3] or 0) * 100) for line in sold)
    assert seen["bad_rows"] == case.bad + sum(line[2].startswith("-") for line in case.lines)


def test_units_and_packs_are_those_of_the_shop(shop: Any) -> None:
    shop.add_item("sugar", name="Sugar", unit="kg", price_paise=4_500)
    shop.add_item("eggs", name="Eggs", price_paise=700)
    shop.add_item("soap", name="Soap", price_paise=3_000, pack_milli=12_000)
    rows = (
        "Sugar,500 g,45",
        "Sugar,1 dozen,45",
        "Eggs,500 g,7",
        "Eggs,2 dz,84",
        "Eggs,2 dz,7",
        "Soap,2 case,360",
        "Eggs,1 box,90",
    )
    seen = send(shop, HEAD + "".join(f"2026-03-05,{row}\n" for row in rows))
    listed = shop.get(f"/sales/imports/{seen['import_id']}/rows")["rows"]
    assert [(row["state"], row["quantity_milli"], row["amount_paise"]) for row in listed] == [
        ("sale", 500, 2_250),
        ("bad", 0, 0),
        ("bad", 0, 0),
        ("sale", 24_000, 16_800),
        ("sale", 24_000, 16_800),
        ("sale", 24_000, 72_000),
        ("bad", 0, 0),
    ]


def test_an_item_is_found_by_barcode_name_and_other_names(shop: Any) -> None:
    shop.add_item("soap", name="Soap 100 g", barcode="0012345678905", aliases=["साबुन"])
    text = "date,item,qty,rate\n" + "".join(
        f"2026-03-05,{name},1,{price}\n"
        for price, name in enumerate(("12345678905", "012345678905", "SOAP  100 G", "साबुन"), 10)
    )
    seen = send(shop, text)
    assert (seen["rows"], seen["unknown_count"]) == (4, 0)
    with_code = send(shop, "date,sku,item name,qty,rate\n2026-03-05,X9,Soap 100 g,1,30\n")
    assert with_code["unknown_count"] == 0


def test_days_that_are_there_are_named_and_left_out_unless_told_otherwise(shop: Any) -> None:
    shop.add_item("eggs", name="Eggs", price_paise=700)
    spring = "".join(f"2026-02-{day:02d},Eggs,{day},7\n" for day in range(1, 11))
    assert confirm(shop, send(shop, HEAD + spring))["bills"] == 10
    longer = send(shop, HEAD + spring + "2026-02-20,Eggs,3,7\n\n")
    assert (longer["overlap"]["rows"], longer["overlap"]["day_count"]) == (10, 10)
    assert longer["overlap"]["amount_paise"] == 55 * 700
    assert longer["overlap"]["days"][0] == {"on": "2026-02-01", "rows": 1, "amount_paise": 700}
    assert "are there already" in longer["problems"][0]["reason"]
    assert longer["bad_rows"] == 0
    done = confirm(shop, longer)
    assert (done["bills"], done["rows"], done["skipped_rows"]) == (1, 1, 10)
    assert shop.get("/sales/summary?days=60")["amount_paise"] == 58 * 700
    again = send(shop, HEAD + spring)
    assert confirm(shop, again, take="all")["rows"] == 10
    assert shop.get("/sales/summary?days=60")["amount_paise"] == (58 + 55) * 700


def test_what_was_billed_at_the_till_is_there_in_lines_or_in_sums(shop: Any) -> None:
    shop.add_item("eggs", name="Eggs", price_paise=700)
    for quantity in (2_000, 3_000):
        shop.sell("eggs", quantity, sold_at="2026-03-05T10:00:00+05:30")
    for text in (
        "2026-03-05,Eggs,5,7\n",
        "2026-03-05,Eggs,2,7\n2026-03-05,Eggs,3,7\n",
        "2026-03-05,Eggs,3,7\n",
    ):
        seen = send(shop, HEAD + text)
        assert seen["overlap"]["rows"] == seen["rows"], text
    twice = send(shop, HEAD + "2026-03-05,Eggs,2,7\n2026-03-05,Eggs,2,7\n")
    assert twice["overlap"]["rows"] == 1  # one bill of two eggs stands for one row
    assert send(shop, HEAD + "2026-03-05,Eggs,2,8\n")["overlap"] is None


def test_a_sheet_taken_back_can_be_taken_in_again(shop: Any) -> None:
    first = send(shop, HEAD + "2026-03-05,Tea,2,10\n")
    confirm(shop, first)
    assert confirm(shop, send(shop, HEAD + "2026-03-05,Tea,2,10\n"))["skipped_rows"] == 1
    shop.post(f"/sales/imports/{first['import_id']}/undo")
    assert confirm(shop, send(shop, HEAD + "2026-03-05,Tea,2,10\n"))["rows"] == 1
    assert shop.get("/sales/summary?days=30")["amount_paise"] == 2_000


def test_the_caller_answers_questions_when_sending_or_later(shop: Any) -> None:
    text = HEAD + "02/01/2026,Tea,1,10\n"
    seen = send(shop, text)
    assert (seen["first_day"], seen["reading"]["questions"][0]["option"]) == ("2026-01-02", "date_order")
    assert send(shop, text, "?date_order=mdy")["first_day"] == "2026-02-01"
    named = send(shop, "when,what,many,got\n2026-03-05,Tea,2,10\n",
                 "?columns=date%3Dwhen&columns=item%3Dwhat&columns=quantity%3Dmany&columns=amount%3Dgot")  # fmt: skip
    assert named["amount_paise"] == 1_000
    path = f"/sales/imports/{seen['import_id']}"
    shop.post(f"{path}/read", {"columns": {"amount": "nothing"}}, 422)
    assert shop.get(path)["first_day"] == "2026-01-02"
    again = shop.post(f"{path}/read", {"date_order": "dmy"})
    assert (again["import_id"], again["reading"]["questions"]) == (seen["import_id"], [])
    assert shop.get(path)["reading"]["dates"] == "dmy"
    confirm(shop, seen)
    assert shop.post(f"{path}/read", {"date_order": "mdy"}, 409)["code"] == "conflict"
    assert send(shop, text, "?columns=nonsense", 422)["field"] == "columns"
    assert send(shop, text, "?date_order=ymd", 422)


def test_a_preview_is_kept_and_its_rows_come_in_pages(shop: Any, other: Any) -> None:
    text = HEAD + "".join(f"2026-03-05,Item {n},{n % 5},{'x' if n % 7 == 0 else 5}\n" for n in range(60))
    seen = send(shop, text)
    path = f"/sales/imports/{seen['import_id']}"
    assert shop.get(path) == seen
    found, cursor = [], ""
    while cursor is not None:
        page = shop.get(f"{path}/rows?limit=25" + (f"&cursor={cursor}" if cursor else ""))
        found += page["rows"]
        cursor = page["next_cursor"]
    assert [row["row"] for row in found] == list(range(2, 62))
    bad = shop.get(f"{path}/rows?state=bad&limit=200")["rows"]
    assert len(bad) == seen["bad_rows"] > 0
    assert all(row["reason"] for row in bad)
    other.get(f"{path}/rows", 404)


def test_rows_of_zero_are_kept_as_facts(shop: Any) -> None:
    seen = send(shop, HEAD + "2026-03-04,Saffron,0,\n2026-03-05,Saffron,2,100\n2026-03-06,Saffron,0,100\n")
    assert (seen["rows"], seen["zero_rows"], seen["bad_rows"]) == (3, 2, 0)
    assert confirm(shop, seen)["bills"] == 3
    [empty] = [bill for bill in shop.get("/sales?lines=true")["rows"] if bill["sold_on"] == "2026-03-06"]
    assert (empty["total_paise"], empty["lines"][0]["quantity_milli"]) == (0, 0)


@pytest.mark.parametrize(
    ("quantity", "price"),
    [("1E999999999", "1"), ("1", "1E999999999"), ("NaN", "1"), ("Infinity", "1"), ("1000001", "1"), ("1", "10000001"),
     ("1000000", "1001"), ("999999999", "999999999"), ("0.0001", "1"), ("1", "0.001"), ("1", "9E-9")],
)  # fmt: skip
def test_a_number_that_no_bill_could_hold_spoils_its_own_row_only(
    quantity: str, price: str, shop: Any
) -> None:
    seen = send(shop, f"{HEAD}2026-01-01,a,{quantity},{price}\n2026-01-01,b,2,0.5\n")
    assert (seen["rows"], seen["bad_rows"], seen["amount_paise"]) == (1, 1, 100)
    assert seen["problems"][0]["row"] == 2


def state_of(shop: Any) -> str:
    """Hash what the shop sees of its bills, its days and its stock."""
    seen = [shop.get(path) for path in ("/sales", "/sales/summary?days=60", "/inventory/items")]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def test_a_workbook_is_seen_taken_in_and_taken_back_to_the_same_state(shop: Any) -> None:
    for item_id, name in (("sugar", "चीनी"), ("salt", "Salt"), ("oil", "Tel")):
        shop.add_item(item_id, name=name, stock=9_000)
    shop.sell("salt", 1_000)
    before = state_of(shop)
    seen = send(shop, a_workbook())
    assert (seen["rows"], seen["bad_rows"], seen["unknown_count"]) == (4, 1, 0)
    assert (seen["problems"][0]["row"], seen["reading"]["kind"]) == (8, "xlsx")
    assert state_of(shop) == before
    path = f"/sales/imports/{seen['import_id']}"
    assert shop.post(f"{path}/confirm", {}, key="in")["bills"] == 2
    assert shop.post(f"{path}/confirm", {}, key="in")["bills"] == 2
    assert state_of(shop) != before
    assert shop.get("/sales/summary?days=30")["amount_paise"] == 9_100 + 12_000_000 + 1_000 + 30 + 4_500
    shop.post(f"{path}/undo")
    assert state_of(shop) == before


def test_a_sheet_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.sales.sheet_reading.MAX_ROWS", 2)
    with pytest.raises(InvalidInput, match="more than 2 rows"):
        read_sheet((HEAD + "2026-03-05,Tea,1,1\n" * 3).encode(), date(2026, 3, 31), SheetOptions())
