"""The till: bills paid in parts, discounts, numbers, cancellations, and the drawer at the end of the day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.domain.bill_payments import refund_parts
from samaan_ml.domain.bill_tax import TaxedLine, tax_of_bill
from samaan_ml.domain.money import shared_out


def a_bill(quantity: int = 1_000, item_id: str = "sugar", **fields: Any) -> dict[str, Any]:
    return {"lines": [{"item_id": item_id, "quantity_milli": quantity}], **fields}


def in_parts(**paise: int) -> list[dict[str, Any]]:
    return [{"kind": kind, "paise": each} for kind, each in paise.items()]


def test_a_bill_is_paid_in_parts_and_only_the_part_on_udhaar_is_owed(anywhere: Any) -> None:
    shop = anywhere.sign_up()
    shop.add_item(price_paise=100_00)
    shop.add_customer()
    parts = in_parts(cash=150_00, upi=50_00, udhaar=100_00)
    sale = shop.post("/sales", a_bill(3_000, payments=parts, customer_id="ramesh"))
    assert (sale["payment"], sale["payments"], sale["total_paise"]) == ("split", parts, 300_00)
    assert sale["credit"]["balance_paise"] == 100_00
    assert shop.get(f"/sales/{sale['sale_id']}")["payments"] == parts
    day = shop.get("/sales/closing")
    assert day["sold"] == {"cash": 150_00, "upi": 50_00, "udhaar": 100_00}
    assert (day["expected_cash_paise"], day["udhaar_collected_paise"]) == (150_00, 0)
    assert shop.get("/home")["today"]["by_payment"] == day["sold"]
    for payment, found in (("cash", 1), ("upi", 1), ("udhaar", 1), ("split", 1), ("card", 0)):
        assert len(shop.get(f"/sales?payment={payment}")["rows"]) == found
    # Goods worth 140 come back: what is owed for them falls first, the rest goes back in cash.
    shop.call("PATCH", "/inventory/items/sugar", {"price_paise": 1_00})
    back = {"lines": [{"item_id": "sugar", "quantity_milli": 1_400}], "reason": "too much"}
    returned = shop.post(f"/sales/{sale['sale_id']}/returns", back)
    assert returned["payments"] == in_parts(cash=-40_00, udhaar=-100_00)
    assert returned["credit"]["balance_paise"] == 0
    assert shop.get("/sales/closing")["expected_cash_paise"] == 110_00
    rest = {"lines": [{"item_id": "sugar", "quantity_milli": 1_600}], "reason": "all of it"}
    assert shop.post(f"/sales/{sale['sale_id']}/returns", rest)["payments"] == in_parts(
        cash=-110_00, upi=-50_00
    )
    assert shop.get(f"/sales/{sale['sale_id']}")["state"] == "returned"
    assert shop.get("/sales/closing")["expected_cash_paise"] == 0


def test_parts_that_do_not_sum_to_the_bill_are_refused_with_what_is_missing(shop: Any) -> None:
    shop.add_item(price_paise=100_00)
    short = shop.post("/sales", a_bill(payments=in_parts(cash=60_00, upi=30_00)), 422)
    assert (short["field"], short["hint"]) == ("payments", "Rs 10.00 are missing")
    over = shop.post("/sales", a_bill(payments=in_parts(cash=60_00, card=50_00)), 422)
    assert over["hint"] == "Rs 10.00 are too much"
    twice = shop.post("/sales", a_bill(payments=[*in_parts(upi=60_00), *in_parts(upi=40_00)]))
    assert (twice["payment"], twice["payments"]) == ("upi", in_parts(upi=100_00))
    contrary = a_bill(payment="card", payments=in_parts(cash=60_00, upi=40_00))
    assert shop.post("/sales", contrary, 422)["field"] == "payment"
    owed = a_bill(payments=in_parts(cash=60_00, udhaar=40_00))
    assert shop.post("/sales", owed, 422)["field"] == "customer_id"
    assert shop.post("/sales", a_bill(payments=in_parts(cash=0)), 422)["field"] == "payments.0.paise"
    assert shop.on_hand() == 99_000


def test_a_limit_counts_only_what_goes_on_udhaar(api: Any) -> None:
    shop = api.sign_up(over_limit="block")
    shop.add_item(price_paise=100_00)
    shop.add_customer(limit_paise=50_00)
    within = a_bill(payments=in_parts(cash=50_00, udhaar=50_00), customer_id="ramesh")
    shop.post("/sales", within)
    assert shop.post("/sales", within, 409)["code"] == "credit_limit_exceeded"


def test_a_discount_on_the_bill_is_shared_out_and_its_tax_is_on_what_was_paid(shop: Any) -> None:
    shop.add_item("shampoo", price_paise=105_00, hsn="3305")
    shop.add_item("milk", price_paise=33_33)
    lines = [{"item_id": "shampoo", "quantity_milli": 2_000}, {"item_id": "milk", "quantity_milli": 1_000}]
    sale = shop.post("/sales", {"lines": lines, "discount_paise": 43_33})
    # 43.33 of 243.33: shampoo bears 43.33 * 210 / 243.33 = 37.395, milk 5.935; the paisa goes to the larger remainder.
    assert [line["discount_paise"] for line in sale["lines"]] == [37_39, 5_94]
    assert (sale["total_paise"], sale["discount_paise"]) == (200_00, 43_33)
    [rate] = shop.get(f"/sales/{sale['sale_id']}/tax")["rates"]
    # 172.61 at 5 % inclusive: 172.61 * 2.5 / 105 = 4.1098 each half.
    assert (rate["amount_paise"], rate["cgst_paise"], rate["taxable_paise"]) == (172_61, 4_11, 164_39)
    too_much = {"lines": lines, "discount_paise": 243_34}
    assert shop.post("/sales", too_much, 422)["field"] == "discount_paise"
    free = shop.post("/sales", {"lines": lines, "discount_paise": 243_33})
    assert (free["total_paise"], free["payments"]) == (0, [])


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12), st.data())
@settings(max_examples=40)
def test_shares_sum_to_the_whole_and_no_line_falls_below_zero(amounts: list[int], data: Any) -> None:
    total = sum(amounts)
    discount = data.draw(st.integers(0, total))
    parts = shared_out(discount, amounts)
    assert sum(parts) == discount if total else set(parts) == {0}
    assert all(0 <= part <= amount for part, amount in zip(parts, amounts, strict=True))
    assert [-part for part in parts] == shared_out(-discount, [-amount for amount in amounts])


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from([0, 500, 1800, 4000])), min_size=1, max_size=9)
)
@settings(max_examples=40)
def test_a_credit_note_of_all_has_the_tax_of_its_bill(lines: list[tuple[int, int]]) -> None:
    bill, _ = tax_of_bill([TaxedLine(paise, rate) for paise, rate in lines])
    note, _ = tax_of_bill([TaxedLine(-paise, rate) for paise, rate in lines])
    assert [line.cgst_paise for line in note] == [-line.cgst_paise for line in bill]
    assert [line.taxable_paise for line in note] == [-line.taxable_paise for line in bill]


@given(st.dictionaries(st.sampled_from(["cash", "upi", "card", "udhaar"]), st.integers(1, 10**6)), st.data())
@settings(max_examples=40)
def test_refunds_never_pass_what_was_paid_in_any_way(paid: dict[Any, int], data: Any) -> None:
    refunded: dict[Any, int] = {}
    left = sum(paid.values())
    for last in (False, False, True):
        amount = left if last else data.draw(st.integers(0, left))
        for kind, paise in refund_parts(paid, refunded, amount).items():
            refunded[kind] = refunded.get(kind, 0) + paise
        left -= amount
    assert refunded == paid


def test_a_cancelled_bill_gives_everything_back_and_keeps_its_number(anywhere: Any) -> None:
    shop = anywhere.sign_up()
    shop.add_item(price_paise=100_00, stock=0)
    shop.add_customer()
    lot = {"batch_id": "june", "quantity_milli": 5_000, "expires_on": "2026-06-30"}
    shop.post("/inventory/items/sugar/batches", lot)
    parts = in_parts(cash=100_00, udhaar=200_00)
    sale = shop.post("/sales", a_bill(3_000, payments=parts, customer_id="ramesh"))
    path, body = f"/sales/{sale['sale_id']}/cancel", {"reason": "entered twice"}
    undone = shop.post(path, body, key="undo")
    assert shop.post(path, body, key="undo") == undone
    assert (undone["state"], undone["returns"], undone["reason"]) == (
        "cancellation", sale["sale_id"], "entered twice",
    )  # fmt: skip
    assert (undone["total_paise"], undone["bill_number"], undone["credit"]["balance_paise"]) == (
        -300_00,
        None,
        0,
    )
    assert shop.on_hand() == 5_000
    assert [row["on_hand_milli"] for row in shop.get("/inventory/items/sugar/batches")["rows"]] == [5_000]
    kinds = [row["kind"] for row in shop.get("/udhaar/customers/ramesh/entries")["rows"]]
    assert sorted(kinds) == ["credit", "reversal"]
    day = shop.get("/sales/closing")
    assert (day["bills"], day["cancelled"], day["sold"], day["expected_cash_paise"]) == (0, 1, {}, 0)
    stands = shop.get(f"/sales/{sale['sale_id']}")
    assert (stands["state"], stands["number"], stands["total_paise"]) == ("cancelled", 1, 300_00)
    assert [row["sale_id"] for row in shop.get("/sales?state=cancelled")["rows"]] == [sale["sale_id"]]
    again = shop.post(path, body, 409)
    assert "cancelled already" in again["detail"]
    shop.post(f"/sales/{sale['sale_id']}/returns", a_bill(reason="late"), 409)
    on = sale["sold_on"]
    assert shop.get(f"/sales/gst?start={on}&end={on}")["bills"] == 0
    assert shop.post("/sales", a_bill())["number"] == 2


def test_a_bill_is_cancelled_on_its_own_day_and_whole(shop: Any, api: Any) -> None:
    shop.add_item()
    old = shop.post("/sales", a_bill(sold_at="2026-03-09T05:00:00Z"))
    late = shop.post(f"/sales/{old['sale_id']}/cancel", {"reason": "wrong"}, 409)
    assert "returns" in late["hint"]
    part = shop.sell(quantity=2_000)
    back = shop.post(f"/sales/{part['sale_id']}/returns", a_bill(reason="one is torn"))
    assert shop.post(f"/sales/{part['sale_id']}/cancel", {"reason": "wrong"}, 409)["field"] == "sale_id"
    assert shop.post(f"/sales/{back['sale_id']}/cancel", {"reason": "wrong"}, 409)["field"] == "sale_id"
    assert shop.post(f"/sales/{part['sale_id']}/cancel", {"reason": "  "}, 422)["field"] == "reason"
    assert shop.post("/sales/nothing/cancel", {"reason": "wrong"}, 404)["code"] == "not_found"
    assert api.sign_up().post(f"/sales/{part['sale_id']}/cancel", {"reason": "wrong"}, 404)


def test_an_entry_that_the_owner_took_back_before_is_not_taken_back_twice(shop: Any) -> None:
    shop.add_item(price_paise=100_00)
    shop.add_customer()
    sale = shop.sell(payment="udhaar", customer_id="ramesh")
    shop.post(f"/udhaar/entries/{sale['credit']['entry_id']}/reversal", {"reason": "wrong customer"})
    undone = shop.post(f"/sales/{sale['sale_id']}/cancel", {"reason": "wrong customer"})
    assert undone["credit"]["balance_paise"] == 0


def test_numbers_run_by_financial_year_and_credit_notes_have_their_own(shop: Any) -> None:
    shop.add_item()
    numbers = []
    for day in ("2025-03-31", "2026-03-10", "2025-04-01", "2025-03-30"):
        sale = shop.post("/sales", a_bill(sold_at=f"{day}T06:00:00Z", offline=True))
        numbers.append((sale["bill_number"], sale["number"], sale["financial_year"]))
    assert numbers == [
        ("2024-25/1", 1, "2024-25"), ("2025-26/1", 1, "2025-26"), ("2025-26/2", 2, "2025-26"),
        ("2024-25/2", 2, "2024-25"),
    ]  # fmt: skip
    # Half past midnight in India on 1 April is still 31 March in UTC.
    eve = shop.post("/sales", a_bill(sold_at="2025-03-31T19:00:00Z", offline=True))
    assert eve["bill_number"] == "2025-26/3"
    shop.post("/sales", a_bill(1_000, "nothing"), 404)
    sale = shop.post("/sales", a_bill())
    assert sale["number"] == 4
    back = shop.post(f"/sales/{sale['sale_id']}/returns", a_bill(reason="torn"))
    assert back["bill_number"] == "CN2025-26/1"


def test_many_tills_at_once_leave_neither_gaps_nor_doubles(anywhere: Any) -> None:
    shop = anywhere.sign_up(negative_stock="block")
    shop.add_item(stock=10_000)

    def sell(_: int) -> int | None:
        answer = shop.call("POST", "/sales", a_bill())
        return answer.json()["number"] if answer.status_code == 201 else None

    with ThreadPoolExecutor(4) as tills:
        numbers = list(tills.map(sell, range(14)))
    given = sorted(number for number in numbers if number is not None)
    assert given == list(range(1, len(given) + 1))
    assert len(given) == 10 - shop.on_hand() // 1_000


def test_what_was_counted_is_kept_beside_what_is_computed(shop: Any, api: Any) -> None:
    shop.add_item(price_paise=100_00)
    shop.add_customer()
    shop.sell()
    body = {"opening_paise": 500_00, "counted_paise": 590_00, "note": "ten are missing"}
    first = shop.post("/sales/closings", body, key="evening")
    assert shop.post("/sales/closings", body, key="evening") == first
    assert (first["expected_paise"], first["difference_paise"]) == (600_00, -10_00)
    assert (first["counted_by"], first["counted_by_name"]) == (shop.user_id, "Somebody")
    shop.sell()
    second = shop.post("/sales/closings", {"opening_paise": 500_00, "counted_paise": 700_00})
    day = shop.get("/sales/closing")
    assert day["closings"] == [first, second]
    assert (day["opening_paise"], day["counted_paise"], day["difference_paise"]) == (500_00, 700_00, 0)
    on = first["on"]
    assert shop.get(f"/sales/closings?start={on}&end={on}")["rows"] == [first, second]
    for method in ("PUT", "PATCH", "DELETE"):
        assert shop.call(method, f"/sales/closings/{first['closing_id']}", {}).status_code in (404, 405)
    assert shop.post("/sales/closings", {"on": "2099-01-01", "counted_paise": 1}, 422)["field"] == "on"
    viewer = api.sign_up("viewer", of=shop)
    assert viewer.post("/sales/closings", {"counted_paise": 1}, 403)["code"] == "forbidden"


def test_a_payment_that_is_taken_back_leaves_the_drawer_and_a_note_fools_nobody(shop: Any) -> None:
    shop.add_customer()
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 500_00})
    note = {"amount_paise": 70_00, "note": "return of bill 7"}
    shop.post("/udhaar/customers/ramesh/payments", note)
    wrong = shop.post("/udhaar/customers/ramesh/payments", {"amount_paise": 200_00})
    assert shop.get("/sales/closing")["udhaar_collected_paise"] == 270_00
    shop.post(f"/udhaar/entries/{wrong['entry']['entry_id']}/reversal", {"reason": "never came"})
    assert shop.get("/sales/closing")["udhaar_collected_paise"] == 70_00


def test_bills_are_listed_by_day_customer_payment_and_state_together(shop: Any) -> None:
    shop.add_item()
    shop.add_customer()
    yesterday = (datetime(2026, 3, 9, 5, tzinfo=UTC) - timedelta(hours=1)).isoformat()
    old = shop.post("/sales", a_bill(sold_at=yesterday, payment="udhaar", customer_id="ramesh"))
    shop.sell(payment="udhaar", customer_id="ramesh")
    shop.sell(payment="upi")
    found = shop.get("/sales?on=2026-03-09&customer_id=ramesh&payment=udhaar&state=posted")["rows"]
    assert [row["sale_id"] for row in found] == [old["sale_id"]]
    assert shop.get("/sales?state=gone", 422)["field"] == "state"


def test_goods_are_sold_in_other_units_with_exact_amounts(shop: Any) -> None:
    shop.add_item("banana", price_paise=5_00, pack_milli=24_000)
    shop.add_item("rice", price_paise=45_50, stock=100_000)
    lines = [
        {"item_id": "banana", "quantity_milli": 1_500, "unit": "dozen", "unit_price_paise": 50_00},
        {"item_id": "banana", "quantity_milli": 1_000, "unit": "case"},
        {
            "item_id": "banana",
            "quantity_milli": 2_000,
            "unit": "pack",
            "pack_of": 6,
            "unit_price_paise": 28_01,
        },
        {"item_id": "rice", "quantity_milli": 250_000, "unit": "g"},
        {"item_id": "banana", "quantity_milli": 2_000, "unit": "दर्जन"},
    ]
    sale = shop.post("/sales", {"lines": lines})
    told = [
        (row["quantity_milli"], row["unit"], row["unit_price_paise"], row["amount_paise"])
        for row in sale["lines"]
    ]
    assert told == [
        (18_000, "dozen", 50_00, 75_00),  # a dozen at 50 is no whole number of paise a piece
        (24_000, "case", 120_00, 120_00),
        (12_000, "pack", 28_01, 56_02),
        (250, None, 45_50, 11_38),  # a gram at 4.55 paise: priced by the kilogram
        (24_000, "दर्जन", 60_00, 120_00),
    ]
    assert (shop.on_hand("banana"), shop.on_hand("rice")) == (22_000, 99_750)
    back = {"lines": [{"item_id": "rice", "quantity_milli": 250}], "reason": "wet"}
    assert shop.post(f"/sales/{sale['sale_id']}/returns", back)["total_paise"] == -11_38


def test_units_that_do_not_fit_are_named_with_a_way_out(shop: Any) -> None:
    shop.add_item("soap")
    shop.add_item("rice")
    for item_id, more, field, hint in (
        ("soap", {"unit": "kg"}, "lines.0.unit", "piece"),
        ("soap", {"unit": "parrot"}, "lines.0.unit", "dozen"),
        ("soap", {"unit": "case"}, "lines.0.unit", "pack_of"),
        ("soap", {"unit": "dozen", "pack_of": 6}, "lines.0.unit", "pack_of"),
        ("soap", {"quantity_milli": 1_500}, "lines.0.quantity_milli", "whole"),
        ("soap", {"unit": "dozen", "quantity_milli": 1_100}, "lines.0.quantity_milli", "whole"),
        ("rice", {"unit": "g", "quantity_milli": 1_500}, "lines.0.quantity_milli", "round"),
    ):
        line = {"item_id": item_id, "quantity_milli": 1_000} | more
        refused = shop.post("/sales", {"lines": [line]}, 422)
        assert (refused["field"], hint in refused["hint"]) == (field, True), more
    assert (
        shop.post("/inventory/items/soap/counts", {"counted_milli": 1_500}, 422)["field"] == "counted_milli"
    )
    waste = {"movements": [{"item_id": "soap", "kind": "wastage", "quantity_milli": 500}]}
    assert shop.post("/inventory/movements", waste, 422)["field"] == "movements.0.quantity_milli"
    shop.post("/inventory/items/soap/batches", {"quantity_milli": 1_500}, 422)
    shop.post("/inventory/items", {"name": "Comb", "price_paise": 1, "opening_stock_milli": 500}, 422)
    bill = {"sale_id": "half", "lines": [{"item_id": "soap", "quantity_milli": 500}]}
    good = {"sale_id": "whole", "lines": [{"item_id": "soap", "quantity_milli": 1_000}]}
    done = shop.post("/sales/batch", {"sales": [bill, good]})
    assert [each["status"] for each in done["results"]] == ["refused", "applied"]
    assert done["results"][0]["field"] == "lines.0.quantity_milli"


def test_a_late_bill_without_a_price_takes_the_price_of_its_own_time(shop: Any, api: Any) -> None:
    shop.add_item("soap", price_paise=30_00)
    start = api.clock.instant
    try:
        for minutes, price in ((2, 32_00), (5, 35_00)):
            api.clock.instant = start + timedelta(minutes=minutes)
            shop.call("PATCH", "/inventory/items/soap", {"price_paise": price})
        api.clock.instant = start + timedelta(minutes=8)
        for minutes, price in ((-60, 30_00), (1, 30_00), (3, 32_00), (6, 35_00)):
            at = (start + timedelta(minutes=minutes)).isoformat()
            sale = shop.post("/sales", a_bill(1_000, "soap", sold_at=at, offline=True))
            assert sale["lines"][0]["unit_price_paise"] == price, minutes
            assert ("price_changed" in sale["flags"]) == (price != 35_00)
        assert shop.post("/sales", a_bill(1_000, "soap"))["total_paise"] == 35_00
    finally:
        api.clock.instant = start
