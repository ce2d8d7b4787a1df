"""The world step by step: policies meet the same customers, the till adds up, the law holds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.datasets import Decision, KiranaWorld, ShopSimulation, WeekView, simulate
from samaan_ml.exceptions import ParameterError

SMALL = ShopSimulation(n_shops=2, n_items=30, days=140, customers_per_shop=0)


def a_world(weeks: int = 4, **changes: object) -> KiranaWorld:
    """A small world, some weeks old."""
    world = KiranaWorld(SMALL.replace(**changes), seed=11)
    world.run(weeks=weeks)
    return world


def ceiling(view: WeekView) -> np.ndarray:
    """The highest lawful prices."""
    return view.series["mrp"].fillna(view.series["unit_price"] * 1.1).to_numpy()


def test_stepping_by_habit_is_what_simulate_does() -> None:
    stepped = KiranaWorld(SMALL, seed=11)
    while not stepped.done:
        stepped.step()
    pd.testing.assert_frame_equal(
        stepped.data().sales, simulate(SMALL, seed=11).data.sales, check_categorical=False
    )


def test_forks_of_one_world_meet_the_same_luck() -> None:
    world = a_world()
    left, right = world.fork(), world.fork()
    for _ in range(3):
        assert (left.step().profit == right.step().profit).all()
    assert world.week == 4


def test_a_fork_leaves_its_origin_as_it_was() -> None:
    world = a_world()
    before = world.data().sales
    fork = world.fork()
    fork.step(Decision(prices=ceiling(fork.view()), order_up_to=np.full(len(world.series), 500.0)))
    pd.testing.assert_frame_equal(world.data().sales, before)
    again = a_world()
    assert (world.step().profit == again.step().profit).all()
    pd.testing.assert_frame_equal(world.view().series, again.view().series)


def test_a_dearer_price_never_brings_more_customers() -> None:
    world = a_world(always_in_stock=True, substitute_share=0.0)
    cheap, dear = world.fork(), world.fork()
    price = world.view().series["unit_price"].to_numpy()
    low, high = cheap.step(Decision(prices=price * 0.9)), dear.step(Decision(prices=price))
    assert (high.units <= low.units).all()
    assert high.units.sum() < low.units.sum()


def test_more_stock_loses_fewer_sales() -> None:
    world = a_world()
    scarce, ample = world.fork(), world.fork()
    n = len(world.series)
    few = sum(
        o.lost_units.sum() for o in scarce.run(lambda _: Decision(order_up_to=np.full(n, 1.0)), weeks=4)
    )
    many = sum(
        o.lost_units.sum() for o in ample.run(lambda _: Decision(order_up_to=np.full(n, 300.0)), weeks=4)
    )
    assert many < few


def test_the_till_adds_up() -> None:
    world = a_world()
    asked = world.view().series["unit_price"].to_numpy()
    outcome = world.step(Decision(prices=asked))
    cost = world.market.cost[4]
    np.testing.assert_allclose(outcome.revenue, outcome.units * asked)
    np.testing.assert_allclose(outcome.cost_of_sales, outcome.units * cost)
    costs = outcome.cost_of_sales + outcome.spoiled_cost + outcome.holding_cost
    np.testing.assert_allclose(outcome.profit, outcome.revenue - costs)


def test_goods_are_neither_made_nor_lost() -> None:
    world = a_world(0)
    shelf = world.view().series["on_hand"].to_numpy().copy()
    for _ in range(6):
        view = world.view().series
        before = view["on_hand"].to_numpy()
        outcome = world.step()
        after = world.view().series["on_hand"].to_numpy()
        spoiled = np.round(outcome.spoiled_cost / world.market.cost[outcome.week])
        arrived = after - before + outcome.units + spoiled
        assert (arrived >= -1e-9).all()
    assert shelf.shape == (len(world.series),)


def test_the_view_holds_nothing_of_the_coming_week() -> None:
    view = a_world(6).view()
    sales = view.data().sales
    assert sales is not None
    assert sales["date"].max() < view.date
    assert not {"elasticity", "rate", "demand", "base_rate"} & set(view.series.columns)


def test_an_early_view_can_be_read_later() -> None:
    world = a_world(2)
    view = world.view()
    rows = len(view.data().sales)
    world.run(weeks=3)
    assert len(view.data().sales) == rows


def test_the_data_grow_by_the_week() -> None:
    world = a_world(2)
    early = world.data().sales
    world.run(weeks=2)
    late = world.data().sales
    assert early is not None
    assert late is not None
    pd.testing.assert_frame_equal(late[late["date"] <= early["date"].max()].reset_index(drop=True), early)


def test_a_nan_price_is_left_to_habit() -> None:
    world = a_world()
    by_habit, by_nan = world.fork(), world.fork()
    nothing = np.full(len(world.series), np.nan)
    assert (by_habit.step().revenue == by_nan.step(Decision(prices=nothing)).revenue).all()


@pytest.mark.parametrize(
    ("decision", "named"),
    [
        (Decision(prices=np.array([1.0])), "shape"),
        (Decision(prices=np.full(48, 1e6)), "MRP"),
        (Decision(prices=np.full(48, 0.0)), "above 0"),
        (Decision(order_up_to=np.full(48, -1.0)), "at least 0"),
        (Decision(order_up_to=np.full(48, np.nan)), "finite"),
        (Decision(prices=np.full(48, np.inf)), "finite"),
    ],
)
def test_an_unlawful_decision_is_refused_and_changes_nothing(decision: Decision, named: str) -> None:
    world = a_world(1)
    assert len(world.series) == 48
    before = world.view().series
    with pytest.raises(ParameterError, match=named):
        world.step(decision)
    pd.testing.assert_frame_equal(world.view().series, before)
    assert world.week == 1


def test_a_finished_world_says_so() -> None:
    world = KiranaWorld(SMALL.replace(days=10), seed=0)
    assert len(world.run()) == 2
    assert world.done
    with pytest.raises(ParameterError, match="ended"):
        world.step()


@settings(max_examples=5)
@given(st.integers(0, 10**6))
def test_an_oracle_earns_more_than_habit(seed: int) -> None:
    world = KiranaWorld(SMALL, seed)
    world.run(weeks=8)
    elasticity = world.market.series["elasticity"].to_numpy()

    def oracle(view: WeekView) -> Decision:
        cost, usual = view.series["unit_cost"].to_numpy(), world.market.reference[view.week]
        top = view.series["mrp"].fillna(np.inf).to_numpy()
        grid = np.linspace(0.8, 1.15, 36)[:, None] * usual
        gain = np.where(grid <= top, (grid - cost) * (grid / usual) ** elasticity, -np.inf)
        return Decision(prices=np.minimum(grid[gain.argmax(axis=0), np.arange(len(cost))], top))

    habit, best = world.fork(), world.fork()
    earned = [sum(o.profit.sum() for o in each.run(p)) for each, p in ((habit, None), (best, oracle))]
    assert earned[1] > earned[0]
