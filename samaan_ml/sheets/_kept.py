"""A sheet that was read, kept as a file of lines, so that looking at it again does not read the sheet again."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

from samaan_ml.sheets._describe import ColumnReading, Question, SheetCard, describe
from samaan_ml.sheets._line import Line
from samaan_ml.sheets._sheet import Sheet

__all__ = ["KeptSheet", "keep", "open_kept"]

_DECIMALS = ("quantity", "factor", "rate", "price", "amount", "mrp")
_KEPT = (
    "row",
    "state",
    "reason",
    "on",
    "item",
    "name",
    "quantity",
    "unit",
    "word",
    "factor",
    "rate",
    "price",
    "amount",
    "mrp",
)
_AT = {name: place for place, name in enumerate(_KEPT)}
_LEVEL = 1


def keep(sheet: Sheet, file: IO[bytes]) -> int:
    """Write how a sheet was read, and its lines; return how many lines there are."""
    count = 0
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
        units = {item: dict(words) for item, words in sheet.reading.units.items() if set(words) != {""}}
        prices = {item: f"{price:f}" for item, price in sheet.reading.prices.items() if item in units}
        packed.write(_json([describe(sheet)._asdict(), units, prices]))
        for line in sheet.lines():
            packed.write(_json([_flat(line, name) for name in _KEPT]))
            count += 1
    return count


def _flat(line: Line, name: str) -> Any:
    """Return a value as JSON has it."""
    value = getattr(line, name)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def _json(value: Any) -> bytes:
    """Write a line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """A sheet that was read before.

    Parameters
    ----------
    card : SheetCard
        How it was read.
    units : dict
        How often each item is written in each unit, of those that are written in any.
    prices : dict
        A price of one base unit of these items.
    data : bytes
        The kept file.
    """

    card: SheetCard
    units: dict[str, dict[str, int]]
    prices: dict[str, Decimal]
    data: bytes

    def lines(self, after: int = 0) -> Iterator[Line]:
        """Yield its lines, from behind a row on."""
        with gzip.GzipFile(fileobj=io.BytesIO(self.data)) as packed:
            packed.readline()
            for text in packed:
                if not after or int(text[1 : text.index(b",")]) > after:
                    yield _line(json.loads(text))


def open_kept(data: bytes) -> KeptSheet:
    """Open a kept file."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
        card, units, prices = json.loads(packed.readline())
    card["columns"] = tuple(ColumnReading(n, h, f, tuple(map(tuple, e))) for n, h, f, e in card["columns"])
    card["questions"] = tuple(Question(o, t, tuple(c)) for o, t, c in card["questions"])
    card |= {name: tuple(card[name]) for name in ("ignored", "other_sheets")}
    return KeptSheet(SheetCard(**card), units, {item: Decimal(price) for item, price in prices.items()}, data)


def _line(values: list[Any]) -> Line:
    """Turn kept values into a line."""
    named = dict(zip(_KEPT, values, strict=True))
    for name in _DECIMALS:
        if named[name] is not None:
            named[name] = Decimal(named[name])
    named["on"] = date.fromisoformat(named["on"]) if named["on"] else None
    return Line(**named)
