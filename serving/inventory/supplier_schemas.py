"""Shapes of suppliers."""

import re
from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    WithJsonSchema,
)

from serving.http.fields import (
    Answer,
    Body,
    MoneyOrNothing,
    Name,
    Phone,
)

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


Days = Annotated[int, Field(strict=True, ge=0, le=365)]


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
        "skipped", description="Where a visit goes that falls on a holiday."
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


class SupplierList(Answer):
    """The suppliers in order of id."""

    rows: list[SupplierCard]
