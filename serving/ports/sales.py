"""Bills, and the daily sums that forecasts are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from serving.ports.page import Page

PaymentMethod = Literal["cash", "upi", "card", "udhaar"]


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line of a bill; a returned quantity is negative."""

    item_id: str
    quantity_milli: int
    unit_price_paise: int
    discount_paise: int
    amount_paise: int


@dataclass(frozen=True, slots=True)
class Sale:
    """A bill, or a return of one (`returns` names it, amounts are then negative)."""

    sale_id: str
    sold_at: datetime
    sold_on: date
    lines: tuple[SaleLine, ...]
    total_paise: int
    payment: PaymentMethod
    customer_id: str | None
    actor: str
    returns: str | None = None
    import_id: str | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DaySold:
    """What was sold of an item on a day, and at what price a unit on average."""

    item_id: str
    on: date
    units_milli: int
    amount_paise: int


@dataclass(frozen=True, slots=True)
class ItemDay:
    """What was sold and what came back of an item on a day."""

    on: date
    sold_milli: int
    returned_milli: int
    amount_paise: int


@dataclass(frozen=True, slots=True)
class DaySums:
    """What came in on one day: paise by way of payment, returns taken off, and how many bills and returns."""

    by_payment: Mapping[PaymentMethod, int]
    bills: int
    returns: int


@dataclass(frozen=True, slots=True)
class SoldLines:
    """How many lines of a day are of one item, quantity and amount."""

    on: date
    item_id: str
    quantity_milli: int
    amount_paise: int
    count: int


class SalesStore(Protocol):
    """Keeps bills."""

    def add(self, shop_id: str, sale: Sale) -> None:
        """Add a bill, or raise AlreadyExists."""
        ...

    def add_many(self, shop_id: str, sales: tuple[Sale, ...]) -> None:
        """Add many bills together, or raise AlreadyExists and add none."""
        ...

    def get(self, shop_id: str, sale_id: str) -> Sale:
        """Return a bill, or raise NotFound."""
        ...

    def some(self, shop_id: str, sale_ids: tuple[str, ...]) -> tuple[Sale, ...]:
        """Return the bills that are there of those asked for."""
        ...

    def returns_of(self, shop_id: str, sale_id: str) -> tuple[Sale, ...]:
        """Return the returns of a bill so far."""
        ...

    def list(
        self,
        shop_id: str,
        limit: int,
        after: str | None,
        start: date | None = None,
        end: date | None = None,
        payment: PaymentMethod | None = None,
        customer_id: str | None = None,
    ) -> Page[Sale]:
        """Return bills, the newest entered first; of some days, one kind of payment or one customer where given."""
        ...

    def days_sold(
        self,
        shop_id: str,
        since: date,
        item_ids: tuple[str, ...] | None = None,
        until: date | None = None,
    ) -> tuple[DaySold, ...]:
        """Return sums a day and item from a day on, for some items or all, until a day or the last."""
        ...

    def item_days(self, shop_id: str, item_id: str, since: date, until: date) -> tuple[ItemDay, ...]:
        """Return what moved of an item a day, sales and returns apart, the days without any left out."""
        ...

    def day_sums(self, shop_id: str, on: date) -> DaySums:
        """Sum one day up."""
        ...

    def lines_sold(self, shop_id: str, since: date, until: date) -> tuple[SoldLines, ...]:
        """Count the lines of bills and returns of some days by day, item, quantity and amount."""
        ...

    def open_days(self, shop_id: str, since: date) -> tuple[date, ...]:
        """Return the days on which the shop entered any bill."""
        ...

    def remove_import(self, shop_id: str, import_id: str) -> int:
        """Take back the bills of one import and return how many they were.

        Raises
        ------
        Conflict
            When goods of one of them came back as a return.
        """
        ...
