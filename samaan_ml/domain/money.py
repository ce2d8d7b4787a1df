"""Money is a whole number of paise; rupees exist only on screens and inside models."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NewType

from samaan_ml.domain.errors import RuleError

Paise = NewType("Paise", int)
"""An amount of money in paise (1 rupee = 100 paise)."""

MAX_PAISE = Paise(10**13)
"""Rs 10,000 crore: far above any shop, far below what a 64-bit column holds."""


def rupees_to_paise(amount: Decimal | str | float) -> Paise:
    """Round an amount of rupees to whole paise, halves away from zero.

    Examples
    --------
    >>> rupees_to_paise("12.345")
    1235
    >>> rupees_to_paise(0.1 + 0.2)
    30
    """
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        raise RuleError(f"'{amount}' is not an amount of rupees; write it as 12.50") from None
    if not value.is_finite():
        raise RuleError(f"'{amount}' is not a finite amount of rupees")
    return Paise(int((value * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def paise_to_rupees(amount: int) -> float:
    """Rupees as a float, for the inside of a model only.

    Examples
    --------
    >>> paise_to_rupees(1235)
    12.35
    """
    return amount / 100


def format_rupees(amount: int) -> str:
    """Write an amount as an Indian reader expects it: lakh commas, two decimals.

    Examples
    --------
    >>> format_rupees(123456789)
    'Rs 12,34,567.89'
    >>> format_rupees(-50)
    '-Rs 0.50'
    """
    sign = "-" if amount < 0 else ""
    rupees, paise = divmod(abs(amount), 100)
    return f"{sign}Rs {group_indian(rupees)}.{paise:02d}"


def group_indian(number: int) -> str:
    """Group a whole number by thousand, lakh and crore.

    Examples
    --------
    >>> group_indian(120000)
    '1,20,000'
    """
    digits = str(number)
    head, tail = digits[:-3], digits[-3:]
    groups = [tail]
    while head:
        groups.append(head[-2:])
        head = head[:-2]
    return ",".join(reversed(groups))


def times_quantity(unit_price_paise: int, quantity_milli: int) -> Paise:
    """Price of a quantity in milli-units, rounded half up to whole paise.

    Examples
    --------
    >>> times_quantity(4_500, 250)
    1125
    """
    sign = -1 if (unit_price_paise < 0) != (quantity_milli < 0) else 1
    product = abs(unit_price_paise * quantity_milli)
    return Paise(sign * ((product + 500) // 1000))
