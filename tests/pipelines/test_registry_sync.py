"""Both registries in step: versions carried over once, the champion the newest approved package, either way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pipelines.local import ModelPackage
from pipelines.registry import MlflowRegistry, RegistryError
from pipelines.registry_sync import RegistrySync
from samaan_ml.exceptions import ArtifactError
from training.archives import pack

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own dependencies

GROUP = "samaan-demand"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A registry's database with its tables, which take MLflow seconds to make."""
    registry = MlflowRegistry(tmp_path_factory.mktemp("made"))
    registry.versions("nothing")
    return (registry.home / "mlflow" / "mlflow.db").read_bytes()


class Side:
    """A home with its MLflow registry, in step with the one embedded account."""

    def __init__(self, home: Path, database: bytes) -> None:
        path = home / "mlflow" / "mlflow.db"
        path.parent.mkdir(parents=True)
        path.write_bytes(database)
        self.home, self.registry = home, MlflowRegistry(home)
        session = boto3.Session(region_name="ap-south-1")
        self.sagemaker = session.client("sagemaker")
        self.sync = RegistrySync(self.registry, self.sagemaker, session.client("s3"), "models", "image")

    def train(self, name: str, *, approved: bool = True) -> None:
        """Register a model here."""
        folder = self.home / "made" / name
        folder.mkdir(parents=True)
        manifest = {"format": 1, "kind": "demand", "model_version": name, "files": {}, "versions": {}}
        (folder / "manifest.json").write_text(json.dumps({**manifest, "metadata": {"trained_until": "x"}}))
        pack(folder, self.home / f"{name}.tar.gz")
        self.registry.register(
            ModelPackage(GROUP, self.home / f"{name}.tar.gz", name, approved, {"area": "demand"}, {}, {})
        )

    def champion(self) -> str | None:
        """Say which model serves here."""
        found = self.registry.champion(GROUP)
        return None if found is None else found.tags["samaan.model_version"]

    def approvals(self) -> dict[str, str]:
        """Say what the account's registry thinks of each model."""
        return {each["version"]: each["status"] for each in self.sync._packages(GROUP)}


@pytest.fixture
def sides(tmp_path: Path, database: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Side, Side]]:
    """Two homes and one account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.delenv("SAMAAN_MLFLOW_URI", raising=False)
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="models")
        yield Side(tmp_path / "one", database), Side(tmp_path / "two", database)


def test_versions_and_their_standing_go_over_once_and_come_back_elsewhere(sides: tuple[Side, Side]) -> None:
    one, two = sides
    one.train("m1")
    one.train("m2")
    one.train("m3", approved=False)
    assert len(one.sync.push(GROUP)) == 4  # three registered, the champion approved
    assert one.approvals() == {"m1": "PendingManualApproval", "m2": "Approved", "m3": "PendingManualApproval"}
    assert one.sync.push(GROUP) == []
    two.sync.pull(GROUP)
    assert two.champion() == "m2"
    assert {each.tags["samaan.model_version"] for each in two.registry.versions(GROUP)} == {"m1", "m2", "m3"}
    assert two.sync.pull(GROUP) == []
    assert two.sync.push(GROUP) == []


def test_rolling_back_here_rejects_there_so_that_the_champion_is_the_newest_approved(
    sides: tuple[Side, Side],
) -> None:
    one, two = sides
    for name in ("m1", "m2"):
        one.train(name)
        one.sync.push(GROUP)
    two.sync.pull(GROUP)
    one.registry.roll_back(GROUP)
    one.sync.push(GROUP)
    assert one.approvals() == {"m1": "Approved", "m2": "Rejected"}
    two.sync.pull(GROUP)
    assert two.champion() == "m1"


def test_an_approval_there_makes_the_champion_here(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    one.train("m1")
    one.train("m2", approved=False)
    one.sync.push(GROUP)
    waiting = next(each for each in one.sync._packages(GROUP) if each["version"] == "m2")
    one.sync._approve(waiting, "Approved", "looks right")
    assert one.champion() == "m1"
    assert one.sync.pull(GROUP) == ["version 2 is champion, as the newest approved package"]
    assert one.champion() == "m2"


def test_a_file_that_is_not_the_model_it_says_is_not_taken_in(sides: tuple[Side, Side]) -> None:
    one, two = sides
    one.train("m1")
    one.train("m2")
    one.sync.push(GROUP)
    s3: Any = one.sync.s3
    other = s3.get_object(Bucket="models", Key=f"registry/{GROUP}/m1/model.tar.gz")["Body"].read()
    s3.put_object(Bucket="models", Key=f"registry/{GROUP}/m2/model.tar.gz", Body=other)
    with pytest.raises(ArtifactError, match="says model 'm2', its file holds 'm1'"):
        two.sync.pull(GROUP)
    assert two.champion() is None


def test_nothing_to_push_is_said(sides: tuple[Side, Side]) -> None:
    with pytest.raises(RegistryError, match="has no version to push"):
        sides[0].sync.push(GROUP)
