"""Any table to small whole numbers: every value becomes the code of a bin, a category or "missing".

All parts of the risk model read only these codes, so an answer needs neither pandas nor the training frame.
Bins come from the values alone, never from the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

Codes = np.ndarray[Any, np.dtype[np.int64]]
Array = np.ndarray[Any, Any]

MISSING = 0
"""Code of a missing value in every column; a category never seen in training counts as missing knowledge too."""
MAX_BINS = 254
MAX_CATEGORIES = 200
_TRUTH = {"true": "1", "yes": "1", "y": "1", "1": "1", "false": "0", "no": "0", "n": "0", "0": "0"}
RARE_ROWS = 2
"""A category of fewer training rows has no code of its own."""


@dataclass(frozen=True)
class ColumnCode:
    """How one column becomes codes.

    Parameters
    ----------
    name : str
        The column.
    kind : {"number", "category"}
        How it is read.
    edges : float array (n_bins - 1,)
        Numbers: upper edges of the bins; bin b holds values <= edges[b], from code 1.
    levels : tuple of str
        Categories: code of a level is its position + 1; the code after the last is "any other".
    instants : bool, default=False
        Numbers that are days since 1970, read from datetimes of any unit.
    """

    name: str
    kind: str
    edges: Array
    levels: tuple[str, ...] = ()
    instants: bool = False

    @property
    def size(self) -> int:
        """Return the number of codes, missing included."""
        return len(self.edges) + 2 if self.kind == "number" else len(self.levels) + 2

    def encode(self, values: Array) -> Codes:
        """Turn the values of the column into codes."""
        if self.kind == "number":
            numbers = to_days(self.name, values) if self.instants else to_numbers(self.name, values)
            codes = np.searchsorted(self.edges, numbers, side="left") + 1
            return np.where(np.isnan(numbers), MISSING, codes).astype(np.int64)
        texts, back = _texts(values)
        codes = np.array([MISSING if t is None else self._place(t) for t in texts], dtype=np.int64)
        return codes[back]

    def _place(self, text: str) -> int:
        """Return a category's code: as it is written, else as one that means the same."""
        exact, meaning = self._places
        return (
            exact.get(text) or meaning.get(_meaning(text, yes_or_no=self._yes_or_no)) or len(self.levels) + 1
        )

    @cached_property
    def _places(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return the codes by the text of the level, and by its meaning where no two levels share it."""
        exact = {level: i + 1 for i, level in enumerate(self.levels)}
        meanings = [_meaning(level, yes_or_no=self._yes_or_no) for level in self.levels]
        return exact, {m: i + 1 for i, m in enumerate(meanings) if meanings.count(m) == 1}

    @cached_property
    def _yes_or_no(self) -> bool:
        """Return whether the levels are those of a truth value."""
        plain = [_meaning(level, yes_or_no=False) for level in self.levels]
        return bool(plain) and len(plain) <= 2 and all(each in _TRUTH for each in plain)

    def label(self, code: int) -> str:
        """Write the values a code stands for."""
        if code == MISSING:
            return "missing"
        if self.kind == "category":
            return self.levels[code - 1] if code <= len(self.levels) else "any other"
        low = "" if code == 1 else f"{self.edges[code - 2]:.6g} < "
        high = "" if code > len(self.edges) else f" <= {self.edges[code - 1]:.6g}"
        return f"{low}x{high}"


class TableEncoder:
    """Codes of all columns of a table; learned once from the training rows."""

    def __init__(self, columns: tuple[ColumnCode, ...]) -> None:
        self.columns = columns

    @classmethod
    def fit(cls, X: pd.DataFrame, max_bins: int = MAX_BINS) -> TableEncoder:
        """Learn bins and categories; columns of one value only are left out.

        Raises
        ------
        DataError
            If no column carries information, or a name occurs twice.
        """
        names = [str(name) for name in X.columns]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(f"column '{twice}' occurs twice; rename one of them")
        found = (learn_column(name, column_values(X, i), max_bins) for i, name in enumerate(names))
        columns = tuple(column for column in found if column is not None)
        if not columns:
            raise DataError(
                f"none of the {len(names)} columns takes more than one value; nothing can be learned"
            )
        return cls(columns)

    @property
    def names(self) -> list[str]:
        """Return the names of the columns that are read."""
        return [column.name for column in self.columns]

    @property
    def sizes(self) -> list[int]:
        """Return the number of codes of each column."""
        return [column.size for column in self.columns]

    def encode(self, X: pd.DataFrame | Mapping[str, Array]) -> Codes:
        """Return codes, shape (n_rows, n_columns), of a frame or of named arrays.

        Raises
        ------
        DataError
            If a column is absent or a number cannot be read as one.
        """
        table = X if isinstance(X, Mapping) else _named(X)
        absent = [name for name in self.names if name not in table]
        if absent:
            raise DataError(
                f"X lacks the column '{absent[0]}'" + (f" and {len(absent) - 1} more" if absent[1:] else "")
            )
        return np.column_stack([column.encode(np.asarray(table[column.name])) for column in self.columns])

    def get_state(self) -> dict[str, object]:
        """Return what `from_state` needs."""
        return {
            "columns": [
                {
                    "name": c.name,
                    "kind": c.kind,
                    "edges": [float(e) for e in c.edges],
                    "levels": list(c.levels),
                    "instants": c.instants,
                }
                for c in self.columns
            ]
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> TableEncoder:
        """Rebuild an encoder."""
        return cls(
            tuple(
                ColumnCode(
                    c["name"],
                    c["kind"],
                    np.array(c["edges"], dtype=float),
                    tuple(c["levels"]),
                    bool(c.get("instants", False)),
                )
                for c in state["columns"]
            )
        )


def learn_column(name: str, values: Array, max_bins: int) -> ColumnCode | None:
    """Learn one column's codes; None if it takes one value only."""
    if values.dtype.kind in "fiuM":
        instants = values.dtype.kind == "M"
        numbers = to_days(name, values) if instants else values.astype(float)
        edges, varies = _edges(numbers, max_bins)
        return ColumnCode(name, "number", edges, instants=instants) if len(edges) or varies else None
    texts, back = _texts(values)
    counts = np.bincount(back, minlength=len(texts))
    order = sorted(range(len(texts)), key=lambda i: (-counts[i], texts[i] or ""))
    levels = [texts[i] for i in order if texts[i] is not None and counts[i] >= RARE_ROWS][:MAX_CATEGORIES]
    if len(texts) < 2 or not levels:
        return None
    return ColumnCode(name, "category", np.empty(0), tuple(str(level) for level in levels))


def column_values(X: pd.DataFrame, position: int) -> Array:
    """Return a column as floats, or as objects with None for missing."""
    import pandas as pd

    from samaan_ml.tables._given import plain

    column = plain(X.iloc[:, position])
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind) or isinstance(kind, pd.CategoricalDtype):
        return column.astype(object).where(column.notna(), None).to_numpy()
    if pd.api.types.is_numeric_dtype(kind):
        return column.to_numpy(dtype=float, na_value=np.nan)
    if isinstance(kind, pd.DatetimeTZDtype):
        return np.asarray(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
    if pd.api.types.is_datetime64_any_dtype(kind):
        return column.to_numpy()
    return column.astype(object).where(column.notna(), None).to_numpy()


def to_numbers(name: str, values: Array) -> Array:
    """Read numbers; an infinity lies beyond the last edge.

    Raises
    ------
    DataError
        If a value is not a number.
    """
    if values.dtype.kind == "M":
        raise DataError(f"column '{name}' was numeric in training and now holds instants")
    try:
        numbers = values.astype(float) if values.dtype.kind != "O" else _floats(values)
    except (TypeError, ValueError):
        wrong = next((v for v in values if not _is_number(v)), None)
        raise DataError(f"column '{name}' was numeric in training and now holds '{wrong}'") from None
    return np.asarray(numbers, dtype=float)


def to_days(name: str, values: Array) -> Array:
    """Count days since 1970 from datetimes of any unit, or from ISO text; NaN where there is none.

    Raises
    ------
    DataError
        If a value is no instant.
    """
    try:
        if values.dtype.kind not in "MO":
            raise ValueError
        instants = (
            values
            if values.dtype.kind == "M"
            else np.array(
                [np.datetime64("NaT") if v is None or v != v else np.datetime64(v, "us") for v in values],
                dtype="datetime64[us]",
            )
        )
    except (TypeError, ValueError):
        wrong = values[0] if len(values) else None
        raise DataError(
            f"column '{name}' held instants in training and now holds '{wrong}'; give datetimes"
        ) from None
    day = np.timedelta64(1, "D")
    days: Array = (instants - np.datetime64(0, "D")) / day
    return np.asarray(np.where(np.isnat(instants), np.nan, days), dtype=float)


def _named(X: pd.DataFrame) -> dict[str, Array]:
    """Return a frame's columns by name."""
    return {str(name): column_values(X, i) for i, name in enumerate(X.columns)}


def _edges(numbers: Array, max_bins: int) -> tuple[Array, bool]:
    """Place at most `max_bins` bins of about equal rows between distinct values; a frequent value gets its own."""
    finite = np.isfinite(numbers)
    distinct, counts = np.unique(numbers[finite], return_counts=True)
    varies = len(np.unique(numbers[~finite])) + (len(distinct) > 0) > 1
    if len(distinct) <= max_bins:
        return _midpoints(distinct[:-1], distinct[1:]), varies
    last: list[int] = []
    rows_left, bins_left, held = int(counts.sum()), max_bins, 0
    for i in range(len(distinct) - 1):
        held += int(counts[i])
        mean = rows_left / max(bins_left, 1)
        if held >= mean or counts[i + 1] >= mean:
            last.append(i)
            rows_left, bins_left, held = rows_left - held, bins_left - 1, 0
            if bins_left <= 1:
                break
    ends = np.array(last, dtype=np.int64)
    return _midpoints(distinct[ends], distinct[ends + 1]), varies


def _midpoints(low: Array, high: Array) -> Array:
    """Return edges between neighbours that keep the lower one below and the upper one above."""
    middle = low + (high - low) / 2
    return np.where(middle < high, middle, low)


def _texts(values: Array) -> tuple[list[str | None], Codes]:
    """Return the distinct texts (None for missing) and each row's place among them."""
    place: dict[str | None, int] = {}
    back = np.empty(len(values), dtype=np.int64)
    for i, value in enumerate(values.tolist()):
        text = None if value is None or value != value else _text(value)
        back[i] = place.setdefault(text, len(place))
    return list(place), back


def _text(value: Any) -> str:
    """Write a value as text; a whole number without a fraction, however it is stored."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _meaning(text: str, *, yes_or_no: bool) -> str:
    """Return what a category means: a number however it is written, words in any case, yes as 1 and no as 0."""
    word = text.strip().casefold()
    try:
        number = float(word)
    except ValueError:
        return _TRUTH.get(word, word) if yes_or_no else word
    return str(int(number)) if number.is_integer() else repr(number)


def _floats(values: Array) -> Array:
    """Turn objects into floats, None into NaN."""
    return np.array([np.nan if v is None else float(v) for v in values], dtype=float)


def _is_number(value: object) -> bool:
    """Return whether a value reads as a number."""
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return value is None
    return True
