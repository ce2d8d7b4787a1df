"""What every lot store must do, and what stock movements do to lots."""

import secrets
from contextlib import suppress
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.adapters.dynamodb.stock import DynamoStockStore
from serving.adapters.sql.schema import stock_movements
from serving.errors import Conflict, NotFound, OutOfStock
from serving.ports.lots import Batch
from serving.ports.stock import Movement, StockCount
from tests.contracts.inventory import Inventory, a_movement, an_item


def test_lots_are_kept_by_expiry_and_move_with_their_item(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    for name, expiry in (("late", date(2026, 9, 1)), ("early", date(2026, 4, 1)), ("never", None)):
        batch = Batch(name, "sugar", expiry, 5_000, 0, now)
        inventory.lots.add_batch(shop_id, batch)
        inventory.lots.add_batch(shop_id, batch)
        inventory.stock.move(shop_id, (a_movement(now, name, 1_000, batch_id=name),), allow_negative=False)
    assert [batch.batch_id for batch in inventory.lots.batches(shop_id, "sugar")] == [
        "early",
        "late",
        "never",
    ]
    inventory.stock.move(
        shop_id, (a_movement(now, "s", -1_000, kind="sale", batch_id="early"),), allow_negative=False
    )
    assert [batch.batch_id for batch in inventory.lots.batches(shop_id, "sugar")] == ["late", "never"]
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == 2_000
    assert [batch.batch_id for batch in inventory.lots.expiring(shop_id, date(2026, 9, 1))] == ["late"]
    assert inventory.lots.expiring(shop_id, date(2026, 8, 31)) == ()
    with pytest.raises(NotFound):
        inventory.stock.move(shop_id, (a_movement(now, "x", 1, batch_id="unknown"),), allow_negative=True)


TODAY = date(2026, 3, 10)
LOT_DAYS = {"old": -1, "soon": 2, "late": 9, "never": None}


def a_shelf(inventory: Inventory, shop_id: str, now: datetime, loose: int = 0, **lots: int) -> None:
    """Add sugar with lots that came one after the other, and stock outside them."""
    inventory.items.add_item(shop_id, an_item(now))
    if loose:
        inventory.stock.move(shop_id, (a_movement(now, "loose", loose),), allow_negative=False)
    for n, (name, quantity) in enumerate(lots.items()):
        days = LOT_DAYS[name]
        expires = None if days is None else TODAY + timedelta(days=days)
        came = now - timedelta(days=9 - n)
        inventory.lots.add_batch(shop_id, Batch(name, "sugar", expires, None, 0, came))
        inventory.stock.move(shop_id, (a_movement(now, f"in-{name}", quantity, batch_id=name),), False)


def held(inventory: Inventory, shop_id: str) -> dict[str, int]:
    return {lot.batch_id: lot.on_hand_milli for lot in inventory.lots.batches(shop_id, "sugar")}


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("sale", {"old": 2, "late": 3}),  # soon 2, late 1
        ("own_use", {"old": 2, "late": 3}),
        ("wastage", {"soon": 2, "late": 4}),  # old 2, loose 1
        ("supplier_return", {"old": 2, "soon": 2, "late": 1}),  # the newest
        ("count", {"soon": 1, "late": 4}),  # old 2, soon 1
    ],
)
def test_a_movement_without_a_lot_takes_lots_in_the_order_of_its_kind(
    inventory: Inventory, shop_id: str, now: datetime, kind: Any, left: dict[str, int]
) -> None:
    a_shelf(inventory, shop_id, now, loose=5, old=2, soon=2, late=4)
    rows = inventory.stock.move(shop_id, (a_movement(now, "m", -3, kind=kind),), allow_negative=False)
    assert sum(row.quantity_milli for row in rows) == -3
    assert held(inventory, shop_id) == left
    assert inventory.stock.rebuild(shop_id) == 0


