"""Customers and udhaar entries on DynamoDB: keys `shopId` and `customerId`, index OverdueIndex on `dueDate`.

One partition a shop. A customer's row has the customer's id as sort key; all else sorts before any id, because
it starts with '#', which no id does:

- `#c#<customer>#<entry>`        an entry in its khata
- `#e#<entry>`                   the same entry by its id, for the whole shop
- `#k#<customer>#<at>#<entry>`   a credit by its time, without those reversed: what the oldest due is found in
- `#r#<entry>`                   the entry was reversed: a second reversal meets this row
- `#n#<customer>#<event>`        a promise, reminder, pause, dispute or closing
- `#m#<event>`                   the same event by its id, for the whole shop
- `#o#<event>`                   the event was closed: a second closing meets this row

A customer's `version` counts its entries: it is the sequence of the last one in the chain, `headHash` its hash.
"""

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from heapq import merge
from typing import Any

from samaan_ml.domain.customer_events import CustomerEvent
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.khata import ChainLink, genesis_hash, link
from samaan_ml.domain.ledger import (
    LedgerEntry,
    check_reversal,
    check_write_off,
    effect_paise,
    reversal_of,
)
from serving.adapters.dynamodb.table import DynamoTable, Refused, Row, check_not_taken_back, names_of
from serving.errors import (
    AlreadyExists,
    Conflict,
    IdReused,
    LimitExceeded,
    NotFound,
    RequestError,
    StoreUnavailable,
)
from serving.ports.changes import ChangeKind
from serving.ports.page import Page
from serving.ports.transactions import on_failure
from serving.ports.udhaar import Customer, Span, check_same_entry, check_same_event

_NEW = "attribute_not_exists(customerId)"
_TRIES = 60
_ENTRY_PLACE = 1
"""Where the entry by its id stands among the writes of a transaction."""
_ENTRY = {
    "entry_id": "entryId",
    "kind": "kind",
    "amount_paise": "amountPaise",
    "at": "at",
    "due_on": "dueOn",
    "reverses": "reverses",
    "reason": "reason",
    "actor": "actor",
    "note": "note",
}
_EVENT = {
    "event_id": "eventId",
    "kind": "kind",
    "at": "at",
    "amount_paise": "amountPaise",
    "start_on": "startOn",
    "until_on": "untilOn",
    "about": "about",
    "text": "text",
    "actor": "actor",
}
_CUSTOMER = names_of(Customer, oldest_due_on="dueDate")


_PHONE_PAGE = 500


