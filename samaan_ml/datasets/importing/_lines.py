"""Lines of a sheet as batches for the staging database."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from samaan_ml.sheets import Line, Sheet, settled

__all__ = ["CELL_MARK", "StagedLine", "staged_batches"]

CELL_MARK = "\x1f"
"""Parts the cells of a raw row."""

_BATCH = 20_000
_CLASSES = {"sale": "used", "zero": "used", "return": "returned", "bad": "rejected"}


class StagedLine(NamedTuple):
    """A line in the columns of the staging database; `mark` is equal for equal rows."""

    line: int
    shop: str
    item: str
    key: str
    name: str
    category: str
    invoice: str
    customer: str
    units: float
    price: float | None
    cost: float | None
    mrp: float | None
    day: int
    kind: str
    reason: str
    mark: int
    raw: str


def staged_batches(sheet: Sheet, shop_id: str) -> Iterator[list[StagedLine]]:
    """Yield the lines of a sheet in batches; `shop_id` is the shop of rows that name none."""
    lines = (_staged(_settled(line, sheet), shop_id) for line in sheet.lines())
    while batch := list(islice(lines, _BATCH)):
        yield batch


def _settled(line: Line, sheet: Sheet) -> Line:
    """Settle units and rates by the other lines of the item."""
    if line.rate is None and line.unit != "pack":
        return line
    return settled(line, sheet.reading, price=sheet.reading.prices.get(_key(line.item)))


def _staged(line: Line, shop_id: str) -> StagedLine:
    """Return a line in the columns of the database."""
    raw = CELL_MARK.join(line.cells)
    return StagedLine(
        line.row,
        (line.shop or shop_id).replace("/", "-"),
        line.item,
        _key(line.item),
        line.name,
        line.category,
        line.invoice,
        line.customer,
        round(float(line.quantity), 9),
        _rupees(line.price),
        _rupees(line.cost),
        _rupees(line.mrp),
        0 if line.on is None else line.on.toordinal(),
        _CLASSES[line.state],
        line.reason,
        zlib.crc32(raw.encode()) << 20 | len(raw) & 0xFFFFF,
        raw,
    )


def _rupees(value: Decimal | None) -> float | None:
    """Return rupees to the hundredth of a paisa."""
    return None if value is None else round(float(value), 4)


@lru_cache(maxsize=65536)
def _key(item: str) -> str:
    """Return what two spellings of one item share: case and spacing do not matter."""
    return " ".join(item.casefold().split())
