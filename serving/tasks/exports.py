"""What shops entered, as the tables that models are trained on (`samaan_ml.tables`), in CSV files.

Quantities become units and prices rupees, as a model wants them; the udhaar ledger keeps whole paise. No name, phone
number or note is written: customers are their ids. The present day, which is not over, is left out of what was sold.
"""

import csv
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

from samaan_ml.domain.calendar import events_between
from samaan_ml.domain.risk_messages import ledger_rows, promise_rows
from serving.advice.history import in_stock_shares
from serving.errors import Conflict, InvalidInput
from serving.ports import Ports
from serving.ports.accounts import Shop
from serving.ports.clock import local_day
from serving.ports.items import Item
from serving.ports.page import walk
from serving.ports.prices import PricePlan
from serving.ports.sales import DaySold
from serving.ports.stock import EmptyShelf, Movement

_COLUMNS = {
    "sales": ("shop_id", "item_id", "date", "units"),
    "prices": ("shop_id", "item_id", "date", "unit_price", "unit_cost", "mrp"),
    "stock": ("shop_id", "item_id", "date", "in_stock_share"),
    "items": ("item_id", "category", "loose"),
    "shops": ("shop_id", "region"),
    "calendar": ("date", "region", "event"),
    "ledger": ("shop_id", "customer_id", "at", "kind", "amount_paise", "due_on", "entry_id", "reverses"),
    "promises": ("shop_id", "customer_id", "amount_paise", "made_at", "pay_by"),
}
_MARK = "export.json"
_PAGE = 200
_BEGINNING = date(2000, 1, 1)
_AHEAD = timedelta(days=60)
"""How far ahead of the last day the calendar reaches; forecasts look 28 days ahead."""
_FOLLOWS = ("sale", "customer_return", "reversal")
"""Movements that bills make, whether or not the shop enters its stock."""
Record = TypeVar("Record")
Values = tuple[Any, ...]


