"""Late, repeated and foreign rows: only the shops they concern are scored again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from samaan_ml.tables import ShopData
from training.batch import BatchJob

Run = Callable[[ShopData], dict[str, Any]]


@pytest.fixture
def run(models: dict[str, Path], tmp_path: Path, world: ShopData) -> Run:
    """Score tables for prices into one folder, run after run; the first run is done."""
    count = 0

    def score(data: ShopData) -> dict[str, Any]:
        nonlocal count
        count += 1
        for name, table in data:
            (tmp_path / f"in-{count}").mkdir(exist_ok=True)
            table.to_parquet(tmp_path / f"in-{count}" / f"{name}.parquet", index=False)
        report = BatchJob("price", tmp_path / f"in-{count}", tmp_path / "out", models["price"]).run()
        said = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
        return {"reused": report["reused"], **said["reconciliation"], "failed": said["failed"]}

    assert score(world)["reused"] == 0
    return score


def of_shop(table: pd.DataFrame | None, shop: str) -> pd.DataFrame:
    """One shop's rows."""
    assert table is not None
    return table[table["shop_id"].astype("str") == shop]


def test_the_same_rows_in_another_order_score_nobody_again(run: Run, world: ShopData) -> None:
    assert world.sales is not None
    shuffled = world.sales.sample(frac=1.0, random_state=3)
    assert run(replace(world, sales=shuffled))["reused"] == 3


def test_a_late_row_scores_its_own_shop_again(run: Run, world: ShopData) -> None:
    assert world.sales is not None
    late = (
        of_shop(world.sales, "shop-02").tail(1).assign(date=world.sales["date"].max() + pd.Timedelta(days=1))
    )
    told = run(replace(world, sales=pd.concat([world.sales, late])))
    assert (told["reused"], told["shops_scored"]) == (2, 3)


def test_rows_delivered_twice_count_once_and_are_accounted_for(run: Run, world: ShopData) -> None:
    assert world.sales is not None
    again = of_shop(world.sales, "shop-01").head(40)
    told = run(replace(world, sales=pd.concat([again, world.sales, again])))
    assert (told["reused"], told["rows_repeated"], told["failed"]) == (3, 80, {})
    assert told["rows_in"] == told["rows_used"] + told["rows_repeated"] == len(world.sales) + 80


def test_a_row_that_contradicts_an_earlier_one_is_refused_with_its_shop_alone(
    run: Run, world: ShopData
) -> None:
    assert world.sales is not None
    other = of_shop(world.sales, "shop-03").head(1).assign(units=77.0)
    told = run(replace(world, sales=pd.concat([world.sales, other])))
    assert (told["reused"], list(told["failed"])) == (2, ["shop-03"])
    assert "the row repeats an earlier one" in told["failed"]["shop-03"]
    assert told["rows_in"] == told["rows_used"] + told["rows_quarantined"]


def test_another_shops_new_item_and_region_concern_that_shop_alone(run: Run, world: ShopData) -> None:
    assert world.items is not None
    assert world.shops is not None
    items = world.items.astype({"item_id": "str", "category": "str"})
    new = items.head(1).assign(item_id="never-seen-here")
    added = world.shops.astype({"shop_id": "str", "region": "str"}).head(1).assign(shop_id="shop-99")
    shops = pd.concat([world.shops.astype({"shop_id": "str", "region": "str"}), added])
    told = run(replace(world, items=pd.concat([items, new]), shops=shops))
    assert told["reused"] == 3
