"""Markdown planning: against brute force and against fixed discounts."""

from functools import cache

import numpy as np
import pytest

from samaan_ml.domain.price_ladder import LadderBand, PriceLadder
from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing import MarkdownPlanner
from samaan_ml.pricing._markdown import _draws, _sales

LADDER = PriceLadder((LadderBand(0, 1_000, (0,)),))
LEVELS = (0.1, 0.5, 0.9)


def brute_force(
    stock: int, price: int, table: list[list[float]], elasticity: float, salvage: int, lowest: int
) -> float:
    """The same problem by plain recursion over days, stock and prices that only fall."""
    prices = [p for p in range(1_000, price + 1, 1_000) if p >= lowest]
    draws = [_draws(np.array(row), np.array(LEVELS)) for row in table]

    @cache
    def worth(day: int, left: int, highest: int) -> float:
        if day == len(table):
            return float(salvage * left)
        best = -np.inf
        for ask in (p for p in prices if p <= highest):
            chances = _sales(draws[day], np.array([(ask / price) ** elasticity]), stock)[0]
            total = 0.0
            for demand, chance in enumerate(chances):
                sold = min(demand, left)
                total += chance * (ask * sold + worth(day + 1, left - sold, ask))
            best = max(best, total)
        return best

    return worth(0, stock, price)


@pytest.mark.parametrize("seed", range(5))
def test_the_plan_equals_brute_force_over_five_days_and_ten_units(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = np.sort(rng.uniform(0.0, 5.0, (5, 3)), axis=1).tolist()
    elasticity, salvage = float(-rng.uniform(0.5, 4.0)), int(rng.integers(-300, 300))
    planner = MarkdownPlanner(salvage_paise=salvage, ladder=LADDER)
    plan = planner.plan(10, 5_000, table, LEVELS, elasticity=elasticity, lowest_paise=2_000)
    assert plan.value_paise == pytest.approx(brute_force(10, 5_000, table, elasticity, salvage, 2_000))


def test_the_plan_beats_a_fixed_fifth_off_in_simulated_days() -> None:
    rng = np.random.default_rng(1)
    table = np.tile([2.0, 4.0, 7.0], (6, 1))
    planner = MarkdownPlanner(ladder=PriceLadder((LadderBand(0, 100, (0,)),)))
    plan = planner.plan(45, 5_000, table, LEVELS, elasticity=-2.2, lowest_paise=2_000)
    places = {int(p): k for k, p in enumerate(plan.prices_paise)}
    takings = {"plan": 0.0, "fifth off": 0.0, "today": 0.0}
    for _ in range(2_000):
        uniforms = rng.random(6)
        for name in takings:
            left, highest = 45, 5_000
            for day in range(6):
                if name == "plan":
                    highest = min(highest, int(plan.policy[day, left]))
                    ask = highest
                else:
                    ask = 4_000 if name == "fifth off" else 5_000
                wanted = np.interp(
                    uniforms[day], (np.arange(200) + 0.5) / 200, _draws(table[day], np.array(LEVELS))
                )
                sold = min(left, int(wanted * (ask / 5_000) ** -2.2 + rng.random()))
                takings[name] += ask * sold
                left -= sold
    assert places[plan.price_today_paise] < len(plan.prices_paise) - 1
    assert takings["plan"] > 1.01 * max(takings["fifth off"], takings["today"])


def test_prices_only_fall_and_plenty_of_demand_needs_no_markdown() -> None:
    table = np.tile([2.0, 4.0, 7.0], (5, 1))
    scarce = MarkdownPlanner(ladder=LADDER).plan(5, 5_000, table, LEVELS, elasticity=-2.0, lowest_paise=1_000)
    assert scarce.price_today_paise == 5_000
    ample = MarkdownPlanner(ladder=LADDER).plan(60, 5_000, table, LEVELS, elasticity=-2.0, lowest_paise=1_000)
    prices = [price for _, price, _ in ample.path]
    assert prices == sorted(prices, reverse=True)
    assert prices[0] < 5_000


def test_tax_is_taken_out_of_the_takings() -> None:
    table = np.tile([2.0, 4.0, 7.0], (3, 1))
    values = [
        MarkdownPlanner(rate, ladder=LADDER).plan(
            5, 5_000, table, LEVELS, elasticity=-2.0, lowest_paise=5_000
        )
        for rate in (0, 500)
    ]
    assert values[1].value_paise == pytest.approx(values[0].value_paise * 4_762 / 5_000)


@pytest.mark.parametrize(
    "changed",
    [
        {"stock_units": 0},
        {"lowest_paise": 6_000},
        {"elasticity": 0.5},
        {"quantiles": (0.5, 0.1, 0.9)},
        {"quantiles": (0.1, 0.9)},
        {"demand_quantiles": [[-1.0, 2.0, 3.0]]},
        {"demand_quantiles": [[np.nan, 2.0, 3.0]]},
        {"stock_units": 3_000, "demand_quantiles": [[1.0, 2.0, 3.0]] * 30},
    ],
)
def test_what_cannot_be_planned_is_refused(changed: dict[str, object]) -> None:
    arguments: dict[str, object] = {
        "stock_units": 5,
        "price_paise": 5_000,
        "demand_quantiles": [[1.0, 2.0, 3.0]],
        "quantiles": LEVELS,
        "elasticity": -2.0,
        "lowest_paise": 1_000,
    }
    with pytest.raises(ParameterError):
        MarkdownPlanner().plan(**(arguments | changed))  # type: ignore[arg-type]
