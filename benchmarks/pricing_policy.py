"""Profit of pricing policies in simulated kirana shops, with intervals over shops.

    python benchmarks/pricing_policy.py [--seeds 8] [--first-seed 0] [--weeks 26] [--out FILE.json]
                                        [--peers-python DIR/bin/python]

Every policy takes over the same shops after 78 weeks of history, meets the same customers, and is charged for
what it sells. Ours refits every thirteen weeks, reprices every other week under the rules, and runs capped price
tests on items that it holds because the evidence is too thin; their cost is in its profit. Shown besides: ours
without the tests, and LinearDML by EconML, refitted as often, in two hands: with our optimiser, rules and all, so
that only the estimates differ, and as a plain user would, each item at the price of most estimated profit within the
largest change.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import t

from samaan_ml.datasets import Decision, KiranaWorld, Policy, ShopSimulation, WeekView
from samaan_ml.domain.pricing import PriceRules
from samaan_ml.pricing import ElasticityModel, PriceOptimizer, PriceTests

HISTORY_WEEKS = 78
REFIT_WEEKS = 13
REPRICE_WEEKS = 2
RULES = PriceRules(
    margin_floor_bp=200, max_change_bp=1_000, min_days_between_changes=14, min_gain_paise_per_week=200
)
STEP = 0.03
Risk = Literal["expected", "neutral", "pessimistic"]


def main() -> None:
    """Run every policy in every world."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--items", type=int, default=120)
    parser.add_argument("--peers-python", type=Path, help="python of an environment with EconML")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    arguments = parser.parse_args()
    rows = []
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        profits = run_world(seed, arguments.weeks, arguments.items, arguments.peers_python)
        rows.append(profits)
        print(
            f"seed {seed}: " + " · ".join(f"{name} {value:,.0f}" for name, value in profits.items()),
            flush=True,
        )
    table = pd.DataFrame(rows)
    report = compare(table)
    print(
        f"\nprofit over {arguments.weeks} weeks in rupees a shop, {arguments.seeds} shops\n{report.to_string()}"
    )
    if arguments.out is not None:
        arguments.out.write_text(report.to_json(orient="index", indent=1), encoding="utf-8")


def run_world(seed: int, weeks: int, items: int, peers_python: Path | None) -> dict[str, float]:
    """Profit of each policy in one world."""
    simulation = ShopSimulation(
        n_shops=1, n_items=items, days=(HISTORY_WEEKS + weeks) * 7, always_in_stock=True, states=("MH",)
    )
    world = KiranaWorld(simulation, seed=seed)
    world.run(weeks=HISTORY_WEEKS)
    policies: dict[str, Policy] = {
        "samaan": TestingPolicy(),
        "samaan without tests": OurPolicy(),
        "hold": HoldPolicy(),
        "cost plus": CostPlusPolicy(),
        "week over week +3 %": ClimbPolicy(),
        "habit": habit,
    }
    if peers_python is not None:
        shared: dict[int, pd.DataFrame] = {}
        policies["EconML + our optimiser"] = EconmlPolicy(peers_python, shared)
        policies["EconML, greedy"] = GreedyEconmlPolicy(peers_python, shared)
    profits = {}
    for name, policy in policies.items():
        outcomes = world.fork().run(policy)
        profits[name] = float(sum(outcome.profit.sum() for outcome in outcomes))
    return profits


def compare(table: pd.DataFrame) -> pd.DataFrame:
    """Mean profit of each policy and what ours earns more, in percent, with a 95 % interval over worlds."""
    out = {}
    for name in table:
        more = 100.0 * (table["samaan"] / table[name] - 1.0)
        half = (
            t.ppf(0.975, len(more) - 1) * more.std(ddof=1) / np.sqrt(len(more)) if len(more) > 1 else np.nan
        )
        out[name] = {
            "mean_profit": round(float(table[name].mean())),
            "samaan_more_percent": round(float(more.mean()), 2),
            "lower": round(float(more.mean() - half), 2),
            "upper": round(float(more.mean() + half), 2),
        }
    return pd.DataFrame(out).T.sort_values("mean_profit", ascending=False)


def within_mrp(prices: np.ndarray, view: WeekView) -> np.ndarray:
    """Prices cut at the MRP; an unlisted series is left to habit."""
    ceiling = view.series["mrp"].fillna(np.inf).to_numpy(dtype=float)
    cut = np.minimum(prices, ceiling)
    return np.where(view.series["listed"].to_numpy(dtype=bool) & (cut > 0.0), cut, np.nan)


def habit(_: WeekView) -> Decision:
    """Leave every price to the simulated shopkeeper."""
    return Decision()


class HoldPolicy:
    """Keep the price of the first day."""

    def __init__(self) -> None:
        self.prices: np.ndarray | None = None

    def __call__(self, view: WeekView) -> Decision:
        """Ask the first prices again."""
        if self.prices is None:
            self.prices = view.series["unit_price"].to_numpy(dtype=float).copy()
        return Decision(prices=within_mrp(self.prices, view))


