"""Answers of /v1/home."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from samaan_ml.domain.bill_payments import PaymentMethod
from serving.advice.signals import SignalKind
from serving.http.fields import Answer
from serving.ports.accounts import Role
from serving.ports.alerts import AlertKind, AlertStatus
from serving.ports.changes import ChangeKind

Right = Literal["sell", "give_credit", "move_stock", "set_price", "set_rules", "manage_members"]


class HomeShop(Answer):
    """The shop and its rules."""

    shop_id: str
    name: str
    zone: str
    upi_id: str | None
    negative_stock: Literal["allow", "block"]
    over_limit: Literal["warn", "block"]
    staff_floor_percent: int


class HomeCaller(Answer):
    """Who asks, and what this person may do."""

    user_id: str
    role: Role
    rights: list[Right]


class HomeToday(Answer):
    """What came in today, returns taken off, and what moved in the khatas."""

    amount_paise: int
    bills: int
    returns: int
    by_payment: dict[PaymentMethod, int]
    given_paise: int
    received_paise: int


class HomeKhata(Answer):
    """What is owed to the shop."""

    due_paise: int
    advance_paise: int
    customers_owing: int
    customers_overdue: int


class HomeThing(Answer):
    """Something worth doing; /v1/recommendations has its call and the wording of a model."""

    key: str
    kind: SignalKind
    subject_id: str
    subject_name: str
    stake_paise: int
    urgent_in_days: int
    text: str
    inputs: dict[str, int]
    arithmetic: str


class HomeAlert(Answer):
    """An active alert."""

    alert_id: str
    kind: AlertKind
    subject_id: str
    subject_name: str
    stake_paise: int
    priority: int
    text: str
    status: AlertStatus
    raised_at: datetime
    changed_at: datetime
    snoozed_until: datetime | None


class HomeOrder(Answer):
    """An order that is to be in soon."""

    supplier_id: str
    name: str
    visit_on: date
    order_due_by: datetime


class HomeForecast(Answer):
    """How fresh the forecasts are."""

    made_at: datetime
    as_of: date
    items: int
    model_version: str


class HomeChanged(Answer):
    """What changed since midnight, by kind."""

    since: datetime
    counts: dict[ChangeKind, int]


class Columns(Answer):
    """Rows of one form: `fields` names the places of each."""

    fields: list[str]
    rows: list[list[Any]]


class HomeSnapshot(Answer):
    """All that a new phone starts from."""

    items: Columns
    customers: Columns
    suppliers: Columns
    lots: Columns


class Home(Answer):
    """The first screen."""

    model_config = ConfigDict(frozen=True, from_attributes=True, populate_by_name=True)

    seq: int = Field(description="Go on from here with GET /v1/changes?after=.")
    as_of: datetime
    on: date
    shop: HomeShop
    caller: HomeCaller
    today: HomeToday
    khata: HomeKhata
    alerts: list[HomeAlert] = Field(description="At most ten, the highest priority first.")
    alerts_open: int
    orders_due: list[HomeOrder] = Field(description="Orders to be in within two days, the next first.")
    forecast: HomeForecast | None = Field(description="Null where none was made in four weeks.")
    changed: HomeChanged
    snapshot: HomeSnapshot | None = Field(None, description="With `full=1`.")
    things: list[HomeThing] = Field(
        alias="list", description="What is worth doing, at most five, the most rupees first."
    )
