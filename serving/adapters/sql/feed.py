"""Writing into the feed of changes, at the end of a unit of work."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from serving.adapters.sql.schema import change_heads, changes
from serving.ports.changes import Change

_AT_ONCE = 500


def write_changes(
    db: sa.Connection,
    noted: Iterable[Change],
    now: datetime,
    inserting: "Callable[[sa.Table], sqlite.Insert | postgresql.Insert]",
) -> None:
    """Return each change the next number of its shop; one that stands in the feed already moves to it.

    Parameters
    ----------
    db : Connection
        The unit of work.
    noted : iterable of Change
        What it changed.
    now : datetime
        When.
    inserting : callable
        Starts an insert that may say what to do on a conflict.
    """
    of_shops: dict[str, list[Change]] = defaultdict(list)
    for change in noted:
        of_shops[change.shop_id].append(change)
    for shop_id, found in sorted(of_shops.items()):
        count = len(found)
        take = inserting(change_heads).values(shop_id=shop_id, seq=count, floor=0)
        given = take.on_conflict_do_update(
            index_elements=["shop_id"], set_={"seq": change_heads.c.seq + count}
        ).returning(change_heads.c.seq)
        first = int(db.execute(given).scalar_one()) - count + 1
        rows = [
            {"shop_id": shop_id, "kind": c.kind, "thing_id": c.thing_id, "seq": first + n, "at": now}
            for n, c in enumerate(found)
        ]
        insert = inserting(changes)
        moved = insert.on_conflict_do_update(
            index_elements=["shop_id", "kind", "thing_id"],
            set_={"seq": insert.excluded.seq, "at": insert.excluded.at},
        )
        for start in range(0, count, _AT_ONCE):
            db.execute(moved, rows[start : start + _AT_ONCE])
