"""The order list against brute force, its budget, its minimums, its slabs and its arithmetic."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.exceptions import ParameterError
from samaan_ml.inventory import (
    OrderItem,
    PeriodDemand,
    Slab,
    Supplier,
    expected_gain_paise,
    order_list,
)


def an_item(name="tea", supplier="hul", mean=10.0, sd=4.0, **changes):
    """An item that earns a fifth of its price, in cases of six."""
    values = {
        "on_hand_milli": 2_000,
        "unit_price_paise": 5_000,
        "case_milli": 6_000,
        "case_cost_paise": 24_000,
    } | changes
    return OrderItem(name, supplier, PeriodDemand(mean, sd), **values)


def random_items(n, seed, slabs=False, suppliers=3):
    """A shop's items with prices, cases and demand of all sizes."""
    rng = np.random.default_rng(seed)
    items = []
    for k in range(n):
        price = int(rng.integers(500, 30_000))
        pieces = int(rng.choice([1, 6, 12, 24]))
        cost = max(int(price * pieces * rng.uniform(0.6, 0.92)), 1)
        mean = float(rng.gamma(1.2, 12.0))
        items.append(
            an_item(
                f"i{k}",
                f"s{k % suppliers}",
                mean,
                float(np.sqrt(mean * rng.uniform(1.0, 4.0))),
                on_hand_milli=int(rng.integers(0, 10)) * 1000,
                unit_price_paise=price,
                case_milli=pieces * 1000,
                case_cost_paise=cost,
                slabs=(Slab(3, max(int(cost * 0.95), 1)),) if slabs and k % 2 else (),
                keeps_ratio=float(rng.uniform(0.3, 0.97)),
                most_cases=4,
            )
        )
    return items


def brute_force(items, budget, suppliers):
    """Best gain over every combination of up to four cases an item."""
    counts = np.array(list(itertools.product(range(5), repeat=len(items))), dtype=np.int8)
    gain, cost = np.zeros(len(counts), dtype=np.int64), np.zeros(len(counts), dtype=np.int64)
    spent = {supplier.supplier_id: np.zeros(len(counts), dtype=np.int64) for supplier in suppliers}
    for k, item in enumerate(items):
        costs = np.array([item.cost_paise(n) for n in range(5)])[counts[:, k]]
        gain += np.array([expected_gain_paise(item, n) for n in range(5)])[counts[:, k]]
        cost += costs
        if item.supplier_id in spent:
            spent[item.supplier_id] += costs
    allowed = cost <= budget
    for supplier in suppliers:
        amount = spent[supplier.supplier_id]
        allowed &= (amount == 0) | (amount >= supplier.minimum_paise)
    return int(gain[allowed].max())


