"""Bodies and answers of the closing of a day."""

from datetime import date, datetime

from pydantic import Field

from samaan_ml.domain.bill_payments import PaymentMethod
from serving.http.fields import Answer, Body, Id, MoneyOrNothing, Note


class CountedDrawer(Answer):
    """A drawer as it was counted; it never changes, and a later count of the day stands beside it."""

    closing_id: str
    on: date
    opening_paise: int
    expected_paise: int = Field(description="What should have been in it when it was counted.")
    counted_paise: int
    difference_paise: int = Field(description="Counted less expected.")
    at: datetime
    counted_by: str = Field(description="The person's id.")
    counted_by_name: str | None
    note: str


class CountedDrawers(Answer):
    """What was counted on some days."""

    rows: list[CountedDrawer]


class DrawerCount(Body):
    """What was counted in the drawer at the end of a day."""

    closing_id: Id | None = Field(None, description="Your own id; one is made where it is left out.")
    on: date | None = Field(None, description="The day; today where it is left out.")
    opening_paise: MoneyOrNothing = Field(0, description="Cash at the start of the day.")
    counted_paise: MoneyOrNothing = Field(examples=[144_000])
    note: Note = ""


class DayClosing(Answer):
    """What a day took, and what should be in the drawer: opening + cash bills and returns + udhaar collected."""

    on: date
    bills: int
    returns: int
    cancelled: int = Field(0, description="Bills that were cancelled; the sums do not contain them.")
    sold: dict[PaymentMethod, int] = Field(description="Paise by kind of payment.")
    returned: dict[PaymentMethod, int] = Field(description="Paise by kind of payment, below zero.")
    udhaar_given_paise: int = Field(description="Bills on udhaar, returns taken off.")
    udhaar_collected_paise: int = Field(description="What customers paid on their khatas, counted as cash.")
    opening_paise: int
    expected_cash_paise: int
    counted_paise: int | None = Field(description="As asked for, else as it was counted last.")
    difference_paise: int | None = Field(description="Counted less expected; null where nothing was counted.")
    closings: list[CountedDrawer] = Field([], description="What was counted on this day, the newest last.")
