"""The rules of items and stock."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from samaan_ml.domain.barcodes import barcode_key
from samaan_ml.domain.costs import spread_cost
from samaan_ml.domain.item_names import is_similar, match_rank
from samaan_ml.domain.money import times_quantity
from samaan_ml.domain.printed_price import check_mrp, lowest_printed
from samaan_ml.domain.sold_units import check_whole
from samaan_ml.domain.visits import next_order, visits
from serving.errors import InvalidInput, NotFound
from serving.http.approving import Approving, backdated, count_loss
from serving.http.client_facts import ITEM_ARCHIVED, STOCK_NEGATIVE, ClientFacts, fact_of, happened
from serving.http.fields import check_past
from serving.inventory.schemas import (
    BatchList,
    BatchRow,
    FoundItems,
    ItemCard,
    ItemChange,
    LowStockList,
    NewBatch,
    NewItem,
    NewItemDone,
    SimilarItem,
)
from serving.inventory.stock_schemas import (
    Count,
    CountResult,
    MovementList,
    MovementRow,
    NewMovement,
    NewMovements,
    StockLevel,
)
from serving.inventory.supplier_schemas import NewSupplier, SupplierCard, SupplierList
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.items import Item, ItemStore
from serving.ports.lots import LotStore, printed_on
from serving.ports.page import Page
from serving.ports.prices import PriceChange, PriceStore
from serving.ports.stock import Movement, StockCount, StockStore
from serving.ports.suppliers import Supplier, SupplierStore
from serving.receiving import Goods, Receiver

_PAGE = 200
_SIMILAR = 5
_SIGN = {"purchase": 1, "supplier_return": -1, "wastage": -1, "theft": -1, "gift": -1, "own_use": -1}


class InventoryService:
    """Keeps items and moves stock."""

    def __init__(
        self,
        items: ItemStore,
        stock: StockStore,
        lots: LotStore,
        suppliers: SupplierStore,
        prices: PriceStore,
        accounts: AccountStore,
        facts: ClientFacts,
        clock: Clock,
    ) -> None:
        self._facts = facts
        self._items = items
        self._stock = stock
        self._lots = lots
        self._suppliers = suppliers
        self._prices = prices
        self._accounts = accounts
        self._receiver = Receiver(items=items, stock=stock, lots=lots)
        self._clock = clock

    def add(self, shop_id: str, actor: str, body: NewItem) -> NewItemDone:
        """Add an item, its opening stock as a first count."""
        check_whole(body.unit, body.opening_stock_milli, "opening_stock_milli")
        now = self._clock.now()
        values = body.model_dump(exclude={"opening_stock_milli", "item_id", "aliases"})
        item = Item(
            item_id=body.item_id or new_id(now),
            aliases=tuple(body.aliases),
            price_changed_on=None,
            on_hand_milli=0,
            version=1,
            created_at=now,
            **values,
        )
        self._items.add_item(shop_id, item)
        if body.opening_stock_milli:
            opening = Movement(
                new_id(now), item.item_id, "count", body.opening_stock_milli, now, actor, "opening stock"
            )
            self._stock.move(shop_id, (opening,), allow_negative=True)
        similar = [
            SimilarItem.model_validate(other)
            for other in self._all(shop_id)
            if other.item_id != item.item_id and _are_similar(item, other)
        ]
        return NewItemDone(**self.item(shop_id, item.item_id).model_dump(), similar=similar[:_SIMILAR])

    def item(self, shop_id: str, item_id: str) -> ItemCard:
        """Return an item."""
        return ItemCard.model_validate(self._items.item(shop_id, item_id))

    def page(self, shop_id: str, limit: int, after: str | None, category: str | None) -> Page[Item]:
        """Return a page of items."""
        return self._items.list_items(shop_id, limit, after, category)

    def search(self, shop_id: str, text: str, limit: int) -> FoundItems:
        """Find items by barcode, id, name or alias, the best fit first."""
        code = barcode_key(text)
        found: list[tuple[int, str, Item]] = []
        for item in self._all(shop_id):
            same_code = code is not None and item.barcode is not None and barcode_key(item.barcode) == code
            exact = text == item.item_id or same_code
            rank = 0 if exact else match_rank(text, item.all_names)
            if rank is not None:
                found.append((rank, item.item_id, item))
        best = sorted(found, key=lambda one: one[:2])[:limit]
        return FoundItems(rows=[ItemCard.model_validate(item) for _, _, item in best])

    def _all(self, shop_id: str) -> Iterator[Item]:
        """Walk through the items."""
        after: str | None = None
        while True:
            page = self._items.list_items(shop_id, _PAGE, after)
            yield from page.rows
            if page.after is None:
                return
            after = page.after

    def change(
        self, shop_id: str, actor: str, item_id: str, body: ItemChange, if_match: int | None
    ) -> ItemCard:
        """Change the fields that were sent."""
        change_id = new_id(self._clock.now())  # drawn in any case: a repeated write must count its ids alike
        item = self._items.item(shop_id, item_id)
        values: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
        for required in ("name", "category", "price_paise", "pack_milli", "lead_time_days", "service_level"):
            if required in values and values[required] is None:
                raise InvalidInput(f"'{required}' cannot be empty", field=required)
        empty: dict[str, Any] = {"aliases": (), "names": {}}
        values = {name: value or empty.get(name, value) for name, value in values.items()}
        values = {
            name: bool(value) if name in ("known_value", "archived") else value
            for name, value in values.items()
        }
        if values.get("aliases"):
            values["aliases"] = tuple(values["aliases"])
        changed = replace(item, **values)
        check_mrp(changed.price_paise, lowest_printed(changed.mrp_paise))
        if changed.price_paise != item.price_paise:
            check_mrp(
                changed.price_paise,
                lowest_printed(changed.mrp_paise, printed_on(self._lots.batches(shop_id, item_id))),
            )
            changed = replace(
                changed, price_changed_on=self._note_price(shop_id, actor, change_id, item, changed)
            )
        # The store compares the version: it alone knows a write that it has taken already and that is sent again.
        self._items.change_item(shop_id, changed, item.version if if_match is None else if_match)
        return self.item(shop_id, item_id)

    def _note_price(self, shop_id: str, actor: str, change_id: str, item: Item, changed: Item) -> date:
        """Keep the change of a price, by which later bills know what held before, and return its day."""
        now = self._clock.now()
        today = self._today(shop_id, now)
        before, after = item.price_paise, changed.price_paise
        self._prices.add_change(
            shop_id,
            PriceChange(change_id, item.item_id, now, today, before, after, actor, "item changed"),
        )
        return today

    def stock(self, shop_id: str, item_id: str) -> StockLevel:
        """Return the stock of an item."""
        return _level(self._items.item(shop_id, item_id))

    def move(self, shop_id: str, actor: str, body: NewMovements, approving: Approving) -> MovementList:
        """Enter movements together; those that came before under their clients' ids are answered as they were."""
        now = self._clock.now()
        rows: dict[int, MovementRow] = {}
        fresh: dict[int, Movement] = {}
        facts = {}
        old: dict[int, set[str]] = {}
        shop = self._accounts.shop(shop_id)
        for place, each in enumerate(body.movements):
            made = new_id(now)
            facts[place] = fact_of("movement", each.movement_id, each, f"movements.{place}.movement_id")
            known = self._facts.known(MovementRow, facts[place])
            if known is not None:
                rows[place] = known
                continue
            when = happened(each.at, now, each, f"movements.{place}.at")
            field = f"movements.{place}.at"
            old[place] = approving.allow(backdated(when.at, now, shop, field), offline=each.offline)
            fresh[place] = _movement(each, each.movement_id or made, when.at, actor)
        entered = self._enter(shop_id, body, fresh)
        after = {i.item_id: i for i in self._items.items(shop_id, tuple(m.item_id for m in body.movements))}
        for place, movement in fresh.items():
            flags = self._flags(body.movements[place], movement, after[movement.item_id], now, old[place])
            own = entered[movement.movement_id]
            rows[place] = _one_row(movement, own).model_copy(update={"flags": flags})
            self._facts.complete(facts[place], rows[place])
        return MovementList(
            movements=[rows[place] for place in range(len(body.movements))],
            stock=[_level(item) for item in after.values()],
        )

    def _enter(
        self, shop_id: str, body: NewMovements, fresh: dict[int, Movement]
    ) -> dict[str, list[Movement]]:
        """Enter what is new, and return its rows by movement; what happened already may pass the stock."""
        there = {
            item.item_id: item
            for item in self._items.items(shop_id, tuple(m.item_id for m in body.movements))
        }
        for place, movement in fresh.items():
            if movement.item_id not in there:
                raise NotFound(f"no item '{movement.item_id}'", field="item_id")
            unit = there[movement.item_id].unit
            check_whole(unit, movement.quantity_milli, f"movements.{place}.quantity_milli")
        shop = self._accounts.shop(shop_id)
        self._receiver.learn_costs(shop_id, tuple(fresh.values()))
        entered: dict[str, list[Movement]] = defaultdict(list)
        for offline in (False, True):
            some = tuple(m for place, m in fresh.items() if body.movements[place].offline is offline)
            allowed = offline or shop.negative_stock != "block"
            rows = self._stock.move(shop_id, some, allow_negative=allowed, zone=shop.zone) if some else ()
            for row in rows:
                entered[row.movement_id.partition("~")[0]].append(row)
        return entered

    def _flags(
        self, asked: NewMovement, movement: Movement, after: Item, now: datetime, more: set[str]
    ) -> list[str]:
        """Note what an owner may want to know of a movement that happened offline."""
        if not asked.offline:
            return []
        flags = set(happened(asked.at, now, asked, "at").flags) | more
        if after.archived:
            flags.add(ITEM_ARCHIVED)
        if movement.quantity_milli < 0 and after.on_hand_milli < 0:
            flags.add(STOCK_NEGATIVE)
        return self._facts.mark("movement", movement.movement_id, flags, 0, movement.kind)

    def movements(self, shop_id: str, item_id: str, limit: int, after: str | None) -> Page[Movement]:
        """Return a page of an item's movements."""
        self._items.item(shop_id, item_id)
        return self._stock.movements(shop_id, item_id, limit, after)

    def movement_rows(self, shop_id: str, movements: tuple[Movement, ...]) -> list[MovementRow]:
        """Translate movements, with what was noted about them."""
        marks = self._facts.marks("movement", tuple(each.movement_id for each in movements))
        noted = {movement_id: list(mark.flags) for movement_id, mark in marks.items()}
        names = self._accounts.names(shop_id, tuple({each.actor for each in movements}))
        return [
            MovementRow.model_validate(each).model_copy(
                update={
                    "flags": noted.get(each.movement_id, []),
                    "actor_name": names.get(each.actor),
                }
            )
            for each in movements
        ]

    def count(self, shop_id: str, actor: str, item_id: str, body: Count, approving: Approving) -> CountResult:
        """Bring the record to what was counted by one adjustment."""
        now = self._clock.now()
        made = new_id(now)
        movement_id = body.count_id or made
        when = happened(body.at, now, body, "at")

        item = self._items.item(shop_id, item_id)
        check_whole(item.unit, body.counted_milli, "counted_milli")
        shop = self._accounts.shop(shop_id)
        seen = self._record(shop_id, item, body.batch_id)
        needs = backdated(when.at, now, shop, "at") + count_loss(
            item, body.counted_milli - seen, shop, "counted_milli"
        )
        more = approving.allow(needs, offline=body.offline)
        asked = StockCount(
            movement_id=movement_id,
            item_id=item_id,
            counted_milli=body.counted_milli,
            at=min(when.at, now),
            actor=actor,
            reason=body.reason,
            batch_id=body.batch_id,
            expected_milli=body.expected_milli,
            keep_unchanged=not body.ignore_unchanged,
        )
        done = self._stock.count(shop_id, asked, shop.zone)
        difference = body.counted_milli - done.before_milli
        if not needs:  # as of an earlier instant the record was another one
            more |= approving.allow(count_loss(item, difference, shop, "counted_milli"), offline=body.offline)
        flags: list[str] = []
        if done.movements and body.offline:
            flags = self._facts.mark("movement", movement_id, when.flags | more, 0, "count")
        return CountResult(
            item_id=item_id,
            before_milli=done.before_milli,
            counted_milli=body.counted_milli,
            difference_milli=difference,
            variance_paise=None if item.cost_paise is None else times_quantity(item.cost_paise, difference),
            movement_id=done.movements[0].movement_id if done.movements else None,
            flags=flags,
        )

    def _record(self, shop_id: str, item: Item, batch_id: str | None) -> int:
        """Return the record that a count is compared with: the item's stock or the lot's."""
        if batch_id is None:
            return item.on_hand_milli
        lot = self._lots.lot(shop_id, item.item_id, batch_id)
        return 0 if lot is None else lot.on_hand_milli

    def receive(self, shop_id: str, actor: str, item_id: str, body: NewBatch) -> BatchRow:
        """Take a delivery lot into stock."""
        now = self._clock.now()
        at = min(check_past(body.at, now, "at"), now)
        batch_id = body.batch_id or new_id(now)
        goods = Goods(
            item_id,
            body.quantity_milli,
            unit_cost_paise=body.unit_cost_paise,
            batch_id=batch_id,
            expires_on=body.expires_on,
            mrp_paise=body.mrp_paise,
        )
        self._receiver.receive(self._accounts.shop(shop_id), actor, [goods], None, at, now)
        return BatchRow.model_validate(self._lots.lot(shop_id, item_id, batch_id))

    def batches(self, shop_id: str, item_id: str) -> BatchList:
        """Return the lots of an item, and what lies outside them."""
        item = self._items.item(shop_id, item_id)
        rows = self._lots.batches(shop_id, item_id)
        outside = max(item.on_hand_milli, 0) - sum(each.on_hand_milli for each in rows)
        return BatchList(rows=[BatchRow.model_validate(each) for each in rows], outside_lots_milli=outside)

    def expiring(self, shop_id: str, days: int) -> BatchList:
        """Return the lots that expire within some days."""
        until = self._today(shop_id, self._clock.now()) + timedelta(days=days)
        return BatchList(rows=[BatchRow.model_validate(each) for each in self._lots.expiring(shop_id, until)])

    def low(self, shop_id: str) -> LowStockList:
        """Return the items at or below their reorder point."""
        found = [_level(item) for item in self._all(shop_id) if _is_low(item)]
        return LowStockList(rows=sorted(found, key=lambda level: (level.on_hand_milli, level.item_id)))

    def save_supplier(self, shop_id: str, supplier_id: str, body: NewSupplier) -> SupplierCard:
        """Add or replace a supplier."""
        values = body.model_dump() | {
            "visit_weekdays": tuple(sorted(set(body.visit_weekdays))),
            "closed_on": tuple(sorted(set(body.closed_on))),
        }
        supplier = Supplier(supplier_id=supplier_id, **values)
        self._suppliers.save_supplier(shop_id, supplier)
        return _supplier(supplier, self._accounts.shop(shop_id), self._clock.now())

    def suppliers(self, shop_id: str) -> SupplierList:
        """Return the suppliers and their next visits."""
        shop, now = self._accounts.shop(shop_id), self._clock.now()
        return SupplierList(rows=[_supplier(each, shop, now) for each in self._suppliers.suppliers(shop_id)])

    def _today(self, shop_id: str, now: datetime) -> date:
        """Return the shop's day."""
        return local_day(now, self._accounts.shop(shop_id).zone)


