"""Changes written with what changed, in its transaction, until they stand in the feed."""

from collections.abc import Sequence
from typing import cast

from serving.adapters.dynamodb.table import CHANGES, DynamoTable
from serving.ports.changes import Change, ChangeKind, Pending


class DynamoChangeOutbox:
    """The rows of one table that wait for the feed; their sort keys start with `#x#` and sort by time.

    Parameters
    ----------
    table : DynamoTable
        The table Inventory or Udhaar.
    sort_key : str
        Name of its sort key.
    """

    def __init__(self, table: DynamoTable, sort_key: str) -> None:
        self._table = table
        self._sort_key = sort_key

    def pending(self, shop_id: str, limit: int) -> tuple[Pending, ...]:
        """Return what waits."""
        rows = self._table.query(
            f"shopId = :shop AND begins_with({self._sort_key}, :prefix)",
            {":shop": shop_id, ":prefix": CHANGES},
            limit=limit,
        )
        found = []
        for _, row in zip(range(limit), rows, strict=False):
            pairs = (told.partition(" ") for told in row["changes"])
            changes = tuple(Change(shop_id, cast(ChangeKind, kind), thing) for kind, _, thing in pairs)
            found.append(Pending(row[self._sort_key], changes))
        return tuple(found)

    def done(self, shop_id: str, pending: Sequence[Pending]) -> None:
        """Take off what stands in the feed."""
        for start in range(0, len(pending), 100):
            some = pending[start : start + 100]
            keys = ({"shopId": shop_id, self._sort_key: each.token} for each in some)
            self._table.write([self._table.deleting(key) for key in keys])
