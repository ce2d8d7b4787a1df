"""Past sales from a sheet: seen first, imported as a whole, reversed as a whole."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from samaan_ml.domain.item_names import folded
from samaan_ml.domain.money import format_rupees
from samaan_ml.sheets import KeptSheet, open_kept
from serving.errors import Conflict, InvalidInput, NotFound
from serving.http.callers import Caller
from serving.ports.accounts import AccountStore, Shop
from serving.ports.blobs import BlobStore
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.imports import ImportRecord, ImportStore
from serving.ports.items import Item, ItemStore
from serving.ports.page import Page
from serving.ports.sales import Sale, SaleLine, SalesStore
from serving.sales.catalogue import Catalogue
from serving.sales.import_rows import RowState, SheetRow, rows_of, unit_for
from serving.sales.import_schemas import (
    BadRowCard,
    DayThere,
    ImportCard,
    ImportDone,
    OverlapCard,
    SheetOptions,
)
from serving.sales.overlap import already_there
from serving.sales.sheet_reading import read_sheet, reading_card

_SHOWN = 50
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


@dataclass(frozen=True, slots=True)
class SeenSheet:
    """A sheet that was read and kept, and what it holds."""

    import_id: str
    blob_key: str
    card: ImportCard


class ImportService:
    """Takes sheets of past sales in. History moves no stock: the goods are sold already."""

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

    def look(self, shop_id: str, data: bytes, options: SheetOptions) -> SeenSheet:
        """Read a sheet and keep it; nothing is entered."""
        import_id = new_id(self._clock.now())
        key = f"{shop_id}/imports/{import_id}.sheet"
        kept = read_sheet(data, self._today(shop_id), options)
        self._blobs.put(key, data)
        return self._seen(shop_id, import_id, key, kept)

    def look_again(self, shop_id: str, import_id: str, options: SheetOptions) -> SeenSheet:
        """Read a kept sheet in another way."""
        record = self._imports.get(shop_id, import_id)
        if record.status != "preview":
            raise Conflict(f"import '{import_id}' is '{record.status}'", field="import_id")
        kept = read_sheet(self._blobs.get(record.blob_key), self._today(shop_id), options)
        return self._seen(shop_id, import_id, record.blob_key, kept)

    def _today(self, shop_id: str) -> date:
        """Return the shop's day."""
        return local_day(self._clock.now(), self._accounts.shop(shop_id).zone)

    def _seen(self, shop_id: str, import_id: str, key: str, kept: bytes) -> SeenSheet:
        """Keep the lines of a sheet, and say what it holds."""
        self._blobs.put(f"{key}.lines", kept)
        card = self._card(shop_id, import_id, open_kept(kept))
        self._blobs.put(f"{key}.card", card.model_dump_json().encode())
        return SeenSheet(import_id, key, card)

    def preview(self, caller: Caller, seen: SeenSheet) -> ImportCard:
        """Enter a sheet that was seen into the list of imports."""
        record = ImportRecord(
            import_id=seen.import_id,
            blob_key=seen.blob_key,
            status="preview",
            rows=seen.card.rows,
            bad_rows=seen.card.bad_rows,
            actor=caller.user_id,
            created_at=self._clock.now(),
        )
        self._imports.add(caller.shop_id, record)
        return seen.card

    def preview_again(self, shop_id: str, seen: SeenSheet) -> ImportCard:
        """Keep the counts of another reading."""
        self._imports.recount(shop_id, seen.import_id, seen.card.rows, seen.card.bad_rows)
        return seen.card

    def card(self, shop_id: str, import_id: str) -> ImportCard:
        """Return a sheet as it was seen."""
        record = self._imports.get(shop_id, import_id)
        try:
            kept = ImportCard.model_validate_json(self._blobs.get(f"{record.blob_key}.card"))
        except NotFound:  # seen by a version that kept no card
            kept = self._card(shop_id, import_id, self._kept(shop_id, record))
        return kept.model_copy(update={"status": record.status})

    def rows(
        self, shop_id: str, import_id: str, state: RowState | None, limit: int, after: str | None
    ) -> Page[SheetRow]:
        """Return rows of a sheet as they would be entered."""
        if after is not None and not after.isdecimal():
            raise InvalidInput(
                "the cursor is not one of ours", field="cursor", hint="use 'next_cursor' as it was given"
            )
        kept = self._kept(shop_id, self._imports.get(shop_id, import_id))
        rows = rows_of(kept, Catalogue.of_shop(self._items, shop_id), int(after or 0))
        found = list(islice((row for row in rows if state in (None, row.state)), limit + 1))
        more = str(found[limit - 1].row) if len(found) > limit else None
        return Page(tuple(found[:limit]), more)

    def _kept(self, shop_id: str, record: ImportRecord) -> KeptSheet:
        """Return the lines of a sheet; one seen by a version that kept none is read again."""
        try:
            return open_kept(self._blobs.get(f"{record.blob_key}.lines"))
        except NotFound:
            kept = read_sheet(self._blobs.get(record.blob_key), self._today(shop_id), SheetOptions())
            self._blobs.put(f"{record.blob_key}.lines", kept)
            return open_kept(kept)

    def _card(self, shop_id: str, import_id: str, kept: KeptSheet) -> ImportCard:
        """Return what a sheet holds, which of its items the shop does not know, and what is there already."""
        good: list[SheetRow] = []
        bad: list[BadRowCard] = []
        bad_rows = 0
        for row in rows_of(kept, Catalogue.of_shop(self._items, shop_id)):
            if row.state != "bad":
                good.append(row)
                continue
            bad_rows += 1
            if len(bad) < _SHOWN:
                bad.append(BadRowCard(row=row.row, reason=row.reason))
        sold = [row for row in good if row.state == "sale"]
        overlap, warnings = self._overlap(shop_id, sold)
        unknown = sorted({row.item for row in good if row.item_id is None})
        days = [row.on for row in good if row.on is not None]
        return ImportCard(
            import_id=import_id,
            status="preview",
            rows=len(good),
            bad_rows=bad_rows,
            zero_rows=len(good) - len(sold),
            first_day=min(days, default=None),
            last_day=max(days, default=None),
            amount_paise=sum(row.amount_paise for row in good),
            problems=sorted([*warnings, *bad], key=lambda each: each.row)[:_SHOWN],
            unknown_items=unknown[:_SHOWN],
            unknown_count=len(unknown),
            overlap=overlap,
            reading=reading_card(kept.card),
        )

    def _there(self, shop_id: str, rows: Sequence[SheetRow]) -> set[int]:
        """Return the places of the rows that are in the sales already."""
        days = [row.on for row in rows if row.on is not None]
        if not days:
            return set()
        return already_there(rows, self._sales.lines_sold(shop_id, min(days), max(days)))

    def _overlap(self, shop_id: str, rows: Sequence[SheetRow]) -> tuple[OverlapCard | None, list[BadRowCard]]:
        """Return which days are there already, and warn of each."""
        there = self._there(shop_id, rows)
        if not there:
            return None, []
        by_day: dict[date, list[SheetRow]] = defaultdict(list)
        for place in sorted(there):
            if (on := rows[place].on) is not None:
                by_day[on].append(rows[place])
        days = [
            DayThere(on=on, rows=len(each), amount_paise=sum(row.amount_paise for row in each))
            for on, each in sorted(by_day.items())
        ]
        warnings = [
            BadRowCard(
                row=by_day[day.on][0].row,
                reason=f"{day.rows} rows of {day.on} ({format_rupees(day.amount_paise)}) are there already",
            )
            for day in days[:_SHOWN]
        ]
        amount = sum(day.amount_paise for day in days)
        return (
            OverlapCard(rows=len(there), amount_paise=amount, day_count=len(days), days=days[:_SHOWN]),
            warnings,
        )

    def prepare(self, shop_id: str, import_id: str) -> list[SheetRow]:
        """Return the rows of a sheet that can be taken in."""
        kept = self._kept(shop_id, self._imports.get(shop_id, import_id))
        rows = rows_of(kept, Catalogue.of_shop(self._items, shop_id))
        return [row for row in rows if row.state != "bad"]

    def take_in(
        self,
        caller: Caller,
        import_id: str,
        rows: Sequence[SheetRow],
        *,
        create_items: bool,
        take: Literal["new", "all"],
    ) -> ImportDone:
        """Enter a sheet as one bill a day; all of it or nothing."""
        if not rows:
            raise InvalidInput("the sheet has no row that can be taken in", field="import_id")
        missing = {row.item: row for row in rows if row.item_id is None}
        if missing and not create_items:
            raise InvalidInput(
                f"{len(missing)} items are unknown, the first is '{next(iter(missing))}'",
                field="create_items",
                hint="add them first, or confirm with 'create_items': true",
            )
        there = self._there(caller.shop_id, rows) if take == "new" else set()
        self._imports.move_on(caller.shop_id, import_id, "preview", "done")
        made = self._create_missing(caller.shop_id, missing)
        new = [
            row if row.item_id else replace(row, item_id=made[folded(row.item)])
            for n, row in enumerate(rows)
            if n not in there
        ]
        shop, now = self._accounts.shop(caller.shop_id), self._clock.now()
        bills = tuple(replace(bill, recorded_at=now) for bill in _bills(shop, import_id, caller.user_id, new))
        self._sales.add_many(caller.shop_id, bills)
        return ImportDone(
            import_id=import_id,
            status="done",
            bills=len(bills),
            created_items=len(made),
            rows=len(new),
            skipped_rows=len(there),
        )

    def _create_missing(self, shop_id: str, missing: dict[str, SheetRow]) -> dict[str, str]:
        """Add the unknown items and return their ids; 'SUGAR' and 'Sugar' are one item, as in the search."""
        made: dict[str, str] = {}
        for name, row in missing.items():
            if folded(name) not in made:
                made[folded(name)] = self._create(shop_id, row)
        return made

    def _create(self, shop_id: str, row: SheetRow) -> str:
        """Add an item that the sheet names, at its last price there."""
        now = self._clock.now()
        item_id = row.item if _ID.fullmatch(row.item) else new_id(now)
        item = Item(
            item_id=item_id,
            name=row.item,
            category="other",
            unit=unit_for(row.unit),
            price_paise=min(row.unit_price_paise, 10**9),
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


def _bills(shop: Shop, import_id: str, actor: str, rows: Iterable[SheetRow]) -> Iterator[Sale]:
    """Make one bill of each day's rows, the oldest first, at noon in the shop's zone."""
    by_day: dict[date, list[SheetRow]] = defaultdict(list)
    for row in rows:
        if row.on is not None:
            by_day[row.on].append(row)
    for on, of_day in sorted(by_day.items()):
        lines = tuple(
            SaleLine(row.item_id or "", row.quantity_milli, row.unit_price_paise, 0, row.amount_paise)
            for row in of_day
        )
        yield Sale(
            sale_id=f"{import_id}-{on:%Y%m%d}",
            sold_at=datetime.combine(on, time(12), ZoneInfo(shop.zone)).astimezone(UTC),
            sold_on=on,
            lines=lines,
            total_paise=sum(line.amount_paise for line in lines),
            payment="cash",
            customer_id=None,
            actor=actor,
            import_id=import_id,
        )
