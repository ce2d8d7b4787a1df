"""One shop's own rows: what its answers depend on, and no more.

Rows come in one order whatever files they came in, rows delivered twice count once, and of tables that shops share
only what concerns this one is kept: so a late, repeated or foreign row changes the digest of no other shop. Rows can be
cut off after a day, as if it were that day's evening.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.domain.ledger_entry import SHOP_ZONE
from samaan_ml.exceptions import DataError
from training.columns import days_of, lookup_of
from training.covariates import calendar_columns

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["KEY", "MAIN_TABLE", "USED_TABLES", "ShopRows", "check_rows", "own_rows"]

MAIN_TABLE = {"demand": "sales", "price": "sales", "udhaar": "ledger"}
USED_TABLES = {
    "demand": ("sales", "prices", "stock", "calendar", "items", "shops"),
    "price": ("sales", "prices", "items", "shops"),
    "udhaar": ("ledger", "promises", "shops"),
}
KEY = {"demand": "item_id", "price": "item_id", "udhaar": "customer_id"}
_ORDER = dict.fromkeys(("sales", "prices", "stock"), ("item_id", "date")) | {"ledger": ("at",)}
_IDENTITY = dict.fromkeys(("sales", "prices", "stock"), ("item_id", "date")) | {"ledger": ("entry_id",)}


@dataclass(frozen=True, slots=True)
class ShopRows:
    """A shop's rows, ready to be asked about.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        Its part of each table.
    repeated : int
        Rows of the main table that were delivered once more.
    """

    tables: Mapping[str, pa.Table]
    repeated: int = 0

    def digest(self) -> str:
        """Return the SHA-256 of the rows."""
        import pyarrow as pa

        total = hashlib.sha256()
        for name in sorted(self.tables):
            table = self.tables[name].combine_chunks()
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as writer:
                writer.write_table(table.replace_schema_metadata(None))
            total.update(name.encode())
            total.update(sink.getvalue())
        return total.hexdigest()


def own_rows(area: str, shop: str, given: Mapping[str, pa.Table], until: date | None = None) -> ShopRows:
    """Take from tables what one shop's answers depend on.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    shop : str
        The shop.
    given : mapping of str to pyarrow.Table
        The shop's rows of the large tables, and the shared tables whole.
    until : date or None, default=None
        Last day that is known; None is all there is. Later events of the calendar are known ahead, its other columns
        and planned prices are not.

    Raises
    ------
    DataError
        When a column that holds days does not.
    """
    own = {name: _plain(table) for name, table in given.items()}
    if until is not None:
        own = {name: _until(name, table, until) for name, table in own.items()}
    repeated = 0
    for name in set(own) & set(_ORDER):
        own[name], again = _once(name, _ordered(name, own[name]))
        repeated += again if name == MAIN_TABLE[area] else 0
    own = {name: table for name, table in own.items() if len(table) or name not in _ORDER}
    return ShopRows(_concerning(shop, own), repeated)


def _plain(table: pa.Table) -> pa.Table:
    """Write words out: the dictionary of a file holds the words of all its shops."""
    import pyarrow as pa

    for place, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(place, column.name, table[column.name].cast(column.type.value_type))
    return table


def _until(name: str, table: pa.Table, until: date) -> pa.Table:
    """Forget what was not known on the evening of a day."""
    import pandas as pd
    import pyarrow as pa

    if name == "ledger" and "at" in table.column_names:
        at = pd.to_datetime(table["at"].to_pandas(), utc=True, format="ISO8601").dt.tz_convert(SHOP_ZONE)
        return table.filter(pa.array(at.dt.date <= until))
    if "date" not in table.column_names:
        return table
    known = pa.array(days_of(table) <= np.datetime64(until, "D"))
    if name != "calendar":
        return table.filter(known)
    import pyarrow.compute as pc

    for column in calendar_columns(table):
        kept = pc.if_else(known, table[column], pa.scalar(None, table[column].type))
        table = table.set_column(table.column_names.index(column), column, kept)
    return table


def _ordered(name: str, table: pa.Table) -> pa.Table:
    """Put rows in their order; those of one instant stay as they came."""
    order = [column for column in _ORDER[name] if column in table.column_names]
    return table.sort_by([(column, "ascending") for column in order]) if order else table


def _once(name: str, table: pa.Table) -> tuple[pa.Table, int]:
    """Drop rows that repeat another one in every column; give how many there were.

    Two rows of one key that differ are both kept: which is true cannot be known, so the check refuses them.
    """
    import pyarrow as pa

    key = [column for column in _IDENTITY[name] if column in table.column_names]
    if len(key) < len(_IDENTITY[name]) or not _any_repeated(table, key):
        return table, 0
    first = ~table.to_pandas().duplicated().to_numpy()
    return table.filter(pa.array(first)), int((~first).sum())


def _any_repeated(table: pa.Table, key: list[str]) -> bool:
    """Tell cheaply whether a key stands twice."""
    import pyarrow.compute as pc

    if len(key) == 1:
        return int(pc.count_distinct(table[key[0]], mode="all").as_py()) < len(table)
    same: Any = None
    for column in key:
        equal = pc.equal(table[column].slice(1), table[column].slice(0, max(len(table) - 1, 0)))
        same = equal if same is None else pc.and_(same, equal)
    return bool(pc.any(same).as_py())


def _concerning(shop: str, own: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Keep of shared tables what concerns a shop: its own line, its region's days, the items it has."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kept = dict(own)
    region = lookup_of(own.get("shops"), "shop_id", "region").get(shop)
    if "shops" in own and "shop_id" in own["shops"].column_names:
        kept["shops"] = own["shops"].filter(pc.equal(own["shops"]["shop_id"].cast(pa.string()), shop))
    if region is not None and "calendar" in own and "region" in own["calendar"].column_names:
        regions = own["calendar"]["region"].cast(pa.string())
        kept["calendar"] = own["calendar"].filter(
            pc.or_kleene(pc.is_null(regions), pc.equal(regions, region))
        )
    if "items" in own and "item_id" in own["items"].column_names:
        names = [
            own[name]["item_id"].cast(pa.string()).unique() for name in ("sales", "prices") if name in own
        ]
        if names:
            mine = pa.chunked_array(names) if len(names) > 1 else names[0]
            items = own["items"]["item_id"].cast(pa.string())
            kept["items"] = own["items"].filter(pc.is_in(items, value_set=mine))
    return kept


def check_rows(area: str, tables: Mapping[str, pa.Table]) -> None:
    """Hold a shop's tables against their schemas.

    Raises
    ------
    DataError
        When its main table has no rows.
    TableError
        Listing every problem of a table.
    """
    from samaan_ml.tables import SCHEMAS, check

    for name in USED_TABLES[area]:
        if name in tables and name != "calendar":
            check(tables[name].to_pandas(), SCHEMAS[name])
    if MAIN_TABLE[area] not in tables:
        raise DataError(f"table '{MAIN_TABLE[area]}' has no rows of this shop")
