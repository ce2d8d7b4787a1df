"""The demand of a shop's items: from the model, else the last saved forecast, else the shop's own past."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from samaan_ml.domain.messages import (
    Covariate,
    ForecastAnswer,
    ForecastRequest,
    ItemForecast,
    ItemHistory,
    decode_answer,
    encode,
)
from serving.advice.fallback import statistical_forecast
from serving.advice.history import ShopHistory, data_hash, read_history, with_planned_prices
from serving.errors import NotFound, PredictorUnavailable
from serving.ports.accounts import Shop
from serving.ports.cache import Cache
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.forecasts import ForecastStore, SavedForecast
from serving.ports.items import Item
from serving.ports.predictor import Predictor
from serving.ports.prices import PriceStore
from serving.ports.sales import SalesStore
from serving.ports.stock import StockStore

Source = Literal["model", "saved", "statistical", "none"]
Adjust = Callable[[tuple[ItemHistory, ...], date], tuple[ItemHistory, ...]]
"""Puts what a caller plans into the histories, given the first day ahead."""

_SAVED_MAX_AGE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class ItemDemand:
    """What is expected of one item, and where it comes from; `forecast` is None where there is too little data."""

    item: Item
    forecast: ItemForecast | None
    source: Source
    made_at: datetime
    forecast_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShopDemand:
    """What is expected of some items over the days from `starts_on`.

    `reason` says why no model answered; None where one did.
    """

    starts_on: date
    horizon_days: int
    until: date | None
    stale: bool
    model_version: str | None
    reason: str | None
    items: dict[str, ItemDemand]

    @property
    def degraded(self) -> bool:
        """Whether older or simpler figures stand in for the model's."""
        return self.reason is not None


@dataclass(frozen=True, slots=True)
class _Answered:
    """A model's answer, and under which ids it was kept."""

    answer: ForecastAnswer
    made_at: datetime
    ids: dict[str, str]


