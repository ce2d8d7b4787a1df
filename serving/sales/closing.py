"""The closing of a day: what was taken by kind of payment, and what should be in the drawer."""

from collections import Counter
from datetime import date

from serving.errors import InvalidInput
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, local_day
from serving.ports.sales import SalesStore
from serving.ports.udhaar import UdhaarStore
from serving.sales.schemas import DayClosing

_PAGE = 200
_ENTRIES = 5_000
"""Entries of the khatas that a day is looked for in, the newest first."""
_RETURN = "return of bill "


class ClosingService:
    """Closes days."""

    def __init__(self, sales: SalesStore, udhaar: UdhaarStore, accounts: AccountStore, clock: Clock) -> None:
        self._sales = sales
        self._udhaar = udhaar
        self._accounts = accounts
        self._clock = clock

    def close(
        self, shop_id: str, on: date | None, opening_paise: int, counted_paise: int | None
    ) -> DayClosing:
        """Sum a day up, today where none is given."""
        zone = self._accounts.shop(shop_id).zone
        today = local_day(self._clock.now(), zone)
        day = on or today
        if day > today:
            raise InvalidInput(f"{day} is not over; today is {today}", field="on")
        sold: Counter[str] = Counter()
        returned: Counter[str] = Counter()
        bills = returns = 0
        after: str | None = None
        while True:
            page = self._sales.list(shop_id, _PAGE, after, day, day)
            for sale in page.rows:
                (returned if sale.returns else sold)[sale.payment] += sale.total_paise
                bills, returns = bills + (not sale.returns), returns + bool(sale.returns)
            if page.after is None:
                break
            after = page.after
        collected = self._collected(shop_id, day, zone)
        expected = opening_paise + sold["cash"] + returned["cash"] + collected
        return DayClosing(
            on=day,
            bills=bills,
            returns=returns,
            sold=dict(sold),
            returned=dict(returned),
            udhaar_given_paise=sold["udhaar"] + returned["udhaar"],
            udhaar_collected_paise=collected,
            opening_paise=opening_paise,
            expected_cash_paise=expected,
            counted_paise=counted_paise,
            difference_paise=None if counted_paise is None else counted_paise - expected,
        )

    def _collected(self, shop_id: str, day: date, zone: str) -> int:
        """Sum what customers paid on a day; a return on udhaar is written as a payment and brings no money."""
        return sum(
            -entry.amount_paise if entry.amount_paise < 0 else entry.amount_paise
            for entry in self._udhaar.shop_entries(shop_id, _ENTRIES)
            if entry.kind == "payment"
            and local_day(entry.at, zone) == day
            and not entry.note.startswith(_RETURN)
        )
