"""What-if tables: legal and barred prices, tax, intervals and stock-out risk of one item."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from samaan_ml.domain.gst import split_price
from samaan_ml.domain.pricing import PriceRules
from samaan_ml.exceptions import DataError, ParameterError
from samaan_ml.pricing import PriceOptimizer

KEYS = pd.DataFrame({"shop_id": ["s"], "item_id": ["soap"]})
TABLES: dict[str, Any] = {
    "elasticities": KEYS.assign(elasticity=-1.5, std_error=0.2, lower=-1.9, upper=-1.1, grade="A"),
    "prices": KEYS.assign(date="2025-06-01", unit_price=50.0, unit_cost=30.0, mrp=54.0),
    "shop_id": "s",
    "item_id": "soap",
    "items": pd.DataFrame({"item_id": ["soap"], "hsn": ["3402"]}),
    "demand": KEYS.assign(units=10.0, lower=6.0, upper=14.0, stock_units=150.0),
    "on": "2026-03-01",
}


def test_every_price_is_shown_with_the_rule_that_bars_it() -> None:
    table = PriceOptimizer(PriceRules()).what_if(**TABLES).set_index("price_paise")
    assert table.loc[5_000, "legal"]
    assert table.loc[5_500, "barred_by"] == "mrp"
    assert table.loc[4_400, "barred_by"] == "max_change"
    assert table["units"].is_monotonic_decreasing
    assert (table["units_lower"] <= table["units"]).all()
    assert (table["units"] <= table["units_upper"]).all()


def test_the_values_equal_the_recommendation_and_the_tax_is_exact() -> None:
    optimizer = PriceOptimizer(PriceRules())
    table = optimizer.what_if(**TABLES).set_index("price_paise")
    tables = {k: v for k, v in TABLES.items() if k not in ("shop_id", "item_id")}
    row = optimizer.recommend(**tables).iloc[0]
    chosen = table.loc[row["price_paise"]]
    assert chosen["profit_paise"] == pytest.approx(row["profit_paise"])
    assert chosen["gain_paise"] * 7.0 == pytest.approx(row["gain_paise_per_week"], abs=1.0)
    tax = split_price(int(row["price_paise"]), 1_800).tax_paise
    assert chosen["tax_paise"] == pytest.approx(chosen["units"] * tax)


def test_the_stock_out_risk_falls_with_the_price_and_needs_a_stock() -> None:
    optimizer = PriceOptimizer(PriceRules())
    risk = optimizer.what_if(**TABLES, candidate_prices=[40.0, 50.0, 60.0])["stock_out_risk"]
    assert risk.is_monotonic_decreasing
    assert 0.0 < risk.iloc[1] < 0.5 < risk.iloc[0]
    without = TABLES | {"demand": KEYS.assign(units=10.0)}
    assert np.isnan(optimizer.what_if(**without)["stock_out_risk"]).all()


def test_a_price_off_the_ladder_is_told_so() -> None:
    table = PriceOptimizer(PriceRules()).what_if(**TABLES, candidate_prices=[50.5])
    assert table.loc[0, "barred_by"] == "ladder"


def test_wrong_questions_are_named() -> None:
    optimizer = PriceOptimizer(PriceRules())
    with pytest.raises(DataError, match="item 'rice' of shop 's' has no price"):
        optimizer.what_if(**TABLES | {"item_id": "rice"})
    with pytest.raises(ParameterError, match="rupees above 0"):
        optimizer.what_if(**TABLES, candidate_prices=[0.0])


def test_no_price_depends_on_who_buys() -> None:
    """Customer fairness: nothing in the price path knows a customer."""
    tables = {k: v for k, v in TABLES.items() if k not in ("shop_id", "item_id")}
    plain = PriceOptimizer(PriceRules()).recommend(**tables)
    demand = TABLES["demand"].assign(customer_id="c1")
    told = PriceOptimizer(PriceRules()).recommend(**tables | {"demand": demand})
    pd.testing.assert_frame_equal(plain, told)
    assert not any("customer" in name for name in plain.columns)
