"""The simulator: deterministic, lawful, and its truth can be found again in what it records."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from samaan_ml.datasets import ShopSimulation, SimulatedWorld, simulate
from samaan_ml.datasets._catalogue import CATEGORIES
from samaan_ml.datasets._market import poisson_quantile
from samaan_ml.datasets._season import weekday_profile
from samaan_ml.exceptions import ParameterError
from samaan_ml.tables import SCHEMAS, check

SMALL = ShopSimulation(n_shops=2, n_items=40, days=196, customers_per_shop=20)
KEYS = ["shop_id", "item_id"]


@pytest.fixture(scope="module")
def world() -> SimulatedWorld:
    """A world of three shops over two years."""
    return simulate(ShopSimulation(n_shops=3, n_items=120, customers_per_shop=30), seed=7)


def joined(world: SimulatedWorld) -> pd.DataFrame:
    """Put sales, stock and hidden demand of each recorded day side by side."""
    assert world.data.stock is not None
    assert world.data.sales is not None
    days = world.data.stock.merge(world.data.sales, how="left", on=[*KEYS, "date"])
    return days.fillna({"units": 0.0}).merge(world.truth.demand, how="left", on=[*KEYS, "date"])


def test_the_same_seed_gives_the_same_world() -> None:
    first, second = simulate(SMALL, seed=3), simulate(SMALL, seed=3)
    for (name, left), (_, right) in zip(first.data, second.data, strict=True):
        pd.testing.assert_frame_equal(left, right, obj=name)
    pd.testing.assert_frame_equal(first.truth.demand, second.truth.demand)
    pd.testing.assert_frame_equal(first.truth.customers, second.truth.customers)


def test_another_seed_gives_another_world() -> None:
    first, second = simulate(SMALL, seed=3), simulate(SMALL, seed=4)
    assert not first.truth.series["elasticity"].equals(second.truth.series["elasticity"])


@settings(max_examples=8)
@given(
    st.builds(
        ShopSimulation,
        n_shops=st.integers(1, 3),
        n_items=st.integers(1, 30),
        days=st.integers(1, 60),
        states=st.sampled_from([("MH",), ("UP", "KL"), ("WB", "TN", "GJ")]),
        demand_scale=st.sampled_from([0.0, 0.2, 1.0, 5.0]),
        new_item_share=st.sampled_from([0.0, 0.5]),
        always_in_stock=st.booleans(),
        lead_days=st.integers(1, 6),
        customers_per_shop=st.integers(0, 4),
    ),
    st.integers(0, 2**32),
)
def test_every_world_passes_the_checks_of_its_tables(simulation: ShopSimulation, seed: int) -> None:
    for name, table in simulate(simulation, seed).data:
        pd.testing.assert_frame_equal(check(table, SCHEMAS[name], today=str(simulation.end)), table)


def test_no_price_is_above_the_printed_one(world: SimulatedWorld) -> None:
    prices = world.data.prices
    assert prices is not None
    assert not (prices["unit_price"] > prices["mrp"]).any()
    assert (prices["unit_price"] > 0).all()


def test_sales_never_exceed_demand(world: SimulatedWorld) -> None:
    days = joined(world)
    assert (days["units"] <= days["demand"]).all()
    assert (
        days.loc[days["in_stock_share"] == 1, "units"] == days.loc[days["in_stock_share"] == 1, "demand"]
    ).all()


def test_a_day_not_entered_has_no_row_at_all(world: SimulatedWorld) -> None:
    assert world.data.stock is not None
    recorded = world.data.stock[["shop_id", "date"]].drop_duplicates().astype({"shop_id": "str"})
    days = world.truth.days.astype({"shop_id": "str"})
    entered = days[days["status"] == "open"].merge(
        recorded, how="outer", indicator=True, on=["shop_id", "date"]
    )
    assert (entered["_merge"] == "both").all()
    assert set(days["status"]) == {"open", "closed", "not_entered"}


def test_sold_out_days_censor_sales_by_a_known_share(world: SimulatedWorld) -> None:
    days = joined(world)
    lost = 1 - days["units"].sum() / days["demand"].sum()
    assert 0.03 < lost < 0.2
    short = days[days["in_stock_share"] < 1]
    assert short["units"].sum() < 0.9 * short["demand"].sum()


def test_demand_is_busier_on_the_days_that_run_out(world: SimulatedWorld) -> None:
    days = joined(world)
    surprise = days["demand"] - days["rate"]
    assert surprise[days["in_stock_share"] < 1].mean() > 0.2  # so in-stock days alone understate demand


def test_demand_has_the_variance_it_claims() -> None:
    world = simulate(
        ShopSimulation(n_shops=2, n_items=60, always_in_stock=True, customers_per_shop=0), seed=5
    )
    demand = world.truth.demand.merge(world.truth.series, on=KEYS)
    rate, dispersion = demand["rate"].to_numpy(float), demand["dispersion"].to_numpy()
    pearson = (demand["demand"] - rate) ** 2 / np.maximum(rate + dispersion * rate**2, 1e-9)
    assert pearson[rate > 0.05].mean() == pytest.approx(1.0, abs=0.05)
    assert demand["demand"].sum() == pytest.approx(rate.sum(), rel=0.02)


def test_the_weekday_profile_can_be_found_in_the_sales(world: SimulatedWorld) -> None:
    days = joined(world)
    assert world.data.items is not None
    snacks = world.data.items.query("category == 'snacks'")["item_id"]
    open_days = days[days["item_id"].isin(snacks) & (days["in_stock_share"] == 1)]
    mean = open_days.groupby(open_days["date"].dt.day_of_week)["units"].mean()
    found = np.log(mean / mean.mean()).to_numpy()
    assert np.corrcoef(found, weekday_profile(CATEGORIES["snacks"]))[0, 1] > 0.9


def test_diwali_sells_sweets_and_pongal_only_in_the_south() -> None:
    world = simulate(ShopSimulation(n_shops=2, n_items=80, states=("MH", "TN"), customers_per_shop=0), seed=2)
    demand = world.truth.demand.merge(world.data.items, on="item_id")
    usual = demand.groupby(["shop_id", "category"], observed=True)["rate"].mean()

    def lift(shop: str, category: str, day: str) -> float:
        near = (demand["date"] - pd.Timestamp(day)).abs() <= pd.Timedelta(days=1)
        rows = demand[near & (demand["shop_id"] == shop) & (demand["category"] == category)]
        return float(rows["rate"].mean() / usual[shop, category])

    assert lift("shop-01", "sweets_chocolate", "2025-10-19") > 1.7
    assert lift("shop-02", "staples", "2026-01-13") > 1.3 * lift("shop-01", "staples", "2026-01-13")


def weekly(world: SimulatedWorld, units: str) -> pd.DataFrame:
    """Return log units and log price relative to MRP of packed goods by series and week of five days or more.

    Loose goods are left out: their prices go where customers walk away, which no constant elasticity describes.
    """
    assert world.data.prices is not None
    assert world.data.items is not None
    start = world.truth.demand["date"].min()
    days = joined(world).merge(world.data.items[["item_id", "category"]], on="item_id")
    days["week"] = (days["date"] - start).dt.days // 7
    table = days.groupby([*KEYS, "category", "week"], observed=True)[units].agg(["sum", "size"]).reset_index()
    prices = world.data.prices.assign(week=(world.data.prices["date"] - start).dt.days // 7).drop(
        columns="date"
    )
    table = table.merge(prices, how="left", on=[*KEYS, "week"])
    filled = table.groupby(KEYS, observed=True)[["unit_price", "mrp"]].ffill()
    table["price"] = np.log(filled["unit_price"] / filled["mrp"])
    table["y"] = np.log((table["sum"] + 0.5) / table["size"])
    usual = table.groupby(KEYS, observed=True)["sum"].transform("mean")
    return table[(table["size"] >= 5) & (usual > 5) & table["price"].notna()]


def regressed(table: pd.DataFrame, effects: list[list[str]]) -> tuple[pd.Series, pd.Series]:
    """Return each series' price coefficient by least squares with fixed effects, and its price variation."""
    x, y = table["price"].copy(), table["y"].copy()
    for _ in range(20):
        for keys in effects:
            x = x - x.groupby([table[key] for key in keys], observed=True).transform("mean")
            y = y - y.groupby([table[key] for key in keys], observed=True).transform("mean")
    series = [table[key] for key in KEYS]
    variation = (x * x).groupby(series, observed=True).sum()
    return (x * y).groupby(series, observed=True).sum() / variation, variation


