"""Small, capped price tests for items about whose elasticity little is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.pricing import PriceFacts, PriceRules, price_limits
from samaan_ml.exceptions import ParameterError
from samaan_ml.pricing._rules import net_of_tax

Floats: TypeAlias = npt.NDArray[np.float64]

Verdict = Literal["running", "raise", "lower", "keep", "cap_reached", "time_over", "not_possible"]

Method = Literal["switchback", "thompson", "greedy"]

_LEVEL_SD = 0.25
"""How far the weekly level may lie from the forecast, in logs, before the test has seen anything."""
_BOUND_Z = 2.33
"""Losses are bounded at this many standard deviations of the elasticity: one side, 99 %."""
_DECIDED = 0.95
_DRAWS = 400
_NEWTON_STEPS = 12


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a test: price asked, units sold, the most it may have cost, and the units expected beforehand."""

    price_paise: int
    units: float
    risk_paise: float
    expected_units: float


class PriceTest:
    """Ask a neighbouring legal price in some weeks, learn the elasticity, and stop before it costs too much.

    Weeks come in pairs, one at today's price and one at another, in random order (a switchback); or the price of
    each week is drawn by Thompson sampling; or it is the one expected to earn most by what is believed ("greedy").
    Before a week at another price its largest plausible loss (at the 99 % end of what is believed of the elasticity)
    is added to what earlier weeks may have cost; where the sum would exceed the cap, that price is not asked. The
    test stops when one price is the best with a probability of 95 %, when no other price is affordable, or when its
    weeks are over.

    Parameters
    ----------
    facts : PriceFacts
        The item on the day the test begins; its cost must be known.
    rules : PriceRules
        The shop's rules; every price of the test lies inside their limits. The rule on days between changes gives
        way to the test's weeks.
    units_per_week : float
        Expected units a week at today's price.
    elasticity, std_error : float
        What is believed so far.
    cap_paise : int
        Most the test may be expected to cost against holding today's price.
    method : {"switchback", "thompson", "greedy"}, default="switchback"
        How the price of a week is chosen.
    max_weeks : int, default=16
        Longest test.
    steps : int, default=2
        How many ladder prices either side are tried.
    reach_bp : int or None, default=None
        How far from today's price, in basis points, the prices tried are spread; None takes the nearest ones.
    dispersion : float, default=0.15
        Negative-binomial dispersion of weekly units.
    random_state : int, default=0
        Seed of the draws.

    Attributes
    ----------
    weeks_ : list of Week
        What was asked and sold so far.
    elasticity_, std_error_ : float
        What is believed now.
    verdict_ : str
        "running", "raise", "lower", "keep", "cap_reached", "time_over" or "not_possible".

    References
    ----------
    Bojinov, I., Simchi-Levi, D. and Zhao, J. (2023), Design and analysis of switchback experiments, Management
    Science 69. Ferreira, K., Simchi-Levi, D. and Wang, H. (2018), Online network revenue management using Thompson
    sampling, Operations Research 66.

    Examples
    --------
    >>> from datetime import date
    >>> facts = PriceFacts("soap", date(2026, 3, 1), 5_000, 3_000, 6_000, gst_rate_bp=0)
    >>> test = PriceTest(
    ...     facts, PriceRules(), units_per_week=60.0, elasticity=-1.8, std_error=0.9, cap_paise=50_000
    ... )
    >>> price = test.propose()
    >>> price in test.prices_paise.tolist()
    True
    >>> test.observe(price, units=58.0).verdict_
    'running'
    """

    def __init__(
        self,
        facts: PriceFacts,
        rules: PriceRules,
        *,
        units_per_week: float,
        elasticity: float,
        std_error: float,
        cap_paise: int,
        method: Method = "switchback",
        max_weeks: int = 16,
        steps: int = 2,
        reach_bp: int | None = None,
        dispersion: float = 0.15,
        random_state: int = 0,
    ) -> None:
        self.facts = facts
        self.rules = rules
        self.units_per_week = units_per_week
        self.elasticity = elasticity
        self.std_error = std_error
        self.cap_paise = cap_paise
        self.method = method
        self.max_weeks = max_weeks
        self.steps = steps
        self.reach_bp = reach_bp
        self.dispersion = dispersion
        self.random_state = random_state
        self._check()
        self.prices_paise = self._arms()
        self.weeks_: list[Week] = []
        self.elasticity_, self.std_error_ = elasticity, std_error
        self._log_level = np.log(units_per_week)
        self._rng = np.random.default_rng(random_state)
        self._queue: list[int] = []
        self.verdict_: Verdict = "running" if len(self.prices_paise) > 1 else "not_possible"

    def _check(self) -> None:
        """Check the parameters."""
        positive = {
            "units_per_week": self.units_per_week,
            "std_error": self.std_error,
            "dispersion": self.dispersion,
        }
        for name, value in positive.items():
            if not np.isfinite(value) or value <= 0.0:
                raise ParameterError(f"'{name}' must be above 0, got {value}")
        if self.cap_paise < 0 or self.max_weeks < 2 or self.steps < 1:
            raise ParameterError("'cap_paise' must be 0 or more, 'max_weeks' 2 or more and 'steps' 1 or more")
        if self.reach_bp is not None and self.reach_bp < 1:
            raise ParameterError(f"'reach_bp' must be 1 or more, got {self.reach_bp}")
        if self.method not in ("switchback", "thompson", "greedy"):
            raise ParameterError(f"'method' must be switchback, thompson or greedy, got '{self.method}'")
        if self.facts.problems() or self.facts.cost_paise is None:
            raise ParameterError(
                f"'{self.facts.item_id}' cannot be tested: {'; '.join(self.facts.problems()) or 'cost unknown'}"
            )

    def propose(self) -> int:
        """Price of the next week in paise; today's once the test is over."""
        if self.verdict_ != "running":
            return self.facts.price_paise
        affordable = [int(p) for p in self.prices_paise if self._affordable(int(p))]
        if self.method == "thompson":
            drawn = self._rng.normal(self.elasticity_, self.std_error_)
            profit = [self._profit(price, drawn) for price in affordable]
            return affordable[int(np.argmax(profit))]
        if self.method == "greedy":
            return self._best_of(np.array(affordable, dtype=np.int64))
        if not self._queue:
            others = [price for price in affordable if price != self.facts.price_paise]
            if not others:
                return self.facts.price_paise
            pair = [self.facts.price_paise, others[int(self._rng.integers(len(others)))]]
            self._queue = [pair[k] for k in self._rng.permutation(2)]
        price = self._queue.pop(0)
        return price if price in affordable else self.facts.price_paise

    def observe(self, price_paise: int, units: float, expected_units: float | None = None) -> Self:
        """Take in a week: the price that was asked and the units sold.

        `expected_units` is what the week would have brought at the price of before the test, as a forecast or the
        sales of items outside the test tell; None takes `units_per_week`.

        Raises
        ------
        ParameterError
            When the price is not one of the test's, units are negative, or the test is over.
        """
        if self.verdict_ != "running":
            raise ParameterError(f"the test of '{self.facts.item_id}' is over: {self.verdict_}")
        if price_paise not in self.prices_paise or not np.isfinite(units) or units < 0.0:
            raise ParameterError(
                f"expected one of the prices {self.prices_paise.tolist()} and units of 0 or more"
            )
        expected = self.units_per_week if expected_units is None else expected_units
        if not np.isfinite(expected) or expected <= 0.0:
            raise ParameterError(f"'expected_units' must be above 0, got {expected_units}")
        self.weeks_.append(Week(price_paise, units, self._largest_loss(price_paise), expected))
        self._learn()
        self.verdict_ = self._judge()
        return self

    @property
    def risk_paise(self) -> float:
        """The most that the weeks so far may have cost, as bounded when each was begun."""
        return sum(week.risk_paise for week in self.weeks_)

    @property
    def best_price_paise(self) -> int:
        """The price of the test that is expected to earn most by what is believed now."""
        return self._best_of(self.prices_paise)

    def _best_of(self, prices_paise: npt.NDArray[np.int64]) -> int:
        """Of some prices, the one that is expected to earn most."""
        draws = np.minimum(np.random.default_rng(1).normal(self.elasticity_, self.std_error_, _DRAWS), 0.0)
        margins = np.array([self._margin(int(p)) for p in prices_paise], dtype=float)
        ratio = prices_paise / self.facts.price_paise
        expected = margins * (ratio[None, :] ** draws[:, None]).mean(axis=0)
        return int(prices_paise[int(expected.argmax())])

    def get_state(self) -> dict[str, object]:
        """What was observed, to be replayed by `observe` on a new test."""
        return {
            "prices_paise": [w.price_paise for w in self.weeks_],
            "units": [w.units for w in self.weeks_],
            "expected_units": [w.expected_units for w in self.weeks_],
        }

    def replay(self, state: dict[str, Any]) -> Self:
        """Take in the weeks of an earlier test."""
        for price, units, expected in zip(
            state["prices_paise"], state["units"], state["expected_units"], strict=True
        ):
            self.observe(int(price), float(units), float(expected))
        return self

    def _arms(self) -> npt.NDArray[np.int64]:
        """Today's price and its legal neighbours on the ladder."""
        limits = price_limits(self.facts, self.rules)
        now = self.facts.price_paise
        if not limits.legal_now or limits.frozen_by == "missing_mrp":
            return np.array([now], dtype=np.int64)
        legal = list(self.rules.ladder.between(limits.lowest_paise, limits.highest_paise))
        below = [price for price in reversed(legal) if price < now]
        above = [price for price in legal if price > now]
        return np.array([*self._tried(below)[::-1], now, *self._tried(above)], dtype=np.int64)

    def _tried(self, away: list[int]) -> list[int]:
        """Of the legal prices on one side, the nearest first, those that are tried."""
        if self.reach_bp is None:
            return away[: self.steps]
        now = self.facts.price_paise
        near = [price for price in away if abs(price - now) * 10_000 <= self.reach_bp * now]
        places = np.unique(np.linspace(len(near) / self.steps, len(near), self.steps).round().astype(int))
        return [near[place - 1] for place in places if place > 0]

    def _profit(self, price: int, elasticity: float) -> float:
        """Expected profit of a week in paise."""
        units = np.exp(self._log_level + elasticity * np.log(price / self.facts.price_paise))
        return float(units * self._margin(price))

    def _margin(self, price: int) -> int:
        """Paise left of a unit after tax and cost."""
        rate = np.array([self.facts.gst_rate_bp or 0], dtype=np.int64)
        net = net_of_tax(np.array([price], dtype=np.int64), rate, composition=self.rules.composition)
        return int(net[0]) - (self.facts.cost_paise or 0)

    def _largest_loss(self, price: int) -> float:
        """Largest plausible loss of a week at a price against today's; the profit is monotone in the elasticity."""
        if price == self.facts.price_paise:
            return 0.0
        ends = (
            self.elasticity_ - _BOUND_Z * self.std_error_,
            min(self.elasticity_ + _BOUND_Z * self.std_error_, 0.0),
        )
        loss = max(self._profit(self.facts.price_paise, end) - self._profit(price, end) for end in ends)
        return max(loss, 0.0) * float(np.exp(_BOUND_Z * _LEVEL_SD / np.sqrt(1.0 + len(self.weeks_))))

    def _affordable(self, price: int) -> bool:
        """Whether a week at the price keeps the sum of all bounds within the cap."""
        return self.risk_paise + self._largest_loss(price) <= self.cap_paise

    def _learn(self) -> None:
        """Posterior mode and curvature of level and elasticity, by Newton steps on all weeks."""
        move = np.log(np.array([w.price_paise for w in self.weeks_]) / self.facts.price_paise)
        units = np.array([w.units for w in self.weeks_])
        season = np.array([w.expected_units for w in self.weeks_]) / self.units_per_week
        design = np.stack([np.ones_like(move), move], axis=1)
        centre = np.array([np.log(self.units_per_week), self.elasticity])
        precision = np.diag([_LEVEL_SD**-2.0, self.std_error**-2.0])
        at = centre.copy()
        curvature = precision
        for _ in range(_NEWTON_STEPS):
            mean = season * np.exp(np.clip(design @ at, -20.0, 20.0))
            weight = 1.0 / (1.0 + self.dispersion * mean)
            gradient = design.T @ ((units - mean) * weight) - precision @ (at - centre)
            curvature = design.T @ (design * (mean * weight)[:, None]) + precision
            at = at + np.clip(np.linalg.solve(curvature, gradient), -1.0, 1.0)
        self._log_level, self.elasticity_ = float(at[0]), float(at[1])
        self.std_error_ = float(np.sqrt(np.linalg.inv(curvature)[1, 1]))

    def _judge(self) -> Verdict:
        """Stop when one price is clearly best, when no other is affordable, or when time is over."""
        best, chance = self._best_price()
        tried = {week.price_paise for week in self.weeks_}
        if chance >= _DECIDED and len(tried) > 1:
            return (
                "keep"
                if best == self.facts.price_paise
                else "raise"
                if best > self.facts.price_paise
                else "lower"
            )
        if not any(self._affordable(int(p)) for p in self.prices_paise if p != self.facts.price_paise):
            return "cap_reached"
        return "time_over" if len(self.weeks_) >= self.max_weeks else "running"

    def _best_price(self) -> tuple[int, float]:
        """The direction that is most probably best and its probability; prices of one side stand together."""
        draws = np.minimum(np.random.default_rng(1).normal(self.elasticity_, self.std_error_, _DRAWS), 0.0)
        margins = np.array([self._margin(int(p)) for p in self.prices_paise], dtype=float)
        ratio = self.prices_paise / self.facts.price_paise
        profit = margins * ratio[None, :] ** draws[:, None]
        winner = self.prices_paise[profit.argmax(axis=1)]
        side = np.sign(winner - self.facts.price_paise)
        values, counts = np.unique(side, return_counts=True)
        top = values[counts.argmax()]
        of_side, of_count = np.unique(winner[side == top], return_counts=True)
        return int(of_side[of_count.argmax()]), float(counts.max() / _DRAWS)
