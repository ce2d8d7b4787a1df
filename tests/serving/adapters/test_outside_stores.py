"""Writes over a store outside the database: cut off anywhere and sent again, they take place once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.khata import verify_chain
from samaan_ml.domain.ledger import LedgerEntry, reversal_of
from serving.adapters.dynamodb.table import DynamoTable
from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore
from serving.errors import StoreUnavailable
from serving.ports.clock import new_id
from serving.ports.transactions import taking_back
from serving.tasks.orphans import orphans, take_back
from tests.contracts.inventory import dynamo_inventory


class Line:
    """A client whose calls fail as planned: before the table sees them, or after it has done them."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.plan: list[str] = []
        self.unheard_writes = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)

        def passed(**asked: Any) -> Any:
            fate = self.plan.pop(0) if self.plan else "well"
            if fate == "lost":
                raise ReadTimeoutError(endpoint_url="x")
            answer = call(**asked)
            if name == "transact_write_items" and self.unheard_writes:
                self.unheard_writes -= 1
                fate = "unheard"
            if fate == "unheard":
                raise ReadTimeoutError(endpoint_url="x")
            return answer

        return passed


class Forgetful:
    """The store of answers, which loses the last step of a write as often as it is told to."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.losses = 0
        self.losses_of_release = 0

    def release(self, *args: Any) -> None:
        if self.losses_of_release:
            self.losses_of_release -= 1
            raise StoreUnavailable("the database went away")
        self._inner.release(*args)

    def complete(self, *args: Any) -> None:
        if self.losses:
            self.losses -= 1
            raise StoreUnavailable("the database went away")
        self._inner.complete(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    """The tables of stock and udhaar, in moto, behind a line that can fail."""
    with moto.mock_aws():
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="ap-south-1")
        client = session.client("dynamodb")
        for table, sort in (("inventory", "itemId"), ("udhaar", "customerId")):
            client.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[
                    {"AttributeName": "shopId", "KeyType": "HASH"},
                    {"AttributeName": sort, "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[
                    {"AttributeName": name, "AttributeType": "S"} for name in ("shopId", sort)
                ],
            )
        yield Line(client)


@pytest.fixture(scope="module")
def outside(new_api: Callable[..., Any], line: Line) -> Any:
    """An application whose stock lies in DynamoDB."""
    api = new_api(
        dynamo_inventory(DynamoTable("inventory", line))._asdict(),  # type: ignore[arg-type]
        inventory_store="dynamodb",
    )
    for store in ("idempotency", "facts"):
        api.wiring.parts[store] = Forgetful(getattr(api.wiring, store))
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


def test_a_settlement_cut_off_after_it_was_taken_back_never_counts_as_done(khatas: Any) -> None:
    shop = khatas.sign_up()
    shop.add_customer()
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 50_000})
    body = {"paid_paise": 20_000, "reason": "the rest is forgiven"}
    khatas.wiring.udhaar.next = other_payment(khatas, shop, 30_000)
    forgetful = khatas.wiring.idempotency
    forgetful.losses_of_release = 1
    shop.post("/udhaar/customers/ramesh/settlement", body, 503, key="settle")
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 10_000})
    refused = shop.post("/udhaar/customers/ramesh/settlement", body, 409, key="settle")
    assert refused["hint"] == "send it once more"
    assert shop.get("/udhaar/customers/ramesh")["balance_paise"] == 30_000
    assert shop.post("/udhaar/customers/ramesh/settlement", body, key="settle")["balance_paise"] == 0
    assert khatas.wiring.udhaar.rebuild(shop.shop_id) == 0


@pytest.mark.parametrize("kind", ["bill", "count"])
def test_a_write_cut_off_after_it_was_taken_back_never_counts_as_done(outside: Any, kind: str) -> None:
    shop = outside.sign_up(over_limit="block")
    shop.add_item(stock=10_000)
    shop.add_customer(limit_paise=1_000)
    path, body, left = {
        "bill": ("/sales", BILL | {"payment": "udhaar", "customer_id": "ramesh"}, 9_000),
        "count": (
            "/inventory/adjustments",
            {
                "adjustments": [
                    {
                        "item_id": item_id,
                        "kind": "count",
                        "quantity_milli": 4_000,
                        "at": "2026-03-10T04:00:00Z",
                    }
                    for item_id in ("sugar", "salt")
                ],
                "atomic": True,
            },
            14_000,  # of what came in after the count
        ),
    }[kind]
    outside.wiring.facts.losses_of_release = 1
    shop.post(path, body, 503, key="same")
    assert shop.on_hand() == 10_000
    if kind == "bill":
        assert shop.call("PATCH", "/udhaar/customers/ramesh", {"limit_paise": 10**6}).status_code == 200
    else:
        shop.add_item("salt", stock=0)
    done = shop.post(path, body, key="same")  # entered under ids of its own
    assert shop.on_hand() == left
    assert shop.post(path, body, key="same") == done
    assert shop.on_hand() == left
    assert outside.wiring.stock.rebuild(shop.shop_id) == 0


@pytest.mark.parametrize("place", ["api", "outside"])
@pytest.mark.parametrize("versioned", [True, False])
def test_a_change_of_an_item_repeated_with_its_key_gets_its_answer_and_not_412(
    request: pytest.FixtureRequest, place: str, versioned: bool
) -> None:
    shop = request.getfixturevalue(place).sign_up()
    shop.add_item()
    path, body = "/inventory/items/sugar", {"price_paise": 4_400}
    sent = {"If-Match": '"1"'} if versioned else {}
    first = shop.call("PATCH", path, body, "change", **sent)
    again = shop.call("PATCH", path, body, "change", **sent)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    late = shop.call("PATCH", path, {"price_paise": 4_300}, "late", **{"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "stale_version")
    assert shop.get(path)["price_paise"] == 4_400


def test_a_change_with_if_match_that_was_cut_off_is_finished_by_its_repetition(outside: Any) -> None:
    shop = outside.sign_up()
    shop.add_item()
    path, body, sent = "/inventory/items/sugar", {"price_paise": 4_400}, {"If-Match": '"1"'}
    outside.wiring.idempotency.losses = 1
    assert shop.call("PATCH", path, body, "change", **sent).status_code == 503
    again = shop.call("PATCH", path, body, "change", **sent)
    assert (again.status_code, again.json()["price_paise"]) == (200, 4_400)
    version = again.json()["version"]
    assert shop.call("PATCH", path, body, "change", **sent).json()["version"] == version == 2
    assert shop.call("PATCH", path, {"price_paise": 1}, "late", **sent).status_code == 412


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


@pytest.mark.parametrize(
    "body",
    [{"counted_milli": 7_000}, {"counted_milli": 7_000, "expected_milli": 10_000}, {"counted_milli": 0}],
)
def test_a_count_cut_off_after_its_movement_answers_as_the_first_would_have(outside: Any, body: Any) -> None:
    shop = outside.sign_up()
    shop.add_item(stock=10_000, cost_paise=1_000)
    path = "/inventory/items/sugar/counts"
    outside.wiring.idempotency.losses = 2
    for _ in range(2):
        shop.post(path, body, 503, key="count")
    shop.sell(quantity=1_000)
    done = shop.post(path, body, key="count")
    difference = body["counted_milli"] - 10_000
    assert (done["before_milli"], done["difference_milli"]) == (10_000, difference)
    assert done["variance_paise"] == difference
    assert shop.post(path, body, key="count") == done
    assert shop.on_hand() == body["counted_milli"] - 1_000
    rows = shop.get("/inventory/items/sugar/movements")["rows"]
    assert [row["quantity_milli"] for row in rows if row["movement_id"] == done["movement_id"]] == [
        difference
    ]
    assert len(rows) == 3  # opening stock, count, sale
    assert outside.wiring.stock.rebuild(shop.shop_id) == 0


@pytest.mark.parametrize("calls_that_pass", range(13))
def test_adjustments_cut_off_anywhere_are_finished_by_their_repetition(
    outside: Any, line: Line, calls_that_pass: int
) -> None:
    shop = outside.sign_up()
    shop.add_item(stock=10_000)
    kinds = (("wastage", 1_000), ("count", 5_000), ("wastage", 2_000))
    at = outside.clock.now().isoformat()
    body = {
        "adjustments": [
            {"item_id": "sugar", "kind": kind, "quantity_milli": milli, "at": at} for kind, milli in kinds
        ]
    }
    line.plan = ["well"] * calls_that_pass + ["unheard"]
    outside.wiring.idempotency.losses = 1
    shop.post("/inventory/adjustments", body, 503, key="offline")
    line.plan, outside.wiring.idempotency.losses = [], 0
    done = shop.post("/inventory/adjustments", body, key="offline")
    assert done["applied"] == 3
    assert [row["on_hand_milli"] for row in done["results"]] == [9_000, 5_000, 3_000]
    assert len(shop.get("/inventory/items/sugar/movements")["rows"]) == 4


def test_a_refused_repetition_takes_back_what_the_cut_off_adjustments_left(outside: Any, line: Line) -> None:
    shop = outside.sign_up()
    shop.add_item(stock=10_000)
    at = outside.clock.now().isoformat()
    count = {"item_id": "sugar", "kind": "count", "quantity_milli": 4_000, "at": at}
    unknown = count | {"item_id": "salt"}
    line.unheard_writes = 1
    body = {"adjustments": [count, unknown], "atomic": True}
    shop.post("/inventory/adjustments", body, 503, key="offline")
    assert shop.on_hand() == 4_000
    shop.post("/inventory/adjustments", body, 404, key="offline")
    assert shop.on_hand() == 10_000
    assert outside.wiring.stock.rebuild(shop.shop_id) == 0


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
    assert outside.wiring.stock.rebuild(shop.shop_id) == 0


class Crowded:
    """A khata at which somebody else pays right after the first payment of a settlement."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.next: LedgerEntry | None = None

    def append(self, entry: LedgerEntry, max_balance_paise: int | None = None) -> Any:
        after = self._inner.append(entry, max_balance_paise)
        if self.next is not None and entry.kind in ("payment", "reversal"):
            other, self.next = self.next, None
            # In a unit of work of its own: its outcome does not hang on the first one's.
            with taking_back():
                self._inner.append(other)
        return after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@pytest.fixture(scope="module")
