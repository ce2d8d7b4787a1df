"""The champion where the gate finds it: written when a model is registered, laid where there is none yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.areas import AREAS, golden_path
from pipelines.champions import lay_champion, lay_first_champion
from pipelines.deploy import Deployer
from pipelines.local import Definition
from pipelines.night_job import NightJob
from samaan_ml.artifacts import read_manifest
from samaan_ml.exceptions import ArtifactError, ParameterError
from tests.pipelines.api_model import faults
from tests.pipelines.test_registry import a_price_model
from training.champion import archived_version, read_champion, write_champion

ROLE = "arn:aws:iam::000000000000:role/r"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An embedded account."""
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    with mock_aws():
        import boto3

        yield boto3.Session(region_name="ap-south-1")


def a_model(folder: Path, days: int = 160) -> str:
    """Save a small model; give its version."""
    a_price_model(folder, days)
    return read_manifest(folder).model_version


def reports(folder: Path) -> list[Path]:
    """What evaluation, check and gate left."""
    for place, name in (
        ("evaluation", "evaluation.json"),
        ("checks", "statistics.json"),
        ("gate", "gate.json"),
    ):
        (folder / place).mkdir()
        (folder / place / name).write_text(json.dumps({"said by": place}), "utf-8")
    return [folder / place for place in ("evaluation", "checks", "gate")]


def test_a_champion_is_one_archive_with_what_the_gate_reads(tmp_path: Path) -> None:
    version = a_model(tmp_path / "model")
    found = reports(tmp_path)
    assert write_champion(tmp_path / "model", found, tmp_path / "a") == version
    write_champion(tmp_path / "model", found, tmp_path / "b")
    assert (tmp_path / "a" / "model.tar.gz").read_bytes() == (tmp_path / "b" / "model.tar.gz").read_bytes()
    assert (tmp_path / "a" / "statistics.json").is_file()
    read = read_champion(tmp_path / "a", tmp_path / "unpacked")
    assert read is not None
    assert {"manifest.json", "evaluation.json", "gate.json"} <= {path.name for path in read.iterdir()}
    assert archived_version(tmp_path / "a") == version


def test_an_altered_model_becomes_no_champion(tmp_path: Path) -> None:
    a_model(tmp_path / "model")
    state = tmp_path / "model" / "state.json"
    state.write_text(state.read_text("utf-8") + " ", "utf-8")
    with pytest.raises(ArtifactError, match="altered"):
        write_champion(tmp_path / "model", [], tmp_path / "champion")
    assert not (tmp_path / "champion").exists()


def test_the_store_says_what_the_registry_says(tmp_path: Path) -> None:
    registered, place = tmp_path / "registered", tmp_path / "place"
    lay_champion(registered, place)
    assert read_champion(place, tmp_path / "none") is None
    for days in (160, 200):  # the second is a promotion: another champion
        version = a_model(registered, days)
        lay_champion(registered, place)
        written = (place / "model.tar.gz").stat().st_mtime_ns
        lay_champion(registered, place)
        assert (archived_version(place), (place / "model.tar.gz").stat().st_mtime_ns) == (version, written)


def test_the_first_champion_of_an_account_is_laid_once_and_never_over_a_model(aws: Any) -> None:
    client = aws.client("s3")
    client.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "ap-south-1"})
    assert lay_first_champion(client, "models", "price") == "s3://models/champions/price"
    client.put_object(Bucket="models", Key="champions/demand/model.tar.gz", Body=b"a model")
    lay_first_champion(client, "models", "demand")
    keys = [each["Key"] for each in client.list_objects_v2(Bucket="models")["Contents"]]
    assert keys == ["champions/demand/model.tar.gz", "champions/price/none.json"]


def test_the_three_executions_of_the_guide_start_with_every_input_in_place(aws: Any) -> None:
    client, deployer = aws.client("s3"), Deployer(aws)
    client.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "ap-south-1"})
    client.put_object(Bucket="models", Key="current/sales.parquet", Body=b"rows")
    for area in AREAS:
        champion = lay_first_champion(client, "models", area)
        places = {"Bucket": "models", "DataUri": "s3://models/current", "ChampionUri": champion}
        deployer.upsert_pipeline(area, ROLE, places)
        assert "/execution/" in deployer.start_pipeline(area)
        definition = Definition.load(golden_path(area), area)
        outside = {each for each in places.values() if each.startswith("s3://")}
        for uri in outside:
            bucket, _, prefix = uri.removeprefix("s3://").partition("/")
            assert client.list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"] > 0
        champion_step = definition.step("Champion").arguments
        target = champion_step["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
        gate = next(
            each
            for each in definition.step("Gate").arguments["ProcessingInputs"]
            if each["InputName"] == "champion"
        )
        assert target == gate["S3Input"]["S3Uri"] == {"Get": "Parameters.ChampionUri"}


@pytest.mark.parametrize("area", AREAS)
def test_the_champion_is_written_after_the_registration_and_only_when_approved(area: str) -> None:
    definition = Definition.load(golden_path(area), area)
    champion, publish = definition.step("Champion"), definition.step("Publish")
    assert "Decide" in champion.depends_on
    asked = json.dumps(publish.arguments["Conditions"])
    assert "Parameters.ApprovalStatus" in asked
    assert "PropertyFiles.gate" in asked


def test_the_night_is_a_job_that_the_service_takes() -> None:
    night = NightJob("s3://d/current/", "s3://m/champions", "s3://d/nights", "image", ROLE)
    job = night.job()
    steps = [
        {
            "Name": "Night",
            "Type": "Processing",
            "Arguments": {k: v for k, v in job.items() if k != "ProcessingJobName"},
        }
    ]
    assert list(faults(Definition.read({"Version": "2020-12-01", "Steps": steps}, "night"))) == []
    assert {each["InputName"] for each in job["ProcessingInputs"]} == {
        "data",
        *(f"champion-{area}" for area in AREAS),
    }
    with pytest.raises(ParameterError, match="data_uri"):
        NightJob("current", "s3://m/champions", "s3://d/nights", "image", ROLE)
