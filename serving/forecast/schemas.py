"""Bodies and answers of /v1/forecast."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from serving.http.fields import Answer, Body, Id, Price
from serving.ports.jobs import JobStatus

Horizon = Annotated[int, Field(strict=True, ge=1, le=28)]


Source = Literal["model", "saved", "statistical", "none"]


ColumnName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
ColumnValue = Annotated[float, Field(allow_inf_nan=False)]


class KnownColumn(Body):
    """A number known for each day, past and ahead: a promotion, the weather, school holidays.

    The model uses the columns that it was trained with, under their names there; days without a value are missing.
    """

    name: ColumnName = Field(examples=["promoted"])
    start: date = Field(description="Day of the first value.")
    values: list[ColumnValue | None] = Field(
        min_length=1,
        max_length=800,
        description="A value a day, no further than the horizon; null where not known.",
        examples=[[0, 0, 1, 1, None]],
    )


class PlannedPrice(Body):
    """What an item will sell for on some days of the horizon; on the others today's price holds."""

    from_on: date
    until_on: date = Field(description="Last day, included.")
    price_paise: Price = Field(examples=[4200])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse a plan that ends before it starts."""
        if self.until_on < self.from_on:
            raise ValueError(f"until_on {self.until_on} lies before from_on {self.from_on}")
        return self


class ItemPlan(Body):
    """What is planned for, or known of, one item."""

    item_id: Id
    prices: list[PlannedPrice] = Field([], max_length=28)
    covariates: list[KnownColumn] = Field(
        [],
        max_length=20,
        description="Further columns of the prices table; an unknown value holds the one before.",
    )


class ForecastQuestion(Body):
    """Which items, how far ahead, and what is known of the days ahead."""

    item_ids: list[Id] = Field(min_length=1, max_length=100, examples=[["sugar-1kg"]])
    horizon_days: Horizon = 14
    explain: bool = Field(False, description="Whether to add what drives each forecast.")
    plans: list[ItemPlan] = Field(
        [], max_length=100, description="Prices and promotions planned for the days ahead, by item."
    )
    covariates: list[KnownColumn] = Field(
        [], max_length=20, description="Further columns of the calendar, for the whole shop."
    )


class QuantileRow(Answer):
    """A level of the distribution and its value."""

    level: float
    milli: int


class DayRow(Answer):
    """The demand of one day."""

    on: date
    mean_milli: int
    quantiles: list[QuantileRow]


class DriverRow(Answer):
    """What moves the forecast, in milli-units a day."""

    name: str
    milli: int


class Arithmetic(Answer):
    """How the order follows: order = packs_up(max(0, max(demand - sold_today, floor) - usable - on_order)).

    `usable` is max(0, on_hand) - expired. `packs_up` rounds up to whole packs of `pack_milli`. `demand_milli` is the
    quantile of the demand over the horizon, which starts today, at `level_used`: the service level where the model
    gives that far a quantile, else the nearest it gives. `sold_today_milli` is what was sold today, up to what was
    expected of today, so that demand and stock are of the same moment. Stock recorded below zero counts as none.
    """

    on_hand_milli: int
    expired_milli: int = Field(description="Of the stock, what lies in expired lots.")
    on_order_milli: int = Field(description="What placed orders are still to bring.")
    demand_milli: int
    sold_today_milli: int
    floor_milli: int = Field(description="The shop's own reorder point, 0 where there is none.")
    horizon_days: int
    service_level: float
    level_used: float
    shortfall_milli: int
    pack_milli: int
    formula: str = (
        "order = ceil(max(0, max(demand - sold_today, floor) - usable - on_order) / pack) * pack; "
        "usable = max(0, on_hand) - expired"
    )
    version: Literal["reorder-2"] = "reorder-2"


class Reorder(Answer):
    """What to order now: the reorder list's quantity, whatever the horizon of the forecast beside it.

    It lasts until the visit after next of the supplier; where he has no visit days, his lead time and a week. With
    plans of the caller it follows the forecast asked for.
    """

    order_milli: int
    runs_out_on: date | None = Field(
        description="First day on which the expected demand so far passes the stock."
    )
    order_by: date | None = Field(description="Last day to order so that the goods come before that.")
    lead_time_days: int
    arithmetic: Arithmetic


class ItemForecastCard(Answer):
    """The demand of one item and the order that follows."""

    item_id: str
    status: Literal["ok", "review", "too_little_data"] = Field(
        description="'review': show it to a person before ordering."
    )
    source: Source
    method: str | None
    confidence: Literal["high", "medium", "low"] | None
    made_at: datetime
    forecast_id: str | None = Field(
        description="Under which it was kept; null where no model made it, or it follows plans of the caller."
    )
    days: list[DayRow]
    total_quantiles: list[QuantileRow] = Field(description="Of the sum over the horizon.")
    drivers: list[DriverRow]
    reorder: Reorder | None


class ForecastCard(Answer):
    """Forecasts of some items."""

    starts_on: date
    horizon_days: int
    history_until: date | None = Field(description="Last day with a bill; a new forecast follows new sales.")
    stale: bool = Field(description="Whether no sale was entered for over a week.")
    model_version: str | None
    degraded: bool = Field(description="Whether no model answered and older or simpler figures stand in.")
    reason: str | None = Field(None, description="Why no model answered; null where one did.")
    items: list[ItemForecastCard]


class SnapshotRow(Answer):
    """What identifies a forecast that was kept."""

    forecast_id: str
    item_id: str
    as_of: date = Field(description="Its first day: what was known before that day went in.")
    horizon_days: int
    made_at: datetime
    model_version: str
    data_hash: str | None = Field(
        description="SHA-256 of all that the model was shown; null for forecasts of before it was kept."
    )


class Snapshot(SnapshotRow):
    """A forecast as the model gave it; it never changes."""

    method: str
    confidence: Literal["high", "medium", "low"]
    days: list[DayRow]
    total_quantiles: list[QuantileRow]
    drivers: list[DriverRow]


class JobQuestion(Body):
    """How far ahead everything the shop sells is to be forecast."""

    horizon_days: Horizon = 14


class ForecastJob(Answer):
    """Where the forecast of the whole shop stands; each look at it does the next hundred items."""

    job_id: Id
    status: JobStatus
    horizon_days: int
    total: int
    completed: int
    progress_ratio: float = Field(ge=0, le=1)
    waiting_for_model: bool = Field(
        description="Whether no model answered just now; the job goes on with the next look."
    )
    created_at: datetime
    changed_at: datetime


class ReorderRow(Answer):
    """One line of an order list: order = the arithmetic's order + what was added."""

    item_id: str
    name: str
    supplier_id: str | None
    order_milli: int
    added_milli: int = Field(description="Of it, what was added to reach the supplier's minimum.")
    drafted_milli: int = Field(description="What of the item stands in draft orders already.")
    packs: int
    unit_cost_paise: int | None
    cost_paise: int | None
    order_by: date | None = Field(
        description="Last day to order so that the goods come before they run out; the day on which the order for the "
        "supplier's last visit before that is due, where he has visit days."
    )
    status: Literal["ok", "review", "too_little_data"]
    arithmetic: Arithmetic


