"""Today's facts of every item, read from the tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.gst import GstTable, stated_rate_bp
from samaan_ml.exceptions import DataError, Problem, TableError
from samaan_ml.pricing._joint import CrossEffects
from samaan_ml.pricing._response import DemandResponse
from samaan_ml.pricing._rules import UNKNOWN, ItemFacts, net_of_tax
from samaan_ml.rounding import paise_of
from samaan_ml.tables import ITEMS, PRICES, check
from samaan_ml.tables._convert import covariate

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Objects: TypeAlias = npt.NDArray[np.object_]

_KEY = ["shop_id", "item_id"]
_BELIEF = ["elasticity", "std_error", "lower", "upper"]


@dataclass(frozen=True, slots=True)
class ItemTable:
    """Everything that is known of the items on a day, shape (n_items,).

    Parameters
    ----------
    shop_ids, item_ids, grade : numpy.ndarray of object
        What each row is, and the grade of its elasticity.
    on : date
        Date of supply.
    facts : ItemFacts
        Prices, costs, MRPs and the rest in paise.
    last_change : list of str or None
        Day of the last change in ISO form.
    response : DemandResponse
        Demand by price.
    stock_units : numpy.ndarray or None
        Units on hand.
    categories : list of str
        Categories, empty where unknown.
    """

    shop_ids: Objects
    item_ids: Objects
    grade: Objects
    on: date
    facts: ItemFacts
    last_change: list[str | None]
    response: DemandResponse
    stock_units: Floats | None
    categories: list[str]


def read_items(
    elasticities: pd.DataFrame,
    prices: pd.DataFrame,
    items: pd.DataFrame | None,
    demand: pd.DataFrame | None,
    on: date | str | pd.Timestamp | None,
    gst: GstTable,
) -> ItemTable:
    """Read today's facts.

    Raises
    ------
    TableError
        When a table breaks its schema; all problems are listed.
    DataError
        When there is no price on or before the day.
    """
    day, today = _prices_of(prices, on)
    belief = _joined(today, _belief(elasticities))
    expected = _joined(today, _demand(demand))
    about = _about(items, today["item_id"])
    units = expected["units"].fillna(1.0).to_numpy(dtype=float)
    grade = belief["grade"].astype(object).where(belief["grade"].notna(), "D").to_numpy(dtype=object)
    values = {name: belief[name].fillna(0.0).to_numpy(dtype=float) for name in _BELIEF}
    facts = _facts(today, about, day.date(), gst)
    priced = facts.price > 0
    return ItemTable(
        shop_ids=today["shop_id"].to_numpy(dtype=object),
        item_ids=today["item_id"].to_numpy(dtype=object),
        grade=grade,
        on=day.date(),
        facts=facts,
        last_change=[None if pd.isna(d) else d.date().isoformat() for d in today["changed"].tolist()],
        response=DemandResponse(
            units=units,
            price=np.where(priced, facts.price, 1).astype(float),
            units_lower=_or_missing(expected, "lower", units),
            units_upper=_or_missing(expected, "upper", units),
            **values,
        ),
        stock_units=_or_missing(expected, "stock_units", np.zeros(len(units))),
        categories=_categories(about, len(units)),
    )


def _prices_of(
    prices: pd.DataFrame, on: date | str | pd.Timestamp | None
) -> tuple[pd.Timestamp, pd.DataFrame]:
    """Return the day, the one after the last price if none is named, and each item's price on it."""
    table = check(prices, PRICES)
    if table.empty:
        raise DataError("table 'prices' has no rows; there is nothing to price")
    day = table["date"].max() + pd.Timedelta(days=1) if on is None else pd.Timestamp(on).normalize()
    table = table[table["date"] <= day]
    if table.empty:
        raise DataError(f"table 'prices' has no row on or before {day.date()}")
    today = _today(table)
    for name in _KEY:
        today[name] = today[name].astype(str)
    return day, today


def read_cross(cross: pd.DataFrame, table: ItemTable) -> CrossEffects:
    """Cross elasticities between the items of a table; pairs with an item that is not priced are left out.

    Raises
    ------
    TableError
        When a column is missing or a number is not finite.
    """
    needed = ("shop_id", "item_id", "other_item_id", "elasticity")
    if missing := [name for name in needed if name not in cross]:
        raise TableError("cross", [Problem(None, name, "column is missing") for name in missing])
    value = cross["elasticity"].to_numpy(dtype=float)
    if not np.isfinite(value).all():
        rows = np.flatnonzero(~np.isfinite(value))
        raise TableError(
            "cross", [Problem(int(row), "elasticity", "expected a finite number") for row in rows]
        )
    place = {key: k for k, key in enumerate(zip(table.shop_ids, table.item_ids, strict=True))}
    shop, item, other = (cross[name].astype(str).tolist() for name in needed[:3])
    row = np.array([place.get(key, -1) for key in zip(shop, item, strict=True)], dtype=np.intp)
    column = np.array([place.get(key, -1) for key in zip(shop, other, strict=True)], dtype=np.intp)
    kept = (row >= 0) & (column >= 0) & (row != column)
    return CrossEffects(row[kept], column[kept], value[kept])