def khatas(new_api: Callable[..., Any], line: Line) -> Any:
    """An application whose khatas lie in DynamoDB, with a second payer at hand."""
    store = Crowded(DynamoUdhaarStore(DynamoTable("udhaar", line)))  # type: ignore[arg-type]
    api = new_api({"udhaar": store}, udhaar_store="dynamodb")
    api.wiring.parts["idempotency"] = Forgetful(api.wiring.idempotency)
    return api


def other_payment(api: Any, shop: Any, amount_paise: int) -> LedgerEntry:
    """Make the entry of another payer."""
    now = api.clock.now()
    return LedgerEntry(
        entry_id=new_id(now),
        shop_id=shop.shop_id,
        customer_id="ramesh",
        kind="payment",
        amount_paise=amount_paise,
        at=now,
    )


def test_a_settlement_overtaken_by_another_payment_takes_its_own_back(khatas: Any) -> None:
    shop = khatas.sign_up()
    shop.add_customer()
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 50_000})
    body = {"paid_paise": 20_000, "reason": "the rest is forgiven"}
    khatas.wiring.udhaar.next = other_payment(khatas, shop, 30_000)
    refused = shop.post("/udhaar/customers/ramesh/settlement", body, 422, key="settle")
    assert "write" in refused["detail"]
    card = shop.get("/udhaar/customers/ramesh")
    assert card["balance_paise"] == 20_000  # only the other payment counts
    rows = shop.get("/udhaar/customers/ramesh/entries")["rows"]
    assert sorted(row["kind"] for row in rows) == ["credit", "payment", "payment", "reversal"]
    assert verify_chain(khatas.wiring.udhaar.khata(shop.shop_id, "ramesh")) is not None
    assert khatas.wiring.udhaar.rebuild(shop.shop_id) == 0
    done = shop.post("/udhaar/customers/ramesh/settlement", {**body, "paid_paise": 5_000}, key="again")
    assert done["balance_paise"] == 0


