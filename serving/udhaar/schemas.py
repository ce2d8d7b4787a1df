"""Bodies and answers of /v1/udhaar."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from serving.http.client_facts import OfflineFact
from serving.http.fields import Answer, Body, Id, Instant, Money, MoneyOrNothing, Name, Note, Phone, Reason


class NewCustomer(Body):
    """A customer to add."""

    customer_id: Id | None = Field(None, description="Your own id; one is made where it is left out.")
    name: Name = Field(examples=["Ramesh"])
    phone: Phone | None = None
    limit_paise: MoneyOrNothing | None = Field(None, description="Credit limit; null for none.")
    credit_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 30
    reminders: bool = Field(False, description="Whether the customer agreed to be reminded.")


class CustomerChange(Body):
    """New values of a customer's fields; what is left out stays."""

    name: Name | None = None
    phone: Phone | None = None
    limit_paise: MoneyOrNothing | None = None
    credit_days: Annotated[int, Field(strict=True, ge=0, le=365)] | None = None
    reminders: bool | None = None


class CustomerRow(Answer):
    """A customer and what is owed."""

    customer_id: str
    name: str
    phone: str | None
    limit_paise: int | None
    credit_days: int
    balance_paise: int = Field(description="Owed to the shop; below zero: paid in advance (jama).")
    oldest_due_on: date | None
    reminders: bool
    status: Literal["advance", "paid", "pending", "overdue"]


class FoundCustomers(Answer):
    """Customers that a search found, the best first."""

    rows: list[CustomerRow]


class AgeingRow(Answer):
    """What is owed, by days since the goods were given."""

    days_0_30_paise: int
    days_31_60_paise: int
    days_61_90_paise: int
    days_over_90_paise: int


class CustomerCard(CustomerRow):
    """A customer's account on the shop's present day."""

    as_of: date
    due_paise: int
    advance_paise: int
    overdue_paise: int
    days_past_due: int
    next_due_on: date | None
    ageing: AgeingRow


_ENTRY_ID = (
    "Your own id, unique in the shop; it never expires: sent again with the same content it is one entry."
)


class NewCredit(OfflineFact):
    """Goods or money given on udhaar without a bill."""

    entry_id: Id | None = Field(None, description=_ENTRY_ID)
    amount_paise: Money = Field(examples=[25_000])
    at: Instant | None = None
    due_on: date | None = None
    note: Note = ""
    over_limit: bool = Field(
        False,
        description="That this credit may pass the limit: an owner's word, or staff's with an approval.",
    )


class NewPayment(OfflineFact):
    """Money received; more than is owed becomes an advance."""

    entry_id: Id | None = Field(None, description=_ENTRY_ID)
    amount_paise: Money = Field(examples=[10_000])
    at: Instant | None = None
    note: Note = ""


class BatchedCredit(NewCredit):
    """A credit of some customer, under its client's own id."""

    kind: Literal["credit"]
    customer_id: Id
    entry_id: Id


class BatchedPayment(NewPayment):
    """A payment of some customer, under its client's own id."""

    kind: Literal["payment"]
    customer_id: Id
    entry_id: Id


BatchedEntry = Annotated[BatchedCredit | BatchedPayment, Field(discriminator="kind")]


class EntryBatch(Body):
    """Some entries in one request, as a phone gathered them."""

    entries: list[BatchedEntry] = Field(min_length=1, max_length=100)
    atomic: bool = Field(False, description="Write all or none; else each is written or refused on its own.")


class NewWriteOff(Body):
    """A due that the shop gives up."""

    amount_paise: Money
    reason: Reason


class NewReversal(Body):
    """Why an entry is reversed."""

    reason: Reason = Field(examples=["entered twice"])


class EntryRow(Answer):
    """One line of the khata; it never changes."""

    entry_id: str
    customer_id: str
    kind: Literal["credit", "payment", "reversal", "write_off"]
    amount_paise: int
    at: datetime
    due_on: date | None
    reverses: str | None
    reason: str
    note: str
    actor: str
    actor_name: str | None = Field(None, description="The person's or key's name, in lists.")
    recorded_at: datetime | None = Field(None, description="When the server entered it, where it came late.")
    flags: list[str] = Field([], description="What an owner may want to know of an entry that came late.")


