"""Which rows of a sheet are in the shop's sales already, entered at the till or by an earlier sheet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from serving.ports.sales import SoldLines
from serving.sales.import_rows import SheetRow

_Key = tuple[date, str, int, int]


def already_there(rows: Sequence[SheetRow], sold: Iterable[SoldLines]) -> set[int]:
    """Return the places of the rows that are there already.

    A row is there where an entered line has its day, item, quantity and amount; each line stands for one row. Where
    a sheet has one sum a day and the till has many bills, the sums of day and item are compared.

    Parameters
    ----------
    rows : sequence of SheetRow
        The sheet's sales.
    sold : iterable of SoldLines
        What is entered on the same days.
    """
    counts: Counter[_Key] = Counter()
    sums: dict[tuple[date, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for each in sold:
        counts[each.on, each.item_id, each.quantity_milli, each.amount_paise] += each.count
        milli, paise = sums[each.on, each.item_id]
        sums[each.on, each.item_id] = (
            milli + each.count * each.quantity_milli,
            paise + each.count * each.amount_paise,
        )
    whole = _whole_days(rows, sums)
    there: set[int] = set()
    for place, row in enumerate(rows):
        if row.on is None or row.item_id is None:
            continue
        key = (row.on, row.item_id, row.quantity_milli, row.amount_paise)
        if (row.on, row.item_id) in whole:
            there.add(place)
        elif counts[key] > 0:
            counts[key] -= 1
            there.add(place)
    return there


def _whole_days(
    rows: Sequence[SheetRow], sums: dict[tuple[date, str], tuple[int, int]]
) -> set[tuple[date, str]]:
    """Return the days and items whose sums in the sheet are those that are entered."""
    mine: dict[tuple[date, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        if row.on is not None and row.item_id is not None and (row.on, row.item_id) in sums:
            milli, paise = mine[row.on, row.item_id]
            mine[row.on, row.item_id] = (milli + row.quantity_milli, paise + row.amount_paise)
    return {key for key, value in mine.items() if value == sums[key]}
