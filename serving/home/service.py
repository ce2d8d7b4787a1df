"""Puts the first screen together; every figure is one that its own area gives, too."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from samaan_ml.domain.visits import next_order
from samaan_ml.explain import Language, write_template
from serving.advice.signals import signal_reader
from serving.advice.signals.ranking import worth_doing
from serving.home.schemas import (
    Home,
    HomeAlert,
    HomeCaller,
    HomeChanged,
    HomeForecast,
    HomeKhata,
    HomeOrder,
    HomeShop,
    HomeThing,
    HomeToday,
    Right,
)
from serving.home.snapshot import SnapshotReader
from serving.http.callers import Caller
from serving.ports import Ports
from serving.ports.accounts import Role, Shop
from serving.ports.clock import local_day
from serving.ports.udhaar import Customer

_PAGE = 200
_ALERTS, _THINGS = 10, 5
_ENTRIES = 1_000
_ORDERS_WITHIN = timedelta(days=2)
_FORECASTS_WITHIN = timedelta(days=28)
_RIGHTS: dict[Role, list[Right]] = {
    "owner": ["sell", "give_credit", "move_stock", "set_price", "set_rules", "manage_members"],
    "staff": ["sell", "give_credit", "move_stock"],
    "accountant": [],
    "viewer": [],
}


class HomeService:
    """Reads the first screen."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def home(self, caller: Caller, language: Language, *, full: bool) -> Home:
        """Return the first screen; the place in the feed is read first, so that nothing can be missed after it."""
        ports, shop_id = self._ports, caller.shop_id
        seq = ports.changes.head(shop_id)
        shop, now = ports.accounts.shop(shop_id), ports.clock.now()
        today = local_day(now, shop.zone)
        midnight = datetime.combine(today, time(), ZoneInfo(shop.zone))
        customers = list(self._customers(shop_id))
        alerts = ports.alerts.active(shop_id)
        return Home(
            seq=seq,
            as_of=now,
            on=today,
            shop=HomeShop.model_validate(shop),
            caller=HomeCaller(user_id=caller.user_id, role=caller.role, rights=_RIGHTS[caller.role]),
            today=self._today(shop, today, midnight),
            khata=_khata(customers, today),
            things=self._things(shop, now, today, language),
            alerts=[HomeAlert.model_validate(alert) for alert in alerts[:_ALERTS]],
            alerts_open=len(alerts),
            orders_due=self._orders(shop, now),
            forecast=self._forecast(shop_id, now),
            changed=HomeChanged(since=midnight, counts=ports.changes.since(shop_id, midnight)),
            snapshot=SnapshotReader(ports).read(shop_id, today, customers) if full else None,
        )

    def _customers(self, shop_id: str) -> Iterator[Customer]:
        """Walk through the customers."""
        after: str | None = None
        while True:
            page = self._ports.udhaar.customers(shop_id, _PAGE, after)
            yield from page.rows
            if page.after is None:
                return
            after = page.after

    def _today(self, shop: Shop, today: date, midnight: datetime) -> HomeToday:
        """Sum the day up."""
        sums = self._ports.sales.day_sums(shop.shop_id, today)
        moved: Counter[str] = Counter()
        for entry in self._ports.udhaar.shop_entries(shop.shop_id, _ENTRIES):
            if entry.at >= midnight:
                moved[entry.kind] += entry.amount_paise
        return HomeToday(
            amount_paise=sum(sums.by_payment.values()),
            bills=sums.bills,
            returns=sums.returns,
            by_payment=dict(sums.by_payment),
            given_paise=moved["credit"],
            received_paise=moved["payment"],
        )

    def _things(self, shop: Shop, now: datetime, today: date, language: Language) -> list[HomeThing]:
        """Return what is worth doing, made once until something changes; worded by templates, which need no model."""

        def make() -> str:
            p = self._ports
            reader = signal_reader(p)
            shown, _ = worth_doing(reader, p.recommendations, shop, now, _THINGS)
            rows = []
            for signal in shown:
                own = {
                    name: getattr(signal, name) for name in HomeThing.model_fields if hasattr(signal, name)
                }
                text = write_template(signal.asked(language)).text
                row = HomeThing.model_validate(own | {"subject_name": signal.name_in(language), "text": text})
                rows.append(row.model_dump(mode="json"))
            return json.dumps(rows)

        text = self._ports.cache.fetch(shop.shop_id, "recommendations", f"home|{today}|{language}", make)
        return [HomeThing.model_validate(row) for row in json.loads(text)]

    def _orders(self, shop: Shop, now: datetime) -> list[HomeOrder]:
        """Return the orders that are to be in soon."""
        due = []
        for supplier in self._ports.suppliers.suppliers(shop.shop_id):
            order = next_order(supplier.plan, now, shop.zone, shop.region)
            if order and order[0].order_due <= now + _ORDERS_WITHIN:
                visit = order[0]
                due.append(
                    HomeOrder(
                        supplier_id=supplier.supplier_id,
                        name=supplier.name,
                        visit_on=visit.on,
                        order_due_by=visit.order_due,
                    )
                )
        return sorted(due, key=lambda order: (order.order_due_by, order.supplier_id))

    def _forecast(self, shop_id: str, now: datetime) -> HomeForecast | None:
        """Return how fresh the forecasts are."""
        newest = self._ports.forecasts.newest(shop_id, now - _FORECASTS_WITHIN)
        if not newest:
            return None
        last = max(newest, key=lambda saved: saved.made_at)
        return HomeForecast(
            made_at=last.made_at, as_of=last.as_of, items=len(newest), model_version=last.model_version
        )


def _khata(customers: list[Customer], today: date) -> HomeKhata:
    """Sum up what is owed."""
    overdue = [c for c in customers if c.oldest_due_on is not None and c.oldest_due_on < today]
    return HomeKhata(
        due_paise=sum(max(c.balance_paise, 0) for c in customers),
        advance_paise=sum(max(-c.balance_paise, 0) for c in customers),
        customers_owing=sum(c.balance_paise > 0 for c in customers),
        customers_overdue=len(overdue),
    )
