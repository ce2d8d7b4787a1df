"""Past days filled in: the bytes of a run on each evening, nothing of later days, no model that has seen them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from samaan_ml.artifacts import load_state, save_model
from samaan_ml.exceptions import ArtifactError, ParameterError
from samaan_ml.pricing import ElasticityModel
from samaan_ml.tables import ShopData
from training.backfill import backfill, days_between, model_as_of
from training.batch import BatchJob
from training.score_cli import score
from training.scoring import Scoring


def contents(folder: Path) -> dict[str, bytes]:
    """Everything a job delivers."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()}


def on_the_evening(world: ShopData, day: str) -> ShopData:
    """The tables as they were entered by the end of a day; the calendar is known ahead."""
    end = pd.Timestamp(day)
    cut = {name: table[table["date"] <= end] for name, table in world if name in ("sales", "prices", "stock")}
    assert world.ledger is not None
    entered = world.ledger["at"].dt.tz_convert("Asia/Kolkata").dt.tz_localize(None).dt.normalize()
    return replace(world, **cut, ledger=world.ledger[entered <= end])


@pytest.mark.parametrize(
    "area", ["demand", *(pytest.param(name, marks=pytest.mark.slow) for name in ("price", "udhaar"))]
)
def test_days_filled_in_are_the_bytes_of_a_run_on_each_evening(
    area: str, world: ShopData, tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    assert world.sales is not None
    last = world.sales["date"].max().date()
    days = days_between(f"{last - pd.Timedelta(days=31)}..{last - pd.Timedelta(days=30)}")
    scoring = Scoring(area, tables, tmp_path / "filled", models[area], tmp_path / "staging", hindsight=True)
    assert [day for day, _ in backfill(scoring, days, lambda _: models[area])] == days
    for day in days:
        evening = tmp_path / f"evening-{day}"
        on_the_evening(world, str(day)).save(evening)
        BatchJob(area, evening, tmp_path / f"run-{day}", models[area]).run()
        filled = contents(tmp_path / "filled" / f"as_of={day}")
        assert filled == contents(tmp_path / f"run-{day}")
        assert len(filled) == 4


def test_what_comes_later_changes_no_day_filled_in(
    world: ShopData, tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    assert world.sales is not None
    assert world.calendar is not None
    day = (world.sales["date"].max() - pd.Timedelta(days=20)).normalize()
    later = world.sales["date"] > day
    told = world.sales.assign(units=world.sales["units"].where(~later, 999.0))
    weather = world.calendar.assign(heat=30.0)
    other = weather.assign(heat=weather["heat"].where(weather["date"] <= day, 45.0))
    for name, sales, calendar in (("as-it-was", world.sales, weather), ("other-future", told, other)):
        replace(world, sales=sales, calendar=calendar).save(tmp_path / name)
        BatchJob(
            "demand", tmp_path / name, tmp_path / f"out-{name}", models["demand"], as_of=day.date()
        ).run()
    assert contents(tmp_path / "out-as-it-was") == contents(tmp_path / "out-other-future")


def test_shops_that_were_not_there_yet_are_left_out(
    world: ShopData, models: dict[str, Path], tmp_path: Path
) -> None:
    assert world.sales is not None
    day = (world.sales["date"].max() - pd.Timedelta(days=20)).normalize()
    new = world.sales["shop_id"].astype("str") == "shop-02"
    replace(world, sales=world.sales[~new | (world.sales["date"] > day)]).save(tmp_path / "in")
    BatchJob("price", tmp_path / "in", tmp_path / "out", models["price"], as_of=day.date()).run()
    told = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (told["reconciliation"]["shops"], told["failed"]) == (2, {})


def a_version(home: Path, number: int, until: str | None, model: Path) -> Path:
    """A registered version that learned from data until a day."""
    folder = home / "models" / "price" / "versions" / str(number)
    _, state = load_state(model)
    save_model(ElasticityModel.from_state(state), folder, {"trained_until": until} if until else {})
    return folder


def test_each_day_has_the_newest_model_that_has_not_seen_later_days(
    models: dict[str, Path], tmp_path: Path
) -> None:
    old = a_version(tmp_path, 1, "2026-01-10", models["price"])
    a_version(tmp_path, 3, None, models["price"])
    new = a_version(tmp_path, 2, "2026-01-20", models["price"])
    for day, expected in (("2026-01-10", old), ("2026-01-19", old), ("2026-02-01", new)):
        assert model_as_of("price", tmp_path, date.fromisoformat(day)) == expected
    with pytest.raises(ArtifactError, match="no model of area 'price' was trained on data until 2026-01-09"):
        model_as_of("price", tmp_path, date(2026, 1, 9))


def test_a_model_that_has_seen_later_days_is_refused_unless_asked_for(
    tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    model = a_version(tmp_path, 1, "2026-06-01", models["price"])
    day = date(2024, 12, 1)
    scoring = Scoring("price", tables, tmp_path / "out", model, tmp_path / "staging", as_of=day)
    with pytest.raises(ParameterError, match="has learned from data until 2026-06-01, after 2024-12-01"):
        scoring.run()
    arguments = ["price", "--data", str(tables), "--out", str(tmp_path / "out"), "--model", str(model)]
    done = CliRunner().invoke(score, [*arguments, "--as-of", "2025-01-05..2025-01-06", "--hindsight"])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "as_of=2025-01-05",
        "as_of=2025-01-06",
    ]


@pytest.mark.parametrize("text", ["2026-02-30", "2026-02-02..2026-02-01", "today", "2026-01-01..2046-01-01"])
def test_days_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="days"):
        days_between(text)
