"""Forecasts in SQL."""

import json
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from samaan_ml.domain.messages import ItemForecast
from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import forecasts as t
from serving.errors import AlreadyExists, NotFound
from serving.ports.forecasts import SavedForecast
from serving.ports.page import Page

_FIELDS = ("forecast_id", "item_id", "made_at", "as_of", "horizon_days", "model_version", "data_hash")


class SqlForecastStore:
    """Keeps forecasts as they were answered in the table `forecasts`.

    `first_key` names item, day and horizon in the row that was kept first for them and is null in all later ones:
    the database itself holds that there is one, also where two processes save at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, shop_id: str, forecasts: tuple[SavedForecast, ...]) -> None:
        """Keep some forecasts."""
        rows = {saved.forecast_id: _row(shop_id, saved) for saved in forecasts}
        if not rows:
            return
        first = self._database.inserting(t).on_conflict_do_nothing(index_elements=["shop_id", "first_key"])
        try:
            with self._database.writing() as db:
                took = db.scalars(first.returning(t.c.forecast_id), list(rows.values())).all()
                later = [row | {"first_key": None} for key, row in rows.items() if key not in set(took)]
                if later:
                    db.execute(t.insert(), later)
                self._database.note(shop_id, "forecast", *(saved.item_id for saved in forecasts))
        except IntegrityError:
            raise AlreadyExists("a forecast with such an id is kept already", field="forecast_id") from None

    def latest(self, shop_id: str, item_id: str) -> SavedForecast:
        """Return the newest forecast of an item."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.item_id == item_id)
        return self._one(
            query.order_by(t.c.forecast_id.desc()).limit(1), f"no forecast of '{item_id}' was made yet"
        )

    def get(self, shop_id: str, forecast_id: str) -> SavedForecast:
        """Return a forecast by its id."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.forecast_id == forecast_id)
        return self._one(query, f"no forecast '{forecast_id}'")

    def first(self, shop_id: str, item_id: str, as_of: date, horizon_days: int) -> SavedForecast:
        """Return the forecast kept first for an item, a day and a horizon."""
        key = _first_key(item_id, as_of, horizon_days)
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.first_key == key)
        return self._one(query, f"no forecast of '{item_id}' over {horizon_days} days was made for {as_of}")

    def _one(self, query: sa.Select[Any], missing: str) -> SavedForecast:
        """Read the one row of a query."""
        with self._database.reading() as db:
            row = db.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(missing, field="item_id")
        return _saved(row)

    def made(self, shop_id: str, item_id: str, limit: int, after: str | None) -> Page[SavedForecast]:
        """Return an item's forecasts, the newest first."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.item_id == item_id)
        if after is not None:
            query = query.where(t.c.forecast_id < after)
        with self._database.reading() as db:
            found = db.execute(query.order_by(t.c.forecast_id.desc()).limit(limit + 1)).mappings().all()
        rows = tuple(_saved(row) for row in found[:limit])
        return Page(rows, rows[-1].forecast_id if len(found) > limit else None)

    def newest(self, shop_id: str, since: datetime) -> tuple[SavedForecast, ...]:
        """Return the newest of each item."""
        last = (
            sa.select(sa.func.max(t.c.forecast_id))
            .where(t.c.shop_id == shop_id, t.c.made_at >= since)
            .group_by(t.c.item_id)
        )
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.forecast_id.in_(last))
        with self._database.reading() as db:
            return tuple(_saved(row) for row in db.execute(query.order_by(t.c.item_id)).mappings())


def _first_key(item_id: str, as_of: date, horizon_days: int) -> str:
    """Name what only one row is the first of."""
    return f"{as_of}/{horizon_days}/{item_id}"


def _row(shop_id: str, saved: SavedForecast) -> dict[str, Any]:
    """Write a forecast as a row that would be the first."""
    return {
        "shop_id": shop_id,
        **{name: getattr(saved, name) for name in _FIELDS},
        "forecast": json.dumps(saved.forecast.to_json(), ensure_ascii=False, separators=(",", ":")),
        "first_key": _first_key(saved.item_id, saved.as_of, saved.horizon_days),
    }


def _saved(row: Any) -> SavedForecast:
    """Read a row."""
    values = {name: row[name] for name in _FIELDS}
    forecast = ItemForecast.from_json(json.loads(row["forecast"]), ignore_unknown=True)
    return SavedForecast(**values, forecast=forecast)
