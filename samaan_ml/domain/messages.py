"""What the models are asked and what they answer, on every path: in process, endpoint and batch.

Frozen dataclasses over the standard library, with one JSON form. Money is whole paise, quantities whole
milli-units, shares and probabilities floats between 0 and 1. A request carries everything the model needs
beside its own folder; an answer carries everything a shop may ask about: version, interval, reasons.
"""

from __future__ import annotations

import json
import typing
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from samaan_ml.domain.customer_messages import RiskAnswer, RiskRequest
from samaan_ml.domain.message_json import Message, _decode
from samaan_ml.domain.price_messages import PriceAnswer, PriceRequest

MAX_ITEMS = 2_000
"""Items one request may hold; a shop with more asks in parts."""

MAX_DAYS = 3 * 366
"""Days of history one request may carry."""


# --- demand -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Covariate(Message):
    """A number known for each day, past and ahead: weather, school holidays, a promotion.

    Parameters
    ----------
    name : str
        The column's name in the tables the model was fitted on; one it was not fitted on is not used.
    start : date
        Day of the first value; days outside the values are not known.
    values : tuple of (float or None)
        A value a day, reaching as far ahead as is known; None where not known.
    """

    name: str
    start: date
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ItemHistory(Message):
    """One item's days, oldest first, the last one being the day before the forecast starts.

    Parameters
    ----------
    item_id : str
        The item.
    category : str or None
        Its category, for items with little history of their own.
    start : date
        Day of the first value.
    units_milli : tuple of (int or None)
        Units sold a day; None where the shop was closed or nothing was entered.
    in_stock_share : tuple of (float or None) or None, default=None
        Share of the open hours with stock on the shelf, a value a day, None on a day it is not known; None where not
        known at all. A day without sale and without stock is a sold-out day, one with stock a day without demand.
    price_paise : tuple of (int or None) or None, default=None
        Unit price a day; further values after the history are prices planned for the days ahead.
    covariates : tuple of Covariate, default=()
        Further columns of the prices table, such as a promotion; an unknown value holds the one before.
    """

    item_id: str
    category: str | None
    start: date
    units_milli: tuple[int | None, ...]
    in_stock_share: tuple[float | None, ...] | None = None
    price_paise: tuple[int | None, ...] | None = None
    covariates: tuple[Covariate, ...] = ()


@dataclass(frozen=True, slots=True)
class Event(Message):
    """A festival or other event known ahead."""

    on: date
    name: str


