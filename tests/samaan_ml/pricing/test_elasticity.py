"""The elasticity model: against known truth, on traps, on thin and broken input."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from samaan_ml.datasets._elasticity_panel import ElasticityPanel, simulate_elasticity_panel
from samaan_ml.exceptions import DataError, NotFittedError, ParameterError, TableError
from samaan_ml.metrics._price import elasticity_rmse, interval_coverage, profit_regret, wrong_sign_share
from samaan_ml.pricing import ElasticityModel


@pytest.fixture(scope="module")
def shop() -> ElasticityPanel:
    """A shop at endogenous prices."""
    return simulate_elasticity_panel(n_items=100, n_weeks=104, n_categories=5, random_state=7)


@pytest.fixture(scope="module")
def model(shop: ElasticityPanel) -> ElasticityModel:
    """The model fitted to it."""
    return fitted(shop)


def fitted(panel: ElasticityPanel, **changed: Any) -> ElasticityModel:
    """Fit to the panel's tables, some of them replaced."""
    tables = {"sales": panel.sales, "prices": panel.prices, "stock": panel.stock, "items": panel.items}
    return ElasticityModel().fit(**tables | changed)


def test_the_estimates_are_close_to_the_truth_and_the_intervals_honest(
    shop: ElasticityPanel, model: ElasticityModel
) -> None:
    found, truth = model.elasticities_, shop.truth
    assert elasticity_rmse(truth["elasticity"], found["elasticity"]) < 0.42
    assert wrong_sign_share(truth["elasticity"], found["elasticity"]) == 0.0
    assert 0.90 <= interval_coverage(truth["elasticity"], found["lower"], found["upper"]) <= 0.99
    regret = profit_regret(
        truth["elasticity"],
        found["elasticity"],
        truth["level"],
        truth["price"],
        truth["cost"],
        np.linspace(0.8, 1.25, 19),
    )
    assert regret < 0.015


@pytest.mark.slow
@pytest.mark.parametrize("spread", ["lognormal", "uniform", "two_groups", "heavy_tailed"])
@pytest.mark.parametrize("noise", ["negative_binomial", "poisson", "lognormal"])
def test_the_intervals_are_honest_whatever_the_truth_looks_like(spread: Any, noise: Any) -> None:
    inside = []
    for seed in range(3):
        panel = simulate_elasticity_panel(spread=spread, noise=noise, random_state=seed)
        found = fitted(panel).elasticities_
        inside.append(interval_coverage(panel.truth["elasticity"], found["lower"], found["upper"]))
    assert 0.91 <= np.mean(inside) <= 0.985


def test_the_cost_undoes_prices_that_answer_to_the_demand_of_the_item_itself() -> None:
    panel = simulate_elasticity_panel(
        n_items=100, n_categories=5, item_endogeneity=1.5, drift=0.2, cost_volatility=0.03, random_state=3
    )
    with_cost = fitted(panel)
    without = fitted(panel, prices=panel.prices.drop(columns="unit_cost"))
    bias = {
        name: float((model.elasticities_["elasticity"] - panel.truth["elasticity"]).mean())
        for name, model in (("with", with_cost), ("without", without))
    }
    assert "price beyond cost" in with_cost.controls_["control"].tolist()
    assert bias["without"] > 0.15
    assert abs(bias["with"]) < 0.5 * bias["without"]


def test_an_item_whose_price_never_changed_is_grade_d_and_says_so(shop: ElasticityPanel) -> None:
    constant = shop.prices["item_id"] == "item-00003"
    prices = shop.prices.assign(unit_price=shop.prices["unit_price"].where(~constant, 40.0))
    answer = fitted(shop, prices=prices)
    row = answer.elasticities_["item_id"] == "item-00003"
    assert answer.elasticities_.loc[row, "grade"].tolist() == ["D"]
    assert answer.evidence_.loc[row, "reason"].tolist() == ["the price never changed"]
    assert answer.evidence_.loc[row, "raw_elasticity"].isna().all()
    others = answer.elasticities_[~row]
    wide = answer.elasticities_.loc[row, "upper"] - answer.elasticities_.loc[row, "lower"]
    assert float(wide.iloc[0]) > float((others["upper"] - others["lower"]).median())


def test_an_item_whose_own_sales_rise_with_its_price_is_never_graded_a_or_b(shop: ElasticityPanel) -> None:
    trapped = shop.sales["item_id"] == "item-00004"
    ratio = shop.prices["unit_price"] / shop.prices["unit_price"].where(trapped).mean()
    units = shop.sales["units"].where(~trapped, np.round(30.0 * ratio**3))
    answer = fitted(shop, sales=shop.sales.assign(units=units))
    row = answer.elasticities_["item_id"] == "item-00004"
    assert answer.evidence_.loc[row, "raw_elasticity"].iloc[0] > 0.0
    assert answer.elasticities_.loc[row, "elasticity"].iloc[0] < 0.0
    assert answer.elasticities_.loc[row, "grade"].iloc[0] in ("C", "D")