def test_a_refused_settlement_can_be_sent_again_with_its_key(khatas: Any) -> None:
    shop = khatas.sign_up()
    shop.add_customer()
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 50_000})
    body = {"paid_paise": 20_000, "reason": "the rest is forgiven"}
    khatas.wiring.udhaar.next = other_payment(khatas, shop, 30_000)
    shop.post("/udhaar/customers/ramesh/settlement", body, 422, key="settle")
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 10_000})
    assert shop.post("/udhaar/customers/ramesh/settlement", body, key="settle")["balance_paise"] == 0
    newest = shop.get("/udhaar/customers/ramesh/entries")["rows"][:2]
    assert {row["kind"] for row in newest} == {"payment", "write_off"}


def test_what_is_taken_back_twice_or_was_never_there_changes_nothing(khatas: Any) -> None:
    shop = khatas.sign_up()
    shop.add_customer()
    store = khatas.wiring.udhaar
    credit = replace(other_payment(khatas, shop, 9_000), kind="credit", entry_id="e1")
    back = reversal_of(credit, entry_id="e2", at=credit.at, reason="wrong")

    def work(entries: tuple[LedgerEntry, ...]) -> None:
        """Append some entries in a unit of work that is refused at its end."""
        with taking_back():
            for entry in entries:
                store.append(entry)
            raise RuleError("no")

    def refused(*entries: LedgerEntry) -> int:
        """Do work that is refused; return the balance after it."""
        with pytest.raises(RuleError):
            work(entries)
        balance: int = store.customer(shop.shop_id, "ramesh").balance_paise
        return balance

    store.append(credit)
    assert refused(back) == 9_000  # the credit stands again, by an entry of its own
    assert refused(back) == 9_000
    assert refused(replace(back, entry_id="e3", reverses="e2-r")) == 9_000
    assert refused(replace(credit, entry_id="e4"), replace(credit, entry_id="e5")) == 9_000
    assert store.rebuild(shop.shop_id) == 0
    assert verify_chain(store.khata(shop.shop_id, "ramesh")) is not None