class DynamoUdhaarStore:
    """Keeps entries as rows of their own; customer and entry change in one transaction, on the version read.

    Parameters
    ----------
    table : DynamoTable
        The table Udhaar.
    """

    def __init__(self, table: DynamoTable) -> None:
        self._table = table

    def add_customer(self, shop_id: str, customer: Customer) -> None:
        """Add a customer without entries."""
        row = {theirs: getattr(customer, ours) for ours, theirs in _CUSTOMER.items()}
        row |= {"shopId": shop_id, "balancePaise": 0, "dueDate": None, "version": 0}
        try:
            told = self._told(shop_id, customer.customer_id)
            self._table.write([self._table.putting(row, _NEW), told])
        except Refused:
            raise AlreadyExists(
                f"customer '{customer.customer_id}' is there already", field="customer_id"
            ) from None

    def _told(self, shop_id: str, customer_id: str) -> Row:
        """Describe what the feed of changes hears of a customer's own fields."""
        return self._table.noting("customerId", shop_id, ("customer", customer_id), ("balance", customer_id))

    def some_customers(self, shop_id: str, customer_ids: tuple[str, ...]) -> tuple[Customer, ...]:
        """Return those that are there."""
        rows = (
            self._table.get({"shopId": shop_id, "customerId": each}) for each in sorted(set(customer_ids))
        )
        return tuple(_customer(row) for row in rows if row is not None and "version" in row)

    def with_phone(self, shop_id: str, phones: tuple[str, ...]) -> Customer | None:
        """Look through the customers; the table has no index on phones."""
        after: str | None = None
        while True:
            page = self.customers(shop_id, _PHONE_PAGE, after)
            found = next((each for each in page.rows if each.phone in phones), None)
            if found is not None or page.after is None:
                return found
            after = page.after

    def some_entries(self, shop_id: str, entry_ids: tuple[str, ...]) -> tuple[LedgerEntry, ...]:
        """Return those that are there."""
        keys = ({"shopId": shop_id, "customerId": f"#e#{each}"} for each in sorted(set(entry_ids)))
        rows = (self._table.get(key) for key in keys)
        return tuple(_entry(row) for row in rows if row is not None)

    def customer(self, shop_id: str, customer_id: str) -> Customer:
        """Return a customer."""
        return _customer(self._row(shop_id, customer_id))

    def _row(self, shop_id: str, customer_id: str) -> Row:
        """Return a customer's row."""
        row = self._table.get({"shopId": shop_id, "customerId": customer_id})
        if row is None or "version" not in row:
            raise NotFound(f"no customer '{customer_id}'", field="customer_id")
        return row

    def change_customer(self, shop_id: str, customer: Customer) -> None:
        """Replace the customer's own fields."""
        own = {"name": "name", "phone": "phone", "limit_paise": "limitPaise"}
        own |= {"credit_days": "creditDays", "reminders": "reminders"}
        values = {theirs: getattr(customer, ours) for ours, theirs in own.items()}
        sets = [f"#{name} = :{name}" for name, value in values.items() if value is not None]
        gone = [f"#{name}" for name, value in values.items() if value is None]
        expression = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(gone)}" if gone else "")
        change = self._table.updating(
            {"shopId": shop_id, "customerId": customer.customer_id},
            expression,
            {f":{name}": value for name, value in values.items() if value is not None},
            "attribute_exists(version)",
            {f"#{name}": name for name in values},
        )
        try:
            self._table.write([change, self._told(shop_id, customer.customer_id)])
        except Refused:
            raise NotFound(f"no customer '{customer.customer_id}'", field="customer_id") from None

    def customers(self, shop_id: str, limit: int, after: str | None) -> Page[Customer]:
        """Return customers in order of id."""
        rows = self._table.query(
            "shopId = :shop AND customerId > :after",
            {":shop": shop_id, ":after": after or "$"},
            limit=limit + 1,
        )
        found = [_customer(row) for _, row in zip(range(limit + 1), rows, strict=False)]
        return Page(tuple(found[:limit]), found[limit - 1].customer_id if len(found) > limit else None)

    def overdue(self, shop_id: str, before: date, limit: int, after: str | None) -> Page[Customer]:
        """Return the overdue by the index; of one due day, in order of id."""
        since = after.partition("/")[0] if after else "0000-00-00"
        rows = self._table.query(
            "shopId = :shop AND dueDate BETWEEN :since AND :last",
            {":shop": shop_id, ":since": since, ":last": before},
            index="OverdueIndex",
        )
        ordered = sorted(
            (_customer(row) for row in rows), key=lambda c: (c.oldest_due_on or date.max, c.customer_id)
        )
        late = [c for c in ordered if c.oldest_due_on is not None and c.oldest_due_on < before]
        left = [c for c in late if after is None or f"{c.oldest_due_on}/{c.customer_id}" > after]
        last = left[limit - 1] if len(left) > limit else None
        return Page(tuple(left[:limit]), f"{last.oldest_due_on}/{last.customer_id}" if last else None)

    def append(self, entry: LedgerEntry, max_balance_paise: int | None = None) -> Customer:
        """Append an entry and update the projections; reversed where the rest of its unit of work is refused."""
        on_failure(lambda: self._take_back(entry))
        return self._append(entry, max_balance_paise)

    def _take_back(self, entry: LedgerEntry) -> None:
        """Cancel an entry by a further one, for others may be chained to it by now; done twice, it changes nothing."""
        stored = self._table.get({"shopId": entry.shop_id, "customerId": f"#e#{entry.entry_id}"})
        if stored is None:
            return
        try:
            check_same_entry(entry, _entry(stored))
        except IdReused:
            return  # another entry's id: it is not ours to reverse
        back_id = f"{entry.entry_id}-r"
        if entry.kind == "reversal":
            self._append(replace(self.entry(entry.shop_id, str(entry.reverses)), entry_id=back_id))
            return
        with suppress(Conflict):  # somebody reversed it already
            self._append(
                reversal_of(entry, entry_id=back_id, at=entry.at, reason="undone", actor=entry.actor)
            )

    def _append(self, entry: LedgerEntry, max_balance_paise: int | None = None) -> Customer:
        """Append an entry, again on the new version where another writer came first."""
        for attempt in range(_TRIES):
            row = self._row(entry.shop_id, entry.customer_id)
            try:
                target, balance = self._allowed(entry, row, max_balance_paise)
            except (RuleError, RequestError):
                # What is stored already was allowed when it was written, and stands.
                if self._table.get({"shopId": entry.shop_id, "customerId": f"#e#{entry.entry_id}"}) is None:
                    raise
                self._check_standing(entry)
                return _customer(row)
            oldest = _oldest_due(self._newest_credits(entry, target), balance)
            try:
                self._table.write(self._writes(entry, target, balance, oldest, row))
            except Refused as refused:
                if _ENTRY_PLACE in refused.places:
                    self._check_standing(entry)
                    return self.customer(entry.shop_id, entry.customer_id)
                # Who lost the race steps back for a moment, the longer the more often it lost.
                time.sleep(random.random() * min(0.01 * 2**attempt, 0.25))
                continue
            return replace(_customer(row), balance_paise=balance, oldest_due_on=oldest)
        raise StoreUnavailable("too many writers at once")

    def _check_standing(self, entry: LedgerEntry) -> None:
        """Refuse to go on with an entry that was reversed, or whose id another one has."""
        check_same_entry(entry, self.entry(entry.shop_id, entry.entry_id))
        check_not_taken_back(self._table, {"shopId": entry.shop_id, "customerId": f"#e#{entry.entry_id}-r"})

    def _allowed(
        self, entry: LedgerEntry, row: Row, max_balance_paise: int | None
    ) -> tuple[LedgerEntry | None, int]:
        """Return the entry that is reversed, if one is, and the balance after; raise where it is not allowed."""
        target = self._target(entry)
        effect = effect_paise(entry, target)
        balance = int(row["balancePaise"]) + effect
        if entry.kind == "write_off":
            check_write_off(entry, row["balancePaise"])
        if max_balance_paise is not None and effect > 0 and balance > max_balance_paise:
            raise LimitExceeded(
                f"the balance would be {balance} paise, the limit is {max_balance_paise}",
                hint="take a part in cash, or ask the owner to raise the limit",
            )
        return target, balance

    def _target(self, entry: LedgerEntry) -> LedgerEntry | None:
        """Return the entry that a reversal undoes, after the ledger's checks."""
        if entry.kind != "reversal":
            return None
        target = self.entry(entry.shop_id, str(entry.reverses))
        if target.customer_id != entry.customer_id:
            raise NotFound(f"no entry '{entry.reverses}' in this khata", field="reverses")
        if self._table.get({"shopId": entry.shop_id, "customerId": f"#r#{target.entry_id}"}) is not None:
            raise Conflict(f"entry '{target.entry_id}' is already reversed", field="reverses")
        check_reversal(entry, target, already_reversed=False)
        return target

    def _newest_credits(self, entry: LedgerEntry, target: LedgerEntry | None) -> Iterator[tuple[int, date]]:
        """Yield amount and due day of the credits that stand after the entry, the newest first."""
        prefix = f"#k#{entry.customer_id}#"
        rows = self._table.query(
            "shopId = :shop AND begins_with(customerId, :prefix)",
            {":shop": entry.shop_id, ":prefix": prefix},
            newest_first=True,
            limit=50,
        )
        stored = ((row["customerId"], row["amountPaise"], _day(row["dueOn"])) for row in rows)
        due_on = entry.due_on or entry.day()
        own = [(_credit_key(entry), entry.amount_paise, due_on)] if entry.kind == "credit" else []
        gone = _credit_key(target) if target is not None else None
        for key, amount, due in merge(stored, own, key=lambda row: row[0], reverse=True):
            if key != gone:
                yield amount, due

    def _writes(
        self, entry: LedgerEntry, target: LedgerEntry | None, balance: int, oldest: date | None, before: Row
    ) -> list[Row]:
        """Describe the transaction that appends an entry."""
        shop = {"shopId": entry.shop_id}
        version = before["version"]
        chained = link(entry, ChainLink(version, "", before["headHash"]) if version else None)
        row = {theirs: getattr(entry, ours) for ours, theirs in _ENTRY.items()} | {"of": entry.customer_id}
        row |= {"sequence": chained.sequence, "entryHash": chained.entry_hash}
        change = "SET balancePaise = :balance, version = :next, headHash = :head" + (
            ", dueDate = :due" if oldest else " REMOVE dueDate"
        )
        values = {":balance": balance, ":next": chained.sequence, ":head": chained.entry_hash}
        values |= {":due": oldest, ":version": version}
        writes = [
            self._table.updating(
                shop | {"customerId": entry.customer_id}, change, values, "version = :version"
            ),
            self._table.putting(shop | {"customerId": f"#e#{entry.entry_id}"} | row, _NEW),
            self._table.putting(
                shop | {"customerId": f"#c#{entry.customer_id}#{entry.entry_id}"} | row, _NEW
            ),
        ]
        if entry.kind == "credit":
            due_on = entry.due_on or entry.day()
            credit = {"customerId": _credit_key(entry), "amountPaise": entry.amount_paise, "dueOn": due_on}
            writes.append(self._table.putting(shop | credit))
        if target is not None:
            marker = {"customerId": f"#r#{target.entry_id}", "reversedBy": entry.entry_id}
            writes.append(self._table.putting(shop | marker, _NEW))
            if target.kind == "credit":
                writes.append(self._table.deleting(shop | {"customerId": _credit_key(target)}))
        told: tuple[tuple[ChangeKind, str], ...] = (
            ("entry", entry.entry_id),
            ("balance", entry.customer_id),
        )
        writes.append(self._table.noting("customerId", entry.shop_id, *told))
        return writes

    def entry(self, shop_id: str, entry_id: str) -> LedgerEntry:
        """Return an entry."""
        row = self._table.get({"shopId": shop_id, "customerId": f"#e#{entry_id}"})
        if row is None:
            raise NotFound(f"no entry '{entry_id}'", field="entry_id")
        return _entry(row)

    def entries(self, shop_id: str, customer_id: str) -> tuple[LedgerEntry, ...]:
        """Return all entries of a customer, the oldest first."""
        rows = self._table.query(
            "shopId = :shop AND begins_with(customerId, :prefix)",
            {":shop": shop_id, ":prefix": f"#c#{customer_id}#"},
        )
        return tuple(sorted((_entry(row) for row in rows), key=lambda e: (e.at, e.entry_id)))

    def khata(self, shop_id: str, customer_id: str) -> tuple[tuple[LedgerEntry, ChainLink], ...]:
        """Return a customer's entries in the order of acceptance with their links."""
        found = self._table.query(
            "shopId = :shop AND begins_with(customerId, :prefix)",
            {":shop": shop_id, ":prefix": f"#c#{customer_id}#"},
        )
        rows = sorted(found, key=lambda row: int(row["sequence"]))
        before = [genesis_hash(shop_id, customer_id), *(row["entryHash"] for row in rows)]
        return tuple(
            (_entry(row), ChainLink(row["sequence"], hash_before, row["entryHash"]))
            for row, hash_before in zip(rows, before, strict=False)
        )

    def list_entries(
        self, shop_id: str, customer_id: str, limit: int, after: str | None, within: Span | None = None
    ) -> Page[LedgerEntry]:
        """Return a customer's entries in the order entered, the newest first."""
        rows = self._table.query(
            "shopId = :shop AND begins_with(customerId, :prefix)",
            {":shop": shop_id, ":prefix": f"#c#{customer_id}#"},
        )
        before = int(after) if after is not None and after.isdecimal() else None
        wanted = [row for row in rows if before is None or row["sequence"] < before]
        found = sorted(wanted, key=lambda row: int(row["sequence"]), reverse=True)
        if within is not None:
            found = [row for row in found if within.holds(datetime.fromisoformat(row["at"]))]
        more = len(found) > limit
        page = tuple(_entry(row) for row in found[:limit])
        return Page(page, str(found[limit - 1]["sequence"]) if more else None)

    def shop_entries(self, shop_id: str, limit: int) -> tuple[LedgerEntry, ...]:
        """Return the shop's newest entries."""
        rows = self._table.query(
            "shopId = :shop AND begins_with(customerId, :prefix)",
            {":shop": shop_id, ":prefix": "#e#"},
            newest_first=True,
            limit=min(limit, 1_000),
        )
        return tuple(_entry(row) for _, row in zip(range(limit), rows, strict=False))[::-1]

    def record(self, shop_id: str, event: CustomerEvent) -> None:
        """Keep an event."""
        self._row(shop_id, event.customer_id)
        shop = {"shopId": shop_id}
        row = {theirs: getattr(event, ours) for ours, theirs in _EVENT.items()} | {"of": event.customer_id}
        keys = [f"#m#{event.event_id}", f"#n#{event.customer_id}#{event.event_id}"]
        keys += [f"#o#{event.about}"] if event.kind == "closing" else []
        try:
            self._table.write([self._table.putting(shop | {"customerId": key} | row, _NEW) for key in keys])
        except Refused:
            if self._table.get(shop | {"customerId": f"#m#{event.event_id}"}) is None:
                raise Conflict(f"'{event.about}' is closed already", field="event_id") from None
            check_same_event(event, self.event(shop_id, event.event_id))

    def event(self, shop_id: str, event_id: str) -> CustomerEvent:
        """Return an event."""
        row = self._table.get({"shopId": shop_id, "customerId": f"#m#{event_id}"})
        if row is None:
            raise NotFound(f"no event '{event_id}'", field="event_id")
        return _event(row)

    def events(self, shop_id: str, customer_id: str) -> tuple[CustomerEvent, ...]:
        """Return all events of a customer, the oldest first."""
        rows = self._table.query(
            "shopId = :shop AND begins_with(customerId, :prefix)",
            {":shop": shop_id, ":prefix": f"#n#{customer_id}#"},
        )
        return tuple(_event(row) for row in rows)

    def shop_events(self, shop_id: str, limit: int) -> tuple[CustomerEvent, ...]:
        """Return the shop's newest events."""
        rows = self._table.query(
            "shopId = :shop AND begins_with(customerId, :prefix)",
            {":shop": shop_id, ":prefix": "#m#"},
            newest_first=True,
            limit=limit,
        )
        return tuple(_event(row) for _, row in zip(range(limit), rows, strict=False))[::-1]

    def rebuild(self, shop_id: str) -> int:
        """Recount every customer from the entries."""
        differed = 0
        rows = self._table.query("shopId = :shop AND customerId > :after", {":shop": shop_id, ":after": "$"})
        for row in list(rows):
            entries = self.entries(shop_id, row["customerId"])
            by_id = {entry.entry_id: entry for entry in entries}
            reversed_ = {entry.reverses for entry in entries if entry.reverses}
            balance = sum(effect_paise(entry, by_id.get(entry.reverses or "")) for entry in entries)
            given = (e for e in entries[::-1] if e.kind == "credit" and e.entry_id not in reversed_)
            oldest = _oldest_due(((e.amount_paise, e.due_on or e.day()) for e in given), balance)
            before = _customer(row)
            if (before.balance_paise, before.oldest_due_on) != (balance, oldest):
                change = "SET balancePaise = :balance" + (", dueDate = :due" if oldest else " REMOVE dueDate")
                values = {":balance": balance, ":due": oldest, ":version": row["version"]}
                key = {"shopId": shop_id, "customerId": row["customerId"]}
                told = self._told(shop_id, row["customerId"])
                self._table.write([self._table.updating(key, change, values, "version = :version"), told])
                differed += 1
        return differed


