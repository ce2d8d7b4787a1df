"""A write whose khata lies in DynamoDB and whose answer was lost: the same key again does not write it twice."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import boto3
import moto
import pytest

from serving.adapters.dynamodb.table import DynamoTable
from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore
from serving.adapters.sql.idempotency import SqlIdempotencyStore
from serving.errors import StoreUnavailable
from serving.ports.idempotency import WriteKey

KHATA = "/udhaar/customers/ramesh"


class LosesAnswers:
    """Keeps answers in SQL, but is cut off before the next `losing` ones: the unit of work goes back."""

    def __init__(self) -> None:
        self.store: SqlIdempotencyStore | None = None
        self.losing = 0

    def claim(self, write: WriteKey, now: datetime) -> str | None:
        assert self.store is not None
        return self.store.claim(write, now)

    def reserve(self, write: WriteKey, now: datetime) -> datetime:
        assert self.store is not None
        return self.store.reserve(write, now)

    def release(self, write: WriteKey) -> None:
        assert self.store is not None
        self.store.release(write)

    def find(self, write: WriteKey) -> str | None:
        assert self.store is not None
        return self.store.find(write)

    def complete(self, write: WriteKey, answer: str) -> None:
        assert self.store is not None
        if self.losing:
            self.losing -= 1
            raise StoreUnavailable("cut off before the answer was kept")
        self.store.complete(write, answer)


@pytest.fixture(scope="module")
def table() -> Iterator[DynamoTable]:
    """The table of the architecture, in moto."""
    with moto.mock_aws():
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="ap-south-1")
        client = session.client("dynamodb")
        key = [("shopId", "HASH"), ("customerId", "RANGE")]
        due = [("shopId", "HASH"), ("dueDate", "RANGE")]
        client.create_table(
            TableName="udhaar",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in key],  # type: ignore[typeddict-item]
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("shopId", "customerId", "dueDate")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "OverdueIndex",
                    "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in due],  # type: ignore[typeddict-item]
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        yield DynamoTable("udhaar", client)


@pytest.fixture
def answers() -> LosesAnswers:
    """Where answers are kept, or lost."""
    return LosesAnswers()


@pytest.fixture
def dynamo_shop(table: DynamoTable, answers: LosesAnswers, new_api: Callable[..., Any]) -> Any:
    """A shop whose khatas lie in DynamoDB."""
    api = new_api({"udhaar": DynamoUdhaarStore(table), "idempotency": answers}, udhaar_store="dynamodb")
    answers.store = SqlIdempotencyStore(api.wiring.database)
    shop = api.sign_up()
    shop.add_customer()
    shop.post(f"{KHATA}/credits", {"amount_paise": 10_000, "at": "2026-01-05T06:00:00Z"})
    return shop


@pytest.mark.parametrize(
    ("path", "body", "balance"),
    [
        (f"{KHATA}/credits", {"amount_paise": 700}, 10_700),
        (f"{KHATA}/payments", {"amount_paise": 700}, 9_300),
        (f"{KHATA}/write-offs", {"amount_paise": 10_000, "reason": "moved away"}, 0),
        (f"{KHATA}/settlement", {"paid_paise": 4_000, "reason": "agreed on it"}, 0),
    ],
)
def test_an_entry_whose_answer_was_lost_counts_once(
    dynamo_shop: Any, answers: LosesAnswers, path: str, body: Any, balance: int
) -> None:
    before = len(dynamo_shop.get(f"{KHATA}/entries")["rows"])
    for losing in (2, 1):
        answers.losing = losing
        assert dynamo_shop.call("POST", path, body, key="same").status_code == 503
    answers.losing = 0
    done = dynamo_shop.post(path, body, key="same")
    assert done["balance_paise"] == dynamo_shop.get(KHATA)["balance_paise"] == balance
    rows = dynamo_shop.get(f"{KHATA}/entries")["rows"]
    assert len(rows) - before == (2 if "settlement" in path else 1)
    stored = {row["entry_id"]: row for row in rows}
    told = [done["entry"]] if "entry" in done else [done["payment"], done["write_off"]]
    # Names of people are told in lists alone.
    assert all({**stored[entry["entry_id"]], "actor_name": None} == entry for entry in told)
    assert dynamo_shop.post(path, body, key="same") == done


def test_a_bill_on_udhaar_whose_answer_was_lost_is_in_the_khata_once(
    dynamo_shop: Any, answers: LosesAnswers
) -> None:
    dynamo_shop.add_item()
    body = {
        "lines": [{"item_id": "sugar", "quantity_milli": 1_000}],
        "payment": "udhaar",
        "customer_id": "ramesh",
    }
    answers.losing = 1
    assert dynamo_shop.call("POST", "/sales", body, key="same").status_code == 503
    sale = dynamo_shop.post("/sales", body, key="same")
    assert sale["credit"]["balance_paise"] == 14_500
    assert dynamo_shop.get(KHATA)["balance_paise"] == 14_500


def test_a_customer_and_a_promise_whose_answers_were_lost_are_there_once(
    dynamo_shop: Any, answers: LosesAnswers
) -> None:
    promise = {"amount_paise": 500, "pay_by": "2026-03-20"}
    for path, body in (("/udhaar/customers", {"name": "Sita"}), (f"{KHATA}/promises", promise)):
        answers.losing = 1
        assert dynamo_shop.call("POST", path, body, key=path[-9:]).status_code == 503
        dynamo_shop.post(path, body, key=path[-9:])
    assert len(dynamo_shop.get("/udhaar/customers")["rows"]) == 2
    assert len(dynamo_shop.get(f"{KHATA}/promises")["rows"]) == 1


def test_another_write_under_a_fresh_key_counts(dynamo_shop: Any) -> None:
    for key in ("one", "two"):
        dynamo_shop.post(f"{KHATA}/payments", {"amount_paise": 100}, key=key)
    assert dynamo_shop.get(KHATA)["balance_paise"] == 9_800