class CostPlusPolicy:
    """Add the category's usual margin to the cost of the week."""

    def __init__(self) -> None:
        self.markup: np.ndarray | None = None

    def __call__(self, view: WeekView) -> Decision:
        """Price each item at its cost times the median mark-up of its category on the first day."""
        if self.markup is None:
            ratio = view.series["unit_price"] / view.series["unit_cost"]
            self.markup = ratio.groupby(view.series["category"]).transform("median").to_numpy(dtype=float)
        return Decision(prices=within_mrp(np.round(view.series["unit_cost"].to_numpy() * self.markup), view))


class ClimbPolicy:
    """Raise by three percent what sold more than the week before, lower by three percent what sold less."""

    def __init__(self) -> None:
        self.before: np.ndarray | None = None

    def __call__(self, view: WeekView) -> Decision:
        """Follow last week's sales."""
        sold = view.series["recent_units"].to_numpy(dtype=float)
        prices = view.series["unit_price"].to_numpy(dtype=float)
        if self.before is not None:
            prices = prices * (1.0 + STEP * np.sign(sold - self.before))
        self.before = sold.copy()
        floor = view.series["unit_cost"].to_numpy(dtype=float) * 1.02
        return Decision(prices=within_mrp(np.maximum(prices, floor), view))


class OurPolicy:
    """The elasticity model and the optimiser under the rules."""

    risk: Risk = "expected"

    def __init__(self) -> None:
        self.elasticities: pd.DataFrame | None = None
        self.weeks = 0
        self.changed: dict[str, pd.Timestamp] = {}

    def __call__(self, view: WeekView) -> Decision:
        """Refit now and then, reprice every other week."""
        if self.weeks % REFIT_WEEKS == 0:
            self.elasticities = self.estimate(view)
        decision = self.reprice(view) if self.weeks % REPRICE_WEEKS == 0 else keep(view)
        self.weeks += 1
        return decision

    def estimate(self, view: WeekView) -> pd.DataFrame:
        """Elasticities of what the shop knows."""
        data = view.data()
        model = ElasticityModel().fit(
            data.sales, data.prices, stock=data.stock, calendar=None, items=data.items
        )
        return model.elasticities_

    def reprice(self, view: WeekView) -> Decision:
        """Prices of the optimiser; a series it holds keeps its price."""
        series = view.series[view.series["listed"]]
        keys = series[["shop_id", "item_id"]]
        date = [self.changed.get(item, view.date - pd.Timedelta(days=60)) for item in series["item_id"]]
        mrp = series["mrp"].astype(float)
        prices = keys.assign(
            date=date, unit_price=series["unit_price"], unit_cost=series["unit_cost"],
            mrp=mrp.fillna(series["unit_price"] * 100.0),
        )  # fmt: skip
        before = prices.assign(date=view.date - pd.Timedelta(days=400), unit_price=prices["unit_price"] + 1.0)
        demand = keys.assign(units=series["recent_units"].fillna(0.0))
        answer = PriceOptimizer(RULES, risk=self.risk).recommend(
            self.elasticities, pd.concat([before, prices]), demand=demand, on=view.date
        )
        self.look_at(answer)
        new = answer.set_index("item_id")["price_paise"] / 100.0
        for item in answer.loc[answer["action"] == "change", "item_id"]:
            self.changed[item] = view.date
        asked = view.series["item_id"].map(new).fillna(view.series["unit_price"])
        return Decision(prices=within_mrp(asked.to_numpy(dtype=float), view))

    def look_at(self, answer: pd.DataFrame) -> None:
        """See the whole answer before it becomes prices."""


class TestingPolicy(OurPolicy):
    """The same, every graded item judged by the expectation, and capped price tests for items held without a grade."""

    __test__ = False
    risk: Risk = "neutral"

    def __init__(self) -> None:
        super().__init__()
        self.tests = PriceTests(RULES)
        self.asked: dict[tuple[str, str], int] = {}

    def __call__(self, view: WeekView) -> Decision:
        """Take the tests' last week in, decide as without them, and ask the tests' prices where one runs."""
        adopted = self.take_in(view)
        decision = super().__call__(view)
        self.asked = self.tests.prices()
        keys = list(zip(view.series["shop_id"].astype(str), view.series["item_id"].astype(str), strict=True))
        prices = np.array(decision.prices, dtype=float)
        for place, key in enumerate(keys):
            paise = self.asked.get(key, adopted.get(key))
            if paise is not None:
                prices[place] = paise / 100.0
        for _, item in adopted:
            self.changed[item] = view.date
        return Decision(prices=within_mrp(prices, view))

    def take_in(self, view: WeekView) -> dict[tuple[str, str], int]:
        """Tell the tests what their items sold, and return the prices of those that ended.

        What a tested item would have sold is its usual sales times what the other items sold of theirs.
        """
        if not self.asked:
            return {}
        sales = view.data().sales
        sold = (
            sales[sales["date"] >= view.date - pd.Timedelta(days=7)]
            .groupby("item_id", observed=True)["units"]
            .sum()
        )
        usual = 7.0 * view.series.set_index("item_id")["recent_units"].fillna(0.0)
        others = [item for item in usual.index if item not in {item for _, item in self.asked}]
        season = (sold.reindex(others).fillna(0.0).sum() + 1.0) / (usual[others].sum() + 1.0)
        rows = [
            {
                "shop_id": shop, "item_id": item, "price_paise": paise, "units": float(sold.get(item, 0.0)),
                "expected_units": self.tests.usual_units(shop, item) * float(np.clip(season, 0.5, 2.0)),
            }
            for (shop, item), paise in self.asked.items()
        ]  # fmt: skip
        ended = self.tests.observe(pd.DataFrame(rows))
        return {(row.shop_id, row.item_id): row.price_paise for row in ended.itertuples()}

    def look_at(self, answer: pd.DataFrame) -> None:
        """Begin tests of what is held."""
        self.tests.open(answer, self.elasticities)


