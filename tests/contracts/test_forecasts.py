"""What every forecast store must do."""

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from samaan_ml.domain.messages import DayDemand, Driver, ItemForecast, Quantile
from serving.errors import AlreadyExists, NotFound
from serving.ports.forecasts import ForecastStore, SavedForecast


def a_forecast(now: datetime, forecast_id: str, item_id: str = "sugar") -> SavedForecast:
    quantiles = (Quantile(0.1, 500), Quantile(0.9, 2_000))
    days = (DayDemand(date(2026, 3, 10), 1_000, quantiles),)
    made = ItemForecast(item_id, days, quantiles, "high", "mean", (Driver("weekday", -3),))
    return SavedForecast(forecast_id, item_id, now, date(2026, 3, 10), 1, "v1", made, "ab" * 32)


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


def test_the_first_forecast_of_a_day_stays_the_answer_whatever_is_kept_later(
    forecasts: ForecastStore, shop_id: str, now: datetime
) -> None:
    first = a_forecast(now, "f5")
    # A later answer of another model, one with an earlier id (another process's clock), and one not yet hashed.
    later = (
        replace(a_forecast(now + timedelta(hours=1), "f6"), model_version="v2"),
        replace(a_forecast(now, "f4"), data_hash=None),
    )
    other_day = replace(a_forecast(now, "f7"), as_of=date(2026, 3, 11))
    further = replace(a_forecast(now, "f8"), horizon_days=7)
    forecasts.save(shop_id, (first, a_forecast(now, "f5-salt", "salt")))
    forecasts.save(shop_id, later)
    forecasts.save(shop_id, (other_day, further))
    day = date(2026, 3, 10)
    assert forecasts.first(shop_id, "sugar", day, 1) == first
    assert forecasts.first(shop_id, "sugar", day, 7) == further
    assert forecasts.first(shop_id, "sugar", date(2026, 3, 11), 1) == other_day
    assert forecasts.get(shop_id, "f6") == later[0]
    assert forecasts.get(shop_id, "f4") == later[1]
    for shop, item, on in (
        (shop_id, "tea", day),
        (shop_id + "x", "sugar", day),
        (shop_id, "sugar", date(2026, 3, 12)),
    ):
        with pytest.raises(NotFound):
            forecasts.first(shop, item, on, 1)
    with pytest.raises(NotFound):
        forecasts.get(shop_id + "x", "f5")


def test_a_kept_forecast_is_never_written_over_and_its_companions_are_not_kept_either(
    forecasts: ForecastStore, shop_id: str, now: datetime
) -> None:
    forecasts.save(shop_id, (a_forecast(now, "f1"),))
    changed = replace(a_forecast(now, "f1"), model_version="v2", as_of=date(2026, 3, 12))
    for again in (changed, a_forecast(now, "f1")):
        with pytest.raises(AlreadyExists):
            forecasts.save(shop_id, (a_forecast(now, "f0", "tea"), again))
    assert forecasts.get(shop_id, "f1") == a_forecast(now, "f1")
    with pytest.raises(NotFound):
        forecasts.get(shop_id, "f0")


def test_forecasts_made_are_paged_the_newest_first(
    forecasts: ForecastStore, shop_id: str, now: datetime
) -> None:
    kept = [a_forecast(now, f"f{n}") for n in range(5)]
    for each in kept:
        forecasts.save(shop_id, (each,))
    first = forecasts.made(shop_id, "sugar", 3, None)
    rest = forecasts.made(shop_id, "sugar", 3, first.after)
    assert [*first.rows, *rest.rows] == kept[::-1]
    assert rest.after is None


def test_of_many_that_save_at_once_exactly_one_is_the_first(
    forecasts: ForecastStore, shop_id: str, now: datetime
) -> None:
    seen: list[SavedForecast] = []

    def save(n: int) -> None:
        forecasts.save(shop_id, (a_forecast(now, f"f{n}"),))
        seen.append(forecasts.first(shop_id, "sugar", date(2026, 3, 10), 1))

    threads = [threading.Thread(target=save, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len({each.forecast_id for each in seen}) == 1
    assert len(forecasts.made(shop_id, "sugar", 20, None).rows) == 8
