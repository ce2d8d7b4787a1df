"""Ranks what deserves attention and words it; the figures decide, the words only tell."""

from collections.abc import Sequence

from samaan_ml.explain import Language
from serving.advice.ordering import ItemAdvice, OrderAdvisor
from serving.advice.signals import SIGNAL_KINDS, Signal, SignalReader
from serving.advice.signals.ranking import worth_doing
from serving.errors import NotFound
from serving.http.callers import Caller
from serving.ports.accounts import AccountStore, Shop
from serving.ports.cache import Cache
from serving.ports.clock import Clock, local_day
from serving.ports.explainer import Explainer
from serving.ports.items import ItemStore
from serving.ports.recommendations import Choice, RecommendationStore
from serving.recommendations.schemas import Day, Decision, DecisionDone, Recommendation, RequestDraft

_ORDER_KINDS = frozenset({"stock_out", "low_stock", "seasonal_spike"})


class RecommendationService:
    """Makes the list of the day."""

    def __init__(
        self,
        signals: SignalReader,
        items: ItemStore,
        advisor: OrderAdvisor,
        accounts: AccountStore,
        choices: RecommendationStore,
        explainer: Explainer,
        cache: Cache,
        clock: Clock,
    ) -> None:
        self._reader = signals
        self._items = items
        self._advisor = advisor
        self._accounts = accounts
        self._choices = choices
        self._explainer = explainer
        self._cache = cache
        self._clock = clock

    def day(self, shop_id: str, language: Language, limit: int) -> Day:
        """Return the list, the most rupees first."""
        shop = self._accounts.shop(shop_id)
        today = local_day(self._clock.now(), shop.zone)
        key = f"{today}|{language}|{limit}"
        text = self._cache.fetch(
            shop_id, "recommendations", key, lambda: self._make(shop_id, language, limit).model_dump_json()
        )
        return Day.model_validate_json(text)

    def _make(self, shop_id: str, language: Language, limit: int) -> Day:
        """Rank and word."""
        shop, now = self._accounts.shop(shop_id), self._clock.now()
        shown, hidden = worth_doing(self._reader, self._choices, shop, now, limit)
        orders = self._orders(shop, shown)
        rows, by_model, degraded = [], False, False
        for signal in shown:
            words = self._explainer.explain(signal.asked(language))
            by_model |= words.source != "template"
            degraded |= words.degraded
            rows.append(_recommendation(signal, language, words.text, orders.get(signal.subject_id)))
        return Day(
            on=local_day(self._clock.now(), self._accounts.shop(shop_id).zone),
            language=language,
            rows=rows,
            hidden=hidden,
            wording="model" if by_model else "template",
            degraded=degraded,
        )

    def _orders(self, shop: Shop, signals: Sequence[Signal]) -> dict[str, ItemAdvice]:
        """Advise the orders that some signals call for, by item."""
        wanted = tuple(signal.subject_id for signal in signals if signal.kind in _ORDER_KINDS)
        items = self._items.items(shop.shop_id, wanted) if wanted else ()
        return self._advisor.advise(shop, items, keep=False).items if items else {}

    def decide(self, caller: Caller, key: str, body: Decision) -> DecisionDone:
        """Keep what the shop does with one of today's recommendations."""
        kinds = {kind for kind in SIGNAL_KINDS if kind == key.partition(":")[0]}
        found = self._reader.read(self._accounts.shop(caller.shop_id), self._clock.now(), kinds)
        signal = next((each for each in found.signals if each.key == key), None)
        if signal is None:
            raise NotFound(f"'{key}' is not recommended today", field="key")
        choice = Choice(key, body.choice, signal.stake_paise, body.reason, caller.user_id, self._clock.now())
        self._choices.choose(caller.shop_id, choice)
        return DecisionDone(key=key, choice=body.choice, stake_paise=signal.stake_paise)


def _recommendation(
    signal: Signal, language: Language, text: str, order: ItemAdvice | None
) -> Recommendation:
    """Put figures, words and the call to make together."""
    return Recommendation(
        key=signal.key,
        kind=signal.kind,
        subject_id=signal.subject_id,
        subject_name=signal.name_in(language),
        stake_paise=signal.stake_paise,
        urgent_in_days=signal.urgent_in_days,
        text=text,
        inputs=signal.inputs,
        arithmetic=signal.arithmetic,
        draft=_draft(signal, order),
    )


def _draft(signal: Signal, order: ItemAdvice | None) -> RequestDraft:
    """Name the call that follows a recommendation."""
    match signal.kind:
        case "stock_out" | "low_stock" | "seasonal_spike":
            quantity = (order.order_milli or order.item.pack_milli) if order else 1_000
            lines = [{"item_id": signal.subject_id, "quantity_milli": quantity}]
            asked = {"supplier_id": order.item.supplier_id if order else None, "lines": lines}
            return RequestDraft(method="POST", path="/v1/orders/draft", body=asked)
        case "negative_stock":
            return RequestDraft(method="GET", path=f"/v1/inventory/items/{signal.subject_id}/movements")
        case "slow_stock" | "expiry":
            return RequestDraft(method="GET", path="/v1/inventory/expiring")
        case "price_anomaly" | "cost_anomaly":
            body = {"item_ids": [signal.subject_id]}
            return RequestDraft(method="POST", path="/v1/pricing/recommend", body=body)
        case "broken_promise":
            return RequestDraft(method="GET", path=f"/v1/udhaar/customers/{signal.about_id}/promises")
        case "high_risk":
            return RequestDraft(method="GET", path=f"/v1/udhaar/customers/{signal.subject_id}/risk")
        case "overdue":
            return RequestDraft(method="GET", path=f"/v1/udhaar/customers/{signal.subject_id}/reminder")
