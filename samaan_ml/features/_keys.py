"""Which series each row of a table belongs to, and which rows match no series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml import tables

__all__ = ["Ints"]


_CHUNK = 2_000_000


_NAMED = 5


Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Keys:
    """The series: which row a pair of shop and item is."""

    shops: pd.Index
    items: pd.Index
    row_of_pair: npt.NDArray[np.int32]  # flat, shop-major; -1 for a pair that never occurs
    shop_of_series: npt.NDArray[np.int32]
    item_of_series: npt.NDArray[np.int32]

    def rows(self, frame: pd.DataFrame, part: slice) -> npt.NDArray[np.int32]:
        """Find the series of each row of a part of a table; -1 for a pair without sales."""
        shop = _codes_of(frame["shop_id"].iloc[part], self.shops)
        item = _codes_of(frame["item_id"].iloc[part], self.items)
        pair = shop * len(self.items) + item
        return np.where((shop < 0) | (item < 0), np.int32(-1), self.row_of_pair[np.maximum(pair, 0)])


def _unmatched(
    keys: _Keys, prices: pd.DataFrame | None, stock: pd.DataFrame | None, items: Any, shops: Any
) -> tuple[str, ...]:
    """Name the items and shops that one table has and another lacks."""
    notes: list[str] = []
    for name, table in (("prices", prices), ("stock", stock)):
        if table is None or not len(table):
            continue
        has = np.zeros(len(keys.shop_of_series), dtype=bool)
        for start in range(0, len(table), _CHUNK):
            rows = keys.rows(table, slice(start, start + _CHUNK))
            has[rows[rows >= 0]] = True
        if not has.all():
            first = int(np.flatnonzero(~has)[0])
            shop, item = keys.shops[keys.shop_of_series[first]], keys.items[keys.item_of_series[first]]
            notes.append(
                f"{int((~has).sum())} of {len(has)} series have no row in table '{name}', the first '{shop}/{item}'"
            )
    for name, table, key, known in (
        ("items", items, "item_id", keys.items),
        ("shops", shops, "shop_id", keys.shops),
    ):
        if table is None:
            continue
        schema = tables.ITEMS if key == "item_id" else tables.SHOPS
        lacking = sorted(set(map(str, known)) - set(_attributes(table, schema, key)[key].astype("str")))
        if lacking:
            few = ", ".join(f"'{each}'" for each in lacking[:_NAMED]) + (
                ", ..." if len(lacking) > _NAMED else ""
            )
            notes.append(f"{len(lacking)} {key} of table 'sales' are not in table '{name}': {few}")
    return tuple(notes)


def _index_of(ids: pd.Series) -> pd.Index:
    """List the ids that occur, sorted."""
    if isinstance(ids.dtype, pd.CategoricalDtype):
        used = np.flatnonzero(
            np.bincount(ids.cat.codes.to_numpy() + 1, minlength=len(ids.cat.categories) + 1)[1:]
        )
        return cast("pd.Index", pd.Index(ids.cat.categories[used]).sort_values())
    return cast("pd.Index", pd.Index(pd.unique(ids)).sort_values())


def _codes_of(ids: pd.Series, index: pd.Index) -> Ints:
    """Number ids by their place in the index; -1 where absent. Numbers and text that read alike are one id."""
    if isinstance(ids.dtype, pd.CategoricalDtype):
        place = np.append(_lookup(pd.Index(ids.cat.categories), index), -1)
        return place[ids.cat.codes.to_numpy()]
    return _lookup(pd.Index(ids), index)


def _lookup(ids: pd.Index, index: pd.Index) -> Ints:
    """Find ids in an index, as they are or, where the kinds differ, as text."""
    if ids.inferred_type == index.inferred_type:
        return np.asarray(index.get_indexer(ids), dtype=np.int64)
    return np.asarray(index.astype("str").get_indexer(ids.astype("str")), dtype=np.int64)


def _keys(sales: pd.DataFrame) -> _Keys:
    """Find the series that occur in the sales."""
    shops, items = _index_of(sales["shop_id"]), _index_of(sales["item_id"])
    present = np.zeros(len(shops) * len(items), dtype=bool)
    for start in range(0, len(sales), _CHUNK):
        part = sales.iloc[start : start + _CHUNK]
        shop, item = _codes_of(part["shop_id"], shops), _codes_of(part["item_id"], items)
        present[shop * len(items) + item] = True
    pairs = np.flatnonzero(present)
    row_of_pair = np.full(len(present), -1, dtype=np.int32)
    row_of_pair[pairs] = np.arange(len(pairs), dtype=np.int32)
    shop_of_series, item_of_series = np.divmod(pairs, len(items))
    return _Keys(shops, items, row_of_pair, shop_of_series.astype(np.int32), item_of_series.astype(np.int32))


def _series(keys: _Keys, items: Any, shops: Any) -> pd.DataFrame:
    """Name the series and attach what is known of their item and shop."""
    series = pd.DataFrame(
        {"shop_id": keys.shops[keys.shop_of_series], "item_id": keys.items[keys.item_of_series]}
    )
    for table, key, index, codes in (
        (items, "item_id", keys.items, keys.item_of_series),
        (shops, "shop_id", keys.shops, keys.shop_of_series),
    ):
        if table is None:
            continue
        schema = tables.ITEMS if key == "item_id" else tables.SHOPS
        known = _attributes(table, schema, key)
        place = _lookup(index, pd.Index(known[key]))
        for name in known.columns:
            if name != key and name not in series.columns:
                column = (
                    known[name].take(np.maximum(place, 0)).where(pd.Series(place >= 0, index=None).to_numpy())
                )
                series[str(name)] = column.reset_index(drop=True).take(codes).reset_index(drop=True)
    return series


def _attributes(table: Any, schema: tables.Schema, key: str) -> pd.DataFrame:
    """Check a table of attributes; category and region may be absent, the key may not."""
    needed = replace(
        schema,
        columns=tuple(
            replace(column, required=column.name == key, nullable=True) for column in schema.columns
        ),
    )
    frame = tables.check(table, needed, repeats="keep")
    return frame.drop_duplicates(key, keep="last").reset_index(drop=True)