class DemandReader:
    """Asks for the demand of items.

    An answer is kept by what the model was shown: as long as the past is the same, a further question costs no model.
    """

    def __init__(
        self,
        sales: SalesStore,
        stock: StockStore,
        forecasts: ForecastStore,
        prices: PriceStore,
        predictor: Predictor,
        cache: Cache,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._stock = stock
        self._forecasts = forecasts
        self._prices = prices
        self._predictor = predictor
        self._cache = cache
        self._clock = clock

    def read(
        self,
        shop: Shop,
        items: Sequence[Item],
        horizon_days: int,
        *,
        explain: bool = False,
        adjust: Adjust | None = None,
        covariates: Callable[[date], tuple[Covariate, ...]] | None = None,
        keep: bool = True,
    ) -> ShopDemand:
        """Forecast some items from today on; what follows plans of a caller (`adjust`, `covariates`) is not kept."""
        now = self._clock.now()
        today = local_day(now, shop.zone)
        history = read_history(self._sales, self._stock, shop, items, today, horizon_days)
        asked = self._with_own_plans(shop.shop_id, items, history, horizon_days)
        if adjust is not None:
            asked = adjust(asked, history.starts_on)
        request = ForecastRequest(
            shop.shop_id,
            shop.region,
            horizon_days,
            asked,
            history.events(shop.region, horizon_days),
            levels=levels_wanted(items),
            explain=explain,
            covariates=covariates(history.starts_on) if covariates else (),
        )
        own = adjust is not None or covariates is not None
        answered, reason = self._ask(request, history.starts_on, now, keep=keep and not own)
        found = self._by_item(shop.shop_id, items, history, horizon_days, now, answered, reason)
        return ShopDemand(
            starts_on=history.starts_on,
            horizon_days=horizon_days,
            until=history.until,
            stale=history.stale,
            model_version=answered.answer.model_version if answered else None,
            reason=reason,
            items=found,
        )

    def _by_item(
        self,
        shop_id: str,
        items: Sequence[Item],
        history: ShopHistory,
        horizon_days: int,
        now: datetime,
        answered: _Answered | None,
        reason: str | None,
    ) -> dict[str, ItemDemand]:
        """Return each item's forecast: the model's, or a stand-in if the model gave a reason for not answering."""
        by_item = {each.item_id: each for each in answered.answer.items} if answered else {}
        found: dict[str, ItemDemand] = {}
        for item in items:
            forecast = by_item.get(item.item_id)
            if answered is not None and forecast is not None:
                forecast_id = answered.ids.get(item.item_id)
                found[item.item_id] = ItemDemand(item, forecast, "model", answered.made_at, forecast_id)
            elif reason is not None:
                found[item.item_id] = self._stand_in(shop_id, item, history, horizon_days, now)
            else:
                found[item.item_id] = ItemDemand(item, None, "none", now)
        return found

    def _ask(
        self, request: ForecastRequest, starts_on: date, now: datetime, *, keep: bool
    ) -> tuple[_Answered | None, str | None]:
        """Ask the model, or take its answer to the same question; return why there is none."""
        if not request.items:
            return None, None
        shown = data_hash(request)
        form = f"{request.horizon_days}|{request.levels}|{request.explain}|{keep}"

        def make() -> str:
            answer = self._predictor.forecast(request)
            ids = (
                self._save(request.shop_id, answer, now, starts_on, request.horizon_days, shown)
                if keep
                else {}
            )
            told = {"answer": encode(answer).decode(), "made_at": now.isoformat(), "ids": ids}
            return json.dumps(told, ensure_ascii=False)

        try:
            told = json.loads(self._cache.fetch(request.shop_id, "demand", f"{shown}|{form}", make))
        except PredictorUnavailable as error:
            return None, error.detail
        answer = decode_answer(told["answer"])
        if not isinstance(answer, ForecastAnswer):
            raise TypeError(f"a question for a forecast was answered by {type(answer).__name__}")
        return _Answered(answer, datetime.fromisoformat(told["made_at"]), told["ids"]), None

    def _save(
        self,
        shop_id: str,
        answer: ForecastAnswer,
        now: datetime,
        starts_on: date,
        horizon_days: int,
        shown: str,
    ) -> dict[str, str]:
        """Keep what the model said, and return the id of each item's forecast."""
        version = answer.model_version
        kept = tuple(
            SavedForecast(new_id(now), each.item_id, now, starts_on, horizon_days, version, each, shown)
            for each in answer.items
        )
        self._forecasts.save(shop_id, kept)
        return {each.item_id: each.forecast_id for each in kept}

    def _with_own_plans(
        self, shop_id: str, items: Sequence[Item], history: ShopHistory, horizon_days: int
    ) -> tuple[ItemHistory, ...]:
        """Return the histories that say something, with the prices that the shop planned."""
        asked = tuple(h for item in items if (h := history.items[item.item_id]).units_milli)
        last = history.starts_on + timedelta(days=horizon_days - 1)
        plans = self._prices.waiting_plans(shop_id, tuple(each.item_id for each in asked), last)
        return with_planned_prices(asked, plans, history.starts_on)

    def _stand_in(
        self, shop_id: str, item: Item, history: ShopHistory, horizon_days: int, now: datetime
    ) -> ItemDemand:
        """Return the last saved forecast if it still fits, else one from the item's own past, else none."""
        try:
            saved: SavedForecast | None = self._forecasts.latest(shop_id, item.item_id)
        except NotFound:
            saved = None
        if saved and saved.horizon_days == horizon_days and history.starts_on - saved.as_of <= _SAVED_MAX_AGE:
            return ItemDemand(item, saved.forecast, "saved", saved.made_at, saved.forecast_id)
        simple = statistical_forecast(history.items[item.item_id], history.starts_on, horizon_days)
        return ItemDemand(item, simple, "statistical" if simple else "none", now)


def levels_wanted(items: Sequence[Item]) -> tuple[float, ...]:
    """Return the levels to ask the model for: low, middle, high, and the service levels of the items."""
    return tuple(sorted({0.1, 0.5, 0.9} | {item.service_level for item in items}))
