"""Rows of a file as lines of one shape: what was sold, when, at what price; or why a row cannot be one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samaan_ml.datasets.importing._source import Chunk
from samaan_ml.datasets.importing._values import parse_amount, parse_days, text_of

__all__ = ["CELL_MARK", "NO_DAY", "Layout", "LineReader"]

CELL_MARK = "\x1f"
"""Parts the cells of a raw row."""

NO_DAY = -1
"""Stands for a date that cannot be read in one of the two orders."""

_UNIX_ORDINAL = date(1970, 1, 1).toordinal()
_RETURN_WORDS = (
    "return",
    "credit note",
    "creditnote",
    "refund",
    "cancel",
    "cr",
    "credit",
    "वापसी",
    "wapsi",
    "वापस",
)
_TOTAL_WORDS = re.compile(
    r"^(?:grand |sub)? ?(?:total|totals|कुल|योग|कुल योग|kul|jod|jama)\b|^(?:opening|closing) balance|^brought forward",
    re.IGNORECASE,
)
_CANCELLED_INVOICE = re.compile(r"^(?:c|cn|cr|crn|sr|ret|rtn)[-/ ]?\d", re.IGNORECASE)
_SERVICES = re.compile(
    r"(?:postage|post|dot|carriage|shipping|freight|delivery|courier|transport|discount|bank|commission|service|"
    r"amazon ?fee|round(?:ed|ing)? ?off|[cs]gst|igst|gst|vat|tax|packing|labour|adjust(?:ed|ment)?|bad debts?|"
    r"write ?off|damages?|damaged|samples?|gift (?:card|voucher)|manual|sundry|cheque|भाड़ा|छूट|डाक)s?"
    r"(?: (?:charge|fee|debt|adjustment|amount|account))?s?[\s\d.,%@()/-]*",
    re.IGNORECASE,
)
"""What an invoice charges besides goods; the whole code or name must be one."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a format's rows are to be understood.

    Parameters
    ----------
    fields : tuple of str
        The fields looked for.
    required : tuple of str
        Those that must have a column; `item` is also met by `name`, `price` by `amount`.
    fill_down : bool
        A missing date is that of the row above, as in a sheet with merged cells.
    """

    fields: tuple[str, ...]
    required: tuple[str, ...]
    fill_down: bool


class LineReader:
    """Turns chunks of a file into lines.

    Parameters
    ----------
    columns : mapping of str to int
        Position of each field's column.
    heading : list of str
        The file's heading.
    layout : Layout
        The format.
    shop_id : str
        Shop of rows that name none.
    keep_codes : frozenset of str
        Item codes, in lower case, that are goods whatever they look like.
    """

    def __init__(
        self,
        columns: Mapping[str, int],
        heading: list[str],
        layout: Layout,
        shop_id: str,
        keep_codes: frozenset[str] = frozenset(),
    ) -> None:
        self.columns, self.heading, self.layout = columns, heading, layout
        self.shop_id, self.keep_codes = shop_id, keep_codes
        self._last_days = (NO_DAY, NO_DAY)

    def read(self, chunk: Chunk) -> pd.DataFrame:
        """Return one line a row: what it says, `class` (used, returned, rejected), `reason` and `raw` cells."""
        n = len(chunk.lines)
        lines = pd.DataFrame({"line": chunk.lines})
        for field in ("item", "name", "category", "invoice", "customer", "shop"):
            lines[field] = self._text(chunk, field, n)
        if "item" not in self.columns:
            lines["item"] = lines["name"]
        lines["item"] = lines["item"].where(lines["item"] != "", lines["name"])
        lines["key"] = _each(lines["item"], _key)
        lines["shop"] = lines["shop"].where(lines["shop"] != "", self.shop_id).str.replace("/", "-")
        units, side = self._amounts(chunk, "quantity", n)
        price, _ = self._amounts(chunk, "price", n)
        lines["cost"], lines["mrp"] = self._amounts(chunk, "cost", n)[0], self._amounts(chunk, "mrp", n)[0]
        amount, amount_side = self._amounts(chunk, "amount", n)
        if "price" not in self.columns and "amount" in self.columns:
            price = np.round(np.abs(np.divide(amount, units, out=np.full(n, np.nan), where=units != 0)), 4)
        day_first, month_first = self._days(chunk)
        returned = self._is_return(chunk, lines, units, side, amount_side)
        lines["day_first"], lines["month_first"] = day_first, month_first
        lines["units"], lines["price"] = np.abs(units), price
        lines["reason"] = self._reasons(chunk, lines, units, returned)
        lines["raw"] = self._raw(chunk, n)
        lines["class"] = np.where(lines["reason"] != "", "rejected", np.where(returned, "returned", "used"))
        return lines

    def _text(self, chunk: Chunk, field: str, n: int) -> pd.Series:
        """Return a field as text, empty where missing."""
        if field not in self.columns:
            return pd.Series([""] * n, dtype=object)
        values = chunk.columns[self.columns[field]]
        return _each(values.reset_index(drop=True), text_of)

    def _amounts(self, chunk: Chunk, field: str, n: int) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
        """Return a field as numbers, NaN where unreadable, and the side (`dr`, `cr`) written by it."""
        nowhere = np.full(n, "", dtype=object)
        if field not in self.columns:
            return np.full(n, np.nan), nowhere
        values = chunk.columns[self.columns[field]]
        if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
            return values.to_numpy(dtype=np.float64, na_value=np.nan), nowhere
        parsed = [parse_amount(text) for text in _each(values, text_of)]
        return np.array([each.value for each in parsed]), np.array(
            [each.side for each in parsed], dtype=object
        )

    def _days(self, chunk: Chunk) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the date as ordinals read day first and month first, NO_DAY where impossible."""
        values = chunk.columns[self.columns["date"]]
        if pd.api.types.is_datetime64_any_dtype(values.dtype):
            naive = values.dt.tz_localize(None) if isinstance(values.dtype, pd.DatetimeTZDtype) else values
            days = naive.to_numpy().astype("datetime64[D]")
            ordinals = np.where(np.isnat(days), NO_DAY, days.astype(np.int64) + _UNIX_ORDINAL)
            return ordinals, ordinals
        texts = _each(values, text_of)
        pairs = [parse_days(text) for text in texts]
        first = np.array([NO_DAY if day is None else day for day, _ in pairs], dtype=np.int64)
        second = np.array([NO_DAY if day is None else day for _, day in pairs], dtype=np.int64)
        if self.layout.fill_down:
            first, second = self._filled_down((texts == "").to_numpy(), first, second)
        return first, second

    def _filled_down(
        self, blank: NDArray[np.bool_], first: NDArray[np.int64], second: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give rows without a date that of the row above, across chunks too."""
        source = np.where(blank, -1, np.arange(len(blank)))
        source = np.maximum.accumulate(source)
        filled = []
        for days, before in zip((first, second), self._last_days, strict=True):
            filled.append(np.where(source >= 0, days[np.maximum(source, 0)], before))
        if len(blank):
            self._last_days = (int(filled[0][-1]), int(filled[1][-1]))
        return filled[0], filled[1]

    def _is_return(
        self,
        chunk: Chunk,
        lines: pd.DataFrame,
        units: NDArray[np.float64],
        side: NDArray[np.object_],
        amount_side: NDArray[np.object_],
    ) -> NDArray[np.bool_]:
        """Tell returns and cancellations: a negative quantity, a credit, or a word that says so."""
        kind = _each(self._text(chunk, "kind", len(lines)), str.casefold)
        worded = _each(kind, _says_return).to_numpy(dtype=bool)
        credited = (side == "cr") | (amount_side == "cr")
        cancelled = _each(lines["invoice"], _is_cancellation).to_numpy(dtype=bool) & (units < 0)
        return np.asarray((units < 0) | worded | credited | cancelled, dtype=np.bool_)

    def _reasons(
        self, chunk: Chunk, lines: pd.DataFrame, units: NDArray[np.float64], returned: NDArray[np.bool_]
    ) -> NDArray[np.object_]:
        """Return why each row cannot be a line, the first reason that holds; empty where it can."""
        n = len(lines)
        reason = np.full(n, "", dtype=object)

        def note(bad: Any, text: str | Callable[[int], str]) -> None:
            for row in np.flatnonzero(np.asarray(bad, dtype=bool) & (reason == "")):
                reason[row] = text if isinstance(text, str) else text(int(row))

        raw = [self._text(chunk, field, n) for field in self.columns]
        filled = np.sum([(each != "").to_numpy() for each in raw], axis=0)
        note(filled == 0, "blank row")
        note(self._repeats_heading(raw), "the heading once more")
        note(
            _each(lines["item"], _is_total).to_numpy(dtype=bool),
            lambda row: f"a total: '{lines['item'][row]}'",
        )
        note(self._only_date(raw, filled), "a date alone, taken for the rows below")
        for row, cells in chunk.ragged.items():
            note(np.arange(n) == row, f"{cells} cells where the heading has {len(self.heading)}")
        note((lines["item"] == "").to_numpy(), "item is missing")
        note(np.isnan(units), self._unread(chunk, "quantity", n))
        note(~np.isfinite(units), "quantity is not finite")
        note(units == 0, "quantity is 0")
        nowhere = (lines["day_first"] == NO_DAY) & (lines["month_first"] == NO_DAY)
        note(nowhere.to_numpy(), self._unread(chunk, "date", n))
        if "price" in self.columns or "amount" in self.columns:
            priced = "price" if "price" in self.columns else "amount"
            price = lines["price"].to_numpy()
            note(np.isnan(price), self._unread(chunk, priced, n))
            note((price <= 0) & returned, f"{priced} is not above 0 on a returned line: a stock adjustment")
            note(price < 0, f"{priced} is negative")
            note(price == 0, f"{priced} is 0")
        service = _each(lines["item"] + "\n" + lines["name"], _is_service).to_numpy(dtype=bool)
        kept = lines["key"].isin(self.keep_codes).to_numpy()
        note(service & ~kept, lambda row: f"not goods but a charge or an adjustment: '{lines['item'][row]}'")
        return reason

    def _unread(self, chunk: Chunk, field: str, n: int) -> Callable[[int], str]:
        """Return a writer of the reason why a field's cell cannot be used."""
        texts = self._text(chunk, field, n)
        return lambda row: (
            f"{field} cannot be read, got '{texts[row]}'" if texts[row] else f"{field} is missing"
        )

    def _raw(self, chunk: Chunk, n: int) -> list[str]:
        """Return the cells of the fields as they stand, to show with a rejected row."""
        texts = [self._text(chunk, field, n) for field in self.columns]
        return [CELL_MARK.join(cells) for cells in zip(*texts, strict=True)]

    def _repeats_heading(self, raw: list[pd.Series]) -> NDArray[np.bool_]:
        """Tell rows that repeat the heading, as sheets printed by the page do."""
        same = np.ones(len(raw[0]), dtype=bool)
        for texts, position in zip(raw, self.columns.values(), strict=True):
            same &= (texts == self.heading[position].strip()).to_numpy()
        return same

    def _only_date(self, raw: list[pd.Series], filled: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell rows that hold a date and nothing else, where dates are filled down."""
        dated = (raw[list(self.columns).index("date")] != "").to_numpy()
        return np.asarray(dated & (filled == 1) & self.layout.fill_down, dtype=np.bool_)


def _each(values: pd.Series, function: Callable[[Any], Any]) -> pd.Series:
    """Apply a function to each distinct value once."""
    codes, distinct = pd.factorize(values.to_numpy(), use_na_sentinel=False)
    results = np.empty(len(distinct), dtype=object)
    for position, value in enumerate(distinct):
        results[position] = function(value)
    return pd.Series(results[codes], dtype=object)


@lru_cache(maxsize=65536)
def _key(item: str) -> str:
    """Return what two spellings of one item share: case and spacing do not matter."""
    return " ".join(unicodedata.normalize("NFC", item).casefold().split())


def _says_return(kind: str) -> bool:
    """Tell whether a transaction's type is a return."""
    return any(kind == word or (len(word) > 2 and word in kind) for word in _RETURN_WORDS)


def _is_cancellation(invoice: str) -> bool:
    """Tell whether an invoice number is a cancellation's or a credit note's."""
    return bool(_CANCELLED_INVOICE.match(invoice))


def _is_total(item: str) -> bool:
    """Tell whether a row is a sum and not an item."""
    return bool(_TOTAL_WORDS.match(item.strip()))


def _is_service(item_and_name: str) -> bool:
    """Tell charges, taxes and adjustments from goods, by code or name."""
    return any(_SERVICES.fullmatch(part) for part in item_and_name.split("\n") if part)