def test_the_same_data_give_the_same_model_in_any_order(
    shop: ElasticityPanel, model: ElasticityModel
) -> None:
    shuffled = fitted(
        shop,
        sales=shop.sales.sample(frac=1.0, random_state=1),
        prices=shop.prices.sample(frac=1.0, random_state=2),
        items=shop.items.sample(frac=1.0, random_state=3),
    )
    pd.testing.assert_frame_equal(shuffled.elasticities_, model.elasticities_)


def test_prices_and_units_in_other_measures_change_nothing(
    shop: ElasticityPanel, model: ElasticityModel
) -> None:
    in_paise = fitted(shop, prices=shop.prices.assign(unit_price=shop.prices["unit_price"] * 100.0))
    np.testing.assert_allclose(
        in_paise.elasticities_["elasticity"], model.elasticities_["elasticity"], rtol=1e-4, atol=1e-4
    )


def test_the_future_of_a_price_changes_nothing(shop: ElasticityPanel, model: ElasticityModel) -> None:
    later = shop.prices.groupby("item_id").tail(1)
    later = later.assign(date=pd.to_datetime(later["date"]) + pd.Timedelta(days=70), unit_price=1.0)
    extended = fitted(shop, prices=pd.concat([shop.prices, later]))
    pd.testing.assert_frame_equal(extended.elasticities_, model.elasticities_)


