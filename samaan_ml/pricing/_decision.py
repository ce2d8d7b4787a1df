"""From the best candidate to a decision: change or hold, the rule that bound it, and the reason in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.gst import HIGHEST_RATE_BP
from samaan_ml.domain.money import format_rupees
from samaan_ml.pricing._choice import (
    Candidates,
    Gains,
    Outcome,
    Problem,
    best_of,
    enumerate_candidates,
    gains,
    outcome,
)
from samaan_ml.pricing._ladder import LadderIndex
from samaan_ml.pricing._rules import RULES, UNKNOWN, Limits, fact_problems

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Objects: TypeAlias = npt.NDArray[np.object_]

_WEEK = 7
_NONE = -1


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with every item, shape (n_items,) unless stated otherwise.

    Parameters
    ----------
    change : numpy.ndarray of bool
        Whether the price is to change.
    price : numpy.ndarray of int
        The price recommended in paise; today's for a hold.
    now, then : Outcome
        What is expected a day at today's price and at the one recommended.
    gain_per_week, gain_lower_per_week, gain_upper_per_week : numpy.ndarray of int
        Gain of the objective in paise a week, rounded down; 0 for a hold.
    binding : numpy.ndarray of object
        The rule that bound the answer, None where none did.
    state : numpy.ndarray of object
        "change", "optimal", "small_gain", "uncertain_gain", "not_identifiable", "frozen", "no_legal_price",
        "cost_unknown", "invalid", or "coupled" where other items had more use of a shared limit.
    reason : numpy.ndarray of object
        The state in words.
    limits : Limits
        What the rules left.
    candidates : Candidates
        The prices compared.
    """

    change: Bools
    price: Integers
    now: Outcome
    then: Outcome
    gain_per_week: Integers
    gain_lower_per_week: Integers
    gain_upper_per_week: Integers
    binding: Objects
    state: Objects
    reason: Objects
    limits: Limits
    candidates: Candidates


@dataclass(frozen=True, slots=True)
class Screening:
    """Which items may change at all, and why the others may not."""

    open_rows: Bools
    state: Objects
    reason: Objects
    binding: Objects


def screen(problem: Problem, limits: Limits, grades: Objects) -> Screening:
    """Sort out items whose facts are wrong, whose price is frozen, or about which nothing is known."""
    facts = problem.facts
    n = len(facts.price)
    state, reason = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    binding = np.full(n, None, dtype=object)
    bad, checks = fact_problems(facts)
    judged = limits.legal_now & np.array([grade == "D" for grade in grades], dtype=bool)
    needs_cost = "profit" in problem.weights or problem.rules.margin_floor_bp is not None
    frozen = limits.frozen_by >= 0
    for where, name, text in (
        (
            judged,
            "not_identifiable",
            "no evidence of how demand answers to the price: hold, or run a price test",
        ),
        (frozen, "frozen", ""),
        (
            (facts.cost == UNKNOWN) & needs_cost,
            "cost_unknown",
            "the cost is not known, so no margin can be vouched for",
        ),
        (bad, "invalid", ""),
    ):
        state[where], reason[where] = name, text
    for row in np.flatnonzero(bad):
        reason[row] = "; ".join(text for where, text in checks if where[row])
    for row in np.flatnonzero(frozen & (state == "frozen")):
        binding[row] = RULES[limits.frozen_by[row]]
        reason[row] = _frozen_reason(problem, int(row), binding[row])
    return Screening(state == "", state, reason, binding)


def _frozen_reason(problem: Problem, row: int, rule: str) -> str:
    """Why a price may not change today."""
    if rule == "missing_mrp":
        return "the MRP on the pack was not read: no new price can be vouched for"
    days = problem.facts.days_since_change[row]
    return f"changed {days} days ago, rule: {problem.rules.min_days_between_changes} days between changes"


@dataclass(frozen=True, slots=True)
class Scored:
    """All candidates of all items with what they are worth.

    Parameters
    ----------
    limits : Limits
        What the rules leave.
    screening : Screening
        Which items may change.
    candidates : Candidates
        The prices.
    at : Outcome
        What is expected of them.
    gained : Gains
        Their gain a day.
    score : numpy.ndarray, shape (n_candidates,)
        The gain they are judged by: the lower end for cautious items.
    worth_it : numpy.ndarray of bool, shape (n_candidates,)
        Whether the gain reaches the least gain, or the law asks for a change.
    """

    limits: Limits
    screening: Screening
    candidates: Candidates
    at: Outcome
    gained: Gains
    score: Floats
    worth_it: Bools


def score_candidates(problem: Problem, grades: Objects) -> Scored:
    """Enumerate the legal prices of every item and score them."""
    limits = problem.limits()
    screening = screen(problem, limits, grades)
    candidates = enumerate_candidates(limits, LadderIndex(problem.rules.ladder), screening.open_rows)
    at, gained = gains(problem, candidates.price, candidates.row)
    score = np.where(problem.cautious[candidates.row], gained.lower, gained.expected)
    score = _at_any_tax(problem, candidates, score)
    score = np.where(candidates.price == problem.facts.price[candidates.row], 0.0, score)
    enough = np.floor(_WEEK * score + 1e-9) >= problem.rules.min_gain_paise_per_week
    worth_it = (enough & (score > 0.0)) | ~limits.legal_now[candidates.row]
    return Scored(limits, screening, candidates, at, gained, score, worth_it)


