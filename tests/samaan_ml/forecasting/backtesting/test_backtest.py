"""The backtest: origins, scores against the metrics, verdicts, its leak test, its picture and its command."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from samaan.backtest import backtest as command
from samaan_ml import metrics
from samaan_ml.exceptions import DataError, ParameterError
from samaan_ml.features import build_panel
from samaan_ml.forecasting import (
    BaseForecaster,
    ETSForecaster,
    Forecast,
    SeasonalNaiveForecaster,
    WindowMeanForecaster,
    backtest,
    leak_test,
)


@pytest.fixture(scope="module")
def sales():
    """Five items with a weekday pattern over half a year."""
    rng = np.random.default_rng(2)
    days = pd.date_range("2025-09-01", periods=180)
    weekday = 1.0 + 0.8 * np.isin(np.arange(180) % 7, (5, 6))
    tables = [
        pd.DataFrame({"shop_id": "s", "item_id": f"i{k}", "date": days, "units": rng.poisson(rate * weekday)})
        for k, rate in enumerate((0.2, 1.0, 3.0, 8.0, 20.0))
    ]
    return pd.concat(tables, ignore_index=True)


class Peeker(BaseForecaster):
    """A forecaster that cheats: it remembers the largest history any panel ever showed."""

    seen = None

    def _fit(self, panel):
        """Keep the panel's sum over all that its arrays still reach."""
        base = panel.units if panel.units.base is None else panel.units.base
        self.total_ = float(np.nansum(base))

    def _predict(self, panel, horizon):
        """Answer the leaked number."""
        mean = np.full((panel.n_series, horizon), self.total_)
        return Forecast(mean, np.repeat(mean[:, :, None], len(self.quantiles), axis=2))


def test_scores_equal_the_metrics_of_the_listed_forecasts(sales):
    report = backtest(ETSForecaster(horizon=7), sales, n_origins=3)
    table = report.to_frame()
    scores = report.scores().loc["ETSForecaster"]
    actual, mean = table[["units"]].to_numpy().T, table[["mean"]].to_numpy().T
    assert scores["wape"] == pytest.approx(metrics.wape(actual, mean))
    assert scores["bias"] == pytest.approx(metrics.bias(actual, mean))
    quantiles = table[["q0.1", "q0.5", "q0.9"]].to_numpy()[None]
    assert scores["wql"] == pytest.approx(metrics.wql(actual, quantiles, (0.1, 0.5, 0.9)))
    inside = (table["units"] >= table["q0.1"]) & (table["units"] <= table["q0.9"])
    assert scores["coverage"] == pytest.approx(inside.mean())
    assert scores["n"] == len(table) == 5 * 7 * 3


def test_each_origin_is_forecast_from_its_own_past(sales):
    report = backtest(SeasonalNaiveForecaster(horizon=7), sales, n_origins=2, step=10, baselines=[])
    table = report.to_frame()
    units = sales.set_index(["item_id", "date"])["units"]
    for _, row in table.iterrows():
        assert row["date"] > row["origin"]
        assert row["mean"] == units[(row["item_id"], row["date"] - pd.Timedelta(days=7))]


def test_groups_add_up_to_the_whole(sales):
    report = backtest(WindowMeanForecaster(horizon=7), sales, n_origins=2)
    whole = report.scores()["n"]
    for split in ("class", "horizon", "origin"):
        assert report.scores(split)["n"].groupby("model").sum().to_dict() == whole.to_dict()


def test_forecast_value_added_is_the_share_of_the_naive_error_saved(sales):
    scores = backtest(ETSForecaster(horizon=7), sales).scores()
    naive = scores.loc["SeasonalNaiveForecaster", "wape"]
    assert scores.loc["ETSForecaster", "fva"] == pytest.approx(
        1 - scores.loc["ETSForecaster", "wape"] / naive
    )
    assert scores.loc["SeasonalNaiveForecaster", "fva"] == 0.0


def test_a_model_that_loses_to_naive_may_not_be_used(sales):
    class TenTimesTooMuch(WindowMeanForecaster):
        """Window mean, but ten times as much."""

        def _predict(self, panel, horizon):
            """Multiply by ten."""
            right = super()._predict(panel, horizon)
            return Forecast(right.mean * 10, right.quantiles * 10)

    report = backtest(TenTimesTooMuch(horizon=7), sales)
    assert not report.verdicts()["use"].any()
    assert backtest(ETSForecaster(horizon=7), sales).verdicts()["use"].all()


