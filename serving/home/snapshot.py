"""All that a new phone starts from, in columns: names of fields once, not in every row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from serving.home.schemas import Columns, HomeSnapshot
from serving.ports import Ports
from serving.ports.items import Item
from serving.ports.udhaar import Customer

_PAGE = 200
_SOLD_DAYS = 28
_ITEM = (
    "item_id", "name", "names", "category", "unit", "price_paise", "mrp_paise", "cost_paise", "barcode", "aliases",
    "pack_milli", "on_hand_milli", "version", "reorder_point_milli", "supplier_id",
)  # fmt: skip
_CUSTOMER = (
    "customer_id", "name", "phone", "limit_paise", "credit_days", "reminders", "balance_paise", "oldest_due_on",
)  # fmt: skip
_SUPPLIER = ("supplier_id", "name", "phone", "lead_time_days", "visit_weekdays", "minimum_order_paise")
_LOT = ("batch_id", "item_id", "expires_on", "mrp_paise", "on_hand_milli")


class SnapshotReader:
    """Reads items, customers, suppliers and lots of a shop."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def read(self, shop_id: str, today: date, customers: Iterable[Customer]) -> HomeSnapshot:
        """Return everything as it is now; later changes come by the feed."""
        sold: Counter[str] = Counter()
        for day in self._ports.sales.days_sold(shop_id, today - timedelta(days=_SOLD_DAYS - 1)):
            sold[day.item_id] += day.units_milli
        items = [
            [*(getattr(item, name) for name in _ITEM), sold[item.item_id]] for item in self._items(shop_id)
        ]
        return HomeSnapshot(
            items=Columns(fields=[*_ITEM, "sold_28d_milli"], rows=items),
            customers=_columns(_CUSTOMER, customers),
            suppliers=_columns(_SUPPLIER, self._ports.suppliers.suppliers(shop_id)),
            lots=_columns(_LOT, self._ports.lots.expiring(shop_id, date.max)),
        )

    def _items(self, shop_id: str) -> Iterator[Item]:
        """Walk through the items."""
        after: str | None = None
        while True:
            page = self._ports.items.list_items(shop_id, _PAGE, after)
            yield from page.rows
            if page.after is None:
                return
            after = page.after


def _columns(fields: tuple[str, ...], things: Iterable[object]) -> Columns:
    """Write things of one kind in columns."""
    return Columns(fields=list(fields), rows=[[getattr(thing, name) for name in fields] for thing in things])
