"""Alerts in SQL."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from serving.adapters.sql.database import IN_CHUNK, Database
from serving.adapters.sql.schema import alerts as t
from serving.errors import NotFound
from serving.ports.alerts import Alert

_ACTIVE = ("open", "snoozed")


class SqlAlertStore:
    """Keeps alerts in the table `alerts`; a unique key holds that a thing has one active alert."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def active(self, shop_id: str) -> tuple[Alert, ...]:
        """Return what is active."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.active_key.is_not(None))
        return self._read(query.order_by(t.c.priority.desc(), t.c.alert_id))

    def get(self, shop_id: str, alert_id: str) -> Alert:
        """Return an alert."""
        found = self._read(sa.select(t).where(t.c.shop_id == shop_id, t.c.alert_id == alert_id))
        if not found:
            raise NotFound("no such alert", field="alert_id")
        return found[0]

    def raise_new(self, shop_id: str, alert: Alert) -> bool:
        """Add an alert where none is active for the thing."""
        with self._database.writing():
            is_new = self._database.insert_new(t, _row(shop_id, alert), "shop_id", "active_key")
            if is_new:
                self._database.note(shop_id, "alert", alert.alert_id)
        return is_new

    def change(self, shop_id: str, alert: Alert) -> None:
        """Replace an alert."""
        mine = sa.and_(t.c.shop_id == shop_id, t.c.alert_id == alert.alert_id)
        with self._database.writing() as db:
            if db.execute(t.update().where(mine).values(_row(shop_id, alert))).rowcount == 0:
                raise NotFound("no such alert", field="alert_id")
            self._database.note(shop_id, "alert", alert.alert_id)

    def some(self, shop_id: str, alert_ids: tuple[str, ...]) -> tuple[Alert, ...]:
        """Return those that are there."""
        ids = sorted(set(alert_ids))
        return tuple(
            alert
            for start in range(0, len(ids), IN_CHUNK)
            for alert in self._read(
                sa.select(t).where(t.c.shop_id == shop_id, t.c.alert_id.in_(ids[start : start + IN_CHUNK]))
            )
        )

    def dismissed(self, shop_id: str) -> tuple[Alert, ...]:
        """Return what was dismissed."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.status == "dismissed")
        return self._read(query.order_by(t.c.changed_at, t.c.alert_id))

    def settled_since(self, shop_id: str, since: datetime) -> tuple[Alert, ...]:
        """Return what was settled."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.active_key.is_(None), t.c.changed_at >= since)
        return self._read(query.order_by(t.c.changed_at, t.c.alert_id))

    def _read(self, query: sa.Select[Any]) -> tuple[Alert, ...]:
        """Run a query."""
        with self._database.reading() as db:
            return tuple(_alert(row) for row in db.execute(query).mappings())


def _row(shop_id: str, alert: Alert) -> dict[str, Any]:
    """Turn an alert into columns."""
    key = f"{alert.kind}/{alert.subject_id}" if alert.status in _ACTIVE else None
    return {"shop_id": shop_id, **dataclasses.asdict(alert), "active_key": key}


def _alert(row: Mapping[Any, Any]) -> Alert:
    """Turn a row into an alert."""
    return Alert(**{name: value for name, value in row.items() if name not in ("shop_id", "active_key")})
