"""Orders by supplier: over visits and holidays, in time, in packs, up to the minimum or with the reason why not."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from samaan_ml.domain.messages import ForecastRequest

TODAY = date(2026, 3, 10)  # a Tuesday; the clock says 10:30 in Kolkata
SUPPLIER: dict[str, Any] = {"name": "Sharma Distributors", "visit_weekdays": [3], "credit_days": 14}


@pytest.fixture
def counter(api: Any, predictor: Any) -> Iterator[Any]:
    """A shop that sold a unit of tea and of soap a day for a month; the tea is short, both come from one supplier."""
    predictor.up = True
    predictor.asked.clear()
    shop = api.sign_up(region=None)  # where the nineteenth, Ugadi, is a day like any other
    for item, stock, price, cost in (("tea", 31_000, 12_000, 10_000), ("soap", 50_000, 4_000, 3_000)):
        fields = {"price_paise": price, "cost_paise": cost, "supplier_id": "sharma", "pack_milli": 3_000}
        shop.add_item(item, stock=stock, **fields)
    for back in range(1, 31):
        lines = [{"item_id": item, "quantity_milli": 1_000} for item in ("tea", "soap")]
        shop.post("/sales", {"lines": lines, "sold_at": f"{TODAY - timedelta(days=back)}T06:00:00Z"})
    yield shop
    predictor.up = True


def save(shop: Any, **fields: Any) -> Any:
    answer = shop.call("PUT", "/inventory/suppliers/sharma", SUPPLIER | fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(shop: Any, query: str = "") -> tuple[Any, Any]:
    """The one order and its lines by item."""
    answer = shop.get(f"/forecast/reorder{query}")
    return answer["suppliers"], {row["item_id"]: row for row in answer["rows"]}


def test_a_suppliers_card_tells_the_next_visit_over_holidays_and_until_when_to_order(shop: Any) -> None:
    card = save(shop, visit_weekdays=[1], closed_on=["2026-03-17"])
    assert (card["next_visit_on"], card["next_order_visit_on"]) == ("2026-03-24", "2026-03-24")
    assert card["order_due_by"] == "2026-03-23T18:00:00+05:30"
    # Eid al-Fitr 2026 is on Saturday, 21 March.
    assert save(shop, visit_weekdays=[5], closed_on=["2026-03-14"])["next_visit_on"] == "2026-03-28"
    moved = save(shop, visit_weekdays=[5], closed_on=["2026-03-14"], on_holiday="next_day")
    assert moved["next_visit_on"] == "2026-03-15"
    late = save(shop, visit_weekdays=[2], order_by="10:00:00")  # tomorrow's order was due at ten
    assert (late["next_visit_on"], late["next_order_visit_on"]) == ("2026-03-11", "2026-03-18")
    assert shop.get("/inventory/suppliers")["rows"] == [late]
    assert save(shop, visit_weekdays=[])["order_due_by"] is None


def test_an_order_lasts_until_the_visit_after_next(counter: Any, predictor: Any) -> None:
    save(counter)  # Thursdays: the twelfth, which can still be ordered for, and the nineteenth
    orders, lines = listed(counter)
    [order] = orders
    assert (order["visit_on"], order["order_due_by"]) == ("2026-03-12", "2026-03-11T18:00:00+05:30")
    assert (order["horizon_days"], order["pay_by"]) == (9, "2026-03-26")
    assert isinstance(predictor.asked[-1], ForecastRequest)
    assert predictor.asked[-1].horizon_days == 9
    # 18 units at the ninetieth percentile, 1 on the shelf: six packs of three.
    assert lines["tea"]["arithmetic"]["demand_milli"] == 18_000
    assert (lines["tea"]["order_milli"], lines["tea"]["packs"]) == (18_000, 6)
    assert counter.get("/forecast/reorder?horizon_days=3")["suppliers"][0]["horizon_days"] == 3


def test_the_last_day_to_order_is_that_of_the_last_visit_before_the_stock_is_gone(counter: Any) -> None:
    save(counter, visit_weekdays=[3, 5])
    _, lines = listed(counter, "?horizon_days=25")
    # A unit of tea is left: it runs out tomorrow, before any visit. Soap lasts until the thirtieth.
    assert lines["tea"]["order_by"] == "2026-03-11"
    assert lines["soap"]["order_by"] == (date(2026, 3, 30) - timedelta(days=3)).isoformat()


def test_a_minimum_is_reached_by_the_packs_that_earn_most(counter: Any) -> None:
    save(counter, minimum_order_paise=200_000)
    [order], lines = listed(counter)
    assert (order["minimum"], order["needed_paise"], order["cost_paise"]) == ("filled", 180_000, 210_000)
    assert (lines["tea"]["added_milli"], lines["tea"]["order_milli"]) == (3_000, 21_000)
    assert order["cost_paise"] == sum(row["cost_paise"] for row in lines.values())
    plain, lines = listed(counter, "?fill_minimum=false")
    assert (plain[0]["minimum"], plain[0]["short_paise"]) == ("below", 20_000)
    assert "fill_minimum" in plain[0]["reason"]
    assert lines["tea"]["added_milli"] == 0


def test_a_minimum_out_of_reach_is_said_with_what_is_missing(counter: Any) -> None:
    save(counter, minimum_order_paise=10_000_000)
    [order], lines = listed(counter)
    assert (order["minimum"], order["short_paise"]) == ("below", 10_000_000 - 180_000)
    assert "wait for the next visit" in order["reason"]
    assert [lines["tea"]["added_milli"], set(lines)] == [0, {"tea"}]


def test_a_line_of_unknown_cost_leaves_the_minimum_open(counter: Any) -> None:
    counter.call("PATCH", "/inventory/items/tea", {"cost_paise": None})
    save(counter, minimum_order_paise=200_000)
    [order], lines = listed(counter)
    assert (order["minimum"], lines["tea"]["cost_paise"]) == ("cost_unknown", None)


@pytest.mark.parametrize(("lead_time_days", "horizon_days"), [(0, 7), (5, 12), (21, 28), (60, 28)])
def test_a_supplier_without_visit_days_is_ordered_for_his_lead_time_and_a_week(
    counter: Any, predictor: Any, lead_time_days: int, horizon_days: int
) -> None:
    save(counter, visit_weekdays=[], lead_time_days=lead_time_days)
    [order], lines = listed(counter)
    assert (order["visit_on"], order["horizon_days"]) == (None, horizon_days)
    assert predictor.asked[-1].horizon_days == horizon_days
    # Two units a day at the ninetieth percentile.
    assert lines["tea"]["arithmetic"]["demand_milli"] == horizon_days * 2_000
    assert listed(counter, "?horizon_days=3")[0][0]["horizon_days"] == 3


def test_items_without_a_known_supplier_are_ordered_for_their_lead_time_and_a_week(counter: Any) -> None:
    orders, lines = listed(counter)
    assert orders == []
    assert lines["tea"]["arithmetic"]["demand_milli"] == 9 * 2_000
    assert counter.get("/forecast/reorder?supplier_id=nobody")["rows"] == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"order_by": "25:00"}, "order_by"),
        ({"order_by": "10:00:00+05:30"}, "order_by"),
        ({"order_days_before": 29}, "order_days_before"),
        ({"closed_on": ["soon"]}, "closed_on.0"),
        ({"on_holiday": "maybe"}, "on_holiday"),
        ({"visit_weekdays": [7]}, "visit_weekdays.0"),
    ],
)
def test_a_round_that_cannot_be_is_refused_by_its_field(
    shop: Any, fields: dict[str, Any], field: str
) -> None:
    answer = shop.call("PUT", "/inventory/suppliers/sharma", SUPPLIER | fields)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_the_hours_are_the_shops_own(api: Any) -> None:
    far = api.sign_up(zone="America/New_York", region=None)
    card = save(far, visit_weekdays=[1], order_days_before=0, order_by="02:00:00")
    # In New York it is one in the morning of the same Tuesday.
    assert (card["next_visit_on"], card["next_order_visit_on"]) == ("2026-03-17", "2026-03-10")
    assert datetime.fromisoformat(card["order_due_by"]).isoformat() == "2026-03-10T02:00:00-04:00"
