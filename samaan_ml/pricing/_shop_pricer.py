"""One shop's prices from a fitted model's state, without pandas: what an endpoint and an app call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.gst import GstTable, indian_gst, split_price
from samaan_ml.domain.money import round_half_away
from samaan_ml.domain.price_messages import PriceArithmetic
from samaan_ml.domain.pricing import PriceFacts, PriceRules, RuleBook, prove
from samaan_ml.exceptions import ArtifactError
from samaan_ml.pricing._advice import (
    Belief,
    CandidatePrice,
    DayOutcome,
    PriceAdviceLine,
    PriceQuestion,
)
from samaan_ml.pricing._choice import Outcome, Problem, Risk, gains, outcome, read_objective
from samaan_ml.pricing._counterfactual import flips
from samaan_ml.pricing._decision import Decision, decide
from samaan_ml.pricing._ladder import LadderIndex
from samaan_ml.pricing._response import DemandResponse
from samaan_ml.pricing._rules import RULES, UNKNOWN, ItemFacts

Floats: TypeAlias = npt.NDArray[np.float64]

_SHOWN_BEYOND = 2
"""So many prices beyond each end of the legal range are shown, barred, beside the legal ones."""
_MOST_SHOWN = 30
_SEPARATOR = "\x1f"
_GAIN_VERSION = "price-gain-1"
_GAIN = (
    "gain = floor(7 * (units * earned - units_now * earned_now) + 1e-9); earned = {earned}; units = units_now * "
    "exp(elasticity * move + (std_error * move)^2 / 2); move = ln(price / price_now); gain_lower and gain_upper: the "
    "least and the greatest of it and those with units_now * exp(elasticity_lower * move) and of elasticity_upper; "
    "price_now gains 0"
)
_ARGUABLE = frozenset({"change", "optimal", "small_gain", "uncertain_gain"})
"""States in which another elasticity or cost could lead to another decision."""


class ShopPricer:
    """Answer one shop's price questions from the state of an `ElasticityModel`.

    Loads neither pandas nor scipy, and decides by the same code as `PriceOptimizer`.

    Parameters
    ----------
    state : mapping
        `ElasticityModel.get_state()`.
    rules : PriceRules or RuleBook, default=None
        The shop's rules.
    gst : GstTable or None, default=None
        Rates by heading and date; None takes the table that comes along.

    Examples
    --------
    >>> import numpy as np
    >>> row = {"elasticity": [-1.4], "std_error": [0.1], "lower": [-1.6], "upper": [-1.2], "grade": ["A"]}
    >>> fallback = {"level": ["all"], "name": [""]} | row | {"grade": ["D"]}
    >>> known = {"shop_id": ["s"], "item_id": ["soap"]} | row
    >>> state = {"elasticities": known, "evidence": {"reason": ["many price changes"]}, "fallback": fallback}
    >>> question = PriceQuestion("soap", "care", 5_000, 3_000, 6_000, units_per_day=20.0, hsn="3401")
    >>> (line,) = ShopPricer(state).advise("s", [question], date(2026, 3, 1))
    >>> line.action, line.price_paise, line.binding_rule
    ('change', 5500, 'max_change')
    """

    def __init__(
        self,
        state: Mapping[str, Any],
        rules: PriceRules | RuleBook | None = None,
        gst: GstTable | None = None,
    ) -> None:
        self.rules = RuleBook((PriceRules(),)) if rules is None else rules
        self.gst = gst
        try:
            known, fallback = state["elasticities"], state["fallback"]
            self._beliefs = _columns(known)
            self._reasons = [str(reason) for reason in state["evidence"]["reason"]]
            self._row = {
                (str(shop), str(item)): row
                for row, (shop, item) in enumerate(zip(known["shop_id"], known["item_id"], strict=True))
            }
            self._fallback = _columns(fallback)
            self._fallback_row = {
                (str(level), str(name)): row
                for row, (level, name) in enumerate(zip(fallback["level"], fallback["name"], strict=True))
            }
            self._fallback_row["all", ""]
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"this is not the state of an 'ElasticityModel': {error!r}") from error

    @classmethod
    def from_state(cls, state: Mapping[str, Any], rules: PriceRules | RuleBook | None = None) -> Self:
        """Build from `ElasticityModel.get_state()`."""
        return cls(state, rules)

    def belief(self, shop_id: str, item_id: str, category: str) -> Belief:
        """What is known of an item: its own elasticity, else that of the item elsewhere, its category, or all."""
        row = self._row.get((shop_id, item_id))
        if row is not None:
            return _belief(self._beliefs, row, "item", self._reasons[row])
        inside = f"{category}{_SEPARATOR}{item_id}"
        if (row := self._fallback_row.get(("item", inside))) is not None:
            return _belief(self._fallback, row, "other_shops", "known from other shops only")
        if (row := self._fallback_row.get(("category", category))) is not None:
            return _belief(
                self._fallback, row, "category", "the item is new to the model: its category's elasticity"
            )
        row = self._fallback_row["all", ""]
        return _belief(
            self._fallback, row, "prior", "neither the item nor its category is known to the model"
        )

    def advise(
        self,
        shop_id: str,
        questions: Sequence[PriceQuestion],
        on: date,
        *,
        objective: str | Mapping[str, float] = "profit",
        risk: Risk = "expected",
        rules: PriceRules | None = None,
        counterfactuals: bool = True,
    ) -> tuple[PriceAdviceLine, ...]:
        """Answer the questions in their order.

        Parameters
        ----------
        shop_id : str
            The shop.
        questions : sequence of PriceQuestion
            Its items.
        on : date
            Date of supply.
        objective : str or mapping, default="profit"
            "profit", "revenue", "units" or weights of these.
        risk : {"expected", "neutral", "pessimistic"}, default="expected"
            How items other than grade C are judged.
        rules : PriceRules or None, default=None
            Rules for this call; None takes the pricer's own that are in force on the day.
        counterfactuals : bool, default=True
            Whether to search what would change the answer, some milliseconds an item.

        Returns
        -------
        tuple of PriceAdviceLine
            One an item.

        Raises
        ------
        RuleError
            When no rules are in force on the day or an HSN is malformed.
        ParameterError
            When the objective is unknown or units are negative.
        """
        weights = read_objective(objective)
        if not questions:
            return ()
        in_force = rules if rules is not None else self._rules_on(on)
        beliefs = [self.belief(shop_id, q.item_id, q.category) for q in questions]
        facts = [self._facts(q, on) for q in questions]
        grades = np.array([belief.grade for belief in beliefs], dtype=object)
        problem = Problem(
            facts=_fact_arrays(facts),
            response=_response(questions, beliefs),
            rules=in_force,
            weights=weights,
            cautious=((grades == "C") & (risk != "neutral")) | np.full(len(grades), risk == "pessimistic"),
        )
        decision = decide(problem, grades)
        lines = [_line(problem, decision, row, facts[row], beliefs[row]) for row in range(len(facts))]
        if not counterfactuals:
            return tuple(lines)
        return tuple(
            replace(line, would_change=flips(problem, grades, row)) if line.state in _ARGUABLE else line
            for row, line in enumerate(lines)
        )

    def _rules_on(self, on: date) -> PriceRules:
        """Rules in force on a day."""
        return self.rules.on(on) if isinstance(self.rules, RuleBook) else RuleBook((self.rules,)).on(on)

    def _facts(self, question: PriceQuestion, on: date) -> PriceFacts:
        """The question as facts, the tax rate looked up."""
        loose = question.mrp_paise is None if question.loose is None else question.loose
        rate = question.gst_rate_bp
        if rate is None and question.hsn is not None:
            found = (self.gst or indian_gst()).find(question.hsn, on, "loose" if loose else "packed")
            rate = None if found is None else found.rate_bp
        return PriceFacts(
            item_id=question.item_id,
            on=on,
            price_paise=question.price_paise,
            cost_paise=question.cost_paise,
            mrp_paise=None if loose else question.mrp_paise,
            loose=loose,
            gst_rate_bp=rate,
            last_change_on=question.last_change_on,
            known_value=question.known_value,
            reference_price_paise=question.reference_price_paise,
            reference_age_days=question.reference_age_days,
        )


def _columns(table: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a belief as arrays."""
    numbers = {
        name: np.asarray(table[name], dtype=float) for name in ("elasticity", "std_error", "lower", "upper")
    }
    return numbers | {"grade": [str(grade) for grade in table["grade"]]}


