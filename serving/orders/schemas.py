"""Bodies and answers of /v1/orders."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from samaan_ml.domain.purchase_orders import OrderState
from serving.http.client_facts import OfflineFact
from serving.http.fields import Answer, Body, Id, Instant, Note, Price, Quantity, Reason
from serving.ports.items import Unit


class NewOrderLine(Body):
    """One item to order."""

    item_id: Id
    quantity_milli: Quantity = Field(description="Thousandths of the item's unit, in whole packs as a rule.")
    unit_cost_paise: Price | None = Field(None, description="The item's cost where it is left out.")


class NewOrder(OfflineFact):
    """A draft to make."""

    order_id: Id | None = Field(
        None,
        description="Your own id. Sent again with the same content it gets the first answer, whenever it comes.",
    )
    supplier_id: Id | None = Field(None, description="Who delivers; null where that is still open.")
    lines: list[NewOrderLine] = Field(min_length=1, max_length=500)
    expected_on: date | None = None
    note: Note = ""


class DraftLines(Body):
    """Lines to put into a supplier's draft."""

    supplier_id: Id | None = None
    lines: list[NewOrderLine] = Field(min_length=1, max_length=500)


class MoreLines(Body):
    """Lines to add to a draft; an item that is there already is ordered as the larger of the two."""

    lines: list[NewOrderLine] = Field(min_length=1, max_length=500)


class OrderChange(Body):
    """New values of a draft; what is left out stays."""

    lines: list[NewOrderLine] | None = Field(None, min_length=1, max_length=500)
    expected_on: date | None = None
    note: Note | None = None


class Placing(Body):
    """How a draft is sent to the supplier."""

    expected_on: date | None = Field(None, description="The supplier's next visit where it is left out.")


class ArrivedLine(Body):
    """What came of one item."""

    item_id: Id
    quantity_milli: Quantity
    unit_cost_paise: Price | None = Field(None, description="As ordered where it is left out.")
    free_milli: Annotated[int, Field(strict=True, ge=0, le=10**9)] = Field(
        0, description="What came free with it; it lowers the cost of a unit."
    )
    batch_id: Id | None = None
    expires_on: date | None = None
    mrp_paise: Price | None = None


class Receipt(OfflineFact):
    """Goods that came for an order."""

    receipt_id: Id | None = Field(
        None,
        description="Your own id; its movements are named after it. Sent again with the same content it gets the "
        "first answer, whenever it comes.",
    )
    lines: list[ArrivedLine] = Field(min_length=1, max_length=500)
    complete: bool = Field(False, description="Whether nothing more will come of this order.")
    at: Instant | None = Field(None, description="When they came. Now, where it is left out.")


class Cancellation(Body):
    """Why nothing more is to come."""

    reason: Reason


class OrderLineRow(Answer):
    """One item of an order."""

    item_id: str
    name: str
    unit: Unit
    quantity_milli: int
    pack_milli: int
    packs: int = Field(description="Packs begun: a part of a pack counts as one.")
    received_milli: int
    open_milli: int = Field(description="What is still to come.")
    unit_cost_paise: int | None
    cost_paise: int | None
    received_cost_paise: int


class DifferenceRow(Answer):
    """Where what came is not what was ordered: milli-units, or paise a unit for `dearer` and `cheaper`."""

    item_id: str
    kind: Literal["missing", "more", "not_ordered", "dearer", "cheaper"]
    ordered: int
    got: int


class OrderCard(Answer):
    """An order to one supplier."""

    order_id: str
    state: OrderState
    supplier_id: str | None
    supplier_name: str | None
    lines: list[OrderLineRow]
    cost_paise: int = Field(description="Of the lines whose cost is known.")
    received_cost_paise: int
    expected_on: date | None
    note: str
    reason: str
    created_at: datetime
    created_by: str
    placed_at: datetime | None
    closed_at: datetime | None
    share_text: str = Field(description="The order as a message for the supplier.")
    version: int


class ReceiptDone(Answer):
    """An order after goods came, and where they differ from what was still to come."""

    order: OrderCard
    movement_ids: list[str]
    differences: list[DifferenceRow]
    flags: list[str] = Field(
        [], description="Flags of a delivery that came in late; `order_closed`: see the order."
    )
