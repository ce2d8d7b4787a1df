"""Typing errors in prices and sales are found, named, and earn no grade."""

import numpy as np
import pandas as pd
import pytest

from samaan_ml.pricing import ElasticityModel

TRUTH = -1.8


def a_shop(items: int = 8, weeks: int = 104) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weekly sales and prices with one elasticity."""
    rng, rows = np.random.default_rng(0), []
    season = 0.3 * np.sin(2 * np.pi * np.arange(weeks) / 52)
    for item in range(items):
        level = 1.0
        for week, day in enumerate(pd.date_range("2024-01-01", periods=weeks, freq="W-MON")):
            if rng.random() < 0.2:
                level = rng.choice((1.0, 0.85, 1.15))
            mean = 30 * (item + 1) * np.exp(TRUTH * np.log(level) + season[week])
            rows.append(("s", f"i{item}", day, float(rng.poisson(mean)), (40.0 + 5 * item) * level))
    table = pd.DataFrame(rows, columns=["shop_id", "item_id", "date", "units", "unit_price"])
    return table.drop(columns="unit_price"), table.drop(columns="units")


def row_of(model: ElasticityModel, item: str) -> pd.Series:
    return model.elasticities_[model.elasticities_["item_id"] == item].iloc[0]


def holds(row: pd.Series) -> bool:
    return bool(row["lower"] <= TRUTH <= row["upper"]) or row["grade"] in ("C", "D")


@pytest.mark.parametrize(
    ("factor", "rows"), [(10.0, 1), (100.0, 1), (0.01, 1), (10.0, 5), (100.0, 50), (100.0, 30)]
)
def test_a_mistyped_price_is_named_and_misleads_nobody(factor: float, rows: int) -> None:
    sales, prices = a_shop()
    mine = prices.index[prices["item_id"] == "i3"]
    prices.loc[mine[40 : 40 + rows], "unit_price"] *= factor
    model = ElasticityModel().fit(sales, prices)
    assert holds(row_of(model, "i3"))
    assert any("'s/i3'" in note and "check them" in note for note in model.notes_)


def test_sales_with_a_zero_too_many_are_named_and_mislead_nobody() -> None:
    sales, prices = a_shop()
    at = sales.index[sales["item_id"] == "i3"][40]
    sales.loc[at, "units"] *= 100
    model = ElasticityModel().fit(sales, prices)
    row = row_of(model, "i3")
    assert row["lower"] <= TRUTH <= row["upper"]
    assert any("'s/i3'" in note for note in model.notes_)


def test_a_mistyped_year_is_left_out() -> None:
    sales, prices = a_shop()
    sales.loc[7, "date"] = pd.Timestamp("2052-01-01")
    model = ElasticityModel().fit(sales, prices)
    assert holds(row_of(model, "i0"))
    assert any("2052-01-01" in note for note in model.notes_)


def test_grade_a_stands_without_the_row_that_tells_most() -> None:
    sales, prices = a_shop()
    model = ElasticityModel().fit(sales, prices)
    graded = model.elasticities_[model.elasticities_["grade"] == "A"]
    assert len(graded)
    item = graded["item_id"].iloc[0]
    before = row_of(model, item)
    mine = prices[prices["item_id"] == item]
    farthest = (np.log(mine["unit_price"]) - np.log(mine["unit_price"]).mean()).abs().idxmax()
    for table in ("sales", "prices"):
        left = {"sales": sales, "prices": prices} | {
            table: {"sales": sales, "prices": prices}[table].drop(farthest)
        }
        after = row_of(ElasticityModel().fit(**left), item)
        assert before["lower"] <= after["elasticity"] <= before["upper"]
        assert after["grade"] in ("A", "B")


def test_what_is_said_of_costs_is_said() -> None:
    sales, prices = a_shop()
    model = ElasticityModel().fit(sales, prices.assign(unit_cost=30.0))
    assert any(note.startswith("unit_cost explains too little") for note in model.notes_)


def test_many_price_changes_are_not_called_few() -> None:
    sales, prices = a_shop(weeks=60)
    rng = np.random.default_rng(1)
    noisy = sales.assign(units=rng.poisson(0.4, len(sales)).astype(float))
    model = ElasticityModel().fit(noisy, prices)
    told = model.evidence_[model.evidence_["price_changes"] >= 2]
    assert not told["reason"].str.contains("few").any()
