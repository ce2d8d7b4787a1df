"""Items, movements, counts and lots."""

from typing import Any

import pytest


def test_an_item_is_added_listed_and_changed(shop: Any) -> None:
    shop.add_item("sugar", aliases=["cheeni", "चीनी"], category="staples", mrp_paise=5_000)
    item = shop.get("/inventory/items/sugar")
    assert item["aliases"] == ["cheeni", "चीनी"]
    assert item["on_hand_milli"] == 100_000
    changed = shop.call("PATCH", "/inventory/items/sugar", {"price_paise": 4_800}).json()
    assert (changed["price_paise"], changed["version"]) == (4_800, 2)
    assert [row["item_id"] for row in shop.get("/inventory/items?category=staples")["rows"]] == ["sugar"]
    assert shop.get("/inventory/items?category=other")["rows"] == []


def test_an_archived_item_leaves_the_list_and_the_counter(shop: Any) -> None:
    shop.add_item()
    shop.call("PATCH", "/inventory/items/sugar", {"archived": True})
    assert shop.get("/inventory/items")["rows"] == []
    assert (
        shop.post("/sales", {"lines": [{"item_id": "sugar", "quantity_milli": 1}]}, 409)["code"] == "conflict"
    )


def test_a_stale_version_changes_nothing(shop: Any) -> None:
    shop.add_item()
    path = "/inventory/items/sugar"
    etag = shop.call("GET", path).headers["ETag"]
    assert shop.call("PATCH", path, {"name": "First"}, **{"If-Match": etag}).status_code == 200
    stale = shop.call("PATCH", path, {"name": "Second"}, **{"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert shop.get(path)["name"] == "First"


def test_a_price_above_the_printed_maximum_is_refused(shop: Any) -> None:
    body = {"name": "Soap", "price_paise": 3_100, "mrp_paise": 3_000}
    assert shop.post("/inventory/items", body, 422)["code"] == "invalid_input"
    shop.add_item(mrp_paise=5_000)
    assert (
        shop.call("PATCH", "/inventory/items/sugar", {"price_paise": 5_001}).json()["field"] == "price_paise"
    )


@pytest.mark.parametrize("code", ["8901030865275", "96385074"])
def test_a_barcode_with_its_check_digit_is_taken_once(shop: Any, code: str) -> None:
    shop.add_item("first", barcode=code)
    body = {"item_id": "second", "name": "Second", "price_paise": 1, "barcode": code}
    assert shop.post("/inventory/items", body, 409)["code"] == "already_exists"


def test_a_barcode_with_a_wrong_check_digit_is_refused(shop: Any) -> None:
    body = {"name": "Soap", "price_paise": 1, "barcode": "8901030865279"}
    assert shop.post("/inventory/items", body, 422)["field"] == "barcode"


def test_movements_add_up_and_carry_their_reasons(shop: Any) -> None:
    shop.add_item(stock=10_000)
    body = {
        "movements": [
            {"item_id": "sugar", "kind": "purchase", "quantity_milli": 5_000},
            {"item_id": "sugar", "kind": "wastage", "quantity_milli": 2_000, "reason": "wet"},
        ]
    }
    done = shop.post("/inventory/movements", body)
    assert done["stock"][0]["on_hand_milli"] == 13_000
    rows = shop.get("/inventory/items/sugar/movements")["rows"]
    assert sum(row["quantity_milli"] for row in rows) == 13_000
    assert {row["reason"] for row in rows} == {"wet", None, "opening stock"}


def test_one_bad_movement_undoes_all(shop: Any) -> None:
    shop.add_item(stock=10_000)
    body = {
        "movements": [
            {"item_id": "sugar", "kind": "purchase", "quantity_milli": 5_000},
            {"item_id": "nothing", "kind": "purchase", "quantity_milli": 5_000},
        ]
    }
    assert shop.post("/inventory/movements", body, 404)["field"] == "item_id"
    assert shop.on_hand() == 10_000


def test_a_hundred_and_first_movement_is_refused(shop: Any) -> None:
    movement = {"item_id": "sugar", "kind": "purchase", "quantity_milli": 1}
    assert shop.post("/inventory/movements", {"movements": [movement] * 101}, 422)["field"] == "movements"


def test_purchases_move_the_weighted_average_cost(shop: Any) -> None:
    shop.add_item(stock=10_000, cost_paise=1_000)
    move = {"item_id": "sugar", "kind": "purchase", "quantity_milli": 30_000, "unit_cost_paise": 1_200}
    shop.post("/inventory/movements", {"movements": [move]})
    assert shop.get("/inventory/items/sugar")["cost_paise"] == 1_150


def test_a_count_makes_one_adjustment_and_none_where_it_agrees(shop: Any) -> None:
    shop.add_item(stock=10_000)
    done = shop.post("/inventory/items/sugar/counts", {"counted_milli": 9_250, "expected_milli": 10_000})
    assert done["difference_milli"] == -750
    assert shop.on_hand() == 9_250
    again = shop.post("/inventory/items/sugar/counts", {"counted_milli": 9_250})
    assert again["movement_id"] is None
    stale = shop.post("/inventory/items/sugar/counts", {"counted_milli": 1, "expected_milli": 10_000}, 409)
    assert (stale["code"], stale["field"]) == ("stock_changed", "expected_milli")
    assert shop.on_hand() == 9_250


def test_a_sale_takes_the_lot_that_expires_first_and_never_an_expired_one(shop: Any) -> None:
    shop.add_item("milk", stock=0, price_paise=2_700)
    for batch, day in (("late", "2026-04-09"), ("early", "2026-03-20"), ("gone", "2026-03-01")):
        body = {"batch_id": batch, "quantity_milli": 5_000, "expires_on": day, "mrp_paise": 2_800}
        shop.post("/inventory/items/milk/batches", body)
    shop.sell("milk", 7_000)
    left = {
        row["batch_id"]: row["on_hand_milli"] for row in shop.get("/inventory/items/milk/batches")["rows"]
    }
    assert left == {"late": 3_000, "gone": 5_000}
    shop.sell("milk", 3_000)
    refused = shop.post("/sales", {"lines": [{"item_id": "milk", "quantity_milli": 1_000}]}, 409)
    assert "expired" in refused["detail"]


def test_goods_are_not_sold_above_what_is_printed_on_their_own_lot(shop: Any) -> None:
    shop.add_item("milk", stock=0, price_paise=2_700)
    for batch, day, mrp in (("old", "2026-03-20", 2_500), ("new", "2026-04-09", 2_800)):
        body = {"batch_id": batch, "quantity_milli": 5_000, "expires_on": day, "mrp_paise": mrp}
        shop.post("/inventory/items/milk/batches", body)
    line = {"item_id": "milk", "quantity_milli": 1_000}
    refused = shop.post("/sales", {"lines": [line]}, 422)
    assert (refused["field"], "lot 'old'" in refused["detail"]) == ("lines.0.unit_price_paise", True)
    assert shop.on_hand("milk") == 10_000
    shop.post("/sales", {"lines": [line | {"quantity_milli": 5_000, "unit_price_paise": 2_500}]})
    shop.sell("milk", 1_000)  # of the new lot
    dearer = shop.call("PATCH", "/inventory/items/milk", {"price_paise": 2_900})
    assert (dearer.status_code, dearer.json()["field"]) == (422, "price_paise")
    assert shop.call("PATCH", "/inventory/items/milk", {"price_paise": 2_800}).status_code == 200


def test_a_page_follows_the_other_while_rows_are_added(shop: Any) -> None:
    for number in range(0, 20, 2):
        shop.add_item(f"item-{number:02d}", stock=0)
    seen, cursor = [], ""
    while cursor is not None:
        page = shop.get(f"/inventory/items?limit=3{cursor and '&cursor=' + cursor}")
        seen += [row["item_id"] for row in page["rows"]]
        cursor = page["next_cursor"]
        shop.add_item(f"item-{len(seen) - 1:02d}x", stock=0)
    assert len(seen) == len(set(seen))
    assert {f"item-{number:02d}" for number in range(0, 20, 2)} <= set(seen)


@pytest.mark.parametrize("cursor", ["!!!", "AA", "%00", "w6k", "a" * 301])
def test_a_cursor_that_is_not_ours_is_refused_or_ends(shop: Any, cursor: str) -> None:
    answer = shop.call("GET", f"/inventory/items?cursor={cursor}")
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert answer.json()["field"] == "cursor"


def test_a_blind_count_shows_nothing_before_and_the_variance_after(shop: Any) -> None:
    shop.add_item(stock=10_000, cost_paise=4_000, aliases=["चीनी"])
    shop.add_item("salt", category="spices")
    [line] = [row for row in shop.get("/inventory/count-sheet")["rows"] if row["item_id"] == "sugar"]
    assert set(line) == {"item_id", "name", "category", "unit", "barcode", "aliases"}
    assert [row["item_id"] for row in shop.get("/inventory/count-sheet?category=spices")["rows"]] == ["salt"]
    done = shop.post("/inventory/items/sugar/counts", {"counted_milli": 9_250})
    assert (done["before_milli"], done["difference_milli"], done["variance_paise"]) == (10_000, -750, -3_000)
    more = shop.post("/inventory/items/sugar/counts", {"counted_milli": 9_375})
    assert (more["difference_milli"], more["variance_paise"]) == (125, 500)


def test_a_count_that_agrees_leaves_a_movement_only_where_that_is_asked(shop: Any) -> None:
    shop.add_item(stock=10_000)
    counts = "/inventory/items/sugar/counts"
    assert shop.post(counts, {"counted_milli": 10_000})["movement_id"] is None
    kept = shop.post(counts, {"counted_milli": 10_000, "ignore_unchanged": False})
    assert (kept["difference_milli"], kept["variance_paise"]) == (0, None)
    rows = shop.get("/inventory/items/sugar/movements")["rows"]
    assert [(row["kind"], row["quantity_milli"]) for row in rows] == [("count", 0), ("count", 10_000)]
    assert rows[0]["movement_id"] == kept["movement_id"]


def test_a_search_finds_an_item_by_its_names_in_every_script(shop: Any) -> None:
    names = {"aliases": ["cheeni", "चीनी", "ಸಕ್ಕರೆ"], "barcode": "8901030865275"}
    shop.add_item("i1", name="Sugar, loose", **names)
    shop.add_item("i2", name="Salt", aliases=["नमक", "namak"])
    shop.add_item("i3", name="Brown sugar candy", aliases=[])
    for text in (
        "चीनी",
        "cheeni",
        "CHEENI",
        "Sugar, loose",
        "loose sugar",
        "ಸಕ್ಕರೆ",
        "8901030865275",
        "i1",
        "chee",
    ):
        found = shop.get(f"/inventory/search?q={text}")["rows"]
        assert [row["item_id"] for row in found] == ["i1"], text
    assert [row["item_id"] for row in shop.get("/inventory/search?q=sugar")["rows"]] == ["i1", "i3"]
    assert shop.get("/inventory/search?q=sugar&limit=1")["rows"][0]["on_hand_milli"] == 100_000
    assert shop.get("/inventory/search?q=tea")["rows"] == []
    assert shop.get("/inventory/search?q=%2C")["rows"] == []  # a comma is no name
    shop.get("/inventory/search?q=", 422)


def test_a_wrong_check_digit_is_refused_on_every_way_in(shop: Any) -> None:
    item = {"item_id": "sugar", "name": "Sugar", "price_paise": 1, "barcode": "8901030865276"}
    assert shop.post("/inventory/items", item, 422)["field"] == "barcode"
    shop.post("/inventory/items", item | {"barcode": "8901030865275"})
    changed = shop.call(
        "PATCH", "/inventory/items/sugar", {"barcode": "96385075"}
    )  # EAN-8; 96385074 is right
    assert (changed.status_code, changed.json()["field"]) == (422, "barcode")
    assert shop.get("/inventory/items/sugar")["barcode"] == "8901030865275"


def test_ageing_tells_dead_slow_and_moving_stock_and_since_when_it_lies(shop: Any, api: Any) -> None:
    for item, stock in (("dead", 0), ("slow", 0), ("brisk", 0), ("gone", 0)):
        shop.add_item(item, stock=stock, cost_paise=1_000, price_paise=1_500)
    came: list[dict[str, Any]] = [
        {"item_id": "dead", "quantity_milli": 5_000, "at": "2025-11-01T06:00:00Z"},
        {"item_id": "slow", "quantity_milli": 10_000, "at": "2026-03-05T06:00:00Z"},
        {"item_id": "slow", "quantity_milli": 40_000, "at": "2026-01-20T06:00:00Z"},  # entered late
        {"item_id": "brisk", "quantity_milli": 30_000, "at": "2026-03-01T06:00:00Z"},
    ]
    shop.post("/inventory/movements", {"movements": [{"kind": "purchase", **each} for each in came]})
    shop.sell("slow", 4_000, sold_at="2026-02-28T06:00:00Z")
    shop.sell("brisk", 20_000, sold_at="2026-03-09T06:00:00Z")
    rows = {row["item_id"]: row for row in shop.get("/inventory/ageing")["rows"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        "dead": "dead",
        "slow": "slow",
        "brisk": "moving",
    }
    assert (rows["dead"]["days_since_sale"], rows["dead"]["cover_days"]) == (None, None)
    assert (rows["dead"]["oldest_since"], rows["dead"]["value_paise"]) == ("2025-11-01", 5_000)
    assert [bucket["milli"] for bucket in rows["dead"]["ages"]] == [0, 0, 0, 5_000]
    # 46 units left: ten came on the fifth of March, the other 36 in January; 4 in 21 days are sold.
    assert [bucket["milli"] for bucket in rows["slow"]["ages"]] == [10_000, 36_000, 0, 0]
    assert (rows["slow"]["cover_days"], rows["slow"]["days_since_sale"]) == (241.5, 10)
    assert rows["brisk"]["cover_days"] == 10.5
    short = shop.get("/inventory/ageing?window_days=7&slow_days=1")["rows"]
    assert {row["item_id"]: row["state"] for row in short} == {
        "dead": "dead",
        "slow": "dead",
        "brisk": "slow",
    }


def test_a_barcode_is_found_in_every_spelling(shop: Any) -> None:
    # 036000291452 is the UPC-A of the GS1 manual; a spreadsheet makes 36000291452 of it.
    for number, code in enumerate(("036000291452", "8901030865275", "96385074", "00012345678905")):
        made = shop.add_item(f"item{number}", name=f"Thing {'abcd'[number] * 9}", barcode=code)
        assert len(made["barcode"]) in (8, 13)
    for text, found in (
        ("036000291452", "item0"), ("0036000291452", "item0"), ("36000291452", "item0"), ("36000 29145-2", "item0"),
        ("8901030865275", "item1"), ("96385074", "item2"), ("12345678905", "item3"), ("012345678905", "item3"),
    ):  # fmt: skip
        rows = shop.get(f"/inventory/search?q={text}")["rows"]
        assert [row["item_id"] for row in rows] == [found], text
    twin = {"name": "Twin", "price_paise": 1, "barcode": "36000291452"}
    assert shop.post("/inventory/items", twin, 409)["code"] == "already_exists"
    for wrong in ("036000291453", "12345", "123456789012345"):
        refused = shop.post("/inventory/items", {"name": "Other", "price_paise": 1, "barcode": wrong}, 422)
        assert refused["field"] == "barcode"


def test_an_item_of_nearly_the_same_name_is_pointed_out(shop: Any) -> None:
    shop.add_item("a", name="Parle-G 100g", aliases=["पारले जी १०० ग्राम"])
    shop.add_item("b", name="Surf Excel 1 kg")
    for name, similar in (
        ("parle g 100 g", ["a"]), ("Parle-G 200g", []), ("पारले जी 100 ग्राम", ["a"]), ("Surf Exel 1kg", ["b"]),
        ("Surf Excel Matic 1 kg", []), ("Salt", []), ("Malt", []),
    ):  # fmt: skip
        made = shop.post("/inventory/items", {"name": name, "price_paise": 100})
        assert {row["item_id"] for row in made["similar"]} & {"a", "b"} == set(similar), name
    shop.add_item("c", name="Sugar", names={"hi": "चीनी"})
    made = shop.post("/inventory/items", {"name": "Cheeni", "names": {"hi": "चीनी"}, "price_paise": 100})
    assert "c" in {row["item_id"] for row in made["similar"]}
