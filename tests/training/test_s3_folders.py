"""Folders on S3: the same bytes as folders here, fetched and sent once, shared by hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from samaan.cli import main
from samaan_ml.exceptions import DataError, ParameterError
from training.batch import BatchJob
from training.s3_folders import S3Error, S3Folder

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An embedded S3 with one bucket."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "ap-south-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="shops", CreateBucketConfiguration={"LocationConstraint": "ap-south-1"})
        yield client


def put(s3: Any, folder: Path, prefix: str) -> None:
    """Store a folder's files."""
    for path in folder.rglob("*"):
        if path.is_file():
            s3.upload_file(str(path), "shops", f"{prefix}/{path.relative_to(folder).as_posix()}")


def stored(s3: Any, prefix: str) -> dict[str, bytes]:
    """Read everything below a prefix."""
    listed = s3.list_objects_v2(Bucket="shops", Prefix=prefix + "/").get("Contents", [])
    return {
        each["Key"].removeprefix(prefix + "/"): s3.get_object(Bucket="shops", Key=each["Key"])["Body"].read()
        for each in listed
    }


def score(*words: str) -> int:
    """Call the command; give its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["score", "demand", *words])
    return int(ended.value.code or 0)


def test_scoring_from_and_to_s3_gives_the_bytes_of_a_local_run(
    s3: Any, tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    put(s3, tables, "data")
    BatchJob("demand", tables, tmp_path / "here", models["demand"]).run()
    words = ["--data", "s3://shops/data", "--out", "s3://shops/out", "--model", str(models["demand"])]
    assert score(*words, "--home", str(tmp_path / "home")) == 0
    here = {
        path.relative_to(tmp_path / "here").as_posix(): path.read_bytes()
        for path in (tmp_path / "here").rglob("*")
        if path.is_file()
    }
    assert stored(s3, "out") == here


@pytest.mark.slow
def test_shards_of_two_hosts_meet_in_one_manifest(
    s3: Any, tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    put(s3, tables, "data")
    words = ["--data", "s3://shops/data", "--model", str(models["demand"])]
    for host in range(2):
        ours = ["--out", "s3://shops/two", "--home", str(tmp_path / f"host-{host}"), "--shard", f"{host}/2"]
        assert score(*words, *ours) == 0
        assert ("manifest.json" in stored(s3, "two")) == (host == 1)
    assert score(*words, "--out", "s3://shops/one", "--home", str(tmp_path / "alone")) == 0
    one, two = stored(s3, "one"), stored(s3, "two")
    shops = [name for name in one if name.endswith(".parquet")]
    assert len(shops) == 3
    assert {name: two[name] for name in shops} == {name: one[name] for name in shops}
    assert two["manifest.json"] == one["manifest.json"]


def test_only_what_changed_is_fetched_and_sent(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="shops", Key="a/x.txt", Body=b"one")
    s3.put_object(Bucket="shops", Key="a/sub/y.txt", Body=b"two")
    first = S3Folder("s3://shops/a/", tmp_path, s3)
    folder = first.fetch()
    before = (folder / "x.txt").stat().st_mtime_ns
    s3.put_object(Bucket="shops", Key="a/sub/y.txt", Body=b"new")
    s3.put_object(Bucket="shops", Key="a/z.txt", Body=b"later")
    S3Folder("s3://shops/a", tmp_path, s3).fetch()
    assert (folder / "x.txt").stat().st_mtime_ns == before
    assert (folder / "sub" / "y.txt").read_bytes() == b"new"
    (folder / "x.txt").unlink()
    (folder / "made.txt").write_bytes(b"here")
    (folder / ".scratch").write_bytes(b"not sent")
    s3.put_object(Bucket="shops", Key="a/of-another-host.txt", Body=b"theirs")
    first.send(last="made.txt")
    assert set(stored(s3, "a")) == {"sub/y.txt", "z.txt", "made.txt", "of-another-host.txt"}


@pytest.mark.parametrize("uri", ["s3://", "s3:///x", "shops/a", "s3://shops/../etc"])
def test_what_is_no_address_is_refused(uri: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="s3://bucket/prefix"):
        S3Folder(uri, tmp_path)


def test_a_key_that_leads_out_of_the_folder_is_refused(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="shops", Key="a/../../out.txt", Body=b"x")
    with pytest.raises(DataError, match="leads out of it"):
        S3Folder("s3://shops/a", tmp_path, s3).fetch()
    assert not list(tmp_path.rglob("out.txt"))


def test_a_bucket_that_is_not_there_is_said_in_one_line(s3: Any, tmp_path: Path) -> None:
    with pytest.raises(S3Error, match="'s3://nobody/a' cannot be read"):
        S3Folder("s3://nobody/a", tmp_path, s3).fetch()
