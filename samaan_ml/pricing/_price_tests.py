"""Price tests for the items that are held because the evidence is too thin, side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd

from samaan_ml.domain.pricing import PriceProof, PriceRules
from samaan_ml.exceptions import ParameterError, Problem, TableError
from samaan_ml.pricing._experiment import Method, PriceTest

_TESTABLE = ("not_identifiable", "uncertain_gain")
_FEWEST_UNITS = 2.0
"""Units a week below which a test would not end within a year."""


class PriceTests:
    """Learn about the items that the optimiser holds because the evidence is too thin, a capped price test each.

    `open` reads the answer of a `PriceOptimizer` and begins a `PriceTest` for every item that was held because its
    elasticity is not identifiable (grade D) or its gain uncertain (grade C). `prices` says what to ask in the coming
    week, `observe` takes the week in and says which tests ended, with the price that each recommends. A new answer
    may then be tested further from the new price.

    Parameters
    ----------
    rules : PriceRules
        The shop's rules; no price of a test breaks them.
    cap_profit_weeks : float, default=6.0
        Most a test may be expected to cost, in weeks of the item's profit at today's price.
    max_weeks : int, default=4
        Longest test; a new one may begin from the price it recommends.
    method : {"switchback", "thompson", "greedy"}, default="greedy"
        How the price of a week is chosen.
    steps : int, default=3
        How many prices either side are tried.
    reach_bp : int, default=1000
        How far from today's price they are spread, in basis points.
    random_state : int, default=0
        Seed.

    Attributes
    ----------
    running : list of tuple of str
        shop_id and item_id of the items under test.

    See Also
    --------
    PriceTest : One test.

    Examples
    --------
    >>> keys = {"shop_id": ["s"], "item_id": ["soap"]}
    >>> belief = pd.DataFrame(
    ...     keys | {"elasticity": [-3.0], "std_error": [1.0], "lower": [-5.0], "upper": [-1.0], "grade": ["D"]}
    ... )
    >>> prices = pd.DataFrame(
    ...     keys | {"date": ["2026-01-05"], "unit_price": [50.0], "unit_cost": [30.0], "mrp": [60.0]}
    ... )
    >>> rules = PriceRules(min_days_between_changes=0)
    >>> from samaan_ml.pricing import PriceOptimizer
    >>> answer = PriceOptimizer(rules).recommend(belief, prices, demand=pd.DataFrame(keys | {"units": [8.0]}))
    >>> tests = PriceTests(rules)
    >>> tests.open(answer, belief)
    [('s', 'soap')]
    >>> asked = tests.prices()
    >>> 4500 <= asked["s", "soap"] <= 5500
    True
    >>> ended = tests.observe(pd.DataFrame(keys | {"price_paise": [asked["s", "soap"]], "units": [57.0]}))
    >>> ended.columns.tolist()
    ['shop_id', 'item_id', 'verdict', 'price_paise', 'weeks', 'elasticity', 'std_error']
    """

    def __init__(
        self,
        rules: PriceRules,
        *,
        cap_profit_weeks: float = 6.0,
        max_weeks: int = 4,
        method: Method = "greedy",
        steps: int = 3,
        reach_bp: int = 1_000,
        random_state: int = 0,
    ) -> None:
        if not cap_profit_weeks > 0.0:
            raise ParameterError(f"'cap_profit_weeks' must be above 0, got {cap_profit_weeks}")
        self.rules = rules
        self.cap_profit_weeks = cap_profit_weeks
        self.max_weeks = max_weeks
        self.method = method
        self.steps = steps
        self.reach_bp = reach_bp
        self.random_state = random_state
        self._tests: dict[tuple[str, str], PriceTest] = {}
        self._opened = 0

    @property
    def running(self) -> list[tuple[str, str]]:
        """Items under test."""
        return list(self._tests)

    def open(self, answer: pd.DataFrame, elasticities: pd.DataFrame) -> list[tuple[str, str]]:
        """Begin a test for every item of an answer that is held because the evidence is too thin and can be tested.

        Items that sell less than two units a week, earn nothing today or have no other legal price are left out.

        Parameters
        ----------
        answer : pandas.DataFrame
            What `PriceOptimizer.recommend` returned, with `units_now` a day.
        elasticities : pandas.DataFrame
            What it was given: shop_id, item_id, elasticity, std_error.

        Returns
        -------
        list of tuple of str
            shop_id and item_id of the tests begun.
        """
        beliefs: dict[tuple[str, str], tuple[float, float]] = {
            (str(shop), str(item)): (float(mean), float(error))
            for shop, item, mean, error in zip(
                *(elasticities[name] for name in ("shop_id", "item_id", "elasticity", "std_error")),
                strict=True,
            )
        }
        held = answer["state"].isin(_TESTABLE) & (answer["units_now"] * 7.0 >= _FEWEST_UNITS)
        rows: list[dict[Any, Any]] = answer[held & (answer["profit_now_paise"] > 0.0)].to_dict("records")
        begun = []
        for row in rows:
            key = (str(row["shop_id"]), str(row["item_id"]))
            if key in self._tests or key not in beliefs:
                continue
            mean, error = beliefs[key]
            test = PriceTest(
                PriceProof.from_text(str(row["proof"])).facts,
                self.rules,
                units_per_week=7.0 * float(row["units_now"]),
                elasticity=mean,
                std_error=max(error, 1e-3),
                cap_paise=int(7.0 * self.cap_profit_weeks * float(row["profit_now_paise"])),
                method=self.method,
                max_weeks=self.max_weeks,
                steps=self.steps,
                reach_bp=self.reach_bp,
                random_state=self.random_state + self._opened,
            )
            if test.verdict_ == "running":
                self._tests[key] = test
                self._opened += 1
                begun.append(key)
        return begun

    def prices(self) -> dict[tuple[str, str], int]:
        """Price of the coming week of every item under test, in paise."""
        return {key: test.propose() for key, test in self._tests.items()}

    def usual_units(self, shop_id: str, item_id: str) -> float:
        """Units a week that an item under test is expected to sell at the price of before the test.

        Raises
        ------
        ParameterError
            When the item is not under test.
        """
        test = self._tests.get((shop_id, item_id))
        if test is None:
            raise ParameterError(f"item '{item_id}' of shop '{shop_id}' is not under test")
        return test.units_per_week

    def observe(self, week: pd.DataFrame) -> pd.DataFrame:
        """Take in a week and close the tests that are over.

        Parameters
        ----------
        week : pandas.DataFrame
            shop_id, item_id, price_paise (what was asked), units (sold), optional expected_units (what the week
            would have brought at the price of before the test). Rows of items that are not under test are ignored;
            an item under test without a row keeps waiting.

        Returns
        -------
        pandas.DataFrame
            One row a test that ended: shop_id, item_id, verdict, price_paise (the price it recommends), weeks,
            elasticity, std_error.

        Raises
        ------
        TableError
            When a column is missing.
        ParameterError
            When a price is not one of the item's test, or units are negative.
        """
        if missing := [n for n in ("shop_id", "item_id", "price_paise", "units") if n not in week]:
            raise TableError("week", [Problem(None, name, "column is missing") for name in missing])
        ended = []
        reports: list[dict[Any, Any]] = week.to_dict("records")
        for row in reports:
            key = (str(row["shop_id"]), str(row["item_id"]))
            test = self._tests.get(key)
            if test is None:
                continue
            expected = row.get("expected_units")
            test.observe(
                int(row["price_paise"]), float(row["units"]), None if pd.isna(expected) else float(expected)
            )
            if test.verdict_ == "running":
                continue
            del self._tests[key]
            ended.append(
                (
                    *key,
                    test.verdict_,
                    test.best_price_paise,
                    len(test.weeks_),
                    test.elasticity_,
                    test.std_error_,
                )
            )
        columns = ["shop_id", "item_id", "verdict", "price_paise", "weeks", "elasticity", "std_error"]
        return pd.DataFrame(ended, columns=columns)
