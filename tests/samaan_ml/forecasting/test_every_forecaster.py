"""What every forecaster must do; a new class is found and held to it without a line here."""

import inspect
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml import forecasting
from samaan_ml.exceptions import ArtifactError, NotFittedError, ParameterError, TableError
from samaan_ml.forecasting import BaseForecaster, leak_test

START = pd.Timestamp("2026-01-05")


def every_forecaster():
    """Find every concrete forecaster of the package, on the menu or not."""
    for name in forecasting.__all__:
        getattr(forecasting, name)  # the menu is lazy: a class exists once it is named
    found, open_ends = set(), [BaseForecaster]
    while open_ends:
        kind = open_ends.pop()
        open_ends += kind.__subclasses__()
        if not inspect.isabstract(kind) and kind.__module__.startswith("samaan_ml."):
            found.add(kind)
    return sorted(found, key=lambda kind: kind.__name__)


FORECASTERS = every_forecaster()
forecaster_kinds = pytest.mark.parametrize("kind", FORECASTERS, ids=lambda kind: kind.__name__)


def sales_of(units, item="a", start=START, gaps=()):
    """Write units as a sales table of one shop, without the days in `gaps`."""
    dates = pd.date_range(start, periods=len(units))
    table = pd.DataFrame(
        {"shop_id": "s", "item_id": item, "date": dates, "units": np.asarray(units, dtype=float)}
    )
    return table[~table.index.isin(gaps)].reset_index(drop=True)


def a_shop(n_items=4, days=120, seed=0):
    """Sales of a small shop with a weekday pattern."""
    rng = np.random.default_rng(seed)
    weekday = 1.0 + 0.5 * np.isin(np.arange(days) % 7, (5, 6))
    rates = rng.gamma(1.5, 2.0, n_items)
    return pd.concat(
        [sales_of(rng.poisson(rate * weekday), item=f"i{k}") for k, rate in enumerate(rates)],
        ignore_index=True,
    )


def edge_tables():
    """Twenty awkward series, each a sales table of its own."""
    rng = np.random.default_rng(0)
    steady = rng.poisson(5.0, 60).astype(float)
    outlier = np.where(np.arange(60) == 40, 100_000.0, steady)
    late = sales_of([3.0, 4.0], item="b", start=START + pd.Timedelta(days=58))
    return {
        "all zeros": sales_of(np.zeros(60)),
        "one sale": sales_of([0.0] * 30 + [3.0] + [0.0] * 29),
        "one day": sales_of([4.0]),
        "two days": sales_of([4.0, 2.0]),
        "three days": sales_of([4.0, 0.0, 2.0]),
        "eight days": sales_of(range(1, 9)),
        "huge outlier": sales_of(outlier),
        "duplicate rows": pd.concat([sales_of(steady), sales_of(steady).iloc[:5]], ignore_index=True),
        "gaps": sales_of(steady, gaps=(3, 4, 5, 20, 33)),
        "a month closed": sales_of(steady, gaps=range(20, 50)),
        "constant": sales_of([7.0] * 60),
        "stopped selling": sales_of([5.0] * 30 + [0.0] * 30),
        "begins on the last day": sales_of([0.0] * 59 + [2.0]),
        "fractions": sales_of(rng.gamma(0.5, 0.01, 60)),
        "huge numbers": sales_of(rng.gamma(2.0, 1e9, 60)),
        "lumpy": sales_of(rng.poisson(0.05, 200) * rng.poisson(60.0, 200)),
        "alternating": sales_of([0.0, 10.0] * 30),
        "steep growth": sales_of(np.exp(np.linspace(0, 6, 60))),
        "unsorted": sales_of(steady).sample(frac=1.0, random_state=1),
        "two series of unequal length": pd.concat([sales_of(steady), late], ignore_index=True),
    }


EDGES = edge_tables()


def assert_sane(forecast, sales, horizon, levels=(0.1, 0.5, 0.9)):
    """Hold a forecast's shape, dates, signs and order."""
    pairs = sales[["shop_id", "item_id"]].drop_duplicates()
    columns = [f"q{level:g}" for level in levels]
    assert forecast.columns.tolist() == ["shop_id", "item_id", "date", "mean", *columns]
    assert len(forecast) == len(pairs) * horizon
    ahead = pd.date_range(sales["date"].max() + pd.Timedelta(days=1), periods=horizon)
    assert all(group["date"].tolist() == list(ahead) for _, group in forecast.groupby(["shop_id", "item_id"]))
    values = forecast[["mean", *columns]].to_numpy()
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert (np.diff(forecast[columns].to_numpy(), axis=1) >= 0).all()


def test_the_family_is_found():
    names = {kind.__name__ for kind in FORECASTERS}
    assert {"SeasonalNaiveForecaster", "WindowMeanForecaster", "CrostonForecaster", "ETSForecaster"} <= names
    assert {kind.__name__ for kind in FORECASTERS} <= set(forecasting.__all__), (
        "a forecaster is not on the menu"
    )


@forecaster_kinds
@pytest.mark.parametrize("edge", EDGES)
def test_an_awkward_series_gets_a_sane_forecast(kind, edge):
    sales = EDGES[edge]
    model = kind(horizon=5).fit(sales)
    assert_sane(model.predict(), sales, horizon=5)
    if edge != "all zeros":
        assert model.predict()["mean"].max() <= 3 * sales["units"].max(), (
            "a forecast far above all that ever sold"
        )
    if edge == "duplicate rows":
        assert any("repeat" in note for note in model.notes_)
    if edge == "all zeros":
        assert model.predict()["mean"].max() < 0.01
    if edge == "huge outlier":
        assert any("check the entry" in note for note in model.notes_)
        assert model.predict()["mean"].max() < 60, "one absurd entry ruled the forecast"


