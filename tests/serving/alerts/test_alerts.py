"""Alerts: once for a thing, quiet when asked, gone with their cause, sent in the day."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from samaan_ml.domain.messages import DayDemand, ItemForecast, Quantile
from serving.errors import ServiceUnavailable
from serving.ports.alerts import SignalKind
from serving.ports.clock import new_id
from serving.ports.forecasts import SavedForecast
from serving.tasks.outbox import send_due


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
    assert send_due(api.wiring.outbox, channel, api.wiring.accounts, api.clock) == (0, 1)
    assert send_due(api.wiring.outbox, channel, api.wiring.accounts, api.clock) == (0, 0)
    api.clock.instant += timedelta(minutes=2)
    assert send_due(api.wiring.outbox, channel, api.wiring.accounts, api.clock) == (1, 0)
    assert send_due(api.wiring.outbox, channel, api.wiring.accounts, api.clock) == (0, 0)
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
        shop.add_item("curd", stock=10_000)
        for back in range(1, 11):
            shop.sell("curd", 1_000, sold_at=f"{(api.clock.instant - timedelta(days=back)).date()}T06:00:00Z")
        lot = {"batch_id": "lot", "quantity_milli": 9_000}
        lot["expires_on"] = str((api.clock.instant + timedelta(days=3)).date())
        shop.post("/inventory/items/curd/batches", lot)
        return "lot"
    if kind == "slow_stock":
        shop.add_item("ghee", stock=5_000)
        return "ghee"
    if kind in ("price_anomaly", "cost_anomaly"):
        cost = {"cost_paise": 4_600} if kind == "cost_anomaly" else {}
        shop.add_item("soap", stock=90_000, **cost)
        for back in range(1, 6):
            at = f"{(api.clock.instant - timedelta(days=back)).date()}T06:00:00Z"
            line = {"item_id": "soap", "quantity_milli": 1_000}
            line |= {"unit_price_paise": 3_000} if kind == "price_anomaly" else {}
            shop.post("/sales", {"lines": [line], "sold_at": at})
        return "soap"
    if kind == "seasonal_spike":
        shop.add_item("diya", stock=30_000, lead_time_days=2)
        for back in range(1, 11):
            shop.sell("diya", 1_000, sold_at=f"{(api.clock.instant - timedelta(days=back)).date()}T06:00:00Z")
        save_forecast(api, shop, "diya", daily_milli=6_000)
        return "diya"
    return khata_cause(shop, api, kind)


def khata_cause(shop: Any, api: Any, kind: str) -> str:
    """Bring about what an alert of a khata is for."""
    if kind == "broken_promise":
        return broken_promise(shop, api)
    if kind == "high_risk":
        shop.add_customer("late-lata")
        shop.post("/udhaar/customers/late-lata/credits", {"amount_paise": 50_000})
        return "late-lata"
    shop.add_customer("ramesh", reminders=True)
    old = (api.clock.instant - timedelta(days=90)).isoformat()
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 50_000, "at": old})
    return "ramesh"


def broken_promise(shop: Any, api: Any) -> str:
    """Let a customer promise to pay by yesterday, with the due itself weeks ahead; return the promise's id."""
    shop.add_customer("ramesh", credit_days=60)
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 50_000})
    body = {"amount_paise": 20_000, "pay_by": str(api.clock.instant.date())}
    promise: str = shop.post("/udhaar/customers/ramesh/promises", body)["promise_id"]
    api.clock.instant += timedelta(days=1)
    return promise


def save_forecast(api: Any, shop: Any, item_id: str, daily_milli: int) -> None:
    """Keep a forecast of the next two weeks, as the night makes them."""
    today = api.clock.instant.date()
    days = tuple(
        DayDemand(today + timedelta(days=n), daily_milli, (Quantile(0.5, daily_milli),)) for n in range(14)
    )
    made = ItemForecast(item_id, days, (Quantile(0.5, 14 * daily_milli),), "high", "mean")
    now = api.clock.instant
    saved = SavedForecast(new_id(now), item_id, now, today, 14, "v1", made)
    api.wiring.forecasts.save(shop.shop_id, (saved,))


