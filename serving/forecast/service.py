"""Forecasts: from the model, else the last saved one, else the shop's own past; each says which."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from samaan_ml.domain.messages import ForecastAnswer, ForecastRequest, ItemForecast, ItemHistory
from serving.errors import NotFound, PredictorUnavailable
from serving.forecast.fallback import statistical_forecast
from serving.forecast.history import ShopHistory, read_history
from serving.forecast.plans import known_columns, planned_histories, with_planned_prices
from serving.forecast.reorder import advise, levels_wanted
from serving.forecast.schemas import (
    DayRow,
    DriverRow,
    ForecastCard,
    ForecastQuestion,
    ItemForecastCard,
    ItemPlan,
    KnownColumn,
    QuantileRow,
    Source,
)
from serving.forecast.snapshots import data_hash
from serving.ports.accounts import AccountStore
from serving.ports.cache import Cache
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.forecasts import ForecastStore, SavedForecast
from serving.ports.items import Item, ItemStore
from serving.ports.predictor import Predictor
from serving.ports.prices import PriceStore
from serving.ports.sales import SalesStore
from serving.ports.stock import StockStore

_SAVED_MAX_AGE = timedelta(days=3)


class _Degraded(Exception):  # noqa: N818 (no error: an answer that must pass the cache)
    """Carries an answer past the cache: what stands in for the model must not outlive its absence."""

    def __init__(self, card: ForecastCard) -> None:
        super().__init__()
        self.card = card


class ForecastService:
    """Forecasts a shop's items and advises orders."""

    def __init__(
        self,
        sales: SalesStore,
        items: ItemStore,
        stock: StockStore,
        forecasts: ForecastStore,
        accounts: AccountStore,
        prices: PriceStore,
        predictor: Predictor,
        cache: Cache,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._items = items
        self._stock = stock
        self._forecasts = forecasts
        self._accounts = accounts
        self._prices = prices
        self._predictor = predictor
        self._cache = cache
        self._clock = clock

    def forecast(self, shop_id: str, question: ForecastQuestion) -> ForecastCard:
        """Answer from the cache, or make the forecast."""
        items = self._wanted(shop_id, question.item_ids)
        today = local_day(self._clock.now(), self._accounts.shop(shop_id).zone)
        key = f"{today}|{question.model_dump_json()}"
        try:
            text = self._cache.fetch(
                shop_id,
                "forecast",
                key,
                lambda: self._fresh(shop_id, items, today, question).model_dump_json(),
            )
        except _Degraded as degraded:
            return degraded.card
        return ForecastCard.model_validate_json(text)

    def _wanted(self, shop_id: str, item_ids: list[str]) -> list[Item]:
        """Return the items asked for, in their order, all of them there."""
        found = {item.item_id: item for item in self._items.items(shop_id, tuple(item_ids))}
        for place, item_id in enumerate(item_ids):
            if item_id not in found:
                raise NotFound(f"no item '{item_id}'", field=f"item_ids.{place}")
        return [found[item_id] for item_id in dict.fromkeys(item_ids)]

    def _fresh(
        self, shop_id: str, items: list[Item], today: date, question: ForecastQuestion
    ) -> ForecastCard:
        """Ask the model; without one, let older or simpler figures stand in."""
        card = self._make(
            shop_id,
            items,
            today,
            question.horizon_days,
            explain=question.explain,
            plans=question.plans,
            covariates=question.covariates,
        )
        if card.degraded:
            raise _Degraded(card)
        return card

    def _make(
        self,
        shop_id: str,
        items: list[Item],
        today: date,
        horizon_days: int,
        *,
        explain: bool = False,
        plans: Sequence[ItemPlan] = (),
        covariates: Sequence[KnownColumn] = (),
        keep: bool = True,
    ) -> ForecastCard:
        """Make the forecasts of some items.

        What the model says with plans of the caller's own is an answer to "what if", and is not kept.
        """
        shop = self._accounts.shop(shop_id)
        history = read_history(self._sales, self._stock, shop, items, today, horizon_days)
        starts_on = history.starts_on
        asked = self._with_own_plans(shop_id, items, history, horizon_days)
        asked = planned_histories(asked, items, plans, starts_on, horizon_days)
        known = known_columns(covariates, starts_on, horizon_days, "covariates")
        now = self._clock.now()
        answer: ForecastAnswer | None = None
        degraded = False
        saved: dict[str, str] = {}
        if asked:
            request = ForecastRequest(
                shop_id,
                shop.region,
                horizon_days,
                asked,
                history.events(shop.region, horizon_days),
                levels=levels_wanted(items),
                explain=explain,
                covariates=known,
            )
            try:
                answer = self._predictor.forecast(request)
                if keep and not plans and not covariates:
                    saved = self._save(shop_id, answer, now, starts_on, horizon_days, data_hash(request))
            except PredictorUnavailable:
                degraded = True
        by_item = {each.item_id: each for each in answer.items} if answer else {}
        cards = []
        for item in items:
            if item.item_id in by_item:
                cards.append(_card(item, by_item[item.item_id], "model", now, saved.get(item.item_id)))
            elif degraded:
                cards.append(self._stand_in(shop_id, item, history, horizon_days, now))
            else:
                cards.append(_nothing(item, now))
        return ForecastCard(
            starts_on=history.starts_on,
            horizon_days=horizon_days,
            history_until=history.until,
            stale=history.stale,
            model_version=answer.model_version if answer else None,
            degraded=degraded,
            items=cards,
        )

    def _with_own_plans(
        self, shop_id: str, items: list[Item], history: ShopHistory, horizon_days: int
    ) -> tuple[ItemHistory, ...]:
        """Return the histories that say something, with the prices that the shop planned."""
        asked = tuple(h for item in items if (h := history.items[item.item_id]).units_milli)
        last = history.starts_on + timedelta(days=horizon_days - 1)
        plans = self._prices.waiting_plans(shop_id, tuple(each.item_id for each in asked), last)
        return with_planned_prices(asked, plans, history.starts_on)

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

    def make(
        self, shop_id: str, items: Sequence[Item], horizon_days: int, *, keep: bool = True
    ) -> ForecastCard:
        """Ask the model about items that are at hand, past the cache, and keep what it says or not."""
        today = local_day(self._clock.now(), self._accounts.shop(shop_id).zone)
        return self._make(shop_id, list(items), today, horizon_days, keep=keep)

    def _stand_in(
        self, shop_id: str, item: Item, history: ShopHistory, horizon_days: int, now: datetime
    ) -> ItemForecastCard:
        """Return the last saved forecast if it still fits, else one from the item's own past, else none."""
        try:
            saved: SavedForecast | None = self._forecasts.latest(shop_id, item.item_id)
        except NotFound:
            saved = None
        if saved and saved.horizon_days == horizon_days and history.starts_on - saved.as_of <= _SAVED_MAX_AGE:
            return _card(item, saved.forecast, "saved", saved.made_at, saved.forecast_id)
        simple = statistical_forecast(history.items[item.item_id], history.starts_on, horizon_days)
        return _card(item, simple, "statistical", now, None) if simple else _nothing(item, now)


def _card(
    item: Item, forecast: ItemForecast, source: Source, made_at: datetime, forecast_id: str | None
) -> ItemForecastCard:
    """Translate a forecast and add the order that follows."""
    return ItemForecastCard(
        item_id=item.item_id,
        status="review" if forecast.confidence == "low" else "ok",
        source=source,
        method=forecast.method,
        confidence=forecast.confidence,
        made_at=made_at,
        forecast_id=forecast_id,
        days=[DayRow.model_validate(day) for day in forecast.days],
        total_quantiles=[QuantileRow.model_validate(q) for q in forecast.total_quantiles],
        drivers=[DriverRow.model_validate(driver) for driver in forecast.drivers],
        reorder=advise(item, forecast),
    )


def saved_card(item: Item, saved: SavedForecast | None, made_at: datetime) -> ItemForecastCard:
    """Show what was saved of an item, as the model said it, or that there is too little data."""
    if saved is None:
        return _nothing(item, made_at)
    return _card(item, saved.forecast, "model", made_at, saved.forecast_id)


def _nothing(item: Item, now: datetime) -> ItemForecastCard:
    """Say that there is too little data for a number."""
    return ItemForecastCard(
        item_id=item.item_id,
        status="too_little_data",
        source="none",
        method=None,
        confidence=None,
        made_at=now,
        forecast_id=None,
        days=[],
        total_quantiles=[],
        drivers=[],
        reorder=None,
    )
