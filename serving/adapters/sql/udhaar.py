"""Customers and udhaar entries in SQL."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from samaan_ml.domain.customer_events import CustomerEvent
from samaan_ml.domain.khata import ChainLink, genesis_hash, link
from samaan_ml.domain.ledger import LedgerEntry, check_reversal, check_write_off, effect_paise
from serving.adapters.sql.database import IN_CHUNK, Database
from serving.adapters.sql.schema import customer_events as events_table
from serving.adapters.sql.schema import customers
from serving.adapters.sql.schema import udhaar_entries as entries_table
from serving.errors import AlreadyExists, Conflict, LimitExceeded, NotFound
from serving.ports.page import Page
from serving.ports.udhaar import Customer, Span, check_same_entry, check_same_event

_SCAN = 50
"""Credits read at once while looking for the oldest open one; most customers have fewer open."""


class SqlUdhaarStore:
    """Keeps entries append-only; the balance is raised under the lock of its customer's row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_customer(self, shop_id: str, customer: Customer) -> None:
        """Add a customer without entries."""
        row = dataclasses.asdict(customer) | {"balance_paise": 0, "oldest_due_on": None}
        try:
            with self._database.writing() as db:
                db.execute(customers.insert().values(shop_id=shop_id, **row))
                self._database.note(shop_id, "customer", customer.customer_id)
                self._database.note(shop_id, "balance", customer.customer_id)
        except IntegrityError:
            raise AlreadyExists(
                f"customer '{customer.customer_id}' is there already", field="customer_id"
            ) from None

    def customer(self, shop_id: str, customer_id: str) -> Customer:
        """Return a customer."""
        with self._database.reading() as db:
            row = db.execute(sa.select(customers).where(_mine(shop_id, customer_id))).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no customer '{customer_id}'", field="customer_id")
        return _customer(row)

    def change_customer(self, shop_id: str, customer: Customer) -> None:
        """Replace the customer's own fields."""
        row = dataclasses.asdict(customer)
        for projected in ("balance_paise", "oldest_due_on", "created_at", "customer_id"):
            del row[projected]
        with self._database.writing() as db:
            if (
                db.execute(
                    customers.update().where(_mine(shop_id, customer.customer_id)).values(row)
                ).rowcount
                == 0
            ):
                raise NotFound(f"no customer '{customer.customer_id}'", field="customer_id")
            self._database.note(shop_id, "customer", customer.customer_id)

    def some_customers(self, shop_id: str, customer_ids: tuple[str, ...]) -> tuple[Customer, ...]:
        """Return those that are there."""
        c, ids = customers.c, sorted(set(customer_ids))
        found: list[Customer] = []
        with self._database.reading() as db:
            for start in range(0, len(ids), IN_CHUNK):
                chunk = ids[start : start + IN_CHUNK]
                query = sa.select(customers).where(c.shop_id == shop_id, c.customer_id.in_(chunk))
                found += [_customer(row) for row in db.execute(query.order_by(c.customer_id)).mappings()]
        return tuple(found)

    def with_phone(self, shop_id: str, phones: tuple[str, ...]) -> Customer | None:
        """Return the first by id."""
        c = customers.c
        query = sa.select(customers).where(c.shop_id == shop_id, c.phone.in_(phones)).order_by(c.customer_id)
        with self._database.reading() as db:
            row = db.execute(query.limit(1)).mappings().one_or_none()
        return None if row is None else _customer(row)

    def some_entries(self, shop_id: str, entry_ids: tuple[str, ...]) -> tuple[LedgerEntry, ...]:
        """Return those that are there."""
        e, ids = entries_table.c, sorted(set(entry_ids))
        found: list[LedgerEntry] = []
        with self._database.reading() as db:
            for start in range(0, len(ids), IN_CHUNK):
                chunk = ids[start : start + IN_CHUNK]
                query = sa.select(entries_table).where(e.shop_id == shop_id, e.entry_id.in_(chunk))
                found += [_entry(row) for row in db.execute(query.order_by(e.entry_id)).mappings()]
        return tuple(found)

    def customers(self, shop_id: str, limit: int, after: str | None) -> Page[Customer]:
        """Return customers in order of id."""
        c = customers.c
        query = sa.select(customers).where(c.shop_id == shop_id)
        if after is not None:
            query = query.where(c.customer_id > after)
        with self._database.reading() as db:
            found = db.execute(query.order_by(c.customer_id).limit(limit + 1)).mappings().all()
        rows = [_customer(row) for row in found]
        return Page(tuple(rows[:limit]), rows[limit - 1].customer_id if len(rows) > limit else None)

    def overdue(self, shop_id: str, before: date, limit: int, after: str | None) -> Page[Customer]:
        """Return the overdue by the index on the oldest due day."""
        c = customers.c
        query = sa.select(customers).where(c.shop_id == shop_id, c.oldest_due_on < before)
        if after is not None:
            day, _, customer_id = after.partition("/")
            since = _day(day)
            query = query.where(
                sa.or_(
                    c.oldest_due_on > since, sa.and_(c.oldest_due_on == since, c.customer_id > customer_id)
                )
            )
        with self._database.reading() as db:
            found = (
                db.execute(query.order_by(c.oldest_due_on, c.customer_id).limit(limit + 1)).mappings().all()
            )
        rows = [_customer(row) for row in found]
        if len(rows) <= limit:
            return Page(tuple(rows))
        last = rows[limit - 1]
        return Page(tuple(rows[:limit]), f"{last.oldest_due_on}/{last.customer_id}")

    def append(self, entry: LedgerEntry, max_balance_paise: int | None = None) -> Customer:
        """Append an entry and update the projections, all in one unit of work."""
        mine = _mine(entry.shop_id, entry.customer_id)
        with self._database.writing() as db:
            # An UPDATE first: it takes the row lock that orders all writers of this customer.
            lock = customers.update().where(mine).values(balance_paise=customers.c.balance_paise)
            before = db.execute(lock.returning(*customers.c)).mappings().one_or_none()
            if before is None:
                raise NotFound(f"no customer '{entry.customer_id}'", field="customer_id")
            effect = self._effect(db, entry, before["balance_paise"])
            chained = link(entry, _head(before))
            row = dataclasses.asdict(entry)
            row |= {"sequence": chained.sequence, "entry_hash": chained.entry_hash}
            if not self._database.insert_new(entries_table, row, "shop_id", "entry_id"):
                check_same_entry(entry, self.entry(entry.shop_id, entry.entry_id))
                return _customer(before)
            balance = before["balance_paise"] + effect
            if max_balance_paise is not None and effect > 0 and balance > max_balance_paise:
                raise LimitExceeded(
                    f"the balance would be {balance} paise, the limit is {max_balance_paise}",
                    hint="take a part in cash, or ask the owner to raise the limit",
                )
            oldest = _oldest_due(_newest_credits(db, entry.shop_id, entry.customer_id), balance)
            after = {
                "balance_paise": balance,
                "oldest_due_on": oldest,
                "entry_count": chained.sequence,
                "head_hash": chained.entry_hash,
            }
            db.execute(customers.update().where(mine).values(after))
            self._database.note(entry.shop_id, "entry", entry.entry_id)
            self._database.note(entry.shop_id, "balance", entry.customer_id)
            return _customer({**before, **after})

    def _effect(self, db: sa.Connection, entry: LedgerEntry, balance_paise: int) -> int:
        """Return what the entry adds to the balance, after the ledger's checks."""
        e = entries_table.c
        if entry.kind == "write_off":
            stored = sa.select(e.entry_id).where(e.shop_id == entry.shop_id, e.entry_id == entry.entry_id)
            if db.execute(stored).first() is None:
                check_write_off(entry, balance_paise)
        if entry.kind != "reversal":
            return effect_paise(entry)
        target = self.entry(entry.shop_id, str(entry.reverses))
        if target.customer_id != entry.customer_id:
            raise NotFound(f"no entry '{entry.reverses}' in this khata", field="reverses")
        query = sa.select(e.entry_id).where(e.shop_id == entry.shop_id, e.reverses == entry.reverses)
        before = db.execute(query).scalar_one_or_none()
        if before not in (None, entry.entry_id):
            raise Conflict(f"entry '{entry.reverses}' is already reversed", field="reverses")
        check_reversal(entry, target, already_reversed=False)
        return effect_paise(entry, target)

    def entry(self, shop_id: str, entry_id: str) -> LedgerEntry:
        """Return an entry."""
        e = entries_table.c
        query = sa.select(entries_table).where(e.shop_id == shop_id, e.entry_id == entry_id)
        with self._database.reading() as db:
            row = db.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no entry '{entry_id}'", field="entry_id")
        return _entry(row)

    def entries(self, shop_id: str, customer_id: str) -> tuple[LedgerEntry, ...]:
        """Return all entries of a customer, the oldest first."""
        e = entries_table.c
        query = sa.select(entries_table).where(e.shop_id == shop_id, e.customer_id == customer_id)
        with self._database.reading() as db:
            return tuple(_entry(row) for row in db.execute(query.order_by(e.at, e.entry_id)).mappings())

    def khata(self, shop_id: str, customer_id: str) -> tuple[tuple[LedgerEntry, ChainLink], ...]:
        """Return a customer's entries in the order of acceptance with their links."""
        e = entries_table.c
        query = sa.select(entries_table).where(e.shop_id == shop_id, e.customer_id == customer_id)
        with self._database.reading() as db:
            rows = db.execute(query.order_by(e.sequence)).mappings().all()
        before = [genesis_hash(shop_id, customer_id), *(row["entry_hash"] for row in rows)]
        return tuple(
            (_entry(row), ChainLink(row["sequence"], hash_before, row["entry_hash"]))
            for row, hash_before in zip(rows, before, strict=False)
        )

    def list_entries(
        self, shop_id: str, customer_id: str, limit: int, after: str | None, within: Span | None = None
    ) -> Page[LedgerEntry]:
        """Return a customer's entries in the order entered, the newest first."""
        e = entries_table.c
        query = sa.select(entries_table).where(e.shop_id == shop_id, e.customer_id == customer_id)
        if after is not None:
            query = query.where(e.sequence < _sequence(after))
        if within is not None and within.start is not None:
            query = query.where(e.at >= within.start)
        if within is not None and within.end is not None:
            query = query.where(e.at < within.end)
        with self._database.reading() as db:
            found = db.execute(query.order_by(e.sequence.desc()).limit(limit + 1)).mappings().all()
        rows = tuple(_entry(row) for row in found[:limit])
        return Page(rows, str(found[limit - 1]["sequence"]) if len(found) > limit else None)

    def shop_entries(self, shop_id: str, limit: int) -> tuple[LedgerEntry, ...]:
        """Return the shop's newest entries."""
        e = entries_table.c
        query = sa.select(entries_table).where(e.shop_id == shop_id).order_by(e.entry_id.desc()).limit(limit)
        with self._database.reading() as db:
            return tuple(_entry(row) for row in db.execute(query).mappings())[::-1]

    def record(self, shop_id: str, event: CustomerEvent) -> None:
        """Keep an event."""
        closes = event.about if event.kind == "closing" else None
        row = dataclasses.asdict(event) | {"shop_id": shop_id, "closes": closes}
        with self._database.writing() as db:
            self.customer(shop_id, event.customer_id)
            e = events_table.c
            if closes is not None:
                query = sa.select(e.event_id).where(e.shop_id == shop_id, e.closes == closes)
                if db.execute(query).scalar_one_or_none() not in (None, event.event_id):
                    raise Conflict(f"'{closes}' is closed already", field="event_id")
            if not self._database.insert_new(events_table, row, "shop_id", "event_id"):
                check_same_event(event, self.event(shop_id, event.event_id))

    def event(self, shop_id: str, event_id: str) -> CustomerEvent:
        """Return an event."""
        e = events_table.c
        query = sa.select(events_table).where(e.shop_id == shop_id, e.event_id == event_id)
        with self._database.reading() as db:
            row = db.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no event '{event_id}'", field="event_id")
        return _event(row)

    def events(self, shop_id: str, customer_id: str) -> tuple[CustomerEvent, ...]:
        """Return all events of a customer, the oldest first."""
        e = events_table.c
        query = sa.select(events_table).where(e.shop_id == shop_id, e.customer_id == customer_id)
        with self._database.reading() as db:
            return tuple(_event(row) for row in db.execute(query.order_by(e.event_id)).mappings())

    def shop_events(self, shop_id: str, limit: int) -> tuple[CustomerEvent, ...]:
        """Return the shop's newest events."""
        e = events_table.c
        query = sa.select(events_table).where(e.shop_id == shop_id).order_by(e.event_id.desc()).limit(limit)
        with self._database.reading() as db:
            return tuple(_event(row) for row in db.execute(query).mappings())[::-1]

    def rebuild(self, shop_id: str) -> int:
        """Recount every customer from the entries."""
        differed = 0
        with self._database.writing() as db:
            ids = (
                db.execute(sa.select(customers.c.customer_id).where(customers.c.shop_id == shop_id))
                .scalars()
                .all()
            )
            for customer_id in ids:
                entries = self.entries(shop_id, customer_id)
                by_id = {entry.entry_id: entry for entry in entries}
                balance = sum(effect_paise(entry, by_id.get(entry.reverses or "")) for entry in entries)
                oldest = _oldest_due(_newest_credits(db, shop_id, customer_id), balance)
                projected = {"balance_paise": balance, "oldest_due_on": oldest} | _last_link(
                    db, shop_id, customer_id
                )
                mine = _mine(shop_id, customer_id)
                before = db.execute(sa.select(customers).where(mine)).mappings().one()
                if any(before[name] != value for name, value in projected.items()):
                    db.execute(customers.update().where(mine).values(projected))
                    self._database.note(shop_id, "balance", customer_id)
                    differed += 1
        return differed


