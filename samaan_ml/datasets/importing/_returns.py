"""Returns and cancellations: each is taken off the sale it undoes."""

from __future__ import annotations

from dataclasses import dataclass

from samaan_ml.datasets.importing._staging import Staging

__all__ = ["ReturnsTakenBack", "take_back_returns"]

_WITHIN_DAYS = 60
"""A return without a customer is looked for among the item's sales of so many days before."""

_OF_CUSTOMER = (
    "SELECT line, net FROM lines WHERE class = 'used' AND shop = ? AND key = ? AND customer = ? AND day <= ?"
    " AND net > 0 ORDER BY (units = ?) DESC, day DESC, line DESC"
)
_OF_ITEM = (
    "SELECT line, net FROM lines WHERE class = 'used' AND shop = ? AND key = ? AND day BETWEEN ? AND ?"
    " AND net > 0 ORDER BY day DESC, (units = ?) DESC, line DESC"
)


@dataclass(frozen=True, slots=True)
class ReturnsTakenBack:
    """What became of the returned units.

    Parameters
    ----------
    units : float
        All units returned.
    taken_back : float
        Those taken off a sale.
    """

    units: float
    taken_back: float


def take_back_returns(staging: Staging) -> ReturnsTakenBack:
    """Take every return off the customer's latest sales of the item (of the same quantity first).

    A return whose customer is unknown, or who bought none, is taken off the item's latest sales in the 60 days
    before. What finds no sale lowers nothing: it was sold before the file begins.
    """
    total = taken = 0.0
    returns = staging.query(
        "SELECT shop, key, customer, day, units FROM lines WHERE class = 'returned' ORDER BY day, line"
    )
    for shop, key, customer, day, units in list(returns):
        total += units
        left = units
        if customer:
            left = _take(staging, left, _OF_CUSTOMER, (shop, key, customer, day, units))
        if left > 0 and not customer:
            left = _take(staging, left, _OF_ITEM, (shop, key, day - _WITHIN_DAYS, day, units))
        taken += units - left
    return ReturnsTakenBack(total, taken)


def _take(staging: Staging, units: float, sql: str, values: tuple[object, ...]) -> float:
    """Take units off the sales a query finds, one after the other; return what is left."""
    sales = staging.query(sql, *values)
    changes = []
    for line, net in sales:
        part = min(net, units)
        changes.append((line, part))
        units -= part
        if units <= 0:
            break
    for line, part in changes:
        staging.take_back(line, part)
    return units
