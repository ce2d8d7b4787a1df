"""Requests with prices, promotions, weather and stock: the served answer is the library's, and each of them tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
import pytest

from samaan_ml import DemandForecaster
from samaan_ml.artifacts import load_model, save_model
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import (
    Covariate,
    ForecastAnswer,
    ForecastRequest,
    ItemHistory,
    decode_request,
    encode,
)
from samaan_ml.inference import Predictor

N_DAYS, HORIZON, N_ITEMS = 210, 7, 6
DAYS = pd.date_range("2025-11-03", periods=N_DAYS + HORIZON)
SHOPS = ("s", "t")


@cache
def world() -> dict[str, pd.DataFrame]:
    """Two shops whose demand answers to price, promotion, heat and empty shelves."""
    rng = np.random.default_rng(0)
    heat = 25.0 + 8.0 * np.sin(np.arange(len(DAYS)) / 9.0) + rng.normal(0, 2.0, len(DAYS))
    sales, prices, stock = [], [], []
    for shop in SHOPS:
        for item in range(N_ITEMS):
            dear = np.repeat(rng.choice([1.0, 1.2, 1.4], 11), 20)[: len(DAYS)]
            promoted = np.repeat(rng.random(31) < 0.25, 7)[: len(DAYS)]
            rate = 12.0 * dear**-2.0 * np.where(promoted, 1.8, 1.0) * np.exp(0.05 * (heat - 25.0))
            empty = rng.random(len(DAYS)) < 0.08
            units = np.where(empty, 0.0, rng.poisson(rate))
            key = {"shop_id": shop, "item_id": f"i{item}", "date": DAYS}
            sales.append(pd.DataFrame({**key, "units": units.astype(float)}))
            prices.append(
                pd.DataFrame({**key, "unit_price": 50.0 * dear, "promoted": promoted.astype(float)})
            )
            stock.append(pd.DataFrame({**key, "in_stock_share": np.where(empty, 0.0, 1.0)}))
    known = np.where(rng.random(len(DAYS)) < 0.1, np.nan, heat)
    past = {name: pd.concat(parts, ignore_index=True) for name, parts in (("sales", sales), ("stock", stock))}
    return {
        **{name: table[table["date"] < DAYS[N_DAYS]] for name, table in past.items()},
        "prices": pd.concat(prices, ignore_index=True),
        "calendar": pd.DataFrame({"date": DAYS, "event": None, "heat": known}),
    }


@cache
def folder() -> Path:
    """The fitted model, saved."""
    model = DemandForecaster(horizon=HORIZON).fit(**world())
    save_model(model, path := Path(mkdtemp()) / "demand")
    return path


@cache
def predictor() -> Predictor:
    """The saved model, loaded to serve."""
    return Predictor.load(folder())


def only(shop: str) -> dict[str, pd.DataFrame]:
    """The tables of one shop."""
    return {n: t[t["shop_id"] == shop] if "shop_id" in t.columns else t for n, t in world().items()}


def a_request(shop: str = "s", items: range = range(N_ITEMS)) -> ForecastRequest:
    """Ask for items of a shop with all that is known of them."""
    start = DAYS[0].date()

    def column(table: str, name: str, item: int) -> np.ndarray:
        rows = world()[table]
        mine = rows[(rows["shop_id"] == shop) & (rows["item_id"] == f"i{item}")]
        return mine[name].to_numpy()

    histories = tuple(
        ItemHistory(
            item_id=f"i{item}",
            category=None,
            start=start,
            units_milli=tuple(int(1000 * u) for u in column("sales", "units", item)),
            in_stock_share=tuple(column("stock", "in_stock_share", item).tolist()),
            price_paise=tuple(round(100 * p) for p in column("prices", "unit_price", item)),
            covariates=(Covariate("promoted", start, tuple(column("prices", "promoted", item).tolist())),),
        )
        for item in items
    )
    heat = tuple(None if np.isnan(v) else float(v) for v in world()["calendar"]["heat"])
    return ForecastRequest(shop, None, HORIZON, histories, covariates=(Covariate("heat", start, heat),))


def ask(request: ForecastRequest) -> np.ndarray:
    """Means in units, by item and day."""
    answer = predictor().answer(decode_request(encode(request)))
    assert isinstance(answer, ForecastAnswer)
    return np.array([[day.mean_milli / 1000 for day in item.days] for item in answer.items])


def changed(request: ForecastRequest, **changes: object) -> ForecastRequest:
    """The request with every item changed."""
    return replace(request, items=tuple(replace(item, **changes) for item in request.items))  # type: ignore[arg-type]


@pytest.mark.parametrize("shop", SHOPS)
def test_a_shop_alone_is_answered_as_the_library_answers_it(shop: str) -> None:
    model = load_model(folder(), kind="demand")
    table = model.predict(**only(shop))
    expected = table["mean"].to_numpy().reshape(N_ITEMS, HORIZON)
    np.testing.assert_allclose(ask(a_request(shop)), expected, atol=2e-3)


def test_all_shops_at_once_differ_from_one_alone_by_the_alignment_with_their_sums_only() -> None:
    model = load_model(folder(), kind="demand")
    together = model.predict(**world())
    mine = together[together["shop_id"] == "s"]["mean"].to_numpy().reshape(N_ITEMS, HORIZON)
    alone = ask(a_request("s"))
    assert abs(mine.sum() / alone.sum() - 1.0) < 0.1
    np.testing.assert_allclose(mine, alone, rtol=0.3)


def test_a_dearer_price_ahead_is_not_forecast_to_sell_more() -> None:
    request = a_request()
    usual = ask(request)
    dearer = replace(
        request,
        items=tuple(
            replace(
                item,
                price_paise=(
                    *(item.price_paise or ())[:N_DAYS],
                    *(round(1.3 * (p or 0)) for p in (item.price_paise or ())[N_DAYS:]),
                ),
            )
            for item in request.items
        ),
    )
    raised = ask(dearer)
    assert raised.sum() < usual.sum()
    assert (raised.sum(axis=1) <= 1.02 * usual.sum(axis=1)).all()


def test_a_promotion_and_a_hot_week_ahead_lift_the_forecast() -> None:
    request, start = a_request(), DAYS[N_DAYS].date()
    by_promotion = [
        ask(changed(request, covariates=(Covariate("promoted", start, (flag,) * HORIZON),))).sum()
        for flag in (0.0, 1.0)
    ]
    by_heat = [
        ask(replace(request, covariates=(Covariate("heat", start, (degrees,) * HORIZON),))).sum()
        for degrees in (20.0, 31.0)
    ]
    assert by_promotion[1] > 1.2 * by_promotion[0]
    assert by_heat[1] > 1.1 * by_heat[0]


def test_missing_and_unknown_covariates_are_allowed() -> None:
    request = a_request()
    empty = (Covariate("heat", DAYS[0].date(), (None,) * N_DAYS), Covariate("rain", date(2026, 1, 1), (3.0,)))
    assert np.isfinite(ask(replace(request, covariates=empty))).all()
    assert np.isfinite(ask(changed(replace(request, covariates=()), covariates=()))).all()


def test_a_covariate_given_twice_is_refused_by_name() -> None:
    twice = (Covariate("heat", DAYS[0].date(), (1.0,)),) * 2
    with pytest.raises(RuleError, match="given twice"):
        predictor().answer(replace(a_request(), covariates=twice))


def test_a_sold_out_week_is_told_from_a_week_without_demand() -> None:
    request = a_request(items=range(1))
    (item,) = request.items
    idle = (*item.units_milli[:-7], *(0,) * 7)
    shares = (item.in_stock_share or ())[:-7]
    sold_out = replace(item, units_milli=idle, in_stock_share=(*shares, *(0.0,) * 7))
    no_demand = replace(item, units_milli=idle, in_stock_share=(*shares, *(1.0,) * 7))
    unknown = replace(item, units_milli=idle, in_stock_share=(*shares, *(None,) * 7))
    empty_shelf, nothing_wanted, untold = (
        ask(replace(request, items=(each,))).sum() for each in (sold_out, no_demand, unknown)
    )
    assert empty_shelf > 1.1 * nothing_wanted
    assert np.isfinite(untold)
