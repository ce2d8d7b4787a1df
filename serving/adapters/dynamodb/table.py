"""One table of DynamoDB, spoken to in plain Python values."""

import dataclasses
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from serving.errors import StoreUnavailable, TakenBack
from serving.ports.changes import ChangeKind
from serving.ports.clock import in_repeatable_write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = dict[str, Any]
CHANGES = "#x#"
"""How the sort keys of rows begin that wait for the feed of changes."""
MAX_WRITES = 100
"""Writes that one transaction may hold."""

NEW = "attribute_not_exists(itemId)"
"""The condition of a row of Inventory that must not be there yet."""
_TRIES = 30


class Refused(Exception):  # noqa: N818 (no fault: a condition of a write did not hold)
    """Conditions of a write did not hold; `places` tells which writes of the transaction."""

    def __init__(self, places: tuple[int, ...]) -> None:
        super().__init__()
        self.places = places


class DynamoTable:
    """Reads consistently, writes conditionally.

    Parameters
    ----------
    name : str
        The table.
    client : DynamoDBClient
        Client to use.
    """

    def __init__(self, name: str, client: "DynamoDBClient") -> None:
        self.name = name
        self._client = client

    def get(self, key: Row) -> Row | None:
        """Return one row as it is now."""
        with _translated():
            found = self._client.get_item(TableName=self.name, Key=encode(key), ConsistentRead=True)
        return decode(found["Item"]) if "Item" in found else None

    def query(
        self,
        condition: str,
        values: Mapping[str, Any],
        *,
        index: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Iterator[Row]:
        """Yield the rows under a key condition, asking for further pages as they are needed."""
        asked: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": encode(values),
            "ScanIndexForward": not newest_first,
        }
        asked |= {"IndexName": index} if index else {"ConsistentRead": True}
        asked |= {"ExpressionAttributeNames": dict(names)} if names else {}
        asked |= {"Limit": limit} if limit else {}
        while True:
            with _translated():
                page = self._client.query(**asked)
            yield from (decode(row) for row in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def starting(self, shop_id: str, prefix: str) -> list[Row]:
        """Return a shop's rows of Inventory whose sort key starts so."""
        values = {":shop": shop_id, ":prefix": prefix}
        return list(self.query("shopId = :shop AND begins_with(itemId, :prefix)", values))

    def put(self, row: Row, condition: str | None = None) -> None:
        """Write one row, or raise Refused."""
        self.write([self.putting(row, condition)])

    def putting(self, row: Row, condition: str | None = None) -> Row:
        """Describe the writing of one row."""
        asked = {"TableName": self.name, "Item": encode(row)}
        return {"Put": asked | ({"ConditionExpression": condition} if condition else {})}

    def updating(
        self,
        key: Row,
        expression: str,
        values: Mapping[str, Any],
        condition: str,
        names: Mapping[str, str] | None = None,
    ) -> Row:
        """Describe a change of one row."""
        asked: Row = {
            "TableName": self.name,
            "Key": encode(key),
            "UpdateExpression": expression,
            "ConditionExpression": condition,
        }
        asked |= {"ExpressionAttributeValues": encode(values)} if values else {}
        return {"Update": asked | ({"ExpressionAttributeNames": dict(names)} if names else {})}

    def noting(self, sort_key: str, shop_id: str, *changes: tuple[ChangeKind, str]) -> Row:
        """Describe the row that tells the feed of changes, in the transaction that makes them."""
        token = f"{CHANGES}{time.time_ns():020d}{random.getrandbits(64):016x}"
        told = [f"{kind} {thing_id}" for kind, thing_id in dict.fromkeys(changes)]
        return self.putting({"shopId": shop_id, sort_key: token, "changes": told})

    def deleting(self, key: Row) -> Row:
        """Describe the deletion of one row."""
        return {"Delete": {"TableName": self.name, "Key": encode(key)}}

    def write(self, writes: Sequence[Row]) -> None:
        """Make some writes together or none; ones that meet another transaction are tried again.

        Raises
        ------
        Refused
            When conditions did not hold.
        """
        from botocore.exceptions import ClientError

        for attempt in range(_TRIES):
            try:
                with _translated():
                    self._client.transact_write_items(TransactItems=cast(Any, list(writes)))
            except ClientError as error:
                reasons = [each.get("Code") for each in error.response.get("CancellationReasons", [])]
                failed = tuple(
                    place for place, code in enumerate(reasons) if code == "ConditionalCheckFailed"
                )
                if failed:
                    raise Refused(failed) from None
                time.sleep(random.random() * 0.02 * (attempt + 1))
                continue
            return
        raise StoreUnavailable("too many writers at once")


def check_not_taken_back(table: DynamoTable, reversal: Row) -> None:
    """Refuse to go on with a write that was reversed (its reversal is there), and cut off before its key was gone.

    Refused like the first time, the repetition forgets the key, and the next one is a write of its own. An import that
    goes on brings such pairs as they are.
    """
    if in_repeatable_write() and table.get(reversal) is not None:
        raise TakenBack("this request was refused and reversed")


def encode(values: Mapping[str, Any]) -> Row:
    """Turn Python values into DynamoDB's; None is left out, days and instants become texts that sort."""
    from boto3.dynamodb.types import TypeSerializer

    write = TypeSerializer().serialize
    return {name: write(_plain(value)) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    """Turn one value into one that DynamoDB knows."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def decode(row: Mapping[str, Any]) -> Row:
    """Turn DynamoDB's values into Python's; whole numbers become int."""
    from boto3.dynamodb.types import TypeDeserializer

    read = TypeDeserializer().deserialize
    return {name: _number(read(value)) for name, value in row.items()}


def _number(value: Any) -> Any:
    """Turn a decimal into an int where it is whole."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_number(each) for each in value]
    return value


@contextmanager
def _translated() -> Iterator[None]:
    """Turn technical faults into the port's; what conditions answer passes through."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] == "TransactionCanceledException":
            raise
        raise StoreUnavailable("the table did not answer") from error
    except BotoCoreError as error:
        raise StoreUnavailable("the table did not answer") from error


def names_of(record: type, **other: str) -> dict[str, str]:
    """Return the attribute of each field of a dataclass: its name in camelCase, or the one given here."""
    return {
        each.name: other.get(each.name, re.sub(r"_(\w)", lambda found: found[1].upper(), each.name))
        for each in dataclasses.fields(record)
    }


def dynamodb_client(region: str, endpoint_url: str | None = None) -> "DynamoDBClient":
    """Make a client with short timeouts."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
    return boto3.client("dynamodb", region_name=region, endpoint_url=endpoint_url, config=config)
