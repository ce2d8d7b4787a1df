"""One table in many forms is one table, and nothing of it is lost."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samaan_ml.exceptions import DataError, TableError
from samaan_ml.features import build_panel
from samaan_ml.forecasting import DemandForecaster, WindowMeanForecaster
from samaan_ml.tables import PRICES, SALES, ShopData, check, covariate_arrays, normalise

DAYS = 70


def a_shop() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sales and prices with a promotion of four items, whose ids are numbers."""
    rng = np.random.default_rng(5)
    dates, known = pd.date_range("2025-01-01", periods=DAYS), pd.date_range("2025-01-01", periods=DAYS + 7)
    sales, prices = [], []
    for item in (2, 10, 33, 400):
        on = rng.random(DAYS + 7) < 0.3
        units = rng.poisson(4 * np.where(on[:DAYS], 3, 1)).astype(float)
        sales.append(pd.DataFrame({"shop_id": 7, "item_id": item, "date": dates, "units": units}))
        prices.append(
            pd.DataFrame({"shop_id": 7, "item_id": item, "date": known, "unit_price": 10.5, "promo": on})
        )
    return pd.concat(sales, ignore_index=True), pd.concat(prices, ignore_index=True)


Encode = Callable[[pd.DataFrame], Any]


def with_dates(change: Callable[[pd.Series], Any]) -> Encode:
    return lambda table: table.assign(date=change(table["date"]))


def with_ids(change: Callable[[pd.Series], Any]) -> Encode:
    return lambda table: table.assign(shop_id=change(table["shop_id"]), item_id=change(table["item_id"]))


def with_numbers(change: Callable[[pd.Series], Any]) -> Encode:
    return lambda table: table.assign(
        **{name: change(table[name]) for name in ("units", "unit_price") if name in table}
    )


def with_promotion(change: Callable[[pd.Series], Any]) -> Encode:
    return lambda table: table.assign(promo=change(table["promo"])) if "promo" in table else table


DATES: list[Encode] = [
    with_dates(lambda d: d),
    with_dates(lambda d: d.dt.strftime("%Y-%m-%d")),
    with_dates(lambda d: d.dt.strftime("%Y%m%d")),
    with_dates(lambda d: d.dt.date),
    with_dates(lambda d: d.astype("datetime64[s]")),
    with_dates(lambda d: d.astype("datetime64[us]")),
    with_dates(lambda d: d.dt.to_period("D")),
    with_dates(lambda d: d.dt.to_period("D").astype(object)),
    with_dates(lambda d: d.astype("category")),
    with_dates(lambda d: d.astype(pd.ArrowDtype(pa.date32()))),
]
IDS: list[Encode] = [
    with_ids(lambda i: i),
    with_ids(lambda i: i.astype("str")),
    with_ids(lambda i: i.astype("float64")),
    with_ids(lambda i: i.astype("Int64")),
    with_ids(lambda i: i.astype("category")),
    with_ids(lambda i: i.astype("string")),
    with_ids(lambda i: [str(each) if place % 2 else each for place, each in enumerate(i)]),
    with_ids(lambda i: i.astype(pd.ArrowDtype(pa.int64()))),
]
NUMBERS: list[Encode] = [
    with_numbers(lambda n: n),
    with_numbers(lambda n: n.astype("float32")),
    with_numbers(lambda n: n.astype("Float64")),
    with_numbers(lambda n: n.astype("str")),
    with_numbers(lambda n: [Decimal(str(each)) for each in n]),
    with_numbers(lambda n: n.astype(pd.ArrowDtype(pa.float64()))),
]
PROMOTIONS: list[Encode] = [
    with_promotion(lambda p: p),
    with_promotion(lambda p: p.astype(int)),
    with_promotion(lambda p: p.astype("boolean")),
    with_promotion(lambda p: p.map({True: "yes", False: "no"})),
    with_promotion(lambda p: p.map({True: "1", False: "0"})),
    with_promotion(lambda p: p.astype(object)),
    with_promotion(lambda p: p.astype(pd.ArrowDtype(pa.bool_()))),
]
FRAMES: list[Encode] = [
    lambda table: table,
    lambda table: table.sample(frac=1, random_state=3),
    lambda table: table[sorted(table.columns)],
    lambda table: table.set_index("date"),
    lambda table: table.convert_dtypes(dtype_backend="pyarrow"),
]
WHOLES: list[Encode] = [
    pl.from_pandas,
    lambda table: pl.from_pandas(table).lazy(),
    lambda table: pl.from_pandas(table).with_columns(pl.col("date").cast(pl.Date)),
    pa.Table.from_pandas,
    lambda table: table.to_dict(orient="list"),
]


