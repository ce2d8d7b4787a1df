"""What every alert store must do."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from serving.adapters.sql.alerts import SqlAlertStore
from serving.adapters.sql.database import Database
from serving.errors import NotFound
from serving.ports.alerts import Alert, AlertStore


@pytest.fixture
def alerts(database: Database) -> AlertStore:
    """Each alert store."""
    return SqlAlertStore(database)


def an_alert(now: datetime, alert_id: str, subject: str = "oil", priority: int = 50) -> Alert:
    return Alert(
        alert_id, "low_stock", subject, "Oil", 30_000, priority, "Only \u20b92 left", "open", now, now
    )


def test_a_thing_has_one_active_alert_at_a_time(alerts: AlertStore, shop_id: str, now: datetime) -> None:
    first = an_alert(now, "a1")
    assert alerts.raise_new(shop_id, first)
    assert not alerts.raise_new(shop_id, an_alert(now, "a2"))
    assert alerts.raise_new(shop_id + "x", an_alert(now, "a1"))
    assert alerts.get(shop_id, "a1") == first
    alerts.change(shop_id, replace(first, status="snoozed", snoozed_until=now + timedelta(hours=1)))
    assert not alerts.raise_new(shop_id, an_alert(now, "a3"))
    alerts.change(shop_id, replace(first, status="resolved", changed_at=now + timedelta(minutes=1)))
    assert alerts.raise_new(shop_id, an_alert(now, "a4"))
    assert [alert.alert_id for alert in alerts.settled_since(shop_id, now)] == ["a1"]
    assert alerts.settled_since(shop_id, now + timedelta(hours=1)) == ()


def test_the_active_come_by_priority(alerts: AlertStore, shop_id: str, now: datetime) -> None:
    for number, priority in enumerate((10, 90, 50)):
        alerts.raise_new(shop_id, an_alert(now, f"a{number}", f"i{number}", priority))
    assert [alert.priority for alert in alerts.active(shop_id)] == [90, 50, 10]
    assert alerts.active(shop_id + "x") == ()


def test_the_dismissed_are_told_until_they_are_resolved(
    alerts: AlertStore, shop_id: str, now: datetime
) -> None:
    first, second = an_alert(now, "a1"), an_alert(now, "a2", "salt")
    for alert in (first, second):
        alerts.raise_new(shop_id, alert)
        alerts.change(shop_id, replace(alert, status="dismissed"))
    assert [alert.alert_id for alert in alerts.dismissed(shop_id)] == ["a1", "a2"]
    assert alerts.dismissed(shop_id + "x") == ()
    alerts.change(shop_id, replace(first, status="resolved"))
    assert [alert.alert_id for alert in alerts.dismissed(shop_id)] == ["a2"]


def test_what_is_not_there_is_not_found(alerts: AlertStore, shop_id: str, now: datetime) -> None:
    with pytest.raises(NotFound):
        alerts.get(shop_id, "a1")
    with pytest.raises(NotFound):
        alerts.change(shop_id, an_alert(now, "a1"))
