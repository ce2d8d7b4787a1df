"""One column to its canonical dtype, each value that cannot be noted with a code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml.exceptions import Problem
from samaan_ml.tables._given import plain
from samaan_ml.tables._schema import Column

__all__ = ["convert", "covariate"]

_LISTED = 10_000
"""So many problems a column and reason are listed one by one; a broken million-row file must still answer."""
_DAY_NS = 86_400_000_000_000
_CHUNK = 2_000_000
_ISO_DAY = r"^\s*\d{4}-?\d\d-?\d\d"
_ZONE = r"\d[T ].*(?:Z|[+-]\d\d:?(?:\d\d)?)\s*$"
_TRUE, _FALSE = ("true", "yes", "y", "on"), ("false", "no", "n", "off")
Decimal = Literal[".", ","]


class Reader:
    """Converts the columns of one table and gathers their problems.

    Parameters
    ----------
    decimal : {".", ","}, default="."
        Decimal mark of numbers given as text.
    """

    def __init__(self, decimal: Decimal = ".") -> None:
        self.decimal = decimal
        self.problems: list[Problem] = []

    def note(self, bad: Any, column: str, values: pd.Series, reason: str, code: str) -> None:
        """Add a problem for each row where `bad` holds."""
        rows = np.flatnonzero(np.asarray(bad, dtype=bool))
        self.problems += [
            Problem(int(row), column, f"{reason}, got '{values.iloc[row]}'", code) for row in rows[:_LISTED]
        ]
        if len(rows) > _LISTED:
            more = f"{reason}, in {len(rows) - _LISTED} further rows"
            self.problems.append(Problem(None, column, more, code))


def convert(values: pd.Series, column: Column, reader: Reader) -> pd.Series:
    """Convert one column to its canonical dtype, noting each value that cannot be."""
    return _CONVERTERS[column.kind](plain(values), column, reader)


def covariate(values: pd.Series, decimal: Decimal = ".") -> pd.Series:
    """Read a further column of `prices` or `calendar`: numbers and truth values in any form become numbers.

    Text of which a value is neither stays text.
    """
    values = plain(values)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype("float64") if pd.api.types.is_bool_dtype(values.dtype) else values
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    missing = values.isna()
    text = values.astype("str").str.strip().str.casefold()
    text = text.where(~text.isin(_TRUE), "1").where(~text.isin(_FALSE), "0")
    if decimal == ",":
        text = text.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(text.where(~missing, "nan"), errors="coerce").astype("float64")
    return numbers if bool((numbers.notna() | missing).all()) and not missing.all() else values


# ---------------------------------------------------------------- text


def _id(values: pd.Series, column: Column, reader: Reader) -> pd.Series:
    """Ids are non-empty text; whole numbers are written out, categories stay categories."""
    missing = values.isna()
    reader.note(missing, column.name, values, "an id may not be missing", "missing")
    codes, kinds = _kinds(values)
    text = _written(kinds)
    reader.note(
        _of_kind(text.str.strip() == "", codes, missing),
        column.name,
        values,
        "an id may not be empty",
        "empty",
    )
    if column.name == "shop_id":
        slash = _of_kind(text.str.contains("/", regex=False), codes, missing)
        reader.note(slash, column.name, values, "a shop's id may not hold '/'", "slash")
    return text if codes is None else _category(codes, text, values)


def _word(values: pd.Series, column: Column, reader: Reader) -> pd.Series:
    """Words are text, missing only where allowed, one of the choices where there are some."""
    missing = values.isna()
    if not column.nullable:
        reader.note(missing, column.name, values, "a value is missing", "missing")
    codes, kinds = _kinds(values)
    text = _written(kinds)
    if column.choices:
        strange = _of_kind(~text.isin(column.choices), codes, missing)
        allowed = f"expected one of {', '.join(column.choices)}"
        reader.note(strange, column.name, values, allowed, "not_a_choice")
    return text.where(~missing, None) if codes is None else _category(codes, text, values)


def _kinds(values: pd.Series) -> tuple[npt.NDArray[np.integer[Any]] | None, pd.Series]:
    """Split a category into codes and categories; anything else is its own kinds."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy(), plain(pd.Series(values.cat.categories.array))
    return None, values


def _written(values: pd.Series) -> pd.Series:
    """Write values as text; whole numbers without a fraction, however they are stored."""
    if pd.api.types.is_float_dtype(values.dtype):
        present = values.dropna()
        if bool((present == present.round()).all()) and bool((present.abs() < 2**63).all()):
            return values.astype("Int64").astype("str")
    if (
        pd.api.types.is_object_dtype(values.dtype)
        and pd.api.types.infer_dtype(values, skipna=True) != "string"
    ):
        whole = values.map(lambda each: int(each) if isinstance(each, float) and each.is_integer() else each)
        return whole.map(str).astype("str")
    return values.astype("str")


