"""Past sales from a sheet: seen first, taken in as a whole, taken back as a whole."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from serving.errors import AlreadyExists, InvalidInput
from serving.http.depends import Caller
from serving.ports.accounts import AccountStore, Shop
from serving.ports.blobs import BlobStore
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.imports import ImportRecord, ImportStore
from serving.ports.items import Item, ItemStore
from serving.ports.sales import Sale, SaleLine, SalesStore
from serving.sales.schemas import BadRowCard, ImportCard, ImportDone
from serving.sales.sheet import BadRow, SheetRow, days_of, read_sheet
from serving.sales.workbook import MAGIC

_SHOWN = 50
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


@dataclass(frozen=True, slots=True)
class SeenSheet:
    """A sheet that was read and kept."""

    import_id: str
    blob_key: str
    good: list[SheetRow]
    bad: list[BadRow]


class ImportService:
    """Takes sheets of past sales in. History moves no stock: the goods are gone already."""

    def __init__(
        self,
        sales: SalesStore,
        items: ItemStore,
        imports: ImportStore,
        blobs: BlobStore,
        accounts: AccountStore,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._items = items
        self._imports = imports
        self._blobs = blobs
        self._accounts = accounts
        self._clock = clock

    def look(self, shop_id: str, data: bytes) -> SeenSheet:
        """Read a sheet and keep it; nothing is entered."""
        now = self._clock.now()
        today = local_day(now, self._accounts.shop(shop_id).zone)
        good, bad = read_sheet(data, today)
        import_id = new_id(now)
        key = f"{shop_id}/imports/{import_id}.{'xlsx' if data.startswith(MAGIC) else 'csv'}"
        self._blobs.put(key, data)
        return SeenSheet(import_id, key, good, bad)

    def preview(self, caller: Caller, seen: SeenSheet) -> ImportCard:
        """Keep a sheet for later and tell what it would do."""
        record = ImportRecord(
            import_id=seen.import_id,
            blob_key=seen.blob_key,
            status="preview",
            rows=len(seen.good),
            bad_rows=len(seen.bad),
            actor=caller.user_id,
            created_at=self._clock.now(),
        )
        self._imports.add(caller.shop_id, record)
        return self._card(caller.shop_id, record, seen.good, seen.bad)

    def card(self, shop_id: str, import_id: str) -> ImportCard:
        """Return a sheet as it was seen."""
        record = self._imports.get(shop_id, import_id)
        good, bad = self._read(shop_id, record)
        return self._card(shop_id, record, good, bad)

    def _read(self, shop_id: str, record: ImportRecord) -> tuple[list[SheetRow], list[BadRow]]:
        """Read the kept sheet."""
        today = local_day(self._clock.now(), self._accounts.shop(shop_id).zone)
        return read_sheet(self._blobs.get(record.blob_key), today)

    def _card(
        self, shop_id: str, record: ImportRecord, good: list[SheetRow], bad: list[BadRow]
    ) -> ImportCard:
        """Tell what a sheet holds and which of its items the shop does not know."""
        unknown = sorted(set(self._names(good)) - set(self._known(shop_id, good)))
        return ImportCard(
            import_id=record.import_id,
            status=record.status,
            rows=len(good),
            bad_rows=len(bad),
            first_day=min((row.on for row in good), default=None),
            last_day=max((row.on for row in good), default=None),
            amount_paise=sum(row.amount_paise for row in good),
            problems=[BadRowCard(row=each.row, reason=each.reason) for each in bad[:_SHOWN]],
            unknown_items=unknown[:_SHOWN],
            unknown_count=len(unknown),
        )

    @staticmethod
    def _names(rows: list[SheetRow]) -> list[str]:
        """Name the items of a sheet, each once."""
        return list(dict.fromkeys(row.item for row in rows))

    def _known(self, shop_id: str, rows: list[SheetRow]) -> dict[str, str]:
        """Find the items of a sheet in the shop, by id or else by name."""
        names = self._names(rows)
        by_id = {item.item_id for item in self._items.items(shop_id, tuple(names))}
        known = {name: name for name in names if name in by_id}
        if len(known) == len(names):
            return known
        by_name: dict[str, str] = {}
        after: str | None = None
        while True:
            page = self._items.list_items(shop_id, 200, after)
            for item in page.rows:
                for name in (item.name, *item.aliases):
                    by_name.setdefault(name.casefold(), item.item_id)
            if page.after is None:
                break
            after = page.after
        found = {name: by_name[name.casefold()] for name in names if name.casefold() in by_name}
        return found | known

    def take_in(self, caller: Caller, import_id: str, *, create_items: bool) -> ImportDone:
        """Enter a sheet as one bill a day; all of it or nothing."""
        record = self._imports.get(caller.shop_id, import_id)
        rows, _ = self._read(caller.shop_id, record)
        if not rows:
            raise InvalidInput("the sheet has no row that can be taken in", field="import_id")
        self._check_new(caller.shop_id, record)
        known = self._known(caller.shop_id, rows)
        missing = [name for name in self._names(rows) if name not in known]
        if missing and not create_items:
            raise InvalidInput(
                f"{len(missing)} items are unknown, the first is '{missing[0]}'",
                field="create_items",
                hint="add them first, or confirm with 'create_items': true",
            )
        self._imports.move_on(caller.shop_id, import_id, "preview", "done")
        prices = {row.item: row.unit_price_paise for row in rows}
        made: dict[str, str] = {}
        for name in missing:  # 'SUGAR' and 'Sugar' are one item, as they are to the search
            key = name.casefold()
            if key not in made:
                made[key] = self._create(caller.shop_id, name, prices[name])
            known[name] = made[key]
        shop, now = self._accounts.shop(caller.shop_id), self._clock.now()
        bills = tuple(
            replace(_bill(shop, import_id, caller.user_id, known, day_rows), recorded_at=now)
            for _, day_rows in days_of(rows)
        )
        self._sales.add_many(caller.shop_id, bills)
        return ImportDone(import_id=import_id, status="done", bills=len(bills), created_items=len(made))

    def _check_new(self, shop_id: str, record: ImportRecord) -> None:
        """Refuse a sheet that is taken in already: sent twice, its sales would count twice."""
        data: bytes | None = None
        for other in self._imports.taken_in(shop_id, record.rows + record.bad_rows):
            if other.import_id == record.import_id:
                continue
            data = data if data is not None else self._blobs.get(record.blob_key)
            if self._blobs.get(other.blob_key) == data:
                raise AlreadyExists(
                    f"the same sheet was taken in as import '{other.import_id}'",
                    field="import_id",
                    hint=f"undo '{other.import_id}' first, if its sales are to be entered anew",
                )

    def _create(self, shop_id: str, name: str, price_paise: int) -> str:
        """Add an item that the sheet names, at its last price there."""
        now = self._clock.now()
        item_id = name if _ID.fullmatch(name) else new_id(now)
        item = Item(
            item_id=item_id,
            name=name,
            category="other",
            unit="piece",
            price_paise=min(price_paise, 10**9),
            cost_paise=None,
            mrp_paise=None,
            barcode=None,
            hsn=None,
            aliases=(),
            pack_milli=1000,
            lead_time_days=2,
            service_level=0.9,
            reorder_point_milli=None,
            supplier_id=None,
            known_value=False,
            price_changed_on=None,
            on_hand_milli=0,
            version=1,
            created_at=now,
        )
        self._items.add_item(shop_id, item)
        return item_id

    def undo(self, caller: Caller, import_id: str) -> ImportDone:
        """Take a sheet's bills back; the items it created stay."""
        self._imports.move_on(caller.shop_id, import_id, "done", "undone")
        removed = self._sales.remove_import(caller.shop_id, import_id)
        return ImportDone(import_id=import_id, status="undone", bills=removed, created_items=0)


def _bill(shop: Shop, import_id: str, actor: str, known: dict[str, str], rows: list[SheetRow]) -> Sale:
    """Make one bill of a day's rows, at noon in the shop's zone."""
    on = rows[0].on
    noon = datetime.combine(on, time(12), ZoneInfo(shop.zone)).astimezone(UTC)
    lines = tuple(
        SaleLine(known[row.item], row.quantity_milli, row.unit_price_paise, 0, row.amount_paise)
        for row in rows
    )
    return Sale(
        sale_id=f"{import_id}-{on:%Y%m%d}",
        sold_at=noon,
        sold_on=on,
        lines=lines,
        total_paise=sum(line.amount_paise for line in lines),
        payment="cash",
        customer_id=None,
        actor=actor,
        import_id=import_id,
    )