def tax_unknown(problem: Problem) -> Bools:
    """Tell of which items the tax in the price is not known though it lowers the profit."""
    if problem.rules.composition or "profit" not in problem.weights:
        return np.zeros(len(problem.facts.price), dtype=bool)
    return np.asarray(problem.facts.gst_rate_bp == UNKNOWN, dtype=bool)


def _at_any_tax(problem: Problem, candidates: Candidates, score: Floats) -> Floats:
    """Judge an item of unknown tax by the lower of its gains without tax and at the highest rate.

    Between the two the gain is a straight line in 1 / (1 + rate), so no rate in force gives less.
    """
    unsure = tax_unknown(problem)[candidates.row]
    if not unsure.any():
        return score
    rates = np.where(problem.facts.gst_rate_bp == UNKNOWN, HIGHEST_RATE_BP, problem.facts.gst_rate_bp)
    taxed = replace(problem, facts=replace(problem.facts, gst_rate_bp=rates))
    _, gained = gains(taxed, candidates.price, candidates.row)
    at_most = np.where(problem.cautious[candidates.row], gained.lower, gained.expected)
    return np.where(unsure, np.minimum(score, at_most), score)


def _say_tax(problem: Problem, state: Objects, reason: Objects) -> None:
    """Say of every item that was judged without its tax that it was."""
    for row in np.flatnonzero(tax_unknown(problem)):
        if state[row] not in ("invalid", "cost_unknown"):
            reason[row] += (
                "; the GST rate is not known (give gst_percent, gst_rate_bp or hsn): amounts are before tax, and "
                "only a change that pays at any rate is advised"
            )


def decide(problem: Problem, grades: Objects) -> Decision:
    """Decide every item on its own.

    Parameters
    ----------
    problem : Problem
        Items, demand, rules and objective.
    grades : numpy.ndarray of object, shape (n_items,)
        Grade of each elasticity.
    """
    scored = score_candidates(problem, grades)
    best = best_of(scored.candidates, scored.score, problem.facts.price)
    worth_it = _take(scored.worth_it, np.maximum(best, 0), len(best)) > 0
    return conclude(problem, scored, np.where(worth_it, best, -1))


def conclude(problem: Problem, scored: Scored, best: npt.NDArray[np.intp]) -> Decision:
    """Turn the chosen candidates, -1 for none, into decisions."""
    limits, screening, candidates = scored.limits, scored.screening, scored.candidates
    at, gained = scored.at, scored.gained
    facts = problem.facts
    n = len(facts.price)
    has = best >= 0
    pick = np.where(has, best, 0)
    price = np.where(has, _take(candidates.price, pick, n), facts.price)
    weekly = {
        name: np.where(has, np.floor(_WEEK * _take(getattr(gained, name), pick, n) + 1e-9), 0.0)
        for name in ("expected", "lower", "upper")
    }
    change = has & (price != facts.price)
    state, reason, binding = screening.state.copy(), screening.reason.copy(), screening.binding.copy()
    hoped = np.floor(_WEEK * _best_by_item(candidates, gained.expected) + 1e-9)
    _explain_holds(problem, limits, screening, (candidates.first, change, hoped), (state, reason, binding))
    _explain_couplings(scored, has, (state, reason, binding))
    state[change] = "change"
    _bind_changes(problem, limits, candidates, best, change, binding)
    _explain_changes(problem, limits, change, price, binding, reason)
    _say_tax(problem, state, reason)
    price = np.where(change, price, facts.price)
    rows = np.arange(n)
    now = outcome(problem, facts.price, rows, problem.response.units)
    then = Outcome(
        *(
            np.where(change, _take(getattr(at, k), pick, n), getattr(now, k))
            for k in ("units", "revenue", "profit")
        )
    )
    gain = {name: np.where(change, values, 0.0).astype(np.int64) for name, values in weekly.items()}
    return Decision(
        change, price, now, then, gain["expected"], gain["lower"], gain["upper"],
        binding, state, reason, limits, candidates,
    )  # fmt: skip


def _best_by_item(candidates: Candidates, gain: Floats) -> Floats:
    """Largest gain among each item's candidates, 0 where it has none or none gains."""
    out = np.zeros(len(candidates.first) - 1)
    filled = np.flatnonzero(np.diff(candidates.first) > 0)
    if len(filled):
        out[filled] = np.maximum(np.maximum.reduceat(gain, candidates.first[filled]), 0.0)
    return out


def _take(values: npt.NDArray[Any], pick: npt.NDArray[np.intp], n: int) -> npt.NDArray[Any]:
    """Values at the picks; zeros where there is no candidate at all."""
    return values[pick] if len(values) else np.zeros(n, dtype=values.dtype)