def test_sold_out_days_do_not_count_unless_asked(sales):
    stock = sales[["shop_id", "item_id", "date"]].assign(in_stock_share=1.0)
    stock.loc[stock["date"] >= stock["date"].max() - pd.Timedelta(days=2), "in_stock_share"] = 0.5
    dropped = backtest(WindowMeanForecaster(horizon=7), sales, stock=stock, n_origins=1)
    kept = backtest(WindowMeanForecaster(horizon=7), sales, stock=stock, n_origins=1, sold_out="keep")
    assert (dropped.scores()["n"] == 5 * 4).all()
    assert (kept.scores()["n"] == 5 * 7).all()


def test_without_refit_the_model_of_the_first_origin_answers(sales):
    frozen = backtest(ETSForecaster(horizon=7), sales, n_origins=3, refit=False)
    fresh = backtest(ETSForecaster(horizon=7), sales, n_origins=3)
    first_frozen, first_fresh = (r.windows[0].forecasts["ETSForecaster"].mean for r in (frozen, fresh))
    np.testing.assert_array_equal(first_frozen, first_fresh)
    assert not np.array_equal(*(r.windows[2].forecasts["ETSForecaster"].mean for r in (frozen, fresh)))


def test_the_leak_test_catches_a_model_that_peeks(sales):
    panel = build_panel(sales)
    assert not leak_test(Peeker(horizon=7), panel).passed
    assert leak_test(ETSForecaster(horizon=7), panel).passed


def test_an_item_unknown_at_the_origin_is_not_scored(sales):
    late = sales[sales["item_id"] == "i3"].tail(5).assign(item_id="new")
    report = backtest(WindowMeanForecaster(horizon=7), pd.concat([sales, late]), n_origins=1, baselines=[])
    assert report.to_frame().groupby("item_id")["units"].count()["new"] == 0


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"n_origins": 100}, DataError, "too few for 100 origins"),
        ({"n_origins": 0}, ParameterError, "'n_origins' must be"),
        ({"step": 0}, ParameterError, "'step' must be"),
        ({"sold_out": "hide"}, ParameterError, "'sold_out' must be"),
        ({"baselines": [WindowMeanForecaster(), WindowMeanForecaster()]}, ParameterError, "same model twice"),
    ],
)
def test_a_wrong_option_is_named(sales, options, error, words):
    with pytest.raises(error, match=words):
        backtest(ETSForecaster(horizon=7), sales, **options)


def test_a_wrong_split_or_model_is_named(sales):
    report = backtest(WindowMeanForecaster(horizon=7), sales, n_origins=1)
    with pytest.raises(ParameterError, match="'by' must be"):
        report.scores("shop")
    with pytest.raises(ParameterError, match="'model' must be one of"):
        report.to_frame("Prophet")


def test_the_picture_is_drawn(sales, tmp_path):
    pytest.importorskip("matplotlib")
    path = backtest(WindowMeanForecaster(horizon=7), sales, n_origins=2).plot(tmp_path / "picture.png")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_command_prints_and_writes_the_same_scores(sales, tmp_path):
    sales.to_parquet(tmp_path / "sales.parquet")
    out = tmp_path / "deep" / "scores.json"
    arguments = [
        "--data",
        str(tmp_path),
        "--model",
        "ets",
        "--horizon",
        "7",
        "--by",
        "class",
        "--out",
        str(out),
    ]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    written = json.loads(out.read_text())
    overall = {row["model"]: row for row in written["overall"]}
    assert f"{overall['ETSForecaster']['wape']:.4f}" in result.output
    expected = backtest(ETSForecaster(horizon=7), sales).scores().loc["ETSForecaster", "wape"]
    assert overall["ETSForecaster"]["wape"] == pytest.approx(expected)
    assert {row["horizon"] for row in written["by_horizon"]} == set(range(1, 8))


def test_the_command_names_what_is_wrong(sales, tmp_path):
    sales.to_parquet(tmp_path / "sales.parquet")
    result = CliRunner().invoke(command, ["--data", str(tmp_path), "--model", "oracle"])
    assert result.exit_code == 2
    assert "'oracle' is not a model; choose from" in result.output
    with pytest.raises(ParameterError, match="'--quantiles' must be numbers"):
        CliRunner().invoke(
            command, ["--data", str(tmp_path), "--model", "ets", "--quantiles", "low"], catch_exceptions=False
        )
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="holds no table"):
        CliRunner().invoke(command, ["--data", str(empty), "--model", "ets"], catch_exceptions=False)
