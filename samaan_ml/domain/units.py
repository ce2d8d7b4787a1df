"""Quantities are whole milli-units: 1 piece = 1000, 250 g of a kilogram item = 250."""

from decimal import Decimal, InvalidOperation
from typing import Literal, NewType

from samaan_ml.domain.errors import RuleError

Milli = NewType("Milli", int)
"""A quantity in thousandths of the item's base unit."""

MAX_MILLI = Milli(10**12)

BaseUnit = Literal["piece", "kg", "l"]

_PER_BASE: dict[str, tuple[BaseUnit, int]] = {
    "piece": ("piece", 1000),
    "pcs": ("piece", 1000),
    "packet": ("piece", 1000),
    "dozen": ("piece", 12_000),
    "dz": ("piece", 12_000),
    "kg": ("kg", 1000),
    "g": ("kg", 1),
    "l": ("l", 1000),
    "ml": ("l", 1),
}


def to_milli(quantity: Decimal | str | float, unit: str, pieces_per_case: int | None = None) -> Milli:
    """Convert a quantity in any of the shop's units to milli-units of the base unit.

    Raises
    ------
    RuleError
        For an unknown unit, a case without its size, or a quantity finer than a milli-unit.

    Examples
    --------
    >>> to_milli("250", "g")
    250
    >>> to_milli(2, "dz")
    24000
    >>> to_milli(1, "case", pieces_per_case=24)
    24000
    """
    if unit == "case":
        if not pieces_per_case or pieces_per_case < 1:
            raise RuleError("unit 'case' needs the number of pieces in a case", field="pieces_per_case")
        factor = 1000 * pieces_per_case
    elif unit in _PER_BASE:
        factor = _PER_BASE[unit][1]
    else:
        raise RuleError(
            f"unit '{unit}' is unknown; use one of {', '.join([*_PER_BASE, 'case'])}", field="unit"
        )
    try:
        exact = Decimal(str(quantity)) * factor
    except InvalidOperation:
        raise RuleError(f"'{quantity}' is not a quantity", field="quantity") from None
    if not exact.is_finite() or exact != exact.to_integral_value():
        raise RuleError(f"'{quantity} {unit}' is not a whole number of milli-units", field="quantity")
    return Milli(int(exact))


def base_unit(unit: str) -> BaseUnit:
    """Name the base unit that a unit of sale is counted in.

    Examples
    --------
    >>> base_unit("g")
    'kg'
    """
    if unit == "case":
        return "piece"
    if unit not in _PER_BASE:
        raise RuleError(
            f"unit '{unit}' is unknown; use one of {', '.join([*_PER_BASE, 'case'])}", field="unit"
        )
    return _PER_BASE[unit][0]


def format_quantity(milli: int) -> str:
    """Write a quantity without trailing zeros.

    Examples
    --------
    >>> format_quantity(1500)
    '1.5'
    >>> format_quantity(24000)
    '24'
    """
    sign = "-" if milli < 0 else ""
    whole, part = divmod(abs(milli), 1000)
    return f"{sign}{whole}" + (f".{part:03d}".rstrip("0") if part else "")
