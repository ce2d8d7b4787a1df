"""The closing of a day: what was taken by payment method, what should be in the drawer, and what was counted."""

from collections import Counter
from datetime import date, timedelta

from serving.errors import InvalidInput
from serving.http.callers import Caller
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.closings import Closing, ClosingStore
from serving.ports.page import walk
from serving.ports.sales import SalesStore
from serving.ports.udhaar import UdhaarStore
from serving.sales.closing_schemas import CountedDrawer, DayClosing, DrawerCount

_PAGE = 200
_ENTRIES = 5_000
"""Entries of the khatas that a day is looked for in, the newest first."""
_MOST_DAYS = timedelta(days=366)


class ClosingService:
    """Closes days."""

    def __init__(
        self,
        sales: SalesStore,
        udhaar: UdhaarStore,
        closings: ClosingStore,
        accounts: AccountStore,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._udhaar = udhaar
        self._closings = closings
        self._accounts = accounts
        self._clock = clock

    def close(
        self, shop_id: str, on: date | None, opening_paise: int | None, counted_paise: int | None
    ) -> DayClosing:
        """Sum a day up, today where none is given, beside what was counted on it."""
        day, zone = self._day(shop_id, on)
        kept = self._closings.of_days(shop_id, day, day)
        last = kept[-1] if kept else None
        opening = (last.opening_paise if last else 0) if opening_paise is None else opening_paise
        counted = (last.counted_paise if last else None) if counted_paise is None else counted_paise
        sold, returned, counts = self._summed(shop_id, day)
        collected = self._collected(shop_id, day, zone)
        expected = opening + sold["cash"] + returned["cash"] + collected
        return DayClosing(
            on=day,
            bills=counts["bill"],
            returns=counts["return"],
            cancelled=counts["cancelled"],
            sold=dict(sold),
            returned=dict(returned),
            udhaar_given_paise=sold["udhaar"] + returned["udhaar"],
            udhaar_collected_paise=collected,
            opening_paise=opening,
            expected_cash_paise=expected,
            counted_paise=counted,
            difference_paise=None if counted is None else counted - expected,
            closings=self._cards(shop_id, kept),
        )

    def keep(self, caller: Caller, body: DrawerCount) -> CountedDrawer:
        """Keep what was counted, with what should have been there at this moment."""
        found = self.close(caller.shop_id, body.on, body.opening_paise, body.counted_paise)
        now = self._clock.now()
        closing = Closing(
            closing_id=body.closing_id or new_id(now),
            on=found.on,
            opening_paise=body.opening_paise,
            expected_paise=found.expected_cash_paise,
            counted_paise=body.counted_paise,
            actor=caller.user_id,
            at=now,
            note=body.note,
        )
        self._closings.add(caller.shop_id, closing)
        return self._cards(caller.shop_id, (closing,))[0]

    def kept(self, shop_id: str, start: date, end: date) -> list[CountedDrawer]:
        """Return what was counted on some days."""
        if not timedelta() <= end - start <= _MOST_DAYS:
            raise InvalidInput(f"'end' {end} is not within a year from 'start' {start}", field="end")
        return self._cards(shop_id, self._closings.of_days(shop_id, start, end))

    def _day(self, shop_id: str, on: date | None) -> tuple[date, str]:
        """Return the day and the shop's zone; a day that has not come cannot be closed."""
        zone = self._accounts.shop(shop_id).zone
        today = local_day(self._clock.now(), zone)
        if on is not None and on > today:
            raise InvalidInput(f"{on} is not over; today is {today}", field="on")
        return on or today, zone

    def _summed(self, shop_id: str, day: date) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """Sum bills and returns up by payment method, and count them; cancelled bills are only counted."""
        sold: Counter[str] = Counter()
        returned: Counter[str] = Counter()
        counts: Counter[str] = Counter()
        for sale in walk(lambda after: self._sales.list(shop_id, _PAGE, after, day, day)):
            if sale.state in ("cancelled", "cancellation"):
                counts[sale.state] += 1
                continue
            counts["return" if sale.returns else "bill"] += 1
            for kind, paise in sale.paid.items():
                (returned if sale.returns else sold)[kind] += paise
        return sold, returned, counts

    def _collected(self, shop_id: str, day: date, zone: str) -> int:
        """Sum what customers paid on a day, less payments that were reversed on it.

        A return on udhaar is written as a payment and brings no money in.
        """
        of_day = [
            entry
            for entry in self._udhaar.shop_entries(shop_id, _ENTRIES)
            if entry.kind in ("payment", "reversal") and local_day(entry.at, zone) == day
        ]
        reversed_ids = tuple(entry.reverses for entry in of_day if entry.reverses is not None)
        taken_back = {entry.entry_id: entry for entry in self._udhaar.some_entries(shop_id, reversed_ids)}
        payments = [(1, entry) for entry in of_day if entry.kind == "payment"]
        payments += [(-1, entry) for entry in taken_back.values() if entry.kind == "payment"]
        no_money = self._sales.entries_of_bills(shop_id, tuple(entry.entry_id for _, entry in payments))
        return sum(sign * entry.amount_paise for sign, entry in payments if entry.entry_id not in no_money)

    def _cards(self, shop_id: str, closings: tuple[Closing, ...]) -> list[CountedDrawer]:
        """Show counts with the names of those who counted."""
        names = self._accounts.names(shop_id, tuple({closing.actor for closing in closings}))
        return [
            CountedDrawer(
                closing_id=closing.closing_id,
                on=closing.on,
                opening_paise=closing.opening_paise,
                expected_paise=closing.expected_paise,
                counted_paise=closing.counted_paise,
                difference_paise=closing.counted_paise - closing.expected_paise,
                at=closing.at,
                counted_by=closing.actor,
                counted_by_name=names.get(closing.actor),
                note=closing.note,
            )
            for closing in closings
        ]
