"""The law and a shop's rules on prices: what may be asked of an item, given its facts.

The law outranks the rules: nothing is sold above the printed maximum retail price (MRP), which includes tax.
The shop's rules bound what may be *recommended*: margin, size and frequency of changes, price endings, items
whose price customers know by heart, competitors' prices. Everything is whole paise, basis points (1 % = 100)
and dates.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.gst import COMPOSITION_RATE_BP, HIGHEST_RATE_BP, rate_problem, split_price
from samaan_ml.domain.money import divide_down, divide_up
from samaan_ml.domain.price_ladder import LadderBand, PriceLadder
from samaan_ml.domain.printed_price import exceeds_mrp

__all__ = [
    "PriceFacts",
    "PriceLimits",
    "PriceRules",
    "Rule",
    "RuleBook",
    "margin_floor_paise",
    "price_limits",
    "reference_ceiling_paise",
    "sha256",
]

Rule = Literal[
    "mrp",
    "missing_mrp",
    "margin_floor",
    "max_change",
    "min_days_between_changes",
    "known_value",
    "reference_price",
    "ladder",
    "min_gain",
]

_NO_CEILING = 10**15


@dataclass(frozen=True, slots=True)
class PriceRules:
    """A shop's rules, in force from a day.

    Parameters
    ----------
    version : str, default="1"
        Name of this set of rules; it is written into every proof.
    effective_from : date, default=date(2017, 7, 1)
        First day on which they hold.
    margin_floor_bp : int or None, default=0
        Least margin as a share of the price without tax, in basis points; None allows prices below cost.
    max_change_bp : int, default=1000
        Largest change of a price at once, in basis points of the price today.
    min_days_between_changes : int, default=14
        A price that changed more recently is held.
    min_gain_paise_per_week : int, default=500
        A change that promises less is not worth a new label.
    known_value_premium_bp : int, default=0
        How far an item whose price customers know may lie above a fresh reference price. Without one its price
        is never raised.
    reference_premium_bp : int or None, default=None
        The same for other items; None sets no bound.
    reference_max_age_days : int, default=14
        A reference price of this age or older says nothing; a younger one binds the less the older it is.
    composition : bool, default=False
        Whether the shop pays tax under the composition scheme.
    ladder : PriceLadder, default=PriceLadder()
        Prices that may stand on a label: whole rupees, from Rs 100 on endings in 0, 5 or 9 rupees.
    """

    version: str = "1"
    effective_from: date = date(2017, 7, 1)
    margin_floor_bp: int | None = 0
    max_change_bp: int = 1_000
    min_days_between_changes: int = 14
    min_gain_paise_per_week: int = 500
    known_value_premium_bp: int = 0
    reference_premium_bp: int | None = None
    reference_max_age_days: int = 14
    composition: bool = False
    ladder: PriceLadder = field(default_factory=PriceLadder)

    def __post_init__(self) -> None:
        """List every rule that contradicts itself in one error."""
        problems = [
            f"'{name}' must lie between {low} and {high}, got {value}"
            for name, value, low, high in (
                ("margin_floor_bp", self.margin_floor_bp, 0, 9_999),
                ("max_change_bp", self.max_change_bp, 0, 10_000),
                ("min_days_between_changes", self.min_days_between_changes, 0, 3_650),
                ("min_gain_paise_per_week", self.min_gain_paise_per_week, 0, 10**9),
                ("known_value_premium_bp", self.known_value_premium_bp, 0, 10_000),
                ("reference_premium_bp", self.reference_premium_bp, 0, 10_000),
                ("reference_max_age_days", self.reference_max_age_days, 1, 3_650),
            )
            if value is not None and not low <= value <= high
        ]
        if problems:
            raise RuleError(f"price rules '{self.version}' cannot be used: {'; '.join(problems)}")

    @property
    def digest(self) -> str:
        """Fingerprint of the rules, written into every proof."""
        return _digest_of_rules(self)

    def to_json(self) -> dict[str, Any]:
        """The rules as JSON values."""
        return asdict(self) | {"effective_from": self.effective_from.isoformat()}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "PriceRules":
        """Read rules from JSON values; what is not named keeps its default.

        Raises
        ------
        RuleError
            When a field is unknown or wrong.
        """
        known = {each.name for each in fields(cls)}
        if unknown := sorted(set(raw) - known):
            raise RuleError(f"price rules have no '{unknown[0]}'; known are {', '.join(sorted(known))}")
        values = dict(raw)
        try:
            if isinstance(values.get("effective_from"), str):
                values["effective_from"] = date.fromisoformat(values["effective_from"])
            if isinstance(values.get("ladder"), dict):
                bands = [
                    LadderBand(b["from_paise"], b["modulus_paise"], tuple(b["endings_paise"]))
                    for b in values["ladder"]["bands"]
                ]
                values["ladder"] = PriceLadder(tuple(bands))
            return cls(**values)
        except (KeyError, TypeError, ValueError) as error:
            raise RuleError(f"price rules cannot be read: {error}") from None


@lru_cache(maxsize=256)
def _digest_of_rules(rules: PriceRules) -> str:
    """Hash the rules once."""
    return sha256(json.dumps(rules.to_json(), sort_keys=True, separators=(",", ":")))


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A shop's rules over time.

    Parameters
    ----------
    rules : tuple of PriceRules
        One for each day from which they changed.
    """

    rules: tuple[PriceRules, ...]

    def on(self, day: date) -> PriceRules:
        """Rules in force on a day.

        Raises
        ------
        RuleError
            When none is in force yet.
        """
        begun = [rules for rules in self.rules if rules.effective_from <= day]
        if not begun:
            raise RuleError(f"no price rules are in force on {day}; the first begin later")
        return max(begun, key=lambda rules: rules.effective_from)


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """What is known of an item on the day a price is asked for.

    Parameters
    ----------
    item_id : str
        The item.
    on : date
        Date of supply.
    price_paise : int
        Price today, with tax.
    cost_paise : int or None
        Unit cost: without tax credit for a regular dealer, with tax under composition. None where unknown.
    mrp_paise : int or None
        Lowest MRP among the batches on the shelf; None for loose goods and where it was not read.
    loose : bool, default=False
        Loose goods have no MRP.
    gst_rate_bp : int or None, default=None
        Rate on the date of supply; None where unknown: then a price may only fall as far as the margin floor at the
        highest rate allows.
    last_change_on : date or None, default=None
        Day of the last change of the price.
    known_value : bool, default=False
        Whether customers know the price by heart.
    reference_price_paise, reference_age_days : int or None, default=None
        A competitor's price and its age.
    """

    item_id: str
    on: date
    price_paise: int
    cost_paise: int | None
    mrp_paise: int | None
    loose: bool = False
    gst_rate_bp: int | None = None
    last_change_on: date | None = None
    known_value: bool = False
    reference_price_paise: int | None = None
    reference_age_days: int | None = None

    def problems(self) -> tuple[str, ...]:
        """Everything about the facts that cannot be, itemised; empty where they can."""
        out = []
        if self.price_paise <= 0:
            out.append(f"price of {self.price_paise} paise: a price is above zero")
        if self.cost_paise is not None and self.cost_paise < 0:
            out.append(f"cost of {self.cost_paise} paise: a cost is not negative")
        if self.mrp_paise is not None and self.mrp_paise <= 0:
            out.append(f"MRP of {self.mrp_paise} paise: an MRP is above zero")
        if (
            self.mrp_paise is not None
            and self.cost_paise is not None
            and self.cost_paise > self.mrp_paise > 0
        ):
            out.append(
                f"cost of {self.cost_paise} paise lies above the MRP of {self.mrp_paise}: check the bill"
            )
        if self.gst_rate_bp is not None and (problem := rate_problem(self.gst_rate_bp)):
            out.append(f"GST rate of {self.gst_rate_bp} basis points: {problem}")
        if self.reference_price_paise is not None and self.reference_price_paise <= 0:
            out.append(f"reference price of {self.reference_price_paise} paise: a price is above zero")
        if self.reference_age_days is not None and self.reference_age_days < 0:
            out.append(f"reference price is {self.reference_age_days} days old: an age is not negative")
        if self.last_change_on is not None and self.last_change_on > self.on:
            out.append(f"the last change on {self.last_change_on} lies after {self.on}")
        return tuple(out)


