"""The maximum retail price (MRP): the law forbids to sell packed goods above the price printed on them.

An item carries the lowest MRP the shop knows of, and a delivery lot may carry its own. The lowest of them that lies
on the shelf is the ceiling: the cashier cannot tell which packet a price was meant for.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from samaan_ml.domain.errors import RuleError


class AboveMrpError(RuleError):
    """A price above the printed maximum."""


@dataclass(frozen=True, slots=True)
class PrintedPrice:
    """A printed maximum and where it stands.

    Parameters
    ----------
    mrp_paise : int
        The maximum.
    lot_id : str or None, default=None
        The lot it is printed on; None is the item's own.
    """

    mrp_paise: int
    lot_id: str | None = None


def lowest_printed(
    item_mrp_paise: int | None, lots: Iterable[tuple[str, int | None]] = ()
) -> PrintedPrice | None:
    """Return the lowest printed maximum of an item and its lots, or None for goods without one.

    Parameters
    ----------
    item_mrp_paise : int or None
        The item's own.
    lots : iterable of (str, int or None)
        Id and MRP of the lots on the shelf.

    Examples
    --------
    >>> lowest_printed(3_000, [("a", None), ("b", 2_800)])
    PrintedPrice(mrp_paise=2800, lot_id='b')
    >>> lowest_printed(None) is None
    True
    """
    printed = [] if item_mrp_paise is None else [PrintedPrice(item_mrp_paise)]
    printed += [PrintedPrice(mrp, lot_id) for lot_id, mrp in lots if mrp is not None]
    return min(printed, key=lambda each: each.mrp_paise, default=None)


def exceeds_mrp(price_paise: int, mrp_paise: int | None) -> bool:
    """Return whether a price lies above a printed maximum; without one, none does."""
    return mrp_paise is not None and price_paise > mrp_paise


def check_mrp(price_paise: int, printed: PrintedPrice | None, field: str = "price_paise") -> None:
    """Refuse a price above the printed maximum.

    Parameters
    ----------
    price_paise : int
        The price of one unit.
    printed : PrintedPrice or None
        The ceiling, as `lowest_printed` gives it.
    field : str, default="price_paise"
        The field to name in the error.

    Raises
    ------
    AboveMrpError
        When the price is higher.

    Examples
    --------
    >>> check_mrp(2_800, PrintedPrice(2_800))
    """
    if printed is None or not exceeds_mrp(price_paise, printed.mrp_paise):
        return
    where = "" if printed.lot_id is None else f", printed on lot '{printed.lot_id}'"
    raise AboveMrpError(
        f"{price_paise} paise is above the printed maximum of {printed.mrp_paise}{where}",
        field,
        hint="sell at or below the lowest MRP on the shelf",
    )
