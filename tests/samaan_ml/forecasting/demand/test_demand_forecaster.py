"""The global forecaster and its served form, on a small shop fitted once."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from samaan_ml.exceptions import ArtifactError, NotFittedError, ParameterError
from samaan_ml.forecasting import DemandForecaster, SeasonalNaiveForecaster
from samaan_ml.forecasting.demand._serving import Histories, ServedDemandModel

HORIZON = 7
N_DAYS = 300
DAYS = pd.date_range("2025-01-01", periods=N_DAYS + HORIZON)
FESTIVALS = pd.DataFrame({"date": DAYS[[60, 150, 240, 303]], "event": "Haat"})


@cache
def world() -> pd.DataFrame:
    """Two shops, closed on Sundays, eight items with weekday and festival effects."""
    rng = np.random.default_rng(0)
    weekday = 1.0 + 0.8 * (DAYS.day_of_week == 5)
    festive = 1.0 + 2.0 * DAYS.isin(FESTIVALS["date"])
    parts = []
    for shop in ("s", "t"):
        for item in range(8):
            units = rng.poisson((1.0 + item) * weekday * festive).astype(float)
            parts.append(pd.DataFrame({"shop_id": shop, "item_id": f"i{item}", "date": DAYS, "units": units}))
    sales = pd.concat(parts, ignore_index=True)
    return sales[sales["date"].dt.day_of_week != 6].reset_index(drop=True)


ITEMS = pd.DataFrame({"item_id": [f"i{k}" for k in range(8)], "category": ["dal", "tea"] * 4})


def past() -> pd.DataFrame:
    """Sales up to the origin."""
    sales = world()
    return sales[sales["date"] < DAYS[N_DAYS]]


@cache
def fitted() -> DemandForecaster:
    """The forecaster every test asks."""
    return DemandForecaster(horizon=HORIZON).fit(past(), calendar=FESTIVALS, items=ITEMS)


def histories(model: DemandForecaster, rows: list[int]) -> Histories:
    """Ask for some series of the fitted panel."""
    panel = model.history_
    ids = panel.series.iloc[rows]
    return Histories(
        shop_id=str(ids["shop_id"].iloc[0]),
        item_ids=tuple(ids["item_id"].astype(str)),
        last_day=panel.dates[-1],
        units=panel.units[rows],
        events=tuple((np.datetime64(day, "D"), "Haat") for day in FESTIVALS["date"].to_numpy()),
    )


def test_the_frame_has_a_row_a_series_and_day():
    forecast = fitted().predict()
    assert forecast.columns.tolist() == ["shop_id", "item_id", "date", "mean", "q0.1", "q0.5", "q0.9"]
    assert len(forecast) == 16 * HORIZON
    assert forecast["date"].min() == DAYS[N_DAYS]
    assert (forecast["q0.1"] <= forecast["q0.5"]).all()
    assert (forecast["q0.5"] <= forecast["q0.9"]).all()


def test_it_beats_seasonal_naive_by_absolute_error_and_by_pinball():
    truth = world()
    truth = truth[truth["date"] >= DAYS[N_DAYS]].set_index(["shop_id", "item_id", "date"])["units"]
    naive = SeasonalNaiveForecaster(horizon=HORIZON).fit(past()).predict()
    errors, losses = [], []
    for forecast in (fitted().predict(), naive):
        joined = forecast.set_index(["shop_id", "item_id", "date"]).join(truth, how="inner")
        errors.append((joined["mean"] - joined["units"]).abs().sum())
        off = {q: joined["units"] - joined[f"q{q}"] for q in (0.1, 0.5, 0.9)}
        losses.append(sum(np.maximum(q * e, (q - 1) * e).sum() for q, e in off.items()))
    assert errors[0] < 0.9 * errors[1]
    assert losses[0] < 0.9 * losses[1]


def test_a_weekday_on_which_the_shop_is_always_closed_is_forecast_as_nothing():
    forecast = fitted().predict()
    sunday = forecast["date"].dt.day_of_week == 6
    assert sunday.any()
    assert (forecast.loc[sunday, ["mean", "q0.1", "q0.9"]] == 0).all(axis=None)
    assert (forecast.loc[~sunday, "mean"] > 0).all()


def test_a_festival_known_ahead_lifts_its_day():
    with_it = fitted().predict().groupby("date")["mean"].sum()
    without = fitted().predict(calendar=FESTIVALS.iloc[:3]).groupby("date")["mean"].sum()
    assert with_it[DAYS[303]] > 1.2 * without[DAYS[303]]


def test_the_state_holds_no_history_and_answers_from_given_sales_alike():
    again = DemandForecaster.from_state(fitted().get_state())
    with pytest.raises(NotFittedError):
        again.predict()
    given = again.predict(sales=past(), calendar=FESTIVALS)
    pd.testing.assert_frame_equal(given, fitted().predict())


def test_another_day_of_sales_needs_no_refit():
    longer = world()[world()["date"] < DAYS[N_DAYS + 1]]
    forecast = fitted().predict(sales=longer, calendar=FESTIVALS, items=ITEMS)
    assert forecast["date"].min() == DAYS[N_DAYS + 1]


def test_a_state_from_before_festivals_of_rest_were_known_still_forecasts():
    model = fitted()
    state = dict(model.get_state())
    state["engine"] = {name: part for name, part in state["engine"].items() if name != "closed_on"}
    old = ServedDemandModel.from_state(state)
    now = ServedDemandModel.from_state(model.get_state())
    assert old.engine.closed_on == {}
    np.testing.assert_array_equal(old.engine.model.forests[0].value, now.engine.model.forests[0].value)


def test_a_state_that_lacks_a_part_is_refused():
    state = {name: part for name, part in fitted().get_state().items() if name != "engine"}
    with pytest.raises(ArtifactError, match="engine"):
        DemandForecaster.from_state(state)


def test_nothing_after_the_origin_is_looked_at():
    sales = world()
    disturbed = sales.assign(units=np.where(sales["date"] >= DAYS[N_DAYS], 1e4, sales["units"]))
    cut = disturbed[disturbed["date"] < DAYS[N_DAYS]]
    again = DemandForecaster(horizon=HORIZON).fit(cut, calendar=FESTIVALS, items=ITEMS).predict()
    pd.testing.assert_frame_equal(again, fitted().predict())


def test_drivers_sum_to_the_forecast():
    explained = fitted().explain()
    drivers = explained.columns[4:]
    np.testing.assert_allclose(explained[drivers].sum(axis=1), explained["mean"], atol=1e-9)
    festive = explained[explained["date"] == DAYS[303]]
    assert festive["event"].mean() > explained[explained["date"] == DAYS[302]]["event"].mean()


def test_sums_over_levels_agree_with_the_items():
    model = fitted()
    forecast, levels = model.predict(), model.predict_levels()
    total = levels[()][1]
    np.testing.assert_allclose(total.mean[0], forecast.groupby("date")["mean"].sum().to_numpy())
    by_shop, sums = levels[("shop_id",)]
    own = forecast.groupby(["shop_id", "date"])["mean"].sum().to_numpy().reshape(2, HORIZON)
    assert by_shop["shop_id"].tolist() == ["s", "t"]
    np.testing.assert_allclose(sums.mean, own)
    assert (np.diff(sums.quantiles, axis=2) >= 0).all()


def test_the_served_model_answers_what_the_library_answers():
    model = fitted()
    served = ServedDemandModel.from_state(model.get_state())
    rows = list(range(8))
    answer = served.forecast(histories(model, rows), explain=True)
    panel = model.history_
    without_rest = model._means(panel.take(np.array(rows)), HORIZON)  # a part of the shops is not scaled
    np.testing.assert_allclose(answer.mean, without_rest.mean)
    assert answer.quantiles.shape == (8, HORIZON, 3)
    assert answer.dates[0] == np.datetime64(DAYS[N_DAYS], "D")
    np.testing.assert_allclose(sum(units for _, units in answer.drivers), answer.mean.mean(axis=1), atol=1e-9)


def test_the_total_is_narrower_than_the_sum_of_its_days():
    model = fitted()
    served = ServedDemandModel.from_state(model.get_state())
    answer = served.forecast(histories(model, list(range(8))), levels=(0.1, 0.9))
    width = answer.total_quantiles[:, 1] - answer.total_quantiles[:, 0]
    days = (answer.quantiles[:, :, 1] - answer.quantiles[:, :, 0]).sum(axis=1)
    assert (width < days).all()


def test_one_item_is_answered_from_its_own_history():
    model = fitted()
    served = ServedDemandModel.from_state(model.get_state())
    whole = served.forecast(histories(model, list(range(8))))
    alone = served.forecast(histories(model, [3]))
    np.testing.assert_allclose(alone.mean[0], whole.mean[3], rtol=0.25)


def test_a_new_item_gets_an_answer_of_low_confidence_and_wider_bounds():
    model = fitted()
    served = ServedDemandModel.from_state(model.get_state())
    old = histories(model, [3])
    units = np.full_like(old.units, np.nan)
    units[0, -5:] = [4.0, np.nan, 3.0, 5.0, 4.0]
    new = Histories("s", ("never seen",), old.last_day, units, categories=("tea",), events=old.events)
    answer, mature = served.forecast(new), served.forecast(old)
    assert answer.confidence == ("low",)
    assert np.isfinite(answer.quantiles).all()
    relative = []
    for each in (answer, mature):
        sold = each.mean[0] > 0
        relative.append((each.quantiles[0, sold, 2] - each.quantiles[0, sold, 0]) / each.mean[0, sold])
    assert relative[0].mean() > relative[1].mean()


def test_an_item_that_never_sold_is_forecast_near_nothing():
    served = ServedDemandModel.from_state(fitted().get_state())
    old = histories(fitted(), [3])
    answer = served.forecast(Histories("s", ("idle",), old.last_day, np.zeros((1, 90))))
    assert answer.mean.max() < 0.5
    assert answer.confidence == ("low",)


@pytest.mark.parametrize("units", [np.zeros((2, 5)), np.zeros((1, 0)), np.zeros(5)])
def test_histories_of_a_wrong_shape_are_refused(units):
    served = ServedDemandModel.from_state(fitted().get_state())
    with pytest.raises(ParameterError, match="units"):
        served.forecast(Histories("s", ("a",), np.datetime64("2026-01-01"), units))


def test_lost_units_are_told_where_stock_is_known():
    days = pd.date_range("2026-01-01", periods=60)
    sold_out = np.arange(60) % 6 == 0
    sales = pd.DataFrame(
        {"shop_id": "s", "item_id": "a", "date": days, "units": np.where(sold_out, 2.0, 6.0)}
    )
    stock = sales[["shop_id", "item_id", "date"]].assign(in_stock_share=np.where(sold_out, 0.3, 1.0))
    model = DemandForecaster(horizon=7).fit(sales, stock=stock)
    assert model.lost_units_["lost_units"].item() > 20
    raw = DemandForecaster(horizon=7).fit(sales).predict()["mean"].mean()
    assert model.predict()["mean"].mean() > raw


def test_a_festival_with_hardly_a_sale_is_forecast_as_closed_and_served_alike():
    days = pd.date_range("2023-01-01", "2024-12-20")
    rng = np.random.default_rng(0)
    christmas = (days.month == 12) & (days.day == 25)
    new_year = (days.month == 1) & (days.day == 1) & (days.year == 2024)
    closed = christmas | new_year
    sales = pd.concat(
        pd.DataFrame(
            {
                "shop_id": "s",
                "item_id": item,
                "date": days,
                "units": np.where(closed, 0.0, rng.poisson(9, len(days))),
            }
        )
        for item in ("a", "b", "c")
    )
    sales.loc[sales["date"].isin(days[closed]) & (sales["item_id"] == "a"), "units"] = 1.0
    festive = pd.DataFrame({"date": [*days[closed], pd.Timestamp("2024-12-25")], "event": "Rest"})
    model = DemandForecaster(horizon=7).fit(sales, calendar=festive)
    forecast = model.predict()
    rest = forecast["date"] == pd.Timestamp("2024-12-25")
    assert (forecast.loc[rest, ["mean", "q0.9"]] == 0).all(axis=None)
    assert (forecast.loc[~rest, "mean"] > 4).all()
    panel = model.history_
    events = tuple((day.to_datetime64(), "Rest") for day in festive["date"])
    served = ServedDemandModel.from_state(model.get_state()).forecast(
        Histories("s", ("a", "b", "c"), panel.dates[-1], panel.units, events=events)
    )
    np.testing.assert_allclose(served.mean.ravel(), forecast["mean"], rtol=1e-5)
