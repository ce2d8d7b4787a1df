"""What a shop asks about prices and what it is told, as plain records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from samaan_ml.domain.price_messages import PriceArithmetic
from samaan_ml.domain.pricing import PriceProof
from samaan_ml.pricing._counterfactual import Flip

Grade = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True)
class PriceQuestion:
    """One item whose price is in question.

    Parameters
    ----------
    item_id, category : str
        The item and its category; the category serves where the item is unknown to the model.
    price_paise : int
        Price today, with tax.
    cost_paise : int or None
        Unit cost; None where unknown.
    mrp_paise : int or None
        Lowest MRP on the shelf; None for loose goods, or where it was not read.
    units_per_day : float
        Expected units a day at today's price.
    units_lower, units_upper : float or None, default=None
        Interval of the expectation, from the forecast's quantiles.
    loose : bool or None, default=None
        Whether the goods are loose; None takes a missing MRP as loose.
    hsn : str or None, default=None
        Tariff heading, for the rate on the date of supply.
    gst_rate_bp : int or None, default=None
        The rate itself in basis points; it outranks the heading.
    last_change_on : date or None, default=None
        Day of the last price change.
    known_value : bool, default=False
        Whether customers know the price by heart.
    reference_price_paise, reference_age_days : int or None, default=None
        A competitor's price and its age.
    """

    item_id: str
    category: str
    price_paise: int
    cost_paise: int | None
    mrp_paise: int | None
    units_per_day: float
    units_lower: float | None = None
    units_upper: float | None = None
    loose: bool | None = None
    hsn: str | None = None
    gst_rate_bp: int | None = None
    last_change_on: date | None = None
    known_value: bool = False
    reference_price_paise: int | None = None
    reference_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class DayOutcome:
    """What is expected a day at a price; the interval follows the elasticity's and the forecast's."""

    units: float
    units_lower: float
    units_upper: float
    revenue_paise: int
    profit_paise: int
    profit_lower_paise: int
    profit_upper_paise: int


@dataclass(frozen=True, slots=True)
class CandidatePrice:
    """A price of the ladder, what is expected of it a day, and the rule that bars it, if one does."""

    price_paise: int
    units: float
    revenue_paise: int
    profit_paise: int
    legal: bool
    barred_by: str | None = None


@dataclass(frozen=True, slots=True)
class PriceAdviceLine:
    """The answer for one item.

    Parameters
    ----------
    item_id : str
        The item.
    action : {"change", "hold"}
        What to do.
    state : str
        "change", "optimal", "small_gain", "uncertain_gain", "not_identifiable", "frozen", "no_legal_price",
        "cost_unknown" or "invalid".
    price_paise : int
        The price recommended; today's for a hold.
    grade : {"A", "B", "C", "D"}
        Evidence behind the elasticity; D is "not identifiable".
    source : {"item", "other_shops", "category", "prior"}
        Whose elasticity it is.
    elasticity, elasticity_lower, elasticity_upper : float
        Elasticity with its 95 % interval.
    now, then : DayOutcome or None
        A day at today's price and at the one recommended; None where the facts cannot be.
    gain_paise_per_week, gain_lower_paise_per_week, gain_upper_paise_per_week : int
        Gain of the objective; 0 for a hold.
    binding_rule : str or None
        The rule that bound the answer.
    reasons : tuple of str
        Why, in words, the strongest first.
    candidates : tuple of CandidatePrice
        The prices compared and some that the rules bar, ascending.
    proof : PriceProof or None
        Legality proof for `samaan_ml.domain.pricing.verify`; None where the facts cannot be.
    arithmetic : PriceArithmetic or None
        What the gain is recomputed from; None where the facts cannot be, profit is asked for without a cost, or the
        objective is neither profit nor revenue alone.
    would_change : tuple of Flip
        The nearest elasticities and costs at which a re-run decides otherwise; `str` gives the sentence. Empty
        where no elasticity or cost would, as for a price that is frozen.
    """

    item_id: str
    action: Literal["change", "hold"]
    state: str
    price_paise: int
    grade: Grade
    source: Literal["item", "other_shops", "category", "prior"]
    elasticity: float
    elasticity_lower: float
    elasticity_upper: float
    now: DayOutcome | None
    then: DayOutcome | None
    gain_paise_per_week: int
    gain_lower_paise_per_week: int
    gain_upper_paise_per_week: int
    binding_rule: str | None
    reasons: tuple[str, ...]
    candidates: tuple[CandidatePrice, ...]
    proof: PriceProof | None
    arithmetic: PriceArithmetic | None = None
    would_change: tuple[Flip, ...] = ()


@dataclass(frozen=True, slots=True)
class Belief:
    """What the model says of one item's elasticity, and whose it is."""

    elasticity: float
    std_error: float
    lower: float
    upper: float
    grade: Grade
    source: Literal["item", "other_shops", "category", "prior"]
    reason: str
