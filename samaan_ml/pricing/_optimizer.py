"""The best legal prices of many items, with the arithmetic and a proof for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml.domain.gst import GstTable, indian_gst
from samaan_ml.domain.pricing import PriceRules, RuleBook, proof_texts
from samaan_ml.estimators import Estimator
from samaan_ml.exceptions import ArtifactError, DataError, ParameterError
from samaan_ml.pricing._choice import Problem, Risk, read_objective
from samaan_ml.pricing._coupling import (
    ChangeBudget,
    PriceImage,
    as_candidates,
    read_couplings,
    solve_coupled,
)
from samaan_ml.pricing._coupling_exact import solve_exactly
from samaan_ml.pricing._decision import Decision, conclude, decide, score_candidates, with_cross_effects
from samaan_ml.pricing._item_table import ItemTable, read_cross, read_items
from samaan_ml.pricing._joint import choose_jointly
from samaan_ml.pricing._rules import RULES, UNKNOWN, net_of_tax
from samaan_ml.pricing._what_if import what_if_table

Floats: TypeAlias = npt.NDArray[np.float64]


class PriceOptimizer(Estimator):
    """Choose each item's price among the legal ones.

    Every price on the shop's ladder that the law (MRP) and the rules leave is compared with today's: units by
    the price response, money to the paisa with the tax of the date of supply taken out. An item whose
    elasticity is graded D is held; one graded C changes only where the gain holds over the whole interval of
    its elasticity.

    Parameters
    ----------
    rules : PriceRules, RuleBook or dict
        The shop's rules; a book picks those in force on the day, a dict is read by `PriceRules.from_json`.
    objective : str or mapping of str to float, default="profit"
        "profit", "revenue", "units", "clear_stock", or weights of these.
    risk : {"expected", "neutral", "pessimistic"}, default="expected"
        "expected" judges an item by the expectation of its gain, one graded C by its lower end; "pessimistic" every
        item by its lower end; "neutral" every item by its expectation.
    horizon_days : int, default=14
        Days in which "clear_stock" wants the stock sold.
    gst : GstTable or None, default=None
        Rates by heading and date; None takes the table that comes along.
    couplings : sequence of PriceImage or ChangeBudget, default=()
        Limits that items share. The frame's `attrs["coupling"]` then holds the value reached, the bound that
        no choice can exceed, and that of the linear programme, in paise a day of the objective.
    solver : {"lagrangian", "exact"}, default="lagrangian"
        How couplings are solved: by relaxation with repair for any number of items, or exactly as a mixed-integer
        programme for a few hundred.

    See Also
    --------
    ElasticityModel : Estimates the elasticities.

    Examples
    --------
    >>> import pandas as pd
    >>> keys = {"shop_id": ["s"], "item_id": ["soap"]}
    >>> elasticities = pd.DataFrame(
    ...     keys | {"elasticity": [-1.2], "std_error": [0.1], "lower": [-1.4], "upper": [-1.0], "grade": ["A"]}
    ... )
    >>> prices = pd.DataFrame(
    ...     keys | {"date": ["2026-01-05"], "unit_price": [50.0], "unit_cost": [30.0], "mrp": [60.0]}
    ... )
    >>> demand = pd.DataFrame(keys | {"units": [20.0]})
    >>> rules = PriceRules(min_days_between_changes=0)
    >>> answer = PriceOptimizer(rules).recommend(elasticities, prices, demand=demand, on="2026-03-01")
    >>> answer[["action", "price_paise", "binding_rule"]].to_numpy().tolist()
    [['change', 5500, 'max_change']]
    """

    def __init__(
        self,
        rules: PriceRules | RuleBook | dict[str, Any],
        objective: str | Mapping[str, float] = "profit",
        *,
        risk: Risk = "expected",
        horizon_days: int = 14,
        gst: GstTable | None = None,
        couplings: Sequence[PriceImage | ChangeBudget] = (),
        solver: Literal["lagrangian", "exact"] = "lagrangian",
    ) -> None:
        self.rules = rules
        self.objective = objective
        self.risk = risk
        self.horizon_days = horizon_days
        self.gst = gst
        self.couplings = couplings
        self.solver = solver

    def recommend(
        self,
        elasticities: pd.DataFrame,
        prices: pd.DataFrame,
        *,
        items: pd.DataFrame | None = None,
        demand: pd.DataFrame | None = None,
        on: date | str | pd.Timestamp | None = None,
        cross: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Recommend a price for every series in `prices`.

        Parameters
        ----------
        elasticities : pandas.DataFrame
            `ElasticityModel.elasticities_`; a series that is not in it is held.
        prices : pandas.DataFrame
            The price table: the last row of each series is today's price; optional unit_cost and mrp (NaN or no
            column: none). Without an mrp column all goods count as loose.
        items : pandas.DataFrame or None, default=None
            item_id and any of: category, gst_percent (18 for 18 %), gst_rate_bp (1800), hsn, packing, loose,
            known_value, reference_price (rupees), reference_age_days, cost_includes_gst (unit_cost is taken to be
            without tax unless this is true). The tax of an item is its own rate, else that of its heading on the
            day. Where neither is known the rate in the answer is missing, the reason says so, amounts are before
            tax, and only what pays at any rate is advised.
        demand : pandas.DataFrame or None, default=None
            shop_id, item_id, units (expected units a day at today's price), optional lower, upper and
            stock_units. A series that is not in it, and every series without the table, counts one unit a day.
        on : date, str, timestamp or None, default=None
            Date of supply; None takes the day after the last price.
        cross : pandas.DataFrame or None, default=None
            `ElasticityModel.cross_elasticities_`: shop_id, item_id, other_item_id, elasticity. Then prices are
            chosen together, units contain what other prices add or take, and a row's gain is what the whole shop
            would lose without its change; `attrs["joint_gain_paise_per_week"]` is the gain of all.

        Returns
        -------
        pandas.DataFrame
            One row a series in the order of shop and item: action, state, reason, binding_rule;
            current_price_paise, price_paise, cost_paise, mrp_paise, gst_rate_bp; elasticity, lower, upper,
            grade; units_now, units, revenue_now_paise, revenue_paise, profit_now_paise, profit_paise (all a
            day); gain_paise_per_week with lower and upper; lowest_paise, lowest_rule, highest_paise,
            highest_rule, candidates; proof, a text that `PriceProof.from_text` reads and `verify` checks.

        Raises
        ------
        TableError
            When a table breaks its schema.
        DataError
            When no row is left to price or a column holds what cannot be.
        ParameterError
            When the objective or risk is unknown, or cross elasticities meet couplings.
        """
        weights = read_objective(self.objective)
        if self.risk not in ("expected", "neutral", "pessimistic"):
            raise ParameterError(f"'risk' must be expected, neutral or pessimistic, got '{self.risk}'")
        if self.horizon_days < 1:
            raise ParameterError(f"'horizon_days' must be 1 or more, got {self.horizon_days}")
        table = read_items(elasticities, prices, items, demand, on, self.gst or indian_gst())
        rules = self.rules_on(table.on)
        problem = Problem(
            facts=table.facts,
            response=table.response,
            rules=rules,
            weights=weights,
            cautious=np.full(len(table.grade), self.risk == "pessimistic")
            | ((table.grade == "C") & (self.risk != "neutral")),
            stock_units=table.stock_units,
            horizon_days=self.horizon_days,
        )
        if cross is not None and len(cross):
            return self._recommend_jointly(table, problem, cross)
        if not self.couplings:
            return _frame(table, rules, decide(problem, table.grade))
        return self._recommend_together(table, problem)

    def _recommend_jointly(self, table: ItemTable, problem: Problem, cross: pd.DataFrame) -> pd.DataFrame:
        """Choose the prices of items that take sales from each other."""
        if self.couplings:
            raise ParameterError("'cross' and 'couplings' cannot be combined; leave one of them out")
        scored = score_candidates(problem, table.grade)
        choice = choose_jointly(problem, scored, read_cross(cross, table))
        decision = conclude(problem, scored, choice.best)
        answer = _frame(table, problem.rules, with_cross_effects(decision, choice.gain, choice.factor))
        answer.attrs["joint_gain_paise_per_week"] = 7.0 * choice.total_gain
        return answer

    def _recommend_together(self, table: ItemTable, problem: Problem) -> pd.DataFrame:
        """Choose the prices under the shared limits."""
        scored = score_candidates(problem, table.grade)
        families = read_couplings(tuple(self.couplings), problem, scored, table.categories)
        solve = {"lagrangian": solve_coupled, "exact": solve_exactly}.get(self.solver)
        if solve is None:
            raise ParameterError(f"'solver' must be lagrangian or exact, got '{self.solver}'")
        choice = solve(scored, families)
        answer = _frame(table, problem.rules, conclude(problem, scored, as_candidates(scored, choice)))
        answer.attrs["coupling"] = {
            "value": choice.value, "bound": choice.bound, "linear_bound": choice.linear_bound,
        }  # fmt: skip
        return answer

    def what_if(
        self,
        elasticities: pd.DataFrame,
        prices: pd.DataFrame,
        shop_id: str,
        item_id: str,
        *,
        candidate_prices: Sequence[float] | None = None,
        items: pd.DataFrame | None = None,
        demand: pd.DataFrame | None = None,
        on: date | str | pd.Timestamp | None = None,
    ) -> pd.DataFrame:
        """What is expected a day of one item at some prices, legal or not.

        Parameters
        ----------
        elasticities, prices, items, demand, on
            As in `recommend`.
        shop_id, item_id : str
            The item.
        candidate_prices : sequence of float or None, default=None
            Prices in rupees; None takes the ladder's from a fifth below today's price to a fifth above.

        Returns
        -------
        pandas.DataFrame
            One row a price: price_paise, units with lower and upper, revenue_paise, tax_paise (on the revenue),
            profit_paise with lower and upper, gain_paise, stock_out_risk (NaN without stock_units and an interval
            of the demand; over `horizon_days`), legal and barred_by.

        Raises
        ------
        DataError
            When the item has no price.
        ParameterError
            When a candidate is not above zero.
        """
        chosen = prices[
            (prices["shop_id"].astype(str) == shop_id) & (prices["item_id"].astype(str) == item_id)
        ]
        if chosen.empty:
            raise DataError(f"item '{item_id}' of shop '{shop_id}' has no price")
        table = read_items(elasticities, chosen, items, demand, on, self.gst or indian_gst())
        problem = Problem(
            table.facts, table.response, self.rules_on(table.on), read_objective(self.objective),
            np.zeros(1, dtype=bool), table.stock_units, self.horizon_days,
        )  # fmt: skip
        return what_if_table(problem, candidate_prices)

    def get_state(self) -> dict[str, object]:
        """Return the parameters as JSON values.

        Raises
        ------
        ArtifactError
            With couplings or a GST table of its own, which are passed again when the optimizer is made.
        """
        if self.couplings or self.gst is not None:
            raise ArtifactError("a PriceOptimizer with 'couplings' or its own 'gst' table cannot be saved")
        rules = PriceRules.from_json(self.rules) if isinstance(self.rules, dict) else self.rules
        book = rules.rules if isinstance(rules, RuleBook) else (rules,)
        objective = self.objective if isinstance(self.objective, str) else dict(self.objective)
        return {
            "rules": [each.to_json() for each in book],
            "objective": objective,
            "risk": self.risk,
            "horizon_days": self.horizon_days,
            "solver": self.solver,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Make an optimizer from what `get_state` returned."""
        rest = {name: state[name] for name in ("objective", "risk", "horizon_days", "solver")}
        return cls(_read_state_rules(list(state["rules"])), **rest)

    def rules_on(self, day: date) -> PriceRules:
        """Rules in force on a day.

        Raises
        ------
        RuleError
            When none is in force, or the rules contradict themselves.
        """
        if isinstance(self.rules, RuleBook):
            return self.rules.on(day)
        rules = PriceRules.from_json(self.rules) if isinstance(self.rules, dict) else self.rules
        return RuleBook((rules,)).on(day)


def _read_state_rules(raw: list[dict[str, Any]]) -> PriceRules | RuleBook:
    """Read rules as `PriceOptimizer.get_state` writes them."""
    rules = tuple(PriceRules.from_json(each) for each in raw)
    return rules[0] if len(rules) == 1 else RuleBook(rules)


def _frame(table: ItemTable, rules: PriceRules, decision: Decision) -> pd.DataFrame:
    """The decision as a frame."""
    facts, limits, response = table.facts, decision.limits, table.response
    names = np.array(RULES, dtype=object)
    return pd.DataFrame(
        {
            "shop_id": table.shop_ids,
            "item_id": table.item_ids,
            "action": np.where(decision.change, "change", "hold"),
            "state": decision.state,
            "reason": decision.reason,
            "binding_rule": pd.Series(decision.binding, dtype=object),
            "current_price_paise": facts.price,
            "price_paise": decision.price,
            "cost_paise": _nullable(facts.cost),
            "mrp_paise": _nullable(facts.mrp),
            "gst_rate_bp": _nullable(facts.gst_rate_bp),
            "elasticity": response.elasticity,
            "lower": response.lower,
            "upper": response.upper,
            "grade": table.grade,
            "units_now": decision.now.units,
            "units": decision.then.units,
            "revenue_now_paise": decision.now.revenue,
            "revenue_paise": decision.then.revenue,
            "profit_now_paise": decision.now.profit,
            "profit_paise": decision.then.profit,
            "gain_paise_per_week": decision.gain_per_week,
            "gain_lower_paise_per_week": decision.gain_lower_per_week,
            "gain_upper_paise_per_week": decision.gain_upper_per_week,
            "lowest_paise": limits.lowest,
            "lowest_rule": names[limits.lowest_rule],
            "highest_paise": limits.highest,
            "highest_rule": names[limits.highest_rule],
            "candidates": np.diff(decision.candidates.first),
            "proof": pd.Series(_proofs(table, rules, decision), dtype=object),
        }
    )


def _nullable(amounts: npt.NDArray[np.int64]) -> pd.arrays.IntegerArray:
    """Amounts with the unknown ones missing."""
    return pd.arrays.IntegerArray(np.maximum(amounts, 0), amounts == UNKNOWN)


def _or_none(values: npt.NDArray[np.int64]) -> list[int | None]:
    """Amounts as Python integers, None where unknown."""
    return [None if value == UNKNOWN else value for value in values.tolist()]


def _proofs(table: ItemTable, rules: PriceRules, decision: Decision) -> list[str | None]:
    """The proof of every row; none where the facts themselves cannot be."""
    facts, limits = table.facts, decision.limits
    on = table.on.isoformat()
    net = net_of_tax(decision.price, facts.gst_rate_bp, composition=rules.composition)
    columns = (
        table.item_ids.tolist(),
        facts.price.tolist(),
        _or_none(facts.cost),
        _or_none(facts.mrp),
        facts.loose.tolist(),
        _or_none(facts.gst_rate_bp),
        table.last_change,
        facts.known_value.tolist(),
        _or_none(facts.reference_price),
        _or_none(facts.reference_age_days),
        decision.change.tolist(),
        decision.price.tolist(),
        decision.gain_per_week.tolist(),
        limits.lowest.tolist(),
        limits.lowest_rule.tolist(),
        limits.highest.tolist(),
        limits.highest_rule.tolist(),
        net.tolist(),
        (decision.price - net).tolist(),
        (decision.state == "invalid").tolist(),
    )
    version, digest = rules.version, rules.digest
    proven = proof_texts([
        [
            str(item), on, now, cost, mrp, loose, rate, changed, known, reference, age, version, digest,
            "change" if change else "hold", price, gain, low, RULES[low_rule], high, RULES[high_rule], left, tax,
        ]
        for (
            item, now, cost, mrp, loose, rate, changed, known, reference, age,
            change, price, gain, low, low_rule, high, high_rule, left, tax, invalid,
        ) in zip(*columns, strict=True)
        if not invalid
    ])  # fmt: skip
    texts = iter(proven)
    return [None if invalid else next(texts) for invalid in columns[-1]]
