"""Prices planned ahead: written down today, known to forecasts and orders, and the item's price from their day on."""

import logging
from dataclasses import replace
from datetime import date, timedelta

from samaan_ml.domain.errors import RuleError
from serving.errors import InvalidInput, NotFound
from serving.http.approving import Approving
from serving.http.callers import Caller
from serving.ports.clock import Clock, new_id
from serving.ports.items import Item, ItemStore
from serving.ports.page import Page
from serving.ports.prices import PricePlan, PriceStore
from serving.ports.transactions import Transactions
from serving.pricing.schemas import NewPlannedPrice, PlannedPriceRow
from serving.pricing.service import PricingService

_FURTHEST = timedelta(days=366)
_log = logging.getLogger("serving.prices")


class PlanningService:
    """Plans prices, takes them back, and makes them the item's own when their day comes."""

    def __init__(
        self,
        pricing: PricingService,
        prices: PriceStore,
        items: ItemStore,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._pricing = pricing
        self._prices = prices
        self._items = items
        self._transactions = transactions
        self._clock = clock

    def plan(
        self, caller: Caller, item_id: str, body: NewPlannedPrice, approving: Approving
    ) -> PlannedPriceRow:
        """Plan a price, within the law and, for staff, above the shop's floor."""
        item = self._pricing.allowed_item(caller.shop_id, item_id, body.price_paise, approving)
        return self._keep(caller, item, body.from_on, body.price_paise, body.reason)

    def plan_advice(self, caller: Caller, advice_id: str, from_on: date) -> PlannedPriceRow:
        """Take advice, to be followed from a day ahead on."""
        item, price_paise = self._pricing.take_advice(caller.shop_id, advice_id)
        return self._keep(caller, item, from_on, price_paise, "advice accepted", advice_id)

    def _keep(
        self,
        caller: Caller,
        item: Item,
        from_on: date,
        price_paise: int,
        reason: str,
        advice_id: str | None = None,
    ) -> PlannedPriceRow:
        """Write a plan down."""
        today = self._pricing.today(caller.shop_id)
        if not today < from_on <= today + _FURTHEST:
            raise InvalidInput(
                f"{from_on} is not a day from tomorrow, {today + timedelta(days=1)}, to {today + _FURTHEST}",
                field="from_on",
                hint="a price that is to hold from today on is set, not planned",
            )
        self._pricing.check_printed(caller.shop_id, item, price_paise)
        now = self._clock.now()
        plan = PricePlan(
            plan_id=new_id(now),
            item_id=item.item_id,
            from_on=from_on,
            price_paise=price_paise,
            price_before_paise=item.price_paise,
            reason=reason,
            actor=caller.user_id,
            made_at=now,
            advice_id=advice_id,
        )
        self._prices.add_plan(caller.shop_id, plan)
        return PlannedPriceRow.model_validate(plan)

    def withdraw(self, caller: Caller, plan_id: str, reason: str) -> PlannedPriceRow:
        """Take a plan back; advice it was taken from counts as rolled back."""
        plan = self._prices.plan(caller.shop_id, plan_id)
        return PlannedPriceRow.model_validate(self._end(caller.shop_id, plan, "withdrawn", reason))

    def _end(self, shop_id: str, plan: PricePlan, status: str, why: str) -> PricePlan:
        """Bring a plan to its end without a change of price."""
        ended = replace(plan, status=status, settled_at=self._clock.now(), outcome=why[:500])  # type: ignore[arg-type]
        self._prices.settle_plan(shop_id, ended)
        if plan.advice_id is not None:
            self._prices.settle_advice(shop_id, plan.advice_id, "accepted", "rolled_back")
        return ended

    def plans(self, shop_id: str, item_id: str | None, limit: int, after: str | None) -> Page[PricePlan]:
        """Return a page of plans."""
        return self._prices.plans(shop_id, item_id, limit, after)

    def apply_due(self, shop_id: str) -> tuple[int, int]:
        """Make prices whose day has come the items' own, by their days; return how many did and did not."""
        applied = refused = 0
        for plan in self._prices.waiting_plans(shop_id, None, self._pricing.today(shop_id)):
            with self._transactions.begin():
                if self._apply(shop_id, plan):
                    applied += 1
                else:
                    refused += 1
        return applied, refused

    def _apply(self, shop_id: str, plan: PricePlan) -> bool:
        """Change the price to the planned one, or write down why it cannot be."""
        try:
            item = self._items.item(shop_id, plan.item_id)
            self._pricing.check_printed(shop_id, item, plan.price_paise)
        except (RuleError, InvalidInput, NotFound) as error:
            _log.warning("planned price '%s' of shop '%s' refused: %s", plan.plan_id, shop_id, error)
            self._end(shop_id, plan, "refused", str(error))
            return False
        # A run that was cut off may have changed the item, in a store of its own, and written nothing of it.
        before = plan.price_before_paise if item.price_paise == plan.price_paise else item.price_paise
        planner = Caller(shop_id, plan.actor, "owner")
        change = self._pricing.change_price(
            planner, item, plan.price_paise, plan.reason, plan.advice_id, before_paise=before
        )
        self._prices.settle_plan(
            shop_id,
            replace(plan, status="applied", settled_at=self._clock.now(), change_id=change.change_id),
        )
        return True
