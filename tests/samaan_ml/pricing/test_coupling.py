"""Coupled prices: against brute force, against HiGHS, against the bound."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.domain.price_ladder import LadderBand, PriceLadder
from samaan_ml.domain.pricing import PriceProof, PriceRules, verify
from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing import ChangeBudget, PriceImage, PriceOptimizer

RULES = PriceRules(
    max_change_bp=1_000, min_gain_paise_per_week=100, ladder=PriceLadder((LadderBand(0, 500, (0,)),))
)
ON = "2026-03-01"


def a_shop(count: int, categories: int, seed: int) -> dict[str, Any]:
    """A random shop."""
    rng = np.random.default_rng(seed)
    keys = pd.DataFrame({"shop_id": "s", "item_id": [f"i{k:05d}" for k in range(count)]})
    price = rng.integers(12, 30, count) * 5.0
    mean = -rng.uniform(0.5, 4.0, count)
    return {
        "elasticities": keys.assign(
            elasticity=mean, std_error=0.1, lower=mean - 0.2, upper=np.minimum(mean + 0.2, 0.0), grade="A"
        ),
        "prices": keys.assign(
            date="2025-01-05", unit_price=price, unit_cost=price * rng.uniform(0.4, 0.9, count)
        ),
        "items": pd.DataFrame(
            {
                "item_id": keys["item_id"],
                "category": rng.integers(0, categories, count).astype(str),
                "gst_percent": 0.0,
            }
        ),
        "demand": keys.assign(units=rng.uniform(1.0, 30.0, count)),
    }


def image_of(shop: dict[str, Any], answer: pd.DataFrame) -> pd.Series:
    """Relative rise of each category's average price, weighted by sales today."""
    sold = shop["demand"]["units"] * answer["current_price_paise"]
    rise = sold * (answer["price_paise"] / answer["current_price_paise"] - 1.0)
    category = shop["items"]["category"]
    return rise.groupby(category).sum() / sold.groupby(category).sum()


def brute_force(shop: dict[str, Any], couplings: tuple[Any, ...]) -> float:
    """Best total gain a day over every combination of legal prices, in paise."""
    optimizer = PriceOptimizer(RULES)
    options = []
    for item in shop["prices"]["item_id"]:
        table = optimizer.what_if(
            shop["elasticities"], shop["prices"], "s", item, items=shop["items"], demand=shop["demand"], on=ON
        )
        now = round(float(shop["prices"].set_index("item_id").loc[item, "unit_price"]) * 100)
        allowed = table[
            table["legal"] & ((table["gain_paise"] * 7.0 >= 100.0) | (table["price_paise"] == now))
        ]
        options.append(list(zip(allowed["price_paise"], allowed["gain_paise"], strict=True)))
    now_paise = (shop["prices"]["unit_price"] * 100.0).round()
    best = 0.0
    for combination in product(*options):
        answer = pd.DataFrame(
            {"current_price_paise": now_paise, "price_paise": [price for price, _ in combination]}
        )
        fits = True
        for coupling in couplings:
            if isinstance(coupling, ChangeBudget):
                changes = int((answer["price_paise"] != answer["current_price_paise"]).sum())
                fits &= changes <= coupling.changes
            else:
                fits &= bool((image_of(shop, answer) <= coupling.max_rise_ratio + 1e-9).all())
        if fits:
            best = max(best, sum(gain for _, gain in combination))
    return best


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "couplings", [(PriceImage(0.01),), (ChangeBudget(2),), (PriceImage(0.01), ChangeBudget(2))], ids=str
)
def test_the_exact_solver_equals_brute_force_and_the_relaxation_stays_below_it(
    seed: int, couplings: tuple[Any, ...]
) -> None:
    shop = a_shop(4, 2, seed)
    best = brute_force(shop, couplings)
    reached = {
        solver: PriceOptimizer(RULES, couplings=couplings, solver=solver)
        .recommend(**shop, on=ON)
        .attrs["coupling"]
        for solver in ("exact", "lagrangian")
    }
    assert reached["exact"]["value"] == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert reached["lagrangian"]["value"] <= best + 1e-6
    assert reached["lagrangian"]["bound"] >= best - 1e-6


