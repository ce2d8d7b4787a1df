"""What every price store must do."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from samaan_ml.domain.price_messages import PriceAdvice, PriceCandidate
from serving.errors import Conflict, NotFound
from serving.ports.prices import PriceChange, PricePlan, PriceStore, SavedAdvice


def advice(now: datetime, advice_id: str) -> SavedAdvice:
    made = PriceAdvice(
        item_id="sugar",
        action="change",
        state="change",
        price_paise=4_600,
        grade="A",
        elasticity=-1.5,
        elasticity_lower=-2.0,
        elasticity_upper=-1.0,
        gain_paise_per_week=70,
        gain_lower_paise_per_week=7,
        gain_upper_paise_per_week=140,
        binding_rule=None,
        reasons=("मार्जिन",),
        candidates=(PriceCandidate(4_600, 1_000, 4_600, 600, True),),
        proof={"mrp_paise": 5_000},
    )
    return SavedAdvice(advice_id, "sugar", now, "v1", 4_500, made)


def a_change(now: datetime, change_id: str, **fields: Any) -> PriceChange:
    return PriceChange(change_id, "sugar", now, date(2026, 3, 10), 4_500, 4_600, "meena", "advice", **fields)


def test_advice_comes_back_and_is_settled_once(prices: PriceStore, shop_id: str, now: datetime) -> None:
    prices.save_advice(shop_id, ())
    prices.save_advice(shop_id, (advice(now, "a1"),))
    assert prices.advice(shop_id, "a1") == advice(now, "a1")
    prices.settle_advice(shop_id, "a1", "open", "accepted")
    assert prices.advice(shop_id, "a1") == replace(advice(now, "a1"), status="accepted")
    with pytest.raises(Conflict):
        prices.settle_advice(shop_id, "a1", "open", "accepted")
    with pytest.raises(NotFound):
        prices.advice(shop_id + "x", "a1")


def test_changes_are_kept_and_rolled_back_once(prices: PriceStore, shop_id: str, now: datetime) -> None:
    for number in range(3):
        prices.add_change(shop_id, a_change(now, f"c{number}"))
    prices.add_change(shop_id, a_change(now, "c3", rolls_back="c1"))
    with pytest.raises(Conflict):
        prices.add_change(shop_id, a_change(now, "c4", rolls_back="c1"))
    assert prices.change(shop_id, "c3").rolls_back == "c1"
    first = prices.changes(shop_id, None, 3, None)
    rest = prices.changes(shop_id, "sugar", 3, first.after)
    assert [change.change_id for change in (*first.rows, *rest.rows)] == ["c3", "c2", "c1", "c0"]
    assert prices.changes(shop_id, "salt", 3, None).rows == ()
    with pytest.raises(NotFound):
        prices.change(shop_id + "x", "c1")


def a_plan(now: datetime, plan_id: str, day: int, item_id: str = "sugar", **fields: Any) -> PricePlan:
    return PricePlan(
        plan_id, item_id, date(2026, 3, day), 4_600, 4_500, "festival price", "meena", now, **fields
    )


def test_a_plan_comes_back_and_one_waits_for_an_item_and_day(
    prices: PriceStore, shop_id: str, now: datetime
) -> None:
    plan = a_plan(now, "p1", 20, advice_id="a1")
    prices.add_plan(shop_id, plan)
    assert prices.plan(shop_id, "p1") == plan
    with pytest.raises(NotFound):
        prices.plan(shop_id + "x", "p1")
    with pytest.raises(Conflict) as refused:
        prices.add_plan(shop_id, a_plan(now, "p2", 20))
    assert refused.value.field == "from_on"
    prices.add_plan(shop_id, a_plan(now, "p2", 20, item_id="salt"))
    prices.settle_plan(shop_id, replace(plan, status="withdrawn", settled_at=now, outcome="misread"))
    prices.add_plan(shop_id, a_plan(now, "p3", 20))
    assert prices.plan(shop_id, "p1").outcome == "misread"


def test_a_plan_ends_once(prices: PriceStore, shop_id: str, now: datetime) -> None:
    plan = a_plan(now, "p1", 20)
    prices.add_plan(shop_id, plan)
    applied = replace(plan, status="applied", settled_at=now, change_id="c1")
    prices.settle_plan(shop_id, applied)
    assert prices.plan(shop_id, "p1") == applied
    for status in ("withdrawn", "applied"):
        with pytest.raises(Conflict):
            prices.settle_plan(shop_id, replace(applied, status=status))  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        prices.settle_plan(shop_id, a_plan(now, "nothing", 20))


def test_plans_to_come_are_found_by_day_and_item_and_shop(
    prices: PriceStore, shop_id: str, now: datetime
) -> None:
    for plan in (a_plan(now, "p1", 22), a_plan(now, "p2", 20), a_plan(now, "p3", 21, item_id="salt")):
        prices.add_plan(shop_id, plan)
    prices.add_plan(shop_id + "x", a_plan(now, "p1", 25))
    prices.settle_plan(shop_id, replace(a_plan(now, "p2", 20), status="applied", settled_at=now))

    def waiting(items: tuple[str, ...] | None, day: int) -> list[str]:
        return [each.plan_id for each in prices.waiting_plans(shop_id, items, date(2026, 3, day))]

    assert waiting(None, 31) == ["p3", "p1"]
    assert waiting(None, 21) == ["p3"]
    assert waiting(("sugar",), 31) == ["p1"]
    assert waiting((), 31) == []
    with_plans = prices.shops_with_plans(date(2026, 3, 22))
    assert shop_id in with_plans
    assert shop_id + "x" not in with_plans
    first = prices.plans(shop_id, None, 2, None)
    rest = prices.plans(shop_id, None, 2, first.after)
    assert [plan.plan_id for plan in (*first.rows, *rest.rows)] == ["p3", "p2", "p1"]
    assert [plan.plan_id for plan in prices.plans(shop_id, "salt", 9, None).rows] == ["p3"]
