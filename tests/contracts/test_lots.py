"""What every lot store must do."""

from datetime import date, datetime

import pytest

from serving.errors import NotFound
from serving.ports.lots import Batch
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