def test_elasticities_can_be_found_in_the_demand(world: SimulatedWorld) -> None:
    found, variation = regressed(weekly(world, "demand"), [KEYS, ["shop_id", "category", "week"]])
    truth = world.truth.series.set_index(KEYS)["elasticity"].loc[found.index]
    known = variation > 0.1
    assert (found[known] < 0).mean() > 0.97
    mean = float(np.average(found[known], weights=variation[known]))
    assert mean == pytest.approx(float(np.average(truth[known], weights=variation[known])), rel=0.1)
    assert np.corrcoef(found[known], truth[known])[0, 1] > 0.6


def test_prices_that_follow_demand_bias_a_plain_regression() -> None:
    parameters = ShopSimulation(
        n_shops=3,
        n_items=80,
        price_endogeneity=1.0,
        shock_scale=0.25,
        always_in_stock=True,
        customers_per_shop=0,
    )
    table = weekly(simulate(parameters, seed=1), "demand")
    plain, variation = regressed(table, [KEYS])
    controlled, _ = regressed(table, [KEYS, ["shop_id", "category", "week"]])
    known = variation > 0.1
    assert plain[known].mean() > controlled[known].mean() + 0.3


def test_deaf_customers_do_not_answer_to_prices() -> None:
    parameters = ShopSimulation(
        n_shops=2,
        n_items=60,
        elasticity_scale=0.0,
        substitute_share=0.0,
        always_in_stock=True,
        customers_per_shop=0,
    )
    found, variation = regressed(
        weekly(simulate(parameters, seed=1), "demand"), [KEYS, ["shop_id", "category", "week"]]
    )
    known = variation > 0.1
    assert abs(float(np.average(found[known], weights=variation[known]))) < 0.25


