"""What devices gathered while they were offline: entered in the order of its times, each on its own or all."""

from datetime import datetime

from serving.errors import RequestError
from serving.http.client_facts import ITEM_ARCHIVED, STOCK_NEGATIVE, ClientFacts, fact_of, happened
from serving.inventory.schemas import Adjustment, AdjustmentResult, Adjustments, AdjustmentsDone
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, new_id
from serving.ports.items import ItemStore
from serving.ports.stock import Movement, StockCount, StockStore

_SIGN = {"purchase": 1, "supplier_return": -1, "wastage": -1, "theft": -1, "gift": -1, "own_use": -1}


class AdjustingService:
    """Enters adjustments."""

    def __init__(
        self,
        items: ItemStore,
        stock: StockStore,
        accounts: AccountStore,
        facts: ClientFacts,
        clock: Clock,
    ) -> None:
        self._items = items
        self._stock = stock
        self._facts = facts
        self._accounts = accounts
        self._clock = clock

    def apply(self, shop_id: str, actor: str, body: Adjustments) -> AdjustmentsDone:
        """Enter them by time, then by their place in the request, so that any order ends with the same stock."""
        now = self._clock.now()
        blocked = self._accounts.shop(shop_id).negative_stock == "block"
        results: dict[int, AdjustmentResult] = {}
        for place, each in sorted(enumerate(body.adjustments), key=lambda pair: (pair[1].at, pair[0])):
            try:
                results[place] = self._once(
                    shop_id,
                    actor,
                    place,
                    each,
                    now,
                    blocked=blocked and not each.offline,
                    keep_unchanged=not body.ignore_unchanged,
                )
            except RequestError as error:
                if body.atomic:
                    error.field = f"adjustments.{place}.{error.field or 'item_id'}"
                    raise
                results[place] = _refused(place, error)
        found = [results[place] for place in range(len(body.adjustments))]
        return AdjustmentsDone(
            applied=sum(each.status == "applied" for each in found),
            refused=sum(each.status == "refused" for each in found),
            results=found,
        )

    def _once(
        self,
        shop_id: str,
        actor: str,
        place: int,
        each: Adjustment,
        now: datetime,
        *,
        blocked: bool,
        keep_unchanged: bool,
    ) -> AdjustmentResult:
        """Enter one, or tell what became of it when it came first."""

        def work() -> AdjustmentResult:
            return self._one(shop_id, actor, place, each, now, blocked=blocked, keep_unchanged=keep_unchanged)

        fact = fact_of("movement", each.movement_id, each, "movement_id")
        found, _ = self._facts.once(AdjustmentResult, fact, work)
        return found.model_copy(update={"place": place})

    def _one(
        self,
        shop_id: str,
        actor: str,
        place: int,
        each: Adjustment,
        now: datetime,
        *,
        blocked: bool,
        keep_unchanged: bool,
    ) -> AdjustmentResult:
        """Enter one. What can be refused is refused before anything is written."""
        made = new_id(now)  # before anything is refused: a repeated write must count its ids alike
        movement_id = each.movement_id or made
        when = happened(each.at, now, each, "at")

        item = self._items.item(shop_id, each.item_id)
        at = min(when.at, now)
        if each.kind == "count":
            rows, on_hand = self._count(shop_id, actor, movement_id, each, at, keep_unchanged=keep_unchanged)
        else:
            rows = self._move(shop_id, actor, movement_id, each, at, blocked=blocked)
            on_hand = item.on_hand_milli + sum(row.quantity_milli for row in rows)
        if not rows:
            return _done(place, "unchanged", None, 0, on_hand)
        change = sum(row.quantity_milli for row in rows)
        done = _done(place, "applied", movement_id, change, on_hand)
        if not each.offline:
            return done
        flags = set(when.flags) | ({ITEM_ARCHIVED} if item.archived else set())
        if change < 0 and on_hand < 0:
            flags.add(STOCK_NEGATIVE)
        return done.model_copy(
            update={"flags": self._facts.mark("movement", movement_id, flags, 0, each.kind)}
        )

    def _count(
        self,
        shop_id: str,
        actor: str,
        movement_id: str,
        each: Adjustment,
        at: datetime,
        *,
        keep_unchanged: bool,
    ) -> tuple[tuple[Movement, ...], int]:
        """Record a count; return its movements and the stock after it."""
        counted = self._stock.count(
            shop_id,
            StockCount(
                movement_id,
                each.item_id,
                each.quantity_milli,
                at,
                actor,
                each.reason,
                each.batch_id,
                keep_unchanged=keep_unchanged,
            ),
            self._accounts.shop(shop_id).zone,
        )
        return counted.movements, counted.on_hand_milli

    def _move(
        self, shop_id: str, actor: str, movement_id: str, each: Adjustment, at: datetime, *, blocked: bool
    ) -> tuple[Movement, ...]:
        """Record a movement; return its rows."""
        moved = Movement(
            movement_id,
            each.item_id,
            each.kind,
            _SIGN[each.kind] * each.quantity_milli,
            at,
            actor,
            each.reason,
            batch_id=each.batch_id,
        )
        zone = self._accounts.shop(shop_id).zone
        return self._stock.move(shop_id, (moved,), allow_negative=not blocked, zone=zone)


def _done(
    place: int, status: str, movement_id: str | None, change_milli: int, on_hand_milli: int
) -> AdjustmentResult:
    """Say what was entered."""
    return AdjustmentResult.model_validate(
        {
            "place": place,
            "status": status,
            "movement_id": movement_id,
            "change_milli": change_milli,
            "on_hand_milli": on_hand_milli,
            "code": None,
            "detail": None,
        }
    )


def _refused(place: int, error: RequestError) -> AdjustmentResult:
    """Say why one was not entered."""
    return AdjustmentResult(
        place=place,
        status="refused",
        movement_id=None,
        change_milli=0,
        on_hand_milli=None,
        code=error.code,
        detail=error.detail,
    )