def _belief(columns: Mapping[str, Any], row: int, source: Any, reason: str) -> Belief:
    """One row as a belief."""
    return Belief(
        elasticity=float(columns["elasticity"][row]),
        std_error=float(columns["std_error"][row]),
        lower=float(columns["lower"][row]),
        upper=float(columns["upper"][row]),
        grade=columns["grade"][row],
        source=source,
        reason=reason,
    )


def _fact_arrays(facts: Sequence[PriceFacts]) -> ItemFacts:
    """Facts as arrays."""

    def whole(values: Sequence[int | None]) -> npt.NDArray[np.int64]:
        return np.array([UNKNOWN if value is None else value for value in values], dtype=np.int64)

    return ItemFacts(
        price=whole([f.price_paise for f in facts]),
        cost=whole([f.cost_paise for f in facts]),
        mrp=whole([f.mrp_paise for f in facts]),
        loose=np.array([f.loose for f in facts], dtype=bool),
        known_value=np.array([f.known_value for f in facts], dtype=bool),
        gst_rate_bp=whole([f.gst_rate_bp for f in facts]),
        days_since_change=whole([None if f.last_change_on is None else _days_since(f) for f in facts]),
        reference_price=whole([f.reference_price_paise for f in facts]),
        reference_age_days=whole([f.reference_age_days for f in facts]),
    )


