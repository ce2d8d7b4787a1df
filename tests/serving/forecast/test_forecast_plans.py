"""Prices, promotions and weather of the days ahead: told with the question, they reach the model as they are."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from samaan_ml import DemandForecaster
from samaan_ml.artifacts import save_model
from samaan_ml.domain.calendar import events_between
from samaan_ml.domain.messages import ForecastRequest
from serving.adapters.inprocess_predictor import InProcessPredictor

TODAY = date(2026, 3, 10)
HORIZON = 5


@pytest.fixture
def counter(shop: Any, predictor: Any) -> Any:
    """A shop with a week of sales of two items."""
    predictor.up = True
    predictor.asked.clear()
    shop.add_item("sugar", mrp_paise=5_000)
    shop.add_item("salt")
    for back in range(1, 8):
        lines = [{"item_id": item, "quantity_milli": 2_000} for item in ("sugar", "salt")]
        shop.post("/sales", {"lines": lines, "sold_at": f"{TODAY - timedelta(days=back)}T06:00:00Z"})
    return shop


def question(**fields: Any) -> dict[str, Any]:
    return {"item_ids": ["sugar", "salt"], "horizon_days": HORIZON} | fields


def a_plan(**fields: Any) -> dict[str, Any]:
    return {"plans": [{"item_id": "sugar"} | fields]}


def a_price(first: str = "2026-03-11", last: str = "2026-03-12", paise: int = 4_000) -> dict[str, Any]:
    return {"from_on": first, "until_on": last, "price_paise": paise}


def test_planned_prices_and_columns_reach_the_model_and_the_rest_stays(counter: Any, predictor: Any) -> None:
    promoted = {"name": "promoted", "start": "2026-03-08", "values": [0, 0, 1, 1, None, 0, 0]}
    heat = {"name": "heat", "start": "2026-03-10", "values": [31.5, None]}
    asked = question(**a_plan(prices=[a_price()], covariates=[promoted]), covariates=[heat])
    counter.post("/forecast", asked, 200)
    request = predictor.asked[-1]
    assert isinstance(request, ForecastRequest)
    sugar, salt = request.items
    assert sugar.price_paise is not None
    assert sugar.price_paise[-HORIZON:] == (4_500, 4_000, 4_000, 4_500, 4_500)
    assert salt.price_paise is not None
    assert set(salt.price_paise) == {4_500}
    assert [(c.name, c.start, c.values) for c in sugar.covariates] == [
        ("promoted", date(2026, 3, 8), (0.0, 0.0, 1.0, 1.0, None, 0.0, 0.0))
    ]
    assert salt.covariates == ()
    assert [(c.name, c.start, c.values) for c in request.covariates] == [("heat", TODAY, (31.5, None))]


def test_a_what_if_is_neither_kept_nor_given_for_the_plain_question(counter: Any, predictor: Any) -> None:
    plain = counter.post("/forecast", question(), 200)
    asked = len(predictor.asked)
    kept = counter.get("/forecast/items/sugar/snapshots")["rows"]
    what_if = counter.post("/forecast", question(**a_plan(prices=[a_price()])), 200)
    assert [item["forecast_id"] for item in what_if["items"]] == [None, None]
    assert len(predictor.asked) > asked
    asked = len(predictor.asked)
    assert counter.get("/forecast/items/sugar/snapshots")["rows"] == kept
    assert counter.post("/forecast", question(), 200) == plain
    assert len(predictor.asked) == asked


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (a_plan(prices=[a_price("2026-03-09")]), "plans.0.prices.0.from_on"),
        (a_plan(prices=[a_price(last="2026-03-15")]), "plans.0.prices.0.until_on"),
        (a_plan(prices=[a_price("2026-03-12", "2026-03-11")]), "plans.0.prices.0"),
        (a_plan(prices=[a_price(), a_price("2026-03-12", "2026-03-13")]), "plans.0.prices.1.from_on"),
        (a_plan(prices=[a_price(paise=5_001)]), "plans.0.prices.0.price_paise"),
        ({"plans": [{"item_id": "tea"}]}, "plans.0.item_id"),
        ({"plans": [{"item_id": "salt"}] * 2}, "plans.1.item_id"),
        (
            {"covariates": [{"name": "heat", "start": "2026-03-10", "values": [1.0] * 6}]},
            "covariates.0.values",
        ),
        ({"covariates": [{"name": "heat", "start": "2020-01-01", "values": [1.0]}]}, "covariates.0.start"),
        (
            {"covariates": [{"name": "heat", "start": "2026-03-10", "values": [1.0]}] * 2},
            "covariates.1.name",
        ),
        (
            {"covariates": [{"name": "heat", "start": "2026-03-10", "values": ["hot"]}]},
            "covariates.0.values.0",
        ),
        ({"covariates": [{"name": "no name", "start": "2026-03-10", "values": [1]}]}, "covariates.0.name"),
        (
            a_plan(covariates=[{"name": "promoted", "start": "2026-03-15", "values": [1]}]),
            "plans.0.covariates.0.values",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_its_field(
    counter: Any, predictor: Any, fields: dict[str, Any], field: str
) -> None:
    asked = len(predictor.asked)
    assert counter.post("/forecast", question(**fields), 422)["field"] == field
    assert len(predictor.asked) == asked


def test_the_served_answer_is_the_librarys_of_the_same_tables(
    new_api: Callable[..., Any], tmp_path: Path
) -> None:
    shop = new_api({"predictor": InProcessPredictor(tmp_path)}).sign_up(region=None)
    tables = a_world(shop.shop_id)
    model = DemandForecaster(horizon=HORIZON).fit(**tables)
    (tmp_path / "demand").mkdir()
    save_model(model, tmp_path / "demand" / "champion")
    prices, calendar, sales = tables["prices"], tables["calendar"], tables["sales"]
    for item in ITEMS:
        shop.add_item(item, stock=10**8, category="all", price_paise=5_000)
    for day, rows in sales.groupby("date"):
        price = dict(zip(*(prices[prices["date"] == day][n] for n in ("item_id", "unit_price")), strict=True))
        lines = [
            {
                "item_id": row.item_id,
                "quantity_milli": int(row.units * 1000),
                "unit_price_paise": int(100 * price[row.item_id]),
            }
            for row in rows.itertuples()
        ]
        shop.post("/sales", {"lines": lines, "sold_at": f"{day:%Y-%m-%d}T06:00:00Z"})
    plans = []
    for item in ITEMS:
        own = prices[prices["item_id"] == item]
        ahead = own[own["date"] >= pd.Timestamp(TODAY)]
        planned = [
            a_price(f"{r.date:%Y-%m-%d}", f"{r.date:%Y-%m-%d}", int(100 * r.unit_price))
            for r in ahead.itertuples()
        ]
        promoted = {"name": "promoted", "start": f"{DAYS[0]:%Y-%m-%d}", "values": own["promoted"].tolist()}
        plans.append({"item_id": item, "prices": planned, "covariates": [promoted]})
    heat = [None if value != value else value for value in calendar[calendar["event"].isna()]["heat"]]
    body = {
        "item_ids": list(ITEMS),
        "horizon_days": HORIZON,
        "plans": plans,
        "covariates": [{"name": "heat", "start": f"{DAYS[0]:%Y-%m-%d}", "values": heat}],
    }
    card = shop.post("/forecast", body, 200)
    assert (card["degraded"], card["starts_on"]) == (False, "2026-03-10")
    served = np.array([[day["mean_milli"] / 1000 for day in item["days"]] for item in card["items"]])
    expected = (
        model.predict(**tables).sort_values(["item_id", "date"])["mean"].to_numpy().reshape(served.shape)
    )
    np.testing.assert_allclose(served, expected, atol=2e-3)
    plain = shop.post("/forecast", {k: body[k] for k in ("item_ids", "horizon_days")}, 200)
    assert [item["days"] for item in plain["items"]] != [item["days"] for item in card["items"]]


ITEMS = ("i0", "i1", "i2", "i3", "i4", "i5")
DAYS = pd.date_range(end=TODAY + timedelta(days=HORIZON - 1), periods=210 + HORIZON)


def a_world(shop_id: str) -> dict[str, pd.DataFrame]:
    """A shop whose demand answers to price, promotion and heat; something is sold every day."""
    rng = np.random.default_rng(3)
    heat = 25.0 + 8.0 * np.sin(np.arange(len(DAYS)) / 9.0)
    sales, prices = [], []
    for item in ITEMS:
        price = np.repeat(rng.choice([50.0, 60.0, 70.0], 22), 10)[: len(DAYS)]
        promoted = np.repeat(rng.random(31) < 0.3, 7)[: len(DAYS)].astype(float)
        rate = 12.0 * (price / 50.0) ** -2.0 * (1.0 + 0.8 * promoted) * np.exp(0.05 * (heat - 25.0))
        key = {"shop_id": shop_id, "item_id": item, "date": DAYS}
        sales.append(pd.DataFrame({**key, "units": 1.0 + rng.poisson(rate)}))
        prices.append(pd.DataFrame({**key, "unit_price": price, "promoted": promoted}))
    past = pd.concat(sales, ignore_index=True)
    found = list(events_between(DAYS[0].date(), DAYS[-1].date()))
    festivals = pd.DataFrame(
        {"date": pd.to_datetime([on for on, _ in found]), "event": [n for _, n in found]}
    )
    known = np.where(np.arange(len(DAYS)) % 10 == 4, np.nan, heat)
    return {
        "sales": past[past["date"] < pd.Timestamp(TODAY)],
        "prices": pd.concat(prices, ignore_index=True),
        "calendar": pd.concat([pd.DataFrame({"date": DAYS, "event": None, "heat": known}), festivals]),
    }
