"""Bodies and answers of /v1/inventory."""

import re
from datetime import date, datetime, time
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from samaan_ml.domain.printed_price import check_mrp, lowest_printed
from serving.http.client_facts import OfflineFact
from serving.http.fields import (
    Answer,
    Body,
    Category,
    Id,
    Instant,
    MoneyOrNothing,
    Name,
    Note,
    Phone,
    Price,
    Quantity,
    Reason,
    SignedQuantity,
)
from serving.ports.items import Unit
from serving.ports.stock import MovementKind


def check_digit(code: str) -> str:
    """Refuse an EAN whose last digit does not follow from the others.

    Examples
    --------
    >>> check_digit("8901030865275")
    '8901030865275'
    """
    digits = [int(each) for each in code]
    weighted = sum(
        digit * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits[:-1]), start=1)
    )
    if (10 - weighted % 10) % 10 != digits[-1]:
        raise ValueError(f"the check digit of '{code}' is wrong; scan it again")
    return code


Barcode = Annotated[
    str,
    StringConstraints(pattern=r"^([0-9]{8}|[0-9]{13})$"),
    AfterValidator(check_digit),
    Field(description="EAN-8 or EAN-13.", examples=["8901030865275"]),
]


_SHOP_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"


def on_the_shops_clock(value: object) -> object:
    """Take hours, minutes and perhaps seconds only: a zone of its own would say another clock than the shop's."""
    if isinstance(value, time) or (isinstance(value, str) and re.fullmatch(_SHOP_TIME, value)):
        return value
    raise ValueError("it is a time on the shop's clock such as 18:00 or 18:00:00, without a zone")


ShopTime = Annotated[
    time,
    BeforeValidator(on_the_shops_clock),
    WithJsonSchema({"type": "string", "pattern": _SHOP_TIME, "examples": ["18:00:00"]}),
]
Hsn = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$"), Field(examples=["1701"])]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]
ShelfLife = Annotated[int, Field(strict=True, ge=1, le=3_650)]
ServiceLevel = Annotated[float, Field(ge=0.5, le=0.99)]


class NewItem(Body):
    """An item to add."""

    item_id: Id | None = Field(None, description="Your own id; one is made where it is left out.")
    name: Name = Field(examples=["Sugar, loose"])
    category: Category = Field("other", examples=["staples"])
    unit: Unit = "piece"
    price_paise: Price = Field(examples=[4500])
    cost_paise: Price | None = None
    mrp_paise: Price | None = Field(
        None, description="Lowest printed maximum retail price; null for loose goods."
    )
    barcode: Barcode | None = None
    hsn: Hsn | None = None
    aliases: list[Name] = Field([], max_length=20, examples=[["cheeni", "चीनी"]])
    pack_milli: Quantity = Field(1000, description="Units a supplier's pack holds, in thousandths.")
    lead_time_days: Days = 2
    service_level: ServiceLevel = 0.9
    reorder_point_milli: Annotated[int, Field(strict=True, ge=0, le=10**9)] | None = None
    supplier_id: Id | None = None
    shelf_life_days: ShelfLife | None = Field(
        None, description="Days that fresh goods keep; no more is ordered."
    )
    known_value: bool = Field(False, description="Whether customers know this item's price by heart.")
    opening_stock_milli: Annotated[int, Field(strict=True, ge=0, le=10**9)] = 0

    @model_validator(mode="after")
    def _price_within_mrp(self) -> Self:
        """Refuse a price above the printed maximum."""
        check_mrp(self.price_paise, lowest_printed(self.mrp_paise))
        return self


class ItemChange(Body):
    """New values of an item's fields; what is left out stays. Prices change under /v1/pricing or here."""

    name: Name | None = None
    category: Category | None = None
    price_paise: Price | None = None
    cost_paise: Price | None = None
    mrp_paise: Price | None = None
    barcode: Barcode | None = None
    hsn: Hsn | None = None
    aliases: list[Name] | None = Field(None, max_length=20)
    pack_milli: Quantity | None = None
    lead_time_days: Days | None = None
    service_level: ServiceLevel | None = None
    reorder_point_milli: Annotated[int, Field(strict=True, ge=0, le=10**9)] | None = None
    supplier_id: Id | None = None
    shelf_life_days: ShelfLife | None = None
    known_value: bool | None = None
    archived: bool | None = None


class ItemCard(Answer):
    """An item and its stock."""

    item_id: str
    name: str
    category: str
    unit: Unit
    price_paise: int
    cost_paise: int | None
    mrp_paise: int | None
    barcode: str | None
    hsn: str | None
    aliases: list[str]
    pack_milli: int
    lead_time_days: int
    service_level: float
    reorder_point_milli: int | None
    supplier_id: str | None
    shelf_life_days: int | None = None
    known_value: bool
    on_hand_milli: int
    version: int = Field(description="Send it as If-Match when you change the item.")
    archived: bool
    sold_28d_milli: int | None = Field(
        None, description="Sold in the last 28 days, less what came back; null outside the list of items."
    )