def test_daily_sales_are_read_by_week_and_zeros_are_sales() -> None:
    rng = np.random.default_rng(5)
    days = pd.date_range("2025-01-01", periods=280)
    rows, prices = [], []
    for k in range(8):
        price = 20.0 * np.where(np.arange(280) // 28 % 2 == k % 2, 1.0, 1.25)
        units = rng.poisson(1.2 * (price / 20.0) ** -2.0)
        frame = pd.DataFrame({"shop_id": "s", "item_id": f"i{k}", "date": days, "units": units.astype(float)})
        rows.append(frame[frame["units"] > 0])
        moves = np.flatnonzero(np.diff(price, prepend=0.0) != 0.0)
        prices.append(
            pd.DataFrame(
                {"shop_id": "s", "item_id": f"i{k}", "date": days[moves], "unit_price": price[moves]}
            )
        )
    answer = ElasticityModel().fit(pd.concat(rows), pd.concat(prices))
    assert answer.evidence_["periods"].between(39, 41).all()
    assert answer.elasticities_["elasticity"].mean() == pytest.approx(-2.0, abs=0.35)


def test_sold_out_weeks_do_not_pass_for_low_demand() -> None:
    panel = simulate_elasticity_panel(n_items=40, n_categories=2, random_state=3)
    dear = panel.prices["unit_price"] > panel.prices.groupby("item_id")["unit_price"].transform("median")
    stock = panel.stock.assign(in_stock_share=np.where(dear, 0.5, 1.0))
    share_before = panel.stock["in_stock_share"]
    units = np.round(panel.sales["units"] / share_before * stock["in_stock_share"])
    told = fitted(panel, sales=panel.sales.assign(units=units), stock=stock).elasticities_["elasticity"]
    untold = fitted(panel, sales=panel.sales.assign(units=units), stock=None).elasticities_["elasticity"]
    truth = panel.truth["elasticity"]
    assert abs((told - truth).mean()) < 0.25
    assert (untold - truth).mean() < -0.5


def test_customers_who_judge_a_price_by_the_mrp_are_understood() -> None:
    panel = simulate_elasticity_panel(n_items=60, n_categories=3, random_state=8)
    week = panel.sales.groupby("item_id").cumcount().to_numpy().reshape(60, 104)
    new_packs = np.random.default_rng(1).integers(10, 94, (60, 2, 1))
    inflation = 1.15 ** (week[:, None, :] >= new_packs).sum(axis=1).ravel()
    prices = panel.prices.assign(
        unit_price=panel.prices["unit_price"] * inflation,
        unit_cost=panel.prices["unit_cost"] * inflation,
        mrp=panel.prices.groupby("item_id")["unit_price"].transform("max") * inflation,
    )
    beside = fitted(panel, prices=prices).elasticities_["elasticity"]
    alone = fitted(panel, prices=prices.drop(columns="mrp")).elasticities_["elasticity"]
    truth = panel.truth["elasticity"]
    assert elasticity_rmse(truth, beside) < 0.9 * elasticity_rmse(truth, alone)
    assert abs((beside - truth).mean()) < 0.2


def test_an_item_sold_in_several_shops_lends_strength_to_a_shop_with_little_data() -> None:
    panels = [simulate_elasticity_panel(n_items=20, n_categories=2, random_state=9) for _ in range(3)]
    sales = pd.concat([p.sales.assign(shop_id=f"s{k}") for k, p in enumerate(panels)])
    prices = pd.concat([p.prices.assign(shop_id=f"s{k}") for k, p in enumerate(panels)])
    late = (sales["shop_id"] != "s2") | (sales["date"] >= pd.Timestamp("2025-09-15"))
    answer = ElasticityModel().fit(sales[late], prices, items=panels[0].items)
    assert set(answer.fallback_["level"]) == {"item", "category", "all"}
    found = answer.elasticities_.set_index(["shop_id", "item_id"])["elasticity"]
    thin, truth = found.loc["s2"].to_numpy(), panels[0].truth["elasticity"].to_numpy()
    raw = answer.evidence_.set_index(["shop_id", "item_id"]).loc["s2", "raw_elasticity"].to_numpy()
    assert elasticity_rmse(truth, thin) < 0.6 * float(np.sqrt(np.nanmean((truth - raw) ** 2)))


def test_a_planted_substitute_stands_out_and_strangers_do_not() -> None:
    panel = simulate_elasticity_panel(n_items=30, n_categories=2, random_state=11)
    wide = panel.prices.set_index(["date", "item_id"])["unit_price"].unstack("item_id")  # noqa: PD010
    category = panel.items.loc[panel.items["category"] == "category-00", "item_id"]
    spread = np.log(wide[category]).diff().std()
    other = str(spread.drop("item-00000").idxmax())
    pull = (wide[other] / wide[other].mean()) ** 4.0
    planted = panel.sales["item_id"] == "item-00000"
    factor = pull.reindex(pd.to_datetime(panel.sales["date"])).to_numpy()
    units = np.where(planted, np.round(panel.sales["units"] * factor), panel.sales["units"])
    pairs = fitted(panel, sales=panel.sales.assign(units=units)).cross_elasticities_
    hit = pairs[(pairs["item_id"] == "item-00000") & (pairs["other_item_id"] == other)]
    assert len(hit) == 1
    assert hit["elasticity"].iloc[0] > 1.0
    assert len(pairs) <= 4
    assert len(fitted(panel).cross_elasticities_) <= 2


def test_one_item_alone_is_answered_with_a_wide_interval() -> None:
    panel = simulate_elasticity_panel(n_items=1, n_categories=1, random_state=2)
    row = fitted(panel).elasticities_.iloc[0]
    assert row["lower"] < row["elasticity"] < row["upper"] <= 0.0
    assert row["upper"] - row["lower"] > 0.5


def test_a_model_rebuilt_from_its_state_is_the_same(model: ElasticityModel) -> None:
    again = ElasticityModel.from_state(model.get_state())
    for name in ("elasticities_", "evidence_", "fallback_", "controls_", "cross_elasticities_"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(model, name), check_dtype=False)


def test_a_model_is_not_asked_before_it_is_fitted() -> None:
    with pytest.raises(NotFittedError, match="call fit"):
        ElasticityModel().get_state()


def test_broken_tables_are_named(shop: ElasticityPanel) -> None:
    with pytest.raises(TableError, match="unit_price"):
        fitted(shop, prices=shop.prices.drop(columns="unit_price"))
    with pytest.raises(TableError, match="units"):
        fitted(shop, sales=shop.sales.assign(units=-1.0))
    with pytest.raises(DataError, match="no item has both sales and a price"):
        fitted(shop, prices=shop.prices.assign(shop_id="another"))
    with pytest.raises(DataError, match="'sales' has no rows"):
        fitted(shop, sales=shop.sales.iloc[:0])


def test_a_simulation_of_nothing_is_refused() -> None:
    with pytest.raises(ParameterError, match="sizes must be positive"):
        simulate_elasticity_panel(n_items=0)


@pytest.mark.parametrize("endogeneity", [0.7, 1.5])
def test_no_brand_of_a_chain_keeps_a_positive_elasticity_at_grade_a_or_b(endogeneity: float) -> None:
    for seed in range(3):
        panel = simulate_elasticity_panel(
            n_items=7, n_categories=1, n_weeks=200, item_endogeneity=endogeneity, drift=0.4,
            cost_volatility=0.01, random_state=seed,
        )  # fmt: skip
        answer = fitted(panel)
        trusted = answer.elasticities_["grade"].isin(["A", "B"])
        assert (answer.evidence_.loc[trusted, "raw_elasticity"] < 0.0).all()
        assert (answer.elasticities_["elasticity"] < 0.0).all()
