"""Items, and stock as append-only movements whose sum is the quantity on hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, Protocol

from samaan_ml.domain.visits import VisitPlan
from serving.ports.page import Page

MovementKind = Literal[
    "purchase",
    "sale",
    "customer_return",
    "supplier_return",
    "wastage",
    "theft",
    "gift",
    "own_use",
    "count",
    "reversal",
]
Unit = Literal["piece", "kg", "l"]


@dataclass(frozen=True, slots=True)
class Item:
    """Something the shop sells; `on_hand_milli` is the projection of its movements.

    Parameters
    ----------
    item_id, name, category : str
        The item.
    unit : {"piece", "kg", "l"}
        Base unit; quantities are thousandths of it.
    price_paise : int
        Selling price of one unit, tax included.
    cost_paise : int or None
        Weighted average cost of one unit.
    mrp_paise : int or None
        Lowest printed maximum retail price; None for loose goods.
    barcode, hsn : str or None
        EAN-13 or EAN-8 code; tariff heading.
    aliases : tuple of str
        Other names, in any script.
    pack_milli : int
        Units a supplier's pack holds.
    lead_time_days : int
        Days from order to shelf.
    service_level : float
        Share of order cycles that are to pass without selling out.
    reorder_point_milli : int or None
        Below it the item counts as low; None leaves that to the forecast.
    supplier_id : str or None
        Who delivers it.
    known_value : bool
        Whether customers know its price by heart.
    price_changed_on : date or None
        Day of the last change of price.
    on_hand_milli : int
        Stock now; below zero where entries lag behind sales.
    version : int
        Grows with every change of the item's own fields.
    created_at : datetime
        When it was added.
    archived : bool, default=False
        Hidden from lists and not for sale.
    """

    item_id: str
    name: str
    category: str
    unit: Unit
    price_paise: int
    cost_paise: int | None
    mrp_paise: int | None
    barcode: str | None
    hsn: str | None
    aliases: tuple[str, ...]
    pack_milli: int
    lead_time_days: int
    service_level: float
    reorder_point_milli: int | None
    supplier_id: str | None
    known_value: bool
    price_changed_on: date | None
    on_hand_milli: int
    version: int
    created_at: datetime
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of stock, never changed or deleted: a correction is another movement.

    `quantity_milli` is signed: what comes in is positive. `source` names the bill or count behind it.
    """

    movement_id: str
    item_id: str
    kind: MovementKind
    quantity_milli: int
    at: datetime
    actor: str
    reason: str | None = None
    source: str | None = None
    batch_id: str | None = None
    unit_cost_paise: int | None = None


@dataclass(frozen=True, slots=True)
class EnteredMovement:
    """A movement that `move_from` entered, and the quantity on hand it was worked out against."""

    movement: Movement
    on_hand_before_milli: int


@dataclass(frozen=True, slots=True)
class EmptyShelf:
    """A stretch in which an item's recorded stock was exactly zero; `until` is None where it still is.

    Stock below zero is none: goods were sold that nobody had entered, so the shelf was not empty. Neither is a
    zero that a sale ends.
    """

    item_id: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A delivery lot with its own expiry and printed price."""

    batch_id: str
    item_id: str
    expires_on: date | None
    mrp_paise: int | None
    on_hand_milli: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who delivers, how fast and on what terms.

    With `visit_weekdays` he comes round on these days, and a visit brings what was ordered in time for it; without
    them an order takes his `lead_time_days`, and each item's own tells until when to order it.
    """

    supplier_id: str
    name: str
    phone: str | None
    lead_time_days: int
    visit_weekdays: tuple[int, ...]
    minimum_order_paise: int
    credit_days: int
    order_days_before: int = 1
    order_by: time = time(18)
    on_holiday: Literal["skipped", "next_day"] = "skipped"
    closed_on: tuple[date, ...] = ()

    @property
    def plan(self) -> VisitPlan:
        """How he goes round."""
        return VisitPlan(
            self.visit_weekdays, self.order_days_before, self.order_by, self.on_holiday, self.closed_on
        )


