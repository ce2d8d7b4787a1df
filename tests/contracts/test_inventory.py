"""What every inventory store must do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import count as count_up
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.errors import AlreadyExists, NotFound, OutOfStock, StaleVersion, StockChanged
from serving.inventory.counting import enter_worked_out
from serving.ports.inventory import Batch, EmptyShelf, InventoryStore, Item, Movement, Supplier


def an_item(now: datetime, item_id: str = "sugar", **fields: Any) -> Item:
    usual: dict[str, Any] = {
        "name": "Sugar",
        "category": "staples",
        "unit": "kg",
        "price_paise": 4_500,
        "cost_paise": None,
        "mrp_paise": None,
        "barcode": None,
        "hsn": None,
        "aliases": ("चीनी",),
        "pack_milli": 1_000,
        "lead_time_days": 2,
        "service_level": 0.9,
        "reorder_point_milli": None,
        "supplier_id": None,
        "known_value": False,
        "price_changed_on": None,
        "on_hand_milli": 0,
        "version": 1,
    }
    return Item(item_id=item_id, created_at=now, **usual | fields)


def a_movement(
    now: datetime, movement_id: str, quantity: int, item_id: str = "sugar", **fields: Any
) -> Movement:
    return Movement(movement_id, item_id, fields.pop("kind", "purchase"), quantity, now, "meena", **fields)


def test_an_item_comes_back_as_it_was_added_without_stock(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    item = an_item(now, cost_paise=4_000, price_changed_on=date(2026, 3, 1))
    inventory.add_item(shop_id, replace(item, on_hand_milli=99))
    assert inventory.item(shop_id, "sugar") == item


def test_an_item_is_there_once_and_only_in_its_shop(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    with pytest.raises(AlreadyExists):
        inventory.add_item(shop_id, an_item(now))
    with pytest.raises(NotFound):
        inventory.item(shop_id + "x", "sugar")
    assert inventory.items(shop_id + "x", ("sugar",)) == ()
    inventory.add_item(shop_id + "x", an_item(now))


def test_a_barcode_belongs_to_one_item_of_a_shop(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now, barcode="96385074"))
    inventory.add_item(shop_id, an_item(now, "salt"))
    inventory.add_item(shop_id, an_item(now, "tea"))
    with pytest.raises(AlreadyExists):
        inventory.add_item(shop_id, an_item(now, "rice", barcode="96385074"))
    with pytest.raises(AlreadyExists):
        inventory.change_item(shop_id, an_item(now, "salt", barcode="96385074"), 1)
    inventory.change_item(shop_id, an_item(now, barcode=None), 1)
    inventory.change_item(shop_id, an_item(now, "salt", barcode="96385074"), 1)


def test_items_are_listed_in_order_page_by_page(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    for name in ("d", "a", "c", "b", "e"):
        inventory.add_item(shop_id, an_item(now, name, category="x" if name in "ace" else "y"))
    inventory.change_item(shop_id, an_item(now, "c", category="x", archived=True), 1)
    first = inventory.list_items(shop_id, 2, None)
    rest = inventory.list_items(shop_id, 2, first.after)
    assert [item.item_id for item in (*first.rows, *rest.rows)] == ["a", "b", "d", "e"]
    assert rest.after is None
    assert [item.item_id for item in inventory.list_items(shop_id, 9, None, "x").rows] == ["a", "e"]


def test_a_change_needs_the_version_it_was_made_for(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    inventory.move(shop_id, (a_movement(now, "m1", 5_000),), allow_negative=False)
    inventory.change_item(shop_id, an_item(now, name="Fine sugar"), 1)
    with pytest.raises(StaleVersion):
        inventory.change_item(shop_id, an_item(now, name="Coarse sugar"), 1)
    with pytest.raises(NotFound):
        inventory.change_item(shop_id, an_item(now, "salt"), 1)
    item = inventory.item(shop_id, "sugar")
    assert (item.name, item.version, item.on_hand_milli) == ("Fine sugar", 2, 5_000)


def test_movements_add_up_once_each_and_are_kept(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    moves = tuple(a_movement(now, f"m{n}", n * 100, source="delivery/7") for n in range(1, 5))
    inventory.move(shop_id, moves, allow_negative=False)
    inventory.move(shop_id, moves, allow_negative=False)
    assert inventory.item(shop_id, "sugar").on_hand_milli == 1_000
    assert inventory.movements_of(shop_id, "delivery/7") == moves
    first = inventory.movements(shop_id, "sugar", 3, None)
    rest = inventory.movements(shop_id, "sugar", 3, first.after)
    assert (*first.rows, *rest.rows) == moves[::-1]


def test_all_movements_are_made_or_none(inventory: InventoryStore, shop_id: str, now: datetime) -> None:
    inventory.add_item(shop_id, an_item(now))
    moves = (a_movement(now, "m1", 5_000), a_movement(now, "m2", 1_000, "nothing"))
    with pytest.raises(NotFound):
        inventory.move(shop_id, moves, allow_negative=True)
    assert inventory.item(shop_id, "sugar").on_hand_milli == 0
    assert inventory.movements(shop_id, "sugar", 9, None).rows == ()


def test_stock_falls_below_zero_only_where_allowed(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    inventory.move(shop_id, (a_movement(now, "m1", 1_000),), allow_negative=False)
    with pytest.raises(OutOfStock):
        inventory.move(shop_id, (a_movement(now, "m2", -1_001, kind="sale"),), allow_negative=False)
    inventory.move(shop_id, (a_movement(now, "m3", -1_000, kind="sale"),), allow_negative=False)
    inventory.move(shop_id, (a_movement(now, "m4", -1, kind="sale"),), allow_negative=True)
    inventory.move(shop_id, (a_movement(now, "m5", 500),), allow_negative=False)
    assert inventory.item(shop_id, "sugar").on_hand_milli == 499


def test_no_movement_is_lost_when_many_write_at_once(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    inventory.add_item(shop_id, an_item(now, "salt"))

    def move(n: int) -> None:
        both = (a_movement(now, f"a{n}", 100), a_movement(now, f"b{n}", -100, "salt", kind="sale"))
        inventory.move(shop_id, both if n % 2 else both[::-1], allow_negative=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(move, range(50)))
    assert [item.on_hand_milli for item in inventory.items(shop_id, ("sugar", "salt"))] == [-5_000, 5_000]
    assert inventory.rebuild(shop_id) == 0


def test_a_movement_worked_out_from_stock_that_changed_is_refused(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    counted = a_movement(now, "c1", 3_000, kind="count")
    inventory.move_from(shop_id, 0, counted)
    inventory.move_from(shop_id, 0, counted)  # a repeated write changes nothing
    with pytest.raises(StockChanged):
        inventory.move_from(shop_id, 0, a_movement(now, "c2", 3_000, kind="count"))
    assert inventory.item(shop_id, "sugar").on_hand_milli == 3_000
    assert [m.movement_id for m in inventory.movements(shop_id, "sugar", 9, None).rows] == ["c1"]
    with pytest.raises(NotFound):
        inventory.move_from(shop_id, 0, a_movement(now, "c3", 1, item_id="salt", kind="count"))


class CutOffError(Exception):
    """The process died here."""


def test_a_count_cut_off_after_its_movement_is_finished_by_its_repetition(
    inventory: InventoryStore,
    unit_of_work: Callable[[], AbstractContextManager[None]],
    shop_id: str,
    now: datetime,
) -> None:
    inventory.add_item(shop_id, an_item(now))
    inventory.move(shop_id, (a_movement(now, "m1", 10_000),), allow_negative=False)

    def work_out(item: Item) -> Movement:
        if item.on_hand_milli != 10_000:
            raise StockChanged.since("sugar", 10_000)
        return a_movement(now, "c1", 7_000 - item.on_hand_milli, kind="count")

    answers = []
    for cut_off in (True, True, False):
        with suppress(CutOffError), unit_of_work():
            before, entered = enter_worked_out(inventory, shop_id, "sugar", "c1", work_out)
            answers.append((before.on_hand_milli, entered))
            if cut_off:
                raise CutOffError
    assert answers == [(10_000, a_movement(now, "c1", -3_000, kind="count"))] * 3
    assert inventory.item(shop_id, "sugar").on_hand_milli == 7_000
    assert [m.movement_id for m in inventory.movements(shop_id, "sugar", 9, None).rows] == ["m1", "c1"]
    assert inventory.rebuild(shop_id) == 0


def test_what_was_entered_otherwise_is_no_part_of_a_repeated_count(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    inventory.move(shop_id, (a_movement(now, "m1", 10_000),), allow_negative=False)
    assert inventory.entered(shop_id, "sugar", "m1") is None
    assert inventory.entered(shop_id, "sugar", "c1") is None


def test_a_movement_and_its_undoing_that_come_again_change_nothing(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    both = (a_movement(now, "m1", 10_000), a_movement(now, "m1-r", -10_000, kind="reversal"))
    for _ in range(2):  # as of an import that was cut off and is done again
        inventory.move(shop_id, both, allow_negative=True)
    assert inventory.item(shop_id, "sugar").on_hand_milli == 0
    assert inventory.rebuild(shop_id) == 0


def test_two_counts_of_one_item_at_once_leave_what_was_counted(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    inventory.move(shop_id, (a_movement(now, "m1", 10_000),), allow_negative=False)
    both_have_read = Barrier(2, timeout=10)

    def count(movement_id: str) -> int:
        first = True

        def work_out(item: Item) -> Movement:
            nonlocal first
            if first:
                both_have_read.wait()
            first = False
            return a_movement(now, movement_id, 7_000 - item.on_hand_milli, kind="count")

        _, entered = enter_worked_out(inventory, shop_id, "sugar", movement_id, work_out)
        assert entered is not None
        return entered.quantity_milli

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(count, ("c1", "c2"))) == [-3_000, 0]
    assert inventory.item(shop_id, "sugar").on_hand_milli == 7_000
    assert inventory.rebuild(shop_id) == 0


def test_a_count_that_is_overtaken_time_and_again_gives_up(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    sold = (f"s{n}" for n in count_up())

    def work_out(_: Item) -> Movement:
        inventory.move(shop_id, (a_movement(now, next(sold), -1, kind="sale"),), allow_negative=True)
        return a_movement(now, "c1", 5_000, kind="count")

    with pytest.raises(StockChanged):
        enter_worked_out(inventory, shop_id, "sugar", "c1", work_out)
    assert inventory.item(shop_id, "sugar").on_hand_milli < 0


def test_lots_are_kept_by_expiry_and_move_with_their_item(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    inventory.add_item(shop_id, an_item(now))
    for name, expiry in (("late", date(2026, 9, 1)), ("early", date(2026, 4, 1)), ("never", None)):
        batch = Batch(name, "sugar", expiry, 5_000, 0, now)
        inventory.add_batch(shop_id, batch)
        inventory.add_batch(shop_id, batch)
        inventory.move(shop_id, (a_movement(now, name, 1_000, batch_id=name),), allow_negative=False)
    assert [batch.batch_id for batch in inventory.batches(shop_id, "sugar")] == ["early", "late", "never"]
    inventory.move(
        shop_id, (a_movement(now, "s", -1_000, kind="sale", batch_id="early"),), allow_negative=False
    )
    assert [batch.batch_id for batch in inventory.batches(shop_id, "sugar")] == ["late", "never"]
    assert inventory.item(shop_id, "sugar").on_hand_milli == 2_000
    assert [batch.batch_id for batch in inventory.expiring(shop_id, date(2026, 9, 1))] == ["late"]
    assert inventory.expiring(shop_id, date(2026, 8, 31)) == ()
    with pytest.raises(NotFound):
        inventory.move(shop_id, (a_movement(now, "x", 1, batch_id="unknown"),), allow_negative=True)


def test_a_supplier_is_kept_and_replaced(inventory: InventoryStore, shop_id: str) -> None:
    supplier = Supplier("hul", "Distributor", None, 2, (1, 4), 50_000, 7)
    inventory.save_supplier(shop_id, supplier)
    inventory.save_supplier(shop_id, replace(supplier, lead_time_days=3))
    assert inventory.suppliers(shop_id) == (replace(supplier, lead_time_days=3),)
    rounds = replace(
        supplier,
        order_days_before=2,
        order_by=time(11, 30),
        on_holiday="next_day",
        closed_on=(date(2026, 3, 9), date(2026, 12, 31)),
    )
    inventory.save_supplier(shop_id, rounds)
    assert inventory.suppliers(shop_id) == (rounds,)
    assert inventory.suppliers(shop_id + "x") == ()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(-1_000, 1_000), st.booleans()), max_size=25))
def test_the_quantity_on_hand_is_the_sum_of_the_movements(
    inventory: InventoryStore, now: datetime, changes: list[tuple[int, bool]]
) -> None:
    import secrets

    if type(inventory).__module__.startswith("serving.adapters.dynamodb"):
        changes = changes[:6]  # moto takes a hundred times as long as a database
    shop_id = secrets.token_hex(8)
    inventory.add_item(shop_id, an_item(now))
    expected = 0
    for n, (change, allowed) in enumerate(changes):
        try:
            inventory.move(shop_id, (a_movement(now, f"m{n:03d}", change),), allow_negative=allowed)
            expected += change
        except OutOfStock:
            assert not allowed
            assert change < 0
            assert expected + change < 0
    assert inventory.item(shop_id, "sugar").on_hand_milli == expected
    assert (
        sum(move.quantity_milli for move in inventory.movements(shop_id, "sugar", 50, None).rows) == expected
    )


def test_an_empty_shelf_is_told_from_stock_that_was_never_entered(
    inventory: InventoryStore, shop_id: str, now: datetime
) -> None:
    hour = timedelta(hours=1)
    for item_id in ("sugar", "salt", "dal"):
        inventory.add_item(shop_id, an_item(now, item_id))
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
        inventory.move(shop_id, (moved,), allow_negative=True)
    found = inventory.empty_shelves(shop_id, ("sugar", "salt"), now - hour)
    assert found == (
        EmptyShelf("sugar", now + hour, now + 3 * hour),
        EmptyShelf("sugar", now + 5 * hour, None),
    )
    assert inventory.empty_shelves(shop_id, ("sugar",), now + 2 * hour) == (
        EmptyShelf("sugar", now + 5 * hour, None),
    )
    assert inventory.empty_shelves(shop_id + "x", ("sugar",), now) == ()
