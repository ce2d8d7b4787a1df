"""Files in an S3 bucket."""

from typing import TYPE_CHECKING

from serving.errors import NotFound, StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3BlobStore:
    """Keeps each blob as an object, encrypted by the bucket's key.

    Parameters
    ----------
    bucket : str
        The bucket.
    client : S3Client
        Client to use.
    """

    def __init__(self, bucket: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._client = client

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data)
        except (BotoCoreError, ClientError) as error:
            raise StoreUnavailable("the file could not be kept") from error

    def get(self, key: str) -> bytes:
        """Return the bytes."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise NotFound("no such file") from None
            raise StoreUnavailable("the file could not be read") from error
        except BotoCoreError as error:
            raise StoreUnavailable("the file could not be read") from error

    def delete(self, key: str) -> None:
        """Delete the bytes."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise StoreUnavailable("the file could not be deleted") from error


def s3_client(region: str, endpoint_url: str | None = None) -> "S3Client":
    """Make a client with short timeouts."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 3})
    return boto3.client("s3", region_name=region, endpoint_url=endpoint_url, config=config)
