"""Training rows of items as they looked when they were new.

Most series of a panel are old, so a model trained on them alone has hardly seen a history of a week. Each series is
therefore shown once with its past cut off: the rows of the weeks after the cut are computed from what came since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from samaan_ml.features._inputs import KernelInputs
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["shorten"]

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_LONGEST = {"D": 91, "W": 13}
"""Columns after the cut within which a row's history is cut off."""
_BLOCK = 2048


def shorten(
    recipe: FeatureRecipe,
    inputs: KernelInputs,
    rows: tuple[Ints, Ints, Ints],
    features: Floats,
    base: npt.NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Recompute some of the rows in place, from histories cut at random.

    Parameters
    ----------
    recipe : FeatureRecipe
        What the rows hold.
    inputs : KernelInputs
        Histories.
    rows : tuple of ndarray, each of shape (n_rows,)
        Series, origin and step of each row, sorted by series and origin.
    features : ndarray of float32, shape (n_rows, n_features)
        The rows' features; those of about one origin a series are overwritten.
    base : ndarray, shape (n_rows,)
        The levels the rows start from; overwritten likewise.
    rng : numpy.random.Generator
        Draws the cuts.
    """
    series, origins, steps = rows
    longest = _LONGEST[recipe.frequency]
    shown, first, count = np.unique(series, return_index=True, return_counts=True)
    last = origins[first + rng.integers(0, count)]  # a row that is to lie after the cut
    age = np.exp(rng.random(len(shown)) * np.log(longest)).astype(np.int64)
    for low in range(0, len(shown), _BLOCK):
        some = slice(low, low + _BLOCK)
        chosen = shown[some]
        start = _next_sale(inputs.units[chosen], np.maximum(last[some] - age[some], inputs.start[chosen]))
        at = slice(int(first[low]), int(first[some][-1] + count[some][-1]))
        place = np.searchsorted(chosen, series[at])
        since = origins[at] - start[place]
        again = np.flatnonzero((since >= 0) & (since < longest))
        if len(again):
            cut = _cut(inputs.take(chosen), start)
            found = at.start + again
            features[found], base[found] = cut.rows(recipe, place[again], origins[found], steps[found])


def _next_sale(units: Floats, column: Ints) -> Ints:
    """Find the first column with a sale from the given one on; an item is new from its first sale."""
    n_dates = units.shape[1]
    sold = (units > 0) & (np.arange(n_dates) >= column[:, None])
    return np.asarray(np.where(sold.any(axis=1), sold.argmax(axis=1), n_dates), dtype=np.int64)


def _cut(inputs: KernelInputs, start: Ints) -> KernelInputs:
    """Forget what was known of each series before its start."""

    def masked(values: Floats) -> Floats:
        before = np.arange(values.shape[-1]) < start[:, None]
        return np.where(before, np.float32(np.nan), values)

    return inputs._replace(
        units=masked(inputs.units),
        start=start,
        price=masked(inputs.price) if len(inputs.price) else inputs.price,
        price_values=masked(inputs.price_values) if len(inputs.price_values) else inputs.price_values,
        stock=masked(inputs.stock) if len(inputs.stock) else inputs.stock,
    )
