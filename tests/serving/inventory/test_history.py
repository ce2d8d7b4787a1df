"""An item by day, next to what was forecast for it."""

from datetime import date, timedelta
from typing import Any

from samaan_ml.domain.messages import DayDemand, ItemForecast, Quantile
from serving.ports.clock import new_id
from serving.ports.forecasts import SavedForecast


def test_a_day_tells_sales_returns_stock_price_and_forecast(shop: Any, wiring: Any) -> None:
    shop.add_item(stock=3_000)
    now = wiring.clock.now()
    sale = shop.sell(quantity=3_000)
    shop.post(
        f"/sales/{sale['sale_id']}/returns",
        {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}], "reason": "wet"},
    )
    today = date(2026, 3, 10)
    days = tuple(
        DayDemand(today + timedelta(n), 900, (Quantile(0.1, 500), Quantile(0.5, 900), Quantile(0.9, 1_500)))
        for n in range(2)
    )
    saved = SavedForecast(
        new_id(now), "sugar", now, today, 2, "m-1", ItemForecast("sugar", days, (), "high", "m")
    )
    wiring.forecasts.save(shop.shop_id, (saved,))
    found = shop.get("/inventory/items/sugar/history?days=3")
    assert (found["unit"], [row["on"] for row in found["rows"]]) == (
        "kg",
        ["2026-03-08", "2026-03-09", "2026-03-10"],
    )
    last = found["rows"][-1]
    assert (last["sold_milli"], last["returned_milli"], last["amount_paise"]) == (3_000, 1_000, 9_000)
    assert (last["open"], last["price_paise"]) == (True, 4_500)
    assert (last["forecast"]["p10_milli"], last["forecast"]["p90_milli"]) == (500, 1_500)
    assert 0 <= last["sold_out_share"] < 0.01
    assert found["rows"][0]["forecast"] is None
    assert shop.get("/inventory/items/nothing/history", 404)["code"] == "not_found"
    assert shop.get("/inventory/items/sugar/history?start=2026-03-11&end=2026-03-10", 422)["field"] == "start"