def _days_since(facts: PriceFacts) -> int:
    """Days since the last change; a change in the future stands out as less than UNKNOWN."""
    days = (facts.on - (facts.last_change_on or facts.on)).days
    return days if days >= 0 else days + UNKNOWN


def _response(questions: Sequence[PriceQuestion], beliefs: Sequence[Belief]) -> DemandResponse:
    """Demand of the items by price."""
    units = np.array([q.units_per_day for q in questions], dtype=float)
    low = [q.units_per_day if q.units_lower is None else q.units_lower for q in questions]
    high = [q.units_per_day if q.units_upper is None else q.units_upper for q in questions]
    return DemandResponse(
        units=units,
        price=np.array([max(q.price_paise, 1) for q in questions], dtype=float),
        elasticity=np.array([b.elasticity for b in beliefs]),
        std_error=np.array([b.std_error for b in beliefs]),
        lower=np.array([b.lower for b in beliefs]),
        upper=np.array([b.upper for b in beliefs]),
        units_lower=np.array(low, dtype=float),
        units_upper=np.array(high, dtype=float),
    )


def _line(
    problem: Problem, decision: Decision, row: int, facts: PriceFacts, belief: Belief
) -> PriceAdviceLine:
    """One item's answer."""
    action: Literal["change", "hold"] = "change" if decision.change[row] else "hold"
    price, state = int(decision.price[row]), str(decision.state[row])
    gain = int(decision.gain_per_week[row])
    valid = state != "invalid"
    return PriceAdviceLine(
        item_id=facts.item_id,
        action=action,
        state=state,
        price_paise=price,
        grade=belief.grade,
        source=belief.source,
        elasticity=belief.elasticity,
        elasticity_lower=belief.lower,
        elasticity_upper=belief.upper,
        now=_day(problem, row, facts.price_paise) if valid else None,
        then=_day(problem, row, price) if valid else None,
        gain_paise_per_week=gain,
        gain_lower_paise_per_week=int(decision.gain_lower_per_week[row]),
        gain_upper_paise_per_week=int(decision.gain_upper_per_week[row]),
        binding_rule=decision.binding[row],
        reasons=(str(decision.reason[row]), f"evidence grade {belief.grade}: {belief.reason}"),
        candidates=_candidates(problem, decision, row) if valid else (),
        proof=prove(facts, problem.rules, action, price, gain) if valid else None,
        arithmetic=_arithmetic(problem, row, facts, belief, price) if valid else None,
    )


