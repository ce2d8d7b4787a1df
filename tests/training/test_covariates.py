"""Prices, promotions, weather and empty shelves in the tables: a scored shop gets the library's own answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

from samaan_ml import DemandForecaster
from samaan_ml.artifacts import load_model, save_model
from samaan_ml.domain.messages import ForecastRequest
from training.batch import BatchJob
from training.covariates import calendar_covariates, further_columns
from training.payloads import requests_for
from training.score_cli import score

N_DAYS, HORIZON, N_ITEMS = 168, 7, 5
DAYS = pd.date_range("2025-11-03", periods=N_DAYS + HORIZON)
SHOPS = ("s", "t")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Two shops in two regions: planned prices and promotions, heat by region, rows of stock here and there."""
    rng = np.random.default_rng(1)
    heat = {region: 25.0 + 8.0 * np.sin(np.arange(len(DAYS)) / (9.0 + k)) for k, region in enumerate("NS")}
    sales, prices, stock = [], [], []
    for shop, region in zip(SHOPS, "NS", strict=True):
        for item in range(N_ITEMS):
            dear = np.repeat(rng.choice([1.0, 1.2, 1.4], 9), 20)[: len(DAYS)]
            promoted = np.repeat(rng.random(26) < 0.3, 7)[: len(DAYS)]
            rate = 12.0 * dear**-2.0 * np.where(promoted, 1.8, 1.0) * np.exp(0.05 * (heat[region] - 25.0))
            empty = rng.random(len(DAYS)) < 0.08
            units = np.where(empty, 0.0, rng.poisson(rate)).astype(float)
            key = {"shop_id": shop, "item_id": f"i{item}", "date": DAYS}
            sales.append(pd.DataFrame({**key, "units": units}))
            changed = np.r_[True, (np.diff(dear) != 0) | (np.diff(promoted) != 0)]  # only where one changes
            told = pd.DataFrame({**key, "unit_price": 50.0 * dear, "promoted": promoted.astype(float)})
            prices.append(told[changed])
            share = pd.DataFrame({**key, "in_stock_share": np.where(empty, 0.0, 1.0)})
            stock.append(share[empty | (rng.random(len(DAYS)) < 0.5)])  # most full days are not recorded
    past = {name: pd.concat(parts, ignore_index=True) for name, parts in (("sales", sales), ("stock", stock))}
    calendar = pd.concat(
        pd.DataFrame({"date": DAYS, "region": region, "event": None, "heat": heat[region]}) for region in "NS"
    )
    calendar.loc[calendar.index % 11 == 3, "heat"] = np.nan
    festival = pd.DataFrame({"date": [DAYS[N_DAYS + 2]], "region": None, "event": "holi", "heat": np.nan})
    return {
        **{name: table[table["date"] < DAYS[N_DAYS]] for name, table in past.items()},
        "prices": pd.concat(prices, ignore_index=True),
        "calendar": pd.concat([calendar, festival], ignore_index=True).astype({"event": "object"}),
        "shops": pd.DataFrame({"shop_id": SHOPS, "region": list("NS")}),
        "items": pd.DataFrame({"item_id": [f"i{n}" for n in range(N_ITEMS)], "category": "all"}),
    }


