"""What of each lot will probably be left when it expires: stock less what even good sales would take."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from samaan_ml.domain.messages import Quantile
from samaan_ml.domain.money import times_quantity
from samaan_ml.domain.shelf_age import LotAtRisk, lots_at_risk
from serving.forecast.reorder import quantile_at
from serving.forecast.schemas import ExpiryArithmetic, ExpiryRiskList, ExpiryRiskRow, ItemForecastCard
from serving.forecast.service import ForecastService
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, local_day
from serving.ports.items import Item, ItemStore
from serving.ports.lots import Batch, LotStore

LEVEL = 0.9
"""The chance that no more is asked for: what is at risk then is at risk indeed."""


class ExpiryService:
    """Compares lots with the demand until they expire."""

    def __init__(
        self,
        forecasting: ForecastService,
        items: ItemStore,
        lots: LotStore,
        accounts: AccountStore,
        clock: Clock,
    ) -> None:
        self._forecasting = forecasting
        self._items = items
        self._lots = lots
        self._accounts = accounts
        self._clock = clock

    def at_risk(self, shop_id: str, days: int) -> ExpiryRiskList:
        """List the lots that expire within some days and will not all be sold, the most money first."""
        today = local_day(self._clock.now(), self._accounts.shop(shop_id).zone)
        lots: dict[str, list[Batch]] = defaultdict(list)
        for lot in self._lots.expiring(shop_id, today + timedelta(days=days)):
            lots[lot.item_id].append(lot)
        items = {item.item_id: item for item in self._items.items(shop_id, tuple(lots))}
        cards, degraded = self._demands(shop_id, items, lots, today)
        rows = [
            row
            for item_id, item in items.items()
            for row in _rows(item, lots[item_id], cards, today)
            if row.at_risk_milli != 0
        ]
        rows.sort(key=lambda row: (-(row.at_risk_paise or 0), row.expires_on, row.batch_id))
        return ExpiryRiskList(on=today, days=days, degraded=degraded, rows=rows)

    def _demands(
        self, shop_id: str, items: Mapping[str, Item], lots: Mapping[str, list[Batch]], today: date
    ) -> tuple[dict[tuple[str, int], ItemForecastCard], bool]:
        """Forecast each item over the days that each of its lots has left."""
        by_days: dict[int, list[Item]] = defaultdict(list)
        for item_id, item in items.items():
            for days in {_days_left(lot, today) for lot in lots[item_id]}:
                if days > 0:
                    by_days[days].append(item)
        cards: dict[tuple[str, int], ItemForecastCard] = {}
        degraded = False
        for days, some in sorted(by_days.items()):
            card = self._forecasting.make(shop_id, some, days, keep=False)
            degraded |= card.degraded
            cards |= {(each.item_id, days): each for each in card.items}
        return cards, degraded


def _days_left(lot: Batch, today: date) -> int:
    """Count the days until a lot expires; the store gives lots with a day only."""
    return (lot.expires_on - today).days if lot.expires_on else 0


def _rows(
    item: Item, lots: list[Batch], cards: Mapping[tuple[str, int], ItemForecastCard], today: date
) -> list[ExpiryRiskRow]:
    """Tell what of an item's lots will be left, the earliest expiry first."""
    left = [_days_left(lot, today) for lot in lots]
    demands = [_demand(cards.get((item.item_id, days)), days) for days in left]
    known = [(lot.on_hand_milli, demand[1]) for lot, demand in zip(lots, demands, strict=True) if demand]
    risks = iter(lots_at_risk(known))
    return [
        _row(item, lot, days, demand[0] if demand else None, next(risks) if demand else None)
        for lot, days, demand in zip(lots, left, demands, strict=True)
    ]


def _demand(card: ItemForecastCard | None, days: int) -> tuple[float, int] | None:
    """Return level and demand until a lot expires; none can be told where there is too little data."""
    if days <= 0:
        return LEVEL, 0
    if card is None or not card.total_quantiles:
        return None
    return quantile_at([Quantile(q.level, q.milli) for q in card.total_quantiles], LEVEL)


def _row(item: Item, lot: Batch, days: int, level: float | None, risk: LotAtRisk | None) -> ExpiryRiskRow:
    """Show one lot."""
    value = item.cost_paise if item.cost_paise is not None else item.price_paise
    return ExpiryRiskRow(
        batch_id=lot.batch_id,
        item_id=item.item_id,
        name=item.name,
        expires_on=lot.expires_on,
        status="too_little_data" if risk is None else "ok",
        at_risk_milli=risk.at_risk_milli if risk else None,
        at_risk_paise=times_quantity(value, risk.at_risk_milli) if risk else None,
        arithmetic=None
        if risk is None or level is None
        else ExpiryArithmetic(
            stock_milli=risk.stock_milli,
            days_left=days,
            level_used=level,
            demand_milli=risk.demand_milli,
            sold_before_milli=risk.sold_before_milli,
            unit_value_paise=value,
        ),
    )
