"""What every forecast store must do."""

from datetime import date, datetime

import pytest

from samaan_ml.domain.messages import DayDemand, Driver, ItemForecast, Quantile
from serving.errors import NotFound
from serving.ports.forecasts import ForecastStore, SavedForecast


def a_forecast(now: datetime, forecast_id: str, item_id: str = "sugar") -> SavedForecast:
    quantiles = (Quantile(0.1, 500), Quantile(0.9, 2_000))
    days = (DayDemand(date(2026, 3, 10), 1_000, quantiles),)
    made = ItemForecast(item_id, days, quantiles, "high", "mean", (Driver("weekday", -3),))
    return SavedForecast(forecast_id, item_id, now, date(2026, 3, 10), 1, "v1", made)


def test_the_newest_forecast_of_an_item_comes_back(
    forecasts: ForecastStore, shop_id: str, now: datetime
) -> None:
    forecasts.save(shop_id, ())
    forecasts.save(shop_id, (a_forecast(now, "f1"), a_forecast(now, "f1-salt", "salt")))
    forecasts.save(shop_id, (a_forecast(now, "f2"),))
    assert forecasts.latest(shop_id, "sugar") == a_forecast(now, "f2")
    assert forecasts.latest(shop_id, "salt") == a_forecast(now, "f1-salt", "salt")
    for shop, item in ((shop_id, "tea"), (shop_id + "x", "sugar")):
        with pytest.raises(NotFound):
            forecasts.latest(shop, item)
