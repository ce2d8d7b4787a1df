"""A purchase order from its draft to the goods on the shelf, and what is on its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.money import times_quantity

__all__ = [
    "OPEN_STATES",
    "Difference",
    "OrderLine",
    "OrderState",
    "PurchaseOrder",
    "ReceivedLine",
    "cancelled",
    "changed",
    "differences",
    "extended",
    "on_order",
    "placed",
    "received",
    "share_text",
]

OrderState = Literal["draft", "placed", "part_received", "received", "cancelled"]
OPEN_STATES: frozenset[OrderState] = frozenset({"placed", "part_received"})
"""The states in which goods are on their way."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One item of an order.

    Parameters
    ----------
    item_id : str
        The item; it stands once in an order.
    quantity_milli : int
        What is ordered, milli-units.
    unit_cost_paise : int or None, default=None
        What a unit is expected to cost.
    received_milli : int, default=0
        What came so far, without what came free.
    received_cost_paise : int, default=0
        What the goods that came cost, as far as it is known.
    """

    item_id: str
    quantity_milli: int
    unit_cost_paise: int | None = None
    received_milli: int = 0
    received_cost_paise: int = 0

    @property
    def open_milli(self) -> int:
        """What is still to come."""
        return max(self.quantity_milli - self.received_milli, 0)

    @property
    def cost_paise(self) -> int | None:
        """What the line is expected to cost."""
        if self.unit_cost_paise is None:
            return None
        return times_quantity(self.unit_cost_paise, self.quantity_milli)


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """An order to one supplier.

    Parameters
    ----------
    order_id : str
        The order.
    state : {"draft", "placed", "part_received", "received", "cancelled"}
        How far it is.
    supplier_id : str or None
        Who delivers; None where the shop has not said.
    lines : tuple of OrderLine
        What is ordered.
    created_at : datetime
        When the draft was made.
    created_by : str
        Who made it.
    expected_on : date or None, default=None
        Day on which the goods are expected.
    note : str, default=""
        For the supplier.
    placed_at, closed_at : datetime or None, default=None
        When it was placed; when all had come or it was cancelled.
    reason : str, default=""
        Why it was cancelled.
    version : int, default=1
        Grows with every change.
    """

    order_id: str
    state: OrderState
    supplier_id: str | None
    lines: tuple[OrderLine, ...]
    created_at: datetime
    created_by: str
    expected_on: date | None = None
    note: str = ""
    placed_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""
    version: int = 1

    @property
    def cost_paise(self) -> int:
        """What the lines of known cost are expected to cost."""
        return sum(line.cost_paise or 0 for line in self.lines)

    @property
    def received_cost_paise(self) -> int:
        """What the goods that came cost, as far as it is known."""
        return sum(line.received_cost_paise for line in self.lines)


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """What came of one item."""

    item_id: str
    quantity_milli: int
    unit_cost_paise: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a bill or delivery is not what was ordered."""

    item_id: str
    kind: Literal["missing", "more", "not_ordered", "dearer", "cheaper"]
    ordered: int
    got: int


def extended(order: PurchaseOrder, lines: Sequence[OrderLine]) -> PurchaseOrder:
    """Return a draft with more lines; an item that is there already is ordered as the larger of the two.

    Asking twice for what an alert or the reorder list proposes orders it once.

    Raises
    ------
    RuleError
        When the order is no draft.
    """
    _check_state(order, {"draft"}, "can be changed")
    by_item = {line.item_id: line for line in order.lines}
    for line in lines:
        known = by_item.get(line.item_id)
        if known is None:
            by_item[line.item_id] = line
            continue
        cost = line.unit_cost_paise if line.unit_cost_paise is not None else known.unit_cost_paise
        most = max(known.quantity_milli, line.quantity_milli)
        by_item[line.item_id] = replace(known, quantity_milli=most, unit_cost_paise=cost)
    return replace(order, lines=tuple(by_item.values()))


def changed(
    order: PurchaseOrder, lines: Sequence[OrderLine] | None, expected_on: date | None, note: str | None
) -> PurchaseOrder:
    """Return a draft with other lines, another expected day or another note; None leaves each as it is."""
    _check_state(order, {"draft"}, "can be changed")
    return replace(
        order,
        lines=order.lines if lines is None else tuple(lines),
        expected_on=order.expected_on if expected_on is None else expected_on,
        note=order.note if note is None else note,
    )


def placed(order: PurchaseOrder, at: datetime, expected_on: date | None) -> PurchaseOrder:
    """Return a draft as it was sent to the supplier."""
    _check_state(order, {"draft"}, "can be placed")
    if not order.lines:
        raise RuleError("an order without lines cannot be placed", "lines")
    return replace(order, state="placed", placed_at=at, expected_on=expected_on or order.expected_on)


def cancelled(order: PurchaseOrder, at: datetime, reason: str) -> PurchaseOrder:
    """Return an order of which nothing more is to come; what came stays."""
    _check_state(order, {"draft", *OPEN_STATES}, "can be cancelled")
    return replace(order, state="cancelled", closed_at=at, reason=reason)


