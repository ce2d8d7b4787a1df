"""What to order from which supplier: the needs of every item, up to a supplier's minimum or within the cash."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from samaan_ml.domain.messages import BudgetItem, BudgetRequest, SupplierMinimum
from samaan_ml.domain.supplier_orders import FilledOrder, OrderableItem, fill_order, line_cost_paise
from serving.advice.ordering import MOST_DAYS, USUAL_DAYS, Advice, ItemAdvice, OrderAdvisor, Round
from serving.forecast.schemas import BudgetCard, LeftOut, ReorderList, ReorderRow, SupplierOrder
from serving.forecast.service import arithmetic_row
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, local_day
from serving.ports.items import Item, ItemStore
from serving.ports.predictor import Predictor

_PAGE = 200
_MAX_ITEMS = 2_000


class OrderService:
    """Makes the order list."""

    def __init__(
        self,
        advisor: OrderAdvisor,
        items: ItemStore,
        accounts: AccountStore,
        predictor: Predictor,
        clock: Clock,
    ) -> None:
        self._advisor = advisor
        self._items = items
        self._accounts = accounts
        self._predictor = predictor
        self._clock = clock

    def reorder(
        self,
        shop_id: str,
        horizon_days: int | None,
        supplier_id: str | None,
        budget_paise: int | None,
        *,
        fill_minimum: bool,
    ) -> ReorderList:
        """List what to order for the whole shop or one supplier, the most urgent first."""
        shop = self._accounts.shop(shop_id)
        items = [i for i in self._all_items(shop_id) if supplier_id is None or i.supplier_id == supplier_id]
        advice = self._advisor.advise(shop, items, horizon_days)
        orders, added = _supplier_orders(advice, fill_minimum=fill_minimum and budget_paise is None)
        rows = [row for each in advice.items.values() if (row := _row(each, added)) is not None]
        budget = None
        if budget_paise is not None:
            rows, budget = self._within(advice, rows, budget_paise)
            orders = [_of_rows(order, rows) for order in orders]
        today = local_day(self._clock.now(), shop.zone)
        rows.sort(
            key=lambda row: (row.order_by is None, row.order_by or today, -(row.cost_paise or 0), row.item_id)
        )
        return ReorderList(
            starts_on=advice.starts_on,
            horizon_days=horizon_days or USUAL_DAYS,
            model_version=advice.model_version,
            degraded=advice.reason is not None,
            reason=advice.reason,
            rows=rows,
            suppliers=orders,
            cost_paise=sum(row.cost_paise or 0 for row in rows),
            budget=budget,
        )

    def _within(
        self, advice: Advice, rows: Sequence[ReorderRow], budget_paise: int
    ) -> tuple[list[ReorderRow], BudgetCard]:
        """Choose the packs that earn most within the cash in hand, by the library's optimiser."""
        known = [row for row in rows if row.cost_paise]
        minimums = tuple(
            SupplierMinimum(each.supplier.supplier_id, each.supplier.minimum_order_paise)
            for each in advice.rounds.values()
            if each.supplier is not None and each.supplier.minimum_order_paise
        )
        asked = tuple(_budget_item(advice.items[row.item_id], row) for row in known)
        answer = self._predictor.budget(BudgetRequest(advice.shop_id, budget_paise, asked, minimums))
        packs = {line.item_id: line for line in answer.lines}
        kept: list[ReorderRow] = []
        left_out: list[LeftOut] = []
        for row in rows:
            line = packs.get(row.item_id)
            pack = row.arithmetic.pack_milli
            count = line.packs if line else 0
            if row.cost_paise and count:
                order = count * pack
                cost = line_cost_paise(row.unit_cost_paise or 0, order)
                kept.append(
                    row.model_copy(
                        update={"order_milli": order, "packs": count, "cost_paise": cost, "added_milli": 0}
                    )
                )
            if count * pack < row.order_milli:
                missing = row.order_milli - count * pack
                left_out.append(
                    LeftOut(
                        item_id=row.item_id,
                        left_out_milli=missing,
                        cost_paise=None
                        if row.unit_cost_paise is None
                        else line_cost_paise(row.unit_cost_paise, missing),
                        lost_gain_paise=line.lost_gain_paise if line else None,
                        reason="budget" if row.cost_paise else "cost_unknown",
                    )
                )
        cost = sum(row.cost_paise or 0 for row in kept)
        return kept, BudgetCard(
            budget_paise=budget_paise,
            cost_paise=cost,
            left_paise=budget_paise - cost,
            gain_paise=answer.gain_paise,
            lost_gain_paise=sum(each.lost_gain_paise or 0 for each in left_out),
            method=answer.method,
            left_out=sorted(left_out, key=lambda each: (-(each.lost_gain_paise or 0), each.item_id)),
        )

    def _all_items(self, shop_id: str) -> list[Item]:
        """Return the shop's items, as many as one request to the model may hold."""
        found: list[Item] = []
        after: str | None = None
        while len(found) < _MAX_ITEMS:
            page = self._items.list_items(shop_id, _PAGE, after)
            found += page.rows
            if page.after is None:
                break
            after = page.after
        return found


