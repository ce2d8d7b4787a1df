"""The night: all of its parts, none of which stops the others; taken up after a kill; every fault written down."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines.local import ExecutionError, ExecutionStatus
from pipelines.nightly import NightReport, run_night
from samaan_ml.artifacts import save_model
from samaan_ml.pricing import ElasticityModel
from samaan_ml.tables import ShopData

DAYS = pd.date_range("2026-01-01", periods=200)


def some_shops(*shops: str) -> ShopData:
    """Two items a shop whose prices move."""
    rows = [
        (shop, item, day, float(3 + (i + day.day) % 4))
        for shop in shops
        for i, item in enumerate("ab")
        for day in DAYS
    ]
    sales = pd.DataFrame(rows, columns=["shop_id", "item_id", "date", "units"])
    prices = sales.iloc[::20].drop(columns="units").reset_index(drop=True)
    return ShopData(
        sales=sales, prices=prices.assign(unit_price=10.0 + prices.index % 3, unit_cost=8.0, mrp=15.0)
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two shops as files."""
    some_shops("s", "t").save(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def home(data: Path, tmp_path: Path) -> Path:
    """A home with a champion for prices alone."""
    tables = ShopData.load(data)
    assert tables.sales is not None
    assert tables.prices is not None
    model = ElasticityModel().fit(tables.sales, tables.prices)
    save_model(model, tmp_path / "home" / "models" / "price" / "champion")
    return tmp_path / "home"


def ended(state: str = "Succeeded", reason: str | None = None) -> Callable[[str], ExecutionStatus]:
    """Pipelines that all end one way."""
    return lambda area: ExecutionStatus(area, "e", {}, {}, state=state, reason=reason)


def states(night: NightReport) -> dict[str, str]:
    """How each part ended."""
    return {part.name: part.state for part in night.parts}


def written(out: Path) -> dict[str, Any]:
    """Read what is written of a night."""
    said: dict[str, Any] = json.loads((out / "night.json").read_text("utf-8"))
    return said


def test_a_refused_candidate_leaves_the_champion_and_an_area_without_one_stops_nothing(
    data: Path, home: Path, tmp_path: Path
) -> None:
    def run_pipeline(area: str) -> ExecutionStatus:
        if area == "demand":
            raise ExecutionError("pipeline 'demand' is running already")
        return ended("Failed", "step 'Refuse': the gate refuses the model: too slow")(area)

    night = run_night(("demand", "price"), data, tmp_path / "out", home, run_pipeline)
    assert states(night) == {
        "train:demand": "failed",
        "train:price": "done",
        "score:demand": "failed",
        "score:price": "done",
        "orders": "failed",
        "price-decisions": "done",
        "alerts": "failed",
        "watch:demand": "failed",
        "watch:price": "done",
    }
    said = written(tmp_path / "out")["parts"]
    assert said["train:demand"]["told"] == "pipeline 'demand' is running already"
    assert "has no champion" in said["score:demand"]["told"]
    assert said["orders"]["told"] == "'orders' is made of the answers of demand: there are none"
    assert said["score:price"]["details"]["shops_scored"] == 2
    assert all(part["seconds"] >= 0 for part in said.values())
    assert not night.complete


def test_a_night_done_is_not_done_again_and_a_new_champion_is_scored_with(
    data: Path, home: Path, tmp_path: Path
) -> None:
    asked: list[str] = []

    def run_pipeline(area: str) -> ExecutionStatus:
        asked.append(area)
        return ended()(area)

    first = run_night(("price",), data, tmp_path / "out", home, run_pipeline)
    assert first.complete
    again = run_night(("price",), data, tmp_path / "out", home, run_pipeline)
    assert asked == ["price"]
    assert all(part.kept for part in again.parts)
    assert [part.seconds for part in again.parts] == [part.seconds for part in first.parts]
    tables = ShopData.load(data)
    assert tables.sales is not None
    assert tables.prices is not None
    other = ElasticityModel(random_state=1).fit(tables.sales[:300], tables.prices)
    champion = home / "models" / "price" / "champion"
    champion.rename(home / "models" / "price" / "old")
    save_model(other, champion)
    third = run_night(("price",), data, tmp_path / "out", home, run_pipeline)
    assert {part.name for part in third.parts if part.kept} == {"train:price"}


def test_what_was_taken_away_is_made_again(data: Path, home: Path, tmp_path: Path) -> None:
    run_night(("price",), data, tmp_path / "out", home, ended())
    (tmp_path / "out" / "price-decisions" / "manifest.json").unlink()
    again = run_night(("price",), data, tmp_path / "out", home, ended())
    assert [part.name for part in again.parts if not part.kept] == ["price-decisions"]


def test_a_surprise_in_a_part_is_its_own_and_is_tried_again(data: Path, home: Path, tmp_path: Path) -> None:
    def run_pipeline(area: str) -> ExecutionStatus:
        raise MemoryError("no room")

    night = run_night(("price",), data, tmp_path / "out", home, run_pipeline)
    assert states(night) == {
        "train:price": "failed",
        "score:price": "done",
        "price-decisions": "done",
        "watch:price": "done",
    }
    assert night.parts[0].told == "MemoryError: no room"
    again = run_night(("price",), data, tmp_path / "out", home, ended())
    assert [part.name for part in again.parts if not part.kept] == ["train:price"]
    assert again.complete


def test_a_bad_shop_is_named_in_every_part_and_the_other_is_served_and_watched(
    data: Path, home: Path, tmp_path: Path
) -> None:
    sales = pd.read_parquet(data / "sales.parquet").astype({"shop_id": "str", "item_id": "str"})
    sales.loc[sales.index[sales["shop_id"] == "t"][0], "units"] = -5.0
    sales.to_parquet(data / "sales.parquet", index=False)
    night = run_night(("price",), data, tmp_path / "out", home, ended())
    assert states(night) == {
        "train:price": "done",
        "score:price": "incomplete",
        "price-decisions": "incomplete",
        "watch:price": "done",
    }
    assert night.parts[1].told == "1 of 2 shops scored, 0 of them unchanged; not: t"
    assert night.parts[2].told.endswith("for 1 of 2 shops; not: t")
    assert (tmp_path / "out" / "price-decisions" / "shop_id=s.json").is_file()


def test_the_watch_compares_with_the_night_before_however_often_this_one_is_taken_up(
    data: Path, home: Path, tmp_path: Path
) -> None:
    run_night(("price",), data, tmp_path / "out", home, ended())
    first = (tmp_path / "out" / "price" / "shop_id=s.parquet").read_bytes()
    tables = ShopData.load(data)
    assert tables.sales is not None
    ShopData(sales=tables.sales[tables.sales["date"] < DAYS[-3]], prices=tables.prices).save(data)
    for _ in range(2):
        run_night(("price",), data, tmp_path / "out", home, ended())
        (tmp_path / "out" / "night.json").unlink()
        assert (tmp_path / "out" / "price" / "shop_id=s.parquet").read_bytes() != first
        kept = tmp_path / "out" / "monitoring" / "price" / "before" / "shop_id=s.parquet"
        assert kept.read_bytes() == first


def test_a_night_whose_pipeline_was_told_to_stop_ends_and_is_taken_up(
    data: Path, home: Path, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_night(("price",), data, tmp_path / "out", home, ended("Stopped"))
    assert run_night(("price",), data, tmp_path / "out", home, ended()).complete


def a_night(data: Path, out: Path, home: Path, pause: str = "") -> list[str]:
    """The command line of a night whose pipelines do nothing; before scoring it waits where told to."""
    code = (
        "import sys, time; from pathlib import Path; from pipelines import nightly, night_parts\n"
        "from pipelines.local import ExecutionStatus\n"
        f"{pause}\n"
        "pipeline = lambda area: ExecutionStatus(area, 'e', {}, {}, state='Succeeded')\n"
        "data, out, home = map(Path, sys.argv[1:])\n"
        "nightly.run_night(('price',), data, out, home, pipeline)"
    )
    return [sys.executable, "-c", code, str(data), str(out), str(home)]


def test_a_killed_night_is_taken_up_at_the_part_it_was_in(
    data: Path, home: Path, tmp_path: Path, project_root: Path
) -> None:
    out = tmp_path / "out"
    environment = {**os.environ, "PYTHONPATH": str(project_root), "PYTHONWARNINGS": "ignore"}
    wait = "night_parts.Night.hand_over = lambda self, kind: time.sleep(60)"
    with subprocess.Popen(a_night(data, out, home, wait), env=environment) as child:
        while not (out / "night.json").is_file() or "score:price" not in written(out)["parts"]:
            assert child.poll() is None
            time.sleep(0.02)
        with pytest.raises(ExecutionError, match="a night is running already"):
            run_night(("price",), data, out, home, ended())
        child.send_signal(signal.SIGKILL)
    subprocess.run(a_night(data, out, home), env=environment, check=True, timeout=60)
    said = written(out)
    assert said["complete"]
    kept = {name for name, part in said["parts"].items() if part["kept"]}
    assert kept == {"train:price", "score:price"}
