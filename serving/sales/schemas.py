"""Bodies and answers of /v1/sales."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from samaan_ml.domain.bill_payments import BillPayment, PaymentMethod
from serving.http.client_facts import OfflineFact
from serving.http.fields import (
    Answer,
    Body,
    Id,
    Instant,
    Money,
    MoneyOrNothing,
    Price,
    Quantity,
    Reason,
)
from serving.ports.accounts import TaxScheme
from serving.ports.sales import SaleState

UnitWord = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NewLine(Body):
    """One line of a bill."""

    item_id: Id
    quantity_milli: Quantity = Field(
        examples=[2000],
        description="Thousandths of `unit`, or of the item's own unit where none is named: 2000 is 2 pieces.",
    )
    unit: UnitWord | None = Field(
        None,
        description="The unit it is sold in, such as `dozen`, `case`, `g`; converted exactly to the item's own.",
        examples=["dozen"],
    )
    pack_of: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = Field(
        None, description="How many a pack or case holds, where it is not the item's own pack."
    )
    unit_price_paise: Price | None = Field(
        None, description="The price of one `unit`. Left out, the item's price at the time of the sale."
    )
    discount_paise: MoneyOrNothing = 0


class Paid(Body):
    """A part of a payment."""

    kind: PaymentMethod
    paise: Money


Parts = Annotated[list[Paid], Field(min_length=1, max_length=20)]


class NewSale(OfflineFact):
    """A bill."""

    sale_id: Id | None = Field(
        None,
        description="Your own id, unique in the shop. It never expires: the same content again is one bill.",
        examples=["0192f3a4-5b6c-7d8e-9f01-23456789abcd"],
    )
    lines: list[NewLine] = Field(min_length=1, max_length=200)
    payment: PaymentMethod = "cash"
    payments: Parts | None = Field(
        None,
        description="A bill paid in parts: they sum to its total. With it `payment` is left out.",
        examples=[[{"kind": "cash", "paise": 5_000}, {"kind": "udhaar", "paise": 4_000}]],
    )
    discount_paise: MoneyOrNothing = Field(
        0, description="Off the whole bill, shared out over its lines by their amounts."
    )
    customer_id: Id | None = Field(None, description="Required for udhaar.")
    sold_at: Instant | None = Field(None, description="Now, where it is left out.")
    due_on: date | None = Field(
        None, description="For udhaar: when it is to be paid; else by the customer's terms."
    )
    total_paise: MoneyOrNothing | None = Field(
        None, description="If sent, it must equal the sum of the lines, discounts taken off."
    )
    over_limit: bool = Field(
        False, description="The owner's word that this credit may pass the customer's limit."
    )


class NamedSale(NewSale):
    """A bill under its client's own id."""

    sale_id: Id = Field(description="Your own id, unique in the shop; it never expires.")


class SaleBatch(Body):
    """Some bills in one request, as a phone gathered them."""

    sales: list[NamedSale] = Field(min_length=1, max_length=100)
    atomic: bool = Field(False, description="Post all or none; else each is posted or refused on its own.")


class LineRow(Answer):
    """A line as it was sold; in a return, quantity and amount are negative."""

    item_id: str
    quantity_milli: int = Field(description="Thousandths of the item's own unit.")
    unit_price_paise: int = Field(description="The price of one `unit`.")
    unit: str | None = Field(None, description="The unit it was sold in; null for the item's own.")
    unit_milli: int = Field(1000, description="What that unit is, in thousandths of the item's own.")
    discount_paise: int = Field(description="The line's own discount and its share of the bill's.")
    amount_paise: int


class PaidRow(Answer):
    """What was paid in one way; below zero it went back."""

    kind: PaymentMethod
    paise: int


class CreditNote(Answer):
    """What an udhaar bill did to the customer's khata."""

    customer_id: str
    entry_id: str
    balance_paise: int
    limit_paise: int | None
    over_limit: bool


class SaleCard(Answer):
    """A bill."""

    sale_id: str
    sold_at: datetime
    sold_on: date = Field(description="The shop's own day.")
    lines: list[LineRow] = Field(description="Empty in a list unless it is asked for with `lines=true`.")
    line_count: int = 0
    total_paise: int
    payment: BillPayment = Field(description="The one way of payment; `split` for a bill paid in parts.")
    payments: list[PaidRow] = Field([], description="What was paid in which way; they sum to the total.")
    discount_paise: int = Field(0, description="The discount on the whole bill, contained in its lines'.")
    bill_number: str | None = Field(
        None,
        description="Consecutive within the shop and the financial year; credit notes have a series of their own. "
        "Null for imported bills and for cancellations.",
        examples=["2026-27/17"],
    )
    number: int | None = Field(None, description="Its place in the series.")
    financial_year: str = Field("", examples=["2026-27"])
    state: SaleState = Field("posted", description="How it stands.")
    customer_id: str | None
    returns: str | None = Field(None, description="The bill that this return or cancellation belongs to.")
    reason: str | None = Field(None, description="Why it was returned or cancelled.")
    actor: str = Field("", description="Who entered it: the id of a person or a key.")
    actor_name: str | None = Field(None, description="Their name, in lists and single bills.")
    recorded_at: datetime | None = Field(None, description="When the server entered it, by its own clock.")
    flags: list[str] = Field([], description="What an owner may want to know of a bill that came late.")