class EconmlPolicy(OurPolicy):
    """Elasticities by EconML, the optimiser as ours; every estimate is taken at its word."""

    def __init__(self, python: Path, shared: dict[int, pd.DataFrame]) -> None:
        super().__init__()
        self.python = python
        self.shared = shared

    def estimate(self, view: WeekView) -> pd.DataFrame:
        """Run LinearDML in its own environment on weekly sales."""
        if (known := self.shared.get(view.week)) is not None:
            return known
        frame = weekly(view)
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "panel.parquet"), Path(folder, "out.json")
            frame.to_parquet(source)
            script = Path(__file__).with_name("elasticity_peers.py")
            command = [str(self.python), str(script), str(source), str(target), "EconML LinearDML"]
            subprocess.run(command, check=True)
            found = json.loads(target.read_text(encoding="utf-8"))["EconML LinearDML"]
        items = sorted(frame["item"].unique())
        mean = np.array(found["elasticity"], dtype=float)
        low, high = np.array(found["lower"]), np.array(found["upper"])
        keys = pd.DataFrame({"shop_id": view.series["shop_id"].iloc[0], "item_id": items})
        answer = keys.assign(elasticity=mean, std_error=(high - low) / 3.92, lower=low, upper=high, grade="A")
        if view.week == HISTORY_WEEKS:  # the shop's own history, the same under every policy
            self.shared[view.week] = answer
        return answer


class GreedyEconmlPolicy(EconmlPolicy):
    """EconML without our optimiser: the whole rupee of most estimated profit within the largest change."""

    def reprice(self, view: WeekView) -> Decision:
        """Price every item that has an estimate; the others keep their price."""
        known = self.elasticities.set_index("item_id")["elasticity"]
        asked = view.series["unit_price"].to_numpy(dtype=float).copy()
        reach = RULES.max_change_bp / 10_000
        for place, row in enumerate(view.series.itertuples()):
            if row.item_id not in known.index:
                continue
            now, cost = float(row.unit_price), float(row.unit_cost)
            options = np.arange(np.ceil(now * (1.0 - reach)), np.floor(now * (1.0 + reach)) + 1.0)
            options = options[options > cost]
            if len(options):
                profit = (options - cost) * (options / now) ** min(float(known[row.item_id]), 0.0)
                asked[place] = options[int(profit.argmax())]
        return Decision(prices=within_mrp(asked, view))


def weekly(view: WeekView) -> pd.DataFrame:
    """Weekly units and mean prices of every item whose price ever moved."""
    data = view.data()
    category = data.items.set_index("item_id")["category"]
    start = data.sales["date"].min()
    days = pd.date_range(start, data.sales["date"].max())
    price = data.prices.pivot_table(index="date", columns="item_id", values="unit_price", aggfunc="last")
    price = price.reindex(days.union(price.index)).ffill().reindex(days)
    week = (days - start).days // 7
    by_week = price.groupby(week).mean()
    units = data.sales.assign(week=(data.sales["date"] - start).dt.days // 7)
    units = units.pivot_table(index="week", columns="item_id", values="units", aggfunc="sum").fillna(0.0)
    common = by_week.columns.intersection(units.columns)
    long = (
        by_week[common]
        .melt(ignore_index=False, var_name="item", value_name="price")
        .reset_index(names="week")
    )
    sold = units[common].melt(ignore_index=False, var_name="item", value_name="units").reset_index()
    long = long.merge(sold, on=["week", "item"]).dropna()
    moving = long.groupby("item")["price"].transform("std") > 1e-9
    long = long[moving & (long.groupby("item")["week"].transform("size") >= 26)]
    return long.assign(category=long["item"].map(category), promotion=0.0, share=1.0).astype({"item": str})


def keep(view: WeekView) -> Decision:
    """Ask last week's prices."""
    return Decision(prices=within_mrp(view.series["unit_price"].to_numpy(dtype=float), view))


if __name__ == "__main__":
    main()
