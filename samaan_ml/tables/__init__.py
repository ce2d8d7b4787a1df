"""The nine tables that everything is learned from: their columns, their checks, their files.

A table is checked once, at the door; behind it nothing checks again. `check` takes pandas of any dtype backend,
polars, pyarrow and whatever else speaks Arrow, and reports every problem by row, reason and code in one
`TableError`. Quantities are units and prices rupees here, as a model wants them; the udhaar ledger keeps whole
paise. Ids are text in every answer.

==========  ============================================================================================
sales       shop_id, item_id, date, units: net units sold that day. No row on a day on which the shop has
            other rows means that nothing was sold; a day without any row of the shop is closed or was
            not entered. A row with 0 units is a day open without a sale.
prices      shop_id, item_id, date, unit_price[, unit_cost, mrp, ...]: a price holds until the next row.
            Further columns of numbers or truth values are covariates of the item, held like the price.
stock       shop_id, item_id, date, in_stock_share: the share of the open hours with stock on the shelf.
calendar    date[, region], event[, ...]: known ahead; without a region the event holds everywhere.
            Further columns of numbers or truth values are covariates of the day.
items       item_id, category[, ...]: one row an item, any further attributes.
shops       shop_id, region[, ...]: one row a shop, any further attributes.
ledger      shop_id, customer_id, at, kind, amount_paise, due_on[, entry_id, reverses]: udhaar entries.
promises    shop_id, customer_id, amount_paise, made_at, pay_by: what customers said they would pay, by when.
covariates  [shop_id, item_id,] date, name, value[, holds]: anything else that moves sales, known in the past
            and ahead: a promotion, a display, the weather, an opening. Without a shop or an item it is of all.
==========  ============================================================================================
"""

from samaan_ml.tables._check import check, normalise, unread_columns
from samaan_ml.tables._covariates import covariate_arrays
from samaan_ml.tables._files import ShopData, read_table, write_table
from samaan_ml.tables._nixtla import from_nixtla, to_nixtla
from samaan_ml.tables._schema import (
    CALENDAR,
    COVARIATES,
    ITEMS,
    LEDGER,
    PRICES,
    PROMISES,
    SALES,
    SCHEMAS,
    SHOPS,
    STOCK,
    Column,
    Schema,
)

__all__ = [
    "CALENDAR",
    "COVARIATES",
    "ITEMS",
    "LEDGER",
    "PRICES",
    "PROMISES",
    "SALES",
    "SCHEMAS",
    "SHOPS",
    "STOCK",
    "Column",
    "Schema",
    "ShopData",
    "check",
    "covariate_arrays",
    "from_nixtla",
    "normalise",
    "read_table",
    "to_nixtla",
    "unread_columns",
    "write_table",
]