def _explain_holds(
    problem: Problem,
    limits: Limits,
    screening: Screening,
    chosen: tuple[npt.NDArray[np.intp], Bools, Floats],
    out: tuple[Objects, Objects, Objects],
) -> None:
    """Return why an item that might have changed is held."""
    first, change, hoped = chosen
    state, reason, binding = out
    empty = np.diff(first) == 0
    for row in np.flatnonzero(screening.open_rows & empty):
        state[row], binding[row] = "no_legal_price", RULES[limits.highest_rule[row]]
        reason[row] = _no_price_reason(limits, int(row))
    held = screening.open_rows & ~empty & ~change
    least = problem.rules.min_gain_paise_per_week
    unsure = held & problem.cautious & (hoped >= max(least, 1))
    stays = held & ~unsure & (hoped <= 0.0)
    state[stays], reason[stays] = "optimal", "today's price is the best of those allowed"
    small = held & ~stays & ~unsure
    state[small], binding[small] = "small_gain", "min_gain"
    for row in np.flatnonzero(small):
        reason[row] = (
            f"the best change gains {format_rupees(int(hoped[row]))} a week, "
            f"less than the least gain of {format_rupees(least)}"
        )
    state[unsure], binding[unsure] = "uncertain_gain", "min_gain"
    reason[unsure] = "the gain does not hold at the ends of the elasticity's interval: run a price test"


def with_cross_effects(decision: Decision, gain: Floats, factor: Floats) -> Decision:
    """The decision with the units that other prices add or take, and gains as contributions to the whole shop."""
    then = decision.then
    weekly = np.where(decision.change, np.floor(_WEEK * gain + 1e-9), 0.0).astype(np.int64)
    shift = weekly - decision.gain_per_week
    return replace(
        decision,
        then=Outcome(then.units * factor, then.revenue * factor, then.profit * factor),
        gain_per_week=weekly,
        gain_lower_per_week=decision.gain_lower_per_week + shift,
        gain_upper_per_week=decision.gain_upper_per_week + shift,
    )


def _explain_couplings(scored: Scored, has: Bools, out: tuple[Objects, Objects, Objects]) -> None:
    """Say that an item would gain by a change but gave way to others that gain more."""
    state, reason, binding = out
    wanted = np.zeros(len(has), dtype=bool)
    wanted[scored.candidates.row[scored.worth_it & (scored.score > 0.0)]] = True
    for row in np.flatnonzero(wanted & ~has):
        state[row], binding[row] = "coupled", "coupling"
        reason[row] = "a change would gain, but the shared limit is worth more at other items"


def _no_price_reason(limits: Limits, row: int) -> str:
    """Why the range of prices is empty."""
    low, high = int(limits.lowest[row]), int(limits.highest[row])
    lowest, highest = RULES[limits.lowest_rule[row]], RULES[limits.highest_rule[row]]
    if low > high:
        text = f"rules contradict each other: {lowest} asks for {format_rupees(low)} or more, "
        text += f"{highest} for {format_rupees(high)} or less"
    else:
        text = f"no price of the ladder lies between {format_rupees(low)} and {format_rupees(high)}"
    return text if limits.legal_now[row] else f"{text}; today's price lies above the MRP and may not be asked"


def _bind_changes(
    problem: Problem,
    limits: Limits,
    candidates: Candidates,
    best: npt.NDArray[np.intp],
    change: Bools,
    binding: Objects,
) -> None:
    """Name the rule at whose edge a change stopped although the next price beyond would have gained more."""
    ladder = LadderIndex(problem.rules.ladder)
    rows = np.flatnonzero(change)
    at_top = best[rows] == candidates.first[rows + 1] - 1
    at_bottom = best[rows] == candidates.first[rows]
    for edge, step, codes in ((at_top, 1, limits.highest_rule), (at_bottom, -1, limits.lowest_rule)):
        at = rows[edge]
        here = candidates.price[best[at]]
        rank = ladder.rank(here) + step
        inside = rank >= 0
        at, here, rank = at[inside], here[inside], rank[inside]
        _, beyond = gains(problem, ladder.price(rank), at)
        _, reached = gains(problem, here, at)
        cautious = problem.cautious[at]
        more = np.where(cautious, beyond.lower - reached.lower, beyond.expected - reached.expected) > 0.0
        for row in at[more]:
            binding[row] = RULES[codes[row]]


def _explain_changes(
    problem: Problem, limits: Limits, change: Bools, price: Integers, binding: Objects, reason: Objects
) -> None:
    """Return why a price is to change."""
    for row in np.flatnonzero(change):
        if not limits.legal_now[row]:
            reason[row] = "today's price lies above the MRP: it must come down at once"
        elif price[row] > problem.facts.price[row]:
            reason[row] = "the margin gained outweighs the units lost"
        else:
            reason[row] = "the units gained outweigh the margin given up"
        if binding[row] is not None:
            reason[row] += f"; {binding[row]} allows no more"