def _today(table: pd.DataFrame) -> pd.DataFrame:
    """Last row of each series and the day on which its price last moved."""
    first = ~table.duplicated(_KEY)
    last = ~table.duplicated(_KEY, keep="last")
    moved = ~first & (table["unit_price"] != table["unit_price"].shift())
    changed = table["date"].where(moved)
    series = first.cumsum()
    today = table[last].copy()
    today["changed"] = changed.groupby(series.to_numpy()).max().to_numpy()
    return today.reset_index(drop=True)


def _belief(elasticities: pd.DataFrame) -> pd.DataFrame:
    """Elasticities, one row a series."""
    missing = [name for name in (*_KEY, *_BELIEF, "grade") if name not in elasticities]
    if missing:
        raise TableError("elasticities", [Problem(None, name, "column is missing") for name in missing])
    values = elasticities[[*_KEY, *_BELIEF, "grade"]].copy()
    bad = ~np.isfinite(values[_BELIEF].to_numpy(dtype=float)).all(axis=1)
    bad |= ~values["grade"].isin(list("ABCD")).to_numpy()
    bad |= values.duplicated(_KEY).to_numpy()
    if bad.any():
        reason = "expected finite numbers, a grade of A to D and each series once"
        raise TableError("elasticities", [Problem(int(row), None, reason) for row in np.flatnonzero(bad)])
    return values


def _demand(demand: pd.DataFrame | None) -> pd.DataFrame:
    """Expected units a day, one row a series."""
    if demand is None:
        return pd.DataFrame({"shop_id": [], "item_id": [], "units": []})
    missing = [name for name in (*_KEY, "units") if name not in demand]
    if missing:
        raise TableError("demand", [Problem(None, name, "column is missing") for name in missing])
    kept = demand[[*_KEY, *(c for c in ("units", "lower", "upper", "stock_units") if c in demand)]]
    numbers = kept.drop(columns=_KEY).to_numpy(dtype=float)
    bad = (numbers < 0.0).any(axis=1) | np.isinf(numbers).any(axis=1) | kept.duplicated(_KEY).to_numpy()
    if bad.any():
        reason = "expected numbers of 0 or more and each series once"
        raise TableError("demand", [Problem(int(row), None, reason) for row in np.flatnonzero(bad)])
    return kept