class SupplierOrder(Answer):
    """One supplier's part of an order list, beside his visits and his minimum."""

    supplier_id: str
    name: str
    visit_on: date | None = Field(description="The first visit that can still be ordered for.")
    order_due_by: datetime | None = Field(description="Until when the order must have reached him.")
    horizon_days: int = Field(description="Days that the order is to last, from today on.")
    minimum_order_paise: int
    needed_paise: int = Field(description="Cost of what is needed; lines of unknown cost count nothing.")
    cost_paise: int = Field(description="Cost with what was added.")
    minimum: Literal["met", "filled", "below", "cost_unknown"]
    short_paise: int = Field(description="What is missing to the minimum.")
    reason: str
    credit_days: int
    pay_by: date | None = Field(description="The visit's day and the credit days on top.")


class LeftOut(Answer):
    """What the cash in hand does not reach for."""

    item_id: str
    left_out_milli: int
    cost_paise: int | None
    lost_gain_paise: int | None = Field(
        description="Expected profit that is lost with it; null where the cost is unknown."
    )
    reason: Literal["budget", "cost_unknown"]


class BudgetCard(Answer):
    """An order within the cash in hand: the packs with the most expected profit."""

    budget_paise: int
    cost_paise: int
    left_paise: int
    gain_paise: int = Field(description="Expected profit of the order beyond ordering nothing.")
    lost_gain_paise: int = Field(description="Expected profit that is lost with what was left out.")
    method: Literal["greedy", "milp"]
    left_out: list[LeftOut]


class ReorderList(Answer):
    """What to order, the most urgent first."""

    starts_on: date
    horizon_days: int = Field(description="Days of the lines whose supplier's order says nothing else.")
    model_version: str | None
    degraded: bool
    reason: str | None = Field(None, description="Why no model answered; null where one did.")
    rows: list[ReorderRow]
    suppliers: list[SupplierOrder] = Field(description="In order of id; those from whom something is needed.")
    cost_paise: int = Field(description="Sum of the lines whose unit cost is known.")
    budget: BudgetCard | None = Field(
        None, description="What the cash in hand leaves out, where it was given."
    )


class ExpiryArithmetic(Answer):
    """How the quantity at risk follows."""

    stock_milli: int
    days_left: int
    level_used: float | None = Field(
        None, description="Always null: the expected demand counts, not a quantile."
    )
    demand_milli: int = Field(
        description="Expected demand for the item from now until the lot expires, less what was sold today."
    )
    sold_before_milli: int = Field(description="Of it, what lots that expire earlier take.")
    unit_value_paise: int = Field(description="The item's cost, or its price where that is not known.")
    formula: str = (
        "at_risk = max(0, stock - max(0, demand - sold_before)); "
        "at_risk_paise = floor((unit_value * at_risk + 500) / 1000)"
    )
    version: Literal["expiry-2"] = "expiry-2"


class ExpiryRiskRow(Answer):
    """A lot that will probably not be sold in time."""

    batch_id: str
    item_id: str
    name: str
    expires_on: date | None
    status: Literal["ok", "too_little_data"]
    at_risk_milli: int | None = Field(description="Null where there is too little data for a number.")
    at_risk_paise: int | None
    arithmetic: ExpiryArithmetic | None


class ExpiryRiskList(Answer):
    """Lots at risk, the most money first."""

    on: date
    days: int
    degraded: bool = Field(description="Whether older or simpler figures than the model's went in.")
    reason: str | None = Field(None, description="Why no model answered; null where one did.")
    rows: list[ExpiryRiskRow]
