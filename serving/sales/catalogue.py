"""Items of the shop by anything that a sheet may call them: id, barcode, name or another name."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from samaan_ml.domain.item_names import folded
from serving.ports.items import Item, ItemStore
from serving.ports.page import walk

_PAGE = 200
_BARCODE_DIGITS = range(7, 15)


class Catalogue:
    """Finds items; of two with one name, the first by id.

    Parameters
    ----------
    items : iterable of Item
        The shop's items.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._by_id: dict[str, Item] = {}
        self._by_barcode: dict[str, Item] = {}
        self._by_name: dict[str, Item] = {}
        for item in items:
            self._by_id[item.item_id] = item
            if item.barcode:
                self._by_barcode[item.barcode.lstrip("0")] = item
            for name in item.all_names:
                self._by_name.setdefault(folded(name), item)

    @classmethod
    def of_shop(cls, items: ItemStore, shop_id: str) -> Catalogue:
        """Load a shop's items."""
        return cls(list(walk(lambda after: items.list_items(shop_id, _PAGE, after))))

    def find(self, code: str, name: str = "") -> Item | None:
        """Find an item by its code, or else by its name."""
        for text in (code, name):
            if not text:
                continue
            found = self._by_id.get(text) or self._barcode(text) or self._by_name.get(folded(text))
            if found is not None:
                return found
        return None

    def _barcode(self, text: str) -> Item | None:
        """Find an item by its barcode; leading zeros are lost in spreadsheets, and a UPC-A has one fewer."""
        digits = text.replace(" ", "").strip("'")
        if not digits.isdecimal() or len(digits) not in _BARCODE_DIGITS:
            return None
        return self._by_barcode.get(digits.lstrip("0"))


def pack_of(item: Item) -> Decimal | None:
    """Return the pieces in an item's pack, where it has one."""
    return Decimal(item.pack_milli) / 1000 if item.unit == "piece" and item.pack_milli > 1000 else None
