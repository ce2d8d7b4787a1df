"""Batch scoring: the API's answers, whole files, resumed runs, shards, bad shops, full accounts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from samaan_ml.exceptions import ArtifactError, DataError, ParameterError
from samaan_ml.inference import Predictor
from samaan_ml.tables import ShopData
from training.batch import BatchJob, Shard, champion_folder
from training.payloads import answer_rows, requests_for
from training.score_cli import score
from training.workers import run_shards

AREAS = ("demand", "price", pytest.param("udhaar", marks=pytest.mark.slow))


def manifest_of(folder: Path) -> dict[str, Any]:
    """Read the manifest of a finished job."""
    said: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return said


def contents(folder: Path) -> dict[str, bytes]:
    """Everything a job delivers."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def demand_out(tables: Path, models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answers of one undisturbed run."""
    out = tmp_path_factory.mktemp("scored")
    BatchJob("demand", tables, out, models["demand"]).run()
    return out


@pytest.mark.parametrize("area", AREAS)
def test_every_row_and_everyone_asked_about_is_accounted_for(
    area: str, tables: Path, models: dict[str, Path], world: ShopData, tmp_path: Path
) -> None:
    BatchJob(area, tables, tmp_path, models[area]).run()
    told, files = manifest_of(tmp_path)["reconciliation"], manifest_of(tmp_path)["files"]
    main = world.ledger if area == "udhaar" else world.sales
    assert main is not None
    assert told["complete"]
    assert told["rows_in"] == told["rows_used"] == len(main)
    assert told["rows_out"] == sum(pq.read_metadata(tmp_path / name).num_rows for name in files)
    assert told["shops"] == 3


def test_forecasts_are_those_that_the_api_would_give(
    demand_out: Path, models: dict[str, Path], world: ShopData
) -> None:
    predictor = Predictor.load(models["demand"])
    for shop in ("shop-01", "shop-02", "shop-03"):
        own = {
            name: pa.Table.from_pandas(
                _texts(table[table["shop_id"].astype("str") == shop] if "shop_id" in table else table),
                preserve_index=False,
            )
            for name, table in world
            if name not in ("ledger", "promises")
        }
        [request] = requests_for("demand", own, shop, 14)
        expected = pd.DataFrame(answer_rows(request, predictor.answer(request)))
        pd.testing.assert_frame_equal(pd.read_parquet(demand_out / f"shop_id={shop}.parquet"), expected)


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    """Give ids as text."""
    return table.astype({name: "str" for name in table.columns if name.endswith("_id")})


def test_a_second_run_reuses_every_shop_and_changes_no_byte(
    demand_out: Path, tables: Path, models: dict[str, Path]
) -> None:
    before = contents(demand_out)
    report = BatchJob("demand", tables, demand_out, models["demand"]).run()
    assert report["reused"] == 3
    assert contents(demand_out) == before


def test_only_a_shop_whose_rows_changed_is_scored_again(
    tables: Path, models: dict[str, Path], world: ShopData, tmp_path: Path
) -> None:
    BatchJob("price", tables, tmp_path / "out", models["price"]).run()
    assert world.sales is not None
    changed = world.sales.copy()
    changed.loc[changed.index[0], "units"] += 1
    ShopData(sales=changed, prices=world.prices, items=world.items, shops=world.shops).save(
        tmp_path / "changed"
    )
    report = BatchJob("price", tmp_path / "changed", tmp_path / "out", models["price"]).run()
    assert report["reused"] == 2


@pytest.mark.slow
def test_shards_together_deliver_what_one_run_does(
    demand_out: Path, tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    for index in (1, 0):
        assert not (tmp_path / "manifest.json").exists()
        BatchJob("demand", tables, tmp_path, models["demand"], shard=Shard(index, 2)).run()
    assert contents(tmp_path) == contents(demand_out)


def test_workers_deliver_what_one_process_does(
    demand_out: Path,
    tables: Path,
    models: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    project_root: Path,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(project_root))
    run_shards(BatchJob("demand", tables, tmp_path, models["demand"]), workers=2)
    assert contents(tmp_path) == contents(demand_out)


def test_a_run_killed_in_the_middle_is_resumed_to_the_same_bytes(
    demand_out: Path, tables: Path, models: dict[str, Path], tmp_path: Path, project_root: Path
) -> None:
    command = [sys.executable, "-m", "training", "score-shard", "demand"]
    command += ["--data", str(tables), "--out", str(tmp_path), "--model", str(models["demand"])]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(project_root)}) as child:
        while child.poll() is None and not list(tmp_path.glob("shop_id=*")):
            time.sleep(0.002)
        child.send_signal(signal.SIGKILL)
    BatchJob("demand", tables, tmp_path, models["demand"]).run()
    assert contents(tmp_path) == contents(demand_out)


