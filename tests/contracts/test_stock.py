"""What every stock store must do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.errors import NotFound, OutOfStock, StaleVersion, StockChanged
from serving.ports.stock import Counted, EmptyShelf, StockCount
from tests.contracts.inventory import Inventory, a_movement, an_item


def test_a_change_needs_the_version_it_was_made_for(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    inventory.stock.move(shop_id, (a_movement(now, "m1", 5_000),), allow_negative=False)
    inventory.items.change_item(shop_id, an_item(now, name="Fine sugar"), 1)
    with pytest.raises(StaleVersion):
        inventory.items.change_item(shop_id, an_item(now, name="Coarse sugar"), 1)
    with pytest.raises(NotFound):
        inventory.items.change_item(shop_id, an_item(now, "salt"), 1)
    item = inventory.items.item(shop_id, "sugar")
    assert (item.name, item.version, item.on_hand_milli) == ("Fine sugar", 2, 5_000)


def test_movements_add_up_once_each_and_are_kept(inventory: Inventory, shop_id: str, now: datetime) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    moves = tuple(a_movement(now, f"m{n}", n * 100, source="delivery/7") for n in range(1, 5))
    inventory.stock.move(shop_id, moves, allow_negative=False)
    inventory.stock.move(shop_id, moves, allow_negative=False)
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == 1_000
    assert inventory.stock.movements_of(shop_id, "delivery/7") == moves
    first = inventory.stock.movements(shop_id, "sugar", 3, None)
    rest = inventory.stock.movements(shop_id, "sugar", 3, first.after)
    assert (*first.rows, *rest.rows) == moves[::-1]


def test_all_movements_are_made_or_none(inventory: Inventory, shop_id: str, now: datetime) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    moves = (a_movement(now, "m1", 5_000), a_movement(now, "m2", 1_000, "nothing"))
    with pytest.raises(NotFound):
        inventory.stock.move(shop_id, moves, allow_negative=True)
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == 0
    assert inventory.stock.movements(shop_id, "sugar", 9, None).rows == ()


def test_stock_falls_below_zero_only_where_allowed(inventory: Inventory, shop_id: str, now: datetime) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    inventory.stock.move(shop_id, (a_movement(now, "m1", 1_000),), allow_negative=False)
    with pytest.raises(OutOfStock):
        inventory.stock.move(shop_id, (a_movement(now, "m2", -1_001, kind="sale"),), allow_negative=False)
    inventory.stock.move(shop_id, (a_movement(now, "m3", -1_000, kind="sale"),), allow_negative=False)
    inventory.stock.move(shop_id, (a_movement(now, "m4", -1, kind="sale"),), allow_negative=True)
    inventory.stock.move(shop_id, (a_movement(now, "m5", 500),), allow_negative=False)
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == 499


def test_no_movement_is_lost_when_many_write_at_once(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    inventory.items.add_item(shop_id, an_item(now, "salt"))

    def move(n: int) -> None:
        both = (a_movement(now, f"a{n}", 100), a_movement(now, f"b{n}", -100, "salt", kind="sale"))
        inventory.stock.move(shop_id, both if n % 2 else both[::-1], allow_negative=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(move, range(50)))
    assert [item.on_hand_milli for item in inventory.items.items(shop_id, ("sugar", "salt"))] == [
        -5_000,
        5_000,
    ]
    assert inventory.stock.rebuild(shop_id) == 0


def a_count(now: datetime, movement_id: str, counted: int, **fields: Any) -> StockCount:
    return StockCount(movement_id, "sugar", counted, fields.pop("at", now), "meena", **fields)


def test_a_count_sets_the_stock_once_and_refuses_another_expectation(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    for _ in range(2):  # a repeated write changes nothing
        done = inventory.stock.count(shop_id, a_count(now, "c1", 3_000))
        assert (done.before_milli, done.on_hand_milli, len(done.movements)) == (0, 3_000, 1)
    with pytest.raises(StockChanged):
        inventory.stock.count(shop_id, a_count(now, "c2", 9_000, expected_milli=1))
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == 3_000
    assert [m.movement_id for m in inventory.stock.movements(shop_id, "sugar", 9, None).rows] == ["c1"]
    with pytest.raises(NotFound):
        inventory.stock.count(shop_id, replace(a_count(now, "c3", 1), item_id="salt"))
    with pytest.raises(NotFound):
        inventory.stock.count(shop_id, a_count(now, "c3", 1, batch_id="no-lot"))


class CutOffError(Exception):
    """The process died here."""


def test_a_count_cut_off_after_its_movement_is_finished_by_its_repetition(
    inventory: Inventory,
    unit_of_work: Callable[[], AbstractContextManager[None]],
    shop_id: str,
    now: datetime,
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    inventory.stock.move(shop_id, (a_movement(now, "m1", 10_000),), allow_negative=False)
    answers = []
    for cut_off in (True, True, False):
        with suppress(CutOffError), unit_of_work():
            answers.append(inventory.stock.count(shop_id, a_count(now, "c1", 7_000)))
            if cut_off:
                raise CutOffError
    assert answers == [Counted(10_000, (a_movement(now, "c1", -3_000, kind="count"),), 7_000)] * 3
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == 7_000
    assert [m.movement_id for m in inventory.stock.movements(shop_id, "sugar", 9, None).rows] == ["m1", "c1"]
    assert inventory.stock.rebuild(shop_id) == 0


def test_a_movement_and_its_undoing_that_come_again_change_nothing(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    both = (a_movement(now, "m1", 10_000), a_movement(now, "m1-r", -10_000, kind="reversal"))
    for _ in range(2):  # as of an import that was cut off and is done again
        inventory.stock.move(shop_id, both, allow_negative=True)
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == 0
    assert inventory.stock.rebuild(shop_id) == 0


def test_two_counts_of_one_item_at_once_leave_what_was_counted(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    inventory.stock.move(shop_id, (a_movement(now, "m1", 10_000),), allow_negative=False)
    both = Barrier(2, timeout=10)

    def count(movement_id: str) -> int:
        both.wait()
        done = inventory.stock.count(shop_id, a_count(now, movement_id, 7_000, keep_unchanged=True))
        return sum(row.quantity_milli for row in done.movements)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(count, ("c1", "c2"))) == [-3_000, 0]
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == 7_000
    assert inventory.stock.rebuild(shop_id) == 0


@pytest.mark.parametrize("agrees", [True, False])
def test_what_happened_before_a_count_and_comes_after_it_changes_nothing(
    inventory: Inventory, shop_id: str, now: datetime, agrees: bool
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    inventory.stock.move(shop_id, (a_movement(now, "m1", 10_000),), allow_negative=False)
    counted = 10_000 if agrees else 7_000
    noon = now + timedelta(hours=2)
    inventory.stock.count(shop_id, a_count(now, "c1", counted, at=noon))
    late = now + timedelta(hours=1)
    for sold in (
        a_movement(late, "s1", -3_000, kind="sale"),
        a_movement(late, "p1", 56_000),
        a_movement(late, "r1", 1_000, kind="customer_return"),
    ):
        for _ in range(2):
            rows = inventory.stock.move(shop_id, (sold,), allow_negative=False)
            assert sum(row.quantity_milli for row in rows) == 0
        assert inventory.items.item(shop_id, "sugar").on_hand_milli == counted
    after = a_movement(noon + timedelta(seconds=1), "s2", -1_000, kind="sale")
    inventory.stock.move(shop_id, (after,), allow_negative=False)
    earlier = inventory.stock.count(shop_id, a_count(now, "c0", 50, at=late))
    assert earlier.on_hand_milli == counted - 1_000
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == counted - 1_000
    assert inventory.stock.rebuild(shop_id) == 0


def test_a_count_of_an_earlier_instant_leaves_what_moved_since(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    inventory.stock.move(shop_id, (a_movement(now, "m1", 10_000),), allow_negative=False)
    sold = a_movement(now + timedelta(hours=2), "s1", -4_000, kind="sale")
    inventory.stock.move(shop_id, (sold,), allow_negative=False)
    done = inventory.stock.count(shop_id, a_count(now, "c1", 9_000, at=now + timedelta(hours=1)))
    assert (done.before_milli, done.on_hand_milli) == (10_000, 5_000)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(-1_000, 1_000), st.booleans()), max_size=25))
def test_the_quantity_on_hand_is_the_sum_of_the_movements(
    inventory: Inventory, now: datetime, changes: list[tuple[int, bool]]
) -> None:
    import secrets

    if type(inventory).__module__.startswith("serving.adapters.dynamodb"):
        changes = changes[:6]  # moto takes a hundred times as long as a database
    shop_id = secrets.token_hex(8)
    inventory.items.add_item(shop_id, an_item(now))
    expected = 0
    for n, (change, allowed) in enumerate(changes):
        try:
            inventory.stock.move(shop_id, (a_movement(now, f"m{n:03d}", change),), allow_negative=allowed)
            expected += change
        except OutOfStock:
            assert not allowed
            assert change < 0
            assert expected + change < 0
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == expected
    assert (
        sum(move.quantity_milli for move in inventory.stock.movements(shop_id, "sugar", 50, None).rows)
        == expected
    )


def test_an_empty_shelf_is_told_from_stock_that_was_never_entered(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    hour = timedelta(hours=1)
    for item_id in ("sugar", "salt", "dal"):
        inventory.items.add_item(shop_id, an_item(now, item_id))
    steps = [
        ("sugar", "count", 2_000, 0),
        ("sugar", "sale", -2_000, 1),
        ("sugar", "purchase", 1_000, 3),
        ("sugar", "sale", -1_000, 5),
        ("salt", "count", 1_000, 0),
        ("salt", "sale", -1_000, 1),
        ("salt", "sale", -500, 2),
        ("salt", "purchase", 5_000, 3),
        ("dal", "count", 1_000, 0),
        ("dal", "sale", -1_000, 1),
    ]
    for n, (item_id, kind, milli, after) in enumerate(steps):
        moved = a_movement(now + after * hour, f"e{n:02}", milli, item_id, kind=kind)
        inventory.stock.move(shop_id, (moved,), allow_negative=True)
    found = inventory.stock.empty_shelves(shop_id, ("sugar", "salt"), now - hour)
    assert found == (
        EmptyShelf("sugar", now + hour, now + 3 * hour),
        EmptyShelf("sugar", now + 5 * hour, None),
    )
    assert inventory.stock.empty_shelves(shop_id, ("sugar",), now + 2 * hour) == (
        EmptyShelf("sugar", now + 5 * hour, None),
    )
    assert inventory.stock.empty_shelves(shop_id + "x", ("sugar",), now) == ()