@pytest.fixture(scope="module")
def model(tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model fitted on all of it."""
    folder = tmp_path_factory.mktemp("covariates") / "demand"
    save_model(DemandForecaster(horizon=HORIZON).fit(**tables), folder)
    return folder


def written(tables: dict[str, pd.DataFrame], folder: Path) -> Path:
    """The tables as files."""
    folder.mkdir()
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def scored(tables: dict[str, pd.DataFrame], model: Path, folder: Path) -> np.ndarray:
    """The means of the first shop as a batch job gives them."""
    BatchJob("demand", written(tables, folder / "in"), folder / "out", model, HORIZON).run()
    rows = pd.read_parquet(folder / "out" / "shop_id=s.parquet").sort_values(["item_id", "date"])
    return rows["mean"].to_numpy().reshape(N_ITEMS, HORIZON)


def test_a_scored_shop_gets_what_the_library_predicts_of_the_same_tables(
    tables: dict[str, pd.DataFrame], model: Path, tmp_path: Path
) -> None:
    source = written(tables, tmp_path / "in")
    command = ["demand", "--data", source, "--out", tmp_path / "out", "--model", model]
    done = CliRunner().invoke(score, [*map(str, command), "--horizon-days", str(HORIZON)])
    assert done.exit_code == 0, done.output
    for shop in SHOPS:
        own = {
            n: t[t["shop_id"] == shop] if n in ("sales", "prices", "stock") else t for n, t in tables.items()
        }
        expected = load_model(model, kind="demand").predict(**own).sort_values(["item_id", "date"])
        rows = pd.read_parquet(tmp_path / "out" / f"shop_id={shop}.parquet").sort_values(["item_id", "date"])
        for name in ("mean", "q0.1", "q0.9"):
            np.testing.assert_allclose(rows[name], expected[name], atol=2e-3)


def test_each_column_tells_and_a_missing_one_is_allowed(
    tables: dict[str, pd.DataFrame], model: Path, tmp_path: Path
) -> None:
    ahead = tables["prices"]["date"] >= DAYS[N_DAYS]
    plain = tables["prices"][~ahead]
    plan = pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": [f"i{n}" for n in range(N_ITEMS)],
            "date": DAYS[N_DAYS],
            "unit_price": 50.0,
            "promoted": 1.0,
        }
    )
    hot = tables["calendar"].copy()
    hot.loc[hot["date"] >= DAYS[N_DAYS], "heat"] = 33.0
    asked: dict[str, dict[str, pd.DataFrame]] = {
        "usual": {},
        "promoted": {"prices": pd.concat([plain, plan])},
        "not_promoted": {"prices": pd.concat([plain, plan.assign(promoted=0.0)])},
        "hot": {"calendar": hot},
        "unknown": {
            "prices": tables["prices"].drop(columns="promoted"),
            "calendar": tables["calendar"].drop(columns="heat"),
        },
    }
    means = {}
    for name, changes in asked.items():
        (tmp_path / name).mkdir()
        means[name] = scored(tables | changes, model, tmp_path / name).sum()
    assert means["promoted"] > 1.1 * means["not_promoted"]
    assert means["hot"] > means["usual"]
    assert np.isfinite(means["unknown"])


def test_columns_of_words_and_the_tables_own_are_no_covariates() -> None:
    prices = pa.table({"item_id": ["a"], "date": [date(2026, 1, 1)], "unit_price": [1.0], "note": ["x"]})
    assert further_columns(prices) == []
    assert further_columns(prices.append_column("promoted", pa.array([True]))) == ["promoted"]


def test_a_calendars_rows_of_a_day_are_averaged_and_other_regions_left_out() -> None:
    rows = [
        (date(2026, 1, 1), "MH", 10.0),
        (date(2026, 1, 1), None, 20.0),
        (date(2026, 1, 1), "UP", 99.0),
        (date(2026, 1, 3), "MH", 30.0),
    ]
    days, regions, heat = zip(*rows, strict=True)
    calendar = pa.table(
        {"date": list(days), "region": list(regions), "event": [None] * 4, "heat": list(heat)}
    )
    [found] = calendar_covariates(calendar, np.array(days, dtype="datetime64[D]"), "MH")
    assert (found.name, found.start, found.values) == ("heat", date(2026, 1, 1), (15.0, None, 30.0))


def test_a_body_of_one_table_carries_its_promotions_and_stock(model: Path) -> None:
    days = pd.date_range("2026-01-01", periods=3).date
    table = pa.table(
        {
            "shop_id": ["s"] * 3,
            "item_id": ["i0"] * 3,
            "date": list(days),
            "units": [1.0, 2.0, 0.0],
            "unit_price": [50.0, 45.0, 50.0],
            "promoted": [0, 1, None],
            "in_stock_share": [1.0, None, 0.0],
        }
    )
    [request] = requests_for("demand", {"sales": table}, "s", 2)
    assert isinstance(request, ForecastRequest)
    item = request.items[0]
    assert item.in_stock_share == (1.0, None, 0.0)
    assert item.price_paise == (5000, 4500, 5000, 5000, 5000)
    [promoted] = item.covariates
    assert promoted.values == (0.0, 1.0, 1.0, 1.0, 1.0)