PATHS = {
    "stock_out": ("order", "/v1/orders/draft"),
    "low_stock": ("order", "/v1/orders/draft"),
    "negative_stock": ("count", "/v1/inventory/items/dal/counts"),
    "expiry": ("price", "/v1/pricing/recommend"),
    "slow_stock": ("price", "/v1/pricing/recommend"),
    "overdue": ("remind", "/v1/udhaar/customers/ramesh/reminders"),
    "broken_promise": ("promise", "/v1/udhaar/customers/ramesh/promises"),
    "high_risk": ("limit", "/v1/udhaar/customers/late-lata"),
    "seasonal_spike": ("order", "/v1/orders/draft"),
    "price_anomaly": ("price", "/v1/pricing/recommend"),
    "cost_anomaly": ("price", "/v1/pricing/recommend"),
}


def test_every_kind_of_alert_has_its_fixture_here() -> None:
    assert set(PATHS) == set(get_args(SignalKind))


@pytest.fixture(autouse=True)
def lata_pays_late(predictor: Any) -> None:
    """Let the stand-in for the model call one customer's due likely to go late."""
    predictor.late["late-lata"] = 0.7


@pytest.mark.parametrize("kind", PATHS)
def test_each_cause_raises_its_alert_once_with_a_draft_that_works(shop: Any, api: Any, kind: str) -> None:
    was = api.clock.instant
    try:
        about = cause(shop, api, kind)
        if kind == "slow_stock":
            api.clock.instant += timedelta(days=22)
        shop = api.sign_in_again(shop)
        assert shop.post("/alerts/refresh", {})["raised"] == 1
        assert shop.post("/alerts/refresh", {})["raised"] == 0
        (alert,) = shop.get("/alerts")["rows"]
        assert (alert["kind"], alert["subject_id"]) == (kind, about)
        draft = shop.get(f"/alerts/{alert['alert_id']}/draft")
        assert (draft["action"], draft["path"]) == PATHS[kind]
        done = shop.call(draft["method"], draft["path"].removeprefix("/v1"), draft["body"])
        assert done.status_code == (200 if draft["method"] == "PATCH" else 201), done.text
        if draft["action"] == "order":  # what is on its way counts
            shop.post(f"/orders/{done.json()['order_id']}/place", {})
        if draft["action"] in ("order", "count", "promise") and kind != "seasonal_spike":
            shop.post("/alerts/refresh", {})
            assert shop.get("/alerts")["rows"] == []
    finally:
        api.clock.instant = was


def alerts_of(shop: Any, kind: str) -> list[Any]:
    """Refresh, and return the active alerts of a kind."""
    shop.post("/alerts/refresh", {})
    return [row for row in shop.get("/alerts")["rows"] if row["kind"] == kind]


@pytest.fixture
def promised(shop: Any, api: Any) -> Iterator[Any]:
    """A shop to which a customer owes 500 rupees and has promised 200 of them by today."""
    shop.add_customer("ramesh", credit_days=60)
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 50_000})
    was = api.clock.instant
    body = {"amount_paise": 20_000, "pay_by": str(was.date())}
    shop.post("/udhaar/customers/ramesh/promises", body)
    yield shop
    api.clock.instant = was


def later(api: Any, shop: Any, **span: Any) -> Any:
    """Let time pass, and sign in again."""
    api.clock.instant += timedelta(**span)
    return api.sign_in_again(shop)


def test_a_promise_alerts_on_the_day_after_and_not_on_the_day(promised: Any, api: Any) -> None:
    assert alerts_of(promised, "broken_promise") == []
    promised = later(api, promised, hours=13)  # half past eleven in the evening of the promised day
    assert alerts_of(promised, "broken_promise") == []
    promised = later(api, promised, hours=1)  # half past midnight
    (alert,) = alerts_of(promised, "broken_promise")
    assert alert["stake_paise"] == 20_000
    assert "200" in alert["text"]
    promised = later(api, promised, hours=24)
    assert [row["alert_id"] for row in alerts_of(promised, "broken_promise")] == [alert["alert_id"]]


def test_a_promise_kept_in_time_or_taken_back_never_alerts(promised: Any, api: Any) -> None:
    said = promised.post(
        "/udhaar/customers/ramesh/promises", {"amount_paise": 100, "pay_by": str(api.clock.instant.date())}
    )
    promised.post("/udhaar/customers/ramesh/payments", {"amount_paise": 20_000})
    promised.post(f"/udhaar/events/{said['promise_id']}/closing", {"outcome": "a mistake"})
    promised = later(api, promised, days=1)
    assert alerts_of(promised, "broken_promise") == []