def _movement(asked: NewMovement, movement_id: str, at: datetime, actor: str) -> Movement:
    """Return a movement its sign and what a unit of it cost."""
    return Movement(
        movement_id,
        asked.item_id,
        asked.kind,
        _SIGN[asked.kind] * (asked.quantity_milli + asked.free_milli),
        at,
        actor,
        asked.reason,
        batch_id=asked.batch_id,
        unit_cost_paise=spread_cost(asked.unit_cost_paise, asked.quantity_milli, asked.free_milli),
    )


def _are_similar(item: Item, other: Item) -> bool:
    """Tell whether a new item is likely one that is there, by any of their names."""
    return any(is_similar(name, known) for name in item.all_names for known in other.all_names)


def _is_low(item: Item) -> bool:
    """Return whether an item is at or below its reorder point, or below zero where none is set."""
    if item.reorder_point_milli is None:
        return item.on_hand_milli < 0
    return item.on_hand_milli <= item.reorder_point_milli


def _level(item: Item) -> StockLevel:
    """Tell the stock of an item and whether it is low."""
    return StockLevel(
        item_id=item.item_id, on_hand_milli=item.on_hand_milli, unit=item.unit, low=_is_low(item)
    )


def _supplier(supplier: Supplier, shop: Shop, now: datetime) -> SupplierCard:
    """Translate a supplier and find the next visits."""
    tomorrow = local_day(now, shop.zone) + timedelta(days=1)
    visit = next(visits(supplier.plan, tomorrow, shop.zone, shop.region), None)
    order = next_order(supplier.plan, now, shop.zone, shop.region)
    own = {name: getattr(supplier, name) for name in SupplierCard.model_fields if hasattr(supplier, name)}
    return SupplierCard.model_validate(
        own
        | {
            "next_visit_on": visit.on if visit else None,
            "next_order_visit_on": order[0].on if order else None,
            "order_due_by": order[0].order_due if order else None,
        }
    )


def _one_row(movement: Movement, rows: Sequence[Movement]) -> MovementRow:
    """Show a movement as it was asked for: whole, with the lot where all of it touches one."""
    own = [row for row in rows if not row.movement_id.endswith("~c")]
    lot = own[0].batch_id if len(own) == 1 else None
    return MovementRow.model_validate(replace(movement, batch_id=lot))