def _joined(today: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Rows of another table in the order of today's series, missing where it has none."""
    keyed = other.copy()
    for name in _KEY:
        keyed[name] = keyed[name].astype(str)
    place = pd.MultiIndex.from_frame(keyed[_KEY]).get_indexer(pd.MultiIndex.from_frame(today[_KEY]))
    return keyed.reset_index(drop=True).reindex(place).reset_index(drop=True)


def _or_missing(expected: pd.DataFrame, name: str, default: Floats) -> Floats | None:
    """A column as numbers with gaps filled, None where the table has no such column."""
    if name not in expected:
        return None
    values = expected[name].to_numpy(dtype=float)
    return np.where(np.isnan(values), default, values)


def _about(items: pd.DataFrame | None, item_ids: pd.Series) -> pd.DataFrame:
    """Attributes of each series' item."""
    if items is None:
        return pd.DataFrame(index=range(len(item_ids)))
    optional = replace(
        ITEMS, columns=tuple(replace(c, required=c.name == "item_id", nullable=True) for c in ITEMS.columns)
    )
    keyed = check(items, optional, repeats="keep").drop_duplicates()
    _refuse_conflicts(keyed)
    keyed = keyed.drop_duplicates("item_id").set_index("item_id")
    keyed.index = keyed.index.astype(str)
    return keyed.reindex(item_ids.astype(str)).reset_index(drop=True)


def _refuse_conflicts(items: pd.DataFrame) -> None:
    """Refuse an item that stands twice with different attributes: which row is right cannot be told.

    Raises
    ------
    TableError
        Naming each row that contradicts an earlier one.
    """
    again = items.duplicated("item_id")
    if again.any():
        raise TableError(
            "items",
            [
                Problem(
                    int(row), "item_id", f"item '{items['item_id'].loc[row]}' stands twice with other values",
                    "conflicting_rows",
                )
                for row in items.index[again]
            ],
        )  # fmt: skip


def _categories(about: pd.DataFrame, n: int) -> list[str]:
    """Category of each series' item, empty where unknown."""
    if "category" not in about:
        return [""] * n
    return [str(name) for name in about["category"].astype(object).where(about["category"].notna(), "")]


def _facts(today: pd.DataFrame, about: pd.DataFrame, on: date, gst: GstTable) -> ItemFacts:
    """Facts in whole paise."""
    n = len(today)
    loose = _flags(about, "loose", n)
    if "mrp" not in today:
        loose[:] = True
    changed = (pd.Timestamp(on) - today["changed"]).dt.days
    rates = _rates(about, today["item_id"], on, gst)
    cost = _paise(today["unit_cost"]) if "unit_cost" in today else np.full(n, UNKNOWN)
    with_tax = _flags(about, "cost_includes_gst", n) & (cost != UNKNOWN) & (rates != UNKNOWN)
    return ItemFacts(
        price=_paise(today["unit_price"]),
        cost=np.where(with_tax, net_of_tax(cost, rates, composition=False), cost),
        mrp=np.where(loose, UNKNOWN, _paise(today["mrp"])) if "mrp" in today else np.full(n, UNKNOWN),
        loose=loose,
        known_value=_flags(about, "known_value", n),
        gst_rate_bp=rates,
        days_since_change=changed.fillna(UNKNOWN).to_numpy(dtype=np.int64),
        reference_price=_paise(about["reference_price"])
        if "reference_price" in about
        else np.full(n, UNKNOWN),
        reference_age_days=_whole(about, "reference_age_days", n),
    )


def _paise(rupees: pd.Series) -> Integers:
    """Rupees as whole paise, UNKNOWN where missing."""
    values = pd.to_numeric(rupees).to_numpy(dtype=float)
    return np.where(np.isnan(values), UNKNOWN, paise_of(np.nan_to_num(values))).astype(np.int64)


def _flags(about: pd.DataFrame, name: str, n: int) -> npt.NDArray[np.bool_]:
    """A yes-or-no attribute in any form, no where missing.

    Raises
    ------
    TableError
        When a value is neither yes nor no.
    """
    if name not in about or about[name].isna().all():
        return np.zeros(n, dtype=bool)
    flags = covariate(about[name])
    if not pd.api.types.is_numeric_dtype(flags.dtype):
        raise TableError(
            "items", [Problem(None, name, "expected yes or no, true or false, 1 or 0", "not_a_flag")]
        )
    return np.asarray(np.nan_to_num(flags.to_numpy(dtype=float)) != 0.0, dtype=bool)


def _whole(about: pd.DataFrame, name: str, n: int) -> Integers:
    """A whole-number attribute, UNKNOWN where missing."""
    if name not in about:
        return np.full(n, UNKNOWN)
    return pd.to_numeric(about[name]).fillna(UNKNOWN).to_numpy(dtype=np.int64)


def _rates(about: pd.DataFrame, item_ids: pd.Series, on: date, gst: GstTable) -> Integers:
    """Tax rate of each item: its own, in basis points or percent, else that of its heading on the day.

    Raises
    ------
    TableError
        When a rate has never been in force, or an item's two rates disagree.
    """
    n = len(item_ids)
    rates = _given_rates(about, item_ids)
    if "hsn" not in about:
        return rates
    packing = about["packing"].tolist() if "packing" in about else [None] * n
    loose = _flags(about, "loose", n)
    known: dict[tuple[str, str], int] = {}
    for row, hsn in enumerate(about["hsn"].tolist()):
        if rates[row] != UNKNOWN or pd.isna(hsn):
            continue
        key = (_heading(hsn), "loose" if loose[row] or packing[row] == "loose" else "packed")
        if key not in known:
            found = gst.find(key[0], on, "loose" if key[1] == "loose" else "packed")
            known[key] = UNKNOWN if found is None else found.rate_bp
        rates[row] = known[key]
    return rates


def _heading(hsn: Any) -> str:
    """Write a heading as text; a number has lost the zero of the chapters 01 to 09."""
    if isinstance(hsn, str):
        return hsn
    digits = str(int(hsn))
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def _given_rates(about: pd.DataFrame, item_ids: pd.Series) -> Integers:
    """Rates that the items table states itself, UNKNOWN where it states none."""
    n = len(item_ids)
    rates = np.full(n, UNKNOWN, dtype=np.int64)
    if "gst_rate_bp" not in about and "gst_percent" not in about:
        return rates
    problems: list[Problem] = []
    in_bp, in_percent = (
        about[name].astype(object).where(about[name].notna(), None).tolist() if name in about else [None] * n
        for name in ("gst_rate_bp", "gst_percent")
    )
    for row, (rate_bp, percent) in enumerate(zip(in_bp, in_percent, strict=True)):
        try:
            stated = stated_rate_bp(rate_bp, percent)
        except RuleError as error:
            reason = f"item '{item_ids.iloc[row]}': {error}"
            problems.append(Problem(None, error.field, reason, "not_a_gst_rate"))
            continue
        rates[row] = UNKNOWN if stated is None else stated
    if problems:
        raise TableError("items", problems)
    return rates