def test_a_late_payment_resolves_the_alert_and_a_part_of_it_does_not(promised: Any, api: Any) -> None:
    promised.post("/udhaar/customers/ramesh/payments", {"amount_paise": 5_000})
    promised = later(api, promised, days=1)
    (alert,) = alerts_of(promised, "broken_promise")
    assert alert["stake_paise"] == 15_000
    promised.post("/udhaar/customers/ramesh/payments", {"amount_paise": 14_999})
    assert len(alerts_of(promised, "broken_promise")) == 1
    promised.post("/udhaar/customers/ramesh/payments", {"amount_paise": 1})
    assert alerts_of(promised, "broken_promise") == []
    assert promised.get("/udhaar/customers/ramesh/promises")["broken"] == 1  # late is not kept
    assert alerts_of(later(api, promised, days=2), "broken_promise") == []


def test_a_new_word_is_waited_for_and_then_alerts_itself(promised: Any, api: Any) -> None:
    promised = later(api, promised, days=1)
    assert len(alerts_of(promised, "broken_promise")) == 1
    body = {"amount_paise": 20_000, "pay_by": str(api.clock.instant.date() + timedelta(days=2))}
    promised.post("/udhaar/customers/ramesh/promises", body)
    assert alerts_of(promised, "broken_promise") == []
    assert len(alerts_of(later(api, promised, days=3), "broken_promise")) == 2


def test_a_risk_is_not_over_because_the_model_is_silent(shop: Any, predictor: Any) -> None:
    khata_cause(shop, None, "high_risk")
    (alert,) = alerts_of(shop, "high_risk")
    assert alert["stake_paise"] == 35_000
    predictor.up = False
    try:
        assert len(alerts_of(shop, "high_risk")) == 1
        assert shop.get(f"/alerts/{alert['alert_id']}/draft", 503)["code"] == "predictor_unavailable"
    finally:
        predictor.up = True
    predictor.late["late-lata"] = 0.5
    assert alerts_of(shop, "high_risk") == []


def test_last_years_festival_warns_where_no_forecast_does(api: Any) -> None:
    shop = api.sign_up()
    shop.add_item("gulal", stock=2_000)
    shop.add_item("salt", stock=90_000)
    was = api.clock.instant
    try:
        # Holi was on 14 March 2025 and is on 4 March 2026.
        for item, day, units in (
            *(("gulal", date(2025, 2, 8) + timedelta(days=n), 1_000) for n in range(28)),
            *(("gulal", date(2025, 3, 8) + timedelta(days=n), 8_000) for n in range(7)),
            *(("salt", date(2025, 2, 8) + timedelta(days=n), 2_000) for n in range(35)),
            *(("gulal", date(2026, 2, 1) + timedelta(days=n), 2_000) for n in range(20)),
            *(("salt", date(2026, 2, 1) + timedelta(days=n), 2_000) for n in range(20)),
        ):
            sale = {"lines": [{"item_id": item, "quantity_milli": units}], "sold_at": f"{day}T06:00:00Z"}
            shop.post("/sales", sale)
        for item in ("gulal", "salt"):
            shop.post(f"/inventory/items/{item}/counts", {"counted_milli": 60_000})
        api.clock.instant = was.replace(month=2, day=21)
        shop = api.sign_in_again(shop)
        (alert,) = alerts_of(shop, "seasonal_spike")
        assert alert["subject_id"] == "gulal"
        given = shop.get(f"/alerts/{alert['alert_id']}/draft")["inputs"]
        weeks_of_before = given["last_year_week_milli"] * 4 / given["last_year_before_milli"]
        assert given["expected_milli"] == given["usual_milli"] * weeks_of_before
        assert given["usual_milli"] == 14_000
    finally:
        api.clock.instant = was


