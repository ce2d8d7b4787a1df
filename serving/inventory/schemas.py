"""Bodies and answers of /v1/inventory."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    model_validator,
)

from samaan_ml.domain.barcodes import canonical_barcode
from samaan_ml.domain.printed_price import check_mrp, lowest_printed
from samaan_ml.explain import Language
from serving.http.fields import (
    Answer,
    Body,
    Category,
    Id,
    Instant,
    Name,
    Price,
    Quantity,
)
from serving.inventory.stock_schemas import StockLevel
from serving.inventory.supplier_schemas import Days
from serving.ports.items import Unit

Barcode = Annotated[
    str,
    StringConstraints(min_length=6, max_length=20, pattern=r"^[0-9 -]+$"),
    AfterValidator(canonical_barcode),
    Field(
        description="EAN-8, EAN-13, UPC-A or GTIN-14; lost leading zeros are put back. Kept as EAN-13 where it is one.",
        examples=["8901030865275"],
    ),
]


Hsn = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$"), Field(examples=["1701"])]
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
    names: dict[Language, Name] = Field(
        {}, description="Its name by language, for texts in that language.", examples=[{"hi": "चीनी"}]
    )
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
    names: dict[Language, Name] | None = Field(
        None, description="All names by language, in place of those before."
    )
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
    names: dict[str, str] = Field({}, description="Its name by language.")
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


class SimilarItem(Answer):
    """An item that a new one may be the same as."""

    item_id: str
    name: str


class NewItemDone(ItemCard):
    """An item that was added."""

    similar: list[SimilarItem] = Field(
        [], description="Items of nearly the same name: archive the one that is there twice."
    )


class FoundItems(Answer):
    """Items that a search found, the best first."""

    rows: list[ItemCard]


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


class LowStockList(Answer):
    """Items at or below their reorder point, those below zero first."""

    rows: list[StockLevel]
