"""Money is a whole number of paise; rupees exist only on screens and inside models.

Every amount is rounded here, by one rule: to the nearest whole, halves away from zero. Where a law or a rule names a
side, `divide_up` and `divide_down` say so. `samaan_ml.rounding` has the same rule for arrays.
"""

import math
from collections.abc import Sequence
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


def round_half_away(value: float) -> int:
    """Round a finite number to the nearest whole, halves away from zero.

    Examples
    --------
    >>> round_half_away(2.5), round_half_away(-2.5), round_half_away(0.49999999999999994)
    (3, -3, 0)
    """
    size = abs(value)
    whole = math.floor(size)
    nearest = whole + (size - whole >= 0.5)
    return -nearest if value < 0 else nearest


def divide_half_away(numerator: int, denominator: int) -> int:
    """Divide whole numbers and round to the nearest whole, halves away from zero.

    Parameters
    ----------
    numerator : int
        Any whole number.
    denominator : int
        Above 0.

    Examples
    --------
    >>> divide_half_away(5, 2), divide_half_away(-5, 2), divide_half_away(7, 3)
    (3, -3, 2)
    """
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -nearest if numerator < 0 else nearest


def divide_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers, rounded up: for the lowest value that a rule allows.

    Examples
    --------
    >>> divide_up(7, 3), divide_up(-7, 3)
    (3, -2)
    """
    return -(-numerator // denominator)


def divide_down(numerator: int, denominator: int) -> int:
    """Divide whole numbers, rounded down: for the highest value that a rule allows.

    Examples
    --------
    >>> divide_down(7, 3), divide_down(-7, 3)
    (2, -3)
    """
    return numerator // denominator


def share_of(amount_paise: int, basis_points: int) -> Paise:
    """Return a share of an amount, in hundredths of a percent.

    Examples
    --------
    >>> share_of(10_050, 1_800)
    1809
    """
    return Paise(divide_half_away(amount_paise * basis_points, 10_000))


def times_quantity(unit_price_paise: int, quantity_milli: int) -> Paise:
    """Price of a quantity in milli-units, rounded to whole paise.

    Examples
    --------
    >>> times_quantity(4_500, 250), times_quantity(5, 500), times_quantity(-5, 500)
    (1125, 3, -3)
    """
    return Paise(divide_half_away(unit_price_paise * quantity_milli, 1000))


def shared_out(total: int, weights: Sequence[int]) -> list[int]:
    """Share a total out by weights; what is left over goes to the largest remainders, so that the parts sum to it.

    Parameters
    ----------
    total : int
        What is shared out.
    weights : sequence of int
        All at least 0, or all at most 0; where their sum is 0 every part is 0.

    Examples
    --------
    >>> shared_out(100, [1, 1, 1]), shared_out(-5, [-30, -70])
    ([34, 33, 33], [-2, -3])
    """
    sizes = [abs(weight) for weight in weights]
    whole = sum(sizes)
    if whole == 0:
        return [0] * len(sizes)
    # On sizes, so that what goes back is shared out as what was given.
    parts = [abs(total) * size // whole for size in sizes]
    order = sorted(range(len(sizes)), key=lambda n: (-(abs(total) * sizes[n] % whole), n))
    for n in order[: abs(total) - sum(parts)]:
        parts[n] += 1
    return [-part for part in parts] if total < 0 else parts
