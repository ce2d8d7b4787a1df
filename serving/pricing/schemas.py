"""Bodies and answers of /v1/pricing."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from serving.http.fields import Answer, Body, Id, Price, Reason


class PriceQuestion(Body):
    """Which items' prices are in question."""

    item_ids: list[Id] = Field(min_length=1, max_length=100, examples=[["sugar-1kg"]])
    objective: Literal["profit", "revenue"] = "profit"


class CandidateRow(Answer):
    """A price on the ladder and what is expected of it a day: the what-if table."""

    price_paise: int
    units_milli: int
    revenue_paise: int
    profit_paise: int
    legal: bool
    barred_by: str | None


class GainArithmetic(Answer):
    """How the expected gain follows, by `formula`; units are not rounded, so that it comes out to the paisa."""

    objective: Literal["profit", "revenue"]
    price_now_paise: int
    price_paise: int
    units_now_milli: int = Field(description="Units a day at today's price.")
    elasticity: float
    std_error: float
    elasticity_lower: float
    elasticity_upper: float
    cost_paise: int | None
    gst_rate_bp: int = Field(description="Tax contained in the price; 0 where it is not known.")
    composition: bool = Field(description="Whether the shop pays 1 % of its turnover instead of that tax.")
    net_now_paise: int
    net_paise: int = Field(description="The price without the tax.")
    units: float = Field(description="Expected units a day at the recommended price.")
    units_at_lower: float = Field(description="The same at `elasticity_lower`.")
    units_at_upper: float
    formula: str
    version: str


class AdviceCard(Answer):
    """What to do with one item's price; `proof` holds the facts it can be checked against."""

    advice_id: str
    item_id: str
    status: Literal["open", "accepted", "rolled_back"]
    made_at: datetime
    model_version: str
    price_before_paise: int
    action: Literal["change", "hold"]
    state: str = Field(description="Why, in a word: change, optimal, small_gain, cost_unknown, ...")
    price_paise: int
    grade: Literal["A", "B", "C", "D"] = Field(description="D: no evidence, hold.")
    elasticity: float
    elasticity_lower: float
    elasticity_upper: float
    gain_paise_per_week: int = Field(description="Expected change of the objective, with its interval.")
    gain_lower_paise_per_week: int
    gain_upper_paise_per_week: int
    binding_rule: str | None
    reasons: list[str]
    candidates: list[CandidateRow]
    proof: dict[str, Any]
    arithmetic: GainArithmetic | None = Field(
        None,
        description="What the gain follows from; null where there is none to work out, as without a cost.",
    )


class AdviceList(Answer):
    """Advice for the items asked about, in their order; none at all while no model answers."""

    model_version: str | None
    degraded: bool = Field(description="Whether no model answered: hold the prices and ask again later.")
    reason: str | None = Field(default=None, description="Why no model answered; null where one did.")
    rows: list[AdviceCard]


class NewPrice(Body):
    """A price set by hand."""

    price_paise: Price
    reason: Reason


class PriceFrom(Body):
    """From when on advice is to be followed."""

    from_on: date = Field(description="First day, on the shop's calendar: tomorrow or later.")


class NewPlannedPrice(PriceFrom):
    """A price that is to hold from a day ahead on, until another one is set."""

    price_paise: Price
    reason: Reason


class PlannedPriceRow(Answer):
    """A planned price and what became of it."""

    plan_id: str
    item_id: str
    from_on: date
    price_paise: int
    price_before_paise: int = Field(description="The price that held when it was planned.")
    reason: str
    actor: str
    made_at: datetime
    advice_id: str | None
    status: Literal["planned", "applied", "withdrawn", "refused"] = Field(
        description="Refused: when its day came it was above the printed maximum, or the item was deleted."
    )
    settled_at: datetime | None
    change_id: str | None = Field(description="The change of price that it became.")
    outcome: str = Field(description="Why it was withdrawn or refused.")


class Rollback(Body):
    """Why a change of price is reversed."""

    reason: Reason


class PriceChangeRow(Answer):
    """One change of a price; it never changes itself."""

    change_id: str
    item_id: str
    at: datetime
    on: date
    before_paise: int
    after_paise: int
    actor: str
    reason: str
    advice_id: str | None
    rolls_back: str | None