def _budget_item(each: ItemAdvice, row: ReorderRow) -> BudgetItem:
    """Describe what may be ordered of an item: up to what the reorder list asks for."""
    told = each.demand.forecast
    position = each.position
    return BudgetItem(
        item_id=row.item_id,
        supplier_id=row.supplier_id or "",
        quantiles=told.total_quantiles if told else (),
        mean_milli=sum(day.mean_milli for day in told.days) if told else 0,
        stock_milli=position.usable_milli + position.on_order_milli + row.arithmetic.sold_today_milli,
        price_paise=each.item.price_paise,
        pack_milli=row.arithmetic.pack_milli,
        pack_cost_paise=max(line_cost_paise(row.unit_cost_paise or 0, row.arithmetic.pack_milli), 1),
        most_packs=row.packs,
    )


def _of_rows(order: SupplierOrder, rows: Sequence[ReorderRow]) -> SupplierOrder:
    """Show what of a supplier's order is left within the cash in hand."""
    cost = sum(row.cost_paise or 0 for row in rows if row.supplier_id == order.supplier_id)
    short = max(order.minimum_order_paise - cost, 0) if cost else order.minimum_order_paise
    state = "met" if short == 0 else "below"
    reason = (
        "the lines within the budget reach the minimum"
        if short == 0
        else "left out: the budget does not reach"
    )
    return order.model_copy(
        update={"cost_paise": cost, "minimum": state, "short_paise": short, "reason": reason}
    )


def _supplier_orders(advice: Advice, *, fill_minimum: bool) -> tuple[list[SupplierOrder], dict[str, int]]:
    """Sum up each supplier's order, bring it to his minimum, and return what was added by item."""
    orders: list[SupplierOrder] = []
    added: dict[str, int] = {}
    for supplier_id, own in sorted(advice.rounds.items()):
        theirs = [_orderable(each) for each in advice.items.values() if each.item.supplier_id == supplier_id]
        if not any(item.needed_milli for item in theirs):
            continue
        fixed = [item if fill_minimum else replace(item, may_grow=False) for item in theirs]
        minimum = own.supplier.minimum_order_paise if own.supplier else 0
        filled = fill_order(fixed, minimum, MOST_DAYS)
        added |= filled.added_milli
        orders.append(_order(supplier_id, own, filled, fill_minimum=fill_minimum))
    return orders, added


def _orderable(each: ItemAdvice) -> OrderableItem:
    """Return what is needed of an item and how fast it sells."""
    told = each.demand.forecast
    days = told.days if told else ()
    return OrderableItem(
        item_id=each.item.item_id,
        price_paise=each.item.price_paise,
        cost_paise=each.item.cost_paise,
        pack_milli=each.item.pack_milli,
        on_hand_milli=each.position.usable_milli + each.position.on_order_milli,
        needed_milli=each.order_milli,
        daily_milli=sum(day.mean_milli for day in days) // len(days) if days else 0,
        may_grow=told is not None and told.confidence != "low" and each.item.shelf_life_days is None,
    )


_WHY: dict[str, str] = {
    "met": "what is needed reaches the minimum",
    "filled": "packs were added that earn most on the money they tie up",
    "cost_unknown": "a line's cost is not known; enter it with the item",
    "below": f"no more can be added: the rest is stocked for {MOST_DAYS} days, earns nothing, has no known cost or "
    "is to be reviewed; wait for the next visit, or ask the supplier",
}
_NOT_ASKED = (
    "nothing was to be added; ask with fill_minimum=true, wait for the next visit, or ask the supplier"
)


def _order(supplier_id: str, own: Round, filled: FilledOrder, *, fill_minimum: bool) -> SupplierOrder:
    """Show a supplier's order."""
    visit, supplier = own.visit, own.supplier
    below = filled.state == "below" and not fill_minimum
    credit_days = supplier.credit_days if supplier else 0
    return SupplierOrder(
        supplier_id=supplier_id,
        name=supplier.name if supplier else supplier_id,
        visit_on=visit.on if visit else None,
        order_due_by=visit.order_due if visit else None,
        horizon_days=own.horizon_days,
        minimum_order_paise=supplier.minimum_order_paise if supplier else 0,
        needed_paise=filled.needed_paise,
        cost_paise=filled.cost_paise,
        minimum=filled.state,
        short_paise=filled.short_paise,
        reason=_NOT_ASKED if below else _WHY[filled.state],
        credit_days=credit_days,
        pay_by=visit.on + timedelta(days=credit_days) if visit else None,
    )


def _row(each: ItemAdvice, added: Mapping[str, int]) -> ReorderRow | None:
    """Write one line of the order list; None where nothing is to be ordered."""
    more = added.get(each.item.item_id, 0)
    if each.arithmetic is None or not each.order_milli + more:
        return None
    item, order = each.item, each.order_milli + more
    told = each.demand.forecast
    return ReorderRow(
        item_id=item.item_id,
        name=item.name,
        supplier_id=item.supplier_id,
        order_milli=order,
        added_milli=more,
        drafted_milli=each.drafted_milli,
        packs=order // item.pack_milli,
        unit_cost_paise=item.cost_paise,
        cost_paise=None if item.cost_paise is None else line_cost_paise(item.cost_paise, order),
        order_by=each.order_by,
        status="review" if told is not None and told.confidence == "low" else "ok",
        arithmetic=arithmetic_row(each.arithmetic),
    )