@pytest.mark.parametrize("seed", range(6))
def test_the_programme_equals_brute_force_on_eight_items(seed):
    items = random_items(8, seed, slabs=seed % 2 == 1)
    full = sum(item.cost_paise(2) for item in items)
    suppliers = [Supplier("s0", full // 4), Supplier("s1", full // 3)]
    found = order_list(items, full // 2, suppliers, method="milp")
    assert found.expected_gain_paise == brute_force(items, full // 2, suppliers)
    assert found.proven_ratio == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_greedy_is_within_a_hundredth_of_the_programme_on_a_shop(seed):
    items = random_items(60, seed)
    budget = sum(item.cost_paise(1) for item in items) // 2
    greedy, best = (order_list(items, budget, method=method) for method in ("greedy", "milp"))
    assert greedy.expected_gain_paise <= best.expected_gain_paise * (1 + 1e-5)
    assert greedy.expected_gain_paise >= 0.99 * best.expected_gain_paise


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, 3_000_000), st.booleans(), st.integers(0, 500_000))
def test_budget_minimums_and_arithmetic_always_hold(seed, budget, slabs, minimum):
    items = random_items(12, seed, slabs=slabs)
    suppliers = [Supplier("s0", minimum)]
    found = order_list(items, budget, suppliers)
    assert found.holds(items)
    assert found.cost_paise <= budget
    spent = sum(line.cost_paise for line in found.by_supplier().get("s0", ()))
    assert spent == 0 or spent >= minimum
    assert all(line.expected_gain_paise > 0 for line in found.lines) or minimum or slabs
    assert found.expected_gain_paise >= 0


def test_more_cash_never_earns_less():
    items = random_items(40, 1, slabs=True)
    gains = [order_list(items, budget).expected_gain_paise for budget in (0, 200_000, 500_000, 2_000_000)]
    assert gains[0] == 0
    assert gains == sorted(gains)


def test_a_minimum_too_high_for_its_worth_leaves_the_supplier_out():
    item = an_item()
    assert order_list([item], 500_000, [Supplier("hul", 400_000)]).lines == ()
    assert order_list([item], 500_000, [Supplier("hul", 20_000)]).lines[0].cases >= 1


def test_a_minimum_worth_reaching_is_reached_with_a_case_that_alone_would_not_be_bought():
    tea, soap = (
        an_item("tea", mean=12.0),
        an_item("soap", mean=1.0, sd=1.0, unit_price_paise=4_100, keeps_ratio=0.99),
    )
    alone = order_list([tea, soap], 500_000)
    pushed = order_list([tea, soap], 500_000, [Supplier("hul", alone.cost_paise + 1)])
    assert pushed.cost_paise > alone.cost_paise
    assert 0 < pushed.expected_gain_paise <= alone.expected_gain_paise


def test_a_slab_within_reach_is_used():
    plain = an_item(mean=16.0)
    slabbed = an_item(mean=16.0, slabs=(Slab(3, 20_000),))
    found = order_list([slabbed], 500_000)
    assert found.lines[0].cases >= 3
    assert found.lines[0].case_cost_paise == 20_000
    assert found.expected_gain_paise > order_list([plain], 500_000).expected_gain_paise


def test_goods_that_spoil_are_ordered_with_more_care():
    keeps, spoils = an_item(keeps_ratio=0.99), an_item(keeps_ratio=0.0)
    more = order_list([keeps], 10**7).lines[0].cases
    fewer = sum(line.cases for line in order_list([spoils], 10**7).lines)
    assert fewer < more


def test_nothing_is_ordered_where_the_shelf_is_full_or_nothing_is_earned():
    assert order_list([an_item(on_hand_milli=100_000)], 10**7).lines == ()
    assert order_list([an_item(unit_price_paise=3_000)], 10**7).lines == ()
    assert order_list([], 10**7).lines == ()


def test_shelf_room_is_heeded():
    assert order_list([an_item(mean=100.0, most_cases=2)], 10**7).lines[0].cases == 2


def test_negative_stock_counts_as_an_empty_shelf():
    owed, empty = (order_list([an_item(on_hand_milli=stock)], 10**7) for stock in (-9_000, 0))
    assert owed.lines[0].cases == empty.lines[0].cases


def test_an_altered_line_is_noticed():
    from dataclasses import replace

    items = [an_item()]
    found = order_list(items, 10**6)
    assert found.holds(items)
    forged = replace(found, lines=(replace(found.lines[0], cases=9),))
    assert not forged.holds(items)
    assert not found.holds([an_item(mean=20.0)])


def test_three_hundred_items_with_minimums_and_slabs_take_seconds():
    items = random_items(300, 3, slabs=True, suppliers=8)
    budget = sum(item.cost_paise(1) for item in items) // 2
    suppliers = [Supplier(f"s{k}", budget // 12) for k in range(8)]
    begin = time.process_time()
    found = order_list(items, budget, suppliers, seconds=20.0)
    assert time.process_time() - begin < 30
    assert found.proven_ratio > 0.999
    assert found.holds(items)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: order_list([an_item()], -1), "'budget_paise' must be 0 or more"),
        (lambda: order_list([an_item(), an_item()], 1), "item 'tea' is given twice"),
        (lambda: order_list([an_item()], 1, [Supplier("a"), Supplier("a")]), "supplier 'a' is given twice"),
        (
            lambda: order_list([an_item()], 1, [Supplier("hul", 5)], "greedy"),
            "heeds neither supplier minimums",
        ),
        (lambda: order_list([an_item()], 1, method="best"), "'method' must be"),
        (lambda: an_item(case_milli=0), "'case_milli' and 'case_cost_paise' must be 1 or more"),
        (lambda: an_item(keeps_ratio=1.0), "'keeps_ratio' must be"),
        (lambda: an_item(slabs=(Slab(3, 1), Slab(2, 1))), "'slabs' must rise in cases"),
        (lambda: an_item(slabs=(Slab(3, 99_000),)), "'slabs' must rise in cases and fall in cost"),
        (lambda: an_item(most_cases=-1), "'most_cases' must be 0 or more"),
        (lambda: Supplier("a", -1), "'minimum_paise' must be 0 or more"),
    ],
)
def test_faults_are_named(call, words):
    with pytest.raises(ParameterError, match=words):
        call()