@forecaster_kinds
def test_known_futures_alone_are_taken(kind):
    sales = a_shop(days=60)
    ahead = pd.date_range(sales["date"].max() + pd.Timedelta(days=1), periods=14)
    prices = pd.DataFrame({"shop_id": "s", "item_id": "i0", "date": ahead, "unit_price": 10.0})
    calendar = pd.DataFrame({"date": ahead[:1], "event": ["Diwali"]})
    model = kind(horizon=7).fit(sales, prices=prices, calendar=calendar)
    assert_sane(model.predict(), sales, horizon=7)


@forecaster_kinds
def test_the_same_seed_and_data_give_the_same_forecast(kind):
    sales = a_shop()
    first, second = (kind(horizon=7, random_state=3).fit(sales).predict() for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


@forecaster_kinds
def test_the_order_of_rows_does_not_matter(kind):
    sales = a_shop(days=90)
    mixed = sales.sample(frac=1.0, random_state=5)
    pd.testing.assert_frame_equal(kind(horizon=7).fit(sales).predict(), kind(horizon=7).fit(mixed).predict())


@forecaster_kinds
def test_the_future_does_not_leak(kind):
    from samaan_ml.features import build_panel

    sales = a_shop(days=150)
    stock = sales[["shop_id", "item_id", "date"]].assign(in_stock_share=1.0)
    stock.loc[::9, "in_stock_share"] = 0.4
    assert leak_test(kind(horizon=7), build_panel(sales, stock=stock, horizon=7)).passed


@forecaster_kinds
def test_state_survives_the_round_trip(kind):
    sales = a_shop()
    model = kind(horizon=7).fit(sales)
    again = kind.from_state(model.get_state())
    assert again.get_params() == model.get_params()
    pd.testing.assert_frame_equal(again.predict(sales=sales), model.predict(sales=sales))


@forecaster_kinds
def test_a_state_without_a_part_is_refused(kind):
    state = kind(horizon=7).fit(a_shop(days=60)).get_state()
    del state["parameters"]
    with pytest.raises(ArtifactError, match="parameters"):
        kind.from_state(state)


@forecaster_kinds
def test_newer_sales_move_the_forecast_without_a_refit(kind):
    sales = a_shop(days=120)
    early = sales[sales["date"] < START + pd.Timedelta(days=110)]
    model = kind(horizon=7).fit(early)
    later = model.predict(sales=sales)
    assert later["date"].min() == START + pd.Timedelta(days=120)
    assert_sane(later, sales, horizon=7)


@forecaster_kinds
def test_a_longer_horizon_may_be_asked_for(kind):
    sales = a_shop(days=90)
    assert_sane(kind(horizon=7).fit(sales).predict(horizon=21), sales, horizon=21)


@forecaster_kinds
def test_weeks_can_be_forecast(kind):
    sales = a_shop(days=7 * 40)
    forecast = kind(horizon=4, frequency="W").fit(sales).predict()
    assert np.isfinite(forecast["mean"]).all()
    assert (forecast.groupby("item_id")["date"].diff().dropna() == pd.Timedelta(days=7)).all()


@forecaster_kinds
def test_nothing_is_answered_before_fit(kind):
    with pytest.raises(NotFittedError, match="call 'fit' first"):
        kind().predict()


@forecaster_kinds
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("horizon", 0),
        ("horizon", 2.5),
        ("horizon", True),
        ("quantiles", (0.9, 0.1)),
        ("quantiles", ()),
        ("quantiles", (0.0, 0.5)),
        ("frequency", "M"),
        ("random_state", -1),
        ("random_state", None),
    ],
)
def test_a_parameter_out_of_its_range_is_named(kind, name, value):
    with pytest.raises(ParameterError, match=f"'{name}' of {kind.__name__} must be"):
        kind(**{name: value}).fit(a_shop(days=30))


@forecaster_kinds
def test_every_own_parameter_is_constrained(kind):
    constrained = {name for owner in kind.__mro__ for name in vars(owner).get("_constraints", {})}
    assert set(kind().get_params()) <= constrained


@forecaster_kinds
def test_constructor_parameters_are_stored_and_cloned(kind):
    model = kind(horizon=3, random_state=9)
    assert model.clone().get_params() == model.get_params()
    assert model.set_params(horizon=5).get_params()["horizon"] == 5
    with pytest.raises(ParameterError, match="'size' is not a parameter"):
        model.set_params(size=1)
    assert repr(model) == f"{kind.__name__}(horizon=5, random_state=9)"


@forecaster_kinds
def test_a_missing_column_is_reported(kind):
    with pytest.raises(TableError, match="units"):
        kind().fit(a_shop(days=30).drop(columns="units"))


@forecaster_kinds
def test_fit_and_predict_warn_of_nothing(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kind(horizon=7).fit(a_shop(days=90)).predict()


LOCAL = [kind for kind in FORECASTERS if kind.__name__ != "DemandForecaster"]


@pytest.mark.parametrize("kind", LOCAL, ids=lambda kind: kind.__name__)
@settings(max_examples=15)
@given(
    units=st.lists(st.one_of(st.just(0.0), st.floats(0, 1e4)), min_size=1, max_size=80),
    horizon=st.integers(1, 20),
)
def test_any_history_gets_a_sane_forecast(kind, units, horizon):
    sales = sales_of(units)
    assert_sane(kind(horizon=horizon).fit(sales).predict(), sales, horizon)
