"""Bills in SQL."""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from samaan_ml.domain.bill_numbers import Series, bill_number, financial_year
from samaan_ml.domain.bill_payments import PAYMENT_METHODS, BillPayment, PaymentMethod
from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import bill_numbers
from serving.adapters.sql.schema import sales_items as lines_table
from serving.adapters.sql.schema import sales_transactions as bills_table
from serving.errors import AlreadyExists, Conflict, NotFound
from serving.ports.page import Page
from serving.ports.sales import (
    DaySold,
    DaySums,
    ItemDay,
    PaymentPart,
    Sale,
    SaleLine,
    SaleState,
    SoldLines,
)

_IN_CHUNK = 500
_END = datetime(9999, 12, 31, tzinfo=UTC)
_LINE = tuple(each.name for each in dataclasses.fields(SaleLine))
_OWN = tuple(each.name for each in dataclasses.fields(Sale) if each.name not in ("lines", "payments"))
_PARTS = {kind: f"{kind}_paise" for kind in PAYMENT_METHODS}


class SqlSalesStore:
    """Keeps bills in `sales_transactions` and their lines in `sales_items`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, shop_id: str, sale: Sale, series: Series | None = None) -> Sale:
        """Add a bill with its number."""
        with self._database.writing():
            if series is not None:
                number = self._next_number(shop_id, series, financial_year(sale.sold_on))
                sale = dataclasses.replace(sale, bill_number=number)
            self.add_many(shop_id, (sale,))
        return sale

    def _next_number(self, shop_id: str, series: Series, year: str) -> str:
        """Take the next number; its row is locked until the unit of work ends, and goes back with it."""
        first = {"shop_id": shop_id, "series": series, "year": year, "last": 1}
        insert = self._database.inserting(bill_numbers).values(first)
        taken = insert.on_conflict_do_update(
            index_elements=["shop_id", "series", "year"], set_={"last": bill_numbers.c.last + 1}
        ).returning(bill_numbers.c.last)
        with self._database.writing() as db:
            return bill_number(series, year, db.execute(taken).scalar_one())

    def add_many(self, shop_id: str, sales: tuple[Sale, ...]) -> None:
        """Add bills together."""
        if not sales:
            return
        bills = [_bill_row(shop_id, sale) for sale in sales]
        lines = [row for sale in sales for row in _line_rows(shop_id, sale)]
        try:
            with self._database.writing() as db:
                db.execute(bills_table.insert(), bills)
                if lines:
                    db.execute(lines_table.insert(), lines)
                self._database.note(shop_id, "sale", *(sale.sale_id for sale in sales))
        except IntegrityError:
            raise AlreadyExists("a bill with this id is there already", field="sale_id") from None

    def get(self, shop_id: str, sale_id: str) -> Sale:
        """Return a bill."""
        found = self._bills(bills_table.c.shop_id == shop_id, bills_table.c.sale_id == sale_id)
        if not found:
            raise NotFound(f"no bill '{sale_id}'", field="sale_id")
        return found[0]

    def hold(self, shop_id: str, sale_id: str) -> Sale:
        """Lock the bill's row; SQLite's writers come one after the other anyway."""
        b = bills_table.c
        lock = sa.select(b.sale_id).where(b.shop_id == shop_id, b.sale_id == sale_id).with_for_update()
        with self._database.writing() as db:
            db.execute(lock)
            return self.get(shop_id, sale_id)

    def set_state(self, shop_id: str, sale_id: str, state: SaleState) -> None:
        """Note how a bill stands."""
        b = bills_table.c
        with self._database.writing() as db:
            mine = bills_table.update().where(b.shop_id == shop_id, b.sale_id == sale_id)
            db.execute(mine.values(state=state))
            self._database.note(shop_id, "sale", sale_id)

    def some(self, shop_id: str, sale_ids: tuple[str, ...]) -> tuple[Sale, ...]:
        """Return those that are there."""
        ids = sorted(set(sale_ids))
        return tuple(
            sale
            for start in range(0, len(ids), _IN_CHUNK)
            for sale in self._bills(
                bills_table.c.shop_id == shop_id, bills_table.c.sale_id.in_(ids[start : start + _IN_CHUNK])
            )
        )

    def returns_of(self, shop_id: str, sale_id: str) -> tuple[Sale, ...]:
        """Return the returns of a bill."""
        return tuple(self._bills(bills_table.c.shop_id == shop_id, bills_table.c.returns == sale_id))

    def entries_of_bills(self, shop_id: str, entry_ids: tuple[str, ...]) -> frozenset[str]:
        """Ask for some hundred at a time."""
        b = bills_table.c
        found: set[str] = set()
        with self._database.reading() as db:
            for start in range(0, len(entry_ids), _IN_CHUNK):
                some = entry_ids[start : start + _IN_CHUNK]
                found.update(
                    db.execute(
                        sa.select(b.entry_id).where(b.shop_id == shop_id, b.entry_id.in_(some))
                    ).scalars()
                )
        return frozenset(found)

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
        """Return the newest entered first, by the server's clock: clients choose ids as they like."""
        b = bills_table.c
        where = [b.shop_id == shop_id]
        if start is not None:
            where.append(b.sold_on >= start)
        if end is not None:
            where.append(b.sold_on <= end)
        if payment is not None:
            where.append(_paid_by(payment))
        if state is not None:
            where.append(b.state == state)
        if customer_id is not None:
            where.append(b.customer_id == customer_id)
        if after is not None:
            recorded_at, sale_id = _place(after)
            earlier = sa.and_(b.recorded_at == recorded_at, b.sale_id < sale_id)
            where.append(sa.or_(b.recorded_at < recorded_at, earlier))
        rows = self._bills(*where, limit=limit + 1)
        more = len(rows) > limit
        return Page(tuple(rows[:limit]), _cursor(rows[limit - 1]) if more else None)

    def _bills(self, *where: sa.ColumnElement[bool], limit: int | None = None) -> Sequence[Sale]:
        """Return bills with their lines, the newest entered first."""
        b, n = bills_table.c, lines_table.c
        newest = (b.recorded_at.desc(), b.sale_id.desc())
        chosen = sa.select(bills_table).where(*where).order_by(*newest).limit(limit)
        with self._database.reading() as db:
            bills = db.execute(chosen).mappings().all()
            if not bills:
                return []
            lines: dict[str, list[SaleLine]] = defaultdict(list)
            query = sa.select(lines_table).where(
                n.shop_id == bills[0]["shop_id"], n.sale_id.in_([bill["sale_id"] for bill in bills])
            )
            for row in db.execute(query.order_by(n.sale_id, n.line)).mappings():
                lines[row["sale_id"]].append(_line(row))
        return [_sale(bill, lines[bill["sale_id"]]) for bill in bills]

    def days_sold(
        self,
        shop_id: str,
        since: date,
        item_ids: tuple[str, ...] | None = None,
        until: date | None = None,
    ) -> tuple[DaySold, ...]:
        """Return sums a day and item."""
        n = lines_table.c
        base = (
            sa.select(
                n.item_id,
                n.sold_on.label("on"),
                sa.func.sum(n.quantity_milli).label("units_milli"),
                sa.func.sum(n.amount_paise).label("amount_paise"),
            )
            .where(n.shop_id == shop_id, n.sold_on >= since)
            .group_by(n.item_id, n.sold_on)
            .order_by(n.item_id, n.sold_on)
        )
        if until is not None:
            base = base.where(n.sold_on <= until)
        queries = [base]
        if item_ids is not None:
            ids = sorted(set(item_ids))
            queries = [
                base.where(n.item_id.in_(ids[i : i + _IN_CHUNK])) for i in range(0, len(ids), _IN_CHUNK)
            ]
        with self._database.reading() as db:
            return tuple(
                DaySold(row.item_id, row.on, int(row.units_milli), int(row.amount_paise))
                for query in queries
                for row in db.execute(query)
            )

    def item_days(self, shop_id: str, item_id: str, since: date, until: date) -> tuple[ItemDay, ...]:
        """Sum an item's lines up by day and sign."""
        n = lines_table.c
        sold = sa.func.sum(sa.case((n.quantity_milli > 0, n.quantity_milli), else_=0))
        back = sa.func.sum(sa.case((n.quantity_milli < 0, -n.quantity_milli), else_=0))
        query = (
            sa.select(n.sold_on, sold, back, sa.func.sum(n.amount_paise))
            .where(n.shop_id == shop_id, n.item_id == item_id, n.sold_on >= since, n.sold_on <= until)
            .group_by(n.sold_on)
            .order_by(n.sold_on)
        )
        with self._database.reading() as db:
            return tuple(ItemDay(on, *map(int, sums)) for on, *sums in db.execute(query))

    def day_sums(self, shop_id: str, on: date) -> DaySums:
        """Sum one day up."""
        b = bills_table.c
        counts = b.state.not_in(("cancelled", "cancellation"))
        query = (
            sa.select(
                b.payment,
                sa.func.sum(b.total_paise).label("total"),
                *(sa.func.sum(b[name]).label(name) for name in _PARTS.values()),
                sa.func.sum(sa.case((counts & b.returns.is_(None), 1), else_=0)).label("bills"),
                sa.func.sum(sa.case((counts & b.returns.is_not(None), 1), else_=0)).label("back"),
            )
            .where(b.shop_id == shop_id, b.sold_on == on)
            .group_by(b.payment)
        )
        with self._database.reading() as db:
            rows = db.execute(query).mappings().all()
        sums: Counter[PaymentMethod] = Counter()
        for row in rows:
            if row["payment"] == "split":
                sums.update({kind: int(row[name] or 0) for kind, name in _PARTS.items() if row[name]})
            else:
                sums[row["payment"]] += int(row["total"])
        return DaySums(
            dict(sums), sum(int(row["bills"]) for row in rows), sum(int(row["back"]) for row in rows)
        )

    def lines_sold(self, shop_id: str, since: date, until: date) -> tuple[SoldLines, ...]:
        """Count equal lines."""
        n = lines_table.c
        columns = (n.sold_on, n.item_id, n.quantity_milli, n.amount_paise)
        query = (
            sa.select(*columns, sa.func.count().label("lines"))
            .where(n.shop_id == shop_id, n.sold_on >= since, n.sold_on <= until)
            .group_by(*columns)
        )
        with self._database.reading() as db:
            return tuple(SoldLines(*row) for row in db.execute(query))

    def open_days(self, shop_id: str, since: date) -> tuple[date, ...]:
        """Return the days with a bill."""
        b = bills_table.c
        query = (
            sa.select(b.sold_on)
            .where(b.shop_id == shop_id, b.sold_on >= since)
            .distinct()
            .order_by(b.sold_on)
        )
        with self._database.reading() as db:
            return tuple(db.execute(query).scalars())

    def remove_import(self, shop_id: str, import_id: str) -> int:
        """Take back the bills of an import."""
        b, n = bills_table.c, lines_table.c
        mine = sa.and_(b.shop_id == shop_id, b.import_id == import_id)
        with self._database.writing() as db:
            ids = sa.select(b.sale_id).where(mine)
            back = db.execute(
                sa.select(b.sale_id).where(b.shop_id == shop_id, b.returns.in_(ids)).limit(1)
            ).scalar_one_or_none()
            if back is not None:
                raise Conflict(
                    f"goods of a bill of this import came back as return '{back}'", field="import_id"
                )
            self._database.note(shop_id, "sale", *db.execute(ids.order_by(b.sale_id)).scalars())
            db.execute(lines_table.delete().where(n.shop_id == shop_id, n.sale_id.in_(ids)))
            return db.execute(bills_table.delete().where(mine)).rowcount