class EntryDone(Answer):
    """An entry and the balance after it."""

    entry: EntryRow
    balance_paise: int
    limit_paise: int | None
    over_limit: bool


class StatementRow(Answer):
    """An entry in a statement and the balance after it."""

    entry: EntryRow
    day: date
    effect_paise: int
    balance_paise: int


class StatementCard(Answer):
    """Entries between two balances: opening + given - received = closing."""

    customer_id: str
    start: date | None
    end: date | None
    opening_paise: int
    given_paise: int
    received_paise: int
    closing_paise: int
    lines: list[StatementRow]


class LimitQuestion(Body):
    """A credit that may be given or not."""

    amount_paise: Money


class LimitAnswer(Answer):
    """The limit at the counter, with its arithmetic."""

    customer_id: str
    allowed: bool
    balance_paise: int
    amount_paise: int
    balance_after_paise: int
    limit_paise: int | None
    room_paise: int | None
    policy: Literal["warn", "block"]


class NewSettlement(Body):
    """A part that is taken for the whole due."""

    paid_paise: Money = Field(description="What the customer pays; the rest of the balance is written off.")
    reason: Reason = Field(examples=["agreed on two thirds"])


class SettlementDone(Answer):
    """Both entries of a settlement."""

    payment: EntryRow
    write_off: EntryRow
    balance_paise: int


class LimitRaiseRow(Answer):
    """A payment that raises the suggested limit; `limit_arithmetic` is the proof, to be recomputed."""

    pay_paise: int
    limit_paise: int
    probability_30: float
    limit_arithmetic: dict[str, Any]


class RiskReason(Answer):
    """One reason; a positive contribution raises the risk."""

    feature: str
    text: str
    contribution: float


class RiskFigures(Answer):
    """What the model says of a customer."""

    probability_30: float = Field(description="Of being more than 30 days past due within the next 30 days.")
    probability_60: float
    lower: float = Field(description="90 % interval of `probability_30`.")
    upper: float
    days_to_pay: float | None = Field(description="Expected days from a purchase to its payment.")
    due_paise: int
    paid_soon_paise: int = Field(description="Part of the due expected within 14 days without a reminder.")
    thin_file: bool = Field(description="Whether the figures are mostly the shop's own average.")
    reasons: list[RiskReason]
    limit_paise: int = Field(description="Suggested credit limit.")
    limit_arithmetic: dict[str, Any] = Field(
        description="Inputs and steps of the limit, the formula and its version."
    )
    limit_raise: LimitRaiseRow | None = Field(
        description="The smallest payment tried that raises the limit; null where none does or it was not asked."
    )
    model_version: str


class RiskCard(Answer):
    """How likely a customer is to be late; without a model there are no figures, never invented ones."""

    customer_id: str
    as_of: datetime
    degraded: bool
    reason: str | None = Field(default=None, description="Why no model answered; null where one did.")
    risk: RiskFigures | None


class InflowRow(Answer):
    """What of today's dues is expected to be paid in the coming days, from the shop's own past weeks."""

    days: int
    expected_paise: int
    lower_paise: int
    upper_paise: int
    coverage: float = Field(
        description="Share of cases in which the interval holds; 1 where it says nothing."
    )
    windows: int = Field(description="Past windows it rests on.")


class ExposureCard(Answer):
    """What the whole shop has out on udhaar."""

    as_of: date
    due_paise: int
    advance_paise: int
    overdue_paise: int
    customers_owing: int
    customers_overdue: int
    largest_share: float = Field(description="Share of the dues that the largest debtor has.")
    inflow: InflowRow


class EntryResult(Answer):
    """What became of one entry of a batch."""

    place: int = Field(description="Its place in the request, from 0.")
    entry_id: str
    status: Literal["applied", "replayed", "refused"]
    done: EntryDone | None = Field(description="Null where it was refused.")
    code: str | None = Field(None, description="Why it was refused.")
    detail: str | None = None
    field: str | None = None


class EntryBatchDone(Answer):
    """What became of each entry, in the order of the request."""

    applied: int
    replayed: int
    refused: int
    results: list[EntryResult]
