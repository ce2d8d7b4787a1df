"""Price advice and what became of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from samaan_ml.domain.price_messages import PriceAdvice
from serving.ports.items import Item
from serving.ports.page import Page, walk


@dataclass(frozen=True, slots=True)
class SavedAdvice:
    """A piece of price advice as it was given; `status` says what the shop did with it."""

    advice_id: str
    item_id: str
    made_at: datetime
    model_version: str
    price_before_paise: int
    advice: PriceAdvice
    status: Literal["open", "accepted", "rolled_back"] = "open"


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One change of a price; a rollback is another change that names the first."""

    change_id: str
    item_id: str
    at: datetime
    on: date
    before_paise: int
    after_paise: int
    actor: str
    reason: str
    advice_id: str | None = None
    rolls_back: str | None = None


PlanStatus = Literal["planned", "applied", "withdrawn", "refused"]


@dataclass(frozen=True, slots=True)
class PricePlan:
    """A price that is to hold from a day ahead on.

    Parameters
    ----------
    plan_id, item_id : str
        The plan; the item.
    from_on : date
        First day of the price, on the shop's calendar.
    price_paise, price_before_paise : int
        The price, and the one that held when it was planned.
    reason, actor : str
        Why, and who planned it.
    made_at : datetime
        When it was planned.
    advice_id : str or None, default=None
        The advice it was taken from.
    status : {"planned", "applied", "withdrawn", "refused"}, default="planned"
        Whether it still is to come, came, was reversed, or could not be charged when its day came.
    settled_at : datetime or None, default=None
        When it came to its end.
    change_id : str or None, default=None
        The change of price that it became.
    outcome : str, default=""
        Why it was reversed or refused.
    """

    plan_id: str
    item_id: str
    from_on: date
    price_paise: int
    price_before_paise: int
    reason: str
    actor: str
    made_at: datetime
    advice_id: str | None = None
    status: PlanStatus = "planned"
    settled_at: datetime | None = None
    change_id: str | None = None
    outcome: str = ""


class PriceStore(Protocol):
    """Keeps price advice, the changes of prices, and those planned ahead."""

    def save_advice(self, shop_id: str, advice: tuple[SavedAdvice, ...]) -> None:
        """Keep advice."""
        ...

    def advice(self, shop_id: str, advice_id: str) -> SavedAdvice:
        """Return a piece of advice, or raise NotFound."""
        ...

    def settle_advice(self, shop_id: str, advice_id: str, before: str, after: str) -> None:
        """Move advice from one status to another, or raise Conflict."""
        ...

    def add_change(self, shop_id: str, change: PriceChange) -> None:
        """Append a change; a second rollback of the same change raises Conflict."""
        ...

    def change(self, shop_id: str, change_id: str) -> PriceChange:
        """Return a change, or raise NotFound."""
        ...

    def some(
        self, shop_id: str, ids: tuple[str, ...]
    ) -> tuple[tuple[PriceChange, ...], tuple[PricePlan, ...]]:
        """Return the changes and the plans that are there under some ids."""
        ...

    def changes(self, shop_id: str, item_id: str | None, limit: int, after: str | None) -> Page[PriceChange]:
        """Return changes, the newest first."""
        ...

    def add_plan(self, shop_id: str, plan: PricePlan) -> None:
        """Keep a plan, or raise Conflict where another one waits for that item and day."""
        ...

    def plan(self, shop_id: str, plan_id: str) -> PricePlan:
        """Return a plan, or raise NotFound."""
        ...

    def settle_plan(self, shop_id: str, plan: PricePlan) -> None:
        """Bring a plan to its end, or raise Conflict where it is there already."""
        ...

    def plans(self, shop_id: str, item_id: str | None, limit: int, after: str | None) -> Page[PricePlan]:
        """Return plans, the newest first."""
        ...

    def waiting_plans(
        self, shop_id: str, item_ids: tuple[str, ...] | None, until: date
    ) -> tuple[PricePlan, ...]:
        """Return the plans still to come of some items or all, that begin by a day, in order of it."""
        ...

    def shops_with_plans(self, until: date) -> tuple[str, ...]:
        """Return the shops with a plan still to come that begins by a day."""
        ...


_PAGE = 50


def price_at(store: PriceStore, shop_id: str, item: Item, at: datetime) -> int:
    """Return the price of an item at an instant of the past, from what changed it since."""
    price = item.price_paise
    for change in walk(lambda after: store.changes(shop_id, item.item_id, _PAGE, after)):
        if change.at <= at:
            break
        price = change.before_paise
    return price