def test_what_was_dismissed_stays_away_until_its_cause_is_over(low: Any, api: Any) -> None:
    was = api.clock.instant
    try:
        (alert,) = alerts_of(low, "low_stock")
        low.post(f"/alerts/{alert['alert_id']}/dismiss")
        low = later(api, low, days=3)
        assert alerts_of(low, "low_stock") == []
        low.post("/inventory/items/oil/counts", {"counted_milli": 9_000})
        assert alerts_of(low, "low_stock") == []
        low.post("/inventory/items/oil/counts", {"counted_milli": 4_000})
        assert alerts_of(low, "low_stock") == []
        assert len(alerts_of(later(api, low, days=1), "low_stock")) == 1
    finally:
        api.clock.instant = was


def test_what_has_no_message_of_its_own_is_summed_up_in_the_days_last(shop: Any, api: Any) -> None:
    for number in range(10):
        shop.add_item(f"i{number}", stock=0, price_paise=1_000, reorder_point_milli=1_000)
    assert shop.post("/alerts/refresh", {"channel": "push"})["queued"] == 7
    mine = [m for m in api.wiring.outbox.due(api.clock.instant, 10_000) if m.shop_id == shop.shop_id]
    (digest,) = (m.text for m in mine if m.text.startswith("Also"))
    assert digest == "Also waiting for you: 4, with \u20b940 at stake."


def test_of_five_hundred_events_at_most_seven_a_day_are_pushed_and_none_in_quiet_hours(
    new_api: Any,
) -> None:
    """Three days and nights of looks at a shop in which ever more items run low."""
    api = new_api()
    shop = api.sign_up()

    class Channel:
        """A channel that fails every third time and notes when it did not."""

        def __init__(self) -> None:
            self.tries = 0
            self.sent: list[datetime] = []

        def send(self, message: Any) -> None:
            self.tries += 1
            if self.tries % 3 == 0:
                raise ServiceUnavailable("busy")
            self.sent.append(api.clock.instant.astimezone(ZoneInfo("Asia/Kolkata")))

    shop.add_item("first", stock=0)
    model = api.wiring.items.item(shop.shop_id, "first")
    channel = Channel()
    start, raised = api.clock.instant, 0
    for hour in range(0, 70, 5):
        api.clock.instant = start + timedelta(hours=hour)
        shop = api.sign_in_again(shop)
        for number in range(36):
            one = replace(model, item_id=f"i{hour}-{number}", reorder_point_milli=1_000 * (number + 1))
            api.wiring.items.add_item(shop.shop_id, one)
        raised += shop.post("/alerts/refresh", {"channel": "push"})["raised"]
        for _ in range(9):
            send_due(api.wiring.outbox, channel, api.wiring.accounts, api.clock)
            api.clock.instant += timedelta(minutes=30)
    assert raised == 504
    by_day = Counter(at.date() for at in channel.sent)
    assert sorted(by_day.values()) == [7, 7, 7]
    assert {at.hour for at in channel.sent} <= set(range(9, 21))


def test_a_message_found_late_in_the_evening_waits_for_the_morning(new_api: Any) -> None:
    api = new_api()
    shop = api.sign_up()
    shop.add_item("oil", stock=4_000, reorder_point_milli=5_000)
    shop.post("/alerts/refresh", {"channel": "push"})
    sent: list[Any] = []

    class Channel:
        """A channel that notes what it sends."""

        def send(self, message: Any) -> None:
            sent.append(message)

    api.clock.instant = api.clock.instant.replace(hour=17, minute=30)  # 23:00 in India, after an outage
    assert send_due(api.wiring.outbox, Channel(), api.wiring.accounts, api.clock) == (0, 0)
    api.clock.instant += timedelta(hours=10, minutes=1)
    assert send_due(api.wiring.outbox, Channel(), api.wiring.accounts, api.clock) == (1, 0)
    assert sent[0].attempts == 0


def test_a_draft_follows_from_its_inputs(shop: Any, api: Any) -> None:
    cause(shop, api, "low_stock")
    shop.post("/alerts/refresh", {})
    draft = shop.get(f"/alerts/{shop.get('/alerts')['rows'][0]['alert_id']}/draft")
    given = draft["inputs"]
    needed = max(given["demand_milli"] - given["sold_today_milli"], given["floor_milli"])
    usable = max(0, given["on_hand_milli"]) - given["expired_milli"]
    packs = max(1, -(-max(0, needed - usable - given["on_order_milli"]) // given["pack_milli"]))
    (line,) = draft["body"]["lines"]
    assert line["quantity_milli"] == given["order_milli"] == packs * given["pack_milli"]


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