@dataclass(frozen=True, slots=True)
class ForecastRequest(Message):
    """Ask for the demand of some items of one shop on the days after their history.

    Parameters
    ----------
    shop_id : str
        The shop.
    region : str or None
        Its region, for what the model knows of regions.
    horizon_days : int
        Days ahead.
    items : tuple of ItemHistory
        What was sold; all histories end on the same day.
    events : tuple of Event, default=()
        Festivals of the region, past and ahead.
    levels : tuple of float, default=()
        Quantile levels wanted; none means those the model was made for.
    explain : bool, default=False
        Whether to name the drivers.
    covariates : tuple of Covariate, default=()
        Further columns of the calendar in the shop's region, such as weather; missing values are allowed.
    """

    shop_id: str
    region: str | None
    horizon_days: int
    items: tuple[ItemHistory, ...]
    events: tuple[Event, ...] = ()
    levels: tuple[float, ...] = ()
    explain: bool = False
    covariates: tuple[Covariate, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantile(Message):
    """A level of a distribution and its value in milli-units."""

    level: float
    milli: int


@dataclass(frozen=True, slots=True)
class DayDemand(Message):
    """The distribution of one day's demand."""

    on: date
    mean_milli: int
    quantiles: tuple[Quantile, ...]


@dataclass(frozen=True, slots=True)
class Driver(Message):
    """What moves a forecast, in milli-units a day; the drivers of an item sum to its mean a day."""

    name: str
    milli: int


@dataclass(frozen=True, slots=True)
class ItemForecast(Message):
    """The demand of one item.

    Parameters
    ----------
    item_id : str
        The item.
    days : tuple of DayDemand
        One a day of the horizon.
    total_quantiles : tuple of Quantile
        Quantiles of the sum over the horizon, which are not the sums of the days' quantiles.
    confidence : {"high", "medium", "low"}
        "low" means: show to a person, order nothing on its own.
    method : str
        Name of the method that made it.
    drivers : tuple of Driver, default=()
        Where they were asked for.
    """

    item_id: str
    days: tuple[DayDemand, ...]
    total_quantiles: tuple[Quantile, ...]
    confidence: Literal["high", "medium", "low"]
    method: str
    drivers: tuple[Driver, ...] = ()


@dataclass(frozen=True, slots=True)
class ForecastAnswer(Message):
    """The demand of the items asked about, in their order."""

    model_version: str
    items: tuple[ItemForecast, ...]


# --- price ------------------------------------------------------------------------------------------------


# --- risk -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BudgetItem(Message):
    """An item that may be ordered within the cash in hand.

    Parameters
    ----------
    item_id, supplier_id : str
        Item and supplier; an empty supplier has no minimum.
    quantiles : tuple of Quantile
        Demand over the days that the order is to last.
    mean_milli : int
        Its expectation.
    stock_milli : int
        What can be sold and what is on its way.
    price_paise : int
        What a unit sells for.
    pack_milli, pack_cost_paise : int
        A pack, and what it costs.
    most_packs : int
        Packs that may be ordered at most.
    """

    item_id: str
    supplier_id: str
    quantiles: tuple[Quantile, ...]
    mean_milli: int
    stock_milli: int
    price_paise: int
    pack_milli: int
    pack_cost_paise: int
    most_packs: int


@dataclass(frozen=True, slots=True)
class SupplierMinimum(Message):
    """The amount below which a supplier does not deliver."""

    supplier_id: str
    minimum_paise: int


@dataclass(frozen=True, slots=True)
class BudgetRequest(Message):
    """Which packs earn most within the cash in hand."""

    shop_id: str
    budget_paise: int
    items: tuple[BudgetItem, ...]
    suppliers: tuple[SupplierMinimum, ...] = ()


@dataclass(frozen=True, slots=True)
class BudgetLine(Message):
    """What to order of one item: packs, their expected profit, and what the packs left out would have earned."""

    item_id: str
    packs: int
    gain_paise: int
    lost_gain_paise: int


@dataclass(frozen=True, slots=True)
class BudgetAnswer(Message):
    """The packs to order, a line for each item asked about; the version is that of the choice, no model's."""

    model_version: str
    lines: tuple[BudgetLine, ...]
    gain_paise: int
    method: Literal["greedy", "milp"]


Request = ForecastRequest | PriceRequest | RiskRequest | BudgetRequest
Answer = ForecastAnswer | PriceAnswer | RiskAnswer | BudgetAnswer

REQUEST_KINDS: dict[str, type[Request]] = {
    "forecast": ForecastRequest,
    "price": PriceRequest,
    "risk": RiskRequest,
    "budget": BudgetRequest,
}
ANSWER_KINDS: dict[str, type[Answer]] = {
    "forecast": ForecastAnswer,
    "price": PriceAnswer,
    "risk": RiskAnswer,
    "budget": BudgetAnswer,
}


def encode(message: Request | Answer) -> bytes:
    """Write a request or an answer as one JSON document that names its kind."""
    kinds: dict[str, Any] = {**REQUEST_KINDS} if isinstance(message, Request) else {**ANSWER_KINDS}
    kind = next(name for name, cls in kinds.items() if isinstance(message, cls))
    return json.dumps({"kind": kind, **message.to_json()}, ensure_ascii=False, separators=(",", ":")).encode()


def decode_request(document: bytes | str) -> Request:
    """Read a request from JSON.

    Raises
    ------
    RuleError
        When it is not JSON, of no known kind, or a field is wrong.
    """
    return typing.cast(Request, _decode(document, REQUEST_KINDS, ignore_unknown=False))


def decode_answer(document: bytes | str) -> Answer:
    """Read an answer from JSON; what a newer model tells beside it is left out, so that either may go first.

    Raises
    ------
    RuleError
        When it is not JSON, of no known kind, or a field that is known is wrong.
    """
    return typing.cast(Answer, _decode(document, ANSWER_KINDS, ignore_unknown=True))
