"""What every price store must do."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from samaan_ml.domain.messages import PriceAdvice, PriceCandidate
from serving.errors import Conflict, NotFound
from serving.ports.prices import PriceChange, PriceStore, SavedAdvice


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
