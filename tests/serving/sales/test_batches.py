"""Bills and entries in one request."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

LINE = {"item_id": "sugar", "quantity_milli": 1_000, "unit_price_paise": 4_500}


def a_bill(name: str, **fields: Any) -> dict[str, Any]:
    return {"sale_id": name, "lines": [LINE], **fields}


def test_each_bill_of_a_batch_has_its_own_result(shop: Any) -> None:
    shop.add_item(stock=10_000)
    alone = shop.post("/sales", a_bill("b-0"))
    batch = [
        a_bill("b-0"),
        a_bill("b-1"),
        a_bill("b-2", payment="udhaar", customer_id="nobody"),
        a_bill("b-3"),
    ]
    done = shop.post("/sales/batch", {"sales": batch})
    assert [row["status"] for row in done["results"]] == ["replayed", "applied", "refused", "applied"]
    assert (done["applied"], done["replayed"], done["refused"]) == (2, 1, 1)
    assert done["results"][0]["sale"] == alone
    assert (done["results"][2]["code"], done["results"][2]["field"]) == ("not_found", "customer_id")
    assert shop.on_hand() == 7_000
    again = shop.post("/sales/batch", {"sales": batch})
    assert [row["status"] for row in again["results"]] == ["replayed", "replayed", "refused", "replayed"]
    assert shop.on_hand() == 7_000


def test_an_atomic_batch_posts_all_or_none(shop: Any) -> None:
    shop.add_item(stock=10_000)
    bad = {"sales": [a_bill("b-1"), a_bill("b-2", total_paise=1)], "atomic": True}
    assert shop.post("/sales/batch", bad, 422)["field"] == "sales.1.total_paise"
    assert shop.get("/sales")["rows"] == []
    good = {"sales": [a_bill("b-1"), a_bill("b-2")], "atomic": True}
    assert shop.post("/sales/batch", good)["applied"] == 2
    assert shop.post("/sales/batch", good)["replayed"] == 2
    assert shop.on_hand() == 8_000


def test_a_bill_of_a_batch_needs_an_id_of_its_own(shop: Any) -> None:
    assert shop.post("/sales/batch", {"sales": [{"lines": [LINE]}]}, 422)["field"] == "sales.0.sale_id"


def test_entries_come_in_batches_too(shop: Any) -> None:
    shop.add_customer()
    credit = {"entry_id": "e-1", "amount_paise": 500}
    alone = shop.post("/udhaar/customers/ramesh/credits", credit)
    entries = [
        {"kind": "credit", "customer_id": "ramesh", **credit},
        {"kind": "payment", "customer_id": "ramesh", "entry_id": "e-2", "amount_paise": 200},
        {"kind": "payment", "customer_id": "nobody", "entry_id": "e-3", "amount_paise": 200},
    ]
    done = shop.post("/udhaar/entries/batch", {"entries": entries})
    assert [row["status"] for row in done["results"]] == ["replayed", "applied", "refused"]
    assert done["results"][0]["done"] == alone
    assert shop.get("/udhaar/customers/ramesh")["balance_paise"] == 300
    refused = shop.post("/udhaar/entries/batch", {"entries": entries, "atomic": True}, 404)
    assert refused["field"] == "entries.2.customer_id"


def test_a_bill_brings_the_link_that_pays_it_exactly(sign_up: Any) -> None:
    shop = sign_up(upi_id="meena@okbank")
    shop.add_item(stock=10_000)
    done = shop.post("/sales", a_bill("b-1", payment="upi"))
    asked = parse_qs(urlsplit(done["upi"]["uri"]).query)
    assert (asked["pa"], asked["am"], asked["tr"]) == (["meena@okbank"], ["45.00"], ["b-1"])
    assert shop.get("/sales/b-1/upi") == done["upi"]
    long_id = "x" * 64
    reference = shop.post("/sales", a_bill(long_id, payment="upi"))["upi"]["reference"]
    assert (len(reference), shop.get(f"/sales/{long_id}/upi")["reference"]) == (32, reference)
    assert shop.post("/sales", a_bill("b-2"))["upi"] is None
    shop.call("PATCH", "/auth/shop", {"upi_id": None})


def test_fast_sellers_come_first(shop: Any) -> None:
    for name in ("a", "b", "c"):
        shop.add_item(name)
    shop.sell("b", 3_000)
    shop.sell("c", 1_000)
    first = shop.get("/inventory/items?order=sold&limit=2")
    assert [(row["item_id"], row["sold_28d_milli"]) for row in first["rows"]] == [("b", 3_000), ("c", 1_000)]
    rest = shop.get(f"/inventory/items?order=sold&limit=2&cursor={first['next_cursor']}")
    assert [(row["item_id"], row["sold_28d_milli"]) for row in rest["rows"]] == [("a", 0)]
    assert [row["sold_28d_milli"] for row in shop.get("/inventory/items")["rows"]] == [0, 3_000, 1_000]
