"""Writes over a store outside the database: cut off anywhere and sent again, they take place once."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.adapters.dynamodb.inventory import DynamoInventoryStore
from serving.adapters.dynamodb.table import DynamoTable
from serving.errors import StoreUnavailable


class Line:
    """A client whose calls fail as planned: before the table sees them, or after it has done them."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.plan: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)

        def passed(**asked: Any) -> Any:
            fate = self.plan.pop(0) if self.plan else "well"
            if fate == "lost":
                raise ReadTimeoutError(endpoint_url="x")
            answer = call(**asked)
            if fate == "unheard":
                raise ReadTimeoutError(endpoint_url="x")
            return answer

        return passed


class Forgetful:
    """The store of answers, which loses the last step of a write as often as it is told to."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.losses = 0

    def complete(self, *args: Any) -> None:
        if self.losses:
            self.losses -= 1
            raise StoreUnavailable("the database went away")
        self._inner.complete(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    """The inventory table, in moto, behind a line that can fail."""
    with moto.mock_aws():
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="ap-south-1")
        client = session.client("dynamodb")
        client.create_table(
            TableName="inventory",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "shopId", "KeyType": "HASH"},
                {"AttributeName": "itemId", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("shopId", "itemId")
            ],
        )
        yield Line(client)


@pytest.fixture(scope="module")
def outside(new_api: Callable[..., Any], line: Line) -> Any:
    """An application whose stock lies in DynamoDB."""
    api = new_api(
        {"inventory": DynamoInventoryStore(DynamoTable("inventory", line))},  # type: ignore[arg-type]
        inventory_store="dynamodb",
    )
    api.wiring.parts["idempotency"] = Forgetful(api.wiring.idempotency)
    return api


BILL = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}


def test_a_bill_cut_off_after_its_stock_moved_is_finished_by_its_repetition(outside: Any) -> None:
    shop = outside.sign_up()
    shop.add_item(stock=10_000)
    outside.wiring.idempotency.losses = 1
    assert shop.post("/sales", BILL, 503, key="bill")["code"] == "store_unavailable"
    sale = shop.post("/sales", BILL, key="bill")
    assert shop.on_hand() == 9_000
    assert shop.post("/sales", BILL, key="bill") == sale
    movements = shop.get("/inventory/items/sugar/movements")["rows"]
    assert [each["source"] for each in movements if each["kind"] == "sale"] == [f"sale/{sale['sale_id']}"]
    shop.post(f"/sales/{sale['sale_id']}/returns", {**BILL, "reason": "wrong"})
    assert shop.on_hand() == 10_000


def test_a_refused_bill_gives_its_stock_back_and_the_key_can_be_used_again(outside: Any) -> None:
    shop = outside.sign_up(over_limit="block")
    shop.add_item(stock=10_000)
    shop.add_customer(limit_paise=1_000)
    bill = BILL | {"payment": "udhaar", "customer_id": "ramesh"}
    assert shop.post("/sales", bill, 409, key="bill")["code"] == "credit_limit_exceeded"
    assert shop.on_hand() == 10_000
    assert shop.get("/sales")["rows"] == []
    assert shop.call("PATCH", "/udhaar/customers/ramesh", {"limit_paise": 10**6}).status_code == 200
    shop.post("/sales", bill, key="bill")
    assert shop.on_hand() == 9_000


def test_an_item_cut_off_between_its_row_and_its_opening_stock_is_finished(outside: Any, line: Line) -> None:
    shop = outside.sign_up()
    body = {"item_id": "salt", "name": "Salt", "price_paise": 100, "opening_stock_milli": 5_000}
    line.plan = ["well", "lost"]
    shop.post("/inventory/items", body, 503, key="item")
    assert shop.post("/inventory/items", body, key="item")["on_hand_milli"] == 5_000
    shop.post("/inventory/items", body | {"name": "Other salt"}, 409)


def test_a_delivery_cut_off_after_its_cost_was_learnt_does_not_learn_it_twice(
    outside: Any, line: Line
) -> None:
    shop = outside.sign_up()
    shop.add_item(stock=10_000, cost_paise=1_000)
    move = {"item_id": "sugar", "kind": "purchase", "quantity_milli": 10_000, "unit_cost_paise": 2_000}
    outside.wiring.idempotency.losses = 1
    shop.post("/inventory/movements", {"movements": [move]}, 503, key="delivery")
    shop.post("/inventory/movements", {"movements": [move]}, key="delivery")
    item = shop.get("/inventory/items/sugar")
    assert (item["on_hand_milli"], item["cost_paise"]) == (20_000, 1_500)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fates=st.lists(st.lists(st.sampled_from(["well", "well", "lost", "unheard"]), max_size=9), max_size=4),
    losses=st.integers(0, 2),
)
def test_whatever_fails_on_the_way_a_repeated_bill_takes_place_once(
    outside: Any, line: Line, fates: list[list[str]], losses: int
) -> None:
    shop = outside.sign_up()
    shop.add_item(stock=10_000)
    outside.wiring.idempotency.losses = losses
    for fate in [*fates, [], [], []]:
        line.plan = list(fate)
        status = shop.call("POST", "/sales", BILL, "bill").status_code
        assert status in (201, 503)
    line.plan = []
    assert status == 201
    assert shop.on_hand() == 9_000
    assert len(shop.get("/sales")["rows"]) == 1
    assert outside.wiring.inventory.rebuild(shop.shop_id) == 0