def _credit_key(entry: LedgerEntry) -> str:
    """Return the sort key of a credit by its time."""
    return f"#k#{entry.customer_id}#{entry.at:%Y-%m-%dT%H:%M:%S.%f}#{entry.entry_id}"


def _customer(row: Row) -> Customer:
    """Turn a row into a customer."""
    values: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in _CUSTOMER.items()}
    values["created_at"] = datetime.fromisoformat(row["createdAt"])
    values["oldest_due_on"] = _day(row["dueDate"]) if "dueDate" in row else None
    return Customer(**values)


def _entry(row: Row) -> LedgerEntry:
    """Turn a row into an entry."""
    values: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in _ENTRY.items()}
    values["at"] = datetime.fromisoformat(row["at"])
    values["due_on"] = _day(row["dueOn"]) if "dueOn" in row else None
    return LedgerEntry(shop_id=row["shopId"], customer_id=row["of"], **values)


def _event(row: Row) -> CustomerEvent:
    """Turn a row into an event."""
    values: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in _EVENT.items()}
    values["at"] = datetime.fromisoformat(row["at"])
    for name in ("start_on", "until_on"):
        values[name] = None if values[name] is None else _day(values[name])
    return CustomerEvent(customer_id=row["of"], **values)


def _day(text: str) -> date:
    """Read a day."""
    return date.fromisoformat(text)


def _oldest_due(newest_credits: Iterator[tuple[int, date]], balance_paise: int) -> date | None:
    """Return the earliest due day among the newest credits that together reach the balance."""
    oldest: date | None = None
    covered = 0
    while covered < balance_paise:
        amount, due_on = next(newest_credits)
        covered += amount
        oldest = due_on if oldest is None else min(oldest, due_on)
    return oldest