def test_an_expired_lot_is_not_sold_and_blocks_nothing_else(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    a_shelf(inventory, shop_id, now, loose=5, old=2)
    inventory.stock.move(shop_id, (a_movement(now, "s1", -5, kind="sale"),), allow_negative=False)
    with pytest.raises(Conflict):
        inventory.stock.move(shop_id, (a_movement(now, "s2", -1, kind="sale"),), allow_negative=True)
    assert held(inventory, shop_id) == {"old": 2}


def test_a_named_lot_gives_and_gets_and_is_counted_alone(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    a_shelf(inventory, shop_id, now, loose=5, soon=4, late=4)
    wasted = a_movement(now, "w", -3, kind="wastage", batch_id="late")
    inventory.stock.move(shop_id, (wasted,), allow_negative=False)
    assert held(inventory, shop_id) == {"soon": 4, "late": 1}
    too_much = a_movement(now, "w2", -2, kind="wastage", batch_id="late")
    with pytest.raises(OutOfStock):
        inventory.stock.move(shop_id, (too_much,), allow_negative=True)
    back = a_movement(now, "b", 2, kind="customer_return", batch_id="late")
    inventory.stock.move(shop_id, (back,), allow_negative=False)
    count = StockCount("c", "sugar", 1, now + timedelta(minutes=1), "meena", batch_id="soon")
    done = inventory.stock.count(shop_id, count)
    assert (done.before_milli, done.on_hand_milli) == (4, 9)
    assert held(inventory, shop_id) == {"soon": 1, "late": 3}
    more = replace(count, movement_id="c2", counted_milli=6, at=now + timedelta(minutes=2))
    assert inventory.stock.count(shop_id, more).on_hand_milli == 14
    late = a_movement(now, "w3", -1, kind="wastage", batch_id="soon")
    inventory.stock.move(shop_id, (late,), allow_negative=False)
    assert held(inventory, shop_id) == {"soon": 6, "late": 3}


def test_a_count_to_nothing_empties_the_lots(inventory: Inventory, shop_id: str, now: datetime) -> None:
    a_shelf(inventory, shop_id, now, loose=1, old=2, soon=2, never=4)
    inventory.stock.count(shop_id, StockCount("c", "sugar", 0, now, "meena"))
    assert held(inventory, shop_id) == {}
    assert inventory.lots.lot(shop_id, "sugar", "soon") is not None
    assert inventory.lots.expiring(shop_id, TODAY + timedelta(days=99)) == ()


def test_a_lot_that_was_sold_before_it_was_entered_holds_the_rest(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    inventory.items.add_item(shop_id, an_item(now))
    inventory.stock.move(shop_id, (a_movement(now, "s", -3, kind="sale"),), allow_negative=True)
    inventory.lots.add_batch(shop_id, Batch("lot", "sugar", TODAY, None, 0, now))
    inventory.stock.move(shop_id, (a_movement(now, "p", 5, batch_id="lot"),), allow_negative=False)
    assert inventory.items.item(shop_id, "sugar").on_hand_milli == 2
    assert held(inventory, shop_id) == {"lot": 2}


KINDS = ["sale", "customer_return", "supplier_return", "wastage", "theft", "gift", "own_use", "purchase"]
STEP = st.tuples(
    st.sampled_from([*KINDS, "count", "reversal"]),
    st.sampled_from([None, None, *LOT_DAYS]),
    st.integers(0, 12),
    st.integers(-4, 0),
    st.booleans(),
)


def test_the_lots_never_hold_more_than_the_stock(inventory: Inventory, now: datetime) -> None:
    # Over moto a movement takes a hundred times as long as in a database.
    dynamo = type(inventory.stock).__module__.startswith("serving.adapters.dynamodb")
    examples, longest = (5, 6) if dynamo else (25, 25)

    @settings(max_examples=examples)
    @given(steps=st.lists(STEP, min_size=1, max_size=longest))
    def holds(steps: list[tuple[Any, str | None, int, int, bool]]) -> None:
        shop_id = secrets.token_hex(8)
        a_shelf(inventory, shop_id, now, loose=3, old=1, soon=2, late=3, never=1)
        clock, counted = now, {None: now - timedelta(days=1)}
        for n, (kind, lot, quantity, ago, allowed) in enumerate(steps):
            clock += timedelta(minutes=1)
            at = clock + timedelta(minutes=ago)
            before = inventory.items.item(shop_id, "sugar").on_hand_milli
            with suppress(OutOfStock, Conflict):
                if kind == "count":
                    count = StockCount(f"m{n:02}", "sugar", quantity, at, "meena", batch_id=lot)
                    for _ in range(2):
                        inventory.stock.count(shop_id, count)
                    counted[lot] = max(at, counted.get(lot, at))
                else:
                    sign = 1 if kind in ("purchase", "customer_return") else -1
                    move = a_movement(at, f"m{n:02}", sign * quantity, kind=kind, batch_id=lot)
                    for _ in range(2):
                        inventory.stock.move(shop_id, (move,), allow_negative=allowed)
                    if at < max(counted[None], counted.get(lot, at)):
                        assert inventory.items.item(shop_id, "sugar").on_hand_milli == before
            on_hand = inventory.items.item(shop_id, "sugar").on_hand_milli
            lots = held(inventory, shop_id)
            assert all(quantity > 0 for quantity in lots.values())
            assert sum(lots.values()) <= max(on_hand, 0)
        rows = inventory.stock.movements(shop_id, "sugar", 500, None).rows
        assert sum(row.quantity_milli for row in rows) == on_hand
        assert inventory.stock.rebuild(shop_id) == 0

    holds()


def test_recounting_brings_lots_of_old_records_down_to_the_stock(
    inventory: Inventory, shop_id: str, now: datetime
) -> None:
    a_shelf(inventory, shop_id, now, soon=5, late=4)
    old_row = replace(a_movement(now, "w", -7, kind="wastage"))
    write_as_before_lots_moved(inventory, shop_id, old_row)
    assert inventory.stock.rebuild(shop_id) >= 1
    assert held(inventory, shop_id) == {"late": 2}
    assert inventory.stock.rebuild(shop_id) == 0


def write_as_before_lots_moved(inventory: Inventory, shop_id: str, row: Movement) -> None:
    """Put a movement in as earlier versions did: it changes the item alone."""
    if isinstance(inventory.stock, DynamoStockStore):
        inventory.stock.restore(shop_id, (row,))
        return
    values = {"shop_id": shop_id} | {field.name: getattr(row, field.name) for field in fields(row)}
    with inventory.stock._database.writing() as db:  # type: ignore[attr-defined]
        db.execute(stock_movements.insert(), values)