@dataclass(frozen=True, slots=True)
class PriceLimits:
    """The range in which a new price may lie and the rules that bound it.

    Parameters
    ----------
    lowest_paise, highest_paise : int
        Range, both included; it is empty where the first exceeds the second.
    lowest_rule, highest_rule : str
        The rule behind each end.
    frozen_by : str or None
        The rule that forbids any change today.
    legal_now : bool
        Whether the price today may be asked.
    """

    lowest_paise: int
    lowest_rule: Rule
    highest_paise: int
    highest_rule: Rule
    frozen_by: Rule | None
    legal_now: bool


def price_limits(facts: PriceFacts, rules: PriceRules) -> PriceLimits:
    """Range of a new price under the law and the rules.

    A price above the MRP must come down at once: then the rules on the size and frequency of changes give way.
    """
    legal_now = not exceeds_mrp(facts.price_paise, facts.mrp_paise)
    now = facts.price_paise
    lows: list[tuple[int, Rule]] = [(1, "ladder")]
    highs: list[tuple[int, Rule]] = [(_NO_CEILING, "ladder")]
    if facts.mrp_paise is not None:
        highs.append((facts.mrp_paise, "mrp"))
    if legal_now:
        lows.append((divide_up(now * (10_000 - rules.max_change_bp), 10_000), "max_change"))
        highs.append((divide_down(now * (10_000 + rules.max_change_bp), 10_000), "max_change"))
    if rules.margin_floor_bp is not None and facts.cost_paise is not None:
        lows.append(
            (_floor(facts, rules, rules.margin_floor_bp, facts.cost_paise, legal_now), "margin_floor")
        )
    reference = reference_ceiling_paise(facts, rules)
    if facts.known_value:
        highs.append((now if reference is None else reference, "known_value"))
    elif reference is not None:
        highs.append((reference, "reference_price"))
    lowest, lowest_rule = max(lows, key=lambda bound: bound[0])
    highest, highest_rule = min(highs, key=lambda bound: bound[0])
    return PriceLimits(
        lowest, lowest_rule, highest, highest_rule, _frozen_by(facts, rules, legal_now), legal_now
    )


