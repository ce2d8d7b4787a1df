"""Reads the feed: first what waits in stores outside the database, then the page."""

from collections import defaultdict

from serving.changes.rows import FeedStores, read_rows
from serving.changes.schemas import ChangePage, ChangeRow
from serving.ports.changes import ChangeFeed, ChangeKind, ChangeOutbox, Numbered
from serving.ports.clock import Clock, local_day
from serving.ports.transactions import Transactions

_AT_ONCE = 1_000


class ChangeService:
    """Reads a shop's feed."""

    def __init__(
        self,
        feed: ChangeFeed,
        outboxes: tuple[ChangeOutbox, ...],
        stores: FeedStores,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._feed = feed
        self._outboxes = outboxes
        self._stores = stores
        self._transactions = transactions
        self._clock = clock

    def page(self, shop_id: str, after: int, limit: int) -> ChangePage:
        """Return what changed after a place."""
        self.gather(shop_id)
        found = self._feed.after(shop_id, after, limit + 1, self._clock.now())
        shown = found[:limit]
        return ChangePage.model_construct(
            rows=self._rows(shop_id, shown),
            next=shown[-1].seq if shown else after,
            more=len(found) > limit,
        )

    def gather(self, shop_id: str) -> None:
        """Bring what stores outside the database wrote into the feed; written twice, it only stands further on."""
        for outbox in self._outboxes:
            while waiting := outbox.pending(shop_id, _AT_ONCE):
                with self._transactions.begin():
                    self._feed.note([change for each in waiting for change in each.changes])
                outbox.done(shop_id, waiting)

    def head(self, shop_id: str) -> int:
        """Return the last place."""
        self.gather(shop_id)
        return self._feed.head(shop_id)

    def _rows(self, shop_id: str, found: tuple[Numbered, ...]) -> list[ChangeRow]:
        """Read the things that changed."""
        wanted: dict[ChangeKind, list[str]] = defaultdict(list)
        for each in found:
            wanted[each.kind].append(each.thing_id)
        today = local_day(self._clock.now(), self._stores.accounts.shop(shop_id).zone)
        rows = read_rows(self._stores, shop_id, {kind: tuple(ids) for kind, ids in wanted.items()}, today)
        shown = []
        for each in found:
            row = rows.get((each.kind, each.thing_id))
            shown.append(
                ChangeRow.model_construct(
                    seq=each.seq, kind=each.kind, id=each.thing_id, deleted=row is None, row=row
                )
            )
        return shown