def _arithmetic(
    problem: Problem, row: int, facts: PriceFacts, belief: Belief, price: int
) -> PriceArithmetic | None:
    """What the gain at a price follows from."""
    goals = tuple(problem.weights)
    if goals not in (("profit",), ("revenue",)) or (goals == ("profit",) and facts.cost_paise is None):
        return None
    objective: Literal["profit", "revenue"] = "profit" if goals == ("profit",) else "revenue"
    rate, composition = facts.gst_rate_bp or 0, problem.rules.composition
    at, response = np.array([row]), problem.response
    now = float(response.units[row])
    move = np.log(price / facts.price_paise)
    return PriceArithmetic(
        objective=objective,
        price_now_paise=facts.price_paise,
        price_paise=price,
        units_now_milli=round(1000 * now),
        elasticity=belief.elasticity,
        std_error=belief.std_error,
        elasticity_lower=belief.lower,
        elasticity_upper=belief.upper,
        cost_paise=facts.cost_paise,
        gst_rate_bp=rate,
        composition=composition,
        net_now_paise=split_price(facts.price_paise, rate, composition=composition).net_paise,
        net_paise=split_price(price, rate, composition=composition).net_paise,
        units=float(response.units_at(np.array([price], dtype=float), at)[0]),
        units_at_lower=float(now * np.exp(belief.lower * move)),
        units_at_upper=float(now * np.exp(belief.upper * move)),
        formula=_GAIN.format(earned="net - cost" if objective == "profit" else "price"),
        version=_GAIN_VERSION,
    )


def _day(problem: Problem, row: int, price: int) -> DayOutcome:
    """A day at a price, with its interval."""
    prices, rows = np.array([price], dtype=np.int64), np.array([row])
    expected = outcome(problem, prices, rows, problem.response.units_at(prices.astype(float), rows))
    low, high = problem.response.units_interval_at(prices.astype(float), rows)
    ends = [outcome(problem, prices, rows, end).profit[0] for end in (low, high)]
    return DayOutcome(
        units=float(expected.units[0]),
        units_lower=float(min(low[0], expected.units[0])),
        units_upper=float(max(high[0], expected.units[0])),
        revenue_paise=round_half_away(float(expected.revenue[0])),
        profit_paise=round_half_away(float(expected.profit[0])),
        profit_lower_paise=round_half_away(min(float(ends[0]), float(ends[1]))),
        profit_upper_paise=round_half_away(max(float(ends[0]), float(ends[1]))),
    )


def _candidates(problem: Problem, decision: Decision, row: int) -> tuple[CandidatePrice, ...]:
    """Prices of the ladder in the item's range, and the next ones that the rules bar."""
    limits, ladder = decision.limits, LadderIndex(problem.rules.ladder)
    low, high = int(limits.lowest[row]), int(limits.highest[row])
    ends = ladder.rank(np.array([min(low, high + 1), high + 1], dtype=np.int64))
    first, last = max(int(ends[0]) - _SHOWN_BEYOND, 0), int(ends[1]) + _SHOWN_BEYOND - 1
    ranks = np.unique(np.linspace(first, last, min(_MOST_SHOWN, last - first + 1)).round().astype(np.int64))
    prices = ladder.price(ranks)
    if decision.change[row]:
        prices = np.unique(np.append(prices, decision.price[row]))
    at, _ = gains(problem, prices, np.full(len(prices), row))
    return tuple(_candidate(at, k, int(price), decision, row) for k, price in enumerate(prices))


def _candidate(at: Outcome, k: int, price: int, decision: Decision, row: int) -> CandidatePrice:
    """One price with the rule that bars it."""
    limits = decision.limits
    barred: str | None = None
    if price > limits.highest[row]:
        barred = RULES[limits.highest_rule[row]]
    elif price < limits.lowest[row]:
        barred = RULES[limits.lowest_rule[row]]
    elif limits.frozen_by[row] >= 0:
        barred = RULES[limits.frozen_by[row]]
    return CandidatePrice(
        price_paise=price,
        units=float(at.units[k]),
        revenue_paise=round_half_away(float(at.revenue[k])),
        profit_paise=round_half_away(float(at.profit[k])),
        legal=barred is None,
        barred_by=barred,
    )