def _floor(facts: PriceFacts, rules: PriceRules, floor_bp: int, cost_paise: int, legal_now: bool) -> int:
    """Lowest price that leaves the margin floor; at an unknown rate of tax a price falls only where any rate does."""
    if facts.gst_rate_bp is not None or rules.composition or not legal_now:
        return margin_floor_paise(cost_paise, floor_bp, facts.gst_rate_bp or 0, rules.composition)
    untaxed = margin_floor_paise(cost_paise, floor_bp, 0)
    return max(untaxed, min(margin_floor_paise(cost_paise, floor_bp, HIGHEST_RATE_BP), facts.price_paise))


def _frozen_by(facts: PriceFacts, rules: PriceRules, legal_now: bool) -> Rule | None:
    """The rule that forbids any change today."""
    if facts.mrp_paise is None and not facts.loose:
        return "missing_mrp"
    if legal_now and facts.last_change_on is not None:
        days = (facts.on - facts.last_change_on).days
        if days < rules.min_days_between_changes:
            return "min_days_between_changes"
    return None


def margin_floor_paise(cost_paise: int, floor_bp: int, gst_rate_bp: int, composition: bool = False) -> int:
    """Lowest price with tax whose net part leaves the margin floor above cost.

    Examples
    --------
    >>> margin_floor_paise(10_000, 1_000, 500)
    11668
    """
    net = divide_up(cost_paise * 10_000, 10_000 - floor_bp)
    if not composition:
        gross = 10_000 + gst_rate_bp
        return max(divide_up((2 * net - 1) * gross, 20_000), 0) if net else 0
    price = divide_down(net * 10_000, 10_000 - COMPOSITION_RATE_BP) - 2
    price = max(price, 0)
    while split_price(price, 0, composition=True).net_paise < net:
        price += 1
    return price


def reference_ceiling_paise(facts: PriceFacts, rules: PriceRules) -> int | None:
    """Highest price a competitor's price allows; the premium widens as that price ages, until it says nothing."""
    premium = rules.known_value_premium_bp if facts.known_value else rules.reference_premium_bp
    if premium is None or facts.reference_price_paise is None or facts.reference_age_days is None:
        return None
    left = rules.reference_max_age_days - facts.reference_age_days
    if left <= 0:
        return None
    widened = 10_000 + premium * rules.reference_max_age_days // left
    return divide_down(facts.reference_price_paise * widened, 10_000)


def sha256(text: str) -> str:
    """Hash a text."""
    return hashlib.sha256(text.encode()).hexdigest()
