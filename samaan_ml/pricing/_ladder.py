"""The price ladder for whole arrays: how many of its prices lie below a price, and the price at a rank."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.price_ladder import PriceLadder

Integers: TypeAlias = npt.NDArray[np.int64]

_FAR = 10**15


class LadderIndex:
    """Closed-form ranks on a ladder, without listing its prices.

    Parameters
    ----------
    ladder : PriceLadder
        The ladder.
    """

    def __init__(self, ladder: PriceLadder) -> None:
        starts = [max(band.from_paise, 1) for band in ladder.bands]
        ends = [*starts[1:], _FAR]
        self._bands = [
            (
                start,
                end,
                band.modulus_paise,
                np.array(band.endings_paise, dtype=np.int64),
                band.count_below(start),
            )
            for start, end, band in zip(starts, ends, ladder.bands, strict=True)
        ]
        sizes = [
            band.count_below(end) - band.count_below(start)
            for start, end, band in zip(starts, ends, ladder.bands, strict=True)
        ]
        self._before = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def rank(self, paise: Integers) -> Integers:
        """Number of ladder prices strictly below each price."""
        out = np.zeros(np.shape(paise), dtype=np.int64)
        for start, end, modulus, endings, skipped in self._bands:
            whole, rest = np.divmod(np.clip(paise, start, end), modulus)
            out += whole * len(endings) + np.searchsorted(endings, rest) - skipped
        return out

    def price(self, rank: Integers) -> Integers:
        """Price that has `rank` ladder prices below it."""
        place = np.searchsorted(self._before, rank, side="right") - 1
        out = np.zeros(np.shape(rank), dtype=np.int64)
        for k, (_, _, modulus, endings, skipped) in enumerate(self._bands):
            inside = place == k
            whole, ending = np.divmod(rank[inside] - self._before[k] + skipped, len(endings))
            out[inside] = whole * modulus + endings[ending]
        return out
