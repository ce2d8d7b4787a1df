"""The night: one area's failure never stops the others, and everything is written down."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from pipelines.local import ExecutionError, ExecutionStatus
from pipelines.nightly import run_night
from samaan_ml.artifacts import save_model
from samaan_ml.pricing import ElasticityModel
from samaan_ml.tables import ShopData


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two items of one shop whose prices move."""
    days = pd.date_range("2026-01-01", periods=200)
    rows = [("s", item, day, float(3 + (i + day.day) % 4)) for i, item in enumerate("ab") for day in days]
    sales = pd.DataFrame(rows, columns=["shop_id", "item_id", "date", "units"])
    prices = sales.iloc[::20].assign(unit_price=[10.0 + n % 3 for n in range(20)], unit_cost=8.0, mrp=15.0)
    ShopData(sales=sales, prices=prices.drop(columns="units")).save(tmp_path / "data")
    return tmp_path / "data"


def test_a_refused_candidate_leaves_the_champion_scoring_and_an_area_without_one_says_so(
    data: Path, tmp_path: Path
) -> None:
    tables = ShopData.load(data)
    assert tables.sales is not None
    assert tables.prices is not None
    champion = tmp_path / "home" / "models" / "price" / "champion"
    save_model(ElasticityModel().fit(tables.sales, tables.prices), champion)

    def run_pipeline(area: str) -> ExecutionStatus:
        if area == "demand":
            raise ExecutionError("pipeline 'demand' is running already")
        return ExecutionStatus(
            area, "e", {}, {}, state="Failed", reason="step 'Refuse': the gate refuses the model"
        )

    nights = run_night(("demand", "price"), data, tmp_path / "out", tmp_path / "home", run_pipeline)
    demand, price = nights
    assert demand.trained == "Failed: pipeline 'demand' is running already"
    assert "has no champion" in str(demand.reason)
    assert not demand.complete
    assert price.trained.startswith("Failed: step 'Refuse'")
    assert price.complete
    told = json.loads((tmp_path / "out" / "night.json").read_text("utf-8"))
    assert told["price"]["scored"]["shops_scored"] == 1
    assert list(told) == ["demand", "price"]
