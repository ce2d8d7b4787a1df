"""A shop's days through the API: stock by lot, cash, udhaar and tax are recounted from the entries at the end."""

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

START = date(2026, 2, 10)
PRICES = {"shampoo": 10_500, "milk": 2_800, "rice": 5_000, "soap": 3_500}
HEADINGS = {"shampoo": "3305", "milk": "0401", "rice": "1006"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_month_recounts(api: Any, seed: int) -> None:
    dice = random.Random(seed)
    shop = api.sign_up()
    shop.call("PUT", "/inventory/suppliers/depot", {"name": "Depot", "visit_weekdays": [0, 3]})
    shop.add_customer()
    for item, price in PRICES.items():
        fields = {"hsn": HEADINGS[item]} if item in HEADINGS else {}
        shop.add_item(item, stock=0, price_paise=price, cost_paise=price // 2, supplier_id="depot", **fields)
    cash: Counter[str] = Counter()
    bills: list[dict[str, Any]] = []
    for n in range(28):
        day = START + timedelta(days=n)
        receive(shop, dice, day)
        bills.extend(sell(shop, dice, day, cash) for _ in range(dice.randint(1, 3)))
        disturb(shop, dice, day, bills, cash)
    check_stock(shop)
    check_money(shop, cash)
    check_tax(shop, bills)


def receive(shop: Any, dice: random.Random, day: date) -> None:
    """Order twice a week, and take what comes with its expiry."""
    if day.weekday() not in (0, 3):
        return
    lines = [{"item_id": item, "quantity_milli": 1_000 * dice.randint(5, 12)} for item in PRICES]
    order = shop.post("/orders/draft", {"supplier_id": "depot", "lines": lines})
    path = f"/orders/{order['order_id']}"
    shop.post(f"{path}/place", {})
    came = [
        line | {"expires_on": str(day + timedelta(days=dice.randint(2, 20)))}
        for line in lines[: dice.randint(2, 4)]
    ]
    done = shop.post(f"{path}/receipts", {"lines": came, "complete": True, "at": f"{day}T03:00:00Z"})
    assert done["order"]["state"] == "received"


def sell(shop: Any, dice: random.Random, day: date, cash: Counter[str]) -> dict[str, Any]:
    """Post a bill of the day, some of them on udhaar."""
    items = dice.sample(sorted(PRICES), dice.randint(1, 3))
    lines = [{"item_id": item, "quantity_milli": 1_000 * dice.randint(1, 3)} for item in items]
    payment = dice.choice(["cash", "cash", "upi", "udhaar"])
    more = {"customer_id": "ramesh"} if payment == "udhaar" else {}
    body = {"lines": lines, "payment": payment, "sold_at": f"{day}T06:00:00Z", "offline": True}
    sale: dict[str, Any] = shop.post("/sales", body | more)
    cash[payment] += sale["total_paise"]
    return sale


def disturb(
    shop: Any, dice: random.Random, day: date, bills: list[dict[str, Any]], cash: Counter[str]
) -> None:
    """Waste, count, take back and collect."""
    item = dice.choice(sorted(PRICES))
    match dice.randint(0, 4):
        case 0:
            move = {"item_id": item, "kind": "wastage", "quantity_milli": 1_000, "at": f"{day}T12:00:00Z"}
            shop.post("/inventory/movements", {"movements": [move | {"offline": True}]})
        case 1:
            at = f"{day}T13:00:00Z"
            shop.post(
                f"/inventory/items/{item}/counts", {"counted_milli": 1_000 * dice.randint(0, 9), "at": at}
            )
        case 2:
            sale = dice.choice(bills)
            line = sale["lines"][0]
            back = {"lines": [{"item_id": line["item_id"], "quantity_milli": line["quantity_milli"]}]}
            answer = shop.call("POST", f"/sales/{sale['sale_id']}/returns", back | {"reason": "stale"})
            if answer.status_code == 201:
                cash[sale["payment"]] += answer.json()["total_paise"]
                bills.append(answer.json())
        case 3:
            shop.post("/udhaar/customers/ramesh/payments", {"amount_paise": 5_000, "at": f"{day}T14:00:00Z"})
            cash["collected"] += 5_000


def check_stock(shop: Any) -> None:
    """Recount each item and its lots from the movements."""
    for item in PRICES:
        rows = shop.get(f"/inventory/items/{item}/movements?limit=200")["rows"]
        on_hand = sum(row["quantity_milli"] for row in rows)
        assert shop.on_hand(item) == on_hand
        by_lot: Counter[str] = Counter()
        for row in rows:
            if row["batch_id"] is not None:
                by_lot[row["batch_id"]] += row["quantity_milli"]
        listed = shop.get(f"/inventory/items/{item}/batches")
        lots = {row["batch_id"]: row["on_hand_milli"] for row in listed["rows"]}
        assert lots == {lot: milli for lot, milli in by_lot.items() if milli}
        assert sum(lots.values()) <= max(on_hand, 0)
        assert listed["outside_lots_milli"] == max(on_hand, 0) - sum(lots.values())
        assert all(milli > 0 for milli in lots.values())


def check_money(shop: Any, cash: Counter[str]) -> None:
    """Recount what was taken and what is owed."""
    assert shop.get("/udhaar/customers/ramesh")["balance_paise"] == cash["udhaar"] - cash["collected"]
    days = shop.get("/sales/summary?days=60")
    assert days["amount_paise"] == cash["cash"] + cash["upi"] + cash["udhaar"]


def check_tax(shop: Any, bills: list[dict[str, Any]]) -> None:
    """Recount the tax of the month from its bills."""
    found = shop.get("/sales/gst?start=2026-02-01&end=2026-03-31")
    sums: Counter[int] = Counter()
    for bill in bills:
        tax = shop.get(f"/sales/{bill['sale_id']}/tax")
        for row in tax["rates"]:
            sums[row["rate_bp"]] += row["cgst_paise"]
            parts = row["taxable_paise"] + row["cgst_paise"] + row["sgst_paise"] + row["igst_paise"]
            assert parts == row["amount_paise"]
    assert {row["rate_bp"]: row["cgst_paise"] for row in found["consumers"]} == dict(sums)
    amounts = sum(row["amount_paise"] for row in (*found["consumers"], *found["without_rate"]))
    assert amounts == found["total_paise"] == sum(bill["total_paise"] for bill in bills)
