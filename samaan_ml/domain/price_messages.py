"""What the price model is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from samaan_ml.domain.message_json import Message


@dataclass(frozen=True, slots=True)
class PriceItem(Message):
    """One item whose price is in question.

    Parameters
    ----------
    item_id, category : str
        The item and its category.
    price_paise : int
        Selling price with tax.
    cost_paise : int or None
        Unit cost; without it the answer is to hold.
    mrp_paise : int or None
        Lowest printed maximum retail price on the shelf; None for loose goods.
    daily_milli : int
        Expected units a day at today's price.
    hsn : str or None, default=None
        Tariff heading, for the tax slab by date of supply.
    last_change_on : date or None, default=None
        Day of the last price change.
    known_value : bool, default=False
        Whether customers know this item's price by heart.
    reference_price_paise : int or None, default=None
        A competitor's or reference price.
    reference_age_days : int or None, default=None
        How old that price is.
    gst_rate_bp : int or None, default=None
        Rate of tax contained in the price, in basis points; it outranks that of the heading.
    """

    item_id: str
    category: str
    price_paise: int
    cost_paise: int | None
    mrp_paise: int | None
    daily_milli: int
    hsn: str | None = None
    last_change_on: date | None = None
    known_value: bool = False
    reference_price_paise: int | None = None
    reference_age_days: int | None = None
    gst_rate_bp: int | None = None


@dataclass(frozen=True, slots=True)
class PriceRequest(Message):
    """Ask for the prices of some items of one shop on a day."""

    shop_id: str
    on: date
    items: tuple[PriceItem, ...]
    objective: Literal["profit", "revenue"] = "profit"


@dataclass(frozen=True, slots=True)
class PriceCandidate(Message):
    """A price on the legal ladder and what is expected of it a day."""

    price_paise: int
    units_milli: int
    revenue_paise: int
    profit_paise: int
    legal: bool
    barred_by: str | None = None


@dataclass(frozen=True, slots=True)
class PriceArithmetic(Message):
    """The numbers that an expected gain follows from, by `formula`.

    Parameters
    ----------
    objective : {"profit", "revenue"}
        What is to gain.
    price_now_paise, price_paise : int
        Today's price and the one recommended, with tax.
    units_now_milli : int
        Units a day at today's price.
    elasticity, std_error, elasticity_lower, elasticity_upper : float
        How demand answers to the price, and how well that is known.
    cost_paise : int or None
        Unit cost; None where it is not known, which only revenue allows.
    gst_rate_bp : int
        Tax contained in the price; 0 where the rate is not known.
    composition : bool
        Whether the shop pays a share of its turnover instead (the composition scheme).
    net_now_paise, net_paise : int
        Both prices without the tax.
    units, units_at_lower, units_at_upper : float
        Units a day at the recommended price, not rounded: expected, and at the ends of the elasticity.
    formula : str
        How the gain of a week and its interval follow; money in paise, `floor` to whole ones.
    version : str
        Of the formula.
    """

    objective: Literal["profit", "revenue"]
    price_now_paise: int
    price_paise: int
    units_now_milli: int
    elasticity: float
    std_error: float
    elasticity_lower: float
    elasticity_upper: float
    cost_paise: int | None
    gst_rate_bp: int
    composition: bool
    net_now_paise: int
    net_paise: int
    units: float
    units_at_lower: float
    units_at_upper: float
    formula: str
    version: str


@dataclass(frozen=True, slots=True)
class PriceAdvice(Message):
    """What to do with one item's price, and the arithmetic behind it.

    `state` says why, in a word ("change", "optimal", "small_gain", "not_identifiable", "no_legal_price", ...);
    the gain is the expected change of the objective, with its interval; `proof` holds the facts that
    `samaan_ml.domain.pricing.verify` checks again, and is empty where the facts themselves cannot be;
    `arithmetic` is what the gain is recomputed from, None where the facts do not allow one.
    """

    item_id: str
    action: Literal["change", "hold"]
    state: str
    price_paise: int
    grade: Literal["A", "B", "C", "D"]
    elasticity: float
    elasticity_lower: float
    elasticity_upper: float
    gain_paise_per_week: int
    gain_lower_paise_per_week: int
    gain_upper_paise_per_week: int
    binding_rule: str | None
    reasons: tuple[str, ...]
    candidates: tuple[PriceCandidate, ...]
    proof: dict[str, Any]
    arithmetic: PriceArithmetic | None = None


@dataclass(frozen=True, slots=True)
class PriceAnswer(Message):
    """Advice for the items asked about, in their order."""

    model_version: str
    items: tuple[PriceAdvice, ...]
