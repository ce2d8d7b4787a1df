"""GST of bills over the API: rates by heading and day, credit notes, the sums of the return."""

import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from samaan_ml.domain.bill_tax import TaxedLine, tax_of_bill
from serving.tasks.archive.shop import export_shop


def test_a_bill_shows_its_tax_and_a_return_is_its_credit_note(shop: Any) -> None:
    shop.add_item("shampoo", price_paise=105_00, hsn="3305")
    shop.add_item("rice", price_paise=50_00, unit="kg", hsn="1006")
    shop.add_item("gift", price_paise=10_00)
    lines = [{"item_id": item, "quantity_milli": 2_000} for item in ("shampoo", "rice", "gift")]
    sale = shop.post("/sales", {"lines": lines})
    tax = shop.get(f"/sales/{sale['sale_id']}/tax")
    assert (tax["document"], tax["total_paise"]) == ("invoice", 330_00)
    by_rate = {row["rate_bp"]: row for row in tax["rates"]}
    # Shampoo is at 5 % since 22 September 2025; rice sold loose bears none.
    assert (by_rate[500]["taxable_paise"], by_rate[500]["cgst_paise"]) == (200_00, 5_00)
    assert by_rate[0]["taxable_paise"] == 100_00
    assert tax["without_rate"] == [{"item_id": "gift", "amount_paise": 20_00}]
    far = shop.get(f"/sales/{sale['sale_id']}/tax?interstate=true")["rates"]
    assert [row["igst_paise"] for row in far if row["rate_bp"] == 500] == [10_00]
    back = {"lines": [{"item_id": "shampoo", "quantity_milli": 1_000}], "reason": "wrong scent"}
    returned = shop.post(f"/sales/{sale['sale_id']}/returns", back)
    note = shop.get(f"/sales/{returned['sale_id']}/tax")
    assert note["document"] == "credit_note"
    assert [row["taxable_paise"] for row in note["rates"]] == [-100_00]


def test_a_period_sums_up_what_its_bills_show(shop: Any) -> None:
    shop.add_item("shampoo", price_paise=105_00, hsn="3305")
    sale = shop.sell("shampoo", 3_000)
    back = {"lines": [{"item_id": "shampoo", "quantity_milli": 1_000}], "reason": "wrong scent"}
    shop.post(f"/sales/{sale['sale_id']}/returns", back)
    on = sale["sold_on"]
    found = shop.get(f"/sales/gst?start={on}&end={on}")
    assert (found["bills"], found["returns"], found["total_paise"]) == (1, 1, 210_00)
    assert [(row["rate_bp"], row["taxable_paise"]) for row in found["consumers"]] == [(500, 200_00)]
    assert [row["cgst_paise"] for row in found["credit_notes"]] == [-2_50]
    [heading] = found["headings"]
    assert (heading["hsn"], heading["unit_code"], heading["quantity_milli"]) == ("3305", "PCS", 2_000)
    assert shop.get("/sales/gst?start=2026-01-02&end=2026-01-01", 422)["field"] == "end"


def test_a_composition_shop_shows_no_tax(shop: Any) -> None:
    assert shop.call("PATCH", "/auth/shop", {"tax_scheme": "composition"}).status_code == 200
    shop.add_item("shampoo", price_paise=105_00, hsn="3305")
    sale = shop.sell("shampoo", 1_000)
    tax = shop.get(f"/sales/{sale['sale_id']}/tax")
    assert (tax["document"], tax["lines"], tax["rates"]) == ("bill_of_supply", [], [])


def test_a_misspelt_query_parameter_is_named(shop: Any) -> None:
    answer = shop.get("/sales?limt=5", 422)
    assert (answer["field"], "limit" in answer["hint"]) == ("limt", True)


