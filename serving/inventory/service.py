"""The rules of items and stock."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from samaan_ml.domain.item_names import match_rank
from samaan_ml.domain.money import times_quantity
from samaan_ml.domain.visits import next_order, visits
from serving.errors import InvalidInput, StockChanged
from serving.http.fields import check_past
from serving.inventory.counting import enter_worked_out
from serving.inventory.schemas import (
    BatchList,
    BatchRow,
    Count,
    CountResult,
    FoundItems,
    ItemCard,
    ItemChange,
    LowStockList,
    MovementList,
    MovementRow,
    NewBatch,
    NewItem,
    NewMovements,
    NewSupplier,
    StockLevel,
    SupplierCard,
    SupplierList,
)
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.items import Item, ItemStore
from serving.ports.lots import Batch, LotStore
from serving.ports.page import Page
from serving.ports.stock import Movement, StockStore
from serving.ports.suppliers import Supplier, SupplierStore

_PAGE = 200
_SIGN = {"purchase": 1, "supplier_return": -1, "wastage": -1, "theft": -1, "gift": -1, "own_use": -1}


class InventoryService:
    """Keeps items and moves stock."""

    def __init__(
        self,
        items: ItemStore,
        stock: StockStore,
        lots: LotStore,
        suppliers: SupplierStore,
        accounts: AccountStore,
        clock: Clock,
    ) -> None:
        self._items = items
        self._stock = stock
        self._lots = lots
        self._suppliers = suppliers
        self._accounts = accounts
        self._clock = clock

    def add(self, shop_id: str, actor: str, body: NewItem) -> ItemCard:
        """Add an item, its opening stock as a first count."""
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
        return self.item(shop_id, item.item_id)

    def item(self, shop_id: str, item_id: str) -> ItemCard:
        """Return an item."""
        return ItemCard.model_validate(self._items.item(shop_id, item_id))

    def page(self, shop_id: str, limit: int, after: str | None, category: str | None) -> Page[Item]:
        """Return a page of items."""
        return self._items.list_items(shop_id, limit, after, category)

    def search(self, shop_id: str, text: str, limit: int) -> FoundItems:
        """Find items by barcode, id, name or alias, the best fit first."""
        found: list[tuple[int, str, Item]] = []
        for item in self._all(shop_id):
            exact = text in (item.item_id, item.barcode)
            rank = 0 if exact else match_rank(text, (item.name, *item.aliases))
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

    def change(self, shop_id: str, item_id: str, body: ItemChange, if_match: int | None) -> ItemCard:
        """Change the fields that were sent."""
        item = self._items.item(shop_id, item_id)
        values: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
        for required in ("name", "category", "price_paise", "pack_milli", "lead_time_days", "service_level"):
            if required in values and values[required] is None:
                raise InvalidInput(f"'{required}' cannot be empty", field=required)
        values = {name: () if name == "aliases" and not value else value for name, value in values.items()}
        values = {
            name: bool(value) if name in ("known_value", "archived") else value
            for name, value in values.items()
        }
        if values.get("aliases"):
            values["aliases"] = tuple(values["aliases"])
        changed = replace(item, **values)
        if changed.mrp_paise is not None and changed.price_paise > changed.mrp_paise:
            raise InvalidInput(
                f"the price {changed.price_paise} is above the printed maximum {changed.mrp_paise}",
                field="price_paise",
            )
        if changed.price_paise != item.price_paise:
            self._check_lots(shop_id, changed)
            changed = replace(changed, price_changed_on=self._today(shop_id, self._clock.now()))
        # The store compares the version: it alone knows a write that it has taken already and that is sent again.
        self._items.change_item(shop_id, changed, item.version if if_match is None else if_match)
        return self.item(shop_id, item_id)

    def _check_lots(self, shop_id: str, item: Item) -> None:
        """Refuse a new price above what is printed on a lot with stock."""
        for lot in self._lots.batches(shop_id, item.item_id):
            if lot.mrp_paise is not None and item.price_paise > lot.mrp_paise:
                raise InvalidInput(
                    f"the price {item.price_paise} is above the maximum {lot.mrp_paise} printed on lot "
                    f"'{lot.batch_id}'",
                    field="price_paise",
                )

    def stock(self, shop_id: str, item_id: str) -> StockLevel:
        """Return the stock of an item."""
        return _level(self._items.item(shop_id, item_id))

    def move(self, shop_id: str, actor: str, body: NewMovements) -> MovementList:
        """Enter movements together."""
        now = self._clock.now()
        movements = tuple(
            Movement(
                new_id(now),
                each.item_id,
                each.kind,
                _SIGN[each.kind] * (each.quantity_milli + each.free_milli),
                check_past(each.at, now, f"movements.{place}.at"),
                actor,
                each.reason,
                unit_cost_paise=spread_cost(each.unit_cost_paise, each.quantity_milli, each.free_milli),
            )
            for place, each in enumerate(body.movements)
        )
        blocked = self._accounts.shop(shop_id).negative_stock == "block"
        self._learn_costs(shop_id, movements)
        self._stock.move(shop_id, movements, allow_negative=not blocked)
        after = self._items.items(shop_id, tuple(each.item_id for each in movements))
        return MovementList(
            movements=[MovementRow.model_validate(each) for each in movements],
            stock=[_level(item) for item in after],
        )

    def _learn_costs(self, shop_id: str, movements: tuple[Movement, ...]) -> None:
        """Carry what purchases cost into the weighted average, before their stock is added."""
        for movement in movements:
            if movement.unit_cost_paise is None or movement.quantity_milli <= 0:
                continue
            item = self._items.item(shop_id, movement.item_id)
            cost = weighted_cost(
                item.on_hand_milli, item.cost_paise, movement.quantity_milli, movement.unit_cost_paise
            )
            self._items.change_item(shop_id, replace(item, cost_paise=cost), item.version)

    def movements(self, shop_id: str, item_id: str, limit: int, after: str | None) -> Page[Movement]:
        """Return a page of an item's movements."""
        self._items.item(shop_id, item_id)
        return self._stock.movements(shop_id, item_id, limit, after)

    def count(self, shop_id: str, actor: str, item_id: str, body: Count) -> CountResult:
        """Bring the record to what was counted by one adjustment."""
        now = self._clock.now()
        movement_id = new_id(now)

        def work_out(item: Item) -> Movement | None:
            before = item.on_hand_milli
            if body.expected_milli is not None and body.expected_milli != before:
                raise StockChanged(
                    f"the stock is {before} milli-units, not {body.expected_milli}", field="expected_milli"
                )
            if before == body.counted_milli and body.ignore_unchanged:
                return None
            difference = body.counted_milli - before
            return Movement(movement_id, item_id, "count", difference, now, actor, body.reason)

        item, movement = enter_worked_out(self._items, self._stock, shop_id, item_id, movement_id, work_out)
        difference = movement.quantity_milli if movement else 0
        return CountResult(
            item_id=item_id,
            before_milli=item.on_hand_milli,
            counted_milli=body.counted_milli,
            difference_milli=difference,
            variance_paise=None if item.cost_paise is None else times_quantity(item.cost_paise, difference),
            movement_id=movement.movement_id if movement else None,
        )

    def receive(self, shop_id: str, actor: str, item_id: str, body: NewBatch) -> BatchRow:
        """Take a delivery lot into stock."""
        now = self._clock.now()
        self._items.item(shop_id, item_id)
        batch_id = body.batch_id or new_id(now)
        for known in self._lots.batches(shop_id, item_id):
            if known.batch_id == batch_id and (known.expires_on, known.mrp_paise) != (
                body.expires_on,
                body.mrp_paise,
            ):
                raise InvalidInput(
                    f"batch '{batch_id}' has another expiry or printed price", field="batch_id"
                )
        batch = Batch(batch_id, item_id, body.expires_on, body.mrp_paise, 0, now)
        self._lots.add_batch(shop_id, batch)
        movement = Movement(
            new_id(now),
            item_id,
            "purchase",
            body.quantity_milli,
            now,
            actor,
            batch_id=batch_id,
            unit_cost_paise=body.unit_cost_paise,
        )
        self._learn_costs(shop_id, (movement,))
        self._stock.move(shop_id, (movement,), allow_negative=True)
        lots = self._lots.batches(shop_id, item_id)
        return BatchRow.model_validate(next(each for each in lots if each.batch_id == batch_id))

    def batches(self, shop_id: str, item_id: str) -> BatchList:
        """Return the lots of an item."""
        self._items.item(shop_id, item_id)
        rows = self._lots.batches(shop_id, item_id)
        return BatchList(rows=[BatchRow.model_validate(each) for each in rows])

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


def _is_low(item: Item) -> bool:
    """Tell whether an item is at or below its reorder point, or below zero where none is set."""
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


def weighted_cost(on_hand_milli: int, cost_paise: int | None, added_milli: int, unit_cost_paise: int) -> int:
    """Return the average cost of a unit after a delivery, rounded half up.

    Stock below zero counts as none: what was sold before it was entered has no cost to carry.

    Examples
    --------
    >>> weighted_cost(10_000, 1_000, 10_000, 1_200)
    1100
    """
    before = max(on_hand_milli, 0)
    if cost_paise is None or before == 0:
        return unit_cost_paise
    total = before + added_milli
    return (before * cost_paise + added_milli * unit_cost_paise + total // 2) // total


def spread_cost(unit_cost_paise: int | None, paid_milli: int, free_milli: int) -> int | None:
    """Return what a unit cost where some came free, rounded half up.

    Examples
    --------
    >>> spread_cost(1_100, 10_000, 1_000)
    1000
    """
    if unit_cost_paise is None:
        return None
    total = paid_milli + free_milli
    return (unit_cost_paise * paid_milli + total // 2) // total