def _of_kind(bad: pd.Series, codes: npt.NDArray[np.integer[Any]] | None, missing: pd.Series) -> Any:
    """Spread what is wrong with a category over its rows."""
    if codes is None:
        return bad.fillna(False).to_numpy(dtype=bool) & ~missing.to_numpy()
    return np.append(bad.to_numpy(dtype=bool), False)[codes]


def _category(codes: npt.NDArray[np.integer[Any]], text: pd.Series, values: pd.Series) -> pd.Series:
    """Return a category sorted text for categories; two that are written alike become one."""
    names = text.to_numpy(dtype=object)
    if (
        list(names) == list(values.cat.categories)
        and bool((names[1:] > names[:-1]).all())
        and not values.cat.ordered
    ):
        return values
    found, place = np.unique(names.astype(str), return_inverse=True)
    merged = np.append(place, -1)[codes]
    category = pd.Categorical.from_codes(merged, categories=pd.Index(found.astype(object)).astype("str"))
    return pd.Series(category, index=values.index, name=values.name)


# ---------------------------------------------------------------- dates and instants


def _date(values: pd.Series, column: Column, reader: Reader) -> pd.Series:
    """Dates are midnight without a zone."""
    missing = values.isna()
    if not column.nullable:
        reader.note(missing, column.name, values, "a date is missing", "missing")
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        reason = "expected dates of the shop's own day, got instants with a zone"
        reader.problems.append(Problem(None, column.name, reason, "zone"))
        return _in_nanoseconds(values.dt.tz_localize(None))
    if _is_midnights(values):
        return values
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    unread = "expected a date like 2026-01-31"
    if pd.api.types.is_numeric_dtype(values.dtype):
        reader.note(~missing, column.name, values, unread, "not_a_date")
        return pd.Series(pd.NaT, index=values.index).astype("datetime64[ns]")
    parsed, zoned = _parsed(values)
    reader.note(zoned, column.name, values, "expected a day without a zone", "zone")
    known = _in_nanoseconds(parsed)
    reader.note(known.isna() & ~missing & ~zoned, column.name, values, unread, "not_a_date")
    late = known.notna() & ~zoned & (known != known.dt.normalize())
    reader.note(late, column.name, values, "a date has no time of day", "time_of_day")
    return known


def _is_midnights(values: pd.Series) -> bool:
    """Tell, without a copy of the column, whether its values are days already."""
    if values.dtype != "datetime64[ns]":
        return False
    moments = values.to_numpy().view("i8")
    return all(
        not (moments[start : start + _CHUNK] % _DAY_NS).any() for start in range(0, len(moments), _CHUNK)
    )  # NaT is no multiple of a day


