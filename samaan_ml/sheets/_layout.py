"""What a reader is asked for: which fields, and how the caller says that a sheet is to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from samaan_ml.sheets._errors import SheetError

__all__ = ["INVOICES", "PRICED_SALES", "SALES", "DateOrder", "DecimalMark", "Layout", "Options", "Side"]

DateOrder = Literal["dmy", "mdy"]
DecimalMark = Literal["dot", "comma"]
Side = Literal["dr", "cr"]

_MORE = (
    "unit",
    "amount",
    "discount",
    "discount_percent",
    "free",
    "name",
    "category",
    "customer",
    "shop",
    "kind",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a kind of sheet are to be understood.

    Parameters
    ----------
    fields : tuple of str
        The fields looked for.
    required : tuple of str
        Those that must have a column; `item` is also met by `name`, `price` by `amount` or `mrp`.
    fill_down : bool
        A missing date is that of the row above, as in a sheet with merged cells.
    """

    fields: tuple[str, ...]
    required: tuple[str, ...]
    fill_down: bool


INVOICES = Layout(
    ("invoice", "item", "quantity", "date", "price", *_MORE, "cost", "mrp"),
    ("item", "quantity", "date", "price"),
    fill_down=False,
)
"""One line an item of an invoice."""

SALES = Layout(
    ("item", "quantity", "date", "price", *_MORE, "invoice", "cost", "mrp"),
    ("item", "quantity", "date"),
    fill_down=True,
)
"""One row an item of a day; dates may be merged, and sums may stand between."""

PRICED_SALES = Layout(SALES.fields, (*SALES.required, "price"), fill_down=True)
"""As `SALES`, with what was paid."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller says of a sheet; None leaves it to the sheet.

    Parameters
    ----------
    columns : mapping of str to str
        Headings by field.
    date_order : {"dmy", "mdy"} or None
        Whether 05/03/24 begins with the day or the month.
    decimal : {"dot", "comma"} or None
        The decimal mark.
    sheet : str or None
        Name of a workbook's sheet.
    sale_side : {"dr", "cr"} or None
        Which of Dr and Cr marks a sale.
    today : datetime.date or None
        Later days lie in the future.
    keep_codes : frozenset of str
        Items, in lower case, that are goods whatever they look like.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder | None = None
    decimal: DecimalMark | None = None
    sheet: str | None = None
    sale_side: Side | None = None
    today: date | None = None
    keep_codes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what no sheet can be read by."""
        for name, allowed in (("date_order", DateOrder), ("decimal", DecimalMark), ("sale_side", Side)):
            value = getattr(self, name)
            if value is not None and value not in get_args(allowed):
                raise SheetError(
                    f"'{value}' is not allowed for '{name}'",
                    name,
                    f"use one of {', '.join(get_args(allowed))}",
                )
