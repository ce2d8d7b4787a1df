"""Forecasts as they were given, kept for the day on which no model answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from samaan_ml.domain.messages import ItemForecast


@dataclass(frozen=True, slots=True)
class SavedForecast:
    """A forecast of one item as it was answered; never changed afterwards."""

    forecast_id: str
    item_id: str
    made_at: datetime
    as_of: date
    horizon_days: int
    model_version: str
    forecast: ItemForecast


class ForecastStore(Protocol):
    """Keeps forecasts."""

    def save(self, shop_id: str, forecasts: tuple[SavedForecast, ...]) -> None:
        """Keep some forecasts."""
        ...

    def latest(self, shop_id: str, item_id: str) -> SavedForecast:
        """Return an item's newest forecast, or raise NotFound."""
        ...
