"""Looking back: what was forecast on a day, by which model, from which data."""

from datetime import date

from serving.forecast.schemas import Snapshot
from serving.ports.forecasts import ForecastStore, SavedForecast
from serving.ports.items import ItemStore
from serving.ports.page import Page


class SnapshotService:
    """Shows the forecasts that were kept."""

    def __init__(self, forecasts: ForecastStore, items: ItemStore) -> None:
        self._forecasts = forecasts
        self._items = items

    def page(self, shop_id: str, item_id: str, limit: int, after: str | None) -> Page[SavedForecast]:
        """Return a page of an item's forecasts, the newest first."""
        self._items.item(shop_id, item_id)
        return self._forecasts.made(shop_id, item_id, limit, after)

    def get(self, shop_id: str, forecast_id: str) -> Snapshot:
        """Return a forecast by its id."""
        return _snapshot(self._forecasts.get(shop_id, forecast_id))

    def first(self, shop_id: str, item_id: str, as_of: date, horizon_days: int) -> Snapshot:
        """Return the first forecast of a day."""
        return _snapshot(self._forecasts.first(shop_id, item_id, as_of, horizon_days))


def _snapshot(saved: SavedForecast) -> Snapshot:
    """Show a forecast with what identifies it."""
    names = Snapshot.model_fields
    values = {name: getattr(saved, name) for name in names if hasattr(saved, name)}
    values |= {name: getattr(saved.forecast, name) for name in names if hasattr(saved.forecast, name)}
    return Snapshot.model_validate(values)
