"""Forecasts: from the model, else the last saved one, else the shop's own past; each says which."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from samaan_ml.domain.messages import Covariate, ItemForecast, ItemHistory
from samaan_ml.domain.printed_price import PrintedPrice, lowest_printed
from samaan_ml.domain.reorder import OrderArithmetic, StockPosition, order_arithmetic, runs_out_on
from serving.advice.demand import DemandReader, ItemDemand, ShopDemand
from serving.advice.ordering import ItemAdvice, OrderAdvisor, last_day_to_order
from serving.errors import NotFound
from serving.forecast.plans import known_columns, planned_histories
from serving.forecast.schemas import (
    Arithmetic,
    DayRow,
    DriverRow,
    ForecastCard,
    ForecastQuestion,
    ItemForecastCard,
    QuantileRow,
    Reorder,
)
from serving.ports.accounts import AccountStore, Shop
from serving.ports.cache import Cache
from serving.ports.clock import Clock, local_day
from serving.ports.forecasts import SavedForecast
from serving.ports.items import Item, ItemStore
from serving.ports.lots import LotStore, printed_on


class ForecastService:
    """Forecasts a shop's items and advises orders."""

    def __init__(
        self,
        demand: DemandReader,
        advisor: OrderAdvisor,
        items: ItemStore,
        lots: LotStore,
        accounts: AccountStore,
        cache: Cache,
        clock: Clock,
    ) -> None:
        self._demand = demand
        self._advisor = advisor
        self._items = items
        self._lots = lots
        self._accounts = accounts
        self._cache = cache
        self._clock = clock

    def forecast(self, shop_id: str, question: ForecastQuestion) -> str:
        """Return the card of the question as JSON, from the cache or made now.

        What stands in for the model is not cached: it must not outlive the model's absence.
        """
        shop = self._accounts.shop(shop_id)
        today = local_day(self._clock.now(), shop.zone)
        items = self._wanted(shop_id, question.item_ids)
        key = f"{today}|{question.model_dump_json()}"
        return self._cache.fetch(
            shop_id,
            "forecast",
            key,
            lambda: self._card(shop, items, question).model_dump_json(),
            lambda text: '"degraded":true' not in text,
        )

    def _printed(self, shop_id: str, item: Item) -> PrintedPrice | None:
        """Return the lowest printed price on the shelf: of the item and of its lots with stock."""
        return lowest_printed(item.mrp_paise, printed_on(self._lots.batches(shop_id, item.item_id)))

    def _wanted(self, shop_id: str, item_ids: list[str]) -> list[Item]:
        """Return the items asked for, in their order, all of them there."""
        found = {item.item_id: item for item in self._items.items(shop_id, tuple(item_ids))}
        for place, item_id in enumerate(item_ids):
            if item_id not in found:
                raise NotFound(f"no item '{item_id}'", field=f"item_ids.{place}")
        return [found[item_id] for item_id in dict.fromkeys(item_ids)]

    def _card(self, shop: Shop, items: list[Item], question: ForecastQuestion) -> ForecastCard:
        """Forecast, and advise the order that the shop would place now.

        With plans of the caller the order follows the forecast that was asked for; otherwise it is the reorder list's.
        """
        horizon = question.horizon_days
        today = local_day(self._clock.now(), shop.zone)

        def adjust(histories: tuple[ItemHistory, ...], starts_on: date) -> tuple[ItemHistory, ...]:
            return planned_histories(
                histories, items, partial(self._printed, shop.shop_id), question.plans, starts_on, horizon
            )

        def covariates(starts_on: date) -> tuple[Covariate, ...]:
            return known_columns(question.covariates, starts_on, horizon, "covariates")

        told = self._demand.read(
            shop,
            items,
            horizon,
            explain=question.explain,
            adjust=adjust if question.plans else None,
            covariates=covariates if question.covariates else None,
        )
        if question.plans or question.covariates:
            positions = self._advisor.positions(shop, items)
            cards = [
                item_card(each, _planned(each, positions[each.item.item_id], today))
                for each in told.items.values()
            ]
        else:
            advice = self._advisor.advise(shop, items)
            cards = [
                item_card(each, reorder_of(advice.items[each.item.item_id], each.forecast, shop, today))
                for each in told.items.values()
            ]
        return ForecastCard(
            starts_on=told.starts_on,
            horizon_days=told.horizon_days,
            history_until=told.until,
            stale=told.stale,
            model_version=told.model_version,
            degraded=told.degraded,
            reason=told.reason,
            items=cards,
        )

    def make(self, shop_id: str, items: Sequence[Item], horizon_days: int) -> ShopDemand:
        """Forecast items that are at hand and keep what the model says."""
        return self._demand.read(self._accounts.shop(shop_id), items, horizon_days)


def reorder_of(advice: ItemAdvice, forecast: ItemForecast | None, shop: Shop, today: date) -> Reorder | None:
    """Show the order of the reorder list beside a forecast; the longer of the two tells when the stock runs out."""
    if advice.arithmetic is None:
        return None
    empty_on, order_by = advice.runs_out_on, advice.order_by
    if empty_on is None and forecast is not None:
        empty_on = runs_out_on(advice.position, forecast.days, today)
        order_by = last_day_to_order(empty_on, advice.round, advice.item, shop, today)
    return Reorder(
        order_milli=advice.order_milli,
        runs_out_on=empty_on,
        order_by=order_by,
        lead_time_days=advice.item.lead_time_days,
        arithmetic=arithmetic_row(advice.arithmetic),
    )


def _planned(each: ItemDemand, position: StockPosition, today: date) -> Reorder | None:
    """Advise the order that follows a forecast with plans."""
    if each.forecast is None:
        return None
    item = each.item
    floor = item.reorder_point_milli or 0
    found = order_arithmetic(each.forecast, position, item.service_level, item.pack_milli, today, floor)
    if found is None:
        return None
    return Reorder(
        order_milli=found.order_milli,
        runs_out_on=runs_out_on(position, each.forecast.days, today),
        order_by=None,
        lead_time_days=item.lead_time_days,
        arithmetic=arithmetic_row(found),
    )


def arithmetic_row(found: OrderArithmetic) -> Arithmetic:
    """Show how an order follows."""
    return Arithmetic.model_validate(found)


def item_card(each: ItemDemand, reorder: Reorder | None) -> ItemForecastCard:
    """Translate a forecast."""
    told = each.forecast
    if told is None:
        return ItemForecastCard(
            item_id=each.item.item_id,
            status="too_little_data",
            source="none",
            method=None,
            confidence=None,
            made_at=each.made_at,
            forecast_id=None,
            days=[],
            total_quantiles=[],
            drivers=[],
            reorder=None,
        )
    return ItemForecastCard(
        item_id=each.item.item_id,
        status="review" if told.confidence == "low" else "ok",
        source=each.source,
        method=told.method,
        confidence=told.confidence,
        made_at=each.made_at,
        forecast_id=each.forecast_id,
        days=[DayRow.model_validate(day) for day in told.days],
        total_quantiles=[QuantileRow.model_validate(q) for q in told.total_quantiles],
        drivers=[DriverRow.model_validate(driver) for driver in told.drivers],
        reorder=reorder,
    )


def saved_card(item: Item, saved: SavedForecast | None, made_at: datetime) -> ItemForecastCard:
    """Show what was saved of an item, as the model gave it, or that there is too little data."""
    if saved is None:
        return item_card(ItemDemand(item, None, "none", made_at), None)
    return item_card(ItemDemand(item, saved.forecast, "model", saved.made_at, saved.forecast_id), None)
