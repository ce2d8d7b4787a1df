"""Shapes of movements, counts and ages of stock."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    model_validator,
)

from serving.http.client_facts import OfflineFact
from serving.http.fields import (
    Answer,
    Body,
    Id,
    Instant,
    Note,
    Price,
    Quantity,
    Reason,
    SignedQuantity,
)
from serving.ports.items import Unit
from serving.ports.stock import MovementKind


class StockLevel(Answer):
    """The stock of one item."""

    item_id: str
    on_hand_milli: int
    unit: Unit
    low: bool


_MOVEMENT_ID = (
    "Your own id, unique in the shop; it never expires: sent again with the same content it is one movement."
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
    actor_name: str | None = Field(None, description="The person's or key's name, in lists.")
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
