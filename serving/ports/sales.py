"""Bills, and the daily sums that forecasts are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from samaan_ml.domain.bill_numbers import Series, place_of
from samaan_ml.domain.bill_payments import BillPayment, PaymentMethod
from samaan_ml.domain.money import divide_up
from serving.ports.page import Page

SaleState = Literal["posted", "part_returned", "returned", "cancelled", "return", "cancellation"]
"""How a bill stands; a return and a cancellation are bills of their own, with amounts below zero."""


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line of a bill; a returned quantity is negative.

    `quantity_milli` is of the item's own unit; the price is that of the unit it was sold in, which is `unit_milli` of
    it: amount + discount = price * quantity / unit, rounded to the paisa.
    """

    item_id: str
    quantity_milli: int
    unit_price_paise: int
    discount_paise: int
    amount_paise: int
    unit: str | None = None
    unit_milli: int = 1000

    @property
    def base_price_paise(self) -> int:
        """The price of the item's own unit, rounded up."""
        return divide_up(self.unit_price_paise * 1000, self.unit_milli)


@dataclass(frozen=True, slots=True)
class PaymentPart:
    """What was paid in one way; below zero it went back."""

    kind: PaymentMethod
    paise: int


@dataclass(frozen=True, slots=True)
class Sale:
    """A bill, or a return or cancellation of one (`returns` names it, amounts are then negative).

    Parameters
    ----------
    sale_id : str
        Unique in the shop.
    sold_at, sold_on : datetime, date
        When, and the shop's own day.
    lines : tuple of SaleLine
        The lines; their amounts sum to the total.
    total_paise : int
        What was paid, discounts taken off.
    payment : str
        The one way of payment, or `split`.
    customer_id : str or None
        The customer, where one is known.
    actor : str
        Who entered it.
    returns : str or None, default=None
        The bill that a return or cancellation belongs to.
    import_id : str or None, default=None
        The sheet that it came with.
    recorded_at : datetime or None, default=None
        When the server entered it.
    payments : tuple of PaymentPart, default=()
        The parts of a split payment.
    discount_paise : int, default=0
        The discount on the whole bill, which the lines' discounts contain.
    bill_number : str or None, default=None
        Its number in its series and financial year; None for imports and cancellations.
    state : str, default="posted"
        How it stands.
    entry_id : str or None, default=None
        The entry that it made in the customer's khata.
    reason : str or None, default=None
        Why a return or cancellation was made.
    """

    sale_id: str
    sold_at: datetime
    sold_on: date
    lines: tuple[SaleLine, ...]
    total_paise: int
    payment: BillPayment
    customer_id: str | None
    actor: str
    returns: str | None = None
    import_id: str | None = None
    recorded_at: datetime | None = None
    payments: tuple[PaymentPart, ...] = ()
    discount_paise: int = 0
    bill_number: str | None = None
    state: SaleState = "posted"
    entry_id: str | None = None
    reason: str | None = None

    @property
    def paid(self) -> dict[PaymentMethod, int]:
        """What was paid in which way; of a bill of nothing, nothing."""
        if self.payment == "split":
            return {part.kind: part.paise for part in self.payments}
        return {self.payment: self.total_paise} if self.total_paise else {}

    @property
    def place(self) -> int | None:
        """The place of its number in the series."""
        return None if self.bill_number is None else place_of(self.bill_number)


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
    """What came in on one day: paise by payment method, returns taken off, and how many bills and returns.

    Cancelled bills count as neither.
    """

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

    def add(self, shop_id: str, sale: Sale, series: Series | None = None) -> Sale:
        """Add a bill with the next number of a series in the financial year of its day, and return it.

        The number is taken in the unit of work that adds the bill: what is refused takes none, and two writers at once
        get two in a row.

        Raises
        ------
        AlreadyExists
            When a bill has the id.
        """
        ...

    def add_many(self, shop_id: str, sales: tuple[Sale, ...]) -> None:
        """Add many bills together without numbers, or raise AlreadyExists and add none."""
        ...

    def hold(self, shop_id: str, sale_id: str) -> Sale:
        """Return a bill that no other writer changes until the unit of work ends, or raise NotFound."""
        ...

    def set_state(self, shop_id: str, sale_id: str, state: SaleState) -> None:
        """Note how a bill stands."""
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

    def entries_of_bills(self, shop_id: str, entry_ids: tuple[str, ...]) -> frozenset[str]:
        """Return which entries of khatas were made by bills and returns, so that no money came in with them."""
        ...

    def list(
        self,
        shop_id: str,
        limit: int,
        after: str | None,
        start: date | None = None,
        end: date | None = None,
        payment: BillPayment | None = None,
        customer_id: str | None = None,
        state: SaleState | None = None,
    ) -> Page[Sale]:
        """Return bills, the newest entered first: of some days, a way of payment, a customer or a state where given.

        A bill paid in parts is found by each of its ways of payment, and by `split`.
        """
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
