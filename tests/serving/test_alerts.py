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
        api.sign_in_again(low).post("/alerts/refresh", {"channel": "sms"})
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