def _mine(shop_id: str, customer_id: str) -> sa.ColumnElement[bool]:
    """Match one customer of one shop."""
    return sa.and_(customers.c.shop_id == shop_id, customers.c.customer_id == customer_id)


def _customer(row: Mapping[Any, Any]) -> Customer:
    """Turn a row into a customer."""
    return Customer(**{field.name: row[field.name] for field in dataclasses.fields(Customer)})


def _entry(row: Mapping[Any, Any]) -> LedgerEntry:
    """Turn a row into an entry."""
    return LedgerEntry(**{field.name: row[field.name] for field in dataclasses.fields(LedgerEntry)})


def _event(row: Mapping[Any, Any]) -> CustomerEvent:
    """Turn a row into an event."""
    return CustomerEvent(**{field.name: row[field.name] for field in dataclasses.fields(CustomerEvent)})


def _head(row: Mapping[Any, Any]) -> ChainLink | None:
    """Return the last link of a customer's chain; what came before it is not needed to go on."""
    return ChainLink(row["entry_count"], "", row["head_hash"]) if row["entry_count"] else None


def _last_link(db: sa.Connection, shop_id: str, customer_id: str) -> dict[str, Any]:
    """Return the head of a customer's chain as the entries have it; nothing where there is no entry."""
    e = entries_table.c
    query = sa.select(e.sequence, e.entry_hash).where(e.shop_id == shop_id, e.customer_id == customer_id)
    last = db.execute(query.order_by(e.sequence.desc()).limit(1)).one_or_none()
    return {} if last is None else {"entry_count": last.sequence, "head_hash": last.entry_hash}