class StockLevel(Answer):
    """The stock of one item."""

    item_id: str
    on_hand_milli: int
    unit: Unit
    low: bool


_MOVEMENT_ID = (
    "Your own id, unique in the shop for ever: sent again with the same content it is one movement."
)


class NewMovement(OfflineFact):
    """Stock that came in or went out, apart from sales."""

    movement_id: Id | None = Field(None, description=_MOVEMENT_ID)
    item_id: Id
    kind: Literal["purchase", "supplier_return", "wastage", "theft", "gift", "own_use"]
    quantity_milli: Quantity
    batch_id: Id | None = Field(
        None, description="The lot that it concerns; left out, lots are chosen by the kind."
    )
    at: Instant | None = None
    reason: Note | None = None
    unit_cost_paise: Price | None = Field(None, description="For a purchase: what one unit cost.")
    free_milli: Annotated[int, Field(strict=True, ge=0, le=10**9)] = Field(
        0,
        description="For a purchase: what came free with it, as one with ten; it lowers the cost of a unit.",
    )

    @model_validator(mode="after")
    def _free_with_a_purchase(self) -> Self:
        """Refuse free goods of what is no purchase."""
        if self.free_milli and self.kind != "purchase":
            raise ValueError("free_milli belongs to a purchase")
        return self


class NewMovements(Body):
    """Some movements, entered together: all of them or none."""

    movements: list[NewMovement] = Field(min_length=1, max_length=100)


class Adjustment(OfflineFact):
    """Something that happened to the stock of an item, at the time the device saw it."""

    movement_id: Id | None = Field(None, description=_MOVEMENT_ID)
    item_id: Id
    kind: Literal["purchase", "supplier_return", "wastage", "theft", "gift", "own_use", "count"]
    quantity_milli: Annotated[int, Field(strict=True, ge=0, le=10**9)] = Field(
        description="For a count: what was found on the shelf, which may be nothing."
    )
    batch_id: Id | None = Field(None, description="The lot that it concerns, or that was counted alone.")
    at: Instant
    reason: Note | None = None

    @model_validator(mode="after")
    def _something_moved(self) -> Self:
        """Refuse a movement of nothing; a count of nothing is one."""
        if self.kind != "count" and self.quantity_milli == 0:
            raise ValueError("quantity_milli is zero; only a count may be")
        return self


class Adjustments(Body):
    """What a device gathered, in any order: it is entered in the order of its times."""

    adjustments: list[Adjustment] = Field(min_length=1, max_length=100)
    atomic: bool = Field(False, description="Enter all or none; else each is entered or refused on its own.")
    ignore_unchanged: bool = Field(True, description="Whether a count that agrees leaves no movement behind.")


class AdjustmentResult(Answer):
    """What became of one adjustment."""

    place: int = Field(description="Its place in the request, from 0.")
    status: Literal["applied", "unchanged", "refused"]
    movement_id: str | None
    change_milli: int
    on_hand_milli: int | None = Field(description="The stock after it; null where it was refused.")
    code: str | None = Field(description="Why it was refused.")
    detail: str | None
    flags: list[str] = Field([], description="What an owner may want to know of it.")


class AdjustmentsDone(Answer):
    """What became of each, in the order of the request."""

    applied: int
    refused: int
    results: list[AdjustmentResult]


class MovementRow(Answer):
    """A movement as it was entered; it never changes."""

    movement_id: str
    item_id: str
    kind: MovementKind
    quantity_milli: int = Field(description="Signed: what comes in is positive.")
    at: datetime
    actor: str
    reason: str | None
    source: str | None
    batch_id: str | None
    unit_cost_paise: int | None
    flags: list[str] = Field([], description="What an owner may want to know of a movement that came late.")


class MovementList(Answer):
    """The movements entered and the stock after them."""

    movements: list[MovementRow]
    stock: list[StockLevel]


class Count(OfflineFact):
    """A physical count of one item, or of one of its lots."""

    batch_id: Id | None = Field(None, description="The lot that was counted alone.")
    count_id: Id | None = Field(None, description="Your own id of the count, among those of movements.")
    at: Instant | None = Field(
        None,
        description="When it was counted; what moved since then is left out of it. Now, where it is left out.",
    )
    counted_milli: Annotated[int, Field(strict=True, ge=0, le=10**9)]
    expected_milli: SignedQuantity | None = Field(
        None, description="What the caller saw as stock; if it is another, nothing is done (409)."
    )
    ignore_unchanged: bool = Field(True, description="Whether a count that agrees leaves no movement behind.")
    reason: Reason | None = None


