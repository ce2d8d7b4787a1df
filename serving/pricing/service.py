"""Price advice from the model, and prices changed, reversed and written down."""

from dataclasses import replace
from datetime import date, timedelta

from samaan_ml.domain.price_messages import PriceAnswer, PriceItem, PriceRequest
from samaan_ml.domain.printed_price import PrintedPrice, check_mrp, lowest_printed
from serving.errors import Conflict, NotFound
from serving.http.approving import Approving, below_floor
from serving.http.callers import Caller
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.items import Item, ItemStore
from serving.ports.lots import LotStore, printed_on
from serving.ports.page import Page
from serving.ports.predictor import Predictor
from serving.ports.prices import PriceChange, PriceStore, SavedAdvice
from serving.ports.sales import SalesStore
from serving.pricing.schemas import (
    AdviceCard,
    AdviceList,
    CandidateRow,
    GainArithmetic,
    NewPrice,
    PriceChangeRow,
    PriceQuestion,
)

_DEMAND_DAYS = 28


class PricingService:
    """Advises prices and keeps their history."""

    def __init__(
        self,
        prices: PriceStore,
        items: ItemStore,
        lots: LotStore,
        sales: SalesStore,
        accounts: AccountStore,
        predictor: Predictor,
        clock: Clock,
    ) -> None:
        self._prices = prices
        self._items = items
        self._lots = lots
        self._sales = sales
        self._accounts = accounts
        self._predictor = predictor
        self._clock = clock

    def ask(self, shop_id: str, question: PriceQuestion) -> PriceAnswer:
        """Ask the model; an item without a cost gets the advice to hold."""
        items = self._wanted(shop_id, question.item_ids)
        today = self.today(shop_id)
        demand = self._daily_demand(shop_id, today, tuple(item.item_id for item in items))
        asked = tuple(
            PriceItem(
                item_id=item.item_id,
                category=item.category,
                price_paise=item.price_paise,
                cost_paise=item.cost_paise,
                mrp_paise=printed.mrp_paise if (printed := self.printed(shop_id, item)) else None,
                daily_milli=demand.get(item.item_id, 0),
                hsn=item.hsn,
                last_change_on=item.price_changed_on,
                known_value=item.known_value,
            )
            for item in items
        )
        return self._predictor.price(PriceRequest(shop_id, today, asked, question.objective))

    def keep(self, shop_id: str, question: PriceQuestion, answer: PriceAnswer) -> AdviceList:
        """Keep advice, so that it can be accepted."""
        items = self._wanted(shop_id, question.item_ids)
        now = self._clock.now()
        before = {item.item_id: item.price_paise for item in items}
        saved = tuple(
            SavedAdvice(new_id(now), each.item_id, now, answer.model_version, before[each.item_id], each)
            for each in answer.items
        )
        self._prices.save_advice(shop_id, saved)
        return AdviceList(
            model_version=answer.model_version, degraded=False, rows=[advice_card(each) for each in saved]
        )

    def _wanted(self, shop_id: str, item_ids: list[str]) -> list[Item]:
        """Return the items asked for, all of them there."""
        found = {item.item_id: item for item in self._items.items(shop_id, tuple(item_ids))}
        for place, item_id in enumerate(item_ids):
            if item_id not in found:
                raise NotFound(f"no item '{item_id}'", field=f"item_ids.{place}")
        return [found[item_id] for item_id in dict.fromkeys(item_ids)]

    def today(self, shop_id: str) -> date:
        """Return the shop's day."""
        return local_day(self._clock.now(), self._accounts.shop(shop_id).zone)

    def _daily_demand(self, shop_id: str, today: date, item_ids: tuple[str, ...]) -> dict[str, int]:
        """Return the mean units a day of the last four weeks, over the days the shop was open."""
        since = today - timedelta(days=_DEMAND_DAYS)
        open_days = max(len(self._sales.open_days(shop_id, since)), 1)
        totals: dict[str, int] = {}
        for sold in self._sales.days_sold(shop_id, since, item_ids):
            totals[sold.item_id] = totals.get(sold.item_id, 0) + sold.units_milli
        return {item_id: max(total, 0) // open_days for item_id, total in totals.items()}

    def printed(self, shop_id: str, item: Item) -> PrintedPrice | None:
        """Return the lowest printed price on the shelf: of the item and of its lots with stock."""
        return lowest_printed(item.mrp_paise, printed_on(self._lots.batches(shop_id, item.item_id)))

    def accept(self, caller: Caller, advice_id: str) -> PriceChangeRow:
        """Take advice: the price changes if it still is what the advice was made for."""
        item, price_paise = self.take_advice(caller.shop_id, advice_id)
        return self.change_price(caller, item, price_paise, "advice accepted", advice_id)

    def take_advice(self, shop_id: str, advice_id: str) -> tuple[Item, int]:
        """Mark advice as accepted, if the price still is what it was made for; return the item and its price."""
        saved = self._prices.advice(shop_id, advice_id)
        if saved.advice.action == "hold":
            raise Conflict("the advice is to hold the price", field="advice_id")
        item = self._items.item(shop_id, saved.item_id)
        if item.price_paise != saved.price_before_paise:
            raise Conflict(
                f"the price is {item.price_paise} now, not {saved.price_before_paise}",
                field="advice_id",
                hint="ask for new advice",
            )
        self._prices.settle_advice(shop_id, advice_id, "open", "accepted")
        return item, saved.advice.price_paise

    def set_price(self, caller: Caller, item_id: str, body: NewPrice, approving: Approving) -> PriceChangeRow:
        """Change a price by hand; staff below the floor with an owner's word."""
        item = self.allowed_item(caller.shop_id, item_id, body.price_paise, approving)
        return self.change_price(caller, item, body.price_paise, body.reason)

    def allowed_item(self, shop_id: str, item_id: str, price_paise: int, approving: Approving) -> Item:
        """Return an item whose price the caller may set to this, alone or with an owner's word."""
        item = self._items.item(shop_id, item_id)
        percent = self._accounts.shop(shop_id).staff_floor_percent
        approving.need(below_floor(item_id, price_paise, item.cost_paise, percent, "price_paise"))
        return item

    def roll_back(self, caller: Caller, change_id: str, reason: str) -> PriceChangeRow:
        """Take a change back, if the price is still what it made it."""
        change = self._prices.change(caller.shop_id, change_id)
        item = self._items.item(caller.shop_id, change.item_id)
        if item.price_paise != change.after_paise:
            raise Conflict(
                f"the price is {item.price_paise} now, not {change.after_paise}", field="change_id"
            )
        if change.advice_id is not None:
            self._prices.settle_advice(caller.shop_id, change.advice_id, "accepted", "rolled_back")
        return self.change_price(caller, item, change.before_paise, reason, rolls_back=change_id)

    def check_printed(self, shop_id: str, item: Item, price_paise: int) -> None:
        """Refuse a price above the lowest printed one on the shelf."""
        check_mrp(price_paise, self.printed(shop_id, item))

    def change_price(
        self,
        caller: Caller,
        item: Item,
        price_paise: int,
        reason: str,
        advice_id: str | None = None,
        rolls_back: str | None = None,
        before_paise: int | None = None,
    ) -> PriceChangeRow:
        """Change a price within the law and write the change down; `before_paise` tells another price before it."""
        self.check_printed(caller.shop_id, item, price_paise)
        now = self._clock.now()
        today = self.today(caller.shop_id)
        change = PriceChange(
            change_id=new_id(now),
            item_id=item.item_id,
            at=now,
            on=today,
            before_paise=item.price_paise if before_paise is None else before_paise,
            after_paise=price_paise,
            actor=caller.user_id,
            reason=reason,
            advice_id=advice_id,
            rolls_back=rolls_back,
        )
        self._prices.add_change(caller.shop_id, change)
        changed = replace(item, price_paise=price_paise, price_changed_on=today)
        self._items.change_item(caller.shop_id, changed, item.version)
        return PriceChangeRow.model_validate(change)

    def advice(self, shop_id: str, advice_id: str) -> AdviceCard:
        """Return a piece of advice."""
        return advice_card(self._prices.advice(shop_id, advice_id))

    def changes(self, shop_id: str, item_id: str | None, limit: int, after: str | None) -> Page[PriceChange]:
        """Return a page of the price audit."""
        return self._prices.changes(shop_id, item_id, limit, after)


def advice_card(saved: SavedAdvice) -> AdviceCard:
    """Translate advice."""
    advice = saved.advice
    return AdviceCard(
        advice_id=saved.advice_id,
        item_id=saved.item_id,
        status=saved.status,
        made_at=saved.made_at,
        model_version=saved.model_version,
        price_before_paise=saved.price_before_paise,
        action=advice.action,
        state=advice.state,
        price_paise=advice.price_paise,
        grade=advice.grade,
        elasticity=advice.elasticity,
        elasticity_lower=advice.elasticity_lower,
        elasticity_upper=advice.elasticity_upper,
        gain_paise_per_week=advice.gain_paise_per_week,
        gain_lower_paise_per_week=advice.gain_lower_paise_per_week,
        gain_upper_paise_per_week=advice.gain_upper_paise_per_week,
        binding_rule=advice.binding_rule,
        reasons=list(advice.reasons),
        candidates=[CandidateRow.model_validate(each) for each in advice.candidates],
        proof=advice.proof,
        arithmetic=None if advice.arithmetic is None else GainArithmetic.model_validate(advice.arithmetic),
    )
