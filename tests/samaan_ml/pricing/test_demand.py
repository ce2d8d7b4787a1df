"""The price response starts from the forecast."""

import numpy as np
import pandas as pd
import pytest

from samaan_ml.datasets._elasticity_panel import simulate_elasticity_panel
from samaan_ml.domain.pricing import PriceRules
from samaan_ml.exceptions import DataError, TableError
from samaan_ml.forecasting import BaseForecaster, DemandForecaster, ETSForecaster
from samaan_ml.pricing import ElasticityModel, PriceOptimizer, demand_from_forecast


@pytest.mark.parametrize(
    "forecaster",
    [
        pytest.param(ETSForecaster(horizon=2, frequency="W"), id="ETS"),
        pytest.param(DemandForecaster(horizon=2, frequency="W"), id="demand", marks=pytest.mark.slow),
    ],
)
def test_at_todays_price_the_optimiser_expects_what_the_forecaster_does(forecaster: BaseForecaster) -> None:
    panel = simulate_elasticity_panel(n_items=12, n_weeks=60, n_categories=2, random_state=5)
    model = ElasticityModel().fit(panel.sales, panel.prices, stock=panel.stock, items=panel.items)
    forecaster.fit(
        panel.sales, prices=panel.prices[["shop_id", "item_id", "date", "unit_price"]], items=panel.items
    )
    forecast = forecaster.predict()
    weekly = demand_from_forecast(forecast)
    demand = weekly.assign(**{name: weekly[name] / 7.0 for name in ("units", "lower", "upper")})
    optimizer = PriceOptimizer(PriceRules(min_days_between_changes=0, margin_floor_bp=None))
    answer = optimizer.recommend(model.elasticities_, panel.prices, items=panel.items, demand=demand)
    expected = forecast.groupby("item_id", observed=True)["mean"].mean() / 7.0
    np.testing.assert_allclose(answer["units_now"], expected.loc[answer["item_id"].astype(str)].to_numpy())
    for row in answer.itertuples():
        ratio = row.price_paise / row.current_price_paise
        response = model.elasticities_.set_index("item_id").loc[row.item_id]
        spread = response["std_error"] * np.log(ratio)
        assert row.units == pytest.approx(
            row.units_now * ratio ** response["elasticity"] * np.exp(0.5 * spread**2)
        )


def test_stock_is_taken_along_and_a_forecast_of_the_median_alone_has_no_interval() -> None:
    forecast = pd.DataFrame({"shop_id": "s", "item_id": ["a", "b"], "date": "2026-03-01", "mean": [2.0, 3.0]})
    stock = pd.DataFrame({"shop_id": "s", "item_id": ["b"], "stock_units": [9.0]})
    table = demand_from_forecast(forecast.assign(**{"q0.5": 2.0}), stock)
    assert table.columns.tolist() == ["shop_id", "item_id", "units", "stock_units"]
    assert table["stock_units"].isna().tolist() == [True, False]


def test_what_is_no_forecast_is_named() -> None:
    forecast = pd.DataFrame({"shop_id": "s", "item_id": ["a"], "mean": [-2.0]})
    with pytest.raises(TableError, match="expected numbers of 0 or more"):
        demand_from_forecast(forecast)
    with pytest.raises(TableError, match="mean: column is missing"):
        demand_from_forecast(forecast.drop(columns="mean"))
    with pytest.raises(DataError, match="no rows"):
        demand_from_forecast(forecast.iloc[:0])