@given(st.integers(0, 10**6), st.floats(0.0, 0.05), st.none() | st.integers(0, 40))
@settings(max_examples=15)
def test_no_coupled_choice_breaks_a_limit_or_a_rule(seed: int, rise: float, changes: int | None) -> None:
    shop = a_shop(60, 4, seed)
    couplings: list[Any] = [PriceImage(rise)] + ([] if changes is None else [ChangeBudget(changes)])
    answer = PriceOptimizer(RULES, couplings=couplings).recommend(**shop, on=ON)
    assert (image_of(shop, answer) <= rise + 1e-9).all()
    assert changes is None or int((answer["action"] == "change").sum()) <= changes
    assert all(verify(PriceProof.from_text(proof), RULES) == () for proof in answer["proof"])
    reached = answer.attrs["coupling"]
    assert reached["value"] <= reached["bound"] * (1.0 + 1e-9) + 1e-6


@pytest.mark.parametrize("couplings", [(PriceImage(0.0),), (PriceImage(0.0), ChangeBudget(600))], ids=str)
def test_many_items_come_close_to_the_bound(couplings: tuple[Any, ...]) -> None:
    reached = (
        PriceOptimizer(RULES, couplings=couplings).recommend(**a_shop(3_000, 30, 0), on=ON).attrs["coupling"]
    )
    assert reached["value"] >= 0.998 * reached["bound"]
    assert reached["bound"] <= reached["linear_bound"]


@pytest.mark.parametrize("seed", range(3))
def test_images_and_a_budget_together_are_nearly_as_good_as_the_exact_answer(seed: int) -> None:
    couplings, shop = (PriceImage(0.0), ChangeBudget(12)), a_shop(40, 2, seed)
    values = [
        PriceOptimizer(RULES, couplings=couplings, solver=solver)
        .recommend(**shop, on=ON)
        .attrs["coupling"]["value"]
        for solver in ("lagrangian", "exact")
    ]
    assert 0.99 * values[1] <= values[0] <= values[1] * (1.0 + 1e-9)


def test_one_category_of_very_many_items_is_no_exception() -> None:
    couplings = (PriceImage(0.0), ChangeBudget(400))
    reached = (
        PriceOptimizer(RULES, couplings=couplings).recommend(**a_shop(2_000, 1, 5), on=ON).attrs["coupling"]
    )
    assert reached["value"] >= 0.998 * reached["bound"]


def test_limits_that_do_not_bind_change_nothing() -> None:
    shop = a_shop(50, 3, 1)
    free = PriceOptimizer(RULES).recommend(**shop, on=ON)
    loose = PriceOptimizer(RULES, couplings=(PriceImage(1.0), ChangeBudget(50))).recommend(**shop, on=ON)
    assert loose["price_paise"].tolist() == free["price_paise"].tolist()


def test_an_item_that_gave_way_says_so() -> None:
    answer = PriceOptimizer(RULES, couplings=(ChangeBudget(1),)).recommend(**a_shop(20, 2, 2), on=ON)
    assert (answer["action"] == "change").sum() == 1
    gave_way = answer[answer["state"] == "coupled"]
    assert len(gave_way) > 5
    assert set(gave_way["binding_rule"]) == {"coupling"}


def test_a_budget_smaller_than_what_the_law_demands_is_an_error() -> None:
    shop = a_shop(5, 1, 3)
    shop["prices"] = shop["prices"].assign(mrp=shop["prices"]["unit_price"] * 0.9, unit_cost=1.0)
    with pytest.raises(ParameterError, match="the law forces down"):
        PriceOptimizer(RULES, couplings=(ChangeBudget(2),)).recommend(**shop, on=ON)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PriceImage(-0.1),
        lambda: ChangeBudget(-1),
        lambda: PriceOptimizer(RULES, couplings=(ChangeBudget(1),) * 2).recommend(**a_shop(3, 1, 0), on=ON),
        lambda: PriceOptimizer(RULES, couplings=(PriceImage(0.0, ("toys",)),)).recommend(
            **a_shop(3, 1, 0), on=ON
        ),
        lambda: PriceOptimizer(RULES, couplings=(ChangeBudget(1),), solver="luck").recommend(  # type: ignore[arg-type]
            **a_shop(3, 1, 0), on=ON
        ),
    ],
)
def test_wrong_couplings_are_refused(make: Any) -> None:
    with pytest.raises(ParameterError):
        make()
