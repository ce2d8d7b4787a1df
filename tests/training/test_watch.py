"""The night's watch: quiet where all is well, and each fault of a night seen and named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from samaan_ml.tables import ShopData
from training.areas import Prepared
from training.json_files import write_json
from training.model_monitor import statistics_of, suggested_constraints
from training.watch import watch
from training.watched import watched_rows

DAYS, AHEAD = 180, 14


def a_shop(seed: int = 0, factor: float = 1.0) -> ShopData:
    """Forty items whose demand changes by a factor on the day the forecasts begin."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2026-01-01", periods=DAYS + AHEAD)
    level = rng.gamma(3, 2, 40)
    mean = level[:, None] * np.where(np.arange(len(days)) < DAYS, 1.0, factor)
    sales = pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": np.repeat([f"i{n}" for n in range(40)], len(days)),
            "date": np.tile(days, 40),
            "units": rng.poisson(mean).ravel().astype(float),
        }
    )
    return ShopData(sales=sales)


def the_answers(seed: int = 0) -> pd.DataFrame:
    """Honest forecasts of the last fortnight, made before it."""
    level = np.random.default_rng(seed).gamma(3, 2, 40)
    days = pd.date_range("2026-01-01", periods=DAYS + AHEAD)[DAYS:]
    rows = pd.DataFrame({"item_id": [f"i{n}" for n in range(40)], "mean": level}).merge(
        pd.DataFrame({"date": days.date}), how="cross"
    )
    drawn = np.random.default_rng(1).poisson(rows["mean"].to_numpy()[:, None], (len(rows), 400))
    return rows.assign(
        shop_id="s", **{f"q{q:g}": np.quantile(drawn, q, axis=1, method="inverted_cdf") for q in (0.1, 0.9)}
    )


@pytest.fixture
def champion(tmp_path: Path) -> Path:
    """A champion's folder with the baseline that was registered with it."""
    described = statistics_of(watched_rows("demand", Prepared(a_shop(), {})))
    write_json(tmp_path / "champion" / "statistics.json", described)
    write_json(tmp_path / "champion" / "constraints.json", suggested_constraints(described))
    write_json(tmp_path / "champion" / "evaluation.json", {"model": {"coverage": 0.87}})  # counts, not 0.8
    return tmp_path / "champion"


def seen(champion: Path, tmp_path: Path, data: ShopData, before: pd.DataFrame | None) -> Any:
    """Run the watch."""
    return watch("demand", data, champion, before, tmp_path / "now", tmp_path / "report")


def test_a_usual_night_raises_nothing_and_leaves_its_report(champion: Path, tmp_path: Path) -> None:
    found = seen(champion, tmp_path, a_shop(), the_answers())
    assert (found.alarms, found.unwatched) == ((), ())
    assert {each.monitor for each in found.findings} == {"bias", "coverage", "cusum"}
    assert json.loads((tmp_path / "report" / "constraint_violations.json").read_text()) == {"violations": []}


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_demand_that_halved_or_doubled_is_named(champion: Path, tmp_path: Path, factor: float) -> None:
    found = seen(champion, tmp_path, a_shop(factor=factor), the_answers())
    assert {each.monitor for each in found.findings if each.alarm} >= {"bias", "cusum"}
    assert any(line.startswith("cusum of units") for line in found.alarms)


def test_a_column_that_came_in_another_unit_is_named(champion: Path, tmp_path: Path) -> None:
    data = a_shop()
    assert data.sales is not None
    grams = replace(data, sales=data.sales.assign(units=data.sales["units"] * 1000))
    found = seen(champion, tmp_path, grams, None)
    assert found.unwatched == ("answers: there are no answers of an earlier night",)
    assert [line.split(":")[0] for line in found.alarms] == ["baseline_drift_check of 'units'"]


def test_a_champion_without_a_baseline_is_said_and_the_rest_watched(tmp_path: Path) -> None:
    found = seen(tmp_path / "bare", tmp_path, a_shop(), the_answers())
    assert len(found.findings) == 3
    assert found.unwatched[0].startswith("inputs: 'statistics.json' cannot be read")
