"""Forecasts as they were given: kept for the day on which no model answers, and to look back at."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from samaan_ml.domain.messages import ItemForecast
from serving.ports.page import Page


@dataclass(frozen=True, slots=True)
class SavedForecast:
    """A forecast of one item as it was answered; never changed afterwards.

    Parameters
    ----------
    forecast_id, item_id : str
        The forecast and its item.
    made_at : datetime
        When the model answered.
    as_of : date
        Its first day: what was known before that day went in.
    horizon_days : int
        Days ahead.
    model_version : str
        Who answered.
    forecast : ItemForecast
        The answer.
    data_hash : str or None, default=None
        SHA-256 of all that the model was shown; None for forecasts of before it was kept.
    """

    forecast_id: str
    item_id: str
    made_at: datetime
    as_of: date
    horizon_days: int
    model_version: str
    forecast: ItemForecast
    data_hash: str | None = None


class ForecastStore(Protocol):
    """Keeps forecasts."""

    def save(self, shop_id: str, forecasts: tuple[SavedForecast, ...]) -> None:
        """Keep some forecasts, all or none.

        Raises
        ------
        AlreadyExists
            When one with such an id is kept: none is ever written over.
        """
        ...

    def latest(self, shop_id: str, item_id: str) -> SavedForecast:
        """Return an item's newest forecast, or raise NotFound."""
        ...

    def get(self, shop_id: str, forecast_id: str) -> SavedForecast:
        """Return a forecast by its id, or raise NotFound."""
        ...

    def first(self, shop_id: str, item_id: str, as_of: date, horizon_days: int) -> SavedForecast:
        """Return the forecast kept first for an item, a day and a horizon, or raise NotFound.

        Whatever is kept later, by whomever, the answer stays the same.
        """
        ...

    def made(self, shop_id: str, item_id: str, limit: int, after: str | None) -> Page[SavedForecast]:
        """Return an item's forecasts, the newest first."""
        ...

    def newest(self, shop_id: str, since: datetime) -> tuple[SavedForecast, ...]:
        """Return the newest forecast of each item that has one made from an instant on, by item."""
        ...