class RateTaxRow(Answer):
    """The lines of one rate together: taxable + cgst + sgst + igst = amount."""

    rate_bp: int = Field(description="Basis points: 500 is 5 %.")
    amount_paise: int
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int


class LineTaxRow(RateTaxRow):
    """The tax of one line."""

    item_id: str
    hsn: str
    quantity_milli: int


class HsnRow(RateTaxRow):
    """What was sold under one tariff heading, unit and rate."""

    hsn: str
    unit_code: str = Field(description="Unit quantity code of the GST return.")
    quantity_milli: int


class Untaxed(Answer):
    """An item whose rate is not known: it has no tariff heading, or one of several rates."""

    item_id: str
    amount_paise: int


class BillTax(Answer):
    """The tax of a bill of tax-inclusive prices; a return is its credit note."""

    sale_id: str
    sold_on: date
    scheme: TaxScheme
    document: Literal["invoice", "bill_of_supply", "credit_note"]
    lines: list[LineTaxRow]
    rates: list[RateTaxRow]
    total_paise: int
    without_rate: list[Untaxed]


class TaxSummary(Answer):
    """A period as the GST return sums it up; a composition or unregistered shop has no tax lines."""

    start: date
    end: date
    scheme: TaxScheme
    bills: int
    returns: int
    total_paise: int
    consumers: list[RateTaxRow] = Field(
        description="Sales to consumers by rate, credit notes taken off (B2CS)."
    )
    credit_notes: list[RateTaxRow] = Field(description="Of them, the credit notes.")
    headings: list[HsnRow] = Field(description="The HSN summary, credit notes taken off.")
    without_rate: list[Untaxed]


class StockAfter(Answer):
    """The stock of an item after the bill."""

    item_id: str
    on_hand_milli: int
    negative: bool


class UpiPayment(Answer):
    """How a bill is paid by UPI; the link is the content of the QR code, too."""

    uri: str = Field(
        examples=["upi://pay?pa=meena%40okbank&pn=Meena&am=45.00&cu=INR&tn=bill&tr=0192f3a45b6c"]
    )
    reference: str = Field(description="Comes back with the payment, to match it by.")
    amount_paise: int


class SaleDone(SaleCard):
    """A bill and what it changed."""

    upi: UpiPayment | None = Field(
        None, description="For a bill paid by UPI, where the shop has a UPI id (`upi_id` of its rules)."
    )
    stock: list[StockAfter]
    credit: CreditNote | None = None


class ReturnedLine(Body):
    """What came back of one item."""

    item_id: Id
    quantity_milli: Quantity


class NewReturn(OfflineFact):
    """Goods of a bill that came back."""

    return_id: Id | None = Field(None, description="Your own id of the return, among those of bills.")
    lines: list[ReturnedLine] = Field(min_length=1, max_length=200)
    reason: Reason
    at: Instant | None = None
    refunds: Parts | None = Field(
        None,
        description="How the money goes back; where it is left out, off what is owed for the bill first, then as paid.",
    )


class NewCancellation(OfflineFact):
    """Why a bill is cancelled, on its own day; goods, khata and money go back."""

    cancellation_id: Id | None = Field(None, description="Your own id of it, among those of bills.")
    reason: Reason = Field(examples=["entered twice"])
    at: Instant | None = None


class DaySummary(Answer):
    """What was sold on a day."""

    on: date
    amount_paise: int
    items: int


class SalesSummary(Answer):
    """What was sold by day."""

    days: list[DaySummary]
    amount_paise: int


Days = Annotated[int, Field(ge=1, le=366)]


class SaleResult(Answer):
    """What became of one bill of a batch."""

    place: int = Field(description="Its place in the request, from 0.")
    sale_id: str
    status: Literal["applied", "replayed", "refused"]
    sale: SaleDone | None = Field(description="Null where it was refused.")
    code: str | None = Field(None, description="Why it was refused.")
    detail: str | None = None
    field: str | None = None


class SaleBatchDone(Answer):
    """What became of each bill, in the order of the request."""

    applied: int
    replayed: int
    refused: int
    results: list[SaleResult]