def _newest_credits(db: sa.Connection, shop_id: str, customer_id: str) -> Iterator[tuple[int, date]]:
    """Yield amount and due day of the credits that stand, the newest first, a few at a time."""
    e = entries_table.c
    later = entries_table.alias()
    reversed_ = sa.exists().where(later.c.shop_id == e.shop_id, later.c.reverses == e.entry_id)
    query = (
        sa.select(e.amount_paise, e.due_on)
        .where(e.shop_id == shop_id, e.customer_id == customer_id, e.kind == "credit", ~reversed_)
        .order_by(e.at.desc(), e.entry_id.desc())
    )
    offset = 0
    while rows := db.execute(query.limit(_SCAN).offset(offset)).all():
        yield from ((row.amount_paise, row.due_on) for row in rows)
        offset += _SCAN


def _oldest_due(newest_credits: Iterator[tuple[int, date]], balance_paise: int) -> date | None:
    """Return the earliest due day among the credits still open.

    Payments settle the oldest credit first, so what is owed always lies in the newest credits: those whose
    amounts, from the newest back, first reach the balance.
    """
    oldest: date | None = None
    covered = 0
    while covered < balance_paise:
        amount, due_on = next(newest_credits)
        covered += amount
        oldest = due_on if oldest is None else min(oldest, due_on)
    return oldest


def _sequence(text: str) -> int:
    """Read the sequence of a cursor; one that was tampered with starts the list again."""
    return int(text) if text.isdecimal() and len(text) < 10 else 2**31 - 1


def _day(text: str) -> date:
    """Read the day of a cursor; one that was tampered with starts the list again."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
