"""Bodies and answers of /v1/ocr."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from serving.http.fields import Answer, Body, Id, Price, Quantity
from serving.ports.bills import BillStatus

FieldPath = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}(\.[0-9]{1,3}\.[a-z_]{1,40})?$")]


class ItemGuess(Answer):
    """An item of the shop that a printed name may stand for."""

    item_id: str
    score: float
    same_pack: bool
    automatic: bool = Field(description="Whether it is sure enough to be preselected.")
    reason: str


class BillCard(Answer):
    """A photographed bill; nothing of it is posted before it is confirmed."""

    bill_id: str
    status: BillStatus
    created_at: datetime
    confirmed_at: datetime | None
    draft: dict[str, Any] | None = Field(
        description="Every field with its value, source tokens, confidence and check; null while unread. A bill that "
        "is unread can be amended and confirmed all the same: it is then typed in."
    )
    fields_to_ask: list[str] = Field(description="Fields that a person has to look at.")
    guesses: list[list[ItemGuess]] = Field(description="For each line, the items it may be, the best first.")
    note: str | None = None


class BillRow(Answer):
    """A bill in a list."""

    bill_id: str
    status: BillStatus
    created_at: datetime
    confirmed_at: datetime | None


class Amendment(Body):
    """A person's corrections by path: "total", "supplier", "lines.0.rate"; money in paise, quantity in milli."""

    changes: dict[FieldPath, int | date | str] = Field(
        min_length=1, max_length=100, examples=[{"total": 45_000, "lines.0.rate": 4_500}]
    )


class ConfirmedLine(Body):
    """What one line brings into stock, or takes out of it.

    Goods of a credit note, and of a line below zero, go back to the supplier: the quantity is given without a sign.
    """

    line: Annotated[int, Field(strict=True, ge=0, le=999)]
    item_id: Id
    quantity_milli: Quantity
    unit_cost_paise: Price | None = None
    free_milli: Annotated[int, Field(strict=True, ge=0, le=10**9)] = Field(
        0, description="What came free with it; it lowers the cost of a unit."
    )
    batch_id: Id | None = None
    expires_on: date | None = Field(
        None, description="Of the lot that came; a lot is made where it has no id."
    )
    mrp_paise: Price | None = None


class Confirmation(Body):
    """The step without which nothing is posted."""

    lines: list[ConfirmedLine] = Field(min_length=1, max_length=200)
    reviewed: bool = Field(False, description="A person has looked at the fields to ask about.")
    duplicate: bool = Field(False, description="It is meant, though it looks like a bill confirmed before.")
    order_id: Id | None = Field(None, description="The placed order whose goods these are.")
    order_complete: bool = Field(False, description="Whether nothing more will come of that order.")


class OrderDifference(Answer):
    """Where a bill is not what was ordered: milli-units, or paise a unit for `dearer` and `cheaper`."""

    item_id: str
    kind: Literal["missing", "more", "not_ordered", "dearer", "cheaper"]
    ordered: int
    got: int


class Posted(Answer):
    """What a confirmed bill did."""

    bill_id: str
    movement_ids: list[str]
    learned: int
    returned: int = Field(
        0, description="How many lines went back to the supplier and were taken out of stock."
    )
    order_id: str | None = None
    differences: list[OrderDifference] = Field([], description="From the order, where one is named.")
