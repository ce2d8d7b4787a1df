"""Prices of one loose good in several sizes, such that no customer gains by buying another way."""

from collections.abc import Mapping
from dataclasses import dataclass

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.price_ladder import PriceLadder


@dataclass(frozen=True, slots=True)
class PackFault:
    """Two sizes whose prices invite arbitrage: the larger costs more per kilogram than the smaller."""

    smaller_milli: int
    larger_milli: int

    def __str__(self) -> str:
        """Say it."""
        return f"{self.larger_milli} milli-units cost more each than {self.smaller_milli}: buy the small one twice"


def pack_faults(prices_paise: Mapping[int, int]) -> tuple[PackFault, ...]:
    """Sizes (in milli-units) whose unit price is above that of a smaller size.

    Examples
    --------
    >>> pack_faults({250: 1_500, 500: 3_100, 1_000: 5_800})
    (PackFault(smaller_milli=250, larger_milli=500),)
    """
    _check(prices_paise)
    sizes = sorted(prices_paise)
    faults = []
    for place, size in enumerate(sizes[1:], start=1):
        cheapest = min(sizes[:place], key=lambda small: (prices_paise[small] * size // small, -small))
        # Cross-multiplied: unit prices are compared exactly.
        if prices_paise[size] * cheapest > prices_paise[cheapest] * size:
            faults.append(PackFault(cheapest, size))
    return tuple(faults)


def pack_prices(
    unit_price_paise: int,
    sizes_milli: tuple[int, ...],
    ladder: PriceLadder | None = None,
    small_premium_bp: int = 0,
) -> dict[int, int]:
    """Label prices of several sizes of a good: the largest at its unit price, none dearer each than a smaller one.

    Parameters
    ----------
    unit_price_paise : int
        Price of a whole unit (1 kg, 1 l) in the largest size.
    sizes_milli : tuple of int
        Sizes in milli-units.
    ladder : PriceLadder or None, default=None
        Prices the shop writes on labels; None takes whole rupees and its default endings.
    small_premium_bp : int, default=0
        What each smaller size costs more each than the next larger, in basis points.

    Returns
    -------
    dict of int to int
        Price in paise by size, ascending.

    Raises
    ------
    RuleError
        When a size or price is not above zero.

    Examples
    --------
    >>> pack_prices(6_000, (250, 500, 1_000), small_premium_bp=200)
    {250: 1600, 500: 3100, 1000: 6000}
    """
    if unit_price_paise <= 0 or not sizes_milli or min(sizes_milli) <= 0 or small_premium_bp < 0:
        raise RuleError(
            "pack prices need a unit price and sizes above zero and a premium of 0 or more, got "
            f"{unit_price_paise}, {sizes_milli}, {small_premium_bp}"
        )
    labels = ladder or PriceLadder()
    out: dict[int, int] = {}
    larger: int | None = None
    for rank, size in enumerate(sorted(set(sizes_milli), reverse=True)):
        wanted = -(-unit_price_paise * size * (10_000 + small_premium_bp) ** rank // (1_000 * 10_000**rank))
        if larger is not None:
            wanted = max(wanted, -(-out[larger] * size // larger))
        out[size] = _label_from(labels, wanted)
        larger = size
    return dict(sorted(out.items()))


def _label_from(ladder: PriceLadder, lowest_paise: int) -> int:
    """The first price of the ladder from an amount on."""
    reach = 1_000
    while not (found := next(iter(ladder.between(lowest_paise, lowest_paise + reach)), 0)):
        reach *= 10
    return found


def _check(prices_paise: Mapping[int, int]) -> None:
    """Refuse sizes and prices that cannot be."""
    for size, price in prices_paise.items():
        if size <= 0 or price <= 0:
            raise RuleError(f"a pack needs a size and a price above zero, got {size} and {price}")
