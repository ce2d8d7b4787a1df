"""What is expected of one item at any price: units, money, tax, stock-out risk, and the rule that bars it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing._choice import Problem, gains, outcome
from samaan_ml.pricing._ladder import LadderIndex
from samaan_ml.pricing._rules import RULES, net_of_tax
from samaan_ml.rounding import paise_of

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

_AROUND = (0.8, 1.2)
_INTERVAL_Z = 1.2816
"""A demand's interval is taken as its 10 and 90 % quantiles."""


def what_if_table(problem: Problem, candidate_prices: Sequence[float] | None) -> pd.DataFrame:
    """One row a price for the only item of a problem."""
    prices = _prices(problem, candidate_prices)
    rows = np.zeros(len(prices), dtype=np.intp)
    expected, gained = gains(problem, prices, rows)
    low, high = problem.response.units_interval_at(prices.astype(float), rows)
    ends = np.stack([outcome(problem, prices, rows, units).profit for units in (low, high)])
    net = net_of_tax(prices, problem.facts.gst_rate_bp[rows], composition=problem.rules.composition)
    barred = _barred_by(problem, prices)
    return pd.DataFrame(
        {
            "price_paise": prices,
            "units": expected.units,
            "units_lower": np.minimum(low, expected.units),
            "units_upper": np.maximum(high, expected.units),
            "revenue_paise": expected.revenue,
            "tax_paise": expected.units * (prices - net),
            "profit_paise": expected.profit,
            "profit_lower_paise": np.minimum(ends.min(axis=0), expected.profit),
            "profit_upper_paise": np.maximum(ends.max(axis=0), expected.profit),
            "gain_paise": gained.expected,
            "stock_out_risk": _stock_out_risk(problem, expected.units, prices),
            "legal": [rule is None for rule in barred],
            "barred_by": pd.Series(barred, dtype=object),
        }
    )


def _prices(problem: Problem, given: Sequence[float] | None) -> Integers:
    """Prices asked about, or those of the ladder around today's."""
    now = int(problem.facts.price[0])
    if given is None:
        ladder = LadderIndex(problem.rules.ladder)
        ends = ladder.rank(np.array([int(now * _AROUND[0]), int(now * _AROUND[1]) + 1], dtype=np.int64))
        listed = ladder.price(np.arange(ends[0], ends[1], dtype=np.int64))
        return np.unique(np.append(listed, now))
    prices = paise_of(np.asarray(given, dtype=float))
    if not len(prices) or not np.isfinite(prices).all() or (prices < 1.0).any():
        raise ParameterError(f"'candidate_prices' must be rupees above 0, got {list(given)}")
    return prices.astype(np.int64)


def _barred_by(problem: Problem, prices: Integers) -> list[str | None]:
    """The first rule that bars each price; today's price is barred by the MRP alone."""
    limits, ladder = problem.limits(), LadderIndex(problem.rules.ladder)
    on_ladder = ladder.price(ladder.rank(prices)) == prices
    out: list[str | None] = []
    for price, stands in zip(prices.tolist(), on_ladder.tolist(), strict=True):
        if price == problem.facts.price[0]:
            out.append(None if limits.legal_now[0] else "mrp")
        elif price > limits.highest[0]:
            out.append(RULES[limits.highest_rule[0]])
        elif price < limits.lowest[0]:
            out.append(RULES[limits.lowest_rule[0]])
        elif limits.frozen_by[0] >= 0:
            out.append(RULES[limits.frozen_by[0]])
        else:
            out.append(None if stands else "ladder")
    return out


def _stock_out_risk(problem: Problem, units: Floats, prices: Integers) -> Floats:
    """Probability that the demand of the horizon exceeds the stock, days taken as independent."""
    from scipy.special import ndtr

    response = problem.response
    if problem.stock_units is None or response.units_lower is None or response.units_upper is None:
        return np.full(len(prices), np.nan)
    spread = (response.units_upper[0] - response.units_lower[0]) / (2.0 * _INTERVAL_Z)
    ratio = units / max(float(response.units[0]), 1e-12)
    days = problem.horizon_days
    sd = np.maximum(spread * ratio * np.sqrt(days), 1e-9)
    return np.asarray(ndtr((units * days - problem.stock_units[0]) / sd), dtype=float)
