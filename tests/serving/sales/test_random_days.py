"""Random days through the API: lots, stock, cash, udhaar and numbers are recounted from the entries."""

import random
from collections import Counter
from typing import Any

import pytest

ITEMS = ("soap", "milk")
STEPS = 25


def a_day(shop: Any, dice: random.Random) -> Counter[str]:
    """Do what a shop does, some of it late, and return what money moved by way of payment."""
    moved: Counter[str] = Counter()
    bills: list[dict[str, Any]] = []
    for _ in range(STEPS):
        item, quantity = dice.choice(ITEMS), 1_000 * dice.randint(1, 4)
        line = {"item_id": item, "quantity_milli": quantity}
        late = (
            {"offline": True, "at": f"2026-03-10T0{dice.randint(1, 4)}:00:00Z"} if dice.random() < 0.3 else {}
        )
        match dice.randint(0, 6):
            case 0 | 1 | 2:
                bills.append(sell(shop, dice, line, late, moved))
            case 3 if bills:
                take_back(shop, dice, bills.pop(dice.randrange(len(bills))), moved)
            case 4:
                waste = {"item_id": item, "kind": "wastage", "quantity_milli": 1_000, **late}
                shop.post("/inventory/movements", {"movements": [waste]})
            case 5:
                at = {"at": late["at"]} if late else {}
                shop.post(
                    f"/inventory/items/{item}/counts", {"counted_milli": 1_000 * dice.randint(0, 9), **at}
                )
            case _:
                lot = {"quantity_milli": quantity, "expires_on": f"2026-03-{dice.randint(9, 20):02d}"}
                shop.post(f"/inventory/items/{item}/batches", lot)
    return moved


def sell(
    shop: Any, dice: random.Random, line: dict[str, Any], late: dict[str, Any], moved: Counter[str]
) -> dict[str, Any]:
    """Post a bill in parts."""
    total = line["quantity_milli"] // 1_000 * 10_00 - 1_00
    on_udhaar = dice.randint(0, total)
    parts = [
        {"kind": kind, "paise": p} for kind, p in (("udhaar", on_udhaar), ("cash", total - on_udhaar)) if p
    ]
    when = {"offline": True, "sold_at": late["at"]} if late else {"offline": True}
    body = {"lines": [line], "payments": parts, "discount_paise": 1_00, "customer_id": "ramesh"}
    sale: dict[str, Any] = shop.post("/sales", body | when)
    moved.update({part["kind"]: part["paise"] for part in parts})
    return sale


def take_back(shop: Any, dice: random.Random, sale: dict[str, Any], moved: Counter[str]) -> None:
    """Cancel a bill, or return a piece of it."""
    if dice.random() < 0.5:
        done = shop.post(f"/sales/{sale['sale_id']}/cancel", {"reason": "wrong"})
    else:
        one = {"item_id": sale["lines"][0]["item_id"], "quantity_milli": 1_000}
        done = shop.post(f"/sales/{sale['sale_id']}/returns", {"lines": [one], "reason": "torn"})
    moved.update({part["kind"]: part["paise"] for part in done["payments"]})


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_a_random_day_recounts(anywhere: Any, seed: int) -> None:
    dice = random.Random(seed)
    shop = anywhere.sign_up()
    shop.add_customer()
    for item in ITEMS:
        shop.add_item(item, stock=20_000, price_paise=10_00)
    moved = a_day(shop, dice)
    for item in ITEMS:
        on_hand = shop.on_hand(item)
        rows = shop.get(f"/inventory/items/{item}/movements?limit=200")["rows"]
        assert sum(row["quantity_milli"] for row in rows) == on_hand
        lots = shop.get(f"/inventory/items/{item}/batches")
        held = [lot["on_hand_milli"] for lot in lots["rows"]]
        assert min(held, default=0) >= 0
        assert sum(held) + lots["outside_lots_milli"] == max(on_hand, 0)
    day = shop.get("/sales/closing")
    assert day["expected_cash_paise"] == moved["cash"]
    assert shop.get("/udhaar/customers/ramesh")["balance_paise"] == moved["udhaar"]
    sales = shop.get("/sales?limit=200&lines=true")["rows"]
    assert all(sum(p["paise"] for p in sale["payments"]) == sale["total_paise"] for sale in sales)
    assert all(sum(n["amount_paise"] for n in sale["lines"]) == sale["total_paise"] for sale in sales)
    bills = sorted(sale["number"] for sale in sales if sale["returns"] is None)
    assert bills == list(range(1, len(bills) + 1))
    assert sum(sale["total_paise"] for sale in sales) == moved["cash"] + moved["udhaar"]