def test_those_who_mean_to_pay_owe_for_shorter(world: SimulatedWorld) -> None:
    ledger, customers = world.data.ledger, world.truth.customers
    assert ledger is not None
    lent = ledger["amount_paise"].where(ledger["kind"] == "credit", 0)
    signed = lent.where(lent > 0, -ledger["amount_paise"])
    days_to_end = (ledger["at"].max() - ledger["at"]) / pd.Timedelta(days=1)
    who = [ledger["shop_id"], ledger["customer_id"]]
    days_owed = (signed * days_to_end).groupby(who).sum() / lent.groupby(who).sum()
    willingness = customers.set_index(["shop_id", "customer_id"])["willingness"].loc[days_owed.index]
    assert days_owed.corr(willingness, method="spearman") < -0.4


def test_no_customer_pays_more_than_is_owed(world: SimulatedWorld) -> None:
    ledger = world.data.ledger
    assert ledger is not None
    signed = ledger["amount_paise"].where(ledger["kind"] == "credit", -ledger["amount_paise"])
    assert (signed.groupby([ledger["shop_id"], ledger["customer_id"]]).cumsum() >= 0).all()


def test_a_reversal_undoes_an_entry_of_the_same_amount(world: SimulatedWorld) -> None:
    ledger = world.data.ledger
    assert ledger is not None
    reversals = ledger[ledger["kind"] == "reversal"]
    undone = ledger.set_index("entry_id").loc[reversals["reverses"]]
    assert len(reversals) > 0
    assert (undone["amount_paise"].to_numpy() == reversals["amount_paise"].to_numpy()).all()
    assert (undone["kind"] == "credit").all()


@example(1 - 2**-52, 59.0, 3.0)
@given(st.floats(0, 1, exclude_max=True), st.floats(0, 80), st.floats(0, 10))
def test_more_mean_never_brings_fewer_customers(uniform: float, mean: float, more: float) -> None:
    low = poisson_quantile(np.array([uniform]), np.array([mean]))
    high = poisson_quantile(np.array([uniform]), np.array([mean + more]))
    assert high[0] >= low[0]


def test_poisson_quantiles_equal_those_of_scipy() -> None:
    from scipy.stats import poisson

    rng = np.random.default_rng(0)
    uniform, mean = rng.random(5000), rng.gamma(0.7, 20, 5000)
    assert (poisson_quantile(uniform, mean) == poisson.ppf(uniform, mean)).all()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"n_shops": 0}, "n_shops"),
        ({"assortment_share": 1.5}, "assortment_share"),
        ({"states": ("XX",)}, "states"),
        ({"lead_days": 9}, "lead_days"),
        ({"dispersion": -1.0}, "dispersion"),
    ],
)
def test_a_parameter_out_of_range_is_named(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ParameterError, match=named):
        ShopSimulation().replace(**changes)
