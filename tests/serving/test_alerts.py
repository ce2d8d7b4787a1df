"""Alerts: once for a thing, quiet when asked, gone with their cause, sent in the day."""

from datetime import timedelta
from typing import Any

import pytest

from serving.errors import ServiceUnavailable
from serving.outbox_relay import send_due


@pytest.fixture
def low(shop: Any) -> Any:
    """A shop with one item below its reorder point."""
    shop.add_item("oil", stock=4_000, reorder_point_milli=5_000)
    return shop


def test_a_cause_raises_one_alert_and_its_end_resolves_it(low: Any) -> None:
    assert low.post("/alerts/refresh", {}) == {"raised": 1, "resolved": 0, "queued": 0}
    assert low.post("/alerts/refresh", {}) == {"raised": 0, "resolved": 0, "queued": 0}
    alert = low.get("/alerts")["rows"][0]
    assert (alert["kind"], alert["subject_id"], alert["status"]) == ("low_stock", "oil", "open")
    delivery = {"movements": [{"item_id": "oil", "kind": "purchase", "quantity_milli": 9_000}]}
    low.post("/inventory/movements", delivery)
    assert low.post("/alerts/refresh", {})["resolved"] == 1
    assert low.get("/alerts")["rows"] == []


def test_stock_that_flaps_alerts_once(low: Any) -> None:
    for _ in range(3):
        low.post("/inventory/items/oil/counts", {"counted_milli": 4_000})
        low.post("/alerts/refresh", {})
        low.post("/inventory/items/oil/counts", {"counted_milli": 6_000})
        low.post("/alerts/refresh", {})
    low.post("/inventory/items/oil/counts", {"counted_milli": 4_000})
    assert low.post("/alerts/refresh", {})["raised"] == 0


def test_a_snoozed_alert_wakes_and_a_dismissed_one_does_not(low: Any, api: Any) -> None:
    low.post("/alerts/refresh", {})
    alert = low.get("/alerts")["rows"][0]["alert_id"]
    assert low.post(f"/alerts/{alert}/snooze", {"hours": 2})["status"] == "snoozed"
    was = api.clock.instant
    try:
        api.clock.instant += timedelta(hours=3)
        later = api.sign_in_again(low)
        assert later.get("/alerts")["rows"][0]["status"] == "open"
        assert later.post(f"/alerts/{alert}/dismiss")["status"] == "dismissed"
        assert later.get("/alerts")["rows"] == []
        assert later.post(f"/alerts/{alert}/snooze", {"hours": 1}, 409)["code"] == "conflict"
    finally:
        api.clock.instant = was


def test_at_most_seven_messages_a_day_the_most_pressing_first(shop: Any, api: Any) -> None:
    for number in range(10):
        shop.add_item(f"i{number}", stock=0, reorder_point_milli=1_000 * 10 ** (number % 4))
    assert shop.post("/alerts/refresh", {"channel": "push"})["queued"] == 7
    assert shop.get("/alerts")["unsent_messages"] == 7
    shop.add_item("more", stock=0, reorder_point_milli=9_000)
    assert shop.post("/alerts/refresh", {"channel": "push"}) == {"raised": 1, "resolved": 0, "queued": 0}


def test_a_message_of_the_night_waits_for_the_morning(low: Any, api: Any) -> None:
    was = api.clock.instant
    try:
        api.clock.instant = was.replace(hour=17, minute=30)  # 23:00 in India
        api.sign_in_again(low).post("/alerts/refresh", {"channel": "push"})
        mine = [m for m in api.wiring.outbox.due(was + timedelta(days=3), 1_000) if m.shop_id == low.shop_id]
    finally:
        api.clock.instant = was
    assert [message.not_before.isoformat() for message in mine] == ["2026-03-11T03:30:00+00:00"]


def test_a_message_goes_out_once_and_again_only_after_a_failure(new_api: Any) -> None:
    api = new_api()
    shop = api.sign_up()
    shop.add_item("oil", stock=4_000, reorder_point_milli=5_000)
    shop.post("/alerts/refresh", {"channel": "push"})

    class Channel:
        """A channel that fails at first."""

        def __init__(self) -> None:
            self.seen: list[str] = []

        def send(self, message: Any) -> None:
            self.seen.append(message.message_id)
            if len(self.seen) == 1:
                raise ServiceUnavailable("busy")

    channel = Channel()
    assert send_due(api.wiring.outbox, channel, api.clock) == (0, 1)
    assert send_due(api.wiring.outbox, channel, api.clock) == (0, 0)
    api.clock.instant += timedelta(minutes=2)
    assert send_due(api.wiring.outbox, channel, api.clock) == (1, 0)
    assert send_due(api.wiring.outbox, channel, api.clock) == (0, 0)
    assert len(set(channel.seen)) == 1


