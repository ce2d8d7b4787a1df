"""What the models are asked and what they answer, on every path: in process, endpoint and batch.

Frozen dataclasses over the standard library, with one JSON form. Money is whole paise, quantities whole
milli-units, shares and probabilities floats between 0 and 1. A request carries everything the model needs
beside its own folder; an answer carries everything a shop may ask about: version, interval, reasons.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Self

from samaan_ml.domain.errors import RuleError

MAX_ITEMS = 2_000
"""Items one request may hold; a shop with more asks in parts."""

MAX_DAYS = 3 * 366
"""Days of history one request may carry."""


class Message:
    """A frozen dataclass with a JSON form; subclasses only list their fields."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Turn the message into JSON values."""
        return {f.name: _encode(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_json(cls, raw: Any, *, ignore_unknown: bool = False) -> Self:
        """Read the message from JSON values.

        Parameters
        ----------
        raw : object
            What JSON held.
        ignore_unknown : bool, default=False
            Whether fields of a later version are left out instead of refused, for what a newer program wrote.

        Raises
        ------
        RuleError
            Naming the field, when one is missing, unknown or of another type.
        """
        return typing.cast(Self, _decode_message(cls, raw, "", ignore_unknown))


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


# --- risk -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LedgerRow(Message):
    """One udhaar entry as the risk model reads it."""

    customer_id: str
    at: datetime
    kind: Literal["credit", "payment", "reversal", "write_off"]
    amount_paise: int
    due_on: date | None = None
    entry_id: str | None = None
    reverses: str | None = None


@dataclass(frozen=True, slots=True)
class PromiseRow(Message):
    """A customer's word to pay an amount by a day, as the risk model reads it."""

    customer_id: str
    amount_paise: int
    made_at: datetime
    pay_by: date


@dataclass(frozen=True, slots=True)
class RiskRequest(Message):
    """Ask about some customers of one shop; the entries of the others give the shop's scale.

    Parameters
    ----------
    shop_id : str
        The shop.
    as_of : datetime
        Aware instant; later entries are not read.
    customer_ids : tuple of str
        Whom to answer for; a customer without entries gets the shop's prior.
    entries : tuple of LedgerRow
        The shop's ledger, any order.
    promises : tuple of PromiseRow or None, default=None
        Promises to pay; None where the shop records none.
    what_if : bool, default=False
        Whether to search, too, for the payment that would raise each limit; costs some further answers.
    """

    shop_id: str
    as_of: datetime
    customer_ids: tuple[str, ...]
    entries: tuple[LedgerRow, ...]
    promises: tuple[PromiseRow, ...] | None = None
    what_if: bool = False


@dataclass(frozen=True, slots=True)
class Reason(Message):
    """One reason behind a risk, its contribution in log-odds: positive raises the risk."""

    feature: str
    text: str
    contribution: float


@dataclass(frozen=True, slots=True)
class LimitRaise(Message):
    """A payment that raises the suggested limit, with the same model's answer after it as the proof."""

    pay_paise: int
    limit_paise: int
    probability_30: float
    limit_arithmetic: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CustomerRisk(Message):
    """How likely a customer is to be more than 30 days late, and what follows for the limit.

    Parameters
    ----------
    customer_id : str
        The customer.
    probability_30, probability_60 : float
        Calibrated probability that something falling due within 30 (60) days goes more than 30 days past due.
    lower, upper : float
        90 % interval of `probability_30`; wide for a thin file.
    days_to_pay : float or None
        Expected days until a credit given today is paid; None where nothing is known.
    thin_file : bool
        Whether the answer is mostly the shop's prior.
    reasons : tuple of Reason
        The strongest first.
    limit_paise : int
        Suggested credit limit.
    limit_arithmetic : dict
        The inputs and steps from which the limit can be recomputed.
    due_paise : int, default=0
        What is owed.
    paid_soon_paise : int, default=0
        Part of it expected within 14 days without a reminder.
    monthly_paise : int, default=0
        Buying on udhaar in 30 days, over the last 90.
    limit_raise : LimitRaise or None, default=None
        What would raise the limit; None where nothing does, or it was not asked.
    """

    customer_id: str
    probability_30: float
    probability_60: float
    lower: float
    upper: float
    days_to_pay: float | None
    thin_file: bool
    reasons: tuple[Reason, ...]
    limit_paise: int
    limit_arithmetic: dict[str, Any]
    due_paise: int = 0
    paid_soon_paise: int = 0
    monthly_paise: int = 0
    limit_raise: LimitRaise | None = None


@dataclass(frozen=True, slots=True)
class RiskAnswer(Message):
    """The risk of the customers asked about, in their order."""

    model_version: str
    customers: tuple[CustomerRisk, ...]


@dataclass(frozen=True, slots=True)
class BudgetItem(Message):
    """An item that may be ordered within the cash in hand.

    Parameters
    ----------
    item_id, supplier_id : str
        What of whom; an empty supplier has no minimum.
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


def _decode(document: bytes | str, kinds: dict[str, Any], *, ignore_unknown: bool) -> Any:
    """Read a document of one of the kinds."""
    try:
        raw = json.loads(document)
    except ValueError as error:
        raise RuleError(f"the message is not JSON: {error}") from None
    except RecursionError:
        raise RuleError("the message is nested too deeply") from None
    if not isinstance(raw, dict) or str(raw.get("kind")) not in kinds:
        got = raw.get("kind") if isinstance(raw, dict) else type(raw).__name__
        raise RuleError(f"'kind' must be one of {', '.join(kinds)}, got '{got}'", field="kind")
    kind = str(raw.pop("kind"))
    return kinds[kind].from_json(raw, ignore_unknown=ignore_unknown)


def _encode(value: Any) -> Any:
    """Turn a field's value into JSON values."""
    if isinstance(value, Message):
        return value.to_json()
    if isinstance(value, tuple):
        return [_encode(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


@cache
def _hints(cls: type) -> dict[str, Any]:
    """Resolve the field types of a message once."""
    return typing.get_type_hints(cls)


def _decode_message(cls: type, raw: Any, at: str, ignore_unknown: bool) -> Any:
    """Read one message, naming the path of the field at fault."""
    if not isinstance(raw, dict):
        raise RuleError(
            f"'{at or cls.__name__}' must be an object, got '{type(raw).__name__}'", field=at or None
        )
    hints = _hints(cls)
    unknown = sorted(set(raw) - set(hints))
    if unknown and not ignore_unknown:
        raise RuleError(f"'{at + unknown[0]}' is not a field of {cls.__name__}", field=at + unknown[0])
    values: dict[str, Any] = {}
    for each in dataclasses.fields(cls):
        if each.name in raw:
            values[each.name] = _decode_value(
                hints[each.name], raw[each.name], at + each.name, ignore_unknown
            )
        elif each.default is dataclasses.MISSING:
            raise RuleError(f"'{at + each.name}' is missing", field=at + each.name)
    return cls(**values)


def _decode_value(kind: Any, raw: Any, at: str, ignore_unknown: bool) -> Any:
    """Read one value of an annotated type."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        if raw is None:
            return None
        inner = next(a for a in typing.get_args(kind) if a is not type(None))
        return _decode_value(inner, raw, at, ignore_unknown)
    if origin is tuple:
        if not isinstance(raw, list):
            raise _wrong(at, "a list", raw)
        inner = typing.get_args(kind)[0]
        if set(map(type, raw)) <= _plain(inner):  # a long history is not read value by value
            _check_largest(raw, inner, at)
            return tuple(raw)
        return tuple(_decode_value(inner, each, f"{at}.{i}", ignore_unknown) for i, each in enumerate(raw))
    if origin is Literal:
        if raw not in typing.get_args(kind):
            raise _wrong(at, "one of " + ", ".join(map(str, typing.get_args(kind))), raw)
        return raw
    if origin is dict:
        if not isinstance(raw, dict):
            raise _wrong(at, "an object", raw)
        return raw
    if isinstance(kind, type) and issubclass(kind, Message):
        return _decode_message(kind, raw, at + ".", ignore_unknown)
    return _decode_scalar(kind, raw, at)


@cache
def _plain(kind: Any) -> frozenset[type]:
    """Name the JSON types that a type takes as they are; empty where each value needs a look."""
    is_union = typing.get_origin(kind) in (typing.Union, types.UnionType)
    whole = set(typing.get_args(kind) if is_union else (kind,))
    return frozenset(whole) if whole <= {int, str, type(None)} else frozenset()


_LARGEST = 10**15
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_WORDS = {str: "a text", int: "a whole number", bool: "true or false", float: "a finite number"}


def _decode_scalar(kind: Any, raw: Any, at: str) -> Any:
    """Read a text, number, truth value, day or instant."""
    if kind is float and isinstance(raw, int | float) and not isinstance(raw, bool):
        try:
            number = float(raw)
        except OverflowError:  # a whole number of hundreds of digits
            number = math.inf
        if not math.isfinite(number):
            raise _wrong(at, "a finite number", raw)
        return number
    if kind in (date, datetime):
        return _decode_time(kind, raw, at)
    if type(raw) is not kind:
        raise _wrong(at, _WORDS[kind], raw)
    if kind is int:
        _check_largest([raw], int, at)
    return raw


def _check_largest(raw: list[Any], kind: Any, at: str) -> None:
    """Refuse whole numbers beyond what models can count with."""
    if kind is str:
        return
    known = raw if kind is int else [each for each in raw if each is not None]
    if known and isinstance(known[0], int) and (max(known) > _LARGEST or min(known) < -_LARGEST):
        raise _wrong(at, f"whole numbers from {-_LARGEST} to {_LARGEST}", max(known, key=abs))


def _decode_time(kind: Any, raw: Any, at: str) -> date | datetime:
    """Read a day, or an instant with its zone."""
    wanted = "a date like 2026-01-31" if kind is date else "an instant like 2026-01-31T18:00:00Z"
    if not isinstance(raw, str):
        raise _wrong(at, wanted, raw)
    try:
        value: date | datetime = kind.fromisoformat(raw)
    except ValueError:
        raise _wrong(at, wanted, raw) from None
    if isinstance(value, datetime) and value.tzinfo is None:
        raise _wrong(at, "an instant with a zone", raw)
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise _wrong(at, f"a day of {_FIRST_YEAR} to {_LAST_YEAR}", raw)
    return value


def _wrong(at: str, wanted: str, raw: Any) -> RuleError:
    """Say what was wanted and what was got."""
    return RuleError(f"'{at}' must be {wanted}, got '{str(raw)[:60]}'", field=at)
