"""What each table holds: columns, kinds, bounds and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Its name.
    kind : {"id", "word", "date", "instant", "number", "integer"}
        What its values are; an id may not be empty, a date has no time of day, an instant has a zone.
    required : bool, default=True
        Whether the table must have it.
    nullable : bool, default=False
        Whether a value may be missing.
    minimum, maximum : float or None, default=None
        Closed bounds of a number.
    choices : tuple of str, default=()
        The only words allowed, where not empty.
    """

    name: str
    kind: Literal["id", "word", "date", "instant", "number", "integer"]
    required: bool = True
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """A table's columns, key and time.

    Parameters
    ----------
    name : str
        Name of the table and of its file.
    columns : tuple of Column
        The columns known here.
    key : tuple of str
        Columns whose values together may appear once only; empty where rows may repeat.
    past : str or None, default=None
        The column that may not lie in the future.
    open : bool, default=False
        Whether further columns are kept.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    past: str | None = None
    open: bool = False


_SHOP = Column("shop_id", "id")
_ITEM = Column("item_id", "id")
_DATE = Column("date", "date")

SALES = Schema(
    "sales",
    (_SHOP, _ITEM, _DATE, Column("units", "number", minimum=0)),
    ("shop_id", "item_id", "date"),
    past="date",
)
PRICES = Schema(
    "prices",
    (
        _SHOP,
        _ITEM,
        _DATE,
        Column("unit_price", "number", minimum=0),
        Column("unit_cost", "number", required=False, nullable=True, minimum=0),
        Column("mrp", "number", required=False, nullable=True, minimum=0),
    ),
    ("shop_id", "item_id", "date"),
    open=True,
)
STOCK = Schema(
    "stock",
    (
        _SHOP,
        _ITEM,
        _DATE,
        Column("in_stock_share", "number", minimum=0, maximum=1),
        Column("on_hand_units", "number", required=False, nullable=True),
    ),
    ("shop_id", "item_id", "date"),
    past="date",
)
CALENDAR = Schema(
    "calendar",
    (_DATE, Column("region", "word", required=False, nullable=True), Column("event", "word", nullable=True)),
    ("date", "region", "event"),
    open=True,
)
ITEMS = Schema("items", (_ITEM, Column("category", "word")), ("item_id",), open=True)
SHOPS = Schema("shops", (_SHOP, Column("region", "word")), ("shop_id",), open=True)
LEDGER = Schema(
    "ledger",
    (
        _SHOP,
        Column("customer_id", "id"),
        Column("at", "instant"),
        Column("kind", "word", choices=("credit", "payment", "reversal", "write_off")),
        Column("amount_paise", "integer", minimum=1),
        Column("due_on", "date", nullable=True),
        Column("entry_id", "id", required=False),
        Column("reverses", "word", required=False, nullable=True),
    ),
    (),
    past="at",
)
PROMISES = Schema(
    "promises",
    (
        _SHOP,
        Column("customer_id", "id"),
        Column("amount_paise", "integer", minimum=1),
        Column("made_at", "instant"),
        Column("pay_by", "date"),
    ),
    (),
    past="made_at",
)

COVARIATES = Schema(
    "covariates",
    (
        Column("shop_id", "word", required=False, nullable=True),
        Column("item_id", "word", required=False, nullable=True),
        _DATE,
        Column("name", "id"),
        Column("value", "number"),
        Column("holds", "word", required=False, nullable=True, choices=("day", "until_next")),
    ),
    ("shop_id", "item_id", "date", "name"),
)

SCHEMAS: dict[str, Schema] = {
    schema.name: schema
    for schema in (SALES, PRICES, STOCK, CALENDAR, ITEMS, SHOPS, LEDGER, PROMISES, COVARIATES)
}