def told(sales: Any, prices: Any) -> pd.DataFrame:
    return WindowMeanForecaster(horizon=7).fit(sales, prices=prices).predict()


def panel_of(sales: Any, prices: Any) -> tuple[Any, ...]:
    panel = build_panel(sales, prices, horizon=7)
    assert panel.price_values is not None
    return panel.units, panel.unit_price, panel.price_values, panel.unique_id, panel.price_covariates


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(*map(st.sampled_from, (DATES, IDS, NUMBERS, PROMOTIONS, FRAMES))))
def test_any_encoding_of_a_table_gives_the_same_panel(encoders: tuple[Encode, ...]) -> None:
    given_, wanted = list(a_shop()), panel_of(*a_shop())
    for encode in encoders:
        given_ = [encode(table) for table in given_]
    for got, want in zip(panel_of(*given_), wanted, strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("whole", WHOLES)
def test_any_library_of_frames_gives_the_same_forecast(whole: Encode) -> None:
    sales, prices = a_shop()
    pd.testing.assert_frame_equal(told(whole(sales), whole(prices)), told(sales, prices))


def test_a_promotion_is_learned_in_whatever_form_it_comes() -> None:
    sales, prices = a_shop()
    plain = DemandForecaster(horizon=7, random_state=1).fit(sales, prices=prices).predict()
    text = prices.assign(
        date=prices["date"].dt.strftime("%Y-%m-%d"), promo=prices["promo"].map({True: "Yes", False: "no"})
    )
    other = (
        DemandForecaster(horizon=7, random_state=1)
        .fit(pl.from_pandas(sales), prices=pl.from_pandas(text))
        .predict()
    )
    np.testing.assert_allclose(plain["mean"], other["mean"])


def test_shop_data_keeps_the_promotion_of_a_csv_file(tmp_path: Any) -> None:
    sales, prices = a_shop()
    sales.to_csv(tmp_path / "sales.csv", index=False)
    prices.to_csv(tmp_path / "prices.csv", index=False)
    loaded = ShopData.load(tmp_path)
    assert loaded.prices is not None
    assert loaded.prices["promo"].sum() == prices["promo"].sum()
    loaded.save(tmp_path / "again")
    again = ShopData.load(tmp_path / "again").prices
    assert again is not None
    np.testing.assert_array_equal(again["promo"], loaded.prices["promo"])


def test_what_is_not_read_is_named_in_the_notes() -> None:
    sales, prices = a_shop()
    shelf = prices.assign(shelf=["top", "eye"] * (len(prices) // 2))
    items = pd.DataFrame({"item_id": [2, 10], "category": ["a", "b"]})
    model = WindowMeanForecaster(horizon=7).fit(sales.assign(till="north"), prices=shelf, items=items)
    text = " ".join(model.notes_)
    assert "columns of table 'sales' that are not used: 'till'" in text
    assert "columns of table 'prices' that are not used: 'shelf'" in text
    assert "2 item_id of table 'sales' are not in table 'items': '33', '400'" in text


def test_series_without_a_price_are_named() -> None:
    sales, prices = a_shop()
    model = WindowMeanForecaster(horizon=7).fit(sales, prices=prices[prices["item_id"] != 33])
    assert any(
        "1 of 4 series have no row in table 'prices', the first '7/33'" in note for note in model.notes_
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"units": [True]}, "not_a_number"),
        ({"units": [pd.Timedelta(days=1)]}, "not_a_number"),
        ({"units": ["1,5"]}, "not_a_number"),
        ({"date": ["2026-01"]}, "not_a_date"),
        ({"date": [np.datetime64("9999-12-31", "s")]}, "not_a_date"),
        ({"date": ["9999-12-31"]}, "not_a_date"),
        ({"date": [46000]}, "not_a_date"),
        ({"date": ["2026-01-01T00:00:00Z"]}, "zone"),
        ({"date": [np.datetime64("2026-01-01T10", "s")]}, "time_of_day"),
        ({"shop_id": ["a/b"]}, "slash"),
        ({"item_id": [None]}, "missing"),
    ],
)
def test_a_value_that_cannot_be_read_has_a_code(changes: dict[str, Any], code: str) -> None:
    row = {"shop_id": ["s"], "item_id": ["i"], "date": ["2026-01-01"], "units": [1.0]}
    with pytest.raises(TableError) as caught:
        check(row | changes, SALES)
    assert code in {problem.code for problem in caught.value.problems}


