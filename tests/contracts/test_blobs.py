"""What every blob store must do."""

from pathlib import Path
from typing import Any

import boto3
import moto
import pytest

from serving.adapters.filesystem_blobs import FilesystemBlobStore
from serving.adapters.s3_blobs import S3BlobStore
from serving.errors import NotFound, StoreUnavailable
from serving.ports.blobs import BlobStore


@pytest.fixture(params=["filesystem", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Each blob store."""
    if request.param == "filesystem":
        yield FilesystemBlobStore(tmp_path)
        return
    with moto.mock_aws():
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="ap-south-1")
        client = session.client("s3")
        client.create_bucket(Bucket="bills", CreateBucketConfiguration={"LocationConstraint": "ap-south-1"})
        yield S3BlobStore("bills", client)


def test_bytes_come_back_and_are_replaced_and_deleted(blobs: BlobStore) -> None:
    blobs.put("shop/bills/1.png", b"\x00first")
    blobs.put("shop/bills/1.png", b"second")
    assert blobs.get("shop/bills/1.png") == b"second"
    blobs.delete("shop/bills/1.png")
    blobs.delete("shop/bills/1.png")
    with pytest.raises(NotFound):
        blobs.get("shop/bills/1.png")


@pytest.mark.parametrize(
    "key", ["../out", "a/../../out", "/etc/passwd", ".hidden", "a//b", "", "a\x00b", "a/.."]
)
def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    store = FilesystemBlobStore(tmp_path / "inside")
    with pytest.raises(ValueError, match="is not a key"):
        store.put(key, b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_the_stores_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        FilesystemBlobStore(tmp_path / "file").put("a", b"x")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
