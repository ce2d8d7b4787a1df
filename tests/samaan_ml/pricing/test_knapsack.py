"""The knapsack of one category against brute force."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.pricing._knapsack import Knapsack

CANDIDATES = st.lists(st.tuples(st.integers(1, 90), st.integers(-40, 40)), min_size=1, max_size=3)


def a_knapsack(items: list[list[tuple[int, int]]], stays: list[bool], limit: float) -> Knapsack:
    """Items with (score, use) of their candidates."""
    flat = np.array([pair for item in items for pair in item], dtype=float)
    place = np.repeat(np.arange(len(items)), [len(item) for item in items])
    return Knapsack(flat[:, 0], flat[:, 1], place, np.array(stays[: len(items)]), limit, bins=4_000)


def brute_force(items: list[list[tuple[int, int]]], stays: list[bool], limit: float) -> float:
    """Best score of every combination within the limit, minus infinity where there is none."""
    options = [[*item, *([(0, 0)] if stay else [])] for item, stay in zip(items, stays, strict=False)]
    sums = [(sum(s for s, _ in pick), sum(u for _, u in pick)) for pick in product(*options)]
    return max((score for score, use in sums if use <= limit), default=-np.inf)


@given(
    st.lists(CANDIDATES, min_size=1, max_size=5),
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.integers(-30, 60),
)
def test_it_equals_brute_force(items: list[list[tuple[int, int]]], stays: list[bool], limit: int) -> None:
    knapsack, best = a_knapsack(items, stays, float(limit)), brute_force(items, stays, float(limit))
    chosen = knapsack.solve(look_back=40)
    assert knapsack.bound() >= best
    if chosen is None:
        assert best == -np.inf
        return
    assert knapsack.use[chosen].sum() <= limit
    assert len(set(knapsack.item[chosen])) == len(chosen)
    assert knapsack.score[chosen].sum() == pytest.approx(best)


def test_what_must_be_taken_and_does_not_fit_has_no_answer() -> None:
    knapsack = a_knapsack([[(5, 10)], [(3, 4)]], [False, False], 13.0)
    assert knapsack.solve(look_back=40) is None
