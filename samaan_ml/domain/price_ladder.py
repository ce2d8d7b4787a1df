"""The prices a shop is willing to write on a label: whole rupees, or endings such as 5 and 9."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from samaan_ml.domain.errors import RuleError


@dataclass(frozen=True, slots=True)
class LadderBand:
    """Prices allowed from some price on.

    Parameters
    ----------
    from_paise : int
        First price of the band; it ends where the next one begins.
    modulus_paise : int
        Length of the pattern of endings: 100 for a pattern a rupee, 1000 for one every ten rupees.
    endings_paise : tuple of int
        Remainders allowed, ascending: (0,) with modulus 100 is every whole rupee, (0, 500, 900) with modulus
        1000 the prices that end in 0, 5 or 9 rupees.
    """

    from_paise: int
    modulus_paise: int
    endings_paise: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse a pattern that is none."""
        ordered = all(a < b for a, b in pairwise(self.endings_paise))
        inside = all(0 <= ending < self.modulus_paise for ending in self.endings_paise)
        if (
            self.from_paise < 0
            or self.modulus_paise < 1
            or not self.endings_paise
            or not ordered
            or not inside
        ):
            raise RuleError(
                f"a ladder band needs a start of 0 or more and ascending endings below its modulus, got {self}",
                field="ladder",
            )

    def count_below(self, paise: int) -> int:
        """How many prices of the pattern, counted from 0, lie below a price."""
        whole, rest = divmod(paise, self.modulus_paise)
        return whole * len(self.endings_paise) + bisect_left(self.endings_paise, rest)

    def price_at(self, count: int) -> int:
        """The price that has so many prices of the pattern below it."""
        whole, place = divmod(count, len(self.endings_paise))
        return whole * self.modulus_paise + self.endings_paise[place]


@dataclass(frozen=True, slots=True)
class PriceLadder:
    """Bands of allowed prices, without a price of zero.

    Parameters
    ----------
    bands : tuple of LadderBand
        Ascending by `from_paise`, the first from 0.

    Examples
    --------
    >>> ladder = PriceLadder((LadderBand(0, 100, (0,)), LadderBand(10_000, 1_000, (0, 500, 900))))
    >>> list(ladder.between(9_850, 11_000))
    [9900, 10000, 10500, 10900, 11000]
    >>> 10_200 in ladder
    False
    """

    bands: tuple[LadderBand, ...] = (LadderBand(0, 100, (0,)), LadderBand(10_000, 1_000, (0, 500, 900)))

    def __post_init__(self) -> None:
        """Refuse bands that leave a gap or stand in the wrong order."""
        starts = [band.from_paise for band in self.bands]
        if not starts or starts[0] != 0 or any(a >= b for a, b in pairwise(starts)):
            raise RuleError(f"ladder bands must start at 0 and ascend, got starts {starts}", field="ladder")

    def __contains__(self, paise: int) -> bool:
        """Return whether a price stands on the ladder."""
        band = self._band(paise)
        return paise > 0 and paise % band.modulus_paise in band.endings_paise

    def between(self, lowest_paise: int, highest_paise: int) -> Iterator[int]:
        """Prices of the ladder from lowest to highest, both included."""
        ends = [*(band.from_paise for band in self.bands[1:]), highest_paise + 1]
        for band, end in zip(self.bands, ends, strict=True):
            start = max(lowest_paise, band.from_paise, 1)
            stop = min(highest_paise + 1, end)
            for count in range(band.count_below(start), band.count_below(max(start, stop))):
                yield band.price_at(count)

    def _band(self, paise: int) -> LadderBand:
        """The band a price lies in."""
        return self.bands[max(bisect_left([band.from_paise for band in self.bands], paise + 1) - 1, 0)]
