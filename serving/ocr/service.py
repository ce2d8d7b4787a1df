"""From a photograph to stock, with a person in between."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from samaan_ml.bills import (
    BillDraft,
    CatalogueItem,
    CleanImage,
    alias_key,
    amend,
    clean_image,
    duplicate_key,
    match_item,
    read_bill,
)
from samaan_ml.domain.purchase_orders import Difference, ReceivedLine, differences, received
from serving.errors import AlreadyExists, Conflict, InvalidInput, NotFound, NothingRead, ServiceUnavailable
from serving.http.callers import Caller
from serving.ocr.schemas import (
    Amendment,
    BillCard,
    Confirmation,
    ConfirmedLine,
    ItemGuess,
    OrderDifference,
    Posted,
)
from serving.ports.accounts import AccountStore
from serving.ports.bill_reader import BillReader
from serving.ports.bills import BillRecord, BillStore
from serving.ports.blobs import BlobStore
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.items import ItemStore
from serving.ports.orders import OrderStore
from serving.ports.page import Page
from serving.ports.stock import Movement
from serving.receiving import Goods, Receiver

_TYPED = "typed"
"""The engine of a draft that a person types in."""
_CATALOGUE_PAGE = 200
_CATALOGUE_MAX = 5_000


@dataclass(frozen=True, slots=True)
class ReadPhoto:
    """A photograph that was cleaned, kept, and perhaps read."""

    bill_id: str
    sha256: str
    blob_key: str
    draft: BillDraft | None
    note: str | None


class OcrService:
    """Reads photographs of bills and posts what a person confirms."""

    def __init__(
        self,
        bills: BillStore,
        blobs: BlobStore,
        reader: BillReader,
        items: ItemStore,
        receiver: Receiver,
        orders: OrderStore,
        accounts: AccountStore,
        clock: Clock,
    ) -> None:
        self._bills = bills
        self._blobs = blobs
        self._reader = reader
        self._items = items
        self._receiver = receiver
        self._orders = orders
        self._accounts = accounts
        self._clock = clock

    def read(self, shop_id: str, image: bytes) -> ReadPhoto:
        """Clean, read and keep a photograph; it is slow, so it runs outside the unit of work.

        When the engine is down the photograph is kept all the same and can be read later.
        """
        clean = clean_image(image)
        self._refuse_again(shop_id, clean)
        bill_id = new_id(self._clock.now())
        key = f"{shop_id}/bills/{bill_id}.{clean.kind}"
        # Read first: a photograph that the decoder refuses is not stored.
        draft, note = self._draft(shop_id, clean.data)
        self._blobs.put(key, clean.data)
        return ReadPhoto(bill_id, clean.sha256, key, draft, note)

    def _refuse_again(self, shop_id: str, clean: CleanImage) -> None:
        """Refuse a photograph that is there already, naming its bill."""
        try:
            known = self._bills.by_photograph(shop_id, clean.sha256)
        except NotFound:
            return
        raise AlreadyExists(
            "this photograph was sent before", field="image", hint=f"see GET /v1/ocr/bills/{known.bill_id}"
        )

    def _draft(self, shop_id: str, image: bytes) -> tuple[BillDraft | None, str | None]:
        """Read an image, or say why it could not be read now."""
        today = local_day(self._clock.now(), self._accounts.shop(shop_id).zone)
        try:
            return read_bill(self._reader.read(image), today=today), None
        except ServiceUnavailable as error:
            return None, f"kept, not read yet: {error.detail}; it can be typed in"
        except NothingRead as error:
            return None, f"kept, but {error.detail}: type it in, or send a better photograph"

    def keep(self, caller: Caller, photo: ReadPhoto) -> BillCard:
        """Keep what was read."""
        record = BillRecord(
            bill_id=photo.bill_id,
            sha256=photo.sha256,
            blob_key=photo.blob_key,
            status="draft" if photo.draft else "unread",
            draft=_dump(photo.draft) if photo.draft else None,
            duplicate_key=duplicate_key(photo.draft) if photo.draft else None,
            actor=caller.user_id,
            created_at=self._clock.now(),
        )
        self._bills.add(caller.shop_id, record)
        return self.card(caller.shop_id, record, photo.note)

    def read_again(self, shop_id: str, bill_id: str) -> tuple[BillRecord, BillDraft | None, str | None]:
        """Read a kept photograph that could not be read before."""
        record = self._bills.get(shop_id, bill_id)
        if record.status != "unread":
            raise Conflict(f"bill '{bill_id}' is {record.status}", field="bill_id")
        draft, note = self._draft(shop_id, self._blobs.get(record.blob_key))
        return record, draft, note

    def keep_reading(
        self, shop_id: str, record: BillRecord, draft: BillDraft | None, note: str | None
    ) -> BillCard:
        """Keep a later reading."""
        if draft is None:
            return self.card(shop_id, record, note)
        read = replace(record, status="draft", draft=_dump(draft), duplicate_key=duplicate_key(draft))
        self._bills.change(shop_id, read, "unread")
        return self.card(shop_id, read)

    def get(self, shop_id: str, bill_id: str) -> BillCard:
        """Return a bill."""
        return self.card(shop_id, self._bills.get(shop_id, bill_id))

    def page(self, shop_id: str, limit: int, after: str | None) -> Page[BillRecord]:
        """Return a page of bills."""
        return self._bills.list(shop_id, limit, after)

    def amend(self, shop_id: str, bill_id: str, body: Amendment) -> BillCard:
        """Put a person's corrections in and check the arithmetic again."""
        record = self._bills.get(shop_id, bill_id)
        today = local_day(self._clock.now(), self._accounts.shop(shop_id).zone)
        draft = amend(_load(record), body.changes, today=today)
        amended = replace(record, status="draft", draft=_dump(draft), duplicate_key=duplicate_key(draft))
        self._bills.change(shop_id, amended, "unread" if record.status == "unread" else "draft")
        return self.card(shop_id, amended)

    def confirm(self, caller: Caller, bill_id: str, body: Confirmation) -> Posted:
        """Post the lines that a person confirmed; a bill is posted once."""
        record = self._bills.get(caller.shop_id, bill_id)
        draft = _load(record)
        self._check_reviewed(caller.shop_id, record, draft, body)
        now = self._clock.now()
        posted = replace(record, status="confirmed", draft=_dump(draft), confirmed_at=now)
        self._bills.change(caller.shop_id, posted, "unread" if record.status == "unread" else "draft")
        came = [line for line in body.lines if not _goes_back(draft, line.line)]
        found = self._receive_order(caller.shop_id, body, came, now)
        rows = self._move(caller, bill_id, draft, body, now)
        learned = sum(self._learn(caller.shop_id, draft, line) for line in body.lines)
        return Posted(
            bill_id=bill_id,
            movement_ids=[row.movement_id for row in rows],
            learned=learned,
            returned=len(body.lines) - len(came),
            order_id=body.order_id,
            differences=[OrderDifference.model_validate(each) for each in found],
        )

    def _move(
        self, caller: Caller, bill_id: str, draft: BillDraft, body: Confirmation, now: datetime
    ) -> list[Movement]:
        """Take in what came and take out what goes back; the movements are named by their lines."""
        shop, source = self._accounts.shop(caller.shop_id), f"bill/{bill_id}"
        came: dict[str, Goods] = {}
        back: dict[str, Goods] = {}
        for place, line in enumerate(body.lines):
            side = back if _goes_back(draft, line.line) else came
            side[f"{bill_id}-{place:04d}"] = _goods_of(place, line)
        rows: list[Movement] = []
        if came:
            goods = list(came.values())
            rows += self._receiver.receive(shop, caller.user_id, goods, source, now, now, list(came))
        if back:
            rows += self._receiver.send_back(
                shop, caller.user_id, list(back.values()), source, now, list(back)
            )
        return rows

    def _receive_order(
        self, shop_id: str, body: Confirmation, lines: Sequence[ConfirmedLine], now: datetime
    ) -> tuple[Difference, ...]:
        """Note in the order that its goods came, and list where the bill differs from what was still to come."""
        if body.order_id is None:
            return ()
        if not lines:
            raise InvalidInput("all goods of this bill go back: no order is received", field="order_id")
        order = self._orders.get(shop_id, body.order_id)
        came = [ReceivedLine(line.item_id, line.quantity_milli, line.unit_cost_paise) for line in lines]
        after = received(order, came, now, complete=body.order_complete)
        self._orders.change(shop_id, after, order.version)
        return differences(order, came)

    def _check_reviewed(self, shop_id: str, record: BillRecord, draft: BillDraft, body: Confirmation) -> None:
        """Refuse to post an unreviewed draft, an unknown line, and the same bill twice."""
        if draft.needs_review and not body.reviewed:
            raise Conflict(
                f"a person has to look at: {', '.join(draft.fields_to_ask) or 'the bill'}",
                field="reviewed",
                hint="correct the fields, or confirm with 'reviewed': true",
            )
        for place, line in enumerate(body.lines):
            if line.line >= len(draft.lines) and draft.engine != _TYPED:
                raise InvalidInput(f"the bill has {len(draft.lines)} lines", field=f"lines.{place}.line")
        twins = self._bills.confirmed_with(shop_id, record.duplicate_key) if record.duplicate_key else ()
        if twins and not body.duplicate:
            raise Conflict(
                f"bill '{twins[0].bill_id}' has the same supplier, number, day and total",
                field="duplicate",
                hint="confirm with 'duplicate': true if both are meant",
            )

    def _learn(self, shop_id: str, draft: BillDraft, line: ConfirmedLine) -> bool:
        """Remember which item a printed name stood for."""
        printed = draft.lines[line.line].description.value if line.line < len(draft.lines) else None
        if not printed:
            return False
        alias = alias_key(str(printed))[:200]
        if alias:
            self._bills.learn(shop_id, alias, line.item_id)
        return bool(alias)

    def card(self, shop_id: str, record: BillRecord, note: str | None = None) -> BillCard:
        """Translate a bill, with guesses at the items of its lines."""
        draft = _load(record) if record.draft else None
        return BillCard(
            bill_id=record.bill_id,
            status=record.status,
            created_at=record.created_at,
            confirmed_at=record.confirmed_at,
            draft=json.loads(record.draft) if record.draft else None,
            fields_to_ask=list(draft.fields_to_ask) if draft else [],
            guesses=self._guesses(shop_id, draft) if draft and record.status == "draft" else [],
            note=note,
        )

    def _guesses(self, shop_id: str, draft: BillDraft) -> list[list[ItemGuess]]:
        """Guess at the item of each line."""
        catalogue = self._catalogue(shop_id)
        learned = self._bills.learned(shop_id)
        return [
            [
                ItemGuess.model_validate(match)
                for match in match_item(str(line.description.value or ""), catalogue, learned)
            ]
            for line in draft.lines
        ]

    def _catalogue(self, shop_id: str) -> list[CatalogueItem]:
        """Return the shop's items by their names."""
        found: list[CatalogueItem] = []
        after: str | None = None
        while len(found) < _CATALOGUE_MAX:
            page = self._items.list_items(shop_id, _CATALOGUE_PAGE, after)
            found += [CatalogueItem(item.item_id, item.name, item.all_names[1:]) for item in page.rows]
            if page.after is None:
                break
            after = page.after
        return found


def _goods_of(place: int, line: ConfirmedLine) -> Goods:
    """Return what a confirmed line moves."""
    return Goods(
        line.item_id,
        line.quantity_milli,
        line.free_milli,
        line.unit_cost_paise,
        line.batch_id,
        line.expires_on,
        line.mrp_paise,
        field=f"lines.{place}.",
    )


def _goes_back(draft: BillDraft, place: int) -> bool:
    """Tell a line of returned goods, or any line of a credit note: its goods leave the shop."""
    quantity = draft.lines[place].quantity.value if place < len(draft.lines) else None
    return draft.kind == "credit_note" or (quantity is not None and quantity < 0)


def _dump(draft: BillDraft) -> str:
    """Write a draft."""
    return json.dumps(draft.to_json(), ensure_ascii=False)


def _load(record: BillRecord) -> BillDraft:
    """Read the draft of a bill; one that no engine has read is typed in from the start."""
    if record.draft is None:
        return BillDraft(engine=_TYPED)
    return BillDraft.from_json(json.loads(record.draft), ignore_unknown=True)