def test_what_a_cut_off_bill_left_is_listed_once_it_is_old_and_taken_back(outside: Any) -> None:
    shop = outside.sign_up()
    shop.add_item(stock=10_000)
    shop.add_customer()
    bill = BILL | {"payment": "udhaar", "customer_id": "ramesh"}
    shop.post("/sales", bill)
    outside.wiring.idempotency.losses = 1
    shop.post("/sales", bill, 503, key="bill")
    left = LedgerEntry(
        entry_id="gone",
        shop_id=shop.shop_id,
        customer_id="ramesh",
        kind="credit",
        amount_paise=4_500,
        at=outside.clock.now(),
        due_on=outside.clock.now().date(),
        actor="x",
        note="bill gone",
    )
    outside.wiring.udhaar.append(left)
    assert (shop.on_hand(), shop.get("/udhaar/customers/ramesh")["balance_paise"]) == (8_000, 9_000)
    assert list(orphans(outside.wiring, shop.shop_id)) == []  # its request may still be repeated
    start = outside.clock.instant
    outside.clock.instant += timedelta(hours=49)
    try:
        stock, khata = orphans(outside.wiring, shop.shop_id)
        assert [(m.item_id, m.quantity_milli) for m in stock.movements] == [("sugar", -1_000)]
        assert (khata.bill, khata.entry_id) == ("sale/gone", "gone")
        for found in (stock, khata):
            take_back(outside.wiring, found)
        assert list(orphans(outside.wiring, shop.shop_id)) == []
    finally:
        outside.clock.instant = start
    assert (shop.on_hand(), shop.get("/udhaar/customers/ramesh")["balance_paise"]) == (9_000, 4_500)
    assert outside.wiring.stock.rebuild(shop.shop_id) == 0


def test_bills_that_are_there_leave_no_orphans(api: Any) -> None:
    shop = api.sign_up()
    shop.add_item(stock=10_000)
    shop.add_customer()
    sale = shop.post("/sales", BILL | {"payment": "udhaar", "customer_id": "ramesh"})
    shop.post(f"/sales/{sale['sale_id']}/returns", {**BILL, "reason": "wrong"})
    start = api.clock.instant
    api.clock.instant += timedelta(hours=49)
    try:
        assert list(orphans(api.wiring, shop.shop_id)) == []
    finally:
        api.clock.instant = start
