"""The law and the shop's rules for many items at once; the same arithmetic as `samaan_ml.domain.pricing`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.gst import COMPOSITION_RATE_BP, HIGHEST_RATE_BP, RATES_BP
from samaan_ml.domain.pricing import PriceRules, Rule

Integers: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Strings: TypeAlias = npt.NDArray[np.object_]

UNKNOWN = -1
"""Stands for "not known" in an array of amounts, rates or ages, which are never negative."""
NO_CEILING = 10**15

RULES: tuple[Rule, ...] = (
    "ladder",
    "mrp",
    "missing_mrp",
    "margin_floor",
    "max_change",
    "min_days_between_changes",
    "known_value",
    "reference_price",
    "min_gain",
)
_CODE: dict[str, int] = {rule: code for code, rule in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """The facts of many items as arrays, shape (n_items,); UNKNOWN where a fact is missing.

    Parameters
    ----------
    price, cost, mrp : numpy.ndarray of int
        Paise.
    loose, known_value : numpy.ndarray of bool
        Loose goods; items whose price customers know.
    gst_rate_bp : numpy.ndarray of int
        Tax rate in basis points.
    days_since_change : numpy.ndarray of int
        Days since the last change of the price.
    reference_price, reference_age_days : numpy.ndarray of int
        A competitor's price in paise, and its age.
    """

    price: Integers
    cost: Integers
    mrp: Integers
    loose: Bools
    known_value: Bools
    gst_rate_bp: Integers
    days_since_change: Integers
    reference_price: Integers
    reference_age_days: Integers


@dataclass(frozen=True, slots=True)
class Limits:
    """Ranges of new prices and what bounds them, shape (n_items,); rules are codes into `RULES`.

    Parameters
    ----------
    lowest, highest : numpy.ndarray of int
        Range in paise, both included.
    lowest_rule, highest_rule, frozen_by : numpy.ndarray of int
        Codes of rules; -1 in `frozen_by` where a change is allowed.
    legal_now : numpy.ndarray of bool
        Whether today's price may be asked.
    """

    lowest: Integers
    lowest_rule: Integers
    highest: Integers
    highest_rule: Integers
    frozen_by: Integers
    legal_now: Bools


def net_of_tax(price: Integers, gst_rate_bp: Integers, *, composition: bool) -> Integers:
    """Net part of prices with tax, in whole paise, halves up."""
    if composition:
        return np.asarray(price - (2 * price * COMPOSITION_RATE_BP + 10_000) // 20_000, dtype=np.int64)
    gross = 10_000 + np.maximum(gst_rate_bp, 0)
    return np.asarray((2 * price * 10_000 + gross) // (2 * gross), dtype=np.int64)


def limits_of(facts: ItemFacts, rules: PriceRules) -> Limits:
    """Range of a new price for every item."""
    now, priced = facts.price, facts.mrp != UNKNOWN
    legal = ~priced | (now <= facts.mrp)
    lowest, lowest_rule = np.ones_like(now), np.full(len(now), _CODE["ladder"])
    highest, highest_rule = np.full_like(now, NO_CEILING), np.full(len(now), _CODE["ladder"])
    largest = rules.max_change_bp
    reference = _reference_ceiling(facts, rules)
    known = np.where(facts.known_value, np.where(reference == UNKNOWN, now, reference), NO_CEILING)
    other = np.where(facts.known_value | (reference == UNKNOWN), NO_CEILING, reference)
    for bound, rule in (
        (np.where(priced, facts.mrp, NO_CEILING), "mrp"),
        (np.where(legal, now * (10_000 + largest) // 10_000, NO_CEILING), "max_change"),
        (known, "known_value"),
        (other, "reference_price"),
    ):
        tighter = bound < highest
        highest, highest_rule = (
            np.where(tighter, bound, highest),
            np.where(tighter, _CODE[rule], highest_rule),
        )
    for bound, rule in (
        (np.where(legal, -(-now * (10_000 - largest) // 10_000), 0), "max_change"),
        (_margin_floor(facts, rules, legal), "margin_floor"),
    ):
        tighter = bound > lowest
        lowest, lowest_rule = np.where(tighter, bound, lowest), np.where(tighter, _CODE[rule], lowest_rule)
    recent = (facts.days_since_change != UNKNOWN) & (facts.days_since_change < rules.min_days_between_changes)
    frozen = np.where(legal & recent, _CODE["min_days_between_changes"], -1)
    frozen = np.where(~priced & ~facts.loose, _CODE["missing_mrp"], frozen)
    return Limits(lowest, lowest_rule, highest, highest_rule, frozen, legal)


def _margin_floor(facts: ItemFacts, rules: PriceRules, legal: Bools) -> Integers:
    """Lowest price that leaves the margin floor, 0 where cost is unknown or there is no floor.

    At an unknown rate of tax a price falls only where any rate leaves the floor.
    """
    if rules.margin_floor_bp is None:
        return np.zeros_like(facts.price)
    known = facts.cost != UNKNOWN
    net = -(-np.where(known, facts.cost, 0) * 10_000 // (10_000 - rules.margin_floor_bp))
    if not rules.composition:
        floor = _taxed_floor(net, np.maximum(facts.gst_rate_bp, 0))
        highest = _taxed_floor(net, np.full_like(net, HIGHEST_RATE_BP))
        unsure = (facts.gst_rate_bp == UNKNOWN) & legal
        floor = np.where(unsure, np.maximum(floor, np.minimum(highest, facts.price)), floor)
        return np.where(known & (net > 0), floor, 0)
    floor = np.maximum(net * 10_000 // (10_000 - COMPOSITION_RATE_BP) - 2, 0)
    while (short := net_of_tax(floor, facts.gst_rate_bp, composition=True) < net).any():
        floor = floor + short
    return np.where(known, floor, 0)


def _taxed_floor(net: Integers, rate_bp: Integers) -> Integers:
    """Lowest price with tax whose net part, halves up, reaches `net`."""
    return np.asarray(np.maximum(-(-(2 * net - 1) * (10_000 + rate_bp) // 20_000), 0), dtype=np.int64)


def _reference_ceiling(facts: ItemFacts, rules: PriceRules) -> Integers:
    """Highest price a competitor's price allows, UNKNOWN where none binds."""
    other = UNKNOWN if rules.reference_premium_bp is None else rules.reference_premium_bp
    premium = np.where(facts.known_value, rules.known_value_premium_bp, other)
    left = rules.reference_max_age_days - facts.reference_age_days
    binds = (
        (premium >= 0)
        & (facts.reference_price != UNKNOWN)
        & (facts.reference_age_days != UNKNOWN)
        & (left > 0)
    )
    widened = 10_000 + premium * rules.reference_max_age_days // np.maximum(left, 1)
    return np.where(binds, facts.reference_price * widened // 10_000, UNKNOWN)


def fact_problems(facts: ItemFacts) -> tuple[Bools, list[tuple[Bools, str]]]:
    """Items whose facts cannot be, and the reasons."""
    checks = [
        (facts.price <= 0, "the price is not above zero"),
        (facts.cost < UNKNOWN, "the cost is negative"),
        ((facts.mrp != UNKNOWN) & (facts.mrp <= 0), "the MRP is not above zero"),
        ((facts.mrp > 0) & (facts.cost > facts.mrp), "the cost lies above the MRP: check the bill"),
        (
            (facts.gst_rate_bp != UNKNOWN) & ~np.isin(facts.gst_rate_bp, RATES_BP),
            "the GST rate has never been in force: give it in basis points, 1800 for 18 %",
        ),
        (
            (facts.reference_price != UNKNOWN) & (facts.reference_price <= 0),
            "the reference price is not above zero",
        ),
        (facts.reference_age_days < UNKNOWN, "the reference price's age is negative"),
        (facts.days_since_change < UNKNOWN, "the last price change lies in the future"),
    ]
    bad = np.zeros(len(facts.price), dtype=bool)
    for where, _ in checks:
        bad |= where
    return bad, checks