@pytest.mark.parametrize("suffix", [pytest.param("csv", marks=pytest.mark.slow), "jsonl"])
def test_csv_and_json_lines_are_answered_as_parquet_is(
    suffix: str, models: dict[str, Path], world: ShopData, tmp_path: Path
) -> None:
    assert world.sales is not None
    folders = {kind: tmp_path / kind for kind in ("parquet", suffix)}
    ShopData(sales=world.sales).save(folders["parquet"])
    folders[suffix].mkdir()
    text = world.sales.assign(date=world.sales["date"].dt.strftime("%Y-%m-%d"))
    if suffix == "csv":
        text.to_csv(folders[suffix] / "sales.csv", index=False)
    else:
        text.to_json(folders[suffix] / "sales.jsonl", orient="records", lines=True)
    for kind, folder in folders.items():
        BatchJob("demand", folder, tmp_path / f"out-{kind}", models["demand"]).run()
    answers = [
        pd.concat([pd.read_parquet(path) for path in sorted((tmp_path / f"out-{kind}").glob("shop_id=*"))])
        for kind in folders
    ]
    pd.testing.assert_frame_equal(*answers)


def test_a_broken_shop_is_named_and_the_others_are_scored(
    models: dict[str, Path], world: ShopData, tmp_path: Path
) -> None:
    assert world.sales is not None
    sales = world.sales.astype({"shop_id": "str", "item_id": "str"})
    bad = sorted(sales["shop_id"].unique())[1]
    sales.loc[sales.index[sales["shop_id"] == bad][0], "units"] = -5.0
    (tmp_path / "in").mkdir()
    sales.to_parquet(tmp_path / "in" / "sales.parquet", index=False)
    BatchJob("demand", tmp_path / "in", tmp_path / "out", models["demand"]).run()
    manifest = manifest_of(tmp_path / "out")
    assert list(manifest["failed"]) == [bad]
    assert "expected at least 0" in manifest["failed"][bad]
    told = manifest["reconciliation"]
    assert (told["shops_scored"], told["complete"]) == (2, False)
    assert told["rows_in"] == told["rows_used"] + told["rows_quarantined"]
    assert told["rows_quarantined"] == int((sales["shop_id"] == bad).sum())


def test_an_unreadable_file_of_a_folder_is_named_and_the_others_are_read(
    models: dict[str, Path], world: ShopData, tmp_path: Path
) -> None:
    assert world.sales is not None
    parts = tmp_path / "in" / "sales"
    parts.mkdir(parents=True)
    for shop, rows in world.sales.groupby(world.sales["shop_id"].astype("str")):
        rows.to_parquet(parts / f"{shop}.parquet", index=False)
    broken = min(parts.iterdir())
    broken.write_bytes(b"PAR1 and no more")
    BatchJob("demand", tmp_path / "in", tmp_path / "out", models["demand"]).run()
    manifest = manifest_of(tmp_path / "out")
    assert list(manifest["unreadable"]) == [f"sales/{broken.name}"]
    assert (manifest["reconciliation"]["shops_scored"], manifest["reconciliation"]["complete"]) == (2, False)


def in_files(world: ShopData, folder: Path) -> list[Path]:
    """Write the sales as one file a shop."""
    assert world.sales is not None
    folder.mkdir(parents=True)
    for shop, rows in world.sales.groupby(world.sales["shop_id"].astype("str")):
        rows.astype({"shop_id": "str", "item_id": "str"}).to_parquet(folder / f"{shop}.parquet", index=False)
    return sorted(folder.iterdir())