def test_a_column_given_twice_is_refused_by_name() -> None:
    sales, _ = a_shop()
    twice = pd.concat([sales, sales[["units"]]], axis=1)
    with pytest.raises(TableError, match="units: the table has this column 2 times") as caught:
        WindowMeanForecaster().fit(twice)
    assert caught.value.problems[0].code == "column_repeated"


def test_decimal_commas_are_read_where_they_are_asked_for(tmp_path: Any) -> None:
    row = {"shop_id": ["s"], "item_id": ["i"], "date": ["2026-01-01"], "unit_price": ["1.234,50"]}
    assert check(row, PRICES, decimal=",")["unit_price"].tolist() == [1234.5]
    (tmp_path / "sales.csv").write_text("shop_id;item_id;date;units\ns;i;2026-01-01;2,5\n")
    sales = ShopData.load(tmp_path, decimal=",").sales
    assert sales is not None
    assert sales["units"].tolist() == [2.5]


# ---------------------------------------------------------------- dates far away


@pytest.mark.parametrize("date", ["2052-01-04", "1925-01-04", "2026-01-04", "1970-01-01"])
def test_one_mistyped_date_is_left_out_and_named(date: str) -> None:
    sales, _ = a_shop()
    typed = sales.copy()
    typed.loc[3, "date"] = pd.Timestamp(date)
    model = WindowMeanForecaster(horizon=7).fit(typed)
    assert model.predict()["date"].min() == pd.Timestamp("2025-01-01") + pd.Timedelta(days=DAYS)
    assert any(f"row 3, '7/2' on {date}" in note for note in model.notes_)


def test_a_shop_that_opens_again_after_half_a_year_loses_nothing() -> None:
    sales, _ = a_shop()
    again = sales[sales["date"] >= sales["date"].max()].assign(
        date=sales["date"].max() + pd.Timedelta(days=180)
    )
    table, notes = normalise(pd.concat([sales, again]), SALES)
    assert len(table) == len(sales) + len(again)
    assert notes == ()


def test_dates_out_of_all_proportion_to_the_rows_are_refused() -> None:
    days = pd.date_range("1700-01-01", "2249-01-01", periods=40).normalize()
    sales = pd.DataFrame(
        {"shop_id": "s", "item_id": [f"i{k}" for k in range(2000)], "date": np.tile(days, 50), "units": 1.0}
    )
    with pytest.raises(DataError, match="check its dates"):
        build_panel(sales)


# ---------------------------------------------------------------- covariates


def test_a_row_of_an_item_outranks_its_shop_and_that_all_shops() -> None:
    table = {
        "shop_id": [None, "s1", "s1"],
        "item_id": [None, "all", "tea"],
        "date": ["2026-01-02"] * 3,
        "name": ["weather"] * 3,
        "value": [1.0, 2.0, 3.0],
    }
    days = np.arange("2026-01-01", "2026-01-04", dtype="datetime64[D]")
    names, values, notes = covariate_arrays(table, ["s1", "s1", "s2"], ["tea", "salt", "tea"], days)
    assert (names, notes) == (("weather",), ())
    assert values[0, :, 1].tolist() == [3.0, 2.0, 1.0]
    assert np.isnan(values[0, :, [0, 2]]).all()


def test_a_covariate_that_holds_lasts_until_its_next_row() -> None:
    table = {
        "date": ["2026-01-01", "2026-01-03"],
        "name": ["width", "width"],
        "value": [4.0, 6.0],
        "holds": ["until_next", "day"],
    }
    days = np.arange("2026-01-01", "2026-01-06", dtype="datetime64[D]")
    _, values, _ = covariate_arrays(table, ["s"], ["i"], days)
    np.testing.assert_array_equal(values[0, 0], [4, 4, 6, np.nan, np.nan])


def test_covariates_of_nobody_are_named() -> None:
    table = {"item_id": ["ghee"], "date": ["2026-01-01"], "name": ["promotion"], "value": [1]}
    days = np.arange("2026-01-01", "2026-01-03", dtype="datetime64[D]")
    _, _, notes = covariate_arrays(table, ["s"], ["tea"], days)
    assert notes == ("1 rows of table 'covariates' name a shop or item that has no sales; they are not used",)
