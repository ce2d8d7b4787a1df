"""Forecasts: from the model, from what was saved, from the shop's own past, or honestly none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.messages import ForecastRequest, ItemHistory, Quantile
from samaan_ml.domain.reorder import quantile_at
from serving.advice.fallback import statistical_forecast
from serving.advice.history import data_hash, in_stock_shares
from serving.ports.stock import EmptyShelf

QUESTION = {"item_ids": ["sugar"], "horizon_days": 7}


@pytest.fixture
def counter(shop: Any, predictor: Any) -> Iterator[Any]:
    """A shop with three weeks of sales: two packets a day, closed on Sundays."""
    predictor.up = True
    predictor.asked.clear()
    shop.add_item(lead_time_days=0, stock=100_000)
    for back in range(1, 22):
        day = date(2026, 3, 10) - timedelta(days=back)
        if day.weekday() != 6:
            shop.sell(quantity=2_000, sold_at=f"{day}T06:00:00Z")
    yield shop
    predictor.up = True


def test_a_forecast_carries_quantiles_version_and_arithmetic_that_recomputes(counter: Any) -> None:
    card = counter.post("/forecast", QUESTION, 200)
    assert (card["model_version"], card["degraded"], card["starts_on"]) == ("stand-in-1", False, "2026-03-10")
    item = card["items"][0]
    assert [day["on"] for day in item["days"]] == [f"2026-03-{day}" for day in range(10, 17)]
    assert [q["milli"] for q in item["total_quantiles"]] == [7_000, 14_000, 28_000]
    sums = item["reorder"]["arithmetic"]
    demand = next(q["milli"] for q in item["total_quantiles"] if q["level"] == sums["level_used"])
    short = max(0, demand - max(0, sums["on_hand_milli"]))
    assert (sums["demand_milli"], sums["shortfall_milli"]) == (demand, short)
    assert item["reorder"]["order_milli"] == -(-short // sums["pack_milli"]) * sums["pack_milli"]


def test_the_model_is_asked_with_closed_days_open_days_and_prices(counter: Any, predictor: Any) -> None:
    counter.post("/forecast", QUESTION, 200)
    request = predictor.asked[-1]
    assert isinstance(request, ForecastRequest)
    history = request.items[0]
    assert request.region == "MH"
    assert history.start == date(2026, 2, 17)
    sundays = [
        units
        for n, units in enumerate(history.units_milli)
        if (history.start + timedelta(days=n)).weekday() == 6
    ]
    assert sundays == [None] * 3
    assert {units for units in history.units_milli if units is not None} == {2_000}
    assert history.price_paise == (4_500,) * (21 + 7)


def test_todays_sales_are_not_yet_history_and_a_sale_renews_the_answer(counter: Any, predictor: Any) -> None:
    counter.post("/forecast", QUESTION, 200)
    counter.post("/forecast", QUESTION, 200)
    assert len(predictor.asked) == 1
    counter.sell(quantity=50_000)
    card = counter.post("/forecast", QUESTION, 200)
    assert len(predictor.asked) == 1  # the past is the same: only the stock is another
    assert card["items"][0]["total_quantiles"][1]["milli"] == 14_000
    assert card["items"][0]["reorder"]["arithmetic"]["on_hand_milli"] == 100_000 - 18 * 2_000 - 50_000


def test_without_the_model_the_last_forecast_is_given_and_marked(counter: Any, predictor: Any) -> None:
    fresh = counter.post("/forecast", QUESTION, 200)
    predictor.up = False
    counter.sell(sold_at="2026-03-09T08:00:00Z")  # the past is another, and the model would be asked
    stale = counter.post("/forecast", QUESTION, 200)
    assert stale["degraded"] is True
    assert stale["items"][0]["source"] == "saved"
    assert stale["items"][0]["days"] == fresh["items"][0]["days"]
    assert stale["items"][0]["made_at"] == fresh["items"][0]["made_at"]


def test_without_model_and_memory_the_shops_own_past_stands_in(counter: Any, predictor: Any) -> None:
    predictor.up = False
    card = counter.post("/forecast", QUESTION, 200)
    item = card["items"][0]
    assert (card["degraded"], card["model_version"], item["source"]) == (True, None, "statistical")
    assert (item["status"], item["confidence"]) == ("review", "low")
    assert item["total_quantiles"][1]["milli"] == 14_000
    predictor.up = True
    assert counter.post("/forecast", QUESTION, 200)["degraded"] is False


def test_an_item_without_a_past_gets_no_number(counter: Any, predictor: Any) -> None:
    counter.add_item("new", stock=0)
    for predictor.up in (True, False):
        card = counter.post("/forecast", {"item_ids": ["new"], "horizon_days": 7}, 200)
        assert card["items"][0]["status"] == "too_little_data"
        assert card["items"][0]["days"] == []
        assert card["items"][0]["reorder"] is None


def test_a_shop_that_stopped_entering_is_forecast_from_where_it_stopped(api: Any, counter: Any) -> None:
    was = api.clock.instant
    try:
        api.clock.instant += timedelta(days=20)
        card = api.sign_in_again(counter).post("/forecast", QUESTION, 200)
    finally:
        api.clock.instant = was
    assert (card["stale"], card["history_until"], card["starts_on"]) == (True, "2026-03-09", "2026-03-10")


def test_the_order_list_holds_what_is_short_the_most_urgent_first(counter: Any) -> None:
    counter.add_item("soap", stock=20_000, cost_paise=2_500, pack_milli=12_000)
    for back in (1, 2, 3):
        counter.sell("soap", 3_000, sold_at=f"2026-03-0{10 - back}T06:00:00Z")
    listed = counter.get("/forecast/reorder?horizon_days=7")
    assert [row["item_id"] for row in listed["rows"]] == ["soap"]
    row = listed["rows"][0]
    assert row["order_milli"] % 12_000 == 0
    assert row["cost_paise"] == 2_500 * row["order_milli"] // 1000
    assert listed["cost_paise"] == row["cost_paise"]
    assert counter.get("/forecast/reorder?supplier_id=nobody")["rows"] == []


def test_an_unknown_item_names_its_place(counter: Any) -> None:
    answer = counter.post("/forecast", {"item_ids": ["sugar", "nothing"]}, 404)
    assert answer["field"] == "item_ids.1"


@pytest.mark.parametrize("horizon", [0, 29, -1, 1.5, "7"])
def test_a_horizon_out_of_bounds_is_refused(counter: Any, horizon: Any) -> None:
    answer = counter.post("/forecast", {"item_ids": ["sugar"], "horizon_days": horizon}, 422)
    assert answer["field"] == "horizon_days"


@given(
    values=st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=1, max_size=120),
    horizon=st.integers(1, 28),
)
def test_the_statistical_forecast_is_ordered_bounded_and_only_given_with_a_past(
    values: list[int | None], horizon: int
) -> None:
    start = date(2026, 1, 1)
    history = ItemHistory("sugar", None, start, tuple(values))
    made = statistical_forecast(history, start + timedelta(days=len(values)), horizon)
    known = [value for value in values[-56:] if value is not None]
    assert (made is None) == (len(known) < 7)
    if made is None:
        return
    assert len(made.days) == horizon
    for quantiles in (made.total_quantiles, *(day.quantiles for day in made.days)):
        milli = [q.milli for q in quantiles]
        assert milli == sorted(milli)
        assert milli[0] >= 0
    assert all(day.mean_milli <= max(known) for day in made.days)


def test_quantiles_between_levels_are_linear_and_beyond_them_clamped() -> None:
    given_ones = (Quantile(0.1, 100), Quantile(0.5, 200), Quantile(0.9, 600))
    assert quantile_at(given_ones, 0.7) == (0.7, 400)
    assert quantile_at(given_ones, 0.05) == (0.1, 100)
    assert quantile_at(given_ones, 0.99) == (0.9, 600)


def test_the_model_is_told_how_long_the_shelf_was_empty(shop: Any, predictor: Any) -> None:
    predictor.up = True
    predictor.asked.clear()
    shop.add_item("milk", stock=0)
    shop.add_item("salt", stock=50_000)
    day = "2026-03-0{}T{}:00:00+05:30"

    def move(at: str, quantity: int) -> None:
        delivery = {"item_id": "milk", "kind": "purchase", "quantity_milli": quantity, "at": at}
        shop.post("/inventory/movements", {"movements": [delivery]})

    move(day.format(5, "07"), 2_000)
    shop.sell("milk", 1_000, sold_at=day.format(5, "10"))
    shop.sell(
        "milk", 1_000, sold_at=day.format(6, "12")
    )  # sold out at noon: five of fifteen hours with stock
    shop.sell("salt", 1_000, sold_at=day.format(7, "12"))
    move(day.format(8, "17"), 5_000)
    shop.sell("milk", 1_000, sold_at=day.format(9, "12"))
    shop.post("/forecast", {"item_ids": ["milk", "salt"], "horizon_days": 7}, 200)
    milk, salt = predictor.asked[-1].items
    assert milk.start == date(2026, 3, 5)
    assert milk.in_stock_share == pytest.approx((1.0, 1 / 3, 0.0, 1 / 3, 1.0), abs=1e-4)
    assert salt.in_stock_share is None


SHELF = st.lists(
    st.tuples(st.integers(0, 20 * 24), st.one_of(st.none(), st.integers(1, 500))), max_size=4
).map(
    lambda spans: [
        EmptyShelf(
            "milk",
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=start),
            None if hours is None else datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=start + hours),
        )
        for start, hours in spans
    ]
)


@given(SHELF, st.integers(0, 30))
def test_shares_stay_in_bounds_and_are_left_out_where_no_hour_was_lost(
    empty: list[EmptyShelf], n_days: int
) -> None:
    shares = in_stock_shares(date(2026, 1, 3), n_days, empty, "Asia/Kolkata")
    assert shares is None or (len(shares) == n_days and 0 <= min(shares) < 1 >= max(shares))


def test_a_stored_day_is_answered_with_the_same_bytes_whatever_came_after(
    api: Any, counter: Any, predictor: Any
) -> None:
    made = counter.post("/forecast", QUESTION, 200)
    path = "/forecast/items/sugar/snapshot?as_of=2026-03-10&horizon_days=7"
    before = counter.call("GET", path).content
    counter.sell(quantity=50_000)
    counter.sell(quantity=9_000, sold_at="2026-03-05T06:00:00Z")  # entered late: the history is another one
    again = counter.post("/forecast", QUESTION, 200)
    assert counter.call("GET", path).content == before
    kept = counter.get(path)
    assert kept["forecast_id"] == made["items"][0]["forecast_id"] != again["items"][0]["forecast_id"]
    assert [kept["days"], kept["total_quantiles"]] == [
        made["items"][0][name] for name in ("days", "total_quantiles")
    ]
    assert (kept["as_of"], kept["model_version"], kept["horizon_days"]) == ("2026-03-10", "stand-in-1", 7)
    newer = counter.get(f"/forecast/snapshots/{again['items'][0]['forecast_id']}")
    assert newer["data_hash"] != kept["data_hash"]
    listed = counter.get("/forecast/items/sugar/snapshots")["rows"]
    assert [row["forecast_id"] for row in listed] == [newer["forecast_id"], kept["forecast_id"]]
    assert listed[1] == {name: kept[name] for name in listed[1]}


def test_the_hash_of_the_data_is_that_of_what_the_model_was_shown(counter: Any, predictor: Any) -> None:
    counter.add_item("salt", stock=0, lead_time_days=0)
    counter.sell("salt", 1_000, sold_at="2026-03-02T06:00:00Z")
    made = counter.post("/forecast", {"item_ids": ["sugar", "salt"], "horizon_days": 7}, 200)
    kept = counter.get(f"/forecast/snapshots/{made['items'][0]['forecast_id']}")
    shown = predictor.asked[-1]
    backwards = replace(shown, items=shown.items[::-1], explain=True, levels=(0.5,))
    assert kept["data_hash"] == data_hash(shown) == data_hash(backwards)
    fewer = replace(shown, items=shown.items[:1])
    assert data_hash(fewer) != data_hash(shown)


def test_snapshots_are_the_shops_own(counter: Any, other: Any) -> None:
    made = counter.post("/forecast", QUESTION, 200)
    other.get(f"/forecast/snapshots/{made['items'][0]['forecast_id']}", 404)
    other.get("/forecast/items/sugar/snapshot?as_of=2026-03-10&horizon_days=7", 404)
    other.get("/forecast/items/sugar/snapshots", 404)
    counter.get("/forecast/items/sugar/snapshot?as_of=2026-03-11&horizon_days=7", 404)
    counter.get("/forecast/items/sugar/snapshot?as_of=yesterday", 422)