def received(
    order: PurchaseOrder,
    lines: Sequence[ReceivedLine],
    at: datetime,
    *,
    complete: bool = False,
    late: bool = False,
) -> PurchaseOrder:
    """Return an order after goods came.

    What was not ordered becomes a line of the order of nothing. The order is received when nothing is left to come,
    or when the caller says that nothing more will.

    Parameters
    ----------
    order : PurchaseOrder
        The order.
    lines : sequence of ReceivedLine
        What came.
    at : datetime
        When it is entered.
    complete : bool, default=False
        Whether nothing more will come.
    late : bool, default=False
        Whether the goods came already and are entered afterwards. They count whatever the order is by now; a closed
        order stays closed.

    Raises
    ------
    RuleError
        When the order is neither placed nor partly received.

    Examples
    --------
    >>> from datetime import timezone
    >>> at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    >>> order = PurchaseOrder("o", "placed", "hul", (OrderLine("tea", 5_000, 100),), at, "meena")
    >>> part = received(order, [ReceivedLine("tea", 2_000, 110)], at)
    >>> part.state, part.lines[0].open_milli, part.lines[0].received_cost_paise
    ('part_received', 3000, 220)
    """
    if not late:
        _check_state(order, OPEN_STATES, "can be received")
    by_item = {line.item_id: line for line in order.lines}
    for each in lines:
        line = by_item.get(each.item_id) or OrderLine(each.item_id, 0)
        cost = each.unit_cost_paise if each.unit_cost_paise is not None else line.unit_cost_paise
        by_item[each.item_id] = replace(
            line,
            received_milli=line.received_milli + each.quantity_milli,
            received_cost_paise=line.received_cost_paise + times_quantity(cost or 0, each.quantity_milli),
        )
    after = replace(order, lines=tuple(by_item.values()))
    if order.closed_at is not None:
        return after
    if complete or not any(line.open_milli for line in after.lines):
        return replace(after, state="received", closed_at=at)
    return replace(after, state="part_received")


def differences(order: PurchaseOrder, lines: Sequence[ReceivedLine]) -> tuple[Difference, ...]:
    """List where a delivery differs from what is still to come: quantities in milli-units, costs in paise a unit."""
    by_item = {line.item_id: line for line in order.lines}
    got: dict[str, int] = {}
    costs: dict[str, int] = {}
    for each in lines:
        got[each.item_id] = got.get(each.item_id, 0) + each.quantity_milli
        if each.unit_cost_paise is not None:
            costs[each.item_id] = each.unit_cost_paise
    found: list[Difference] = []
    for item_id in dict.fromkeys((*by_item, *got)):
        line, came = by_item.get(item_id), got.get(item_id, 0)
        if line is None:
            found.append(Difference(item_id, "not_ordered", 0, came))
            continue
        if came != line.open_milli:
            found.append(
                Difference(item_id, "more" if came > line.open_milli else "missing", line.open_milli, came)
            )
        cost, expected = costs.get(item_id), line.unit_cost_paise
        if cost is not None and expected is not None and cost != expected:
            found.append(Difference(item_id, "dearer" if cost > expected else "cheaper", expected, cost))
    return tuple(found)


def on_order(orders: Iterable[PurchaseOrder]) -> dict[str, int]:
    """Sum what is on its way of each item, milli-units."""
    found: dict[str, int] = {}
    for order in orders:
        if order.state in OPEN_STATES:
            for line in order.lines:
                if line.open_milli:
                    found[line.item_id] = found.get(line.item_id, 0) + line.open_milli
    return found


def share_text(order: PurchaseOrder, shop_name: str, names: Mapping[str, tuple[str, str]]) -> str:
    """Write an order as a message for the supplier.

    Parameters
    ----------
    order : PurchaseOrder
        The order.
    shop_name : str
        Who orders.
    names : mapping of str to (str, str)
        Name and unit of each item.
    """
    lines = [f"Order from {shop_name}"]
    if order.expected_on is not None:
        lines.append(f"For {order.expected_on:%d %b %Y}")
    for place, line in enumerate((line for line in order.lines if line.quantity_milli), start=1):
        name, unit = names.get(line.item_id, (line.item_id, "piece"))
        whole, part = divmod(line.quantity_milli, 1000)
        amount = f"{whole}" if not part else f"{whole}.{part:03d}".rstrip("0")
        lines.append(f"{place}. {name}: {amount}" + ("" if unit == "piece" else f" {unit}"))
    if order.note:
        lines.append(order.note)
    return "\n".join(lines)


def _check_state(order: PurchaseOrder, wanted: Iterable[str], what: str) -> None:
    """Refuse a step that the state does not allow."""
    if order.state not in frozenset(wanted):
        raise RuleError(
            f"order '{order.order_id}' is {order.state}; only {', '.join(sorted(wanted))} {what}", "state"
        )