def cause(shop: Any, api: Any, kind: str) -> str:
    """Bring about what an alert of a kind is for, and nothing else; return what it is about."""
    if kind == "stock_out":
        shop.add_item("milk", stock=30_000, lead_time_days=2)
        for back in range(1, 8):
            shop.sell("milk", 4_000, sold_at=f"{(api.clock.instant - timedelta(days=back)).date()}T06:00:00Z")
        return "milk"
    if kind == "low_stock":
        shop.add_item("oil", stock=4_000, reorder_point_milli=5_000, pack_milli=3_000)
        return "oil"
    if kind == "negative_stock":
        shop.add_item("dal", stock=0)
        shop.sell("dal", 1_000)
        shop.post("/inventory/items/dal/counts", {"counted_milli": 0})
        shop.sell("dal", 500)
        return "dal"
    if kind == "expiry":
        shop.add_item("curd", stock=0)
        lot = {"batch_id": "lot", "quantity_milli": 9_000}
        lot["expires_on"] = str((api.clock.instant + timedelta(days=3)).date())
        shop.post("/inventory/items/curd/batches", lot)
        return "lot"
    if kind == "slow_stock":
        shop.add_item("ghee", stock=5_000)
        return "ghee"
    shop.add_customer("ramesh", reminders=True)
    old = (api.clock.instant - timedelta(days=90)).isoformat()
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 50_000, "at": old})
    return "ramesh"


PATHS = {
    "stock_out": ("order", "/v1/inventory/movements"),
    "low_stock": ("order", "/v1/inventory/movements"),
    "negative_stock": ("count", "/v1/inventory/items/dal/counts"),
    "expiry": ("price", "/v1/pricing/recommend"),
    "slow_stock": ("price", "/v1/pricing/recommend"),
    "overdue": ("remind", "/v1/udhaar/customers/ramesh/reminders"),
}


@pytest.mark.parametrize("kind", PATHS)
def test_each_cause_raises_its_alert_once_with_a_draft_that_works(shop: Any, api: Any, kind: str) -> None:
    about = cause(shop, api, kind)
    was = api.clock.instant
    try:
        if kind == "slow_stock":
            api.clock.instant += timedelta(days=22)
            shop = api.sign_in_again(shop)
        assert shop.post("/alerts/refresh", {})["raised"] == 1
        assert shop.post("/alerts/refresh", {})["raised"] == 0
        (alert,) = shop.get("/alerts")["rows"]
        assert (alert["kind"], alert["subject_id"]) == (kind, about)
        draft = shop.get(f"/alerts/{alert['alert_id']}/draft")
        assert (draft["action"], draft["path"]) == PATHS[kind]
        done = shop.call("POST", draft["path"].removeprefix("/v1"), draft["body"])
        assert done.status_code == 201, done.text
        if draft["action"] in ("order", "count"):
            shop.post("/alerts/refresh", {})
            assert shop.get("/alerts")["rows"] == []
    finally:
        api.clock.instant = was


def test_a_draft_follows_from_its_inputs(shop: Any, api: Any) -> None:
    cause(shop, api, "low_stock")
    shop.post("/alerts/refresh", {})
    draft = shop.get(f"/alerts/{shop.get('/alerts')['rows'][0]['alert_id']}/draft")
    given = draft["inputs"]
    target = max(given.get("daily_milli", 0) * given["cover_days"], given["reorder_point_milli"])
    packs = max(1, -(-(target - max(given["on_hand_milli"], 0)) // given["pack_milli"]))
    assert draft["body"]["movements"][0]["quantity_milli"] == packs * given["pack_milli"] == 3_000


def test_a_draft_whose_cause_is_gone_or_of_another_shop_is_refused(low: Any, other: Any) -> None:
    low.post("/alerts/refresh", {})
    path = f"/alerts/{low.get('/alerts')['rows'][0]['alert_id']}/draft"
    assert other.get(path, 404)
    low.post("/inventory/items/oil/counts", {"counted_milli": 9_000})
    assert low.get(path, 409)["code"] == "conflict"


def test_no_sms_goes_out_without_a_registered_text(low: Any) -> None:
    refused = low.post("/alerts/refresh", {"channel": "sms"}, 422)
    assert (refused["field"], low.get("/alerts")["rows"]) == ("channel", [])


def test_an_sms_waits_for_ten_in_the_morning(new_api: Any) -> None:
    api = new_api(sms_alert_template_id="1107")
    shop = api.sign_up()
    shop.add_item("oil", stock=0, reorder_point_milli=5_000)
    api.clock.instant = api.clock.instant.replace(hour=4, minute=0)  # half past nine in India
    later = api.sign_in_again(shop)
    assert later.post("/alerts/refresh", {"channel": "sms"})["queued"] == 1
    (message,) = api.wiring.outbox.due(api.clock.instant + timedelta(days=1), 10)
    assert message.not_before.isoformat() == "2026-03-10T04:30:00+00:00"
