"""What so many cases of an item are expected to earn."""

from __future__ import annotations

from dataclasses import dataclass

from samaan_ml.domain.money import round_half_away
from samaan_ml.inventory._order_item import OrderItem

_MOST_OPTIONS = 60


@dataclass(frozen=True, slots=True)
class Options:
    """The numbers of cases worth looking at, with what they cost and earn.

    Parameters
    ----------
    cases : tuple of int
        Rising, from 0.
    cost_paise : tuple of int
        Cost of each.
    gain_paise : tuple of int
        Expected profit of each beyond ordering nothing: more sales, less the cost, plus what is left over is
        still worth.
    """

    cases: tuple[int, ...]
    cost_paise: tuple[int, ...]
    gain_paise: tuple[int, ...]


def expected_gain_paise(item: OrderItem, cases: int) -> int:
    """Expected profit of ordering so many cases rather than none, rounded to whole paise.

    More units sold earn the selling price; each ordered unit that is not sold keeps its share of the cost.
    Negative stock (sold before it was entered) counts as an empty shelf.

    References
    ----------
    Hadley and Whitin (1963), Analysis of Inventory Systems, chapter 6, on the newsboy problem with a budget.
    """
    before = max(item.on_hand_milli, 0) / 1000
    ordered = cases * item.case_milli / 1000
    sold = item.demand.expected_sales(before + ordered) - item.demand.expected_sales(before)
    cost = item.cost_paise(cases)
    kept = item.keeps_ratio * cost * max(ordered - sold, 0.0) / ordered if cases else 0.0
    return round_half_away(sold * item.unit_price_paise - cost + kept)


def options_of(item: OrderItem, budget_paise: int) -> Options:
    """List the numbers of cases up to where neither another case nor a slab can earn more."""
    cases, costs, gains = [0], [0], [0]
    slab_steps = {slab.from_cases for slab in item.slabs}
    limit = item.most_cases if item.most_cases is not None else 10**6
    number, falling = 0, 0
    while number < limit and len(cases) < _MOST_OPTIONS:
        number += 1
        cost = item.cost_paise(number)
        if cost > budget_paise and not any(step > number for step in slab_steps):
            break
        gain = expected_gain_paise(item, number)
        falling = falling + 1 if gain <= max(gains) else 0
        if cost <= budget_paise:
            cases.append(number)
            costs.append(cost)
            gains.append(gain)
        if falling >= 3 and not any(step > number for step in slab_steps):
            break
    return Options(tuple(cases), tuple(costs), tuple(gains))