class InventoryStore(Protocol):
    """Keeps items, batches, suppliers and movements of a shop."""

    def add_item(self, shop_id: str, item: Item) -> None:
        """Add an item without stock.

        Raises
        ------
        AlreadyExists
            When the id or the barcode is taken in this shop.
        """
        ...

    def item(self, shop_id: str, item_id: str) -> Item:
        """Return an item, or raise NotFound."""
        ...

    def items(self, shop_id: str, item_ids: tuple[str, ...]) -> tuple[Item, ...]:
        """Return the items that are there of those asked for, in order of id."""
        ...

    def list_items(
        self, shop_id: str, limit: int, after: str | None, category: str | None = None
    ) -> Page[Item]:
        """Return items in order of id, archived ones left out."""
        ...

    def change_item(self, shop_id: str, item: Item, expected_version: int) -> None:
        """Replace an item's own fields and raise its version; the stock is not touched.

        Raises
        ------
        NotFound
            When it is not there.
        StaleVersion
            When the stored version is not the expected one.
        """
        ...

    def move(self, shop_id: str, movements: tuple[Movement, ...], allow_negative: bool) -> None:
        """Append movements and add them to the stock, all or none.

        A movement whose id is stored already changes nothing.

        Raises
        ------
        NotFound
            When an item or a batch is not there.
        OutOfStock
            When `allow_negative` is false and a quantity on hand would fall below zero.
        """
        ...

    def move_from(self, shop_id: str, on_hand_milli: int, movement: Movement) -> None:
        """Append a movement of no batch that was worked out against a quantity on hand, if that is still so.

        A movement whose id is stored already changes nothing.

        Raises
        ------
        NotFound
            When the item is not there.
        StockChanged
            When the quantity on hand is another by now; nothing was written.
        """
        ...

    def entered(self, shop_id: str, item_id: str, movement_id: str) -> EnteredMovement | None:
        """Return what `move_from` entered under this id in a write that was cut off, for its repetition.

        None where nothing was left, as always where the store takes part in the unit of work: there a movement
        and its answer are kept together. What is returned belongs to the present write and is taken back with it.
        """
        ...

    def movements(self, shop_id: str, item_id: str, limit: int, after: str | None) -> Page[Movement]:
        """Return an item's movements, the newest first."""
        ...

    def empty_shelves(
        self, shop_id: str, item_ids: tuple[str, ...], since: datetime
    ) -> tuple[EmptyShelf, ...]:
        """Return when items were sold out, by item and time, of what movements from an instant on tell."""
        ...

    def movements_of(self, shop_id: str, source: str) -> tuple[Movement, ...]:
        """Return the movements of one bill or count."""
        ...

    def add_batch(self, shop_id: str, batch: Batch) -> None:
        """Add a batch without stock; one that is there already is no error."""
        ...

    def batches(self, shop_id: str, item_id: str) -> tuple[Batch, ...]:
        """Return an item's batches that are not empty, the earliest expiry first."""
        ...

    def expiring(self, shop_id: str, until: date) -> tuple[Batch, ...]:
        """Return the batches with stock that expire on that day or earlier."""
        ...

    def save_supplier(self, shop_id: str, supplier: Supplier) -> None:
        """Add or replace a supplier."""
        ...

    def suppliers(self, shop_id: str) -> tuple[Supplier, ...]:
        """Return the suppliers in order of id."""
        ...

    def rebuild(self, shop_id: str) -> int:
        """Recount every item and batch from its movements and return how many differed."""
        ...


def empty_shelves_of(
    item_id: str, moved: Iterable[tuple[datetime, MovementKind, int]]
) -> Iterator[EmptyShelf]:
    """Find the stretches at zero in an item's movements, each with the level after it, in order of time.

    Examples
    --------
    >>> from datetime import UTC
    >>> nine, ten = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (9, 10))
    >>> [gap.until for gap in empty_shelves_of("milk", [(nine, "sale", 0), (ten, "purchase", 5000)])]
    [datetime.datetime(2026, 1, 1, 10, 0, tzinfo=datetime.timezone.utc)]
    >>> list(empty_shelves_of("milk", [(nine, "sale", 0), (ten, "sale", -1000)]))
    []
    """
    since: datetime | None = None
    for at, kind, level_milli in moved:
        if since is not None and kind != "sale" and at > since:
            yield EmptyShelf(item_id, since, at)
        since = at if level_milli == 0 else None
    if since is not None:
        yield EmptyShelf(item_id, since, None)