def test_a_key_for_sales_alone_puts_nobody_into_debt(shop: Any) -> None:
    shop.add_item(stock=10_000)
    shop.add_customer()
    key = shop.post("/auth/api-keys", {"name": "till", "scopes": ["sales:write"]})["api_key"]
    body = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}], "payment": "cash"}
    headers = {"X-Api-Key": key, "Idempotency-Key": "k1"}
    assert shop.client.post("/v1/sales", json=body, headers=headers).status_code == 201
    debt = body | {"payment": "udhaar", "customer_id": "ramesh"}
    refused = shop.client.post("/v1/sales", json=debt, headers=headers | {"Idempotency-Key": "k2"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    keyless = shop.client.post("/v1/sales", json=body, headers={"X-Api-Key": key})
    assert (keyless.status_code, keyless.json()["field"]) == (422, "Idempotency-Key")
    assert shop.get("/udhaar/customers/ramesh")["balance_paise"] == 0


def test_one_person_is_one_customer_however_the_number_is_written(shop: Any) -> None:
    shop.add_customer("a", phone="098200 11111")
    for spelling in ("9820011111", "+91-98200-11111", "919820011111"):
        twin = {"customer_id": "b", "name": "Ramesh", "phone": spelling}
        answer = shop.post("/udhaar/customers", twin, 409)
        assert (answer["code"], answer["field"]) == ("already_exists", "phone")
    shop.add_customer("c", name="रमेश", phone="9820022222")
    for text, found in (("20011", "a"), ("रमेश", "c"), ("9820022222", "c")):
        assert [row["customer_id"] for row in shop.get(f"/udhaar/customers/search?q={text}")["rows"]] == [
            found
        ]
    assert shop.post("/udhaar/customers", {"name": "x", "phone": "12345678"}, 422)["field"] == "phone"


def test_names_are_trimmed_and_hide_nothing(shop: Any) -> None:
    assert shop.add_item("a", name="  Sugar  ")["name"] == "Sugar"
    shop.post("/inventory/items", {"name": "Su\u200bgar", "price_paise": 1}, 422)
    shop.post("/inventory/items", {"name": "\u202eragus", "price_paise": 1}, 422)
    assert shop.add_item("b", name="क्\u200dष")["name"] == "क्\u200dष"


def test_the_closing_of_a_day_tells_what_should_be_in_the_drawer(shop: Any) -> None:
    shop.add_item(price_paise=100_00, stock=10_000)
    shop.add_customer()
    shop.sell(quantity=3_000)
    paid = shop.sell(quantity=1_000, payment="upi")
    shop.sell(quantity=2_000, payment="udhaar", customer_id="ramesh")
    cash = shop.sell(quantity=2_000)
    back = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}], "reason": "too much"}
    shop.post(f"/sales/{cash['sale_id']}/returns", back)
    shop.post("/udhaar/customers/ramesh/payments", {"amount_paise": 50_00})
    closing = shop.get("/sales/closing?opening_paise=100000&counted_paise=144000")
    assert closing["sold"] == {"cash": 500_00, "upi": 100_00, "udhaar": 200_00}
    assert (closing["returned"], closing["udhaar_collected_paise"]) == ({"cash": -100_00}, 50_00)
    assert (closing["expected_cash_paise"], closing["difference_paise"]) == (1_450_00, -10_00)
    assert shop.get("/sales/closing?on=2099-01-01", 422)["field"] == "on"
    [only] = shop.get("/sales?payment=upi")["rows"]
    assert only["sale_id"] == paid["sale_id"]
    assert len(shop.get("/sales?customer_id=ramesh")["rows"]) == 1


@pytest.mark.parametrize(
    ("amount", "rate_bp", "interstate", "taxable", "half", "igst"),
    [
        (20_000_00, 1800, False, 16_949_16, 1_525_42, 0),  # Tally Solutions: a television within Karnataka
        (50_000_00, 1800, True, 42_372_88, 0, 7_627_12),  # the same to Maharashtra; printed as 7627
        (100_00, 1200, False, 89_28, 5_36, 0),  # CAclubindia: 5.36 each half of 100 at 12 %
        (118_00, 1800, False, 100_00, 9_00, 0),  # CGST Rules, rule 35: value * rate / (100 + rates)
        (112_00, 1200, True, 100_00, 0, 12_00),
        (-105_00, 500, False, -100_00, -2_50, 0),
        (1, 2800, False, 1, 0, 0),  # a paisa bears no tax that could be written
    ],
)
def test_published_examples_of_prices_that_hold_tax(
    amount: int, rate_bp: int, interstate: bool, taxable: int, half: int, igst: int
) -> None:
    [line], [rate] = tax_of_bill([TaxedLine(amount, rate_bp)], interstate=interstate)
    for part in (line, rate):
        assert (part.taxable_paise, part.cgst_paise, part.sgst_paise, part.igst_paise) == (
            taxable, half, half, igst,
        )  # fmt: skip


def test_tally_gets_value_and_tax_of_each_rate_and_every_way_of_payment(api: Any, tmp_path: Path) -> None:
    shop = api.sign_up()
    shop.add_customer()
    shop.add_item("shampoo", price_paise=105_00, hsn="3305")
    shop.add_item("gift", price_paise=20_00)
    lines = [{"item_id": item, "quantity_milli": 1_000} for item in ("shampoo", "gift")]
    parts = [{"kind": "upi", "paise": 100_00}, {"kind": "udhaar", "paise": 25_00}]
    sale = shop.post("/sales", {"lines": lines, "payments": parts, "customer_id": "ramesh"})
    back = {"lines": [{"item_id": "shampoo", "quantity_milli": 1_000}], "reason": "wrong scent"}
    shop.post(f"/sales/{sale['sale_id']}/returns", back)
    gone = shop.sell("gift")
    shop.post(f"/sales/{gone['sale_id']}/cancel", {"reason": "entered twice"})

    def exported(name: str) -> list[Any]:
        export_shop(api.wiring, shop.shop_id, tmp_path / name)
        with zipfile.ZipFile(tmp_path / name) as archive:
            found = ET.fromstring(archive.read("tally/sales.xml"))  # noqa: S314 (our own)
        return [
            [
                voucher.findtext("VOUCHERNUMBER"),
                {
                    e.findtext("LEDGERNAME"): e.findtext("AMOUNT")
                    for e in voucher.iter("ALLLEDGERENTRIES.LIST")
                },
            ]
            for voucher in found.iter("VOUCHER")
        ]

    bill, note = exported("regular.zip")
    assert bill == ["2025-26/1", {
        "UPI": "-100.00", "Ramesh": "-25.00", "Sales": "20.00", "Sales 5%": "100.00", "CGST 2.5%": "2.50",
        "SGST 2.5%": "2.50",
    }]  # fmt: skip
    assert note == ["CN2025-26/1", {
        "Ramesh": "25.00", "UPI": "80.00", "Sales 5%": "-100.00", "CGST 2.5%": "-2.50", "SGST 2.5%": "-2.50",
    }]  # fmt: skip
    shop.call("PATCH", "/auth/shop", {"tax_scheme": "composition"})
    assert exported("composition.zip")[0][1] == {"UPI": "-100.00", "Ramesh": "-25.00", "Sales": "125.00"}