def damaged(path: Path) -> None:
    """Overwrite the values of a file and leave its end, which says what it holds."""
    whole = path.read_bytes()
    path.write_bytes(whole[:8] + bytes(len(whole) // 2) + whole[8 + len(whole) // 2 :])


def with_words(path: Path) -> None:
    """Put words into the column of numbers."""
    pd.read_parquet(path).assign(units="many").to_parquet(path, index=False)


def without_shop(path: Path) -> None:
    """Leave the column of shops out."""
    pd.read_parquet(path).drop(columns="shop_id").to_parquet(path, index=False)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("spoil", [damaged, with_words, without_shop])
def test_a_file_that_only_its_rows_show_to_be_broken_is_named_and_the_others_are_read(
    models: dict[str, Path],
    world: ShopData,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    place: int,
) -> None:
    broken = in_files(world, tmp_path / "in" / "sales")[place]
    spoil(broken)
    BatchJob("demand", tmp_path / "in", tmp_path / "out", models["demand"]).run()
    manifest = manifest_of(tmp_path / "out")
    assert list(manifest["unreadable"]) == [f"sales/{broken.name}"]
    assert set(manifest["failed"]) <= {broken.stem}
    assert (manifest["reconciliation"]["shops_scored"], manifest["reconciliation"]["complete"]) == (2, False)
    assert f"shop_id={broken.stem}.parquet" not in manifest["files"]


def test_the_command_tells_a_line_for_each_file_and_shop_left_out(
    models: dict[str, Path], world: ShopData, tmp_path: Path
) -> None:
    broken, wrong, _ = in_files(world, tmp_path / "in" / "sales")
    broken.write_bytes(b"PAR1 and no more")
    pd.read_parquet(wrong).assign(units=-1.0).to_parquet(wrong, index=False)
    folders = [
        "--data",
        str(tmp_path / "in"),
        "--out",
        str(tmp_path / "out"),
        "--model",
        str(models["demand"]),
    ]
    said = CliRunner().invoke(score, ["demand", *folders])
    assert said.exit_code == 1
    assert not isinstance(said.exception, Exception), said.exception
    first, second, third = said.output.splitlines()
    assert "1 of 2 shops" in first
    assert second.startswith(f"file 'sales/{broken.name}' was not read: ")
    assert third.startswith(f"shop '{wrong.stem}' was not scored: table 'sales' has ")
    assert third.endswith(" ...")


def test_rows_of_no_shop_and_a_shop_that_names_no_file_are_told(
    models: dict[str, Path], world: ShopData, tmp_path: Path
) -> None:
    first, second, _ = in_files(world, tmp_path / "in" / "sales")
    pd.read_parquet(first).assign(shop_id=None).to_parquet(first, index=False)
    pd.read_parquet(second).assign(shop_id="x" * 300).to_parquet(second, index=False)
    BatchJob("demand", tmp_path / "in", tmp_path / "out", models["demand"]).run()
    manifest = manifest_of(tmp_path / "out")
    assert [why for name, why in manifest["unreadable"].items()] == ["they name no shop in 'shop_id'"]
    assert manifest["failed"] == {"x" * 300: "its shop_id is too long to name a file by"}
    assert (manifest["reconciliation"]["shops_scored"], manifest["reconciliation"]["complete"]) == (1, False)


def test_answers_of_a_shop_that_is_gone_and_a_report_cut_off_do_not_stay(
    demand_out: Path, tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(demand_out, tmp_path / "out")
    (tmp_path / "out" / "shop_id=gone.parquet").write_bytes(b"of last year")
    (tmp_path / "out" / "shards" / "0-of-1.json").write_text('{"area": "dem', "utf-8")
    BatchJob("demand", tables, tmp_path / "out", models["demand"]).run()
    assert contents(tmp_path / "out") == contents(demand_out)
    with pytest.raises(DataError, match="holds answers of 'demand'; give each area its folder"):
        BatchJob("price", tables, tmp_path / "out", models["price"]).run()
    assert contents(tmp_path / "out") == contents(demand_out)


def test_an_altered_answer_is_made_again(
    demand_out: Path, tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    BatchJob("demand", tables, tmp_path, models["demand"]).run()
    victim = min(tmp_path.glob("shop_id=*"))
    victim.write_bytes(victim.read_bytes()[:100])
    BatchJob("demand", tables, tmp_path, models["demand"]).run()
    assert contents(tmp_path) == contents(demand_out)


@pytest.mark.slow
def test_an_answer_to_a_request_of_an_older_form_is_made_again(
    demand_out: Path, tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    for made in demand_out.glob("shop_id=*"):
        answers = pq.read_table(made)
        footer = json.loads(answers.schema.metadata[b"samaan"]) | {"schema_version": 1}
        old = answers.slice(0, 1).replace_schema_metadata({b"samaan": json.dumps(footer).encode()})
        pq.write_table(old, tmp_path / made.name)
    assert BatchJob("demand", tables, tmp_path, models["demand"]).run()["reused"] == 0
    assert contents(tmp_path) == contents(demand_out)


def test_a_model_of_another_kind_is_refused(tables: Path, models: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="of kind 'price', expected 'demand'"):
        BatchJob("demand", tables, tmp_path, models["price"]).run()


def test_absent_tables_are_named(models: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="table 'sales' is needed"):
        BatchJob("demand", tmp_path, tmp_path / "out", models["demand"]).run()


def test_an_absent_champion_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="samaan pipeline run price --data DIR"):
        champion_folder("price", tmp_path)


@pytest.mark.parametrize("text", ["2/2", "3/2", "x/2", "1", "-1/2", "\u00b2/3", "0/0", "", "0/1000000000"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match=r"i/n"):
        Shard.parse(text)


def test_every_shop_belongs_to_one_shard() -> None:
    shops = [f"shop-{number}" for number in range(200)]
    holders = [[shard for shard in range(5) if Shard(shard, 5).holds(shop)] for shop in shops]
    assert all(len(found) == 1 for found in holders)
    assert {found[0] for found in holders} == set(range(5))