def export_tables(
    ports: Ports, folder: Path, shop_ids: Sequence[str] = (), *, replace: bool = False
) -> dict[str, int]:
    """Write the training tables of shops into a folder, whole or not at all.

    Parameters
    ----------
    ports : Ports
        Where the shops are kept; each table is read as it is when its turn comes, a shop at a time.
    folder : Path
        A new folder, or one of an earlier export.
    shop_ids : sequence of str, default=()
        The shops; none given are all.
    replace : bool, default=False
        Whether an earlier export makes room.

    Returns
    -------
    dict of str to int
        Rows by table; a table without rows has no file.

    Raises
    ------
    Conflict
        When the folder is there and not to be replaced, or no export.
    NotFound
        When there is no such shop.
    InvalidInput
        When there is nothing to write.
    """
    if folder.exists() and not (replace and (folder / _MARK).is_file()):
        hint = "it is no earlier export" if replace else "give another folder, or --replace"
        raise Conflict(f"'{folder}' is there already; {hint}")
    chosen = [ports.accounts.shop(shop_id) for shop_id in shop_ids or ports.accounts.shop_ids()]
    draft = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        rows = _write(draft, ports, chosen)
        if not rows:
            raise InvalidInput("no shop has anything that a model could learn from yet")
        told = {"shops": [shop.shop_id for shop in chosen], "made_at": ports.clock.now().isoformat()}
        (draft / _MARK).write_text(json.dumps(told | {"rows": rows}, indent=1) + "\n", "utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return rows


class _Files:
    """The CSV files of a folder, each opened with its first row."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._writers: dict[str, Any] = {}
        self.rows: dict[str, int] = {}

    def add(self, table: str, rows: Iterable[Values]) -> None:
        """Write rows of a table."""
        for row in rows:
            if table not in self._writers:
                path = self._folder / f"{table}.csv"
                file: IO[str] = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
                self._writers[table] = csv.writer(file)
                self._writers[table].writerow(_COLUMNS[table])
                self.rows[table] = 0
            self._writers[table].writerow(row)
            self.rows[table] += 1


def _write(folder: Path, ports: Ports, shops: Iterable[Shop]) -> dict[str, int]:
    """Write the tables shop by shop, then what all shops share."""
    categories: dict[str, tuple[str, bool]] = {}
    spans: dict[str, tuple[date, date]] = {}
    with ExitStack() as stack:
        files = _Files(folder, stack)
        for shop in shops:
            today = local_day(ports.clock.now(), shop.zone)
            sold = _sold(ports, shop, today)
            items = _items(ports, shop.shop_id, sold)
            for item in items:
                # One row an item over all shops: the first shop's word holds.
                categories.setdefault(item.item_id, (item.category, item.mrp_paise is None))
            files.add("sales", (_units(shop.shop_id, each) for each in sold))
            moved = {item.item_id: _movements(ports, shop.shop_id, item.item_id) for item in items}
            planned = ports.prices.waiting_plans(shop.shop_id, None, today + _AHEAD)
            files.add("prices", _prices(shop, items, sold, moved, planned, today))
            files.add("stock", _stock(ports, shop, moved, today))
            _add_udhaar(files, ports, shop.shop_id)
            if shop.region is not None:
                files.add("shops", [(shop.shop_id, shop.region)])
                first = min((each.on for each in sold), default=today)
                before = spans.get(shop.region, (first, today))
                spans[shop.region] = (min(first, before[0]), max(today, before[1]))
        files.add("items", ((item_id, *about) for item_id, about in sorted(categories.items())))
        for region, (first, last) in sorted(spans.items()):
            days = events_between(first, last + _AHEAD, region)
            files.add("calendar", ((day.isoformat(), region, event) for day, event in days))
        return files.rows


def _sold(ports: Ports, shop: Shop, today: date) -> list[DaySold]:
    """Read what was sold on all days that are over."""
    return [each for each in ports.sales.days_sold(shop.shop_id, _BEGINNING) if each.on < today]


def _units(shop_id: str, sold: DaySold) -> Values:
    """Write a row of the sales; a day with more returned than sold counts as none, as in a forecast."""
    return shop_id, sold.item_id, sold.on.isoformat(), max(sold.units_milli, 0) / 1000


def _items(ports: Ports, shop_id: str, sold: Iterable[DaySold]) -> list[Item]:
    """Read the items, archived ones where they were sold."""
    offered = list(walk(partial(ports.items.list_items, shop_id, _PAGE)))
    gone = {each.item_id for each in sold} - {item.item_id for item in offered}
    return [*offered, *ports.items.items(shop_id, tuple(sorted(gone)))]


def _movements(ports: Ports, shop_id: str, item_id: str) -> list[Movement]:
    """Read the movements of an item, the oldest first."""
    found = walk(partial(ports.stock.movements, shop_id, item_id, _PAGE))
    return sorted(found, key=lambda each: (each.at, each.movement_id))


def _prices(
    shop: Shop,
    items: Iterable[Item],
    sold: Iterable[DaySold],
    moved: dict[str, list[Movement]],
    planned: Iterable[PricePlan],
    today: date,
) -> Iterator[Values]:
    """Return what customers paid on average, and what purchases cost, on each day on which either changed or will."""
    paid: dict[str, dict[date, int]] = defaultdict(dict)
    for each in sold:
        if each.units_milli > 0 and each.amount_paise >= 0:
            paid[each.item_id][each.on] = each.amount_paise * 1000 // each.units_milli
    ahead: dict[str, dict[date, int]] = defaultdict(dict)
    for plan in planned:
        ahead[plan.item_id][max(plan.from_on, today)] = plan.price_paise
    for item in items:
        costs = {
            local_day(each.at, shop.zone): each.unit_cost_paise
            for each in moved[item.item_id]
            if each.unit_cost_paise is not None and each.quantity_milli > 0
        }
        by_day = paid[item.item_id] | ({} if item.archived else {today: item.price_paise})
        by_day |= ahead[item.item_id]
        price: int | None = None
        cost: int | None = None
        for day in sorted({*by_day, *costs}):
            before = price, cost
            price, cost = by_day.get(day, price), costs.get(day, cost)
            if price is not None and (price, cost) != before:
                row = (shop.shop_id, item.item_id, day.isoformat(), price / 100)
                yield (*row, _rupees(cost), _rupees(item.mrp_paise))


def _rupees(paise: int | None) -> float | str:
    """Write an amount that may not be known."""
    return "" if paise is None else paise / 100


def _stock(ports: Ports, shop: Shop, moved: dict[str, list[Movement]], today: date) -> Iterator[Values]:
    """Tell the share of each day with stock on the shelf, from the day on which the shop first entered any."""
    entered: dict[str, datetime] = {}
    for item_id, movements in moved.items():
        for each in movements:  # the oldest first
            if each.kind not in _FOLLOWS:
                entered.setdefault(item_id, each.at)
    if not entered:
        return
    since = min(entered.values())
    gaps: dict[str, list[EmptyShelf]] = defaultdict(list)
    for gap in ports.stock.empty_shelves(shop.shop_id, tuple(entered), since):
        gaps[gap.item_id].append(gap)
    for item_id, entered_at in sorted(entered.items()):
        first = local_day(entered_at, shop.zone)
        n_days = (today - first).days
        shares = in_stock_shares(first, n_days, gaps[item_id], shop.zone) or (1.0,) * n_days
        for place, share in enumerate(shares):
            yield shop.shop_id, item_id, (first + timedelta(days=place)).isoformat(), share


def _add_udhaar(files: _Files, ports: Ports, shop_id: str) -> None:
    """Write the khatas, and the promises that stand, in the form of the risk model."""
    for customer in walk(partial(ports.udhaar.customers, shop_id, _PAGE)):
        for row in ledger_rows(ports.udhaar.entries(shop_id, customer.customer_id)):
            due = row.due_on.isoformat() if row.due_on else ""
            values = (row.kind, row.amount_paise, due, row.entry_id, row.reverses or "")
            files.add("ledger", [(shop_id, row.customer_id, row.at.isoformat(), *values)])
        for said in promise_rows(shop_id, ports.udhaar.events(shop_id, customer.customer_id)):
            times = (said.made_at.isoformat(), said.pay_by.isoformat())
            files.add("promises", [(shop_id, said.customer_id, said.amount_paise, *times)])
