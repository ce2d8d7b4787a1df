"""Items that take sales from each other: against brute force."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from samaan_ml.domain.price_ladder import LadderBand, PriceLadder
from samaan_ml.domain.pricing import PriceProof, PriceRules, verify
from samaan_ml.exceptions import ParameterError, TableError
from samaan_ml.pricing import ChangeBudget, PriceOptimizer

RULES = PriceRules(
    max_change_bp=2_000, min_gain_paise_per_week=0, ladder=PriceLadder((LadderBand(0, 500, (0,)),))
)
ON = "2026-03-01"


def a_shop(seed: int, count: int = 3) -> dict[str, Any]:
    """A few items and what they take from each other."""
    rng = np.random.default_rng(seed)
    keys = pd.DataFrame({"shop_id": "s", "item_id": [f"i{k}" for k in range(count)]})
    price = rng.integers(6, 14, count) * 5.0
    mean = -rng.uniform(1.2, 3.0, count)
    pairs = [(a, b) for a in range(count) for b in range(count) if a != b]
    return {
        "elasticities": keys.assign(elasticity=mean, std_error=0.0, lower=mean, upper=mean, grade="A"),
        "prices": keys.assign(
            date="2025-01-05", unit_price=price, unit_cost=price * rng.uniform(0.5, 0.8, count)
        ),
        "demand": keys.assign(units=rng.uniform(5.0, 30.0, count)),
        "cross": pd.DataFrame(
            {
                "shop_id": "s",
                "item_id": [f"i{a}" for a, _ in pairs],
                "other_item_id": [f"i{b}" for _, b in pairs],
                "elasticity": rng.uniform(0.0, 0.8, len(pairs)),
            }
        ),
    }


def total_profit(shop: dict[str, Any], prices: tuple[float, ...]) -> float:
    """Profit of the shop a day in paise at some prices, by the definition."""
    now = shop["prices"]["unit_price"].to_numpy()
    move = np.log(np.array(prices) / now)
    own = shop["elasticities"]["elasticity"].to_numpy() * move
    names = shop["prices"]["item_id"].tolist()
    matrix = np.zeros((len(now), len(now)))
    for pair in shop["cross"].itertuples():
        matrix[names.index(pair.item_id), names.index(pair.other_item_id)] = pair.elasticity
    units = shop["demand"]["units"].to_numpy() * np.exp(own + matrix @ move)
    return float((units * (np.array(prices) - shop["prices"]["unit_cost"].round(2).to_numpy())).sum() * 100.0)


@pytest.mark.parametrize("seed", range(8))
def test_the_joint_choice_equals_brute_force(seed: int) -> None:
    shop = a_shop(seed)
    answer = PriceOptimizer(RULES).recommend(**shop, on=ON)
    options = [
        sorted({p / 100 for p in RULES.ladder.between(int(row.lowest_paise), int(row.highest_paise))})
        for row in answer.itertuples()
    ]
    best = max(total_profit(shop, prices) for prices in product(*options))
    reached = total_profit(shop, tuple(answer["price_paise"] / 100))
    assert reached == pytest.approx(best, rel=2e-3)
    now = total_profit(shop, tuple(answer["current_price_paise"] / 100))
    assert answer.attrs["joint_gain_paise_per_week"] == pytest.approx(
        7.0 * (reached - now), rel=1e-6, abs=1.0
    )
    assert answer["profit_paise"].sum() == pytest.approx(reached, rel=1e-6)
    assert all(verify(PriceProof.from_text(proof), RULES) == () for proof in answer["proof"])


def test_a_substitute_makes_a_price_higher_than_its_own_elasticity_would() -> None:
    shop = a_shop(0, count=2)
    shop["elasticities"] = shop["elasticities"].assign(elasticity=-3.0, lower=-3.0, upper=-3.0)
    shop["prices"] = shop["prices"].assign(unit_price=50.0, unit_cost=34.0)
    shop["demand"] = shop["demand"].assign(units=20.0)
    shop["cross"] = shop["cross"].assign(elasticity=1.5)
    joint = PriceOptimizer(RULES).recommend(**shop, on=ON)
    alone = PriceOptimizer(RULES).recommend(**{k: v for k, v in shop.items() if k != "cross"}, on=ON)
    assert (joint["price_paise"] > alone["price_paise"]).all()


def test_wrong_cross_elasticities_are_named() -> None:
    shop = a_shop(1)
    with pytest.raises(TableError, match="other_item_id: column is missing"):
        PriceOptimizer(RULES).recommend(
            **shop | {"cross": shop["cross"].drop(columns="other_item_id")}, on=ON
        )
    with pytest.raises(TableError, match="row 0, elasticity"):
        PriceOptimizer(RULES).recommend(**shop | {"cross": shop["cross"].assign(elasticity=np.nan)}, on=ON)
    with pytest.raises(ParameterError, match="cannot be combined"):
        PriceOptimizer(RULES, couplings=[ChangeBudget(1)]).recommend(**shop, on=ON)
