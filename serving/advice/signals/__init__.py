"""What deserves attention in a shop today, each with the rupees at stake: read by recommendations and alerts.

Every figure is simple arithmetic on the shop's own rows, so that it can be recomputed; `facts` carries the
inputs. Demand is the mean of the last four weeks' open days.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import get_args

from serving.advice.expiring import ExpiryReader
from serving.advice.ordering import OrderAdvisor
from serving.advice.readers import expiry_reader, order_advisor
from serving.advice.signals._khata import overdue_signals, promise_signals, risk_signals
from serving.advice.signals._prices import PRICE_DAYS, price_signals
from serving.advice.signals._season import season_signals
from serving.advice.signals._signal import Pace, Signal
from serving.advice.signals._stock import DEMAND_DAYS, EXPIRY_DAYS, Supply, expiring_signals, stock_signals
from serving.errors import PredictorUnavailable
from serving.ports import Ports
from serving.ports.accounts import Shop
from serving.ports.alerts import SignalKind
from serving.ports.clock import local_day
from serving.ports.forecasts import ForecastStore
from serving.ports.items import Item, ItemStore
from serving.ports.predictor import Predictor
from serving.ports.sales import SalesStore
from serving.ports.udhaar import UdhaarStore

__all__ = ["SIGNAL_KINDS", "Found", "Signal", "SignalKind", "SignalReader", "signal_reader"]

_PAGE = 200
_MAX_ITEMS = 5_000
SIGNAL_KINDS: frozenset[SignalKind] = frozenset(get_args(SignalKind))
"""All kinds."""
_OF_STOCK: frozenset[SignalKind] = frozenset({"stock_out", "low_stock", "negative_stock", "slow_stock"})
_OF_PRICES: frozenset[SignalKind] = frozenset({"price_anomaly", "cost_anomaly"})
_OF_ITEMS: frozenset[SignalKind] = _OF_STOCK | _OF_PRICES | {"expiry", "seasonal_spike"}


@dataclass(frozen=True, slots=True)
class Found:
    """The signals of a shop, the most rupees first, and the kinds that could not be read just now."""

    signals: tuple[Signal, ...]
    unread: frozenset[SignalKind] = frozenset()


class SignalReader:
    """Reads signals over the ports."""

    def __init__(
        self,
        items: ItemStore,
        advisor: OrderAdvisor,
        expiry: ExpiryReader,
        sales: SalesStore,
        udhaar: UdhaarStore,
        forecasts: ForecastStore,
        predictor: Predictor,
    ) -> None:
        self._items = items
        self._advisor = advisor
        self._expiry = expiry
        self._sales = sales
        self._udhaar = udhaar
        self._forecasts = forecasts
        self._predictor = predictor

    def read(self, shop: Shop, now: datetime, kinds: AbstractSet[SignalKind] = SIGNAL_KINDS) -> Found:
        """Read a shop's signals of some kinds; what the others would cost is not paid."""
        today = local_day(now, shop.zone)
        found = [signal for signal in self._of_items(shop, now, today, kinds) if signal.kind in kinds]
        unread: set[SignalKind] = set()
        if "overdue" in kinds:
            found += overdue_signals(self._udhaar, shop, today)
        if "broken_promise" in kinds:
            found += promise_signals(self._udhaar, shop, today)
        if "high_risk" in kinds:
            try:
                found += risk_signals(self._udhaar, self._predictor, shop, now, today)
            except PredictorUnavailable:
                unread.add("high_risk")
        ranked = sorted(found, key=lambda s: (-s.stake_paise, s.urgent_in_days, s.key))
        return Found(tuple(ranked), frozenset(unread))

    def _of_items(
        self, shop: Shop, now: datetime, today: date, kinds: AbstractSet[SignalKind]
    ) -> Iterator[Signal]:
        """Return what the items call for."""
        if not kinds & _OF_ITEMS:
            return
        items = list(self._walk(shop.shop_id))
        paces = self._paces(shop.shop_id, today)
        supplies = self._supplies(shop, items)
        for item in items:
            yield from stock_signals(item, paces[item.item_id], supplies[item.item_id], today)
            yield from price_signals(item, paces[item.item_id], today)
        if "expiry" in kinds:
            yield from expiring_signals(self._expiry.read(shop, EXPIRY_DAYS))
        if "seasonal_spike" in kinds:
            yield from season_signals(items, paces, supplies, self._forecasts, self._sales, shop, now, today)

    def _supplies(self, shop: Shop, items: Sequence[Item]) -> dict[str, Supply]:
        """Read what there is of each item, what is on its way, and when more can come."""
        rounds = self._advisor.rounds(shop)
        positions = self._advisor.positions(shop, items)
        return {
            item.item_id: Supply(positions[item.item_id], rounds.get(item.supplier_id or ""))
            for item in items
        }

    def _walk(self, shop_id: str) -> Iterator[Item]:
        """Walk through the items."""
        after: str | None = None
        for _ in range(_MAX_ITEMS // _PAGE):
            page = self._items.list_items(shop_id, _PAGE, after)
            yield from page.rows
            if page.after is None:
                return
            after = page.after

    def _paces(self, shop_id: str, today: date) -> dict[str, Pace]:
        """Read how each item sold in the last four weeks; one that did not has no pace."""
        since = today - timedelta(days=DEMAND_DAYS)
        open_days = max(sum(1 for day in self._sales.open_days(shop_id, since) if day < today), 1)
        units: Counter[str] = Counter()
        lately: Counter[str] = Counter()
        taken: Counter[str] = Counter()
        last: dict[str, date] = {}
        for sold in self._sales.days_sold(shop_id, since):
            if sold.on < today:
                units[sold.item_id] += sold.units_milli
            if sold.on > today - timedelta(days=PRICE_DAYS):
                lately[sold.item_id] += sold.units_milli
                taken[sold.item_id] += sold.amount_paise
            if sold.units_milli > 0:
                last[sold.item_id] = max(sold.on, last.get(sold.item_id, sold.on))
        paces: dict[str, Pace] = defaultdict(Pace)
        for item_id in units.keys() | last.keys():
            unit = taken[item_id] * 1_000 // lately[item_id] if lately[item_id] > 0 else None
            paces[item_id] = Pace(max(units[item_id], 0) // open_days, unit, last.get(item_id))
        return paces


def signal_reader(ports: Ports) -> SignalReader:
    """Build the reader of signals."""
    return SignalReader(
        items=ports.items,
        advisor=order_advisor(ports),
        expiry=expiry_reader(ports),
        sales=ports.sales,
        udhaar=ports.udhaar,
        forecasts=ports.forecasts,
        predictor=ports.predictor,
    )
