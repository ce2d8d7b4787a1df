"""What the shop sells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from serving.ports.page import Page

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
    shelf_life_days : int or None, default=None
        Days that fresh goods keep; None where they keep for long.
    counted_at : datetime or None, default=None
        Instant of the newest count; written by the stock store.
    names : mapping of str to str, default={}
        Name by language, where people of that language call it otherwise.
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
    shelf_life_days: int | None = None
    counted_at: datetime | None = None
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every name by which it is known, in any language."""
        return (self.name, *self.names.values(), *self.aliases)


class ItemStore(Protocol):
    """Keeps the items of a shop; their stock changes by movements alone."""

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
            When it does not exist.
        StaleVersion
            When the stored version is not the expected one.
        """
        ...
