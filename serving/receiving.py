"""Goods that come in or go back to a supplier: lots, movements and costs, for every way of entry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from samaan_ml.domain.costs import spread_cost, weighted_cost
from samaan_ml.domain.sold_units import check_whole
from serving.errors import InvalidInput
from serving.ports.accounts import Shop
from serving.ports.clock import new_id
from serving.ports.items import ItemStore
from serving.ports.lots import Batch, LotStore
from serving.ports.stock import Movement, StockStore


@dataclass(frozen=True, slots=True)
class Goods:
    """What came of one item.

    Parameters
    ----------
    item_id : str
        The item.
    quantity_milli : int
        What was paid for.
    free_milli : int, default=0
        What came free with it.
    unit_cost_paise : int or None, default=None
        What a unit cost.
    batch_id : str or None, default=None
        The lot; one is made where an expiry or a printed price is given without it.
    expires_on : date or None, default=None
        Last day of sale.
    mrp_paise : int or None, default=None
        Printed maximum.
    field : str, default=""
        Where the goods stand in the request, for errors.
    """

    item_id: str
    quantity_milli: int
    free_milli: int = 0
    unit_cost_paise: int | None = None
    batch_id: str | None = None
    expires_on: date | None = None
    mrp_paise: int | None = None
    field: str = ""


class Receiver:
    """Takes goods into stock."""

    def __init__(self, items: ItemStore, stock: StockStore, lots: LotStore) -> None:
        self._items = items
        self._stock = stock
        self._lots = lots

    def receive(
        self,
        shop: Shop,
        actor: str,
        goods: Sequence[Goods],
        source: str | None,
        at: datetime,
        now: datetime,
        movement_ids: Sequence[str] | None = None,
    ) -> tuple[Movement, ...]:
        """Enter a delivery: lots are made, costs learnt, stock added; all of it or nothing.

        Raises
        ------
        NotFound
            When an item does not exist.
        InvalidInput
            When a lot is there with another expiry or printed price.
        RuleError
            When goods counted by the piece are not whole.
        """
        units = {i.item_id: i.unit for i in self._items.items(shop.shop_id, tuple(g.item_id for g in goods))}
        for each in goods:
            whole = each.quantity_milli + each.free_milli
            check_whole(units.get(each.item_id, ""), whole, f"{each.field}quantity_milli")
        movements = tuple(
            Movement(
                movement_ids[place] if movement_ids else new_id(now),
                each.item_id,
                "purchase",
                each.quantity_milli + each.free_milli,
                at,
                actor,
                source=source,
                batch_id=self._lot(shop.shop_id, each, at, now),
                unit_cost_paise=spread_cost(each.unit_cost_paise, each.quantity_milli, each.free_milli),
            )
            for place, each in enumerate(goods)
        )
        self.learn_costs(shop.shop_id, movements)
        return self._stock.move(shop.shop_id, movements, allow_negative=True, zone=shop.zone)

    def send_back(
        self,
        shop: Shop,
        actor: str,
        goods: Sequence[Goods],
        source: str | None,
        at: datetime,
        movement_ids: Sequence[str],
    ) -> tuple[Movement, ...]:
        """Enter goods that go back to the supplier, at the cost credited; all of it or nothing.

        Raises
        ------
        NotFound
            When an item does not exist.
        InvalidInput
            When an expiry or a printed price is given: a lot that goes back is named by `batch_id`.
        OutOfStock
            When the shop does not allow stock below zero and more goes back than is there.
        RuleError
            When goods counted by the piece are not whole.
        """
        units = {i.item_id: i.unit for i in self._items.items(shop.shop_id, tuple(g.item_id for g in goods))}
        for each in goods:
            if each.expires_on is not None or each.mrp_paise is not None:
                raise InvalidInput("goods that go back make no lot", field=f"{each.field}batch_id")
            check_whole(
                units.get(each.item_id, ""),
                each.quantity_milli + each.free_milli,
                f"{each.field}quantity_milli",
            )
        movements = tuple(
            Movement(
                movement_id,
                each.item_id,
                "supplier_return",
                -(each.quantity_milli + each.free_milli),
                at,
                actor,
                source=source,
                batch_id=each.batch_id,
                unit_cost_paise=spread_cost(each.unit_cost_paise, each.quantity_milli, each.free_milli),
            )
            for movement_id, each in zip(movement_ids, goods, strict=True)
        )
        allowed = shop.negative_stock != "block"
        return self._stock.move(shop.shop_id, movements, allow_negative=allowed, zone=shop.zone)

    def _lot(self, shop_id: str, goods: Goods, at: datetime, now: datetime) -> str | None:
        """Return the lot of some goods, made where it is new."""
        if goods.batch_id is None and goods.expires_on is None and goods.mrp_paise is None:
            return None
        self._items.item(shop_id, goods.item_id)
        batch_id = goods.batch_id or new_id(now)
        known = self._lots.lot(shop_id, goods.item_id, batch_id)
        if known is None:
            batch = Batch(batch_id, goods.item_id, goods.expires_on, goods.mrp_paise, 0, at)
            self._lots.add_batch(shop_id, batch)
        elif (known.expires_on, known.mrp_paise) != (goods.expires_on, goods.mrp_paise):
            raise InvalidInput(
                f"batch '{batch_id}' has another expiry or printed price", field=f"{goods.field}batch_id"
            )
        return batch_id

    def learn_costs(self, shop_id: str, movements: Sequence[Movement]) -> None:
        """Carry what purchases cost into the weighted average, before their stock is added."""
        for movement in movements:
            if movement.unit_cost_paise is None or movement.quantity_milli <= 0:
                continue
            item = self._items.item(shop_id, movement.item_id)
            cost = weighted_cost(
                item.on_hand_milli, item.cost_paise, movement.quantity_milli, movement.unit_cost_paise
            )
            if cost != item.cost_paise:
                self._items.change_item(shop_id, replace(item, cost_paise=cost), item.version)