class CountResult(Answer):
    """What a count found."""

    item_id: str
    before_milli: int
    counted_milli: int
    difference_milli: int
    variance_paise: int | None = Field(
        description="What the difference costs; null where the item's cost is not known."
    )
    movement_id: str | None = Field(description="Null where a count that agreed was ignored.")
    flags: list[str] = Field([], description="What an owner may want to know of a count that came late.")


class CountSheetRow(Answer):
    """A line of a count sheet: what to look for, and nothing of what is expected there."""

    item_id: str
    name: str
    category: str
    unit: Unit
    barcode: str | None
    aliases: list[str]


class FoundItems(Answer):
    """Items that a search found, the best first."""

    rows: list[ItemCard]


class AgeBucket(Answer):
    """Stock that lies there for so many days at most, and more than the bucket before; null is the rest."""

    up_to_days: int | None
    milli: int


class StockAgeRow(Answer):
    """How old and how slow an item's stock is; the oldest counts as sold first.

    Nothing sold in the window is dead stock; what lasts longer than `slow_days` at the window's pace is slow.
    """

    item_id: str
    name: str
    state: Literal["moving", "slow", "dead"]
    on_hand_milli: int
    sold_milli: int = Field(description="In the window, which ends yesterday.")
    window_days: int
    slow_days: int
    cover_days: float | None = Field(description="Days that the stock lasts; null where nothing sold.")
    days_since_sale: int | None = Field(description="Null where nothing sold in a year.")
    oldest_since: date | None
    ages: list[AgeBucket]
    unit_value_paise: int = Field(description="The item's cost, or its price where that is not known.")
    value_paise: int


class NewBatch(Body):
    """A delivery lot with its own expiry and printed price."""

    batch_id: Id | None = None
    quantity_milli: Quantity
    expires_on: date | None = None
    mrp_paise: Price | None = None
    unit_cost_paise: Price | None = None
    at: Instant | None = Field(None, description="When it came. Now, where it is left out.")


class BatchRow(Answer):
    """A lot and what is left of it."""

    batch_id: str
    item_id: str
    expires_on: date | None
    mrp_paise: int | None
    on_hand_milli: int
    received_at: datetime


class BatchList(Answer):
    """Lots with stock, the earliest expiry first."""

    rows: list[BatchRow]
    outside_lots_milli: int | None = Field(
        None, description="Stock of the item that belongs to no lot; null where several items are listed."
    )


class NewSupplier(Body):
    """Who delivers, how fast and on what terms."""

    name: Name = Field(examples=["Sharma Distributors"])
    phone: Phone | None = None
    lead_time_days: Days = 2
    visit_weekdays: list[Annotated[int, Field(strict=True, ge=0, le=6)]] = Field(
        [], max_length=7, description="0 is Monday."
    )
    minimum_order_paise: MoneyOrNothing = 0
    credit_days: Days = 0
    order_days_before: Annotated[int, Field(strict=True, ge=0, le=28)] = Field(
        1, description="How many days before a visit the order must be in."
    )
    order_by: ShopTime = Field(time(18), description="Until what time on that day, on the shop's clock.")
    on_holiday: Literal["skipped", "next_day"] = Field(
        "skipped", description="What becomes of a visit that falls on a holiday."
    )
    closed_on: list[date] = Field(
        [], max_length=100, description="Days without a visit, besides the holidays of the shop's state."
    )


class SupplierCard(Answer):
    """A supplier."""

    supplier_id: str
    name: str
    phone: str | None
    lead_time_days: int
    visit_weekdays: list[int]
    minimum_order_paise: int
    credit_days: int
    order_days_before: int
    order_by: ShopTime
    on_holiday: Literal["skipped", "next_day"]
    closed_on: list[date]
    next_visit_on: date | None = Field(description="The first visit from tomorrow on, holidays left out.")
    next_order_visit_on: date | None = Field(description="The first visit that can still be ordered for.")
    order_due_by: datetime | None = Field(description="Until when to order for that visit.")


class DayForecast(Answer):
    """What was forecast for a day, the last time before it began."""

    made_at: datetime
    as_of: date
    model_version: str
    p10_milli: int | None
    p50_milli: int | None
    p90_milli: int | None


class HistoryDay(Answer):
    """What happened to an item on a day."""

    on: date
    open: bool = Field(description="Whether the shop entered any bill.")
    sold_milli: int
    returned_milli: int
    amount_paise: int = Field(description="Of what was sold, less what was returned.")
    sold_out_share: float | None = Field(
        description="Share of the day (0 to 1) at stock zero; null where no stock was recorded by then."
    )
    price_paise: int | None = Field(description="At the end of the day.")
    forecast: DayForecast | None


class ItemHistory(Answer):
    """An item by day, the oldest first."""

    item_id: str
    unit: Unit
    rows: list[HistoryDay]


class SupplierList(Answer):
    """The suppliers in order of id."""

    rows: list[SupplierCard]


class LowStockList(Answer):
    """Items at or below their reorder point, those below zero first."""

    rows: list[StockLevel]
