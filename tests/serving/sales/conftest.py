"""An application over each technology: SQLite, PostgreSQL, and stock and khatas in DynamoDB."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import moto
import pytest

from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore
from serving.adapters.sql import migrate
from serving.adapters.sql.database import Database
from tests.contracts.conftest import OneAtATime, dynamo_table, frugal_transactions
from tests.contracts.conftest import postgres as postgres  # noqa: PLC0414 (a fixture)
from tests.contracts.inventory import dynamo_inventory


@pytest.fixture(scope="module")
def over_dynamodb(new_api: Callable[..., Any]) -> Iterator[Any]:
    """An application whose stock and khatas lie in DynamoDB."""
    with moto.mock_aws(), frugal_transactions():
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="ap-south-1")
        client = OneAtATime(session.client("dynamodb"))
        stock = dynamo_table(client, "inventory", "itemId", ("CategoryIndex", "category"))
        khatas = dynamo_table(client, "udhaar", "customerId", ("OverdueIndex", "dueDate"))
        parts: dict[str, Any] = {**dynamo_inventory(stock)._asdict(), "udhaar": DynamoUdhaarStore(khatas)}
        yield new_api(parts, inventory_store="dynamodb", udhaar_store="dynamodb")


@pytest.fixture(scope="module")
def over_postgresql(new_api: Callable[..., Any], request: pytest.FixtureRequest) -> Any:
    """An application over PostgreSQL."""
    url = request.getfixturevalue("postgres")
    database = Database(url)
    migrate.upgrade(database)
    database.close()
    return new_api(database=url)


@pytest.fixture(params=["sqlite", "dynamodb", pytest.param("postgresql", marks=pytest.mark.slow)])
def anywhere(request: pytest.FixtureRequest, api: Any) -> Any:
    """The application over each technology."""
    return api if request.param == "sqlite" else request.getfixturevalue(f"over_{request.param}")
