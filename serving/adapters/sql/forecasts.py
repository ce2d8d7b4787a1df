"""Forecasts in SQL."""

import json

import sqlalchemy as sa

from samaan_ml.domain.messages import ItemForecast
from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import forecasts as t
from serving.errors import NotFound
from serving.ports.forecasts import SavedForecast


class SqlForecastStore:
    """Keeps forecasts as they were answered in the table `forecasts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, shop_id: str, forecasts: tuple[SavedForecast, ...]) -> None:
        """Keep some forecasts."""
        rows = [
            {
                "shop_id": shop_id,
                "forecast_id": saved.forecast_id,
                "item_id": saved.item_id,
                "made_at": saved.made_at,
                "as_of": saved.as_of,
                "horizon_days": saved.horizon_days,
                "model_version": saved.model_version,
                "forecast": json.dumps(saved.forecast.to_json(), ensure_ascii=False, separators=(",", ":")),
            }
            for saved in forecasts
        ]
        if rows:
            with self._database.writing() as db:
                db.execute(t.insert(), rows)

    def latest(self, shop_id: str, item_id: str) -> SavedForecast:
        """Return the newest forecast of an item."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.item_id == item_id)
        with self._database.reading() as db:
            row = db.execute(query.order_by(t.c.forecast_id.desc()).limit(1)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no forecast of '{item_id}' was made yet", field="item_id")
        values = {name: value for name, value in row.items() if name != "shop_id"}
        return SavedForecast(**values | {"forecast": ItemForecast.from_json(json.loads(row["forecast"]))})
