"""The printed maximum holds at every door: what is dearer is refused by name, what is as dear or cheaper passes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samaan_ml.domain.printed_price import AboveMrpError, check_mrp, lowest_printed

PRINTED = 2_800
Ask = Callable[[Any, int], Any]


@pytest.fixture
def counter(shop: Any, predictor: Any) -> Any:
    """A shop with soap of two lots, the one that expires later printed lower, and a week of sales."""
    predictor.up = True
    predictor.asked.clear()
    shop.add_item("soap", price_paise=2_500, mrp_paise=4_000)
    for lot, day, mrp in (
        ("a", "2026-12-01", 3_900),
        ("b", "2027-01-01", PRINTED),
        ("c", "2027-02-01", None),
    ):
        body = {"batch_id": lot, "quantity_milli": 5_000, "expires_on": day, "mrp_paise": mrp}
        shop.post("/inventory/items/soap/batches", body)
    shop.post(
        "/sales", {"lines": [{"item_id": "soap", "quantity_milli": 1_000}], "sold_at": "2026-03-05T06:00:00Z"}
    )
    return shop


def new_item(shop: Any, price: int) -> Any:
    return shop.call("POST", "/inventory/items", {"name": "Tea", "price_paise": price, "mrp_paise": PRINTED})


def changed_item(shop: Any, price: int) -> Any:
    return shop.call("PATCH", "/inventory/items/soap", {"price_paise": price})


def set_price(shop: Any, price: int) -> Any:
    return shop.call("POST", "/pricing/items/soap/price", {"price_paise": price, "reason": "because"})


def planned_price(shop: Any, price: int) -> Any:
    body = {"price_paise": price, "from_on": "2026-03-12", "reason": "because"}
    return shop.call("POST", "/pricing/items/soap/planned-prices", body)


def sold(shop: Any, price: int) -> Any:
    line = {"item_id": "soap", "quantity_milli": 6_000, "unit_price_paise": price}  # of both lots
    return shop.call("POST", "/sales", {"lines": [line]})


def forecast_plan(shop: Any, price: int) -> Any:
    plan = {"from_on": "2026-03-11", "until_on": "2026-03-11", "price_paise": price}
    body = {"item_ids": ["soap"], "horizon_days": 3, "plans": [{"item_id": "soap", "prices": [plan]}]}
    return shop.call("POST", "/forecast", body)


DOORS: dict[str, tuple[Ask, str | None]] = {
    "a new item": (new_item, None),
    "a changed item": (changed_item, "price_paise"),
    "a price set by hand": (set_price, "price_paise"),
    "a planned price": (planned_price, "price_paise"),
    "a bill's line": (sold, "lines.0.unit_price_paise"),
    "a plan of a forecast": (forecast_plan, "plans.0.prices.0.price_paise"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("above", [1, 700, 10**8])
def test_a_price_above_the_printed_one_is_refused_by_name(counter: Any, door: str, above: int) -> None:
    ask, field = DOORS[door]
    answer = ask(counter, PRINTED + above)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "invalid_input"
    assert field is None or answer.json()["field"] == field


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("price", [PRINTED, PRINTED - 1])
def test_a_price_up_to_the_printed_one_passes(counter: Any, door: str, price: int) -> None:
    ask, _ = DOORS[door]
    assert ask(counter, price).status_code in (200, 201)


def test_goods_without_a_printed_price_have_no_ceiling() -> None:
    check_mrp(10**9, lowest_printed(None, [("loose", None)]))


def test_the_lot_that_binds_is_named() -> None:
    with pytest.raises(
        AboveMrpError, match=r"2801 paise is above the printed maximum of 2800, printed on lot 'b'"
    ):
        check_mrp(2_801, lowest_printed(3_000, [("a", 2_900), ("b", 2_800)]))


def test_no_other_module_compares_a_price_with_an_mrp(project_root: Path) -> None:
    """An MRP is compared elsewhere only with zero or a cost."""
    rule = re.compile(
        r"(?<!cost_paise)\s(?:>|<|>=|<=)\s[\w.]*mrp|mrp(?:_paise)?\s(?:>|<|>=|<=)\s(?!0)|min\([^)]*mrp"
    )
    found = [
        f"{path.relative_to(project_root)}:{number}"
        for part in ("serving", "samaan_ml/domain")
        for path in sorted((project_root / part).rglob("*.py"))
        if path.name not in {"printed_price.py", "gst_cut_over.py"}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if rule.search(line) and "cost" not in line
    ]
    assert found == []