def _parsed(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read dates from datetimes, objects or ISO text; also tells which named a zone."""
    nowhere = pd.Series(False, index=values.index)
    if _is_datetime(values):
        return values, nowhere
    if pd.api.types.infer_dtype(values, skipna=True) == "string":
        zoned = values.str.contains(_ZONE, regex=True).fillna(False).astype(bool)
        whole = values.str.contains(_ISO_DAY, regex=True).fillna(False).astype(bool)
        return pd.to_datetime(values.where(whole & ~zoned, None), errors="coerce", format="ISO8601"), zoned
    text = values.map(lambda each: each if isinstance(each, str) else None)
    is_text = text.notna()
    zoned = is_text & text.astype("str").str.contains(_ZONE, regex=True)
    whole = ~is_text | text.astype("str").str.contains(_ISO_DAY, regex=True)
    zoned |= values.map(lambda each: getattr(each, "tzinfo", None) is not None)
    readable = values.where(whole & ~zoned & values.map(_may_be_date), None)
    return pd.to_datetime(readable, errors="coerce", format="ISO8601"), zoned


def _may_be_date(value: Any) -> bool:
    """Refuse numbers among dates: pandas would count them as nanoseconds since 1970."""
    return not isinstance(value, (int, float, bool, np.number)) or value != value


def _is_datetime(values: pd.Series) -> bool:
    """Return whether the values are datetimes already."""
    return pd.api.types.is_datetime64_any_dtype(values.dtype)


def _in_nanoseconds(values: pd.Series) -> pd.Series:
    """Give datetimes of any unit nanoseconds; what these cannot hold becomes NaT."""
    zone = getattr(values.dtype, "tz", None)
    if values.dtype in ("datetime64[ns]", "datetime64[ns, UTC]"):
        return values
    low, high = pd.Timestamp("1700-01-01", tz=zone), pd.Timestamp("2250-01-01", tz=zone)
    inside = values.where((values >= low) & (values < high))
    return inside.astype("datetime64[ns]") if zone is None else inside.astype("datetime64[ns, UTC]")


def _instant(values: pd.Series, column: Column, reader: Reader) -> pd.Series:
    """Instants carry a zone and are kept in UTC."""
    missing = values.isna()
    reader.note(missing, column.name, values, "an instant is missing", "missing")
    if _is_datetime(values):
        if not isinstance(values.dtype, pd.DatetimeTZDtype):
            reason = "expected instants with a zone, got times without one"
            reader.problems.append(Problem(None, column.name, reason, "no_zone"))
            return _in_nanoseconds(values.dt.tz_localize("UTC"))
        return _in_nanoseconds(values.dt.tz_convert("UTC"))
    if pd.api.types.is_numeric_dtype(values.dtype):
        wanted = "expected an instant like 2026-01-31T18:00:00Z"
        reader.note(~missing, column.name, values, wanted, "not_an_instant")
        return pd.Series(pd.NaT, index=values.index).astype("datetime64[ns, UTC]")
    values = values.map(
        lambda each: (
            each if each is None or isinstance(each, str) else getattr(each, "isoformat", lambda: None)()
        )
    )
    parsed = _in_nanoseconds(pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601"))
    reader.note(
        parsed.isna() & ~missing,
        column.name,
        values,
        "expected an instant like 2026-01-31T18:00:00Z",
        "not_an_instant",
    )
    zoned = values.astype("str").str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True)
    bare = ~missing & parsed.notna() & ~zoned
    reader.note(bare, column.name, values, "an instant needs a zone, like Z or +05:30", "no_zone")
    return parsed


# ---------------------------------------------------------------- numbers


def _number(values: pd.Series, column: Column, reader: Reader) -> pd.Series:
    """Numbers are finite and inside the column's bounds."""
    absent = values.isna()
    parsed = _numeric(values, reader.decimal)
    unread = parsed.isna() & (~absent if column.nullable else True)
    reader.note(unread, column.name, values, "expected a number", "not_a_number")
    reader.note(np.isinf(parsed), column.name, values, "expected a finite number", "infinite")
    if column.minimum is not None:
        low = f"expected at least {column.minimum:g}"
        reader.note(parsed < column.minimum, column.name, values, low, "below_minimum")
    if column.maximum is not None:
        above = (parsed > column.maximum) & ~np.isinf(parsed)
        reader.note(above, column.name, values, f"expected at most {column.maximum:g}", "above_maximum")
    return parsed


def _numeric(values: pd.Series, decimal: Decimal) -> pd.Series:
    """Read numbers and text of numbers; truth values and times are missing values."""
    kind = values.dtype
    if isinstance(kind, pd.CategoricalDtype):
        values = values.astype(kind.categories.dtype)
        kind = values.dtype
    if kind in ("float32", "float64"):
        return values
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind) or kind.kind in "mc":
        return pd.Series(np.nan, index=values.index)
    if pd.api.types.is_numeric_dtype(kind):
        return values.astype("float64")
    readable = values.where(~values.map(lambda each: isinstance(each, (bool, np.bool_, complex))), None)
    if decimal == ",":
        readable = readable.map(_with_point)
    return pd.to_numeric(readable, errors="coerce").astype("float64")


def _with_point(value: Any) -> Any:
    """Write a number with a decimal comma with a point: 1.234,5 is 1234.5."""
    if not isinstance(value, str):
        return value
    return value.replace(".", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")


def _integer(values: pd.Series, column: Column, reader: Reader) -> pd.Series:
    """Integers are numbers without a fraction, small enough to be exact."""
    parsed = _number(values, column, reader)
    broken = (parsed % 1 != 0) & np.isfinite(parsed)
    reader.note(broken, column.name, values, "expected a whole number", "not_whole")
    large = np.isfinite(parsed) & (parsed.abs() > 2**53)
    reader.note(large, column.name, values, "the number is too large", "too_large")
    exact = parsed.where(np.isfinite(parsed) & (parsed.abs() <= 2**53), 0.0)
    return exact.astype("int64")


_CONVERTERS: dict[str, Callable[[pd.Series, Column, Reader], pd.Series]] = {
    "id": _id,
    "word": _word,
    "date": _date,
    "instant": _instant,
    "number": _number,
    "integer": _integer,
}
