"""Prices planned ahead: known to forecasts and orders, and the item's own price from their day on."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import moto
import pytest
from click.testing import CliRunner

from serving import lambdas
from serving.__main__ import main
from serving.adapters.dynamodb.table import DynamoTable
from serving.errors import StoreUnavailable
from serving.tasks.planned_prices import apply_planned_prices
from tests.contracts.inventory import dynamo_inventory

NOON = datetime(2026, 3, 12, 6, 30, tzinfo=UTC)
TODAY = date(2026, 3, 12)
PLANS = "/pricing/items/sugar/planned-prices"


def planned(price_paise: int, days: int, **fields: Any) -> dict[str, Any]:
    """The body of a plan some days ahead of today."""
    from_on = (TODAY + timedelta(days=days)).isoformat()
    return {"price_paise": price_paise, "from_on": from_on, "reason": "festival price"} | fields


@pytest.fixture
def store(api: Any, clock: Any, predictor: Any) -> Iterator[Any]:
    """A shop with ten days of sales of sugar, at noon; the clock goes back afterwards."""
    predictor.up = True
    before, clock.instant = clock.instant, NOON + timedelta(days=400)
    apply_planned_prices(api.wiring)  # what other tests planned in their shops
    clock.instant = NOON
    shop = api.sign_up()
    shop.add_item(cost_paise=4_000, mrp_paise=5_000)
    for day in range(1, 11):
        shop.sell(sold_at=f"2026-03-{day:02}T06:00:00Z")
    yield shop
    clock.instant = before


@pytest.fixture
def later(api: Any, clock: Any, store: Any) -> Callable[[int], Any]:
    """Move to some days later and sign in again."""

    def move(days: int) -> Any:
        clock.instant = NOON + timedelta(days=days)
        return api.sign_in_again(store)

    return move


def prices_ahead(predictor: Any, days: int, item_id: str = "sugar") -> list[int]:
    """Return the prices of the first days ahead that the model was told last; an order may look further."""
    (item,) = [each for each in predictor.asked[-1].items if each.item_id == item_id]
    return list(item.price_paise[len(item.units_milli) :][:days])


def test_forecasts_and_orders_know_a_price_that_is_planned(store: Any, predictor: Any) -> None:
    store.get("/forecast/items/sugar?horizon_days=7")
    assert prices_ahead(predictor, 7) == [4_500] * 7
    store.post(PLANS, planned(4_200, 3))
    store.post(PLANS, planned(4_500, 5))
    store.post(PLANS, planned(4_800, 30))
    store.get("/forecast/items/sugar?horizon_days=7")
    assert prices_ahead(predictor, 7) == [4_500] * 3 + [4_200] * 2 + [4_500] * 2
    store.get("/forecast/reorder?horizon_days=4")
    assert prices_ahead(predictor, 4) == [4_500] * 3 + [4_200]
    asked = {"item_ids": ["sugar"], "horizon_days": 4}
    own = [{"from_on": "2026-03-12", "until_on": "2026-03-12", "price_paise": 4_000}]
    store.post("/forecast", asked | {"plans": [{"item_id": "sugar", "prices": own}]}, 200)
    assert prices_ahead(predictor, 4) == [4_000, 4_500, 4_500, 4_200]


def test_a_forecast_with_a_stored_plan_is_kept_as_any_other(store: Any) -> None:
    store.post(PLANS, planned(4_200, 3))
    card = store.get("/forecast/items/sugar?horizon_days=7")["items"][0]
    assert card["forecast_id"] is not None


def test_a_planned_price_becomes_the_price_on_its_day(
    store: Any, later: Callable[[int], Any], api: Any, predictor: Any
) -> None:
    plan = store.post(PLANS, planned(4_200, 3), key="plan")
    assert (plan["status"], plan["price_before_paise"]) == ("planned", 4_500)
    assert store.post(PLANS, planned(4_200, 3), key="plan") == plan
    assert apply_planned_prices(api.wiring)[1] == 0
    assert store.get("/inventory/items/sugar")["price_paise"] == 4_500
    store = later(3)
    store.get("/forecast/items/sugar?horizon_days=3")
    assert prices_ahead(predictor, 3) == [4_200] * 3, "also where nothing has applied it yet"
    assert apply_planned_prices(api.wiring) == (1, 0)
    assert apply_planned_prices(api.wiring) == (0, 0)
    assert store.get("/inventory/items/sugar")["price_paise"] == 4_200
    assert api.wiring.items.item(store.shop_id, "sugar").price_changed_on == date(2026, 3, 15)
    (row,) = store.get("/pricing/planned-prices?item_id=sugar")["rows"]
    (change,) = store.get("/pricing/changes?item_id=sugar")["rows"]
    assert (row["status"], row["change_id"]) == ("applied", change["change_id"])
    assert (change["before_paise"], change["after_paise"], change["reason"]) == (
        4_500,
        4_200,
        "festival price",
    )
    assert store.sell()["total_paise"] == 4_200
    store.post(f"/pricing/changes/{change['change_id']}/rollback", {"reason": "over again"})
    assert store.get("/inventory/items/sugar")["price_paise"] == 4_500


def test_the_day_is_the_shops_own(api: Any, clock: Any, store: Any) -> None:
    store.post(PLANS, planned(4_200, 1))
    clock.instant = datetime(2026, 3, 12, 18, 29, tzinfo=UTC)  # a minute before midnight in India
    assert apply_planned_prices(api.wiring) == (0, 0)
    clock.instant = datetime(2026, 3, 12, 18, 31, tzinfo=UTC)
    assert apply_planned_prices(api.wiring) == (1, 0)


def test_prices_of_which_several_days_were_missed_come_in_order(
    store: Any, later: Callable[[int], Any], api: Any
) -> None:
    for price, days in ((4_300, 4), (4_200, 2)):
        store.post(PLANS, planned(price, days))
    store = later(9)
    assert apply_planned_prices(api.wiring) == (2, 0)
    assert store.get("/inventory/items/sugar")["price_paise"] == 4_300
    changes = store.get("/pricing/changes")["rows"]
    assert [(row["before_paise"], row["after_paise"]) for row in changes] == [(4_200, 4_300), (4_500, 4_200)]


def test_advice_is_taken_from_a_day_on_and_counts_as_rolled_back_when_withdrawn(
    store: Any, later: Callable[[int], Any], api: Any
) -> None:
    advice = store.post("/pricing/recommend", {"item_ids": ["sugar"]})["rows"][0]
    path = f"/pricing/advice/{advice['advice_id']}"
    plan = store.post(f"{path}/plan", {"from_on": "2026-03-20"})
    assert (plan["price_paise"], plan["advice_id"]) == (advice["price_paise"], advice["advice_id"])
    assert store.get(path)["status"] == "accepted"
    store.post(f"{path}/accept", None, 409)
    gone = store.post(f"/pricing/planned-prices/{plan['plan_id']}/withdrawal", {"reason": "other plans"})
    assert (gone["status"], gone["outcome"]) == ("withdrawn", "other plans")
    assert store.get(path)["status"] == "rolled_back"
    again = {"reason": "once more"}
    assert (
        store.post(f"/pricing/planned-prices/{plan['plan_id']}/withdrawal", again, 409)["field"] == "plan_id"
    )
    store = later(20)
    assert apply_planned_prices(api.wiring) == (0, 0)
    assert store.get("/inventory/items/sugar")["price_paise"] == 4_500


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (planned(4_200, 0), 422, "from_on"),
        (planned(4_200, -1), 422, "from_on"),
        (planned(4_200, 367), 422, "from_on"),
        (planned(5_001, 3), 422, "price_paise"),
        (planned(-1, 3), 422, "price_paise"),
        (planned(4_200, 3, reason="x"), 422, "reason"),
        (planned(4_200, 5), 409, "from_on"),
    ],
)
def test_what_cannot_be_planned_names_its_field(store: Any, body: Any, status: int, field: str) -> None:
    store.post(PLANS, planned(4_100, 5))
    assert store.post(PLANS, body, status)["field"] == field
    assert len(store.get("/pricing/planned-prices")["rows"]) == 1


def test_staff_plan_no_price_below_the_floor_without_an_owners_word(store: Any, sign_up: Any) -> None:
    staff = sign_up("staff", of=store)
    assert staff.post(PLANS, planned(3_999, 3), 403)["code"] == "approval_required"
    staff.post(PLANS, planned(4_000, 3))
    viewer = sign_up("viewer", of=store)
    assert viewer.post(PLANS, planned(4_400, 4), 403)["code"] == "forbidden"


def test_a_price_above_what_is_printed_by_its_day_is_refused_and_said_to_be(
    store: Any, later: Callable[[int], Any], api: Any
) -> None:
    store.post(PLANS, planned(4_900, 3))
    store.post("/inventory/items/sugar/batches", {"quantity_milli": 1_000, "mrp_paise": 4_800})
    store = later(3)
    assert apply_planned_prices(api.wiring) == (0, 1)
    (row,) = store.get("/pricing/planned-prices")["rows"]
    assert row["status"] == "refused"
    assert "above the printed maximum of 4800" in row["outcome"]
    assert store.get("/inventory/items/sugar")["price_paise"] == 4_500


def test_a_shop_that_fails_holds_up_no_other_and_is_done_by_the_next_run(
    store: Any, later: Callable[[int], Any], api: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = api.sign_up()
    other.add_item()
    other.post(PLANS, planned(4_300, 3))
    store.post(PLANS, planned(4_200, 3))
    store = later(3)
    change_item = api.wiring.items.change_item

    def broken(shop_id: str, *args: Any) -> None:
        if shop_id == store.shop_id:
            raise StoreUnavailable("switched off")
        change_item(shop_id, *args)

    with monkeypatch.context() as patched:
        patched.setattr(api.wiring.items, "change_item", broken)
        assert apply_planned_prices(api.wiring) == (1, 0)
    assert store.get("/pricing/changes")["rows"] == []
    assert apply_planned_prices(api.wiring) == (1, 0)
    assert len(store.get("/pricing/changes")["rows"]) == 1


def test_a_run_cut_off_after_another_stores_write_keeps_the_price_before(
    new_api: Callable[..., Any],
) -> None:
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
        stores = dynamo_inventory(DynamoTable("inventory", client))._asdict()
        api = new_api(stores, inventory_store="dynamodb")
        api.clock.instant = NOON
        shop = api.sign_up()
        shop.add_item()
        shop.post(PLANS, planned(4_200, 3))
        api.clock.instant = NOON + timedelta(days=3)
        shop = api.sign_in_again(shop)
        settle, api.wiring.prices.settle_plan = api.wiring.prices.settle_plan, fails
        assert apply_planned_prices(api.wiring) == (0, 0)
        assert shop.get("/inventory/items/sugar")["price_paise"] == 4_200
        assert shop.get("/pricing/changes")["rows"] == []
        api.wiring.prices.settle_plan = settle
        assert apply_planned_prices(api.wiring) == (1, 0)
        (change,) = shop.get("/pricing/changes")["rows"]
        assert (change["before_paise"], change["after_paise"]) == (4_500, 4_200)


def fails(*_: Any) -> None:
    """Be a database that went away."""
    raise StoreUnavailable("the database went away")


def test_the_command_and_the_function_say_what_they_did(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMAAN_HOME", str(tmp_path))
    monkeypatch.delenv("SAMAAN_DATABASE_URL", raising=False)
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
    done = CliRunner().invoke(main, ["apply-prices"], catch_exceptions=False)
    assert done.output == "0 prices changed, 0 plans could not be followed\n"
    assert lambdas.apply_prices({"source": "aws.events"}, None) == {"changed": 0, "refused": 0}
