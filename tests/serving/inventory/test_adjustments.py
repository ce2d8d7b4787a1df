"""What devices gathered offline: any order ends with the same stock, and each adjustment has its result."""

import random
from collections.abc import Callable
from typing import Any

import pytest

DAY = "2026-03-09T{:02}:00:00+05:30"


def an_adjustment(hour: int, kind: str, quantity: int, item_id: str = "sugar") -> dict[str, Any]:
    return {"item_id": item_id, "kind": kind, "quantity_milli": quantity, "at": DAY.format(hour)}


GATHERED = [
    an_adjustment(8, "purchase", 20_000),
    an_adjustment(9, "wastage", 3_000),
    an_adjustment(10, "count", 15_000),
    an_adjustment(11, "own_use", 1_000),
    an_adjustment(12, "purchase", 6_000),
    an_adjustment(13, "count", 19_500),
    an_adjustment(14, "theft", 500),
]


@pytest.mark.parametrize("seed", range(3))
def test_a_shuffled_batch_ends_with_the_same_stock(shop: Any, seed: int) -> None:
    shop.add_item(stock=0)
    shuffled = random.Random(seed).sample(GATHERED, len(GATHERED))
    done = shop.post("/inventory/adjustments", {"adjustments": shuffled})
    assert (done["applied"], done["refused"], shop.on_hand()) == (7, 0, 19_000)
    assert [row["place"] for row in done["results"]] == list(range(7))
    last = next(n for n, each in enumerate(shuffled) if each["kind"] == "theft")
    assert done["results"][last]["on_hand_milli"] == 19_000


def test_a_count_that_comes_late_says_nothing_of_what_moved_since(shop: Any) -> None:
    shop.add_item(stock=0)
    shop.post("/inventory/adjustments", {"adjustments": [an_adjustment(8, "purchase", 9_000)]})
    shop.sell(quantity=2_000, sold_at=DAY.format(12))
    done = shop.post("/inventory/adjustments", {"adjustments": [an_adjustment(10, "count", 8_000)]})
    assert done["results"][0]["change_milli"] == -1_000
    assert shop.on_hand() == 6_000


def test_one_bad_one_of_a_hundred_is_refused_alone_or_with_all(shop: Any) -> None:
    shop.add_item(stock=0)
    batch = [an_adjustment(8, "purchase", 1_000) for _ in range(99)]
    batch.insert(40, an_adjustment(8, "purchase", 1_000, "nothing"))
    refused = shop.post("/inventory/adjustments", {"adjustments": batch, "atomic": True}, 404)
    assert (refused["field"], shop.on_hand()) == ("adjustments.40.item_id", 0)
    done = shop.post("/inventory/adjustments", {"adjustments": batch})
    assert (done["applied"], done["refused"], shop.on_hand()) == (99, 1, 99_000)
    assert (done["results"][40]["status"], done["results"][40]["code"]) == ("refused", "not_found")


def test_a_hundred_and_first_is_refused(shop: Any) -> None:
    batch = [an_adjustment(8, "count", 0)] * 101
    assert (
        shop.post("/inventory/adjustments", {"adjustments": batch}, 422)["errors"][0]["field"]
        == "adjustments"
    )


def test_a_count_that_agrees_is_ignored_unless_it_is_to_be_kept(shop: Any) -> None:
    shop.add_item(stock=0)
    batch = {"adjustments": [an_adjustment(9, "count", 0)]}
    assert shop.post("/inventory/adjustments", batch)["results"][0]["status"] == "unchanged"
    assert shop.get("/inventory/items/sugar/movements")["rows"] == []
    kept = shop.post("/inventory/adjustments", batch | {"ignore_unchanged": False})
    assert kept["results"][0]["status"] == "applied"
    assert len(shop.get("/inventory/items/sugar/movements")["rows"]) == 1


def test_a_repeat_adds_nothing(shop: Any) -> None:
    shop.add_item(stock=0)
    body = {"adjustments": [an_adjustment(8, "purchase", 1_000)]}
    first = shop.post("/inventory/adjustments", body, key="same")
    assert shop.post("/inventory/adjustments", body, key="same") == first
    assert shop.on_hand() == 1_000


def test_the_future_and_a_shelf_below_none_are_refused_by_the_rules_of_the_shop(
    sign_up: Callable[..., Any],
) -> None:
    shop = sign_up(negative_stock="block")
    shop.add_item(stock=0)
    late = an_adjustment(8, "purchase", 1_000) | {"at": "2027-01-01T00:00:00Z"}
    done = shop.post("/inventory/adjustments", {"adjustments": [late, an_adjustment(9, "theft", 1_000)]})
    assert [row["code"] for row in done["results"]] == ["invalid_input", "out_of_stock"]
    assert shop.on_hand() == 0


def test_only_a_count_may_find_nothing(shop: Any) -> None:
    body = {"adjustments": [an_adjustment(8, "theft", 0)]}
    assert shop.post("/inventory/adjustments", body, 422)["errors"][0]["field"].startswith("adjustments.0")


def test_ten_and_one_free_cost_as_much_as_ten(shop: Any) -> None:
    shop.add_item(stock=0)
    move = {"item_id": "sugar", "kind": "purchase", "quantity_milli": 10_000, "unit_cost_paise": 1_100}
    entered = shop.post("/inventory/movements", {"movements": [move | {"free_milli": 1_000}]})
    assert (entered["stock"][0]["on_hand_milli"], entered["movements"][0]["unit_cost_paise"]) == (
        11_000,
        1_000,
    )
    assert shop.get("/inventory/items/sugar")["cost_paise"] == 1_000
    wrong = move | {"kind": "wastage", "free_milli": 1}
    shop.post("/inventory/movements", {"movements": [wrong]}, 422)