def _cursor(sale: Sale) -> str:
    """Name a bill's place in the list."""
    return f"{(sale.recorded_at or sale.sold_at).isoformat()}/{sale.sale_id}"


def _place(cursor: str) -> tuple[datetime, str]:
    """Read a place in the list; one that was tampered with starts it again."""
    instant, _, sale_id = cursor.partition("/")
    try:
        at = datetime.fromisoformat(instant)
    except ValueError:
        return _END, ""
    return (at, sale_id) if at.tzinfo else (_END, "")


def _paid_by(payment: BillPayment) -> sa.ColumnElement[bool]:
    """Return whether a bill was paid in a way, at least in part."""
    alone = bills_table.c.payment == payment
    if payment == "split":
        return alone
    part = bills_table.c[_PARTS[payment]]
    return sa.or_(alone, sa.and_(bills_table.c.payment == "split", part != 0))


def _bill_row(shop_id: str, sale: Sale) -> dict[str, Any]:
    """Turn a bill into the columns of its own table."""
    row = {name: getattr(sale, name) for name in _OWN}
    parts = dict.fromkeys(_PARTS.values()) | {_PARTS[part.kind]: part.paise for part in sale.payments}
    return {"shop_id": shop_id, **row, **parts} | {"recorded_at": sale.recorded_at or sale.sold_at}


def _line_rows(shop_id: str, sale: Sale) -> list[dict[str, Any]]:
    """Turn the lines of a bill into rows."""
    same = {"shop_id": shop_id, "sale_id": sale.sale_id, "sold_on": sale.sold_on}
    return [
        {**same, "line": place} | {name: getattr(line, name) for name in _LINE}
        for place, line in enumerate(sale.lines)
    ]


def _line(row: Mapping[Any, Any]) -> SaleLine:
    """Turn a row into a line."""
    return SaleLine(**{name: row[name] for name in _LINE})


def _sale(bill: Mapping[Any, Any], lines: Sequence[SaleLine]) -> Sale:
    """Put a bill and its lines together."""
    values = {name: bill[name] for name in _OWN}
    parts = tuple(PaymentPart(kind, bill[name]) for kind, name in _PARTS.items() if bill[name])
    return Sale(**values, lines=tuple(lines), payments=parts)
