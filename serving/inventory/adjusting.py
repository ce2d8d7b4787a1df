"""What devices gathered while they were offline: entered in the order of its times, each on its own or all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from samaan_ml.domain.sold_units import check_whole
from serving.errors import IdReused, RequestError, rules_as_input
from serving.http.approving import Approving, Need, backdated, count_loss
from serving.http.client_facts import ITEM_ARCHIVED, STOCK_NEGATIVE, ClientFacts, NamedFact, fact_of, happened
from serving.inventory.stock_schemas import Adjustment, AdjustmentResult, Adjustments, AdjustmentsDone
from serving.ports.accounts import AccountStore, Shop
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

    def apply(self, shop_id: str, actor: str, body: Adjustments, approving: Approving) -> AdjustmentsDone:
        """Enter them by time, then by their place in the request, so that any order ends with the same stock."""
        now = self._clock.now()
        rules = _Rules(self._accounts.shop(shop_id), actor, now, keep_unchanged=not body.ignore_unchanged)
        flags = self._allow(rules, body, approving)
        results: dict[int, AdjustmentResult] = {}
        entered: list[_Entered] = []
        for place, each in sorted(enumerate(body.adjustments), key=lambda pair: (pair[1].at, pair[0])):
            fact = fact_of("movement", each.movement_id, each, "movement_id")
            try:
                known = self._facts.known(AdjustmentResult, fact)
                if known is None:
                    entered.append(self._enter(rules, place, each, fact))
                else:
                    results[place] = known.model_copy(update={"place": place})
            except RequestError as error:
                if body.atomic:
                    error.field = f"adjustments.{place}.{error.field or 'item_id'}"
                    raise
                if not isinstance(error, IdReused):
                    self._facts.refuse(fact)
                results[place] = _refused(place, error)
        results |= {done.place: done for done in self._told(shop_id, entered, flags)}
        found = [results[place] for place in range(len(body.adjustments))]
        return AdjustmentsDone(
            applied=sum(each.status == "applied" for each in found),
            refused=sum(each.status == "refused" for each in found),
            results=found,
        )

    def _allow(self, rules: "_Rules", body: Adjustments, approving: Approving) -> dict[int, set[str]]:
        """Ask for an owner's word where one is needed, for the whole request; return the flags of what is offline."""
        items = {
            i.item_id: i
            for i in self._items.items(rules.shop.shop_id, tuple(a.item_id for a in body.adjustments))
        }
        online: list[Need] = []
        flags: dict[int, set[str]] = {}
        for place, each in enumerate(body.adjustments):
            needs = backdated(each.at, rules.now, rules.shop, f"adjustments.{place}.at")
            item = items.get(each.item_id)
            if each.kind == "count" and each.batch_id is None and item is not None:
                found = each.quantity_milli - item.on_hand_milli
                needs += count_loss(item, found, rules.shop, f"adjustments.{place}.quantity_milli")
            if each.offline:
                flags[place] = approving.allow(needs, offline=True)
            else:
                online += needs
        approving.need(online)
        return flags

    def _enter(self, rules: "_Rules", place: int, each: Adjustment, fact: NamedFact) -> "_Entered":
        """Enter one. What can be refused is refused before anything is written."""
        made = new_id(rules.now)  # before anything is refused: a repeated write must count its ids alike
        movement_id = each.movement_id or made
        when = happened(each.at, rules.now, each, "at")
        item = self._items.item(rules.shop.shop_id, each.item_id)
        with rules_as_input():
            check_whole(item.unit, each.quantity_milli)
        at = min(when.at, rules.now)
        if each.kind == "count":
            rows = self._count(rules, each, movement_id, at)
        else:
            rows = self._move(rules, each, movement_id, at)
        return _Entered(place, each, fact, movement_id, rows, when.flags, is_archived=item.archived)

    def _count(
        self, rules: "_Rules", each: Adjustment, movement_id: str, at: datetime
    ) -> tuple[Movement, ...]:
        """Enter a count."""
        asked = StockCount(
            movement_id,
            each.item_id,
            each.quantity_milli,
            at,
            rules.actor,
            each.reason,
            each.batch_id,
            keep_unchanged=rules.keep_unchanged,
        )
        return self._stock.count(rules.shop.shop_id, asked, rules.shop.zone).movements

    def _move(
        self, rules: "_Rules", each: Adjustment, movement_id: str, at: datetime
    ) -> tuple[Movement, ...]:
        """Enter a movement."""
        moved = Movement(
            movement_id,
            each.item_id,
            each.kind,
            _SIGN[each.kind] * each.quantity_milli,
            at,
            rules.actor,
            each.reason,
            batch_id=each.batch_id,
        )
        allowed = each.offline or rules.shop.negative_stock != "block"
        return self._stock.move(rules.shop.shop_id, (moved,), allow_negative=allowed, zone=rules.shop.zone)

    def _told(
        self, shop_id: str, entered: "list[_Entered]", flags: dict[int, set[str]]
    ) -> Iterator[AdjustmentResult]:
        """Tell what became of each, walking back from the stock now.

        So a request that is finished by its repetition, of which some parts are stored already, is answered as the
        first would have been.
        """
        items = self._items.items(shop_id, tuple(each.asked.item_id for each in entered))
        on_hand = {item.item_id: item.on_hand_milli for item in items}
        for each in reversed(entered):
            item_id = each.asked.item_id
            done = self._result(each, on_hand[item_id], flags.get(each.place, set()))
            on_hand[item_id] -= each.change_milli
            self._facts.complete(each.fact, done)
            yield done

    def _result(self, each: "_Entered", on_hand_milli: int, more: set[str]) -> AdjustmentResult:
        """Tell what became of one, and note what an owner may want to know of it."""
        if not each.rows:
            return _done(each.place, "unchanged", None, 0, on_hand_milli)
        done = _done(each.place, "applied", each.movement_id, each.change_milli, on_hand_milli)
        if not each.asked.offline:
            return done
        flags = set(each.flags) | more | ({ITEM_ARCHIVED} if each.is_archived else set())
        if each.change_milli < 0 and on_hand_milli < 0:
            flags.add(STOCK_NEGATIVE)
        marked = self._facts.mark("movement", each.movement_id, flags, 0, each.asked.kind)
        return done.model_copy(update={"flags": marked})


@dataclass(frozen=True, slots=True)
class _Rules:
    """What holds for all adjustments of a request."""

    shop: Shop
    actor: str
    now: datetime
    keep_unchanged: bool


@dataclass(frozen=True, slots=True)
class _Entered:
    """An adjustment that was entered, now or by an earlier try of the same request."""

    place: int
    asked: Adjustment
    fact: NamedFact
    movement_id: str
    rows: tuple[Movement, ...]
    flags: frozenset[str]
    is_archived: bool

    @property
    def change_milli(self) -> int:
        """What it changed."""
        return sum(row.quantity_milli for row in self.rows)


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
